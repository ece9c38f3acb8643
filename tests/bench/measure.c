/* Runs commands in turn and says what each run took. bench.py uses it instead of its own fork: a
 * child's peak memory begins with what its parent had at the fork, and Python's is more than ours.
 *
 * usage: measure ROUNDS -- COMMAND ARGUMENT... [-- COMMAND ARGUMENT...]...
 *
 * In each round every command runs once, so that a machine that slows down slows all of them. A
 * line a run: index of the command, seconds, CPU seconds, peak KiB, exit status. Standard input and
 * output of the commands are /dev/null. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

enum { MAX_COMMANDS = 16 };

static double now_s(void)
{
    struct timespec ts = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec * 1e-6;
}

static int run(int index, char **argv, const posix_spawn_file_actions_t *files)
{
    struct rusage used;
    pid_t pid = 0;
    int status = 0;
    double began = now_s();

    if (posix_spawnp(&pid, argv[0], files, NULL, argv, environ) != 0) {
        (void)fprintf(stderr, "measure: %s: cannot run it\n", argv[0]);
        return 1;
    }
    if (wait4(pid, &status, 0, &used) != pid) {
        return 1;
    }
    (void)printf("%d %.6f %.6f %ld %d\n", index, now_s() - began,
                 seconds(used.ru_utime) + seconds(used.ru_stime), used.ru_maxrss,
                 WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return 0;
}

int main(int argc, char **argv)
{
    char **commands[MAX_COMMANDS];
    int count = 0;
    posix_spawn_file_actions_t files;

    for (int i = 2; i + 1 < argc && count < MAX_COMMANDS; i++) {
        if (strcmp(argv[i], "--") == 0) {
            argv[i] = NULL;
            commands[count++] = &argv[i + 1];
        }
    }
    if (count == 0) {
        (void)fprintf(stderr, "usage: measure ROUNDS -- COMMAND ARGUMENT... [-- ...]\n");
        return 2;
    }
    (void)posix_spawn_file_actions_init(&files);
    (void)posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    (void)posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    int failed = 0;
    for (long round = strtol(argv[1], NULL, 10); round > 0 && failed == 0; round--) {
        for (int c = 0; c < count && failed == 0; c++) {
            failed = run(c, commands[c], &files);
        }
    }
    (void)posix_spawn_file_actions_destroy(&files);
    return failed;
}
