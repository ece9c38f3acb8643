/* The dashboard's store of jobs: order, filter, marks, and which of two words is believed. */
#include <criterion/criterion.h>
#include <criterion/theories.h>

#include "app_fixture.h"

static void put(struct store *s, const struct job_spec *spec, int64_t at_ms)
{
    struct job *j = fixture_job(spec);
    (void)store_put_jobs(s, &j, 1, at_ms, true, at_ms);
}

static struct heard firm(int64_t at_ms)
{
    return (struct heard){.how = HEARD_FIRM, .at_ms = at_ms};
}

static struct heard stream(int64_t at_ms)
{
    return (struct heard){.how = HEARD_STREAM, .at_ms = at_ms};
}

static void hear(struct store *s, const struct job_spec *spec, struct heard heard)
{
    struct job *j = fixture_job(spec);
    (void)store_put_heard(s, &j, 1, heard, true, heard.at_ms);
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

static const char *id_at(const struct store *s, size_t row)
{
    return store_row(s, row)->job->id;
}

Test(jobstore, newest_job_comes_first)
{
    struct store *s = store_new(NULL);

    put(s, &(struct job_spec){.id = "old", .created_s = 1}, T0);
    put(s, &(struct job_spec){.id = "new", .created_s = 9}, T0);
    put(s, &(struct job_spec){.id = "mid", .created_s = 5}, T0);
    cr_assert_eq(store_rows(s), 3);
    cr_expect_str_eq(id_at(s, 0), "new");
    cr_expect_str_eq(id_at(s, 1), "mid");
    cr_expect_str_eq(id_at(s, 2), "old");
    store_free(s);
}

Test(jobstore, older_record_does_not_overwrite_a_newer_one)
{
    struct store *s = store_new(NULL);

    put(s, &(struct job_spec){.id = "a", .status = "COMPLETED", .updated_s = 50}, T0 + 1000);
    put(s, &(struct job_spec){.id = "a", .status = "PENDING", .updated_s = 10}, T0 + 1500);
    cr_expect_eq(store_find(s, "a")->state.status, JOB_COMPLETED);
    store_free(s);
}

Test(jobstore, writer_with_a_clock_behind_is_believed_in_the_end)
{
    struct store *s = store_new(NULL);

    put(s, &(struct job_spec){.id = "a", .status = "PENDING", .updated_s = 50}, T0 + 1000);
    put(s, &(struct job_spec){.id = "a", .status = "FAILED", .updated_s = 10}, T0 + 60000);
    cr_expect_eq(store_find(s, "a")->state.status, JOB_FAILED);
    store_free(s);
}

Test(jobstore, overtaken_reply_with_the_same_time_is_dropped)
{
    struct store *s = store_new(NULL);

    put(s, &(struct job_spec){.id = "a", .status = "IN_PROGRESS", .progress = 40}, T0 + 2000);
    put(s, &(struct job_spec){.id = "a", .status = "IN_PROGRESS", .progress = 20}, T0 + 1000);
    cr_expect_eq(store_find(s, "a")->job->progress, 40);
    store_free(s);
}

Test(jobstore, same_record_again_costs_no_comparison_and_changes_nothing)
{
    struct store *s = store_new(NULL);
    struct job *jobs[50];
    char ids[50][16];

    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 50; i++) {
            snprintf(ids[i], sizeof ids[i], "job%02d", i);
            jobs[i] = fixture_job(&(struct job_spec){.id = ids[i], .created_s = i});
        }
        struct store_work before = store_work(s);
        size_t changed = store_put_jobs(s, jobs, 50, T0 + round * 1000, true, T0 + round * 1000);
        struct store_work after = store_work(s);
        cr_expect_eq(changed, round == 0 ? 50 : 0);
        if (round == 1) {
            cr_expect_eq(after.compares, before.compares);
            cr_expect_eq(after.merges, before.merges);
        }
    }
    store_free(s);
}

static int status_of(const struct store *s, const char *id)
{
    const struct entry *e = store_find(s, id);
    return e == NULL ? -1 : e->job->status;
}

Test(jobstore, the_streams_order_counts_whatever_times_the_records_carry)
{
    static const int64_t updated[] = {500, 500, 20, -90000, 40, 20};
    static const char *const status[] = {"PENDING",   "QUEUED",      "FAILED",
                                         "CANCELLED", "IN_PROGRESS", "COMPLETED"};
    struct store *s = store_new(NULL);

    for (size_t i = 0; i < sizeof updated / sizeof *updated; i++) {
        hear(s, &(struct job_spec){.id = "a", .status = status[i], .updated_s = updated[i]},
             stream(T0 + (int64_t)i));
        cr_expect_eq(status_of(s, "a"), (int)job_status_parse(status[i]), "%s", status[i]);
    }
    cr_expect_eq(store_doubts_len(s), 0);
    store_free(s);
}

