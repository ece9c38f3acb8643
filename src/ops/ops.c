/* What every operation needs: the client, the settings in force, stopping and waiting. */
#include "ops/ops.h"

#include <errno.h>
#include <pthread.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch_names.h"
#include "core/alloc.h"
#include "core/cond.h"
#include "core/deadline.h"
#include "core/path.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "ops/guard.h"
#include "ops/place.h"
#include "ops/sync_log.h"
#include "queue_capacity.h"
#include "queue_memory.h"

enum { TIMEOUT_S = 30 };

struct ops_halt {
    pthread_mutex_t lock; /* guards `on` */
    pthread_cond_t changed;
    bool on;
};

static struct ops_halt *halt_new(void)
{
    struct ops_halt *h = xcalloc(1, sizeof *h);

    (void)pthread_mutex_init(&h->lock, NULL);
    cond_init(&h->changed);
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

/* The text "user@host", with only characters that are safe in a reason and on a screen. */
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
    strbuf_addf(&b, "%.*s@%.*s", text_cut(user, 64), user, text_cut(host, 60), host);
    char *s = strbuf_take(&b);
    for (char *p = s; *p != '\0'; p++) {
        if ((unsigned char)*p <= 0x20 || (unsigned char)*p >= 0x7f) {
            *p = '?';
        }
    }
    return s;
}

static const char *setting(const struct settings *s, enum setting_id id)
{
    const char *v = settings_get(s, id);

    return v == NULL ? "" : v;
}

struct ops *ops_new(const struct settings *s, const struct clock *clock, struct log *log,
                    struct err *e)
{
    /* A profile and an endpoint that no flag gave are in the environment (settings_environment),
     * where the client weighs them against keys and against endpoints of single services. The
     * default region is nobody's wish: the region of a profile comes before it. */
    bool region_named = settings_origin(s, SET_REGION) != ORIGIN_DEFAULT;
    struct write_guard *guard = write_guard_new(s);
    struct aws_options opt = {
        .env = settings_environment(s),
        .region = region_named ? settings_get(s, SET_REGION) : NULL,
        .profile = settings_flag(s, SET_PROFILE),
        .endpoint_url = settings_flag(s, SET_ENDPOINT_URL),
        .file_endpoint = settings_unasked_endpoint(s),
        .endpoint_named = settings_environment_endpoint_from(s),
        .insecure_endpoint = settings_bool(s, SET_INSECURE_ENDPOINT),
        .may_write = write_guard_check,
        .may_write_arg = guard,
        .clock = clock,
        .log = log,
    };
    struct aws_client *aws = aws_client_new(&opt, e);

    if (aws == NULL) {
        write_guard_free(guard);
        return NULL;
    }
    write_guard_bind(guard, aws);
    for (size_t i = 0; aws_client_note(aws, i) != NULL; i++) {
        log_line(log, LOG_LVL_WARN, "%s", aws_client_note(aws, i));
    }
    struct ops *o = xcalloc(1, sizeof *o);
    o->aws = aws;
    o->guard = guard;
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
    o->capacity = queue_capacity_new();
    o->queue_memory = queue_memory_new();
    o->bus_seen_ms = xcalloc(1, sizeof *o->bus_seen_ms);
    o->place = place_new(aws, o->table, o->bus);
    o->sync_log = sync_log_new();
    return o;
}

void ops_free(struct ops *o)
{
    if (o == NULL) {
        return;
    }
    batch_names_save(o);
    sync_log_free(o, o->sync_log);
    aws_client_free(o->aws);
    write_guard_free(o->guard);
    halt_free(o->halt);
    batch_names_free(o->names);
    queue_capacity_free(o->capacity);
    queue_memory_free(o->queue_memory);
    free(o->bus_seen_ms);
    free(o->state_dir);
    free(o->actor);
    place_free(o->place);
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
    /* The real clock is used, whatever o->clock says: this wait gives other machines time to
     * act. */
    const struct timespec until = cond_until(ms);
    int rc = 0;

    (void)pthread_mutex_lock(&o->halt->lock);
    while (!o->halt->on && rc != ETIMEDOUT) {
        rc = pthread_cond_timedwait(&o->halt->changed, &o->halt->lock, &until);
    }
    bool go_on = !o->halt->on;
    (void)pthread_mutex_unlock(&o->halt->lock);
    return go_on;
}

int64_t ops_begin(const struct ops *o)
{
    return deadline_within(settings_int(o->settings, SET_TIMEOUT_S, TIMEOUT_S) * INT64_C(1000));
}

void ops_end(int64_t begun)
{
    (void)deadline_set(begun);
}

static struct price_pair price_pair(const struct settings *s, enum setting_id vcpu,
                                    enum setting_id gb)
{
    return (struct price_pair){settings_price(s, vcpu), settings_price(s, gb)};
}

struct job_prices ops_prices(const struct settings *s)
{
    struct job_prices p = {.disk_gb_hour = settings_price(s, SET_PRICE_DISK_GB)};

    p.fargate = price_pair(s, SET_PRICE_FARGATE_VCPU, SET_PRICE_FARGATE_GB);
    p.fargate_spot = price_pair(s, SET_PRICE_SPOT_VCPU, SET_PRICE_SPOT_GB);
    p.arm = price_pair(s, SET_PRICE_ARM_VCPU, SET_PRICE_ARM_GB);
    p.arm_spot = price_pair(s, SET_PRICE_ARM_SPOT_VCPU, SET_PRICE_ARM_SPOT_GB);
    p.ec2 = price_pair(s, SET_PRICE_EC2_VCPU, SET_PRICE_EC2_GB);
    return p;
}

struct state_rules ops_state_rules(const struct settings *s)
{
    struct state_rules r = state_rules_default;

    r.not_picked_up_s = settings_int(s, SET_NOT_PICKED_UP_S, r.not_picked_up_s);
    r.prices = ops_prices(s);
    return r;
}
