/* deploy_rules.h - what values a deploy request accepts: private to src/jobs.
 *
 * Every check names the field, what was given, and what would be accepted; it never changes
 * anything. Secrets are never repeated in a sentence. */
#ifndef JOBS_DEPLOY_RULES_H
#define JOBS_DEPLOY_RULES_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "core/err.h"
#include "core/faults.h"
#include "core/strbuf.h"
#include "jobs/deploy.h"

enum {
    RULE_WORD_MAX = 100,      /* characters of a word in a list */
    RULE_URL_MAX = 2048,      /* characters of a name */
    RULE_EMAIL_NAME_MAX = 64, /* characters before the @ */
    RULE_LABEL_MAX = 63,      /* characters of one label of a domain */
    RULE_EXIT_CODE_MAX = 255,
    /* DynamoDB takes 32 levels, and the record puts some around the metadata */
    RULE_DEPTH_MAX = 24,
    RULE_KEYS_MAX = 1000, /* keys of one object */
    /* bytes of one PutEvents entry before AWS raised the limit in 2026 */
    RULE_DETAIL_MAX = 256 * 1024,
    /* how much of an entry its source, detail type and bus may take */
    RULE_ENTRY_OVERHEAD = 1024
};

/* The largest and the least number that metadata may hold: DynamoDB's limits. A number may have up
 * to 38 digits. */
#define RULE_NUMBER_MAX 9.9e125
#define RULE_NUMBER_LEAST 1e-130
/* What an id may hold besides letters and digits; what the name of an email address may not hold;
 * the blanks, of which alone a text may not consist. */
#define RULE_ID_MORE "._:@|+=-"
#define RULE_EMAIL_NOT " @\"(),:;<>[]\\"
#define RULE_BLANKS(X) X(0x20) X(0xa0) X(0x3000)
/* The characters of which the scheme of a URL is made. */
#define RULE_SCHEME "abcdefghijklmnopqrstuvwxyz+"

/* A person's value, made safe and short enough for a sentence. */
struct shown {
    char text[176];
};
struct shown rule_shown(const char *value);

MUST_CHECK enum err_code rule_job_id(const char *field, const char *s, struct err *e);
/* Checks for `least` to `most` characters of printable UTF-8 that are not all blank. */
MUST_CHECK enum err_code rule_text(const char *field, const char *s, size_t least, size_t most,
                                   struct err *e);
/* Checks for one of `choices` ("high|normal|low") in any letter case; *out (may be NULL) gets the
 * spelling that `choices` has, owned. */
MUST_CHECK enum err_code rule_choice(const char *field, const char *choices, const char *s,
                                     char **out, struct err *e);
/* Checks the value of a field by the limits in its row. */
MUST_CHECK enum err_code rule_id(const struct deploy_field *f, const char *s, struct err *e);
MUST_CHECK enum err_code rule_email(const struct deploy_field *f, const char *s, struct err *e);
MUST_CHECK enum err_code rule_database_url(const struct deploy_field *f, const char *s,
                                           struct err *e);
/* Check (deploy_values.c) an object that EventBridge and DynamoDB must both take. The second
 * function adds every fault with its path; the first one tells the first fault. */
MUST_CHECK enum err_code rule_metadata(const char *field, const cJSON *object, struct err *e);
void rule_metadata_faults(const char *field, const cJSON *object, struct faults *f);
/* Checks a list of at most `most` words in the same way. */
void rule_list_faults(const char *field, const cJSON *list, int most, struct faults *f);
/* Fails with E_INVALID: "name: is a list: give ...". */
enum err_code rule_wrong_type(const cJSON *v, const char *wanted, struct err *e);
/* Appends the next member to a path: ".name", or ["na me"] when it is no plain name. */
void rule_path_add(struct strbuf *path, const char *name);

/* The field that a key of metadata belongs to; NULL for a further key. */
const struct deploy_field *deploy_metadata_field(const char *key);
/* The event's metadata object: the known keys, then the further ones. Owned. */
cJSON *deploy_metadata_json(const struct deploy_request *r);
/* Puts one member of a Detail into its place in the request; E_INVALID when the member is no field
 * of a deploy. */
MUST_CHECK enum err_code deploy_take_member(struct deploy_request *r, const cJSON *member,
                                            struct err *e);
/* Puts one key of metadata into its place in the request: a field of its own, or the further
 * keys. */
MUST_CHECK enum err_code deploy_take_metadata(struct deploy_request *r, const cJSON *member,
                                              struct err *e);
/* These functions (deploy_carry.c) handle what a record holds beyond the fields of a deploy: they
 * read it from a record (owned; NULL when there is nothing), add its part to the event's metadata
 * and to the new record, and name its largest attribute (borrowed; NULL: there is none). */
cJSON *deploy_carry_of(const cJSON *item);
void deploy_carry_event(const struct deploy_request *r, cJSON *event_metadata);
void deploy_carry_record(const struct deploy_request *r, cJSON *item);
const char *deploy_carry_largest(const struct deploy_request *r, size_t *bytes);
void deploy_list_add(struct deploy_list *l, const char *s, size_t len);
/* The text "userId and productId"; owned. */
char *deploy_required_names(void);
#endif
