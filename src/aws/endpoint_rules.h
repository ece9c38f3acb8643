/* endpoint_rules.h - the hosts of AWS: which one serves a service in a region, by the rule sets
 * that AWS's SDKs carry (partitions, FIPS, dual stack). Pure; any thread. */
#ifndef AWS_ENDPOINT_RULES_H
#define AWS_ENDPOINT_RULES_H

#include <stdbool.h>

#include "core/err.h"

struct endpoint_place {
    const char *region; /* valid by endpoint_region_valid; one of no known partition is aws's */
    bool fips;          /* only a host with FIPS 140 cryptography will do */
    bool dual_stack;    /* only a host with IPv6 and IPv4 will do */
};

/* `service` is the host's prefix: "dynamodb", "streams.dynamodb", "portal.sso". `*url` gets the
 * owned base; `*signed_for` the region to sign for, constant or `region` itself. E_CONFIG when the
 * rule sets have no such host: none else is offered in its place. */
MUST_CHECK enum err_code endpoint_rule(const char *service, const struct endpoint_place *at,
                                       char **url, const char **signed_for, struct err *e);
#endif