Test(jobstore, a_read_asked_before_the_streams_word_does_not_undo_it)
{
    struct store *s = store_new(NULL);

    hear(s, &(struct job_spec){.id = "a", .status = "FAILED", .updated_s = 1}, stream(T0 + 100));
    hear(s, &(struct job_spec){.id = "a", .status = "PENDING", .updated_s = 9}, firm(T0 + 99));
    put(s, &(struct job_spec){.id = "a", .status = "PENDING", .updated_s = 9}, T0 + 50);
    cr_expect_eq(status_of(s, "a"), JOB_FAILED);
    cr_expect_eq(store_doubts_len(s), 0, "what the read may know more, the stream brings");
    hear(s, &(struct job_spec){.id = "a", .status = "QUEUED", .updated_s = 0}, firm(T0 + 101));
    cr_expect_eq(status_of(s, "a"), JOB_QUEUED, "the stream had missed it");
    store_free(s);
}

Test(jobstore, a_read_that_may_be_behind_puts_in_doubt_and_a_firm_one_settles)
{
    struct store *s = store_new(NULL);

    hear(s, &(struct job_spec){.id = "a", .status = "COMPLETED", .updated_s = 5}, stream(T0));
    put(s, &(struct job_spec){.id = "a", .status = "IN_PROGRESS", .updated_s = 9}, T0 + 500);
    cr_expect_eq(status_of(s, "a"), JOB_COMPLETED);
    cr_assert(doubted(s, "a"));
    hear(s, &(struct job_spec){.id = "a", .status = "IN_PROGRESS", .updated_s = 9}, firm(T0 + 800));
    cr_expect_eq(status_of(s, "a"), JOB_IN_PROGRESS);
    cr_expect_not(doubted(s, "a"));
    put(s, &(struct job_spec){.id = "a", .status = "QUEUED", .updated_s = 1}, T0 + 60000);
    cr_expect_eq(status_of(s, "a"), JOB_QUEUED, "no read is behind for so long");
    store_free(s);
}

Test(jobstore, a_change_seen_by_a_weak_read_is_shown_and_confirmed)
{
    struct store *s = store_new(NULL);

    put(s, &(struct job_spec){.id = "a", .status = "PENDING", .updated_s = 5}, T0);
    put(s, &(struct job_spec){.id = "a", .status = "QUEUED", .updated_s = 6}, T0 + 3000);
    cr_expect_eq(status_of(s, "a"), JOB_QUEUED);
    cr_expect(doubted(s, "a"));
    put(s, &(struct job_spec){.id = "a", .status = "FAILED", .updated_s = 2}, T0 + 6000);
    cr_expect_eq(status_of(s, "a"), JOB_QUEUED, "it looks older: asked, not believed");
    hear(s, &(struct job_spec){.id = "a", .status = "FAILED", .updated_s = 2}, firm(T0 + 6100));
    cr_expect_eq(status_of(s, "a"), JOB_FAILED);
    cr_expect_eq(store_doubts_len(s), 0);
    store_free(s);
}

Test(jobstore, two_words_of_one_moment_are_asked_again)
{
    struct store *s = store_new(NULL);

    hear(s, &(struct job_spec){.id = "a", .status = "COMPLETED", .updated_s = 5}, stream(T0));
    hear(s, &(struct job_spec){.id = "a", .status = "QUEUED", .updated_s = 5}, firm(T0));
    cr_expect_eq(status_of(s, "a"), JOB_COMPLETED);
    cr_expect(doubted(s, "a"));
    cr_expect_not(store_gone(s, "a", firm(T0)));
    cr_expect(doubted(s, "a"));
    cr_expect(store_gone(s, "a", firm(T0 + 1)));
    cr_expect_eq(store_doubts_len(s), 0);
    store_free(s);
}

Test(jobstore, a_deleted_job_is_not_brought_back_by_a_read_that_was_behind)
{
    struct store *s = store_new(NULL);
    const struct job_spec a = {.id = "a", .status = "COMPLETED", .updated_s = 5};

    hear(s, &a, stream(T0));
    cr_expect(store_gone(s, "a", stream(T0 + 100)));
    put(s, &a, T0 + 50);
    cr_expect_null(store_find(s, "a"), "asked before it was deleted");
    cr_expect_not(doubted(s, "a"));
    put(s, &a, T0 + 900);
    cr_expect_null(store_find(s, "a"));
    cr_expect(doubted(s, "a"), "made again, or a read that is behind?");
    hear(s, &a, firm(T0 + 1000));
    cr_expect_not_null(store_find(s, "a"), "made again");
    cr_expect(store_gone(s, "a", stream(T0 + 2000)), "the stream says so whatever was read");
    hear(s, &a, stream(T0 + 2000));
    cr_expect_not_null(store_find(s, "a"), "made anew right after");
    store_free(s);
}

Test(jobstore, a_sent_job_that_the_stream_deletes_is_gone)
{
    struct store *s = store_new(NULL);

    store_put_sent(s, fixture_job(&(struct job_spec){.id = "a"}), T0);
    cr_expect(store_gone(s, "a", stream(T0 + 5)));
    cr_expect_null(store_find(s, "a"));
    store_free(s);
}

static void sweep(struct store *s, uint32_t part, uint32_t parts, const char *id, int64_t at_ms)
{
    store_part_begin(s, part, parts);
    if (id != NULL) {
        hear(s, &(struct job_spec){.id = id},
             (struct heard){.how = HEARD_WEAK, .at_ms = at_ms, .part = (uint16_t)(part + 1)});
    }
    (void)store_part_end(s);
}

