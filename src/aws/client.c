/* The client: setting it up, its counters, its signing keys. call.c makes the calls. */
#include "aws/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/sigv4.h"
#include "client_impl.h"
#include "core/alloc.h"
#include "core/crc32.h"
#include "core/json.h"
#include "core/rand.h"
#include "core/secret.h"
#include "profile.h"
#include "trust.h"

enum { ATTEMPTS_LIMIT = 20, PROBE_BYTES = 64 * 1024 };

/* Reads a number of attempts: 0 when the text is NULL; a number over the limit becomes the
 * limit. */
static enum err_code attempts_from(const char *text, const char *name, int *out, struct err *e)
{
    char *end = NULL;
    long n = text == NULL ? 0 : strtol(text, &end, 10);

    *out = (int)(n > ATTEMPTS_LIMIT ? ATTEMPTS_LIMIT : n);
    if (text == NULL || (*end == '\0' && n > 0)) {
        return E_OK;
    }
    (void)err_set(e, E_CONFIG, "%s is \"%.40s\", which is not a number of attempts", name, text);
    return err_hint_set(e, "set it to a number from 1 to %d, or leave it out", ATTEMPTS_LIMIT);
}

static enum err_code read_attempts(struct aws_client *c, const struct profiles *p, struct err *e)
{
    char name[96];
    const char *v = env_get(c->o.env, "AWS_MAX_ATTEMPTS");

    c->max_attempts = c->o.max_attempts;
    if (c->max_attempts > 0) {
        return E_OK;
    }
    if (v != NULL) {
        return attempts_from(v, "AWS_MAX_ATTEMPTS", &c->max_attempts, e);
    }
    (void)snprintf(name, sizeof name, "max_attempts of profile %.64s", p->name);
    return attempts_from(profiles_get(p, p->name, "max_attempts"), name, &c->max_attempts, e);
}

