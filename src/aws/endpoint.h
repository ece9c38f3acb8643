/* endpoint.h - where calls go: overrides, partitions, FIPS and dual-stack hosts (AWS-WIRE 1.6). */
#ifndef AWS_ENDPOINT_H
#define AWS_ENDPOINT_H

#include <stdbool.h>

#include "aws/op.h"
#include "core/err.h"
#include "profile.h"

struct endpoint_options {
    const struct profiles *profiles;
    const char *region;
    const char *endpoint_url; /* --endpoint-url, or NULL */
    /* AWS_ENDPOINT_URL of an env file that was read without being asked for: it counts after that
     * of the environment; NULL for services that credentials come from. */
    const char *file_endpoint;
    /* where AWS_ENDPOINT_URL of the environment came from, for texts; NULL: the environment */
    const char *endpoint_named;
    bool insecure; /* plain http beyond loopback is allowed */
};

struct endpoint {
    /* the base URL without a slash at its end: "https://dynamodb.us-east-1..." */
    char *url;
    char *host;           /* the host, as it is signed and sent */
    char *path;           /* the path of the base URL: "" or "/base" */
    char *signing_region; /* the region to sign for, mostly the region in force */
    /* what named the endpoint, such as "AWS_ENDPOINT_URL"; NULL: the region did */
    char *from;
};

/* E_CONFIG for a bad region, a bad override, plain http beyond loopback, a setting that is neither
 * true nor false, a services section that the profile names and that does not exist, or a host that
 * AWS does not have (FIPS of DynamoDB Local). */
MUST_CHECK enum err_code endpoint_resolve(const struct endpoint_options *o, enum aws_service_id s,
                                          struct endpoint *out, struct err *e);
/* Does the same for services outside the table: `prefix` "portal.sso", `env_suffix` "SSO". */
MUST_CHECK enum err_code endpoint_resolve_named(const struct endpoint_options *o,
                                                const char *prefix, const char *env_suffix,
                                                struct endpoint *out, struct err *e);
void endpoint_clear(struct endpoint *p);

/* The region that a name means: "us-east-1" for "fips-us-east-1". Owned. */
char *endpoint_region_name(const char *region);
#endif
