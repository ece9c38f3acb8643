/* The jobs of the day: a table for today, and two weeks before it by rule. */
#include "day_jobs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "fixed.h"

enum { MINUTE_MS = 60000, HISTORY = 128, BATCH_KEEPS_MIN = 7 * 24 * 60 };

/* KILLED: out of memory, and its record says nothing of it; KILLED_TOLD: the tracker has written
 * it. */
enum fate { WAITS, STUCK, RUNS, SUCCEEDED, KILLED, KILLED_TOLD, BROKEN, STOPPED };

struct day_job {
    const char *business, *user, *product, *priority, *features; /* features: 'a','b' */
    enum fate fate;
    const char *step;
    int progress;
    int made, started, ended; /* minutes ago; -1: not yet */
    const char *error;
};

/* clang-format off */
static const struct day_job today[] = {
    {"Paper & Pine", "user_4821", "prod_412", "normal", "'shop','newsletter'", WAITS, "QUEUED", 0, 1, -1, -1, NULL},
    {"Lumen Studio", "user_1306", "prod_388", "high", "'auth','gallery'", RUNS, "CREATING_REPO", 12, 9, 7, -1, NULL},
    {"Atlas Logistics", "user_2077", "prod_405", "high", "'tracking','maps'", STUCK, "QUEUED", 0, 26, -1, -1, NULL},
    {"Tidewater Books", "user_3318", "prod_377", "normal", "'auth','dashboard','payments'", RUNS, "AI_DEVELOPMENT", 58, 58, 56, -1, NULL},
    {"Copper Kettle Caf\xc3\xa9", "user_0954", "prod_371", "normal", "'menu','booking'", RUNS, "BUILDING", 84, 87, 85, -1, NULL},
    {"Bright Smile Dental", "user_2763", "prod_366", "normal", "'calendar','reminders'", KILLED, "AI_DEVELOPMENT", 45, 112, 110, 64, NULL},
    {"Nordlicht Reisen", "user_1502", "prod_359", "normal", "'booking','blog'", SUCCEEDED, "COMPLETED", 100, 163, 161, 57, NULL},
    {"Velo Express", "user_4410", "prod_352", "low", "'shop'", SUCCEEDED, "COMPLETED", 100, 201, 199, 106, NULL},
    {"Pocket Ledger", "user_0733", "prod_350", "normal", "'auth','export'", STOPPED, "FETCHING_DATA", 6, 248, 246, 239, NULL},
    {"Mango & Mint", "user_2219", "prod_347", "normal", "'menu','delivery'", BROKEN, "BUILDING", 78, 305, 303, 231, "npm run build exited with 1: Module not found: @/lib/cart"},
    {"Oak Hill School", "user_3941", "prod_341", "normal", "'auth','calendar'", SUCCEEDED, "COMPLETED", 100, 352, 350, 247, NULL},
    {"Studio Kamala Yoga", "user_1028", "prod_338", "normal", "'booking','payments'", SUCCEEDED, "COMPLETED", 100, 398, 396, 301, NULL},
};
enum { TODAY = sizeof today / sizeof *today };

static const char *const names[] = {
    "Riverside Bakery", "Harbour Physio", "Green Loop", "Fjord Coffee", "Pixel Pets", "Casa Verde",
    "Slow Bikes", "Milk & Honey", "Brick Lane Books", "Cloud Kitchen 9", "Vet on Wheels", "Tiny Piano",
    "North Shore Sauna", "Ledger for Dentists", "Petit Marais", "Rocket Tutors", "Salt & Cedar",
};
static const char *const users[] = {"user_4821", "user_1306", "user_2077", "user_3318", "user_0954",
                                    "user_2763", "user_1502", "user_4410", "user_0733"};
static const char *const products[] = {"prod_shop", "prod_booking", "prod_blog", "prod_portal"};
static const char *const errors[] = {
    "npm run build exited with 1: Module not found: @/lib/cart",
    "vercel deploy: the domain is already in use by another project",
    "git push: remote rejected, the repository was archived",
};
/* clang-format on */

const size_t day_jobs_len = TODAY + HISTORY;

/* A number below `limit` that looks like chance. */
static unsigned draw(size_t i, unsigned salt, unsigned limit)
{
    uint32_t x = (uint32_t)i * 2654435761U + salt * 40503U + 12345U;

    x ^= x >> 15;
    x *= 2246822519U;
    x ^= x >> 13;
    x *= 3266489917U;
    return (x ^ x >> 16) % limit;
}

