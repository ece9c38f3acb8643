/* dlq.h - the dead letter queue: its messages in groups by error code, one of them as text, one
 * being edited. While messages are looked at, nobody holds them: an action takes them again by
 * their ids. UI thread only. */
#ifndef APP_DLQ_H
#define APP_DLQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "edit.h"
#include "ops/dlq.h"
#include "rows.h"
#include "textview.h"
#include "work/msg.h"

struct dlq_item {
    struct dlq_message m; /* owned; without a receipt */
    bool marked;
};

enum dlq_row_kind { DLQ_ROW_CODE, DLQ_ROW_ADVICE, DLQ_ROW_MESSAGE, DLQ_ROW_BLANK };
struct dlq_row {
    enum dlq_row_kind kind;
    size_t item;      /* for a group: its first item */
    size_t from, len; /* for an advice: the bytes of dlq_remedy */
};

enum dlq_page { DLQ_LIST, DLQ_TEXT, DLQ_EDIT };
enum dlq_field { DLQ_SOURCE, DLQ_TYPE, DLQ_DETAIL, DLQ_FIELDS };

struct dlq_form {
    char *id; /* owned: the MessageId of the message that is edited; NULL */
    struct edit fields[DLQ_FIELDS];
    enum dlq_field focus;
    bool changed;
    struct err err; /* why the event cannot be sent as it is */
    int rows, cols; /* the room for the detail */
    size_t top;     /* the row of the detail that is shown first */
};

struct dlq_view {
    enum dlq_page page;
    bool loaded;      /* a look went well */
    uint32_t request; /* the request of the look under way; 0: none */
    struct err err;   /* why the last look failed */
    int64_t at_ms;    /* when the last good look was; TIME_NONE */
    char name[96];    /* the queue's name, as the queue answered */
    int64_t visible, hidden, keep_s;
    bool more; /* there are more messages than were read */

    struct dlq_item *items; /* owned; groups are in the order of their oldest messages */
    size_t len;
    struct rows at;        /* the cursor among the items; its window is not used: see top */
    struct dlq_row *lines; /* owned; the lines that the list shows, for its width */
    size_t lines_len, lines_cap;
    size_t top;               /* the first line shown */
    int list_rows, list_cols; /* the room for the list */

    struct textview text; /* the text of one message */
    /* the text shows the attributes as they came, instead of attributes and body */
    bool raw;
    struct dlq_form form;

    struct dlq_acting {
        uint32_t request; /* 0: nothing is under way */
        enum task_kind kind;
        size_t done, failed;
    } acting;
};

/* The message at the cursor; NULL when there is none. */
const struct dlq_item *dlq_current(const struct dlq_view *v);
size_t dlq_marked(const struct dlq_view *v);
size_t dlq_group_len(const struct dlq_view *v, size_t first);
/* The part of an ARN that tells something: "mvp-development/mvp-development-rule"; "-" without
 * one. */
const char *dlq_rule_name(const struct dlq_message *m);
const char *dlq_target_name(const struct dlq_message *m);
/* Why the message is here, in one line as it came: clean it. Returns buf. */
const char *dlq_why(const struct dlq_message *m, char *buf, size_t size);
/* Where the detail goes in a body of so many rows: its first row, and how many rows it has. */
void dlq_form_place(int rows, int *first, int *count);
/* A row of the detail as it is wrapped while it is typed; false past the end. */
bool dlq_form_row(const struct dlq_form *f, size_t row, size_t *from, size_t *len);
#endif
