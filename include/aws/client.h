/* client.h - one AWS account and region: endpoints, credentials, signing, retries, connections.
 *
 * aws_call may be used from any number of threads at once; calls block. The UI thread never calls.
 */
#ifndef AWS_CLIENT_H
#define AWS_CLIENT_H

#include <cjson/cJSON.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "aws/op.h"
#include "core/clock.h"
#include "core/env.h"
#include "core/err.h"
#include "core/json.h"
#include "core/log.h"
#include "core/sha256.h"

struct aws_creds_provider; /* aws/creds.h */

struct aws_options {
    /* the environment that the client reads its variables from, NULL: the process's; borrowed, must
     * outlive the client */
    const struct env *env;
    const char *region;       /* NULL: the profile's, else us-east-1 */
    const char *profile;      /* explicitly chosen (--profile); NULL: AWS_PROFILE or "default" */
    const char *endpoint_url; /* --endpoint-url; NULL: the environment's and the profile's */
    /* takes AWS_ENDPOINT_URL's place where the environment has none, but for no source of
     * credentials; NULL: none */
    const char *file_endpoint;
    /* where AWS_ENDPOINT_URL of the environment came from, for texts; NULL: the environment */
    const char *endpoint_named;
    bool insecure_endpoint; /* allows plain http beyond loopback */
    /* Asked before the first attempt of each operation that writes, and when its keys were renewed:
     * may this key write? Anything but E_OK ends the call with that error, and nothing is sent.
     * NULL: yes. Any thread; it may call operations that read. */
    enum err_code (*may_write)(void *arg, const char *key_id, struct err *e);
    void *may_write_arg;
    const struct clock *clock; /* NULL: the system's clock; borrowed, must outlive the client */
    struct log *log;           /* NULL: none; borrowed */
    int connect_timeout_ms;    /* 0: 5000 */
    int total_timeout_ms;      /* 0: 30000; for one attempt */
    int idle_timeout_ms;       /* 0: 12000; how long an attempt may go without a single byte */
    int give_up_ms;            /* 0: 20000; no further attempt begins after it */
    int max_attempts;          /* 0: AWS_MAX_ATTEMPTS or 3 (DynamoDB 4) */
    size_t max_reply_bytes;    /* 0: 24 MiB */
    int delay_percent;         /* 0: 100; percent of the delays between attempts, for tests */
};

struct aws_client;

/* Makes a client: reads the environment and the shared files, and makes no request. NULL with `e`
 * (E_CONFIG) on a bad endpoint, an unknown profile or a file that cannot be read. */
struct aws_client *aws_client_new(const struct aws_options *o, struct err *e);
void aws_client_free(struct aws_client *c); /* no call may be under way; NULL allowed */

/* The i-th line of the shared files that was not understood when the client was made: "line 7 of
 * /home/u/.aws/config is neither ...". Borrowed; NULL past the end. */
enum { AWS_NOTES_MAX = 16 };
const char *aws_client_note(const struct aws_client *c, size_t i);

/* Allows at most so many connections at once (0: any number); a call that finds none free waits for
 * one, within its time. Call it before the first call. */
void aws_client_limit(struct aws_client *c, int connections);
/* Closes connections that were idle for this long, and frees the buffers of big replies, which are
 * kept for the next page. */
void aws_client_tidy(struct aws_client *c, int idle_ms);

/* Makes every call that is under way or still to come end soon with E_CANCELLED, until it is called
 * with false. */
void aws_client_stop(struct aws_client *c, bool stop);

/* Calls one operation. `in` is the request document, borrowed (NULL sends {}); for AWS_QUERY_XML
 * services its string members become the form. `*out` gets the owned reply document ({} for an
 * empty body; for XML: an object of the Result's elements by name); `out` may be NULL. On failure
 * `*out` is NULL and `e` says operation, resource, AWS's code, message and what to do: E_NOT_FOUND
 * (ResourceNotFound and kin), E_DENIED, E_EXPIRED, E_CREDS, E_CONFLICT (conditional check),
 * E_THROTTLED, E_INVALID (validation), E_SERVICE, E_NET, E_TIMEOUT, E_PARSE, E_TOO_BIG,
 * E_CANCELLED. */
