/* `mvpdash jobs`: the Batch jobs of the queue. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "ops/queue_jobs.h"
#include "src/cli/cli_priv.h"
#include "src/cli/commands.h"

static const struct cli_option options[] = {
    CLI_VALUE("state", "SUBMITTED|PENDING|RUNNABLE|STARTING|RUNNING|SUCCEEDED|FAILED",
              "only jobs in this state of Batch"),
    CLI_VALUE("limit", "N", "at most the N newest; 0, the default, is all"),
    CLI_END,
};

static const struct cli_column columns[] = {
    {"BATCH JOB", false, 0,  0},
    {"STATE",     false, 0,  0},
    {"CREATED",   false, 0,  2},
    {"STARTED",   false, 0,  3},
    {"STOPPED",   false, 0,  4},
    {"EXIT",      true,  0,  1},
    {"RECORD",    false, 10, 0},
    {"REASON",    false, 8,  0},
};

static enum err_code fill(struct cli *c, struct queue_query *q, struct err *e)
{
    const char *state = args_get(&c->args, "state");
    const char *limit = args_get(&c->args, "limit");
    int64_t n = 0;

    *q = (struct queue_query){.state = BATCH_UNKNOWN};
    if (state != NULL) {
        char upper[16] = "";
        for (size_t i = 0; state[i] != '\0' && i + 1 < sizeof upper; i++) {
            upper[i] = (char)toupper((unsigned char)state[i]);
        }
        q->state = strlen(state) < sizeof upper ? batch_status_parse(upper) : BATCH_UNKNOWN;
        if (q->state == BATCH_UNKNOWN) {
            return err_set(e, E_INVALID,
                           "--state: \"%.*s\" is not a state of Batch; expected submitted, "
                           "pending, runnable, starting, running, succeeded or failed",
                           text_cut(state, 40), state);
        }
    }
    if (limit != NULL && cli_number("limit", limit, 0, 10000000, &n, e) != E_OK) {
        return e->code;
    }
    q->limit = (size_t)n;
    return E_OK;
}

static void add_row(struct cli *c, struct cli_table *t, const struct queue_row *r)
{
    const struct batch_job *j = r->job;
    char at[CLI_TIME_SIZE];
    char code[16] = "";
    struct strbuf reason = STRBUF_INIT;

    if (j->exit_code != EXIT_CODE_NONE) {
        (void)snprintf(code, sizeof code, "%d", j->exit_code);
    }
    queue_row_why(r, &reason);
    cli_table_add(c, t, j->id);
    cli_table_add(c, t, j->status == BATCH_UNKNOWN ? "not known" : batch_status_word(j->status));
    cli_table_add(c, t, cli_time(j->created_ms, at));
    cli_table_add(c, t, cli_time(j->started_ms, at));
    cli_table_add(c, t, cli_time(j->stopped_ms, at));
    cli_table_add(c, t, code);
    cli_table_add(c, t, queue_row_record(r));
    cli_table_add(c, t, strbuf_str(&reason));
    strbuf_clear(&reason);
}

static void print_rows(struct cli *c, const struct queue_result *r)
{
    struct cli_table t = {.columns = columns, .columns_len = sizeof columns / sizeof *columns};

    if (r->len == 0) {
        cli_note(c, "no such jobs in queue %s", c->ops->queue);
        return;
    }
    for (size_t i = 0; i < r->len; i++) {
        add_row(c, &t, &r->rows[i]);
    }
    cli_table_print(c, &t);
    cli_table_clear(&t);
}

static void set_time(cJSON *doc, const char *key, int64_t ms)
{
    char at[TIME_ISO_SIZE];

    json_set_str(doc, key, ms == TIME_NONE ? NULL : time_iso(ms, at));
}

static cJSON *row_json(const struct queue_row *r)
{
    const struct batch_job *j = r->job;
    cJSON *doc = json_new_object();
    cJSON *array = NULL;

    json_set_str(doc, "batchJobId", j->id);
    json_set_str(doc, "name", j->name);
    json_set_str(doc, "state", j->status == BATCH_UNKNOWN ? NULL : batch_status_word(j->status));
    set_time(doc, "createdAt", j->created_ms);
    set_time(doc, "startedAt", j->started_ms);
    set_time(doc, "stoppedAt", j->stopped_ms);
    json_set(doc, "exitCode",
             j->exit_code == EXIT_CODE_NONE ? NULL : cJSON_CreateNumber((double)j->exit_code));
    json_set_str(doc, "statusReason", j->status_reason);
    json_set_str(doc, "containerReason", j->container_reason);
    if (j->array.size > 0) {
        array = json_new_object();
        json_set_int(array, "size", j->array.size);
        json_set_int(array, "ended", batch_array_ended(&j->array));
    }
    json_set(doc, "array", array);
    json_set_str(doc, "jobId", j->job_id == NULL || j->job_id[0] == '\0' ? NULL : j->job_id);
    json_set_bool(doc, "recordKnown", r->owner != QUEUE_OWNER_NOT_KNOWN);
    json_set_str(doc, "record", r->record);
    json_set_str(doc, "secondRecord", r->second);
    return doc;
}

/* Prints row by row, as `list` does. */
static void print_json(struct cli *c, const struct queue_result *r)
{
    (void)fputc('[', c->out);
    for (size_t i = 0; i < r->len; i++) {
        cJSON *doc = row_json(&r->rows[i]);
        char *text = json_safe(doc);
        (void)fprintf(c->out, "%s%s", i == 0 ? "" : ",\n", text);
        free(text);
        cJSON_Delete(doc);
    }
    (void)fputs("]\n", c->out);
}

static enum err_code run_jobs(struct cli *c, struct err *e)
{
    struct queue_result r;
    struct queue_query q;

    if (fill(c, &q, e) != E_OK || cli_ops(c, e) == NULL) {
        return e->code;
    }
    enum err_code rc = ops_queue_jobs(c->ops, &q, &r, e);
    if (rc != E_OK) {
        return rc;
    }
    if (c->json) {
        print_json(c, &r);
    } else {
        print_rows(c, &r);
    }
    (void)cli_flush(c);
    if (r.not_known > 0) {
        cli_warn(
            c,
            "the records of %zu of %zu jobs are not known, because the table could not be read: %s",
            r.not_known, r.len, r.records_err.msg);
    }
    if (r.more) {
        cli_note(c, "there are more; --limit 0 shows all");
    }
    queue_result_clear(&r);
    return E_OK;
}

const struct cli_command cmd_jobs = {
    .name = "jobs",
    .args = "",
    .summary = "List the queue's Batch jobs, each with its record or none",
    .about =
        "What Batch holds, newest first, whoever started it. RECORD is the job record that a job\n"
        "belongs to: by the record's Batch job id, by JOB_ID in the job's environment or\n"
        "parameters, by the job's name; \"none\" when the whole table has none, \"not known\" "
        "when\n"
        "the table could not be read. Jobs without a record make it read the table once. With\n"
        "--json: an array of {\"batchJobId\",\"name\",\"state\",\"createdAt\",\"startedAt\","
        "\"stoppedAt\",\n"
        "\"exitCode\",\"statusReason\",\"containerReason\",\"array\",\"jobId\",\"recordKnown\","
        "\"record\",\n"
        "\"secondRecord\"}.",
    .example = "mvpdash jobs --state failed --limit 20",
    .options = options,
    .max_args = 0,
    .run = run_jobs,
};
