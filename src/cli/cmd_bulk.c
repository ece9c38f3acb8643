/* `mvpdash batch`: deploys from a file. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/faults.h"
#include "core/json.h"
#include "core/secret.h"
#include "core/text.h"
#include "ops/bulk.h"
#include "src/cli/cli_priv.h"
#include "src/cli/commands.h"

static const struct cli_option options[] = {
    CLI_FLAG("dry-run", "check every line, send nothing"),
    CLI_FLAG("resume", "send only what no earlier run sent, on the same job ids"),
    CLI_FLAG("again", "send all lines as new jobs, whatever earlier runs sent"),
    CLI_FLAG("yes", "--action batch without FILE: send the five samples without asking"),
    CLI_END,
};

struct bulk_command {
    struct cli *c;
    const struct deploy_file *file;
    enum bulk_mode mode;
    bool asked; /* the person knows what earlier runs sent */
};

static cJSON *line_json(const struct deploy_file_error *x)
{
    cJSON *doc = json_new_object();

    json_set_int(doc, "line", (int64_t)x->line);
    json_set_str(doc, "field", x->field[0] == '\0' ? NULL : x->field);
    json_set_str(doc, "message", x->err.msg);
    return doc;
}

/* Prints everything that is wrong on stderr; the caller's error says it in one sentence. */
static void tell_errors(struct cli *c, const struct deploy_file *f, const struct err *e)
{
    if (c->json) {
        cJSON *doc = json_new_object();
        cJSON *lines = json_new_array();
        for (size_t i = 0; i < f->errors_len; i++) {
            json_push(lines, line_json(&f->errors[i]));
        }
        json_set(doc, "error", cli_error_json(e));
        json_set(doc, "lines", lines);
        char *text = json_safe(doc);
        (void)fprintf(c->err, "%s\n", text);
        free(text);
        cJSON_Delete(doc);
        c->told = true;
        return;
    }
    for (size_t i = 0; i < f->errors_len; i++) {
        const struct deploy_file_error *x = &f->errors[i];
        bool named = x->field[0] == '\0' || strncmp(x->err.msg, x->field, strlen(x->field)) == 0;
        cli_note(c, "line %zu: %s%s%s", x->line, named ? "" : x->field,
                 named ? "" : fault_joint(x->err.msg), x->err.msg);
    }
}

static enum err_code refuse(struct cli *c, const char *name, const struct deploy_file *f,
                            struct err *e)
{
    if (f->errors_len == 0) {
        return err_wrap(e, "%.*s", text_cut(name, 200), name);
    }
    (void)err_set(e, E_INVALID, "%.*s: %s%zu mistake%s: nothing was sent", text_cut(name, 200),
                  name, f->more_errors ? "at least " : "", f->errors_len,
                  f->errors_len == 1 ? "" : "s");
    (void)err_hint_set(e, "correct these lines, then run the command again");
    tell_errors(c, f, e);
    return E_INVALID;
}

static void print_line(struct cli *c, size_t line, const char *job_id, const char *status,
                       const char *reason)
{
    (void)fprintf(c->out, "line %zu  ", line);
    cli_print(c, job_id);
    (void)fprintf(c->out, "  %s%s", status, reason[0] == '\0' ? "" : "  ");
    cli_print(c, reason);
    (void)fputc('\n', c->out);
}

static enum err_code dry_run(struct cli *c, const struct deploy_file *f)
{
    for (size_t i = 0; i < f->len; i++) {
        const struct deploy_request *r = &f->requests[i];
        if (!c->json) {
            print_line(c, f->lines[i], r->job_id[0] == '\0' ? "(new job id)" : r->job_id, "VALID",
                       "");
            continue;
        }
        cJSON *doc = json_new_object();
        cJSON *detail = deploy_detail_json(r, true);
        secret_mask_json(detail);
        cJSON_DeleteItemFromObjectCaseSensitive(detail, "timestamp");
        cJSON_DeleteItemFromObjectCaseSensitive(detail, "jobId");
        json_set_int(doc, "line", (int64_t)f->lines[i]);
        json_set_str(doc, "jobId", r->job_id[0] == '\0' ? NULL : r->job_id);
        json_set_str(doc, "status", "VALID");
        json_set(doc, "detail", detail);
        cli_json(c, doc);
    }
    cli_note(c, "mvpdash: %zu deploy%s in order; nothing was sent", f->len,
             f->len == 1 ? " is" : "s are");
    return E_OK;
}

/* Shows the progress only where a line can be drawn over: elsewhere the results are enough. */
static void on_progress(void *arg, size_t ended, size_t failed)
{
    enum { WIDTH = 24 };
    const struct bulk_command *b = arg;
    char bar[WIDTH + 1];
    size_t full = ended * WIDTH / b->file->len;

    if (!b->c->err_tty) {
        return;
    }
    memset(bar, '.', WIDTH);
    memset(bar, '#', full);
    bar[WIDTH] = '\0';
    cli_progress(b->c, "[%s] %zu of %zu, %zu failed%s", bar, ended, b->file->len, failed,
                 cli_interrupted() ? "; stopping (Ctrl-C again stops at once)" : "");
}

