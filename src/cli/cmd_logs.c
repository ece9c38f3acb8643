/* `mvpdash logs`: a job's log, the rule's event log, or a stream by name. */
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/json.h"
#include "core/secret.h"
#include "core/text.h"
#include "ops/logs.h"
#include "src/cli/cli_priv.h"
#include "src/cli/commands.h"
#include "src/cli/log_lines.h"
#include "src/cli/logs_grep.h"

/* Looks come in quick succession while lines arrive, and slow down when none do. */
enum { SOON_MS = 500, LATE_MS = 5000, LAST_LOOKS = 3 };

static const struct cli_option options[] = {
    CLI_FLAG("follow",
             "follow until the job has ended; with --rule or --stream, until interrupted"),
    CLI_VALUE("grep", "PATTERN",
              "print the lines of many jobs' logs that hold this text; case matters"),
    CLI_FLAG("filter", "--grep's PATTERN is a filter pattern of CloudWatch Logs"),
    CLI_VALUE("status", "STATUS", "--grep: only in the logs of jobs in this state, as in list"),
    CLI_VALUE("user", "USER", "--grep: only in the logs of this user's jobs"),
    CLI_VALUE("limit", "N", "--grep: at most N lines (1000); 0: all"),
    CLI_VALUE("max-time", "TIME", "--grep: stop searching after this time (5m)"),
    CLI_FLAG("all-contexts", "--grep: in the logs of all contexts of config.ini"),
    CLI_FLAG("rule", "print the event log of the rule, not a job's; the last hour without --since"),
    CLI_FLAG("stream", "print the stream STREAM of the log group GROUP, of any job or none"),
    CLI_VALUE("since", "TIME",
              "only lines since: 30m, 2h, 7d or an ISO 8601 time (with --grep 24h)"),
    CLI_VALUE("attempt", "N", "print the log of an earlier attempt (1 is the first)"),
    CLI_VALUE("child", "N", "print the log of a child of a Batch array job (0 is the first)"),
    CLI_FLAG("timestamps", "put the time (UTC) before each line"),
    CLI_END,
};

static void print_json_line(struct cli *c, const struct log_entry *x)
{
    char at[TIME_ISO_SIZE];
    cJSON *doc = json_new_object();

    json_set_str(doc, "at", time_iso(x->at_ms, at));
    char *text = secret_masked(x->text);
    json_set_str(doc, "text", text);
    free(text);
    cli_json(c, doc);
}

static void print_line(struct cli *c, const struct log_entry *x)
{
    if (args_has(&c->args, "timestamps")) {
        char at[TIME_ISO_SIZE];
        (void)fprintf(c->out, "%s ", time_iso(x->at_ms, at));
    }
    log_line_print(c, x->text);
}

static bool print_page(struct cli *c, const struct log_page *p)
{
    for (size_t i = 0; i < p->len; i++) {
        if (c->json) {
            print_json_line(c, &p->items[i]);
        } else {
            print_line(c, &p->items[i]);
        }
    }
    return cli_flush(c);
}

struct reading {
    struct cli *c;
    const char *job_id;
    struct log_cursor cursor;
    int64_t since_ms;
    int attempt;
    int child;      /* the index in an array job; -1: the job itself */
    char note[200]; /* the note that was said last, so that it is said once */
    size_t lines;
};

static void say_note(struct reading *r, const char *note)
{
    if (note[0] != '\0' && strcmp(note, r->note) != 0) {
        cli_note(r->c, "mvpdash: %s", note);
        (void)snprintf(r->note, sizeof r->note, "%s", note);
    }
}

