/* The schedule: what replies change in it. */
#include <stdlib.h>
#include <string.h>

#include "schedule_priv.h"

/* Starts a complete load; when one is under way, which may have missed something, the new one
 * follows it. */
static void start_load(struct schedule *s, int64_t now)
{
    s->reload = true;
    lane_plan_now(&s->lanes[LANE_LOAD], now);
}

/* Asks at once whether it is still the same table, but not again and again. */
static void ask_info(struct schedule *s, int64_t now)
{
    struct lane *l = &s->lanes[LANE_INFO];
    int64_t at = now - l->heard < 2 * SECOND ? l->heard + 2 * SECOND : now;

    if (l->out == 0 && l->due > at) {
        lane_plan(l, at);
    }
}

static bool has_status(const struct schedule *s)
{
    return s->info.status_index && !s->status_denied;
}

/* Chooses the way to follow, by what the table has and what the identity may read. A change of the
 * way while the program runs is answered with a new load, because something may have been missed
 * meanwhile. */
static void pick_mode(struct schedule *s, int64_t now)
{
    const char *arn = s->stream_denied ? "" : s->info.stream_arn;
    enum mode mode = arn[0] != '\0' ? MODE_STREAM : has_status(s) ? MODE_INDEX : MODE_PLAIN;
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
    lane_plan_off(&s->lanes[LANE_WIDE]);
    if (mode == MODE_STREAM) {
        /* the stream's position is taken up before the load */
        lane_plan(&s->lanes[LANE_STREAM], now);
    } else {
        start_load(s, now);
    }
    lane_plan_now(&s->lanes[LANE_DESCRIBE], now);
}

/* Starts anew when another table has the name: nothing that is known or under way belongs to it. */
static void start_anew(struct schedule *s, int64_t now)
{
    for (int i = 0; i < LANE_COUNT; i++) {
        if (i != LANE_INFO && i != LANE_IDENTITY && i != LANE_OUTBOX && i != LANE_DLQ) {
            lane_abandon(&s->lanes[i]);
        }
    }
    stream_cursor_free(s->stream);
    s->stream = NULL;
    s->stream_arn[0] = '\0';
    s->mode = MODE_UNKNOWN;
    s->stream_denied = s->status_denied = s->loaded = false;
    s->stream_lost = 0;
    s->segments = 0;
    s->sweep_parts = 0;
    s->count = 0;
    s->status_wall_ms = s->listed_wall_ms = s->heard_ms = s->all_ms = TIME_NONE;
    lane_plan_off(&s->lanes[LANE_SWEEP]);
    lane_plan_off(&s->lanes[LANE_DOUBT]);
    lane_plan_off(&s->lanes[LANE_SHOWN]);
    lane_plan_now(&s->lanes[LANE_LIST_BATCH], now);
}

static bool is_new_table(const struct schedule *s, const struct table_info *t)
{
    return s->info.id[0] != '\0' && t->id[0] != '\0' && strcmp(s->info.id, t->id) != 0;
}

static void saw_info(struct schedule *s, const struct msg *m, int64_t now)
{
    s->gone = m->err.code == E_NOT_FOUND || (s->gone && m->err.code != E_OK);
    const struct table_info *table = m->kind == MSG_TABLE_INFO ? msg_as(m, table) : NULL;
    if (m->err.code == E_OK && table != NULL) {
        if (is_new_table(s, table)) {
            start_anew(s, now);
        }
        s->info = *table;
        if (strcmp(s->info.status, "CREATING") != 0) {
            pick_mode(s, now);
        }
    }
}

/* Plans the next sweep from its first part, with a number of parts by what the table holds. */
static void plan_sweep(struct schedule *s)
{
    size_t parts = (s->count + PART_ITEMS - 1) / PART_ITEMS;

    /* The number of parts stays as long as it is good enough: then the same parts hold the same
     * records. */
    if (s->sweep_parts == 0 || parts > 2 * s->sweep_parts || 2 * parts < s->sweep_parts) {
        s->sweep_parts = parts < 1 ? 1 : parts > PARTS_MAX ? PARTS_MAX : (unsigned)parts;
    }
    s->sweep_part = 0;
}