Test(jobstore, what_a_part_of_the_table_no_longer_holds_is_in_doubt_and_nothing_else)
{
    struct store *s = store_new(NULL);

    put(s, &(struct job_spec){.id = "a"}, T0);
    put(s, &(struct job_spec){.id = "b"}, T0);
    put(s, &(struct job_spec){.id = "nowhere"}, T0);
    sweep(s, 0, 2, "a", T0 + 1000);
    cr_expect_eq(store_doubts_len(s), 0, "b may be in the other part");
    sweep(s, 1, 2, "b", T0 + 2000);
    cr_expect(doubted(s, "nowhere"), "in none of the parts");
    cr_expect_eq(store_doubts_len(s), 1);
    cr_expect(store_gone(s, "nowhere", firm(T0 + 2500)));
    sweep(s, 0, 2, NULL, T0 + 3000);
    cr_expect(doubted(s, "a"), "known by its part, before the sweep ends");
    cr_expect_eq(store_doubts_len(s), 1);
    hear(s, &(struct job_spec){.id = "a"}, firm(T0 + 3100));
    cr_expect_eq(store_doubts_len(s), 0);
    sweep(s, 1, 3, "b", T0 + 4000);
    cr_expect_eq(store_doubts_len(s), 0, "other parts than before say nothing");
    store_free(s);
}

Test(jobstore, a_load_puts_in_doubt_what_is_newer_than_itself)
{
    struct store *s = store_new(NULL);

    put(s, &(struct job_spec){.id = "old"}, T0);
    hear(s, &(struct job_spec){.id = "new"}, stream(T0 + 59000));
    store_round_begin(s, T0 + 60000);
    cr_expect_eq(store_round_end(s), 1);
    cr_expect_null(store_find(s, "old"));
    cr_expect_not_null(store_find(s, "new"), "a scan may be behind");
    cr_expect(doubted(s, "new"));
    store_free(s);
}

Test(jobstore, another_table_under_the_name_leaves_only_what_was_sent)
{
    struct store *s = store_new(NULL);

    put(s, &(struct job_spec){.id = "a", .status = "FAILED"}, T0);
    put(s, &(struct job_spec){.id = "b"}, T0);
    store_put_sent(s, fixture_job(&(struct job_spec){.id = "sent"}), T0);
    store_forget(s);
    cr_expect_eq(store_len(s), 1);
    cr_expect_eq(store_stats(s)->total, 1);
    put(s, &(struct job_spec){.id = "a", .updated_s = -5}, T0 - 5000);
    cr_expect_not_null(store_find(s, "a"), "what the old table said does not count");
    store_free(s);
}

Test(jobstore, job_twice_in_one_page_is_one_job)
{
    struct store *s = store_new(NULL);
    struct job *jobs[3] = {
        fixture_job(&(struct job_spec){.id = "a", .status = "PENDING", .updated_s = 1}),
        fixture_job(&(struct job_spec){.id = "a", .status = "QUEUED", .updated_s = 2}),
        fixture_job(&(struct job_spec){.id = "a", .status = "FAILED", .updated_s = 3})};

    (void)store_put_jobs(s, jobs, 3, T0, false, T0);
    cr_expect_eq(store_len(s), 1);
    cr_expect_eq(store_rows(s), 1);
    cr_expect_eq(store_find(s, "a")->state.status, JOB_FAILED);
    cr_expect_eq(store_stats(s)->total, 1);
    store_free(s);
}

Test(jobstore, mark_goes_when_its_job_goes)
{
    struct store *s = store_new(NULL);

    put(s, &(struct job_spec){.id = "a"}, T0);
    put(s, &(struct job_spec){.id = "b"}, T0);
    store_mark(s, "a", true);
    store_mark(s, "nobody", true);
    cr_expect_eq(store_marked(s), 1);
    cr_expect(store_remove(s, "a"));
    cr_expect_eq(store_marked(s), 0);
    cr_expect_not(store_remove(s, "a"));
    store_free(s);
}

Test(jobstore, mark_stays_while_the_filter_hides_its_job)
{
    struct store *s = store_new(NULL);
    size_t len = 0;

    put(s, &(struct job_spec){.id = "a", .user = "ann"}, T0);
    put(s, &(struct job_spec){.id = "b", .user = "bob"}, T0);
    store_mark(s, "a", true);
    store_set_filter(s, filter_new("user:bob", NULL), T0);
    cr_expect_eq(store_rows(s), 1);
    cr_expect_eq(store_marked(s), 1);
    cr_expect_eq(store_marked_hidden(s), 1);
    char **ids = store_marked_ids(s, &len);
    cr_assert_eq(len, 1);
    cr_expect_str_eq(ids[0], "a");
    free(ids[0]);
    free(ids);
    store_free(s);
}

Test(jobstore, full_load_takes_away_what_it_did_not_see)
{
    struct store *s = store_new(NULL);

    put(s, &(struct job_spec){.id = "stays"}, T0);
    put(s, &(struct job_spec){.id = "goes"}, T0);
    store_put_sent(s, fixture_job(&(struct job_spec){.id = "sent"}), T0);
    store_round_begin(s, T0 + 60000);
    put(s, &(struct job_spec){.id = "stays"}, T0 + 60001);
    cr_expect_eq(store_round_end(s), 1);
    cr_expect_null(store_find(s, "goes"));
    cr_expect_not_null(store_find(s, "stays"));
    cr_expect_not_null(store_find(s, "sent"), "not recorded yet is not gone");
    store_free(s);
}

