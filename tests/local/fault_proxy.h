/* fault_proxy.h - a loopback HTTP proxy that makes a share of the calls fail, in every way a
 * network and a service can: refused, cut before, cut after (the reply is lost), truncated,
 * garbage, 5xx, throttled. Deterministic by its seed, but for the order of threads. */
#ifndef TESTS_FAULT_PROXY_H
#define TESTS_FAULT_PROXY_H

#include <stdint.h>

enum fault {
    FAULT_NONE,
    FAULT_CUT_BEFORE, /* closed before the request is passed on */
    FAULT_RESET,      /* the same with RST */
    FAULT_LOST_REPLY, /* passed on, then closed without a byte */
    FAULT_TRUNCATED,  /* passed on, half of the reply */
    FAULT_GARBAGE,    /* passed on, a reply that is no HTTP */
    FAULT_503,        /* not passed on */
    FAULT_500_AFTER,  /* passed on, and yet answered 500 */
    FAULT_THROTTLED,  /* not passed on */
    FAULT_KINDS
};

struct fault_proxy;

/* Passes calls on to 127.0.0.1:`port`; `percent` of them fail. Only operations whose X-Amz-Target
 * holds `only` fail when that is not NULL. */
struct fault_proxy *fault_proxy_start(uint16_t port, int percent, const char *only, uint32_t seed);
uint16_t fault_proxy_port(const struct fault_proxy *p);
int fault_proxy_count(const struct fault_proxy *p, enum fault f);
void fault_proxy_stop(struct fault_proxy *p);
#endif
