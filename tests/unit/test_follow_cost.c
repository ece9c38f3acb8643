/* What following the jobs costs: a model, a made-up table and hours that pass at once. Requests are
 * counted, and a job that changes after days of silence has to be seen in time. */
#include <criterion/criterion.h>

#include "app/model.h"
#include "app_fixture.h"
#include "core/path.h"
#include "core/strbuf.h"

#define HOUR_MS (3600 * INT64_C(1000))
#define HOUR_S 3600
#define DAY_S (24 * HOUR_S)

enum way { BY_SCAN, BY_INDEX, BY_STREAM, WAYS };
static const char *const way_names[WAYS] = {"scan", "index", "stream"};

/* The table: record i is that of the job "job_i". */
enum { TABLE_MAX = 100000, RECORDS_MAX = 5000, PAGE = 250 };
static struct record {
    char id[16], batch[16];
    const char *status;
    int64_t updated_s;
    bool told; /* the stream has told of its last change */
} table[TABLE_MAX];
static size_t records;

static struct world {
    struct bench b;
    enum way way;
    enum err_code fail; /* what reads by id answer */
    bool sweep_fails;   /* parts of the table cannot be read after the load */
    bool batch_runs;    /* Batch runs each job: lists tell a summary, descriptions all */
    int asked[TASK_KIND_COUNT];
    int batches;          /* BatchGetItem requests of at most 100 ids */
    int describes;        /* DescribeJobs requests of at most 100 ids */
    size_t read;          /* records that came by id */
    int times[TABLE_MAX]; /* how often each of them did */
    size_t scanned;
    double units; /* that AWS counted since the start, and the requests */
    uint64_t requests;
    size_t dynamodb; /* requests to DynamoDB and its streams alone */
} w;

/* ---- the made-up AWS ---- */

static void reply(struct msg *m)
{
    m->stats.requests = w.requests;
    m->stats.read_units = w.units;
    bench_msg(&w.b, m);
}

static struct job *job_at(size_t i)
{
    const struct record *r = &table[i];

    return fixture_job(&(struct job_spec){.id = r->id,
                                          .status = r->status,
                                          .name = "Startup",
                                          .batch = r->batch[0] == '\0' ? NULL : r->batch,
                                          .created_s = r->updated_s,
                                          .updated_s = r->updated_s});
}

static size_t index_of(const char *id)
{
    return (size_t)strtoul(id + strlen("job_"), NULL, 10);
}

/* A page of the records that are wanted, at most PAGE. */
struct page {
    const struct task *t;
    struct msg *m;
};

static void page_end(struct page *p)
{
    if (p->m != NULL) {
        reply(p->m);
        p->m = NULL;
    }
}

static void page_add(struct page *p, size_t i)
{
    if (p->m == NULL) {
        p->m = msg_new(MSG_JOBS, p->t);
        p->m->u.jobs.items = xcalloc(PAGE, sizeof(struct job *));
    }
    p->m->u.jobs.items[p->m->u.jobs.len++] = job_at(i);
    if (p->m->u.jobs.len == PAGE) {
        page_end(p);
    }
}

static void say_done(const struct task *t, enum msg_kind kind, enum err_code code)
{
    struct msg *m = msg_new(kind, t);

    m->err.code = code;
    reply(m);
}

static void say_ids(const struct task *t, enum msg_kind kind, char **ids, size_t len)
{
    struct msg *m = len == 0 ? NULL : msg_new(kind, t);

    if (m == NULL) {
        free(ids);
        return;
    }
    m->u.gone.ids = ids;
    m->u.gone.len = len;
    reply(m);
}