Test(jobstore, sent_job_is_not_gone_before_the_table_had_it)
{
    struct store *s = store_new(NULL);

    store_put_sent(s, fixture_job(&(struct job_spec){.id = "a"}), T0);
    cr_expect(store_find(s, "a")->flags & ENTRY_SENT);
    cr_expect_not(store_gone(s, "a", firm(T0 + 5000)));
    put(s, &(struct job_spec){.id = "a", .status = "QUEUED", .updated_s = 3}, T0 + 6000);
    cr_expect_not(store_find(s, "a")->flags & ENTRY_SENT);
    cr_expect_not(store_gone(s, "a", firm(T0 + 5500)), "asked before the table had it");
    cr_expect(store_gone(s, "a", firm(T0 + 9000)));
    store_free(s);
}

Test(jobstore, sent_job_that_nobody_picks_up_is_marked)
{
    struct store *s = store_new(NULL);

    store_put_sent(s, fixture_job(&(struct job_spec){.id = "a"}), T0);
    cr_expect_eq(store_find(s, "a")->state.stuck, STUCK_NO);
    (void)store_tick(s, T0 + 30000);
    cr_expect_eq(store_find(s, "a")->state.stuck, STUCK_NO);
    store_batch_listed(s, T0 + 61000);
    cr_expect(store_tick(s, T0 + 61000));
    cr_expect_eq(store_find(s, "a")->state.stuck, STUCK_NOT_PICKED_UP);
    cr_expect_eq(store_stats(s)->stuck, 1);
    store_free(s);
}

static struct batch_job *batch(const char *id, const char *status, const char *job_id)
{
    cJSON *d = json_new_object(), *container = json_new_object(), *env = json_new_array();

    json_set_str(d, "jobId", id);
    json_set_str(d, "jobName", "mvp");
    json_set_str(d, "status", status);
    if (job_id != NULL) {
        cJSON *pair = json_new_object();
        json_set_str(pair, "name", "JOB_ID");
        json_set_str(pair, "value", job_id);
        json_push(env, pair);
    }
    json_set(container, "environment", env);
    json_set_str(container, "logStreamName", "a-stream");
    json_set(d, "container", container);
    struct batch_job *b = batch_job_from_json(d);
    cJSON_Delete(d);
    return b;
}

Test(jobstore, batch_job_that_came_before_its_record_is_kept_for_it)
{
    struct store *s = store_new(NULL);
    struct batch_job *b = batch("b-1", "RUNNABLE", "a");

    cr_expect_eq(store_put_batch(s, &b, 1, T0, T0), 0);
    put(s, &(struct job_spec){.id = "a", .status = "QUEUED"}, T0);
    cr_expect_eq(store_find(s, "a")->state.batch, BATCH_RUNNABLE);
    store_free(s);
}

/* Without createdAt. */
static void put_loose(struct store *s, const char *status, int64_t updated_s, int64_t at_ms)
{
    struct job *j =
        fixture_job(&(struct job_spec){.id = "loose", .status = status, .updated_s = updated_s});

    struct job_values *v = job_values_new(j);
    v->ms[JOB_CREATED] = TIME_NONE;
    struct job *loose = job_make(v);
    free(v);
    job_free(j);
    (void)store_put_jobs(s, &loose, 1, at_ms, true, at_ms);
}

/* Only Batch knows when it was made, and what Batch said is let go of once the job is over. */
Test(jobstore, what_batch_says_of_its_time_puts_a_job_in_its_place)
{
    struct store *s = store_new(NULL);
    struct batch_job *b = batch("b-1", "RUNNING", "loose");

    put(s, &(struct job_spec){.id = "old", .status = "COMPLETED", .created_s = -900}, T0);
    put(s, &(struct job_spec){.id = "new", .status = "COMPLETED", .created_s = -100}, T0);
    put_loose(s, "IN_PROGRESS", -1, T0);
    cr_expect_str_eq(store_row(s, 0)->job->id, "loose", "its last change is all that is known");
    b->created_ms = T0 - INT64_C(500000);
    (void)store_put_batch(s, &b, 1, T0, T0);
    cr_expect_str_eq(store_row(s, 0)->job->id, "new");
    cr_expect_str_eq(store_row(s, 1)->job->id, "loose");
    b = batch("b-1", "SUCCEEDED", "loose");
    b->created_ms = T0 - INT64_C(500000);
    b->detailed = true;
    (void)store_put_batch(s, &b, 1, T0, T0);
    put_loose(s, "COMPLETED", 60, T0 + 20000);
    cr_expect_null(store_find(s, "loose")->batch);
    put_loose(s, "COMPLETED", 90, T0 + 40000);
    (void)store_tick(s, T0 + 50000);
    cr_expect_str_eq(store_row(s, 1)->job->id, "loose", "it stays there when it is over");
    store_free(s);
}

