/* What replies do: they go into the store, the detail, the log and the form, and they tell how the
 * connection is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "jobs/age.h"
#include "model_priv.h"

enum {
    RATE_EVERY_MS = 2000,
    RATE_SPAN_MS = 60000,
    /* how often in a row a source may be throttled or slow before it counts as failing */
    PATIENCE = 3
};

/* ---- the connection ---- */

static bool source_of_task(enum task_kind kind, enum link_source *out)
{
    switch (kind) {
    case TASK_TABLE_INFO:
    case TASK_LOAD:
    case TASK_SWEEP:
    case TASK_QUERY_STATUS:
    case TASK_GET_JOBS:
    case TASK_STREAM:
        *out = SOURCE_TABLE;
        return true;
    case TASK_LIST_BATCH:
    case TASK_DESCRIBE_BATCH:
        *out = SOURCE_BATCH;
        return true;
    case TASK_IDENTITY:
        *out = SOURCE_IDENTITY;
        return true;
    default:
        return false;
    }
}

static const char *source_name(enum link_source s)
{
    return s == SOURCE_TABLE ? "Job list" : s == SOURCE_BATCH ? "Batch" : "Identity";
}

static bool counts(const struct source *s)
{
    enum err_code c = s->err.code;
    bool passing = c == E_THROTTLED || c == E_TIMEOUT;

    return c != E_OK && (!passing || s->failures >= PATIENCE || s->last_good_ms == TIME_NONE);
}

static const struct source *worst(const struct link *l, bool *expired)
{
    const struct source *table = &l->sources[SOURCE_TABLE];

    *expired = false;
    for (int i = 0; i < SOURCE_COUNT; i++) {
        const struct source *s = &l->sources[i];
        bool expires = err_means(s->err.code, ERR_KEYS);
        /* A request that the table answered since then was signed with good keys. */
        if (expires && !(table->err.code == E_OK && table->last_good_ms > s->since_ms)) {
            *expired = true;
            return s;
        }
    }
    return counts(&l->sources[SOURCE_TABLE]) ? &l->sources[SOURCE_TABLE] : NULL;
}

static void announce(struct model *m, enum link_state was, int64_t since_ms)
{
    char age[AGE_SIZE];

    if (m->desk.link.state == LINK_LIVE && (was == LINK_FAILING || was == LINK_EXPIRED)) {
        desk_note(&m->desk, NOTE_GOOD, "Connected again after %s.",
                  duration_long(m->desk.now_ms - since_ms, age));
    } else if (m->desk.link.state == LINK_FAILING || m->desk.link.state == LINK_EXPIRED) {
        m->desk.note[0] = '\0'; /* the status row tells of it as long as it lasts */
    }
}

/* Sets the state of the connection from what each source last said. */
void link_update(struct model *m)
{
    struct link *l = &m->desk.link;
    bool expired = false;
    const struct source *bad = worst(l, &expired);
    enum link_state was = l->state, now = LINK_LIVE;
    int64_t since = l->since_ms;

    if (bad != NULL) {
        now = expired ? LINK_EXPIRED : LINK_FAILING;
        l->err = bad->err;
    } else if (l->sources[SOURCE_TABLE].last_good_ms == TIME_NONE) {
        now = LINK_CONNECTING;
    }
    l->last_good_ms = l->sources[SOURCE_TABLE].last_good_ms;
    if (now == was) {
        return;
    }
    l->state = now;
    l->since_ms = bad != NULL ? bad->since_ms : m->desk.now_ms;
    if (now == LINK_LIVE) {
        l->err = (struct err){0};
    }
    announce(m, was, since);
}

static bool note_source(struct model *m, const struct msg *msg)
{
    enum link_source id = SOURCE_TABLE;
    enum link_state was = m->desk.link.state;

    if (!source_of_task(msg->task, &id) || msg->err.code == E_CANCELLED) {
        return false;
    }
    struct source *s = &m->desk.link.sources[id];
    if (msg->err.code == E_OK && msg->task == TASK_STREAM && s->err.code == E_NOT_FOUND) {
        /* the stream of a deleted table still answers for a day, so it says nothing about the
         * table */
        return false;
    }
    if (msg->err.code == E_OK) {
        s->err = (struct err){0};
        s->failures = 0;
        if (s->last_good_ms == TIME_NONE || msg->at_ms > s->last_good_ms) {
            s->last_good_ms = msg->at_ms;
        }
    } else {
        if (s->failures == 0) {
            s->since_ms = m->desk.now_ms;
        }
        s->failures++;
        s->err = msg->err;
        desk_error(&m->desk, source_name(id), &msg->err);
    }
    link_update(m);
    return was != m->desk.link.state || msg->err.code != E_OK;
}

