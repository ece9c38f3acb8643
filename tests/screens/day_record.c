/* A job of the day as its record, and as the event that asked for it. */
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "day_jobs.h"
#include "day_table.h"

static void add_text(struct strbuf *b, const char *name, const char *value)
{
    strbuf_addf(b, "'%s':{'S':'%s'},", name, value);
}

static void add_time(struct strbuf *b, const char *name, size_t i, int minutes_ago)
{
    char at[TIME_ISO_SIZE];

    if (minutes_ago >= 0) {
        add_text(b, name, time_iso(day_time(i, minutes_ago), at));
    }
}

static void end_map(struct strbuf *b, const char *with)
{
    if (b->data[b->len - 1] == ',') {
        strbuf_truncate(b, b->len - 1);
    }
    strbuf_adds(b, with);
}

/* When each step began, up to the one that the job is in, or ended in. */
static const struct {
    const char *name;
    int percent; /* of the time that a job takes */
} steps[] = {
    {"INIT",                0 },
    {"FETCHING_DATA",       2 },
    {"CREATING_REPO",       5 },
    {"CLAUDE_INSTALL",      8 },
    {"AI_DEVELOPMENT",      12},
    {"BUILDING",            70},
    {"DEPLOYING",           86},
    {"CONFIGURING_DOMAINS", 93},
    {"CLEANUP",             98},
};

static void add_steps(struct strbuf *b, size_t i, const struct day_job *j)
{
    int whole = j->fate == SUCCEEDED ? j->started - j->ended : 104;

    if (j->started < 0) {
        return;
    }
    strbuf_adds(b, "'stepTimes':{'M':{");
    for (size_t s = 0; s < sizeof steps / sizeof *steps; s++) {
        int64_t after = (int64_t)whole * DAY_MINUTE_MS * steps[s].percent / 100;
        char at[TIME_ISO_SIZE];
        if (day_time(i, j->started) + after > day_time(i, j->ended < 0 ? 0 : j->ended)) {
            break;
        }
        add_text(b, steps[s].name, time_iso(day_time(i, j->started) + after, at));
        if (strcmp(steps[s].name, j->step) == 0) {
            break;
        }
    }
    end_map(b, "}},");
}

static const char *record_status(enum fate fate)
{
    static const char *const words[] = {
        [WAITS] = "QUEUED",       [LOST] = "PENDING",        [STUCK] = "QUEUED",
        [RUNS] = "IN_PROGRESS",   [SUCCEEDED] = "COMPLETED", [KILLED] = "IN_PROGRESS",
        [KILLED_TOLD] = "FAILED", [BROKEN] = "FAILED",       [STOPPED] = "CANCELLED"};

    return words[fate];
}

/* "Copper Kettle Caf..." -> "copper-kettle-caf" */
static void slug(const char *name, char out[40])
{
    size_t n = 0;

    for (; *name != '\0' && n < 39; name++) {
        char c = *name >= 'A' && *name <= 'Z' ? (char)(*name + 32) : *name;
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
            out[n++] = c;
        } else if (n > 0 && out[n - 1] != '-') {
            out[n++] = '-';
        }
    }
    while (n > 0 && out[n - 1] == '-') {
        n--;
    }
    out[n] = '\0';
}

static void add_urls(struct strbuf *b, const struct day_job *j)
{
    char name[40];

    slug(j->business, name);
    strbuf_adds(b, "'urls':{'M':{");
    if (j->progress >= 10) {
        strbuf_addf(b, "'codeRepository':{'S':'https://github.com/founderdash/%s'},", name);
    }
    if (j->progress == 100) {
        strbuf_addf(b,
                    "'staging':{'S':'https://%s-staging.vercel.app'},"
                    "'production':{'S':'https://%s.vercel.app'},",
                    name, name);
    }
    end_map(b, "}},");
}

static void add_features(struct strbuf *b, const struct day_job *j)
{
    const char *at = j->features;

    strbuf_adds(b, "'features':{'L':[");
    while (*at != '\0') {
        size_t n = strcspn(at, ",");
        strbuf_addf(b, "{'S':%.*s},", (int)n, at);
        at += n + (at[n] == ',' ? 1 : 0);
    }
    end_map(b, "]},");
}

void day_record(size_t i, struct strbuf *b)
{
    struct day_job j = day_job(i);
    int over = j.fate == KILLED ? -1 : j.ended; /* of a killed container nobody reports the end */
    char id[DAY_ID_SIZE], at[TIME_ISO_SIZE], name[40];

    day_id(i, id);
    slug(j.business, name);
    strbuf_addc(b, '{');
    add_text(b, "jobId", id);
    add_text(b, "userId", j.user);
    add_text(b, "productId", j.product);
    add_text(b, "priority", j.priority);
    add_text(b, "status", record_status(j.fate));
    add_text(b, "currentStep", j.step);
    strbuf_addf(b, "'progress':{'N':'%d'},", j.progress);
    add_time(b, "createdAt", i, j.made);
    add_time(b, "updatedAt", i,
             over >= 0        ? over
             : j.ended >= 0   ? j.ended + 3
             : j.started >= 0 ? 1
                              : j.made);
    strbuf_adds(b, "'timestamps':{'M':{");
    add_time(b, "createdAt", i, j.made);
    add_time(b, "startedAt", i, j.started);
    add_time(b, "completedAt", i, over);
    end_map(b, "}},");
    add_steps(b, i, &j);
    add_urls(b, &j);
    if (j.fate == KILLED_TOLD) {
        j.error = DAY_OUT_OF_MEMORY;
    }
    if (j.error != NULL) {
        strbuf_addf(b,
                    "'errors':{'L':[{'M':{'timestamp':{'S':'%s'},'step':{'S':'%s'},'message':{'S':'"
                    "%s'}}}]},",
                    time_iso(day_time(i, j.ended), at), j.step, j.error);
    }
    struct day_batch batch = day_batch(i);
    if (batch.status != NULL) {
        strbuf_addf(b, "'resources':{'M':{'batchJobId':{'S':'%s'}}},", batch.id);
    }
    strbuf_clear(&batch.document);
    strbuf_addf(b,
                "'metadata':{'M':{'businessName':{'S':'%s'},'"
                "userEmail':{'S':'hello@%s.example'},",
                j.business, name);
    add_features(b, &j);
    end_map(b, "}}}");
}

void day_event(size_t i, struct strbuf *b)
{
    struct day_job j = day_job(i);
    char id[DAY_ID_SIZE], at[TIME_ISO_SIZE];

    day_id(i, id);
    (void)time_iso(day_time(i, j.made), at);
    strbuf_addf(
        b,
        "{\\'version\\':\\'0\\',\\'id\\':\\'5f1c9a70-6b1e-4d52-9a3c-%012zu\\',"
        "\\'detail-type\\':\\'MVP Development Request\\',\\'source\\':\\'founderdash.web\\',"
        "\\'account\\':\\'000000000000\\',\\'time\\':\\'%s\\',\\'region\\':\\'us-east-1\\',"
        "\\'resources\\':[],\\'detail\\':{\\'jobId\\':\\'%s\\',\\'userId\\':\\'%s\\',"
        "\\'productId\\':\\'%s\\',\\'priority\\':\\'normal\\',"
        "\\'metadata\\':{\\'businessName\\':\\'%s\\'}}}",
        i, at, id, j.user, j.product, j.business);
}
