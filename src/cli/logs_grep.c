/* `mvpdash logs --grep`: a text in the logs of many jobs. */
#include "src/cli/logs_grep.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/secret.h"
#include "core/text.h"
#include "jobs/age.h"
#include "ops/log_search.h"
#include "src/cli/interrupt.h"
#include "src/cli/log_lines.h"

enum { DAY_MS = 24 * 3600 * 1000, LIMIT = 1000, MAX_TIME_S = 300 };

/* ---- what is asked ---- */

enum err_code logs_grep_check(const struct cli *c, struct err *e)
{
    static const char *const others[] = {"follow", "rule", "stream", "attempt", "child"};

    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (args_has(&c->args, others[i])) {
            return err_set(e, E_USAGE,
                           "logs: --%s does not go with --grep, which searches in many jobs' logs",
                           others[i]);
        }
    }
    if (c->args.words_len > 0) {
        const char *word = c->args.words[0];
        (void)err_set(e, E_USAGE, "logs: \"%.*s\" does not go with --grep PATTERN, one argument",
                      text_cut(word, 60), word);
        return err_hint_set(e, "quote a PATTERN with blanks; for one job: `mvpdash logs JOB_ID | "
                               "grep PATTERN`");
    }
    return E_OK;
}

enum err_code logs_grep_only(const struct cli *c, struct err *e)
{
    static const char *const mine[] = {"filter", "status", "user", "limit", "max-time"};

    for (size_t i = 0; i < sizeof mine / sizeof *mine; i++) {
        if (args_has(&c->args, mine[i])) {
            return err_set(e, E_USAGE, "logs: --%s needs --grep PATTERN", mine[i]);
        }
    }
    return E_OK;
}

struct grep {
    struct cli *c;
    const char *given; /* PATTERN as it was typed */
    char *pattern;     /* owned */
    struct log_search q;
};

static enum err_code read_pattern(struct grep *g, struct err *e)
{
    struct cli *c = g->c;

    g->given = args_get(&c->args, "grep");
    if (g->given[strspn(g->given, " \t\r\n")] == '\0') {
        return err_set(e, E_INVALID, "--grep: the pattern is empty; expected a text");
    }
    g->pattern = args_has(&c->args, "filter") ? xstrdup(g->given) : log_pattern_of(g->given);
    if (strlen(g->pattern) > LOG_PATTERN_MAX) {
        return err_set(e, E_INVALID,
                       "--grep: the pattern has %zu bytes, CloudWatch Logs takes at most %d",
                       strlen(g->pattern), LOG_PATTERN_MAX);
    }
    g->q.pattern = g->pattern;
    return E_OK;
}

static enum err_code read_options(struct grep *g, struct err *e)
{
    struct cli *c = g->c;
    const char *since = args_get(&c->args, "since");
    const char *limit = args_get(&c->args, "limit");
    const char *most = args_get(&c->args, "max-time");
    int64_t now = clock_wall_ms(NULL);
    int64_t n = LIMIT;
    int64_t seconds = MAX_TIME_S;

    g->q.since_ms = now - DAY_MS;
    if (read_pattern(g, e) != E_OK || cli_whose(c, &g->q.user_id, &g->q.status, e) != E_OK) {
        return e->code;
    }
    if (since != NULL && cli_since("since", since, now, &g->q.since_ms, e) != E_OK) {
        return e->code;
    }
    if (limit != NULL && cli_number("limit", limit, 0, 10000000, &n, e) != E_OK) {
        return e->code;
    }
    if (most != NULL && (!duration_parse(most, &seconds) || seconds < 1)) {
        return err_set(e, E_INVALID, "--max-time: \"%.*s\" is no duration; expected 30s, 5m or 1h",
                       text_cut(most, 40), most);
    }
    g->q.limit = (size_t)n;
    g->q.max_ms = seconds * 1000;
    return E_OK;
}

/* ---- what is found ---- */

static void print_json_hit(struct cli *c, const struct log_hit *h)
{
    char at[TIME_ISO_SIZE];
    cJSON *doc = json_new_object();

    json_set_str(doc, "jobId", h->job_id);
    json_set_str(doc, "batchJobId", h->batch_id);
    json_set(doc, "child", h->child < 0 ? NULL : cJSON_CreateNumber(h->child));
    json_set(doc, "attempt", h->attempt < 1 ? NULL : cJSON_CreateNumber(h->attempt));
    json_set_str(doc, "at", time_iso(h->at_ms, at));
    char *text = secret_masked(h->text);
    json_set_str(doc, "text", text);
    free(text);
    json_set_str(doc, "group", h->group);
    json_set_str(doc, "stream", h->stream);
    cli_json(c, doc);
}

static bool on_hit(void *arg, const struct log_hit *h)
{
    struct cli *c = ((struct grep *)arg)->c;
    char at[TIME_ISO_SIZE];

    cli_progress_end(c);
    if (c->json) {
        print_json_hit(c, h);
        return cli_flush(c);
    }
    if (h->job_id == NULL) {
        cli_print(c, "job unknown (");
        cli_print(c, h->stream);
        cli_print(c, ")");
    } else {
        cli_print(c, h->job_id);
    }
    if (h->child >= 0) {
        (void)fprintf(c->out, " child %d", h->child);
    }
    (void)fprintf(c->out, " %s ", time_iso(h->at_ms, at));
    log_line_print(c, h->text);
    return cli_flush(c);
}

