/* A dashboard without a terminal, which gets keys and replies and is drawn into a surface. */
#include "screen_fixture.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/text.h"

/* Job records as DynamoDB has them, in several shapes. %s are ages taken from FIXTURE_NOW. */
static const char *const records[] = {
    /* running, flat */
    "{'jobId':{'S':'job_1755685200000_run000001'},'userId':{'S':'user123'},'productId':{'S':'"
    "prod456'},"
    "'status':{'S':'IN_PROGRESS'},'currentStep':{'S':'AI_DEVELOPMENT'},'progress':{'N':'62'},"
    "'createdAt':{'S':'2025-08-20T10:20:00.000Z'},'updatedAt':{'S':'2025-08-20T10:29:40.000Z'},"
    "'startedAt':{'S':'2025-08-20T10:21:10.000Z'},'batchJobId':{'S':'b-run1'},'priority':{'S':'"
    "high'},"
    "'metadata':{'M':{'businessName':{'S':'My Startup'},'estimatedDuration':{'N':'14400'},"
    "'userEmail':{'S':'user@example.com'},'features':{'L':[{'S':'auth'},{'S':'dashboard'}]}}}}",
    /* running, nested */
    "{'jobId':{'S':'job_1755684000000_run000002'},'userId':{'S':'founder7'},'productId':{'S':'p-9'}"
    ","
    "'status':{'S':'in_progress'},'stage':{'S':'BUILDING'},'progress':{'S':'80'},"
    "'timestamps':{'M':{'createdAt':{'S':'2025-08-20T10:00:00Z'},'startedAt':{'S':'2025-08-20T10:"
    "03:00Z'},"
    "'completedAt':{'NULL':true}}},'updatedAt':{'S':'2025-08-20T10:29:00Z'},"
    "'resources':{'M':{'batchJobId':{'S':'b-run2'}}},'metadata':{'M':{'businessName':{'S':'"
    "Caf\u00e9 Zo\u00eb'}}}}",
    /* wide and combining characters */
    "{'jobId':{'S':'job_1755683900000_wide00001'},'userId':{'S':'\u5229\u7528\u8005'},'productId':{"
    "'S':'p-9'},"
    "'status':{'S':'QUEUED'},'currentStep':{'S':'QUEUED'},'progress':{'N':'0'},"
    "'createdAt':{'S':'2025-08-20T10:29:10Z'},'updatedAt':{'S':'2025-08-20T10:29:20Z'},"
    "'batchJobId':{'S':'b-q1'},'metadata':{'M':{'businessName':{'S':'"
    "\u65e5\u672c\u8a9e\u306e\u5546\u5e97 e\u0301'}}}}",
    /* failed */
    "{'jobId':{'S':'job_1755680000000_fail00001'},'userId':{'S':'user123'},'productId':{'S':'prod1'"
    "},"
    "'status':{'S':'FAILED'},'currentStep':{'S':'BUILDING'},'progress':{'N':'45'},"
    "'createdAt':{'S':'2025-08-20T09:00:00Z'},'updatedAt':{'S':'2025-08-20T09:40:00Z'},"
    "'startedAt':{'S':'2025-08-20T09:01:00Z'},'completedAt':{'S':'2025-08-20T09:40:00Z'},"
    "'lastError':{'S':'npm run build exited with 1'},'metadata':{'M':{'businessName':{'S':'Broken "
    "Bakery'}}}}",
    /* completed */
    "{'jobId':{'S':'job_1755670000000_done00001'},'userId':{'S':'founder7'},'productId':{'S':'shop'"
    "},"
    "'status':{'S':'COMPLETED'},'currentStep':{'S':'COMPLETED'},'progress':{'N':'100'},"
    "'createdAt':{'S':'2025-08-20T07:00:00Z'},'updatedAt':{'S':'2025-08-20T10:10:00Z'},"
    "'startedAt':{'S':'2025-08-20T07:01:00Z'},'completedAt':{'S':'2025-08-20T10:10:00Z'},"
    "'urls':{'M':{'staging':{'S':'https://staging.example.com/shop'},'production':{'S':'https://"
    "shop.example.com'},"
    "'codeRepository':{'S':'https://git.example.com/"
    "shop'}}},'metadata':{'M':{'businessName':{'S':'Flower Shop'}}}}",
    "{'jobId':{'S':'job_1755660000000_done00002'},'userId':{'S':'user123'},'productId':{'S':'blog'}"
    ","
    "'status':{'S':'COMPLETED'},'progress':{'N':'100'},'priority':{'S':'low'},"
    "'createdAt':{'S':'2025-08-19T20:00:00Z'},'updatedAt':{'S':'2025-08-20T10:02:00Z'},"
    "'startedAt':{'S':'2025-08-20T08:01:00Z'},'completedAt':{'S':'2025-08-20T10:02:00Z'},"
    "'metadata':{'M':{'businessName':{'S':'A blog with a name that is much longer than any column "
    "could be'}}}}",
    /* cancelled, pending for long, nothing known, a status of their own */
    "{'jobId':{'S':'job_1755650000000_canc00001'},'userId':{'S':'user9'},'status':{'S':'CANCELLED'}"
    ","
    "'createdAt':{'S':'2025-08-18T10:00:00Z'},'updatedAt':{'S':'2025-08-18T10:05:00Z'},"
    "'metadata':{'M':{'businessName':{'S':'Changed my mind'}}}}",
    "{'jobId':{'S':'job_1755685500000_pend00001'},'userId':{'S':'user9'},'status':{'S':'PENDING'},"
    "'createdAt':{'S':'2025-08-20T10:25:00Z'},'updatedAt':{'S':'2025-08-20T10:25:00Z'},"
    "'metadata':{'M':{'businessName':{'S':'Nobody picks me up'}}}}",
    "{'jobId':{'S':'bare-record'}}",
    "{'jobId':{'S':'job_1755600000000_odd000001'},'status':{'S':'Paused_By_Ops'},'progress':{'S':'"
    "n/a'},"
    "'createdAt':{'S':'yesterday'},'userId':{'S':'legacy'},'metadata':{'S':'not a map'}}",
};