/* Plans, after the load, the lanes that keep it true. */
static void saw_load_end(struct schedule *s, int64_t now)
{
    for (int i = 0; i < s->segments; i++) {
        if (!s->segment_done[i]) {
            return; /* the segments that failed are asked for again */
        }
    }
    s->count = s->load_count;
    if (!s->loaded) {
        /* What Batch told of jobs before their records were read may not have been kept. */
        s->listed_wall_ms = TIME_NONE;
        s->list_whole = false;
        lane_plan_now(&s->lanes[LANE_LIST_BATCH], now);
    }
    s->loaded = true;
    s->all_ms = s->load_ms;
    plan_sweep(s);
    if (s->mode == MODE_INDEX) {
        s->status_wall_ms = TIME_NONE; /* the queries begin at the time when the load began */
        lane_plan_now(&s->lanes[LANE_STATUS], now);
        lane_plan(&s->lanes[LANE_WIDE], now + schedule_interval(s, LANE_WIDE, now));
    }
    if (s->mode != MODE_STREAM) {
        lane_plan(&s->lanes[LANE_ACTIVE], now + schedule_scaled(s, 3 * SECOND));
        s->heard_ms = now;
    }
    lane_plan(&s->lanes[LANE_SHOWN], now + schedule_interval(s, LANE_SHOWN, now));
    lane_plan(&s->lanes[LANE_SWEEP], now + schedule_interval(s, LANE_SWEEP, now));
    if (s->lanes[LANE_DLQ].due == NEVER && s->lanes[LANE_DLQ].out == 0) {
        lane_plan(&s->lanes[LANE_DLQ], now); /* the jobs come first */
    }
}

/* Have shards ended without children, or are there none at all? Then the stream may belong to a
 * table that is no more. */
static bool stream_ends(const struct stream_cursor *c)
{
    for (size_t i = 0; i < c->len; i++) {
        if (c->shards[i].closed != 0) {
            return true;
        }
    }
    return c->len == 0;
}

static void saw_stream(struct schedule *s, const struct msg *m, int64_t now)
{
    static const struct msg_stream nothing;
    const struct msg_stream *x = m->kind == MSG_STREAM ? &msg_as(m, stream) : &nothing;
    const struct stream_cursor *c = x->cursor;
    bool first = s->stream == NULL;
    bool ok = m->err.code == E_OK;

    if (m->err.code == E_NOT_FOUND) {
        stream_cursor_free(s->stream);
        s->stream = NULL;
    }
    if (m->err.code == E_DENIED || (m->err.code == E_NOT_FOUND && s->stream_lost++ > 1)) {
        s->stream_denied = true;
        pick_mode(s, now);
    }
    /* The cursor goes along with a failure, too: the changes that it moved past were handed
     * over. */
    if (c != NULL && c->len > 0 && m->err.code != E_NOT_FOUND) {
        stream_cursor_free(s->stream);
        s->stream = stream_cursor_copy(c);
    } else if (ok) {
        stream_cursor_free(s->stream);
        s->stream = NULL;
    }
    if (x->gap || (ok && c != NULL && stream_ends(c)) || m->err.code == E_INVALID) {
        ask_info(s, now);
    }
    s->heard_ms = ok && !s->gone ? now : s->heard_ms;
    if (s->mode != MODE_STREAM) {
        return;
    }
    /* From this position on changes are told; a load that began before it may have missed some. */
    bool taken_up = first && s->stream != NULL;
    if (taken_up || x->gap || (!s->loaded && s->lanes[LANE_LOAD].due == NEVER)) {
        start_load(s, now);
    }
}

/* The wait before the next read of a log: short while lines come, long while none do, none at all
 * when there is more. */
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
    if (m->kind == MSG_LOG && s->log != NULL && msg_as(m, log).cursor != NULL) {
        *s->log = *msg_as(m, log).cursor;
        s->log_wait = next_wait(s->log_wait, &msg_as(m, log).page, m->err.code);
    }
}

