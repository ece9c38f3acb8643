/* The hook of [alerts]: a real program, what it is told, and how it can fail. */
#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/path.h"
#include "core/strbuf.h"
#include "ops/hook.h"

static char dir[64];
static struct settings *settings;
static struct ops *ops;
static struct err e;

/* `line` is the value of hook, with %s for the folder. */
static void use(const char *line, const char *timeout)
{
    char *ini = xasprintf("%s/config.ini", dir);
    char *format = xasprintf("[alerts]\nhook = %s\nhook_timeout = %s\n", line, timeout);
    struct strbuf text = STRBUF_INIT;

    for (const char *p = format; *p != '\0'; p++) {
        if (p[0] == '@') {
            strbuf_adds(&text, dir);
        } else {
            strbuf_addc(&text, *p);
        }
    }
    cr_assert_eq(path_write_atomic(ini, text.data, text.len, 0600, &e), E_OK);
    settings = settings_load(&(struct settings_sources){.config_ini = ini}, &e);
    cr_assert_not_null(settings, "%s", e.msg);
    ops = ops_new(settings, NULL, log_new(xasprintf("%s/log", dir), LOG_LVL_INFO, NULL), &e);
    cr_assert_not_null(ops, "%s", e.msg);
    free(format);
    free(ini);
    strbuf_clear(&text);
}

static void script(const char *body)
{
    char *path = xasprintf("%s/hook", dir);
    char *text = xasprintf("#!/bin/sh\n%s\n", body);

    cr_assert_eq(path_write_atomic(path, text, strlen(text), 0700, &e), E_OK, "%s", e.msg);
    free(text);
    free(path);
}

static char *file(const char *name)
{
    char *path = xasprintf("%s/%s", dir, name);
    char *text = NULL;
    size_t len = 0;

    cr_assert_eq(path_read(path, 1 << 20, &text, &len, &e), E_OK, "%s", e.msg);
    free(path);
    return text;
}

static enum err_code hook(const char *input)
{
    static char id[] = "MVPDASH_JOB_ID=job_1";
    static char status[] = "MVPDASH_STATUS=FAILED; rm -rf $HOME";
    char *const facts[] = {id, status};

    e = (struct err){0};
    return ops_hook(ops, facts, 2, input, &e);
}

static void setup(void)
{
    strcpy(dir, "/tmp/mvpdash-hook-XXXXXX");
    cr_assert_not_null(mkdtemp(dir));
    setenv("XDG_STATE_HOME", dir, 1);
    setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "geheim", 1);
    setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
    setenv("FOUNDERDASH_DATABASE_URL", "postgresql://u:geheim@h/db", 1);
}

static void teardown(void)
{
    char *rm = xasprintf("rm -rf %s", dir);

    ops_free(ops);
    settings_free(settings);
    cr_assert_eq(system(rm), 0);
    free(rm);
}

TestSuite(hook, .init = setup, .fini = teardown, .timeout = 180);

Test(hook, it_is_told_in_environment_and_on_stdin_and_never_secrets)
{
    script("env >$1/env; cat >$1/in; printf '%s|' \"$@\" >$1/args; ps -o tty= -p $$ >$1/tty; "
           "echo done $MVPDASH_JOB_ID; echo worse >&2");
    use("@/hook @ 'a b' $HOME", "10");
    cr_assert_eq(hook("{\"jobId\":\"job_1\"}"), E_OK, "%s", e.msg);
    char *env = file("env"), *in = file("in"), *args = file("args"), *log = file("log");
    cr_expect_not_null(strstr(env, "\nMVPDASH_JOB_ID=job_1\n"), "%s", env);
    cr_expect_not_null(strstr(env, "\nMVPDASH_STATUS=FAILED; rm -rf $HOME\n"));
    cr_expect_null(strstr(env, "geheim"), "%s", env);
    cr_expect_null(strstr(env, "AKIDEXAMPLE"));
    cr_expect_str_eq(in, "{\"jobId\":\"job_1\"}");
    cr_expect_not_null(strstr(args, "|a b|$HOME|"), "no shell expands it: %s", args);
    cr_expect_not_null(strstr(log, "hook: done job_1"), "%s", log);
    cr_expect_not_null(strstr(log, "hook: worse"));
    free(env);
    free(in);
    free(args);
    free(log);
}

Test(hook, it_gets_the_endpoint_of_its_settings)
{
    unsetenv("AWS_ENDPOINT_URL");
    script("echo \"$AWS_ENDPOINT_URL\" >$1/endpoint");
    use("@/hook @", "10\n[aws]\nendpoint_url = http://127.0.0.1:9");
    cr_assert_eq(hook("{}"), E_OK, "%s", e.msg);
    char *endpoint = file("endpoint");
    cr_expect_str_eq(endpoint, "http://127.0.0.1:9\n");
    free(endpoint);
}

