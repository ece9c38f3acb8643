/* `mvpdash outbox`: listing, sending and dropping what waits in the outbox. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/text.h"
#include "jobs/age.h"
#include "ops/job_ops.h"
#include "ops/outbox.h"
#include "ops/state_table.h"
#include "src/cli/cli_priv.h"
#include "src/cli/commands.h"

static const struct cli_option options[] = {
    CLI_FLAG("all", "send, drop: all deploys that the list shows, except those of another account"),
    CLI_FLAG("yes", "send, drop: do not ask"),
    CLI_END,
};

static const char *state_word(const struct outbox_item *x)
{
    static const char *const stages[] = {
        [OUTBOX_KEPT] = "waits", [OUTBOX_SENT] = "in doubt", [OUTBOX_DEAD] = "refused"};

    switch (x->kind) {
    case OUTBOX_OURS:
        return stages[x->stage];
    case OUTBOX_OTHERS:
        return "another's";
    case OUTBOX_UNPROVEN:
        return "not verified";
    case OUTBOX_BROKEN:
        break;
    }
    return "damaged";
}

/* ---- list ---- */

static void list_json(struct cli *c, const struct outbox_item *items, size_t n)
{
    cJSON *doc = json_new_object();
    cJSON *entries = json_new_array();
    size_t out = 0;

    for (size_t i = 0; i < n; i++) {
        const struct outbox_item *x = &items[i];
        char at[TIME_ISO_SIZE];
        cJSON *entry = json_new_object();
        json_set_str(entry, "jobId", x->job_id);
        json_set_str(entry, "state", state_word(x));
        json_set_bool(entry, "ours", x->kind == OUTBOX_OURS);
        json_set_bool(entry, "outOfService", x->kind == OUTBOX_BROKEN);
        json_set_str(entry, "keptAt", x->kept_ms == TIME_NONE ? NULL : time_iso(x->kept_ms, at));
        json_set_str(entry, "account", x->account[0] == '\0' ? NULL : x->account);
        json_set_str(entry, "problem", x->why[0] == '\0' ? NULL : x->why);
        json_push(entries, entry);
        out += x->kind == OUTBOX_BROKEN;
    }
    json_set(doc, "entries", entries);
    json_set_int(doc, "outOfService", (int64_t)out);
    cli_json(c, doc);
}

static void list_table(struct cli *c, const struct outbox_item *items, size_t n)
{
    static const struct cli_column columns[] = {
        {"JOB",     false, 0,  0},
        {"STATE",   false, 0,  0},
        {"KEPT",    false, 0,  2},
        {"ACCOUNT", false, 0,  1},
        {"PROBLEM", false, 20, 0},
    };
    struct cli_table t = {.columns = columns, .columns_len = sizeof columns / sizeof *columns};

    for (size_t i = 0; i < n; i++) {
        const struct outbox_item *x = &items[i];
        char at[CLI_TIME_SIZE];
        cli_table_add(c, &t, x->job_id);
        cli_table_add(c, &t, state_word(x));
        cli_table_add(c, &t, cli_time(x->kept_ms, at));
        cli_table_add(c, &t, x->account[0] == '\0' ? "-" : x->account);
        cli_table_add(c, &t, x->why);
    }
    cli_table_print(c, &t);
    cli_table_clear(&t);
}

static enum err_code do_list(struct cli *c, struct err *e)
{
    struct outbox_item *items = NULL;
    struct outbox_alarm alarm;
    size_t n = 0;
    enum err_code rc = outbox_read(c->ops, &items, &n, e);

    if (rc != E_OK) {
        return rc;
    }
    if (c->json) {
        list_json(c, items, n);
    } else if (n == 0) {
        cli_note(c, "the outbox is empty");
    } else {
        list_table(c, items, n);
        outbox_look(c->ops, &alarm);
        if (alarm.text[0] != '\0') {
            (void)cli_flush(c);
            cli_warn(c, "%s", alarm.text);
        }
    }
    free(items);
    return E_OK;
}

/* ---- send, drop ---- */

static bool chosen(const struct cli *c, const struct outbox_item *x)
{
    if (args_has(&c->args, "all")) {
        return x->kind != OUTBOX_OTHERS;
    }
    for (size_t i = 1; i < c->args.words_len; i++) {
        if (strcmp(c->args.words[i], x->job_id) == 0) {
            return true;
        }
    }
    return false;
}

