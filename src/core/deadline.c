/* The deadline of the operation that the current thread works for. */
#include "core/deadline.h"

#include "core/clock.h"

static _Thread_local int64_t deadline = DEADLINE_NONE;

int64_t deadline_get(void)
{
    return deadline;
}

int64_t deadline_set(int64_t at_ms)
{
    int64_t before = deadline;

    deadline = at_ms;
    return before;
}

int64_t deadline_within(int64_t ms)
{
    int64_t before = deadline;

    if (ms > 0) {
        int64_t at = clock_mono_ms(NULL) + ms;
        deadline = at < before ? at : before;
    }
    return before;
}

int64_t deadline_share(int percent)
{
    int64_t before = deadline;

    if (before != DEADLINE_NONE) {
        int64_t now = clock_mono_ms(NULL);
        deadline = before > now ? now + (before - now) * percent / 100 : before;
    }
    return before;
}

int deadline_left_ms(int most)
{
    if (deadline == DEADLINE_NONE) {
        return most;
    }
    int64_t left = deadline - clock_mono_ms(NULL);
    return left <= 0 ? 0 : left < most ? (int)left : most;
}