static void on_progress(void *arg, const struct log_search_state *s)
{
    struct cli *c = ((struct grep *)arg)->c;
    char at[CLI_TIME_SIZE];

    if (!c->err_tty) {
        return;
    }
    if (s->records > 0) {
        cli_progress(c, "looking for the jobs: %zu records read", s->records);
    } else {
        int64_t range = s->now_ms - s->since_ms;
        int64_t done = s->reached_ms - s->since_ms;
        cli_progress(c, "searched to %s (%d %%), %zu line%s found", cli_time(s->reached_ms, at),
                     range <= 0 ? 100 : (int)(done * 100 / range), s->hits,
                     s->hits == 1 ? "" : "s");
    }
}

/* ---- what is said at the end ---- */

static bool of_some_jobs(const struct grep *g)
{
    return g->q.status != NULL || g->q.user_id != NULL;
}

/* Says what the search could not look at, and which jobs it does not know. */
static void say_gaps(struct grep *g, const struct log_search_result *r)
{
    struct cli *c = g->c;
    const char *why = r->jobs_err.msg;

    if (r->not_searched > 0 && r->jobs_err.code == E_OK) {
        cli_warn(
            c,
            "the logs of %zu of %zu job%s were not searched, because Batch has forgotten these "
            "jobs and with them where their logs are",
            r->not_searched, r->jobs, text_plural(r->jobs));
    } else if (r->not_searched == 0 && of_some_jobs(g) && r->jobs_err.code != E_OK) {
        cli_warn(c, "logs of further jobs may be missing: %s", why);
    }
    if (r->gone > 0) {
        cli_note(c,
                 "mvpdash: %zu of %zu log streams are not there: nothing was written yet, or "
                 "they have expired",
                 r->gone, r->streams);
    }
    if (r->unknown > 0 && r->jobs_err.code != E_OK) {
        cli_warn(c, "the jobs of %zu of %zu line%s are not known: %s", r->unknown, r->hits,
                 text_plural(r->hits), why);
    } else if (r->unknown > 0) {
        cli_note(c,
                 "mvpdash: the jobs of %zu of %zu line%s are not known: Batch has forgotten "
                 "them, or they are not of queue %s",
                 r->unknown, r->hits, text_plural(r->hits), c->ops->queue);
    }
}

static void say_count(struct grep *g, const struct log_search_result *r)
{
    struct cli *c = g->c;
    char since[CLI_TIME_SIZE];
    char where[300];

    if (of_some_jobs(g) && r->jobs == 0) {
        cli_note(c, "no such jobs can have written since %s (UTC)", cli_time(g->q.since_ms, since));
        return;
    }
    if (of_some_jobs(g)) {
        (void)snprintf(where, sizeof where, "the logs of %zu job%s", r->jobs - r->not_searched,
                       text_plural(r->jobs - r->not_searched));
    } else {
        (void)snprintf(where, sizeof where, "log group %.*s", text_cut(c->ops->log_group, 250),
                       c->ops->log_group);
    }
    cli_note(c, "mvpdash: %zu line%s found in %s since %s (UTC)", r->hits, text_plural(r->hits),
             where, cli_time(g->q.since_ms, since));
}

/* "what was written from ... on was not looked at, or only in part" */
static void left_text(const struct log_search_result *r, char *out, size_t size)
{
    char at[CLI_TIME_SIZE];

    (void)snprintf(out, size,
                   "what was written from %s (UTC) on was not looked at, or only in part",
                   cli_time(r->reached_ms, at));
}

/* How the search ended, as the command's result. */
static enum err_code end_of(struct grep *g, const struct log_search_result *r, enum err_code rc,
                            bool interrupted, struct err *e)
{
    struct cli *c = g->c;
    char left[160];

    left_text(r, left, sizeof left);
    if (interrupted) {
        (void)err_set(e, E_CANCELLED, "stopped by Ctrl-C: %s", left);
        cli_show_error(c, e);
        c->status = 128 + SIGINT;
        return E_OK;
    }
    if (rc == E_INVALID && args_has(&c->args, "filter")) {
        return err_hint_set(e,
                            "correct the filter pattern; without --filter PATTERN is plain text");
    }
    if (rc == E_NOT_FOUND) {
        return err_hint_set(e, "set BATCH_LOG_GROUP to the group that the jobs write to");
    }
    if (rc != E_OK) {
        return err_wrap(e, "the search ended early, %s", left);
    }
    if (r->not_searched > 0 && r->jobs_err.code != E_OK) {
        *e = r->jobs_err;
        return err_wrap(e, "the logs of %zu of %zu job%s were not searched", r->not_searched,
                        r->jobs, text_plural(r->jobs));
    }
    if (r->end == LOG_SEARCH_LIMIT) {
        cli_warn(c, "stopped at %zu line%s (--limit): %s", r->hits, text_plural(r->hits), left);
    } else if (r->end == LOG_SEARCH_TIME) {
        (void)err_set(e, E_TIMEOUT, "the search took as long as --max-time allows: %s", left);
        return err_hint_set(e, "give a longer --max-time, or a later --since");
    }
    return E_OK;
}

enum err_code run_logs_grep(struct cli *c, struct err *e)
{
    struct grep g = {
        .c = c, .q = {.hit = on_hit, .progress = on_progress}
    };
    struct log_search_result r;
    enum err_code rc = read_options(&g, e);

    g.q.arg = &g;
    if (rc == E_OK && cli_ops(c, e) == NULL) {
        rc = e->code;
    } else if (rc == E_OK) {
        struct interrupt *i = interrupt_catch(c);
        rc = ops_log_search(c->ops, &g.q, &r, e);
        cli_progress_end(c);
        bool interrupted = interrupt_end(i) && rc == E_CANCELLED;
        if (r.end != LOG_SEARCH_LEFT) {
            (void)cli_flush(c);
            if (rc == E_OK || r.hits > 0) {
                say_count(&g, &r);
            }
            say_gaps(&g, &r);
            rc = end_of(&g, &r, rc, interrupted, e);
        }
    }
    free(g.pattern);
    return rc;
}