static void note_rates(struct model *m, const struct aws_stats *st)
{
    size_t cap = sizeof m->rates / sizeof *m->rates;
    struct rate_sample now = {m->desk.mono_ms, st->requests, st->read_units};
    const struct rate_sample *old = NULL;

    m->desk.link.throttles = st->throttles;
    cost_note(&m->cost, st->requests, st->read_units, m->desk.loading.active, m->desk.mono_ms);
    for (size_t i = 0; i < m->rates_len; i++) {
        const struct rate_sample *s = &m->rates[i];
        bool inside = m->desk.mono_ms - s->mono_ms <= RATE_SPAN_MS;
        if (inside && (old == NULL || s->mono_ms < old->mono_ms)) {
            old = s;
        }
    }
    if (old != NULL && now.requests >= old->requests) {
        m->desk.link.requests_per_min = (double)(now.requests - old->requests);
        m->desk.link.read_units_per_min = now.read_units - old->read_units;
    } else {
        m->desk.link.requests_per_min = (double)now.requests;
        m->desk.link.read_units_per_min = now.read_units;
    }
    const struct rate_sample *last =
        m->rates_len == 0 ? NULL : &m->rates[(m->rates_at + cap - 1) % cap];
    if (last == NULL || m->desk.mono_ms - last->mono_ms >= RATE_EVERY_MS) {
        m->rates[m->rates_at] = now;
        m->rates_at = (m->rates_at + 1) % cap;
        m->rates_len += m->rates_len < cap;
    }
}

/* ---- the list ---- */

/* Called when the store has changed. The JSON of the detail stays: only the detail's own question
 * brings it. */
static void store_changed(struct model *m)
{
    m->jobs->detail.stale |= m->jobs->detail.tab != TAB_JSON;
}

/* How good the word of a reply is: see struct heard. */
static struct heard heard_of(const struct model *m, const struct msg *msg)
{
    struct heard h = {.how = HEARD_WEAK, .at_ms = msg->asked_ms};

    if (msg->task == TASK_STREAM) {
        h.how = HEARD_STREAM;
    } else if (msg->task == TASK_GET_JOBS || msg->task == TASK_DETAIL) {
        h.how = HEARD_FIRM;
    } else if (msg->task == TASK_SWEEP) {
        h.part = m->sweep_part;
    }
    return h;
}

/* Asks for the jobs that are in doubt. */
static void settle_doubts(struct model *m)
{
    if (store_doubts_len(m->desk.store) > 0) {
        schedule_doubts(m->desk.schedule, m->desk.mono_ms);
    }
}

static bool take_jobs(struct model *m, struct msg *msg)
{
    bool first = m->desk.loading.active && msg->task == TASK_LOAD;
    size_t n = store_put_heard(m->desk.store, msg_as(msg, jobs).items, msg_as(msg, jobs).len,
                               heard_of(m, msg), !first, m->desk.now_ms);

    if (msg->task == TASK_LOAD) {
        m->desk.loading.jobs += msg_as(msg, jobs).len;
    }
    if (n > 0) {
        store_changed(m);
    }
    return n > 0 || first;
}

static bool take_gone(struct model *m, const struct msg *msg)
{
    bool any = false;

    for (size_t i = 0; i < msg_as(msg, gone).len; i++) {
        any |= store_gone(m->desk.store, msg_as(msg, gone).ids[i], heard_of(m, msg));
    }
    if (any) {
        store_changed(m);
    }
    return any;
}

static bool take_batch(struct model *m, struct msg *msg)
{
    size_t n = store_put_batch(m->desk.store, msg_as(msg, batch).items, msg_as(msg, batch).len,
                               msg->at_ms, m->desk.now_ms);

    if (n > 0) {
        store_changed(m);
    }
    return n > 0;
}

static bool take_batch_gone(struct model *m, const struct msg *msg)
{
    for (size_t i = 0; i < msg_as(msg, batch_gone).len; i++) {
        store_batch_gone(m->desk.store, msg_as(msg, batch_gone).ids[i], m->desk.now_ms);
    }
    if (msg_as(msg, batch_gone).len > 0) {
        store_changed(m);
    }
    return msg_as(msg, batch_gone).len > 0;
}

/* Takes the end of a segment of a full load. When all segments of one load went well, jobs that
 * were in none of them are gone. */
static bool load_done(struct model *m, const struct msg *msg)
{
    struct load_round *r = &m->round;
    bool all = r->open;

    for (int i = 0; i < r->segments; i++) {
        if (r->requests[i] == msg->request && msg->err.code == E_OK) {
            r->done[i] = true;
        }
        all = all && r->done[i];
    }
    if (!all) {
        return false;
    }
    r->open = false;
    return store_round_end(m->desk.store) > 0;
}

