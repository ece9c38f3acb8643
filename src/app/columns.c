/* The columns of the job list: their formats, their order, their table. */
#include "columns.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "jobs/age.h"
#include "jobs/cause.h"
#include "jobs/deploy.h"
#include "jobs/join.h"
#include "store.h"

/* How each state is drawn, and where the sort by state puts it: the states that need a look come
 * first (rank 1 is for a job that is stuck). */
/* clang-format off */
static const struct {
    uint8_t glyph, style, rank;
} states[JOB_STATUS_COUNT] = {
    [JOB_NO_STATUS]    = {GLYPH_UNKNOWN,   ST_UNKNOWN,   7},
    [JOB_OTHER_STATUS] = {GLYPH_UNKNOWN,   ST_UNKNOWN,   6},
    [JOB_PENDING]      = {GLYPH_PENDING,   ST_PENDING,   5},
    [JOB_QUEUED]       = {GLYPH_QUEUED,    ST_QUEUED,    4},
    [JOB_IN_PROGRESS]  = {GLYPH_RUNNING,   ST_RUNNING,   2},
    [JOB_STOPPING]     = {GLYPH_STOPPING,  ST_STOPPING,  3},
    [JOB_COMPLETED]    = {GLYPH_COMPLETED, ST_COMPLETED, 8},
    [JOB_FAILED]       = {GLYPH_FAILED,    ST_FAILED,    0},
    [JOB_CANCELLED]    = {GLYPH_CANCELLED, ST_CANCELLED, 9},
};
/* clang-format on */

enum glyph status_glyph(uint8_t job_status)
{
    return job_status < JOB_STATUS_COUNT ? (enum glyph)states[job_status].glyph : GLYPH_UNKNOWN;
}

enum style status_style(uint8_t job_status)
{
    return job_status < JOB_STATUS_COUNT ? (enum style)states[job_status].style : ST_UNKNOWN;
}

/* Copies a text of our own, cut at `size`. */
static void put_own(char *buf, size_t size, const char *text)
{
    size_t n = strnlen(text, size - 1);

    memcpy(buf, text, n);
    buf[n] = '\0';
}

/* Appends a text of our own. */
static void add_own(char *buf, size_t size, const char *text)
{
    size_t n = strnlen(buf, size - 1);

    put_own(buf + n, size - n, text);
}

/* Copies a text that is clean as it is and fits. False: it is not, or does not. */
static bool put_usual(char *buf, size_t size, const char *text)
{
    size_t i = 0;

    while (text[i] != '\0') {
        uint32_t cp = (unsigned char)text[i];
        /* the decoder stops at the end of the text: NUL continues no character */
        size_t n = cp < 0x80 ? 1 : text_utf8_decode(text + i, 4, &cp);
        if (n == 0 || !text_is_usual(cp) || i + n >= size) {
            return false;
        }
        for (size_t end = i + n; i < end; i++) {
            buf[i] = text[i];
        }
    }
    buf[i] = '\0';
    return true;
}

/* Writes outside text for one cell: clean, cut at `size` between two characters. */
static void put_clean(char *buf, size_t size, const char *text)
{
    struct strbuf out = STRBUF_INIT;

    buf[0] = '\0';
    if (text == NULL || put_usual(buf, size, text)) {
        return;
    }
    text_clean(&out, text, strnlen(text, 4 * size), TEXT_ONE_LINE);
    size_t n = out.len < size ? out.len : size - 1;
    while (n > 0 && n < out.len && ((unsigned char)out.data[n] & 0xc0) == 0x80) {
        n--;
    }
    memcpy(buf, strbuf_str(&out), n);
    buf[n] = '\0';
    strbuf_clear(&out);
}

void status_text(const struct entry *e, char *buf, size_t size)
{
    put_clean(buf, size, job_state_word(e->job, &e->state));
    if (buf[0] == '\0') {
        (void)snprintf(buf, size, "no status");
        return;
    }
    for (char *p = buf; *p != '\0'; p++) {
        if (*p == '_') {
            *p = ' ';
        }
    }
}

enum { STATUS_WIDTH = 14 };

const char *record_mark(unsigned mark)
{
    static const char *const marks[] = {
        [JOB_RECORDED] = "", [JOB_NO_RECORD] = "?", [JOB_TWO_RECORDS] = "&", [JOB_OTHER_KEY] = "&"};

    return mark < sizeof marks / sizeof *marks ? marks[mark] : "";
}

