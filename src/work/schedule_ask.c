/* The schedule: what each lane asks, and how often. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "schedule_priv.h"

static const char *const status_words[STATUS_WORDS] = {"PENDING",   "QUEUED", "IN_PROGRESS",
                                                       "COMPLETED", "FAILED", "CANCELLED"};

/* ---- how often ---- */

static uint32_t next_random(struct schedule *s)
{
    s->random ^= s->random << 13;
    s->random ^= s->random >> 17;
    s->random ^= s->random << 5;
    return s->random;
}

int64_t schedule_jitter(struct schedule *s, int64_t ms)
{
    return ms * (int64_t)(800 + next_random(s) % 401) / 1000;
}

int64_t schedule_scaled(const struct schedule *s, int64_t ms)
{
    return (int64_t)((double)ms * s->scale);
}

static bool boosted(const struct schedule *s, int64_t now)
{
    return now < s->boost_until;
}

static int64_t wall_at(const struct schedule *s, int64_t now)
{
    return s->wall_ms == TIME_NONE ? TIME_NONE : s->wall_ms + (now - s->wall_mono_ms);
}

/* The pace of the records: fast while something happens. */
static int64_t pace(const struct schedule *s, int64_t now)
{
    if (boosted(s, now)) {
        int64_t fast = schedule_scaled(s, 3 * SECOND);
        return fast > 1500 ? 1500 : fast;
    }
    return schedule_scaled(s, s->lively > 0 ? 3 * SECOND : 15 * SECOND);
}

/* The pace that reads at most about two read units a second on average for this many records. */
static int64_t slowly(size_t records, int64_t least, int64_t most)
{
    int64_t ms = (int64_t)(records / 16) * SECOND;

    return ms < least ? least : ms > most ? most : ms;
}

/* The pace of the slow re-read, for the next part of the table. A small table is read within a
 * minute: nothing but the stream tells of deleted records. */
static int64_t sweep_pace(const struct schedule *s)
{
    unsigned parts = s->sweep_parts == 0 ? 1 : s->sweep_parts;
    int64_t all;

    if (s->mode == MODE_STREAM) {
        all = slowly(s->count, 10 * MINUTE, 55 * MINUTE);
    } else if (s->count <= SMALL_TABLE) {
        int64_t least = schedule_scaled(s, s->mode == MODE_INDEX ? 30 * SECOND : 10 * SECOND);
        all = slowly(s->count, least, 40 * SECOND);
    } else {
        all = slowly(s->count, MINUTE, 55 * MINUTE);
    }
    return all / parts;
}

static int64_t list_pace(const struct schedule *s, int64_t now)
{
    bool unmatched = s->lively_alone > 0;

    if (unmatched && boosted(s, now)) {
        return 3 * SECOND;
    }
    return schedule_scaled(s, unmatched ? 10 * SECOND : MINUTE);
}

int64_t schedule_interval(const struct schedule *s, enum lane_id id, int64_t now)
{
    switch (id) {
    case LANE_INFO: /* asks whether it is still the same table, which costs no read units */
        return 30 * SECOND;
    case LANE_IDENTITY:
        return 10 * MINUTE;
    case LANE_OUTBOX:
        return 15 * SECOND;
    /* reading a stream in which nothing happened costs no read units, so another user's deploy is
     * seen soon */
    case LANE_STREAM:
        return s->lively > 0 || boosted(s, now) ? pace(s, now) : schedule_scaled(s, 5 * SECOND);
    case LANE_STATUS:
        return pace(s, now);
    case LANE_ACTIVE:
        return s->mode == MODE_PLAIN ? pace(s, now) : schedule_scaled(s, 15 * SECOND);
    case LANE_LOAD:
        return 30 * MINUTE; /* the load is not planned again once it is done */
    case LANE_WIDE:
        return slowly(s->wide_count, schedule_scaled(s, 30 * SECOND), 30 * MINUTE);
    case LANE_SHOWN:
        return s->mode == MODE_STREAM ? 5 * MINUTE : schedule_scaled(s, 20 * SECOND);
    case LANE_DOUBT:
        return SECOND;
    case LANE_LOG_STAGE:
    case LANE_DLQ:
        return MINUTE;
    case LANE_SWEEP:
        return sweep_pace(s);
    case LANE_LIST_BATCH:
        return list_pace(s, now);
    case LANE_DESCRIBE:
        return boosted(s, now) ? 3 * SECOND : schedule_scaled(s, 10 * SECOND);
    case LANE_DETAIL:
        return !s->detail_active ? schedule_scaled(s, 30 * SECOND)
               : boosted(s, now) ? pace(s, now)
                                 : schedule_scaled(s, 3 * SECOND);
    case LANE_LOG:
        return s->log_wait;
    case LANE_RULE_LOG:
        return s->rule_wait;
    case LANE_COUNT:
        break;
    }
    return MINUTE;
}

