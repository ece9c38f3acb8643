/* The dashboard's store: a job of two records, and jobs that Batch alone tells of. */
#include <criterion/criterion.h>

#include "app_fixture.h"
#include "jobs/join.h"

#define KEY "5f1c0de0-aaaa-4bbb-8ccc-0123456789ab"
#define KEY2 "6f1c0de0-aaaa-4bbb-8ccc-0123456789ab"

static struct heard weak(int64_t at_ms)
{
    return (struct heard){.how = HEARD_WEAK, .at_ms = at_ms};
}

static struct heard firm(int64_t at_ms)
{
    return (struct heard){.how = HEARD_FIRM, .at_ms = at_ms};
}

static void hear(struct store *s, const struct job_spec *spec, struct heard heard)
{
    struct job *j = fixture_job(spec);

    (void)store_put_heard(s, &j, 1, heard, true, T0);
}

/* The container's record, which is known to be of `owner`. */
static void hear_part(struct store *s, const struct job_spec *spec, const char *owner,
                      struct heard heard)
{
    struct job *j = job_set_owner(fixture_job(spec), owner);

    (void)store_put_heard(s, &j, 1, heard, true, T0);
}

static void batch_says(struct store *s, const char *id, const char *status, const char *job_id,
                       const char *name)
{
    cJSON *d = json_new_object(), *parameters = json_new_object();

    json_set_str(d, "jobId", id);
    json_set_str(d, "jobName", name);
    json_set_str(d, "status", status);
    json_set_int(d, "createdAt", T0);
    if (job_id != NULL) {
        json_set_str(parameters, "JOB_ID", job_id);
    }
    json_set(d, "parameters", parameters);
    struct batch_job *b = batch_job_from_json(d);
    cJSON_Delete(d);
    (void)store_put_batch(s, &b, 1, T0, T0);
}

static bool doubted(struct store *s, const char *id)
{
    const char *const *ids;
    size_t n = store_doubts(s, &ids);

    for (size_t i = 0; i < n; i++) {
        if (strcmp(ids[i], id) == 0) {
            return true;
        }
    }
    return false;
}

/* A store that has read the whole table, which holds one job. */
static struct store *loaded(void)
{
    struct store *s = store_new(NULL);

    store_round_begin(s, T0);
    hear(s, &(struct job_spec){.id = "other", .status = "COMPLETED"}, weak(T0));
    (void)store_round_end(s);
    return s;
}

static const struct entry *row(const struct store *s, const char *id)
{
    const struct entry *e = store_find(s, id);

    cr_assert_not_null(e, "no row %s", id);
    return e;
}

Test(jobjoin, nothing_is_claimed_before_all_was_read_and_the_table_asked)
{
    struct store *s = store_new(NULL);

    store_round_begin(s, T0);
    batch_says(s, KEY, "RUNNING", "order-1", "mvp");
    cr_expect_not(store_gone(s, "order-1", weak(T0 + 1)), "an answer to another question");
    cr_expect_eq(store_rows(s), 0);
    cr_expect_not(doubted(s, "order-1"), "the load may bring it");
    (void)store_round_end(s);
    cr_expect(doubted(s, "order-1"));
    cr_expect(doubted(s, KEY));
    cr_expect_eq(store_rows(s), 0);
    cr_expect_not(store_gone(s, "order-1", firm(T0 + 2)), "it may stand under the other id");
    cr_expect_eq(store_rows(s), 0);
    cr_expect(store_gone(s, KEY, firm(T0 + 2)));
    cr_expect_eq(store_rows(s), 1);
    cr_expect_eq(row(s, "order-1")->job->mark, JOB_NO_RECORD);
    cr_expect_eq(row(s, "order-1")->state.status, JOB_IN_PROGRESS);
    cr_expect_eq(row(s, KEY), row(s, "order-1"), "its Batch id leads to it");
    cr_expect_not(doubted(s, "order-1"));
    store_free(s);
}

static struct store *with_alone(const char *job_id)
{
    struct store *s = loaded();

    batch_says(s, KEY, "RUNNING", job_id, "nightly");
    (void)store_gone(s, KEY, firm(T0 + 1));
    if (job_id != NULL) {
        (void)store_gone(s, job_id, firm(T0 + 1));
    }
    cr_assert_eq(store_rows(s), 2);
    return s;
}

