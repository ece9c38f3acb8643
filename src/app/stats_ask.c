/* What the statistics are of: the period and the groups, by keys and by `:stats`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "jobs/age.h"
#include "stats_priv.h"

#define HOUR INT64_C(3600000)
#define DAY (24 * HOUR)

/* The periods of [ and ]; STATS_USUAL_MS is one of them. */
static const int64_t spans[] = {HOUR,    6 * HOUR, DAY,      3 * DAY,
                                7 * DAY, 30 * DAY, 90 * DAY, 365 * DAY};
enum { SPANS = sizeof spans / sizeof *spans };

const char *stats_period(const struct stats_view *v, char *buf, size_t size)
{
    char text[AGE_SIZE > TIME_ISO_SIZE ? AGE_SIZE : TIME_ISO_SIZE];

    if (v->since_ms != TIME_NONE) {
        (void)snprintf(buf, size, "since %.16s", time_iso(v->since_ms, text));
    } else {
        (void)snprintf(buf, size, "last %s", duration_text(v->span_ms, text));
    }
    return buf;
}

void stats_change_span(struct stats_view *v, int by)
{
    int at = 0;

    while (at < SPANS - 1 && spans[at] < v->span_ms) {
        at++;
    }
    /* between two of them: the next shorter one, or this */
    at += by < 0 || spans[at] == v->span_ms ? by : 0;
    v->span_ms = spans[at < 0 ? 0 : at < SPANS ? at : SPANS - 1];
    v->since_ms = TIME_NONE;
    v->wanted = true;
}

void stats_change_groups(struct stats_view *v, enum insight_by by)
{
    v->by = by;
    v->to_groups = true;
    v->wanted = true;
}

/* Reads "30d" or an ISO 8601 time. */
static bool read_since(struct stats_view *v, const struct desk *desk, const char *word)
{
    int64_t seconds = 0;
    int64_t at = 0;
    bool has_unit = word[0] != '\0' && strchr("smhdw", word[strlen(word) - 1]) != NULL;

    if (has_unit && duration_parse(word, &seconds) && seconds > 0) {
        v->span_ms = seconds * 1000;
        v->since_ms = TIME_NONE;
        return true;
    }
    if (time_parse_iso(word, &at) && at < desk->now_ms) {
        v->since_ms = at;
        return true;
    }
    return false;
}

static void say_groups(struct desk *desk)
{
    char words[120] = "";
    size_t n = 0;

    for (int i = 0; i < STATS_GROUPINGS && n < sizeof words; i++) {
        n += (size_t)snprintf(words + n, sizeof words - n, "%s%s", i > 0 ? ", " : "",
                              insight_by_word((enum insight_by)i));
    }
    desk_note(desk, NOTE_BAD, ":stats by: expected one of %s.", words);
}

bool stats_ask(struct stats_view *v, struct desk *desk, const char *argument)
{
    struct stats_view was = *v;
    char *line = xstrdup(argument);
    char *save = NULL;
    bool fits = true;

    for (char *w = strtok_r(line, " ", &save); w != NULL && fits; w = strtok_r(NULL, " ", &save)) {
        const char *name = strncmp(w, "--", 2) == 0 ? w + 2 : w;
        const char *value = strtok_r(NULL, " ", &save);
        if (strcmp(name, "by") == 0) {
            enum insight_by by = insight_by_parse(value == NULL ? "" : value);
            fits = (int)by < STATS_GROUPINGS;
            if (fits) {
                stats_change_groups(v, by);
            } else {
                say_groups(desk);
            }
        } else if (strcmp(name, "since") == 0) {
            fits = value != NULL && read_since(v, desk, value);
            if (!fits) {
                desk_note(desk, NOTE_BAD,
                          ":stats since: expected 30m, 24h, 30d or a time such as "
                          "2025-08-20T10:30:00Z that is past.");
            }
        } else {
            fits = false;
            desk_note(desk, NOTE_BAD, ":stats has no \"%.40s\": `:stats by user since 30d`.", w);
        }
    }
    free(line);
    if (fits) {
        v->wanted = true;
    } else {
        v->by = was.by;
        v->span_ms = was.span_ms;
        v->since_ms = was.since_ms;
        v->to_groups = was.to_groups;
        v->wanted = was.wanted;
    }
    return fits;
}
