/* `mvpdash dlq`: listing, redriving and purging the dead letter queue. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/json.h"
#include "core/text.h"
#include "ops/dlq.h"
#include "src/cli/cli_priv.h"
#include "src/cli/commands.h"
#include "src/cli/dlq_show.h"

static const struct cli_option options[] = {
    CLI_FLAG("all", "redrive, purge: every message in the queue"),
    CLI_FLAG("dry-run", "redrive: only show what would be sent and what would happen"),
    CLI_FLAG("yes", "purge: do not ask"),
    CLI_VALUE("limit", "N", "at most N messages, in the order they are read (1000)"),
    CLI_END,
};

static void say_rest(struct cli *c, const struct dlq_queue *q, const struct dlq_list *l)
{
    if (l->more) {
        cli_note(c, "mvpdash: there are more in %s (about %lld in all)", q->name,
                 (long long)q->visible);
    }
    if (q->hidden > 0) {
        cli_note(c, "mvpdash: another reader holds about %lld more now", (long long)q->hidden);
    }
}

static enum err_code take(struct cli *c, const struct dlq_queue *q, int hold_s, struct dlq_list *l,
                          struct err *e)
{
    const char *limit = args_get(&c->args, "limit");
    int64_t n = DLQ_MOST;

    if (limit != NULL && cli_number("limit", limit, 1, DLQ_MOST, &n, e) != E_OK) {
        return e->code;
    }
    size_t skip = c->args.words_len > 0 ? 1 : 0; /* the action is the first word */
    struct dlq_wish wish = {.ids = (const char *const *)c->args.words + skip,
                            .ids_len = c->args.words_len - skip,
                            .limit = (size_t)n,
                            .hold_s = hold_s};
    if (c->err_tty) {
        cli_progress(c, "reading %s", q->name);
    }
    enum err_code rc = ops_dlq_take(c->ops, q, &wish, l, e);
    cli_progress_end(c);
    return rc;
}

static enum err_code do_list(struct cli *c, const struct dlq_queue *q, struct err *e)
{
    struct dlq_list l = {0};
    enum err_code rc = take(c, q, DLQ_LOOK_S, &l, e);

    if (rc != E_OK) {
        return rc;
    }
    if (c->json) {
        dlq_show_json(c, q, &l);
    } else {
        dlq_show(c, &l);
    }
    (void)cli_flush(c);
    ops_dlq_give_back(c->ops, q, &l);
    if (l.len == 0) {
        cli_note(c, "%s is empty", q->name);
    } else {
        cli_note(c, "mvpdash: reading raised the receive count of each message by one");
    }
    say_rest(c, q, &l);
    dlq_list_clear(&l);
    return E_OK;
}

/* ---- redrive, purge: one by one, each by itself ---- */

struct doing {
    struct cli *c;
    const struct dlq_queue *q;
    struct dlq_list *l;
    bool purge;
    cJSON *results;
    struct err first; /* the exit status */
    size_t failed;
};

static void failed(struct doing *d, const char *id, const struct err *e)
{
    d->failed++;
    if (d->first.code == E_OK) {
        d->first = *e;
    }
    if (!d->c->json) {
        struct err named = *e;
        (void)err_wrap(&named, "%.*s", text_cut(id, 60), id);
        (void)cli_flush(d->c);
        cli_show_error(d->c, &named);
        d->c->told = true;
    }
}

/* Pushes the result of a redrive; `failure` is NULL when it went well. */
static void push_redriven(struct doing *d, const struct dlq_message *m,
                          const struct dlq_redriven *r, const struct err *failure)
{
    cJSON *doc = json_new_object();

    json_set_str(doc, "messageId", m->id);
    json_set_str(doc, "jobId", m->job_id[0] == '\0' ? NULL : m->job_id);
    json_set_str(doc, "bus", r->bus[0] == '\0' ? NULL : r->bus);
    json_set_str(doc, "eventId", r->event_id[0] == '\0' ? NULL : r->event_id);
    json_set_bool(doc, "dryRun", args_has(&d->c->args, "dry-run"));
    json_set_bool(doc, "sent", r->sent);
    json_set_bool(doc, "deleted", r->deleted);
    json_set_str(doc, "note", r->note[0] == '\0' ? NULL : r->note);
    json_set(doc, "error", failure == NULL ? NULL : cli_error_json(failure));
    json_push(d->results, doc);
}