Test(jobjoin, its_record_is_the_same_row_with_its_mark)
{
    static const char *const ids[] = {"order-1", NULL}; /* with a JOB_ID, and under its Batch id */

    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        struct store *s = with_alone(ids[i]);
        const char *id = ids[i] == NULL ? KEY : ids[i];
        size_t before = 9, after = 9;
        store_mark(s, id, true);
        cr_expect(store_row_of(s, id, &before));
        hear(s, &(struct job_spec){.id = id, .status = "IN_PROGRESS", .step = "INIT"},
             weak(T0 + 2));
        cr_expect_eq(store_rows(s), 2, "%s", id);
        cr_expect(store_row_of(s, id, &after));
        cr_expect_eq(before, after);
        cr_expect_eq(store_marked(s), 1);
        cr_expect_eq(row(s, id)->job->mark, JOB_RECORDED);
        cr_expect_eq(row(s, id)->state.batch, BATCH_RUNNING, "Batch's word stays with it");
        store_free(s);
    }
}

Test(jobjoin, a_record_of_another_id_that_names_the_batch_job_is_that_row)
{
    struct store *s = with_alone(NULL);

    store_mark(s, KEY, true);
    hear(s, &(struct job_spec){.id = "order-9", .status = "IN_PROGRESS", .batch = KEY},
         firm(T0 + 2));
    cr_expect_eq(store_rows(s), 2);
    cr_expect_str_eq(row(s, KEY)->job->id, "order-9", "the cursor finds it by its id of before");
    cr_expect_eq(store_marked(s), 1);
    cr_expect_eq(row(s, "order-9")->state.batch, BATCH_RUNNING);
    store_free(s);
}

Test(jobjoin, a_read_that_lacks_the_record_does_not_take_the_row_away)
{
    struct store *s = with_alone("order-1");

    cr_expect_not(store_gone(s, "order-1", firm(T0 + 3)));
    store_round_begin(s, T0 + 60000);
    hear(s, &(struct job_spec){.id = "other", .status = "COMPLETED"}, weak(T0 + 60000));
    (void)store_round_end(s);
    cr_expect_eq(store_rows(s), 2);
    store_batch_gone(s, KEY, T0 + 70000);
    cr_expect_eq(store_rows(s), 1, "Batch forgot it: nothing tells of it");
    store_free(s);
}

Test(jobjoin, an_ended_one_is_a_row_too_and_is_described_once)
{
    struct store *s = loaded();
    cJSON *d = json_new_object();
    struct store_asks asks;

    json_set_str(d, "jobId", KEY); /* a summary of ListJobs */
    json_set_str(d, "jobName", "n");
    json_set_str(d, "status", "FAILED");
    json_set_int(d, "createdAt", T0);
    struct batch_job *summary = batch_job_from_json(d);
    cJSON_Delete(d);
    (void)store_put_batch(s, &summary, 1, T0, T0);
    (void)store_gone(s, KEY, firm(T0 + 1));
    cr_expect_eq(row(s, KEY)->state.status, JOB_FAILED);
    store_active(s, T0, NULL, &asks);
    cr_assert_eq(asks.batch_len, 1);
    cr_expect_str_eq(asks.batch_ids[0], KEY);
    batch_says(s, KEY, "FAILED", NULL, "n");
    store_active(s, T0, NULL, &asks);
    cr_expect_eq(asks.batch_len, 0);
    cr_expect_eq(store_stats(s)->by_status[JOB_FAILED], 1, "it counts");
    store_free(s);
}

Test(jobjoin, an_ended_one_is_held_until_batch_has_forgotten_its_end)
{
    struct store *s = loaded();
    const int64_t day = INT64_C(24) * 3600 * 1000;
    cJSON *d = json_new_object();

    json_set_str(d, "jobId", KEY);
    json_set_str(d, "status", "SUCCEEDED");
    json_set_int(d, "createdAt", T0);
    json_set_int(d, "stoppedAt", T0 + 9 * day); /* the job waited, or ran, for long */
    struct batch_job *b = batch_job_from_json(d);
    cJSON_Delete(d);
    (void)store_put_batch(s, &b, 1, T0 + 9 * day, T0 + 9 * day);
    (void)store_gone(s, KEY, firm(T0 + 1));
    (void)row(s, KEY);
    store_batch_listed(s, T0 + 16 * day);
    (void)row(s, KEY);
    store_batch_listed(s, T0 + 18 * day);
    cr_expect_null(store_find(s, KEY));
    store_free(s);
}

