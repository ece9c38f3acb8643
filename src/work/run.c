/* Running one task: calls its operation and turns what comes back into messages. */
#include "run.h"

#include <stdlib.h>
#include <string.h>

#include "aws/sts.h"
#include "core/alloc.h"
#include "core/map.h"
#include "ops/children.h"
#include "ops/follow.h"
#include "ops/hook.h"
#include "ops/job_ops.h"
#include "ops/log_stage.h"
#include "ops/logs.h"
#include "ops/outbox.h"
#include "ops/place.h"
#include "run_priv.h"

enum { CANCEL_WAIT_MS = 120000, QUEUE_SHOWN = 500 };

void run_send(struct run *r, struct msg *m)
{
    m->at_ms = clock_wall_ms(r->o->clock);
    m->asked_ms = r->t->kind == TASK_STREAM ? clock_mono_ms(r->o->clock) : r->asked_ms;
    aws_client_stats(r->o->aws, &m->stats);
    if (msgq_push(r->q, m) != E_OK) {
        r->closed = true;
    }
}

bool run_dropped(const struct run *r)
{
    return r->closed || atomic_load(&r->t->stop);
}

struct msg *run_answer(struct run *r, enum msg_kind kind, enum err_code rc, const struct err *e)
{
    struct msg *m = msg_new(kind, r->t);

    if (rc != E_OK) {
        m->err = *e;
        m->err.code = rc;
    }
    return m;
}

/* ---- pages ---- */

static bool send_jobs(void *arg, struct job **jobs, size_t len)
{
    struct run *r = arg;
    struct msg *m = msg_new(MSG_JOBS, r->t);

    for (size_t i = 0; r->missing != NULL && i < len; i++) {
        (void)map_remove(r->missing, jobs[i]->id);
    }
    for (size_t i = 0; i < len; i++) {
        ops_job_owner(r->o, &jobs[i]);
    }
    msg_as(m, jobs).items = jobs;
    msg_as(m, jobs).len = len;
    run_send(r, m);
    /* the ids that are missing may have been asked for by the first call */
    if (r->missing == NULL) {
        r->asked_ms = clock_mono_ms(r->o->clock); /* the next page is asked for after this one */
    }
    return !r->closed;
}

static bool send_batch(void *arg, struct batch_job **jobs, size_t len)
{
    struct run *r = arg;
    struct msg *m = msg_new(MSG_BATCH_JOBS, r->t);

    for (size_t i = 0; r->missing != NULL && i < len; i++) {
        (void)map_remove(r->missing, jobs[i]->id);
    }
    msg_as(m, batch).items = jobs;
    msg_as(m, batch).len = len;
    run_send(r, m);
    return !r->closed;
}

static void add_gone(void *arg, const char *id)
{
    struct run *r = arg;

    r->gone = xgrow(r->gone, r->gone_len, &r->gone_cap, sizeof *r->gone);
    r->gone[r->gone_len++] = xstrdup(id);
}

static void send_gone(struct run *r, enum msg_kind kind)
{
    if (r->gone_len == 0) {
        free(r->gone);
        return;
    }
    struct msg *m = msg_new(kind, r->t);
    *(kind == MSG_GONE ? &msg_as(m, gone) : &msg_as(m, batch_gone)) =
        (struct msg_ids){.ids = r->gone, .len = r->gone_len};
    r->gone = NULL;
    r->gone_len = 0;
    run_send(r, m);
}

static void expect_ids(struct run *r, const struct task_ids *ids)
{
    static char here; /* only its address is used, as a value that is not NULL */

    r->missing = map_new();
    for (size_t i = 0; i < ids->len; i++) {
        (void)map_put(r->missing, ids->items[i], &here);
    }
}

/* Tells, after a complete answer, that the ids which did not come are gone. */
static void send_missing(struct run *r, enum err_code rc, enum msg_kind kind)
{
    const char *id;
    void *value;
    size_t at = 0;

    while (rc == E_OK && map_next(r->missing, &at, &id, &value)) {
        add_gone(r, id);
    }
    send_gone(r, kind);
    map_free(r->missing, NULL);
    r->missing = NULL;
}

