/* The question over the screen: what it holds, its keys, what became of the answers. */
#include "dialog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/text.h"
#include "screen.h"

const char dialog_no_reason[] = "cancelled in the dashboard";

enum { REASON_MAX = 400 /* bytes */ };

void dialog_open(struct dialog *d, dialog_fn *on_yes, void *owner)
{
    dialog_close(d);
    d->open = true;
    d->on_yes = on_yes;
    d->owner = owner;
    d->typed.max = 12;
}

struct dialog *dialog_ask(struct dialog *d, dialog_fn *on_yes, void *owner, const char *title,
                          const char *yes, const char *no)
{
    dialog_open(d, on_yes, owner);
    (void)snprintf(d->title, sizeof d->title, "%s", title);
    d->yes = "Yes";
    (void)snprintf(d->yes_text, sizeof d->yes_text, "%s", yes);
    (void)snprintf(d->no_text, sizeof d->no_text, "%s", no);
    return d;
}

void dialog_label(struct dialog *d, const char *verb)
{
    d->need_count = d->count >= DIALOG_COUNT_FROM;
    d->yes = "Yes";
    (void)snprintf(d->yes_text, sizeof d->yes_text, "Yes, %s %zu", verb, d->count);
    (void)snprintf(d->no_text, sizeof d->no_text, "No");
}

/* The question becomes what is being done, and then what was done: "Retried 3 of 4 jobs". */
static void retitle(struct dialog *d)
{
    static const char *const words[][3] = {
        {"Cancel ",  "Cancelling ", "Cancelled "},
        {"Retry ",   "Retrying ",   "Retried "  },
        {"Redrive ", "Redriving ",  "Redriven " },
        {"Delete ",  "Deleting ",   "Deleted "  },
    };
    char was[sizeof d->title];

    memcpy(was, d->title, sizeof was);
    was[strcspn(was, "?")] = '\0';
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const char *const *w = words[i] + d->over;
        size_t n = strlen(w[0]);
        if (strncmp(was, w[0], n) != 0) {
            continue;
        }
        if (d->over && d->failed > 0 && d->count > 1) {
            (void)snprintf(d->title, sizeof d->title, "%s%zu of %s", w[1], d->done, was + n);
        } else {
            (void)snprintf(d->title, sizeof d->title, "%s%s%s", w[1], was + n,
                           d->over && d->failed > 0 ? ": failed" : "");
        }
    }
}

void dialog_ask_reason(struct dialog *d)
{
    d->asks_reason = true;
    d->reason.max = REASON_MAX;
}

void dialog_close(struct dialog *d)
{
    for (size_t i = 0; i < d->jobs_len; i++) {
        free(d->jobs[i].id);
        free(d->jobs[i].name);
        free(d->jobs[i].status);
    }
    free(d->jobs);
    edit_done(&d->typed);
    edit_done(&d->reason);
    size_t page = d->rows.page;
    memset(d, 0, sizeof *d);
    d->rows.page = page;
}

struct dialog_job *dialog_add_job(struct dialog *d, const char *id, const char *name,
                                  const char *status)
{
    d->jobs = xrealloc(d->jobs, (d->jobs_len + 1) * sizeof *d->jobs);
    struct dialog_job *j = &d->jobs[d->jobs_len++];
    d->rows.len = d->jobs_len;

    memset(j, 0, sizeof *j);
    j->id = xstrdup(id);
    j->name = text_cleaned(name == NULL ? "" : name, TEXT_ONE_LINE);
    j->status = text_cleaned(status == NULL ? "" : status, TEXT_ONE_LINE);
    return j;
}

bool dialog_may_accept(const struct dialog *d)
{
    char want[24];

    if (!d->need_count) {
        return true;
    }
    (void)snprintf(want, sizeof want, "%zu", d->count);
    return strcmp(edit_text(&d->typed), want) == 0;
}

bool dialog_result(struct dialog *d, uint32_t request, bool good, const char *text)
{
    return dialog_result_of(d, request, NULL, good, text);
}

bool dialog_result_of(struct dialog *d, uint32_t request, const char *id, bool good,
                      const char *text)
{
    for (size_t i = 0; d->running && i < d->jobs_len; i++) {
        struct dialog_job *j = &d->jobs[i];
        if (j->result != RESULT_WAITING || j->request != request ||
            (id != NULL && strcmp(j->id, id) != 0)) {
            continue;
        }
        j->result = good ? RESULT_DONE : RESULT_FAILED;
        (void)snprintf(j->text, sizeof j->text, "%s", text);
        d->done += good;
        d->failed += !good;
        d->over = d->done + d->failed == d->count;
        if (d->over) {
            retitle(d);
        }
        return true;
    }
    return false;
}

/* ---- keys ---- */

/* May the question be answered with yes? Text that was meant for another place (a paste that the
 * terminal does not mark, a cat on the keyboard) must not say yes to anything; a number that is
 * typed right is proof enough. */
