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

#define DEPLOY_BULK_LINE "batchLine" /* the record's attribute, see deploy_request.bulk_line */
#define JOB_ID_SIZE 129              /* up to 128 characters, and the NUL */

struct deploy_list {
    char **items; /* owned, and each text in it too */
    size_t len;
};

struct deploy_request {
    char job_id[JOB_ID_SIZE]; /* "" until deploy_request_seal */
    char *user_id;            /* all owned; NULL when not given */
    char *product_id;
    char *business_name;
    char *email;
    char *priority; /* NULL means normal */
    struct deploy_list features;
    int64_t estimated_duration_s; /* -1 when not given */
    struct secret database_url;   /* founderdashDbUrl */
    char *retry_of;               /* the job this one repeats */
    cJSON *metadata;              /* object of further keys, or NULL; they go out as they came */
    /* What the record of the job that this one repeats holds beyond all these, owned, or NULL
     * (deploy_request_from_job): its attributes become the new record's, with their types, and
     * members of the event's metadata. */
    cJSON *carried;
    int64_t timestamp_ms; /* TIME_NONE until sealed */
    /* Tells its record from one that another request made under the same job id; "": the outbox
     * makes one. Not part of the event. */
    char request_id[40];
    /* Which line of which file this is (bulk.h), an object that the record keeps as `batchLine`;
     * owned, NULL for a request by itself. Not part of the event. */
    cJSON *bulk_line;
};

/* Make an empty request, free what one holds (and wipe its secrets), copy one. */
void deploy_request_init(struct deploy_request *r);
void deploy_request_clear(struct deploy_request *r);
void deploy_request_copy(struct deploy_request *to, const struct deploy_request *from);

enum deploy_place {
    DEPLOY_TOP,     /* a member of the event's detail */
    DEPLOY_METADATA /* a member of its metadata */
};

/* One row for each field: the form, the options of `send`, files of deploys, the event, the record,
 * REST and its schema all read it. A new field is a row, and a member of struct deploy_request. */
struct field_type;
struct deploy_field {
    const char *name; /* the name in the event: "userId" */
    /* the name for people: "User id"; NULL: only programs give the field */
    const char *label;
    const char *flag;        /* of `send`: "user-id"; NULL when it may not be a flag (secrets) */
    enum deploy_place place; /* the field's object in the event */
    int wire;                /* the field's position there, from 1 */
    const struct field_type *type; /* src/jobs/deploy_type.h */
    size_t at;                     /* where the value lies in struct deploy_request */
    int64_t least, most;           /* limits in characters, in words of a list, or in seconds */
    const char *help;              /* what is accepted, one line */
    const char *choices;           /* "high|normal|low" or NULL */
    const char *standard;          /* the value that counts when the field is left out, or NULL */
    const char *note;              /* its description in the JSON Schema, or NULL */
    bool required;
    bool secret;
    /* the program makes the value when it is left out; REST does not take the field at all */
    bool made;
    /* the value names something: it is a key of the record, and no number, whatever it looks
     * like */
    bool id;
    /* the field is also an attribute of the record; the record has all metadata in any case */
    bool record;
    /* the overview of a job shows the field (struct job), so it is no unknown attribute */
    bool told;
};
/* The fields that a person gives, in the order of the form. */
extern const struct deploy_field deploy_fields[];
extern const size_t deploy_fields_len;
/* By name or flag, in any letter case, with or without - and _ ("userId", "user-id", "USER_ID");
 * NULL when there is none. */
const struct deploy_field *deploy_field_find(const char *name);
/* The field whose name or flag a mistyped name nearly is ("busnessName"), also with blanks in it;
 * NULL when it is a field itself, or nobody's neighbour. */
const struct deploy_field *deploy_field_near(const char *name);
/* The field with exactly this name in the event, also one that only programs give ("timestamp",
 * "retryOf"). */
const struct deploy_field *deploy_field_named(const char *name);
/* The i-th word of "high|normal|low", not ended by a NUL; borrowed. NULL after the last word. */
const char *deploy_choice_at(const char *choices, size_t i, size_t *len);
/* The index of the word among a field's choices, in any letter case; NULL counts as the field's
 * standard. -1: the word is none of them. */
int deploy_choice_of(const struct deploy_field *f, const char *word);
/* The sentence about any other member of a detail: "is not a field of a deploy: give userId, ...".
 * Owned. */
char *deploy_not_a_field(void);
extern const char deploy_example[]; /* the smallest possible deploy, as JSON */

/* Sets one field from a person's text ("" unsets; features are comma-separated; metadata is a JSON
 * object; estimatedDuration is as duration_read takes it). E_INVALID names field, reason and what
 * would be accepted, and changes nothing. */
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
/* The same without what is carried: with `carried` beside it, all that makes the request. Owned. */
cJSON *deploy_request_json(const struct deploy_request *r);
/* Reads a Detail (or a REST body, or a line of a file of deploys): known fields with the right
 * type, others under metadata kept as they came. E_INVALID names the field. */
MUST_CHECK enum err_code deploy_request_from_json(struct deploy_request *r, const cJSON *detail,
                                                  struct err *e);
/* Both at once, with all that is wrong: each member that is of a deploy is read and checked, what
 * is missing is named, and nothing of the request is left when there is a fault. A text is taken as
 * it is, blanks included. `detail` is an object. */
struct faults;
void deploy_request_read(struct deploy_request *r, const cJSON *detail, struct faults *f);
/* The same rules as JSON Schemas (2020-12), owned: of a whole deploy, and of any value that may lie
 * in its metadata. `value` is where the second can be found: "#/components/schemas/Value". */
cJSON *deploy_schema(const char *value);
cJSON *deploy_value_schema(const char *value);
/* A pattern that takes each of the words ("high|normal|low") in any letter case; owned. */
char *deploy_any_case(const char *words);
/* The record to write: both forms of SPEC 1.2, status PENDING, without the database URL.
 * AttributeValue item, owned. */
cJSON *deploy_record_item(const struct deploy_request *r);
/* The record for an event that any program sent to start a job: what deploy_record_item makes of
 * the parts that can be read, every other key and word kept as it came, no NULL where an index
 * needs a text, no secret. `notes` gets what could not be read or kept, "a: why; b: why". With
 * `bare` further keys are left out (the record is too large with them). Owned; NULL when the detail
 * has no job id that a record can have. */
struct strbuf;
cJSON *deploy_event_item(const cJSON *detail, int64_t now_ms, bool bare, struct strbuf *notes);
/* A request that repeats a recorded job, with retry_of set; no jobId. Every attribute of the record
 * that is neither state nor result (jobs/attrs.h) goes along. */
void deploy_request_from_job(struct deploy_request *r, const cJSON *item);
#endif