void run_done(struct run *r, enum err_code rc, const struct err *e)
{
    run_send(r, run_answer(r, MSG_DONE, rc, e));
}

/* ---- one function a kind ---- */

static void run_table_info(struct run *r)
{
    struct err e = {0};
    struct table_info info;
    enum err_code rc = ops_table_info(r->o, &info, &e);
    struct msg *m = run_answer(r, MSG_TABLE_INFO, rc, &e);

    if (rc == E_OK) {
        msg_as(m, table) = xmalloc(sizeof info);
        *msg_as(m, table) = info;
    }
    run_send(r, m);
}

void run_copy_text(char *to, size_t size, const char *from)
{
    size_t n = strnlen(from, size - 1);

    memcpy(to, from, n);
    to[n] = '\0';
}

static void run_identity(struct run *r)
{
    struct err e = {0};
    struct sts_identity id = {0};
    char source[96] = "";
    int64_t expires = TIME_NONE;
    enum err_code rc = sts_get_caller_identity(r->o->aws, &id, &e);

    if (rc == E_OK) {
        char *place = NULL; /* what is on disk can be used once the account is known */
        (void)!place_text(r->o, PLACE_ASK, &place, NULL);
        free(place);
        rc = aws_client_identity(r->o->aws, source, &expires, &e);
    }
    struct msg *m = run_answer(r, MSG_IDENTITY, rc, &e);
    msg_as(m, identity).expires_ms = expires;
    run_copy_text(msg_as(m, identity).account, sizeof msg_as(m, identity).account, id.account);
    run_copy_text(msg_as(m, identity).arn, sizeof msg_as(m, identity).arn, id.arn);
    run_copy_text(msg_as(m, identity).source, sizeof msg_as(m, identity).source, source);
    run_send(r, m);
}

static void run_load(struct run *r)
{
    struct err e = {0};
    const struct task_part *part = &task_as(r->t, part);
    enum err_code rc = ops_scan_jobs(r->o, part->segment, part->segments, send_jobs, r, &e);

    run_done(r, rc, &e);
}

static void run_query_status(struct run *r)
{
    struct err e = {0};
    const struct task_status *status = &task_as(r->t, status);
    enum err_code rc =
        ops_query_status(r->o, status->word, status->since_ms, status->all_there, send_jobs, r, &e);

    run_done(r, rc, &e);
}

static void run_get_jobs(struct run *r)
{
    struct err e = {0};
    const struct task_ids *ids = &task_as(r->t, ids);

    expect_ids(r, ids);
    enum err_code rc =
        ops_get_jobs(r->o, (const char *const *)ids->items, ids->len, send_jobs, r, &e);
    send_missing(r, rc, MSG_GONE);
    run_done(r, rc, &e);
}

static void run_stream(struct run *r)
{
    struct err e = {0};
    bool gap = false;
    const struct task_stream *stream = &task_as(r->t, stream);
    struct stream_cursor *c =
        stream->cursor == NULL ? stream_cursor_new() : stream_cursor_copy(stream->cursor);
    enum err_code rc = ops_read_stream(r->o, stream->arn, c, send_jobs, add_gone, r, &gap, &e);

    send_gone(r, MSG_GONE);
    /* The cursor goes along with a failure, too: the changes that it moved past were handed
     * over. */
    struct msg *m = run_answer(r, MSG_STREAM, rc, &e);
    msg_as(m, stream).cursor = c;
    msg_as(m, stream).gap = gap;
    run_send(r, m);
}

static void run_list_batch(struct run *r)
{
    struct err e = {0};
    enum err_code rc = ops_list_batch(r->o, task_as(r->t, list_batch).since_ms, send_batch, r, &e);

    run_done(r, rc, &e);
}

static void run_describe_batch(struct run *r)
{
    struct err e = {0};
    const struct task_ids *ids = &task_as(r->t, ids);

    expect_ids(r, ids);
    enum err_code rc =
        ops_describe_batch(r->o, (const char *const *)ids->items, ids->len, send_batch, r, &e);
    send_missing(r, rc, MSG_BATCH_GONE);
    run_done(r, rc, &e);
}