/* Ten jobs on each of the days before, from seven in the morning on. */
static struct day_job history(size_t n)
{
    int minutes_today = 14 * 60 + 32, day = (int)n / 10 + 1, of_day = (int)n % 10;
    int made = minutes_today + day * 24 * 60 - 7 * 60 - of_day * 78 - (int)draw(n, 1, 60);
    int took = 74 + (int)draw(n, 2, 52), waited = 1 + (int)draw(n, 3, 3);
    struct day_job j = {.business = names[n * 5 % (sizeof names / sizeof *names)],
                        .user = users[draw(n, 4, sizeof users / sizeof *users)],
                        .product = products[draw(n, 5, 4) * draw(n, 6, 4) / 3],
                        .priority = "normal",
                        .features = "'auth'",
                        .fate = SUCCEEDED,
                        .step = "COMPLETED",
                        .progress = 100,
                        .made = made,
                        .started = made - waited,
                        .ended = made - waited - took};

    if (draw(n, 7, 100) < 13) {
        unsigned why = draw(n, 8, 5); /* two in five run out of memory */
        j.fate = why < 2 ? KILLED_TOLD : BROKEN;
        j.step = why < 2 ? "AI_DEVELOPMENT" : why < 4 ? "BUILDING" : "DEPLOYING";
        j.progress = why < 2 ? 45 : 80;
        j.error = why < 2 ? NULL : errors[why - 2];
        j.ended = j.started - took * 2 / 3;
    }
    return j;
}

static struct day_job job_of(size_t i)
{
    return i < TODAY ? today[i] : history(i - TODAY);
}

size_t day_named(const char *business)
{
    for (size_t i = 0; i < TODAY; i++) {
        if (strcmp(today[i].business, business) == 0) {
            return i;
        }
    }
    abort();
}

/* Jobs are not made at full minutes. */
static int64_t time_of(size_t i, int minutes_ago)
{
    return FIXED_NOW_MS - (int64_t)minutes_ago * MINUTE_MS - (int64_t)draw(i, 11, 29) * 1000;
}

static void job_id(size_t i, int made, char out[40])
{
    (void)snprintf(out, 40, "job_%lld_%c%04x%c%03x", (long long)time_of(i, made),
                   'a' + (char)draw(i, 21, 26), draw(i, 22, 0x10000), 'g' + (char)draw(i, 23, 20),
                   draw(i, 24, 0x1000));
}

/* ---- the record ---- */

static void add_text(struct strbuf *b, const char *name, const char *value)
{
    strbuf_addf(b, "'%s':{'S':'%s'},", name, value);
}

static void add_time(struct strbuf *b, const char *name, size_t i, int minutes_ago)
{
    char at[TIME_ISO_SIZE];

    if (minutes_ago >= 0) {
        add_text(b, name, time_iso(time_of(i, minutes_ago), at));
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
        int64_t after = (int64_t)whole * MINUTE_MS * steps[s].percent / 100;
        char at[TIME_ISO_SIZE];
        if (time_of(i, j->started) + after > time_of(i, j->ended < 0 ? 0 : j->ended)) {
            break;
        }
        add_text(b, steps[s].name, time_iso(time_of(i, j->started) + after, at));
        if (strcmp(steps[s].name, j->step) == 0) {
            break;
        }
    }
    end_map(b, "}},");
}

static const char *record_status(enum fate fate)
{
    static const char *const words[] = {
        [WAITS] = "QUEUED",        [STUCK] = "QUEUED",       [RUNS] = "IN_PROGRESS",
        [SUCCEEDED] = "COMPLETED", [KILLED] = "IN_PROGRESS", [KILLED_TOLD] = "FAILED",
        [BROKEN] = "FAILED",       [STOPPED] = "CANCELLED"};

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
    struct day_job j = job_of(i);
    int over = j.fate == KILLED ? -1 : j.ended; /* of a killed container nobody reports the end */
    char id[40], at[TIME_ISO_SIZE], name[40];

    job_id(i, j.made, id);
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
    if (j.error != NULL) {
        strbuf_addf(b,
                    "'errors':{'L':[{'M':{'timestamp':{'S':'%s'},'step':{'S':'%s'},'message':{'S':'"
                    "%s'}}}]},",
                    time_iso(time_of(i, j.ended), at), j.step, j.error);
    }
    struct day_batch batch = day_batch(i);
    if (batch.status != NULL) {
        strbuf_addf(b, "'resources':{'M':{'batchJobId':{'S':'%s'}}},", batch.id);
    }
    strbuf_clear(&batch.document);
    strbuf_addf(b,
                "'metadata':{'M':{'businessName':{'S':'%s'},'userEmail':{'S':'hello@%s.example'},",
                j.business, name);
    add_features(b, &j);
    end_map(b, "}}}");
}

