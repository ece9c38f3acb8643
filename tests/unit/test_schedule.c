/* The schedule of polls: what is asked when, and what replies change. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "work/schedule.h"

/* A table and its answers, played forward in time: no threads, no network, no clock. */
static struct world {
    struct schedule *s;
    int64_t now;
    struct table_info info;
    struct schedule_view view;
    int asked[TASK_KIND_COUNT];
    enum err_code fail[TASK_KIND_COUNT]; /* what this kind's answers say */
    bool silent[TASK_KIND_COUNT];        /* its tasks are lost */
    bool gap;
    int closed;            /* of the stream's shards: read to their end */
    size_t jobs_a_segment; /* each Scan segment brings so many */
    size_t records;        /* ... or so many all segments together */
    size_t read;           /* records that Scans brought */
    int outbox_left;
    bool outbox_alarm;
    int64_t last_since[TASK_KIND_COUNT];
    int64_t wide_since; /* of the queries with days of overlap: they are not in `asked` */
    int wide;
    size_t last_ids;
    uint64_t throttles;
} w;

static const int64_t wall = 1700000000000;

static void setup(void)
{
    w = (struct world){.s = schedule_new(3, 42), .now = 1000000};
    w.view.newest_updated_ms = TIME_NONE;
    (void)strcpy(w.info.status, "ACTIVE");
}

static void teardown(void)
{
    schedule_free(w.s);
}

TestSuite(schedule, .init = setup, .fini = teardown, .timeout = 120);

static enum msg_kind last_kind(enum task_kind k)
{
    switch (k) {
    case TASK_TABLE_INFO:
        return MSG_TABLE_INFO;
    case TASK_IDENTITY:
        return MSG_IDENTITY;
    case TASK_STREAM:
        return MSG_STREAM;
    case TASK_DETAIL:
        return MSG_DETAIL;
    case TASK_LOG:
        return MSG_LOG;
    case TASK_OUTBOX:
        return MSG_OUTBOX;
    default:
        return MSG_DONE;
    }
}

static struct msg *answer_of(const struct task *t)
{
    struct msg *m = msg_new(last_kind(t->kind), t);

    m->at_ms = wall + w.now;
    m->err.code = w.fail[t->kind];
    m->stats.throttles = w.throttles;
    if (m->kind == MSG_TABLE_INFO && m->err.code == E_OK) {
        m->u.table = xmalloc(sizeof w.info);
        *m->u.table = w.info;
    } else if (m->kind == MSG_STREAM) {
        m->u.stream.cursor = stream_cursor_copy(task_as(t, stream).cursor);
        if (m->u.stream.cursor->len == 0 && m->err.code == E_OK) {
            free(m->u.stream.cursor->shards);
            m->u.stream.cursor->shards = xcalloc(1, sizeof(struct stream_shard));
            m->u.stream.cursor->len = 1;
        }
        m->u.stream.gap = w.gap;
        w.gap = false;
        for (size_t i = 0; i < m->u.stream.cursor->len; i++) {
            m->u.stream.cursor->shards[i].closed = w.closed;
        }
    } else if (m->kind == MSG_OUTBOX) {
        m->u.outbox.left = w.outbox_left;
        m->u.outbox.alarm[0] = w.outbox_alarm ? '!' : '\0';
    } else if (m->kind == MSG_LOG) {
        m->u.log.cursor = xmalloc(sizeof *m->u.log.cursor);
        *m->u.log.cursor = *task_as(t, log);
        m->u.log.page.at_end = true;
    }
    return m;
}

static int64_t since_of(const struct task *t)
{
    return t->kind == TASK_QUERY_STATUS ? task_as(t, status).since_ms
           : t->kind == TASK_LIST_BATCH ? task_as(t, list_batch).since_ms
                                        : TIME_NONE;
}

static size_t ids_of(const struct task *t)
{
    bool has = t->kind == TASK_GET_JOBS || t->kind == TASK_DESCRIBE_BATCH;

    return has ? task_as(t, ids).len : 0;
}

/* How many records a Scan of this part brings. */
static size_t records_of(const struct task *t)
{
    bool scans = t->kind == TASK_LOAD || t->kind == TASK_SWEEP;
    size_t parts = scans ? (size_t)task_as(t, part).segments : 1;
    size_t at = scans ? (size_t)task_as(t, part).segment : 0;

    if (w.records == 0) {
        return w.jobs_a_segment;
    }
    return w.records / parts + (at < w.records % parts);
}

