/* endpoint_rules.h - the hosts of AWS: which one serves a service in a region, by the rule sets
 * that AWS's SDKs carry (partitions, FIPS, dual stack). Pure; any thread. */
#ifndef AWS_ENDPOINT_RULES_H
#define AWS_ENDPOINT_RULES_H

#include <stdbool.h>

#include "core/err.h"

struct endpoint_place {
    /* must be valid by endpoint_region_valid; a region of no known partition counts as aws's */
    const char *region;
    bool fips;       /* the host must have FIPS 140 cryptography */
    bool dual_stack; /* the host must have IPv6 and IPv4 */
};

/* Finds the host. `service` is the host's prefix: "dynamodb", "streams.dynamodb", "portal.sso".
 * `*url` gets the owned base; `*signed_for` the region to sign for, constant or `region` itself.
 * E_CONFIG when the rule sets have no such host: no other host is offered in its place. */
MUST_CHECK enum err_code endpoint_rule(const char *service, const struct endpoint_place *at,
                                       char **url, const char **signed_for, struct err *e);
#endif
