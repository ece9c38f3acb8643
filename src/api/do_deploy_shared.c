/* do_deploy_shared.c - POST /deploy with an Idempotency-Key, when many replicas share the keys.
 *
 * DESIGN: the request is tried first, because a new key is the rule: its transaction takes in
 * record, outbox item and key together, or tells what the key's item says already. Such a key is
 * waited for while another replica works on it, taken over when that replica is gone, and answered
 * with what was answered first. The answer is what the key's item has in the end, also for the one
 * that made it: so all replicas give the same one. */
#include <stdlib.h>

#include "core/alloc.h"
#include "core/deadline.h"
#include "core/rand.h"
#include "deploying.h"
#include "impl.h"
#include "ops/state_keys.h"

enum { WAIT_MS = 10000, POLL_FIRST_MS = 50, POLL_MOST_MS = 800, SPARE_MS = 300 };

/* Sets the key's answer to that of `r`, and `r` to the one that the key has then. */
static void keep_answer(const struct call *c, struct state_key *k, struct reply *r)
{
    struct err e = {0};

    if (state_key_answer(k, r->status, r->body, &e) != E_OK) {
        /* It is not kept, but the same request, sent again, leads to the same job. */
        log_line(c->api->o.log, LOG_LVL_WARN, "the answer of %s is not kept: %s", k->job_id, e.msg);
        return;
    }
    free(r->body);
    r->status = k->status;
    r->body = k->body;
    k->body = NULL; /* moved */
}

/* Goes on with a request whose replica is gone: its job was taken in, so the outbox has it, or it
 * is done. */
static void finish(const struct call *c, struct state_key *k, struct reply *r)
{
    bool taken = false;
    struct err e = {0};
    enum err_code rc = ops_deploy_taken(c->api->ops, k->job_id, k->request_id, &taken, &e);

    if (rc != E_OK && !taken) {
        reply_err(r, &e);
        return;
    }
    if (rc != E_OK) { /* it was refused for good: its record is FAILED */
        reply_err(r, &e);
    } else {
        deploy_accepted(r, k->job_id, "");
        periodic_wake(c->api->outbox);
    }
    keep_answer(c, k, r);
}

/* Answers for a key that was seen before. True: the request has its answer; false: the key is free
 * after all, and the request may be tried. */
static bool seen_before(const struct call *c, struct state_key *k, struct reply *r)
{
    struct err e = {0};

    for (int wait = POLL_FIRST_MS;; wait = wait * 2 < POLL_MOST_MS ? wait * 2 : POLL_MOST_MS) {
        switch (k->is) {
        case STATE_KEY_NONE:
            return false;
        case STATE_KEY_OTHER:
            deploy_other_body(r);
            return true;
        case STATE_KEY_ANSWERED:
            deploy_replay(c, k->status, k->body, k->job_id, r);
            k->body = NULL; /* moved */
            return true;
        case STATE_KEY_LEFT: {
            enum err_code rc = state_key_take(k, &e);
            if (rc == E_OK) {
                finish(c, k, r);
                return true;
            }
            if (rc != E_CONFLICT) {
                reply_err(r, &e);
                return true;
            }
            break; /* another replica was faster */
        }
        case STATE_KEY_BUSY:
            break;
        }
        if (deadline_left_ms(WAIT_MS) < wait + SPARE_MS || !ops_sleep(c->api->ops, wait)) {
            deploy_busy(r);
            return true;
        }
        if (state_key_look(k, &e) != E_OK) {
            reply_err(r, &e);
            return true;
        }
    }
}

/* Tries the request. True: it has its answer; false: the key was seen before. */
static bool try_new(const struct call *c, struct deploy_request *req, struct state_key *k,
                    struct reply *r)
{
    struct deploy_result out = {.recorded = false};
    struct err e = {0};
    enum err_code rc = ops_deploy_keyed(c->api->ops, req, k, &out, &e);

    if (out.key_known) {
        return false;
    }
    /* A crowd with one key: the transactions get in each other's way, and one of them won. */
    if (rc == E_THROTTLED && !out.kept && !out.recorded && state_key_look(k, NULL) == E_OK &&
        k->is != STATE_KEY_NONE) {
        return false;
    }
    if (deploy_answer(c, &out, rc, &e, r)) {
        keep_answer(c, k, r);
    }
    return true;
}

void deploy_with_shared_key(const struct call *c, struct deploy_request *req, const char *digest,
                            struct reply *r)
{
    struct state_key k;

    deploy_request_seal(req, clock_wall_ms(c->api->ops->clock));
    rand_uuid(req->request_id);
    state_key_init(c->api->ops, c->client, c->key, digest, &k);
    while (!try_new(c, req, &k, r) && !seen_before(c, &k, r)) {
        rand_uuid(req->request_id); /* the token of another transaction */
    }
    state_key_clear(&k);
}