static void run_detail(struct run *r)
{
    struct err e = {0};
    struct job_detail *d = NULL;
    enum err_code rc = ops_job_get(r->o, r->t->job_id, false, &d, &e);
    struct msg *m = run_answer(r, MSG_DETAIL, rc, &e);

    msg_as(m, detail) = d;
    run_send(r, m);
}

static bool send_children(void *arg, struct batch_job **jobs, size_t len)
{
    struct run *r = arg;
    struct msg *m = msg_new(MSG_CHILDREN, r->t);

    msg_as(m, children).items = jobs;
    msg_as(m, children).len = len;
    run_send(r, m);
    return !r->closed && !atomic_load(&r->t->stop);
}

static void run_children(struct run *r)
{
    struct err e = {0};
    const struct task_children *x = &task_as(r->t, children);
    enum err_code rc = x->only.len > 0
                           ? ops_describe_batch(r->o, (const char *const *)x->only.items,
                                                x->only.len, send_children, r, &e)
                           : ops_children(r->o, x->batch_id, &x->held, send_children, r, &e);

    run_done(r, rc, &e);
}

static enum err_code open_log(struct run *r, struct log_cursor *c, struct err *e)
{
    int attempt = c->attempt;
    int64_t since_ms = c->since_ms;

    return c->child > 0
               ? ops_log_open_child(r->o, r->t->job_id, c->child - 1, attempt, since_ms, c, e)
               : ops_log_open(r->o, r->t->job_id, attempt, since_ms, c, e);
}

static void run_log(struct run *r)
{
    struct err e = {0};
    struct log_page page = {0};
    const struct log_cursor *from = task_as(r->t, log);
    struct log_cursor *c = xcalloc(1, sizeof *c);
    enum err_code rc = E_OK;

    *c = from == NULL ? (struct log_cursor){.since_ms = TIME_NONE} : *from;
    if (c->stream[0] == '\0') {
        rc = open_log(r, c, &e);
        c->idle = 0;
    }
    if (rc == E_OK) {
        rc = ops_log_read(r->o, c, &page, &e);
    }
    struct msg *m = run_answer(r, MSG_LOG, rc, &e);
    msg_as(m, log).cursor = c;
    msg_as(m, log).page = page;
    run_send(r, m);
}

static void run_rule_log(struct run *r)
{
    struct err e = {0};
    struct log_page page = {0};
    struct rule_log_cursor *c = rule_log_cursor_copy(task_as(r->t, rule_log));
    enum err_code rc = ops_rule_log_read(r->o, c, &page, &e);
    struct msg *m = run_answer(r, MSG_RULE_LOG, rc, &e);

    msg_as(m, rule_log).cursor = c;
    msg_as(m, rule_log).page = page;
    run_send(r, m);
}

static void run_deploy(struct run *r)
{
    struct err e = {0};
    struct deploy_result result = {0};
    struct deploy_request copy;

    /* The task is not shared but is borrowed as const, so the deploy fills in a copy of its own. */
    deploy_request_init(&copy);
    deploy_request_copy(&copy, task_as(r->t, deploy));
    enum err_code rc = ops_deploy(r->o, &copy, &result, &e);
    struct msg *m = run_answer(r, MSG_DEPLOYED, rc, &e);
    msg_as(m, deployed) = result;
    deploy_request_clear(&copy);
    run_send(r, m);
}

static void run_retry(struct run *r)
{
    struct err e = {0};
    struct deploy_result result = {0};
    const struct retry_given given = {.again = task_as(r->t, again)};
    enum err_code rc = ops_retry(r->o, r->t->job_id, &given, &result, &e);
    struct msg *m = run_answer(r, MSG_DEPLOYED, rc, &e);

    msg_as(m, deployed) = result;
    run_send(r, m);
}

static void run_cancel(struct run *r)
{
    struct err e = {0};
    struct cancel_result result = {0};
    enum err_code rc = ops_cancel(r->o, r->t->job_id, task_as(r->t, reason), &result, &e);
    struct msg *m = run_answer(r, MSG_CANCELLED, rc, &e);

    msg_as(m, cancelled) = result;
    run_send(r, m);
}