/* Every string tries to drive the terminal. */
static const char *const hostile_record =
    "{'jobId':{'S':'job_1755685200000_host00001'},'userId':{'S':'\\u001b[31mred\\u0007'},"
    "'status':{'S':'\\u001b]0;owned\\u0007'},'currentStep':{'S':'A\\nB\\tC\\rD'},'progress':{'N':'"
    "50'},"
    "'createdAt':{'S':'2025-08-20T10:20:00Z'},'updatedAt':{'S':'2025-08-20T10:29:40Z'},"
    "'priority':{'S':'\\u009b2J'},'productId':{'S':'\\u202egnp.exe'},"
    "'lastError':{'S':'\\u001b[2J\\u001b[H pwned \\u2066x'},"
    "'metadata':{'M':{'businessName':{'S':'\\u001b]52;c;ZXZpbA==\\u0007 \\u202eevil \\u200f'},"
    "'userEmail':{'S':'\\u0000\\u0001@x'}}}}";

static cJSON *parse(const char *quoted)
{
    char *text = xstrdup(quoted);

    for (char *p = text; *p != '\0'; p++) {
        *p = *p == '\'' ? '"' : *p;
    }
    cJSON *item = cJSON_Parse(text);
    cr_assert_not_null(item, "%s", text);
    free(text);
    return item;
}

static size_t records_len(const struct fixture *f)
{
    return f->hostile ? 1 : sizeof records / sizeof *records;
}

static cJSON *record_at(const struct fixture *f, size_t i)
{
    return parse(f->hostile ? hostile_record : records[i]);
}

void fixture_process(void)
{
    static const char *const names[] = {"AWS_PROFILE",      "AWS_REGION", "AWS_DEFAULT_REGION",
                                        "AWS_ENDPOINT_URL", "NO_COLOR",   "DYNAMODB_TABLE_NAME"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)unsetenv(names[i]);
    }
    (void)setenv("TZ", "UTC", 1);
    (void)setenv("HOME", "/nonexistent", 1);
    (void)setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
    tzset();
    cr_assert_not_null(setlocale(LC_CTYPE, "C.UTF-8"));
}

static void send_event(struct fixture *f, struct app_event *ev)
{
    ev->now_ms = f->now_ms;
    ev->mono_ms = f->mono_ms;
    if (!app_update(f->model, ev, &f->fx)) {
        f->left = true;
    }
}

static void send_msg(struct fixture *f, struct msg *m)
{
    struct app_event ev = {.kind = EV_MSG};

    m->at_ms = f->now_ms;
    m->asked_ms = f->mono_ms;
    m->stats.requests = 12;
    ev.u.msg = m;
    send_event(f, &ev);
    msg_free(m);
}

static void send_done(struct fixture *f, const struct task *t)
{
    send_msg(f, msg_new(MSG_DONE, t));
}

static void send_jobs(struct fixture *f, const struct task *t)
{
    struct msg *m = msg_new(MSG_JOBS, t);
    size_t n = records_len(f);
    const struct task_ids *ids = t->kind == TASK_GET_JOBS ? &task_as(t, ids) : NULL;

    m->u.jobs.items = xcalloc(n, sizeof *m->u.jobs.items);
    for (size_t i = 0; i < n; i++) {
        cJSON *item = record_at(f, i);
        struct job *j = job_from_item(item);
        cJSON_Delete(item);
        bool wanted = ids == NULL;
        for (size_t k = 0; ids != NULL && k < ids->len; k++) {
            wanted = wanted || strcmp(ids->items[k], j->id) == 0;
        }
        if (wanted) {
            m->u.jobs.items[m->u.jobs.len++] = j;
        } else {
            job_free(j);
        }
    }
    send_msg(f, m);
    send_done(f, t);
}

static const char array_parent[] =
    "{'jobId':'b-run1','jobName':'mvp','status':'PENDING','createdAt':1755685205000,'jobQueue':'q',"
    "'container':{'environment':[{'name':'JOB_ID','value':'job_1755685200000_run000001'}]},"
    "'arrayProperties':{'size':12,'statusSummary':{'RUNNING':3,'STARTING':1,'FAILED':2,"
    "'SUCCEEDED':2,'RUNNABLE':2,'SUBMITTED':1,'PENDING':1}}}";

static struct batch_job *batch_from(const char *text)
{
    cJSON *json = parse(text);
    struct batch_job *b = batch_job_from_json(json);

    cJSON_Delete(json);
    return b;
}

/* One failed of several reasons, one forgotten by the listing, the rest on its way. */
static struct batch_job *child_of(int i, bool full)
{
    static const char *const words[] = {"RUNNING",  "SUCCEEDED", "FAILED",   "RUNNING",
                                        "RUNNING",  "FAILED",    "STARTING", "RUNNABLE",
                                        "RUNNABLE", "SUBMITTED", "PENDING",  "SUCCEEDED"};
    static const char ended[] = "'stoppedAt':1755685600000,'container':{'exitCode':%d%s},";
    char end[200] = "", attempts[400] = "", text[1200];
    bool failed = strcmp(words[i], "FAILED") == 0, over = failed || i == 1 || i == 11;
    bool begun = over || strcmp(words[i], "RUNNING") == 0;

    if (over) {
        (void)snprintf(end, sizeof end, ended, failed ? (i == 2 ? 137 : 3) : 0,
                       i == 2 ? ",'reason':'OutOfMemoryError: Container killed due to memory usage'"
                              : "");
    }
    if (full && failed) {
        (void)snprintf(attempts, sizeof attempts,
                       "'attempts':[{'startedAt':1755685270000,'stoppedAt':1755685300000,"
                       "'container':{'exitCode':1,'logStreamName':'mvp/default/one'}},"
                       "{'startedAt':1755685310000,'stoppedAt':1755685600000,'statusReason':"
                       "'Essential container in task exited','container':{'exitCode':%d,"
                       "'logStreamName':'mvp/default/two'}}],",
                       i == 2 ? 137 : 3);
    }
    (void)snprintf(text, sizeof text,
                   "{'jobId':'b-run1:%d','jobName':'mvp','status':'%s','createdAt':1755685205000,"
                   "%s%s%s%s'arrayProperties':{'index':%d}}",
                   i, words[i], begun ? "'startedAt':1755685270000," : "", end, attempts,
                   i == 5 ? "'statusReason':'gone \\u001b[2J wrong'," : "", i);
    return batch_from(text);
}