/* After Ctrl-C: the deploys under way are ended and told, and no further one is begun. */
static bool on_stop(void *arg)
{
    (void)arg;
    return cli_interrupted();
}

static void on_result(void *arg, size_t index, const struct bulk_line *line)
{
    const struct bulk_command *b = arg;
    struct cli *c = b->c;
    const char *job_id = b->file->requests[index].job_id;
    size_t number = b->file->lines[index];
    const char *status = line->end == BULK_FAILED    ? "FAILED"
                         : line->end == BULK_UNKNOWN ? "UNKNOWN"
                                                     : "PENDING";

    cli_progress_end(c);
    if (!c->json) {
        print_line(c, number, job_id, status,
                   line->end != BULK_SENT ? line->err.msg
                   : line->earlier        ? "(sent by an earlier run)"
                                          : "");
        (void)fflush(c->out); /* a kill must not take away what was told */
        return;
    }
    cJSON *doc = json_new_object();
    json_set_int(doc, "line", (int64_t)number);
    json_set_str(doc, "jobId", job_id);
    json_set_str(doc, "eventId", line->event_id[0] == '\0' ? NULL : line->event_id);
    json_set_str(doc, "status", status);
    json_set_bool(doc, "earlier", line->earlier);
    json_set_bool(doc, "kept", line->end == BULK_KEPT);
    json_set(doc, "error", line->end == BULK_SENT ? NULL : cli_error_json(&line->err));
    cli_json(c, doc);
    (void)fflush(c->out);
}

/* A text such as ", 2026-11-29 10:00:00 UTC from deploys.csv"; "" when neither time nor file is
 * known. */
static const char *when(const struct bulk_earlier *past, char *buf, size_t size)
{
    char at[CLI_TIME_SIZE];
    bool timed = past->at_ms != TIME_NONE;

    (void)snprintf(buf, size, "%s%s%s%s%.*s", timed ? ", " : "",
                   timed ? cli_time(past->at_ms, at) : "", timed ? " UTC" : "",
                   past->file[0] == '\0' ? "" : " from ", text_cut(past->file, 120), past->file);
    return buf;
}

static void say_earlier(struct cli *c, const struct bulk_earlier *past, size_t len)
{
    char last[200];

    cli_note(c, "mvpdash: earlier runs sent %zu of these %zu deploy%s%s (the last of them%s)",
             past->sent, len, text_plural(len), past->begun == 0 ? "" : " and began others",
             when(past, last, sizeof last));
}

static void on_begun(void *arg, const struct bulk_earlier *past)
{
    const struct bulk_command *b = arg;
    struct cli *c = b->c;

    if (past->damaged > 0) {
        cli_warn(c, "%zu journal%s of earlier runs %s damaged: %s", past->damaged,
                 text_plural(past->damaged), past->damaged == 1 ? "is" : "are",
                 b->mode == BULK_ANEW ? "so what they sent was not looked up"
                                      : "so the records were read instead");
    }
    if (b->mode == BULK_RESUME && past->sent + past->begun == 0) {
        cli_note(c, "mvpdash: no earlier run sent any of these deploys: all are sent now");
    } else if (b->mode == BULK_RESUME && !b->asked) {
        say_earlier(c, past, b->file->len);
    }
}

static void on_resume(void *arg)
{
    const struct bulk_command *b = arg;

    cli_resume_outbox(b->c);
}

/* The FILE that was given; NULL: there is none, so the samples are sent (only with --action
 * batch). */
static const char *file_of(const struct cli *c)
{
    return c->args.words_len == 0 ? NULL : c->args.words[0];
}

static bool from_stdin(const struct cli *c)
{
    return file_of(c) != NULL && strcmp(file_of(c), "-") == 0;
}

/* How messages call the file. */
static const char *name_of(const struct cli *c)
{
    return from_stdin(c) ? "stdin" : file_of(c) == NULL ? "the five samples" : file_of(c);
}

static bool can_ask(const struct cli *c)
{
    return !c->json && !from_stdin(c) && c->err_tty && isatty(STDIN_FILENO) == 1;
}

/* Asks before the old tool's five samples, which start five real jobs: only a person's yes counts,
 * or --yes. */
