/* children.h - the children of a Batch array job: their list, one of them in full, its log. What is
 * known of each child is what Batch last said; the state of a child that Batch did not tell of is
 * not known. UI thread only. */
#ifndef APP_CHILDREN_H
#define APP_CHILDREN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "detail.h"
#include "jobs/batch.h"
#include "textview.h"

/* The groups in the order of the list: what people look for comes first. */
enum child_group {
    CHILD_FAILED,
    CHILD_UNKNOWN, /* not told of yet, could not be asked for, or forgotten by Batch */
    CHILD_RUNNING,
    CHILD_STARTING,
    CHILD_WAITING,
    CHILD_SUCCEEDED,
    CHILD_GROUPS /* as a choice of what shows: all groups */
};
const char *child_group_word(enum child_group g); /* "failed"; "" for CHILD_GROUPS */

struct child {
    struct batch_job *batch; /* owned; NULL: not known */
    uint32_t round;          /* the number of the listing that last told of the child */
    bool gone;               /* the child was asked for by its id, and Batch knew nothing of it */
};

enum children_page { CHILDREN_LIST, CHILDREN_FACTS, CHILDREN_LOG };

struct children_view {
    enum children_page page;
    enum children_page log_back; /* where Esc leads from the log */
    char *job_id;                /* owned; our job id of the parent; NULL: none was opened yet */
    char *batch_id;              /* owned; the parent's id in Batch */
    struct batch_job *parent;    /* owned; the parent as Batch last told of it; NULL */
    struct child *items;         /* owned; by index */
    int len;                     /* the size of the array; 0: not known */

    uint32_t round;
    uint32_t request; /* the request of the listing under way; 0: none */
    /* the request of the question about children that no listing told of; 0: none */
    uint32_t mending;
    int *mended; /* owned; the indexes of these children */
    size_t mended_len;
    uint32_t one; /* the request of the question about the open child; 0: none */
    /* a listing has come to its end, with or without an error: children that it left out are told
     * so */
    bool ended;
    int64_t at_ms;         /* wall: when the last good listing ended; TIME_NONE */
    struct err err;        /* why the last listing failed */
    struct err one_err;    /* why the question for the open child failed */
    int64_t list_again_ms; /* monotonic: when to list again; 0: not by itself */
    int64_t one_again_ms;  /* monotonic: when to ask for the open child again; 0: not by itself */
    int64_t built_ms;      /* monotonic: the time for which the texts were made */

    enum child_group show; /* CHILD_GROUPS: all groups */
    bool by_index;         /* sorted by index; otherwise by group, failed children first */
    int *rows;             /* owned; the indexes of the children that show, in order */
    size_t rows_len;
    struct textview list; /* a line for each of these children */
    bool touched;         /* a key moved the cursor: until then the cursor waits at the top */

    int here; /* the index of the child that is open */
    struct textview facts;
    struct logview log;
    bool follows;         /* the log is read */
    uint32_t log_request; /* the request of the read under way; 0: its number is not known yet */
};

enum child_group child_group(const struct child *c);
/* Counts the children of each group; count[CHILD_GROUPS] gets all of them. */
void children_count(const struct children_view *v, int count[CHILD_GROUPS + 1]);
/* The index of the child at the cursor; -1: there is none. */
int children_cursor(const struct children_view *v);
enum style child_group_style(enum child_group g);

/* Where the word of the state stands in a line of the list, and how many cells it takes. */
enum { CHILD_STATE_COL = 6, CHILD_STATE_CELLS = 11 };
extern const char children_columns[];

/* Where the parts of the view go: what stands above the list, and the list. */
struct children_layout {
    struct rect counts, columns, list; /* the counts: empty when there is no room for them */
};
struct children_layout children_layout(struct rect body);

/* ---- the screen: children.c ---- */

/* Chooses whose children the screen shows from now on, and goes to their list. */
void children_show(struct children_view *v, const char *job_id, const struct batch_job *parent);
#endif