/* Tells what Batch has of the jobs `at`: as ListJobs does, or in full. */
static void say_batch(const struct task *t, const size_t *at, size_t len, bool whole)
{
    struct msg *m = msg_new(MSG_BATCH_JOBS, t);

    m->u.batch.items = xcalloc(len + 1, sizeof(struct batch_job *));
    for (size_t i = 0; i < len; i++) {
        cJSON *d = json_new_object();
        json_set_str(d, "jobId", table[at[i]].batch);
        json_set_str(d, "jobName", "n");
        json_set_str(d, "status", "RUNNING");
        json_set_int(d, "createdAt", T0 + table[at[i]].updated_s * 1000);
        if (whole) {
            json_set_str(d, "jobQueue", "q");
        }
        m->u.batch.items[m->u.batch.len++] = batch_job_from_json(d);
        cJSON_Delete(d);
    }
    reply(m);
}

static void list_batch(const struct task *t)
{
    size_t *at = xcalloc(records, sizeof *at), len = 0;

    for (size_t i = 0; i < records && w.batch_runs; i++) {
        if (table[i].batch[0] != '\0' &&
            (task_as(t, list_batch).since_ms == TIME_NONE ||
             T0 + table[i].updated_s * 1000 >= task_as(t, list_batch).since_ms)) {
            at[len++] = i;
        }
    }
    say_batch(t, at, len, false);
    free(at);
    say_done(t, MSG_DONE, E_OK);
}

/* The requests that bring so many records: DynamoDB reads a megabyte at once. */
static size_t pages(size_t len)
{
    return 1 + len * 3 / 2 / 1024;
}

static void scan(const struct task *t)
{
    struct page p = {.t = t};
    if (w.sweep_fails && t->kind == TASK_SWEEP) {
        say_done(t, MSG_DONE, E_NET);
        return;
    }
    size_t parts = (size_t)task_as(t, part).segments, at = (size_t)task_as(t, part).segment;

    w.dynamodb += pages((records + parts - 1 - at) / parts);
    for (size_t i = at; i < records; i += parts) {
        page_add(&p, i);
        w.scanned++;
        w.units += 0.5 * 1.5 / 4;
    }
    page_end(&p);
    say_done(t, MSG_DONE, E_OK);
}

static void query(const struct task *t)
{
    struct page p = {.t = t};
    size_t found = 0;

    w.units += 0.5;
    for (size_t i = 0; i < records; i++) {
        if (strcmp(table[i].status, task_as(t, status).word) == 0 &&
            T0 + table[i].updated_s * 1000 >= task_as(t, status).since_ms) {
            page_add(&p, i);
            w.units += 0.5 * 1.5 / 4;
            found++;
        }
    }
    w.dynamodb += pages(found);
    page_end(&p);
    say_done(t, MSG_DONE, E_OK);
}

static void get(const struct task *t)
{
    struct page p = {.t = t};
    const struct task_ids *ids = &task_as(t, ids);

    w.batches += (int)(ids->len + 99) / 100;
    w.dynamodb += (ids->len + 99) / 100;
    if (w.fail != E_OK) {
        say_done(t, MSG_DONE, w.fail);
        return;
    }
    for (size_t i = 0; i < ids->len; i++) {
        page_add(&p, index_of(ids->items[i]));
        w.times[index_of(ids->items[i])]++;
        w.read++;
        w.units += 1;
    }
    page_end(&p);
    say_done(t, MSG_DONE, E_OK);
}

static void describe(const struct task *t)
{
    const struct task_ids *ids = &task_as(t, ids);
    char **gone = xcalloc(ids->len + 1, sizeof *gone);

    w.describes += (int)(ids->len + 99) / 100;
    if (w.batch_runs) {
        size_t *at = xcalloc(ids->len + 1, sizeof *at);
        for (size_t i = 0; i < ids->len; i++) {
            at[i] = (size_t)strtoul(ids->items[i] + strlen("b-"), NULL, 10);
        }
        say_batch(t, at, ids->len, true);
        free(at);
        free(gone);
        say_done(t, MSG_DONE, E_OK);
        return;
    }
    for (size_t i = 0; i < ids->len; i++) {
        gone[i] = xstrdup(ids->items[i]);
    }
    say_ids(t, MSG_BATCH_GONE, gone, ids->len);
    say_done(t, MSG_DONE, E_OK);
}