static enum err_code resolve_endpoints(struct aws_client *c, const struct aws_options *o,
                                       const struct profiles *p, const char *region, struct err *e)
{
    struct endpoint_options eo = {.profiles = p,
                                  .region = region,
                                  .endpoint_url = o->endpoint_url,
                                  .file_endpoint = o->file_endpoint,
                                  .endpoint_named = o->endpoint_named,
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

    if (profiles_load(&p, o->env, o->profile, e) != E_OK) {
        return NULL;
    }
    struct aws_client *c = xcalloc(1, sizeof *c);
    char trust_from[TRUST_FROM_MAX];
    const struct http_trust trust =
        trust_find(o->env, p.name, profiles_get(&p, p.name, "ca_bundle"), trust_from);
    c->o = *o;
    const char *region = o->region != NULL ? o->region : profiles_get(&p, p.name, "region");
    region = region != NULL ? region : "us-east-1";
    c->region = endpoint_region_name(region);
    c->http = http_new(&trust, o->env);
    struct aws_creds_options co = {.env = o->env,
                                   .profile = o->profile,
                                   .region = region,
                                   .insecure_endpoint = o->insecure_endpoint,
                                   .clock = o->clock,
                                   .log = o->log,
                                   .http = c->http};
    c->creds = aws_creds_new(&co);
    retry_quota_init(&c->quota);
    (void)pthread_mutex_init(&c->lock, NULL);
    for (size_t i = 0; i < AWS_NOTES_MAX; i++) {
        c->notes[i] = profiles_note(&p, i);
    }
    enum err_code rc = read_attempts(c, &p, e);
    if (rc == E_OK) {
        rc = resolve_endpoints(c, o, &p, region, e);
    }
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
    for (size_t i = 0; i < AWS_NOTES_MAX; i++) {
        free(c->notes[i]);
    }
    retry_quota_clear(&c->quota);
    (void)pthread_mutex_destroy(&c->lock);
    secret_wipe(c->keys, sizeof c->keys);
    free(c->region);
    free(c);
}

void aws_client_limit(struct aws_client *c, int connections)
{
    http_limit(c->http, connections);
}

void aws_client_tidy(struct aws_client *c, int idle_ms)
{
    http_tidy(c->http, idle_ms);
}

void aws_client_stop(struct aws_client *c, bool stop)
{
    http_stop(c->http, stop);
}

const char *aws_client_note(const struct aws_client *c, size_t i)
{
    return i < AWS_NOTES_MAX ? c->notes[i] : NULL;
}

const char *aws_client_region(const struct aws_client *c)
{
    return c->region;
}

const char *aws_client_endpoint(const struct aws_client *c, enum aws_service_id s)
{
    return c->endpoints[s].url;
}

const char *aws_client_endpoint_from(const struct aws_client *c, enum aws_service_id s)
{
    return c->endpoints[s].from;
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

enum err_code aws_client_key(struct aws_client *c, char **key_id, struct err *e)
{
    struct aws_creds creds = {.expires_ms = TIME_NONE};
    enum err_code rc = aws_creds_get(c->creds, &creds, e);

    *key_id = rc == E_OK ? xstrdup(creds.access_key_id) : NULL;
    aws_creds_clear(&creds);
    return rc;
}

char *aws_client_key_peek(struct aws_client *c, char account[16])
{
    return aws_creds_peek(c->creds, account);
}

enum err_code aws_client_probe(struct aws_client *c, enum aws_service_id s, int64_t *skew_ms,
                               struct err *e)
{
    struct http_request q = {.method = "GET",
                             .url = c->endpoints[s].url,
                             .endpoint_from = c->endpoints[s].from,
                             .connect_timeout_ms = c->o.connect_timeout_ms,
                             .total_timeout_ms = c->o.total_timeout_ms,
                             .max_bytes = PROBE_BYTES};
    struct http_response reply = {0};
    int64_t theirs = 0;

    *skew_ms = TIME_NONE;
    enum err_code rc = http_send(c->http, &q, &reply, e);
    const char *date = rc == E_OK ? http_header_get(&reply, "date") : NULL;
    if (date != NULL && time_parse_http(date, &theirs)) {
        *skew_ms = theirs - clock_wall_ms(c->o.clock);
    }
    http_response_clear(&reply);
    return rc == E_TOO_BIG ? E_OK : rc; /* the service answered */
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

void client_call_begins(struct aws_client *c, struct call_mark *m)
{
    m->began_ms = clock_mono_ms(NULL);
    (void)pthread_mutex_lock(&c->lock);
    m->next = c->under_way;
    m->at = &c->under_way;
    if (m->next != NULL) {
        m->next->at = &m->next;
    }
    c->under_way = m;
    (void)pthread_mutex_unlock(&c->lock);
}

void client_call_ends(struct aws_client *c, struct call_mark *m)
{
    (void)pthread_mutex_lock(&c->lock);
    *m->at = m->next;
    if (m->next != NULL) {
        m->next->at = m->at;
    }
    (void)pthread_mutex_unlock(&c->lock);
}

bool aws_client_waits(struct aws_client *c, enum aws_op_id *op, int64_t *ms)
{
    const struct call_mark *oldest = NULL;

    (void)pthread_mutex_lock(&c->lock);
    for (const struct call_mark *m = c->under_way; m != NULL; m = m->next) {
        oldest = oldest == NULL || m->began_ms <= oldest->began_ms ? m : oldest;
    }
    if (oldest != NULL) {
        *op = oldest->op;
        *ms = clock_mono_ms(NULL) - oldest->began_ms;
    }
    (void)pthread_mutex_unlock(&c->lock);
    return oldest != NULL;
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

double client_units(const struct aws_op *row, const cJSON *doc)
{
    const cJSON *consumed = row->service == AWS_DYNAMODB ? json_get(doc, "ConsumedCapacity") : NULL;
    const cJSON *part;
    double units = 0;

    if (!cJSON_IsArray(consumed)) {
        return units_of(consumed);
    }
    cJSON_ArrayForEach(part, consumed)
    {
        units += units_of(part);
    }
    return units;
}

void client_count_units(struct aws_client *c, const struct aws_op *row, double units)
{
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