/* ---- formats ---- */

static void fmt_status(const struct entry *e, const struct format_ctx *x, char *buf, size_t size,
                       enum style *st)
{
    char word[32];

    status_text(e, word, sizeof word);
    *st = status_style(e->state.status);
    bool stuck = e->state.stuck != STUCK_NO;
    /* A stuck job's word is long already, so that a second mark would make both unreadable. */
    bool drift = e->state.drift && !(stuck && strlen(word) >= STATUS_WIDTH - 3);
    const char *mark =
        (stuck || drift) && strlen(word) >= STATUS_WIDTH - 3 ? "" : record_mark(e->job->mark);
    put_own(buf, size, glyph_text(status_glyph(e->state.status), x->ascii));
    add_own(buf, size, " ");
    add_own(buf, size, word);
    add_own(buf, size, stuck ? "!" : e->state.slow && !drift && mark[0] == '\0' ? ">" : "");
    add_own(buf, size, drift ? "~" : "");
    add_own(buf, size, mark);
}

static void fmt_name(const struct entry *e, const struct format_ctx *x, char *buf, size_t size,
                     enum style *st)
{
    (void)x;
    put_clean(buf, size, job_text(e->job, JOB_BUSINESS_NAME));
    if (buf[0] == '\0') { /* without a name, something else has to tell the jobs apart */
        const char *given = e->job->mark == JOB_NO_RECORD && e->batch != NULL &&
                                    strcmp(e->batch->id, e->job->id) == 0
                                ? e->batch->name
                                : NULL;
        char *both = given == NULL ? NULL : xasprintf("%s %s", given, e->job->id);
        put_clean(buf, size, both != NULL ? both : e->job->id);
        free(both);
        *st = ST_DIM;
    }
}

static void fmt_step(const struct entry *e, const struct format_ctx *x, char *buf, size_t size,
                     enum style *st)
{
    const char *stage = log_stage_shown(e->job, &e->state, e->log);

    (void)x;
    *st = stage == NULL ? ST_TEXT : ST_INFO;
    if (stage != NULL && size > 1) { /* the job's record is silent: the step comes from its log */
        buf[0] = '~';
        put_clean(buf + 1, size - 1, stage);
        return;
    }
    put_clean(buf, size, job_text(e->job, JOB_STEP));
    /* the job has no step, and the mark alone says too little */
    if (e->job->mark == JOB_NO_RECORD) {
        (void)snprintf(buf, size, "%s", job_mark_word(JOB_NO_RECORD));
        *st = ST_WARN;
    }
}

int column_percent(const struct entry *e)
{
    if (e->state.status == JOB_COMPLETED) {
        return 100;
    }
    return e->job->progress;
}

static void fmt_progress(const struct entry *e, const struct format_ctx *x, char *buf, size_t size,
                         enum style *st)
{
    int percent = column_percent(e);

    (void)x;
    *st = ST_TEXT;
    buf[0] = '\0';
    if (percent >= 0) {
        (void)snprintf(buf, size, "%d%%", percent);
    }
}

static void fmt_age(const struct entry *e, const struct format_ctx *x, char *buf, size_t size,
                    enum style *st)
{
    char age[AGE_SIZE];

    *st = ST_TIME;
    put_own(buf, size, age_text(job_time(e->job, &e->state, NULL), x->now_ms, age));
}

static void fmt_duration(const struct entry *e, const struct format_ctx *x, char *buf, size_t size,
                         enum style *st)
{
    char text[AGE_SIZE];
    bool over = false;

    put_own(buf, size, job_duration_text(e->job, &e->state, x->now_ms, text, &over));
    *st = over && !job_status_final((enum job_status)e->state.status) ? ST_WARN : ST_TIME;
}

static void fmt_eta(const struct entry *e, const struct format_ctx *x, char *buf, size_t size,
                    enum style *st)
{
    struct eta eta;
    char text[AGE_SIZE];

    *st = e->state.slow ? ST_WARN : ST_TIME;
    if (forecast_eta(x->forecast, e->job, &e->state, x->now_ms, &eta)) {
        put_own(buf, size, eta_short(&eta, x->now_ms, text));
    } else {
        put_own(buf, size, e->state.slow ? "slow" : "");
    }
}