static void stream(const struct task *t)
{
    struct page p = {.t = t};
    bool first = task_as(t, stream).cursor->len == 0;
    struct stream_cursor *c = stream_cursor_copy(task_as(t, stream).cursor);

    w.dynamodb++;
    for (size_t i = 0; i < records && !first; i++) {
        if (!table[i].told) {
            page_add(&p, i);
        }
        table[i].told = true;
    }
    page_end(&p);
    if (first) {
        free(c->shards);
        c->shards = xcalloc(1, sizeof *c->shards);
        c->len = 1;
    }
    struct msg *m = msg_new(MSG_STREAM, t);
    m->u.stream.cursor = c;
    reply(m);
}

static void info(const struct task *t)
{
    struct msg *m = msg_new(MSG_TABLE_INFO, t);
    struct table_info *x = xcalloc(1, sizeof *x);

    w.dynamodb++;
    snprintf(x->status, sizeof x->status, "ACTIVE");
    snprintf(x->id, sizeof x->id, "table");
    x->status_index = w.way == BY_INDEX;
    if (w.way == BY_STREAM) {
        snprintf(x->stream_arn, sizeof x->stream_arn, "arn:stream");
    }
    m->u.table = x;
    reply(m);
}

static void answer(const struct task *t)
{
    w.asked[t->kind]++;
    w.requests++;
    switch (t->kind) {
    case TASK_TABLE_INFO:
        info(t);
        break;
    case TASK_LOAD:
    case TASK_SWEEP:
        scan(t);
        break;
    case TASK_QUERY_STATUS:
        query(t);
        break;
    case TASK_GET_JOBS:
        get(t);
        break;
    case TASK_DESCRIBE_BATCH:
        describe(t);
        break;
    case TASK_LIST_BATCH:
        list_batch(t);
        break;
    case TASK_STREAM:
        stream(t);
        break;
    case TASK_IDENTITY:
        say_done(t, MSG_IDENTITY, E_OK);
        break;
    case TASK_OUTBOX:
        say_done(t, MSG_OUTBOX, E_OK);
        break;
    case TASK_DETAIL:
        say_done(t, MSG_DETAIL, E_NOT_FOUND);
        break;
    default:
        say_done(t, MSG_DONE, E_OK);
        break;
    }
}

/* ---- time ---- */

/* Answers what was asked, and what is asked because of the answers. */
static void settle(void)
{
    for (int i = 0; i < 1000; i++) {
        struct effects fx = w.b.fx;
        bool any = false;
        w.b.fx = (struct effects){0};
        for (size_t k = 0; k < fx.len; k++) {
            if (fx.items[k].kind == EFF_SUBMIT) {
                answer(fx.items[k].task);
                any = true;
            }
        }
        effects_clear(&fx);
        if (!any) {
            return;
        }
    }
    cr_assert_fail("it asks without end");
}

/* Lets `ms` pass. The counts begin at 0. */
static void play(int64_t ms)
{
    int64_t end = w.b.mono_ms + ms;

    memset(w.asked, 0, sizeof w.asked);
    memset(w.times, 0, sizeof w.times);
    w.batches = w.describes = 0;
    w.read = w.scanned = w.dynamodb = 0;
    settle();
    while (w.b.mono_ms < end) {
        int64_t wait = schedule_wait_ms(w.b.m->desk.schedule, w.b.mono_ms);
        wait = wait < 0 || wait > 5000 ? 5000 : wait < 100 ? 100 : wait;
        bench_tick(&w.b, wait > end - w.b.mono_ms ? end - w.b.mono_ms : wait);
        settle();
    }
}

static const char *status_of(size_t i)
{
    const struct entry *e = store_find(w.b.m->desk.store, table[i].id);

    const char *word = e == NULL ? NULL : job_text(e->job, JOB_STATUS_TEXT);

    return word == NULL ? "" : word;
}

