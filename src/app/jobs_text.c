/* The texts of the job list: its columns, its title, its rows, and why it is empty. */
#include <stdio.h>
#include <stdlib.h>

#include "core/text.h"
#include "jobs_priv.h"

struct format_ctx jobs_format(const struct jobs *j)
{
    return (struct format_ctx){.now_ms = j->desk->scene_ms,
                               .forecast = store_forecast(j->desk->store),
                               .ascii = j->desk->ascii};
}

size_t jobs_columns(const struct jobs *j, struct column_slot out[COL_COUNT])
{
    return columns_layout(&j->list.columns, j->desk->layout.pane[PANE_LIST].cols - 2, j->list.wide,
                          out);
}

bool jobs_stale(const struct jobs *j)
{
    return j->desk->link.state == LINK_FAILING || j->desk->link.state == LINK_EXPIRED;
}

enum overlay jobs_row_overlay(const struct jobs *j, const struct entry *e, size_t row)
{
    const struct list_view *l = &j->list;

    if (row == l->rows.at) {
        return j->desk->where.focus == PANE_LIST ? OVER_CURSOR : OVER_CURSOR_IDLE;
    }
    return rows_chosen(&l->rows, row) ? OVER_SELECTED : jobs_entry_overlay(j, e);
}

enum overlay jobs_entry_overlay(const struct jobs *j, const struct entry *e)
{
    if ((e->flags & ENTRY_MARKED) != 0) {
        return OVER_MARKED;
    }
    if ((e->flags & ENTRY_STALE) != 0 || jobs_stale(j)) {
        return OVER_STALE;
    }
    return entry_changed(e, j->desk->now_ms) ? OVER_CHANGED : OVER_NONE;
}

void jobs_chips_text(const struct jobs *j, char *buf, size_t size)
{
    struct chips c = store_chips(j->desk->store);
    size_t n = 0;

    buf[0] = '\0';
    if (c.statuses == chips_failing.statuses && c.stuck) {
        (void)snprintf(buf, size, "failing");
    } else if (c.statuses == chips_active.statuses && !c.stuck) {
        (void)snprintf(buf, size, "not over");
    } else if (c.statuses != 0 || c.stuck) {
        for (int s = 0; s < JOB_STATUS_COUNT && n < size; s++) {
            const char *word = job_status_word((enum job_status)s);
            if ((c.statuses & 1U << s) != 0) {
                n += (size_t)snprintf(buf + n, size - n, "%s%s", n > 0 ? "," : "",
                                      word[0] != '\0' ? word : "other");
            }
        }
        if (c.stuck && n < size) {
            (void)snprintf(buf + n, size - n, "%sstuck", n > 0 ? "," : "");
        }
    }
}

const char *jobs_title(const struct jobs *j, char *buf, size_t size)
{
    char chips[96], count[24], all[24];
    size_t rows = store_rows(j->desk->store), len = store_len(j->desk->store), n = 0;
    size_t marked = store_marked(j->desk->store), hidden = store_marked_hidden(j->desk->store);

    jobs_chips_text(j, chips, sizeof chips);
    (void)format_count(rows, count, sizeof count);
    (void)format_count(len, all, sizeof all);
    if (rows == len) {
        n = (size_t)snprintf(buf, size, "Jobs %s", count);
    } else {
        n = (size_t)snprintf(buf, size, "Jobs %s of %s", count, all);
    }
    if (chips[0] != '\0' && n < size) {
        n += (size_t)snprintf(buf + n, size - n, " [%s]", chips);
    }
    if (j->list.filter_applied != NULL && n < size) {
        char *clean = text_cleaned(j->list.filter_applied, TEXT_ONE_LINE);
        n += (size_t)snprintf(buf + n, size - n, " /%.*s", (int)text_fit(clean, 60, NULL), clean);
        free(clean);
    }
    if (j->list.picked != NULL && n < size) {
        char *clean = text_cleaned(j->list.picked, TEXT_ONE_LINE);
        n += (size_t)snprintf(buf + n, size - n, ": %.*s", (int)text_fit(clean, 60, NULL), clean);
        free(clean);
    }
    if (store_watched(j->desk->store) > 0 && n < size) {
        n += (size_t)snprintf(buf + n, size - n, "  %zu watched", store_watched(j->desk->store));
    }
    if (marked > 0 && n < size) {
        n += (size_t)snprintf(buf + n, size - n, "  %zu marked", marked);
        if (hidden > 0 && n < size) {
            (void)snprintf(buf + n, size - n, " (%zu not shown)", hidden);
        }
    }
    return buf;
}

const char *jobs_banner(const struct jobs *j, char *buf, size_t size)
{
    struct chips c = store_chips(j->desk->store);

    buf[0] = '\0';
    if (store_rows(j->desk->store) > 0) {
        return buf;
    }
    bool narrowed =
        j->list.filter_applied != NULL || c.statuses != 0 || c.stuck || j->list.picked != NULL;
    if (store_len(j->desk->store) > 0 ||
        (narrowed && j->desk->link.state == LINK_LIVE && !j->desk->loading.active)) {
        (void)snprintf(buf, size, "No job matches. Esc shows all again.");
    } else if (j->desk->link.state == LINK_FAILING || j->desk->link.state == LINK_EXPIRED) {
        char text[ERR_TEXT_SIZE];
        (void)snprintf(buf, size, "%s", err_full(&j->desk->link.err, text));
    } else if (j->desk->loading.active) {
        (void)snprintf(buf, size, "Reading the jobs of table %s...",
                       settings_get(j->desk->settings, SET_TABLE));
    } else {
        (void)snprintf(buf, size, "The table %s holds no jobs yet.%s",
                       settings_get(j->desk->settings, SET_TABLE),
                       desk_reads_only(j->desk) ? "" : " n opens the form for the first deploy.");
    }
    return buf;
}