/* The place of a job's priority among the priorities of a deploy, the most urgent one first; -1:
 * the word is another program's. */
static int priority_rank(const char *word)
{
    return deploy_choice_of(deploy_field_named("priority"), word);
}

static void fmt_priority(const struct entry *e, const struct format_ctx *x, char *buf, size_t size,
                         enum style *st)
{
    (void)x;
    put_clean(buf, size, job_text(e->job, JOB_PRIORITY));
    int rank = priority_rank(buf);
    int usual = priority_rank(NULL);
    if (rank == usual) {
        buf[0] = '\0'; /* the usual priority says nothing new */
    } else if (rank >= 0) {
        *st = rank < usual ? ST_STRONG : ST_DIM;
    }
}

static void fmt_updated(const struct entry *e, const struct format_ctx *x, char *buf, size_t size,
                        enum style *st)
{
    char age[AGE_SIZE];

    *st = ST_TIME;
    put_own(buf, size, age_text(job_ms(e->job, JOB_UPDATED), x->now_ms, age));
}

static void fmt_batch(const struct entry *e, const struct format_ctx *x, char *buf, size_t size,
                      enum style *st)
{
    (void)x;
    *st = ST_DIM;
    (void)snprintf(buf, size, "%s",
                   e->state.gone_from_batch ? "gone"
                                            : batch_status_word((enum batch_status)e->state.batch));
}

static void fmt_exit(const struct entry *e, const struct format_ctx *x, char *buf, size_t size,
                     enum style *st)
{
    (void)x;
    buf[0] = '\0';
    if (e->state.exit_code != EXIT_CODE_NONE) {
        (void)snprintf(buf, size, "%d", e->state.exit_code);
        *st = e->state.exit_code == 0 || e->state.exit_code == EXIT_CODE_REFUSED ? ST_DIM : ST_BAD;
    }
}

static void fmt_reason(const struct entry *e, const struct format_ctx *x, char *buf, size_t size,
                       enum style *st)
{
    char cause[CAUSE_SIZE];

    (void)x;
    put_clean(buf, size, cause_reason(e->job, e->batch, &e->state, cause));
    *st = strcmp(buf, CAUSE_UNKNOWN) == 0 ? ST_DIM : ST_BAD;
}

static void fmt_features(const struct entry *e, const struct format_ctx *x, char *buf, size_t size,
                         enum style *st)
{
    struct strbuf all = STRBUF_LIMIT(1024);
    char room[JOB_ROOM];

    (void)x;
    *st = ST_TEXT;
    for (size_t i = 0; i < e->job->features_len; i++) {
        strbuf_addf(&all, "%s%s", i > 0 ? "," : "", job_feature(e->job, i, room));
    }
    put_clean(buf, size, strbuf_str(&all));
    strbuf_clear(&all);
}

static void fmt_watch(const struct entry *e, const struct format_ctx *x, char *buf, size_t size,
                      enum style *st)
{
    (void)x;
    *st = ST_INFO;
    (void)snprintf(buf, size, "%s", entry_watched(e) ? "watched" : "");
}

static void fmt_id(const struct entry *e, const struct format_ctx *x, char *buf, size_t size,
                   enum style *st)
{
    (void)x;
    *st = ST_DIM;
    put_clean(buf, size, e->job->id);
}

/* ---- order ---- */

/* A key that sorts as the number does: its sign is turned round, so that negative numbers come
 * first. */
static uint64_t number_key(int64_t n)
{
    return (uint64_t)n ^ (uint64_t)INT64_MIN;
}

/* A key from the beginning of a text; absent texts come last. */
static uint64_t text_key(const char *s)
{
    uint64_t key = 0;

    if (s == NULL) {
        return UINT64_MAX;
    }
    for (int i = 0; i < 8; i++) {
        unsigned char c = (unsigned char)*s;
        key = key << 8 | (unsigned char)tolower(c);
        s += c != '\0';
    }
    return key;
}

static int text_compare(const char *a, const char *b)
{
    if (a == NULL || b == NULL) {
        return (a == NULL) - (b == NULL);
    }
    int c = strcasecmp(a, b);
    return c != 0 ? c : strcmp(a, b);
}

static int status_rank(const struct entry *e)
{
    return e->state.stuck != STUCK_NO ? 1 : states[e->state.status].rank;
}

static uint64_t key_status(const struct entry *e, int64_t now_ms)
{
    (void)now_ms;
    return number_key(status_rank(e));
}

