/* Programs of a person's own: real ones, that end well, badly, late, or print without end. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/path.h"
#include "ops/program.h"

static struct settings *settings;
static struct ops *ops;
static struct err e;
static char state[] = "/tmp/mvpdash-program.XXXXXX";

static void setup(void)
{
    cr_assert_not_null(mkdtemp(state));
    setenv("XDG_STATE_HOME", state, 1);
    setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
    setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
    setenv("AWS_REGION", "us-east-1", 1);
    setenv("MVPDASH_API_TOKEN", "token-of-the-api", 1);
    settings = settings_load(&(struct settings_sources){0}, &e);
    cr_assert_not_null(settings, "%s", e.msg);
    ops = ops_new(settings, NULL, NULL, &e);
    cr_assert_not_null(ops, "%s", e.msg);
}

static void teardown(void)
{
    ops_free(ops);
    settings_free(settings);
    (void)!path_remove_tree(state, NULL);
}

TestSuite(program, .init = setup, .fini = teardown, .timeout = 120);

static int grace_ms;

/* Runs a script for the shell. */
static struct program_result run_for(const char *script, int seconds, const atomic_bool *stop)
{
    char sh[] = "sh", c[] = "-c", zero[] = "own", blank[] = "a b; $(id) *";
    char fact[] = "MVPDASH_JOB_ID=job_1";
    char *words[] = {sh, c, (char *)script, zero, blank, NULL};
    char *facts[] = {fact};
    struct program p = {.words = words,
                        .facts = facts,
                        .facts_len = 1,
                        .input = "{\"jobId\":\"job_1\"}\n",
                        .seconds = seconds,
                        .grace_ms = grace_ms,
                        .output_max = 100000,
                        .stop = stop};
    struct program_result r;

    cr_assert_eq(ops_program(ops, &p, &r, &e), E_OK, "%s", e.msg);
    return r;
}

static struct program_result run(const char *script)
{
    return run_for(script, 60, NULL);
}

static void expect_end(const struct program_result *r, const char *want)
{
    char *text = program_end_text(r, 60);

    cr_expect_not_null(strstr(text, want), "%s, output: %s", text, r->output);
    free(text);
}

Test(program, it_gets_the_job_and_no_secret)
{
    struct program_result r = run("cat; echo \"$MVPDASH_JOB_ID\"; echo err >&2; echo \"$1\"; env");

    expect_end(&r, "ended with status 0");
    cr_expect_not_null(strstr(r.output, "{\"jobId\":\"job_1\"}\njob_1\nerr\na b; $(id) *\n"), "%s",
                       r.output);
    cr_expect_null(strstr(r.output, "AWS_ACCESS_KEY_ID"));
    cr_expect_null(strstr(r.output, "AWS_SECRET_ACCESS_KEY"));
    cr_expect_null(strstr(r.output, "MVPDASH_API_TOKEN"));
    cr_expect_not_null(strstr(r.output, "AWS_REGION=us-east-1"));
    free(r.output);
}

Test(program, status_and_signal_are_told)
{
    struct program_result r = run("exit 7");
    expect_end(&r, "ended with status 7");
    cr_expect_str_eq(r.output, "");
    free(r.output);
    r = run("kill -9 $$");
    expect_end(&r, "was ended by signal 9");
    free(r.output);
}

Test(program, a_program_that_is_not_there_is_an_error)
{
    char name[] = "/nonexistent\033[2J/prog";
    char *words[] = {name, NULL};
    struct program p = {.words = words, .input = "", .seconds = 60, .output_max = 10};
    struct program_result r;

    cr_expect_eq(ops_program(ops, &p, &r, &e), E_IO);
    cr_expect_not_null(strstr(e.msg, "cannot be run: No such file"), "%s", e.msg);
    cr_expect_null(strchr(e.msg, '\033'));
    free(r.output);
}

Test(program, output_without_end_is_cut_and_its_program_ended)
{
    struct program_result r = run("exec yes no end");

    cr_expect_eq(r.end, PROGRAM_OUTPUT);
    cr_expect_eq(r.len, 100000);
    expect_end(&r, "it printed over 100000 bytes");
    free(r.output);
}

Test(program, bytes_come_as_they_are)
{
    struct program_result r = run("printf 'a\\000b\\377\\033[31m'");

    cr_expect_eq(r.len, 9);
    cr_expect_eq(memcmp(r.output, "a\0b\xff\033[31m", 9), 0);
    free(r.output);
}

/* Runs a script that says "ready" and goes on, with ever more time until it got that far. */
static struct program_result run_late(const char *script)
{
    struct program_result r = run_for(script, 1, NULL);

    for (int seconds = 2; r.len == 0 && seconds < 100; seconds *= 2) {
        free(r.output);
        r = run_for(script, seconds, NULL);
    }
    cr_expect_str_eq(r.output, "ready\n");
    cr_expect_eq(r.end, PROGRAM_TIMEOUT);
    expect_end(&r, "it took too long");
    return r;
}

Test(program, one_that_takes_too_long_is_ended_even_when_it_ignores_sigterm)
{
    grace_ms = 50;
    struct program_result r = run_late("trap '' TERM; echo ready; while :; do sleep 1; done");

    cr_expect(WIFSIGNALED(r.status) && WTERMSIG(r.status) == SIGKILL, "%d", r.status);
    free(r.output);
}

Test(program, one_that_takes_too_long_may_clean_up)
{
    grace_ms = 60000;
    struct program_result r =
        run_late("trap 'exit 3' TERM; echo ready; while :; do sleep 0.05; done");

    cr_expect(WIFEXITED(r.status) && WEXITSTATUS(r.status) == 3, "%d", r.status);
    free(r.output);
}

Test(program, it_can_be_stopped)
{
    const atomic_bool stop = true;
    struct program_result r = run_for("exec sleep 600", 600, &stop);

    cr_expect_eq(r.end, PROGRAM_STOPPED);
    free(r.output);
    ops_stop(ops, true);
    r = run_for("exec sleep 600", 600, NULL);
    cr_expect_eq(r.end, PROGRAM_STOPPED);
    ops_stop(ops, false);
    free(r.output);
}

Test(program, what_it_leaves_behind_holds_nobody_up)
{
    struct program_result r = run("sleep 600 & echo $!");
    pid_t left = (pid_t)atol(r.output);

    expect_end(&r, "ended with status 0");
    cr_expect_eq(kill(left, 0), 0, "it goes on");
    (void)kill(left, SIGKILL);
    free(r.output);
}
