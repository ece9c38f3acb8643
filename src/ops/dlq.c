/* The dead letter queue: reading its messages, giving them back, sending them again, deleting
 * them. */
#include "ops/dlq.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/events.h"
#include "aws/sqs.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/text.h"
#include "ops/guard.h"
#include "ops/job_ops.h"

enum {
    ROUND = 10, /* messages in one call of ReceiveMessage */
    /* seconds to wait: a short poll asks only some of SQS's servers and may find nothing */
    WAIT_S = 1,
    STALE_ROUNDS = 3, /* rounds in a row that bring nothing but messages which were seen already */
    SAFE_S = 30       /* when a message has fewer seconds left, it is held anew before it is sent */
};

static void fault(const struct ops *o, const char *step)
{
    if (o->fault != NULL) {
        o->fault(step);
    }
}

/* ---- the queue ---- */

static int64_t count_of(const cJSON *attributes, const char *name)
{
    return strtoll(json_str_or(attributes, name, "0"), NULL, 10);
}

static enum err_code open_queue(const struct ops *o, struct dlq_queue *q, struct err *e)
{
    cJSON *attributes = NULL;

    *q = (struct dlq_queue){.name = settings_get(o->settings, SET_DLQ)};
    q->name = q->name == NULL ? "" : q->name;
    enum err_code rc = sqs_queue_url(o->aws, q->name, &q->url, e);
    if (rc == E_NOT_FOUND) {
        (void)err_hint_set(e, "set EVENTBRIDGE_DLQ_NAME to the queue that the rule's target names "
                              "in its DeadLetterConfig, or create one (infra/ does)");
    }
    if (rc == E_OK) {
        rc = sqs_attributes(o->aws, q->url, &attributes, e);
    }
    if (rc == E_OK && json_str_or(attributes, "RedrivePolicy", "")[0] != '\0') {
        (void)err_set(e, E_CONFLICT,
                      "queue %.*s has a RedrivePolicy of its own: reading could move its messages "
                      "away, so nothing was read",
                      text_cut(q->name, 80), q->name);
        rc = err_hint_set(e, "remove the RedrivePolicy: a dead letter queue needs none");
    }
    q->visible = count_of(attributes, "ApproximateNumberOfMessages");
    q->hidden = count_of(attributes, "ApproximateNumberOfMessagesNotVisible");
    q->keep_s = count_of(attributes, "MessageRetentionPeriod");
    cJSON_Delete(attributes);
    if (rc != E_OK) {
        dlq_queue_clear(q);
    }
    return rc;
}

enum err_code ops_dlq_open(const struct ops *o, struct dlq_queue *q, struct err *e)
{
    int64_t begun = ops_begin(o);
    enum err_code rc = open_queue(o, q, e);

    ops_end(begun);
    return rc;
}

void dlq_queue_clear(struct dlq_queue *q)
{
    free(q->url);
    *q = (struct dlq_queue){0};
}

/* ---- taking and giving back ---- */

struct taking {
    const struct ops *o;
    const struct dlq_queue *q;
    const struct dlq_wish *wish;
    struct dlq_list kept;
    struct dlq_list others; /* messages that were not asked for: they are given back at the end */
    size_t kept_cap, others_cap;
};

static struct dlq_message *find_id(struct dlq_list *l, const char *id)
{
    for (size_t i = 0; i < l->len; i++) {
        if (strcmp(l->items[i].id, id) == 0) {
            return &l->items[i];
        }
    }
    return NULL;
}

static bool is_wanted(const struct dlq_wish *w, const char *id)
{
    for (size_t i = 0; i < w->ids_len; i++) {
        if (strcmp(w->ids[i], id) == 0) {
            return true;
        }
    }
    return w->ids_len == 0;
}

/* Takes one message over; true when it is new. A message that comes again has a new receipt, and
 * its old receipt may not count any more. */
