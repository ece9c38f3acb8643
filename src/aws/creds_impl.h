/* creds_impl.h - what the files of the credential chain share.
 *
 * A source returns E_OK with `out` filled, E_NOT_FOUND when it is not configured (the chain goes
 * on, after creds_tried noted why), or another code when it is configured and fails. Everything
 * here runs on the one thread that renews. */
#ifndef AWS_CREDS_IMPL_H
#define AWS_CREDS_IMPL_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "aws/op.h"
#include "core/strbuf.h"
#include "creds.h"
#include "http.h"
#include "profile.h"

struct creds_ctx {
    const struct aws_creds_options *o;
    struct profiles profiles;
    struct strbuf tried; /* the text "environment (AWS_ACCESS_KEY_ID not set), ..." */
};

/* Resolves the whole chain once. */
MUST_CHECK enum err_code creds_resolve(const struct aws_creds_options *o, struct aws_creds *out,
                                       struct err *e);

/* The key id that the chain would find without a request and without running a program; owned. NULL
 * when the chain would ask another source first: `account` then is the one that the profile's role
 * or SSO session names. */
char *creds_at_hand(const struct aws_creds_options *o, char account[16]);

typedef enum err_code (*creds_source)(struct creds_ctx *x, struct aws_creds *out, struct err *e);
enum err_code creds_env(struct creds_ctx *x, struct aws_creds *out, struct err *e);
enum err_code creds_profile(struct creds_ctx *x, struct aws_creds *out, struct err *e);
/* The source of AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN. */
enum err_code creds_web_env(struct creds_ctx *x, struct aws_creds *out, struct err *e);
enum err_code creds_container(struct creds_ctx *x, struct aws_creds *out, struct err *e);
enum err_code creds_imds(struct creds_ctx *x, struct aws_creds *out, struct err *e);

/* The sources of one profile, by its name; the same rules hold. */
enum err_code creds_web_profile(struct creds_ctx *x, const char *profile, struct aws_creds *out,
                                struct err *e);
enum err_code creds_sso(struct creds_ctx *x, const char *profile, struct aws_creds *out,
                        struct err *e);
enum err_code creds_login(struct creds_ctx *x, const char *profile, struct aws_creds *out,
                          struct err *e);
enum err_code creds_process(struct creds_ctx *x, const char *profile, struct aws_creds *out,
                            struct err *e);

/* All sources of a profile; `above` is the chain of profiles that led here, or NULL. */
struct creds_trail {
    const char *profile;
    const struct creds_trail *above;
};

/* Notes a source that was passed over. Returns E_NOT_FOUND. */
enum err_code creds_tried(struct creds_ctx *x, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Checks a key that a person typed or pasted: `value` may be NULL. E_CREDS when it holds white
 * space or anything that is not printable ASCII, which no key does; `name` and `where` tell which
 * value it is. */
MUST_CHECK enum err_code creds_check_typed(const char *value, const char *name, const char *where,
                                           struct err *e);

/* The names of the members in a JSON document that holds keys. */
struct creds_members {
    const char *key_id, *secret, *token, *expiration; /* expiration: ISO 8601 text or epoch ms */
    const char *account;
};
/* Fills `out` from such a document and wipes the secrets in the document. E_PARSE when key or
 * secret is missing; `what` names the source. */
MUST_CHECK enum err_code creds_from_json(cJSON *doc, const struct creds_members *m,
                                         const char *what, struct aws_creds *out, struct err *e);

/* Overwrites a string of a document in its place; `name` may be NULL, or the document may have no
 * such member. */
void creds_wipe_member(cJSON *doc, const char *name);

/* Makes one request to a source of credentials, up to `tries` times with `pause_ms` between them
 * while it fails in a way that may pass. A reply of any status is E_OK. */
MUST_CHECK enum err_code creds_fetch(struct creds_ctx *x, const struct http_request *r, int tries,
                                     int pause_ms, struct http_response *reply, struct err *e);

/* Calls AssumeRole (signed with `signer`) or AssumeRoleWithWebIdentity (`signer` NULL). */
MUST_CHECK enum err_code creds_sts(struct creds_ctx *x, enum aws_op_id op, const cJSON *in,
                                   const struct aws_creds *signer, const char *region,
                                   const char *what, struct aws_creds *out, struct err *e);
/* The role's session name: `given`, or one of our own when that is NULL. Owned. */
char *creds_session_name(struct creds_ctx *x, const char *given);
/* Reads a small file of a configured source: a missing one is E_CREDS. */
MUST_CHECK enum err_code creds_read_file(const char *path, const char *what, char **text,
                                         size_t *len, struct err *e);
int64_t creds_now(const struct creds_ctx *x);
#endif
