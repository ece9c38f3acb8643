/* Some of the doctor's checks: single ones, those on an event's way, and what a watcher is told. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "doctor_cloud.h"
#include "fake_http.h"

/* Some of the doctor's checks, watched while they run, stopped. */

TestSuite(doctor_some, .fini = doctor_teardown, .timeout = 120);

#define RULE "'Rule':'mvp-development-rule','EventBusName':'mvp-development'"
#define NAMED "'Name':'mvp-development-rule','EventBusName':'mvp-development'"

static enum err_code ask(const struct doctor_options *opt, doctor_fn fn, void *arg, struct err *e)
{
    struct settings *s = NULL;
    struct ops *o = doctor_ops(&s);

    doctor_report_clear(&report);
    enum err_code rc = ops_doctor(o, opt, fn, arg, &report, e);
    ops_free(o);
    settings_free(s);
    return rc;
}

static void put_job(const char *id, const char *status, const char *created)
{
    char json[400];

    (void)snprintf(json, sizeof json,
                   "{'TableName':'mvp-development-jobs','Item':{'jobId':{'S':'%s'},'userId':{'S':"
                   "'u'},'productId':{'S':'p'},'status':{'S':'%s'},'createdAt':{'S':'%s'}}}",
                   id, status, created);
    cloud_do(&c, AWS_OP_DDB_PUT_ITEM, json);
}

static void keep_job(void *arg, const struct doctor_check *k, const struct finding *f)
{
    struct finding *kept = arg;

    if (k->of_job) {
        *kept = *f;
        kept->text = strdup(f->text);
        kept->fix = f->fix == NULL ? NULL : strdup(f->fix);
    }
}

struct watched {
    char order[2048]; /* ids as they ended */
    bool begun[64], ended[64];
    int stop_after, ends; /* ends seen; gives up after so many */
};

static void watch(void *arg, const struct doctor_check *k, const struct finding *f)
{
    struct watched *w = arg;
    size_t i = (size_t)(k - doctor_checks);

    cr_assert_not(w->ended[i], "%s ended twice", k->id);
    if (f == NULL) {
        cr_assert_not(w->begun[i], "%s began twice", k->id);
        w->begun[i] = true;
        return;
    }
    cr_expect_not_null(f->text);
    w->ended[i] = true;
    w->ends++;
    (void)strncat(w->order, k->id, sizeof w->order - strlen(w->order) - 2);
    (void)strcat(w->order, " ");
}

static bool enough(void *arg)
{
    const struct watched *w = arg;

    return w->ends >= w->stop_after;
}

/* All that was told in order, by id. */
static void collect(void *arg, const struct doctor_check *k, const struct finding *f)
{
    char *ids = arg;

    (void)f;
    (void)strncat(ids, k->id, 500 - strlen(ids) - 2);
    (void)strcat(ids, " ");
}

static void d4_is_skipped(void *arg, const struct doctor_check *k, const struct finding *f)
{
    (void)arg;
    cr_expect(strcmp(k->id, "D4") != 0 || f->state == DOCTOR_SKIP);
}

Test(doctor_some, runs_one_check_with_what_it_builds_on)
{
    struct watched w = {0};
    char ids[512] = "";
    struct err e = {0};

    doctor_start();
    cloud_do(&c, AWS_OP_EVENTS_DISABLE_RULE, "{" NAMED "}");
    struct doctor_options opt = {.only = "D3", .watch = watch, .arg = &w};
    cr_assert_eq(ask(&opt, collect, ids, &e), E_OK, "%s", e.msg);
    cr_expect_str_eq(ids, "A3.sts A3.events B1 B2 D1 D3 ");
    cr_assert_not_null(report.headline_id);
    cr_expect_str_eq(report.headline_id, "D3");
    for (size_t i = 0; i < doctor_checks_len; i++) {
        bool chosen = strstr(ids, doctor_checks[i].id) != NULL;
        cr_expect_eq(w.ended[i], chosen, "%s", doctor_checks[i].id);
        cr_expect(chosen || !w.begun[i], "%s", doctor_checks[i].id);
    }
    cr_expect_eq(report.count[DOCTOR_PASS], 5);
    opt.only = " Q9";
    cr_assert_eq(ask(&opt, collect, ids, &e), E_USAGE);
    cr_expect_not_null(strstr(e.msg, "no check Q9"));
}

