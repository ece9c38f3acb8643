/* form.h - the deploy form: fields of jobs/deploy.h, checked as they are typed, with a preview of
 * the exact event. UI thread only. */
#ifndef APP_FORM_H
#define APP_FORM_H

#include <stdbool.h>
#include <stdint.h>

#include "edit.h"
#include "jobs/deploy.h"
#include "textview.h"

#define FORM_FIELDS_MAX 16

struct form_field {
    const struct deploy_field *def;
    struct edit edit;
    char err[200]; /* what is wrong with the value; "" when it is good */
    bool touched;  /* only when this is set does an error show */
};

enum form_check { CHECK_NONE, CHECK_ASKING, CHECK_MATCHES, CHECK_NO_MATCH, CHECK_FAILED };
enum form_state { FORM_EDITING, FORM_SENDING, FORM_SENT };

struct form {
    struct form_field fields[FORM_FIELDS_MAX];
    size_t len;
    size_t focus;  /* the index of a field */
    size_t scroll; /* the first field that is shown */
    bool changed;  /* the form was changed since it was opened, sent or cleared */
    bool valid;    /* the request would be accepted as it is */
    enum form_state state;
    uint32_t request;    /* the request of the deploy under way */
    struct err send_err; /* why the last send failed; the values are kept */
    enum form_check check;
    uint32_t check_request;
    char check_why[ERR_TEXT_SIZE];
    char *retry_of;             /* owned; `a` filled the form from this job */
    cJSON *carried;             /* owned; what else that job's record holds, see jobs/deploy.h */
    struct textview preview;    /* the event as it would be sent, secrets masked */
    char sent_job[JOB_ID_SIZE]; /* the job of the last send that was accepted */
    char sent_event[64];
    int64_t sent_ms;
};

/* What the preview is made from, in addition to the fields. */
struct form_target {
    const char *bus, *source, *detail_type, *region;
};

void form_init(struct form *f);
void form_done(struct form *f);
/* makes the form empty, with the defaults */
void form_reset(struct form *f, const struct form_target *t);
/* The values as a request (not sealed). False when a field is bad: its `err` says why, and with
 * `complain` the focus goes to the first bad one. */
bool form_request(struct form *f, struct deploy_request *out, bool complain);
void form_fill(struct form *f, const struct deploy_request *r, const struct form_target *t);
void form_check_fields(struct form *f, const struct form_target *t); /* called after a change */
bool form_key(struct form *f, const char *key, const struct form_target *t);
void form_move(struct form *f, int step);
/* moves to another choice in a field with choices */
void form_choose(struct form *f, int step, const struct form_target *t);
/* Does it hold a deploy that a person typed and that was not sent? */
bool form_unsent(const struct form *f);
#endif
