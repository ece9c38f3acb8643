/* fault_proxy.h - a loopback HTTP proxy that makes a share of the calls fail, in every way a
 * network and a service can: refused, cut before, cut after (the reply is lost), truncated,
 * garbage, 5xx, throttled. Deterministic by its seed, but for the order of threads. */
#ifndef TESTS_FAULT_PROXY_H
#define TESTS_FAULT_PROXY_H

#include <stddef.h>
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
    FAULT_KINDS, /* the kinds up to here come by chance, those from here on by a script alone */
    FAULT_PROVISIONED = FAULT_KINDS, /* ProvisionedThroughputExceededException; as all refusals: */
    FAULT_EXPIRED,                   /* not passed on */
    FAULT_DENIED,
    FAULT_INVALID,
    FAULT_SIGNATURE,
    FAULT_REDIRECT,  /* 307 */
    FAULT_FOREIGN,   /* a proxy's own 403 page */
    FAULT_LINK_DOWN, /* passed on, the reply lost, and from then on no connection is taken */
    FAULT_ANSWER,    /* passed on, then answered 200 with the step's body */
    FAULT_SCRIPTED
};

/* One step of a script: the next `times` (0: one) requests whose head holds `op` ("PutItem",
 * "terminatejob") meet it. */
struct fault_step {
    const char *op;
    enum fault fault;
    int times;
    const char *body; /* of FAULT_ANSWER */
};
enum { FAULT_FOR_EVER = 1 << 20 };

struct fault_proxy;

/* Passes calls on to 127.0.0.1:`port`; `percent` of them fail. Only operations whose X-Amz-Target
 * holds `only` fail when that is not NULL. */
struct fault_proxy *fault_proxy_start(uint16_t port, int percent, const char *only, uint32_t seed);
/* Does the same without chance: requests meet the steps in order, each step once the step before is
 * used up. Requests of other operations, and all requests after the last step, pass. The steps are
 * borrowed. */
struct fault_proxy *fault_proxy_start_script(uint16_t port, const struct fault_step *steps,
                                             size_t len);
uint16_t fault_proxy_port(const struct fault_proxy *p);
int fault_proxy_count(const struct fault_proxy *p, enum fault f);
void fault_proxy_stop(struct fault_proxy *p);
#endif
