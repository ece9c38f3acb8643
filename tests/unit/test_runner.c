/* The runner of a job's process: its output, its limits, its end. */
#include <criterion/criterion.h>
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

#include "core/clock.h"
#include "core/strbuf.h"
#include "src/cloud/batch/runner.h"

static const char *const env[] = {"PATH=/usr/bin:/bin", "GREETING=hello", NULL};

struct seen {
    struct strbuf lines; /* each with "|" after it */
    size_t count, longest;
    pid_t pid;
    struct cloud_batch_runner *r;
    const char *stop_at; /* cloud_batch_runner_stop when this line comes */
    const char *gate;    /* a file that goes when the start was reported */
    int notify;          /* a byte is written here for each line; -1: none */
};

static void on_line(void *arg, const char *text, size_t len)
{
    struct seen *s = arg;

    if (len < 1000) {
        strbuf_add(&s->lines, text, len);
        strbuf_addc(&s->lines, '|');
    }
    s->count++;
    s->longest = len > s->longest ? len : s->longest;
    if (s->stop_at != NULL && strlen(s->stop_at) == len && memcmp(text, s->stop_at, len) == 0) {
        cloud_batch_runner_stop(s->r, false);
    }
    if (s->notify >= 0) {
        (void)!write(s->notify, text, len);
    }
}

static void on_started(void *arg, pid_t pid)
{
    ((struct seen *)arg)->pid = pid;
}

/* Runs a shell command and returns how it ended. */
static struct cloud_batch_runner_result run_sh(struct seen *s, const char *command,
                                               int64_t timeout_ms, int64_t grace_ms)
{
    const char *const argv[] = {"sh", "-c", command, NULL};
    struct cloud_batch_runner_options o = {.argv = argv,
                                           .envp = env,
                                           .cwd = "/tmp",
                                           .timeout_ms = timeout_ms,
                                           .grace_ms = grace_ms,
                                           .line = on_line,
                                           .started = on_started,
                                           .arg = s};
    struct cloud_batch_runner_result res;
    struct err e;

    s->r = cloud_batch_runner_new(&o, &e);
    cr_assert_not_null(s->r, "%s", e.msg);
    cr_assert_eq(cloud_batch_runner_run(s->r, &res, &e), E_OK, "%s", e.msg);
    cloud_batch_runner_free(s->r);
    return res;
}

static bool group_gone(pid_t pid)
{
    return kill(-pid, 0) != 0 && errno == ESRCH;
}

Test(runner, gives_the_exit_code_and_each_line, .timeout = 120)
{
    struct seen s = {.notify = -1};
    struct cloud_batch_runner_result r = run_sh(
        &s, "echo \"$GREETING $HOME\"; echo err >&2; printf 'a\\r\\n\\nlast'; pwd; exit 3", 0, 0);

    cr_expect_eq(r.exit_code, 3);
    cr_expect(r.started);
    cr_expect(!r.stopped && !r.timed_out);
    cr_expect_str_eq(strbuf_str(&s.lines), "hello |err|a|last/tmp|");
    cr_expect_gt(s.pid, 1);
    strbuf_clear(&s.lines);
}

Test(runner, keeps_a_last_line_without_newline, .timeout = 120)
{
    struct seen s = {.notify = -1};
    struct cloud_batch_runner_result r = run_sh(&s, "printf 'no newline'", 0, 0);

    cr_expect_eq(r.exit_code, 0);
    cr_expect_str_eq(strbuf_str(&s.lines), "no newline|");
    strbuf_clear(&s.lines);
}

Test(runner, cuts_a_line_without_end_into_pieces, .timeout = 120)
{
    struct seen s = {.notify = -1};
    struct cloud_batch_runner_result r = run_sh(&s, "head -c 200000 /dev/zero | tr '\\0' x", 0, 0);

    cr_expect_eq(r.exit_code, 0);
    cr_expect_eq(s.count, 4);
    cr_expect_eq(s.longest, RUNNER_LINE_MAX);
    strbuf_clear(&s.lines);
}

Test(runner, reads_much_output_to_its_end, .timeout = 120)
{
    struct seen s = {.notify = -1};
    struct cloud_batch_runner_result r = run_sh(&s, "seq 1 100000", 0, 0);

    cr_expect_eq(r.exit_code, 0);
    cr_expect_eq(s.count, 100000);
    strbuf_clear(&s.lines);
}

Test(runner, a_missing_program_is_127_with_a_reason, .timeout = 120)
{
    struct seen s = {.notify = -1};
    const char *const argv[] = {"no-such-program-here", NULL};
    struct cloud_batch_runner_options o = {.argv = argv,
                                           .envp = env,
                                           .cwd = "/tmp",
                                           .line = on_line,
                                           .started = on_started,
                                           .arg = &s};
    struct cloud_batch_runner *r = cloud_batch_runner_new(&o, NULL);
    struct cloud_batch_runner_result res;

    cr_assert_eq(cloud_batch_runner_run(r, &res, NULL), E_OK);
    cr_expect_eq(res.exit_code, 127);
    cr_expect(!res.started);
    cr_expect_eq(s.pid, 0, "nothing was started");
    cr_expect_not_null(strstr(res.reason, "no-such-program-here"));
    cloud_batch_runner_free(r);
}