static enum err_code ask_samples(struct cli *c, struct err *e)
{
    if (args_has(&c->args, "yes")) {
        return E_OK;
    }
    if (!can_ask(c)) {
        (void)err_set(e, E_USAGE,
                      "--action batch without a file sends five sample deploys; stdin is not a "
                      "terminal to confirm it, so nothing was sent");
        return err_hint_set(e, "give --yes, or a file: `mvpdash batch FILE`");
    }
    if (cli_ops(c, e) == NULL) {
        return e->code;
    }
    char *bus = text_cleaned(c->ops->bus, cli_text_flags(c));
    char *table = text_cleaned(c->ops->table, cli_text_flags(c));
    (void)fprintf(c->err,
                  "Send five sample deploys, which start five jobs, to bus %s and table %s in %s? "
                  "[y/N] ",
                  bus, table, aws_client_region(c->ops->aws));
    free(bus);
    free(table);
    if (cli_answer(c, "y") == '\0') {
        return err_set(e, E_CANCELLED, "nothing was sent");
    }
    return E_OK;
}

/* Does the error only say that the records could not be asked, for a reason that does not keep
 * deploys from being sent? */
static bool only_unasked(enum err_code rc)
{
    return rc == E_DENIED || rc == E_TOO_BIG || rc == E_THROTTLED || rc == E_SERVICE ||
           rc == E_PARSE;
}

/* Asks what to do when it is not known what earlier runs sent, as `e` says: a person may want all
 * lines sent all the same. */
static enum err_code ask_unknown(struct cli *c, size_t len, enum bulk_mode *mode, struct err *e)
{
    if (!can_ask(c) || !only_unasked(e->code)) {
        return e->code;
    }
    cli_warn(c, "%s", e->msg);
    (void)fprintf(c->err, "Send all %zu as new jobs (a), or nothing (N)? ", len);
    if (cli_answer(c, "a") == '\0') {
        return err_set(e, E_CANCELLED, "nothing was sent");
    }
    *mode = BULK_ANEW;
    return E_OK;
}

/* Asks a person what to do with lines that earlier runs sent: only a person's answer counts; a
 * script gives --resume or --again. */
static enum err_code ask(struct cli *c, const struct bulk_earlier *past, size_t len,
                         enum bulk_mode *mode, struct err *e)
{
    char last[200];
    size_t rest = len - past->sent;

    if (!can_ask(c)) {
        (void)err_set(e, E_USAGE,
                      "earlier runs sent %zu of these %zu deploy%s%s (the last of them%s): nothing "
                      "was sent now",
                      past->sent, len, text_plural(len),
                      past->begun == 0 ? "" : " and began others", when(past, last, sizeof last));
        return err_hint_set(
            e, "give --resume to send only the rest, or --again to make all of them new jobs");
    }
    say_earlier(c, past, len);
    if (rest > 0) {
        (void)fprintf(c->err,
                      "Send the other %zu (r), all %zu again as new jobs (a), or nothing (N)? ",
                      rest, len);
    } else {
        (void)fprintf(c->err, "Send all %zu again as new jobs (a), or nothing (N)? ", len);
    }
    char answer = cli_answer(c, rest > 0 ? "ra" : "a");
    if (answer == '\0') {
        return err_set(e, E_CANCELLED, "nothing was sent");
    }
    *mode = answer == 'r' ? BULK_RESUME : BULK_ANEW;
    return E_OK;
}

static void say_totals(struct cli *c, const struct bulk_totals *t, size_t len)
{
    char unknown[60] = "";

    if (t->unknown > 0) {
        (void)snprintf(unknown, sizeof unknown, ", %zu recorded earlier but perhaps not sent",
                       t->unknown);
    }
    (void)fflush(c->out);
    cli_note(c,
             "mvpdash: %zu of %zu sent by this run, %zu by earlier ones, %zu failed, %zu kept in "
             "the outbox%s, %zu not tried",
             t->sent, len, t->earlier, t->failed, t->kept, unknown, t->not_tried);
}

/* Sends the lines; a Ctrl-C ends the sending after the deploys that are under way, with the exit
 * status of an interrupted command. */
static enum err_code send_lines(struct cli *c, const struct bulk *b, struct bulk_totals *t,
                                struct err *e)
{
    cli_catch_interrupt(true);
    enum err_code rc = ops_bulk(c->ops, b, t, e);
    c->status = rc == E_CANCELLED && cli_interrupted() ? 128 + SIGINT : 0;
    cli_catch_interrupt(false);
    return rc;
}

static enum err_code send_all(struct cli *c, struct bulk_input *in, struct err *e)
{
    const struct deploy_file *f = &in->file;
    struct bulk_command run = {.c = c, .file = f};
    struct bulk_totals t;
    /* Each run sends new samples, as the old tool did. */
    bool again = args_has(&c->args, "again") || file_of(c) == NULL;
    struct bulk b = {.file = name_of(c),
                     .lines = f->lines,
                     .requests = f->requests,
                     .len = f->len,
                     .mode = args_has(&c->args, "resume") ? BULK_RESUME
                             : again                      ? BULK_ANEW
                                                          : BULK_FIRST,
                     .resume = on_resume,
                     .begun = on_begun,
                     .progress = on_progress,
                     .stop = on_stop,
                     .result = on_result,
                     .arg = &run};

