#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "ops/bulk.h"
#include "src/cli/cli_priv.h"
#include "src/cli/commands.h"

static const struct cli_option options[] = {
    CLI_FLAG("dry-run", "check every line, send nothing"),
    CLI_FLAG("resume", "go on with a run that was broken off, on the same job ids"),
    CLI_FLAG("new", "send all lines as new jobs, although an earlier run did not end"),
    CLI_END,
};

struct batch_run {
    struct cli *c;
    const struct deploy_file *file;
};

static cJSON *line_json(const struct deploy_file_error *x)
{
    cJSON *doc = json_new_object();

    json_set_int(doc, "line", (int64_t)x->line);
    json_set_str(doc, "field", x->field[0] == '\0' ? NULL : x->field);
    json_set_str(doc, "message", x->err.msg);
    return doc;
}

/* All that is wrong, on stderr; the caller's error says it in one sentence. */
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
        char *text = json_text(doc);
        (void)fprintf(c->err, "%s\n", text);
        free(text);
        cJSON_Delete(doc);
        c->told = true;
        return;
    }
    for (size_t i = 0; i < f->errors_len; i++) {
        const struct deploy_file_error *x = &f->errors[i];
        bool named = x->field[0] == '\0' || strncmp(x->err.msg, x->field, strlen(x->field)) == 0;
        cli_note(c, "line %zu: %s%s%s", x->line, named ? "" : x->field, named ? "" : ": ",
                 x->err.msg);
    }
}

static enum err_code refuse(struct cli *c, const char *name, const struct deploy_file *f,
                            struct err *e)
{
    if (f->errors_len == 0) {
        return err_wrap(e, "%.200s", name);
    }
    (void)err_set(e, E_INVALID, "%.200s: %s%zu mistake%s: nothing was sent", name,
                  f->more_errors ? "at least " : "", f->errors_len, f->errors_len == 1 ? "" : "s");
    (void)err_hint_set(e, "correct the lines named, and try again");
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

/* Only where it can be drawn over: elsewhere the results are enough. */
static void on_progress(void *arg, size_t ended, size_t failed)
{
    enum { WIDTH = 24 };
    const struct batch_run *b = arg;
    char bar[WIDTH + 1];
    size_t full = ended * WIDTH / b->file->len;

    if (!b->c->err_tty) {
        return;
    }
    memset(bar, '.', WIDTH);
    memset(bar, '#', full);
    bar[WIDTH] = '\0';
    cli_progress(b->c, "[%s] %zu of %zu, %zu failed", bar, ended, b->file->len, failed);
}

static void on_result(void *arg, size_t index, const struct bulk_line *line)
{
    const struct batch_run *b = arg;
    struct cli *c = b->c;
    const char *job_id = b->file->requests[index].job_id;
    size_t number = b->file->lines[index];
    const char *status = line->end == BULK_FAILED ? "FAILED" : "PENDING";

    cli_progress_end(c);
    if (!c->json) {
        print_line(c, number, job_id, status,
                   line->end != BULK_SENT ? line->err.msg
                   : line->earlier        ? "(sent by an earlier run)"
                                          : "");
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
}

static enum err_code send_all(struct cli *c, struct bulk_input *in, struct err *e)
{
    const struct deploy_file *f = &in->file;
    struct batch_run run = {.c = c, .file = f};
    struct bulk_totals t;
    struct bulk b = {.input = in->text,
                     .input_len = in->len,
                     .requests = f->requests,
                     .len = f->len,
                     .mode = args_has(&c->args, "new")      ? BULK_ANEW
                             : args_has(&c->args, "resume") ? BULK_RESUME
                                                            : BULK_FIRST,
                     .progress = on_progress,
                     .result = on_result,
                     .arg = &run};

    if (cli_ops(c, e) == NULL) {
        return e->code;
    }
    cli_resume_outbox(c);
    enum err_code rc = ops_bulk(c->ops, &b, &t, e);
    cli_progress_end(c);
    bool began = t.sent + t.kept + t.failed > 0;
    if (began) {
        (void)fflush(c->out);
        cli_note(c, "mvpdash: %zu of %zu sent, %zu failed, %zu kept in the outbox, %zu not tried",
                 t.sent, f->len, t.failed, t.kept, t.not_tried);
    }
    if (rc != E_OK && began) {
        (void)err_hint_set(e, "then go on: the same command with --resume");
    } else if (rc == E_OK && t.kept + t.failed > 0) {
        cli_note(c, "  the same command with --resume tries again what was not sent");
        c->status = 1;
    }
    return rc;
}

static enum err_code run_batch(struct cli *c, struct err *e)
{
    bool from_stdin = strcmp(c->args.words[0], "-") == 0;
    const char *name = from_stdin ? "stdin" : c->args.words[0];
    struct bulk_input in;

    if (args_has(&c->args, "new") && args_has(&c->args, "resume")) {
        return err_set(e, E_USAGE, "--new and --resume exclude each other");
    }
    enum err_code rc = bulk_read(from_stdin ? "/dev/stdin" : name, &in, e);
    if (rc == E_INVALID) {
        rc = refuse(c, name, &in.file, e);
    } else if (rc != E_OK) {
        rc = err_hint_set(e, "check the path and its permissions; - reads stdin");
    } else if (args_has(&c->args, "dry-run")) {
        rc = dry_run(c, &in.file);
    } else {
        rc = send_all(c, &in, e);
    }
    bulk_input_clear(&in);
    return rc;
}

const struct cli_command cmd_batch = {
    .name = "batch",
    .args = "FILE",
    .summary = "Send the deploys of a file (- for stdin), any number",
    .about =
        "FILE is JSON Lines, one object a line with userId, productId, priority,\n"
        "founderdashDbUrl and metadata; or CSV with a header of the same names or of the options\n"
        "of send, where any other column goes into metadata. Every line is checked before\n"
        "anything is sent; mistakes are told with line and field, exit 2.\n"
        "\n"
        "One result a line: line N, job id, PENDING or FAILED and why. Exit 0 when all were sent,\n"
        "1 when some were not. A run that was broken off goes on with --resume on the same job\n"
        "ids: what was sent is not sent again. With --json: JSON Lines of\n"
        "{\"line\",\"jobId\",\"eventId\",\"status\",\"earlier\",\"kept\",\"error\"}.",
    .example = "mvpdash batch deploys.csv",
    .options = options,
    .min_args = 1,
    .max_args = 1,
    .flags = CLI_WRITES,
    .run = run_batch,
};
