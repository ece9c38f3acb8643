/* `mvpdash list`: jobs, newest first. */
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/json.h"
#include "core/text.h"
#include "jobs/age.h"
#include "jobs/job_json.h"
#include "ops/list.h"
#include "ops/log_stage.h"
#include "src/cli/cli_priv.h"
#include "src/cli/commands.h"
#include "src/cli/context.h"
#include "src/cli/eta.h"
#include "src/cli/read_jobs.h"

static const struct cli_option options[] = {
    CLI_VALUE("user", "USER", "only this user's jobs"),
    CLI_VALUE("status", "STATUS",
              "pending, queued, in_progress (or running), stopping, completed, failed, "
              "cancelled or stuck"),
    CLI_VALUE("since", "TIME", "requested since: 30m, 2h, 7d or an ISO 8601 time"),
    CLI_VALUE("limit", "N", "at most the N newest; 0, the default, is all"),
    CLI_FLAG("all-contexts", "list the jobs of all contexts of config.ini, with a column ENV"),
    CLI_END,
};

static const struct cli_column columns[] = {
    {"ENV",      false, 0,  0}, /* with --all-contexts */
    {"JOB",      false, 0,  0},
    {"STATUS",   false, 0,  0},
    {"STEP",     false, 8,  1},
    {"%",        true,  0,  0},
    {"AGE",      true,  0,  0},
    {"DURATION", true,  0,  2},
    {"ETA",      true,  0,  5},
    {"BUSINESS", false, 10, 0},
    {"USER",     false, 8,  3},
    {"PRIORITY", false, 0,  4},
    {"NOTE",     false, 12, 0},
};

static enum err_code fill(const struct cli *c, struct list_query *q, struct err *e)
{
    const char *since = args_get(&c->args, "since");
    const char *limit = args_get(&c->args, "limit");
    int64_t n = 0;
    enum err_code rc = E_OK;

    *q = (struct list_query){.since_ms = TIME_NONE};
    if (cli_whose(c, &q->user_id, &q->status, e) != E_OK) {
        return e->code;
    }
    if (since != NULL) {
        rc = cli_since("since", since, clock_wall_ms(NULL), &q->since_ms, e);
    }
    if (rc == E_OK && limit != NULL) {
        rc = cli_number("limit", limit, 0, 10000000, &n, e);
        q->limit = (size_t)n;
    }
    return rc;
}

/* Says why this row deserves a look: it is stuck, drifting, or has failed. */
static void note_of(const struct list_row *r, struct strbuf *b)
{
    char why[STATE_REASON_SIZE];
    const char *stuck = job_stuck_word(r->state.stuck);

    (void)job_state_reason(r->job, r->batch, &r->state, why, sizeof why);
    if (r->unknown) {
        strbuf_addf(b, "Batch not asked%s", stuck[0] != '\0' || why[0] != '\0' ? ": " : "");
    }
    strbuf_addf(b, "%s%s%s%s", r->state.drift ? "! " : "", stuck,
                stuck[0] != '\0' && why[0] != '\0' ? ": " : "", why);
}

/* Adds the step; "~BUILDING" comes from the job's log, because its record is silent. */
static void add_step(struct cli *c, struct cli_table *t, const struct list_row *r)
{
    const char *stage = log_stage_shown(r->job, &r->state, r->log);
    char text[LOG_STAGE_SIZE + 1];

    (void)snprintf(text, sizeof text, "~%s", stage == NULL ? "" : stage);
    cli_table_add(c, t, stage == NULL ? job_text(r->job, JOB_STEP) : text);
}

/* Adds in how long the job should end, or that it is slow. */
static void add_eta(struct cli *c, struct cli_table *t, const struct list_row *r, int64_t now)
{
    struct eta eta;
    char text[AGE_SIZE];

    if (cli_eta_of(c, r, &eta) != NULL) {
        cli_table_add(c, t, eta_short(&eta, now, text));
    } else {
        cli_table_add(c, t, cli_slow_of(c, r) ? "slow" : "");
    }
}

static void add_row(struct cli *c, struct cli_table *t, const struct list_row *r, int64_t now)
{
    char age[AGE_SIZE];
    char duration[AGE_SIZE];
    char percent[8] = "";
    struct strbuf note = STRBUF_INIT;

    if (r->job->progress >= 0) {
        (void)snprintf(percent, sizeof percent, "%d", r->job->progress);
    }
    note_of(r, &note);
    if (context_all(c)) {
        cli_table_add(c, t, r->context);
    }
    cli_table_add(c, t, r->job->id);
    cli_table_add(c, t, job_state_word(r->job, &r->state));
    add_step(c, t, r);
    cli_table_add(c, t, percent);
    cli_table_add(c, t, age_text(job_time(r->job, &r->state, NULL), now, age));
    cli_table_add(c, t, duration_text(job_duration_ms(r->job, &r->state, now), duration));
    add_eta(c, t, r, now);
    cli_table_add(c, t, job_text(r->job, JOB_BUSINESS_NAME));
    cli_table_add(c, t, job_text(r->job, JOB_USER_ID));
    cli_table_add(c, t, job_text(r->job, JOB_PRIORITY));
    cli_table_add(c, t, strbuf_str(&note));
    strbuf_clear(&note);
}

