/* credential_process: whatever the program does with its output, it has an end. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/path.h"
#include "src/aws/creds.h"
#include "src/aws/http.h"
#include "tests/local/aws_env.h"

/* The program says who it is before its time is over. */
enum { LIMIT_MS = 3000, SOON_MS = 30000 };

static const char *home;
static struct http *http;

static void begin(void)
{
    home = aws_env_begin();
    http = http_new(NULL, NULL);
}

static void end(void)
{
    http_free(http);
    aws_env_end();
}

TestSuite(creds_process, .init = begin, .fini = end, .timeout = 120);

/* A profile whose program is this shell text; $P is a file for its process id, $KEYS its answer. */
static void program(const char *text)
{
    char *path = path_join(home, "program");
    char *script = xasprintf("#!/bin/sh\nP=%s/pid\nKEYS='{\"Version\":1,\"AccessKeyId\":\"A\","
                             "\"SecretAccessKey\":\"s\"}'\necho $$ >$P.new; mv $P.new $P\n%s\n",
                             home, text);
    char *config = xasprintf("[profile p]\ncredential_process = %s\n", path);
    struct err e;

    cr_assert_eq(path_write_atomic(path, script, strlen(script), 0700, &e), E_OK, "%s", e.msg);
    aws_env_file("config", config);
    free(config);
    free(script);
    free(path);
}

static enum err_code resolve(int limit_ms, struct err *e)
{
    struct aws_creds_provider *p =
        aws_creds_new(&(struct aws_creds_options){.profile = "p",
                                                  .region = "us-east-1",
                                                  .clock = &aws_env_clock,
                                                  .http = http,
                                                  .process_ms = limit_ms});
    struct aws_creds c = {.expires_ms = TIME_NONE};
    enum err_code rc = aws_creds_get(p, &c, e);

    aws_creds_clear(&c);
    aws_creds_free(p);
    return rc;
}

/* 0 as long as the program has not written it. */
static pid_t program_pid(void)
{
    char *path = path_join(home, "pid");
    char *text = NULL;
    size_t len = 0;
    pid_t pid = path_read(path, 64, &text, &len, NULL) == E_OK ? (pid_t)atoi(text) : 0;

    free(text);
    free(path);
    return pid;
}

static bool group_gone_soon(pid_t pid)
{
    int64_t until = clock_mono_ms(NULL) + SOON_MS;

    while (kill(-pid, 0) == 0 || errno != ESRCH) {
        if (clock_mono_ms(NULL) > until) {
            return false;
        }
        while (waitpid(-1, NULL, WNOHANG) > 0) { /* what the test adopted */
        }
        (void)poll(NULL, 0, 10);
    }
    return true;
}

Test(creds_process, the_program_sees_the_environment_of_its_client)
{
    struct env *v = env_new();
    char *seen = path_join(home, "seen");
    char *text = NULL;
    size_t len = 0;
    struct err e = {0};

    (void)setenv("AWS_PROFILE", "process", 1);
    env_set(v, "AWS_PROFILE", "p");
    program("echo \"$AWS_PROFILE $HOME\" >\"$HOME/seen\"; echo \"$KEYS\"");
    struct aws_creds_provider *p = aws_creds_new(&(struct aws_creds_options){
        .env = v, .region = "us-east-1", .clock = &aws_env_clock, .http = http});
    struct aws_creds c = {.expires_ms = TIME_NONE};
    cr_assert_eq(aws_creds_get(p, &c, &e), E_OK, "%s", e.msg);
    cr_assert_eq(path_read(seen, 4096, &text, &len, &e), E_OK, "%s", e.msg);
    char *want = xasprintf("p %s\n", home);
    cr_expect_str_eq(text, want);
    free(want);
    free(text);
    free(seen);
    aws_creds_clear(&c);
    aws_creds_free(p);
    env_free(v);
}

static const struct hang {
    const char *name, *text;
    enum err_code want;
} hangs[] = {
    {"closes its output and lives on",   "exec >&- 2>&-; sleep 1000; :",                 E_TIMEOUT},
    {"answers, closes and lives on",     "echo \"$KEYS\"; exec >&- 2>&-; sleep 1000; :", E_TIMEOUT},
    {"answers and lives on",             "echo \"$KEYS\"; sleep 1000; :",                E_TIMEOUT},
    {"hangs without a word",             "sleep 1000; :",                                E_TIMEOUT},
    {"ignores what would end it",        "trap '' TERM HUP INT PIPE; sleep 1000; :",     E_TIMEOUT},
    {"closes only its answer",           "exec >&-; sleep 1000; :",                      E_TIMEOUT},
    {"writes for ever to nobody",        "exec >/dev/null 2>&1; while :; do :; done",    E_TIMEOUT},
    {"leaves a child with its output",   "sleep 1000 & echo \"$KEYS\"",                  E_OK     },
    {"leaves a child without",           "sleep 1000 >/dev/null 2>&1 & echo \"$KEYS\"",  E_OK     },
    {"fails and leaves a child",         "sleep 1000 & exit 3",                          E_CREDS  },
    {"ends by a signal, leaves a child", "sleep 1000 & kill -9 $$",                      E_CREDS  },
};

