/* `mvpdash stats`: figures over many jobs. */
#include <string.h>

#include "core/clock.h"
#include "core/json.h"
#include "core/text.h"
#include "jobs/insight.h"
#include "src/cli/cli_priv.h"
#include "src/cli/commands.h"
#include "src/cli/context.h"
#include "src/cli/read_jobs.h"
#include "src/cli/stats_show.h"

enum { SINCE_MS = 7 * 24 * 3600 * 1000, JSON_BUCKETS = 200 };

static const struct cli_option options[] = {
    CLI_VALUE("since", "TIME", "requested since: 30m, 24h, 30d or an ISO 8601 time (7d)"),
    CLI_VALUE("until", "TIME", "requested before: 24h (ago) or an ISO 8601 time (now)"),
    CLI_VALUE("by", "day|user|product|priority|step|context", "count by groups, too"),
    CLI_FLAG("all-contexts", "count the jobs of all contexts of config.ini together"),
    CLI_FLAG("csv", "print the groups as CSV, one a line"),
    CLI_FLAG("ascii", "draw plots with ASCII characters only"),
    CLI_END,
};

struct stats_args {
    struct insight_query query; /* without its bucket */
    bool grouped, csv, ascii;
};

static enum err_code fill(const struct cli *c, struct stats_args *a, struct err *e)
{
    const char *since = args_get(&c->args, "since");
    const char *until = args_get(&c->args, "until");
    const char *by = args_get(&c->args, "by");
    int64_t now = clock_wall_ms(NULL);

    *a = (struct stats_args){
        .query = {.since_ms = now - SINCE_MS, .until_ms = now, .now_ms = now},
        .grouped = by != NULL,
        .csv = args_has(&c->args, "csv"),
        .ascii = !c->utf8 || args_has(&c->args, "ascii")
    };
    if (a->csv && c->json) {
        return err_set(e, E_USAGE, "stats: give only one of --csv and --json");
    }
    if (by != NULL) {
        a->query.by = insight_by_parse(by);
    }
    if (a->query.by == INSIGHT_BY_COUNT) {
        return err_set(
            e, E_INVALID,
            "--by: \"%.*s\" is not a group; expected day, user, product, priority, step or context",
            text_cut(by, 40), by);
    }
    if (a->query.by == INSIGHT_BY_CONTEXT && !context_all(c)) {
        (void)err_set(e, E_USAGE, "stats: --by context needs --all-contexts");
        return err_hint_set(e, "without --all-contexts, the jobs of one context are counted");
    }
    if (since != NULL && cli_since("since", since, now, &a->query.since_ms, e) != E_OK) {
        return e->code;
    }
    if (until != NULL && cli_since("until", until, now, &a->query.until_ms, e) != E_OK) {
        return e->code;
    }
    if (a->query.since_ms >= a->query.until_ms) {
        return err_set(e, E_INVALID, "--since: the time must be before %s",
                       until == NULL ? "now" : "that of --until");
    }
    return E_OK;
}

static struct insight *count(const struct insight_query *q, const struct contexts_list *l)
{
    struct insight_run *run = insight_begin(q);

    for (size_t k = 0; k < l->parts_len; k++) {
        const struct context_part *p = &l->parts[k];
        if (p->err.code == E_OK && !p->skipped) {
            insight_context(run, p->context);
        }
        for (size_t i = 0; i < l->len; i++) {
            if (l->rows[i].context == p->context) {
                insight_add(run, l->rows[i].job, l->rows[i].batch, &l->rows[i].state);
            }
        }
    }
    return insight_end(run);
}

/* The jobs of a context that were read, by what must be said of them. */
struct told {
    size_t counted, unknown; /* in the window; those of them whose state is the record's */
    size_t later;            /* their time is still to come: their clock is ahead of this one */
};

static struct told look(const struct insight_query *q, const struct contexts_list *l,
                        const struct context_part *p)
{
    struct told t = {0};

    for (size_t i = 0; i < l->len; i++) {
        const struct list_row *r = &l->rows[i];
        int64_t at = job_time(r->job, &r->state, NULL);
        bool mine = r->context == p->context;
        bool in = mine && at >= q->since_ms && at < q->until_ms;
        t.counted += in;
        t.unknown += in && r->unknown;
        t.later += mine && at >= q->now_ms;
    }
    return t;
}

