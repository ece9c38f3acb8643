/* bulk.h - a file of deploys in the dashboard: named, checked, sent, line by line. UI thread only.
 */
#ifndef APP_BULK_H
#define APP_BULK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/surface.h"
#include "edit.h"
#include "ops/bulk.h"
#include "rows.h"

enum bulk_stage {
    BULK_IDLE,    /* no file yet, or it could not be read: `err` */
    BULK_READING, /* a worker reads and checks it */
    BULK_WRONG,   /* lines are wrong: nothing can be sent */
    BULK_READY,   /* every line is in order, nothing was sent */
    BULK_SENDING,
    BULK_OVER /* it ended, one way or another */
};

enum bulk_mark {
    LINE_VALID,
    LINE_WRONG,
    LINE_WAITING, /* its turn comes */
    LINE_SENT,
    LINE_KEPT, /* in the outbox */
    LINE_FAILED,
    LINE_UNKNOWN,  /* recorded by an earlier run, perhaps not sent */
    LINE_NOT_SENT, /* the run ended before its turn */
    LINE_MARKS
};

struct bulk_row {
    size_t line;                 /* of the file */
    char *user, *product, *name; /* owned, clean; NULL when not known */
    char *job_id;                /* owned; NULL until it has one */
    char *note;                  /* owned, clean: what is wrong, or the event id */
    uint8_t mark;                /* enum bulk_mark */
    bool earlier;                /* sent by an earlier run */
};

struct bulk_view {
    enum bulk_stage stage;
    struct edit path;         /* being typed */
    char **files;             /* owned: names that begin with it */
    size_t files_len, file;   /* chosen: index + 1; 0: none */
    uint32_t files_request;   /* under way; 0: none */
    bool files_wanted;        /* to be asked for at the end of the event */
    bool complete, accept;    /* Tab, and Enter after it, came before the names did */
    char *name;               /* owned: the file that was read, as typed */
    uint32_t request;         /* of the reading or the sending under way */
    struct bulk_input *input; /* owned; BULK_READY */
    struct err err;           /* why it could not be read, or why the run ended early */
    struct bulk_row *rows;    /* owned; when all are valid, a row is a request */
    size_t len, cap;
    size_t *shown;            /* owned: the indexes of the lines that show */
    struct rows list;         /* the cursor and the window over them */
    bool only_trouble;        /* only rows with something wrong show */
    size_t wrong;             /* mistakes */
    bool more_wrong;          /* and others that were not kept */
    struct bulk_earlier past; /* what earlier runs did with its lines */
    struct err unknown;       /* code not E_OK: why that is not known for all lines */
    bool anew;                /* all become new jobs all the same */
    bool ask_when_read;       /* the reading is to go on with the rest: ask at once */
    size_t ended, failed;     /* of this run, so far */
    struct bulk_totals totals;
    bool stopping; /* asked to send nothing more */
};

void bulk_init(struct bulk_view *v);
void bulk_done(struct bulk_view *v);
/* What a reply brought, as rows: mistakes and good lines in the order of the file. */
void bulk_take_input(struct bulk_view *v, struct bulk_input *in, bool good);
void bulk_take_line(struct bulk_view *v, const char *job_id, size_t index,
                    const struct bulk_line *line);
void bulk_sift(struct bulk_view *v);          /* which rows show */
bool bulk_earlier(const struct bulk_view *v); /* did an earlier run begin any of the lines? */
size_t bulk_to_send(const struct bulk_view *v);
size_t bulk_not_sent(const struct bulk_totals *t);              /* lines that a run left unsent */
const struct bulk_row *bulk_current(const struct bulk_view *v); /* NULL when there is none */
const char *bulk_mark_word(uint8_t mark);                       /* "sent"; static */
enum style bulk_mark_style(uint8_t mark);
/* All rows as text, a line each, tabs between the columns; owned. */
char *bulk_text(const struct bulk_view *v);
#endif