/* Asks before the change; only a person's yes counts. */
static enum err_code confirm(struct cli *c, const char *question, const char *action, size_t n,
                             struct err *e)
{
    if (n == 0 || args_has(&c->args, "yes")) {
        return E_OK;
    }
    if (isatty(STDIN_FILENO) != 1 || !c->err_tty || c->json) {
        (void)err_set(e, E_USAGE, "outbox %s asks first, but stdin is not a terminal", action);
        return err_hint_set(e, "look with `mvpdash outbox list`, then give --yes");
    }
    (void)fprintf(c->err, "%s [y/N] ", question);
    if (cli_answer(c, "y") == '\0') {
        return err_set(e, E_CANCELLED, "nothing was changed");
    }
    return E_OK;
}

static enum err_code ask_person(struct cli *c, bool drop, const struct outbox_item *items, size_t n,
                                struct err *e)
{
    char account[PLACE_ACCOUNT_SIZE];
    size_t count = 0;
    char question[240];

    for (size_t i = 0; i < n; i++) {
        count += chosen(c, &items[i]) && (drop || items[i].kind == OUTBOX_UNPROVEN);
    }
    place_account(c->ops, account);
    (void)snprintf(question, sizeof question,
                   drop ? "Give up %zu deploy%s of the outbox for good?"
                        : "Send %zu deploy%s, not verified to be of this account, with the keys in "
                          "use (account %s)?",
                   count, count == 1 ? "" : "s", account[0] == '\0' ? "not known" : account);
    return confirm(c, question, drop ? "drop" : "send", count, e);
}

struct doing {
    struct cli *c;
    cJSON *results;
    struct err first;
};

static void failed(struct doing *d, const char *job_id, const struct err *e)
{
    if (d->first.code == E_OK) {
        d->first = *e;
    }
    if (d->c->json) {
        cJSON *doc = json_new_object();
        json_set_str(doc, "jobId", job_id);
        json_set(doc, "error", cli_error_json(e));
        json_push(d->results, doc);
    } else {
        (void)cli_flush(d->c);
        cli_show_error(d->c, e);
        d->c->told = true;
    }
}

static void tell_missing(struct doing *d, const struct outbox_item *items, size_t n)
{
    for (size_t i = 1; i < d->c->args.words_len; i++) {
        const char *id = d->c->args.words[i];
        bool there = false;
        for (size_t k = 0; k < n; k++) {
            there = there || strcmp(items[k].job_id, id) == 0;
        }
        if (!there) {
            struct err e = {0};
            (void)err_set(&e, E_NOT_FOUND, "the outbox has no job %.*s", text_cut(id, 128), id);
            (void)err_hint_set(&e, "`mvpdash outbox list` shows what it has");
            failed(d, id, &e);
        }
    }
}

static void tell_done(struct doing *d, const char *job_id, const char *outcome)
{
    if (d->c->json) {
        cJSON *doc = json_new_object();
        json_set_str(doc, "jobId", job_id);
        json_set_str(doc, "outcome", outcome);
        json_set(doc, "error", NULL);
        json_push(d->results, doc);
    } else {
        cli_print(d->c, job_id);
        (void)fputs("  ", d->c->out);
        cli_print(d->c, outcome);
        (void)fputc('\n', d->c->out);
    }
}

/* Tells what became of a job after the outbox was resumed: only what the outbox and the table say
 * now. */
static void tell_sent(struct doing *d, const char *job_id, const struct err *resume)
{
    struct outbox_item *items = NULL;
    struct job_detail *job = NULL;
    struct err e = {0};
    size_t n = 0;
    enum err_code rc = outbox_read(d->c->ops, &items, &n, &e);
    bool waits = false;

    for (size_t i = 0; i < n; i++) {
        waits = waits || strcmp(items[i].job_id, job_id) == 0;
    }
    free(items);
    if (rc != E_OK) {
        failed(d, job_id, &e);
    } else if (waits && resume->code != E_OK) {
        failed(d, job_id, resume);
    } else if (waits) {
        tell_done(d, job_id, "waits: within a minute mvpdash can tell whether its event arrived");
    } else if (ops_job_get(d->c->ops, job_id, true, &job, &e) == E_OK) {
        char text[80];
        (void)snprintf(text, sizeof text, "has left the outbox; its record is %s",
                       job_state_word(job->job, &job->state));
        tell_done(d, job_id, text);
    } else {
        (void)err_wrap(&e, "%s has left the outbox", job_id);
        failed(d, job_id, &e);
    }
    job_detail_free(job);
}

