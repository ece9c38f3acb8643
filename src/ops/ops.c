#include "ops/ops.h"

#include <errno.h>
#include <pthread.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "batch_find.h"
#include "core/alloc.h"
#include "core/path.h"
#include "core/strbuf.h"

struct ops_halt {
    pthread_mutex_t lock; /* guards `on` */
    pthread_cond_t changed;
    bool on;
};

static struct ops_halt *halt_new(void)
{
    struct ops_halt *h = xcalloc(1, sizeof *h);
    pthread_condattr_t attr;

    (void)pthread_mutex_init(&h->lock, NULL);
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&h->changed, &attr);
    (void)pthread_condattr_destroy(&attr);
    return h;
}

static void halt_free(struct ops_halt *h)
{
    if (h != NULL) {
        (void)pthread_cond_destroy(&h->changed);
        (void)pthread_mutex_destroy(&h->lock);
        free(h);
    }
}

/* "user@host"; only characters that are safe in a reason and on a screen. */
static char *actor_text(void)
{
    char host[256] = "";
    char buf[4096];
    struct passwd pw;
    struct passwd *found = NULL;
    const char *user = "unknown";
    struct strbuf b = STRBUF_LIMIT(128);

    if (getpwuid_r(geteuid(), &pw, buf, sizeof buf, &found) == 0 && found != NULL) {
        user = found->pw_name;
    }
    if (gethostname(host, sizeof host - 1) != 0 || host[0] == '\0') {
        (void)snprintf(host, sizeof host, "localhost");
    }
    host[strcspn(host, ".")] = '\0';
    strbuf_addf(&b, "%.64s@%.60s", user, host);
    char *s = strbuf_take(&b);
    for (char *p = s; *p != '\0'; p++) {
        if ((unsigned char)*p <= 0x20 || (unsigned char)*p >= 0x7f) {
            *p = '?';
        }
    }
    return s;
}

static bool is_loopback(const char *endpoint)
{
    const char *host = strstr(endpoint, "://");

    host = host == NULL ? endpoint : host + 3;
    return strncmp(host, "127.", 4) == 0 || strncmp(host, "localhost", 9) == 0 ||
           strncmp(host, "[::1]", 5) == 0;
}

/* Whose keys: what tells accounts apart without a request. A long-lived key names its account; a
 * temporary one changes by itself and does not, nor does a role's. A local cloud is known by its
 * key, which it keeps, and not by its port, which may be another each time. */
static void add_who(struct strbuf *b, const char *profile, bool loopback)
{
    const char *key = getenv("AWS_ACCESS_KEY_ID");

    if (profile != NULL && profile[0] != '\0') {
        strbuf_addf(b, "profile %s", profile);
    } else if (key != NULL && key[0] != '\0') {
        bool lasting = loopback || strncmp(key, "AKIA", 4) == 0;
        strbuf_addf(b, "key %s", lasting ? key : "in the environment");
    } else {
        const char *p = getenv("AWS_PROFILE");
        strbuf_addf(b, "profile %s", p == NULL || p[0] == '\0' ? "default" : p);
    }
}

static char *place_text(const struct ops *o)
{
    struct strbuf b = STRBUF_INIT;
    const char *table_at = aws_client_endpoint(o->aws, AWS_DYNAMODB);
    const char *bus_at = aws_client_endpoint(o->aws, AWS_EVENTS);

    add_who(&b, settings_flag(o->settings, SET_PROFILE), is_loopback(table_at));
    strbuf_addf(&b, " | %s | %s | %s | %s | %s", aws_client_region(o->aws),
                is_loopback(table_at) ? "loopback" : table_at, o->table,
                is_loopback(bus_at) ? "loopback" : bus_at, o->bus);
    return strbuf_take(&b);
}

static const char *setting(const struct settings *s, enum setting_id id)
{
    const char *v = settings_get(s, id);

    return v == NULL ? "" : v;
}

struct ops *ops_new(const struct settings *s, const struct clock *clock, struct log *log,
                    struct err *e)
{
    /* Profile and endpoint of other sources than a flag are in the environment (settings_export),
     * where the client weighs them against keys and per-service endpoints. The default region is
     * nobody's wish: a profile's comes before it. */
    bool region_named = settings_origin(s, SET_REGION) != ORIGIN_DEFAULT;
    struct aws_options opt = {
        .region = region_named ? settings_get(s, SET_REGION) : NULL,
        .profile = settings_flag(s, SET_PROFILE),
        .endpoint_url = settings_flag(s, SET_ENDPOINT_URL),
        .insecure_endpoint = settings_bool(s, SET_INSECURE_ENDPOINT),
        .clock = clock,
        .log = log,
    };
    struct aws_client *aws = aws_client_new(&opt, e);

    if (aws == NULL) {
        return NULL;
    }
    struct ops *o = xcalloc(1, sizeof *o);
    o->aws = aws;
    o->settings = s;
    o->clock = clock;
    o->log = log;
    o->state_dir = path_state_dir();
    o->actor = actor_text();
    o->table = setting(s, SET_TABLE);
    o->bus = setting(s, SET_BUS);
    o->queue = setting(s, SET_QUEUE);
    o->log_group = setting(s, SET_BATCH_LOG_GROUP);
    o->source = setting(s, SET_SOURCE);
    o->detail_type = setting(s, SET_DETAIL_TYPE);
    o->rule = setting(s, SET_RULE);
    o->halt = halt_new();
    o->names = batch_names_new();
    o->bus_seen_ms = xcalloc(1, sizeof *o->bus_seen_ms);
    o->place = place_text(o);
    return o;
}

void ops_free(struct ops *o)
{
    if (o == NULL) {
        return;
    }
    aws_client_free(o->aws);
    halt_free(o->halt);
    batch_names_free(o->names);
    free(o->bus_seen_ms);
    free(o->state_dir);
    free(o->actor);
    free(o->place);
    free(o);
}

void ops_stop(const struct ops *o, bool on)
{
    (void)pthread_mutex_lock(&o->halt->lock);
    o->halt->on = on;
    (void)pthread_cond_broadcast(&o->halt->changed);
    (void)pthread_mutex_unlock(&o->halt->lock);
    aws_client_stop(o->aws, on);
}

bool ops_sleep(const struct ops *o, int ms)
{
    struct timespec until;
    int rc = 0;

    /* The real clock, whatever o->clock says: this is about other machines' time to act. */
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += (long)(ms % 1000) * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    (void)pthread_mutex_lock(&o->halt->lock);
    while (!o->halt->on && rc != ETIMEDOUT) {
        rc = pthread_cond_timedwait(&o->halt->changed, &o->halt->lock, &until);
    }
    bool go_on = !o->halt->on;
    (void)pthread_mutex_unlock(&o->halt->lock);
    return go_on;
}

struct state_rules ops_state_rules(const struct settings *s)
{
    struct state_rules r = state_rules_default;

    r.not_picked_up_s = settings_int(s, SET_NOT_PICKED_UP_S, r.not_picked_up_s);
    return r;
}