/* Of 100,000 jobs that are over, what Batch said of them is not kept; what they cost is. */
Test(jobstore, what_a_job_cost_stays_when_batchs_word_is_let_go)
{
    struct state_rules rules = state_rules_default;
    struct batch_job *b = batch("b-1", "SUCCEEDED", "priced");

    rules.prices.fargate.vcpu_hour = 1;
    rules.prices.fargate.gb_hour = 1;
    struct store *s = store_new(&rules);
    put(s, &(struct job_spec){.id = "priced", .status = "IN_PROGRESS", .batch = "b-1"}, T0);
    cr_expect(store_find(s, "priced")->state.cost_usd < 0, "not known yet");
    b->detailed = true;
    b->size =
        (struct batch_size){.millivcpus = 2000, .memory_mib = 1024, .platform = PLATFORM_FARGATE};
    b->started_ms = T0;
    b->stopped_ms = T0 + 3600000;
    (void)store_put_batch(s, &b, 1, T0 + 3600000, T0 + 3600000);
    put(s, &(struct job_spec){.id = "priced", .status = "COMPLETED", .batch = "b-1"}, T0 + 3600001);
    cr_expect_null(store_find(s, "priced")->batch);
    float cost = store_find(s, "priced")->state.cost_usd;
    cr_expect(cost > 2.99F && cost < 3.01F, "2 vCPUs and 1 GB for an hour: %f", (double)cost);
    (void)store_tick(s, T0 + 7200000);
    cr_expect(store_find(s, "priced")->state.cost_usd > 2.99F);
    store_free(s);
}

Test(jobstore, a_job_that_waits_is_stuck_only_when_the_queue_is_known_to_run_nothing)
{
    struct store *s = store_new(NULL);
    int64_t now = T0;

    put(s, &(struct job_spec){.id = "waits", .status = "QUEUED", .batch = "b-1"}, T0);
    put(s, &(struct job_spec){.id = "runs", .status = "QUEUED", .batch = "b-2"}, T0);
    struct batch_job *b = batch("b-1", "RUNNABLE", "waits");
    b->created_ms = T0 - INT64_C(3600000);
    (void)store_put_batch(s, &b, 1, now, now);
    (void)store_tick(s, now += 1000);
    cr_expect_eq(store_find(s, "waits")->state.stuck, STUCK_NO, "the other pages are to come");
    b = batch("b-2", "RUNNING", "runs");
    b->created_ms = T0 - INT64_C(3600000);
    (void)store_put_batch(s, &b, 1, now, now);
    store_batch_listed(s, now);
    (void)store_tick(s, now += 1000);
    cr_expect_eq(store_find(s, "waits")->state.stuck, STUCK_NO);
    b = batch("b-2", "SUCCEEDED", "runs");
    (void)store_put_batch(s, &b, 1, now, now);
    (void)store_tick(s, now += 5000);
    cr_expect_eq(store_find(s, "waits")->state.stuck, STUCK_NO, "the next one is about to start");
    (void)store_tick(s, now += 61000);
    cr_expect_eq(store_find(s, "waits")->state.stuck, STUCK_RUNNABLE, "nothing was started");
    store_free(s);
}

Test(jobstore, a_queue_that_runs_nothing_at_all_is_told_once_all_of_it_was_read)
{
    struct store *s = store_new(NULL);

    put(s, &(struct job_spec){.id = "waits", .status = "QUEUED", .batch = "b-1"}, T0);
    struct batch_job *b = batch("b-1", "RUNNABLE", "waits");
    b->created_ms = T0 - INT64_C(3600000);
    (void)store_put_batch(s, &b, 1, T0, T0);
    store_batch_listed(s, T0);
    (void)store_tick(s, T0 + 1000);
    cr_expect_eq(store_find(s, "waits")->state.stuck, STUCK_RUNNABLE);
    store_free(s);
}

Test(jobstore, late_word_of_batch_does_not_revive_a_finished_job)
{
    struct store *s = store_new(NULL);
    struct batch_job *b = batch("b-1", "FAILED", "a");

    put(s, &(struct job_spec){.id = "a", .status = "IN_PROGRESS"}, T0);
    cr_expect_eq(store_put_batch(s, &b, 1, T0, T0), 1);
    cr_expect_eq(store_find(s, "a")->state.batch, BATCH_FAILED);
    b = batch("b-1", "RUNNING", "a");
    cr_expect_eq(store_put_batch(s, &b, 1, T0, T0 + 10), 0);
    cr_expect_eq(store_find(s, "a")->state.batch, BATCH_FAILED);
    store_free(s);
}

Test(jobstore, batch_job_of_another_id_than_the_records_is_not_taken)
{
    struct store *s = store_new(NULL);
    struct batch_job *b = batch("other", "FAILED", "a");

    put(s, &(struct job_spec){.id = "a", .status = "IN_PROGRESS", .batch = "mine"}, T0);
    cr_expect_eq(store_put_batch(s, &b, 1, T0, T0), 0);
    cr_expect_eq(store_find(s, "a")->state.batch, BATCH_UNKNOWN);
    store_free(s);
}

Test(jobstore, change_shows_for_a_moment)
{
    struct store *s = store_new(NULL);

    put(s, &(struct job_spec){.id = "a", .status = "FAILED"}, T0);
    cr_expect(entry_changed(store_find(s, "a"), T0 + 1000));
    cr_expect(store_tick(s, T0 + 4000), "its end has to be drawn");
    cr_expect_not(entry_changed(store_find(s, "a"), T0 + 4000));
    cr_expect_not(store_tick(s, T0 + 5000));
    store_free(s);
}

