/* Which columns a person chose, and how wide each of them is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "columns.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/number.h"
#include "core/strbuf.h"
#include "core/text.h"

struct column_set column_set_default(void)
{
    struct column_set s = {.len = 0};

    for (size_t i = 0; i < COL_COUNT; i++) {
        if (job_columns[i].on) {
            s.ids[s.len++] = job_columns[i].id;
        }
    }
    return s;
}

bool column_find(const char *name, enum column_id *out)
{
    for (size_t i = 0; i < COL_COUNT; i++) {
        if (strcasecmp(job_columns[i].name, name) == 0) {
            *out = job_columns[i].id;
            return true;
        }
    }
    return false;
}

bool column_set_has(const struct column_set *s, enum column_id id)
{
    for (size_t i = 0; i < s->len; i++) {
        if (s->ids[i] == id) {
            return true;
        }
    }
    return false;
}

static enum err_code unknown_column(struct err *e, const char *word)
{
    struct strbuf names = STRBUF_INIT, shown = STRBUF_INIT;

    for (size_t i = 0; i < COL_COUNT; i++) {
        strbuf_addf(&names, "%s%s", i > 0 ? ", " : "", job_columns[i].name);
    }
    text_clean(&shown, word, strnlen(word, 40), TEXT_ONE_LINE);
    (void)err_set(e, E_INVALID, "columns: there is no column \"%s\"; the columns are %s",
                  strbuf_str(&shown), strbuf_str(&names));
    strbuf_clear(&names);
    strbuf_clear(&shown);
    return E_INVALID;
}

enum err_code column_set_parse(const char *text, struct column_set *out, struct err *e)
{
    struct column_set s = {.len = 0};
    enum err_code rc = E_OK;
    char *copy = xstrdup(text), *save = NULL;

    for (char *w = strtok_r(copy, ", \t", &save); w != NULL; w = strtok_r(NULL, ", \t", &save)) {
        enum column_id id = COL_COUNT;
        if (!column_find(w, &id)) {
            rc = unknown_column(e, w);
            goto out;
        }
        if (!column_set_has(&s, id)) {
            s.ids[s.len++] = id;
        }
    }
    if (s.len == 0) {
        rc = err_set(e, E_INVALID,
                     "columns: name at least one, for example :columns status,name,age");
        goto out;
    }
    *out = s;
out:
    free(copy);
    return rc;
}

char *column_set_text(const struct column_set *s)
{
    struct strbuf out = STRBUF_INIT;

    for (size_t i = 0; i < s->len; i++) {
        strbuf_addf(&out, "%s%s", i > 0 ? "," : "", job_columns[s->ids[i]].name);
    }
    return strbuf_take(&out);
}

enum err_code column_sort_parse(const char *text, enum column_id *id, bool *descending,
                                struct err *e)
{
    bool invert = text[0] == '-';
    enum column_id found = COL_AGE;

    if (text[invert ? 1 : 0] == '\0') {
        return err_set(e, E_INVALID, "sort: name a column, for example :sort -age");
    }

    if (!column_find(text + (invert ? 1 : 0), &found)) {
        char *shown = text_cleaned(text, TEXT_ONE_LINE);
        enum err_code rc = err_set(
            e, E_INVALID, "sort: there is no column \"%.*s\"; name one, for example :sort -age",
            text_cut(shown, 40), shown);
        free(shown);
        return rc;
    }
    *id = found;
    *descending = job_columns[found].descending != invert;
    return E_OK;
}

char *column_sort_text(enum column_id id, bool descending)
{
    return xasprintf("%s%s", descending != job_columns[id].descending ? "-" : "",
                     job_columns[id].name);
}

/* ---- widths ---- */

static int total(const struct column_slot *slots, size_t len)
{
    int cells = 0;

    for (size_t i = 0; i < len; i++) {
        cells += slots[i].width + (i > 0 ? 1 : 0);
    }
    return cells;
}

/* The same when each column is as narrow as it may be. */
static int total_least(const struct column_slot *slots, size_t len)
{
    int sum = (int)len - 1;

    for (size_t i = 0; i < len; i++) {
        sum += slots[i].width < slots[i].column->min ? slots[i].width : slots[i].column->min;
    }
    return sum;
}

/* Takes cells from the columns with the lowest `keep`, down to their least widths. */
static void shrink(struct column_slot *slots, size_t len, int cells)
{
    int over = total(slots, len) - cells;

    while (over > 0) {
        struct column_slot *victim = NULL;
        for (size_t i = 0; i < len; i++) {
            if (slots[i].width > slots[i].column->min &&
                (victim == NULL || slots[i].column->keep < victim->column->keep)) {
                victim = &slots[i];
            }
        }
        if (victim == NULL) {
            return;
        }
        int give = victim->width - victim->column->min;
        give = give < over ? give : over;
        victim->width -= give;
        over -= give;
    }
}