static bool take_one(struct taking *t, const cJSON *doc)
{
    struct dlq_message m;

    dlq_message_read(&m, doc);
    m.taken_ms = clock_mono_ms(t->o->clock);
    struct dlq_message *old = find_id(&t->kept, m.id);
    old = old == NULL ? find_id(&t->others, m.id) : old;
    if (old != NULL && m.id[0] != '\0') {
        dlq_message_clear(old);
        *old = m;
        return false;
    }
    if (is_wanted(t->wish, m.id) && t->kept.len < t->wish->limit) {
        t->kept.items = xgrow(t->kept.items, t->kept.len, &t->kept_cap, sizeof *t->kept.items);
        t->kept.items[t->kept.len++] = m;
    } else {
        t->kept.more = t->kept.more || is_wanted(t->wish, m.id);
        t->others.items =
            xgrow(t->others.items, t->others.len, &t->others_cap, sizeof *t->others.items);
        t->others.items[t->others.len++] = m;
    }
    return true;
}

static bool have_enough(const struct taking *t)
{
    if (t->wish->ids_len > 0 && t->kept.len >= t->wish->ids_len) {
        return true;
    }
    return t->kept.len + t->others.len >= DLQ_MOST || t->kept.more;
}

static enum err_code take_rounds(struct taking *t, struct err *e)
{
    const struct sqs_receive r = {
        .url = t->q->url, .max_messages = ROUND, .visibility_s = t->wish->hold_s, .wait_s = WAIT_S};
    int stale = 0;

    while (!have_enough(t) && stale < STALE_ROUNDS) {
        cJSON *messages = NULL;
        bool news = false;
        enum err_code rc = sqs_receive(t->o->aws, &r, &messages, e);
        if (rc != E_OK) {
            return rc;
        }
        const cJSON *v;
        cJSON_ArrayForEach(v, messages)
        {
            news = take_one(t, v) || news;
        }
        bool none = cJSON_GetArraySize(messages) == 0;
        cJSON_Delete(messages);
        if (none) {
            break;
        }
        stale = news ? 0 : stale + 1;
    }
    t->kept.more = t->kept.more || (t->wish->ids_len == 0 && t->kept.len >= DLQ_MOST);
    return E_OK;
}

static int oldest_first(const void *a, const void *b)
{
    const struct dlq_message *x = a;
    const struct dlq_message *y = b;

    return x->sent_ms != y->sent_ms ? (x->sent_ms > y->sent_ms) - (x->sent_ms < y->sent_ms)
                                    : strcmp(x->id, y->id);
}

enum err_code ops_dlq_take(const struct ops *o, const struct dlq_queue *q,
                           const struct dlq_wish *wish, struct dlq_list *out, struct err *e)
{
    struct taking t = {.o = o, .q = q, .wish = wish};

    t.kept.hold_s = wish->hold_s;
    t.others.hold_s = wish->hold_s;
    int64_t begun = ops_begin(o);
    enum err_code rc = take_rounds(&t, e);
    ops_end(begun);
    ops_dlq_give_back(o, q, &t.others);
    dlq_list_clear(&t.others);
    if (rc != E_OK) {
        ops_dlq_give_back(o, q, &t.kept);
        dlq_list_clear(&t.kept);
    }
    if (t.kept.len > 1) {
        qsort(t.kept.items, t.kept.len, sizeof *t.kept.items, oldest_first);
    }
    *out = t.kept;
    return rc;
}

static int64_t left_ms(const struct ops *o, const struct dlq_list *l, const struct dlq_message *m)
{
    return m->taken_ms + (int64_t)l->hold_s * 1000 - clock_mono_ms(o->clock);
}

void ops_dlq_give_back(const struct ops *o, const struct dlq_queue *q, struct dlq_list *l)
{
    int64_t begun = ops_begin(o);

    for (size_t i = 0; i < l->len; i++) {
        struct dlq_message *m = &l->items[i];
        if (m->receipt[0] != '\0' && left_ms(o, l, m) > 0) {
            /* When this fails, the message becomes visible by itself a little later. */
            (void)!sqs_set_visibility(o->aws, q->url, m->receipt, 0, NULL);
        }
        m->receipt[0] = '\0';
    }
    ops_end(begun);
}