/* ---- two records ---- */

static const struct job_spec own = {
    .id = "order-1", .status = "PENDING", .user = "ann", .name = "Bakery"};
static const struct job_spec part = {
    .id = KEY, .status = "IN_PROGRESS", .step = "BUILDING", .progress = 40, .updated_s = 60};

static void expect_joined(struct store *s, const char *when)
{
    const struct entry *e = row(s, "order-1");

    cr_expect_eq(store_rows(s), 1, "%s: %zu rows", when, store_rows(s));
    cr_expect_eq(store_len(s), 1, "%s", when);
    cr_expect_eq(e->job->mark, JOB_TWO_RECORDS, "%s", when);
    cr_expect_str_eq(job_text(e->job, JOB_USER_ID), "ann", "%s", when);
    cr_expect_str_eq(job_text(e->job, JOB_STEP), "BUILDING", "%s", when);
    cr_expect_eq(e->state.status, JOB_IN_PROGRESS, "%s", when);
    cr_expect_eq(row(s, KEY), e, "%s: found by both ids", when);
    cr_expect_eq(store_stats(s)->by_status[JOB_IN_PROGRESS], 1, "%s: counted once", when);
}

Test(jobjoin, two_records_are_one_row_in_whatever_order_they_come)
{
    struct store *s = store_new(NULL);

    hear(s, &own, weak(T0));
    hear_part(s, &part, "order-1", weak(T0));
    expect_joined(s, "own first");
    store_free(s);

    s = store_new(NULL);
    hear_part(s, &part, "order-1", weak(T0));
    cr_expect_eq(store_rows(s), 0, "its job is asked for first");
    cr_expect(doubted(s, "order-1"));
    hear(s, &own, firm(T0 + 1));
    expect_joined(s, "the container's first");
    store_free(s);

    s = store_new(NULL);
    hear(s, &own, weak(T0));
    hear(s, &part, weak(T0)); /* not known whose it is */
    cr_expect_eq(store_rows(s), 2);
    store_mark(s, KEY, true);
    batch_says(s, KEY, "RUNNING", "order-1", "mvp");
    expect_joined(s, "Batch told whose it is");
    cr_expect_eq(store_marked(s), 1, "its mark goes along");
    cr_expect_eq(row(s, "order-1")->state.batch, BATCH_RUNNING);
    store_free(s);

    s = store_new(NULL);
    hear(s, &part, weak(T0));
    batch_says(s, KEY, "RUNNING", "order-1", "mvp");
    cr_expect_eq(store_rows(s), 1, "it stays as it is while its job is asked for");
    cr_expect(doubted(s, "order-1"));
    hear(s, &own, firm(T0 + 1));
    expect_joined(s, "the own one last");
    store_free(s);
}

Test(jobjoin, each_record_goes_on_by_itself)
{
    struct store *s = store_new(NULL);

    hear(s, &own, weak(T0));
    hear_part(s, &part, "order-1", weak(T0));
    struct job_spec later = part;
    later.status = "COMPLETED";
    later.progress = 100;
    later.updated_s = 120;
    hear(s, &later, firm(T0 + 5)); /* this change came without the owner, who is known */
    cr_expect_eq(row(s, "order-1")->state.status, JOB_COMPLETED);
    cr_expect_str_eq(job_text(row(s, "order-1")->job, JOB_USER_ID), "ann");
    struct job_spec cancelled = own;
    cancelled.status = "CANCELLED";
    cancelled.updated_s = 130;
    hear(s, &cancelled, firm(T0 + 6));
    cr_expect_eq(row(s, "order-1")->state.status, JOB_CANCELLED);
    cr_expect_eq(row(s, "order-1")->job->mark, JOB_TWO_RECORDS);
    cr_expect_eq(store_put_jobs(s, &(struct job *){fixture_job(&cancelled)}, 1, T0 + 20000, true,
                                T0 + 20000),
                 0, "the same again is no change");
    cr_expect_not(doubted(s, "order-1"));
    store_free(s);
}