/* Asks once and answers all of it. */
static int turn(void)
{
    struct task *t = schedule_due(w.s, &w.view, w.now);
    int n = 0;

    while (t != NULL) {
        struct task *next = t->next;
        int64_t since = since_of(t);
        if (t->kind == TASK_QUERY_STATUS && since % (24 * 3600000) == 0) {
            w.wide++;
            w.wide_since = since;
        } else {
            w.asked[t->kind]++;
            w.last_since[t->kind] = since;
        }
        w.last_ids = ids_of(t);
        cr_assert(t->request & SCHEDULE_REQUEST);
        if (records_of(t) > 0 && (t->kind == TASK_LOAD || t->kind == TASK_SWEEP)) {
            struct msg *page = msg_new(MSG_JOBS, t);
            page->u.jobs.len = records_of(t); /* only their number counts */
            (void)schedule_saw(w.s, page, w.now);
            w.read += page->u.jobs.len;
            page->u.jobs.len = 0;
            msg_free(page);
        }
        if (!w.silent[t->kind]) {
            struct msg *m = answer_of(t);
            schedule_saw(w.s, m, w.now);
            msg_free(m);
        }
        task_free(t);
        t = next;
        n++;
    }
    return n;
}

/* Plays `ms` forward; the counts of what was asked start at 0. */
static void play(int64_t ms)
{
    int64_t end = w.now + ms;
    int turns = 0;

    memset(w.asked, 0, sizeof w.asked);
    w.wide = 0;
    w.read = 0;
    for (;;) {
        while (turn() > 0) {
            cr_assert_lt(turns++, 20000, "it asks without end");
        }
        int wait = schedule_wait_ms(w.s, w.now);
        if (wait < 0 || w.now + wait > end) {
            break;
        }
        cr_assert_gt(wait, 0, "nothing was due, yet it does not want to wait");
        w.now += wait;
    }
    w.now = end;
}

static void active(size_t n, bool known_to_batch)
{
    static const char *ids[1000];
    static const char *batch[1000];

    for (size_t i = 0; i < n; i++) {
        ids[i] = "job_1";
        batch[i] = "b-1";
    }
    w.view.active_ids = ids;
    w.view.active_len = n;
    w.view.batch_ids = batch;
    w.view.batch_len = known_to_batch ? n : 0;
    w.view.lively = n;
    w.view.lively_alone = known_to_batch ? 0 : n;
}

Test(schedule, asks_what_the_table_has_before_it_loads)
{
    struct task *t = schedule_due(w.s, &w.view, w.now);
    bool info = false;

    while (t != NULL) {
        struct task *next = t->next;
        info = info || t->kind == TASK_TABLE_INFO;
        cr_assert_neq(t->kind, TASK_LOAD);
        task_free(t);
        t = next;
    }
    cr_assert(info);
    cr_assert(schedule_loading(w.s, NULL, NULL));
    cr_assert_null(schedule_due(w.s, &w.view, w.now), "a kind is not asked again while it is out");
}

Test(schedule, a_small_table_loads_in_one_piece_a_large_one_in_four)
{
    int done, segments;

    play(1000);
    cr_assert_eq(w.asked[TASK_LOAD], 1);
    cr_assert_not(schedule_loading(w.s, &done, &segments));
    schedule_free(w.s);
    w.s = schedule_new(3, 1);
    w.info.item_count = 100000;
    play(1000);
    cr_assert_eq(w.asked[TASK_LOAD], 4);
    cr_assert_not(schedule_loading(w.s, &done, &segments));
    cr_assert_eq(done, 4);
    cr_assert_eq(segments, 4);
}

Test(schedule, plain_table_polls_the_active_jobs_and_scans_now_and_then)
{
    active(5, true);
    play(2000);
    play(60000);
    cr_assert(w.asked[TASK_GET_JOBS] >= 15 && w.asked[TASK_GET_JOBS] <= 26, "%d in a minute",
              w.asked[TASK_GET_JOBS]);
    cr_assert(w.asked[TASK_SWEEP] >= 4 && w.asked[TASK_SWEEP] <= 8, "%d scans",
              w.asked[TASK_SWEEP]);
    cr_assert_eq(w.asked[TASK_LOAD], 0);
    cr_assert(w.asked[TASK_DESCRIBE_BATCH] >= 4 && w.asked[TASK_DESCRIBE_BATCH] <= 8);
    cr_assert_eq(w.asked[TASK_QUERY_STATUS], 0);
    cr_assert_eq(w.asked[TASK_STREAM], 0);
}

Test(schedule, nothing_active_makes_it_slow)
{
    play(2000);
    play(60000);
    cr_assert_eq(w.asked[TASK_GET_JOBS], 0);
    cr_assert_eq(w.asked[TASK_DESCRIBE_BATCH], 0);
    cr_assert_leq(w.asked[TASK_LIST_BATCH], 2);
}

