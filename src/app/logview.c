/* What all logs share: lines with stamps, following, spans of time, attempts. */
#include "logview.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/secret.h"
#include "jobs/age.h"

int logview_stamp_cells(const struct logview *l)
{
    static const int cells[STAMPS_COUNT] = {0, 13, 13, 6};

    return cells[l->stamps];
}

const char *logview_stamp(const struct logview *l, int64_t at_ms, int64_t now_ms, char *buf,
                          size_t size)
{
    char iso[TIME_ISO_SIZE], local[32], age[AGE_SIZE];

    buf[0] = '\0';
    if (l->stamps == STAMPS_OFF) {
        return buf;
    }
    if (at_ms == TIME_NONE) {
        (void)snprintf(buf, size, "%*s", logview_stamp_cells(l), "");
    } else if (l->stamps == STAMPS_UTC) {
        (void)snprintf(buf, size, "%.12s ", time_iso(at_ms, iso) + 11);
    } else if (l->stamps == STAMPS_LOCAL) {
        (void)format_local(at_ms, local, sizeof local);
        (void)snprintf(buf, size, "%.8s.%03d ", local + (strlen(local) > 11 ? 11 : 0),
                       (int)(at_ms % 1000 < 0 ? 0 : at_ms % 1000));
    } else {
        (void)snprintf(buf, size, "%5s ", age_text(at_ms, now_ms, age));
    }
    return buf;
}

void logview_empty(struct logview *l)
{
    textview_empty(&l->text);
    free(l->cursor);
    l->cursor = NULL;
    l->loaded = false;
    l->ended = false;
    l->none = false;
    l->note[0] = '\0';
    l->err = (struct err){0};
    l->lines = 0;
}

static bool has_word(const char *text, size_t len, const char *word)
{
    size_t n = strlen(word);

    for (size_t i = 0; i + n <= len && i < 160; i++) {
        if (strncasecmp(text + i, word, n) == 0 &&
            (i == 0 || !isalnum((unsigned char)text[i - 1])) &&
            (i + n == len || !isalpha((unsigned char)text[i + n]))) {
            return true;
        }
    }
    return false;
}

static enum style level(const char *text, size_t len)
{
    if (has_word(text, len, "error") || has_word(text, len, "fatal") ||
        has_word(text, len, "panic")) {
        return ST_BAD;
    }
    if (has_word(text, len, "warn") || has_word(text, len, "warning")) {
        return ST_WARN;
    }
    return ST_TEXT;
}

void logview_add(struct logview *l, const struct log_page *p)
{
    struct strbuf line = STRBUF_INIT;

    for (size_t i = 0; i < p->len; i++) {
        strbuf_reset(&line);
        secret_mask_text(&line, p->items[i].text == NULL ? "" : p->items[i].text);
        textview_add_log(&l->text, p->items[i].at_ms, strbuf_str(&line), line.len,
                         level(strbuf_str(&line), line.len));
    }
    strbuf_clear(&line);
    l->lines += p->len;
    (void)snprintf(l->note, sizeof l->note, "%s", p->note);
}

void logview_take(struct logview *l, struct msg *msg)
{
    l->loaded = true;
    if (msg->err.code != E_OK) {
        if (msg->err.code != E_CANCELLED) {
            l->err = msg->err;
        }
        return;
    }
    l->err = (struct err){0};
    logview_add(l, &msg_as(msg, log).page);
    if (msg_as(msg, log).cursor != NULL) {
        free(l->cursor);
        l->cursor = msg_as(msg, log).cursor;
        msg_as(msg, log).cursor = NULL;
        l->attempts = l->cursor->attempts;
        l->ended = l->cursor->final && msg_as(msg, log).page.at_end;
    }
}

static void set_attempt(struct desk *d, const struct log_reading *r, int by)
{
    struct logview *l = r->log;
    int now = l->attempt != 0 ? l->attempt : l->attempts;
    int next = now + by;

    if (l->attempts <= 1 || next < 1 || next > l->attempts) {
        desk_note(d, NOTE_INFO, "%s",
                  l->attempts <= 1 ? "There is only one attempt."
                  : next < 1       ? "This is the first attempt."
                                   : "This is the last attempt.");
        return;
    }
    l->attempt = next;
    r->restart(r->owner, d);
    desk_note(d, NOTE_INFO, "Attempt %d of %d.", next, l->attempts);
}

static void set_since(struct desk *d, const struct log_reading *r, int64_t since_ms)
{
    if (r->log->since_ms != since_ms) {
        r->log->since_ms = since_ms;
        r->restart(r->owner, d);
    }
}

static bool set_span(struct desk *d, const struct log_reading *r, int minutes)
{
    r->log->text.follow = true;
    r->log->since_ms = d->now_ms - INT64_C(60000) * minutes;
    r->restart(r->owner, d);
    return true;
}

static bool span_action(struct desk *d, const struct log_reading *r, enum action a)
{
    switch (a) {
    case ACT_LOG_TAIL:
        set_since(d, r, TIME_NONE);
        textview_set_follow(&r->log->text, true);
        return true;
    case ACT_LOG_HEAD:
        textview_set_follow(&r->log->text, false);
        set_since(d, r, r->head_ms);
        textview_home(&r->log->text);
        return true;
    case ACT_LOG_1M:
        return set_span(d, r, 1);
    case ACT_LOG_5M:
        return set_span(d, r, 5);
    case ACT_LOG_15M:
        return set_span(d, r, 15);
    case ACT_LOG_30M:
        return set_span(d, r, 30);
    case ACT_LOG_1H:
        return set_span(d, r, 60);
    default:
        return false;
    }
}

bool logview_action(struct desk *d, const struct log_reading *r, enum action a)
{
    struct logview *l = r->log;

    switch (a) {
    case ACT_FOLLOW:
        textview_set_follow(&l->text, !l->text.follow);
        return true;
    case ACT_BOTTOM: /* as in less: goes to the end and shows what comes after it */
        textview_end(&l->text);
        textview_set_follow(&l->text, !l->text.has_cursor);
        return true;
    case ACT_STAMPS:
        l->stamps = (enum log_stamps)((l->stamps + 1) % STAMPS_COUNT);
        return true;
    default:
        return span_action(d, r, a);
    }
}

bool logview_attempt(struct desk *d, const struct log_reading *r, enum action a)
{
    if (a != ACT_ATTEMPT_PREV && a != ACT_ATTEMPT_NEXT) {
        return false;
    }
    set_attempt(d, r, a == ACT_ATTEMPT_PREV ? -1 : 1);
    return true;
}

void logview_resize(struct logview *l, struct rect body)
{
    int stamp = logview_stamp_cells(l);

    textview_resize(&l->text, body.rows, body.cols > stamp ? body.cols - stamp : body.cols);
}
