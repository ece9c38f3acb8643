/* The client: set-up, counters, signing keys. The way of a call is in call.c. */
#include "aws/client.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/sigv4.h"
#include "client_impl.h"
#include "core/alloc.h"
#include "core/crc32.h"
#include "core/json.h"
#include "core/rand.h"
#include "profile.h"

enum { ATTEMPTS_LIMIT = 20, PROBE_BYTES = 64 * 1024 };

static int attempts_from(const char *text)
{
    char *end = NULL;
    long n = text == NULL ? 0 : strtol(text, &end, 10);

    return text != NULL && *end == '\0' && n > 0 && n <= ATTEMPTS_LIMIT ? (int)n : 0;
}

static void read_attempts(struct aws_client *c, const struct profiles *p)
{
    c->max_attempts = c->o.max_attempts;
    if (c->max_attempts == 0) {
        c->max_attempts = attempts_from(env_get("AWS_MAX_ATTEMPTS"));
    }
    if (c->max_attempts == 0) {
        c->max_attempts = attempts_from(profiles_get(p, p->name, "max_attempts"));
    }
}

static enum err_code resolve_endpoints(struct aws_client *c, const struct aws_options *o,
                                       const struct profiles *p, struct err *e)
{
    struct endpoint_options eo = {.profiles = p,
                                  .region = c->region,
                                  .endpoint_url = o->endpoint_url,
                                  .insecure = o->insecure_endpoint};

    for (int s = 0; s < AWS_SERVICE_COUNT; s++) {
        enum err_code rc = endpoint_resolve(&eo, (enum aws_service_id)s, &c->endpoints[s], e);
        if (rc != E_OK) {
            return rc;
        }
    }
    return E_OK;
}

struct aws_client *aws_client_new(const struct aws_options *o, struct err *e)
{
    struct profiles p;

    if (profiles_load(&p, o->profile, e) != E_OK) {
        return NULL;
    }
    struct aws_client *c = xcalloc(1, sizeof *c);
    const char *ca = env_get("AWS_CA_BUNDLE");
    c->o = *o;
    const char *region = o->region != NULL ? o->region : profiles_get(&p, p.name, "region");
    c->region = xstrdup(region != NULL ? region : "us-east-1");
    c->http = http_new(ca != NULL ? ca : profiles_get(&p, p.name, "ca_bundle"));
    struct aws_creds_options co = {.profile = o->profile,
                                   .region = c->region,
                                   .insecure_endpoint = o->insecure_endpoint,
                                   .clock = o->clock,
                                   .log = o->log,
                                   .http = c->http};
    c->creds = aws_creds_new(&co);
    retry_quota_init(&c->quota);
    (void)pthread_mutex_init(&c->lock, NULL);
    read_attempts(c, &p);
    enum err_code rc = resolve_endpoints(c, o, &p, e);
    profiles_clear(&p);
    if (rc != E_OK) {
        aws_client_free(c);
        return NULL;
    }
    return c;
}

void aws_client_free(struct aws_client *c)
{
    if (c == NULL) {
        return;
    }
    aws_creds_free(c->creds);
    http_free(c->http);
    for (int s = 0; s < AWS_SERVICE_COUNT; s++) {
        endpoint_clear(&c->endpoints[s]);
    }
    retry_quota_clear(&c->quota);
    (void)pthread_mutex_destroy(&c->lock);
    OPENSSL_cleanse(c->keys, sizeof c->keys);
    free(c->region);
    free(c);
}

void aws_client_stop(struct aws_client *c, bool stop)
{
    http_stop(c->http, stop);
}

const char *aws_client_region(const struct aws_client *c)
{
    return c->region;
}

const char *aws_client_endpoint(const struct aws_client *c, enum aws_service_id s)
{
    return c->endpoints[s].url;
}

enum err_code aws_client_identity(struct aws_client *c, char source[96], int64_t *expires_ms,
                                  struct err *e)
{
    struct aws_creds creds = {.expires_ms = TIME_NONE};
    enum err_code rc = aws_creds_get(c->creds, &creds, e);

    (void)snprintf(source, 96, "%s", creds.source);
    *expires_ms = creds.expires_ms;
    aws_creds_clear(&creds);
    return rc;
}