Test(schedule, batch_is_listed_in_full_after_the_records_were_read)
{
    w.silent[TASK_LOAD] = true;
    play(2000);
    cr_expect_geq(w.asked[TASK_LIST_BATCH], 1, "not later than before");
    cr_expect(!schedule_listed_all(w.s), "its answer may have been dropped for want of records");
    w.silent[TASK_LOAD] = false;
    w.fail[TASK_LIST_BATCH] = E_NET;
    play(15 * 60000);
    cr_expect(!schedule_loading(w.s, NULL, NULL) && !schedule_listed_all(w.s));
    cr_expect_eq(w.last_since[TASK_LIST_BATCH], TIME_NONE, "it begins anew");
    w.fail[TASK_LIST_BATCH] = E_OK;
    play(5 * 60000);
    cr_expect(schedule_listed_all(w.s));
    cr_expect_neq(w.last_since[TASK_LIST_BATCH], TIME_NONE, "then only what is new");
}

Test(schedule, status_index_is_queried_once_a_status_from_before_the_load)
{
    w.info.status_index = true;
    active(1, true);
    play(2000);
    cr_assert_geq(w.asked[TASK_QUERY_STATUS], 6);
    cr_assert_leq(w.last_since[TASK_QUERY_STATUS], wall + 1000000, "from before the load began");
    cr_assert_geq(w.last_since[TASK_QUERY_STATUS], wall + 1000000 - 60000);
    play(30000);
    cr_assert_eq(w.asked[TASK_QUERY_STATUS] % 6, 0);
    cr_assert(w.asked[TASK_QUERY_STATUS] >= 6 * 8 && w.asked[TASK_QUERY_STATUS] <= 6 * 13);
    cr_assert_eq(w.asked[TASK_LOAD], 0, "no scan while the index tells");
    cr_assert_geq(w.last_since[TASK_QUERY_STATUS], wall + w.now - 40000, "it moves on with time");
}

Test(schedule, times_in_other_zones_and_late_clocks_are_asked_for_with_days_of_overlap)
{
    w.info.status_index = true;
    play(5000);
    play(120000);
    cr_assert_eq(w.wide % 12, 0, "each status, in capitals and in small letters");
    cr_assert(w.wide >= 12 * 3 && w.wide <= 12 * 5, "%d", w.wide);
    cr_assert_leq(w.wide_since, wall + w.now - 26 * 3600000,
                  "the farthest zone, and a blank for T");
    cr_assert_geq(w.wide_since, wall + w.now - 51 * 3600000);
}

Test(schedule, a_large_table_is_read_again_in_parts_within_an_hour)
{
    for (int mode = 0; mode < 3; mode++) {
        schedule_free(w.s);
        w.s = schedule_new(3, 1);
        w.info.item_count = 100000;
        w.info.status_index = mode == 1;
        (void)strcpy(w.info.stream_arn, mode == 2 ? "arn:stream" : "");
        w.jobs_a_segment = 25000;
        play(5000);
        w.jobs_a_segment = 250;
        play(3600000);
        cr_assert(w.asked[TASK_SWEEP] >= 400 && w.asked[TASK_SWEEP] <= 520, "mode %d: %d", mode,
                  w.asked[TASK_SWEEP]);
        cr_assert_eq(w.asked[TASK_LOAD], 0);
    }
}

Test(schedule, a_small_table_without_a_stream_is_read_again_within_a_minute)
{
    for (int mode = 0; mode < 2; mode++) {
        schedule_free(w.s);
        w.s = schedule_new(3, 1);
        w.info.status_index = mode == 1;
        w.records = 1900;
        play(5000);
        play(60000);
        cr_assert_geq(w.asked[TASK_SWEEP], 8, "all eight parts, mode %d: %d", mode,
                      w.asked[TASK_SWEEP]);
    }
}

enum { WAY_SCAN, WAY_INDEX, WAY_STREAM, WAY_DENIED_INDEX, WAYS };

static void begin(int way)
{
    schedule_free(w.s);
    w = (struct world){.s = schedule_new(3, 1), .now = 1000000};
    w.view.newest_updated_ms = TIME_NONE;
    (void)strcpy(w.info.status, "ACTIVE");
    w.info.status_index = way == WAY_INDEX || way == WAY_DENIED_INDEX;
    (void)strcpy(w.info.stream_arn, way == WAY_STREAM ? "arn:stream" : "");
    w.fail[TASK_QUERY_STATUS] = way == WAY_DENIED_INDEX ? E_DENIED : E_OK;
}

