/* The snapshot of the dashboard's list: kept, read in pieces, damaged. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/path.h"
#include "ops/place.h"
#include "ops/snapshot.h"
#include "place_folder.h"

static struct ops o;

static void setup(void)
{
    o = place_folder_new();
}

static void teardown(void)
{
    place_folder_free(&o);
}

TestSuite(snapshot, .init = setup, .fini = teardown, .timeout = 120);

static char *the_file(void)
{
    return place_folder_file(&o, "snapshot");
}

static struct job *full_job(void)
{
    static const char *const features[] = {"auth", "", "d\xc3\xa4sh"};
    static const struct job_error errors[] = {
        {.at_ms = 5,         .message = "boom", .step = "BUILDING"},
        {.at_ms = TIME_NONE, .message = "",     .step = NULL      }
    };
    struct job_values j = {
        .id = "job_1",
        .text = {[JOB_USER_ID] = "u",
                 [JOB_BUSINESS_NAME] = "Caf\xc3\xa9 \x1b[31m",
                 [JOB_STATUS_TEXT] = "Completed",
                 [JOB_STEP] = ""                                                   },
        .status = JOB_COMPLETED,
        .features = features,
        .features_len = 3,
        .errors = errors,
        .errors_len = 2,
        .ms = { 1700000000123,          TIME_NONE,                      -5, TIME_NONE, INT64_MAX},
        .estimated_duration_s = -1,
        .progress = 100
    };

    return job_make(&j);
}

static struct job *small_job(int n)
{
    char id[32];
    struct job_values j = {
        .id = id,
        .text = {[JOB_USER_ID] = "user123",
                 [JOB_BUSINESS_NAME] = "My Startup",
                 [JOB_STATUS_TEXT] = "PENDING"                },
        .status = JOB_PENDING,
        .ms = { n, TIME_NONE,              TIME_NONE, TIME_NONE, TIME_NONE},
        .progress = -1
    };

    (void)snprintf(id, sizeof id, "job_%d", n);
    return job_make(&j);
}

static void save(struct job **jobs, size_t len)
{
    struct err e = {0};

    cr_assert_eq(snapshot_save(&o, (const struct job *const *)jobs, len, &e), E_OK, "%s", e.msg);
}

Test(snapshot, gives_back_every_field)
{
    struct job *j = full_job();
    struct job *got[4];
    struct err e = {0};

    save(&j, 1);
    struct snapshot *s = snapshot_open(&o, &e);
    cr_assert_not_null(s, "%s", e.msg);
    cr_assert_gt(snapshot_saved_ms(s), 1700000000000);
    cr_assert_eq(snapshot_next(s, got, 4), 1);
    cr_assert_eq(snapshot_next(s, got + 1, 3), 0);
    cr_assert_str_eq(got[0]->id, "job_1");
    cr_assert_str_eq(job_text(got[0], JOB_USER_ID), "u");
    cr_assert_null(job_text(got[0], JOB_PRODUCT_ID), "absent is not empty");
    cr_assert_str_eq(job_text(got[0], JOB_STEP), "");
    cr_assert_str_eq(job_text(got[0], JOB_BUSINESS_NAME), job_text(j, JOB_BUSINESS_NAME));
    cr_assert_str_eq(job_text(got[0], JOB_STATUS_TEXT), "Completed");
    cr_assert_eq(got[0]->status, JOB_COMPLETED);
    cr_assert_eq(job_ms(got[0], JOB_CREATED), job_ms(j, JOB_CREATED));
    cr_assert_eq(job_ms(got[0], JOB_UPDATED), TIME_NONE);
    cr_assert_eq(job_ms(got[0], JOB_STARTED), -5);
    cr_assert_eq(job_ms(got[0], JOB_ESTIMATED), INT64_MAX);
    cr_assert_eq(got[0]->estimated_duration_s, -1);
    cr_assert_eq(got[0]->progress, 100);
    cr_assert_eq(got[0]->features_len, 3);
    cr_assert_str_eq(job_feature(got[0], 1, (char[JOB_ROOM]){0}), "");
    cr_assert_str_eq(job_feature(got[0], 2, (char[JOB_ROOM]){0}), "d\xc3\xa4sh");
    cr_assert_eq(got[0]->errors_len, 2);
    cr_assert_str_eq(job_errors(got[0])[0].step, "BUILDING");
    cr_assert_eq(job_errors(got[0])[1].at_ms, TIME_NONE);
    cr_assert_str_eq(job_errors(got[0])[1].message, "");
    cr_assert_null(job_errors(got[0])[1].step);
    job_free(got[0]);
    job_free(j);
    snapshot_close(s);
}

Test(snapshot, comes_in_pieces_in_the_order_saved)
{
    enum { N = 1000 };
    struct job *jobs[N];
    struct job *got[7];
    int at = 0;
    size_t n;

    for (int i = 0; i < N; i++) {
        jobs[i] = small_job(i);
    }
    save(jobs, N);
    struct snapshot *s = snapshot_open(&o, NULL);
    cr_assert_not_null(s);
    while ((n = snapshot_next(s, got, 7)) > 0) {
        for (size_t i = 0; i < n; i++) {
            cr_assert_eq(job_ms(got[i], JOB_CREATED), at++);
            job_free(got[i]);
        }
    }
    cr_assert_eq(at, N);
    snapshot_close(s);
    for (int i = 0; i < N; i++) {
        job_free(jobs[i]);
    }
}

Test(snapshot, another_place_has_none)
{
    struct job *j = small_job(1);

    save(&j, 1);
    place_free(o.place);
    o.place = place_fixed("444455556666", "us-east-1");
    cr_assert_null(snapshot_open(&o, NULL));
    job_free(j);
}

/* Reads all of it; whatever comes out must be whole jobs. */
static size_t read_all(void)
{
    struct job *got[3];
    size_t total = 0;
    size_t n;
    struct snapshot *s = snapshot_open(&o, NULL);

    while (s != NULL && (n = snapshot_next(s, got, 3)) > 0) {
        for (size_t i = 0; i < n; i++) {
            cr_assert_neq(got[i]->id[0], '\0');
            job_free(got[i]);
        }
        total += n;
    }
    snapshot_close(s);
    return total;
}