enum err_code aws_client_probe(struct aws_client *c, enum aws_service_id s, int64_t *skew_ms,
                               struct err *e)
{
    struct http_request q = {.method = "GET",
                             .url = c->endpoints[s].url,
                             .connect_timeout_ms = c->o.connect_timeout_ms,
                             .total_timeout_ms = c->o.total_timeout_ms,
                             .max_bytes = PROBE_BYTES};
    struct http_reply reply = {0};
    int64_t theirs = 0;

    *skew_ms = TIME_NONE;
    enum err_code rc = http_send(c->http, &q, &reply, e);
    const char *date = rc == E_OK ? http_header_get(&reply, "date") : NULL;
    if (date != NULL && time_parse_http(date, &theirs)) {
        *skew_ms = theirs - clock_wall_ms(c->o.clock);
    }
    http_reply_clear(&reply);
    return rc == E_TOO_BIG ? E_OK : rc; /* it answered */
}

void aws_client_stats(struct aws_client *c, struct aws_stats *out)
{
    out->requests = atomic_load(&c->requests);
    out->retries = atomic_load(&c->retries);
    out->throttles = atomic_load(&c->throttles);
    out->failures = atomic_load(&c->failures);
    (void)pthread_mutex_lock(&c->lock);
    out->read_units = c->read_units;
    out->write_units = c->write_units;
    (void)pthread_mutex_unlock(&c->lock);
}

uint64_t aws_client_calls(const struct aws_client *c, enum aws_op_id op, enum err_code result)
{
    return atomic_load(&c->calls[op][result]);
}

enum err_code client_wait(struct aws_client *c, int ms, struct err *e)
{
    int percent = c->o.delay_percent == 0 ? 100 : c->o.delay_percent;

    return http_wait(c->http, (int)((int64_t)ms * percent / 100), e);
}

enum err_code retry_pause(struct aws_client *c, int attempt, struct err *e)
{
    return client_wait(c, retry_delay_ms(RETRY_TRANSIENT, false, attempt, rand_unit(), -1), e);
}

static double units_of(const cJSON *consumed)
{
    const cJSON *n = json_get(consumed, "CapacityUnits");

    return cJSON_IsNumber(n) && n->valuedouble > 0 ? n->valuedouble : 0;
}

void client_count_units(struct aws_client *c, const struct aws_op *row, const cJSON *doc)
{
    const cJSON *consumed;
    const cJSON *part;
    double units = 0;

    if (row->service != AWS_DYNAMODB) {
        return;
    }
    consumed = json_get(doc, "ConsumedCapacity");
    if (cJSON_IsArray(consumed)) {
        cJSON_ArrayForEach(part, consumed)
        {
            units += units_of(part);
        }
    } else {
        units = units_of(consumed);
    }
    if (units > 0) {
        (void)pthread_mutex_lock(&c->lock);
        if ((row->flags & AWS_OP_READ) != 0) {
            c->read_units += units;
        } else {
            c->write_units += units;
        }
        (void)pthread_mutex_unlock(&c->lock);
    }
}

void client_signing_key(struct aws_client *c, enum aws_service_id s, const struct aws_creds *creds,
                        int64_t wall_ms, unsigned char key[32])
{
    char date[TIME_ISO_SIZE];
    char id[sizeof c->keys[0].id];

    (void)time_iso_basic(wall_ms, date);
    date[8] = '\0';
    const char *secret = secret_str(&creds->secret_key);
    int n = snprintf(id, sizeof id, "%s/%s/%08x", creds->access_key_id, date,
                     (unsigned)crc32_of(secret, strlen(secret)));
    (void)pthread_mutex_lock(&c->lock);
    bool hit = n > 0 && (size_t)n < sizeof id && strcmp(c->keys[s].id, id) == 0;
    if (hit) {
        memcpy(key, c->keys[s].key, 32);
    }
    (void)pthread_mutex_unlock(&c->lock);
    if (hit) {
        return;
    }
    sigv4_signing_key(secret, date, c->endpoints[s].signing_region,
                      aws_service_get(s)->signing_name, key);
    (void)pthread_mutex_lock(&c->lock);
    (void)snprintf(c->keys[s].id, sizeof c->keys[s].id, "%s", id);
    memcpy(c->keys[s].key, key, 32);
    (void)pthread_mutex_unlock(&c->lock);
}