MUST_CHECK enum err_code aws_call(struct aws_client *c, enum aws_op_id op, const cJSON *in,
                                  cJSON **out, struct err *e);

/* Does the same as aws_call, and for a failure whose reply was JSON gives that document too (for
 * ConditionalCheckFailedException's Item). `*error_doc` is owned; NULL when there is none. */
MUST_CHECK enum err_code aws_call_error(struct aws_client *c, enum aws_op_id op, const cJSON *in,
                                        cJSON **out, cJSON **error_doc, struct err *e);

/* Does the same as aws_call for a JSON service, but hands over the elements of one array of the
 * reply one by one (see json_parse_each). None is handed over twice; an error may come after some
 * of them. */
MUST_CHECK enum err_code aws_call_each(struct aws_client *c, enum aws_op_id op, const cJSON *in,
                                       const struct json_each *each, cJSON **out, struct err *e);

/* What is known of a good reply, so that the same reply is recognised the next time. */
struct aws_seen {
    bool any;                          /* there was such a reply */
    bool same;                         /* the last reply was the same as the one before it */
    unsigned char digest[SHA256_SIZE]; /* the digest of its body */
    double units;                      /* the units that DynamoDB told in it */
};
/* Does the same as aws_call for a read, and tells in `seen` what the reply was. When the reply is
 * byte for byte the one that `seen` has, it is not read again: seen->same, and `*out` is NULL. */
MUST_CHECK enum err_code aws_call_seen(struct aws_client *c, enum aws_op_id op, const cJSON *in,
                                       struct aws_seen *seen, cJSON **out, struct err *e);

/* Counters since the start, for the header's budget line. They never go back. */
struct aws_stats {
    uint64_t requests; /* attempts sent */
    uint64_t retries;
    uint64_t throttles;
    uint64_t failures; /* calls that ended in an error */
    double read_units; /* from ConsumedCapacity in DynamoDB replies */
    double write_units;
};
void aws_client_stats(struct aws_client *c, struct aws_stats *out);
/* How many calls of an operation have ended this way so far; a call that took several attempts
 * counts once. */
uint64_t aws_client_calls(const struct aws_client *c, enum aws_op_id op, enum err_code result);

/* The call that has been under way for the longest time: which operation it is, and for how long.
 * False when no call is under way. Any thread. */
bool aws_client_waits(struct aws_client *c, enum aws_op_id *op, int64_t *ms);

/* Can the service's endpoint be reached? Makes one GET without credentials, in one attempt: any
 * answer will do. `*skew_ms` gets the service's clock minus ours by the Date header, TIME_NONE
 * without one. E_NET, E_TIMEOUT, E_CANCELLED, E_CONFIG. */
MUST_CHECK enum err_code aws_client_probe(struct aws_client *c, enum aws_service_id s,
                                          int64_t *skew_ms, struct err *e);

const char *aws_client_region(const struct aws_client *c);
/* The base URL that calls of a service go to; owned by the client. */
const char *aws_client_endpoint(const struct aws_client *c, enum aws_service_id s);
/* Who named that endpoint ("AWS_ENDPOINT_URL"); NULL when it follows from the region. Borrowed. */
const char *aws_client_endpoint_from(const struct aws_client *c, enum aws_service_id s);
/* The id of the key that calls are signed with; owned. It may block as aws_client_identity
 * does... */
MUST_CHECK enum err_code aws_client_key(struct aws_client *c, char **key_id, struct err *e);
/* ... and this function does not: see aws_creds_peek. */
char *aws_client_key_peek(struct aws_client *c, char account[16]);
/* Tells which credential source is in use and when its credentials expire ("environment", "profile
 * dev (assumed role)", TIME_NONE when they do not). Resolves credentials when there are none yet,
 * so it may block. */
MUST_CHECK enum err_code aws_client_identity(struct aws_client *c, char source[96],
                                             int64_t *expires_ms, struct err *e);
#endif
