/* Starts programs in a terminal, in turn, and says what each took until its first frame stood
 * there.
 *
 * usage: frame ROUNDS TEXT -- COMMAND ARGUMENT... [-- COMMAND ARGUMENT...]...
 *
 * The frame is there when TEXT is: what the program writes last. The terminal has 80x24 cells. A
 * line a run, as `measure` prints it: index of the command, seconds, CPU seconds of all threads and
 * peak KiB until then, 0. The program is told to end and waited for before the next one starts. */
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_COMMANDS = 16, LIMIT_MS = 10000 };

static double now_s(void)
{
    struct timespec ts = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

static bool read_file(const char *path, char *text, size_t size)
{
    FILE *f = fopen(path, "re");
    size_t n = f == NULL ? 0 : fread(text, 1, size - 1, f);

    text[n] = '\0';
    return f != NULL && fclose(f) == 0;
}

static double cpu_s(pid_t pid)
{
    char path[320];
    char text[4096];
    double ns = 0;
    const struct dirent *ent;

    (void)snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *d = opendir(path);
    while (d != NULL && (ent = readdir(d)) != NULL) {
        (void)snprintf(path, sizeof path, "/proc/%d/task/%s/schedstat", (int)pid, ent->d_name);
        if (ent->d_name[0] != '.' && read_file(path, text, sizeof text)) {
            ns += strtod(text, NULL);
        }
    }
    if (d != NULL) {
        (void)closedir(d);
    }
    return ns * 1e-9;
}

static long peak_kib(pid_t pid)
{
    char path[64];
    char text[4096];

    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    (void)read_file(path, text, sizeof text);
    const char *at = strstr(text, "VmHWM:");
    return at == NULL ? 0 : strtol(at + strlen("VmHWM:"), NULL, 10);
}

/* Reads until `text` has come; what came before is kept only as far as `text` may begin in it. */
static bool wait_for(int fd, const char *text)
{
    static char seen[1 << 16];
    size_t len = 0;
    size_t keep = strlen(text);

    for (;;) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        ssize_t n = poll(&p, 1, LIMIT_MS) == 1 ? read(fd, seen + len, sizeof seen - 1 - len) : -1;
        if (n <= 0) {
            return false;
        }
        len += (size_t)n;
        if (memmem(seen, len, text, keep) != NULL) {
            return true;
        }
        if (len > keep) {
            memmove(seen, seen + len - keep, keep);
            len = keep;
        }
    }
}

static int run(int index, char **argv, const char *text)
{
    struct winsize size = {.ws_row = 24, .ws_col = 80};
    char rest[4096];
    int fd = -1;
    double began = now_s();
    pid_t pid = forkpty(&fd, NULL, NULL, &size);

    if (pid == 0) {
        (void)execvp(argv[0], argv);
        _exit(127);
    }
    bool there = pid > 0 && wait_for(fd, text);
    double took = now_s() - began;
    if (there) {
        (void)printf("%d %.6f %.6f %ld 0\n", index, took, cpu_s(pid), peak_kib(pid));
    } else {
        (void)fprintf(stderr, "frame: %s: \"%s\" does not come\n", argv[0], text);
    }
    if (pid > 0) {
        (void)kill(pid, SIGTERM);
        while (read(fd, rest, sizeof rest) > 0) {
        }
        (void)close(fd);
        (void)waitpid(pid, NULL, 0);
    }
    return there ? 0 : 1;
}

int main(int argc, char **argv)
{
    char **commands[MAX_COMMANDS];
    int count = 0;

    for (int i = 3; i + 1 < argc && count < MAX_COMMANDS; i++) {
        if (strcmp(argv[i], "--") == 0) {
            argv[i] = NULL;
            commands[count++] = &argv[i + 1];
        }
    }
    if (count == 0) {
        (void)fprintf(stderr, "usage: frame ROUNDS TEXT -- COMMAND ARGUMENT... [-- ...]\n");
        return 2;
    }
    (void)setenv("TERM", "xterm-256color", 1);
    int failed = 0;
    for (long round = strtol(argv[1], NULL, 10); round > 0 && failed == 0; round--) {
        for (int c = 0; c < count && failed == 0; c++) {
            failed = run(c, commands[c], argv[2]);
        }
    }
    return failed;
}