Test(jobjoin, without_one_of_them_the_other_tells_alone)
{
    struct store *s = store_new(NULL);

    hear(s, &own, weak(T0));
    hear_part(s, &part, "order-1", weak(T0));
    cr_expect(store_gone(s, KEY, firm(T0 + 1)));
    cr_expect_eq(row(s, "order-1")->job->mark, JOB_RECORDED);
    cr_expect_eq(row(s, "order-1")->state.status, JOB_PENDING);
    hear_part(s, &part, "order-1", firm(T0 + 2));
    cr_expect(store_gone(s, "order-1", firm(T0 + 3)));
    cr_expect_eq(row(s, "order-1")->job->mark, JOB_OTHER_KEY);
    cr_expect_str_eq(job_text(row(s, "order-1")->job, JOB_STEP), "BUILDING");
    cr_expect_eq(store_rows(s), 1);
    (void)store_gone(s, KEY, firm(T0 + 4));
    cr_expect_eq(store_rows(s), 0);
    cr_expect_eq(store_len(s), 0);
    store_free(s);
}

Test(jobjoin, a_load_that_sees_neither_asks_for_them)
{
    struct store *s = store_new(NULL);

    hear(s, &own, weak(T0));
    hear_part(s, &part, "order-1", weak(T0));
    store_round_begin(s, T0 + 60000);
    (void)store_round_end(s);
    cr_expect(doubted(s, "order-1"));
    cr_expect(doubted(s, KEY));
    store_forget(s);
    cr_expect_eq(store_rows(s), 0);
    cr_expect_eq(store_len(s), 0);
    hear(s, &own, weak(T0 + 70000));
    cr_expect_eq(row(s, "order-1")->job->mark, JOB_RECORDED, "of another table");
    store_free(s);
}

Test(jobjoin, of_several_containers_that_of_the_batch_job_which_counts_is_told)
{
    struct store *s = store_new(NULL);
    struct job_spec second = part;

    second.id = KEY2;
    second.step = "DEPLOYING";
    second.updated_s = 30;
    hear(s, &own, weak(T0));
    hear_part(s, &part, "order-1", weak(T0));
    hear_part(s, &second, "order-1", weak(T0));
    cr_expect_str_eq(job_text(row(s, "order-1")->job, JOB_STEP), "BUILDING",
                     "the one heard of last");
    cr_expect_eq(store_rows(s), 1);
    struct job_spec names = own;
    names.batch = KEY2;
    names.updated_s = 200;
    hear(s, &names, firm(T0 + 2));
    cr_expect_str_eq(job_text(row(s, "order-1")->job, JOB_STEP), "DEPLOYING",
                     "the one that the record names");
    store_free(s);
}

Test(jobjoin, the_record_of_an_ended_container_alone_becomes_its_jobs_row)
{
    struct store *s = loaded();
    struct job_spec ended = part;

    ended.status = "COMPLETED";
    ended.progress = 100;
    hear(s, &ended, weak(T0));
    cr_expect_eq(store_rows(s), 2);
    batch_says(s, KEY, "SUCCEEDED", "order-1", "mvp");
    hear_part(s, &ended, "order-1", firm(T0 + 2));
    cr_expect_eq(store_rows(s), 2, "it stays while its job is asked for");
    (void)store_gone(s, "order-1", firm(T0 + 2));
    cr_expect_eq(store_rows(s), 2);
    cr_expect_eq(row(s, "order-1")->job->mark, JOB_OTHER_KEY);
    cr_expect_eq(row(s, "order-1")->state.status, JOB_COMPLETED);
    (void)store_round_end(s);
    cr_expect_eq(store_rows(s), 2);
    store_free(s);
}

