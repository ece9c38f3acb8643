/* `mvpdash status`: one job, once or until its end. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "jobs/age.h"
#include "jobs/attrs.h"
#include "jobs/job_json.h"
#include "jobs/join.h"
#include "jobs/timeline.h"
#include "ops/log_stage.h"
#include "src/cli/alert.h"
#include "src/cli/commands.h"
#include "src/cli/eta.h"
#include "src/cli/wait.h"

static const struct cli_option options[] = {
    CLI_FLAG("watch", "follow until the job has ended; exit 1 when it does not complete"),
    CLI_ALERT,
    CLI_FLAG("record", "show only the record, without asking Batch (as a container may not)"),
    CLI_VALUE("child", "N",
              "show a child of a Batch array job (0 is the first), as Batch describes it"),
    CLI_END,
};

static void fact(struct cli *c, const char *name, const char *value)
{
    if (value != NULL && value[0] != '\0') {
        (void)fprintf(c->out, "%-11s ", name);
        cli_print(c, value);
        (void)fputc('\n', c->out);
    }
}

static void fact_time(struct cli *c, const char *name, int64_t ms)
{
    char text[CLI_TIME_SIZE];

    if (ms != TIME_NONE) {
        fact(c, name, cli_time(ms, text));
    }
}

static void print_state(struct cli *c, const struct job_detail *d)
{
    struct strbuf b = STRBUF_INIT;
    char why[STATE_REASON_SIZE];

    strbuf_adds(&b, job_state_word(d->job, &d->state));
    if (d->job->progress >= 0) {
        strbuf_addf(&b, "  %d%%", d->job->progress);
    }
    if (job_text(d->job, JOB_STEP) != NULL) {
        strbuf_addf(&b, "  %s", job_text(d->job, JOB_STEP));
    }
    fact(c, "status", strbuf_str(&b));
    fact(c, "why", job_state_reason(d->job, d->batch, &d->state, why, sizeof why));
    fact(c, "waits", d->waits);
    fact(c, "mark", job_mark_word((enum job_mark)d->job->mark));
    fact(c, "stuck", job_stuck_word(d->state.stuck));
    if (d->state.drift) {
        strbuf_reset(&b);
        strbuf_addf(&b, "the record says %s, Batch says %s",
                    job_text(d->job, JOB_STATUS_TEXT) == NULL ? "nothing"
                                                              : job_text(d->job, JOB_STATUS_TEXT),
                    batch_status_word((enum batch_status)d->state.batch));
        fact(c, "drift", strbuf_str(&b));
    }
    strbuf_clear(&b);
}

/* Prints the job's time and, when the record has no createdAt, what told it. */
static void print_time(struct cli *c, const struct job_detail *d)
{
    char at[CLI_TIME_SIZE], text[160];
    enum job_time_of of;
    int64_t ms = job_time(d->job, &d->state, &of);

    if (ms != TIME_NONE && of != TIME_OF_CREATED) {
        (void)snprintf(text, sizeof text, "%s  (by %s: the record has no createdAt)",
                       cli_time(ms, at), job_time_word(of));
        fact(c, "created", text);
    } else {
        fact_time(c, "created", ms);
    }
}

/* Prints how far the job is by its log, when its record is silent. */
static void print_log(struct cli *c, const struct job_detail *d)
{
    const char *stage = log_stage_shown(d->job, &d->state, &d->log);
    char at[CLI_TIME_SIZE];
    struct strbuf b = STRBUF_INIT;

    if (!d->log.read || d->log.heard_ms == TIME_NONE) {
        return;
    }
    if (stage != NULL) {
        strbuf_addf(&b, "%s since %s%s%s; ", stage, cli_time(d->log.since_ms, at),
                    d->log.said[0] == '\0' ? "" : ": ", d->log.said);
    }
    strbuf_addf(&b, "last line %s", cli_time(d->log.heard_ms, at));
    fact(c, "by its log", strbuf_str(&b));
    strbuf_clear(&b);
}

static void print_times(struct cli *c, const struct job_detail *d, const struct eta *eta)
{
    char text[AGE_SIZE], end[CLI_ETA_SIZE];

    print_time(c, d);
    fact_time(c, "started", d->state.started_ms);
    fact_time(c, "ended", d->state.ended_ms);
    fact(c, "duration",
         duration_long(job_duration_ms(d->job, &d->state, clock_wall_ms(NULL)), text));
    fact(c, "estimate", duration_long(job_estimate_ms(d->job, &d->state), text));
    if (eta != NULL) {
        fact(c, "should end", cli_eta_text(eta, end));
    }
    if (cli_slow(c, d->job, &d->state)) {
        fact(c, "slow", "its step takes longer than in 95 % of the jobs that completed");
    }
}

