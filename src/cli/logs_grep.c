/* `mvpdash logs --grep`: a text in the logs of many jobs. */
#include "src/cli/logs_grep.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/secret.h"
#include "core/text.h"
#include "jobs/age.h"
#include "ops/contexts_search.h"
#include "src/cli/context.h"
#include "src/cli/interrupt.h"
#include "src/cli/log_lines.h"
#include "src/cli/logs_grep_end.h"

enum { DAY_MS = 24 * 3600 * 1000, LIMIT = 1000, MAX_TIME_S = 300 };

/* ---- what is asked ---- */

enum err_code logs_grep_check(const struct cli *c, struct err *e)
{
    static const char *const others[] = {"follow", "rule", "stream", "attempt", "child"};

    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (args_has(&c->args, others[i])) {
            return err_set(
                e, E_USAGE,
                "logs: --%s cannot be given with --grep, which searches in many jobs' logs",
                others[i]);
        }
    }
    if (c->args.words_len > 0) {
        const char *word = c->args.words[0];
        (void)err_set(e, E_USAGE, "logs: unexpected argument \"%.*s\" beside --grep PATTERN",
                      text_cut(word, 60), word);
        return err_hint_set(e, "quote a PATTERN with blanks; for one job: `mvpdash logs JOB_ID | "
                               "grep PATTERN`");
    }
    return E_OK;
}

enum err_code logs_grep_only(const struct cli *c, struct err *e)
{
    static const char *const mine[] = {"filter", "status",   "user",
                                       "limit",  "max-time", "all-contexts"};

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
        return err_set(e, E_INVALID,
                       "--max-time: \"%.*s\" is not a duration; expected 30s, 5m or 1h",
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

    json_set_str(doc, "context", h->context != NULL ? h->context : settings_context(c->settings));
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
    if (h->context != NULL) {
        cli_print(c, h->context);
        cli_print(c, " ");
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

static bool on_progress(void *arg, const struct log_search_state *s)
{
    struct cli *c = ((struct grep *)arg)->c;
    char at[CLI_TIME_SIZE];

    if (!c->err_tty) {
        return true;
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
    return true;
}

static enum err_code search_one(struct grep *g, struct err *e)
{
    struct cli *c = g->c;
    struct log_search_result r;

    if (cli_ops(c, e) == NULL) {
        return e->code;
    }
    struct interrupt *i = interrupt_catch(c);
    enum err_code rc = ops_log_search(c->ops, &g->q, &r, e);
    cli_progress_end(c);
    bool interrupted = interrupt_end(i) && rc == E_CANCELLED;
    if (r.end == LOG_SEARCH_LEFT) {
        return rc;
    }
    const struct grep_end end = {.c = c, .q = &g->q, .ops = c->ops, .r = &r, .who = ""};
    (void)cli_flush(c);
    grep_end_say(&end, rc);
    if (interrupted) {
        return grep_end_interrupted(c, r.reached_ms);
    }
    if (r.end == LOG_SEARCH_LIMIT && rc == E_OK) {
        grep_end_limit(c, r.hits, r.reached_ms);
    }
    return grep_end_code(&end, rc, e);
}

/* Says how the search of one context ended; its failure is told here. */
static enum err_code tell_part(struct grep *g, const struct context_found *p, struct err *e)
{
    char who[GREP_END_WHO];
    const struct grep_end end = {.c = g->c, .q = &g->q, .ops = p->ops, .r = &p->result, .who = who};

    (void)snprintf(who, sizeof who, "context %.*s: ", text_cut(p->context, 40), p->context);
    if (p->account.code != E_OK) {
        cli_warn(g->c, "%s", p->account.msg);
    }
    if (p->twin != NULL) {
        cli_warn(g->c, "%sits logs are those of context %s: each line is shown once, as %s's", who,
                 p->twin, p->twin);
        return E_OK;
    }
    *e = p->err;
    if (p->ops != NULL) {
        grep_end_say(&end, p->err.code);
        if (grep_end_code(&end, p->err.code, e) != E_OK) {
            (void)err_wrap(e, "context %s", p->context);
        }
    }
    if (e->code != E_OK) {
        cli_show_error(g->c, e);
        g->c->told = true;
    }
    return e->code;
}

static bool ended_early(const struct contexts_found *f)
{
    for (size_t i = 0; i < f->len; i++) {
        if (f->parts[i].err.code == E_CANCELLED) {
            return true;
        }
    }
    return false;
}

static enum err_code search_all(struct grep *g, struct err *e)
{
    struct cli *c = g->c;
    struct contexts_found f;
    enum err_code rc = E_OK;

    if (context_open_all(c, e) != E_OK) {
        return e->code;
    }
    struct interrupt *i = interrupt_catch(c);
    contexts_search(&c->all, &g->q, &f);
    cli_progress_end(c);
    bool cut = interrupt_end(i) && ended_early(&f);
    (void)cli_flush(c);
    if (f.end == LOG_SEARCH_LIMIT) {
        grep_end_limit(c, f.hits, f.reached_ms);
    }
    for (size_t k = 0; k < f.len && f.end != LOG_SEARCH_LEFT; k++) {
        struct err why = {0};
        if (cut && f.parts[k].err.code == E_CANCELLED) {
            continue;
        }
        enum err_code mine = tell_part(g, &f.parts[k], &why);
        if (rc == E_OK && mine != E_OK) {
            rc = mine;
            *e = why;
        }
    }
    if (cut) {
        rc = grep_end_interrupted(c, f.reached_ms);
    }
    contexts_found_clear(&f);
    return rc;
}

enum err_code run_logs_grep(struct cli *c, struct err *e)
{
    struct grep g = {
        .c = c, .q = {.hit = on_hit, .progress = on_progress}
    };
    enum err_code rc = read_options(&g, e);

    g.q.arg = &g;
    if (rc == E_OK) {
        rc = context_all(c) ? search_all(&g, e) : search_one(&g, e);
    }
    free(g.pattern);
    return rc;
}
