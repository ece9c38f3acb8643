/* How many connections there are, and which one goes when there is no room.
 *
 * DESIGN: a connection may be closed to make room when nothing is under way on it (it lingers or
 * waits for a request), when it has taken too long for a head, a handshake or a body that nobody
 * wants, and, when the owner does not know its client, for any body or reply: otherwise a client
 * that holds these back would shut everybody out. Beyond the limit all of that must go faster.
 * Connections of clients that are not known go first, of these the idle ones, and of these the one
 * that has done nothing for longest. A connection with bytes that are still to be read does not
 * count as silent. Looking through a few hundred connections is faster than keeping lists of
 * them. */
#include "crowd.h"

#include <string.h>

#include "conn.h"
#include "core/clock.h"
#include "core/log.h"
#include "wire.h"

enum {
    TELL_MS = 10000,
    FRESH_MS = 250, /* so long a connection may be silent before it makes room */
    HURRY_MS = 25,  /* one beyond the limit, when there is no room beyond it either */
    SLOW_MS = 1000, /* so long a head or a handshake may take before it makes room */
    STUCK_MS = 5000 /* a body or a reply, of a client that is not known */
};

static bool same_address(const struct in6_addr *a, const struct in6_addr *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

static int count_address(const struct httpd *h, const struct in6_addr *address)
{
    int n = 0;

    for (const struct conn *c = h->conns; c != NULL; c = c->next) {
        n += same_address(&c->address, address);
    }
    return n;
}

static bool may_go(const struct conn *c, int64_t fresh_ms)
{
    int64_t for_ms = c->h->now_ms - c->since_ms;

    /* TLS takes a few round trips, so a silent client may be about to speak. */
    if (fresh_ms == HURRY_MS && (!c->crowded || c->ssl != NULL || c->state == CONN_IDLE)) {
        fresh_ms = FRESH_MS;
    }
    switch (c->state) {
    case CONN_IDLE:
    case CONN_LINGER:
    case CONN_LAST:
        return for_ms >= fresh_ms;
    case CONN_SHAKE:
    case CONN_HEAD:
    case CONN_DROP:
        return for_ms >= (c->crowded ? fresh_ms : SLOW_MS);
    case CONN_BODY:
    case CONN_SEND:
        return !c->known && for_ms >= (c->crowded ? fresh_ms : STUCK_MS);
    default:
        return false;
    }
}

static bool is_under_way(const struct conn *c)
{
    return c->state == CONN_BODY || c->state == CONN_SEND;
}

/* Does `a` go before `b`? `a` was opened before `b`. */
static bool goes_before(const struct conn *a, const struct conn *b)
{
    if (a->known != b->known) {
        return b->known;
    }
    return is_under_way(a) != is_under_way(b) ? is_under_way(b) : a->since_ms <= b->since_ms;
}

static struct conn *idlest(struct httpd *h, const struct in6_addr *address, int64_t fresh_ms)
{
    struct conn *best = NULL;

    for (struct conn *c = h->conns; c != NULL; c = c->next) {
        if ((address == NULL || same_address(&c->address, address)) && may_go(c, fresh_ms) &&
            (best == NULL || goes_before(c, best))) {
            best = c;
        }
    }
    return best;
}

bool httpd_crowd_drop_one(struct httpd *h, const struct in6_addr *address, int64_t fresh_ms)
{
    struct conn *c;

    while ((c = idlest(h, address, fresh_ms)) != NULL) {
        bool end = false;
        if (c->state != CONN_IDLE || httpd_wire_silent(c, &end) || end) {
            httpd_conn_give_up(c);
            return true;
        }
        c->since_ms = h->now_ms; /* its request has come, and is read in this turn */
        if (fresh_ms <= 0) {
            return false;
        }
    }
    return false;
}

/* Tells the log, once in TELL_MS, how many connections were closed since it was last told. */
static void tell_full(struct httpd *h, const char *peer, bool of_address)
{
    uint64_t count = h->count.full_all + h->count.full_address; /* only this thread changes them */

    if (h->full_ms != TIME_NONE && h->now_ms - h->full_ms < TELL_MS) {
        return;
    }
    log_line(
        h->o.log, LOG_LVL_WARN,
        "%s: %llu more were closed or refused because a limit was reached, the last when %s came",
        of_address ? "an address has all the connections that it may have"
                   : "all connections are taken",
        (unsigned long long)(count - h->full_told), peer);
    h->full_ms = h->now_ms;
    h->full_told = count;
}

bool httpd_crowd_admit(struct httpd *h, struct conn *like)
{
    const struct httpd_options *o = &h->o;

    like->exempt = o->hooks->exempt != NULL && o->hooks->exempt(o->arg, like->peer);
    if (o->per_address > 0 && !like->exempt && count_address(h, &like->address) >= o->per_address) {
        bool room = httpd_crowd_drop_one(h, &like->address, FRESH_MS);
        httpd_count_one(h, &h->count.full_address);
        tell_full(h, like->peer, true);
        if (!room) {
            return false;
        }
    }
    if (h->total >= o->connections) {
        like->crowded = !httpd_crowd_drop_one(h, NULL, FRESH_MS);
        if (like->crowded) { /* a connection may be idle soon */
            httpd_loop_by(h, h->now_ms + LOOK_MS);
        } else {
            httpd_count_one(h, &h->count.full_all);
        }
        tell_full(h, like->peer, false);
    }
    return true;
}

bool httpd_crowd_room(struct httpd *h)
{
    if (h->total < h->o.connections + h->o.reserve) {
        return true;
    }
    if (httpd_crowd_drop_one(h, NULL, HURRY_MS)) {
        httpd_count_one(h, &h->count.full_all);
        return true;
    }
    tell_full(h, "the next one", false);
    return false;
}

void httpd_crowd_thin(struct httpd *h)
{
    while (h->total > h->o.connections && httpd_crowd_drop_one(h, NULL, FRESH_MS)) {
        httpd_count_one(h, &h->count.full_all);
    }
}