void dlq_list_clear(struct dlq_list *l)
{
    for (size_t i = 0; i < l->len; i++) {
        dlq_message_clear(&l->items[i]);
    }
    free(l->items);
    free(l->way_ok);
    *l = (struct dlq_list){0};
}

/* ---- sending again ---- */

/* Checks that an event can get to its target: PutEvents to a bus that does not exist answers
 * success (PEERS 4), and an event that no rule matches is dropped; either would lose the
 * message. */
static enum err_code check_way(const struct ops *o, const struct dlq_message *m, const char *bus,
                               struct err *e)
{
    cJSON *doc = NULL;
    const char *name = strrchr(m->rule_arn, '/') + 1;
    char region[64] = "";
    const char *mine = aws_client_region(o->aws);

    if (sscanf(m->rule_arn, "arn:%*[^:]:events:%63[^:]:", region) == 1 &&
        strcmp(region, mine) != 0) {
        (void)err_set(e, E_INVALID, "its rule is in %s, not in %s", region, mine);
        return err_hint_set(e, "run it with --region %s", region);
    }
    enum err_code rc = events_describe_bus(o->aws, bus, &doc, e);
    cJSON_Delete(doc);
    doc = NULL;
    if (rc != E_OK) {
        return rc;
    }
    rc = events_describe_rule(o->aws, bus, name, &doc, e);
    if (rc == E_NOT_FOUND) {
        (void)err_hint_set(
            e, "without the rule the event would be dropped: create the rule again first");
    } else if (rc == E_DENIED) {
        rc = E_OK; /* the keys may send events, but may not look at rules */
    } else if (rc == E_OK && strcmp(json_str_or(doc, "State", ""), "DISABLED") == 0) {
        (void)err_set(e, E_CONFLICT, "rule %.*s is disabled: the event would be dropped",
                      text_cut(name, 80), name);
        rc = err_hint_set(e, "aws events enable-rule --name %.*s --event-bus-name %.*s",
                          text_cut(name, 64), name, text_cut(bus, 100), bus);
    }
    cJSON_Delete(doc);
    return rc;
}

/* Tells, by the job's record, what the container will do with the event. */
static void foresee(const struct ops *o, const struct dlq_message *m, char *out, size_t size)
{
    struct job_detail *d = NULL;
    struct err e = {0};

    if (m->job_id[0] == '\0') {
        return;
    }
    enum err_code rc = ops_job_get(o, m->job_id, true, &d, &e);
    if (rc == E_NOT_FOUND) {
        (void)snprintf(out, size, "job %.*s has no record", text_cut(m->job_id, 60), m->job_id);
    } else if (rc == E_OK && job_status_final((enum job_status)d->state.status)) {
        (void)snprintf(out, size,
                       "job %.*s is %s: its container will start, see that and do nothing; "
                       "`mvpdash retry %.*s` sends it as a new job",
                       text_cut(m->job_id, 60), m->job_id, job_state_word(d->job, &d->state),
                       text_cut(m->job_id, 60), m->job_id);
    } else if (rc == E_OK && d->state.status == JOB_IN_PROGRESS) {
        (void)snprintf(out, size,
                       "job %.*s is IN_PROGRESS: another container has claimed it, a second one "
                       "will do nothing",
                       text_cut(m->job_id, 60), m->job_id);
    }
    job_detail_free(d);
}

/* Hides the message for as long as sending takes; a message whose time is over may be in another
 * reader's hands. */
static enum err_code hold(const struct ops *o, const struct dlq_queue *q, const struct dlq_list *l,
                          struct dlq_message *m, struct err *e)
{
    if (m->receipt[0] == '\0') {
        return err_set(e, E_INVALID, "message %.*s has no receipt", text_cut(m->id, 60), m->id);
    }
    if (left_ms(o, l, m) >= (int64_t)SAFE_S * 1000) {
        return E_OK;
    }
    enum err_code rc = sqs_set_visibility(o->aws, q->url, m->receipt, l->hold_s, e);
    if (rc == E_OK) {
        m->taken_ms = clock_mono_ms(o->clock);
    } else if (!err_means(rc, ERR_LINK) && rc != E_DENIED) {
        (void)err_wrap(e, "the time to send it ran out; nothing was sent");
    }
    return rc;
}