static void run_cancel_wait(struct run *r)
{
    struct err e = {0};
    bool succeeded = false;
    const char *batch_id = task_as(r->t, batch_id);
    enum err_code rc = ops_cancel_wait(r->o, batch_id, CANCEL_WAIT_MS, &succeeded, &e);
    struct msg *m = run_answer(r, MSG_CANCEL_ENDED, rc, &e);

    msg_as(m, cancel_ended).succeeded = succeeded;
    run_send(r, m);
}

static void run_bus(struct run *r)
{
    struct err e = {0};
    struct bus_report *report = xcalloc(1, sizeof *report);
    enum err_code rc = ops_bus(r->o, NULL, report, &e);
    struct msg *m = run_answer(r, MSG_BUS, rc, &e);

    if (rc == E_OK) {
        msg_as(m, bus) = report;
    } else {
        free(report);
    }
    run_send(r, m);
}

static void run_queue(struct run *r)
{
    struct err e = {0};
    struct queue_query q = {.state = BATCH_UNKNOWN, .limit = QUEUE_SHOWN};
    struct queue_result *result = xcalloc(1, sizeof *result);
    enum err_code rc = ops_queue_jobs(r->o, &q, result, &e);
    struct msg *m = run_answer(r, MSG_QUEUE, rc, &e);

    if (rc == E_OK) {
        msg_as(m, queue) = result;
    } else {
        free(result);
    }
    run_send(r, m);
}

static void run_queue_look(struct run *r)
{
    struct err e = {0};
    struct queue_facts *facts = NULL;
    enum err_code rc = ops_queue_look(r->o, &facts, &e);
    struct msg *m = run_answer(r, MSG_QUEUE_LOOK, rc, &e);

    if (rc == E_OK) {
        msg_as(m, queue_look) = facts;
    }
    run_send(r, m);
}

/* The logs are read one after another, because there is no hurry. */
static void run_log_stage(struct run *r)
{
    struct err first = {0};
    const struct task_log_stage *x = &task_as(r->t, log_stage);

    for (size_t i = 0; i < x->len && !r->closed && !atomic_load(&r->t->stop); i++) {
        struct err e = {0};
        struct log_stage read;
        const struct log_place *at = &x->items[i];
        enum err_code rc = ops_log_stage(r->o, at->group, at->stream, &read, &e);
        struct msg *m = run_answer(r, MSG_LOG_STAGE, rc, &e);
        m->job_id = xstrdup(at->job_id);
        msg_as(m, log_stage) = read;
        first = first.code == E_OK && rc != E_OK ? e : first;
        run_send(r, m);
    }
    run_done(r, first.code, &first);
}

static void run_rule_check(struct run *r)
{
    struct err e = {0};
    bool matches = false;
    char why[sizeof((struct msg_rule *)NULL)->why] = "";
    enum err_code rc = ops_rule_check(r->o, task_as(r->t, deploy), &matches, why, sizeof why, &e);
    struct msg *m = run_answer(r, MSG_RULE_CHECK, rc, &e);

    msg_as(m, rule).matches = matches;
    run_copy_text(msg_as(m, rule).why, sizeof msg_as(m, rule).why, why);
    run_send(r, m);
}

static void run_outbox(struct run *r)
{
    struct err e = {0};
    int resumed = 0;
    int left = 0;
    enum err_code rc = ops_outbox_resume(r->o, &resumed, &left, &e);
    struct msg *m = run_answer(r, MSG_OUTBOX, rc, &e);

    msg_as(m, outbox).resumed = resumed;
    msg_as(m, outbox).left = left;
    struct outbox_alarm alarm;
    outbox_look(r->o, &alarm);
    msg_as(m, outbox).broken = alarm.broken > 0;
    run_copy_text(msg_as(m, outbox).alarm, sizeof msg_as(m, outbox).alarm, alarm.text);
    run_send(r, m);
}

static void run_hook(struct run *r)
{
    struct err e = {0};
    const struct task_hook *hook = &task_as(r->t, hook);
    enum err_code rc = ops_hook(r->o, hook->env.items, hook->env.len, hook->input, &e);

    run_send(r, run_answer(r, MSG_HOOK, rc, &e));
}

