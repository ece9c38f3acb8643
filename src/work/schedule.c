/* The schedule: what is due, and what the person asks for.
 *
 * DESIGN: a lane is a kind of question with a clock of its own: when it is due, how many of its
 * tasks are under way, how often it failed in a row. A round is all tasks of a lane that are sent
 * together (the segments of a load, one query for each status); a lane is due again only after its
 * round was answered.
 *
 * A request number tells lane, part and round, so a late answer to an abandoned round is recognised
 * and ignored. An answer that never comes (its task was dropped) is given up after LOST_MS.
 *
 * DescribeTable tells the way to follow the table (mode). The stream's position is taken up before
 * or while the load runs, so that no change falls between the two. */
#include "work/schedule.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "schedule_priv.h"

/* ---- lanes ---- */

void lane_plan(struct lane *l, int64_t at)
{
    l->due = at;
}

void lane_plan_now(struct lane *l, int64_t now)
{
    l->again = l->out > 0;
    l->due = now;
}

void lane_plan_off(struct lane *l)
{
    l->due = NEVER;
    l->forced = false;
    l->again = false;
}

void lane_abandon(struct lane *l)
{
    l->out = 0;
    l->round++;
    l->failures = 0;
    l->again = false;
}

struct schedule *schedule_new(int refresh_s, uint32_t seed)
{
    struct schedule *s = xcalloc(1, sizeof *s);

    s->scale = (refresh_s <= 0 ? 3 : refresh_s) / 3.0;
    s->random = seed == 0 ? 0x9e3779b9u : seed;
    s->wall_ms = TIME_NONE;
    s->status_wall_ms = TIME_NONE;
    s->listed_wall_ms = TIME_NONE;
    s->heard_ms = TIME_NONE;
    s->all_ms = TIME_NONE;
    s->slow = 1;
    s->log_wait = LOG_FAST;
    s->rule_wait = LOG_FAST;
    for (int i = 0; i < LANE_COUNT; i++) {
        lane_plan_off(&s->lanes[i]);
    }
    lane_plan(&s->lanes[LANE_INFO], INT64_MIN);
    lane_plan(&s->lanes[LANE_IDENTITY], INT64_MIN);
    lane_plan(&s->lanes[LANE_OUTBOX], INT64_MIN);
    lane_plan(&s->lanes[LANE_LIST_BATCH], INT64_MIN);
    return s;
}

void schedule_free(struct schedule *s)
{
    if (s != NULL) {
        stream_cursor_free(s->stream);
        free(s->detail_id);
        free(s->log_id);
        free(s->log);
        rule_log_cursor_free(s->rule);
        free(s);
    }
}

/* A lane that was not heard of for this long is not called live. */
#define FRESH_MS (45 * SECOND)

static bool may_go(const struct schedule *s, const struct lane *l)
{
    return l->out == 0 && (!s->paused || l->forced);
}

struct task *schedule_due(struct schedule *s, const struct schedule_view *v, int64_t now)
{
    static const struct schedule_view nothing = {.newest_updated_ms = TIME_NONE};
    struct task_list o = {.tail = &o.head};

    v = v == NULL ? &nothing : v;
    s->active_len = v->active_len;
    s->shown_len = v->shown_len;
    s->lively = v->lively;
    s->lively_alone = v->lively_alone;
    if (v->silent_len > 0 && s->lanes[LANE_LOG_STAGE].due == NEVER) {
        lane_plan(&s->lanes[LANE_LOG_STAGE], now);
    }
    for (int i = 0; i < LANE_COUNT; i++) {
        struct lane *l = &s->lanes[i];
        if (l->out > 0 && now - l->heard > LOST_MS) {
            l->out = 0; /* the round's task was dropped: ask again */
            l->round++;
            lane_plan(l, now);
        }
        if (!may_go(s, l) || l->due > now) {
            continue;
        }
        l->round++;
        l->failed_part = false;
        if (!schedule_ask(s, &o, (enum lane_id)i, v, now)) {
            lane_plan(l, now + schedule_jitter(s, schedule_interval(s, (enum lane_id)i, now)));
        }
        l->forced = false;
    }
    return o.head;
}