/* The milliseconds until the list shows what the table says of a record; `most` when it does not
 * by then. */
static int64_t seen_after(size_t i, int64_t most)
{
    int64_t begin = w.b.mono_ms;

    while (w.b.mono_ms - begin < most && strcmp(status_of(i), table[i].status) != 0) {
        play(1000);
    }
    return w.b.mono_ms - begin;
}

static void end_job(size_t i)
{
    table[i].status = "COMPLETED";
    table[i].updated_s = (w.b.now_ms - T0) / 1000;
    table[i].told = false;
}

/* Makes a table of `len` records in which three of ten never ended. The last time that these were
 * touched is `silent_s` before the start; the others are newer. */
static void begin(enum way way, size_t len, int64_t silent_s)
{
    records = len;
    for (size_t i = 0; i < len; i++) {
        struct record *r = &table[i];
        bool open = i % 10 >= 7;
        *r = (struct record){.status = open ? "IN_PROGRESS" : "COMPLETED", .told = true};
        snprintf(r->id, sizeof r->id, "job_%zu", i);
        r->updated_s = open ? -silent_s : -(int64_t)i - 60;
        if (open && i % 20 >= 10) {
            snprintf(r->batch, sizeof r->batch, "b-%zu", i);
        }
    }
    w = (struct world){.b = bench_new(), .way = way};
}

/* Does the window for the key `i` say this? */
static bool says(const char *text)
{
    struct surface s = {0};

    bench_key(&w.b, "i");
    surface_init(&s, 40, 100, false);
    draw_model(&s, w.b.m);
    char *screen = surface_text(&s);
    bool found = strstr(screen, text) != NULL;
    if (!found) {
        cr_log_warn("%s", screen);
    }
    free(screen);
    surface_done(&s);
    bench_key(&w.b, "Esc");
    return found;
}

static void finish(void)
{
    bench_free(&w.b);
}

/* ---- the promises ---- */

TestSuite(followcost, .timeout = 300);

Test(followcost, jobs_that_nobody_touched_for_days_are_not_asked_for)
{
    for (int way = 0; way < WAYS; way++) {
        begin((enum way)way, RECORDS_MAX, 30 * DAY_S);
        play(HOUR_MS / 2); /* Batch is asked once for each */
        play(HOUR_MS);
        /* The rows on the screen are asked for every twenty seconds, with a stream every five
         * minutes. */
        cr_expect_leq(w.batches, way == BY_STREAM ? 15 : 230, "%s: %d BatchGetItem an hour",
                      way_names[way], w.batches);
        cr_expect_leq(w.read, way == BY_STREAM ? 15 * 22 : 230 * 22, "%s: %zu records by id",
                      way_names[way], w.read);
        cr_expect_leq(w.describes, 0, "%s: %d DescribeJobs", way_names[way], w.describes);
        cr_expect_leq(w.asked[TASK_LIST_BATCH], 80, "%s: %d ListJobs", way_names[way],
                      w.asked[TASK_LIST_BATCH]);
        cr_expect_leq(w.scanned, RECORDS_MAX * 13, "%s: %zu records by Scan", way_names[way],
                      w.scanned);
        /* Nothing lively: a question every 15 seconds for each of six states, and wide ones. */
        cr_expect_leq(w.asked[TASK_QUERY_STATUS], 6 * 320 + 12 * 160, "%s: %d Query",
                      way_names[way], w.asked[TASK_QUERY_STATUS]);
        cr_expect_leq(w.asked[TASK_STREAM], 950, "%s: %d GetRecords", way_names[way],
                      w.asked[TASK_STREAM]);
        finish();
    }
}

/* Leaves a single job that is not over, silent for so long; it is not on the screen. */
enum { ONE = 9 };
static void begin_one(enum way way, int64_t silent_s)
{
    begin(way, 1000, silent_s);
    for (size_t i = 0; i < records; i++) {
        table[i].batch[0] = '\0';
        if (i != ONE) {
            table[i].status = "COMPLETED";
            table[i].updated_s = -60;
        }
    }
}