Test(jobstore, only_jobs_that_are_not_over_are_followed)
{
    struct store *s = store_new(NULL);
    struct store_asks asks;

    put(s, &(struct job_spec){.id = "a", .status = "IN_PROGRESS", .batch = "b-a"}, T0);
    put(s, &(struct job_spec){.id = "b", .status = "COMPLETED", .batch = "b-b"}, T0);
    put(s, &(struct job_spec){.id = "c", .status = "PENDING"}, T0);
    store_active(s, T0, NULL, &asks);
    cr_expect_eq(asks.ids_len, 2);
    cr_assert_eq(asks.batch_len, 1);
    cr_expect_str_eq(asks.batch_ids[0], "b-a");
    put(s, &(struct job_spec){.id = "a", .status = "COMPLETED", .batch = "b-a", .updated_s = 9},
        T0 + 1);
    store_active(s, T0, NULL, &asks);
    cr_assert_eq(asks.ids_len, 1);
    cr_expect_str_eq(asks.ids[0], "c");
    cr_assert_eq(asks.batch_len, 1, "its exit code and its cost are not known");
    cr_expect_str_eq(asks.batch_ids[0], "b-a");
    struct batch_job *over = batch("b-a", "SUCCEEDED", "a");
    over->detailed = true;
    (void)store_put_batch(s, &over, 1, T0 + 2, T0 + 2);
    store_active(s, T0 + 2, NULL, &asks);
    cr_expect_eq(asks.batch_len, 0);
    store_free(s);
}

Test(jobstore, batch_is_asked_how_a_job_ended_and_not_for_ever)
{
    struct store *s = store_new(NULL);
    struct store_asks asks;
    struct batch_job *runs = batch("b-a", "RUNNING", "a");

    put(s, &(struct job_spec){.id = "a", .status = "IN_PROGRESS", .batch = "b-a"}, T0);
    (void)store_put_batch(s, &runs, 1, T0, T0);
    put(s, &(struct job_spec){.id = "a", .status = "FAILED", .batch = "b-a", .updated_s = 9},
        T0 + 9000);
    store_active(s, T0 + 9000, NULL, &asks);
    cr_expect_eq(asks.ids_len, 0, "its record is over");
    cr_assert_eq(asks.batch_len, 1);
    cr_expect_str_eq(asks.batch_ids[0], "b-a");
    struct batch_job *brief = batch("b-a", "FAILED", "a");
    (void)store_put_batch(s, &brief, 1, T0 + 9500, T0 + 9500);
    store_active(s, T0 + 9500, NULL, &asks);
    cr_expect_eq(asks.batch_len, 1, "a summary of ListJobs does not tell what it cost");
    struct batch_job *over = batch("b-a", "FAILED", "a");
    over->detailed = true;
    over->exit_code = 7;
    (void)store_put_batch(s, &over, 1, T0 + 10000, T0 + 10000);
    cr_expect_eq(store_find(s, "a")->state.exit_code, 7);
    cr_expect_null(store_find(s, "a")->batch, "what Batch said is let go");
    store_active(s, T0 + 10000, NULL, &asks);
    cr_expect_eq(asks.batch_len, 0);

    put(s, &(struct job_spec){.id = "b", .status = "IN_PROGRESS", .batch = "b-b"}, T0);
    put(s, &(struct job_spec){.id = "b", .status = "COMPLETED", .batch = "b-b", .updated_s = 9},
        T0 + 9000);
    store_active(s, T0 + 9 * 60 * 1000, NULL, &asks);
    cr_expect_eq(asks.batch_len, 1, "Batch may be behind");
    store_active(s, T0 + 20 * 60 * 1000, NULL, &asks);
    cr_expect_eq(asks.batch_len, 0, "Batch does not tell");
    store_free(s);
}

Test(jobstore, failing_jobs_can_come_first)
{
    struct store *s = store_new(NULL);
    struct sort_order o = store_sort(s);

    put(s, &(struct job_spec){.id = "old", .status = "FAILED", .created_s = 1}, T0);
    put(s, &(struct job_spec){.id = "new", .status = "COMPLETED", .created_s = 5}, T0);
    cr_expect_str_eq(id_at(s, 0), "new");
    o.failing_first = true;
    store_set_sort(s, o, T0);
    cr_expect_str_eq(id_at(s, 0), "old");
    store_free(s);
}

/* ---- against a naive list ---- */

static const struct {
    enum column_id column;
    bool descending, failing_first;
    const char *filter;
} orders[] = {
    {COL_AGE,      false, false, NULL           },
    {COL_STATUS,   false, false, NULL           },
    {COL_NAME,     true,  false, "status:failed"},
    {COL_DURATION, true,  true,  NULL           },
    {COL_PROGRESS, false, false, "!user:u1"     },
    {COL_USER,     false, true,  "is:active"    },
};

static const char *const words[] = {"PENDING", "QUEUED",    "IN_PROGRESS", "COMPLETED",
                                    "FAILED",  "CANCELLED", "odd"};

