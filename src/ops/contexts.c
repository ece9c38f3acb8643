/* The contexts of config.ini side by side, and which of them are the same place. */
#include "ops/contexts.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/deadline.h"
#include "ops/place.h"
#include "parallel.h"

enum {
    ACCOUNT_MS = 5000, /* how long is waited to be told whose account the keys are of */
    HALF = 50          /* and how many hundredths of an operation's time at most */
};

static void open_one(const struct settings *base, const struct clock *clock, struct log *log,
                     struct context_ops *c)
{
    c->settings = settings_with_context(base, c->name, &c->why);
    if (c->settings != NULL) {
        c->ops = ops_new(c->settings, clock, log, &c->why);
        c->history = forecast_new();
    }
    if (c->settings != NULL && c->ops == NULL) {
        (void)err_wrap(&c->why, "context %s", c->name);
    }
}

enum err_code contexts_open(const struct settings *base, const struct clock *clock, struct log *log,
                            struct contexts *out, struct err *e)
{
    const char *file = settings_config_file(base);

    *out = (struct contexts){.len = settings_contexts_len(base)};
    if (out->len == 0) {
        (void)err_set(e, E_CONFIG, "there is no context in %s",
                      file == NULL ? "config.ini, which does not exist" : file);
        return err_hint_set(
            e, "add sections [context NAME] with the settings that differ: profile, region, table");
    }
    out->items = xcalloc(out->len, sizeof *out->items);
    for (size_t i = 0; i < out->len; i++) {
        out->items[i].name = settings_context_at(base, i).name;
        open_one(base, clock, log, &out->items[i]);
    }
    return E_OK;
}

void contexts_close(struct contexts *x)
{
    for (size_t i = 0; i < x->len; i++) {
        forecast_free(x->items[i].history);
        ops_free(x->items[i].ops);
        settings_free(x->items[i].settings);
    }
    free(x->items);
    *x = (struct contexts){0};
}

void contexts_stop(const struct contexts *x, bool on)
{
    for (size_t i = 0; i < x->len; i++) {
        if (x->items[i].ops != NULL) {
            ops_stop(x->items[i].ops, on);
        }
    }
}

/* ---- twins ---- */

struct twins {
    const struct contexts *x;
    enum contexts_share what;
    struct context_twin *out;
};

static bool same_name(const struct ops *a, const struct ops *b, enum contexts_share what)
{
    return what == CONTEXTS_TABLE ? strcmp(a->table, b->table) == 0
                                  : strcmp(a->log_group, b->log_group) == 0;
}

/* Looks for the first context before the i-th that works on the same. */
static void find_twin(void *arg, size_t i)
{
    const struct twins *t = arg;
    const struct context_ops *all = t->x->items;
    enum aws_service_id service = t->what == CONTEXTS_TABLE ? AWS_DYNAMODB : AWS_LOGS;
    struct context_twin *out = &t->out[i];

    *out = (struct context_twin){.first = i};
    if (all[i].ops == NULL) {
        return;
    }
    int64_t begun = ops_begin(all[i].ops);
    (void)deadline_share(HALF); /* what the question is asked for needs the rest */
    (void)deadline_within(ACCOUNT_MS);
    for (size_t j = 0; j < i && out->first == i; j++) {
        struct err why = {0};
        if (all[j].ops == NULL || !same_name(all[i].ops, all[j].ops, t->what)) {
            continue;
        }
        enum place_match m = place_same_service(all[j].ops, all[i].ops, service, &why);
        if (m == PLACE_SAME) {
            out->first = j;
            out->queue = strcmp(all[i].ops->queue, all[j].ops->queue) == 0;
        } else if (m == PLACE_UNPROVEN && out->unproven.code == E_OK) {
            out->unproven = why;
            out->unproven_with = j;
        }
    }
    if (out->first != i) {
        out->unproven = (struct err){0};
    }
    (void)deadline_set(begun);
}

void contexts_find_twins(const struct contexts *x, enum contexts_share what,
                         struct context_twin *twins)
{
    struct twins t = {.x = x, .what = what, .out = twins};

    ops_parallel(x->len, find_twin, &t);
}