/* How often a job is asked for in the hour that begins `at_s` after the last change, when the
 * answer never tells anything new. `batch`: its Batch job, else its record. */
static int times_in_hour(int64_t at_s, bool batch)
{
    const struct job_spec spec = {.id = "job", .status = "IN_PROGRESS", .batch = "b"};
    struct store *s = store_new(NULL);
    struct store_asks asks;
    int n = 0;

    for (int64_t t = at_s - HOUR_S; t <= at_s + HOUR_S; t += 3) {
        int64_t now = T0 + t * 1000;
        struct job *j = fixture_job(&spec);
        store_active(s, now, NULL, &asks);
        size_t due = batch ? asks.batch_len : asks.ids_len;
        n += t > at_s && due > 0;
        if (t == at_s - HOUR_S || (due > 0 && !batch)) {
            (void)store_put_heard(s, &j, 1, (struct heard){.how = HEARD_FIRM, .at_ms = t}, false,
                                  now);
        } else if (due > 0) {
            cJSON *d = json_new_object();
            json_set_str(d, "jobId", "b");
            json_set_str(d, "jobName", "n");
            json_set_str(d, "jobQueue", "q");
            json_set_str(d, "status", "RUNNING");
            json_set_int(d, "createdAt", T0);
            struct batch_job *b = batch_job_from_json(d);
            cJSON_Delete(d);
            (void)store_put_batch(s, &b, 1, now, now);
        }
        job_free(j);
    }
    store_free(s);
    return n;
}

Test(followcost, the_longer_a_job_is_silent_the_more_rarely_it_is_asked_for)
{
    static const struct {
        int hours;
        int records, batches; /* how often in an hour; every three seconds are 1200 times */
    } silent[] = {
        {1,       1200, 1200},
        {5,       1200, 1200},
        {8,       40,   40  },
        {12,      15,   15  },
        {24,      5,    5   },
        {46,      2,    2   },
        {49,      0,    2   },
        {24 * 9,  0,    1   },
        {24 * 40, 0,    1   },
    };

    for (size_t i = 0; i < sizeof silent / sizeof *silent; i++) {
        for (int batch = 0; batch < 2; batch++) {
            int want = batch ? silent[i].batches : silent[i].records;
            int n = times_in_hour((int64_t)silent[i].hours * HOUR_S, batch != 0);
            cr_expect(n >= want - 1 - want / 5 && n <= want + 1, "silent for %d hours: %d, not %d",
                      silent[i].hours, n, want);
        }
    }
}

Test(followcost, a_job_that_changes_after_days_is_seen_within_an_hour)
{
    static const struct {
        int64_t silent_s;
        int64_t most_ms[WAYS];
    } cases[] = {
        {0,          {5000, 5000, 5000}        },
        {5 * HOUR_S, {5000, 5000, 5000}        },
        {DAY_S,      {60000, 25000, 10000}     },
        {30 * DAY_S, {70 * 60000, 25000, 10000}},
    };

    for (int way = 0; way < WAYS; way++) {
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            begin_one((enum way)way, cases[i].silent_s);
            if (cases[i].silent_s == 30 * DAY_S) { /* a table that is not read within a minute */
                finish();
                begin((enum way)way, RECORDS_MAX, cases[i].silent_s);
            }
            play(HOUR_MS / 4);
            end_job(ONE);
            int64_t ms = seen_after(ONE, 2 * HOUR_MS);
            cr_expect_leq(ms, cases[i].most_ms[way] + 1000, "%s, silent for %lld h: %lld s",
                          way_names[way], (long long)(cases[i].silent_s / HOUR_S),
                          (long long)(ms / 1000));
            if (cases[i].silent_s >= DAY_S) { /* once it lives again, it is asked for as any */
                table[ONE].status = "IN_PROGRESS";
                table[ONE].updated_s++;
                table[ONE].told = false;
                (void)seen_after(ONE, 2 * HOUR_MS);
                play(60000);
                cr_expect(way != BY_SCAN || w.times[ONE] >= 12, "%d", w.times[ONE]);
            }
            finish();
        }
    }
}

