/* DESIGN
 * A lane is a kind of question with its own clock: when it is due, how many of its tasks are out,
 * how often it failed in a row. A round is all tasks of a lane sent together (the segments of a
 * load, one query a status); a lane is due again only after its round was answered.
 *
 * A request number tells lane, part and round, so a late answer of an abandoned round is known and
 * ignored. An answer that never comes (its task was dropped) is given up after LOST_MS.
 *
 * What to follow by (mode) comes from DescribeTable. The stream's position is taken up before or
 * while the load runs, so that no change falls between the two. */
#include "work/schedule.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

enum lane_id {
    LANE_INFO,
    LANE_IDENTITY,
    LANE_OUTBOX,
    LANE_STREAM,
    LANE_LOAD,
    LANE_STATUS,
    LANE_ACTIVE,
    LANE_LIST_BATCH,
    LANE_DESCRIBE,
    LANE_DETAIL,
    LANE_LOG,
    LANE_COUNT
};

#define NEVER INT64_MAX

struct lane {
    int64_t due; /* NEVER: not planned */
    int64_t heard;
    unsigned out; /* tasks under way */
    uint16_t round;
    int failures;
    bool forced;      /* asked for by a person: goes also while paused */
    bool again;       /* asked for while a round was under way: another one right after it */
    bool failed_part; /* of the round under way */
};

enum mode { MODE_UNKNOWN, MODE_STREAM, MODE_INDEX, MODE_PLAIN };

enum {
    SECOND = 1000,
    MINUTE = 60 * SECOND,
    LOST_MS = 3 * MINUTE,
    BOOST_MS = MINUTE, /* after an action things are expected to happen */
    OVERLAP_MS = 15 * SECOND,
    SEGMENTS = 4,
    SEGMENT_ITEMS = 1000, /* fewer are read in one piece */
    IDS_MAX = 300,        /* asked for at a time; the others take turns */
    LOG_FAST = 2 * SECOND,
    LOG_SLOW = 10 * SECOND
};

static const char *const status_words[] = {"PENDING",   "QUEUED", "IN_PROGRESS",
                                           "COMPLETED", "FAILED", "CANCELLED"};
enum { STATUS_WORDS = sizeof status_words / sizeof *status_words };

struct schedule {
    struct lane lanes[LANE_COUNT];
    double scale; /* refresh_s / 3 */
    uint32_t random;
    enum mode mode;
    struct table_info info;
    bool stream_denied; /* the identity may not read it: the next best way then */
    int stream_lost;    /* how often it was not where DescribeTable said */
    bool status_denied;
    bool status_covers; /* the queries under way began after the stream's position was taken */
    bool paused;
    bool loaded; /* the first load is complete */
    int segments;
    bool segment_done[SEGMENTS];
    size_t load_count; /* records of the load under way, and then of the last one */
    size_t count;
    struct stream_cursor *stream;
    char stream_arn[sizeof((struct table_info *)NULL)->stream_arn];
    int64_t wall_ms;        /* latest reply's time: the schedule has no clock of its own */
    int64_t wall_mono_ms;   /* when that was */
    int64_t load_wall_ms;   /* when the load began */
    int64_t status_wall_ms; /* when the last whole round of queries began; TIME_NONE */
    int64_t status_sent_ms;
    int64_t listed_wall_ms; /* the same for ListJobs */
    int64_t list_sent_ms;
    int64_t boost_until;           /* mono */
    int64_t calm_at;               /* mono: when `slow` is halved */
    int slow;                      /* 1-8: everything this much rarer, after throttling */
    uint64_t throttles;            /* counter of the client when last seen */
    size_t active_at, describe_at; /* whose turn it is */
    size_t active_len, batch_len;  /* of the last view */
    char *detail_id;
    bool detail_active;
    char *log_id;
    struct log_cursor *log;
    int log_wait;
};

/* ---- time ---- */

static uint32_t next_random(struct schedule *s)
{
    s->random ^= s->random << 13;
    s->random ^= s->random >> 17;
    s->random ^= s->random << 5;
    return s->random;
}

/* +-20 %. */
static int64_t jitter(struct schedule *s, int64_t ms)
{
    return ms * (int64_t)(800 + next_random(s) % 401) / 1000;
}

static int64_t scaled(const struct schedule *s, int64_t ms)
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

