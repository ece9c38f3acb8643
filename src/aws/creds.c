/* The provider of credentials: a cache in front of the chain of sources.
 *
 * DESIGN: `lock` guards every member but `o`; the chain runs without the lock, on the one thread
 * that has set `busy`. The other threads wait on `done` when they have nothing usable, and go on
 * with what they have when its end is only near (AWS-WIRE 4.3: from 15 minutes before expiry one
 * thread tries and may fail; from 10 minutes before expiry all wait). Credentials that are still
 * valid are never thrown away because their renewal failed. */
#include "creds.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "creds_impl.h"

enum {
    ADVISORY_MS = 15 * 60 * 1000,
    MANDATORY_MS = 10 * 60 * 1000,
    /* the pause after a renewal that failed while the old credentials are still valid */
    AGAIN_MS = 30 * 1000,
    REFUSED_MS = 2 * 1000 /* the least time between two readings that a refusal asks for */
};

struct aws_creds_provider {
    struct aws_creds_options o; /* its strings are owned; constant */
    pthread_mutex_t lock;
    pthread_cond_t done;
    bool busy;
    bool have;
    struct aws_creds now;
    uint64_t rounds;     /* how many resolutions have ended */
    struct err last;     /* how the last resolution ended */
    int64_t next_try_ms; /* mono: no further try before this, while `now` is valid */
    int64_t refused_ms;  /* mono: when a refusal last made the provider read the sources */
};

static void aws_creds_copy(struct aws_creds *to, const struct aws_creds *from)
{
    aws_creds_clear(to);
    to->access_key_id = xstrdup(from->access_key_id);
    secret_copy(&to->secret_key, &from->secret_key);
    secret_copy(&to->token, &from->token);
    memcpy(to->account, from->account, sizeof to->account);
    memcpy(to->source, from->source, sizeof to->source);
    to->expires_ms = from->expires_ms;
}

void aws_creds_clear(struct aws_creds *c)
{
    free(c->access_key_id);
    secret_clear(&c->secret_key);
    secret_clear(&c->token);
    *c = (struct aws_creds){.expires_ms = TIME_NONE};
}

struct aws_creds_provider *aws_creds_new(const struct aws_creds_options *o)
{
    struct aws_creds_provider *p = xcalloc(1, sizeof *p);

    p->o = *o;
    p->o.profile = xstrdup(o->profile);
    p->o.region = xstrdup(o->region);
    p->now.expires_ms = TIME_NONE;
    p->next_try_ms = INT64_MIN;
    p->refused_ms = INT64_MIN;
    (void)pthread_mutex_init(&p->lock, NULL);
    (void)pthread_cond_init(&p->done, NULL);
    return p;
}

void aws_creds_free(struct aws_creds_provider *p)
{
    if (p == NULL) {
        return;
    }
    aws_creds_clear(&p->now);
    free((char *)p->o.profile);
    free((char *)p->o.region);
    (void)pthread_cond_destroy(&p->done);
    (void)pthread_mutex_destroy(&p->lock);
    free(p);
}

static int64_t left_ms(const struct aws_creds_provider *p)
{
    if (p->now.expires_ms == TIME_NONE) {
        return INT64_MAX;
    }
    return p->now.expires_ms - clock_wall_ms(p->o.clock);
}

static bool usable(const struct aws_creds_provider *p)
{
    return p->have && left_ms(p) > 0;
}

/* Runs the chain. The lock is held on entry and on return, and not in between. */
static void renew(struct aws_creds_provider *p)
{
    struct aws_creds fresh = {.expires_ms = TIME_NONE};
    struct err e = {0};

    p->busy = true;
    (void)pthread_mutex_unlock(&p->lock);
    enum err_code rc = creds_resolve(&p->o, &fresh, &e);
    (void)pthread_mutex_lock(&p->lock);
    if (rc == E_OK) {
        aws_creds_clear(&p->now);
        p->now = fresh; /* moved */
        p->have = true;
        p->next_try_ms = clock_mono_ms(p->o.clock);
        if (left_ms(p) < ADVISORY_MS) {
            p->next_try_ms += AGAIN_MS; /* the source gives nothing that lasts longer */
        }
        e = (struct err){0};
    } else {
        aws_creds_clear(&fresh);
        p->next_try_ms = clock_mono_ms(p->o.clock) + AGAIN_MS;
        if (p->have) {
            log_line(p->o.log, LOG_LVL_WARN, "credentials not renewed: %s", e.msg);
        }
    }
    p->last = e;
    p->rounds++;
    p->busy = false;
    (void)pthread_cond_broadcast(&p->done);
}

static bool wants_renewal(const struct aws_creds_provider *p)
{
    return left_ms(p) < ADVISORY_MS && clock_mono_ms(p->o.clock) >= p->next_try_ms;
}

enum err_code aws_creds_get(struct aws_creds_provider *p, struct aws_creds *out, struct err *e)
{
    enum err_code rc = E_OK;

    (void)pthread_mutex_lock(&p->lock);
    uint64_t round = p->rounds;
    if (p->busy && (!usable(p) || left_ms(p) < MANDATORY_MS)) {
        while (p->busy && p->rounds == round) {
            (void)pthread_cond_wait(&p->done, &p->lock);
        }
    } else if (!p->busy && (!usable(p) || wants_renewal(p))) {
        renew(p);
    }
    if (usable(p)) {
        aws_creds_copy(out, &p->now);
    } else if (p->last.code != E_OK) {
        if (e != NULL) {
            *e = p->last;
        }
        rc = p->last.code;
    } else {
        char at[TIME_ISO_SIZE];
        rc = err_set(e, E_EXPIRED, "the credentials of %s expired at %s", p->now.source,
                     time_iso(p->now.expires_ms, at));
    }
    (void)pthread_mutex_unlock(&p->lock);
    return rc;
}

char *aws_creds_peek(struct aws_creds_provider *p, char account[16])
{
    account[0] = '\0';
    (void)pthread_mutex_lock(&p->lock);
    char *id = usable(p) ? xstrdup(p->now.access_key_id) : NULL;
    (void)pthread_mutex_unlock(&p->lock);
    return id != NULL ? id : creds_at_hand(&p->o, account);
}

static bool same(const struct aws_creds *a, const struct aws_creds *b)
{
    return a->access_key_id != NULL && b->access_key_id != NULL &&
           strcmp(a->access_key_id, b->access_key_id) == 0 &&
           strcmp(secret_str(&a->token), secret_str(&b->token)) == 0 &&
           strcmp(secret_str(&a->secret_key), secret_str(&b->secret_key)) == 0;
}

bool aws_creds_refused(struct aws_creds_provider *p, const struct aws_creds *used)
{
    (void)pthread_mutex_lock(&p->lock);
    int64_t now = clock_mono_ms(p->o.clock);
    while (p->busy) {
        (void)pthread_cond_wait(&p->done, &p->lock);
    }
    if (same(&p->now, used) && (p->refused_ms == INT64_MIN || now - p->refused_ms >= REFUSED_MS)) {
        p->refused_ms = now;
        renew(p);
    }
    bool changed = p->have && !same(&p->now, used);
    (void)pthread_mutex_unlock(&p->lock);
    return changed;
}
