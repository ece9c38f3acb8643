/* A job of the day as its Batch job, and its log. */
#include <stdio.h>
#include <string.h>

#include "day_jobs.h"
#include "day_table.h"
#include "fixed.h"

enum { BATCH_KEEPS_MIN = 7 * 24 * 60 };

static const char *batch_status(const struct day_job *j)
{
    static const char *const words[] = {[WAITS] = "STARTING",      [LOST] = NULL,
                                        [STUCK] = "RUNNABLE",      [RUNS] = "RUNNING",
                                        [SUCCEEDED] = "SUCCEEDED", [KILLED] = "FAILED",
                                        [KILLED_TOLD] = "FAILED",  [BROKEN] = "FAILED",
                                        [STOPPED] = "FAILED"};

    return j->made < BATCH_KEEPS_MIN ? words[j->fate] : NULL;
}

void day_stream(size_t i, char *out, size_t size)
{
    (void)snprintf(out, size, "mvp-pipeline-job/default/%08x%08x%08x%08x",
                   day_draw(i, 31, 0xffffffff), day_draw(i, 32, 0xffffffff),
                   day_draw(i, 33, 0xffffffff), day_draw(i, 34, 0xffffffff));
}

/* What Batch says of the end of a job. */
static void add_end(struct strbuf *b, size_t i, const struct day_job *j, const char *stream)
{
    static const struct {
        const char *why, *container;
        int exit;
    } ends[] = {
        [SUCCEEDED] = {"Essential container in task exited",    NULL,              0  },
        [KILLED] = {"Essential container in task exited",    DAY_OUT_OF_MEMORY, 137},
        [KILLED_TOLD] = {"Essential container in task exited",    DAY_OUT_OF_MEMORY, 137},
        [BROKEN] = {"Essential container in task exited",    NULL,              1  },
        [STOPPED] = {"Cancelled by user_0733: wrong product", NULL,              143},
    };
    char reason[100] = "";

    if (ends[j->fate].container != NULL) {
        (void)snprintf(reason, sizeof reason, ",'reason':'%s'", ends[j->fate].container);
    }
    strbuf_addf(b,
                "'stoppedAt':%lld,'statusReason':'%s','attempts':[{'container':{'exitCode':%d%s,"
                "'logStreamName':'%s','networkInterfaces':[]},'startedAt':%lld,'stoppedAt':%lld,"
                "'statusReason':'%s'}],",
                (long long)day_time(i, j->ended), ends[j->fate].why, ends[j->fate].exit, reason,
                stream, (long long)day_time(i, j->started), (long long)day_time(i, j->ended),
                ends[j->fate].why);
    strbuf_addf(b, "'container':{'exitCode':%d%s,", ends[j->fate].exit, reason);
}

/* The rest of the container, and the end of the document. */
static void add_container(struct strbuf *b, size_t i, const struct day_job *j, const char *stream)
{
    char id[DAY_ID_SIZE];

    day_id(i, id);
    strbuf_addf(b,
                "'image':'mvpdash-starter:local','command':[],'environment':[{'name':'JOB_ID',"
                "'value':'%s'}],'resourceRequirements':[{'type':'VCPU','value':'%d'},"
                "{'type':'MEMORY','value':'%d'}]%s%s%s}}",
                id, j->fate == STUCK ? 32 : 2, j->fate == STUCK ? 65536 : 4096,
                j->started < 0 ? "" : ",'logStreamName':'", j->started < 0 ? "" : stream,
                j->started < 0 ? "" : "'");
}

struct day_batch day_batch(size_t i)
{
    struct day_job j = day_job(i);
    struct day_batch out = {.status = batch_status(&j), .created_ms = day_time(i, j.made) + 4000};
    struct strbuf *b = &out.document;
    char stream[80];

    (void)snprintf(out.id, sizeof out.id, "%08x-4c1e-4f0a-9b7d-%012zx", day_draw(i, 41, 0xffffffff),
                   (size_t)day_draw(i, 42, 0xffffffff));
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
        strbuf_addf(b, "'startedAt':%lld,", (long long)day_time(i, j.started));
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
    {66,   "product prod_shop: 3 features: auth, dashboard, payments"},
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
    struct day_job j = day_job(i);
    int64_t start = day_time(i, j.started), end = j.ended < 0 ? FIXED_NOW_MS : day_time(i, j.ended);

    for (size_t n = 0; n < sizeof lines / sizeof *lines; n++) {
        int64_t at = start + (int64_t)lines[n].after_s * 1000 + (int64_t)day_draw(n, 51, 1000);
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