/* Of the records: fast while something happens. */
static int64_t pace(const struct schedule *s, int64_t now)
{
    if (boosted(s, now)) {
        int64_t fast = scaled(s, 3 * SECOND);
        return fast > 1500 ? 1500 : fast;
    }
    return scaled(s, s->active_len > 0 ? 3 * SECOND : 15 * SECOND);
}

/* The whole table again: at most about two read units a second on average. */
static int64_t scan_pace(const struct schedule *s)
{
    int64_t ms = (int64_t)(s->count / 16) * SECOND;
    int64_t least = s->mode == MODE_INDEX ? 30 * MINUTE : scaled(s, 10 * SECOND);

    return ms < least ? least : ms > 60 * MINUTE ? 60 * MINUTE : ms;
}

static int64_t list_pace(const struct schedule *s, int64_t now)
{
    bool unmatched = s->active_len > s->batch_len;

    if (unmatched && boosted(s, now)) {
        return 3 * SECOND;
    }
    return scaled(s, unmatched ? 10 * SECOND : MINUTE);
}

static int64_t interval(const struct schedule *s, enum lane_id id, int64_t now)
{
    switch (id) {
    case LANE_INFO:
    case LANE_IDENTITY:
        return 10 * MINUTE;
    case LANE_OUTBOX:
        return 15 * SECOND;
    case LANE_STREAM: /* reading where nothing happened costs no read units: somebody else's deploy
                         is seen soon */
        return s->active_len > 0 || boosted(s, now) ? pace(s, now) : scaled(s, 5 * SECOND);
    case LANE_STATUS:
        return pace(s, now);
    case LANE_ACTIVE:
        return s->mode == MODE_PLAIN ? pace(s, now) : scaled(s, 15 * SECOND);
    case LANE_LOAD:
        return scan_pace(s);
    case LANE_LIST_BATCH:
        return list_pace(s, now);
    case LANE_DESCRIBE:
        return boosted(s, now) ? 3 * SECOND : scaled(s, 10 * SECOND);
    case LANE_DETAIL:
        return !s->detail_active ? scaled(s, 30 * SECOND)
               : boosted(s, now) ? pace(s, now)
                                 : scaled(s, 3 * SECOND);
    case LANE_LOG:
        return s->log_wait;
    case LANE_COUNT:
        break;
    }
    return MINUTE;
}

static int64_t back_off(const struct schedule *s, enum lane_id id, enum err_code code)
{
    bool soon = code == E_NET || code == E_TIMEOUT || code == E_CREDS || code == E_EXPIRED;
    int64_t cap = soon ? 15 * SECOND : MINUTE;
    int64_t ms = 2 * SECOND;

    for (int i = 1; i < s->lanes[id].failures && ms < cap; i++) {
        ms *= 2;
    }
    return ms > cap ? cap : ms;
}

/* ---- lanes ---- */

static void plan(struct lane *l, int64_t at)
{
    l->due = at;
}

/* Now, or right after what is under way. */
static void plan_now(struct lane *l, int64_t now)
{
    l->again = l->out > 0;
    l->due = now;
}

static void plan_off(struct lane *l)
{
    l->due = NEVER;
    l->forced = false;
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
    s->slow = 1;
    s->log_wait = LOG_FAST;
    for (int i = 0; i < LANE_COUNT; i++) {
        plan_off(&s->lanes[i]);
    }
    plan(&s->lanes[LANE_INFO], INT64_MIN);
    plan(&s->lanes[LANE_IDENTITY], INT64_MIN);
    plan(&s->lanes[LANE_OUTBOX], INT64_MIN);
    plan(&s->lanes[LANE_LIST_BATCH], INT64_MIN);
    return s;
}

void schedule_free(struct schedule *s)
{
    if (s != NULL) {
        stream_cursor_free(s->stream);
        free(s->detail_id);
        free(s->log_id);
        free(s->log);
        free(s);
    }
}

/* A task list under construction. */
struct out {
    struct task *head;
    struct task **tail;
};

