/* What became of requests with an Idempotency-Key, in the state table. */
#include "ops/state_keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "aws/sigv4.h"
#include "core/alloc.h"
#include "core/deadline.h"
#include "core/json.h"
#include "core/rand.h"
#include "state_item.h"

enum { AGAIN_MS = 100, MOST_MS = 300000 };
static const char sort_key[] = "-";

const char state_key_absent[] = "attribute_not_exists(pk) OR expiresAt < :now";

void state_key_init(const struct ops *o, const char *client, const char *key, const char *digest,
                    struct state_key *out)
{
    char hex[65];
    char *name = xasprintf("%s\n%s\n%s\n%s", o->table, o->bus, client, key);

    *out = (struct state_key){.ops = o};
    sigv4_sha256_hex(name, strlen(name), hex);
    (void)snprintf(out->pk, sizeof out->pk, "key#%s", hex);
    (void)snprintf(out->digest, sizeof out->digest, "%s", digest);
    free(name);
}

void state_key_clear(struct state_key *k)
{
    free(k->body);
    k->body = NULL;
}

static int64_t now_s(const struct ops *o)
{
    return clock_wall_ms(o->clock) / 1000;
}

cJSON *state_key_item(struct state_key *k, const char *job_id, const char *request_id,
                      cJSON **values)
{
    cJSON *item = state_key_of(k->pk, sort_key);

    rand_uuid(k->owner);
    k->lease_ms = clock_wall_ms(k->ops->clock) + state_lease_ms();
    (void)snprintf(k->job_id, sizeof k->job_id, "%s", job_id);
    (void)snprintf(k->request_id, sizeof k->request_id, "%s", request_id);
    state_text(item, "digest", k->digest);
    state_text(item, "jobId", job_id);
    state_text(item, "requestId", request_id);
    state_text(item, "leaseOwner", k->owner);
    state_number(item, "leaseUntil", k->lease_ms);
    state_number(item, "expiresAt", now_s(k->ops) + STATE_KEY_KEPT_S);
    *values = json_new_object();
    state_number(*values, ":now", now_s(k->ops));
    return item;
}

static const char *text_of(const cJSON *item, const char *name)
{
    const char *text = attr_str(item, name);

    return text == NULL ? "" : text;
}

void state_key_read(struct state_key *k, const cJSON *item)
{
    const char *body = attr_str(item, "answerBody");

    state_key_clear(k);
    k->status = (int)state_int(item, "answerStatus", 0);
    if (item == NULL || state_int(item, "expiresAt", INT64_MAX) < now_s(k->ops)) {
        k->is = STATE_KEY_NONE;
        return;
    }
    (void)snprintf(k->job_id, sizeof k->job_id, "%s", text_of(item, "jobId"));
    (void)snprintf(k->request_id, sizeof k->request_id, "%s", text_of(item, "requestId"));
    (void)snprintf(k->owner, sizeof k->owner, "%s", text_of(item, "leaseOwner"));
    k->lease_ms = state_int(item, "leaseUntil", 0);
    if (strcmp(text_of(item, "digest"), k->digest) != 0) {
        k->is = STATE_KEY_OTHER;
    } else if (k->status >= 100 && k->status <= 599 && body != NULL) {
        k->is = STATE_KEY_ANSWERED;
        k->body = xstrdup(body);
    } else {
        k->is = state_lease_stands(k->lease_ms, clock_wall_ms(k->ops->clock)) ? STATE_KEY_BUSY
                                                                              : STATE_KEY_LEFT;
    }
}

enum err_code state_key_look(struct state_key *k, struct err *e)
{
    cJSON *item = NULL;
    enum err_code rc = state_get(k->ops, k->pk, sort_key, &item, e);

    if (rc == E_OK) {
        state_key_read(k, item);
    }
    cJSON_Delete(item);
    return rc;
}

enum err_code state_key_take(struct state_key *k, struct err *e)
{
    cJSON *values = json_new_object();
    char mine[UUID_SIZE];
    int64_t until = clock_wall_ms(k->ops->clock) + state_lease_ms();

    rand_uuid(mine);
    state_text(values, ":mine", mine);
    state_text(values, ":request", k->request_id);
    state_lease_values(values, clock_wall_ms(k->ops->clock));
    state_number(values, ":until", until);
    enum err_code rc = state_update(
        k->ops, k->pk, sort_key, "SET leaseOwner = :mine, leaseUntil = :until",
        "requestId = :request AND attribute_not_exists(answerStatus) AND (" STATE_LEASE_OVER
        " OR leaseOwner = :mine)",
        values, NULL, e);
    if (rc == E_OK) {
        (void)snprintf(k->owner, sizeof k->owner, "%s", mine);
        k->lease_ms = until;
    }
    return rc;
}

static enum err_code set_answer(struct state_key *k, int status, const char *body, struct err *e)
{
    cJSON *values = json_new_object();
    cJSON *current = NULL;

    state_text(values, ":request", k->request_id);
    state_text(values, ":body", body);
    state_number(values, ":status", status);
    enum err_code rc = state_update(
        k->ops, k->pk, sort_key,
        "SET answerStatus = :status, answerBody = :body REMOVE leaseOwner, leaseUntil",
        "requestId = :request AND attribute_not_exists(answerStatus)", values, &current, e);
    if (rc == E_CONFLICT) {
        const char *whose = attr_str(current, "requestId");
        bool same = whose != NULL && strcmp(whose, k->request_id) == 0;
        if (same) { /* another replica's answer, or this one, whose reply was lost */
            state_key_read(k, current);
            rc = k->is == STATE_KEY_ANSWERED
                     ? E_OK
                     : err_set(e, E_PARSE, "what is kept of the Idempotency-Key cannot be read");
        }
    } else if (rc == E_OK) {
        k->is = STATE_KEY_ANSWERED;
        k->status = status;
        state_key_clear(k);
        k->body = xstrdup(body);
    }
    cJSON_Delete(current);
    return rc;
}

enum err_code state_key_answer(struct state_key *k, int status, const char *body, struct err *e)
{
    struct err own = {0};
    enum err_code rc = E_OK;

    e = e == NULL ? &own : e;
    do {
        rc = set_answer(k, status, body, e);
    } while (rc != E_OK && err_may_pass(e) && deadline_left_ms(MOST_MS) > AGAIN_MS &&
             ops_sleep(k->ops, AGAIN_MS));
    return rc;
}
