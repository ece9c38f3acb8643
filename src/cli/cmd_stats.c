/* `mvpdash stats`: figures over many jobs. */
#include <string.h>

#include "core/clock.h"
#include "core/text.h"
#include "jobs/insight.h"
#include "ops/list.h"
#include "src/cli/cli_priv.h"
#include "src/cli/commands.h"
#include "src/cli/stats_show.h"

enum { SINCE_MS = 7 * 24 * 3600 * 1000, JSON_BUCKETS = 200 };

static const struct cli_option options[] = {
    CLI_VALUE("since", "TIME", "requested since: 30m, 24h, 30d or an ISO 8601 time (7d)"),
    CLI_VALUE("until", "TIME", "requested before: 24h (ago), or an ISO 8601 time; else until now"),
    CLI_VALUE("by", "day|user|product|priority|step", "groups too"),
    CLI_FLAG("csv", "the groups as CSV, a line each"),
    CLI_FLAG("ascii", "plots without characters outside ASCII"),
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
        return err_set(e, E_USAGE, "stats: --csv and --json cannot go together");
    }
    if (by != NULL) {
        a->query.by = insight_by_parse(by);
    }
    if (a->query.by == INSIGHT_BY_COUNT) {
        return err_set(e, E_INVALID,
                       "--by: \"%.*s\" is no group; expected day, user, product, priority or step",
                       text_cut(by, 40), by);
    }
    if (since != NULL && cli_since("since", since, now, &a->query.since_ms, e) != E_OK) {
        return e->code;
    }
    if (until != NULL && cli_since("until", until, now, &a->query.until_ms, e) != E_OK) {
        return e->code;
    }
    if (a->query.since_ms >= a->query.until_ms) {
        return err_set(e, E_INVALID, "--since: the time is not before %s",
                       until == NULL ? "now" : "that of --until");
    }
    return E_OK;
}

static void on_read(void *arg, size_t n)
{
    struct cli *c = arg;

    if (c->err_tty && n >= 2000) {
        cli_progress(c, "%zu jobs read", n);
    }
}

static struct insight *count(const struct insight_query *q, const struct list_result *r)
{
    struct insight_run *run = insight_begin(q);

    for (size_t i = 0; i < r->len; i++) {
        insight_add(run, r->rows[i].job, r->rows[i].batch, &r->rows[i].state);
    }
    return insight_end(run);
}

/* The jobs that were read, by what must be said of them. */
struct told {
    size_t counted, unknown; /* in the window; those of them whose state is the record's */
    size_t later;            /* their time is still to come: their clock is ahead of this one */
};

static struct told look(const struct insight_query *q, const struct list_result *r)
{
    struct told t = {0};

    for (size_t i = 0; i < r->len; i++) {
        int64_t at = job_time(r->rows[i].job, &r->rows[i].state, NULL);
        bool in = at >= q->since_ms && at < q->until_ms;
        t.counted += in;
        t.unknown += in && r->rows[i].unknown;
        t.later += at >= q->now_ms;
    }
    return t;
}

/* Says what could not be counted. */
static void warn(struct cli *c, const struct insight_query *q, const struct list_result *r)
{
    struct told t = look(q, r);

    if (t.unknown > 0) {
        cli_warn(
            c,
            "the state of %zu of %zu jobs is as the records tell it, and waiting times and exit "
            "codes are missing, Batch could not be asked for all: %s",
            t.unknown, t.counted, r->batch_err.msg);
    } else if (r->batch_err.code != E_OK) {
        cli_warn(c,
                 "waiting times and exit codes are missing, Batch could not be asked for all: %s",
                 r->batch_err.msg);
    }
    if (r->join_err.code != E_OK) {
        cli_warn(c, "jobs without a record may be missing: %s", r->join_err.msg);
    }
    if (r->untimed > 0) {
        cli_warn(c, "not counted: %zu job%s, nothing tells the time", r->untimed,
                 r->untimed == 1 ? "" : "s");
    }
    if (t.later > 0 && !args_has(&c->args, "until")) {
        cli_warn(c,
                 "not counted: %zu job%s requested later than this machine's clock tells; --until "
                 "with a later time counts them too",
                 t.later, t.later == 1 ? "" : "s");
    }
}

static enum err_code run_stats(struct cli *c, struct err *e)
{
    struct stats_args a;
    struct list_result r = {0};
    enum err_code rc = fill(c, &a, e);

    if (rc != E_OK) {
        return rc;
    }
    if (cli_ops(c, e) == NULL) {
        return e->code;
    }
    struct list_query q = {
        .since_ms = a.query.since_ms, .steps = true, .facts = true, .progress = on_read, .arg = c};
    rc = ops_list(c->ops, &q, &r, e);
    cli_progress_end(c);
    if (rc != E_OK) {
        return rc;
    }
    a.query.bucket_ms =
        insight_bucket(a.query.since_ms, a.query.until_ms, c->json ? JSON_BUCKETS : stats_room(c));
    struct insight *x = count(&a.query, &r);
    if (c->json) {
        cli_json(c, insight_json(x));
    } else if (a.csv) {
        stats_csv(c, x);
    } else {
        stats_show(c, x, a.grouped, a.ascii);
    }
    warn(c, &a.query, &r);
    insight_free(x);
    list_result_clear(&r);
    return E_OK;
}

const struct cli_command cmd_stats = {
    .name = "stats",
    .args = "",
    .summary = "Count how jobs end, how long they take, and why they fail",
    .about =
        "Counts the jobs of a time: how they end, how long they take (from start to end) and wait\n"
        "in Batch (until it starts them), which steps take how long, when jobs complete and fail,\n"
        "and why. Failures of one cause are one line: ids, numbers, times and paths in their\n"
        "messages do not count. Durations are percentiles by the nearest rank; what is not known\n"
        "is left out and said. Batch tells of a job for a week after its end. All times are UTC.\n"
        "Costs are estimates by the prices of [cost] in config.ini (Fargate in us-east-1).\n"
        "With --csv a group that a spreadsheet would take for a formula (=1+1) begins with '.\n"
        "With --json: one document, seconds as numbers, null for what is not known.",
    .example = "mvpdash stats --since 30d --by user",
    .options = options,
    .max_args = 0,
    .run = run_stats,
};
