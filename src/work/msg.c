#include "work/msg.h"

#include <stdlib.h>

#include "core/alloc.h"

struct task *task_new(enum task_kind kind, uint32_t request)
{
    struct task *t = xcalloc(1, sizeof *t);

    t->kind = kind;
    t->request = request;
    t->segments = 1;
    t->since_ms = TIME_NONE;
    return t;
}

static void free_strings(char **items, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        free(items[i]);
    }
    free(items);
}

void task_free(struct task *t)
{
    if (t == NULL) {
        return;
    }
    free(t->job_id);
    free(t->text);
    free_strings(t->ids, t->ids_len);
    if (t->deploy != NULL) {
        deploy_request_clear(t->deploy);
        free(t->deploy);
    }
    stream_cursor_free(t->stream);
    free(t->log);
    if (t->bulk != NULL) {
        bulk_input_clear(t->bulk);
        free(t->bulk);
    }
    rule_log_cursor_free(t->rule);
    if (t->edit != NULL) {
        dlq_edit_clear(t->edit);
        free(t->edit);
    }
    free(t);
}

struct msg *msg_new(enum msg_kind kind, const struct task *t)
{
    struct msg *m = xcalloc(1, sizeof *m);

    m->kind = kind;
    m->task = t->kind;
    m->request = t->request;
    m->job_id = xstrdup(t->job_id);
    return m;
}

static void free_jobs(struct job **items, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        job_free(items[i]);
    }
    free(items);
}

static void free_batch(struct batch_job **items, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        batch_job_free(items[i]);
    }
    free(items);
}

void dlq_look_free(struct dlq_look *l)
{
    if (l != NULL) {
        dlq_list_clear(&l->list);
        free(l);
    }
}

void msg_free(struct msg *m)
{
    if (m == NULL) {
        return;
    }
    switch (m->kind) {
    case MSG_TABLE_INFO:
        free(m->u.table);
        break;
    case MSG_JOBS:
        free_jobs(m->u.jobs.items, m->u.jobs.len);
        break;
    case MSG_BATCH:
    case MSG_CHILDREN:
        free_batch(m->u.batch.items, m->u.batch.len);
        break;
    case MSG_GONE:
    case MSG_BATCH_GONE:
        free_strings(m->u.gone.ids, m->u.gone.len);
        break;
    case MSG_FILES:
        free_strings(m->u.files.paths, m->u.files.len);
        break;
    case MSG_BULK_READ:
        if (m->u.bulk_read.input != NULL) {
            bulk_input_clear(m->u.bulk_read.input);
            free(m->u.bulk_read.input);
        }
        break;
    case MSG_BULK_LINES:
        free(m->u.bulk_lines.items);
        break;
    case MSG_STREAM:
        stream_cursor_free(m->u.stream.cursor);
        break;
    case MSG_DETAIL:
        job_detail_free(m->u.detail);
        break;
    case MSG_LOG:
        free(m->u.log.cursor);
        log_page_clear(&m->u.log.page);
        break;
    case MSG_RULE_LOG:
        rule_log_cursor_free(m->u.rule_log.cursor);
        log_page_clear(&m->u.rule_log.page);
        break;
    case MSG_DOCTOR:
        finding_clear(&m->u.doctor.found);
        break;
    case MSG_DLQ:
        dlq_look_free(m->u.dlq);
        break;
    case MSG_DLQ_RESULT:
        free(m->u.dlq_result.id);
        break;
    case MSG_E2E:
        finding_clear(&m->u.e2e.found);
        break;
    case MSG_BUS:
        if (m->u.bus != NULL) {
            bus_report_clear(m->u.bus);
            free(m->u.bus);
        }
        break;
    case MSG_QUEUE:
        if (m->u.queue != NULL) {
            queue_result_clear(m->u.queue);
            free(m->u.queue);
        }
        break;
    case MSG_IDENTITY:
    case MSG_LOG_STAGE:
    case MSG_DEPLOYED:
    case MSG_CANCELLED:
    case MSG_CANCEL_ENDED:
    case MSG_RULE_CHECK:
    case MSG_OUTBOX:
    case MSG_HOOK:
    case MSG_BULK_END:
    case MSG_E2E_END:
    case MSG_DONE:
    case MSG_KIND_COUNT:
        break;
    }
    free(m->job_id);
    free(m);
}
