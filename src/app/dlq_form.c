/* Editing a message's event before it is sent again: source, detail-type and detail. */
#include <stdlib.h>

#include "core/alloc.h"
#include "core/text.h"
#include "dlq_priv.h"

struct dlq_edit dlq_form_value(const struct dlq_form *f)
{
    return (struct dlq_edit){.source = (char *)edit_text(&f->fields[DLQ_SOURCE]),
                             .detail_type = (char *)edit_text(&f->fields[DLQ_TYPE]),
                             .detail = (char *)edit_text(&f->fields[DLQ_DETAIL])};
}

/* ---- the detail takes as many rows as it needs ---- */

bool dlq_form_row(const struct dlq_form *f, size_t row, size_t *from, size_t *len)
{
    const char *text = edit_text(&f->fields[DLQ_DETAIL]);
    size_t at = 0;

    for (size_t i = 0;; i++) {
        size_t n = text_fit(text + at, f->cols < 2 ? 2 : f->cols, NULL);
        if (i == row) {
            *from = at;
            *len = n;
            return true;
        }
        if (text[at + n] == '\0' || n == 0) {
            return false;
        }
        at += n;
    }
}

/* The row of the cursor; `*into` gets the bytes before the cursor in that row. */
static size_t cursor_row(const struct dlq_form *f, size_t *into)
{
    size_t from = 0, len = 0, row = 0, cursor = f->fields[DLQ_DETAIL].cursor;

    while (dlq_form_row(f, row, &from, &len) && cursor >= from + len &&
           edit_text(&f->fields[DLQ_DETAIL])[from + len] != '\0') {
        row++;
    }
    *into = cursor - from;
    return row;
}

static void show_cursor(struct dlq_form *f)
{
    size_t into = 0, row = cursor_row(f, &into), rows = f->rows < 1 ? 1 : (size_t)f->rows;

    if (row < f->top) {
        f->top = row;
    } else if (row >= f->top + rows) {
        f->top = row - rows + 1;
    }
}

/* Moves the cursor to the row above or below; false at the end. */
static bool move_row(struct dlq_form *f, int by)
{
    struct edit *e = &f->fields[DLQ_DETAIL];
    size_t into = 0, row = cursor_row(f, &into), from = 0, len = 0;

    if ((by < 0 && row == 0) || !dlq_form_row(f, by < 0 ? row - 1 : row + 1, &from, &len)) {
        return false;
    }
    e->cursor = from + (into < len ? into : len);
    while (e->cursor > 0 && ((unsigned char)e->text[e->cursor] & 0xc0) == 0x80) {
        e->cursor--;
    }
    show_cursor(f);
    return true;
}

/* The two other fields and a label stand above the detail, the error stands below it. */
void dlq_form_place(int rows, int *first, int *count)
{
    bool low = rows < 8;

    *first = low ? 2 : 3;
    *count = rows - *first - (low ? 1 : 2);
    *count = *count < 0 ? 0 : *count;
}

void dlq_form_resize(struct dlq_form *f, int rows, int cols)
{
    int first = 0;

    dlq_form_place(rows, &first, &f->rows);
    f->cols = cols;
    if (f->id != NULL) {
        show_cursor(f);
    }
}

/* ---- opening, typing ---- */

static void check(struct dlq_form *f)
{
    struct dlq_edit value = dlq_form_value(f);

    f->err = (struct err){0};
    (void)!dlq_edit_check(&value, &f->err);
}

void dlq_form_open(struct dlq_view *v, struct desk *desk)
{
    const struct dlq_item *i = dlq_current(v);
    struct dlq_form *f = &v->form;
    struct dlq_edit value = {0};
    struct err e = {0};

    if (i == NULL) {
        desk_note(desk, NOTE_INFO, "There is no message here.");
        return;
    }
    if (dlq_edit_of(&i->m, &value, &e) != E_OK) {
        desk_note_err(desk, NOTE_WARN, &e, "The message cannot be redriven: ");
        return;
    }
    free(f->id);
    f->id = xstrdup(i->m.id);
    edit_set(&f->fields[DLQ_SOURCE], value.source);
    edit_set(&f->fields[DLQ_TYPE], value.detail_type);
    edit_set(&f->fields[DLQ_DETAIL], value.detail);
    f->fields[DLQ_DETAIL].cursor = 0;
    f->focus = DLQ_DETAIL;
    f->changed = false;
    f->top = 0;
    dlq_edit_clear(&value);
    check(f);
    v->page = DLQ_EDIT;
}

void dlq_form_close(struct dlq_view *v)
{
    struct dlq_form *f = &v->form;

    free(f->id);
    f->id = NULL;
    for (int i = 0; i < DLQ_FIELDS; i++) {
        edit_set(&f->fields[i], NULL);
    }
    v->page = DLQ_LIST;
}

static void altered(struct dlq_form *f)
{
    f->changed = true;
    check(f);
    show_cursor(f);
}

bool dlq_form_key(void *self, struct desk *desk, const char *key)
{
    struct dlq_view *v = self;
    struct dlq_form *f = &v->form;
    struct edit *e = &f->fields[f->focus];
    size_t len = e->len;

    (void)desk;
    char before = e->cursor < e->len ? e->text[e->cursor] : '\0';
    if (!edit_key(e, key)) {
        return false;
    }
    char now = e->cursor < e->len ? e->text[e->cursor] : '\0';
    if (e->len != len || (key_is_text(key) && before != now)) {
        altered(f);
    } else {
        show_cursor(f);
    }
    return true;
}

void dlq_form_paste(void *self, struct desk *desk, const char *text, size_t len)
{
    struct dlq_view *v = self;

    desk_paste(desk, &v->form.fields[v->form.focus], text, len);
    altered(&v->form);
}

static void next_field(struct dlq_form *f, int by)
{
    f->focus = (enum dlq_field)(((int)f->focus + by + DLQ_FIELDS) % DLQ_FIELDS);
}

static void step(struct dlq_form *f, int by)
{
    if (f->focus != DLQ_DETAIL || !move_row(f, by)) {
        if ((by < 0 && f->focus > 0) || (by > 0 && f->focus < DLQ_DETAIL)) {
            next_field(f, by);
        }
    }
}

bool dlq_form_action(struct dlq_view *v, struct desk *desk, enum action a)
{
    struct dlq_form *f = &v->form;

    switch (a) {
    case ACT_FIELD_NEXT:
    case ACT_FIELD_PREV:
        next_field(f, a == ACT_FIELD_NEXT ? 1 : -1);
        return true;
    case ACT_UP:
    case ACT_DOWN:
        step(f, a == ACT_UP ? -1 : 1);
        return true;
    case ACT_SEND:
        dlq_ask_edited(v, desk);
        return true;
    case ACT_LEAVE:
    case ACT_CLOSE:
        dlq_ask_leave(v, desk);
        return true;
    default:
        return false;
    }
}
