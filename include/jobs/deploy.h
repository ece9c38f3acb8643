/* deploy.h - a deploy request: its fields, their rules, the event (SPEC 1.1) and the record it
 * makes.
 *
 * Pure: time and randomness come from the caller or core/rand. Not shared between threads. */
#ifndef JOBS_DEPLOY_H
#define JOBS_DEPLOY_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/secret.h"

#define JOB_ID_SIZE 129 /* up to 128 characters, and the NUL */

struct deploy_request {
    char job_id[JOB_ID_SIZE]; /* "" until deploy_request_seal */
    char *user_id;            /* all owned; NULL when not given */
    char *product_id;
    char *business_name;
    char *email;
    char *priority; /* NULL means normal */
    char **features;
    size_t features_len;
    int64_t estimated_duration_s; /* -1 when not given */
    struct secret database_url;   /* founderdashDbUrl */
    char *retry_of;               /* the job this one repeats */
    cJSON *metadata;              /* object of further keys, or NULL; they go out as they came */
    int64_t timestamp_ms;         /* TIME_NONE until sealed */
    /* Tells its record from one that another request made under the same job id; "": the outbox
     * makes one. Not part of the event. */
    char request_id[40];
};

void deploy_request_init(struct deploy_request *r);
void deploy_request_clear(struct deploy_request *r);
void deploy_request_copy(struct deploy_request *to, const struct deploy_request *from);

/* One row per field a person can give: the form, the CLI, batch files and REST all use it. */
struct deploy_field {
    const char *name;  /* as in the event: "userId", "metadata.businessName" is "businessName" */
    const char *label; /* for people: "User id" */
    const char *help;  /* what is accepted, one line */
    const char *flag;  /* of `send`: "user-id"; NULL when it may not be a flag (secrets) */
    bool required;
    bool secret;
    const char *choices; /* "high|normal|low" or NULL */
};
extern const struct deploy_field deploy_fields[];
extern const size_t deploy_fields_len;
/* By name or flag, in any letter case, with or without - and _ ("userId", "user-id", "USER_ID");
 * NULL when there is none. */
const struct deploy_field *deploy_field_find(const char *name);

/* Sets one field from a person's text ("" unsets; features are comma-separated; metadata is a JSON
 * object; estimatedDuration is seconds, or 90m, 4h). E_INVALID names field, reason and what would
 * be accepted, and changes nothing. */
MUST_CHECK enum err_code deploy_request_set(struct deploy_request *r, const char *field,
                                            const char *text, struct err *e);
/* The field as text for a form; owned; secrets come masked. */
char *deploy_request_get(const struct deploy_request *r, const char *field);

/* Checks the whole request (required fields too). `field` (may be NULL) gets the first bad one's
 * name. */
MUST_CHECK enum err_code deploy_request_check(const struct deploy_request *r, const char **field,
                                              struct err *e);

/* Gives it its jobId (job_<ms>_<9 of [0-9a-z]>) unless it has one, and its timestamp. */
void deploy_request_seal(struct deploy_request *r, int64_t now_ms);
bool job_id_valid(const char *id); /* 1-128 of [A-Za-z0-9._-], begins with a letter or digit */

/* The event's Detail, SPEC 1.1. With `mask` the database URL's password is hidden (for previews and
 * for the outbox never: there it is needed). Owned. */
cJSON *deploy_detail_json(const struct deploy_request *r, bool mask);
/* Reads a Detail (or a REST body, or a line of a batch file): known fields with the right type,
 * others under metadata kept as they came. E_INVALID names the field. */
MUST_CHECK enum err_code deploy_request_from_json(struct deploy_request *r, const cJSON *detail,
                                                  struct err *e);
/* The record to write: both forms of SPEC 1.2, status PENDING, without the database URL.
 * AttributeValue item, owned. */
cJSON *deploy_record_item(const struct deploy_request *r);
/* A request that repeats a recorded job, with retry_of set; no jobId. */
void deploy_request_from_job(struct deploy_request *r, const cJSON *item);
#endif