static void push_purged(struct doing *d, const struct dlq_message *m, const struct err *failure)
{
    cJSON *doc = json_new_object();

    json_set_str(doc, "messageId", m->id);
    json_set_bool(doc, "deleted", failure == NULL);
    json_set(doc, "error", failure == NULL ? NULL : cli_error_json(failure));
    json_push(d->results, doc);
}

static enum err_code redrive_one(struct doing *d, struct dlq_message *m, struct err *e)
{
    struct cli *c = d->c;
    struct dlq_redriven r;
    bool dry = args_has(&c->args, "dry-run");
    enum err_code rc = ops_dlq_redrive(c->ops, d->q, d->l, m, dry, &r, e);

    push_redriven(d, m, &r, rc == E_OK ? NULL : e);
    if (rc == E_OK && !c->json) {
        cli_print(c, m->id);
        (void)fputs(dry ? "  would be redriven to " : "  redriven to ", c->out);
        cli_print(c, r.bus);
        (void)fputs(dry ? "" : " as event ", c->out);
        cli_print(c, r.event_id);
        (void)fputs(m->job_id[0] == '\0' ? "" : ", job ", c->out);
        cli_print(c, m->job_id);
        (void)fputc('\n', c->out);
    }
    if (rc == E_OK && r.note[0] != '\0') {
        (void)cli_flush(c);
        cli_note(c, "  %s", r.note);
    }
    return rc;
}

static enum err_code purge_one(struct doing *d, struct dlq_message *m, struct err *e)
{
    enum err_code rc = ops_dlq_delete(d->c->ops, d->q, m, e);

    push_purged(d, m, rc == E_OK ? NULL : e);
    if (rc == E_OK && !d->c->json) {
        cli_print(d->c, m->id);
        (void)fputs("  deleted\n", d->c->out);
    }
    return rc;
}

/* Tells of ids that are not in the queue, or that another reader has. */
static void tell_missing(struct doing *d)
{
    for (size_t w = 1; w < d->c->args.words_len; w++) {
        const char *id = d->c->args.words[w];
        bool there = false;
        for (size_t i = 0; i < d->l->len; i++) {
            there = there || strcmp(d->l->items[i].id, id) == 0;
        }
        if (!there) {
            struct err e = {0};
            (void)err_set(&e, E_NOT_FOUND, "no such message in %s", d->q->name);
            (void)err_hint_set(&e, "`mvpdash dlq` lists the messages; one that another reader "
                                   "holds comes back when its visibility timeout ends");
            cJSON *doc = json_new_object();
            json_set_str(doc, "messageId", id);
            json_set(doc, "error", cli_error_json(&e));
            json_push(d->results, doc);
            failed(d, id, &e);
        }
    }
}

/* Tells that the messages from `from` on were not tried, after one failed with `last`. */
static void not_tried(struct doing *d, size_t from, const struct err *last)
{
    struct err why = cli_not_tried(last);

    if (from < d->l->len) {
        cli_note_not_tried(d->c, d->l->len - from, d->l->items[from].id);
    }
    for (size_t i = from; i < d->l->len; i++) {
        if (d->purge) {
            push_purged(d, &d->l->items[i], &why);
        } else {
            push_redriven(d, &d->l->items[i], &(struct dlq_redriven){0}, &why);
        }
    }
}

static void each(struct doing *d,
                 enum err_code (*one)(struct doing *, struct dlq_message *, struct err *))
{
    for (size_t i = 0; i < d->l->len; i++) {
        struct err mine = {0};
        enum err_code rc = one(d, &d->l->items[i], &mine);
        if (rc != E_OK) {
            failed(d, d->l->items[i].id, &mine);
        }
        if (!cli_flush(d->c)) {
            return;
        }
        if (err_means(rc, ERR_FOR_ALL)) {
            not_tried(d, i + 1, &mine);
            return;
        }
    }
}

/* Asks before the change and names how many messages it touches; only a person's yes counts. */
static enum err_code confirm(struct cli *c, const struct dlq_queue *q, size_t n, struct err *e)
{
    if (args_has(&c->args, "yes") || n == 0) {
        return E_OK;
    }
    char *name = text_cleaned(q->name, cli_text_flags(c));
    (void)fprintf(c->err, "Delete %zu message%s of %s for good? [y/N] ", n, n == 1 ? "" : "s",
                  name);
    free(name);
    if (cli_answer(c, "y") == '\0') {
        return err_set(e, E_CANCELLED, "nothing was deleted");
    }
    return E_OK;
}

