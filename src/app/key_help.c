/* The help of the keys: what the screen is for, its own keys, those that work everywhere, and those
 * that move. */
#include <stdlib.h>

#include "core/strbuf.h"
#include "keymap_priv.h"

/* What a person does in a scope, in one sentence. */
static const char *const purposes[SCOPE_COUNT] = {
    [SCOPE_ALL] = "",
    [SCOPE_LIST] = "All jobs, live: find the one that needs you, open it, cancel or retry it.",
    [SCOPE_DETAIL] = "One job: its state and why, its steps, log, attempts and record.",
    [SCOPE_LOG] = "What the job's container wrote: follow it, search in it, copy it.",
    [SCOPE_DLQ] =
        "Events that EventBridge could not deliver: see why, send them again, delete them.",
    [SCOPE_DLQ_TEXT] = "One event that could not be delivered, in full.",
    [SCOPE_DLQ_EDIT] = "Change the event before it is sent again.",
    [SCOPE_EVENTS] = "The events that the rule matched, the newest last.",
    [SCOPE_BULK] = "Send the deploys of a file, and see what became of each line.",
    [SCOPE_DOCTOR] = "Everything that a job needs, checked in order, each fault with its remedy.",
    [SCOPE_CHILDREN] = "The children of an array job: which failed, and why.",
    [SCOPE_CHILD] = "One child of an array job.",
    [SCOPE_CHILD_LOG] = "What the child's container wrote.",
    [SCOPE_LISTING] =
        "What stands between a deploy and its job: the rules of the bus, the job queue.",
    [SCOPE_STATS] = "How jobs end, how long they take, what they cost and why they fail.",
    [SCOPE_COMPARE] =
        "Two jobs side by side: what differs, from facts to the first line of the log.",
    [SCOPE_GREP] = "Find a text in the logs of many jobs, and open the log at the line.",
    [SCOPE_WELCOME] = "No credentials were found: try the local cloud, or connect to AWS.",
    [SCOPE_FORM] = "Ask for a new job: fill in the fields, see the event, send it.",
    [SCOPE_DIALOG] = "A question: nothing happens until you answer it.",
    [SCOPE_INPUT] = "A line that you type.",
    [SCOPE_PICK] = "Choose from a menu.",
    [SCOPE_WINDOW] = "A text in a window.",
};

bool binding_moves(const struct binding *b)
{
    static const enum action moving[] = {ACT_UP,      ACT_DOWN,      ACT_TOP,     ACT_BOTTOM,
                                         ACT_PAGE_UP, ACT_PAGE_DOWN, ACT_HALF_UP, ACT_HALF_DOWN,
                                         ACT_LEFT,    ACT_RIGHT};

    for (size_t i = 0; i < sizeof moving / sizeof *moving; i++) {
        if (b->action == moving[i]) {
            return true;
        }
    }
    return false;
}

/* The keys of a row in a scope, without those that rows of a person cover there, or that mean
 * something else in the scope `where`. */
static void add_keys(const struct keymap *k, size_t row, enum scope scope, enum scope where,
                     struct strbuf *out)
{
    const struct row_keys *r = &k->rows[row];
    size_t begin = out->len, at = 0;

    for (size_t i = 0; i < r->len; i++) {
        bool covered = !keymap_reaches(k, row, where, r->keys[i]);
        for (size_t own = key_bindings_len; row < key_bindings_len && own < keymap_rows_len(k);
             own++) {
            covered |= binding_works_in(keymap_row_at(k, own), scope) &&
                       row_has_key(&k->rows[own], r->keys[i], &at);
        }
        if (!covered) {
            strbuf_addf(out, "%s%s", out->len > begin ? " " : "", r->keys[i]);
        }
    }
}

/* Adds the rows of a scope as they work in the scope `where` (SCOPE_COUNT: wherever it is): those
 * that move, or the others. */
static void add_rows(const struct keymap *k, enum scope scope, enum scope where, bool moving,
                     struct strbuf *out)
{
    for (size_t i = 0; i < keymap_rows_len(k); i++) {
        const struct binding *b = keymap_row_at(k, i);
        if (!binding_works_in(b, scope) || (scope != SCOPE_ALL && binding_works_in(b, SCOPE_ALL)) ||
            (where != SCOPE_COUNT && binding_moves(b) != moving)) {
            continue;
        }
        size_t begin = out->len;
        add_keys(k, i, scope, where, out);
        bool typed = where != SCOPE_COUNT && scope_types(where); /* `:` is a character there */
        if (out->len == begin && b->palette && !typed) {
            strbuf_addf(out, ":%s", b->name);
        } else if (out->len == begin && k->rows[i].len == 0 && !typed) {
            strbuf_adds(out, "(none)");
        } else if (out->len == begin) {
            continue; /* its keys mean something else here */
        }
        strbuf_addf(out, "\t%s\n", b->help);
    }
}

static void help_scope(const struct keymap *k, enum scope scope, enum scope where,
                       struct strbuf *out)
{
    strbuf_addf(out, "%s%s\n", out->len > 0 ? "\n" : "", scope_title(scope));
    if (where != SCOPE_COUNT && purposes[scope][0] != '\0') {
        strbuf_addf(out, "\t%s\n", purposes[scope]);
    }
    add_rows(k, scope, where, false, out);
}

char *keymap_help(const struct keymap *k, enum scope scope)
{
    struct strbuf out = STRBUF_INIT;

    if (scope == SCOPE_COUNT) {
        for (int s = 0; s < SCOPE_COUNT; s++) {
            help_scope(k, (enum scope)s, SCOPE_COUNT, &out);
        }
        return strbuf_take(&out);
    }
    if (scope != SCOPE_ALL) {
        help_scope(k, scope, scope, &out);
    }
    help_scope(k, SCOPE_ALL, scope, &out);
    strbuf_adds(&out, "\nMoving\n");
    if (scope != SCOPE_ALL) {
        add_rows(k, scope, scope, true, &out);
    }
    add_rows(k, SCOPE_ALL, scope, true, &out);
    return strbuf_take(&out);
}
