/* A table that is like a real one, from nothing but the number of each record. */
#include "items.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/strbuf.h"

enum { MINUTE_MS = 60000, SPAN_MINUTES = 260000 /* half a year */ };

static const char *const names[] = {
    "Riverside Bakery",
    "\xe6\xa0\xaa\xe5\xbc\x8f\xe4\xbc\x9a\xe7\xa4\xbe\xe6\x98\x8e\xe6\x97\xa5", /* Japanese */
    "Caf\xc3\xa9 Z\xc3\xbcrich",
    "\xed\x95\x9c\xea\xb5\xad \xec\x8a\xa4\xed\x83\x80\xed\x8a\xb8\xec\x97\x85", /* Korean */
    "\xd0\x9b\xd0\xb0\xd0\xb2\xd0\xba\xd0\xb0 \xd1\x87\xd0\xb0\xd1\x8f",         /* Cyrillic */
    "Northwind Analytics Platform",
    "\xe5\x8c\x97\xe4\xba\xac\xe5\xb0\x8f\xe5\xba\x97", /* Chinese */
    "\xf0\x9f\x9a\x80 Rocket Labs",
    "e\xcc\x81\x63ole du soir", /* a combining mark */
    "Ledger for Dentists",
};

struct kind {
    const char *status, *step, *progress;
};
static const struct kind kinds[10] = {
    {"PENDING",     "QUEUED",         "0"  },
    {"COMPLETED",   "COMPLETED",      "100"},
    {"COMPLETED",   "COMPLETED",      "100"},
    {"QUEUED",      "QUEUED",         "0"  },
    {"COMPLETED",   "COMPLETED",      "100"},
    {"FAILED",      "BUILDING",       "65" },
    {"IN_PROGRESS", "AI_DEVELOPMENT", "45" },
    {"COMPLETED",   "COMPLETED",      "100"},
    {"COMPLETED",   "COMPLETED",      "100"},
    {"CANCELLED",   "CREATING_REPO",  "20" },
};

/* ISO 8601 in UTC. */
static const char *iso(int64_t at_ms, char out[32])
{
    time_t s = (time_t)(at_ms / 1000);
    struct tm tm;
    char day[24];

    (void)gmtime_r(&s, &tm);
    (void)strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &tm);
    (void)snprintf(out, 32, "%s.%03dZ", day, (int)(at_ms % 1000));
    return out;
}

/* "name":{"S":"value"}, or a NULL when there is no value */
static void add_text(struct strbuf *b, const char *name, const char *value)
{
    if (value == NULL) {
        strbuf_addf(b, "\"%s\":{\"NULL\":true},", name);
    } else {
        strbuf_addf(b, "\"%s\":{\"S\":\"%s\"},", name, value);
    }
}

/* Ends a map or a list: its last comma goes. */
static void end(struct strbuf *b, const char *with)
{
    if (b->len > 0 && b->data[b->len - 1] == ',') {
        b->data[--b->len] = '\0';
    }
    strbuf_adds(b, with);
}

struct times {
    char created[32], started[32], updated[32], completed[32];
    bool has_started, has_completed;
};

static struct times times_of(size_t n, const struct kind *k)
{
    int64_t made = ITEMS_NOW_MS - (int64_t)(n % SPAN_MINUTES) * MINUTE_MS - (int64_t)(n % 997);
    int64_t start = made + 90000 + (int64_t)(n % 61) * 1000;
    int64_t over = start + (int64_t)(7200 + n % 7919) * 1000;
    struct times t = {.has_started = strcmp(k->step, "QUEUED") != 0,
                      .has_completed = k->status[0] == 'C' || k->status[0] == 'F'};

    (void)iso(made, t.created);
    (void)iso(start, t.started);
    (void)iso(over, t.completed);
    (void)iso(t.has_completed ? over : t.has_started ? start + 1800000 : made + 2000, t.updated);
    return t;
}