static void send_children(struct fixture *f, const struct task *t)
{
    struct msg *m = msg_new(MSG_CHILDREN, t);
    struct msg_batch *x = &msg_as(m, children);
    const struct task_ids *only = &task_as(t, children).only;

    x->items = xcalloc(13, sizeof *x->items);
    if (only->len == 0) {
        x->items[x->len++] = batch_from(array_parent);
    }
    for (int i = 0; i < 12 && !(f->denied && (only->len > 0 || i > 5)); i++) {
        bool wanted = only->len == 0 && i != 8;
        for (size_t k = 0; k < only->len; k++) {
            wanted = wanted || strtol(strchr(only->items[k], ':') + 1, NULL, 10) == i;
        }
        if (wanted) {
            x->items[x->len++] = child_of(i, only->len > 0);
        }
    }
    send_msg(f, m);
    m = msg_new(MSG_DONE, t);
    if (f->denied) {
        (void)err_set(&m->err, E_DENIED, "ListJobs of b-run1: AccessDeniedException: no");
    }
    send_msg(f, m);
}

static struct batch_job *batch_of(const struct fixture *f, const char *id, const char *job_id,
                                  const char *status)
{
    char text[600];

    if (f->array && strcmp(id, "b-run1") == 0) {
        return batch_from(array_parent);
    }

    (void)snprintf(text, sizeof text,
                   "{'jobId':'%s','jobName':'mvp-%s','status':'%s','createdAt':1755685205000,"
                   "'startedAt':1755685270000,'jobQueue':'q','container':{'environment':"
                   "[{'name':'JOB_ID','value':'%s'}],'logStreamName':'mvp/default/abc'}}",
                   id, job_id, status, job_id);
    return batch_from(text);
}

static void send_batch(struct fixture *f, const struct task *t)
{
    struct msg *m = msg_new(MSG_BATCH_JOBS, t);

    m->u.batch.items = xcalloc(3, sizeof *m->u.batch.items);
    if (!f->hostile) {
        m->u.batch.items[m->u.batch.len++] =
            batch_of(f, "b-run1", "job_1755685200000_run000001", "RUNNING");
        m->u.batch.items[m->u.batch.len++] =
            batch_of(f, "b-run2", "job_1755684000000_run000002", "RUNNING");
        m->u.batch.items[m->u.batch.len++] =
            batch_of(f, "b-q1", "job_1755683900000_wide00001", "RUNNABLE");
    }
    send_msg(f, m);
    send_done(f, t);
}

static void send_detail(struct fixture *f, const struct task *t)
{
    struct msg *m = msg_new(MSG_DETAIL, t);

    for (size_t i = 0; i < records_len(f); i++) {
        cJSON *item = record_at(f, i);
        struct job *j = job_from_item(item);
        if (t->job_id == NULL || strcmp(j->id, t->job_id) != 0) {
            job_free(j);
            cJSON_Delete(item);
            continue;
        }
        struct job_detail *d = xcalloc(1, sizeof *d);
        d->job = j;
        d->item = item;
        d->batch_asked = true;
        if (job_text(j, JOB_BATCH_ID) != NULL) {
            d->batch = batch_of(f, job_text(j, JOB_BATCH_ID), j->id, "RUNNING");
        }
        job_state_merge(d->job, d->batch, true, f->now_ms, &state_rules_default, &d->state);
        m->u.detail = d;
        send_msg(f, m);
        return;
    }
    m->err.code = E_NOT_FOUND;
    (void)snprintf(m->err.msg, sizeof m->err.msg, "no such job");
    send_msg(f, m);
}

static void send_log(struct fixture *f, const struct task *t)
{
    static const char *const lines[] = {
        "==> INIT",
        "reading the record of job_1755685200000_run000001",
        "==> FETCHING_DATA",
        "2 features: auth, dashboard",
        "WARN no logo given, using a default one",
        "==> AI_DEVELOPMENT",
        "\033[32mwriting\033[0m src/index.html",
        "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e log line",
        "a rather long line that goes on and on until it has to be wrapped or cut because no "
        "terminal "
        "of eighty columns can show all of it at once, which is what this line is for",
        "ERROR first try failed, trying again",
        "bell \007 and \033]0;title\007 gone",
        "62 %"};
    struct msg *m = msg_new(MSG_LOG, t);
    size_t n = sizeof lines / sizeof *lines;
    struct log_cursor *c = xcalloc(1, sizeof *c);

    if (task_as(t, log) != NULL) {
        *c = *task_as(t, log);
    }
    if (f->array && c->child == 0) {
        m->u.log.cursor = c;
        (void)snprintf(m->u.log.page.note, sizeof m->u.log.page.note, "none");
        send_msg(f, m);
        return;
    }
    bool first = c->token[0] == '\0';
    (void)snprintf(c->group, sizeof c->group, "/aws/batch/job");
    (void)snprintf(c->stream, sizeof c->stream, "mvp/default/abc");
    (void)snprintf(c->token, sizeof c->token, "f/1");
    c->attempts = 1;
    m->u.log.cursor = c;
    m->u.log.page.at_end = true;
    if (first) {
        m->u.log.page.items = xcalloc(n, sizeof *m->u.log.page.items);
        for (size_t i = 0; i < n; i++) {
            m->u.log.page.items[i].at_ms = f->now_ms - 60000 + (int64_t)i * 5000;
            m->u.log.page.items[i].text = xstrdup(lines[i]);
        }
        if (t->job_id != NULL && strstr(t->job_id, "fail") != NULL) { /* it went another way */
            free(m->u.log.page.items[9].text);
            m->u.log.page.items[9].text = xstrdup("FATAL no space left on the device");
        }
        m->u.log.page.len = n;
    }
    send_msg(f, m);
}

