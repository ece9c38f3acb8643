#include "meter.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/alloc.h"

/* The statuses that this server gives; the last row is for any other. */
static const int statuses[] = {200, 202, 400, 401, 404, 405, 408, 409,
                               413, 415, 429, 500, 502, 503, 0};
/* Upper ends of the histogram's buckets, microseconds. */
static const int64_t bounds[] = {1000,   2500,   5000,    10000,   25000,   50000,   100000,
                                 250000, 500000, 1000000, 2500000, 5000000, 10000000};
enum {
    STATUSES = sizeof statuses / sizeof *statuses,
    BOUNDS = sizeof bounds / sizeof *bounds,
    ROUTES_MAX = 16
};

struct row {
    atomic_uint_fast64_t by_status[STATUSES];
    atomic_uint_fast64_t buckets[BOUNDS + 1]; /* each by itself; added up when printed */
    atomic_uint_fast64_t us;
};

struct meter {
    struct row rows[ROUTES_MAX + 1]; /* the last: no route */
    atomic_uint_fast64_t replayed;
    int64_t started_ms;
};

struct meter *meter_new(void)
{
    struct meter *m = xcalloc(1, sizeof *m);

    m->started_ms = clock_wall_ms(NULL);
    return m;
}

void meter_free(struct meter *m)
{
    free(m);
}

static size_t row_of(const struct route *r)
{
    size_t i = r == NULL ? ROUTES_MAX : (size_t)(r - routes);

    return i < ROUTES_MAX ? i : ROUTES_MAX;
}

void meter_request(struct meter *m, const struct route *r, int status, int64_t us)
{
    struct row *row = &m->rows[row_of(r)];
    size_t s = 0;
    size_t b = 0;

    while (s + 1 < STATUSES && statuses[s] != status) {
        s++;
    }
    while (b < BOUNDS && us > bounds[b]) {
        b++;
    }
    (void)atomic_fetch_add(&row->by_status[s], 1);
    (void)atomic_fetch_add(&row->buckets[b], 1);
    (void)atomic_fetch_add(&row->us, (uint_fast64_t)(us < 0 ? 0 : us));
}

void meter_replayed(struct meter *m)
{
    (void)atomic_fetch_add(&m->replayed, 1);
}

/* ---- printing ---- */

