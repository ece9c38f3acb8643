/* What the header, the title of the list, the status row and the footer say. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "jobs/age.h"
#include "model_priv.h"

struct format_ctx model_format(const struct model *m)
{
    return (struct format_ctx){.now_ms = m->now_ms, .ascii = m->ascii};
}

size_t model_columns(const struct model *m, struct column_slot out[COL_COUNT])
{
    return columns_layout(&m->list.columns, m->layout.pane[PANE_LIST].cols - 2, m->list.wide, out);
}

bool model_data_stale(const struct model *m)
{
    return m->link.state == LINK_FAILING || m->link.state == LINK_EXPIRED;
}

enum overlay model_row_overlay(const struct model *m, const struct entry *e, size_t row)
{
    const struct list_view *l = &m->list;

    if (row == l->row) {
        return m->focus == PANE_LIST ? OVER_CURSOR : OVER_CURSOR_IDLE;
    }
    if (l->ranging &&
        ((row >= l->anchor_row && row <= l->row) || (row <= l->anchor_row && row >= l->row))) {
        return OVER_SELECTED;
    }
    if ((e->flags & ENTRY_MARKED) != 0) {
        return OVER_MARKED;
    }
    if ((e->flags & ENTRY_STALE) != 0 || model_data_stale(m)) {
        return OVER_STALE;
    }
    return entry_changed(e, m->now_ms) ? OVER_CHANGED : OVER_NONE;
}

/* A link that was lost and is back is no trouble of Batch's: it was just not asked again yet. */
static bool batch_fails(const struct link *l)
{
    const struct source *b = &l->sources[SOURCE_BATCH], *t = &l->sources[SOURCE_TABLE];
    bool link = b->err.code == E_NET || b->err.code == E_TIMEOUT;

    return b->err.code != E_OK && !(link && t->err.code == E_OK && t->last_good_ms > b->since_ms);
}

const char *model_health(const struct model *m, char *buf, size_t size, enum style *st)
{
    static const char *const words[] = {"connecting", "live", "failing", "credentials expired"};
    static const enum style styles[] = {ST_INFO, ST_GOOD, ST_BAD, ST_BAD};
    const struct link *l = &m->link;
    const char *extra = "";
    int64_t left = l->expires_ms == TIME_NONE ? INT64_MAX : l->expires_ms - m->now_ms;

    *st = styles[l->state];
    if (l->state == LINK_LIVE && batch_fails(l)) {
        *st = ST_WARN;
        extra = ", Batch fails";
    } else if (l->state == LINK_LIVE && left < INT64_C(15) * 60000) {
        char age[AGE_SIZE];
        *st = ST_WARN;
        (void)snprintf(buf, size, "live, credentials end in %s",
                       left <= 0 ? "no time" : duration_text(left, age));
        return buf;
    } else if (l->state == LINK_EXPIRED && l->err.code == E_CREDS) {
        (void)snprintf(buf, size, "no credentials");
        return buf;
    }
    (void)snprintf(buf, size, "%s%s", words[l->state], extra);
    return buf;
}

const char *model_age(const struct model *m, char *buf, size_t size)
{
    int64_t at = m->link.last_good_ms;
    char age[AGE_SIZE];

    if (at == TIME_NONE) {
        if (m->snapshot_saved_ms == TIME_NONE) {
            buf[0] = '\0';
        } else {
            (void)snprintf(buf, size, "kept %s ago",
                           age_text(m->snapshot_saved_ms, m->now_ms, age));
        }
        return buf;
    }
    int64_t s = (m->now_ms - at) / 1000;
    if (s < 10) { /* polls come every few seconds: no number that moves all the time */
        (void)snprintf(buf, size, "updated now");
    } else if (s < 60) {
        (void)snprintf(buf, size, "updated %ds ago", (int)(s / 5 * 5));
    } else {
        (void)snprintf(buf, size, "updated %s ago", age_text(at, m->now_ms, age));
    }
    return buf;
}

const char *model_budget(const struct model *m, char *buf, size_t size)
{
    const struct link *l = &m->link;

    if (l->read_units_per_min >= 0.05) {
        (void)snprintf(buf, size, "%.0f req/min %.*f RCU/min", l->requests_per_min,
                       l->read_units_per_min < 10 ? 1 : 0, l->read_units_per_min);
    } else {
        (void)snprintf(buf, size, "%.0f req/min", l->requests_per_min);
    }
    return buf;
}