Test(runner, a_file_that_may_not_run_is_126, .timeout = 120)
{
    struct seen s = {.notify = -1};
    const char *const argv[] = {"/etc/passwd", NULL};
    struct cloud_batch_runner_options o = {
        .argv = argv, .envp = env, .cwd = "/tmp", .line = on_line, .arg = &s};
    struct cloud_batch_runner *r = cloud_batch_runner_new(&o, NULL);
    struct cloud_batch_runner_result res;

    cr_assert_eq(cloud_batch_runner_run(r, &res, NULL), E_OK);
    cr_expect_eq(res.exit_code, 126);
    cloud_batch_runner_free(r);
}

Test(runner, stop_lets_the_process_clean_up, .timeout = 120)
{
    struct seen s = {.notify = -1, .stop_at = "ready"};
    struct cloud_batch_runner_result r =
        run_sh(&s, "trap 'echo bye; exit 9' TERM; echo ready; while :; do sleep 0.05; done", 0, 0);

    cr_expect(r.stopped);
    cr_expect_eq(r.exit_code, 9);
    cr_expect_not_null(strstr(strbuf_str(&s.lines), "bye|"), "%s", strbuf_str(&s.lines));
    cr_expect(group_gone(s.pid));
    strbuf_clear(&s.lines);
}

/* Kills the job's supervisor, whose process id is the line, after a stop was asked for. */
static void on_line_kill_supervisor(void *arg, const char *text, size_t len)
{
    struct seen *s = arg;
    siginfo_t dead;
    char number[32];

    (void)snprintf(number, sizeof number, "%.*s", (int)len, text);
    pid_t supervisor = (pid_t)strtol(number, NULL, 10);
    cloud_batch_runner_stop(s->r, false);
    cr_assert_eq(kill(supervisor, SIGKILL), 0);
    cr_assert_eq(waitid(P_PID, (id_t)supervisor, &dead, WEXITED | WNOWAIT), 0);
}

/* The job waits for this file's end: what it prints then comes after the report of its start. */
static void on_started_release(void *arg, pid_t pid)
{
    struct seen *s = arg;

    s->pid = pid;
    cr_assert_eq(unlink(s->gate), 0);
}

Test(runner, a_stop_that_meets_a_dead_supervisor_raises_no_signal, .timeout = 120)
{
    char gate[] = "/tmp/mvpdash-runner-XXXXXX";
    const char *const argv[] = {
        "sh", "-c", "while [ -e \"$0\" ]; do sleep 0.01; done; echo $PPID; sleep 1", gate, NULL};
    struct seen s = {.notify = -1, .gate = gate};
    struct cloud_batch_runner_options o = {.argv = argv,
                                           .envp = env,
                                           .cwd = "/tmp",
                                           .line = on_line_kill_supervisor,
                                           .started = on_started_release,
                                           .arg = &s};
    struct cloud_batch_runner_result r;
    struct err e;

    int fd = mkstemp(gate);
    cr_assert_geq(fd, 0);
    (void)close(fd);
    (void)signal(SIGPIPE, SIG_DFL);
    s.r = cloud_batch_runner_new(&o, &e);
    cr_assert_not_null(s.r, "%s", e.msg);
    cr_assert_eq(cloud_batch_runner_run(s.r, &r, &e), E_OK, "%s", e.msg);
    cr_expect(r.stopped);
    cr_expect_eq(r.exit_code, 137);
    cloud_batch_runner_free(s.r);
}

/* Stops the job's supervisor, whose process id is the line, and asks for the job's end: nobody
 * tells of that end then, as with a process that the kernel cannot end. */
static void on_line_freeze_supervisor(void *arg, const char *text, size_t len)
{
    struct seen *s = arg;
    char number[32];

    (void)snprintf(number, sizeof number, "%.*s", (int)len, text);
    cr_assert_eq(kill((pid_t)strtol(number, NULL, 10), SIGSTOP), 0);
    cloud_batch_runner_stop(s->r, true);
}

Test(runner, an_end_that_nobody_tells_of_is_waited_for_only_so_long, .timeout = 120)
{
    char gate[] = "/tmp/mvpdash-runner-XXXXXX";
    const char *const argv[] = {
        "sh", "-c", "while [ -e \"$0\" ]; do sleep 0.01; done; echo $PPID; exec sleep 1000", gate,
        NULL};
    struct seen s = {.notify = -1, .gate = gate};
    struct cloud_batch_runner_options o = {.argv = argv,
                                           .envp = env,
                                           .cwd = "/tmp",
                                           .line = on_line_freeze_supervisor,
                                           .started = on_started_release,
                                           .arg = &s};
    struct cloud_batch_runner_result r;
    struct err e;

    int fd = mkstemp(gate);
    cr_assert_geq(fd, 0);
    (void)close(fd);
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1); /* the job becomes ours: its end can be waited for */
    s.r = cloud_batch_runner_new(&o, &e);
    cr_assert_not_null(s.r, "%s", e.msg);
    cr_assert_eq(cloud_batch_runner_run(s.r, &r, &e), E_OK, "%s", e.msg);
    cr_expect(r.stopped);
    cr_expect_eq(r.exit_code, 137);
    cr_expect_not_null(strstr(r.reason, "SIGKILL"), "%s", r.reason);
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR) {
    }
    cr_expect(group_gone(s.pid), "the job died with its supervisor");
    cloud_batch_runner_free(s.r);
}