static void print_batch(struct cli *c, const struct job_detail *d)
{
    char code[16], children[160], cost[PRICE_TEXT_SIZE];

    fact(c, "batch job", d->batch != NULL ? d->batch->id : job_text(d->job, JOB_BATCH_ID));
    if (d->job->mark == JOB_NO_RECORD && d->batch != NULL) {
        fact(c, "job name", d->batch->name);
    }
    fact(c, "batch state", batch_status_word((enum batch_status)d->state.batch));
    job_children(d->batch, children, sizeof children);
    fact(c, "children", children);
    if (d->state.exit_code != EXIT_CODE_NONE) {
        (void)snprintf(code, sizeof code, "%d", d->state.exit_code);
        fact(c, "exit code", code);
    }
    struct job_prices prices = ops_prices(c->settings);
    fact(c, "cost", job_price_text(d->batch, &prices, clock_wall_ms(NULL), cost));
    fact(c, "log stream", d->batch == NULL ? NULL : d->batch->log_stream);
    if (d->state.gone_from_batch) {
        fact(c, "batch", "no longer knows this job (it forgets after about a week)");
    }
}

/* Prints the other Batch jobs of a job that was started more than once: a dead letter was sent
 * again, or an archive replayed. */
static void print_others(struct cli *c, const struct job_detail *d)
{
    struct strbuf b = STRBUF_INIT;
    char at[CLI_TIME_SIZE];

    for (size_t i = 0; i < d->others_len; i++) {
        const struct batch_job *x = d->others[i];
        strbuf_reset(&b);
        strbuf_addf(&b, "%s  %s  created %s", x->id, batch_status_word(x->status),
                    cli_time(x->created_ms, at));
        if (x->exit_code != EXIT_CODE_NONE) {
            strbuf_addf(&b, "  exit code %d", x->exit_code);
        }
        if (x->status_reason != NULL) {
            strbuf_addf(&b, "  %s", x->status_reason);
        }
        fact(c, "also batch", strbuf_str(&b));
    }
    strbuf_clear(&b);
}

static cJSON *batch_json(const struct batch_job *x)
{
    cJSON *o = json_new_object();
    char at[TIME_ISO_SIZE];

    json_set_str(o, "batchJobId", x->id);
    json_set_str(o, "batchStatus", batch_status_word(x->status));
    json_set_str(o, "createdAt", x->created_ms == TIME_NONE ? NULL : time_iso(x->created_ms, at));
    if (x->exit_code == EXIT_CODE_NONE) {
        json_set(o, "exitCode", NULL);
    } else {
        json_set_int(o, "exitCode", x->exit_code);
    }
    json_set_str(o, "statusReason", x->status_reason);
    json_set_str(o, "logStream", x->log_stream);
    return o;
}

static cJSON *others_json(const struct job_detail *d)
{
    cJSON *list = json_new_array();

    for (size_t i = 0; i < d->others_len; i++) {
        json_push(list, batch_json(d->others[i]));
    }
    return list;
}

/* ---- --child: Batch's word alone, no record tells of it ---- */

static void print_child(struct cli *c, const char *job_id, const struct batch_job *b)
{
    char why[STATE_REASON_SIZE], text[32];

    job_why(b, why, sizeof why);
    fact(c, "job", job_id);
    (void)snprintf(text, sizeof text, "%d", b->array.index);
    fact(c, "child", text);
    fact(c, "batch job", b->id);
    fact(c, "batch state", batch_status_word(b->status));
    fact(c, "why", why);
    fact_time(c, "created", b->created_ms);
    fact_time(c, "started", b->started_ms);
    fact_time(c, "ended", b->stopped_ms);
    if (b->exit_code != EXIT_CODE_NONE) {
        (void)snprintf(text, sizeof text, "%d", b->exit_code);
        fact(c, "exit code", text);
    }
    fact(c, "log stream", b->log_stream);
}

static enum err_code show_child(struct cli *c, const char *job_id, struct err *e)
{
    struct batch_job *b = NULL;
    int64_t index = 0;

    if (args_has(&c->args, "watch") || args_has(&c->args, "record")) {
        return err_set(e, E_USAGE, "status: --child cannot be given with --watch or --record");
    }
    if (cli_number("child", args_get(&c->args, "child"), 0, 9999, &index, e) != E_OK) {
        return e->code;
    }
    enum err_code rc = ops_child_get(c->ops, job_id, (int)index, &b, e);
    if (rc != E_OK) {
        return rc;
    }
    if (c->json) {
        cJSON *doc = batch_json(b);
        json_set_str(doc, "jobId", job_id);
        json_set_int(doc, "child", b->array.index);
        cli_json(c, doc);
    } else {
        print_child(c, job_id, b);
    }
    batch_job_free(b);
    return E_OK;
}

