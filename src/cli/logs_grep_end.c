/* What `mvpdash logs --grep` says when a search has ended. */
#include "src/cli/logs_grep_end.h"

#include <signal.h>

#include "core/text.h"

enum { LEFT_SIZE = 160 };

static bool of_some_jobs(const struct grep_end *g)
{
    return g->q->status != NULL || g->q->user_id != NULL;
}

/* Says what the search could not look at, and which jobs it does not know. */
static void say_gaps(const struct grep_end *g)
{
    const struct log_search_result *r = g->r;
    struct cli *c = g->c;
    const char *why = r->jobs_err.msg;

    if (r->not_searched > 0 && r->jobs_err.code == E_OK) {
        cli_warn(
            c,
            "%sthe logs of %zu of %zu job%s were not searched, because Batch has forgotten these "
            "jobs and with them where their logs are",
            g->who, r->not_searched, r->jobs, text_plural(r->jobs));
    } else if (r->not_searched == 0 && of_some_jobs(g) && r->jobs_err.code != E_OK) {
        cli_warn(c, "%slogs of further jobs may be missing: %s", g->who, why);
    }
    if (r->gone > 0) {
        cli_note(c,
                 "mvpdash: %s%zu of %zu log streams are not there: nothing was written yet, or "
                 "they have expired",
                 g->who, r->gone, r->streams);
    }
    if (r->unknown > 0 && r->jobs_err.code != E_OK) {
        cli_warn(c, "%sthe jobs of %zu of %zu line%s are not known: %s", g->who, r->unknown,
                 r->hits, text_plural(r->hits), why);
    } else if (r->unknown > 0) {
        cli_note(c,
                 "mvpdash: %sthe jobs of %zu of %zu line%s are not known: Batch has forgotten "
                 "them, or they are not of queue %s",
                 g->who, r->unknown, r->hits, text_plural(r->hits), g->ops->queue);
    }
}

static void say_count(const struct grep_end *g)
{
    const struct log_search_result *r = g->r;
    struct cli *c = g->c;
    char since[CLI_TIME_SIZE];
    char where[300];

    if (of_some_jobs(g) && r->jobs == 0) {
        cli_note(c, "%sno such job can have written since %s (UTC)", g->who,
                 cli_time(g->q->since_ms, since));
        return;
    }
    if (of_some_jobs(g)) {
        (void)snprintf(where, sizeof where, "the logs of %zu job%s", r->jobs - r->not_searched,
                       text_plural(r->jobs - r->not_searched));
    } else {
        (void)snprintf(where, sizeof where, "log group %.*s", text_cut(g->ops->log_group, 250),
                       g->ops->log_group);
    }
    cli_note(c, "mvpdash: %s%zu line%s found in %s since %s (UTC)", g->who, r->hits,
             text_plural(r->hits), where, cli_time(g->q->since_ms, since));
}

void grep_end_say(const struct grep_end *g, enum err_code rc)
{
    if (rc == E_OK || g->r->hits > 0) {
        say_count(g);
    }
    say_gaps(g);
}

/* "what was written from ... on was not looked at, or only in part" */
static void left_text(int64_t reached_ms, char out[LEFT_SIZE])
{
    char at[CLI_TIME_SIZE];

    (void)snprintf(out, LEFT_SIZE,
                   "lines written since %s (UTC) were not searched, or only in part",
                   cli_time(reached_ms, at));
}

enum err_code grep_end_interrupted(struct cli *c, int64_t reached_ms)
{
    struct err e = {0};
    char left[LEFT_SIZE];

    left_text(reached_ms, left);
    (void)err_set(&e, E_CANCELLED, "stopped by Ctrl-C: %s", left);
    cli_show_error(c, &e);
    c->status = 128 + SIGINT;
    return E_OK;
}

void grep_end_limit(struct cli *c, size_t hits, int64_t reached_ms)
{
    char left[LEFT_SIZE];

    left_text(reached_ms, left);
    cli_warn(c, "stopped at %zu line%s (--limit): %s", hits, text_plural(hits), left);
}

enum err_code grep_end_code(const struct grep_end *g, enum err_code rc, struct err *e)
{
    const struct log_search_result *r = g->r;
    char left[LEFT_SIZE];

    left_text(r->reached_ms, left);
    if (rc == E_INVALID && args_has(&g->c->args, "filter")) {
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
    if (r->end == LOG_SEARCH_TIME) {
        (void)err_set(e, E_TIMEOUT, "the search reached --max-time: %s", left);
        return err_hint_set(e, "give a longer --max-time, or a later --since");
    }
    return E_OK;
}