/* Reads everything that is there now. `*go_on` becomes false when nobody reads any more. */
static enum err_code read_all(struct reading *r, bool *go_on, bool *got, struct err *e)
{
    *got = false;
    for (;;) {
        struct log_page page = {0};
        enum err_code rc = ops_log_read(r->c->ops, &r->cursor, &page, e);
        if (rc != E_OK) {
            return rc;
        }
        *got = *got || page.len > 0;
        r->lines += page.len;
        *go_on = print_page(r->c, &page);
        bool end = page.at_end;
        /* Without --follow, a Batch that did not answer is an error: unknown() says it. */
        if (r->lines == 0 && (r->cursor.unasked.code == E_OK || args_has(&r->c->args, "follow"))) {
            say_note(r, page.note);
        }
        log_page_clear(&page);
        if (end || !*go_on) {
            return E_OK;
        }
    }
}

static enum err_code open_log(const struct reading *r, struct log_cursor *at, struct err *e)
{
    if (r->child >= 0) {
        return ops_log_open_child(r->c->ops, r->job_id, r->child, r->attempt, r->since_ms, at, e);
    }
    return ops_log_open(r->c->ops, r->job_id, r->attempt, r->since_ms, at, e);
}

/* Looks again for the stream, and whether the job has ended meanwhile, without losing the place. */
static enum err_code look_again(struct reading *r, struct err *e)
{
    struct log_cursor now;
    enum err_code rc = open_log(r, &now, e);

    if (rc != E_OK) {
        return rc;
    }
    if (strcmp(now.stream, r->cursor.stream) != 0 || strcmp(now.group, r->cursor.group) != 0) {
        if (r->cursor.stream[0] != '\0') {
            cli_note(r->c, "mvpdash: attempt %d begins", now.attempts);
        }
        r->cursor = now;
    }
    r->cursor.final = now.final;
    return E_OK;
}

static enum err_code follow(struct reading *r, struct err *e)
{
    int pause = SOON_MS;
    int last_looks = 0;
    bool lost = false;
    bool go_on = true;

    for (;;) {
        bool got = false;
        enum err_code rc = look_again(r, e);
        if (rc == E_OK) {
            rc = read_all(r, &go_on, &got, e);
        }
        if (rc != E_OK && !err_means(rc, ERR_PASSES)) {
            return rc;
        }
        if (rc != E_OK && !lost) {
            cli_note(r->c, "mvpdash: warning: %s; mvpdash tries again", e->msg);
        }
        lost = rc != E_OK;
        if (!go_on) {
            return E_OK;
        }
        /* The last lines of a job arrive a little after its end. */
        last_looks = rc == E_OK && r->cursor.final && !got ? last_looks + 1 : 0;
        if (last_looks >= LAST_LOOKS) {
            return E_OK;
        }
        pause = got || r->cursor.final ? SOON_MS : pause + pause / 2;
        pause = pause < LATE_MS ? pause : LATE_MS;
        if (!ops_sleep(r->c->ops, pause)) {
            return err_set(e, E_CANCELLED, "stopped following the log");
        }
    }
}

/* ---- the rule's event log ---- */

static enum err_code read_rule(struct cli *c, struct rule_log_cursor *at, bool *go_on, bool *got,
                               struct err *e)
{
    struct log_page page = {.at_end = false};
    *got = false;

    while (*go_on && !page.at_end) {
        enum err_code rc = ops_rule_log_read(c->ops, at, &page, e);
        if (rc != E_OK) {
            return rc;
        }
        if (page.note[0] != '\0') {
            (void)err_set(e, E_NOT_FOUND, "%s", page.note);
            log_page_clear(&page);
            return err_hint_set(e, "%s", rule_log_remedy);
        }
        *got = *got || page.len > 0;
        *go_on = print_page(c, &page);
        bool end = page.at_end;
        log_page_clear(&page);
        page.at_end = end;
    }
    return E_OK;
}

static enum err_code follow_rule(struct cli *c, struct rule_log_cursor *at, struct err *e)
{
    int pause = SOON_MS;
    bool lost = false;
    bool go_on = true;