Test(schedule, a_table_is_read_once_and_then_at_the_pace_of_what_was_counted)
{
    static const size_t sizes[] = {0, 1, 500, 1999, 100000};

    for (int way = 0; way < WAYS; way++) {
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            for (int told = 0; told < 2; told++) { /* AWS's own count may be hours old */
                begin(way);
                w.records = sizes[i];
                w.info.item_count = told ? (int64_t)sizes[i] : 0;
                play(600000);
                int segments = told && sizes[i] >= 1000 ? 4 : 1;
                cr_expect_eq(w.asked[TASK_LOAD], segments, "way %d, %zu records: %d loads", way,
                             sizes[i], w.asked[TASK_LOAD]);
                /* of a large table a fifth is read again in ten minutes, a small one all the
                 * time */
                size_t most = sizes[i] > 2000     ? sizes[i] + sizes[i] / 4
                              : way == WAY_STREAM ? 3 * sizes[i]
                                                  : 65 * sizes[i];
                cr_expect_leq(w.read, most, "way %d, %zu records: %zu were read", way, sizes[i],
                              w.read);
                int sweeps = way == WAY_STREAM                     ? (sizes[i] > 2000 ? 90 : 10)
                             : way == WAY_INDEX && sizes[i] <= 500 ? 45
                             : sizes[i] == 1999                    ? 150
                                                                   : 90;
                cr_expect_leq(w.asked[TASK_SWEEP], sweeps, "way %d, %zu records: %d parts", way,
                              sizes[i], w.asked[TASK_SWEEP]);
                cr_expect_eq(w.asked[TASK_GET_JOBS], 0, "nothing is active, nothing is shown");
                cr_expect_leq(w.asked[TASK_QUERY_STATUS], 6 * 51);
            }
        }
    }
}

Test(schedule, a_table_that_fills_at_once_is_read_once_more_and_then_slowly)
{
    for (int way = 0; way < WAYS; way++) {
        begin(way);
        play(60000);
        w.records = 100000; /* somebody restores it */
        play(1800000);
        cr_expect_geq(w.read, 100000, "way %d: %zu", way, w.read);
        cr_expect_leq(w.read, 170000, "way %d: %zu", way, w.read);
    }
}

Test(schedule, the_next_part_is_planned_by_what_the_last_sweep_counted)
{
    begin(WAY_SCAN);
    play(30000);
    w.records = 2000;
    do { /* until it is seen that the empty table is filled */
        play(100);
    } while (w.read == 0);
    play(6100); /* eight parts in forty seconds, not one in ten */
    cr_expect_eq(w.asked[TASK_SWEEP], 1);
}

Test(schedule, another_table_under_the_name_starts_anew_at_once)
{
    for (int mode = 0; mode < 3; mode++) {
        schedule_free(w.s);
        w.s = schedule_new(3, 1);
        w.info = (struct table_info){.status_index = mode == 1};
        (void)strcpy(w.info.status, "ACTIVE");
        (void)strcpy(w.info.id, "one");
        (void)strcpy(w.info.stream_arn, mode == 2 ? "arn:stream" : "");
        active(1, true);
        play(20000);
        for (int k = 0; k < TASK_KIND_COUNT; k++) { /* it is deleted */
            w.fail[k] = k == TASK_IDENTITY || k == TASK_OUTBOX ? E_OK : E_NOT_FOUND;
        }
        play(20000);
        cr_assert_geq(w.asked[TASK_TABLE_INFO], 4, "mode %d: it asks: %d", mode,
                      w.asked[TASK_TABLE_INFO]);
        cr_assert_leq(w.asked[TASK_TABLE_INFO], 12);
        memset(w.fail, 0, sizeof w.fail);
        (void)strcpy(w.info.id, "two");
        (void)strcpy(w.info.stream_arn, mode == 2 ? "arn:stream2" : "");
        play(6000);
        cr_assert_eq(w.asked[TASK_LOAD], 1, "mode %d: the new one is read at once", mode);
        cr_assert_not(schedule_loading(w.s, NULL, NULL));
        (void)strcpy(w.info.id, "three"); /* between two polls, without an error */
        (void)strcpy(w.info.stream_arn, mode == 2 ? "arn:stream3" : "");
        play(40000);
        cr_assert_eq(w.asked[TASK_LOAD], 1, "mode %d: within the minute", mode);
    }
}

Test(schedule, a_table_that_is_being_made_is_not_read_yet)
{
    (void)strcpy(w.info.status, "CREATING");
    play(10000);
    cr_assert_eq(w.asked[TASK_LOAD], 0);
    cr_assert_geq(w.asked[TASK_TABLE_INFO], 4);
    (void)strcpy(w.info.status, "ACTIVE");
    play(3000);
    cr_assert_eq(w.asked[TASK_LOAD], 1);
}