    if (cli_ops(c, e) == NULL) {
        return e->code;
    }
    if (b.mode != BULK_RESUME) {
        cli_resume_outbox(c);
    }
    run.mode = b.mode;
    enum err_code rc = send_lines(c, &b, &t, e);
    bool known = rc == E_CONFLICT && t.past.live == 0 && t.past.sent + t.past.begun > 0;
    if (b.mode == BULK_FIRST && (known || t.past.unasked.code != E_OK)) {
        rc = known ? ask(c, &t.past, f->len, &b.mode, e) : ask_unknown(c, f->len, &b.mode, e);
        run.mode = b.mode;
        run.asked = true;
        rc = rc == E_OK ? send_lines(c, &b, &t, e) : rc;
    }
    cli_progress_end(c);
    bool began = t.not_tried < f->len;
    if (began) {
        say_totals(c, &t, f->len);
    }
    if (c->status != 0) {
        (void)err_set(e, E_CANCELLED, "stopped by Ctrl-C%s", began ? "" : ": nothing was sent");
        (void)err_hint_set(e, "continue: run the same command with --resume");
        cli_show_error(c, e);
        rc = E_OK;
    } else if (rc != E_OK && began) {
        (void)err_hint_set(e, "then continue: run the same command with --resume");
    } else if (rc == E_OK && t.kept + t.failed + t.unknown > 0) {
        cli_note(c, "  to send the rest, run the same command with --resume");
        c->status = 1;
    }
    return rc;
}

static enum err_code read_lines(struct cli *c, struct bulk_input *in, struct err *e)
{
    const char *file = file_of(c);

    if (file == NULL) {
        return bulk_samples(in, e);
    }
    enum err_code rc = bulk_read(from_stdin(c) ? "/dev/stdin" : file, in, e);
    return rc == E_OK || rc == E_INVALID
               ? rc
               : err_hint_set(e, "check the path and its permissions; - reads stdin");
}

static enum err_code run_bulk(struct cli *c, struct err *e)
{
    bool samples = file_of(c) == NULL;
    struct bulk_input in;

    if (args_has(&c->args, "again") && args_has(&c->args, "resume")) {
        return err_set(e, E_USAGE, "give only one of --again and --resume");
    }
    if (args_has(&c->args, "yes") && !samples) {
        return err_set(e, E_USAGE,
                       "--yes is for the five samples of `--action batch` without FILE");
    }
    enum err_code rc = read_lines(c, &in, e);
    if (rc == E_INVALID) {
        rc = refuse(c, name_of(c), &in.file, e);
    } else if (rc == E_OK && args_has(&c->args, "dry-run")) {
        rc = dry_run(c, &in.file);
    } else if (rc == E_OK) {
        rc = samples ? ask_samples(c, e) : E_OK;
        rc = rc == E_OK ? send_all(c, &in, e) : rc;
    }
    bulk_input_clear(&in);
    return rc;
}

const struct cli_command cmd_bulk = {
    .name = "batch",
    .args = "FILE",
    .summary = "Send the deploys of a file (- for stdin), any number",
    .about =
        "FILE is JSON Lines, one object a line with userId, productId, priority,\n"
        "founderdashDbUrl and metadata; or CSV with a header of the same names or of the options\n"
        "of send, where any other column goes into metadata, as Excel writes it: with commas,\n"
        "semicolons or tabs, \"sep=;\", UTF-8 or UTF-16. Every line is checked before\n"
        "anything is sent; mistakes are reported with line and field, exit 2.\n"
        "\n"
        "One result a line: line N, job id, PENDING or FAILED and why. Exit 0 when all were sent,\n"
        "1 when some were not. A line that an earlier run sent is not sent again by mistake, from\n"
        "whatever file, order or computer: mvpdash says what was sent and asks; where stdin is not "
        "a\n"
        "terminal it ends with exit 2: give --resume (only the rest) or --again (all of them, as\n"
        "new jobs). Where the records cannot be read, it sends nothing without --again. Ctrl-C\n"
        "stops it once the deploys under way have ended (again: at once), exit 130; --resume\n"
        "continues. With --json: JSON Lines of\n"
        "{\"line\",\"jobId\",\"eventId\",\"status\",\"earlier\",\"kept\",\"error\"}.\n"
        "\n"
        "The old test tool's `mvpdash --action batch` without FILE sends five samples, new jobs "
        "each\n"
        "time; it asks first; --yes answers where stdin is not a terminal.",
    .example = "mvpdash batch deploys.csv",
    .options = options,
    .min_args = 1,
    .max_args = 1,
    .flags = CLI_WRITES,
    .run = run_bulk,
};