/* Prints what the record tells besides, also attributes that nobody knows. */
static void print_facts(struct cli *c, const cJSON *item)
{
    struct facts f;

    facts_read(&f, item);
    for (size_t i = 0; i < f.other; i++) {
        fact(c, f.items[i].label, f.items[i].text);
    }
    for (size_t i = f.other; i < f.len; i++) {
        char *text = xasprintf("%s: %s", f.items[i].label, f.items[i].text);
        fact(c, "other", text);
        free(text);
    }
    if (f.more > 0) {
        char text[80];
        (void)snprintf(text, sizeof text, "%zu more: --json has them in \"record\"", f.more);
        fact(c, "other", text);
    }
    facts_clear(&f);
}

static void print_detail(struct cli *c, const struct job_detail *d, const struct eta *eta)
{
    struct strbuf b = STRBUF_INIT;
    const struct job *j = d->job;
    char room[JOB_ROOM];

    fact(c, "job", j->id);
    print_state(c, d);
    print_log(c, d);
    fact(c, "business", job_text(j, JOB_BUSINESS_NAME));
    fact(c, "user", job_text(j, JOB_USER_ID));
    fact(c, "product", job_text(j, JOB_PRODUCT_ID));
    fact(c, "email", job_text(j, JOB_EMAIL));
    fact(c, "priority", job_text(j, JOB_PRIORITY));
    for (size_t i = 0; i < j->features_len; i++) {
        strbuf_addf(&b, "%s%s", i == 0 ? "" : ", ", job_feature(j, i, room));
    }
    fact(c, "features", strbuf_str(&b));
    fact(c, "retry of", job_text(j, JOB_RETRY_OF));
    print_times(c, d, eta);
    print_batch(c, d);
    print_others(c, d);
    fact(c, "repository", job_url(j, JOB_URL_REPOSITORY, room));
    fact(c, "staging", job_url(j, JOB_URL_STAGING, room));
    fact(c, "production", job_url(j, JOB_URL_PRODUCTION, room));
    for (size_t i = 0; i < j->errors_len; i++) {
        strbuf_reset(&b);
        strbuf_addf(&b, "%s%s%s", job_errors(j)[i].step == NULL ? "" : job_errors(j)[i].step,
                    job_errors(j)[i].step == NULL ? "" : ": ",
                    job_errors(j)[i].message == NULL ? "" : job_errors(j)[i].message);
        fact(c, "error", strbuf_str(&b));
    }
    strbuf_clear(&b);
    print_facts(c, d->item);
    const cJSON *part;
    cJSON_ArrayForEach(part, d->parts)
    {
        print_facts(c, part);
    }
}

static void print_entries(struct cli *c, const struct timeline *t, size_t from)
{
    for (size_t i = from; i < t->len; i++) {
        char at[CLI_TIME_SIZE];
        (void)fprintf(c->out, "  %s  %-7s ", cli_time(t->items[i].at_ms, at), t->items[i].source);
        cli_print(c, t->items[i].event);
        (void)fputc('\n', c->out);
    }
}

static void print_once(struct cli *c, const struct job_detail *d)
{
    struct timeline t = {0};
    struct eta room;
    const struct eta *eta = cli_eta(c, d->job, &d->state, &room);

    timeline_build(&t, d->job, d->item, d->batch, d->reasons);
    log_stage_timeline(d->job, &d->state, &d->log, &t);
    if (c->json) {
        cJSON *doc = job_detail_json(d->job, d->batch, &d->state, eta, &t, d->item, d->parts,
                                     settings_context(c->settings));
        json_set(doc, "otherBatchJobs", others_json(d));
        json_set(doc, "logStep", log_stage_json(d->job, &d->state, &d->log));
        cli_json(c, doc);
    } else {
        print_detail(c, d, eta);
        if (t.len > 0) {
            (void)fputs("timeline\n", c->out);
            print_entries(c, &t, 0);
        }
    }
    timeline_clear(&t);
    if (d->batch_err.code != E_OK) {
        cli_warn(c, "the state comes from the record alone, because Batch could not be asked: %s",
                 d->batch_err.msg);
    }
}

/* ---- --watch: first everything, then a line for each change ---- */

struct watch {
    struct cli *c;
    bool begun;
    struct alert_seen seen;
};