static void head(struct strbuf *out, const char *name, const char *type, const char *help)
{
    strbuf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void one(struct strbuf *out, const char *name, const char *type, const char *help, double v)
{
    head(out, name, type, help);
    strbuf_addf(out, "%s %.15g\n", name, v);
}

static const char *label(size_t row, char text[96])
{
    if (row >= routes_len) {
        (void)snprintf(text, 96, "method=\"\",route=\"none\"");
    } else {
        (void)snprintf(text, 96, "method=\"%s\",route=\"%s\"", routes[row].method,
                       routes[row].path);
    }
    return text;
}

/* Row numbers in use: each route, then the one for none. */
static size_t next_row(size_t i)
{
    return i + 1 == routes_len ? ROUTES_MAX : i + 1;
}

static void print_requests(const struct meter *m, struct strbuf *out)
{
    char text[96];

    head(out, "mvpdash_http_requests_total", "counter", "Requests answered, by route and status.");
    for (size_t i = 0; i <= ROUTES_MAX; i = next_row(i)) {
        for (size_t s = 0; s < STATUSES; s++) {
            uint64_t n = atomic_load(&m->rows[i].by_status[s]);
            if (n > 0) {
                strbuf_addf(out, "mvpdash_http_requests_total{%s,code=\"%d\"} %llu\n",
                            label(i, text), statuses[s], (unsigned long long)n);
            }
        }
    }
    head(out, "mvpdash_http_request_duration_seconds", "histogram",
         "From the complete request to its answer.");
    for (size_t i = 0; i <= ROUTES_MAX; i = next_row(i)) {
        uint64_t sum = 0;
        for (size_t b = 0; b <= BOUNDS; b++) {
            sum += atomic_load(&m->rows[i].buckets[b]);
            char le[24] = "+Inf";
            if (b < BOUNDS) {
                (void)snprintf(le, sizeof le, "%g", (double)bounds[b] / 1e6);
            }
            strbuf_addf(out, "mvpdash_http_request_duration_seconds_bucket{%s,le=\"%s\"} %llu\n",
                        label(i, text), le, (unsigned long long)sum);
        }
        strbuf_addf(out,
                    "mvpdash_http_request_duration_seconds_sum{%s} %.6f\n"
                    "mvpdash_http_request_duration_seconds_count{%s} %llu\n",
                    label(i, text), (double)atomic_load(&m->rows[i].us) / 1e6, label(i, text),
                    (unsigned long long)sum);
    }
}

/* "E_NOT_FOUND" -> "not_found" */
static const char *result_word(enum err_code c, char word[32])
{
    const char *name = err_name(c) + 2;
    size_t n = 0;

    for (; name[n] != '\0' && n < 31; n++) {
        word[n] = name[n] >= 'A' && name[n] <= 'Z' ? (char)(name[n] - 'A' + 'a') : name[n];
    }
    word[n] = '\0';
    return word;
}

static void print_aws(const struct ops *o, struct strbuf *out)
{
    struct aws_stats st;
    char word[32];

    head(out, "mvpdash_aws_calls_total", "counter", "Calls of AWS, by operation and result.");
    for (int op = 0; op < AWS_OP_COUNT; op++) {
        const struct aws_op *row = aws_op_get((enum aws_op_id)op);
        for (int c = 0; c < E_COUNT; c++) {
            uint64_t n = aws_client_calls(o->aws, (enum aws_op_id)op, (enum err_code)c);
            if (n > 0) {
                strbuf_addf(out,
                            "mvpdash_aws_calls_total{service=\"%s\",operation=\"%s\",result=\"%s\"}"
                            " %llu\n",
                            aws_service_get(row->service)->signing_name, row->name,
                            result_word((enum err_code)c, word), (unsigned long long)n);
            }
        }
    }
    aws_client_stats(o->aws, &st);
    one(out, "mvpdash_aws_attempts_total", "counter", "Requests sent to AWS, retries included.",
        (double)st.requests);
    one(out, "mvpdash_aws_retries_total", "counter", "Requests sent again.", (double)st.retries);
    one(out, "mvpdash_aws_throttles_total", "counter", "Times that AWS said it is too much.",
        (double)st.throttles);
    one(out, "mvpdash_dynamodb_read_units_total", "counter", "Read units consumed.", st.read_units);
    one(out, "mvpdash_dynamodb_write_units_total", "counter", "Write units consumed.",
        st.write_units);
}

/* Resident bytes by /proc; 0 where there is none. */
static double resident_bytes(void)
{
    FILE *f = fopen("/proc/self/statm", "re");
    char line[128] = "";
    char *end = line;

    if (f == NULL) {
        return 0;
    }
    (void)!fgets(line, sizeof line, f);
    (void)fclose(f);
    (void)strtoul(line, &end, 10);
    return (double)strtoul(end, NULL, 10) * (double)sysconf(_SC_PAGESIZE);
}

void meter_print(const struct meter *m, const struct meter_now *now, struct strbuf *out)
{
    print_requests(m, out);
    one(out, "mvpdash_http_replayed_total", "counter",
        "Answers given again by their Idempotency-Key.", (double)atomic_load(&m->replayed));
    one(out, "mvpdash_http_connections", "gauge", "Connections open.", now->connections);
    one(out, "mvpdash_http_busy", "gauge", "Requests being answered.", now->busy);
    one(out, "mvpdash_outbox_entries", "gauge", "Deploys accepted and not yet on the bus.",
        now->outbox);
    one(out, "mvpdash_unindexed_jobs", "gauge",
        "Records that user-jobs-index cannot hold, by the last slow scan.", (double)now->scan_jobs);
    if (now->scan_age_ms != TIME_NONE) {
        one(out, "mvpdash_unindexed_scan_age_seconds", "gauge", "How long ago that scan began.",
            (double)now->scan_age_ms / 1000);
    }
    print_aws(now->ops, out);
    one(out, "process_start_time_seconds", "gauge", "When the process started.",
        (double)m->started_ms / 1000);
    one(out, "process_resident_memory_bytes", "gauge", "Resident memory.", resident_bytes());
}