Test(followcost, a_clock_of_a_writer_that_is_wrong_hides_no_change)
{
    begin_one(BY_SCAN, 30 * DAY_S);
    play(60000);
    table[ONE].status = "QUEUED"; /* its writer lives a month ago */
    table[ONE].updated_s++;
    cr_expect_leq(seen_after(ONE, HOUR_MS), 60000);
    play(HOUR_MS);
    cr_expect_geq(w.times[ONE], 900, "it was seen to change: %d", w.times[ONE]);
    finish();
}

Test(followcost, a_time_in_the_future_makes_no_job_lively_until_then)
{
    struct job_spec spec = {.id = "job", .status = "QUEUED", .updated_s = 400 * DAY_S};
    struct store *s = store_new(NULL);
    struct job *j = fixture_job(&spec);
    struct store_asks asks;

    (void)store_put_jobs(s, &j, 1, 1, false, T0);
    store_active(s, T0 + HOUR_MS, NULL, &asks);
    cr_expect_eq(asks.lively, 1, "it is lively when it is seen first");
    for (int h = 1; h < 30; h++) {
        (void)store_tick(s, T0 + h * HOUR_MS);
    }
    store_active(s, T0 + 30 * HOUR_MS, NULL, &asks);
    cr_expect_eq(asks.lively, 0, "but not for a year");
    spec.status = "IN_PROGRESS";
    j = fixture_job(&spec);
    (void)store_put_jobs(s, &j, 1, 1 + 30 * HOUR_MS, true, T0 + 30 * HOUR_MS);
    store_active(s, T0 + 31 * HOUR_MS, NULL, &asks);
    cr_expect_eq(asks.lively, 1, "it was seen to change");
    store_free(s);
}

Test(followcost, a_job_that_a_person_looks_at_is_asked_for_as_ever)
{
    for (int how = 0; how < 3; how++) {
        begin_one(BY_SCAN, 30 * DAY_S);
        play(60000);
        if (how == 0) { /* watched */
            cr_assert(store_watch(w.b.m->desk.store, table[ONE].id, true));
        } else if (how == 1) { /* selected */
            bench_key(&w.b, "G");
        } else { /* a cancel is under way */
            store_set_acting(w.b.m->desk.store, table[ONE].id, true);
        }
        play(HOUR_MS);
        cr_expect_geq(w.times[ONE], 900, "how %d: %d", how, w.times[ONE]);
        end_job(ONE);
        cr_expect_leq(seen_after(ONE, HOUR_MS), 6000, "how %d", how);
        finish();
    }
}

/* The detail tells how long a job runs to the second. */
Test(followcost, the_detail_of_a_silent_job_goes_on_every_second)
{
    begin_one(BY_SCAN, DAY_S);
    bench_resize(&w.b, 40, 100);
    play(60000);
    bench_key(&w.b, "G");
    bench_key(&w.b, "Enter");
    play(10000);
    for (int i = 0; i < 60; i++) {
        play(1000);
        cr_expect_leq(model_wait_ms(w.b.m, w.b.mono_ms), 1000);
    }
    finish();
}

Test(followcost, a_question_that_failed_is_asked_again)
{
    begin_one(BY_SCAN, DAY_S);
    play(60000);
    w.fail = E_NET;
    play(HOUR_MS / 2);
    w.fail = E_OK;
    play(0);
    end_job(ONE);
    cr_expect_leq(seen_after(ONE, HOUR_MS), 3 * 60000);
    finish();
}