static void send_rule_log(struct fixture *f, const struct task *t)
{
    static const char event[] =
        "{\"version\":\"0\",\"id\":\"%04d\",\"detail-type\":\"MVP Development Request\","
        "\"source\":\"founderdash.web\",\"detail\":{\"jobId\":\"job_1755685%03d000_run000001\","
        "\"founderdashDbUrl\":\"postgresql://app:s3cret@db/x\"}}";
    struct msg *m = msg_new(MSG_RULE_LOG, t);
    struct log_page *p = &m->u.rule_log.page;
    bool first = task_as(t, rule_log)->newest_ms == TIME_NONE;

    p->at_end = true;
    m->u.rule_log.cursor = rule_log_cursor_copy(task_as(t, rule_log));
    if (f->answers == ANSWER_EMPTY) {
        (void)snprintf(p->note, sizeof p->note,
                       "there is no log group /aws/events/rule/mvp-development-rule");
    } else if (first) {
        p->items = xcalloc(4, sizeof *p->items);
        for (; p->len < 3; p->len++) {
            p->items[p->len].at_ms = f->now_ms - 60000 + (int64_t)p->len * 5000;
            p->items[p->len].text = xasprintf(event, (int)p->len, (int)p->len * 5);
        }
        p->items[p->len].at_ms = f->now_ms - 1000;
        p->items[p->len++].text = xstrdup("no JSON \033[2J\a at all");
        m->u.rule_log.cursor->newest_ms = f->now_ms;
    }
    send_msg(f, m);
}

/* Lines of several jobs, one of a job that nobody knows; the search does not come to its end. */
static void send_grep(struct fixture *f, const struct task *t)
{
    static const struct {
        const char *job, *text;
    } lines[] = {
        {"job_1755680000000_fail00001", "npm ERR! disk full while unpacking left-pad"            },
        {"job_1755685200000_run000001",
         "a line that is so long that nobody would see what was looked for in it, because it says "
         "all kinds of things before it comes to the point, which is that the disk full of files"},
        {NULL,                          "disk full: \033[31mred\033[0m \a \xe2\x80\xae disk full"},
        {"job_1755683900000_wide00001", "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e disk full"         },
    };
    struct msg *m = msg_new(MSG_GREP, t);
    struct log_search_result r = {
        .end = LOG_SEARCH_LIMIT, .reached_ms = f->now_ms - 3600000, .hits = 4, .unknown = 1};

    m->u.grep.items = xcalloc(4, sizeof *m->u.grep.items);
    for (size_t i = 0; i < 4; i++) {
        m->u.grep.items[m->u.grep.len++] =
            (struct grep_hit){.at_ms = f->now_ms - 7200000 + (int64_t)i * 61000,
                              .text = xstrdup(lines[i].text),
                              .job_id = xstrdup(lines[i].job),
                              .stream = xstrdup("mvp/default/0123456789abcdef"),
                              .child = -1};
    }
    send_msg(f, m);
    m = msg_new(MSG_GREP_END, t);
    msg_as(m, grep_end) = r;
    send_msg(f, m);
}

static void send_files(struct fixture *f, const struct task *t)
{
    static const char *const names[] = {"archive/", "bad.csv", "good.csv", "half.csv"};
    const char *typed = task_as(t, typed);
    struct msg *m = msg_new(MSG_FILES, t);

    m->u.files.paths = xcalloc(4, sizeof(char *));
    for (size_t i = 0; i < 4; i++) {
        if (strncmp(names[i], typed, strlen(typed)) == 0) {
            m->u.files.paths[m->u.files.len++] = xstrdup(names[i]);
        }
    }
    send_msg(f, m);
}

/* bad.csv has mistakes; an earlier run of half.csv was broken off; any other is missing. */
static void send_bulk_read(struct fixture *f, const struct task *t)
{
    static const char good[] =
        "userId,productId,businessName,priority\n"
        "user123,prod456,My Startup,high\nuser123,prod789,\xe6\x97\xa5\xe6\x9c\xac \xc3\xa9,\n"
        "founder@example.com,p,,low\nu4,p,Four,\nu5,p,Five,\nu6,p,Six,\nu7,p,Seven,\n";
    static const char bad[] = "userId,productId,priority\n,p1,urgent\nu2\nu3,p,low\nu\x1b[2J,p,\n";
    const char *path = task_as(t, path);
    struct msg *m = msg_new(MSG_BULK_READ, t);
    struct bulk_input *in = xcalloc(1, sizeof *in);

    if (strcmp(path, "bad.csv") == 0 || strstr(path, ".csv") == NULL) {
        in->text = xstrdup(bad);
    } else {
        in->text = xstrdup(good);
    }
    in->len = strlen(in->text);
    if (deploy_file_read(in->text, in->len, &in->file, &m->err) == E_OK) {
        m->u.bulk_read.past.sent = strcmp(path, "half.csv") == 0 ? 3 : 0;
    }
    m->u.bulk_read.input = in;
    send_msg(f, m);
}

/* The third line fails, the last waits in the outbox. */
static void send_bulk(struct fixture *f, const struct task *t)
{
    size_t n = task_as(t, bulk).input->file.len;
    struct msg *m = msg_new(MSG_BULK_LINES, t);

    m->u.bulk_lines.items = xcalloc(n, sizeof *m->u.bulk_lines.items);
    m->u.bulk_lines.len = m->u.bulk_lines.ended = n;
    for (size_t i = 0; i < n; i++) {
        struct bulk_report *x = &m->u.bulk_lines.items[i];
        x->index = i;
        (void)snprintf(x->job_id, sizeof x->job_id, "job_1755685800000_bulk%05zu", i);
        (void)snprintf(x->line.event_id, sizeof x->line.event_id, "11710aed-%zu", i);
        x->line.end = i == 2 ? BULK_FAILED : i + 1 == n ? BULK_KEPT : BULK_SENT;
        x->line.earlier = task_as(t, bulk).mode == BULK_RESUME && i < 2;
        if (x->line.end != BULK_SENT) {
            (void)err_set(&x->line.err, E_DENIED, "EventBridge: AccessDenied \033[2Jno putEvents");
        }
    }
    m->u.bulk_lines.failed = 2;
    send_msg(f, m);
    m = msg_new(MSG_BULK_END, t);
    m->u.bulk_end = (struct bulk_totals){.sent = n - 2, .failed = 1, .kept = 1};
    send_msg(f, m);
}

