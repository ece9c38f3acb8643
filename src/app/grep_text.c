/* What is said of a search in logs: how far it is, how it ended, what was not looked at. */
#include <stdio.h>
#include <stdlib.h>

#include "core/strbuf.h"
#include "core/text.h"
#include "grep.h"

/* Where it searches: "the logs of 3 marked jobs". */
static void add_where(struct strbuf *b, const struct grep_view *v, const struct desk *desk)
{
    const char *group = settings_get(desk->settings, SET_BATCH_LOG_GROUP);

    if (v->in == GREP_ALL) {
        strbuf_addf(b, "log group %s", group == NULL ? "" : group);
    } else {
        strbuf_addf(b, "the logs of %zu %sjob%s", v->jobs, v->in == GREP_MARKED ? "marked " : "",
                    text_plural(v->jobs));
        strbuf_adds(b, v->in == GREP_LIST ? " of the list" : "");
    }
}

static void add_time(struct strbuf *b, int64_t at_ms)
{
    char local[32];

    strbuf_addf(b, "%.16s", format_local(at_ms, local, sizeof local));
}

static void add_rest(struct strbuf *b, const struct log_search_result *r)
{
    strbuf_adds(b, ": lines written since ");
    add_time(b, r->reached_ms);
    strbuf_adds(b, " were not searched, or only in part.");
}

static void add_progress(struct strbuf *b, const struct grep_view *v, const struct desk *desk)
{
    const struct log_search_state *s = &v->state;
    int64_t range = s->now_ms - s->since_ms;
    int64_t done = s->reached_ms - s->since_ms;

    if (v->stopping) {
        strbuf_adds(b, "Stopping after the request under way.");
    } else if (s->records > 0) {
        strbuf_addf(b, "Looking for the jobs: %zu records read.", s->records);
    } else if (s->now_ms == 0) {
        strbuf_adds(b, "Searching in ");
        add_where(b, v, desk);
        strbuf_adds(b, "...");
    } else {
        strbuf_adds(b, "Searched to ");
        add_time(b, s->reached_ms);
        strbuf_addf(b, " (%d %%)", range <= 0 ? 100 : (int)(done * 100 / range));
        if (s->streams > 0) {
            strbuf_addf(b, " in %zu log stream%s", s->streams, text_plural(s->streams));
        }
        strbuf_addf(b, ", %zu line%s found. Esc stops and keeps them.", v->len,
                    text_plural(v->len));
    }
}

static void add_end(struct strbuf *b, const struct grep_view *v, const struct desk *desk)
{
    const struct log_search_result *r = &v->result;

    if (v->err.code != E_OK) {
        char text[ERR_TEXT_SIZE];
        strbuf_adds(b, err_full(&v->err, text));
        if (v->err.code != E_INVALID && v->err.code != E_NOT_FOUND) {
            strbuf_adds(b, ". The search ended early");
            add_rest(b, r);
        }
        return;
    }
    strbuf_addf(b, "%zu line%s found in ", v->len, text_plural(v->len));
    add_where(b, v, desk);
    switch (r->end) {
    case LOG_SEARCH_LIMIT:
        strbuf_adds(b, "; stopped there (--limit)");
        add_rest(b, r);
        break;
    case LOG_SEARCH_TIME:
        strbuf_adds(b, "; it reached --max-time");
        add_rest(b, r);
        break;
    case LOG_SEARCH_STOPPED:
    case LOG_SEARCH_LEFT:
        strbuf_adds(b, "; stopped by Esc");
        add_rest(b, r);
        break;
    case LOG_SEARCH_THROUGH:
        strbuf_adds(b, " since ");
        add_time(b, v->since_ms);
        strbuf_adds(b, v->len == 0 ? ". Letter case counts." : ".");
        break;
    }
}

/* What the search could not look at, and which jobs it does not know. */
static void add_gaps(struct strbuf *b, const struct log_search_result *r)
{
    bool why = r->jobs_err.code != E_OK;

    if (r->not_searched > 0) {
        strbuf_addf(b, " Not searched: the logs of %zu of %zu job%s, %s", r->not_searched, r->jobs,
                    text_plural(r->jobs), why ? "" : "because Batch has forgotten where they are.");
    }
    if (r->unknown > 0) {
        strbuf_addf(b, " Of %zu line%s the job is not known%s", r->unknown, text_plural(r->unknown),
                    why ? ": " : ": Batch has forgotten it, or it is not of the queue.");
    }
    if (why) {
        char text[ERR_TEXT_SIZE];
        strbuf_addf(b, "%s%s.", r->not_searched + r->unknown > 0 ? "" : " Jobs may be missing: ",
                    err_full(&r->jobs_err, text));
    }
    if (r->gone > 0) {
        strbuf_addf(b,
                    " %zu of %zu log streams are not there: nothing was written yet, or they "
                    "have expired.",
                    r->gone, r->streams);
    }
}

char *grep_says(const struct grep_view *v, const struct desk *desk)
{
    struct strbuf b = STRBUF_INIT;

    if (v->typed == NULL) {
        strbuf_adds(&b, "No search yet: type `:grep PATTERN`. It searches the logs of the marked "
                        "jobs, else of the jobs that the filter shows, else all logs.");
    } else if (v->request != 0) {
        add_progress(&b, v, desk);
    } else if (v->ended) {
        add_end(&b, v, desk);
        add_gaps(&b, &v->result);
    }
    char *clean = text_cleaned(strbuf_str(&b), TEXT_ONE_LINE);
    strbuf_clear(&b);
    return clean;
}