Test(schedule, a_shard_that_ends_without_children_asks_for_the_table)
{
    (void)strcpy(w.info.stream_arn, "arn:stream");
    active(1, true);
    play(20000);
    w.closed = 1;
    play(10000);
    cr_assert(w.asked[TASK_TABLE_INFO] >= 2 && w.asked[TASK_TABLE_INFO] <= 6, "%d",
              w.asked[TASK_TABLE_INFO]);
    w.closed = 0;
    w.gap = true;
    play(10000);
    cr_assert_geq(w.asked[TASK_TABLE_INFO], 1, "a gap asks too");
}

Test(schedule, a_gap_while_the_load_is_under_way_loads_once_more)
{
    (void)strcpy(w.info.stream_arn, "arn:stream");
    w.silent[TASK_LOAD] = true;
    struct task *load = NULL;
    for (int i = 0; i < 4 && load == NULL; i++) {
        struct task *t = schedule_due(w.s, &w.view, w.now);
        while (t != NULL) {
            struct task *next = t->next;
            if (t->kind == TASK_LOAD) {
                load = t;
            } else {
                struct msg *m = answer_of(t);
                (void)schedule_saw(w.s, m, w.now);
                msg_free(m);
                task_free(t);
            }
            t = next;
        }
        w.now += 10;
    }
    cr_assert_not_null(load);
    cr_assert(task_as(load, part).anew, "a load that begins anew says so");
    w.gap = true;
    play(20000);
    cr_assert_eq(w.asked[TASK_LOAD], 0, "not two at once");
    struct msg *m = answer_of(load);
    (void)schedule_saw(w.s, m, w.now);
    msg_free(m);
    task_free(load);
    cr_assert(schedule_loading(w.s, NULL, NULL), "what was read may have missed something");
    w.silent[TASK_LOAD] = false;
    play(5000);
    cr_assert_eq(w.asked[TASK_LOAD], 1);
    cr_assert_not(schedule_loading(w.s, NULL, NULL));
}

Test(schedule, doubts_are_asked_for_soon_and_until_none_is_left)
{
    static const char *ids[] = {"x", "y"};

    (void)strcpy(w.info.stream_arn, "arn:stream");
    play(5000);
    w.view.doubt_ids = ids;
    w.view.doubt_len = 2;
    schedule_doubts(w.s, w.now);
    play(400);
    cr_assert_eq(w.asked[TASK_GET_JOBS], 1);
    cr_assert_eq(w.last_ids, 2);
    play(3000);
    cr_assert(w.asked[TASK_GET_JOBS] >= 2 && w.asked[TASK_GET_JOBS] <= 4, "%d",
              w.asked[TASK_GET_JOBS]);
    w.view.doubt_len = 0;
    play(2000);
    play(60000);
    cr_assert_eq(w.asked[TASK_GET_JOBS], 0);
}

Test(schedule, reads_by_id_that_are_denied_are_not_tried_again_and_again)
{
    static const char *ids[] = {"x"};

    (void)strcpy(w.info.stream_arn, "arn:stream");
    play(5000);
    w.fail[TASK_GET_JOBS] = E_DENIED;
    w.view.doubt_ids = ids;
    w.view.doubt_len = 1;
    schedule_doubts(w.s, w.now);
    play(120000);
    cr_assert_eq(w.asked[TASK_GET_JOBS], 1, "%d", w.asked[TASK_GET_JOBS]);
    cr_assert_eq(schedule_fresh(w.s, w.now).follow, FOLLOW_LIVE);
}

Test(schedule, what_is_shown_is_asked_by_id_within_a_minute_where_no_stream_tells)
{
    static const char *ids[] = {"x"};

    w.view.shown_ids = ids;
    w.view.shown_len = 1;
    w.info.status_index = true;
    play(5000);
    play(60000);
    cr_assert(w.asked[TASK_GET_JOBS] >= 2 && w.asked[TASK_GET_JOBS] <= 4, "%d",
              w.asked[TASK_GET_JOBS]);
    schedule_free(w.s);
    w.s = schedule_new(3, 1);
    (void)strcpy(w.info.stream_arn, "arn:stream");
    play(5000);
    play(60000);
    cr_assert_eq(w.asked[TASK_GET_JOBS], 0);
    schedule_hurry(w.s);
    play(100);
    cr_assert_eq(w.asked[TASK_GET_JOBS], 1, "`r` reads again what is shown");
}

Test(schedule, a_deleted_table_is_not_live_while_its_stream_still_answers)
{
    (void)strcpy(w.info.stream_arn, "arn:stream");
    play(20000);
    cr_assert_eq(schedule_fresh(w.s, w.now).follow, FOLLOW_LIVE);
    w.fail[TASK_TABLE_INFO] = E_NOT_FOUND;
    play(60000);
    cr_assert_eq(schedule_fresh(w.s, w.now).follow, FOLLOW_NOT);
    cr_assert_geq(w.now - schedule_fresh(w.s, w.now).heard_ms, 25000, "nothing new was heard");
    w.fail[TASK_TABLE_INFO] = E_OK;
    play(60000);
    cr_assert_eq(schedule_fresh(w.s, w.now).follow, FOLLOW_LIVE);
}

