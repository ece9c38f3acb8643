/* How far a job is by its log: finding the stage in JSON log lines. */
#include "jobs/log_stage.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/secret.h"

enum { LINE_MAX_BYTES = 65536, DEPTH_MAX = 4 };

void log_stage_init(struct log_stage *s)
{
    *s = (struct log_stage){.heard_ms = TIME_NONE, .at_ms = TIME_NONE, .since_ms = TIME_NONE};
}

/* ---- one line ---- */

/* Members into which loggers put the members of a line. */
static const char *const nests[] = {"message", "msg",     "log",    "data",    "meta",  "metadata",
                                    "context", "details", "fields", "payload", "extra", "event"};

/* Words that `stage` has in other programs, where it tells the environment that a system runs in
 * and not how far a job is. */
static const char *const environments[] = {"prod", "production", "dev",     "development", "test",
                                           "qa",   "staging",    "preview", "local",       "beta"};

static bool is_environment(const char *word)
{
    for (size_t i = 0; i < sizeof environments / sizeof *environments; i++) {
        if (strcasecmp(word, environments[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Is this a short word or phrase, clean, so that it can stand in a column? */
static bool is_stage(const char *text)
{
    size_t len = strlen(text);

    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f) {
            return false;
        }
    }
    return len > 0 && len < LOG_STAGE_SIZE && strspn(text, " ") < len && !is_environment(text);
}

struct found {
    char stage[LOG_STAGE_SIZE];
    char said[LOG_STAGE_SAID];
};

/* Copies as much as fits, without cutting a character in half. */
static void copy(char *to, size_t size, const char *from)
{
    size_t len = strlen(from);

    if (len >= size) {
        len = size - 1;
        while (len > 0 && ((unsigned char)from[len] & 0xc0) == 0x80) {
            len--;
        }
    }
    memcpy(to, from, len);
    to[len] = '\0';
}

static void take_said(const cJSON *doc, struct found *out)
{
    const char *said = json_str(doc, "message");

    said = said == NULL ? json_str(doc, "msg") : said;
    if (said != NULL && said[0] != '{') {
        char *masked = secret_masked(said);
        copy(out->said, sizeof out->said, masked);
        free(masked);
    }
}

static bool find_in_text(const char *text, size_t len, int depth, struct found *out);

static bool find_in(const cJSON *doc, int depth, struct found *out)
{
    const char *stage = json_str(doc, "stage");

    if (!cJSON_IsObject(doc) || depth > DEPTH_MAX) {
        return false;
    }
    if (stage != NULL && is_stage(stage)) {
        copy(out->stage, sizeof out->stage, stage);
        take_said(doc, out);
        return true;
    }
    for (size_t i = 0; i < sizeof nests / sizeof *nests; i++) {
        const cJSON *v = json_get(doc, nests[i]);
        bool text = cJSON_IsString(v) && strchr(v->valuestring, '{') != NULL;
        if (text ? find_in_text(v->valuestring, strlen(v->valuestring), depth + 1, out)
                 : find_in(v, depth + 1, out)) {
            if (out->said[0] == '\0') {
                take_said(doc, out);
            }
            return true;
        }
    }
    return false;
}

/* Finds the JSON object in a text that may begin with a time or a level. */
static bool find_in_text(const char *text, size_t len, int depth, struct found *out)
{
    const char *from = len > LINE_MAX_BYTES ? NULL : memchr(text, '{', len);
    size_t end = len;

    while (end > 0 && text[end - 1] != '}') {
        end--;
    }
    if (from == NULL || end <= (size_t)(from - text) || depth > DEPTH_MAX) {
        return false;
    }
    cJSON *doc = json_parse(from, end - (size_t)(from - text), "line", NULL);
    bool found = doc != NULL && find_in(doc, depth, out);
    cJSON_Delete(doc);
    return found;
}

void log_stage_line(struct log_stage *s, int64_t at_ms, const char *text, size_t len)
{
    struct found f = {.stage = ""};

    s->read = true;
    if (at_ms == TIME_NONE) {
        return;
    }
    s->heard_ms = at_ms > s->heard_ms ? at_ms : s->heard_ms; /* TIME_NONE is the least */
    if (!find_in_text(text, len, 0, &f)) {
        return;
    }
    bool same = strcmp(s->stage, f.stage) == 0;
    if (at_ms >= s->at_ms) {
        s->since_ms = same ? s->since_ms : at_ms;
        s->at_ms = at_ms;
        memcpy(s->stage, f.stage, sizeof s->stage);
        memcpy(s->said, f.said, sizeof s->said);
    } else if (same && at_ms < s->since_ms) {
        s->since_ms = at_ms;
    }
}

/* ---- beside the record ---- */

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

bool log_stage_wanted(const struct job *j, const struct batch_job *b, const struct job_state *s,
                      int64_t now_ms, int silent_s)
{
    if (silent_s <= 0 || s->status != JOB_IN_PROGRESS || b == NULL || b->status != BATCH_RUNNING ||
        b->log_stream == NULL || b->log_stream[0] == '\0') {
        return false;
    }
    int64_t heard = later(later(job_ms(j, JOB_UPDATED), job_ms(j, JOB_CREATED)),
                          later(job_ms(j, JOB_STARTED), b->started_ms));

    return heard == TIME_NONE || heard < now_ms - (int64_t)silent_s * 1000;
}

const char *log_stage_shown(const struct job *j, const struct job_state *s,
                            const struct log_stage *l)
{
    if (l == NULL || !l->read || l->stage[0] == '\0' || s->status != JOB_IN_PROGRESS ||
        l->at_ms <= job_ms(j, JOB_UPDATED)) {
        return NULL;
    }
    return job_text(j, JOB_STEP) != NULL && strcasecmp(job_text(j, JOB_STEP), l->stage) == 0
               ? NULL
               : l->stage;
}

void log_stage_settle(const struct job *j, const struct batch_job *b, const struct log_stage *l,
                      int64_t now_ms, const struct state_rules *rules, struct job_state *s)
{
    if (l != NULL && l->read && l->heard_ms != TIME_NONE &&
        l->heard_ms > later(job_ms(j, JOB_UPDATED), b == NULL ? TIME_NONE : b->started_ms)) {
        job_state_hear(j, l->heard_ms, now_ms, rules, s);
    }
}

void log_stage_timeline(const struct job *j, const struct job_state *s, const struct log_stage *l,
                        struct timeline *t)
{
    if (log_stage_shown(j, s, l) == NULL) {
        return;
    }
    char *text = xasprintf("stage %s%s%s", l->stage, l->said[0] == '\0' ? "" : ": ", l->said);
    timeline_add(t, l->since_ms, "log", text);
    free(text);
}

cJSON *log_stage_json(const struct job *j, const struct job_state *s, const struct log_stage *l)
{
    const char *stage = log_stage_shown(j, s, l);
    char at[TIME_ISO_SIZE];

    if (l == NULL || !l->read || l->heard_ms == TIME_NONE) {
        return NULL;
    }
    cJSON *o = json_new_object();
    json_set_str(o, "step", stage);
    json_set_str(o, "at", stage == NULL ? NULL : time_iso(l->since_ms, at));
    json_set_str(o, "message", stage == NULL || l->said[0] == '\0' ? NULL : l->said);
    json_set_str(o, "heardAt", time_iso(l->heard_ms, at));
    return o;
}