static void add_metadata(struct strbuf *b, size_t n)
{
    strbuf_addf(b,
                "\"metadata\":{\"M\":{\"businessName\":{\"S\":\"%s %zu\"},\"userEmail\":{\"S\":"
                "\"founder%zu@example.com\"},\"estimatedDuration\":{\"N\":\"14400\"},"
                "\"features\":{\"L\":[{\"S\":\"auth\"},{\"S\":\"dashboard\"}%s]},",
                names[n % (sizeof names / sizeof *names)], n, n % 20011,
                n % 4 == 0 ? ",{\"S\":\"payments\"},{\"S\":\"blog\"}" : "");
    strbuf_addf(b,
                "\"techStack\":{\"M\":{\"frontend\":{\"S\":\"nextjs\"},\"database\":{\"S\":"
                "\"postgres\"},\"hosting\":{\"S\":\"vercel\"}}},\"notes\":{\"S\":\"Customer %zu "
                "wants sign-in by e-mail, a page of prices, a calendar in two languages and an "
                "export for the tax adviser; the first version may leave the export out, because "
                "it is needed only at the end of the year.%s\"}}},",
                n, n % 2 == 0 ? " Colours as on the poster that came with the request." : "");
}

/* Lines that the container left; only the detail shows them. */
static void add_logs(struct strbuf *b, size_t n, const struct times *t)
{
    if (!t->has_started) {
        return;
    }
    strbuf_addf(b,
                "\"executionLogs\":{\"L\":[{\"S\":\"%s took the job\"},{\"S\":\"read the product "
                "from the database: %zu rows\"},{\"S\":\"made the repository and wrote the first "
                "files\"},{\"S\":\"began to work on the features, one after the other\"}]},",
                t->started, n % 389);
}

char *items_record(size_t n)
{
    const struct kind *k = &kinds[n % (sizeof kinds / sizeof *kinds)];
    struct times t = times_of(n, k);
    const char *started = t.has_started ? t.started : NULL;
    const char *completed = t.has_completed ? t.completed : NULL;
    bool done = k->status[0] == 'C' && k->status[1] == 'O';
    struct strbuf b = STRBUF_INIT;

    strbuf_addf(&b,
                "{\"jobId\":{\"S\":\"job_%" PRIu64 "_%09zu\"},\"userId\":{\"S\":\"user_%05zu\"},"
                "\"productId\":{\"S\":\"product_%04zu\"},\"progress\":{\"N\":\"%s\"},",
                UINT64_C(1700000000000) + n, n, n * 7 % 20011, n % 4099, k->progress);
    add_text(&b, "status", k->status);
    add_text(&b, "currentStep", k->step);
    add_text(&b, "priority", n % 17 == 0 ? "high" : "normal");
    add_text(&b, "createdAt", t.created);
    add_text(&b, "updatedAt", t.updated);
    strbuf_adds(&b, "\"timestamps\":{\"M\":{");
    add_text(&b, "createdAt", t.created);
    add_text(&b, "startedAt", started);
    add_text(&b, "completedAt", completed);
    add_text(&b, "estimatedCompletion", NULL);
    end(&b, "}},\"urls\":{\"M\":{");
    char url[96];
    (void)snprintf(url, sizeof url, "https://github.com/founders/startup-%06zu", n);
    add_text(&b, "codeRepository", started == NULL ? NULL : url);
    (void)snprintf(url, sizeof url, "https://startup-%06zu-staging.vercel.app", n);
    add_text(&b, "staging", done ? url : NULL);
    (void)snprintf(url, sizeof url, "https://startup-%06zu.vercel.app", n);
    add_text(&b, "production", done ? url : NULL);
    end(&b, "}},");
    if (k->status[0] != 'P') {
        strbuf_addf(&b,
                    "\"resources\":{\"M\":{\"batchJobId\":{\"S\":"
                    "\"%08zx-d9cb-469f-a165-%012zu\"}}},",
                    n * 2654435761U % 4294967291U, n);
    }
    add_metadata(&b, n);
    add_logs(&b, n, &t);
    strbuf_adds(&b, "\"errors\":{\"L\":[");
    if (k->status[0] == 'F') {
        strbuf_addf(&b,
                    "{\"M\":{\"timestamp\":{\"S\":\"%s\"},\"step\":{\"S\":\"BUILDING\"},"
                    "\"message\":{\"S\":\"npm run build ended with status 1: module "
                    "'feature-%zu' was not found\"}}}",
                    t.completed, n % 53);
    }
    strbuf_adds(&b, "]}}");
    return strbuf_take(&b);
}
