/* `mvpdash retry`: deploying jobs again. */
#include "core/json.h"
#include "ops/job_ops.h"
#include "src/cli/cli_priv.h"
#include "src/cli/commands.h"

static const struct cli_option options[] = {
    CLI_VALUE("user-id", "U", "user id, for a record without one"),
    CLI_VALUE("product-id", "P", "product id, for a record without one"),
    CLI_END,
};

static cJSON *result_json(const char *id, const struct deploy_result *r, const struct err *failure)
{
    bool sent = failure == NULL;
    cJSON *doc = json_new_object();

    json_set_str(doc, "retryOf", id);
    json_set_str(doc, "jobId", sent || r->kept ? r->job_id : NULL);
    json_set_str(doc, "eventId", r->event_id[0] == '\0' ? NULL : r->event_id);
    json_set_str(doc, "status", sent ? job_status_word(JOB_PENDING) : NULL);
    json_set(doc, "error", sent ? NULL : cli_error_json(failure));
    return doc;
}

static cJSON *untried_json(const char *id, const struct err *why)
{
    return result_json(id, &(struct deploy_result){0}, why);
}

static enum err_code retry_one(struct cli *c, const char *id, cJSON *results, bool *own,
                               struct err *e)
{
    struct deploy_result r = {0};
    struct retry_seen seen = {.job_id = ""};
    struct retry_given given = {.seen = &seen,
                                .user_id = args_get(&c->args, "user-id"),
                                .product_id = args_get(&c->args, "product-id")};
    enum err_code rc = ops_retry(c->ops, id, &given, &r, e);

    (void)own;
    if (rc == E_OK && seen.job_id[0] != '\0') {
        cli_warn(c, "%s was already retried as %s (%s); it is retried again as %s", id, seen.job_id,
                 seen.status, r.job_id);
    } else if (rc == E_OK && seen.unknown.code != E_OK) {
        cli_warn(c, "whether %s was already retried is not known: %s", id, seen.unknown.msg);
    }
    json_push(results, result_json(id, &r, rc == E_OK ? NULL : e));
    if (rc == E_OK && !c->json) {
        cli_print(c, id);
        (void)fputs("  retried as ", c->out);
        cli_print(c, r.job_id);
        (void)fputc('\n', c->out);
    }
    return rc;
}

static enum err_code run_retry(struct cli *c, struct err *e)
{
    if (cli_ops(c, e) == NULL) {
        return e->code;
    }
    cli_resume_outbox(c);
    return cli_each(c, retry_one, untried_json, e);
}

const struct cli_command cmd_retry = {
    .name = "retry",
    .args = "JOB_ID...",
    .summary = "Retry jobs: send each again as a new job",
    .about =
        "A new job with the old one's parameters and with every attribute of its record that is\n"
        "neither state nor result; its metadata names the old one. The old one has to be over. "
        "One\n"
        "whose event is lost (no Batch job has it) becomes CANCELLED first: it never runs beside\n"
        "the new one. Any other is refused: wait for its end, or cancel it first. So is a job "
        "whose\n"
        "earlier retry has not ended: it would run twice. Two retries within the same second do "
        "not "
        "see each other. With --json:\n"
        "{\"results\":[{\"retryOf\",\"jobId\",\"eventId\",\"status\",\"error\"}]}.",
    .example = "mvpdash retry job_1734567890123_abc123def",
    .options = options,
    .min_args = 1,
    .max_args = -1,
    .flags = CLI_WRITES,
    .run = run_retry,
};