static bool take_done(struct model *m, const struct msg *msg, struct effects *out)
{
    struct loading was = m->desk.loading;

    if (msg->task == TASK_LOAD && load_done(m, msg)) {
        store_changed(m);
    }
    if (msg->task == TASK_SWEEP && msg->err.code == E_OK) {
        (void)store_part_end(m->desk.store);
    }
    if (msg->task == TASK_LIST_BATCH && msg->err.code == E_OK &&
        schedule_listed_all(m->desk.schedule)) {
        store_batch_listed(m->desk.store, msg->at_ms);
    }
    m->desk.loading.active =
        schedule_loading(m->desk.schedule, &m->desk.loading.done, &m->desk.loading.segments);
    if (was.active && !m->desk.loading.active && store_len(m->desk.store) > 0) {
        m->snapshot_saved_ms = TIME_NONE;
        effects_add(out, EFF_SNAPSHOT)->count = 2000; /* more than a screen ever shows at once */
        m->snapshot_mono_ms = m->desk.mono_ms;
    }
    return was.active;
}

/* ---- others ---- */

static void take_identity(struct model *m, const struct msg *msg, struct effects *out)
{
    struct link *l = &m->desk.link;

    if (msg->err.code != E_OK) {
        return;
    }
    memcpy(l->account, msg_as(msg, identity).account, sizeof l->account);
    memcpy(l->arn, msg_as(msg, identity).arn, sizeof l->arn);
    memcpy(l->source, msg_as(msg, identity).source, sizeof l->source);
    l->expires_ms = msg_as(msg, identity).expires_ms;
    if (desk_account(&m->desk) == ACCOUNT_OTHER) {
        (void)desk_may_change(&m->desk); /* a note says that nothing can be changed */
    }
    char *title =
        xasprintf("mvpdash %s %s", l->account, settings_get(m->desk.settings, SET_REGION));
    if (strncmp(title, m->title, sizeof m->title - 1) != 0) {
        (void)snprintf(m->title, sizeof m->title, "%s", title);
        effects_add(out, EFF_TITLE)->text = xstrdup(title);
    }
    free(title);
}

static void take_rule(struct model *m, const struct msg *msg)
{
    struct form *f = &m->jobs->form;

    if (f->check_request == 0 || msg->request != f->check_request) {
        return; /* the event was changed meanwhile */
    }
    f->check_request = 0;
    if (msg->err.code != E_OK) {
        f->check = CHECK_FAILED;
        (void)err_full(&msg->err, f->check_why);
        desk_error(&m->desk, "Rule check", &msg->err);
        return;
    }
    f->check = msg_as(msg, rule).matches ? CHECK_MATCHES : CHECK_NO_MATCH;
    (void)snprintf(f->check_why, sizeof f->check_why, "%.*s", (int)sizeof msg_as(msg, rule).why - 1,
                   msg_as(msg, rule).why);
}

/* Tells the alarm once among the errors, and on the status row until somebody has dealt with it. */
static void take_alarm(struct model *m, const struct msg *msg)
{
    bool news = strcmp(m->outbox_alarm, msg_as(msg, outbox).alarm) != 0;

    memcpy(m->outbox_alarm, msg_as(msg, outbox).alarm, sizeof m->outbox_alarm);
    m->outbox_broken = msg_as(msg, outbox).broken;
    if (news && m->outbox_alarm[0] != '\0') {
        struct err e = {0};
        (void)err_set(&e, E_CONFLICT, "%s", m->outbox_alarm);
        (void)err_hint_set(&e, "`mvpdash outbox list` shows all of them");
        desk_error(&m->desk, "Outbox", &e);
    }
}

static bool take_outbox(struct model *m, const struct msg *msg)
{
    (void)desk_failed(&m->desk, "Outbox", &msg->err);
    if (msg->err.code != E_CANCELLED) {
        m->outbox_left = msg_as(msg, outbox).left;
        take_alarm(m, msg);
    }
    if (msg->err.code == E_OK && msg_as(msg, outbox).resumed > 0) {
        desk_note(&m->desk, NOTE_GOOD, "Sent %d deploy%s kept from an earlier run.",
                  msg_as(msg, outbox).resumed, msg_as(msg, outbox).resumed == 1 ? "" : "s");
        schedule_hurry(m->desk.schedule);
        return true;
    }
    return false;
}

static bool take_detail(struct model *m, struct msg *msg)
{
    if (msg->request == m->jobs->again_request && m->jobs->again_request != 0) {
        form_again_take(m->jobs, msg);
        return true;
    }
    if (msg->err.code != E_OK && msg->err.code != E_CANCELLED && msg->err.code != E_NOT_FOUND) {
        desk_error(&m->desk, "Job detail", &msg->err);
    }
    detail_take(m->jobs, msg);
    return true;
}