static const char *const lost[] = {
    "{'MessageId':'3868e8ac-1045','Attributes':{'SentTimestamp':'1755685200000',"
    "'ApproximateReceiveCount':'2'},'MessageAttributes':{'RULE_ARN':{'StringValue':'arn:aws:events:"
    "us-east-1:123456789012:rule/mvp-development/"
    "mvp-development-rule'},'TARGET_ARN':{'StringValue':"
    "'arn:aws:batch:us-east-1:123456789012:job-queue/mvp-pipeline-queue'},'ERROR_CODE':"
    "{'StringValue':'NO_PERMISSIONS'},'ERROR_MESSAGE':{'StringValue':'Lacks permissions to invoke "
    "target.'},'RETRY_ATTEMPTS':{'StringValue':'0'}},'Body':'{\\'source\\':\\'founderdash.web\\',"
    "\\'detail-type\\':\\'MVP Development Request\\',\\'detail\\':{\\'jobId\\':"
    "\\'job_1755685200000_run000001\\',\\'founderdashDbUrl\\':"
    "\\'postgresql://app:s3cret@db/x\\',\\'priority\\':\\'high\\'}}'}",
    "{'MessageId':'4c11edb0-e9ec','Attributes':{'SentTimestamp':'1755685300000',"
    "'ApproximateReceiveCount':'1'},'MessageAttributes':{'RULE_ARN':{'StringValue':'arn:aws:events:"
    "us-east-1:123456789012:rule/mvp-development/"
    "mvp-development-rule'},'ERROR_CODE':{'StringValue':"
    "'THROTTLING'},'ERROR_MESSAGE':{'StringValue':'Rate exceeded'},'RETRY_ATTEMPTS':{'StringValue':"
    "'185'},'EXHAUSTED_RETRY_CONDITION':{'StringValue':'MaximumRetryAttempts'}},'Body':"
    "'{\\'source\\':\\'founderdash.web\\',\\'detail-type\\':\\'MVP Development Request\\',"
    "\\'detail\\':{\\'jobId\\':\\'job_1755685300000_notinlist\\'}}'}",
    "{'MessageId':'8ae5c694-dfa4','Attributes':{'SentTimestamp':'1755685400000'},"
    "'MessageAttributes':{'RULE_ARN':{'StringValue':'arn:aws:events:us-east-1:123456789012:rule/"
    "mvp-development/mvp-development-rule'},'ERROR_CODE':{'StringValue':'NO_PERMISSIONS'},"
    "'ERROR_MESSAGE':{'StringValue':'\\u001b[2J\\u202eevil'}},'Body':'{\\'source\\':"
    "\\'founderdash.web\\',\\'detail-type\\':\\'MVP Development Request\\',\\'detail\\':{}}'}",
    "{'MessageId':'e30ab903-2bd9','Body':'no event \\u0007 at all'}",
};

/* Two rules, one of them off and without targets that could be read. */
static void send_bus(struct fixture *f, const struct task *t)
{
    struct msg *m = msg_new(MSG_BUS, t);
    struct bus_report *r = xcalloc(1, sizeof *r);

    m->u.bus = r;
    if (f->answers == ANSWER_EMPTY) {
        r->rules = json_new_array();
        send_msg(f, m);
        return;
    }
    r->rules =
        parse("[{'Name':'mvp-development-rule','State':'ENABLED','EventPattern':'{\\'source\\':[\\'"
              "founder"
              "dash.web\\']}'},{'Name':'audit \\u001b[2J','State':'DISABLED','ScheduleExpression':"
              "'rate(1 day)'}]");
    r->len = 2;
    r->row = xcalloc(2, sizeof *r->row);
    r->row[0].doc = r->rules->child;
    r->row[0].targets = parse(
        "[{'Id':'batch','Arn':'arn:aws:batch:us-east-1:123456789012:job-queue/mvp-pipeline-queue',"
        "'RoleArn':'arn:aws:iam::123456789012:role/events','BatchParameters':{'JobDefinition':"
        "'mvp-pipeline-job','JobName':'mvp'},'InputTransformer':{'InputPathsMap':{'id':"
        "'$.detail.jobId'},'InputTemplate':'{\\'Parameters\\':{\\'jobId\\':<id>}}'}}]");
    r->row[1].doc = r->rules->child->next;
    (void)err_set(&r->row[1].targets_err, E_DENIED, "ListTargetsByRule: AccessDeniedException: no");
    send_msg(f, m);
}

/* One with a record, one without, one of which it is not known. */
static void send_queue(struct fixture *f, const struct task *t)
{
    static const char *const of[] = {"job_1755685200000_run000001", NULL, NULL};
    static const char *const states[] = {"RUNNING", "FAILED", "RUNNABLE"};
    struct msg *m = msg_new(MSG_QUEUE, t);
    struct queue_result *q = xcalloc(1, sizeof *q);

    q->rows = xcalloc(3, sizeof *q->rows);
    q->len = f->answers == ANSWER_EMPTY ? 0 : 3;
    for (size_t i = 0; i < q->len; i++) {
        char text[400];
        (void)snprintf(text, sizeof text,
                       "{'jobId':'5f3c9a1e-0000-4000-8000-00000000000%zu','jobName':'mvp','status':"
                       "'%s','createdAt':1755685205000%s}",
                       i, states[i],
                       i == 1
                           ? ",'statusReason':'Essential container \\u001b[2J exited','container':"
                             "{'exitCode':137,'reason':'OutOfMemoryError'}"
                           : "");
        q->rows[i] = (struct queue_row){.job = batch_from(text),
                                        .owner = i == 0   ? QUEUE_OWNER_RECORD
                                                 : i == 1 ? QUEUE_OWNER_NONE
                                                          : QUEUE_OWNER_NOT_KNOWN,
                                        .record = of[i] == NULL ? NULL : xstrdup(of[i])};
    }
    q->not_known = q->len > 0;
    (void)err_set(&q->records_err, E_DENIED, "Scan: AccessDeniedException: no");
    m->u.queue = q;
    send_msg(f, m);
}