static enum err_code put(const struct ops *o, cJSON *entry, struct dlq_redriven *out, struct err *e)
{
    struct events_result result = {0};
    cJSON *entries = json_new_array();

    json_push(entries, entry);
    enum err_code rc = events_put(o->aws, entries, 0, &result, NULL, e);
    cJSON_Delete(entries);
    if (rc == E_OK && result.outcome == EVENTS_ACCEPTED) {
        out->sent = true;
        (void)snprintf(out->event_id, sizeof out->event_id, "%s", result.event_id);
    } else if (rc == E_OK) {
        rc = err_set(e, result.transient ? E_THROTTLED : E_SERVICE,
                     "EventBridge refused it: %s%s%s; the message stays in the queue",
                     result.error_code, result.error_message[0] == '\0' ? "" : ": ",
                     result.error_message);
    } else if (result.outcome == EVENTS_UNKNOWN) {
        (void)err_wrap(e, "whether it was sent is not known, so the message stays in the queue");
    }
    return rc;
}

static enum err_code redrive(const struct ops *o, const struct dlq_queue *q, struct dlq_list *l,
                             struct dlq_message *m, bool dry_run, struct dlq_redriven *out,
                             struct err *e)
{
    *out = (struct dlq_redriven){0};
    cJSON *entry = dlq_entry(m, e);
    if (entry == NULL) {
        return E_INVALID;
    }
    (void)dlq_bus_of_rule(m->rule_arn, out->bus);
    enum err_code rc = E_OK;
    if (l->way_ok == NULL || strcmp(l->way_ok, m->rule_arn) != 0) {
        rc = check_way(o, m, out->bus, e);
        free(l->way_ok);
        l->way_ok = rc == E_OK ? xstrdup(m->rule_arn) : NULL;
    }
    if (rc == E_OK) {
        foresee(o, m, out->note, sizeof out->note);
    }
    if (rc == E_OK && !dry_run) {
        rc = hold(o, q, l, m, e);
    }
    if (rc != E_OK || dry_run) {
        cJSON_Delete(entry);
        return rc;
    }
    fault(o, "send");
    rc = put(o, entry, out, e);
    if (rc != E_OK) {
        return rc;
    }
    fault(o, "sent");
    rc = ops_dlq_delete(o, q, m, e);
    if (rc != E_OK && e != NULL && e->maybe_done) {
        return err_wrap(e, "it was sent (event %.*s); whether it was deleted is not known",
                        text_cut(out->event_id, 40), out->event_id);
    }
    if (rc != E_OK) {
        return err_wrap(e, "it was sent (event %.*s) but not deleted, so it will be seen again",
                        text_cut(out->event_id, 40), out->event_id);
    }
    out->deleted = true;
    return E_OK;
}

enum err_code ops_dlq_redrive(const struct ops *o, const struct dlq_queue *q, struct dlq_list *l,
                              struct dlq_message *m, bool dry_run, struct dlq_redriven *out,
                              struct err *e)
{
    int64_t begun = ops_begin(o);
    enum err_code rc = dry_run ? E_OK : ops_may_write(o, e);

    if (rc == E_OK) {
        rc = redrive(o, q, l, m, dry_run, out, e);
    }

    ops_end(begun);
    return rc;
}

enum err_code ops_dlq_delete(const struct ops *o, const struct dlq_queue *q, struct dlq_message *m,
                             struct err *e)
{
    int64_t begun = ops_begin(o);
    enum err_code rc = sqs_delete(o->aws, q->url, m->receipt, e);

    ops_end(begun);
    if (rc == E_OK) {
        m->receipt[0] = '\0';
    }
    return rc;
}
