#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/json.h"
#include "core/secret.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "ops/logs.h"
#include "src/cli/cli_priv.h"
#include "src/cli/commands.h"

/* Looks come quickly while lines arrive and slow down when none do. */
enum { SOON_MS = 500, LATE_MS = 5000, LAST_LOOKS = 3 };

static const struct cli_option options[] = {
    CLI_FLAG("follow", "go on until the job has ended; with --rule, until interrupted"),
    CLI_FLAG("rule", "the event log of the rule, not a job's; the last hour without --since"),
    CLI_VALUE("since", "TIME", "lines since: 30m, 2h, 7d or an ISO 8601 time"),
    CLI_VALUE("attempt", "N", "of an earlier attempt (1 is the first)"),
    CLI_FLAG("timestamps", "put the time (UTC) before each line"),
    CLI_END,
};

static void print_json_line(struct cli *c, const struct log_entry *x)
{
    char at[TIME_ISO_SIZE];
    cJSON *doc = json_new_object();

    json_set_str(doc, "at", time_iso(x->at_ms, at));
    json_set_str(doc, "text", x->text);
    cli_json(c, doc);
}

/* On a terminal nothing in a log may drive it; into a pipe the bytes go as the container wrote
 * them. */
static void print_line(struct cli *c, const struct log_entry *x)
{
    if (args_has(&c->args, "timestamps")) {
        char at[TIME_ISO_SIZE];
        (void)fprintf(c->out, "%s ", time_iso(x->at_ms, at));
    }
    if (c->out_tty) {
        struct strbuf b = STRBUF_INIT;
        struct strbuf masked = STRBUF_INIT;
        secret_mask_text(&masked, x->text);
        text_clean(&b, strbuf_str(&masked), masked.len, TEXT_KEEP_NEWLINE | cli_text_flags(c));
        (void)fputs(strbuf_str(&b), c->out);
        strbuf_clear(&masked);
        strbuf_clear(&b);
    } else {
        (void)fputs(x->text, c->out);
    }
    (void)fputc('\n', c->out);
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
    char note[200]; /* the one said last, so that it is said once */
    size_t lines;
};

static void say_note(struct reading *r, const char *note)
{
    if (note[0] != '\0' && strcmp(note, r->note) != 0) {
        cli_note(r->c, "mvpdash: %s", note);
        (void)snprintf(r->note, sizeof r->note, "%s", note);
    }
}

/* Everything there is right now. `*go_on` turns false when nobody reads any more. */
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
        if (r->lines == 0) {
            say_note(r, page.note);
        }
        log_page_clear(&page);
        if (end || !*go_on) {
            return E_OK;
        }
    }
}

/* Finds the stream, and whether the job has ended meanwhile, without losing the place. */
static enum err_code look_again(struct reading *r, struct err *e)
{
    struct log_cursor now;
    enum err_code rc = ops_log_open(r->c->ops, r->job_id, r->attempt, r->since_ms, &now, e);

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

static bool passing(enum err_code rc)
{
    return rc == E_NET || rc == E_TIMEOUT || rc == E_THROTTLED;
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
        if (rc != E_OK && !passing(rc)) {
            return rc;
        }
        if (rc != E_OK && !lost) {
            cli_note(r->c, "mvpdash: warning: %s; trying again", e->msg);
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
        if (!args_has(&c->args, "follow") || (rc != E_OK && !passing(rc))) {
            return rc;
        }
        if (rc != E_OK && !lost) {
            cli_note(c, "mvpdash: warning: %s; trying again", e->msg);
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

static enum err_code check_words(struct cli *c, struct err *e)
{
    bool rule = args_has(&c->args, "rule");

    if (rule && c->args.words_len > 0) {
        return err_set(e, E_USAGE, "logs: JOB_ID and --rule exclude each other");
    }
    if (rule && args_has(&c->args, "attempt")) {
        return err_set(e, E_USAGE, "logs: --attempt is of a job, not of the rule");
    }
    if (!rule && c->args.words_len == 0) {
        (void)err_set(e, E_USAGE, "logs: JOB_ID is missing");
        return err_hint_set(e, "see `mvpdash logs --help`");
    }
    return E_OK;
}

static enum err_code run_logs(struct cli *c, struct err *e)
{
    struct reading r = {.c = c, .since_ms = TIME_NONE};
    const char *since = args_get(&c->args, "since");
    const char *attempt = args_get(&c->args, "attempt");
    int64_t n = 0;
    bool go_on = true;
    bool got = false;

    if (check_words(c, e) != E_OK) {
        return e->code;
    }
    if (since != NULL && cli_since("since", since, clock_wall_ms(NULL), &r.since_ms, e) != E_OK) {
        return e->code;
    }
    if (attempt != NULL && cli_number("attempt", attempt, 1, 100, &n, e) != E_OK) {
        return e->code;
    }
    r.attempt = (int)n;
    if (cli_ops(c, e) == NULL) {
        return e->code;
    }
    if (args_has(&c->args, "rule")) {
        return run_rule(c, r.since_ms, e);
    }
    r.job_id = c->args.words[0];
    enum err_code rc = ops_log_open(c->ops, r.job_id, r.attempt, r.since_ms, &r.cursor, e);
    if (rc != E_OK) {
        return rc;
    }
    return args_has(&c->args, "follow") ? follow(&r, e) : read_all(&r, &go_on, &got, e);
}

const struct cli_command cmd_logs = {
    .name = "logs",
    .args = "JOB_ID|--rule",
    .summary = "Print a job's log, or the rule's event log",
    .about =
        "Finds the log group and stream by the job id alone. On a terminal control characters\n"
        "are shown as marks; into a pipe the bytes go as they are. With --json: one\n"
        "{\"at\",\"text\"} a line.",
    .example = "mvpdash logs job_1734567890123_abc123def --follow",
    .options = options,
    .max_args = 1,
    .run = run_logs,
};