/* Two environments that are nearly full, one of them switched off, and a job that waits. */
static void send_queue_look(struct fixture *f, const struct task *t)
{
    cJSON *queue = parse(
        "{'jobQueueName':'mvp-pipeline-queue','state':'ENABLED','status':'VALID','statusReason':"
        "'JobQueue Healthy','computeEnvironmentOrder':[{'order':1},{'order':2}]}");
    cJSON *environments = parse(
        "[{'computeEnvironmentName':'mvp-fargate','state':'ENABLED','status':'VALID',"
        "'computeResources':{'type':'FARGATE','maxvCpus':4}},{'computeEnvironmentName':'mvp-spot',"
        "'state':'DISABLED','status':'INVALID','statusReason':'CLIENT_ERROR \\u001b[2J - no role',"
        "'computeResources':{'type':'FARGATE_SPOT','maxvCpus':8}}]");
    struct msg *m = msg_new(MSG_QUEUE_LOOK, t);
    struct batch_job *runs = batch_from(
        "{'jobId':'5f3c9a1e-0000-4000-8000-000000000000','status':'RUNNING','attempts':[],"
        "'container':{'resourceRequirements':[{'type':'VCPU','value':'3.5'},{'type':'MEMORY',"
        "'value':'8192'}]}}");
    struct batch_job *waits[] = {
        batch_from("{'jobId':'5f3c9a1e-0000-4000-8000-000000000002','status':'RUNNABLE',"
                   "'createdAt':1755685205000}"),
        batch_from("{'jobId':'5f3c9a1e-0000-4000-8000-000000000009','status':'RUNNABLE',"
                   "'createdAt':1755685105000}"),
    };

    m->u.queue_look = queue_facts_new(queue, environments);
    queue_facts_add(m->u.queue_look, BATCH_RUNNING, &runs, 1, false);
    queue_facts_add(m->u.queue_look, BATCH_RUNNABLE, waits, 2, false);
    queue_facts_add_size(m->u.queue_look, runs);
    queue_facts_order(m->u.queue_look);
    batch_job_free(runs);
    batch_job_free(waits[0]);
    batch_job_free(waits[1]);
    cJSON_Delete(queue);
    cJSON_Delete(environments);
    send_msg(f, m);
}

static void send_dlq(struct fixture *f, const struct task *t)
{
    struct msg *m = msg_new(MSG_DLQ, t);
    size_t n = f->answers == ANSWER_EMPTY ? 0 : sizeof lost / sizeof *lost;

    m->u.dlq = xcalloc(1, sizeof *m->u.dlq);
    (void)snprintf(m->u.dlq->name, sizeof m->u.dlq->name, "mvp-development-dlq");
    m->u.dlq->visible = (int64_t)n;
    m->u.dlq->keep_s = 345600;
    m->u.dlq->list.items = xcalloc(n + 1, sizeof *m->u.dlq->list.items);
    for (; m->u.dlq->list.len < n; m->u.dlq->list.len++) {
        cJSON *doc = parse(lost[m->u.dlq->list.len]);
        dlq_message_read(&m->u.dlq->list.items[m->u.dlq->list.len], doc);
        cJSON_Delete(doc);
    }
    send_msg(f, m);
}

/* The first goes well, the others do not. */
static void send_dlq_results(struct fixture *f, const struct task *t)
{
    const struct task_ids *ids = &task_as(t, dlq).ids;

    for (size_t i = 0; i < ids->len; i++) {
        struct msg *m = msg_new(MSG_DLQ_RESULT, t);
        m->u.dlq_result.id = xstrdup(ids->items[i]);
        if (i > 0) {
            (void)err_set(&m->err, E_CONFLICT,
                          "rule mvp-development-rule is disabled: the event would be dropped");
        } else {
            m->u.dlq_result.sent.sent = m->u.dlq_result.sent.deleted = true;
            (void)snprintf(m->u.dlq_result.sent.bus, sizeof m->u.dlq_result.sent.bus,
                           "mvp-development");
            (void)snprintf(m->u.dlq_result.sent.event_id, sizeof m->u.dlq_result.sent.event_id,
                           "11710aed-event");
        }
        send_msg(f, m);
    }
    send_done(f, t);
}

static void send_table(struct fixture *f, const struct task *t)
{
    struct msg *m = msg_new(MSG_TABLE_INFO, t);

    m->u.table = xcalloc(1, sizeof *m->u.table);
    (void)snprintf(m->u.table->name, sizeof m->u.table->name, "mvp-development-jobs");
    (void)snprintf(m->u.table->status, sizeof m->u.table->status, "ACTIVE");
    (void)snprintf(m->u.table->stream_arn, sizeof m->u.table->stream_arn, "arn:stream");
    m->u.table->user_index = true;
    m->u.table->item_count = 10;
    send_msg(f, m);
}

static void send_stream(struct fixture *f, const struct task *t)
{
    struct msg *m = msg_new(MSG_STREAM, t);

    m->u.stream.cursor = stream_cursor_new();
    m->u.stream.cursor->shards = xcalloc(1, sizeof *m->u.stream.cursor->shards);
    m->u.stream.cursor->len = 1;
    send_msg(f, m);
}

static void send_identity(struct fixture *f, const struct task *t)
{
    struct msg *m = msg_new(MSG_IDENTITY, t);

    if (f->no_identity) {
        (void)err_set(&m->err, E_DENIED, "STS GetCallerIdentity: not allowed");
        send_msg(f, m);
        return;
    }
    (void)snprintf(m->u.identity.account, sizeof m->u.identity.account, "123456789012");
    (void)snprintf(m->u.identity.arn, sizeof m->u.identity.arn,
                   "arn:aws:sts::123456789012:assumed-role/operator/alice");
    (void)snprintf(m->u.identity.source, sizeof m->u.identity.source, "environment");
    m->u.identity.expires_ms = TIME_NONE;
    send_msg(f, m);
}

/* What is wrong in the system of the fixture. */
static const struct {
    const char *id;
    enum doctor_state state;
    const char *text, *fix;
} found[] = {
    {"B4", DOCTOR_UNKNOWN, "cannot tell; needs iam:SimulatePrincipalPolicy",
     "allow iam:SimulatePrincipalPolicy for arn:aws:sts::123456789012:assumed-role/operator/alice"   },
    {"D2", DOCTOR_WARN,    "the bus logs nothing: events that match no rule leave no trace",
     "aws events update-event-bus --name mvp-development --log-config Level=ERROR"                   },
    {"D3", DOCTOR_FAIL,    "rule mvp-development-rule is DISABLED: no job starts",
     "aws events enable-rule --region us-east-1 --name mvp-development-rule --event-bus-name "
     "mvp-development"                                                                               },
    {"D6", DOCTOR_SKIP,    "because D3 failed",                                              "see D3"},
};

