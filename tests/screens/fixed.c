/* Loaded before the C library (LD_PRELOAD) while the pictures are taken: the time of day stands
 * still and the random numbers are the same in each run, so that the same program gives the same
 * pictures. The monotonic clock, by which programs wait, runs on. */
#include "fixed.h"

#include <pthread.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t id, struct timespec *to)
{
    if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE) {
        *to = (struct timespec){.tv_sec = FIXED_NOW_S};
        return 0;
    }
    return (int)syscall(SYS_clock_gettime, id, to);
}

time_t time(time_t *to)
{
    if (to != NULL) {
        *to = FIXED_NOW_S;
    }
    return FIXED_NOW_S;
}

int gettimeofday(struct timeval *restrict to, void *restrict zone)
{
    (void)zone;
    *to = (struct timeval){.tv_sec = FIXED_NOW_S};
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