static void send_all(struct doing *d, const struct outbox_item *items, size_t n)
{
    struct err resume = {0};
    bool *mended = xcalloc(n + 1, sizeof *mended);
    bool any = false;

    for (size_t i = 0; i < n; i++) {
        struct err e = {0};
        if (!chosen(d->c, &items[i])) {
            continue;
        }
        if (outbox_mend(d->c->ops, &items[i], &e) == E_OK) {
            mended[i] = true;
            any = true;
        } else {
            failed(d, items[i].job_id, &e);
        }
    }
    if (any && ops_outbox_resume(d->c->ops, NULL, NULL, &resume) == E_CONFLICT) {
        resume = (struct err){0}; /* another mvpdash works on this entry */
    }
    for (size_t i = 0; i < n; i++) {
        if (mended[i]) {
            tell_sent(d, items[i].job_id, &resume);
        }
    }
    free(mended);
}

static void drop_all(struct doing *d, const struct outbox_item *items, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct err e = {0};
        if (!chosen(d->c, &items[i])) {
            continue;
        }
        if (outbox_drop(d->c->ops, items[i].job_id, &e) == E_OK) {
            tell_done(d, items[i].job_id, "given up; its record, if there is one, stays as it is");
        } else {
            failed(d, items[i].job_id, &e);
        }
    }
}

static enum err_code do_change(struct cli *c, bool drop, struct err *e)
{
    struct outbox_item *items = NULL;
    size_t n = 0;
    enum err_code rc = outbox_read(c->ops, &items, &n, e);
    struct doing d = {.c = c, .results = json_new_array()};

    rc = rc == E_OK ? ask_person(c, drop, items, n, e) : rc;

    if (rc == E_OK) {
        tell_missing(&d, items, n);
        if (drop) {
            drop_all(&d, items, n);
        } else {
            send_all(&d, items, n);
        }
        rc = d.first.code;
        if (rc != E_OK) {
            *e = d.first;
        }
    } else {
        cJSON_Delete(d.results);
        d.results = NULL;
    }
    if (c->json && d.results != NULL) {
        cJSON *doc = json_new_object();
        json_set(doc, "results", d.results);
        cli_json(c, doc);
    } else {
        cJSON_Delete(d.results);
    }
    free(items);
    return rc;
}

static enum err_code run_outbox(struct cli *c, struct err *e)
{
    const char *action = c->args.words_len == 0 ? "list" : c->args.words[0];
    bool list = strcmp(action, "list") == 0;
    bool drop = strcmp(action, "drop") == 0;

    if (!list && !drop && strcmp(action, "send") != 0) {
        (void)err_set(e, E_USAGE, "outbox: \"%.*s\" is not accepted; expected list, send or drop",
                      text_cut(action, 40), action);
        return err_hint_set(e, "see `mvpdash outbox --help`");
    }
    if (list && c->args.words_len > 1) {
        return err_set(e, E_USAGE, "outbox list: unexpected argument \"%.*s\"",
                       text_cut(c->args.words[1], 60), c->args.words[1]);
    }
    bool all = args_has(&c->args, "all");
    if (!list && all == (c->args.words_len > 1)) {
        (void)err_set(e, E_USAGE, "outbox %s: %s", action,
                      all ? "give either job ids or --all" : "name the deploys, or give --all");
        return err_hint_set(e, "`mvpdash outbox list` shows them");
    }
    if (!list && cli_may_write(c, drop ? "outbox drop" : "outbox send", e) != E_OK) {
        return e->code;
    }
    if (cli_ops(c, e) == NULL) {
        return e->code;
    }
    const char *state = settings_get(c->settings, SET_STATE);
    if (state != NULL && strcmp(state, "table") == 0) {
        state_table_use(c->ops);
    }
    if (list) {
        return do_list(c, e);
    }
    return do_change(c, drop, e);
}

const struct cli_command cmd_outbox = {
    .name = "outbox",
    .args = "[list|send|drop] [JOB_ID...]",
    .summary = "Show, send or give up deploys that have not reached the bus",
    .about = "A deploy lies in the outbox until the event bus has it; every mvpdash that deploys "
             "goes on\n"
             "with what is verified to be of its account. list (the default) shows all there is: "
             "what waits,\n"
             "what is another account's, what is not verified to be of this one (an earlier "
             "version kept it,\n"
             "or the account could not be read), and what cannot be used because its file is "
             "damaged, too large, not a\n"
             "plain file or another user's: that deploy is out of service. send treats an "
             "unverified one as of\n"
             "the account in use, rebuilds a damaged one from its record, and continues with it: "
             "an event\n"
             "that may have arrived is looked for first. drop removes the entry and leaves a "
             "record as it is\n"
             "(`mvpdash cancel` ends it). With --json: list {\"entries\",\"outOfService\"}, send "
             "and drop\n"
             "{\"results\"}. With MVPDASH_STATE=table it is the outbox that replicas of "
             "`mvpdash serve`\n"
             "share.",
    .example = "mvpdash outbox list",
    .options = options,
    .max_args = -1,
    .run = run_outbox,
};
