/* Loaded before the C library (LD_PRELOAD) while the pictures are taken: the time of day stands
 * still and the random numbers are the same in each run, so that the same program gives the same
 * pictures. The monotonic clock, by which programs wait, runs on.
 *
 * The time is FIXED_NOW_S, less what the file SCREENS_CLOCK says (8 bytes, in seconds). */
#include "fixed.h"

#include <fcntl.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *before_s; /* NULL: 0 */

__attribute__((constructor)) static void map_clock(void)
{
    const char *path = getenv("SCREENS_CLOCK");
    int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    void *at = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *before_s, PROT_READ, MAP_SHARED, fd, 0);

    before_s = at == MAP_FAILED ? NULL : at;
    if (fd >= 0) {
        (void)close(fd);
    }
}

static time_t now_s(void)
{
    return FIXED_NOW_S - (before_s == NULL ? 0 : *before_s);
}

int clock_gettime(clockid_t id, struct timespec *to)
{
    if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE) {
        *to = (struct timespec){.tv_sec = now_s()};
        return 0;
    }
    return (int)syscall(SYS_clock_gettime, id, to);
}

time_t time(time_t *to)
{
    if (to != NULL) {
        *to = now_s();
    }
    return now_s();
}

int gettimeofday(struct timeval *restrict to, void *restrict zone)
{
    (void)zone;
    *to = (struct timeval){.tv_sec = now_s()};
    return 0;
}

/* The next numbers of one row (splitmix64); two threads never get the same. */
int getentropy(void *out, size_t n)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static uint64_t state;
    unsigned char *to = out;

    (void)pthread_mutex_lock(&lock);
    for (size_t i = 0; i < n; i++) {
        state += UINT64_C(0x9e3779b97f4a7c15);
        uint64_t z = (state ^ (state >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
        to[i] = (unsigned char)(z ^ (z >> 31));
    }
    (void)pthread_mutex_unlock(&lock);
    return 0;
}
