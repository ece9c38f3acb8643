/* The runner where its process only asks another program, as docker and podman are asked: what is
 * run at the end, and what is left alone. */
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/path.h"
#include "src/cloud/batch/argv.h"
#include "src/cloud/batch/container.h"
#include "src/cloud/batch/runner.h"

static const char *const env[] = {"PATH=/usr/bin:/bin", NULL};

static void on_line(void *arg, const char *text, size_t len)
{
    (void)snprintf(arg, 64, "%.*s", (int)len, text);
}

/* Runs a shell command; `end` is what the end command does. */
static struct cloud_batch_runner_result run_sh(const char *command, const char *end, char said[64])
{
    const char *const argv[] = {"sh", "-c", command, NULL};
    const char *const end_argv[] = {"/bin/sh", "-c", end, NULL};
    const struct cloud_batch_runner_options o = {.argv = argv,
                                                 .envp = env,
                                                 .cwd = "/tmp",
                                                 .end_argv = end_argv,
                                                 .leaves_others = true,
                                                 .line = on_line,
                                                 .arg = said};
    struct cloud_batch_runner_result res;
    struct cloud_batch_runner *r = cloud_batch_runner_new(&o, NULL);

    cr_assert_not_null(r);
    cr_assert_eq(cloud_batch_runner_run(r, &res, NULL), E_OK);
    cloud_batch_runner_free(r);
    return res;
}

Test(runner_end, the_end_command_has_ended_when_the_run_ends, .timeout = 120)
{
    char place[] = "/tmp/runner-end.XXXXXX", said[64] = "";
    char *end = NULL;

    cr_assert_not_null(mkdtemp(place));
    cr_assert_gt(asprintf(&end, "sleep 0.2; echo x >%s/ended", place), 0);
    struct cloud_batch_runner_result r = run_sh("exit 5", end, said);
    cr_expect_eq(r.exit_code, 5, "the exit code is the job's own");
    char *path = path_join(place, "ended");
    cr_expect(path_exists(path));
    cr_expect_eq(path_remove_tree(place, NULL), E_OK);
    free(path);
    free(end);
}

Test(runner_end, an_end_command_that_hangs_does_not_hold_the_job, .timeout = 120)
{
    const char *const argv[] = {"sh", "-c", "exit 3", NULL};
    const char *const end_argv[] = {"/bin/sh", "-c", "sleep 1000; exit 0", NULL};
    const struct cloud_batch_runner_options o = {.argv = argv,
                                                 .envp = env,
                                                 .cwd = "/tmp",
                                                 .end_argv = end_argv,
                                                 .end_ms = 200,
                                                 .timeout_ms = 60000,
                                                 .leaves_others = true};
    struct cloud_batch_runner_result res;
    struct cloud_batch_runner *r = cloud_batch_runner_new(&o, NULL);

    cr_assert_not_null(r);
    cr_assert_eq(cloud_batch_runner_run(r, &res, NULL), E_OK);
    cloud_batch_runner_free(r);
    cr_expect_eq(res.exit_code, 3);
    cr_expect_not(res.timed_out, "the job itself had ended");
}

Test(runner_end, what_left_the_group_lives_on, .timeout = 120)
{
    char said[64] = "";

    (void)run_sh("setsid sleep 1000 >/dev/null 2>&1 & echo $!; sleep 0.1", "exit 0", said);
    pid_t away = (pid_t)atoi(said);
    cr_assert_gt(away, 1);
    cr_expect_eq(kill(away, SIGKILL), 0, "it lives");
}

/* The program is killed, as `mvpdash local` by kill -9. */
Test(runner_end, the_end_command_runs_for_a_program_that_died, .timeout = 120)
{
    char place[] = "/tmp/runner-end.XXXXXX", said[64] = "";
    char *end = NULL, *command = NULL;

    cr_assert_not_null(mkdtemp(place));
    cr_assert_gt(asprintf(&end, "echo x >%s/ended", place), 0);
    cr_assert_gt(asprintf(&command, "echo x >%s/begun; sleep 1000", place), 0);
    char *begun = path_join(place, "begun"), *ended = path_join(place, "ended");
    prctl(PR_SET_CHILD_SUBREAPER, 1); /* the supervisor becomes ours: its end can be waited for */
    pid_t program = fork();
    if (program == 0) {
        (void)run_sh(command, end, said);
        _exit(0);
    }
    while (!path_exists(begun)) {
        usleep(10000);
    }
    kill(program, SIGKILL);
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR) { /* program and supervisor */
    }
    cr_expect(path_exists(ended));
    cr_expect_eq(path_remove_tree(place, NULL), E_OK);
    free(begun);
    free(ended);
    free(command);
    free(end);
}

Test(container, a_refusal_of_the_runtime_is_told_from_the_jobs_own_end)
{
    cr_expect(cloud_batch_container_is_refusal(125, "Error: no such image"));
    cr_expect(
        cloud_batch_container_is_refusal(127, "docker: Error response from daemon: no command"));
    cr_expect_not(cloud_batch_container_is_refusal(125, "FAILED at RUNNING: exit code 125"));
    cr_expect_not(cloud_batch_container_is_refusal(1, "Error: the tests of the site fail"));
    cr_expect_not(cloud_batch_container_is_refusal(125, ""));
}

Test(container, the_last_value_of_a_variable_counts)
{
    struct cloud_batch_argv env_list = {0};

    cloud_batch_argv_set(&env_list, "A", "1");
    cloud_batch_argv_set(&env_list, "AB", "2");
    cloud_batch_argv_set(&env_list, "A", "");
    cr_assert_eq(env_list.len, 2);
    cr_expect_str_eq(env_list.items[0], "A=");
    cr_expect_str_eq(env_list.items[1], "AB=2");
    cr_expect_null(env_list.items[2]);
    cloud_batch_argv_clear(&env_list);
    cr_expect_null(env_list.items);
}
