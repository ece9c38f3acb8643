/* `mvpdash report`: what the container calls to update its record. */
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "jobs/record_change.h"
#include "ops/job_ops.h"
#include "src/cli/cli_priv.h"
#include "src/cli/commands.h"

static const struct cli_option options[] = {
    CLI_VALUE("job-id", "JOB_ID", "the job; without it, JOB_ID of the environment"),
    CLI_VALUE("status", "STATUS", "in_progress, completed, failed, ..."),
    CLI_VALUE("step", "STEP", "the step that the job is at, such as BUILDING"),
    CLI_VALUE("progress", "N", "0 to 100"),
    CLI_MANY("url", "KIND=URL", "address of a result; KIND is repository, staging or production"),
    CLI_VALUE("error", "TEXT", "add an error to the record"),
    CLI_VALUE("reason", "TEXT", "reason of the status"),
    CLI_VALUE("token", "TEXT",
              "the same value at each attempt of one report, which then counts once"),
    CLI_END,
};

static enum err_code add_url(struct record_change *u, char *text, struct err *e)
{
    char *equals = strchr(text, '=');

    if (equals == NULL || equals == text || equals[1] == '\0') {
        return err_set(e, E_INVALID,
                       "--url: \"%.*s\" is not KIND=URL, such as "
                       "production=https://example.com",
                       text_cut(text, 80), text);
    }
    if (u->urls_len == (int)(sizeof u->url / sizeof *u->url)) {
        return err_set(e, E_INVALID, "--url: given more than %d times", u->urls_len);
    }
    *equals = '\0';
    u->url_kind[u->urls_len] = text;
    u->url[u->urls_len++] = equals + 1;
    return E_OK;
}

static enum err_code fill(struct cli *c, const char *job_id, struct record_change *u, struct err *e)
{
    const char *progress = args_get(&c->args, "progress");
    const char *env_job = getenv("JOB_ID");
    int64_t n = 0;

    u->status = args_get(&c->args, "status");
    u->step = args_get(&c->args, "step");
    u->error = args_get(&c->args, "error");
    u->reason = args_get(&c->args, "reason");
    u->token = args_get(&c->args, "token");
    if (progress != NULL) {
        if (cli_number("progress", progress, 0, 100, &n, e) != E_OK) {
            return e->code;
        }
        u->progress = (int)n;
    }
    /* Batch gives the container its own Batch id, which counts only for the job that this container
     * runs. */
    if (env_job != NULL && strcmp(env_job, job_id) == 0) {
        u->batch_job_id = getenv("AWS_BATCH_JOB_ID");
    }
    for (size_t i = 0; i < c->args.len; i++) {
        struct cli_value *v = &c->args.values[i];
        if (strcmp(v->option->name, "url") == 0 && add_url(u, v->text, e) != E_OK) {
            return e->code;
        }
    }
    if (u->status == NULL && u->step == NULL && progress == NULL && u->urls_len == 0 &&
        u->error == NULL && u->reason == NULL) {
        return err_set(e, E_USAGE,
                       "report: nothing to report: give --status, --step, --progress, "
                       "--url, --error or --reason");
    }
    return record_change_check(u, e);
}

static enum err_code run_report(struct cli *c, struct err *e)
{
    const char *job_id = args_get(&c->args, "job-id");
    struct record_change u = RECORD_CHANGE_INIT;

    job_id = job_id != NULL ? job_id : getenv("JOB_ID");
    if (job_id == NULL || job_id[0] == '\0') {
        (void)err_set(e, E_USAGE, "report: --job-id is missing");
        return err_hint_set(e, "give --job-id, or set JOB_ID as Batch does for the container");
    }
    if (fill(c, job_id, &u, e) != E_OK || cli_ops(c, e) == NULL) {
        return e->code;
    }
    enum err_code rc = ops_change_record(c->ops, job_id, &u, e);
    if (rc == E_OK && c->json) {
        cJSON *doc = json_new_object();
        json_set_str(doc, "jobId", job_id);
        cli_json(c, doc);
    }
    return rc;
}

const struct cli_command cmd_report = {
    .name = "report",
    .args = "",
    .summary = "Update a job's record, from inside its container",
    .about = "The container calls this on its way through the steps. Prints nothing on success.\n"
             "Never takes a job out of a final state.",
    .example = "mvpdash report --job-id job_1734567890123_abc123def --step BUILDING --progress 60",
    .options = options,
    .max_args = 0,
    .flags = CLI_WRITES | CLI_SILENT,
    .run = run_report,
};