static struct task *emit(struct schedule *s, struct out *o, enum lane_id id, unsigned part,
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

/* Up to IDS_MAX of a list, going on where the last round ended. */
static void some_ids(struct task *t, const char *const *ids, size_t len, size_t *at)
{
    size_t n = len < IDS_MAX ? len : IDS_MAX;

    if (len == 0) {
        return;
    }
    if (*at >= len) {
        *at = 0;
    }
    t->ids = xcalloc(n, sizeof *t->ids);
    for (size_t i = 0; i < n; i++) {
        t->ids[t->ids_len++] = xstrdup(ids[(*at + i) % len]);
    }
    *at = (*at + n) % len;
}

static void ask_load(struct schedule *s, struct out *o, int64_t now)
{
    bool again = true;

    for (int i = 0; i < s->segments; i++) {
        again = again && s->segment_done[i];
    }
    if (again || s->segments == 0) { /* a new load; else the segments that failed */
        s->segments =
            s->info.item_count >= SEGMENT_ITEMS || s->count >= SEGMENT_ITEMS ? SEGMENTS : 1;
        memset(s->segment_done, 0, sizeof s->segment_done);
        s->load_count = 0;
        s->load_wall_ms = wall_at(s, now);
    }
    for (int i = 0; i < s->segments; i++) {
        if (!s->segment_done[i]) {
            struct task *t = emit(s, o, LANE_LOAD, (unsigned)i, TASK_LOAD, now);
            t->segment = i;
            t->segments = s->segments;
        }
    }
}

static void ask_status(struct schedule *s, struct out *o, const struct schedule_view *v,
                       int64_t now)
{
    int64_t since = s->status_wall_ms == TIME_NONE ? s->load_wall_ms : s->status_wall_ms;

    /* Writers' clocks differ from ours: the newest time seen may lie behind or ahead. */
    if (v->newest_updated_ms != TIME_NONE && v->newest_updated_ms < since) {
        since = v->newest_updated_ms;
    }
    s->status_sent_ms = wall_at(s, now);
    s->status_covers = s->stream != NULL;
    for (unsigned i = 0; i < STATUS_WORDS; i++) {
        struct task *t = emit(s, o, LANE_STATUS, i, TASK_QUERY_STATUS, now);
        t->text = xstrdup(status_words[i]);
        t->since_ms = since == TIME_NONE ? TIME_NONE : since - OVERLAP_MS;
        t->whole = s->info.status_index_all;
    }
}

static void ask_stream(struct schedule *s, struct out *o, int64_t now)
{
    struct task *t = emit(s, o, LANE_STREAM, 0, TASK_STREAM, now);

    t->text = xstrdup(s->stream_arn);
    t->stream = s->stream == NULL ? stream_cursor_new() : stream_cursor_copy(s->stream);
}

static void ask_list_batch(struct schedule *s, struct out *o, int64_t now)
{
    struct task *t = emit(s, o, LANE_LIST_BATCH, 0, TASK_LIST_BATCH, now);

    s->list_sent_ms = wall_at(s, now);
    t->since_ms = s->listed_wall_ms == TIME_NONE ? TIME_NONE : s->listed_wall_ms - 5 * MINUTE;
}

/* True when something was asked. */
static bool ask(struct schedule *s, struct out *o, enum lane_id id, const struct schedule_view *v,
                int64_t now)
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
        if (v->active_len == 0) {
            return false;
        }
        t = emit(s, o, id, 0, TASK_GET_JOBS, now);
        some_ids(t, v->active_ids, v->active_len, &s->active_at);
        return true;
    case LANE_LIST_BATCH:
        ask_list_batch(s, o, now);
        return true;
    case LANE_DESCRIBE:
        if (v->batch_len == 0) {
            return false;
        }
        t = emit(s, o, id, 0, TASK_DESCRIBE_BATCH, now);
        some_ids(t, v->batch_ids, v->batch_len, &s->describe_at);
        return true;
    case LANE_DETAIL:
        t = emit(s, o, id, 0, TASK_DETAIL, now);
        t->job_id = xstrdup(s->detail_id);
        return true;
    case LANE_LOG:
        t = emit(s, o, id, 0, TASK_LOG, now);
        t->job_id = xstrdup(s->log_id);
        t->log = xmalloc(sizeof *t->log);
        *t->log = *s->log;
        return true;
    case LANE_COUNT:
        break;
    }
    return false;
}

static bool may_go(const struct schedule *s, const struct lane *l)
{
    return l->out == 0 && (!s->paused || l->forced);
}

struct task *schedule_due(struct schedule *s, const struct schedule_view *v, int64_t now)
{
    static const struct schedule_view nothing = {.newest_updated_ms = TIME_NONE};
    struct out o = {.tail = &o.head};