/* ---- the Batch job ---- */

static const char *batch_status(const struct day_job *j)
{
    static const char *const words[] = {
        [WAITS] = "STARTING",      [STUCK] = "RUNNABLE", [RUNS] = "RUNNING",
        [SUCCEEDED] = "SUCCEEDED", [KILLED] = "FAILED",  [KILLED_TOLD] = "FAILED",
        [BROKEN] = "FAILED",       [STOPPED] = "FAILED"};

    return j->made < BATCH_KEEPS_MIN ? words[j->fate] : NULL;
}

void day_stream(size_t i, char *out, size_t size)
{
    (void)snprintf(out, size, "mvp-pipeline-job/default/%08x%08x%08x%08x", draw(i, 31, 0xffffffff),
                   draw(i, 32, 0xffffffff), draw(i, 33, 0xffffffff), draw(i, 34, 0xffffffff));
}

/* What Batch says of the end of a job. */
static void add_end(struct strbuf *b, size_t i, const struct day_job *j, const char *stream)
{
    static const struct {
        const char *why, *container;
        int exit;
    } ends[] = {
        [SUCCEEDED] = {"Essential container in task exited",    NULL,            0  },
        [KILLED] = {"Essential container in task exited",
                       "OutOfMemoryError: Container killed due to memory usage", 137},
        [KILLED_TOLD] = {"Essential container in task exited",
                       "OutOfMemoryError: Container killed due to memory usage", 137},
        [BROKEN] = {"Essential container in task exited",    NULL,            1  },
        [STOPPED] = {"Cancelled by user_0733: wrong product", NULL,            143},
    };
    char reason[100] = "";

    if (ends[j->fate].container != NULL) {
        (void)snprintf(reason, sizeof reason, ",'reason':'%s'", ends[j->fate].container);
    }
    strbuf_addf(b,
                "'stoppedAt':%lld,'statusReason':'%s','attempts':[{'container':{'exitCode':%d%s,"
                "'logStreamName':'%s','networkInterfaces':[]},'startedAt':%lld,'stoppedAt':%lld,"
                "'statusReason':'%s'}],",
                (long long)time_of(i, j->ended), ends[j->fate].why, ends[j->fate].exit, reason,
                stream, (long long)time_of(i, j->started), (long long)time_of(i, j->ended),
                ends[j->fate].why);
    strbuf_addf(b, "'container':{'exitCode':%d%s,", ends[j->fate].exit, reason);
}

static void add_container(struct strbuf *b, size_t i, const struct day_job *j, const char *stream)
{
    char id[40];

    job_id(i, j->made, id);
    strbuf_addf(b,
                "'image':'mvpdash-starter:local','command':[],'environment':[{'name':'JOB_ID',"
                "'value':'%s'}],'resourceRequirements':[{'type':'VCPU','value':'%d'},"
                "{'type':'MEMORY','value':'%d'}]%s%s%s},",
                id, j->fate == STUCK ? 32 : 2, j->fate == STUCK ? 65536 : 4096,
                j->started < 0 ? "" : ",'logStreamName':'", j->started < 0 ? "" : stream,
                j->started < 0 ? "" : "'");
}

struct day_batch day_batch(size_t i)
{
    struct day_job j = job_of(i);
    struct day_batch out = {.status = batch_status(&j), .created_ms = time_of(i, j.made) + 4000};
    struct strbuf *b = &out.document;
    char stream[80];