static void send_check(struct fixture *f, const struct task *t, size_t check, bool ended)
{
    struct msg *m = msg_new(MSG_DOCTOR, t);
    struct finding *x = &m->u.doctor.found;

    m->u.doctor.check = check;
    m->u.doctor.ended = ended;
    x->text = ended ? xstrdup(f->hostile ? "\033[2Jcleared\n\xe2\x80\xae"
                                           "reversed\x9b"
                                         : "as it should be")
                    : NULL;
    x->fix = ended && f->hostile ? xstrdup("\033]0;title\007rm -rf") : NULL;
    for (size_t i = 0; ended && !f->hostile && !f->sound && i < sizeof found / sizeof *found; i++) {
        if (strcmp(found[i].id, doctor_checks[check].id) == 0) {
            free(x->text);
            x->state = found[i].state;
            x->text = xstrdup(found[i].text);
            x->fix = xstrdup(found[i].fix);
        }
    }
    send_msg(f, m);
}

/* The first two steps of a test job, and the third under way. */
static void send_steps(struct fixture *f, const struct task *t)
{
    for (size_t i = 0; i < 3; i++) {
        struct msg *m = msg_new(MSG_E2E, t);
        m->u.e2e.step = i;
        m->u.e2e.ended = i < 2;
        m->u.e2e.ms = (int64_t)i * 1500 + 200;
        m->u.e2e.found.text = i < 2 ? xstrdup("as it should be") : NULL;
        (void)snprintf(m->u.e2e.what, sizeof m->u.e2e.what, "RUNNABLE");
        send_msg(f, m);
    }
}

static void send_checks(struct fixture *f, const struct task *t)
{
    bool in[DOCTOR_CHECKS_MAX];
    int n = 0;

    cr_assert_eq(doctor_choose(task_as(t, doctor).only, in, NULL), E_OK);
    for (size_t i = 0; i < doctor_checks_len; i++) {
        if (in[i] && (f->checks == 0 || n < f->checks + 2)) { /* two more are under way */
            send_check(f, t, i, false);
            if (f->checks == 0 || n < f->checks) {
                send_check(f, t, i, true);
            }
            n++;
        }
    }
    if (f->checks == 0) {
        send_done(f, t);
    }
}

static void send_dlq_depth(struct fixture *f, const struct task *t)
{
    struct msg *m = msg_new(MSG_DLQ_DEPTH, t);

    msg_as(m, dlq_depth) = f->dlq;
    send_msg(f, m);
}

/* The message that ends a task of this kind. */
static enum msg_kind last_message(enum task_kind kind)
{
    switch (kind) {
    case TASK_TABLE_INFO:
        return MSG_TABLE_INFO;
    case TASK_IDENTITY:
        return MSG_IDENTITY;
    case TASK_DETAIL:
        return MSG_DETAIL;
    case TASK_LOG:
        return MSG_LOG;
    case TASK_DLQ_LOOK:
        return MSG_DLQ;
    case TASK_DLQ_DEPTH:
        return MSG_DLQ_DEPTH;
    case TASK_BUS:
        return MSG_BUS;
    case TASK_QUEUE:
        return MSG_QUEUE;
    case TASK_GREP:
        return MSG_GREP_END;
    case TASK_RULE_LOG:
        return MSG_RULE_LOG;
    case TASK_DEPLOY:
    case TASK_RETRY:
        return MSG_DEPLOYED;
    case TASK_CANCEL:
        return MSG_CANCELLED;
    case TASK_CANCEL_WAIT:
        return MSG_CANCEL_ENDED;
    case TASK_RULE_CHECK:
        return MSG_RULE_CHECK;
    case TASK_OUTBOX:
        return MSG_OUTBOX;
    case TASK_FILES:
        return MSG_FILES;
    case TASK_BULK_READ:
        return MSG_BULK_READ;
    case TASK_BULK:
        return MSG_BULK_END;
    case TASK_HOOK:
        return MSG_HOOK;
    case TASK_PROGRAM:
        return MSG_PROGRAM;
    case TASK_STREAM:
        return MSG_STREAM;
    default:
        return MSG_DONE;
    }
}

static void send_failure(struct fixture *f, const struct task *t)
{
    struct msg *m = msg_new(last_message(t->kind), t);

    if (f->answers == ANSWER_ERROR) {
        m->err = f->error;
    } else if (f->answers == ANSWER_EXPIRED) {
        (void)err_set(&m->err, E_EXPIRED, "the session token has expired");
    } else if (f->answers == ANSWER_NO_CREDS) {
        (void)err_set(&m->err, E_NO_CREDS,
                      "no AWS credentials found. Tried: environment (no AWS_ACCESS_KEY_ID, no "
                      "AWS_WEB_IDENTITY_TOKEN_FILE); profile default (no "
                      "/home/ada/.aws/credentials, no /home/ada/.aws/config); container "
                      "(AWS_CONTAINER_CREDENTIALS_* is not set); EC2 metadata (disabled)");
    } else {
        (void)err_set(&m->err, E_NET, "cannot reach dynamodb.us-east-1.amazonaws.com:443");
    }
    if (t->kind == TASK_LOG && task_as(t, log) != NULL) {
        m->u.log.cursor = xcalloc(1, sizeof *m->u.log.cursor);
        *m->u.log.cursor = *task_as(t, log);
    }
    if (t->kind == TASK_STREAM && task_as(t, stream).cursor != NULL) {
        m->u.stream.cursor = stream_cursor_copy(task_as(t, stream).cursor);
    }
    send_msg(f, m);
}

static void answer_action(struct fixture *f, const struct task *t)
{
    struct msg *m = msg_new(last_message(t->kind), t);

    if (t->kind == TASK_DEPLOY || t->kind == TASK_RETRY) {
        (void)snprintf(m->u.deployed.job_id, sizeof m->u.deployed.job_id,
                       "job_1755685800000_new000001");
        (void)snprintf(m->u.deployed.event_id, sizeof m->u.deployed.event_id, "11710aed-event");
        m->u.deployed.recorded = true;
    } else if (t->kind == TASK_CANCEL) {
        m->u.cancelled.outcome = CANCEL_STOPPING;
        (void)snprintf(m->u.cancelled.batch_job_id, sizeof m->u.cancelled.batch_job_id, "b-run1");
    } else if (t->kind == TASK_RULE_CHECK) {
        m->u.rule.matches = f->rule_matches;
        (void)snprintf(m->u.rule.why, sizeof m->u.rule.why, "%s",
                       f->rule_matches ? "" : "source must be one of [\"founderdash.app\"]");
    }
    send_msg(f, m);
}