static uint64_t key_progress(const struct entry *e, int64_t now_ms)
{
    (void)now_ms;
    return number_key(column_percent(e));
}

static uint64_t key_duration(const struct entry *e, int64_t now_ms)
{
    return number_key(job_duration_ms(e->job, &e->state, now_ms));
}

/* When a job should end changes with what is learned, which a sorted list must not: those that
 * began first come first, and those that do not run last. */
static uint64_t key_eta(const struct entry *e, int64_t now_ms)
{
    (void)now_ms;
    return e->state.status != JOB_IN_PROGRESS || e->state.started_ms == TIME_NONE
               ? UINT64_MAX
               : number_key(e->state.started_ms);
}

static uint64_t key_priority(const struct entry *e, int64_t now_ms)
{
    (void)now_ms;
    int rank = priority_rank(job_text(e->job, JOB_PRIORITY));

    return number_key(rank < 0 ? INT8_MAX : rank);
}

static uint64_t key_batch(const struct entry *e, int64_t now_ms)
{
    (void)now_ms;
    return number_key(e->state.batch);
}

static uint64_t key_exit(const struct entry *e, int64_t now_ms)
{
    (void)now_ms;
    return number_key(e->state.exit_code);
}

/* Puts the jobs of one cause beside each other: by exit code, then by the first letters of the
 * cause, then by a hash of it. Jobs that did not fail come last. */
static uint64_t key_reason(const struct entry *e, int64_t now_ms)
{
    char cause[CAUSE_SIZE];
    const char *reason = cause_reason(e->job, e->batch, &e->state, cause);
    uint32_t hash = 2166136261U; /* FNV-1a */

    (void)now_ms;
    if (reason == NULL) {
        return UINT64_MAX;
    }
    for (const char *p = reason; *p != '\0'; p++) {
        hash = (hash ^ (unsigned char)*p) * 16777619U;
    }
    const char *words = strchr(reason, ';');
    bool code = e->state.exit_code > 0 && strncmp(reason, "exit ", 5) == 0;
    uint64_t letters = text_key(code ? (words == NULL ? "" : words + 1) : reason) >> 40;
    return (uint64_t)(code ? e->state.exit_code & 0xffff : 0xffff) << 48 | letters << 24 |
           (hash >> 8);
}

static uint64_t key_features(const struct entry *e, int64_t now_ms)
{
    (void)now_ms;
    return number_key(e->job->features_len);
}

static uint64_t key_age(const struct entry *e, int64_t now_ms)
{
    (void)now_ms;
    /* The youngest jobs come first, those of unknown time last. */
    return ~number_key(job_time(e->job, &e->state, NULL));
}

static uint64_t key_updated(const struct entry *e, int64_t now_ms)
{
    (void)now_ms;
    return ~number_key(
        job_ms(e->job, JOB_UPDATED)); /* the youngest come first, unknown times last */
}

static uint64_t key_watch(const struct entry *e, int64_t now_ms)
{
    (void)now_ms;
    return entry_watched(e);
}

