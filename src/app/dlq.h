/* dlq.h - the dead letter queue: its messages in groups of an error code, one of them as text, one
 * being edited. Messages are held by nobody while they are looked at: an action takes them anew by
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
    size_t item;      /* of a group: its first */
    size_t from, len; /* of an advice: the bytes of dlq_remedy */
};

enum dlq_page { DLQ_LIST, DLQ_TEXT, DLQ_EDIT };
enum dlq_field { DLQ_SOURCE, DLQ_TYPE, DLQ_DETAIL, DLQ_FIELDS };

struct dlq_form {
    char *id; /* owned: MessageId of what is edited; NULL */
    struct edit fields[DLQ_FIELDS];
    enum dlq_field focus;
    bool changed;
    struct err err; /* why it cannot be sent as it stands */
    int rows, cols; /* room for the detail */
    size_t top;     /* row of the detail shown first */
};

struct dlq_view {
    enum dlq_page page;
    bool loaded;      /* a look went well */
    uint32_t request; /* of the look under way; 0: none */
    struct err err;   /* why the last look failed */
    int64_t at_ms;    /* of the last good look; TIME_NONE */
    char name[96];    /* the queue's, as it answered */
    int64_t visible, hidden, keep_s;
    bool more; /* there are more than were read */

    struct dlq_item *items; /* owned; groups in the order of their oldest message */
    size_t len;
    struct rows at;        /* the cursor among the items; its window is not used: see top */
    struct dlq_row *lines; /* owned; what the list shows, for its width */
    size_t lines_len, lines_cap;
    size_t top;               /* the first line shown */
    int list_rows, list_cols; /* room for them */

    struct textview text; /* of one message */
    bool raw;             /* its attributes as they came, instead of attributes and body */
    struct dlq_form form;

    struct dlq_acting {
        uint32_t request; /* 0: nothing is under way */
        enum task_kind kind;
        size_t done, failed;
    } acting;
};

/* The message that the cursor stands on; NULL when there is none. */
const struct dlq_item *dlq_current(const struct dlq_view *v);
size_t dlq_marked(const struct dlq_view *v);
size_t dlq_group_len(const struct dlq_view *v, size_t first);
/* The part of an ARN that tells: "mvp-development/mvp-development-rule"; "-" without one. */
const char *dlq_rule_name(const struct dlq_message *m);
const char *dlq_target_name(const struct dlq_message *m);
/* Why it is here, in one line as it came: clean it. Returns buf. */
const char *dlq_why(const struct dlq_message *m, char *buf, size_t size);
/* Where the detail goes in a body of so many rows: its first row and how many it has. */
void dlq_form_place(int rows, int *first, int *count);
/* A row of the detail as it is wrapped while it is typed; false past its end. */
bool dlq_form_row(const struct dlq_form *f, size_t row, size_t *from, size_t *len);
#endif
