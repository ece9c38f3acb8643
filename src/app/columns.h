/* columns.h - the columns of the job list: one table row for each, used by the list, the sort, the
 * chooser, config.ini and the help. Pure. */
#ifndef APP_COLUMNS_H
#define APP_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/surface.h"
#include "core/err.h"

struct entry;    /* app/store.h */
struct forecast; /* jobs/forecast.h */

enum column_id {
    COL_STATUS,
    COL_NAME,
    COL_STEP,
    COL_PROGRESS,
    COL_AGE,
    COL_DURATION,
    COL_ETA,
    COL_USER,
    COL_PRIORITY,
    COL_PRODUCT,
    COL_UPDATED,
    COL_BATCH,
    COL_EXIT,
    COL_REASON,
    COL_FEATURES,
    COL_RETRY_OF,
    COL_EMAIL,
    COL_WATCH,
    COL_ID,
    COL_COUNT
};

enum column_align { ALIGN_LEFT, ALIGN_RIGHT };

/* What a format function needs beside the entry. */
struct format_ctx {
    int64_t now_ms;
    const struct forecast *forecast; /* NULL: nobody knows when a job should end */
    bool ascii;
};

struct column {
    enum column_id id;
    const char *name;  /* the name in config.ini and the palette: "status" */
    const char *title; /* the text over the column */
    const char *help;  /* the text in the chooser */
    enum column_align align;
    int min, width, max; /* the cells: at least, wanted, at most when there is room to spare */
    /* when the list is too narrow, the column with the lowest value is left out first */
    int keep;
    bool on;         /* shown unless the user chooses otherwise */
    bool descending; /* the order after the first press on the column */
    /* Writes clean text for one cell and sets its style. `st` comes in as ST_TEXT. NULL: the cell
     * shows `text` as it is. */
    void (*format)(const struct entry *e, const struct format_ctx *x, char *buf, size_t size,
                   enum style *st);
    /* The value to sort by, as a number in the same order: mostly two entries can be told apart
     * without another look at them. `now_ms` is that of the last sort. NULL: the number is made
     * from the beginning of `text`. */
    uint64_t (*key)(const struct entry *e, int64_t now_ms);
    /* The string that the column shows and sorts by: enum job_text_id, or COLUMN_JOB_ID;
     * COLUMN_NO_TEXT: the column has no string, and the same key means the same value. */
    size_t text;
};
#define COLUMN_NO_TEXT SIZE_MAX
#define COLUMN_JOB_ID (SIZE_MAX - 1)
extern const struct column job_columns[COL_COUNT]; /* indexed by enum column_id */
/* Calls the member of the same name, or does what its NULL means. */
void column_format(const struct column *c, const struct entry *e, const struct format_ctx *x,
                   char *buf, size_t size, enum style *st);
uint64_t column_key(const struct column *c, const struct entry *e, int64_t now_ms);
/* <0, 0 or >0 for the ascending order by this column. */
int column_compare(const struct column *c, const struct entry *a, const struct entry *b,
                   int64_t now_ms);

/* The columns that a user chose, in their order. */
struct column_set {
    enum column_id ids[COL_COUNT];
    size_t len;
};
struct column_set column_set_default(void);
/* Reads "status,name,step": E_INVALID names the unknown word and the names that there are. */
MUST_CHECK enum err_code column_set_parse(const char *text, struct column_set *out, struct err *e);
char *column_set_text(const struct column_set *s); /* owned */
bool column_set_has(const struct column_set *s, enum column_id id);
bool column_find(const char *name, enum column_id *out);
/* Reads an order as `:sort` takes it, such as "-duration": a column, with - before it against the
 * order of its first press. E_INVALID names the unknown column. */
MUST_CHECK enum err_code column_sort_parse(const char *text, enum column_id *id, bool *descending,
                                           struct err *e);
char *column_sort_text(enum column_id id, bool descending); /* the same as text; owned */

/* Finds out where each column goes in `cells` cells: columns that do not fit are left out by
 * `keep`, spare room goes to the name, then to the others up to their max. `wide` gives all columns
 * their max and lets the row be wider than `cells` (sideways scrolling). Returns how many slots
 * there are. */
struct column_slot {
    const struct column *column;
    int x, width;
};
size_t columns_layout(const struct column_set *s, int cells, bool wide,
                      struct column_slot out[COL_COUNT]);

/* The progress to draw as a bar with its number: 0-100, -1 when there is none. */
int column_percent(const struct entry *e);

enum glyph status_glyph(uint8_t job_status);
enum style status_style(uint8_t job_status);
/* The mark beside the state, for enum job_mark: "" | "?" (no record) | "&" (two records). */
const char *record_mark(unsigned mark);
/* The word of the status, such as "RUNNING", which fits into 11 cells: QUEUED, IN PROGRESS, or the
 * record's own word. */
void status_text(const struct entry *e, char *buf, size_t size);

/* Further formats, in addition to jobs/age.h. Each writes at most `size` bytes and returns buf. */
/* local time: "2025-08-20 10:30:00" */
const char *format_local(int64_t at_ms, char *buf, size_t size);
/* numbers such as "999", "12.3k", "4.5M" */
const char *format_count(uint64_t n, char *buf, size_t size);
#endif
