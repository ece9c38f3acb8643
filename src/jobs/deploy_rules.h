/* deploy_rules.h - what values a deploy request accepts: private to src/jobs.
 *
 * Every check names the field, what was given, and what would be accepted; it never changes
 * anything. Secrets are never repeated in a sentence. */
#ifndef JOBS_DEPLOY_RULES_H
#define JOBS_DEPLOY_RULES_H

#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "jobs/deploy.h"

enum {
    RULE_ID_MAX = 128,
    RULE_RECORDED_ID_MAX = 2048, /* of a job that another program recorded */
    RULE_NAME_MAX = 200,         /* characters */
    RULE_FEATURES_MAX = 50,      /* of them */
    RULE_FEATURE_MAX = 100,      /* characters of each */
    RULE_DURATION_MIN_S = 60,
    RULE_DURATION_MAX_S = 14 * 24 * 3600,
    RULE_URL_MAX = 2048,
    RULE_DEPTH_MAX = 24,          /* DynamoDB takes 32, and the record puts some around it */
    RULE_KEYS_MAX = 1000,         /* of one object */
    RULE_DETAIL_MAX = 256 * 1024, /* bytes of one PutEvents entry before the 2026 limit */
    RULE_ENTRY_OVERHEAD = 1024    /* of which source, detail type and bus may take this much */
};

/* A person's value, made safe and short enough for a sentence. */
struct shown {
    char text[176];
};
struct shown rule_shown(const char *value);

MUST_CHECK enum err_code rule_job_id(const char *field, const char *s, struct err *e);
MUST_CHECK enum err_code rule_id(const char *field, const char *s, struct err *e);
/* `least` to `most` characters of printable UTF-8, not all blank. */
MUST_CHECK enum err_code rule_text(const char *field, const char *s, size_t least, size_t most,
                                   struct err *e);
MUST_CHECK enum err_code rule_email(const char *field, const char *s, struct err *e);
/* One of `choices` ("high|normal|low") in any letter case; *out (may be NULL) gets the row's own
 * spelling, owned. */
MUST_CHECK enum err_code rule_choice(const char *field, const char *choices, const char *s,
                                     char **out, struct err *e);
MUST_CHECK enum err_code rule_duration(const char *field, int64_t seconds, struct err *e);
MUST_CHECK enum err_code rule_database_url(const char *field, const char *s, struct err *e);
/* An object that EventBridge and DynamoDB both take. */
MUST_CHECK enum err_code rule_metadata(const char *field, const cJSON *object, struct err *e);

/* The metadata keys that are fields of their own. */
bool deploy_is_metadata_field(const char *key);
/* The event's metadata object: known keys, then the further ones. Owned. */
cJSON *deploy_metadata_json(const struct deploy_request *r);
/* Puts one of metadata's keys where it belongs: a field of its own, or the further keys. */
MUST_CHECK enum err_code deploy_take_metadata(struct deploy_request *r, const cJSON *member,
                                              struct err *e);
void deploy_add_feature(struct deploy_request *r, const char *s, size_t len);
void deploy_clear_features(struct deploy_request *r);
#endif