static enum err_code check_choice(struct cli *c, bool purge, struct err *e)
{
    const char *action = purge ? "purge" : "redrive";
    bool all = args_has(&c->args, "all");
    bool some = c->args.words_len > 1;

    if (all == some) {
        (void)err_set(e, E_USAGE, "dlq %s: %s", action,
                      all ? "give either message ids or --all"
                          : "name the messages, or give --all");
        return err_hint_set(e, "`mvpdash dlq` lists them");
    }
    bool person = isatty(STDIN_FILENO) == 1 && c->err_tty && !c->json;
    if (purge && !args_has(&c->args, "yes") && !person) {
        (void)err_set(e, E_USAGE,
                      "dlq purge deletes for good and asks first, but stdin is not a terminal");
        return err_hint_set(e, "give --yes");
    }
    return E_OK;
}

static enum err_code do_change(struct cli *c, const struct dlq_queue *q, bool purge, struct err *e)
{
    struct dlq_list l = {0};
    struct doing d = {.c = c, .q = q, .l = &l, .purge = purge};
    enum err_code rc = take(c, q, DLQ_HOLD_S, &l, e);

    if (rc != E_OK) {
        return rc;
    }
    d.results = json_new_array();
    tell_missing(&d);
    rc = purge ? confirm(c, q, l.len, e) : E_OK;
    if (rc == E_OK) {
        each(&d, purge ? purge_one : redrive_one);
    }
    ops_dlq_give_back(c->ops, q, &l);
    if (c->json && rc == E_OK) {
        cJSON *doc = json_new_object();
        json_set(doc, "results", d.results);
        json_set_bool(doc, "more", l.more);
        cli_json(c, doc);
    } else {
        cJSON_Delete(d.results);
    }
    if (rc == E_OK && l.len == 0 && d.failed == 0) {
        cli_note(c, "%s is empty", q->name);
    }
    say_rest(c, q, &l);
    dlq_list_clear(&l);
    if (rc == E_OK && d.failed > 0) {
        *e = d.first;
        rc = e->code;
    }
    return rc;
}

static enum err_code run_dlq(struct cli *c, struct err *e)
{
    const char *action = c->args.words_len == 0 ? "list" : c->args.words[0];
    bool purge = strcmp(action, "purge") == 0;
    bool list = strcmp(action, "list") == 0;
    struct dlq_queue q;

    if (!list && !purge && strcmp(action, "redrive") != 0) {
        (void)err_set(e, E_USAGE, "dlq: \"%.*s\" is not accepted; expected list, redrive or purge",
                      text_cut(action, 40), action);
        return err_hint_set(e, "see `mvpdash dlq --help`");
    }
    if (!list && (cli_may_write(c, purge ? "dlq purge" : "dlq redrive", e) != E_OK ||
                  check_choice(c, purge, e) != E_OK)) {
        return e->code;
    }
    if (list && c->args.words_len > 1) {
        return err_set(e, E_USAGE, "dlq list: unexpected argument \"%.*s\"",
                       text_cut(c->args.words[1], 60), c->args.words[1]);
    }
    if (cli_ops(c, e) == NULL) {
        return e->code;
    }
    /* Looking is one operation; in a change each message is one, because there may be a
     * thousand. */
    int64_t begun = ops_begin(c->ops);
    enum err_code rc = ops_dlq_open(c->ops, &q, e);
    if (rc == E_OK && list) {
        rc = do_list(c, &q, e);
    }
    ops_end(begun);
    if (rc == E_OK && !list) {
        rc = do_change(c, &q, purge, e);
    }
    dlq_queue_clear(&q);
    return rc;
}

const struct cli_command cmd_dlq = {
    .name = "dlq",
    .args = "[list|redrive|purge] [MESSAGE_ID...]",
    .summary = "Show, redrive or delete what EventBridge could not deliver",
    .about =
        "list (the default) groups the dead letter queue's messages by error code and says what\n"
        "to do about each; reading raises their receive count. redrive sends the original event\n"
        "to its rule's bus again - every rule that matches starts its targets - and deletes the\n"
        "message only after the bus has accepted it. purge deletes. When mvpdash is killed "
        "half-way, a\n"
        "message is hidden for up to a minute and then comes back; a deploy that is sent twice\n"
        "does its work once. With --json: list "
        "{\"queue\",\"messages\",\"groups\",\"more\",\"hidden\"},\n"
        "redrive and purge {\"results\",\"more\"}.",
    .example = "mvpdash dlq redrive --all --dry-run",
    .options = options,
    .max_args = -1,
    .run = run_dlq,
};