static void saw_rule_log(struct schedule *s, const struct msg *m)
{
    if (m->kind == MSG_RULE_LOG && s->rule != NULL && msg_as(m, rule_log).cursor != NULL) {
        rule_log_cursor_free(s->rule);
        s->rule = rule_log_cursor_copy(msg_as(m, rule_log).cursor);
        s->rule_wait = next_wait(s->rule_wait, &msg_as(m, rule_log).page, m->err.code);
    }
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

static bool asks_table(enum lane_id id)
{
    return id == LANE_STREAM || id == LANE_LOAD || id == LANE_STATUS || id == LANE_ACTIVE ||
           id == LANE_WIDE || id == LANE_SHOWN || id == LANE_DOUBT || id == LANE_SWEEP;
}

/* The link works again: lanes that failed for want of it need not wait for their back-off. */
static void wake_failed(struct schedule *s, int64_t now)
{
    for (int i = 0; i < LANE_COUNT; i++) {
        if (s->lanes[i].failures > 1 && s->lanes[i].due != NEVER && s->lanes[i].due > now) {
            s->lanes[i].failures = 1;
            lane_plan(&s->lanes[i], now);
        }
    }
}

/* Plans the next round after one is over. */
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
        int64_t ms = schedule_interval(s, id, now);
        /* two requests a minute need no jitter, and take none from the others */
        lane_plan(l, now + (id == LANE_DLQ ? ms : schedule_jitter(s, ms)) * s->slow);
    }
    if (l->again) {
        l->again = false;
        lane_plan(l, now);
    }
}

/* Counts what the table holds. The next round is planned after this: by what was counted now. */
static void saw_sweep(struct schedule *s, bool ok, int64_t now)
{
    if (!ok) {
        return; /* the same part is read again */
    }
    s->heard_ms = s->mode == MODE_PLAIN ? now : s->heard_ms;
    if (++s->sweep_part >= s->sweep_parts) {
        s->all_ms = s->sweep_ms;
        s->count = s->sweep_count;
        plan_sweep(s);
    }
}