static uint32_t next(uint32_t *r)
{
    *r ^= *r << 13;
    *r ^= *r >> 17;
    *r ^= *r << 5;
    return *r;
}

static bool well_ordered(const struct store *s, size_t order, int64_t sort_ms)
{
    const struct column *c = &job_columns[orders[order].column];

    for (size_t i = 1; i < store_rows(s); i++) {
        const struct entry *a = store_row(s, i - 1), *b = store_row(s, i);
        bool fa = a->state.status == JOB_FAILED || a->state.stuck != STUCK_NO;
        bool fb = b->state.status == JOB_FAILED || b->state.stuck != STUCK_NO;
        if (orders[order].failing_first && fa != fb) {
            if (fb) {
                return false;
            }
            continue;
        }
        int by = column_compare(c, a, b, sort_ms);
        if ((orders[order].descending ? -by : by) > 0) {
            return false;
        }
    }
    return true;
}

TheoryDataPoints(jobstore, list_is_always_sorted_filtered_and_complete) = {
    DataPoints(size_t, 0, 1, 2, 3, 4, 5),
    DataPoints(uint32_t, 1, 99, 12345),
};

Theory((size_t order, uint32_t seed), jobstore, list_is_always_sorted_filtered_and_complete)
{
    enum { IDS = 60 };
    struct store *s = store_new(NULL);
    bool there[IDS] = {false};
    char id[16], user[8], name[16];
    struct filter *f = NULL;
    uint32_t r = seed;

    if (orders[order].filter != NULL) {
        store_set_filter(s, filter_new(orders[order].filter, NULL), T0);
        f = filter_new(orders[order].filter, NULL);
    }
    store_set_sort(s,
                   (struct sort_order){orders[order].column, orders[order].descending,
                                       orders[order].failing_first},
                   T0);
    for (int turn = 0; turn < 120; turn++) {
        struct job *page[IDS];
        size_t n = 0;
        for (size_t k = 1 + next(&r) % (turn % 7 == 0 ? 50 : 4); k > 0; k--) {
            uint32_t i = next(&r) % IDS;
            snprintf(id, sizeof id, "job%02u", i);
            if (n == 0 && next(&r) % 10 == 0) {
                cr_expect_eq(store_remove(s, id), there[i]);
                there[i] = false;
                continue;
            }
            snprintf(user, sizeof user, "u%u", next(&r) % 3);
            snprintf(name, sizeof name, "n%u", next(&r) % 20);
            page[n++] = fixture_job(&(struct job_spec){.id = id,
                                                       .user = user,
                                                       .name = name,
                                                       .status = words[next(&r) % 7],
                                                       .progress = (int)(next(&r) % 101),
                                                       .created_s = next(&r) % 50,
                                                       .updated_s = 100 + turn});
            there[i] = true;
        }
        (void)store_put_jobs(s, page, n, T0 + turn * 1000, true, T0);
        size_t all = 0, shown = 0;
        for (uint32_t i = 0; i < IDS; i++) {
            size_t row = 0;
            snprintf(id, sizeof id, "job%02u", i);
            const struct entry *e = store_find(s, id);
            cr_assert_eq(e != NULL, there[i]);
            if (e == NULL) {
                continue;
            }
            bool match = f == NULL || filter_match(f, e->job, e->batch, &e->state, T0);
            all++;
            shown += match;
            cr_assert_eq(store_row_of(s, id, &row), match);
            cr_assert(!match || strcmp(id_at(s, row), id) == 0);
        }
        cr_assert_eq(store_len(s), all);
        cr_assert_eq(store_rows(s), shown);
        cr_assert_eq(store_stats(s)->total, all);
        cr_assert(well_ordered(s, order, T0));
    }
    filter_free(f);
    store_free(s);
}

/* ---- 100,000 jobs: work is counted, not timed ---- */

static struct store *big_store(size_t n)
{
    struct store *s = store_new(NULL);
    struct job *page[1000];
    char id[40], name[32];

    for (size_t at = 0; at < n; at += 1000) {
        for (size_t i = 0; i < 1000; i++) {
            size_t k = at + i;
            snprintf(id, sizeof id, "job_%013zu_%09zu", k, k * 7919 % n);
            snprintf(name, sizeof name, "Business %zu", k);
            page[i] = fixture_job(
                &(struct job_spec){.id = id,
                                   .status = k % 1000 == 0 ? "IN_PROGRESS" : "COMPLETED",
                                   .name = name,
                                   .user = "user123",
                                   .step = "COMPLETED",
                                   .created_s = (int64_t)(k * 7919 % n)});
        }
        (void)store_put_jobs(s, page, 1000, T0, false, T0);
    }
    return s;
}