static bool may_accept(struct desk *desk)
{
    const struct dialog *d = &desk->dialog;

    if (!dialog_may_accept(d)) {
        desk_note(desk, NOTE_WARN, "Type the number first: %zu.", d->count);
        return false;
    }
    if (desk->burst && !d->need_count) {
        desk_note(desk, NOTE_WARN,
                  "That key came together with others: read the question, then press it again.");
        return false;
    }
    return true;
}

static void accept(struct desk *desk, struct effects *out)
{
    struct dialog *d = &desk->dialog;
    dialog_fn *on_yes = d->on_yes;
    void *owner = d->owner;

    if (!may_accept(desk)) {
        return;
    }
    if (d->changes && !desk_may_change(desk)) {
        dialog_close(d);
        return;
    }
    if (d->lists) {
        d->running = true;
        retitle(d);
    } else {
        dialog_close(d);
    }
    on_yes(owner, desk, out);
}

static bool count_key(struct dialog *d, const char *key)
{
    bool digit = key[0] >= '0' && key[0] <= '9' && key[1] == '\0';

    return d->need_count && !d->running && (digit || strcmp(key, "Backspace") == 0) &&
           edit_key(&d->typed, key);
}

/* From button to button; Tab by way of the reason where one may be typed: No, reason, Yes, No. */
static void move_focus(struct dialog *d, int by, bool tab)
{
    int places = d->asks_reason && tab ? 3 : 2;
    int yes = places - 1;
    int at = d->yes_focus ? yes : d->reason_focus ? 1 : 0;

    at = (at + by + places) % places;
    d->yes_focus = at == yes;
    d->reason_focus = places == 3 && at == 1;
}

/* Does the key edit the reason? Enter and Tab leave the line; Enter never says yes from there. */
static bool reason_key(struct dialog *d, const char *key)
{
    if (!d->reason_focus || d->running) {
        return false;
    }
    if (strcmp(key, "Enter") == 0) {
        d->reason_focus = false;
        d->yes_focus = true;
        return true;
    }
    return edit_key(&d->reason, key);
}

static enum action on_key(void *self, struct desk *desk, const char *key, struct effects *out)
{
    struct dialog *d = self;
    enum action a = keymap_find_only(desk->keys, SCOPE_DIALOG, key);
    long by = rows_distance(a, d->rows.page);

    if (reason_key(d, key)) {
        return ACT_NONE;
    }
    if (by != 0) {
        rows_scroll(&d->rows, by);
        return ACT_NONE;
    }
    if (count_key(d, key)) {
        return ACT_NONE;
    }
    if (d->over && d->failed > 0 && keymap_find(desk->keys, SCOPE_DIALOG, key) == ACT_ERRORS) {
        dialog_close(d);
        return ACT_ERRORS; /* they have each reason in full */
    }
    if (d->over || a == ACT_NO || (a == ACT_ACCEPT && !d->running && !d->yes_focus)) {
        dialog_close(d); /* what is under way goes on; its results then come as notes */
        return ACT_NONE;
    }
    if (a == ACT_NONE) {
        a = keymap_find_only(desk->keys, SCOPE_ALL, key);
        return a == ACT_REDRAW || a == ACT_SUSPEND || a == ACT_SAVE_SCREEN ? a : ACT_NONE;
    }
    if (d->running) {
        return ACT_NONE;
    }
    if (a == ACT_FOCUS_NEXT || a == ACT_FOCUS_PREV) {
        bool tab = strcmp(key, "Tab") == 0 || strcmp(key, "S-Tab") == 0;
        move_focus(d, a == ACT_FOCUS_NEXT ? 1 : -1, tab);
    } else if (a == ACT_YES || a == ACT_ACCEPT) {
        accept(desk, out);
    }
    return ACT_NONE;
}

/* What the keys that answer mean no more: once it is answered, and while the reason is typed. */
static bool idle(const void *self, enum action a)
{
    const struct dialog *d = self;

    return d->over || (d->running && a != ACT_NO) || (d->reason_focus && a != ACT_ACCEPT);
}

static bool is_open(const void *self)
{
    const struct dialog *d = self;

    return d->open;
}

static enum scope scope(const void *self)
{
    const struct dialog *d = self;

    return d->reason_focus ? SCOPE_INPUT : SCOPE_DIALOG;
}

static void on_paste(void *self, struct desk *desk, const char *text, size_t len)
{
    struct dialog *d = self;

    desk_paste(desk, &d->reason, text, len);
}

static void settle(void *self, struct desk *desk, struct rect room)
{
    struct dialog *d = self;

    (void)desk;
    d->rows.page = dialog_page(d, room);
}

static void done(void *self)
{
    dialog_close(self);
}

const struct screen screen_dialog = {
    .name = "dialog",
    .size = sizeof(struct dialog),
    .done = done,
    .open = is_open,
    .idle = idle,
    .scope = scope,
    .key = on_key,
    .paste = on_paste,
    .settle = settle,
    .draw = dialog_draw,
};