static void print_rows(struct cli *c, const struct contexts_list *r)
{
    size_t from = context_all(c) ? 0 : 1;
    struct cli_table t = {.columns = columns + from,
                          .columns_len = sizeof columns / sizeof *columns - from};
    int64_t now = clock_wall_ms(NULL);

    if (r->len == 0) {
        cli_note(c, read_jobs_partial(r) ? "no such jobs in the contexts that answered"
                                         : "no such jobs");
        return;
    }
    for (size_t i = 0; i < r->len; i++) {
        add_row(c, &t, &r->rows[i], now);
    }
    cli_table_print(c, &t);
    cli_table_clear(&t);
}

static void add_json(struct cli *c, struct strbuf *b, const struct list_row *r)
{
    struct eta room;
    const struct eta *eta = cli_eta_of(c, r, &room);

    if (r->log == NULL) {
        job_json_text(b, r->job, r->batch, &r->state, eta, r->context);
        return;
    }
    /* the log was read for few rows only */
    cJSON *doc = job_json(r->job, r->batch, &r->state, eta, r->context);
    json_set(doc, "logStep", log_stage_json(r->job, &r->state, r->log));
    char *text = json_safe(doc);
    strbuf_adds(b, text);
    free(text);
    cJSON_Delete(doc);
}

/* Prints row by row: a hundred thousand jobs never make one text of that size. */
static void print_json(struct cli *c, const struct contexts_list *r)
{
    struct strbuf b = STRBUF_INIT;

    for (size_t i = 0; i < r->len; i++) {
        strbuf_adds(&b, i == 0 ? "[" : ",\n");
        add_json(c, &b, &r->rows[i]);
        (void)fwrite(b.data, 1, b.len, c->out);
        strbuf_reset(&b);
    }
    (void)fputs(r->len == 0 ? "[]\n" : "]\n", c->out);
    strbuf_clear(&b);
}

/* Says what is not known of the jobs of one context. */
static void warn(struct cli *c, const struct context_part *p)
{
    char who[READ_JOBS_WHO];

    (void)read_jobs_who(c, p, who);
    if (p->log_err.code != E_OK) {
        cli_warn(c,
                 "%sthe progress of some jobs whose record is silent is not known, their log could "
                 "not be read: %s",
                 who, p->log_err.msg);
    }
    if (p->unknown > 0) {
        cli_warn(c,
                 "%sthe state of %zu of %zu jobs comes from the records alone, because Batch could "
                 "not be asked for all: %s",
                 who, p->unknown, p->jobs, p->batch_err.msg);
    }
    if (p->join_err.code != E_OK) {
        cli_warn(c, "%sjobs without a record may be missing: %s", who, p->join_err.msg);
    }
}

static enum err_code run_list(struct cli *c, struct err *e)
{
    struct list_query q;
    struct contexts_list r = {0};
    enum err_code rc = fill(c, &q, e);

    if (rc == E_OK) {
        rc = read_jobs(c, &q, true, &r, e);
    }
    if (rc != E_OK) {
        return rc;
    }
    if (c->json) {
        print_json(c, &r);
    } else {
        print_rows(c, &r);
    }
    for (size_t i = 0; i < r.parts_len; i++) {
        warn(c, &r.parts[i]);
    }
    if (r.more) {
        cli_note(c, "there are more; --limit 0 shows all");
    }
    rc = read_jobs_end(c, &r, e);
    contexts_list_clear(&r);
    return rc;
}

const struct cli_command cmd_list = {
    .name = "list",
    .args = "",
    .summary = "List jobs, newest first",
    .about =
        "The state is the merge of the record and of what Batch says. NOTE says why a job\n"
        "failed, waits or looks stuck; ! marks a record that Batch contradicts; ~ a step that the\n"
        "log shows while the record is silent (\"logStep\" in JSON; of five jobs at most). The "
        "time of a\n"
        "job is its createdAt; where its record has none, its start, the time in its id, when\n"
        "Batch got it, or its last change. A Batch job of the queue that no record names is a\n"
        "row too, marked \"no record\"; a container's record under its Batch job's id and the\n"
        "record of the job that it belongs to are one, marked \"two records\". ETA says in how\n"
        "long a running job should end, by the jobs that completed; \"slow\": nearly all were\n"
        "faster in its step. With --json: an array of jobs, each with its \"mark\", \"context\"\n"
        "and \"eta\" ({\"low\",\"high\"}, times; null when too few jobs have completed).\n"
        "\n"
        "--all-contexts reads all contexts at once; --limit is of all together. A context that\n"
        "cannot be read is reported on stderr, the others are listed, and the exit status is that "
        "of\n"
        "the first failure. Contexts of the same table are listed once, under the first one.",
    .example = "mvpdash list --status failed --since 7d --limit 20",
    .options = options,
    .max_args = 0,
    .run = run_list,
};
