#include <stdlib.h>
#include <string.h>

#include "schedule_priv.h"

/* A whole load from the beginning; not while one is under way. */
static void start_load(struct schedule *s, int64_t now)
{
    if (s->lanes[LANE_LOAD].out == 0) {
        s->segments = 0;
        lane_plan(&s->lanes[LANE_LOAD], now);
    }
}

static bool has_status(const struct schedule *s)
{
    return s->info.status_index && !s->status_denied;
}

/* How to follow, by what the table has and the identity may read. A change of it while the
 * program runs is answered with a new load, as something may have been missed on the way. */
static void pick_mode(struct schedule *s, int64_t now)
{
    const char *arn = s->stream_denied ? "" : s->info.stream_arn;
    enum mode mode = arn[0] != '\0' ? MODE_STREAM : has_status(s) ? MODE_INDEX : MODE_PLAIN;
    bool reload = s->loaded;

    if (mode == s->mode && strcmp(arn, s->stream_arn) == 0) {
        return;
    }
    s->mode = mode;
    (void)memset(s->stream_arn, 0, sizeof s->stream_arn);
    (void)memcpy(s->stream_arn, arn, strnlen(arn, sizeof s->stream_arn - 1));
    stream_cursor_free(s->stream);
    s->stream = NULL;
    lane_plan_off(&s->lanes[LANE_STREAM]);
    lane_plan_off(&s->lanes[LANE_STATUS]);
    lane_plan_off(&s->lanes[LANE_ACTIVE]);
    if (mode == MODE_STREAM) {
        lane_plan(&s->lanes[LANE_STREAM], now);
    }
    /* The stream's position comes before the load, unless queries can fill in what lies between. */
    if (reload || mode != MODE_STREAM || has_status(s)) {
        start_load(s, now);
    }
    lane_plan_now(&s->lanes[LANE_DESCRIBE], now);
}

static void saw_info(struct schedule *s, const struct msg *m, int64_t now)
{
    if (m->err.code == E_OK && m->u.table != NULL) {
        s->info = *m->u.table;
        pick_mode(s, now);
    }
}

/* After the load: the lanes that keep it true. */
static void saw_load_end(struct schedule *s, int64_t now)
{
    for (int i = 0; i < s->segments; i++) {
        if (!s->segment_done[i]) {
            return; /* the failed ones come again */
        }
    }
    s->count = s->load_count;
    s->loaded = true;
    if (has_status(s)) {
        s->status_wall_ms = TIME_NONE; /* from the load's beginning */
        lane_plan_now(&s->lanes[LANE_STATUS], now);
    }
    if (s->mode != MODE_STREAM) {
        lane_plan(&s->lanes[LANE_ACTIVE], now + schedule_scaled(s, 3 * SECOND));
    }
}

static void saw_stream(struct schedule *s, const struct msg *m, int64_t now)
{
    bool first = s->stream == NULL;

    if (m->err.code == E_NOT_FOUND) {
        stream_cursor_free(s->stream);
        s->stream = NULL;
        lane_plan_now(&s->lanes[LANE_INFO], now); /* the table was made anew, or its stream was */
    }
    if (m->err.code == E_DENIED || (m->err.code == E_NOT_FOUND && s->stream_lost++ > 1)) {
        s->stream_denied = true;
        pick_mode(s, now);
    }
    if (m->err.code != E_OK && s->stream == NULL) {
        return;
    }
    if (m->u.stream.cursor != NULL && m->u.stream.cursor->len > 0) {
        stream_cursor_free(s->stream);
        s->stream = stream_cursor_copy(m->u.stream.cursor);
    }
    if (m->err.code != E_OK) {
        return;
    }
    if (m->u.stream.gap || (!s->loaded && s->lanes[LANE_LOAD].due == NEVER)) {
        start_load(s, now);
    }
    if (first && s->loaded && has_status(s)) {
        lane_plan_now(&s->lanes[LANE_STATUS], now); /* what came before the position was taken */
    }
}

/* Soon while lines come, seldom while none do, at once when there is more. */
static int64_t next_wait(int64_t wait, const struct log_page *p, enum err_code code)
{
    if (code == E_OK && !p->at_end) {
        return 0;
    }
    if (p->len > 0 || wait < LOG_FAST) {
        return LOG_FAST;
    }
    return wait * 3 / 2 > LOG_SLOW ? LOG_SLOW : wait * 3 / 2;
}

static void saw_log(struct schedule *s, const struct msg *m)
{
    if (s->log != NULL && m->u.log.cursor != NULL) {
        *s->log = *m->u.log.cursor;
        s->log_wait = next_wait(s->log_wait, &m->u.log.page, m->err.code);
    }
}

static void saw_rule_log(struct schedule *s, const struct msg *m)
{
    if (s->rule != NULL && m->u.rule_log.cursor != NULL) {
        rule_log_cursor_free(s->rule);
        s->rule = rule_log_cursor_copy(m->u.rule_log.cursor);
        s->rule_wait = next_wait(s->rule_wait, &m->u.rule_log.page, m->err.code);
    }
}

static bool is_last(const struct msg *m)
{
    return m->kind != MSG_JOBS && m->kind != MSG_GONE && m->kind != MSG_BATCH &&
           m->kind != MSG_BATCH_GONE;
}

static void saw_throttles(struct schedule *s, const struct msg *m, int64_t now)
{
    if (m->stats.throttles > s->throttles) {
        s->slow = s->slow * 2 > 8 ? 8 : s->slow * 2;
        s->calm_at = now + MINUTE;
    } else if (s->slow > 1 && now >= s->calm_at) {
        s->slow /= 2;
        s->calm_at = now + MINUTE;
    }
    s->throttles = m->stats.throttles > s->throttles ? m->stats.throttles : s->throttles;
}