Test(doctor_some, tells_who_watches_of_each_as_it_ends_and_skipped_ones_too)
{
    struct watched w = {0};
    struct err e = {0};
    int begun = 0;

    doctor_start();
    cloud_do(&c, AWS_OP_EVENTS_REMOVE_TARGETS, "{" RULE ",'Ids':['a-recorder','batch','log']}");
    cloud_do(&c, AWS_OP_EVENTS_DELETE_RULE, "{" NAMED "}");
    cr_assert_eq(ask(&(struct doctor_options){.watch = watch, .arg = &w}, d4_is_skipped, NULL, &e),
                 E_OK, "%s", e.msg);
    for (size_t i = 0; i < doctor_checks_len; i++) {
        cr_expect_eq(w.ended[i], !doctor_checks[i].of_job, "%s", doctor_checks[i].id);
        cr_expect(!w.begun[i] || strcmp(doctor_checks[i].id, "D4") != 0, "it has nothing to try");
        begun += w.begun[i];
    }
    cr_expect_gt(begun, 5, "those that wait for a reply are seen to run");
}

Test(doctor_some, the_way_of_an_event_is_made_of_checks_of_the_table_and_names_the_cause)
{
    bool in[64];
    char ids[512] = "";
    struct err e = {0};

    doctor_start();
    cr_assert_eq(doctor_choose(doctor_way, in, &e), E_OK, "%s", e.msg);
    cloud_do(&c, AWS_OP_DDB_PUT_ITEM,
             "{'TableName':'mvp-development-jobs','Item':{'jobId':{'S':'job_1'},'userId':{'S':"
             "'u'},'productId':{'S':'p'},'status':{'S':'PENDING'},'metadata':{'M':{'businessName':"
             "{'S':'Shop'},'env':{'S':'prod'}}}}}");
    cloud_do(&c, AWS_OP_EVENTS_PUT_RULE,
             "{" NAMED
             ",'EventPattern':'{\\'detail\\':{\\'metadata\\':{\\'env\\':[\\'prod\\']}}}'}");
    struct doctor_options opt = {.only = doctor_way, .job_id = "job_1"};
    cr_assert_eq(ask(&opt, collect, ids, &e), E_OK, "%s", e.msg);
    cr_expect_null(report.headline, "%s: %s", report.headline_id, report.headline);
    /* What the form sends has no such key: the job's own event was tried. */
    opt.job_id = NULL;
    cr_assert_eq(ask(&opt, collect, ids, &e), E_OK, "%s", e.msg);
    cr_assert_not_null(report.headline_id);
    cr_expect_str_eq(report.headline_id, "D4");
    cr_expect_not_null(strstr(report.headline, "detail.metadata"), "%s", report.headline);
}

/* What K1 said of a job. */
static void of_job(const char *job_id, struct finding *k1, struct err *e)
{
    struct doctor_options opt = {.only = doctor_way, .job_id = job_id};

    *k1 = (struct finding){0};
    (void)!ask(&opt, keep_job, k1, e);
}

Test(doctor_some, a_job_that_does_not_exist_is_not_found)
{
    struct settings *s = NULL;
    struct err e = {0};

    doctor_start();
    struct ops *o = doctor_ops(&s);
    cr_expect_eq(ops_doctor_job(o, "nope", &e), E_NOT_FOUND, "%s", e.msg);
    cr_expect_not_null(strstr(e.msg, "no job nope"), "%s", e.msg);
    put_job("job_there", "PENDING", "2025-08-20T10:30:00Z");
    cr_expect_eq(ops_doctor_job(o, "job_there", &e), E_OK);
    ops_free(o);
    settings_free(s);
}