static bool take_log(struct model *m, struct msg *msg)
{
    const struct logview *l = &m->jobs->detail.log;
    bool news = msg->err.code != E_OK || msg_as(msg, log).page.len > 0 || !l->loaded;
    bool ended = l->ended;

    (void)desk_failed(&m->desk, "Log", &msg->err);
    log_take(m->jobs, msg);
    return news || l->ended != ended; /* the title says that the log is complete */
}

static bool take_log_stage(struct model *m, const struct msg *msg)
{
    if (msg->job_id == NULL ||
        !store_put_log(m->desk.store, msg->job_id, &msg_as(msg, log_stage), m->desk.now_ms)) {
        return false;
    }
    store_changed(m);
    return true;
}

static void take_table(struct model *m, struct msg *msg)
{
    if (msg->err.code != E_OK || msg_as(msg, table) == NULL) {
        return;
    }
    const char *was = m->table == NULL ? "" : m->table->id, *now = msg_as(msg, table)->id;
    if (was[0] != '\0' && now[0] != '\0' && strcmp(was, now) != 0) {
        store_forget(m->desk.store);
        m->round.open = false;
        m->desk.loading = (struct loading){.active = true, .segments = 1};
        desk_note(&m->desk, NOTE_WARN, "The table %s was created again: its jobs are read again.",
                  msg_as(msg, table)->name);
        store_changed(m);
    }
    free(m->table);
    m->table = msg_as(msg, table);
    msg_as(msg, table) = NULL;
}

/* A queue that cannot be asked is not an empty one; one that does not exist holds nothing. */
static bool take_dlq_depth(struct model *m, const struct msg *msg)
{
    struct dlq_depth was = m->desk.dlq;
    enum err_code code = msg->err.code;

    if (code == E_CANCELLED) {
        return false;
    }
    m->desk.dlq = code == E_OK          ? (struct dlq_depth){DLQ_KNOWN, msg_as(msg, dlq_depth)}
                  : code == E_NOT_FOUND ? (struct dlq_depth){DLQ_KNOWN, 0}
                                        : (struct dlq_depth){DLQ_UNKNOWN, 0};
    return was.state != m->desk.dlq.state || was.messages != m->desk.dlq.messages;
}

/* Takes a reply. True when something that shows may have changed. */
static bool take(struct model *m, struct msg *msg, struct effects *out)
{
    enum taken taken = screens_take(m, msg, out);

    if (taken != NOT_TAKEN) {
        return taken == TAKEN_SHOWS;
    }
    switch (msg->kind) {
    case MSG_TABLE_INFO:
        take_table(m, msg);
        return true;
    case MSG_IDENTITY:
        take_identity(m, msg, out);
        return true;
    case MSG_JOBS:
        return take_jobs(m, msg);
    case MSG_GONE:
        return take_gone(m, msg);
    case MSG_BATCH_JOBS:
        return take_batch(m, msg);
    case MSG_BATCH_GONE:
        return take_batch_gone(m, msg);
    case MSG_STREAM:
        return false; /* the schedule keeps the position */
    case MSG_DETAIL:
        return take_detail(m, msg);
    case MSG_LOG_STAGE:
        return take_log_stage(m, msg);
    case MSG_LOG:
        return take_log(m, msg);
    case MSG_DEPLOYED:
        if (msg->task == TASK_DEPLOY) {
            form_deployed(m->jobs, msg, out);
        } else {
            ask_msg(m, msg, out);
        }
        return true;
    case MSG_CANCELLED:
    case MSG_CANCEL_ENDED:
        ask_msg(m, msg, out);
        return true;
    case MSG_DLQ_DEPTH:
        return take_dlq_depth(m, msg);
    case MSG_RULE_CHECK:
        take_rule(m, msg);
        return true;
    case MSG_OUTBOX:
        return take_outbox(m, msg);
    case MSG_HOOK:
        watch_hook_done(m, msg, out);
        return msg->err.code != E_OK;
    case MSG_PROGRAM:
        own_msg(m, msg, out);
        return true;
    case MSG_DONE:
        return take_done(m, msg, out);
    default:
        break; /* the screen no longer waits for it */
    }
    return false;
}

void update_msg(struct model *m, struct msg *msg, struct effects *out)
{
    /* This is asked before payloads are moved out. A reply that nobody waits for any more may tell
     * of a position, or of a table, that is no more. */
    bool wanted = schedule_saw(m->desk.schedule, msg, m->desk.mono_ms);
    note_rates(m, &msg->stats);
    bool link = note_source(m, msg);
    uint32_t told = m->desk.told;
    bool shows = wanted && take(m, msg, out);
    settle_doubts(m);
    greet(m, out);
    if (told != m->desk.told) {
        window_refill(&m->desk.window); /* the window may show the errors */
    }
    out->draw |= link || shows || told != m->desk.told;
}