/* ListJobs does not tell where the log of a job is, nor why it waits. */
Test(followcost, a_silent_job_of_which_a_list_told_is_described_soon)
{
    for (int way = 0; way < WAYS; way++) {
        begin_one((enum way)way, 30 * DAY_S);
        snprintf(table[ONE].batch, sizeof table[ONE].batch, "b-%d", ONE);
        w.batch_runs = true;
        play(30000);
        const struct entry *e = store_find(w.b.m->desk.store, table[ONE].id);
        cr_assert(e != NULL && e->batch != NULL);
        cr_expect(e->batch->detailed, "%s: %d DescribeJobs", way_names[way], w.describes);
        play(HOUR_MS);
        cr_expect(w.describes >= 1 && w.describes <= 2, "%s: %d", way_names[way], w.describes);
        finish();
    }
}

/* The machine may sleep for days, and the table may refuse to be read again. */
Test(followcost, a_job_that_nothing_tells_of_for_hours_is_asked_for)
{
    begin_one(BY_SCAN, 30 * DAY_S);
    play(60000);
    w.sweep_fails = true;
    end_job(ONE);
    play(HOUR_MS);
    cr_expect_str_eq(status_of(ONE), "IN_PROGRESS", "it is not asked for at once");
    play(2 * HOUR_MS);
    cr_expect_str_eq(status_of(ONE), "COMPLETED");
    finish();
    begin_one(BY_SCAN, HOUR_S);
    play(60000);
    w.sweep_fails = true;
    end_job(ONE);
    w.b.now_ms += 70 * HOUR_MS; /* the other clock stands still meanwhile */
    cr_expect_leq(seen_after(ONE, HOUR_MS), 2 * 60000);
    finish();
}

Test(followcost, a_clock_that_is_put_right_makes_no_job_look_silent)
{
    begin_one(BY_SCAN, 60);
    w.b.now_ms -= 20000 * 24 * HOUR_MS; /* it begins in 1970 */
    play(60000);
    w.b.now_ms = T0 + 60000;
    play(60000);
    end_job(ONE);
    cr_expect_leq(seen_after(ONE, HOUR_MS), 6000);
    finish();
}

Test(followcost, a_clock_that_is_set_back_stops_no_question)
{
    begin_one(BY_SCAN, DAY_S);
    play(HOUR_MS / 2);
    w.b.now_ms -= 20 * HOUR_MS;
    play(HOUR_MS);
    cr_expect_geq(w.times[ONE], 4, "%d", w.times[ONE]);
    finish();
}

Test(followcost, the_cost_is_told_as_aws_counts_it_and_before_that_by_an_estimate)
{
    static const char *const ways[WAYS] = {"reads by id and a slow scan", "its index by status",
                                           "its stream"};

    for (int way = 0; way < WAYS; way++) {
        begin((enum way)way, RECORDS_MAX, 30 * DAY_S);
        bench_resize(&w.b, 40, 100);
        play(30000);
        cr_expect(says(ways[way]) && says("an hour, an estimate"));
        play(HOUR_MS / 6);
        double units = w.units;
        play(HOUR_MS / 2);
        units = (w.units - units) * 2;
        struct cost_rate r;
        cr_assert(cost_an_hour(&w.b.m->cost, &r));
        cr_expect(r.read_units > units * 0.7 && r.read_units < units * 1.4,
                  "%s: %.0f, and AWS counted %.0f", way_names[way], r.read_units, units);
        double estimate = schedule_cost(w.b.m->desk.schedule, w.b.mono_ms).read_units;
        cr_expect(estimate > units * 0.6 && estimate < units * 1.6,
                  "%s: estimated %.0f, and AWS counted %.0f", way_names[way], estimate, units);
        cr_expect(says("an hour, counted by AWS over"));
        finish();
    }
}

