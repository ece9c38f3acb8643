/* The metrics: counting requests, and printing everything in Prometheus's text format. */
#include "meter.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "process.h"

/* The statuses that this server gives; the last row counts any other one. */
static const int statuses[] = {200, 202, 204, 304, 400, 401, 403, 404, 405, 408, 409, 412, 413,
                               414, 415, 417, 429, 431, 500, 501, 502, 503, 504, 505, 0};
/* The upper ends of the histogram's buckets, in microseconds. */
static const int64_t bounds[] = {1000,   2500,   5000,    10000,   25000,   50000,   100000,
                                 250000, 500000, 1000000, 2500000, 5000000, 10000000};
enum {
    STATUSES = sizeof statuses / sizeof *statuses,
    BOUNDS = sizeof bounds / sizeof *bounds,
    ROUTES_MAX = 16
};

struct row {
    atomic_uint_fast64_t by_status[STATUSES];
    /* each bucket counts only its own; they are added up when they are printed */
    atomic_uint_fast64_t buckets[BOUNDS + 1];
    atomic_uint_fast64_t us;
};

struct meter {
    struct row rows[ROUTES_MAX + 1]; /* the last row counts requests that fitted no route */
    atomic_uint_fast64_t replayed;
    double started_s;
};

struct meter *meter_new(void)
{
    struct meter *m = xcalloc(1, sizeof *m);

    m->started_s = process_started_s();
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
    strbuf_addf(out, isinf(v) ? "%s +Inf\n" : "%s %.15g\n", name, v);
}

/* Prints a value; leaves it out when it is negative, which means that it is not known: it is not 0
 * then. */
static void known(struct strbuf *out, const char *name, const char *type, const char *help,
                  double v)
{
    if (v >= 0) {
        one(out, name, type, help, v);
    }
}

static const char *label(size_t row, char text[96])
{
    if (row >= routes_len) {
        (void)snprintf(text, 96, "method=\"\",route=\"none\"");
    } else {
        (void)snprintf(text, 96, "method=\"%s\",route=\"%s\"", routes[row].method,
                       routes[row].shown);
    }
    return text;
}

/* The next row that is in use: each route's, then the one for no route. */
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
                char code[12] = "other";
                if (statuses[s] != 0) {
                    (void)snprintf(code, sizeof code, "%d", statuses[s]);
                }
                strbuf_addf(out, "mvpdash_http_requests_total{%s,code=\"%s\"} %llu\n",
                            label(i, text), code, (unsigned long long)n);
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

/* Turns "E_NOT_FOUND" into "not_found". */
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
    one(out, "mvpdash_aws_throttles_total", "counter", "Times that AWS throttled a request.",
        (double)st.throttles);
    one(out, "mvpdash_dynamodb_read_units_total", "counter", "Read units consumed.", st.read_units);
    one(out, "mvpdash_dynamodb_write_units_total", "counter", "Write units consumed.",
        st.write_units);
}

static void print_connections(const struct httpd_count *c, struct strbuf *out)
{
    one(out, "mvpdash_http_connections", "gauge", "Connections open.", c->connections);
    one(out, "mvpdash_http_connections_max", "gauge", "Connections that may be open.",
        c->connections_max);
    one(out, "mvpdash_http_connections_accepted_total", "counter",
        "Connections that were accepted.", (double)c->accepted);
    head(out, "mvpdash_http_connections_refused_total", "counter",
         "Connections closed or refused because a limit was reached, by limit.");
    strbuf_addf(out,
                "mvpdash_http_connections_refused_total{full=\"all\"} %llu\n"
                "mvpdash_http_connections_refused_total{full=\"address\"} %llu\n",
                (unsigned long long)c->full_all, (unsigned long long)c->full_address);
    one(out, "mvpdash_http_tls_failures_total", "counter", "TLS handshakes that failed.",
        (double)c->tls_failed);
    one(out, "mvpdash_http_busy", "gauge", "Requests being answered.", c->busy);
    one(out, "mvpdash_http_waiting", "gauge", "Of these, requests that wait in line to begin.",
        c->waiting);
}

static void print_process(const struct meter *m, struct strbuf *out)
{
    struct process_now p;

    process_look(&p);
    one(out, "process_start_time_seconds", "gauge",
        "When the process started, in seconds since 1970.", m->started_s);
    known(out, "process_cpu_seconds_total", "counter",
          "Processor time used, in user and system mode.", p.cpu_s);
    known(out, "process_resident_memory_bytes", "gauge", "Resident memory.", p.resident_bytes);
    known(out, "process_virtual_memory_bytes", "gauge", "Address space.", p.virtual_bytes);
    known(out, "process_open_fds", "gauge", "Descriptors open.", p.open_fds);
    known(out, "process_max_fds", "gauge", "Descriptors that may be open.", p.max_fds);
}

void meter_print(const struct meter *m, const struct meter_now *now, struct strbuf *out)
{
    print_requests(m, out);
    one(out, "mvpdash_http_replayed_total", "counter",
        "Answers repeated for their Idempotency-Key.", (double)atomic_load(&m->replayed));
    print_connections(&now->http, out);
    if (now->outbox_known) {
        one(out, "mvpdash_outbox_entries", "gauge", "Deploys accepted and not yet on the bus.",
            now->outbox);
        one(out, "mvpdash_outbox_out_of_service", "gauge",
            "Deploys in the outbox that cannot be used: see mvpdash outbox list.",
            now->outbox_broken);
    }
    if (now->scan_age_ms != TIME_NONE) {
        one(out, "mvpdash_unindexed_jobs", "gauge",
            "Records that user-jobs-index cannot hold, by the last slow scan.",
            (double)now->scan_jobs);
        one(out, "mvpdash_unindexed_scan_age_seconds", "gauge", "How long ago that scan began.",
            (double)now->scan_age_ms / 1000);
    }
    print_aws(now->ops, out);
    print_process(m, out);
}
