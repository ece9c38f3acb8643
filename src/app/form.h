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
    char err[200]; /* "" when good */
    bool touched;  /* only then an error shows */
};

enum form_check { CHECK_NONE, CHECK_ASKING, CHECK_MATCHES, CHECK_NO_MATCH, CHECK_FAILED };
enum form_state { FORM_EDITING, FORM_SENDING, FORM_SENT };

struct form {
    struct form_field fields[FORM_FIELDS_MAX];
    size_t len;
    size_t focus;  /* field */
    size_t scroll; /* first field shown */
    bool changed;  /* since opened, sent or cleared */
    bool valid;    /* the request as it stands would be accepted */
    enum form_state state;
    uint32_t request;    /* of the deploy under way */
    struct err send_err; /* why the last send failed; the values are kept */
    enum form_check check;
    uint32_t check_request;
    char check_why[256];
    char *retry_of;             /* owned; made from this job by `a` */
    cJSON *carried;             /* owned; what else its record holds, see jobs/deploy.h */
    struct textview preview;    /* the event as it would go out, secrets masked */
    char sent_job[JOB_ID_SIZE]; /* of the last send that was accepted */
    char sent_event[64];
    int64_t sent_ms;
};

/* What the preview is made of beside the fields. */
struct form_target {
    const char *bus, *source, *detail_type, *region;
};

void form_init(struct form *f);
void form_done(struct form *f);
void form_reset(struct form *f, const struct form_target *t); /* empty, with the defaults */
/* The values as a request (not sealed). False when a field is bad: its `err` says why and the focus
 * goes to the first bad one when `complain`. */
bool form_request(struct form *f, struct deploy_request *out, bool complain);
void form_fill(struct form *f, const struct deploy_request *r, const struct form_target *t);
void form_check_fields(struct form *f, const struct form_target *t); /* after a change */
bool form_key(struct form *f, const char *key, const struct form_target *t);
void form_move(struct form *f, int step);
void form_choose(struct form *f, int step, const struct form_target *t); /* in a choice field */
#endif