Test(runner, one_that_ignores_sigterm_is_killed_after_the_grace_time, .timeout = 120)
{
    struct seen s = {.notify = -1, .stop_at = "ready"};
    struct cloud_batch_runner_result r =
        run_sh(&s, "trap '' TERM; (sleep 1000)& echo ready; sleep 1000; sleep 1000", 0, 100);

    cr_expect(r.stopped);
    cr_expect_eq(r.exit_code, 137);
    cr_expect(group_gone(s.pid));
    strbuf_clear(&s.lines);
}

Test(runner, the_timeout_ends_it_and_says_so, .timeout = 120)
{
    struct seen s = {.notify = -1};
    struct cloud_batch_runner_result r = run_sh(&s, "sleep 1000", 200, 60000);

    cr_expect(r.timed_out);
    cr_expect(!r.stopped);
    cr_expect_eq(r.exit_code, 143);
    cr_expect(group_gone(s.pid));
    strbuf_clear(&s.lines);
}

Test(runner, a_stop_before_the_start_starts_nothing, .timeout = 120)
{
    struct seen s = {.notify = -1};
    const char *const argv[] = {"sh", "-c", "echo no", NULL};
    struct cloud_batch_runner_options o = {
        .argv = argv, .envp = env, .cwd = "/tmp", .line = on_line, .arg = &s};
    struct cloud_batch_runner *r = cloud_batch_runner_new(&o, NULL);
    struct cloud_batch_runner_result res;

    cloud_batch_runner_stop(r, false);
    cr_assert_eq(cloud_batch_runner_run(r, &res, NULL), E_OK);
    cr_expect(res.stopped);
    cr_expect_eq(s.count, 0);
    cloud_batch_runner_free(r);
}

Test(runner, processes_left_behind_die_with_the_job, .timeout = 120)
{
    struct seen s = {.notify = -1};
    /* The first process stays in the group and keeps the output open, the second leaves the
     * group. */
    struct cloud_batch_runner_result r = run_sh(
        &s, "sleep 1000 & setsid sleep 1000 >/dev/null 2>&1 & echo $!; sleep 0.1; exit 0", 0, 0);
    pid_t away = (pid_t)atoi(strbuf_str(&s.lines));

    cr_expect_eq(r.exit_code, 0);
    cr_expect(group_gone(s.pid));
    cr_expect_gt(away, 1);
    cr_expect_neq(kill(away, 0), 0, "the process that left the group lives");
    strbuf_clear(&s.lines);
}

Test(runner, does_not_inherit_descriptors_or_blocked_signals, .timeout = 120)
{
    struct seen s = {.notify = -1};
    sigset_t block;

    sigemptyset(&block);
    sigaddset(&block, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &block, NULL);
    int leak = dup(1); /* deliberately without close-on-exec, numbered over 2 */
    struct cloud_batch_runner_result r =
        run_sh(&s, "ls /proc/self/fd | wc -l; grep SigBlk /proc/self/status", 0, 0);
    close(leak);

    cr_expect_eq(r.exit_code, 0);
    cr_expect_not_null(strstr(strbuf_str(&s.lines), "SigBlk:\t0000000000000000"), "%s",
                       strbuf_str(&s.lines));
    cr_expect_eq(strncmp(strbuf_str(&s.lines), "4|", 2), 0, "stdin, stdout, stderr, ls's own: %s",
                 strbuf_str(&s.lines));
    strbuf_clear(&s.lines);
}

/* A program that runs a job and is then killed, as `mvpdash local` by kill -9. */
Test(runner, a_killed_program_leaves_no_process, .timeout = 120)
{
    int lines[2];
    char text[64] = "";

    cr_assert_eq(pipe(lines), 0);
    prctl(PR_SET_CHILD_SUBREAPER, 1); /* the supervisor becomes ours: its end can be waited for */
    pid_t program = fork();
    if (program == 0) {
        struct seen s = {.notify = lines[1]};
        (void)run_sh(&s, "trap '' TERM HUP INT; sleep 1000 & echo $$; wait", 0, 0);
        _exit(0);
    }
    close(lines[1]);
    cr_assert_gt(read(lines[0], text, sizeof text - 1), 0);
    pid_t job = (pid_t)atoi(text);
    cr_assert_eq(kill(-job, 0), 0, "the job runs");
    kill(program, SIGKILL);
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR) { /* program and supervisor */
    }
    cr_expect(group_gone(job));
    close(lines[0]);
}