Test(hook, its_failure_says_what_it_said)
{
    script("echo first; printf 'no \\033[2Jroute\\n'; exit 3");
    use("@/hook", "60");
    cr_assert_eq(hook(""), E_IO);
    cr_expect_not_null(strstr(e.msg, "ended with status 3: no ^[[2Jroute"), "%s", e.msg);
    cr_expect_not_null(strstr(err_hint(&e), "config.ini"));
}

Test(hook, one_that_is_not_there_is_named)
{
    use("/nowhere/notify x", "10");
    cr_assert_eq(hook(""), E_IO);
    cr_expect_not_null(strstr(e.msg, "/nowhere/notify"), "%s", e.msg);
}

Test(hook, one_that_hangs_is_killed_with_all_it_started)
{
    script("sleep 1000 & echo $! >$1/child; wait");
    use("@/hook @", "4");
    cr_assert_eq(hook("x"), E_TIMEOUT, "%s", e.msg);
    cr_expect_not_null(strstr(e.msg, "4 s"), "%s", e.msg);
    char *child = file("child");
    pid_t pid = (pid_t)strtol(child, NULL, 10);
    cr_assert_gt(pid, 1);
    int64_t until = clock_mono_ms(NULL) + 50000;
    while (kill(pid, 0) == 0 && clock_mono_ms(NULL) < until) {
        char *stat = xasprintf("/proc/%d/stat", (int)pid);
        char *text = NULL;
        size_t len = 0;
        bool gone =
            path_read(stat, 4096, &text, &len, NULL) != E_OK || strstr(text, ") Z ") != NULL;
        free(text);
        free(stat);
        if (gone) {
            break;
        }
    }
    cr_expect_lt(clock_mono_ms(NULL), until, "its child still runs");
    free(child);
}

Test(hook, one_that_leaves_a_child_behind_does_not_hold_up)
{
    int64_t start = clock_mono_ms(NULL);

    script("sleep 300 & exit 0");
    use("@/hook", "60");
    cr_assert_eq(hook("x"), E_OK, "%s", e.msg);
    cr_expect_lt(clock_mono_ms(NULL) - start, 40000);
}

static pid_t pid_in(const char *name)
{
    char *text = file(name);
    pid_t pid = (pid_t)strtol(text, NULL, 10);

    free(text);
    cr_assert_gt(pid, 1);
    return pid;
}

/* A zombie counts as gone: nobody but init may reap it. */
static bool gone_soon(pid_t pid)
{
    int64_t until = clock_mono_ms(NULL) + 50000;
    char *stat = xasprintf("/proc/%d/stat", (int)pid);
    bool gone = false;

    while (!gone && clock_mono_ms(NULL) < until) {
        char *text = NULL;
        size_t len = 0;
        gone = path_read(stat, 4096, &text, &len, NULL) != E_OK || strstr(text, ") Z ") != NULL;
        free(text);
        (void)poll(NULL, 0, 10);
    }
    free(stat);
    return gone;
}

Test(hook, what_it_leaves_behind_has_an_end_too)
{
    script("sleep 1000 & echo $! >$1/child; exit 0");
    use("@/hook @", "4");
    cr_assert_eq(hook("x"), E_OK, "%s", e.msg);
    cr_expect(gone_soon(pid_in("child")), "its child still runs");
}

/* The dashboard was left while the hook ran. */
Test(hook, one_that_is_not_waited_for_has_an_end_too)
{
    script("trap '' HUP TERM INT; sleep 1000 & echo $! >$1/child; echo $$ >$1/self; wait");
    use("@/hook @", "5");
    ops_stop(ops, true);
    cr_assert_eq(hook("x"), E_CANCELLED, "%s", e.msg);
    char *self = path_join(dir, "self");
    int64_t until = clock_mono_ms(NULL) + 50000;
    while (access(self, F_OK) != 0 && clock_mono_ms(NULL) < until) {
        (void)poll(NULL, 0, 10); /* the hook's program goes on by itself at first */
    }
    free(self);
    cr_expect(gone_soon(pid_in("child")), "its child still runs");
    cr_expect(gone_soon(pid_in("self")), "it still runs");
}

Test(hook, one_that_reads_nothing_and_one_that_writes_for_ever)
{
    char *large = xcalloc(1, 1 << 20);

    memset(large, 'x', (1 << 20) - 1);
    script("exit 0");
    use("@/hook", "60");
    cr_assert_eq(hook(large), E_OK, "%s", e.msg);
    script("while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done");
    cr_assert_eq(hook(""), E_IO);
    cr_expect_not_null(strstr(e.msg, "wrote over"), "%s", e.msg);
    free(large);
}
