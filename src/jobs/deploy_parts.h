/* deploy_parts.h - the fields by number: private to deploy_fields.c, deploy_set.c, deploy_read.c
 * and deploy_schema.c. */
#ifndef JOBS_DEPLOY_PARTS_H
#define JOBS_DEPLOY_PARTS_H

#include "deploy_rules.h"

enum field_id {
    F_USER_ID,
    F_PRODUCT_ID,
    F_BUSINESS_NAME,
    F_EMAIL,
    F_PRIORITY,
    F_FEATURES,
    F_DURATION,
    F_DATABASE_URL,
    F_METADATA,
    F_JOB_ID,
    F_COUNT
};

/* Where a plain text field lies; NULL for the others. */
char **deploy_text_of(struct deploy_request *r, enum field_id id);
/* Is a field there that must be? */
MUST_CHECK enum err_code deploy_check_given(const struct deploy_request *r, enum field_id id,
                                            struct err *e);
/* Checks the value of a plain text field, and the list of features. */
MUST_CHECK enum err_code deploy_check_text(enum field_id id, const char *s, struct err *e);
MUST_CHECK enum err_code deploy_check_features(const struct deploy_request *r, struct err *e);
#endif