/* Says what could not be counted of a context. */
static void warn(struct cli *c, const struct insight_query *q, const struct contexts_list *l,
                 const struct context_part *p)
{
    struct told t = look(q, l, p);
    char who[READ_JOBS_WHO];

    (void)read_jobs_who(c, p, who);
    if (t.unknown > 0) {
        cli_warn(c,
                 "%sthe state of %zu of %zu jobs comes from the records alone, and waiting times "
                 "and exit codes are missing, because Batch could not be asked for all: %s",
                 who, t.unknown, t.counted, p->batch_err.msg);
    } else if (p->batch_err.code != E_OK) {
        cli_warn(c,
                 "%swaiting times and exit codes are missing, because Batch could not be asked for "
                 "all: %s",
                 who, p->batch_err.msg);
    }
    if (p->join_err.code != E_OK) {
        cli_warn(c, "%sjobs without a record may be missing: %s", who, p->join_err.msg);
    }
    if (p->untimed > 0) {
        cli_warn(c, "%snot counted: %zu job%s without any time", who, p->untimed,
                 p->untimed == 1 ? "" : "s");
    }
    if (t.later > 0 && !args_has(&c->args, "until")) {
        cli_warn(c,
                 "%snot counted: %zu job%s with a time ahead of this machine's clock; --until with "
                 "a later time counts them, too",
                 who, t.later, t.later == 1 ? "" : "s");
    }
}

/* The contexts that the figures are of, and those that are missing in them. Owned. */
static cJSON *contexts_json(const struct insight_query *q, const struct contexts_list *l)
{
    cJSON *all = json_new_array();

    for (size_t i = 0; i < l->parts_len; i++) {
        const struct context_part *p = &l->parts[i];
        bool read = p->err.code == E_OK && !p->skipped;
        cJSON *one = json_new_object();
        json_set_str(one, "context", p->context);
        json_set(one, "jobs",
                 read ? cJSON_CreateNumber((double)look(q, l, p).counted) : cJSON_CreateNull());
        json_set_str(one, "sameAs", p->twin);
        json_set(one, "error", p->err.code == E_OK ? cJSON_CreateNull() : cli_error_json(&p->err));
        json_push(all, one);
    }
    return all;
}

static void print(struct cli *c, const struct stats_args *a, const struct contexts_list *l)
{
    struct insight *x = count(&a->query, l);

    if (c->json) {
        cJSON *doc = insight_json(x);
        if (context_all(c)) {
            json_set(doc, "contexts", contexts_json(&a->query, l));
        }
        cli_json(c, doc);
    } else if (a->csv) {
        stats_csv(c, x);
    } else {
        stats_show(c, x, a->grouped, a->ascii);
    }
    insight_free(x);
}

static enum err_code run_stats(struct cli *c, struct err *e)
{
    struct stats_args a;
    struct contexts_list l = {0};
    enum err_code rc = fill(c, &a, e);

    if (rc != E_OK) {
        return rc;
    }
    struct list_query q = {.since_ms = a.query.since_ms, .steps = true, .facts = true};
    rc = read_jobs(c, &q, false, &l, e);
    if (rc != E_OK) {
        return rc;
    }
    a.query.bucket_ms =
        insight_bucket(a.query.since_ms, a.query.until_ms, c->json ? JSON_BUCKETS : stats_room(c));
    print(c, &a, &l);
    for (size_t i = 0; i < l.parts_len; i++) {
        warn(c, &a.query, &l, &l.parts[i]);
    }
    rc = read_jobs_end(c, &l, e);
    contexts_list_clear(&l);
    return rc;
}

const struct cli_command cmd_stats = {
    .name = "stats",
    .args = "",
    .summary = "Count how jobs end, how long they take, and why they fail",
    .about =
        "Counts the jobs requested in a time: how they end, how long they take (from start to end) "
        "and wait\n"
        "in Batch (until it starts them), which steps take how long, when jobs complete and fail,\n"
        "and why. Failures of one cause are one line: ids, numbers, times and paths in their\n"
        "messages do not count. Durations are percentiles by the nearest rank; what is not known\n"
        "is left out, and that is said. Batch knows a job for about a week after its end. All "
        "times are UTC.\n"
        "Costs are estimates by the prices of [cost] in config.ini (Fargate in us-east-1).\n"
        "With --csv a group that a spreadsheet would take for a formula (=1+1) begins with '.\n"
        "With --json: one document, seconds as numbers, null for what is not known.\n"
        "\n"
        "--all-contexts counts the jobs of all contexts; one that cannot be read is reported on\n"
        "stderr and, with --json, in \"contexts\", and the exit status is that of the first "
        "failure.",
    .example = "mvpdash stats --since 30d --by user",
    .options = options,
    .max_args = 0,
    .run = run_stats,
};