/* Gives away spare room: half of it first to the name, then to each column up to its most, by
 * `keep`. */
static void spread(struct column_slot *slots, size_t len, int cells)
{
    int spare = cells - total(slots, len);

    for (int again = 1; spare > 0 && again;) {
        again = 0;
        for (size_t i = 0; i < len && spare > 0; i++) {
            int step = slots[i].column->id == COL_NAME ? 2 : 1;
            int room = slots[i].column->max - slots[i].width;
            step = step < room ? step : room;
            step = step < spare ? step : spare;
            slots[i].width += step;
            spare -= step;
            again |= step > 0;
        }
    }
}

static size_t lowest(const struct column_slot *slots, size_t len)
{
    size_t low = 0;

    for (size_t i = 1; i < len; i++) {
        if (slots[i].column->keep < slots[low].column->keep) {
            low = i;
        }
    }
    return low;
}

size_t columns_layout(const struct column_set *s, int cells, bool wide,
                      struct column_slot out[COL_COUNT])
{
    size_t len = 0;
    int x = 0;

    for (size_t i = 0; i < s->len && i < COL_COUNT; i++) {
        const struct column *c = &job_columns[s->ids[i]];
        out[len++] = (struct column_slot){c, 0, wide ? c->max : c->width};
    }
    if (!wide) {
        /* A column is left out when the least widths of the others leave no room for it, or hardly
         * any. */
        for (;;) {
            /* five columns that can be read say more than eight that are all cut short */
            bool crushed = len > 5 && total(out, len) * 10 > cells * 13;
            if (len <= 1 || (total_least(out, len) <= cells && !crushed)) {
                break;
            }
            size_t gone = lowest(out, len);
            memmove(out + gone, out + gone + 1, (len - gone - 1) * sizeof *out);
            len--;
        }
        shrink(out, len, cells);
        spread(out, len, cells);
        if (len == 1 && out[0].width > cells) {
            out[0].width = cells < 1 ? 1 : cells;
        }
    }
    for (size_t i = 0; i < len; i++) {
        out[i].x = x;
        x += out[i].width + 1;
    }
    return len;
}

enum { LOCAL_LEN = 19 /* characters of "2025-11-30 10:50:53" */ };

static void put_two(char *to, int n, char then)
{
    to[0] = (char)('0' + n / 10);
    to[1] = (char)('0' + n % 10);
    to[2] = then;
}

const char *format_local(int64_t at_ms, char *buf, size_t size)
{
    time_t t = (time_t)(at_ms / 1000);
    struct tm tm;

    buf[0] = '\0';
    if (at_ms != TIME_NONE && localtime_r(&t, &tm) != NULL) {
        if (size > LOCAL_LEN && tm.tm_year >= 1000 - 1900 && tm.tm_year <= 9999 - 1900) {
            /* the detail has several times, and strftime takes as long as all the rest of it */
            int year = tm.tm_year + 1900;
            put_two(buf, year / 100, '\0');
            put_two(buf + 2, year % 100, '-');
            put_two(buf + 5, tm.tm_mon + 1, '-');
            put_two(buf + 8, tm.tm_mday, ' ');
            put_two(buf + 11, tm.tm_hour, ':');
            put_two(buf + 14, tm.tm_min, ':');
            put_two(buf + 17, tm.tm_sec, '\0');
        } else if (strftime(buf, size, "%Y-%m-%d %H:%M:%S", &tm) == 0) {
            buf[0] = '\0';
        }
    }
    return buf;
}

/* Writes "12.3k": how many `unit`s the number is. */
static void put_tenths(uint64_t n, uint64_t unit, char letter, char *buf, size_t size)
{
    enum { MOST = NUMBER_SIZE + 3 };
    uint64_t tenth = unit / 10;

    if (n % tenth == tenth / 2 || size < MOST) {
        /* which of its neighbours the middle is, only the floating point number tells */
        (void)snprintf(buf, size, "%.1f%c", (double)n / (double)unit, letter);
        return;
    }
    uint64_t tenths = n / tenth + (n % tenth > tenth / 2 ? 1 : 0);
    size_t len = number_text(buf, tenths / 10);
    buf[len] = '.';
    buf[len + 1] = (char)('0' + tenths % 10);
    buf[len + 2] = letter;
    buf[len + 3] = '\0';
}

const char *format_count(uint64_t n, char *buf, size_t size)
{
    if (n < 10000) {
        char digits[NUMBER_SIZE]; /* several stand in every frame: without printf */
        size_t len = number_text(digits, n);
        if (size > 0) {
            len = len < size ? len : size - 1;
            memcpy(buf, digits, len);
            buf[len] = '\0';
        }
    } else {
        put_tenths(n, n < 1000000 ? 1000 : 1000000, n < 1000000 ? 'k' : 'M', buf, size);
    }
    return buf;
}