static void run_program(struct run *r)
{
    struct err e = {0};
    const struct task_program *x = &task_as(r->t, program);
    const struct program p = {.words = x->words,
                              .facts = x->env.items,
                              .facts_len = x->env.len,
                              .input = x->input,
                              .seconds = settings_int(r->o->settings, SET_COMMAND_TIMEOUT, 60),
                              .output_max = x->output_max,
                              .stop = &r->t->stop};
    struct program_result result;
    enum err_code rc = ops_program(r->o, &p, &result, &e);
    struct msg *m = run_answer(r, MSG_PROGRAM, rc, &e);

    if (rc == E_OK) {
        msg_as(m, program) = result;
    } else {
        free(result.output);
    }
    run_send(r, m);
}

/* How each kind of task is run. */
/* clang-format off */
static const struct kind {
    enum task_class class;
    void (*run)(struct run *r);
} kinds[TASK_KIND_COUNT] = {
    [TASK_TABLE_INFO]     = {CLASS_READ,   run_table_info},
    [TASK_IDENTITY]       = {CLASS_READ,   run_identity},
    [TASK_LOAD]           = {CLASS_READ,   run_load},
    [TASK_SWEEP]          = {CLASS_READ,   run_load},
    [TASK_QUERY_STATUS]   = {CLASS_READ,   run_query_status},
    [TASK_GET_JOBS]       = {CLASS_READ,   run_get_jobs},
    [TASK_STREAM]         = {CLASS_READ,   run_stream},
    [TASK_LIST_BATCH]     = {CLASS_READ,   run_list_batch},
    [TASK_DESCRIBE_BATCH] = {CLASS_READ,   run_describe_batch},
    [TASK_DETAIL]         = {CLASS_READ,   run_detail},
    [TASK_CHILDREN]       = {CLASS_READ,   run_children},
    [TASK_BUS]            = {CLASS_READ,   run_bus},
    [TASK_QUEUE]          = {CLASS_READ,   run_queue},
    [TASK_QUEUE_LOOK]     = {CLASS_READ,   run_queue_look},
    [TASK_LOG_STAGE]      = {CLASS_READ,   run_log_stage},
    [TASK_LOG]            = {CLASS_READ,   run_log},
    [TASK_RULE_LOG]       = {CLASS_READ,   run_rule_log},
    [TASK_DLQ_LOOK]       = {CLASS_READ,   run_dlq_look},
    [TASK_DLQ_DEPTH]      = {CLASS_READ,   run_dlq_depth},
    [TASK_DLQ_SEND]       = {CLASS_ACTION, run_dlq_act},
    [TASK_DLQ_DELETE]     = {CLASS_ACTION, run_dlq_act},
    [TASK_DEPLOY]         = {CLASS_ACTION, run_deploy},
    [TASK_CANCEL]         = {CLASS_ACTION, run_cancel},
    [TASK_CANCEL_WAIT]    = {CLASS_WAIT,   run_cancel_wait},
    [TASK_RETRY]          = {CLASS_ACTION, run_retry},
    [TASK_GREP]           = {CLASS_READ,   run_grep},
    [TASK_RULE_CHECK]     = {CLASS_READ,   run_rule_check},
    [TASK_OUTBOX]         = {CLASS_ACTION, run_outbox},
    [TASK_FILES]          = {CLASS_READ,   run_files},
    [TASK_BULK_READ]      = {CLASS_READ,   run_bulk_read},
    [TASK_BULK]           = {CLASS_ACTION, run_bulk},
    [TASK_HOOK]           = {CLASS_ACTION, run_hook},
    [TASK_PROGRAM]        = {CLASS_READ,   run_program},
    [TASK_E2E]            = {CLASS_READ,   run_e2e},
    [TASK_DOCTOR]         = {CLASS_READ,   run_doctor},
};
/* clang-format on */

enum task_class task_class(enum task_kind kind)
{
    return kinds[kind].class;
}

void work_run(const struct ops *o, const struct task *t, struct msgq *q)
{
    struct run r = {.o = o, .t = t, .q = q, .asked_ms = clock_mono_ms(o->clock)};

    kinds[t->kind].run(&r);
}