    (void)snprintf(out.id, sizeof out.id, "%08x-4c1e-4f0a-9b7d-%012zx", draw(i, 41, 0xffffffff),
                   (size_t)draw(i, 42, 0xffffffff));
    if (out.status == NULL) {
        return out;
    }
    day_stream(i, stream, sizeof stream);
    strbuf_addf(b,
                "{'jobArn':'arn:aws:batch:us-east-1:000000000000:job/%s','jobName':"
                "'mvp-pipeline-job','jobId':'%s','jobQueue':'arn:aws:batch:us-east-1:000000000000:"
                "job-queue/mvp-pipeline-queue','status':'%s','createdAt':%lld,'retryStrategy':"
                "{'attempts':1},'dependsOn':[],'parameters':{},'tags':{},'propagateTags':false,"
                "'platformCapabilities':['FARGATE'],'timeout':{'attemptDurationSeconds':14400},"
                "'jobDefinition':'" DAY_DEFINITION "','isCancelled':false,'isTerminated':%s,",
                out.id, out.id, out.status, (long long)out.created_ms,
                j.fate == STOPPED ? "true" : "false");
    if (j.started >= 0) {
        strbuf_addf(b, "'startedAt':%lld,", (long long)time_of(i, j.started));
    }
    if (j.ended >= 0) {
        add_end(b, i, &j, stream);
    } else {
        strbuf_addf(b, "'attempts':[],%s'container':{",
                    j.fate != STUCK ? ""
                                    : "'statusReason':'MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_"
                                      "RESOURCE - CE(s) associated with the job queue have a "
                                      "smaller maximum vCPU than the job asks for',");
    }
    add_container(b, i, &j, stream);
    end_map(b, "}");
    return out;
}

/* ---- the log ---- */

/* Seconds after the start, and the line. */
/* clang-format off */
static const struct {
    int after_s;
    const char *text;
} lines[] = {
    {1,    "==> INIT"},
    {2,    "claimed by attempt 1 on Fargate, 2 vCPU, 4096 MB"},
    {64,   "==> FETCHING_DATA"},
    {66,   "product prod_377: 3 features: auth, dashboard, payments"},
    {71,   "brand: 4 colours, 2 fonts, logo 512x512"},
    {188,  "==> CREATING_REPO"},
    {192,  "created https://github.com/founderdash/tidewater-books"},
    {195,  "pushed 41 files from the template nextjs-postgres"},
    {301,  "==> CLAUDE_INSTALL"},
    {322,  "added 1 package in 19 s"},
    {449,  "==> AI_DEVELOPMENT"},
    {452,  "plan: 14 tasks, 3 of them can wait for the second version"},
    {611,  "task 1/14 sign-in by e-mail: 6 files, 9 tests pass"},
    {872,  "task 2/14 catalogue with search: 11 files, 17 tests pass"},
    {1104, "WARN  image of book 118 is 9 MB: made smaller"},
    {1390, "task 3/14 shopping basket: 8 files, 21 tests pass"},
    {1655, "ERROR test 'basket keeps its total' failed: expected 38.50, got 38.49"},
    {1658, "reading src/lib/money.ts, rounding happens twice"},
    {1702, "task 3/14 shopping basket: fixed, 22 tests pass"},
    {2011, "task 4/14 checkout: 9 files, 13 tests pass"},
    {2276, "ERROR payments: the test key was refused (401), trying the sandbox of the founder"},
    {2281, "payments: sandbox answers, 3 test charges went through"},
    {2540, "task 5/14 orders and receipts: 12 files, 19 tests pass"},
    {2803, "task 6/14 dashboard for the shop owner: 10 files, 16 tests pass"},
    {3020, "ERROR type check: Property 'isbn' does not exist on type 'Draft' (2 places)"},
    {3046, "type check passes"},
    {3190, "task 7/14 stock alerts: 5 files, 8 tests pass"},
    {3322, "58 % done, about 44 min to go"},
};
/* clang-format on */

void day_log(size_t i, struct strbuf *b)
{
    struct day_job j = job_of(i);
    int64_t start = time_of(i, j.started), end = j.ended < 0 ? FIXED_NOW_MS : time_of(i, j.ended);

    for (size_t n = 0; n < sizeof lines / sizeof *lines; n++) {
        int64_t at = start + (int64_t)lines[n].after_s * 1000 + (int64_t)draw(n, 51, 1000);
        const char *text = lines[n].text;
        if (at > end) {
            break;
        }
        strbuf_addf(b, "%s{'timestamp':%lld,'message':'", n == 0 ? "" : ",", (long long)at);
        for (; *text != '\0'; text++) {
            strbuf_adds(b, *text == '\'' ? "\\u0027" : (char[]){*text, '\0'});
        }
        strbuf_adds(b, "'}");
    }
}
