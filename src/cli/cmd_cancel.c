/* `mvpdash cancel`: cancelling jobs. */
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "ops/job_ops.h"
#include "src/cli/cli_priv.h"
#include "src/cli/commands.h"

enum { SHORT_MS = 8000, LONG_MS = 10 * 60 * 1000 };

static const struct cli_option options[] = {
    CLI_VALUE("reason", "TEXT", "why; kept in the record and given to Batch"),
    CLI_FLAG("wait", "wait until Batch has ended the jobs, up to ten minutes"),
    CLI_END,
};

struct outcome {
    const char *status; /* a word for programs */
    const char *text;   /* for people */
};

/* Finds the words for the result. After CANCEL_STOPPING Batch is asked for a while. */
static enum err_code finish(struct cli *c, struct cancel_result *r, struct outcome *out,
                            struct err *e)
{
    if (r->outcome == CANCEL_STOPPING) {
        int ms = args_has(&c->args, "wait") ? LONG_MS : SHORT_MS;
        enum err_code rc = ops_cancel_wait(c->ops, r->batch_job_id, ms, &r->succeeded, e);
        if (rc == E_OK) {
            r->outcome = CANCEL_ENDED;
        } else if (rc != E_TIMEOUT || args_has(&c->args, "wait")) {
            *out = (struct outcome){"STOPPING", "STOPPING: cancelled; Batch was asked to end it"};
            return rc;
        }
    }
    if (r->outcome == CANCEL_STOPPING) {
        *out = (struct outcome){
            "STOPPING", "STOPPING: cancelled; Batch was asked to end it and has not done so yet"};
    } else if (r->outcome == CANCEL_ENDED && r->succeeded) {
        *out = (struct outcome){
            "CANCELLED", "cancelled, but Batch ended it as SUCCEEDED: its results may exist"};
    } else if (r->outcome == CANCEL_ENDED) {
        *out = (struct outcome){"CANCELLED", "cancelled; Batch has ended it"};
    } else {
        *out = (struct outcome){"CANCELLED", "cancelled; no Batch job was running"};
    }
    return E_OK;
}

static cJSON *result_json(const char *id, const struct outcome *o, const struct cancel_result *r,
                          const struct err *failure)
{
    cJSON *doc = json_new_object();

    json_set_str(doc, "jobId", id);
    json_set_str(doc, "status", o->status);
    json_set_str(doc, "batchJobId", r->batch_job_id[0] == '\0' ? NULL : r->batch_job_id);
    json_set_bool(doc, "succeededBefore", r->succeeded);
    json_set(doc, "error", failure == NULL ? NULL : cli_error_json(failure));
    return doc;
}

static cJSON *untried_json(const char *id, const struct err *why)
{
    return result_json(id, &(struct outcome){NULL, NULL}, &(struct cancel_result){0}, why);
}

static enum err_code cancel_one(struct cli *c, const char *id, cJSON *results, bool *own,
                                struct err *e)
{
    struct cancel_result r = {0};
    struct outcome o = {NULL, NULL};
    int64_t begun = ops_begin(c->ops);
    enum err_code rc = ops_cancel(c->ops, id, args_get(&c->args, "reason"), &r, e);

    if (args_has(&c->args, "wait")) {
        ops_end(begun); /* the wait has a time of its own */
    }
    if (rc == E_OK) {
        rc = finish(c, &r, &o, e);
        *own = rc == E_TIMEOUT; /* this job is slow to stop; another one may not be */
    }
    ops_end(begun);
    if (r.unsure) {
        cli_warn(c,
                 "%s: Batch could not be asked for all its jobs: another one of this job may run",
                 id);
    }
    json_push(results, result_json(id, &o, &r, rc == E_OK ? NULL : e));
    if (c->json) {
        return rc;
    }
    if (o.text != NULL) {
        cli_print(c, id);
        (void)fputs("  ", c->out);
        (void)fputs(o.text, c->out);
        (void)fputc('\n', c->out);
    }
    return rc;
}

static enum err_code run_cancel(struct cli *c, struct err *e)
{
    return cli_ops(c, e) == NULL ? e->code : cli_each(c, cancel_one, untried_json, e);
}

const struct cli_command cmd_cancel = {
    .name = "cancel",
    .args = "JOB_ID...",
    .summary = "Cancel jobs",
    .about =
        "Marks the record CANCELLED and ends the Batch job, with who and why. Says STOPPING when\n"
        "Batch has not ended it yet. A job that has ended already is refused. JOB_ID may be the\n"
        "Batch job's id too; of a job without a record only the Batch job is ended. With --json:\n"
        "{\"results\":[{\"jobId\",\"status\",\"batchJobId\",\"succeededBefore\",\"error\"}]}.",
    .example = "mvpdash cancel job_1734567890123_abc123def --reason \"wrong product\" --wait",
    .options = options,
    .min_args = 1,
    .max_args = -1,
    .flags = CLI_WRITES,
    .run = run_cancel,
};