Test(jobstore, hundred_thousand_jobs_fit_and_one_change_is_cheap, .timeout = 120)
{
    enum { N = 100000 };
    struct store *s = big_store(N);
    size_t row = 0;
    char id[40];

    cr_assert_eq(store_len(s), N);
    cr_expect_leq(store_bytes(s), (size_t)60 << 20, "%zu bytes", store_bytes(s));
    struct store_work loaded = store_work(s);
    cr_expect_leq(loaded.compares, (uint64_t)N * 40, "loading took %llu comparisons",
                  (unsigned long long)loaded.compares);

    snprintf(id, sizeof id, "job_%013d_%09d", 5000, 5000 * 7919 % N);
    struct job *j = fixture_job(&(struct job_spec){
        .id = id, .status = "FAILED", .created_s = 5000 * 7919 % N, .updated_s = 200000});
    struct store_work before = store_work(s);
    cr_expect_eq(store_put_jobs(s, &j, 1, T0 + 1000, true, T0 + 1000), 1);
    struct store_work after = store_work(s);
    cr_expect_leq(after.compares - before.compares, 60);
    cr_expect_leq(after.merges - before.merges, 2);

    before = store_work(s);
    cr_expect(store_row_of(s, id, &row));
    after = store_work(s);
    cr_expect_leq(after.compares - before.compares, 20, "a cursor key must not cost by n");

    before = store_work(s);
    (void)store_tick(s, T0 + 10000);
    after = store_work(s);
    cr_expect_leq(after.merges - before.merges, 512 + 2);
    store_free(s);
}

/* ---- by their logs ---- */

static void put_silent(struct store *s, const char *id)
{
    char batch_id[16];

    (void)snprintf(batch_id, sizeof batch_id, "b-%s", id);
    struct batch_job *b = batch(batch_id, "RUNNING", id);
    put(s,
        &(struct job_spec){.id = id,
                           .status = "IN_PROGRESS",
                           .batch = batch_id,
                           .step = "AI_DEVELOPMENT",
                           .created_s = -9000,
                           .updated_s = -7200},
        T0);
    (void)store_put_batch(s, &b, 1, T0, T0);
}

static struct log_stage log_of(const char *stage, int64_t at_ms, int64_t read_ms)
{
    struct log_stage l;
    char text[120];

    log_stage_init(&l);
    (void)snprintf(text, sizeof text, "{\"stage\":\"%s\"}", stage);
    log_stage_line(&l, at_ms, text, strlen(text));
    l.read_ms = read_ms;
    return l;
}

Test(jobstore, silent_jobs_take_turns_in_being_looked_up_in_their_logs)
{
    struct store *s = store_new(NULL);
    const struct entry *e[3];
    static const char *const ids[] = {"a", "b", "c", "d"};

    for (int i = 0; i < 4; i++) {
        put_silent(s, ids[i]);
    }
    put(s, &(struct job_spec){.id = "speaks", .status = "IN_PROGRESS", .updated_s = -10}, T0);
    put(s, &(struct job_spec){.id = "over", .status = "COMPLETED", .updated_s = -7200}, T0);
    cr_assert_eq(store_silent(s, T0, 180, e, 3), 3, "no more than asked for");
    cr_expect_eq(store_silent(s, T0, 7201, e, 3), 0, "not silent for so long");
    cr_expect_eq(store_silent(s, T0, 0, e, 3), 0, "switched off");
    struct log_stage l = log_of("BUILDING", T0 - 1000, T0);
    cr_expect(store_put_log(s, "a", &l, T0));
    l.read_ms = T0 + 1000;
    cr_expect(store_put_log(s, "b", &l, T0));
    cr_assert_eq(store_silent(s, T0 + 2000, 180, e, 3), 2, "those read a moment ago wait");
    cr_assert_eq(store_silent(s, T0 + 70000, 180, e, 3), 3);
    cr_expect_str_neq(e[0]->job->id, "a");
    cr_expect_str_neq(e[1]->job->id, "a");
    cr_expect_str_eq(e[2]->job->id, "a", "the one read longest ago, after those never read");
    store_free(s);
}

Test(jobstore, a_step_by_the_log_lives_as_long_as_the_record_is_silent)
{
    struct store *s = store_new(NULL);

    put_silent(s, "a");
    cr_expect_eq(store_find(s, "a")->state.stuck, STUCK_NO_PROGRESS);
    struct log_stage l = log_of("BUILDING", T0 - 1000, T0);
    cr_expect(store_put_log(s, "a", &l, T0));
    const struct entry *e = store_find(s, "a");
    cr_expect_str_eq(log_stage_shown(e->job, &e->state, e->log), "BUILDING");
    cr_expect_eq(e->state.stuck, STUCK_NO);
    cr_expect_eq(store_stats(s)->stuck, 0);
    (void)store_tick(s, T0 + 1000);
    cr_expect_eq(store_find(s, "a")->state.stuck, STUCK_NO, "merging again keeps it");
    struct log_stage none;
    log_stage_init(&none);
    none.read_ms = T0 + 60000;
    cr_expect_not(store_put_log(s, "a", &none, T0 + 60000), "a log that could not be read");
    cr_expect_str_eq(store_find(s, "a")->log->stage, "BUILDING", "takes nothing away");
    (void)store_tick(s, T0 + 3600000);
    cr_expect_eq(store_find(s, "a")->state.stuck, STUCK_NO_PROGRESS, "the log has ended, too");

    put(s,
        &(struct job_spec){
            .id = "a", .status = "COMPLETED", .batch = "b-a", .created_s = -9000, .updated_s = 60},
        T0 + 3700000);
    cr_expect_null(store_find(s, "a")->log);
    cr_expect_not(store_put_log(s, "a", &l, T0 + 3700000), "late");
    cr_expect_not(store_put_log(s, "nobody", &l, T0));
    store_free(s);
}