/* The link works again: what failed for want of it need not wait for its back-off. */
static void wake_failed(struct schedule *s, int64_t now)
{
    for (int i = 0; i < LANE_COUNT; i++) {
        if (s->lanes[i].failures > 1 && s->lanes[i].due != NEVER && s->lanes[i].due > now) {
            s->lanes[i].failures = 1;
            lane_plan(&s->lanes[i], now);
        }
    }
}

/* A round is over: when is the next one? */
static void round_over(struct schedule *s, enum lane_id id, const struct msg *m, int64_t now)
{
    struct lane *l = &s->lanes[id];

    if (l->failed_part) {
        l->failures++;
        lane_plan(l, now + schedule_jitter(s, schedule_back_off(s, id, m->err.code)));
    } else {
        if (l->failures > 1) {
            wake_failed(s, now);
        }
        l->failures = 0;
        lane_plan(l, now + schedule_jitter(s, schedule_interval(s, id, now)) * s->slow);
    }
    if (l->again) {
        l->again = false;
        lane_plan(l, now);
    }
}

static void apply(struct schedule *s, enum lane_id id, unsigned part, const struct msg *m,
                  int64_t now)
{
    bool ok = m->err.code == E_OK;

    switch (id) {
    case LANE_INFO:
        saw_info(s, m, now);
        break;
    case LANE_STREAM:
        saw_stream(s, m, now);
        break;
    case LANE_LOAD:
        if (part < SEGMENTS) {
            s->segment_done[part] = ok;
        }
        break;
    case LANE_DETAIL:
        s->detail_active = !ok || m->u.detail == NULL ||
                           !job_status_final((enum job_status)m->u.detail->state.status);
        break;
    case LANE_LOG:
        saw_log(s, m);
        break;
    case LANE_RULE_LOG:
        saw_rule_log(s, m);
        break;
    default:
        break;
    }
}

/* After the usual planning: lanes that end, or that wait for others. */
static void after_round(struct schedule *s, enum lane_id id, const struct msg *m, int64_t now)
{
    struct lane *l = &s->lanes[id];
    bool ok = !l->failed_part;

    switch (id) {
    case LANE_OUTBOX:
        if (ok && m->u.outbox.left == 0) {
            lane_plan_off(l);
        }
        break;
    case LANE_LOAD:
        if (ok) {
            saw_load_end(s, now);
            if (s->mode == MODE_STREAM) {
                lane_plan_off(l); /* the stream tells the rest */
            }
        }
        break;
    case LANE_STATUS:
        s->status_wall_ms = ok ? s->status_sent_ms : s->status_wall_ms;
        if (ok && s->mode == MODE_STREAM && s->status_covers) {
            lane_plan_off(l); /* it only filled the time before the stream's position */
        }
        if (m->err.code == E_DENIED) {
            s->status_denied = true;
            lane_plan_off(l);
            pick_mode(s, now);
        }
        break;
    case LANE_LIST_BATCH:
        s->listed_wall_ms = ok ? s->list_sent_ms : s->listed_wall_ms;
        break;
    case LANE_STREAM:
        if (m->err.code == E_NOT_FOUND || m->err.code == E_DENIED) {
            lane_plan_off(l); /* until the table is looked at again, or for good */
            s->stream_arn[0] = '\0';
            s->mode = s->mode == MODE_STREAM ? MODE_UNKNOWN : s->mode;
        }
        break;
    case LANE_DETAIL:
        if (m->err.code == E_NOT_FOUND || s->detail_id == NULL) {
            lane_plan_off(l);
        }
        break;
    case LANE_LOG:
        if (s->log == NULL || m->err.code == E_NOT_FOUND ||
            (ok && m->u.log.page.at_end && s->log->final)) {
            lane_plan_off(l);
        }
        break;
    default:
        break;
    }
}

static void saw_action(struct schedule *s, const struct msg *m, int64_t now)
{
    if (m->kind == MSG_DEPLOYED && m->err.code != E_OK && m->u.deployed.kept) {
        lane_plan(&s->lanes[LANE_OUTBOX], now + schedule_interval(s, LANE_OUTBOX, now));
    }
    bool resent = m->task == TASK_DLQ_SEND && m->kind == MSG_DONE;

    if (resent || m->kind == MSG_DEPLOYED || m->kind == MSG_CANCELLED ||
        m->kind == MSG_CANCEL_ENDED) {
        s->boost_until = now + BOOST_MS;
        schedule_hurry(s);
    }
}

void schedule_saw(struct schedule *s, const struct msg *m, int64_t now)
{
    enum lane_id id = (enum lane_id)(m->request >> 24 & 0x7f);
    unsigned part = m->request >> 16 & 0xff;

    if (m->at_ms > 0) {
        s->wall_ms = m->at_ms;
        s->wall_mono_ms = now;
    }
    saw_throttles(s, m, now);
    if ((m->request & SCHEDULE_REQUEST) == 0) {
        saw_action(s, m, now);
        return;
    }
    struct lane *l = &s->lanes[id < LANE_COUNT ? id : 0];
    if (id >= LANE_COUNT || (uint16_t)m->request != l->round || l->out == 0) {
        return; /* of a round that was given up */
    }
    l->heard = now;
    if (id == LANE_LOAD && m->kind == MSG_JOBS) {
        s->load_count += m->u.jobs.len;
    }
    if (!is_last(m)) {
        return;
    }
    l->failed_part = l->failed_part || m->err.code != E_OK;
    l->out--;
    apply(s, id, part, m, now);
    if (l->out == 0) {
        round_over(s, id, m, now);
        after_round(s, id, m, now);
    }
}