static void answer_task(struct fixture *f, const struct task *t)
{
    if (f->answers == ANSWER_FAIL || f->answers == ANSWER_EXPIRED ||
        f->answers == ANSWER_NO_CREDS || f->answers == ANSWER_ERROR) {
        send_failure(f, t);
        return;
    }
    switch (t->kind) {
    case TASK_TABLE_INFO:
        send_table(f, t);
        break;
    case TASK_IDENTITY:
        send_identity(f, t);
        break;
    case TASK_STREAM:
        send_stream(f, t);
        break;
    case TASK_LOAD:
    case TASK_SWEEP:
    case TASK_GET_JOBS:
        if (f->answers == ANSWER_EMPTY ||
            (t->kind != TASK_GET_JOBS && task_as(t, part).segment != 0)) {
            send_done(f, t);
        } else {
            send_jobs(f, t);
        }
        break;
    case TASK_LIST_BATCH:
    case TASK_DESCRIBE_BATCH:
        send_batch(f, t);
        break;
    case TASK_DETAIL:
        send_detail(f, t);
        break;
    case TASK_CHILDREN:
        send_children(f, t);
        break;
    case TASK_LOG:
        send_log(f, t);
        break;
    case TASK_BUS:
        send_bus(f, t);
        break;
    case TASK_QUEUE:
        send_queue(f, t);
        break;
    case TASK_GREP:
        send_grep(f, t);
        break;
    case TASK_QUEUE_LOOK:
        send_queue_look(f, t);
        break;
    case TASK_DLQ_LOOK:
        send_dlq(f, t);
        break;
    case TASK_DLQ_DEPTH:
        send_dlq_depth(f, t);
        break;
    case TASK_DLQ_SEND:
    case TASK_DLQ_DELETE:
        send_dlq_results(f, t);
        break;
    case TASK_RULE_LOG:
        send_rule_log(f, t);
        break;
    case TASK_FILES:
        send_files(f, t);
        break;
    case TASK_BULK_READ:
        send_bulk_read(f, t);
        break;
    case TASK_BULK:
        send_bulk(f, t);
        break;
    case TASK_QUERY_STATUS:
        send_done(f, t);
        break;
    case TASK_DOCTOR:
        send_checks(f, t);
        break;
    case TASK_E2E:
        send_steps(f, t);
        break;
    default:
        answer_action(f, t);
    }
}

void fixture_answer(struct fixture *f)
{
    for (int guard = 0; f->fx.len > 0 && guard < 100; guard++) {
        struct effects now = f->fx;
        f->fx = (struct effects){0};
        for (size_t i = 0; i < now.len; i++) {
            if (now.items[i].kind == EFF_SUBMIT && f->answers != ANSWER_NOTHING) {
                answer_task(f, now.items[i].task);
            }
        }
        effects_clear(&now);
    }
}

void fixture_resize(struct fixture *f, int rows, int cols)
{
    struct app_event ev = {.kind = EV_RESIZE};

    ev.u.resize.rows = rows;
    ev.u.resize.cols = cols;
    send_event(f, &ev);
    fixture_answer(f);
}

void fixture_open(struct fixture *f, int rows, int cols, bool ascii)
{
    const struct setting_flag flags[] = {
        {SET_REGION,  "us-east-1"},
        {SET_CONTEXT, f->name    }
    };
    char ini[] = "/tmp/mvpdash-screen.XXXXXX";
    struct settings_sources src = {.flags = flags, .flags_len = f->context == NULL ? 1 : 2};
    struct err e = {0};

    if (f->context != NULL) {
        char *text = xasprintf("[context %s]\n%s", f->name, f->context);
        int fd = mkstemp(ini);
        cr_assert_geq(fd, 0);
        cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
        (void)close(fd);
        free(text);
        src.config_ini = ini;
    }

    f->now_ms = FIXTURE_NOW;
    f->mono_ms = 1000000;
    f->settings = settings_load(&src, &e);
    cr_assert_not_null(f->settings, "%s", e.msg);
    if (f->context != NULL) {
        cr_assert_eq(unlink(ini), 0);
    }
    f->model = model_new(&(struct model_options){.settings = f->settings,
                                                 .ascii = ascii,
                                                 .read_only = f->read_only,
                                                 .seed = 1,
                                                 .now_ms = f->now_ms,
                                                 .mono_ms = f->mono_ms});
    surface_init(&f->screen, rows, cols, ascii);
    fixture_resize(f, rows, cols);
    fixture_pass(f, 2);
}

void fixture_close(struct fixture *f)
{
    effects_clear(&f->fx);
    model_free(f->model);
    settings_free(f->settings);
    surface_done(&f->screen);
}

void fixture_key(struct fixture *f, const char *key)
{
    struct app_event ev = {.kind = EV_KEY};

    (void)snprintf(ev.u.key, sizeof ev.u.key, "%s", key);
    send_event(f, &ev);
    fixture_answer(f);
}

void fixture_keys(struct fixture *f, const char *keys)
{
    while (*keys != '\0') {
        char key[KEY_NAME_SIZE];
        size_t n = strcspn(keys, " ");
        (void)snprintf(key, sizeof key, "%.*s", (int)n, keys);
        fixture_key(f, key);
        keys += n;
        keys += strspn(keys, " ");
    }
}

void fixture_type(struct fixture *f, const char *text)
{
    while (*text != '\0') {
        char key[KEY_NAME_SIZE];
        uint32_t cp = 0;
        size_t n = text_utf8_decode(text, strlen(text), &cp);
        n = n == 0 ? 1 : n;
        (void)snprintf(key, sizeof key, "%.*s", (int)n, text);
        fixture_key(f, strcmp(key, " ") == 0 ? "Space" : key);
        text += n;
    }
}

void fixture_pass(struct fixture *f, int seconds)
{
    for (int i = 0; i < seconds; i++) {
        struct app_event ev = {.kind = EV_TICK};
        f->now_ms += 1000;
        f->mono_ms += 1000;
        send_event(f, &ev);
        fixture_answer(f);
    }
}

const struct surface *fixture_draw(struct fixture *f)
{
    draw_model(&f->screen, f->model);
    return &f->screen;
}
