/* The line in which the filter of the job list is typed. */
#include <stdio.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "jobs/filter.h"
#include "jobs_priv.h"

/* Applies the filter while it is typed; while the typed text is no good, the last good filter stays
 * in force. */
static void filter_typed(void *owner, struct desk *d)
{
    struct jobs *j = owner;

    (void)d;
    j->list.filter_err = (struct err){0};
    (void)!list_set_filter(j, edit_text(&j->list.filter), &j->list.filter_err);
}

static void filter_step(void *owner, struct desk *d, int by)
{
    (void)d;
    list_step(owner, by);
}

static void filter_tab(void *owner, struct desk *d)
{
    struct jobs *j = owner;
    struct edit *e = &j->list.filter;
    char *text = e->cursor == e->len ? filter_complete(edit_text(e)) : NULL;

    if (text != NULL) {
        edit_set(e, text);
        filter_typed(j, d);
        free(text);
    }
}

static void end_filter(void *owner, struct desk *d, bool take, struct effects *out)
{
    struct jobs *j = owner;

    if (!take) {
        char *before = xstrdup(j->list.filter_before == NULL ? "" : j->list.filter_before);
        (void)!list_set_filter(j, before, NULL);
        free(before);
    } else if (j->list.filter_err.code != E_OK) {
        return; /* the text still has to be corrected; the row says how */
    } else {
        jobs_save_prefs(j, out);
    }
    edit_set(&j->list.filter, j->list.filter_applied);
    j->list.filter_err = (struct err){0};
    line_close(&d->line);
}

static const char *filter_right(const void *owner, const struct desk *d, char *buf, size_t size,
                                enum style *st)
{
    const struct jobs *j = owner;
    bool bad = j->list.filter_err.code != E_OK;

    *st = bad ? ST_BAD : ST_DIM;
    if (bad) {
        char text[ERR_TEXT_SIZE];
        (void)snprintf(buf, size, "%s", err_full(&j->list.filter_err, text));
    } else {
        (void)snprintf(buf, size, "%zu of %zu", store_rows(d->store), store_len(d->store));
    }
    return buf;
}

static const struct line_def filter_line = {
    .typed = filter_typed,
    .step = filter_step,
    .complete = filter_tab,
    .end = end_filter,
    .right = filter_right,
};

void filter_open(struct jobs *j)
{
    free(j->list.filter_before);
    j->list.filter_before = xstrdup(j->list.filter_applied);
    edit_set(&j->list.filter, j->list.filter_applied);
    j->list.filter_err = (struct err){0};
    where_focus(&j->desk->where, PANE_LIST);
    line_open(&j->desk->line, &filter_line, j, &j->list.filter, "Filter:");
}