Test(snapshot, damage_anywhere_loses_only_what_it_hits)
{
    struct job *jobs[] = {small_job(1), full_job(), small_job(3)};
    char *text = NULL;
    size_t len = 0;
    size_t last = 0;

    save(jobs, 3);
    char *path = the_file();
    cr_assert_eq(path_read(path, 1 << 20, &text, &len, NULL), E_OK);
    for (size_t cut = 0; cut < len; cut++) {
        cr_assert_eq(path_write_atomic(path, text, cut, 0600, NULL), E_OK);
        size_t n = read_all();
        cr_assert_lt(n, 3);
        cr_assert_geq(n, last);
        last = n;
    }
    for (size_t i = 0; i < len; i++) {
        text[i] = (char)(text[i] ^ 0x55);
        cr_assert_eq(path_write_atomic(path, text, len, 0600, NULL), E_OK);
        (void)read_all();
        text[i] = (char)(text[i] ^ 0x55);
    }
    free(text);
    free(path);
    for (int i = 0; i < 3; i++) {
        job_free(jobs[i]);
    }
}

Test(snapshot, a_hundred_thousand_jobs_are_a_matter_of_milliseconds)
{
    enum { N = 100000 };
    struct job **jobs = xcalloc(N, sizeof(void *));
    struct job *got[500];
    size_t n;
    size_t total = 0;

    for (int i = 0; i < N; i++) {
        jobs[i] = small_job(i);
    }
    int64_t t0 = clock_mono_ms(NULL);
    save(jobs, N);
    int64_t t1 = clock_mono_ms(NULL);
    struct snapshot *s = snapshot_open(&o, NULL);
    cr_assert_not_null(s);
    n = snapshot_next(s, got, 100);
    int64_t t2 = clock_mono_ms(NULL);
    do {
        for (size_t i = 0; i < n; i++) {
            job_free(got[i]);
        }
        total += n;
    } while ((n = snapshot_next(s, got, 500)) > 0);
    int64_t t3 = clock_mono_ms(NULL);
    snapshot_close(s);
    cr_log_info("save %d ms, first 100 %d ms, all %d ms", (int)(t1 - t0), (int)(t2 - t1),
                (int)(t3 - t1));
    cr_assert_eq(total, N);
    cr_assert_lt(t2 - t1, 200, "generous: sanitizers and a busy machine");
    for (int i = 0; i < N; i++) {
        job_free(jobs[i]);
    }
    free(jobs);
}