    for (;;) {
        bool got = false;
        enum err_code rc = read_rule(c, at, &go_on, &got, e);
        if (!args_has(&c->args, "follow") || (rc != E_OK && !err_means(rc, ERR_PASSES))) {
            return rc;
        }
        if (rc != E_OK && !lost) {
            cli_note(c, "mvpdash: warning: %s; mvpdash tries again", e->msg);
        }
        lost = rc != E_OK;
        if (!go_on) {
            return E_OK;
        }
        pause = got ? SOON_MS : pause + pause / 2;
        pause = pause < LATE_MS ? pause : LATE_MS;
        if (!ops_sleep(c->ops, pause)) {
            return err_set(e, E_CANCELLED, "stopped following the log");
        }
    }
}

static enum err_code run_rule(struct cli *c, int64_t since_ms, struct err *e)
{
    struct rule_log_cursor at;

    rule_log_cursor_init(&at, since_ms);
    enum err_code rc = follow_rule(c, &at, e);
    rule_log_cursor_clear(&at);
    return rc;
}

/* ---- a stream by name ---- */

static enum err_code run_stream(struct cli *c, int64_t since_ms, struct err *e)
{
    struct reading r = {.c = c, .since_ms = since_ms};
    bool follows = args_has(&c->args, "follow");
    int pause = SOON_MS;
    bool lost = false;
    bool go_on = true;
    enum err_code rc = ops_log_stream(c->args.words[0], c->args.words[1], since_ms, &r.cursor, e);

    if (rc != E_OK) {
        return rc;
    }
    for (;;) {
        bool got = false;
        rc = read_all(&r, &go_on, &got, e);
        if (!follows || !go_on || (rc != E_OK && !err_means(rc, ERR_PASSES) && rc != E_NOT_FOUND)) {
            return rc;
        }
        if (rc != E_OK && !lost) { /* a stream begins with its first line */
            cli_note(c, "mvpdash: warning: %s; mvpdash tries again", e->msg);
        }
        lost = rc != E_OK;
        pause = got ? SOON_MS : pause + pause / 2;
        pause = pause < LATE_MS ? pause : LATE_MS;
        if (!ops_sleep(c->ops, pause)) {
            return err_set(e, E_CANCELLED, "stopped following the log");
        }
    }
}

static enum err_code check_stream(struct cli *c, struct err *e)
{
    if (args_has(&c->args, "rule") || args_has(&c->args, "attempt") ||
        args_has(&c->args, "child")) {
        return err_set(e, E_USAGE,
                       "logs: --stream cannot be given with --rule, --attempt or --child");
    }
    if (c->args.words_len != 2) {
        (void)err_set(e, E_USAGE, "logs: --stream needs two names, GROUP and STREAM");
        return err_hint_set(e, "mvpdash logs --stream /aws/batch/job NAME/default/ID");
    }
    return E_OK;
}

static enum err_code check_words(struct cli *c, struct err *e)
{
    bool rule = args_has(&c->args, "rule");

    if (args_has(&c->args, "grep")) {
        return logs_grep_check(c, e);
    }
    if (logs_grep_only(c, e) != E_OK) {
        return e->code;
    }
    if (args_has(&c->args, "stream")) {
        return check_stream(c, e);
    }
    if (c->args.words_len > 1) {
        return err_set(e, E_USAGE, "logs: unexpected argument \"%s\": give one job id, or --stream",
                       c->args.words[1]);
    }
    if (rule && c->args.words_len > 0) {
        return err_set(e, E_USAGE, "logs: give either a job id or --rule");
    }
    if (rule && (args_has(&c->args, "attempt") || args_has(&c->args, "child"))) {
        return err_set(
            e, E_USAGE,
            "logs: --attempt and --child need a job id; they cannot be given with --rule");
    }
    if (!rule && c->args.words_len == 0) {
        (void)err_set(e, E_USAGE, "logs: JOB_ID is missing");
        return err_hint_set(e, "see `mvpdash logs --help`");
    }
    return E_OK;
}

/* Fails when nothing was printed because Batch did not say where the log is: that is not an empty
 * log. */
