#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "jobs/age.h"
#include "jobs/job_json.h"
#include "jobs/timeline.h"
#include "src/cli/alert.h"
#include "src/cli/commands.h"
#include "src/cli/wait.h"

static const struct cli_option options[] = {
    CLI_FLAG("watch", "go on until the job has ended; exit 1 when it does not complete"),
    CLI_ALERT,
    CLI_FLAG("record", "only what the record says, without asking Batch (a container may not)"),
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
    if (d->job->step != NULL) {
        strbuf_addf(&b, "  %s", d->job->step);
    }
    fact(c, "status", strbuf_str(&b));
    fact(c, "why", job_state_reason(d->job, d->batch, &d->state, why, sizeof why));
    fact(c, "stuck", job_stuck_word((enum job_stuck)d->state.stuck));
    if (d->state.drift) {
        strbuf_reset(&b);
        strbuf_addf(&b, "the record says %s, Batch says %s",
                    d->job->status_word == NULL ? "nothing" : d->job->status_word,
                    batch_status_word((enum batch_status)d->state.batch));
        fact(c, "drift", strbuf_str(&b));
    }
    strbuf_clear(&b);
}

static void print_times(struct cli *c, const struct job_detail *d)
{
    char text[AGE_SIZE];

    fact_time(c, "created", d->job->created_ms);
    fact_time(c, "started", d->state.started_ms);
    fact_time(c, "ended", d->state.ended_ms);
    fact(c, "duration",
         duration_long(job_duration_ms(d->job, &d->state, clock_wall_ms(NULL)), text));
    fact(c, "estimate", duration_long(job_estimate_ms(d->job, &d->state), text));
}

static void print_batch(struct cli *c, const struct job_detail *d)
{
    char code[16];

    fact(c, "batch job", d->batch != NULL ? d->batch->id : d->job->batch_job_id);
    fact(c, "batch state", batch_status_word((enum batch_status)d->state.batch));
    if (d->state.exit_code != EXIT_CODE_NONE) {
        (void)snprintf(code, sizeof code, "%d", d->state.exit_code);
        fact(c, "exit code", code);
    }
    fact(c, "log stream", d->batch == NULL ? NULL : d->batch->log_stream);
    if (d->state.gone_from_batch) {
        fact(c, "batch", "does not know this job any more (it forgets after about a week)");
    }
}

static void print_detail(struct cli *c, const struct job_detail *d)
{
    struct strbuf b = STRBUF_INIT;
    const struct job *j = d->job;

    fact(c, "job", j->id);
    print_state(c, d);
    fact(c, "business", j->business_name);
    fact(c, "user", j->user_id);
    fact(c, "product", j->product_id);
    fact(c, "email", j->email);
    fact(c, "priority", j->priority);
    for (size_t i = 0; i < j->features_len; i++) {
        strbuf_addf(&b, "%s%s", i == 0 ? "" : ", ", j->features[i]);
    }
    fact(c, "features", strbuf_str(&b));
    fact(c, "retry of", j->retry_of);
    print_times(c, d);
    print_batch(c, d);
    fact(c, "repository", j->url_repository);
    fact(c, "staging", j->url_staging);
    fact(c, "production", j->url_production);
    for (size_t i = 0; i < j->errors_len; i++) {
        strbuf_reset(&b);
        strbuf_addf(&b, "%s%s%s", j->errors[i].step == NULL ? "" : j->errors[i].step,
                    j->errors[i].step == NULL ? "" : ": ",
                    j->errors[i].message == NULL ? "" : j->errors[i].message);
        fact(c, "error", strbuf_str(&b));
    }
    strbuf_clear(&b);
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

    timeline_build(&t, d->job, d->item, d->batch, d->reasons);
    if (c->json) {
        cli_json(c, job_detail_json(d->job, d->batch, &d->state, &t, d->item));
    } else {
        print_detail(c, d);
        if (t.len > 0) {
            (void)fputs("timeline\n", c->out);
            print_entries(c, &t, 0);
        }
    }
    timeline_clear(&t);
    if (d->batch_err.code != E_OK) {
        cli_warn(c, "the state is as the record tells it, Batch could not be asked: %s",
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
    char at[CLI_TIME_SIZE];
    struct strbuf b = STRBUF_INIT;
    char why[STATE_REASON_SIZE];

    strbuf_addf(&b, "%s  %s", cli_time(clock_wall_ms(NULL), at), job_state_word(d->job, &d->state));
    if (d->job->progress >= 0) {
        strbuf_addf(&b, "  %d%%", d->job->progress);
    }
    if (d->job->step != NULL) {
        strbuf_addf(&b, "  %s", d->job->step);
    }
    if (job_state_reason(d->job, d->batch, &d->state, why, sizeof why)[0] != '\0') {
        strbuf_addf(&b, "  %s", why);
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
        return err_set(e, E_USAGE, "status: --alert goes with --watch");
    }
    if (args_has(&c->args, "watch")) {
        if (args_has(&c->args, "record")) {
            return err_set(e, E_USAGE, "status: --watch asks Batch, --record forbids it");
        }
        return watch(c, id, e);
    }
    enum err_code rc = ops_job_get(c->ops, id, args_has(&c->args, "record"), &d, e);
    if (rc == E_OK) {
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
        "The state is the merge of the record and of what Batch says. With --json: the job with\n"
        "\"timeline\" and \"record\"; with --watch one such line for each change.",
    .example = "mvpdash status job_1734567890123_abc123def --watch",
    .options = options,
    .min_args = 1,
    .max_args = 1,
    .run = run_status,
};
