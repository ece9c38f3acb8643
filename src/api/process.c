/* What this process uses, read from /proc. */
#include "process.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* Reads the first line of a file in /proc; "" when there is none. */
static void first_line(const char *path, char *line, int size)
{
    FILE *f = fopen(path, "re");

    line[0] = '\0';
    if (f != NULL) {
        (void)!fgets(line, size, f);
        (void)fclose(f);
    }
}

/* Reads the size of the memory and its resident part, in pages. */
static void look_at_memory(struct process_now *p)
{
    double page = (double)sysconf(_SC_PAGESIZE);
    char line[128];
    unsigned long size = 0;
    unsigned long resident = 0;

    first_line("/proc/self/statm", line, sizeof line);
    char *end = line;
    size = strtoul(line, &end, 10);
    if (end == line || *end != ' ') {
        return;
    }
    resident = strtoul(end, NULL, 10);
    p->virtual_bytes = (double)size * page;
    p->resident_bytes = (double)resident * page;
}

static double open_fds(void)
{
    DIR *d = opendir("/proc/self/fd");
    const struct dirent *ent;
    int n = -1; /* begins at -1, because the folder itself is open as well */

    if (d == NULL) {
        return -1;
    }
    while ((ent = readdir(d)) != NULL) {
        n += ent->d_name[0] != '.';
    }
    (void)closedir(d);
    return n;
}

void process_look(struct process_now *out)
{
    struct timespec cpu;
    struct rlimit files;

    *out = (struct process_now){-1, -1, -1, -1, -1};
    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu) == 0) {
        out->cpu_s = (double)cpu.tv_sec + (double)cpu.tv_nsec / 1e9;
    }
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        out->max_fds = files.rlim_cur == RLIM_INFINITY ? INFINITY : (double)files.rlim_cur;
    }
    look_at_memory(out);
    out->open_fds = open_fds();
}

/* The time of the start, the 22nd field of the process's line in /proc, in ticks since the
 * machine's start. 0 when it is not told. */
static unsigned long long started_ticks(void)
{
    enum { FIELD = 22, BEHIND_NAME = 2 };
    char line[1024];

    first_line("/proc/self/stat", line, sizeof line);
    const char *p = strrchr(line, ')'); /* the name in the fields before may hold anything */
    for (int i = BEHIND_NAME; p != NULL && i < FIELD; i++) {
        p = strchr(p + 1, ' ');
    }
    return p == NULL ? 0 : strtoull(p, NULL, 10);
}

double process_started_s(void)
{
    unsigned long long ticks = started_ticks();
    struct timespec now = {.tv_sec = 0};
    struct timespec up;
    double age_s = 0;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (ticks > 0 && clock_gettime(CLOCK_BOOTTIME, &up) == 0) {
        age_s = (double)up.tv_sec + (double)up.tv_nsec / 1e9 -
                (double)ticks / (double)sysconf(_SC_CLK_TCK);
    }
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9 - (age_s > 0 ? age_s : 0);
}
