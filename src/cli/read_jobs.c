/* Reading the jobs of one context or of all, and telling what could not be read. */
#include "src/cli/read_jobs.h"

#include "core/text.h"
#include "ops/history.h"
#include "ops/log_stage.h"
#include "src/cli/context.h"
#include "src/cli/eta.h"

static void on_read(void *arg, size_t n)
{
    struct cli *c = arg;

    if (c->err_tty && n >= 2000) {
        cli_progress(c, "%zu jobs read", n);
    }
}

static enum err_code read_one(struct cli *c, struct list_query *q, bool logs,
                              struct contexts_list *out, struct err *e)
{
    struct list_result r = {0};
    struct err log_err = {0};

    if (cli_ops(c, e) == NULL) {
        return e->code;
    }
    q->history = cli_history(c);
    enum err_code rc = ops_list(c->ops, q, &r, e);
    cli_progress_end(c);
    if (rc != E_OK) {
        return rc;
    }
    history_learned(c->ops, c->history);
    if (logs && ops_list_logs(c->ops, &r, &log_err) == E_OK) {
        log_err = (struct err){0};
    }
    contexts_list_of(settings_context(c->settings), &r, &log_err, out);
    return E_OK;
}

/* Tells each failure, and returns the first. */
static enum err_code tell_failures(struct cli *c, const struct contexts_list *l, struct err *e)
{
    enum err_code rc = E_OK;

    for (size_t i = 0; i < l->parts_len; i++) {
        const struct err *why = &l->parts[i].err;
        if (why->code == E_OK) {
            continue;
        }
        cli_show_error(c, why);
        c->told = true;
        if (rc == E_OK) {
            rc = why->code;
            *e = *why;
        }
    }
    return rc;
}

static enum err_code read_all(struct cli *c, const struct list_query *q, bool logs,
                              struct contexts_list *out, struct err *e)
{
    bool any = false;

    if (context_open_all(c, e) != E_OK) {
        return e->code;
    }
    contexts_list(&c->all, q, logs, out);
    cli_progress_end(c);
    for (size_t i = 0; i < out->parts_len; i++) {
        any = any || out->parts[i].err.code == E_OK;
    }
    if (any) {
        return E_OK;
    }
    enum err_code rc = tell_failures(c, out, e);
    contexts_list_clear(out);
    return rc;
}

enum err_code read_jobs(struct cli *c, struct list_query *q, bool logs, struct contexts_list *out,
                        struct err *e)
{
    q->progress = on_read;
    q->arg = c;
    return context_all(c) ? read_all(c, q, logs, out, e) : read_one(c, q, logs, out, e);
}

bool read_jobs_partial(const struct contexts_list *l)
{
    for (size_t i = 0; i < l->parts_len; i++) {
        if (l->parts[i].err.code != E_OK) {
            return true;
        }
    }
    return false;
}

const char *read_jobs_who(const struct cli *c, const struct context_part *p,
                          char buf[READ_JOBS_WHO])
{
    buf[0] = '\0';
    if (context_all(c)) {
        (void)snprintf(buf, READ_JOBS_WHO, "context %.*s: ", text_cut(p->context, 40), p->context);
    }
    return buf;
}

static void warn(struct cli *c, const struct context_part *p)
{
    char who[READ_JOBS_WHO];

    (void)read_jobs_who(c, p, who);
    if (p->account.code != E_OK) {
        cli_warn(c, "%s", p->account.msg);
    }
    if (p->twin != NULL && p->skipped) {
        cli_warn(c,
                 "%sits table and queue are those of context %s: the jobs are shown once, as %s's",
                 who, p->twin, p->twin);
    } else if (p->twin != NULL) {
        cli_warn(c, "%sits table is that of context %s: %zu job%s of both %s shown once", who,
                 p->twin, p->twice, text_plural(p->twice), p->twice == 1 ? "is" : "are");
    }
    if (p->unproven.code != E_OK && p->err.code == E_OK) {
        cli_warn(c, "%sits table may be that of context %s, the jobs may be shown twice: %s", who,
                 p->unproven_with, p->unproven.msg);
    }
}

enum err_code read_jobs_end(struct cli *c, const struct contexts_list *l, struct err *e)
{
    for (size_t i = 0; i < l->parts_len; i++) {
        warn(c, &l->parts[i]);
    }
    return tell_failures(c, l, e);
}