Test(schedule, freshness_tells_how_the_list_is_followed)
{
    cr_assert_eq(schedule_fresh(w.s, w.now).follow, FOLLOW_NOT);
    play(2000);
    cr_assert_eq(schedule_fresh(w.s, w.now).follow, FOLLOW_POLLS);
    schedule_pause(w.s, true);
    cr_assert_eq(schedule_fresh(w.s, w.now).follow, FOLLOW_NOT);
    schedule_free(w.s);
    w.s = schedule_new(3, 1);
    (void)strcpy(w.info.stream_arn, "arn:stream");
    play(20000);
    cr_assert_eq(schedule_fresh(w.s, w.now).follow, FOLLOW_LIVE);
    w.fail[TASK_STREAM] = E_THROTTLED;
    play(120000);
    cr_assert_eq(schedule_fresh(w.s, w.now).follow, FOLLOW_NOT, "the stream says nothing");
}

Test(schedule, a_writer_whose_clock_is_ahead_hides_nothing)
{
    w.info.status_index = true;
    active(1, true);
    w.view.newest_updated_ms = wall + 1000000 + 3600000;
    play(10000);
    cr_assert_leq(w.last_since[TASK_QUERY_STATUS], wall + w.now);
}

Test(schedule, a_stream_is_taken_up_before_the_load)
{
    (void)strcpy(w.info.stream_arn, "arn:stream");
    (void)turn(); /* table info and the like */
    w.silent[TASK_STREAM] = true;
    (void)turn();
    cr_assert_eq(w.asked[TASK_STREAM], 1);
    cr_assert_eq(w.asked[TASK_LOAD], 0);
    schedule_free(w.s);
    w.s = schedule_new(3, 1);
    w.silent[TASK_STREAM] = false;
    play(1000);
    cr_assert_eq(w.asked[TASK_LOAD], 1);
}

Test(schedule, a_stream_alone_keeps_the_list_true)
{
    (void)strcpy(w.info.stream_arn, "arn:stream");
    w.info.status_index = true;
    active(2, true);
    play(5000);
    cr_assert_eq(w.asked[TASK_LOAD], 1);
    play(60000);
    cr_assert_eq(w.asked[TASK_QUERY_STATUS], 0);
    cr_assert_eq(w.asked[TASK_GET_JOBS], 0);
    cr_assert_eq(w.asked[TASK_LOAD], 0);
    cr_assert(w.asked[TASK_STREAM] >= 15 && w.asked[TASK_STREAM] <= 26, "%d", w.asked[TASK_STREAM]);
}

Test(schedule, a_gap_in_the_stream_loads_all_again)
{
    (void)strcpy(w.info.stream_arn, "arn:stream");
    play(5000);
    w.gap = true;
    play(20000);
    cr_assert_eq(w.asked[TASK_LOAD], 1);
    play(20000);
    cr_assert_eq(w.asked[TASK_LOAD], 0);
}

Test(schedule, a_stream_that_may_not_be_read_gives_way_to_the_next_best)
{
    (void)strcpy(w.info.stream_arn, "arn:stream");
    w.fail[TASK_STREAM] = E_DENIED;
    active(1, true);
    play(5000);
    cr_assert_eq(w.asked[TASK_STREAM], 1);
    play(30000);
    cr_assert_eq(w.asked[TASK_STREAM], 0);
    cr_assert_geq(w.asked[TASK_GET_JOBS], 8);
    play(900000);
    cr_assert_eq(w.asked[TASK_STREAM], 0, "nor is it asked after the table is looked at again");
}

Test(schedule, a_stream_that_is_gone_is_not_asked_for_ever)
{
    (void)strcpy(w.info.stream_arn, "arn:stream");
    w.fail[TASK_STREAM] = E_NOT_FOUND;
    play(60000);
    cr_assert_leq(w.asked[TASK_STREAM], 4);
    cr_assert_leq(w.asked[TASK_LOAD], 12);
    cr_assert_not(schedule_loading(w.s, NULL, NULL));
}

Test(schedule, an_index_that_may_not_be_read_gives_way_too)
{
    w.info.status_index = true;
    w.fail[TASK_QUERY_STATUS] = E_DENIED;
    active(1, true);
    play(5000);
    play(30000);
    cr_assert_eq(w.asked[TASK_QUERY_STATUS], 0);
    cr_assert_geq(w.asked[TASK_GET_JOBS], 8);
}