static void apply(struct schedule *s, enum lane_id id, unsigned part, const struct msg *m,
                  int64_t now)
{
    bool ok = m->err.code == E_OK;
    const struct job_detail *detail;

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
    case LANE_SHOWN:
    case LANE_ACTIVE:
        s->heard_ms = ok && s->mode == MODE_PLAIN ? now : s->heard_ms;
        break;
    case LANE_SWEEP:
        saw_sweep(s, ok, now);
        break;
    case LANE_DETAIL:
        detail = m->kind == MSG_DETAIL ? msg_as(m, detail) : NULL;
        s->detail_active =
            !ok || detail == NULL || !job_status_final((enum job_status)detail->state.status);
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

/* Plans rarely what the identity may not ask besides its way to follow. */
static void denied_later(struct lane *l, const struct msg *m, int64_t now)
{
    if (l->failed_part && m->err.code == E_DENIED) {
        lane_plan(l, now + 10 * MINUTE);
    }
}

/* The next best way is taken when the identity may not read the index. When no query was ever
 * answered since the load, the table was just read: it is not read again. */
static void saw_status_denied(struct schedule *s, int64_t now)
{
    bool read = s->mode == MODE_INDEX && s->loaded && s->status_wall_ms == TIME_NONE &&
                s->lanes[LANE_LOAD].due == NEVER;

    s->status_denied = true;
    lane_plan_off(&s->lanes[LANE_STATUS]);
    if (!read) {
        pick_mode(s, now);
        return;
    }
    lane_plan_off(&s->lanes[LANE_WIDE]);
    s->mode = MODE_PLAIN;
    s->heard_ms = now;
    lane_plan(&s->lanes[LANE_ACTIVE], now + schedule_scaled(s, 3 * SECOND));
}

/* After the usual planning: handles lanes that end, or that wait for others. */
static void after_round(struct schedule *s, enum lane_id id, const struct msg *m, int64_t now)
{
    struct lane *l = &s->lanes[id];
    bool ok = !l->failed_part;

    switch (id) {
    case LANE_OUTBOX:
        if (ok && m->kind == MSG_OUTBOX && msg_as(m, outbox).left == 0 &&
            msg_as(m, outbox).alarm[0] == '\0') {
            lane_plan(l, now + MINUTE); /* another mvpdash may leave something in the outbox */
        }
        break;
    case LANE_INFO:
        if (ok && strcmp(s->info.status, "CREATING") == 0) {
            lane_plan(l, now + 2 * SECOND);
        }
        break;
    case LANE_LOAD:
        if (ok && !s->reload) {
            lane_plan_off(l); /* a sweep reads this again */
            saw_load_end(s, now);
        }
        break;
    case LANE_DLQ:
        if (m->err.code == E_NOT_FOUND) {
            lane_plan(l, now + 10 * MINUTE); /* there is no such queue */
        }
        denied_later(l, m, now);
        break;
    case LANE_SWEEP:
    case LANE_SHOWN:
    case LANE_DOUBT:
    case LANE_WIDE:
        denied_later(l, m, now);
        break;
    case LANE_STATUS:
        s->status_wall_ms = ok ? s->status_sent_ms : s->status_wall_ms;
        s->heard_ms = ok ? now : s->heard_ms;
        if (m->err.code == E_DENIED) {
            saw_status_denied(s, now);
        }
        break;
    case LANE_LIST_BATCH:
        if (ok && (s->list_whole || !s->loaded)) {
            s->listed_wall_ms = s->list_sent_ms;
        }
        s->listed_all = s->listed_all || (ok && s->list_whole);
        break;
    case LANE_STREAM:
        if (m->err.code == E_NOT_FOUND || m->err.code == E_DENIED) {
            lane_plan_off(l); /* not until the table is looked at again, or for good */
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
            (ok && m->kind == MSG_LOG && msg_as(m, log).page.at_end && s->log->final)) {
            lane_plan_off(l);
        }
        break;
    default:
        break;
    }
}

static void saw_action(struct schedule *s, const struct msg *m, int64_t now)
{
    if (m->kind == MSG_DEPLOYED && m->err.code != E_OK && msg_as(m, deployed).kept) {
        lane_plan(&s->lanes[LANE_OUTBOX], now + schedule_interval(s, LANE_OUTBOX, now));
    }
    bool resent = m->task == TASK_DLQ_SEND && m->kind == MSG_DONE;

    if (resent || m->kind == MSG_DEPLOYED || m->kind == MSG_CANCELLED ||
        m->kind == MSG_CANCEL_ENDED) {
        s->boost_until = now + BOOST_MS;
        schedule_hurry(s);
    }
}

bool schedule_saw(struct schedule *s, const struct msg *m, int64_t now)
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
        return true;
    }
    struct lane *l = &s->lanes[id < LANE_COUNT ? id : 0];
    if (id >= LANE_COUNT || (uint16_t)m->request != l->round || l->out == 0) {
        return false; /* the message answers a round that was given up */
    }
    l->heard = now;
    if (m->kind == MSG_JOBS) {
        s->load_count += id == LANE_LOAD ? msg_as(m, jobs).len : 0;
        s->sweep_count += id == LANE_SWEEP ? msg_as(m, jobs).len : 0;
        s->wide_count += id == LANE_WIDE ? msg_as(m, jobs).len : 0;
    }
    if (!msg_is_last(m)) {
        return true;
    }
    if (m->err.code == E_NOT_FOUND && asks_table(id)) {
        ask_info(s, now);
    }
    l->failed_part = l->failed_part || m->err.code != E_OK;
    l->out--;
    apply(s, id, part, m, now);
    if (l->out == 0) {
        round_over(s, id, m, now);
        after_round(s, id, m, now);
    }
    return true;
}