ParameterizedTestParameters(creds_process, ends_in_any_case)
{
    static size_t index[sizeof hangs / sizeof *hangs];
    for (size_t i = 0; i < sizeof hangs / sizeof *hangs; i++) {
        index[i] = i;
    }
    return cr_make_param_array(size_t, index, sizeof hangs / sizeof *hangs);
}

ParameterizedTest(size_t *i, creds_process, ends_in_any_case)
{
    const struct hang *h = &hangs[*i];
    struct err e = {0};
    int64_t start = clock_mono_ms(NULL);
    /* mvpdash must not wait for a program that ended by itself, whoever holds the program's
     * output. */
    int limit_ms = h->want == E_TIMEOUT ? LIMIT_MS : 60000;

    program(h->text);
    cr_expect_eq(resolve(limit_ms, &e), h->want, "%s: %s", h->name, e.msg);
    cr_expect_lt(clock_mono_ms(NULL) - start, SOON_MS, "%s", h->name);
    if (h->want == E_TIMEOUT) {
        cr_expect_not_null(strstr(e.msg, "did not end within 3 s"), "%s", e.msg);
    }
    pid_t pid = program_pid();
    cr_assert_gt(pid, 1, "%s", h->name);
    cr_expect(group_gone_soon(pid), "%s: something of it still runs", h->name);
}

static void *stop_when_it_runs(void *arg)
{
    (void)arg;
    while (program_pid() == 0) {
        (void)poll(NULL, 0, 5);
    }
    http_stop(http, true);
    return NULL;
}

Test(creds_process, a_stop_of_the_client_ends_one_that_closed_its_output)
{
    pthread_t stopper;
    struct err e = {0};
    int64_t start = clock_mono_ms(NULL);

    program("exec >&- 2>&-; sleep 1000; :");
    cr_assert_eq(pthread_create(&stopper, NULL, stop_when_it_runs, NULL), 0);
    cr_expect_eq(resolve(0, &e), E_CANCELLED, "%s", e.msg);
    cr_expect_lt(clock_mono_ms(NULL) - start, SOON_MS);
    cr_assert_eq(pthread_join(stopper, NULL), 0);
    cr_expect(group_gone_soon(program_pid()));
}

Test(creds_process, what_it_says_of_secrets_is_masked)
{
    struct err e = {0};

    program("echo 'cannot renew, password: hunter22, api_key=hunter22' >&2; exit 3");
    cr_expect_eq(resolve(0, &e), E_CREDS);
    cr_expect_not_null(strstr(e.msg, "ended with status 3: cannot renew"), "%s", e.msg);
    cr_expect_null(strstr(e.msg, "hunter22"), "%s", e.msg);
}

/* Has this process a child that is a guard? */
static bool guarded(void)
{
    DIR *all = opendir("/proc");
    bool found = false;

    cr_assert_not_null(all);
    for (const struct dirent *d; !found && (d = readdir(all)) != NULL;) {
        char *stat = xasprintf("/proc/%s/stat", d->d_name);
        char *text = NULL;
        size_t len = 0;
        int parent = 0;
        if (atoi(d->d_name) > 0 && path_read(stat, 4096, &text, &len, NULL) == E_OK) {
            found = sscanf(text, "%*d (mvpdash-guard) %*c %d", &parent) == 1 && parent == getpid();
        }
        free(text);
        free(stat);
    }
    (void)closedir(all);
    return found;
}

/* mvpdash is killed by kill -9, or by Ctrl-C, while it waits for the program. */
Test(creds_process, does_not_outlive_the_one_who_asked)
{
    program("exec >&- 2>&-; sleep 1000; :");
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t asker = fork();
    if (asker == 0) {
        struct err e;
        (void)resolve(0, &e);
        _exit(0);
    }
    int64_t until = clock_mono_ms(NULL) + SOON_MS;
    while (program_pid() == 0 && clock_mono_ms(NULL) < until) {
        (void)poll(NULL, 0, 5);
    }
    pid_t pid = program_pid();
    cr_assert_gt(pid, 1);
    /* The guard appears a moment after the program, and becomes a child of this process. */
    while (!guarded() && clock_mono_ms(NULL) < until) {
        (void)poll(NULL, 0, 5);
    }
    cr_assert_eq(kill(asker, SIGKILL), 0);
    cr_expect(group_gone_soon(pid), "it still runs");
}
