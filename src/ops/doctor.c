/* The doctor: runs all checks, each in its time, and tells of the results in order.
 *
 * DESIGN: a few threads take the first check of the table whose `needs` and `after` have all ended;
 * the calling thread tells of the results in the table's order. A check that takes too long is
 * called UNKNOWN and left behind: its thread goes on until its request ends (one attempt, bounded),
 * what that finds is dropped, and no check that needs the late one is started. When the time of all
 * checks is over, or all results are told, the client is stopped, which ends what is still under
 * way, and the threads are joined. */
#include "ops/doctor.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/cond.h"
#include "core/json.h"
#include "doctor_priv.h"
#include "ops/guard.h"

enum { THREADS = 6, CHECK_MS = 5000, TOTAL_MS = 30000, CONNECT_MS = 3000, ASK_MS = 100 };

/* ---- the table's ids ---- */

static bool known(const char *id, size_t len, size_t *out)
{
    for (size_t i = 0; i < doctor_checks_len; i++) {
        if (strlen(doctor_checks[i].id) == len && strncmp(doctor_checks[i].id, id, len) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

static size_t find(const char *id, size_t len)
{
    size_t i = 0;

    if (!known(id, len, &i)) {
        abort(); /* a typing error in the table, which the table's test finds */
    }
    return i;
}

/* Puts the next id of a list into `*i`; false at the list's end. */
static bool next_id(const char **list, size_t *i)
{
    *list += strspn(*list, " ");
    size_t len = strcspn(*list, " ");
    if (len == 0) {
        return false;
    }
    *i = find(*list, len);
    *list += len;
    return true;
}

static void choose(size_t i, bool *in)
{
    const char *lists[] = {doctor_checks[i].needs, doctor_checks[i].after};

    if (in[i]) {
        return;
    }
    in[i] = true;
    for (int k = 0; k < 2; k++) {
        for (size_t other = 0; next_id(&lists[k], &other);) {
            choose(other, in);
        }
    }
}

enum err_code doctor_choose(const char *only, bool *in, struct err *e)
{
    bool all = only == NULL || only[strspn(only, " ")] == '\0';

    for (size_t i = 0; i < doctor_checks_len; i++) {
        in[i] = all && !doctor_checks[i].of_job;
    }
    while (!all && *(only += strspn(only, " ")) != '\0') {
        size_t len = strcspn(only, " ");
        size_t i = 0;
        if (!known(only, len, &i)) {
            return err_set(e, E_USAGE, "the doctor has no check %.*s", len > 20 ? 20 : (int)len,
                           only);
        }
        choose(i, in);
        only += len;
    }
    return E_OK;
}

static bool usable(const struct slot *s)
{
    return s->state == SLOT_DONE &&
           (s->found.state == DOCTOR_PASS || s->found.state == DOCTOR_WARN || s->found.go_on);
}

bool doctor_usable(struct doctor *d, const char *id)
{
    (void)pthread_mutex_lock(&d->lock);
    bool yes = usable(&d->slots[find(id, strlen(id))]);
    (void)pthread_mutex_unlock(&d->lock);
    return yes;
}

bool doctor_missing(struct doctor *d, const char *id)
{
    (void)pthread_mutex_lock(&d->lock);
    const struct slot *s = &d->slots[find(id, strlen(id))];
    bool yes = s->state == SLOT_DONE && s->found.missing;
    (void)pthread_mutex_unlock(&d->lock);
    return yes;
}

bool doctor_failed(struct doctor *d, const char *id)
{
    (void)pthread_mutex_lock(&d->lock);
    const struct slot *s = &d->slots[find(id, strlen(id))];
    bool yes = s->state == SLOT_DONE && s->found.state == DOCTOR_FAIL;
    (void)pthread_mutex_unlock(&d->lock);
    return yes;
}

/* Is the answer that of an endpoint of the user's own (the local cloud, moto) which does not know
 * this operation? */
static bool unsupported(const struct err *e)
{
    return strcmp(e->aws_code, "UnknownOperationException") == 0 ||
           strcmp(e->aws_code, "InvalidAction") == 0 || e->http_status == 501;
}

bool doctor_looked(struct doctor *d, enum err_code rc, const struct err *e, const char *action,
                   struct finding *f)
{
    if (rc == E_OK) {
        return true;
    }
    if (rc == E_DENIED) {
        (void)finding_add(f, DOCTOR_UNKNOWN, "cannot tell; needs %s", action);
        finding_fix(f, "allow %s for %-s", action,
                    d->identity.arn[0] == '\0' ? "this identity" : d->identity.arn);
        return false;
    }
    if (unsupported(e)) {
        (void)finding_add(f, DOCTOR_SKIP, "this endpoint does not know %s: nothing to check",
                          action);
        finding_fix(f, "on AWS itself this is checked");
        return false;
    }
    bool creds = err_means(rc, ERR_KEYS);
    (void)finding_add(f, creds ? DOCTOR_FAIL : DOCTOR_UNKNOWN, "%s", e->msg);
    finding_fix(f, "%s", err_hint(e));
    return false;
}

/* ---- running ---- */

/* Called with the lock held, as the next three are. */
static bool all_ended(const struct doctor *d, const char *ids)
{
    for (size_t i; next_id(&ids, &i);) {
        if (d->slots[i].state == SLOT_WAITING || d->slots[i].state == SLOT_RUNNING) {
            return false;
        }
    }
    return true;
}

static void end(struct doctor *d, struct slot *s)
{
    s->state = SLOT_DONE;
    (void)pthread_cond_broadcast(&d->changed);
}

static bool skip(struct doctor *d, const struct doctor_check *c, struct slot *s)
{
    const char *ids = c->needs;

    for (size_t i; next_id(&ids, &i);) {
        const struct slot *other = &d->slots[i];
        if (!usable(other)) {
            const char *why = other->found.state == DOCTOR_FAIL ? "failed" : "could not tell";
            (void)finding_add(&s->found, DOCTOR_SKIP, "because %s %s", doctor_checks[i].id,
                              other->found.state == DOCTOR_SKIP ? "was skipped" : why);
            finding_fix(&s->found, "see %s", doctor_checks[i].id);
            end(d, s);
            return true;
        }
    }
    return false;
}

/* Goes over the table once for `take`; `*skipped` is set when it has ended some checks, which may
 * free others. */
static int take_pass(struct doctor *d, bool *skipped)
{
    int next = -2;

    *skipped = false;
    for (size_t i = 0; i < doctor_checks_len; i++) {
        const struct doctor_check *c = &doctor_checks[i];
        struct slot *s = &d->slots[i];
        if (s->state != SLOT_WAITING) {
            continue;
        }
        if (!all_ended(d, c->needs) || !all_ended(d, c->after)) {
            next = -1;
        } else if (skip(d, c, s)) {
            *skipped = true;
        } else {
            s->state = SLOT_RUNNING;
            s->started_ms = clock_mono_ms(NULL);
            (void)pthread_cond_broadcast(&d->changed); /* the watcher wants to know */
            return (int)i;
        }
    }
    return next;
}

/* The first check that can run now; -1: no check can run before another one has ended, -2: no check
 * is left. */
static int take(struct doctor *d)
{
    bool skipped = true;
    int next = -2;

    while (skipped && next < 0) {
        next = take_pass(d, &skipped);
    }
    return next;
}

static void *work(void *arg)
{
    struct doctor *d = arg;

    (void)pthread_mutex_lock(&d->lock);
    for (int i = take(d); i != -2 && !d->stop; i = take(d)) {
        if (i == -1) {
            (void)pthread_cond_wait(&d->changed, &d->lock);
            continue;
        }
        struct finding found = {0};
        (void)pthread_mutex_unlock(&d->lock);
        doctor_checks[i].run(d, &found);
        (void)pthread_mutex_lock(&d->lock);
        struct slot *s = &d->slots[i];
        if (s->state == SLOT_RUNNING) {
            s->found = found;
            end(d, s);
        } else {
            finding_clear(&found); /* the finding came too late */
        }
    }
    (void)pthread_mutex_unlock(&d->lock);
    return NULL;
}

/* ---- telling ---- */

static void give_up(struct doctor *d, struct slot *s, int limit_ms, const char *whose)
{
    (void)finding_add(&s->found, DOCTOR_UNKNOWN, "no answer within %d s%s", limit_ms / 1000, whose);
    finding_fix(&s->found, "see which request took so long: `mvpdash doctor --debug`");
    end(d, s);
}

/* Ends the checks whose time is over. Returns the time at which to look again. Called with the lock
 * held. */
static int64_t expire(struct doctor *d, int64_t until_ms)
{
    int64_t now = clock_mono_ms(NULL);
    int64_t next = until_ms;

    for (size_t i = 0; i < doctor_checks_len; i++) {
        struct slot *s = &d->slots[i];
        int64_t limit = s->started_ms + d->opt.check_ms;
        if ((s->state == SLOT_WAITING || s->state == SLOT_RUNNING) && now >= until_ms) {
            give_up(d, s, d->opt.total_ms, " (of all checks)");
        } else if (s->state == SLOT_RUNNING && now >= limit) {
            give_up(d, s, d->opt.check_ms, "");
        } else if (s->state == SLOT_RUNNING && limit < next) {
            next = limit;
        }
    }
    return next;
}

static void wait_until(struct doctor *d, int64_t at_ms)
{
    const struct timespec until = cond_until(at_ms - clock_mono_ms(NULL) + 1);

    (void)pthread_cond_timedwait(&d->changed, &d->lock, &until);
}

static void note(struct doctor_report *r, const struct doctor_check *c, const struct finding *f)
{
    r->count[f->state]++;
    if (f->state == DOCTOR_FAIL && r->headline == NULL) {
        r->headline_id = c->id;
        r->headline = xstrdup(f->text);
        r->fix = xstrdup(f->fix);
    }
    bool wanted = f->state == DOCTOR_FAIL || f->state == DOCTOR_WARN || f->state == DOCTOR_UNKNOWN;
    if (wanted && (r->first.id == NULL || doctor_worse(f->state, r->first.state))) {
        free(r->first.text);
        free(r->first.fix);
        r->first = (struct doctor_first){.id = c->id,
                                         .title = c->title,
                                         .state = f->state,
                                         .text = xstrdup(f->text),
                                         .fix = xstrdup(f->fix)};
    }
}

/* Tells the watcher of one change that it does not know yet; false when there is none. Called with
 * the lock held, which is released while the watcher is told. */
static bool watch_one(struct doctor *d)
{
    for (size_t i = 0; d->opt.watch != NULL && i < doctor_checks_len; i++) {
        struct slot *s = &d->slots[i];
        if (s->state == s->watched) {
            continue;
        }
        s->watched = s->state;
        const struct finding *f = s->state == SLOT_DONE ? &s->found : NULL;
        (void)pthread_mutex_unlock(&d->lock);
        /* nobody changes a finding once its check is done */
        d->opt.watch(d->opt.arg, &doctor_checks[i], f);
        (void)pthread_mutex_lock(&d->lock);
        return true;
    }
    return false;
}

static bool is_over(const struct doctor *d)
{
    return !ops_sleep(&d->o, 0) || (d->opt.give_up != NULL && d->opt.give_up(d->opt.arg));
}

/* Waits until the check of the slot is done and everything that happened meanwhile is told; false
 * when all checks are to end. Called with the lock held, which is released while the watcher is
 * asked. */
static bool await_slot(struct doctor *d, struct slot *s, int64_t until_ms)
{
    for (;;) {
        if (watch_one(d)) {
            continue;
        }
        if (s->state == SLOT_DONE) {
            return true;
        }
        int64_t next = expire(d, until_ms);
        int64_t ask = clock_mono_ms(NULL) + ASK_MS;
        if (s->state == SLOT_DONE) {
            continue;
        }
        wait_until(d, next < ask ? next : ask);
        (void)pthread_mutex_unlock(&d->lock);
        bool over = is_over(d);
        (void)pthread_mutex_lock(&d->lock);
        if (over) {
            return false;
        }
    }
}

static enum err_code tell_all(struct doctor *d, doctor_fn told, void *arg,
                              struct doctor_report *out, struct err *e)
{
    int64_t until = clock_mono_ms(NULL) + d->opt.total_ms;
    enum err_code rc = E_OK;

    (void)pthread_mutex_lock(&d->lock);
    for (size_t i = 0; i < doctor_checks_len && rc == E_OK; i++) {
        struct slot *s = &d->slots[i];
        if (s->state == SLOT_LEFT_OUT) {
            continue;
        }
        if (!await_slot(d, s, until)) {
            rc = err_set(e, E_CANCELLED, "the checks were stopped");
            break;
        }
        (void)pthread_mutex_unlock(&d->lock);
        /* nobody changes a finding once its check is done */
        note(out, &doctor_checks[i], &s->found);
        if (told != NULL) {
            told(arg, &doctor_checks[i], &s->found);
        }
        (void)pthread_mutex_lock(&d->lock);
    }
    d->stop = true;
    (void)pthread_cond_broadcast(&d->changed);
    (void)pthread_mutex_unlock(&d->lock);
    return rc;
}

/* ---- life ---- */

static struct aws_client *quick_client(const struct ops *o, const struct doctor_options *opt,
                                       struct err *e)
{
    bool region_named = settings_origin(o->settings, SET_REGION) != ORIGIN_DEFAULT;
    struct aws_options a = {
        .env = settings_environment(o->settings),
        .region = region_named ? settings_get(o->settings, SET_REGION) : NULL,
        .profile = settings_flag(o->settings, SET_PROFILE),
        .endpoint_url = settings_flag(o->settings, SET_ENDPOINT_URL),
        .file_endpoint = settings_unasked_endpoint(o->settings),
        .endpoint_named = settings_environment_endpoint_from(o->settings),
        .insecure_endpoint = settings_bool(o->settings, SET_INSECURE_ENDPOINT),
        .may_write = write_guard_check,
        .may_write_arg = o->guard,
        .clock = o->clock,
        .log = o->log,
        .connect_timeout_ms = CONNECT_MS,
        .total_timeout_ms = opt->check_ms,
        .max_attempts = 1,
    };

    return aws_client_new(&a, e);
}

static const char *setting(const struct ops *o, enum setting_id id)
{
    const char *v = settings_get(o->settings, id);

    return v == NULL ? "" : v;
}

static void doctor_free(struct doctor *d)
{
    for (size_t i = 0; i < doctor_checks_len; i++) {
        finding_clear(&d->slots[i].found);
    }
    cJSON_Delete(d->table);
    cJSON_Delete(d->bus);
    cJSON_Delete(d->rule);
    cJSON_Delete(d->targets);
    cJSON_Delete(d->dlq);
    cJSON_Delete(d->queue);
    cJSON_Delete(d->environments);
    cJSON_Delete(d->definition);
    free(d->dlq_name);
    free(d->dlq_url);
    free(d->definition_ref);
    free(d->log_group);
    cJSON_Delete(d->started);
    cJSON_Delete(d->ran);
    free(d->finished_id);
    free(d->finished_stream);
    aws_client_free(d->o.aws);
    (void)pthread_cond_destroy(&d->changed);
    (void)pthread_mutex_destroy(&d->lock);
    free(d);
}

static struct doctor *doctor_new(const struct ops *o, const struct doctor_options *options,
                                 struct err *e)
{
    struct doctor_options opt = options == NULL ? (struct doctor_options){0} : *options;

    opt.check_ms = opt.check_ms == 0 ? CHECK_MS : opt.check_ms;
    opt.total_ms = opt.total_ms == 0 ? TOTAL_MS : opt.total_ms;
    opt.patience_s = opt.patience_s == 0 ? 300 : opt.patience_s < 0 ? 0 : opt.patience_s;
    opt.rules = opt.rules == NULL ? &state_rules_default : opt.rules;
    struct aws_client *aws = quick_client(o, &opt, e);
    if (aws == NULL) {
        return NULL;
    }
    struct doctor *d = xcalloc(1, sizeof *d);
    d->o = *o;
    d->o.aws = aws;
    d->opt = opt;
    d->newest_ms = TIME_NONE;
    d->names = (struct doctor_names){.region = aws_client_region(aws),
                                     .account = "",
                                     .table = o->table,
                                     .bus = o->bus,
                                     .rule = o->rule,
                                     .queue = o->queue,
                                     .definition = setting(o, SET_JOB_DEFINITION),
                                     .dlq = setting(o, SET_DLQ),
                                     .log_group = o->log_group,
                                     .source = o->source,
                                     .detail_type = o->detail_type};
    (void)pthread_mutex_init(&d->lock, NULL);
    cond_init(&d->changed);
    return d;
}

enum err_code ops_doctor(const struct ops *o, const struct doctor_options *options, doctor_fn told,
                         void *arg, struct doctor_report *out, struct err *e)
{
    pthread_t threads[THREADS];
    int n = 0;

    *out = (struct doctor_report){0};
    bool in[DOCTOR_CHECKS_MAX];
    if (doctor_choose(options == NULL ? NULL : options->only, in, e) != E_OK) {
        return E_USAGE;
    }
    struct doctor *d = doctor_new(o, options, e);
    if (d == NULL) {
        return E_CONFIG;
    }
    for (size_t i = 0; i < doctor_checks_len; i++) {
        d->slots[i].state = d->slots[i].watched = in[i] ? SLOT_WAITING : SLOT_LEFT_OUT;
    }
    int failed = 0;
    while (n < THREADS && (failed = pthread_create(&threads[n], NULL, work, d)) == 0) {
        n++;
    }
    if (n == 0) {
        doctor_free(d);
        return err_no_thread(e, failed, "a thread for the checks");
    }
    enum err_code rc = tell_all(d, told, arg, out, e);
    aws_client_stop(d->o.aws, true); /* end the requests of the checks that were left behind */
    while (n > 0) {
        (void)pthread_join(threads[--n], NULL);
    }
    doctor_free(d);
    return rc;
}

void doctor_report_clear(struct doctor_report *r)
{
    free(r->headline);
    free(r->fix);
    free(r->first.text);
    free(r->first.fix);
    *r = (struct doctor_report){0};
}

/* Adds what is wrong and what to do: as text, and the commands in it by themselves. */
static void add_words(cJSON *doc, const char *text, const char *fix)
{
    cJSON *list = json_new_array();
    size_t len = 0;
    const char *at = fix;

    for (const char *k = doctor_command(at, &len); k != NULL; k = doctor_command(at, &len)) {
        char *command = xstrndup(k, len);
        json_push_str(list, command);
        free(command);
        at = k + len + 1;
    }
    json_set_str(doc, "detail", text);
    json_set_str(doc, "remedy", fix);
    json_set(doc, "commands", list);
}

static cJSON *result_json(const char *id, const char *title, enum doctor_state state,
                          const char *text, const char *fix)
{
    cJSON *doc = json_new_object();

    json_set_str(doc, "id", id);
    json_set_str(doc, "title", title);
    json_set_str(doc, "state", doctor_state_word(state));
    add_words(doc, text, fix);
    return doc;
}

cJSON *doctor_check_json(const char *id, const char *title, const struct finding *f)
{
    return result_json(id, title, f->state, f->text, f->fix);
}

cJSON *doctor_headline_json(const char *id, const char *text, const char *fix)
{
    cJSON *doc = id == NULL ? NULL : json_new_object();

    if (doc != NULL) {
        json_set_str(doc, "id", id);
        add_words(doc, text, fix);
    }
    return doc;
}

cJSON *doctor_first_json(const struct doctor_first *first)
{
    return first->id == NULL
               ? NULL
               : result_json(first->id, first->title, first->state, first->text, first->fix);
}

cJSON *doctor_report_json(const struct doctor_report *r, cJSON *checks)
{
    cJSON *doc = json_new_object();

    json_set_bool(doc, "ok", r->count[DOCTOR_FAIL] == 0 && r->count[DOCTOR_UNKNOWN] == 0);
    json_set(
        doc, "headline",
        doctor_headline_json(r->headline == NULL ? NULL : r->headline_id, r->headline, r->fix));
    json_set(doc, "first", doctor_first_json(&r->first));
    json_set(doc, "checks", checks);
    return doc;
}
