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
    BULK_IDLE,    /* there is no file yet, or it could not be read: see `err` */
    BULK_READING, /* a worker reads and checks the file */
    BULK_WRONG,   /* lines are wrong: nothing can be sent */
    BULK_READY,   /* every line is in order, nothing was sent */
    BULK_SENDING,
    BULK_OVER /* the run has ended, in whatever way */
};

enum bulk_mark {
    LINE_VALID,
    LINE_WRONG,
    LINE_WAITING, /* the line's turn has not come */
    LINE_SENT,
    LINE_KEPT, /* the request is in the outbox */
    LINE_FAILED,
    LINE_UNKNOWN,  /* an earlier run recorded the line, perhaps without sending it */
    LINE_NOT_SENT, /* the run ended before the line's turn */
    LINE_MARKS
};

struct bulk_row {
    size_t line;                 /* the line's number in the file */
    size_t added;                /* how many rows were there before this one was added */
    char *user, *product, *name; /* owned, clean; NULL when not known */
    char *job_id;                /* owned; NULL until the line has one */
    char *note;                  /* owned, clean: what is wrong, or the event's id */
    uint8_t mark;                /* enum bulk_mark */
    bool earlier;                /* sent by an earlier run */
};

struct bulk_view {
    enum bulk_stage stage;
    struct edit path;         /* the path that is being typed */
    char **files;             /* owned: the names that begin with it */
    size_t files_len, file;   /* the chosen name: its index + 1; 0: none */
    uint32_t files_request;   /* the request for names that is under way; 0: none */
    bool files_wanted;        /* names have to be asked for at the end of the event */
    bool complete, accept;    /* Tab, and Enter after it, were pressed before the names came */
    char *name;               /* owned: the name of the file that was read, as it was typed */
    uint32_t request;         /* the request of the reading or sending that is under way */
    struct bulk_input *input; /* owned; for BULK_READY */
    struct err err;           /* why the file could not be read, or why the run ended early */
    struct bulk_row *rows;    /* owned; when all lines are valid, each row is a request */
    size_t len, cap;
    size_t *shown;            /* owned: the indexes of the lines that show */
    struct rows list;         /* the cursor and the window over them */
    bool only_trouble;        /* only rows with something wrong show */
    size_t wrong;             /* how many mistakes there are */
    bool more_wrong;          /* there are others that were not kept */
    struct bulk_earlier past; /* what earlier runs did with the lines */
    struct err unknown;       /* code not E_OK: why that is not known for all lines */
    bool anew;                /* all lines become new jobs, whatever earlier runs did */
    /* the file is read in order to go on with the rest: ask as soon as it is read */
    bool ask_when_read;
    size_t ended, failed; /* lines of this run so far */
    struct bulk_totals totals;
    bool stopping; /* somebody asked to send nothing more */
};

void bulk_init(struct bulk_view *v);
void bulk_done(struct bulk_view *v);
/* Turns the content of a reply into rows: mistakes and good lines in the order of the file. */
void bulk_take_input(struct bulk_view *v, struct bulk_input *in, bool good);
void bulk_take_line(struct bulk_view *v, const char *job_id, size_t index,
                    const struct bulk_line *line);
void bulk_sift(struct bulk_view *v);          /* finds out which rows show */
bool bulk_earlier(const struct bulk_view *v); /* did an earlier run begin any of the lines? */
size_t bulk_to_send(const struct bulk_view *v);
/* how many lines a run left unsent */
size_t bulk_not_sent(const struct bulk_totals *t);
const struct bulk_row *bulk_current(const struct bulk_view *v); /* NULL when there is none */
const char *bulk_mark_word(uint8_t mark);                       /* "sent"; static */
enum style bulk_mark_style(uint8_t mark);
/* All rows as text, one line each, with tabs between the columns; owned. */
char *bulk_text(const struct bulk_view *v);
#endif