Test(followcost, an_hour_is_told_from_the_minutes_since_the_load)
{
    struct cost c = {0};
    struct cost_rate r;

    cost_note(&c, 100, 5000, true, 1000);
    cr_expect(!cost_an_hour(&c, &r));
    cost_note(&c, 110, 6000, false, 2000);
    cr_expect(!cost_an_hour(&c, &r), "nothing is told of a moment");
    cr_expect_float_eq(c.load_units, 6000, 0.1);
    for (int m = 1; m <= 200; m++) {
        uint64_t n = (uint64_t)m;
        double units = 6000 + m * 10.0 + (m > 100 ? (m - 100) * 10.0 : 0); /* twice as many later */
        cost_note(&c, 110 + n * 2, units, false, 2000 + m * 60000);
        cr_assert(cost_an_hour(&c, &r));
        cr_expect_float_eq(r.requests, 120, 0.1);
    }
    cr_expect_float_eq(r.read_units, 1200, 0.1, "the last hour alone counts");
    cr_expect_eq(r.over_ms, 3600000);
}

/* ---- what assets/dashboard.md says ---- */

/* A number with two digits that count: it says no more than a measured one can. */
static long rounded(double n)
{
    long unit = 1;

    while (n / (double)unit >= 100) {
        unit *= 10;
    }
    return (long)(n / (double)unit + 0.5) * unit;
}

static void put_cost(struct strbuf *b, enum way way, size_t len, bool open)
{
    begin(way, len, 30 * DAY_S);
    for (size_t i = 0; i < len; i++) { /* one ended each minute until now */
        if (!open || i % 10 < 7) {
            table[i].status = "COMPLETED";
            table[i].batch[0] = '\0';
            table[i].updated_s = -60 * ((int64_t)i + 1);
        }
    }
    play(HOUR_MS / 2);
    double units = w.units;
    play(HOUR_MS / 2);
    long an_hour = rounded((w.units - units) * 2);
    strbuf_addf(b, " %ld / ", rounded((double)w.dynamodb / 30));
    if (an_hour >= 1000) {
        strbuf_addf(b, "%ld,%03ld |", an_hour / 1000, an_hour % 1000);
    } else {
        strbuf_addf(b, "%ld |", an_hour);
    }
    finish();
}

/* The rows of the page for a way. */
static char *cost_rows(enum way way)
{
    static const char *const titles[WAYS] = {
        [BY_STREAM] = "the table's stream",
        [BY_INDEX] = "`status-updatedAt-index`, no stream",
        [BY_SCAN] = "neither",
    };
    static const size_t sizes[] = {1000, 10000, 100000};
    struct strbuf b = STRBUF_INIT;

    for (int open = 0; open < 2; open++) {
        strbuf_addf(&b, "| %s | %s |", titles[way], open ? "30 % silent for a month" : "none");
        for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
            put_cost(&b, way, sizes[k], open != 0);
        }
        strbuf_addc(&b, '\n');
    }
    return strbuf_take(&b);
}

/* A million records take long under a sanitizer, and cost the same there. */
#ifdef __SANITIZE_ADDRESS__
enum { COMPUTES = 0 };
#else
enum { COMPUTES = 1 };
#endif

static void check_page(enum way way)
{
    char *text = NULL;
    size_t len = 0;
    struct err e = {0};

    if (!COMPUTES) {
        return;
    }
    char *rows = cost_rows(way);
    cr_assert_eq(path_read("assets/dashboard.md", 1 << 20, &text, &len, &e), E_OK, "%s", e.msg);
    const char *marked = strstr(text, "<!-- following -->");
    cr_expect(marked != NULL && strstr(marked, rows) != NULL,
              "assets/dashboard.md: the rows are\n%s", rows);
    free(text);
    free(rows);
}

Test(followcost, the_page_tells_what_following_by_the_stream_costs)
{
    check_page(BY_STREAM);
}

Test(followcost, the_page_tells_what_following_by_the_index_costs)
{
    check_page(BY_INDEX);
}

Test(followcost, the_page_tells_what_following_without_both_costs)
{
    check_page(BY_SCAN);
}