/* The states that show, when not all do. */
static void chips_text(const struct model *m, char *buf, size_t size)
{
    struct chips c = store_chips(m->store);
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

const char *model_list_title(const struct model *m, char *buf, size_t size)
{
    char chips[96], count[24], all[24];
    size_t rows = store_rows(m->store), len = store_len(m->store), n = 0;
    size_t marked = store_marked(m->store), hidden = store_marked_hidden(m->store);

    chips_text(m, chips, sizeof chips);
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
    if (m->list.filter_applied != NULL && n < size) {
        char *clean = text_cleaned(m->list.filter_applied, TEXT_ONE_LINE);
        n += (size_t)snprintf(buf + n, size - n, " /%.*s", (int)text_fit(clean, 60, NULL), clean);
        free(clean);
    }
    if (store_watched(m->store) > 0 && n < size) {
        n += (size_t)snprintf(buf + n, size - n, "  %zu watched", store_watched(m->store));
    }
    if (marked > 0 && n < size) {
        n += (size_t)snprintf(buf + n, size - n, "  %zu marked", marked);
        if (hidden > 0 && n < size) {
            (void)snprintf(buf + n, size - n, " (%zu not shown)", hidden);
        }
    }
    return buf;
}

static void trouble(const struct model *m, char *buf, size_t size)
{
    const struct link *l = &m->link;
    char age[AGE_SIZE];
    int wait = schedule_wait_ms(m->schedule, m->mono_ms);

    (void)snprintf(buf, size, "%s (%s) for %s%s", l->err.msg, err_hint(&l->err),
                   duration_text(m->now_ms - l->since_ms, age),
                   m->paused  ? "; paused"
                   : wait < 0 ? ""
                              : "; tried again by itself");
}

const char *model_status(const struct model *m, char *buf, size_t size, enum style *st)
{
    static const enum style styles[] = {ST_INFO, ST_GOOD, ST_WARN, ST_BAD};
    const struct source *batch = &m->link.sources[SOURCE_BATCH];

    buf[0] = '\0';
    *st = ST_DIM;
    if (m->note[0] != '\0') {
        *st = styles[m->note_kind];
        (void)snprintf(buf, size, "%s", m->note);
    } else if (m->link.state == LINK_FAILING || m->link.state == LINK_EXPIRED) {
        *st = ST_BAD;
        trouble(m, buf, size);
    } else if (m->loading.active) {
        char count[24];
        *st = ST_INFO;
        (void)format_count(m->loading.jobs, count, sizeof count);
        if (m->link.state == LINK_CONNECTING) {
            (void)snprintf(buf, size, "Connecting to %s...", settings_get(m->settings, SET_REGION));
        } else {
            (void)snprintf(buf, size, "Loading the jobs: %s so far, part %d of %d", count,
                           m->loading.done, m->loading.segments);
        }
    } else if (batch_fails(&m->link)) {
        *st = ST_WARN;
        (void)snprintf(buf, size, "Batch cannot be asked: %s (%s)", batch->err.msg,
                       err_hint(&batch->err));
    } else if (m->outbox_left > 0) {
        *st = ST_WARN;
        (void)snprintf(buf, size, "%d deploy%s in the outbox; tried again by itself",
                       m->outbox_left, m->outbox_left == 1 ? " waits" : "s wait");
    } else if (model_pending(m) > 0) {
        *st = ST_INFO;
        (void)snprintf(buf, size, "%zu action%s under way", model_pending(m),
                       model_pending(m) == 1 ? "" : "s");
    } else if (m->paused) {
        *st = ST_WARN;
        (void)snprintf(buf, size, "Paused: Z goes on");
    }
    return buf;
}

const char *model_banner(const struct model *m, char *buf, size_t size)
{
    struct chips c = store_chips(m->store);

    buf[0] = '\0';
    if (store_rows(m->store) > 0) {
        return buf;
    }
    if (store_len(m->store) > 0 || m->list.filter_applied != NULL || c.statuses != 0 || c.stuck) {
        (void)snprintf(buf, size, "No job matches. Esc shows all again.");
    } else if (m->link.state == LINK_FAILING || m->link.state == LINK_EXPIRED) {
        (void)snprintf(buf, size, "%s: %s", m->link.err.msg, err_hint(&m->link.err));
    } else if (m->loading.active) {
        (void)snprintf(buf, size, "Reading the jobs of table %s...",
                       settings_get(m->settings, SET_TABLE));
    } else {
        (void)snprintf(buf, size, "The table %s holds no jobs yet.%s",
                       settings_get(m->settings, SET_TABLE),
                       m->read_only ? "" : " n opens the form for the first deploy.");
    }
    return buf;
}

size_t model_hints(const struct model *m, struct hint *out, size_t max)
{
    enum scope scope = model_scope(m);
    bool typing = scope == SCOPE_INPUT || scope == SCOPE_DIALOG || scope == SCOPE_PICK;
    size_t n = 0;

    for (int all = 0; all < 2; all++) {
        for (size_t i = 0; i < key_bindings_len && n < max; i++) {
            const struct binding *b = &key_bindings[i];
            enum scope s = all ? SCOPE_ALL : scope;
            char key[KEY_NAME_SIZE];
            if ((b->scopes & 1U << s) == 0 || b->hint == NULL || (all && typing) ||
                (m->read_only && b->changes) || keymap_first(m->keys, b, key) == NULL ||
                (all && keymap_find(m->keys, scope, key) != b->action) ||
                (scope == SCOPE_POPUP && b->action == ACT_NEXT_PANE)) {
                continue;
            }
            memcpy(out[n].key, key, sizeof key);
            out[n++].text = b->hint;
        }
    }
    return n;
}
