/* What loading a table costs beside parsing the same bytes with cJSON alone (SPEC 10).
 *
 * usage: bench_load     the table's jobs, with an AWS endpoint in the environment
 *
 * Without an endpoint it does nothing: bench.py runs it against its local cloud. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "aws/dynamodb.h"
#include "core/clock.h"
#include "core/json.h"
#include "jobs/job.h"
#include "ops/list.h"

static double cpu_s(void)
{
    struct rusage u;

    (void)getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
}

static double peak_mib(void)
{
    struct rusage u;

    (void)getrusage(RUSAGE_SELF, &u);
    return (double)u.ru_maxrss / 1024;
}

/* Reads the pages that ops_list reads once more, to tell what their bytes cost cJSON. */
static double parse_pages(const struct ops *o, size_t *bytes, struct err *e)
{
    cJSON *names = job_projection_names();
    struct ddb_page page = {0};
    cJSON *start = NULL;
    double took = 0;

    do {
        struct ddb_read r = {.table = o->table, .projection = job_projection(), .names = names};
        r.start = start;
        if (ddb_scan(o->aws, &r, &page, e) != E_OK) {
            break;
        }
        char *text = json_text(page.items);
        *bytes += strlen(text);
        double t0 = cpu_s();
        cJSON_Delete(cJSON_Parse(text));
        took += cpu_s() - t0;
        free(text);
        cJSON_Delete(start);
        start = page.last_key;
        page.last_key = NULL;
        ddb_page_clear(&page);
    } while (start != NULL);
    cJSON_Delete(names);
    return took;
}

int main(void)
{
    struct err e = {0};

    if (getenv("AWS_ENDPOINT_URL") == NULL) {
        return 0;
    }
    struct settings *settings = settings_load(&(struct settings_sources){0}, &e);
    struct ops *o = settings == NULL ? NULL : ops_new(settings, NULL, NULL, &e);
    if (o == NULL) {
        (void)fprintf(stderr, "bench_load: %s\n", e.msg);
        return 1;
    }
    struct list_query q = {.since_ms = TIME_NONE, .record_only = true};
    struct list_result r = {0};
    double t0 = cpu_s();
    if (ops_list(o, &q, &r, &e) != E_OK || r.len == 0) {
        (void)fprintf(stderr, "bench_load: %s\n", e.msg);
        return 1;
    }
    double load = cpu_s() - t0;
    double peak = peak_mib();
    size_t n = r.len;
    list_result_clear(&r);
    size_t bytes = 0;
    double parse = parse_pages(o, &bytes, &e);
    (void)printf(
        "  loading %zu jobs     %8.2f us CPU a job, %.0f MiB peak; cJSON alone on the same "
        "%zu bytes a job %.2f us: %.2f times (target 1.3)\n",
        n, load / (double)n * 1e6, peak, bytes / n, parse / (double)n * 1e6, load / parse);
    ops_free(o);
    settings_free(settings);
    return 0;
}