    v = v == NULL ? &nothing : v;
    s->active_len = v->active_len;
    s->batch_len = v->batch_len;
    for (int i = 0; i < LANE_COUNT; i++) {
        struct lane *l = &s->lanes[i];
        if (l->out > 0 && now - l->heard > LOST_MS) {
            l->out = 0; /* its task was dropped: ask again */
            l->round++;
            plan(l, now);
        }
        if (!may_go(s, l) || l->due > now) {
            continue;
        }
        l->round++;
        l->failed_part = false;
        if (!ask(s, &o, (enum lane_id)i, v, now)) {
            plan(l, now + jitter(s, interval(s, (enum lane_id)i, now)));
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

/* ---- what replies do ---- */

/* A whole load from the beginning; not while one is under way. */
static void start_load(struct schedule *s, int64_t now)
{
    if (s->lanes[LANE_LOAD].out == 0) {
        s->segments = 0;
        plan(&s->lanes[LANE_LOAD], now);
    }
}

static bool has_status(const struct schedule *s)
{
    return s->info.status_index && !s->status_denied;
}

/* How to follow, by what the table has and the identity may read. A change of it while the
 * program runs is answered with a new load, as something may have been missed on the way. */
static void pick_mode(struct schedule *s, int64_t now)
{
    const char *arn = s->stream_denied ? "" : s->info.stream_arn;
    enum mode mode = arn[0] != '\0' ? MODE_STREAM : has_status(s) ? MODE_INDEX : MODE_PLAIN;
    bool reload = s->loaded;

    if (mode == s->mode && strcmp(arn, s->stream_arn) == 0) {
        return;
    }
    s->mode = mode;
    (void)memset(s->stream_arn, 0, sizeof s->stream_arn);
    (void)memcpy(s->stream_arn, arn, strnlen(arn, sizeof s->stream_arn - 1));
    stream_cursor_free(s->stream);
    s->stream = NULL;
    plan_off(&s->lanes[LANE_STREAM]);
    plan_off(&s->lanes[LANE_STATUS]);
    plan_off(&s->lanes[LANE_ACTIVE]);
    if (mode == MODE_STREAM) {
        plan(&s->lanes[LANE_STREAM], now);
    }
    /* The stream's position comes before the load, unless queries can fill in what lies between. */
    if (reload || mode != MODE_STREAM || has_status(s)) {
        start_load(s, now);
    }
    plan_now(&s->lanes[LANE_DESCRIBE], now);
}

static void saw_info(struct schedule *s, const struct msg *m, int64_t now)
{
    if (m->err.code == E_OK && m->u.table != NULL) {
        s->info = *m->u.table;
        pick_mode(s, now);
    }
}

/* After the load: the lanes that keep it true. */
static void saw_load_end(struct schedule *s, int64_t now)
{
    for (int i = 0; i < s->segments; i++) {
        if (!s->segment_done[i]) {
            return; /* the failed ones come again */
        }
    }
    s->count = s->load_count;
    s->loaded = true;
    if (has_status(s)) {
        s->status_wall_ms = TIME_NONE; /* from the load's beginning */
        plan_now(&s->lanes[LANE_STATUS], now);
    }
    if (s->mode != MODE_STREAM) {
        plan(&s->lanes[LANE_ACTIVE], now + scaled(s, 3 * SECOND));
    }
}

static void saw_stream(struct schedule *s, const struct msg *m, int64_t now)
{
    bool first = s->stream == NULL;

    if (m->err.code == E_NOT_FOUND) {
        stream_cursor_free(s->stream);
        s->stream = NULL;
        plan_now(&s->lanes[LANE_INFO], now); /* the table was made anew, or its stream was */
    }
    if (m->err.code == E_DENIED || (m->err.code == E_NOT_FOUND && s->stream_lost++ > 1)) {
        s->stream_denied = true;
        pick_mode(s, now);
    }
    if (m->err.code != E_OK && s->stream == NULL) {
        return;
    }
    if (m->u.stream.cursor != NULL && m->u.stream.cursor->len > 0) {
        stream_cursor_free(s->stream);
        s->stream = stream_cursor_copy(m->u.stream.cursor);
    }
    if (m->err.code != E_OK) {
        return;
    }
    if (m->u.stream.gap || (!s->loaded && s->lanes[LANE_LOAD].due == NEVER)) {
        start_load(s, now);
    }
    if (first && s->loaded && has_status(s)) {
        plan_now(&s->lanes[LANE_STATUS], now); /* what came before the position was taken */
    }
}

static void saw_log(struct schedule *s, const struct msg *m)
{
    if (s->log == NULL || m->u.log.cursor == NULL) {
        return;
    }
    *s->log = *m->u.log.cursor;
    if (m->u.log.page.len > 0) {
        s->log_wait = m->u.log.page.at_end ? LOG_FAST : 0;
    } else {
        s->log_wait = s->log_wait < LOG_FAST ? LOG_FAST : s->log_wait * 3 / 2;
        s->log_wait = s->log_wait > LOG_SLOW ? LOG_SLOW : s->log_wait;
        s->log_wait = m->u.log.page.at_end || m->err.code != E_OK ? s->log_wait : 0;
    }
}

static bool is_last(const struct msg *m)
{
    return m->kind != MSG_JOBS && m->kind != MSG_GONE && m->kind != MSG_BATCH &&
           m->kind != MSG_BATCH_GONE;
}

static void saw_throttles(struct schedule *s, const struct msg *m, int64_t now)
{
    if (m->stats.throttles > s->throttles) {
        s->slow = s->slow * 2 > 8 ? 8 : s->slow * 2;
        s->calm_at = now + MINUTE;
    } else if (s->slow > 1 && now >= s->calm_at) {
        s->slow /= 2;
        s->calm_at = now + MINUTE;
    }
    s->throttles = m->stats.throttles > s->throttles ? m->stats.throttles : s->throttles;
}

/* The link works again: what failed for want of it need not wait for its back-off. */
static void wake_failed(struct schedule *s, int64_t now)
{
    for (int i = 0; i < LANE_COUNT; i++) {
        if (s->lanes[i].failures > 1 && s->lanes[i].due != NEVER && s->lanes[i].due > now) {
            s->lanes[i].failures = 1;
            plan(&s->lanes[i], now);
        }
    }
}

/* A round is over: when is the next one? */
static void round_over(struct schedule *s, enum lane_id id, const struct msg *m, int64_t now)
{
    struct lane *l = &s->lanes[id];

    if (l->failed_part) {
        l->failures++;
        plan(l, now + jitter(s, back_off(s, id, m->err.code)));
    } else {
        if (l->failures > 1) {
            wake_failed(s, now);
        }
        l->failures = 0;
        plan(l, now + jitter(s, interval(s, id, now)) * s->slow);
    }
    if (l->again) {
        l->again = false;
        plan(l, now);
    }
}

static void apply(struct schedule *s, enum lane_id id, unsigned part, const struct msg *m,
                  int64_t now)
{
    bool ok = m->err.code == E_OK;

    switch (id) {
    case LANE_INFO:
        saw_info(s, m, now);
        break;
    case LANE_STREAM:
        saw_stream(s, m, now);
        break;
    case LANE_LOAD:
        if (part < SEGMENTS) {
            s->segment_done[part] = ok;
        }
        break;
    case LANE_DETAIL:
        s->detail_active = !ok || m->u.detail == NULL ||
                           !job_status_final((enum job_status)m->u.detail->state.status);
        break;
    case LANE_LOG:
        saw_log(s, m);
        break;
    default:
        break;
    }
}

/* After the usual planning: lanes that end, or that wait for others. */
static void after_round(struct schedule *s, enum lane_id id, const struct msg *m, int64_t now)
{
    struct lane *l = &s->lanes[id];
    bool ok = !l->failed_part;

    switch (id) {
    case LANE_OUTBOX:
        if (ok && m->u.outbox.left == 0) {
            plan_off(l);
        }
        break;
    case LANE_LOAD:
        if (ok) {
            saw_load_end(s, now);
            if (s->mode == MODE_STREAM) {
                plan_off(l); /* the stream tells the rest */
            }
        }
        break;
    case LANE_STATUS:
        s->status_wall_ms = ok ? s->status_sent_ms : s->status_wall_ms;
        if (ok && s->mode == MODE_STREAM && s->status_covers) {
            plan_off(l); /* it only filled the time before the stream's position */
        }
        if (m->err.code == E_DENIED) {
            s->status_denied = true;
            plan_off(l);
            pick_mode(s, now);
        }
        break;
    case LANE_LIST_BATCH:
        s->listed_wall_ms = ok ? s->list_sent_ms : s->listed_wall_ms;
        break;
    case LANE_STREAM:
        if (m->err.code == E_NOT_FOUND || m->err.code == E_DENIED) {
            plan_off(l); /* until the table is looked at again, or for good */
            s->stream_arn[0] = '\0';
            s->mode = s->mode == MODE_STREAM ? MODE_UNKNOWN : s->mode;
        }
        break;
    case LANE_DETAIL:
        if (m->err.code == E_NOT_FOUND || s->detail_id == NULL) {
            plan_off(l);
        }
        break;
    case LANE_LOG:
        if (s->log == NULL || m->err.code == E_NOT_FOUND ||
            (ok && m->u.log.page.at_end && s->log->final)) {
            plan_off(l);
        }
        break;
    default:
        break;
    }
}

static void saw_action(struct schedule *s, const struct msg *m, int64_t now)
{
    if (m->kind == MSG_DEPLOYED && m->err.code != E_OK && m->u.deployed.kept) {
        plan(&s->lanes[LANE_OUTBOX], now + interval(s, LANE_OUTBOX, now));
    }
    if (m->kind == MSG_DEPLOYED || m->kind == MSG_CANCELLED || m->kind == MSG_CANCEL_ENDED) {
        s->boost_until = now + BOOST_MS;
        schedule_hurry(s);
    }
}

void schedule_saw(struct schedule *s, const struct msg *m, int64_t now)
{
    enum lane_id id = (enum lane_id)(m->request >> 24 & 0x7f);
    unsigned part = m->request >> 16 & 0xff;

    if (m->at_ms > 0) {
        s->wall_ms = m->at_ms;
        s->wall_mono_ms = now;
    }
    saw_throttles(s, m, now);
    if ((m->request & SCHEDULE_REQUEST) == 0) {
        saw_action(s, m, now);
        return;
    }
    struct lane *l = &s->lanes[id < LANE_COUNT ? id : 0];
    if (id >= LANE_COUNT || (uint16_t)m->request != l->round || l->out == 0) {
        return; /* of a round that was given up */
    }
    l->heard = now;
    if (id == LANE_LOAD && m->kind == MSG_JOBS) {
        s->load_count += m->u.jobs.len;
    }
    if (!is_last(m)) {
        return;
    }
    l->failed_part = l->failed_part || m->err.code != E_OK;
    l->out--;
    apply(s, id, part, m, now);
    if (l->out == 0) {
        round_over(s, id, m, now);
        after_round(s, id, m, now);
    }
}

/* ---- what the person does ---- */

void schedule_hurry(struct schedule *s)
{
    for (int i = 0; i < LANE_COUNT; i++) {
        struct lane *l = &s->lanes[i];
        /* Not the whole table, nor what is settled once. What is under way is asked again after. */
        bool settled = (i == LANE_LOAD && s->loaded) ||
                       ((i == LANE_INFO || i == LANE_IDENTITY) && l->failures == 0);
        if (l->due != NEVER && !settled) {
            l->failures = 0;
            l->forced = true;
            plan_now(l, INT64_MIN);
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

bool schedule_paused(const struct schedule *s)
{
    return s->paused;
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

void schedule_watch_detail(struct schedule *s, const char *job_id)
{
    struct lane *l = &s->lanes[LANE_DETAIL];

    if (job_id != NULL && s->detail_id != NULL && strcmp(job_id, s->detail_id) == 0) {
        return;
    }
    free(s->detail_id);
    s->detail_id = xstrdup(job_id);
    s->detail_active = true;
    l->out = 0; /* the answer for the old one is no longer waited for */
    l->round++;
    l->failures = 0;
    if (job_id == NULL) {
        plan_off(l);
    } else {
        plan(l, INT64_MIN);
        l->forced = true; /* a person looks at it: also while paused */
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
    l->out = 0;
    l->round++;
    l->failures = 0;
    if (job_id == NULL) {
        plan_off(l);
        return;
    }
    s->log = xcalloc(1, sizeof *s->log);
    s->log->since_ms = TIME_NONE;
    if (from != NULL) {
        *s->log = *from;
    }
    plan(l, INT64_MIN);
    l->forced = true;
}