int64_t schedule_back_off(const struct schedule *s, enum lane_id id, enum err_code code)
{
    /* the link or the keys may work again at any time, without telling */
    bool soon = err_means(code, ERR_LINK | ERR_KEYS);
    bool made = id == LANE_INFO && code == E_NOT_FOUND; /* perhaps the table is being made anew */
    int64_t cap = made ? 4 * SECOND : soon ? 15 * SECOND : MINUTE;
    int64_t ms = 2 * SECOND;

    for (int i = 1; i < s->lanes[id].failures && ms < cap; i++) {
        ms *= 2;
    }
    return ms > cap ? cap : ms;
}

static struct task *emit(struct schedule *s, struct task_list *o, enum lane_id id, unsigned part,
                         enum task_kind kind, int64_t now)
{
    struct lane *l = &s->lanes[id];
    uint32_t request =
        SCHEDULE_REQUEST | (uint32_t)id << 24 | (uint32_t)(part & 0xff) << 16 | l->round;
    struct task *t = task_new(kind, request);

    *o->tail = t;
    o->tail = &t->next;
    l->out++;
    l->heard = now;
    return t;
}

/* ---- what each lane asks ---- */

/* Takes up to IDS_MAX ids of a list, going on where the last round ended. */
static void some_ids(struct task_ids *x, const char *const *ids, size_t len, size_t *at)
{
    size_t n = len < IDS_MAX ? len : IDS_MAX;

    if (len == 0) {
        return;
    }
    if (*at >= len) {
        *at = 0;
    }
    x->items = xcalloc(n, sizeof *x->items);
    for (size_t i = 0; i < n; i++) {
        x->items[x->len++] = xstrdup(ids[(*at + i) % len]);
    }
    *at = (*at + n) % len;
}

static void ask_load(struct schedule *s, struct task_list *o, int64_t now)
{
    bool again = true;

    for (int i = 0; i < s->segments; i++) {
        again = again && s->segment_done[i];
    }
    bool fresh = again || s->reload || s->segments == 0;
    if (fresh) { /* otherwise only the segments that failed */
        s->reload = false;
        s->load_ms = now;
        s->segments =
            s->info.item_count >= SEGMENT_ITEMS || s->count >= SEGMENT_ITEMS ? SEGMENTS : 1;
        memset(s->segment_done, 0, sizeof s->segment_done);
        s->load_count = 0;
        s->load_wall_ms = wall_at(s, now);
    }
    for (int i = 0; i < s->segments; i++) {
        if (!s->segment_done[i]) {
            struct task *t = emit(s, o, LANE_LOAD, (unsigned)i, TASK_LOAD, now);
            task_as(t, part) =
                (struct task_part){.segment = i, .segments = s->segments, .anew = fresh && i == 0};
        }
    }
}

static void ask_status(struct schedule *s, struct task_list *o, const struct schedule_view *v,
                       int64_t now)
{
    int64_t since = s->status_wall_ms == TIME_NONE ? s->load_wall_ms : s->status_wall_ms;

    /* Writers' clocks differ from ours: the newest time that was seen may be earlier or later than
     * ours. */
    if (v->newest_updated_ms != TIME_NONE && v->newest_updated_ms < since) {
        since = v->newest_updated_ms;
    }
    s->status_sent_ms = wall_at(s, now);
    for (unsigned i = 0; i < STATUS_WORDS; i++) {
        struct task *t = emit(s, o, LANE_STATUS, i, TASK_QUERY_STATUS, now);
        task_as(t, status) =
            (struct task_status){.word = xstrdup(status_words[i]),
                                 .since_ms = since == TIME_NONE ? TIME_NONE : since - OVERLAP_MS,
                                 .all_there = s->info.status_index_all};
    }
}

/* Asks with days of overlap, and for the words in small letters too: this finds what the quick
 * queries cannot. */
static void ask_wide(struct schedule *s, struct task_list *o, int64_t now)
{
    int64_t wall = wall_at(s, now);

    s->wide_count = 0;
    for (unsigned i = 0; i < 2 * STATUS_WORDS; i++) {
        struct task *t = emit(s, o, LANE_WIDE, i, TASK_QUERY_STATUS, now);
        char *word = xstrdup(status_words[i % STATUS_WORDS]);
        for (char *p = word; i >= STATUS_WORDS && *p != '\0'; p++) {
            *p = (char)(*p >= 'A' && *p <= 'Z' ? *p - 'A' + 'a' : *p);
        }
        /* The time is a midnight: see ops_query_status. */
        int64_t since = wall == TIME_NONE ? TIME_NONE : (wall - WIDE_MS) / DAY_MS * DAY_MS;
        task_as(t, status) = (struct task_status){
            .word = word, .since_ms = since, .all_there = s->info.status_index_all};
    }
}

static void ask_sweep(struct schedule *s, struct task_list *o, int64_t now)
{
    if (s->sweep_part == 0) {
        s->sweep_ms = now;
        s->sweep_count = 0;
    }
    struct task *t = emit(s, o, LANE_SWEEP, 0, TASK_SWEEP, now);
    task_as(t, part) =
        (struct task_part){.segment = (int)s->sweep_part, .segments = (int)s->sweep_parts};
}

