/* deploy_type.h - the kinds of values that fields of a deploy have: private to src/jobs.
 *
 * A row of deploy_fields names its type, and where its value lies in struct deploy_request. The
 * type knows the rest: everything that reads or writes a field goes through its type. */
#ifndef JOBS_DEPLOY_TYPE_H
#define JOBS_DEPLOY_TYPE_H

#include "deploy_rules.h"

struct field_type {
    /* `at` is the value's place in a request. `clear` makes it not given; its memory may be all
     * zero. */
    void (*clear)(void *at);
    void (*copy)(void *to, const void *from); /* `to` holds no value before */
    bool (*given)(const void *at);
    enum err_code (*check)(const struct deploy_field *f, const void *at, struct err *e);
    /* Sets the value from a person's text; "" unsets it. On an error nothing changes. */
    enum err_code (*set)(const struct deploy_field *f, struct deploy_request *r, const char *s,
                         struct err *e);
    /* writes the value as a person may type it; secrets are masked */
    void (*show)(const void *at, struct strbuf *out);
    /* Takes a JSON value in the same way: the value is never null, unless the type takes null. */
    enum err_code (*take)(const struct deploy_field *f, struct deploy_request *r, const cJSON *v,
                          struct err *e);
    /* Adds every fault of a JSON value, each with its path; NULL: `take` tells the one fault. */
    void (*faults)(const struct deploy_field *f, const char *path, const cJSON *v,
                   struct faults *out);
    /* The value as JSON, owned; NULL when it is not given. Not for the object: see
     * deploy_metadata_json. */
    cJSON *(*json)(const void *at, bool mask);
    cJSON *(*schema)(const struct deploy_field *f, const char *value); /* owned */

    /* Only types that are texts have these: what is accepted, as a check, as a pattern (owned), and
     * by the name that JSON Schema has for it, or NULL. */
    enum err_code (*rule)(const struct deploy_field *f, const char *s, struct err *e);
    cJSON *(*pattern)(void);
    const char *format;
};

/* The types of deploy_type_text.c. */
extern const struct field_type field_id;     /* char *: an id of another program */
extern const struct field_type field_job_id; /* char[JOB_ID_SIZE] */
/* char *: the id of a recorded job, whoever made the record */
extern const struct field_type field_old_id;
extern const struct field_type field_text;   /* char * */
extern const struct field_type field_email;  /* char * */
extern const struct field_type field_choice; /* char *: one of the row's choices */
extern const struct field_type field_secret; /* struct secret: a URL with a password */
/* The types of deploy_type_list.c, deploy_type_time.c and deploy_type_object.c. */
extern const struct field_type field_list;    /* struct deploy_list */
extern const struct field_type field_seconds; /* int64_t, -1 when not given */
extern const struct field_type field_time;    /* int64_t ms, TIME_NONE when not given */
extern const struct field_type field_object;  /* cJSON *: the further keys */

static inline void *field_at(const struct deploy_field *f, struct deploy_request *r)
{
    return (char *)r + f->at;
}

static inline const void *field_in(const struct deploy_field *f, const struct deploy_request *r)
{
    return (const char *)r + f->at;
}

/* The table (deploy_fields.c): its first `deploy_fields_len` rows are the fields that a person
 * gives. */
extern const size_t deploy_rows_len;
/* The row that stands in place `nth` (from 1) of its object in the event; NULL after the last
 * one. */
const struct deploy_field *deploy_field_on_wire(enum deploy_place place, int nth);
/* The value as JSON, or what stands for a value that is not given; owned, NULL when nothing
 * does. */
cJSON *deploy_field_json(const struct deploy_field *f, const struct deploy_request *r, bool mask);
/* Is a field there that must be? */
MUST_CHECK enum err_code deploy_check_given(const struct deploy_request *r,
                                            const struct deploy_field *f, struct err *e);

/* Patterns of JSON Schema for the rules of deploy_rules.h (deploy_pattern.c); owned. */
cJSON *pattern_id(void);
cJSON *pattern_text(void);
cJSON *pattern_email(void);
cJSON *pattern_url(void);

/* The schemas of deploy_schema.c. */
cJSON *schema_text(const struct deploy_field *f, const char *value);
cJSON *schema_choice(const struct deploy_field *f, const char *value);
cJSON *schema_secret(const struct deploy_field *f, const char *value);
cJSON *schema_list(const struct deploy_field *f, const char *value);
cJSON *schema_seconds(const struct deploy_field *f, const char *value);
cJSON *schema_object(const struct deploy_field *f, const char *value);
#endif