static enum err_code unknown(const struct reading *r, struct err *e)
{
    if (r->lines > 0 || r->cursor.stream[0] != '\0' || r->cursor.unasked.code == E_OK) {
        return E_OK;
    }
    *e = r->cursor.unasked;
    return err_wrap(e, "Batch could not be asked where the log of %.*s is",
                    text_cut(r->job_id, 100), r->job_id);
}

static enum err_code run_logs(struct cli *c, struct err *e)
{
    struct reading r = {.c = c, .since_ms = TIME_NONE};
    const char *since = args_get(&c->args, "since");
    const char *attempt = args_get(&c->args, "attempt");
    const char *child = args_get(&c->args, "child");
    int64_t n = 0;
    bool go_on = true;
    bool got = false;

    if (check_words(c, e) != E_OK) {
        return e->code;
    }
    if (args_has(&c->args, "grep")) {
        return run_logs_grep(c, e);
    }
    if (since != NULL && cli_since("since", since, clock_wall_ms(NULL), &r.since_ms, e) != E_OK) {
        return e->code;
    }
    if (attempt != NULL && cli_number("attempt", attempt, 1, 100, &n, e) != E_OK) {
        return e->code;
    }
    r.attempt = (int)n;
    r.child = -1;
    if (child != NULL) {
        if (cli_number("child", child, 0, 9999, &n, e) != E_OK) {
            return e->code;
        }
        r.child = (int)n;
    }
    if (cli_ops(c, e) == NULL) {
        return e->code;
    }
    if (args_has(&c->args, "rule")) {
        return run_rule(c, r.since_ms, e);
    }
    if (args_has(&c->args, "stream")) {
        return run_stream(c, r.since_ms, e);
    }
    r.job_id = c->args.words[0];
    /* Looking for the log is one operation, also when it takes two looks. */
    int64_t begun = ops_begin(c->ops);
    enum err_code rc = open_log(&r, &r.cursor, e);
    bool there = rc == E_OK && r.cursor.stream[0] != '\0';
    if (there || args_has(&c->args, "follow")) {
        ops_end(begun);
    }
    if (rc == E_OK) {
        rc = args_has(&c->args, "follow") ? follow(&r, e) : read_all(&r, &go_on, &got, e);
    }
    if (rc == E_OK && !args_has(&c->args, "follow")) {
        rc = unknown(&r, e);
    }
    ops_end(begun);
    return rc;
}

const struct cli_command cmd_logs = {
    .name = "logs",
    .args = "JOB_ID|--grep PATTERN|--rule|--stream GROUP STREAM",
    .summary = "Print the log of a job, the rule or any stream; search in many",
    .about =
        "Finds the log group and stream by the job's id, or its Batch job's; --stream reads any\n"
        "other. On a terminal colours are shown, of progress lines that overwrite themselves the\n"
        "last state, and other control characters as marks; into a pipe the bytes go as they are.\n"
        "With --json: one {\"at\",\"text\"} a line.\n"
        "\n"
        "--grep searches in all streams of the log group (BATCH_LOG_GROUP), or with --status and\n"
        "--user in the logs of these jobs, whatever group they are in. PATTERN is found as it\n"
        "stands; upper and lower case matter. Each line comes with its job and time, oldest\n"
        "first; \"job unknown (STREAM)\" where Batch no longer knows the job. What the search\n"
        "did not read (--limit, --max-time, Ctrl-C, a lost network, jobs that Batch has\n"
        "forgotten) is said on stderr. With --all-contexts each line begins with its context, and\n"
        "a context that cannot be searched leaves the others. With --json: one {\"context\",\n"
        "\"jobId\",\"batchJobId\",\"child\",\"attempt\",\"at\",\"text\",\"group\",\"stream\"} a "
        "line.",
    .example = "mvpdash logs job_1734567890123_abc123def --follow\n"
               "mvpdash logs --grep 'out of memory' --since 7d --status failed",
    .options = options,
    .max_args = 2,
    .run = run_logs,
};
