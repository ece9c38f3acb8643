/* What the figures over 100,000 jobs cost (SPEC 10: 0.3 s): the records of the other measures, half
 * of them with the times of seven steps. Prints a ratio of the target; fails on nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aws/attr.h"
#include "core/json.h"
#include "items.h"
#include "jobs/insight.h"

enum { JOBS = 100000, ROUNDS = 5, STEPS = 7 };

static double now_s(void)
{
    struct timespec ts = {0};
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

/* The job of the n-th record, with step times in every second one. */
static struct job *job_of(int n)
{
    static const char *const steps[STEPS] = {"INIT",           "FETCHING_DATA",  "CREATING_REPO",
                                             "CLAUDE_INSTALL", "AI_DEVELOPMENT", "BUILDING",
                                             "DEPLOYING"};
    char *text = items_record((size_t)n);
    cJSON *item = cJSON_Parse(text);
    cJSON *map = json_new_object();

    for (int i = 0; n % 2 == 0 && i < STEPS; i++) {
        char iso[TIME_ISO_SIZE];
        (void)time_iso(ITEMS_NOW_MS + (n * 37 % 1000 + i * 600) * INT64_C(1000), iso);
        json_set(map, steps[i], attr_new_str(iso));
    }
    json_set(item, "stepTimes", attr_new_map(map));
    struct job *j = job_from_item(item);
    cJSON_Delete(item);
    free(text);
    return j;
}

int main(void)
{
    static struct job *jobs[JOBS];
    static struct job_state states[JOBS];
    double best = 1e9;
    size_t counted = 0;
    struct insight_query q = {
        .since_ms = 0, .until_ms = 2 * ITEMS_NOW_MS, .by = INSIGHT_BY_USER, .bucket_ms = 1};

    for (int i = 0; i < JOBS; i++) {
        jobs[i] = job_of(i);
        job_state_merge(jobs[i], NULL, false, ITEMS_NOW_MS, NULL, &states[i]);
    }
    for (int r = 0; r < ROUNDS; r++) {
        double began = now_s();
        struct insight_run *run = insight_begin(&q);
        for (int i = 0; i < JOBS; i++) {
            insight_add(run, jobs[i], NULL, &states[i]);
        }
        struct insight *x = insight_end(run);
        double took = now_s() - began;
        best = took < best ? took : best;
        counted = x->jobs;
        insight_free(x);
    }
    printf("stats: %.1f ms for %zu jobs by user, %.2f of the target of 300 ms\n", best * 1e3,
           counted, best / 0.3);
    for (int i = 0; i < JOBS; i++) {
        job_free(jobs[i]);
    }
    return 0;
}
