/* children.h - the children of a Batch array job: their list, one in full, its log. What is held of
 * each is Batch's last word of it; of a child that Batch did not tell of the state is not known.
 * UI thread only. */
#ifndef APP_CHILDREN_H
#define APP_CHILDREN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "detail.h"
#include "jobs/batch.h"
#include "textview.h"

/* In the order of the list: what people look for comes first. */
enum child_group {
    CHILD_FAILED,
    CHILD_UNKNOWN, /* not told yet, could not be asked, or forgotten by Batch */
    CHILD_RUNNING,
    CHILD_STARTING,
    CHILD_WAITING,
    CHILD_SUCCEEDED,
    CHILD_GROUPS /* as a choice of what shows: all */
};
const char *child_group_word(enum child_group g); /* "failed"; "" for CHILD_GROUPS */

struct child {
    struct batch_job *batch; /* owned; NULL: not known */
    uint32_t round;          /* the listing that told it last */
    bool gone;               /* asked for by its id, Batch knew nothing of it */
};

enum children_page { CHILDREN_LIST, CHILDREN_FACTS, CHILDREN_LOG };

struct children_view {
    enum children_page page;
    enum children_page log_back; /* where Esc leads from the log */
    char *job_id;                /* owned; the parent's, ours; NULL: none was opened yet */
    char *batch_id;              /* owned; the parent's in Batch */
    struct batch_job *parent;    /* owned; as Batch last told it; NULL */
    struct child *items;         /* owned; by index */
    int len;                     /* the size of the array; 0: not known */

    uint32_t round;
    uint32_t request; /* of the listing under way; 0: none */
    uint32_t mending; /* of the question for those that no listing told of; 0: none */
    int *mended;      /* owned; their indexes */
    size_t mended_len;
    uint32_t one;          /* of the question for the child that is open; 0: none */
    bool ended;            /* a listing came to its end, good or bad: what it left out is told */
    int64_t at_ms;         /* wall: of the last good listing; TIME_NONE */
    struct err err;        /* why the last listing failed */
    struct err one_err;    /* why the question for the open child failed */
    int64_t list_again_ms; /* monotonic: list again from then on; 0: not by itself */
    int64_t one_again_ms;  /* the same of the question for the open child */
    int64_t built_ms;      /* monotonic: the texts are as of then */

    enum child_group show; /* CHILD_GROUPS: all */
    bool by_index;         /* else by group, failed ones first */
    int *rows;             /* owned; the indexes that show, in order */
    size_t rows_len;
    struct textview list; /* a line for each of them */
    bool touched;         /* a key moved the cursor: until then it waits at the top */

    int here; /* index of the child that is open */
    struct textview facts;
    struct logview log;
    bool follows;         /* the log is read */
    uint32_t log_request; /* of the read under way; 0: its number is not known yet */
};

enum child_group child_group(const struct child *c);
/* How many there are of each group; in [CHILD_GROUPS] all of them. */
void children_count(const struct children_view *v, int count[CHILD_GROUPS + 1]);
/* Index of the child that the cursor stands on; -1: none. */
int children_cursor(const struct children_view *v);
/* Why it is as it is, in one line: clean it. Returns buf. */
const char *child_why(const struct children_view *v, int index, char *buf, size_t size);
enum style child_group_style(enum child_group g);

/* Where the state's word stands in a line of the list, and the titles over all columns. */
enum { CHILD_STATE_COL = 6, CHILD_STATE_CELLS = 11 };
extern const char children_columns[];

/* The body of the view of so many rows: what stands above the list. */
struct children_layout {
    struct rect counts, columns, list; /* counts: empty where there is no room */
};
struct children_layout children_layout(struct rect body);

/* ---- the screen: children.c ---- */

/* Whose children it shows from now on, from their list. */
void children_show(struct children_view *v, const char *job_id, const struct batch_job *parent);
#endif
