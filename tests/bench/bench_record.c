/* What reading a record costs beside parsing its bytes with cJSON alone, and what 100,000 of them
 * weigh (SPEC 10). Prints ratios; fails on nothing. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aws/attr.h"
#include "core/json.h"
#include "items.h"
#include "jobs/deploy.h"
#include "jobs/filter.h"
#include "jobs/job.h"
#include "jobs/job_json.h"
#include "jobs/state.h"

enum { RECORDS = 1000, JOBS = 100000, ROUNDS = 50 };

static double now_s(void)
{
    struct timespec ts = {0};
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

int main(void)
{
    static char *texts[RECORDS];
    static cJSON *trees[RECORDS];
    size_t bytes = 0;
    double parse = 0;
    double decode = 0;

    for (int i = 0; i < RECORDS; i++) {
        texts[i] = items_record((size_t)i);
        bytes += strlen(texts[i]);
    }
    for (int r = 0; r < ROUNDS; r++) {
        double t0 = now_s();
        for (int i = 0; i < RECORDS; i++) {
            trees[i] = cJSON_Parse(texts[i]);
        }
        for (int i = 0; i < RECORDS; i++) {
            cJSON_Delete(trees[i]);
        }
        parse += now_s() - t0;
        for (int i = 0; i < RECORDS; i++) {
            trees[i] = cJSON_Parse(texts[i]);
        }
        t0 = now_s();
        for (int i = 0; i < RECORDS; i++) {
            job_free(job_from_item(trees[i]));
        }
        decode += now_s() - t0;
        for (int i = 0; i < RECORDS; i++) {
            cJSON_Delete(trees[i]);
        }
    }
    double per = 1e6 / (double)(RECORDS * ROUNDS);
    printf("record: %zu bytes; cJSON parse %.2f us, decode %.2f us: %.0f %% of the parse (target "
           "30)\n",
           bytes / RECORDS, parse * per, decode * per, 100 * decode / parse);

    static struct job *jobs[JOBS];
    static struct job_state states[JOBS];
    cJSON *tree = NULL;
    size_t kept = 0;
    for (int i = 0; i < JOBS; i++) {
        char *text = items_record((size_t)i);
        tree = cJSON_Parse(text);
        jobs[i] = job_from_item(tree);
        kept += malloc_usable_size(jobs[i]) + sizeof(size_t);
        cJSON_Delete(tree);
        free(text);
    }
    double mib = (double)kept / 1048576;
    printf("memory: %d jobs take %.1f MiB (%.0f bytes each, %d of them the struct), states %.1f "
           "MiB\n",
           JOBS, mib, mib * 1048576 / JOBS, (int)offsetof(struct job, id),
           (double)sizeof states / 1048576);

    double t0 = now_s();
    for (int i = 0; i < JOBS; i++) {
        job_state_merge(jobs[i], NULL, false, INT64_C(1755700000000), NULL, &states[i]);
    }
    printf("merge: %.1f ms for %d jobs\n", (now_s() - t0) * 1e3, JOBS);
    static const char *const lines[] = {"rocket 99",   "status:comp",         "zqx",
                                        "/labs.*99$/", "user:user_0012 !aux", "rcktlbs"};
    for (size_t l = 0; l < sizeof lines / sizeof *lines; l++) {
        struct filter *f = filter_new(lines[l], NULL);
        int hits = 0;
        t0 = now_s();
        for (int i = 0; f != NULL && i < JOBS; i++) {
            hits += filter_match(f, jobs[i], NULL, &states[i], INT64_C(1755700000000));
        }
        printf("filter %-18s %6d hits in %.1f ms\n", lines[l], hits, (now_s() - t0) * 1e3);
        filter_free(f);
    }
    t0 = now_s();
    for (int i = 0; i < JOBS; i += 10) {
        cJSON *o = job_json(jobs[i], NULL, &states[i], NULL, NULL);
        free(json_text(o));
        cJSON_Delete(o);
    }
    printf("json: %.1f us a job\n", (now_s() - t0) * 1e6 / (JOBS / 10));
    for (int i = 0; i < JOBS; i++) {
        job_free(jobs[i]);
    }
    for (int i = 0; i < RECORDS; i++) {
        free(texts[i]);
    }
    return 0;
}