Test(schedule, failures_back_off_and_a_success_wakes_the_rest)
{
    active(1, true);
    play(5000);
    for (int k = 0; k < TASK_KIND_COUNT; k++) {
        w.fail[k] = E_NET;
    }
    play(300000);
    cr_assert_leq(w.asked[TASK_GET_JOBS], 45, "%d tries in five dead minutes",
                  w.asked[TASK_GET_JOBS]);
    cr_assert_geq(w.asked[TASK_GET_JOBS], 15, "but it does not give up");
    memset(w.fail, 0, sizeof w.fail);
    play(20000);
    cr_assert_geq(w.asked[TASK_DESCRIBE_BATCH], 1);
    cr_assert_geq(w.asked[TASK_GET_JOBS], 4, "back at its pace");
}

Test(schedule, a_failed_segment_alone_is_read_again)
{
    w.info.item_count = 100000;
    w.silent[TASK_LOAD] = true;
    (void)turn();
    memset(w.asked, 0, sizeof w.asked);
    struct task *t = schedule_due(w.s, &w.view, w.now);
    for (int i = 0; t != NULL; i++) {
        struct task *next = t->next;
        if (t->kind == TASK_LOAD) {
            struct msg *m = answer_of(t);
            m->err.code = task_as(t, part).segment == 2 ? E_TIMEOUT : E_OK;
            schedule_saw(w.s, m, w.now);
            msg_free(m);
        }
        task_free(t);
        t = next;
    }
    int done, segments;
    cr_assert(schedule_loading(w.s, &done, &segments));
    cr_assert_eq(done, 3);
    w.silent[TASK_LOAD] = false;
    play(10000);
    cr_assert_eq(w.asked[TASK_LOAD], 1);
    cr_assert_not(schedule_loading(w.s, NULL, NULL));
}

Test(schedule, an_action_makes_everything_relevant_due_at_once)
{
    active(1, false);
    play(70000);
    struct task ui = {.kind = TASK_DEPLOY, .request = 5};
    struct msg *m = msg_new(MSG_DEPLOYED, &ui);
    schedule_saw(w.s, m, w.now);
    msg_free(m);
    cr_assert_eq(schedule_wait_ms(w.s, w.now), 0);
    play(0);
    cr_assert_eq(w.asked[TASK_GET_JOBS], 1);
    cr_assert_eq(w.asked[TASK_LIST_BATCH], 1);
    cr_assert_eq(w.asked[TASK_LOAD], 0, "but not the whole table");
    play(30000);
    cr_assert_geq(w.asked[TASK_GET_JOBS], 14, "and fast for a while: %d", w.asked[TASK_GET_JOBS]);
    cr_assert_geq(w.asked[TASK_LIST_BATCH], 6, "until Batch has the new job");
}

Test(schedule, a_request_kept_in_the_outbox_is_resumed)
{
    play(1000);
    cr_assert_eq(w.asked[TASK_OUTBOX], 1, "at the start");
    play(60000);
    cr_assert_eq(w.asked[TASK_OUTBOX], 1, "it is empty: a look each minute");
    w.outbox_left = 1; /* another mvpdash left something in it */
    play(60000);
    play(60000);
    cr_assert_geq(w.asked[TASK_OUTBOX], 3, "it is seen");
    w.outbox_left = 0;
    play(20000);
    struct task ui = {.kind = TASK_DEPLOY, .request = 5};
    struct msg *m = msg_new(MSG_DEPLOYED, &ui);
    m->err.code = E_NET;
    m->u.deployed.kept = true;
    schedule_saw(w.s, m, w.now);
    msg_free(m);
    w.outbox_left = 1;
    play(40000);
    cr_assert_geq(w.asked[TASK_OUTBOX], 2);
    w.outbox_left = 0;
    play(20000);
    play(60000);
    cr_assert_leq(w.asked[TASK_OUTBOX], 1);
}

Test(schedule, what_a_person_has_to_deal_with_in_the_outbox_is_looked_at_until_it_is_gone)
{
    w.outbox_alarm = true;
    play(61000);
    cr_assert_geq(w.asked[TASK_OUTBOX], 4);
    w.outbox_alarm = false;
    play(20000);
    play(60000);
    cr_assert_leq(w.asked[TASK_OUTBOX], 1, "then a look each minute");
}