#define NO_TEXT COLUMN_NO_TEXT
/* One row for each column, to be read across. */
/* clang-format off */
const struct column job_columns[COL_COUNT] = {
    {COL_STATUS,   "status",   "Status",   "State by record and Batch; ! stuck, > slow, ~ they differ, ? no record, & two records", ALIGN_LEFT,  9,  STATUS_WIDTH, STATUS_WIDTH, 100, true,  false, fmt_status,   key_status,   NO_TEXT},
    {COL_NAME,     "name",     "Business", "Business name, else the job id",                                         ALIGN_LEFT,  8,  20, 60, 99,  true,  false, fmt_name,     NULL,         JOB_BUSINESS_NAME},
    {COL_STEP,     "step",     "Step",     "The step that the pipeline is at",                                                  ALIGN_LEFT,  6,  14, 20, 70,  true,  false, fmt_step,     NULL,         JOB_STEP},
    {COL_PROGRESS, "progress", "Progress", "How far it is, in percent",                                              ALIGN_RIGHT, 4,  10, 16, 80,  true,  true,  fmt_progress, key_progress, NO_TEXT},
    {COL_AGE,      "age",      "Age",      "Time since the job was requested",                                            ALIGN_RIGHT, 3,  4,  5,  90,  true,  false, fmt_age,      key_age,      NO_TEXT},
    {COL_DURATION, "duration", "Took/est", "How long the job ran, against its estimate",                                  ALIGN_RIGHT, 5,  9,  11, 60,  true,  true,  fmt_duration, key_duration, NO_TEXT},
    {COL_ETA,      "eta",      "ETA",      "Time to its expected end, by the jobs that completed; sorted by start", ALIGN_RIGHT, 5,  9,  11, 38,  true,  false, fmt_eta,      key_eta,      NO_TEXT},
    {COL_USER,     "user",     "User",     "The user who asked for the job",                                                       ALIGN_LEFT,  6,  12, 24, 50,  true,  false, NULL,         NULL,         JOB_USER_ID},
    {COL_PRIORITY, "priority", "Prio",     "high, normal or low",                                                    ALIGN_LEFT,  4,  6,  6,  40,  true,  false, fmt_priority, key_priority, NO_TEXT},
    {COL_PRODUCT,  "product",  "Product",  "Product id",                                                             ALIGN_LEFT,  6,  12, 24, 35,  false, false, NULL,         NULL,         JOB_PRODUCT_ID},
    {COL_UPDATED,  "updated",  "Upd",      "Time since its record changed",                                          ALIGN_RIGHT, 3,  4,  5,  45,  false, false, fmt_updated,  key_updated,  NO_TEXT},
    {COL_BATCH,    "batch",    "Batch",    "What AWS Batch says",                                                    ALIGN_LEFT,  6,  9,  9,  42,  false, false, fmt_batch,    key_batch,    NO_TEXT},
    {COL_EXIT,     "exit",     "Exit",     "Exit code of the container",                                             ALIGN_RIGHT, 3,  4,  4,  41,  false, true,  fmt_exit,     key_exit,     NO_TEXT},
    {COL_REASON,   "reason",   "Reason",   "Why the job failed: exit code and cause, as `stats` groups them",              ALIGN_LEFT,  8,  24, 60, 38,  true,  false, fmt_reason,   key_reason,   NO_TEXT},
    {COL_FEATURES, "features", "Features", "The features that were asked for",                                                     ALIGN_LEFT,  8,  20, 40, 20,  false, true,  fmt_features, key_features, NO_TEXT},
    {COL_RETRY_OF, "retry-of", "Retry of", "The job that this one repeats",                                          ALIGN_LEFT,  8,  28, 40, 15,  false, false, NULL,         NULL,         JOB_RETRY_OF},
    {COL_EMAIL,    "email",    "Email",    "The user's address",                                                     ALIGN_LEFT,  8,  20, 32, 10,  false, false, NULL,         NULL,         JOB_EMAIL},
    {COL_WATCH,    "watch",    "Watch",    "Whether the job is watched: an alert when it ends or gets stuck",                     ALIGN_LEFT,  5,  7,  7,  12,  false, true,  fmt_watch,    key_watch,    NO_TEXT},
    {COL_ID,       "id",       "Job id",   "The job's id",                                                           ALIGN_LEFT,  10, 27, 40, 30,  false, false, fmt_id,       NULL,         COLUMN_JOB_ID},
};
/* clang-format on */

#undef NO_TEXT

static const char *text_of(const struct column *c, const struct entry *e)
{
    return c->text == COLUMN_JOB_ID ? e->job->id : job_text(e->job, (enum job_text_id)c->text);
}

void column_format(const struct column *c, const struct entry *e, const struct format_ctx *x,
                   char *buf, size_t size, enum style *st)
{
    if (c->format != NULL) {
        c->format(e, x, buf, size, st);
    } else {
        *st = ST_TEXT;
        put_clean(buf, size, text_of(c, e));
    }
}

uint64_t column_key(const struct column *c, const struct entry *e, int64_t now_ms)
{
    return c->key != NULL ? c->key(e, now_ms) : text_key(text_of(c, e));
}

int column_compare(const struct column *c, const struct entry *a, const struct entry *b,
                   int64_t now_ms)
{
    uint64_t ka = c->key == NULL ? 0 : c->key(a, now_ms),
             kb = c->key == NULL ? 0 : c->key(b, now_ms);

    if (ka != kb) {
        return ka < kb ? -1 : 1;
    }
    return c->text == COLUMN_NO_TEXT ? 0 : text_compare(text_of(c, a), text_of(c, b));
}