static bool ask_ids(struct schedule *s, struct task_list *o, enum lane_id id,
                    const char *const *ids, size_t len, size_t *at, int64_t now)
{
    if (len == 0) {
        return false;
    }
    struct task *t = emit(s, o, id, 0, TASK_GET_JOBS, now);
    some_ids(&task_as(t, ids), ids, len, at);
    return true;
}

static void ask_stream(struct schedule *s, struct task_list *o, int64_t now)
{
    struct task *t = emit(s, o, LANE_STREAM, 0, TASK_STREAM, now);

    task_as(t, stream) = (struct task_stream){
        .arn = xstrdup(s->stream_arn),
        .cursor = s->stream == NULL ? stream_cursor_new() : stream_cursor_copy(s->stream)};
}

static void ask_list_batch(struct schedule *s, struct task_list *o, int64_t now)
{
    struct task *t = emit(s, o, LANE_LIST_BATCH, 0, TASK_LIST_BATCH, now);

    s->list_sent_ms = wall_at(s, now);
    s->list_whole = s->loaded;
    task_as(t, list_batch).since_ms =
        s->listed_wall_ms == TIME_NONE ? TIME_NONE : s->listed_wall_ms - 5 * MINUTE;
}

static void ask_log_stage(struct schedule *s, struct task_list *o, const struct schedule_view *v,
                          int64_t now)
{
    struct task *t = emit(s, o, LANE_LOG_STAGE, 0, TASK_LOG_STAGE, now);
    struct task_log_stage *x = &task_as(t, log_stage);

    x->items = xcalloc(v->silent_len, sizeof *x->items);
    for (size_t i = 0; i < v->silent_len; i++) {
        x->items[x->len++] = (struct log_place){.job_id = xstrdup(v->silent[i].job_id),
                                                .group = xstrdup(v->silent[i].group),
                                                .stream = xstrdup(v->silent[i].stream)};
    }
}

bool schedule_ask(struct schedule *s, struct task_list *o, enum lane_id id,
                  const struct schedule_view *v, int64_t now)
{
    struct task *t;

    switch (id) {
    case LANE_INFO:
        (void)emit(s, o, id, 0, TASK_TABLE_INFO, now);
        return true;
    case LANE_IDENTITY:
        (void)emit(s, o, id, 0, TASK_IDENTITY, now);
        return true;
    case LANE_OUTBOX:
        (void)emit(s, o, id, 0, TASK_OUTBOX, now);
        return true;
    case LANE_STREAM:
        ask_stream(s, o, now);
        return true;
    case LANE_LOAD:
        ask_load(s, o, now);
        return true;
    case LANE_STATUS:
        ask_status(s, o, v, now);
        return true;
    case LANE_ACTIVE:
        return ask_ids(s, o, id, v->active_ids, v->active_len, &s->active_at, now);
    case LANE_WIDE:
        ask_wide(s, o, now);
        return true;
    case LANE_SHOWN:
        return ask_ids(s, o, id, v->shown_ids, v->shown_len, &s->shown_at, now);
    case LANE_DOUBT:
        if (!ask_ids(s, o, id, v->doubt_ids, v->doubt_len, &s->doubt_at, now)) {
            lane_plan_off(&s->lanes[id]); /* not planned until something is in doubt again */
        }
        return true;
    case LANE_LOG_STAGE:
        if (v->silent_len == 0) {
            lane_plan_off(&s->lanes[id]); /* not planned until a job is silent (again) */
            return true;
        }
        ask_log_stage(s, o, v, now);
        return true;
    case LANE_DLQ:
        (void)emit(s, o, id, 0, TASK_DLQ_DEPTH, now);
        return true;
    case LANE_SWEEP:
        if (!s->loaded || s->lanes[LANE_LOAD].out > 0) {
            return false;
        }
        ask_sweep(s, o, now);
        return true;
    case LANE_LIST_BATCH:
        ask_list_batch(s, o, now);
        return true;
    case LANE_DESCRIBE:
        if (v->batch_len == 0) {
            return false;
        }
        t = emit(s, o, id, 0, TASK_DESCRIBE_BATCH, now);
        some_ids(&task_as(t, ids), v->batch_ids, v->batch_len, &s->describe_at);
        return true;
    case LANE_DETAIL:
        t = emit(s, o, id, 0, TASK_DETAIL, now);
        t->job_id = xstrdup(s->detail_id);
        return true;
    case LANE_LOG:
        t = emit(s, o, id, 0, TASK_LOG, now);
        t->job_id = xstrdup(s->log_id);
        task_as(t, log) = xmalloc(sizeof *s->log);
        *task_as(t, log) = *s->log;
        return true;
    case LANE_RULE_LOG:
        t = emit(s, o, id, 0, TASK_RULE_LOG, now);
        task_as(t, rule_log) = rule_log_cursor_copy(s->rule);
        return true;
    case LANE_COUNT:
        break;
    }
    return false;
}