Test(schedule, pause_stops_the_polls_but_not_what_a_person_asks_for)
{
    active(1, true);
    play(5000);
    schedule_pause(w.s, true);
    play(60000);
    for (int k = 0; k < TASK_KIND_COUNT; k++) {
        cr_assert_eq(w.asked[k], 0, "kind %d", k);
    }
    cr_assert_eq(schedule_wait_ms(w.s, w.now), -1);
    schedule_hurry(w.s);
    play(30000);
    cr_assert_eq(w.asked[TASK_GET_JOBS], 1, "`r` asks once");
    schedule_watch_detail(w.s, "job_1");
    play(30000);
    cr_assert_eq(w.asked[TASK_DETAIL], 1);
    schedule_pause(w.s, false);
    play(10000);
    cr_assert_geq(w.asked[TASK_GET_JOBS], 2);
}

Test(schedule, throttling_slows_everything_down_and_calm_undoes_it)
{
    active(1, true);
    play(5000);
    play(60000);
    int before = w.asked[TASK_GET_JOBS];
    w.throttles = 5;
    play(60000);
    cr_assert_lt(w.asked[TASK_GET_JOBS], before * 3 / 4);
    play(180000);
    play(60000);
    cr_assert_gt(w.asked[TASK_GET_JOBS], before * 3 / 4);
}

Test(schedule, a_lost_answer_is_given_up_and_a_late_one_ignored)
{
    active(1, true);
    play(5000);
    w.silent[TASK_GET_JOBS] = true;
    play(100000);
    cr_assert_eq(w.asked[TASK_GET_JOBS], 1);
    w.silent[TASK_GET_JOBS] = false;
    play(120000);
    cr_assert_geq(w.asked[TASK_GET_JOBS], 2);
    struct task old = {.kind = TASK_GET_JOBS, .request = SCHEDULE_REQUEST | 6u << 24 | 1};
    struct msg *m = msg_new(MSG_DONE, &old);
    schedule_saw(w.s, m, w.now);
    msg_free(m);
    play(10000);
}

Test(schedule, thousands_of_active_jobs_take_turns)
{
    active(1000, true);
    play(5000);
    play(4000);
    cr_assert_leq(w.last_ids, 300);
    cr_assert_leq(w.asked[TASK_GET_JOBS], 3);
}

Test(schedule, a_log_is_tailed_slower_when_nothing_comes_and_ends_with_the_job)
{
    struct log_cursor from = {.since_ms = TIME_NONE};

    play(2000);
    schedule_watch_log(w.s, "job_1", &from);
    play(60000);
    cr_assert(w.asked[TASK_LOG] >= 6 && w.asked[TASK_LOG] <= 14, "%d", w.asked[TASK_LOG]);
    from.final = true;
    schedule_watch_log(w.s, "job_1", &from);
    play(60000);
    cr_assert_eq(w.asked[TASK_LOG], 1, "read to its final end");
    schedule_watch_log(w.s, NULL, NULL);
    play(60000);
    cr_assert_eq(w.asked[TASK_LOG], 0);
}

Test(schedule, silent_jobs_are_looked_up_in_their_logs_once_a_minute)
{
    static const struct silent_log silent[] = {
        {"job",     "",       "stream"},
        {"another", "/group", "its"   }
    };

    play(120000);
    cr_expect_eq(w.asked[TASK_LOG_STAGE], 0, "nobody is silent");
    w.view.silent = silent;
    w.view.silent_len = 2;
    play(300000);
    cr_expect_geq(w.asked[TASK_LOG_STAGE], 4);
    cr_expect_leq(w.asked[TASK_LOG_STAGE], 7);
    w.view.silent_len = 0;
    play(300000);
    cr_expect_eq(w.asked[TASK_LOG_STAGE], 0, "the records speak again");
    w.view.silent_len = 1;
    w.fail[TASK_LOG_STAGE] = E_DENIED;
    play(600000);
    cr_expect_gt(w.asked[TASK_LOG_STAGE], 0);
    cr_expect_leq(w.asked[TASK_LOG_STAGE], 20, "refused, it is asked rarely");
}

Test(schedule, refresh_seconds_scale_the_pace)
{
    schedule_free(w.s);
    w.s = schedule_new(30, 42);
    active(1, true);
    play(40000);
    play(300000);
    cr_assert(w.asked[TASK_GET_JOBS] >= 7 && w.asked[TASK_GET_JOBS] <= 14, "%d",
              w.asked[TASK_GET_JOBS]);
}

Test(schedule, survives_replies_that_make_no_sense)
{
    play(1000);
    for (uint32_t r = 0; r < 128; r++) {
        for (int k = 0; k < MSG_KIND_COUNT; k++) {
            struct task t = {.kind = TASK_LOAD, .request = SCHEDULE_REQUEST | r << 24 | 0xff0000};
            struct msg *m = msg_new((enum msg_kind)k, &t);
            schedule_saw(w.s, m, w.now);
            msg_free(m);
        }
    }
    play(10000);
}