Test(jobjoin, what_an_earlier_try_ended_with_is_not_the_state_of_the_next)
{
    static const bool recorded[] = {false, true};

    for (size_t i = 0; i < 2; i++) {
        struct store *s = loaded();
        struct job_spec failed = part;
        failed.status = "FAILED";
        failed.updated_s = -60; /* before the next try was made, at T0 */
        if (recorded[i]) {
            hear(s, &own, weak(T0));
        }
        hear_part(s, &failed, "order-1", weak(T0));
        (void)store_gone(s, recorded[i] ? "none" : "order-1", firm(T0 + 2));
        cr_expect_eq(row(s, "order-1")->state.status, JOB_FAILED);
        batch_says(s, KEY2, "RUNNING", "order-1", "mvp");
        cr_expect_eq(row(s, "order-1")->state.status, JOB_IN_PROGRESS, "%zu", i);
        hear_part(s, &failed, "order-1", firm(T0 + 60000));
        cr_expect_eq(row(s, "order-1")->state.status, JOB_IN_PROGRESS, "and stays so");
        cr_expect_eq(store_rows(s), 2);
        batch_says(s, KEY2, "SUCCEEDED", "order-1", "mvp");
        cr_expect_neq(row(s, "order-1")->state.status, JOB_FAILED);
        hear_part(s, &failed, "order-1", firm(T0 + 120000));
        cr_expect_neq(row(s, "order-1")->state.status, JOB_FAILED);
        store_free(s);
    }
}

/* Three records under Batch ids, of which each belongs to the next one's job; `round`: the last to
 * the first's. Each comes as a record, with what Batch says before, after or both. */
static void chain_in_order(const int order[6], bool told, bool round)
{
    static const char *const keys[] = {KEY, KEY2, "7f1c0de0-aaaa-4bbb-8ccc-0123456789ab"};
    struct store *s = loaded();
    size_t rows = 0;

    for (size_t i = 0; i < 6; i++) {
        int n = order[i] % 3;
        const char *owner = n < 2 ? keys[n + 1] : round ? keys[0] : NULL;
        const struct job_spec spec = {.id = keys[n], .status = "IN_PROGRESS", .user = "ann"};
        if (order[i] >= 3) {
            batch_says(s, keys[n], "RUNNING", owner, "mvp");
        } else if (told && owner != NULL) {
            hear_part(s, &spec, owner, weak(T0 + (int64_t)i));
        } else {
            hear(s, &spec, weak(T0 + (int64_t)i));
        }
    }
    for (int again = 0; again < 2; again++) { /* Batch and the table are asked again and again */
        for (size_t k = 0; k < 3; k++) {
            batch_says(s, keys[k], "RUNNING", k < 2 ? keys[k + 1] : round ? keys[0] : NULL, "mvp");
            hear(s, &(struct job_spec){.id = keys[k], .status = "IN_PROGRESS", .user = "ann"},
                 firm(T0 + 100 + again));
        }
    }
    for (size_t k = 0; k < 3; k++) {
        size_t at = 99;
        cr_expect(store_row_of(s, keys[k], &at), "each is found");
    }
    rows = store_rows(s);
    cr_expect_eq(rows, store_len(s), "%zu rows of %zu", rows, store_len(s));
    cr_expect_eq(store_stats(s)->by_status[JOB_IN_PROGRESS], rows - 1, "each is counted once");
    cr_expect(rows > 1 && (round || rows == 2), "%zu rows: %d%d%d%d%d%d", rows, order[0], order[1],
              order[2], order[3], order[4], order[5]);
    for (size_t k = 0; k < 3; k++) {
        (void)store_gone(s, keys[k], firm(T0 + 200));
    }
    cr_expect_eq(store_rows(s), store_len(s));
    store_free(s);
}

/* All orders, by Heap's way. */
static void all_orders(int order[6], int n, bool told, bool round)
{
    if (n == 1) {
        chain_in_order(order, told, round);
        return;
    }
    for (int i = 0; i < n; i++) {
        all_orders(order, n - 1, told, round);
        int *with = &order[n % 2 == 0 ? i : 0];
        int keep = *with;
        *with = order[n - 1];
        order[n - 1] = keep;
    }
}

Test(jobjoin, records_in_a_chain_are_one_row_and_those_in_a_circle_are_counted)
{
    for (int way = 0; way < 4; way++) {
        int order[] = {0, 1, 2, 3, 4, 5};
        all_orders(order, 6, way % 2 == 1, way / 2 == 1);
    }
}