int schedule_wait_ms(const struct schedule *s, int64_t now)
{
    int64_t first = NEVER;

    for (int i = 0; i < LANE_COUNT; i++) {
        const struct lane *l = &s->lanes[i];
        int64_t at = l->out > 0 ? l->heard + LOST_MS + 1 : may_go(s, l) ? l->due : NEVER;
        first = at < first ? at : first;
    }
    if (first == NEVER) {
        return -1;
    }
    int64_t ms = first <= now ? 0 : first - now;
    return ms > 10 * MINUTE ? 10 * MINUTE : (int)ms;
}

/* ---- what the person does ---- */

void schedule_hurry(struct schedule *s)
{
    for (int i = 0; i < LANE_COUNT; i++) {
        struct lane *l = &s->lanes[i];
        /* Neither the whole table is asked for again, nor what is settled once. A round under way
         * is followed by another one. */
        bool settled = (i == LANE_LOAD && s->loaded) || i == LANE_SWEEP ||
                       ((i == LANE_INFO || i == LANE_IDENTITY) && l->failures == 0);
        if (l->due != NEVER && !settled) {
            l->failures = 0;
            l->forced = true;
            lane_plan_now(l, INT64_MIN);
        }
    }
}

void schedule_pause(struct schedule *s, bool on)
{
    s->paused = on;
    for (int i = 0; i < LANE_COUNT; i++) {
        s->lanes[i].forced = false;
    }
}

void schedule_doubts(struct schedule *s, int64_t now)
{
    struct lane *l = &s->lanes[LANE_DOUBT];

    if (l->due == NEVER && l->out == 0) {
        lane_plan(l, now + SECOND / 4); /* a little later, so that several come together */
    }
}

struct schedule_fresh schedule_fresh(const struct schedule *s, int64_t now)
{
    struct schedule_fresh f = {.heard_ms = s->heard_ms, .all_ms = s->all_ms};
    int64_t enough = (s->scale > 1 ? schedule_scaled(s, FRESH_MS) : FRESH_MS) * s->slow;
    bool heard = s->heard_ms != TIME_NONE && now - s->heard_ms < enough;

    if (s->loaded && heard && !s->paused && !s->gone) {
        f.follow = s->mode == MODE_STREAM && s->stream != NULL ? FOLLOW_LIVE : FOLLOW_POLLS;
    }
    return f;
}

bool schedule_loading(const struct schedule *s, int *done, int *segments)
{
    int n = 0;

    for (int i = 0; i < s->segments; i++) {
        n += s->segment_done[i];
    }
    if (done != NULL) {
        *done = n;
    }
    if (segments != NULL) {
        *segments = s->segments;
    }
    return !s->loaded;
}

bool schedule_listed_all(const struct schedule *s)
{
    return s->listed_all;
}

void schedule_watch_detail(struct schedule *s, const char *job_id)
{
    struct lane *l = &s->lanes[LANE_DETAIL];

    bool same = job_id == NULL ? s->detail_id == NULL
                               : s->detail_id != NULL && strcmp(job_id, s->detail_id) == 0;
    if (same) {
        return;
    }
    free(s->detail_id);
    s->detail_id = xstrdup(job_id);
    s->detail_active = true;
    lane_abandon(l);
    if (job_id == NULL) {
        lane_plan_off(l);
    } else {
        lane_plan(l, INT64_MIN);
        /* a person looks at the log: it is read also while the schedule is paused */
        l->forced = true;
    }
}

void schedule_watch_log(struct schedule *s, const char *job_id, const struct log_cursor *from)
{
    struct lane *l = &s->lanes[LANE_LOG];

    free(s->log_id);
    free(s->log);
    s->log_id = xstrdup(job_id);
    s->log = NULL;
    s->log_wait = LOG_FAST;
    lane_abandon(l);
    if (job_id == NULL) {
        lane_plan_off(l);
        return;
    }
    s->log = xcalloc(1, sizeof *s->log);
    s->log->since_ms = TIME_NONE;
    if (from != NULL) {
        *s->log = *from;
    }
    lane_plan(l, INT64_MIN);
    l->forced = true;
}

void schedule_watch_rule_log(struct schedule *s, const struct rule_log_cursor *from)
{
    struct lane *l = &s->lanes[LANE_RULE_LOG];
    struct rule_log_cursor *copy = from == NULL ? NULL : rule_log_cursor_copy(from);

    rule_log_cursor_free(s->rule);
    s->rule = copy;
    s->rule_wait = LOG_FAST;
    lane_abandon(l);
    if (copy == NULL) {
        lane_plan_off(l);
        return;
    }
    lane_plan(l, INT64_MIN);
    l->forced = true;
}