static void print_change(struct cli *c, const struct job_detail *d)
{
    char at[CLI_TIME_SIZE], end[CLI_ETA_SIZE];
    struct eta eta;
    struct strbuf b = STRBUF_INIT;
    char why[STATE_REASON_SIZE];

    strbuf_addf(&b, "%s  %s", cli_time(clock_wall_ms(NULL), at), job_state_word(d->job, &d->state));
    if (d->job->progress >= 0) {
        strbuf_addf(&b, "  %d%%", d->job->progress);
    }
    if (job_text(d->job, JOB_STEP) != NULL) {
        strbuf_addf(&b, "  %s", job_text(d->job, JOB_STEP));
    }
    if (log_stage_shown(d->job, &d->state, &d->log) != NULL) {
        strbuf_addf(&b, "  %s by its log", d->log.stage);
    }
    if (job_state_reason(d->job, d->batch, &d->state, why, sizeof why)[0] != '\0') {
        strbuf_addf(&b, "  %s", why);
    }
    if (cli_eta(c, d->job, &d->state, &eta) != NULL) {
        strbuf_addf(&b, "  should end %s", cli_eta_text(&eta, end));
    }
    cli_print(c, strbuf_str(&b));
    (void)fputc('\n', c->out);
    strbuf_clear(&b);
}

static bool on_change(void *arg, const struct job_detail *d)
{
    struct watch *w = arg;

    if (!w->begun || w->c->json) {
        print_once(w->c, d);
    } else {
        print_change(w->c, d);
    }
    w->begun = true;
    bool read = cli_flush(w->c);
    cli_alert(w->c, &w->seen, d);
    return read;
}

static enum err_code watch(struct cli *c, const char *id, struct err *e)
{
    struct watch w = {.c = c};
    struct job_detail *d = NULL;
    enum err_code rc = wait_job(c, id, on_change, &w, &d, e);

    if (rc == E_OK && d != NULL && job_status_final((enum job_status)d->state.status)) {
        rc = wait_verdict(d, e);
    }
    job_detail_free(d);
    return rc;
}

static enum err_code run_status(struct cli *c, struct err *e)
{
    const char *id = c->args.words[0];
    struct job_detail *d = NULL;

    if (cli_ops(c, e) == NULL) {
        return e->code;
    }
    if (args_has(&c->args, "alert") && !args_has(&c->args, "watch")) {
        return err_set(e, E_USAGE, "status: --alert needs --watch");
    }
    if (args_get(&c->args, "child") != NULL) {
        return show_child(c, id, e);
    }
    if (args_has(&c->args, "watch")) {
        if (args_has(&c->args, "record")) {
            return err_set(e, E_USAGE,
                           "status: --watch asks Batch, which --record forbids: give only one");
        }
        return watch(c, id, e);
    }
    enum err_code rc = ops_job_get(c->ops, id, args_has(&c->args, "record"), &d, e);
    if (rc == E_OK) {
        struct err log_err = {0};
        if (!args_has(&c->args, "record") && ops_detail_log(c->ops, d, &log_err) != E_OK) {
            cli_warn(
                c, "the record is silent, and the log could not be read for the job's progress: %s",
                log_err.msg);
        }
        print_once(c, d);
    }
    job_detail_free(d);
    return rc;
}

const struct cli_command cmd_status = {
    .name = "status",
    .args = "JOB_ID",
    .summary = "Show one job: its true state, facts and timeline",
    .about =
        "The state is the merge of the record and of what Batch says. JOB_ID may be the Batch\n"
        "job's id too; a job that only Batch knows is marked \"no record\". Of a running job "
        "whose\n"
        "record is silent (record_silent in config.ini) the newest lines of its log are read: a\n"
        "\"stage\" in them is shown as by its log, and while the log goes on it is not stuck. "
        "When\n"
        "it should end, and whether its step is slow, is judged by the jobs that completed, as the "
        "last\n"
        "list, stats or dashboard of this machine saw them; \"eta\" is null when they are too few. "
        "With\n"
        "--json: the job with \"mark\", \"timeline\", \"record\" (null when there is none),\n"
        "\"containerRecords\" (what its containers wrote under Batch ids), \"otherBatchJobs\" "
        "(those\n"
        "of the same id) and \"logStep\" ({\"step\",\"at\",\"message\",\"heardAt\"}); with --watch "
        "one\n"
        "such line for each change. With --child: what Batch says of one child of an array job.",
    .example = "mvpdash status job_1734567890123_abc123def --watch",
    .options = options,
    .min_args = 1,
    .max_args = 1,
    .run = run_status,
};