Test(doctor_some, a_job_whose_event_is_lost_is_told_from_one_that_is_early_or_over)
{
    char item[300], now[TIME_ISO_SIZE];
    struct finding k1;
    struct err e = {0};

    doctor_start();
    put_job("job_old", "PENDING", "2025-08-20T10:30:00Z");
    of_job("job_old", &k1, &e);
    cr_expect(k1.lost, "%s", k1.text);
    cr_expect_eq(k1.state, DOCTOR_FAIL);
    cr_expect_str_eq(report.headline_id, "K1");
    cr_expect_not_null(strstr(k1.fix, "`mvpdash retry job_old`"), "%s", k1.fix);
    finding_clear(&k1);

    cloud_do(&c, AWS_OP_EVENTS_DISABLE_RULE, "{" NAMED "}");
    of_job("job_old", &k1, &e);
    cr_expect(k1.lost);
    cr_expect_str_eq(report.headline_id, "D3", "the cause comes first");
    cr_expect_str_eq(report.first.id, "D3");
    cr_expect_eq(report.first.state, DOCTOR_FAIL);
    cr_expect_str_eq(report.first.text, report.headline);
    cr_expect_not_null(strstr(k1.fix, "mend D3 first"), "%s", k1.fix);
    finding_clear(&k1);
    cloud_do(&c, AWS_OP_EVENTS_ENABLE_RULE, "{" NAMED "}");

    put_job("job_new", "PENDING", time_iso(clock_wall_ms(NULL), now));
    of_job("job_new", &k1, &e);
    cr_expect_not(k1.lost, "%s", k1.text);
    cr_expect_eq(k1.state, DOCTOR_PASS, "%s", k1.text);
    cr_expect_not_null(strstr(k1.text, "up to 1m is usual"), "%s", k1.text);
    finding_clear(&k1);

    put_job("job_over", "COMPLETED", "2025-08-20T10:30:00Z");
    of_job("job_over", &k1, &e);
    cr_expect_eq(k1.state, DOCTOR_PASS);
    cr_expect_str_eq(k1.text, "it has ended: COMPLETED");
    finding_clear(&k1);

    /* A dead letter holds the job's event: the event is not lost. */
    (void)snprintf(item, sizeof item,
                   "{'QueueUrl':'mvp-development-dlq','MessageBody':'{\\'source\\':\\'s\\',"
                   "\\'detail-type\\':\\'t\\',\\'detail\\':{\\'jobId\\':\\'job_old\\'}}'}");
    cloud_do(&c, AWS_OP_SQS_SEND_MESSAGE, item);
    of_job("job_old", &k1, &e);
    cr_expect_not(k1.lost, "%s", k1.text);
    cr_expect_not_null(strstr(k1.text, "dead letter"), "%s", k1.text);
    cr_expect_str_eq(report.headline_id, "E4");
    finding_clear(&k1);
}

Test(doctor_some, ends_soon_when_nobody_waits_for_it_any_more)
{
    static const struct fake_reply hang[] = {{.deed = FAKE_HANG}};
    struct fake_http *h = fake_http_start(hang, 1);
    struct watched w = {.stop_after = 0};
    struct err e = {0};

    doctor_start();
    (void)setenv("AWS_ENDPOINT_URL_EVENTBRIDGE", fake_http_url(h), 1);
    struct doctor_options opt = {
        .watch = watch, .give_up = enough, .arg = &w, .check_ms = 60000, .total_ms = 60000};
    int64_t began = clock_mono_ms(NULL);
    cr_expect_eq(ask(&opt, NULL, NULL, &e), E_CANCELLED);
    cr_expect_lt(clock_mono_ms(NULL) - began, 30000);
    fake_http_stop(h);
}
