/* The line in which the filter of the job list is typed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "jobs/filter.h"
#include "jobs_priv.h"

/* Applies the filter while it is typed; while the typed text is no good, the last good filter stays
 * in force. */
static void filter_typed(void *owner, struct desk *d)
{
    struct jobs *j = owner;

    (void)d;
    free(j->list.choices);
    j->list.choices = NULL;
    j->list.filters.at = 0;
    j->list.filter_err = (struct err){0};
    (void)!list_set_filter(j, edit_text(&j->list.filter), &j->list.filter_err);
}

/* Is the text still the one that the line began with, or none? */
static bool untouched(const struct jobs *j)
{
    const char *text = edit_text(&j->list.filter);

    return text[0] == '\0' ||
           (j->list.filter_before != NULL && strcmp(text, j->list.filter_before) == 0);
}

/* Up goes to earlier filters as long as nothing was typed, Down back to later ones; else they move
 * the cursor among the jobs that are found. */
static void filter_step(void *owner, struct desk *d, int by)
{
    struct jobs *j = owner;
    struct line_history *h = &j->list.filters;

    if (h->at == 0 && !(by < 0 && h->len > 0 && untouched(j))) {
        list_step(j, by);
        return;
    }
    const char *line = line_history_step(h, -by);
    if (h->at == 1 && by < 0 && h->len > 1 && strcmp(line, edit_text(&j->list.filter)) == 0) {
        line = line_history_step(h, 1); /* the newest is the one that is in force */
    }
    size_t at = h->at;
    edit_set(&j->list.filter, line != NULL ? line : j->list.filter_before);
    filter_typed(j, d);
    h->at = at;
}

static void filter_tab(void *owner, struct desk *d)
{
    struct jobs *j = owner;
    struct edit *e = &j->list.filter;
    struct strbuf choices = STRBUF_INIT;
    char *text = NULL;

    if (e->cursor == e->len) {
        text = filter_complete(edit_text(e), store_each_job, d->store, &choices);
    }
    if (text != NULL) {
        edit_set(e, text);
        filter_typed(j, d);
        free(text);
    }
    free(j->list.choices);
    j->list.choices = choices.len > 0 ? text_cleaned(strbuf_str(&choices), TEXT_ONE_LINE) : NULL;
    strbuf_clear(&choices);
}

static void end_filter(void *owner, struct desk *d, bool take, struct effects *out)
{
    struct jobs *j = owner;

    if (take && j->list.filter_err.code == E_OK) {
        /* with Enter the last word is typed to its end, too */
        char *whole = xasprintf("%s ", edit_text(&j->list.filter));
        filter_free(filter_new(whole, &j->list.filter_err));
        free(whole);
    }
    if (!take) {
        char *before = xstrdup(j->list.filter_before == NULL ? "" : j->list.filter_before);
        (void)!list_set_filter(j, before, NULL);
        free(before);
    } else if (j->list.filter_err.code != E_OK) {
        return; /* the text still has to be corrected; the row says how */
    } else {
        line_history_add(&j->list.filters, edit_text(&j->list.filter));
        jobs_save_prefs(j, out);
    }
    j->list.filters.at = 0;
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
    } else if (j->list.choices != NULL) {
        (void)snprintf(buf, size, "%s", j->list.choices);
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
    free(j->list.choices);
    j->list.choices = NULL;
    j->list.filters.at = 0;
    j->list.filter_err = (struct err){0};
    where_focus(&j->desk->where, PANE_LIST);
    line_open(&j->desk->line, &filter_line, j, &j->list.filter, "Filter:");
}
