/* job_block.c - the one allocation of a job: how it is laid out, and how it is read.
 *
 * DESIGN. Behind the struct lie: the id; the errors; the steps and the one that ends their list;
 * the texts; addresses and features in short forms (job_code.h); the texts of the errors and the
 * names of the steps, as far as they are no words. One byte tells of each text and address
 * (`part`): 0: it is absent; below WORDS: it is a word that nearly every record shares, and takes
 * no room; else its size, by which the places of the next ones are found. Times are differences
 * from the first one. A job with a long text, or with times that are further apart than 24 days, is
 * `wide`: it has struct wide before the errors instead. With 100,000 jobs all this is 20 MB less
 * than pointers and whole times. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/secret.h"
#include "core/text.h"
#include "job_code.h"
#include "job_draft.h"
#include "job_words.h"
#include "jobs/job.h"
#include "strtail.h"

enum {
    WORDS = JOB_WORDS,
    MAY_BE_WORD = JOB_PRIORITY + 1, /* only these texts are looked up among the words */
    SIZE_MAX_NEAR = UINT8_MAX - (WORDS - 1)
};

struct wide {
    int64_t ms[JOB_TIMES];
    uint16_t at[JOB_PARTS + 1]; /* as `part`, with places instead of sizes; last: the features */
};

_Static_assert(JOB_ROOM >= TEXT_MAX + 4, "a text that was cut, its mark and its NUL");
_Static_assert((JOB_TEXTS + 1 + 2 * JOB_URLS) * (TEXT_MAX + 4) +
                       JOB_ERRORS_MAX * sizeof(struct job_error) +
                       (STEPS_MAX + 1) * sizeof(struct job_step) + sizeof(struct wide) +
                       sizeof(struct job) <
                   UINT16_MAX,
               "the texts and the beginning of the features lie within 64 KB");

/* What is kept of an address or a feature, which may lie in `room`: it is cut, and the secrets of
 * an address are hidden (that of a repository may hold a key), before its short form is made. */
static struct slice kept(struct slice s, bool address, char room[JOB_ROOM])
{
    /* only an address with one of these marks can hold a secret; the test saves time */
    bool secret = address && (memchr(s.s, '@', s.len) != NULL || memchr(s.s, '=', s.len) != NULL);

    if (s.len <= TEXT_MAX && !secret) {
        return s;
    }
    char *at = room;
    (void)strtail_place(&at, s.s, s.len, TEXT_MAX);
    if (secret) {
        secret_mask_in_place(room);
    }
    return (struct slice){room, strlen(room)};
}

/* The size of a short form, which is put into the draft as long as there is room: nearly always it
 * is made only once. */
static size_t coded_size(struct draft *d, struct slice s, bool address, const char *name)
{
    char room[JOB_ROOM];
    struct slice k = kept(s, address, room);

    if (!d->coded || d->code_len + 2 * k.len + 1 > sizeof d->code) {
        d->coded = false;
        return job_code_size(k.s, k.len, name);
    }
    char *from = d->code + d->code_len, *at = from;
    job_code_put(&at, k.s, k.len, name);
    d->code_len += (size_t)(at - from);
    return (size_t)(at - from);
}

static void coded_place(char **at, struct slice s, bool address, const char *name)
{
    char room[JOB_ROOM];
    struct slice k = kept(s, address, room);

    job_code_put(at, k.s, k.len, name);
}

static struct slice whole(const char *s)
{
    return (struct slice){s, strlen(s)};
}

/* Can the times be kept as differences from the first one? */
static bool times_near(const int64_t ms[JOB_TIMES])
{
    for (size_t i = 1; i < JOB_TIMES; i++) {
        int64_t since = 0;
        if (ms[i] != TIME_NONE && (__builtin_sub_overflow(ms[i], ms[JOB_CREATED], &since) ||
                                   since <= INT32_MIN || since > INT32_MAX)) {
            return false;
        }
    }
    return true;
}

static size_t aligned(size_t at)
{
    return (at + 7) / 8 * 8;
}

/* The name with which an address is put: the repository's own address has none. */
static const char *name_for(const struct draft *d, size_t part)
{
    return part == (size_t)JOB_TEXTS + JOB_URL_REPOSITORY ? "" : d->name;
}

static void find_name(struct draft *d)
{
    const char *url = d->job.url[JOB_URL_REPOSITORY];
    char room[JOB_ROOM];

    d->name[0] = '\0';
    if (url != NULL) {
        struct slice k = kept(whole(url), true, room);
        job_code_name(k.s, k.len, d->name);
    }
}

static size_t texts_size(struct draft *d)
{
    size_t size = 0;

    find_name(d);
    for (size_t i = 0; i < JOB_PARTS; i++) {
        const char *s = i < JOB_TEXTS ? d->job.text[i] : d->job.url[i - JOB_TEXTS];
        d->words[i] = s == NULL || i >= MAY_BE_WORD ? 0 : job_word_of(s);
        d->sizes[i] = s == NULL || d->words[i] != 0 ? 0
                      : i < JOB_TEXTS               ? strtail_size(s, strlen(s), TEXT_MAX)
                                                    : coded_size(d, whole(s), true, name_for(d, i));
        size += d->sizes[i];
        d->wide = d->wide || d->sizes[i] > SIZE_MAX_NEAR;
    }
    return size;
}

static size_t lists_size(struct draft *d)
{
    size_t size = 0;

    for (size_t i = 0; i < d->job.features_len; i++) {
        size += coded_size(d, d->features[i], false, "");
    }
    for (size_t i = 0; i < d->job.errors_len; i++) {
        const struct job_error *err = &d->errors[i];
        size += strtail_size(err->message, strlen(err->message), MESSAGE_MAX);
        size += err->step == NULL ? 0 : strtail_size(err->step, strlen(err->step), TEXT_MAX);
    }
    for (size_t i = 0; i < d->steps_len; i++) {
        const char *s = d->steps[i].step;
        size += job_word_of(s) != 0 ? 0 : strtail_size(s, strlen(s), TEXT_MAX);
    }
    return size;
}

/* The steps with the one that ends them. */
static size_t steps_bytes(size_t len)
{
    return len == 0 ? 0 : (len + 1) * sizeof(struct job_step);
}

static size_t steps_at(const struct job *j)
{
    return j->lists_at + (j->wide ? sizeof(struct wide) : 0) +
           j->errors_len * sizeof(struct job_error);
}

static size_t texts_at(const struct job *j)
{
    return steps_at(j) + steps_bytes(j->steps_len);
}

static const struct wide *wide_of(const struct job *j)
{
    return (const struct wide *)(const void *)((const char *)j + j->lists_at);
}

/* Where the text or address `i` lies; JOB_PARTS: where the features begin. Below WORDS: it is that
 * word. */
static size_t place_of(const struct job *j, size_t i)
{
    if (j->wide) {
        return wide_of(j)->at[i];
    }
    if (i < JOB_PARTS && j->part[i] < WORDS) {
        return j->part[i];
    }
    size_t at = texts_at(j);
    for (size_t k = 0; k < i; k++) {
        at += j->part[k] < WORDS ? 0 : j->part[k] - (size_t)(WORDS - 1);
    }
    return at;
}

static void place_times(const struct draft *d, struct job *j)
{
    if (d->wide) {
        memcpy((char *)j + j->lists_at + offsetof(struct wide, ms), d->job.ms, sizeof d->job.ms);
        return;
    }
    j->first_ms = d->job.ms[JOB_CREATED];
    for (size_t i = 1; i < JOB_TIMES; i++) {
        int64_t ms = d->job.ms[i];
        j->since_ms[i - 1] = ms == TIME_NONE ? INT32_MIN : (int32_t)(ms - j->first_ms);
    }
}

/* Texts, addresses, features. Returns the place behind the last of them. */
static char *place_texts(const struct draft *d, struct job *j)
{
    char *at = (char *)j + texts_at(j);
    uint16_t places[JOB_PARTS + 1];

    for (size_t i = 0; i < JOB_PARTS; i++) {
        bool here = d->sizes[i] != 0;
        places[i] = here ? (uint16_t)(at - (char *)j) : d->words[i];
        j->part[i] = d->wide ? 0 : here ? (uint8_t)(d->sizes[i] + WORDS - 1) : d->words[i];
        if (here && i < JOB_TEXTS) {
            const char *s = d->job.text[i];
            (void)strtail_place(&at, s, strlen(s), TEXT_MAX);
        } else if (here && d->coded) {
            at += d->sizes[i];
        } else if (here) {
            coded_place(&at, whole(d->job.url[i - JOB_TEXTS]), true, name_for(d, i));
        }
    }
    places[JOB_PARTS] = (uint16_t)(at - (char *)j);
    if (d->wide) {
        memcpy((char *)j + j->lists_at + offsetof(struct wide, at), places, sizeof places);
    }
    for (size_t i = 0; i < j->features_len && !d->coded; i++) {
        coded_place(&at, d->features[i], false, "");
    }
    if (d->coded) {
        size_t urls = 0;
        for (size_t i = JOB_TEXTS; i < JOB_PARTS; i++) {
            urls += d->sizes[i];
        }
        memcpy(at - urls, d->code, d->code_len);
        at += d->code_len - urls;
    }
    return at;
}

/* Returns the place behind the last text. */
static char *place_errors(const struct draft *d, struct job *j, char *at)
{
    struct job_error *errors = (struct job_error *)(uintptr_t)job_errors(j);

    for (size_t i = 0; i < j->errors_len; i++) {
        const struct job_error *err = &d->errors[i];
        errors[i].at_ms = err->at_ms;
        errors[i].message = strtail_place(&at, err->message, strlen(err->message), MESSAGE_MAX);
        errors[i].step =
            err->step == NULL ? NULL : strtail_place(&at, err->step, strlen(err->step), TEXT_MAX);
    }
    return at;
}

static void place_steps(const struct draft *d, struct job *j, char *at)
{
    struct job_step *steps = (struct job_step *)(uintptr_t)job_steps(j);

    for (size_t i = 0; i < j->steps_len; i++) {
        const char *s = d->steps[i].step;
        uint8_t word = job_word_of(s);
        steps[i].at_ms = d->steps[i].at_ms;
        steps[i].step = word != 0 ? job_words[word] : strtail_place(&at, s, strlen(s), TEXT_MAX);
    }
    if (steps != NULL) {
        steps[j->steps_len] = (struct job_step){NULL, TIME_NONE};
    }
}

struct job *draft_finish(struct draft *d)
{
    d->id_len = strlen(d->job.id);
    d->wide = !times_near(d->job.ms);
    d->coded = true;
    d->code_len = 0;
    size_t texts = texts_size(d),
           lists = d->job.errors_len * sizeof *d->errors + steps_bytes(d->steps_len);
    size_t head = offsetof(struct job, id) + strtail_size(d->job.id, d->id_len, TEXT_MAX);
    head = d->wide || lists > 0 ? aligned(head) : head;
    size_t size = head + (d->wide ? sizeof(struct wide) : 0) + lists + texts + lists_size(d);
    struct job *j = xmalloc(size < sizeof *j ? sizeof *j : size);
    char *at = j->id;

    memset(j, 0, sizeof *j);
    j->bytes = (int32_t)size;
    j->lists_at = (uint16_t)head;
    j->wide = d->wide;
    j->estimated_duration_s = d->job.estimated_duration_s;
    j->features_len = (uint8_t)d->job.features_len;
    j->errors_len = (uint8_t)d->job.errors_len;
    j->steps_len = (uint8_t)d->steps_len;
    j->progress = (int8_t)d->job.progress;
    j->status = d->job.status;
    j->mark = d->job.mark;
    (void)strtail_place(&at, d->job.id, d->id_len, TEXT_MAX);
    place_times(d, j);
    at = place_texts(d, j);
    at = place_errors(d, j, at);
    place_steps(d, j, at);
    return j;
}

const char *job_text(const struct job *j, enum job_text_id id)
{
    size_t at = place_of(j, id);

    return at < WORDS ? job_words[at] : (const char *)j + at;
}

int64_t job_ms(const struct job *j, enum job_time_id id)
{
    if (j->wide) {
        return wide_of(j)->ms[id];
    }
    if (id == JOB_CREATED) {
        return j->first_ms;
    }
    int32_t since = j->since_ms[id - 1];
    return since == INT32_MIN ? TIME_NONE : j->first_ms + since;
}

const struct job_error *job_errors(const struct job *j)
{
    const char *at = (const char *)j + j->lists_at + (j->wide ? sizeof(struct wide) : 0);

    return (const struct job_error *)(const void *)at;
}

const struct job_step *job_steps(const struct job *j)
{
    const char *at = (const char *)j + steps_at(j);

    return j->steps_len == 0 ? NULL : (const struct job_step *)(const void *)at;
}

/* The short form of an address; NULL: absent. */
static const char *url_code(const struct job *j, enum job_url_id id)
{
    size_t at = place_of(j, (size_t)JOB_TEXTS + id);

    return at == 0 ? NULL : (const char *)j + at;
}

const char *job_url(const struct job *j, enum job_url_id id, char room[JOB_ROOM])
{
    const char *repository = url_code(j, JOB_URL_REPOSITORY);
    char name[JOB_CODE_NAME] = "";

    if (id != JOB_URL_REPOSITORY && repository != NULL) {
        const char *address = job_code_text(repository, "", room, JOB_ROOM);
        job_code_name(address, strlen(address), name);
    }
    return job_code_text(url_code(j, id), name, room, JOB_ROOM);
}

static const char *feature_code(const struct job *j, size_t i)
{
    const char *s = (const char *)j + place_of(j, JOB_PARTS);

    while (i-- > 0) {
        s += strlen(s) + 1;
    }
    return s;
}

const char *job_feature(const struct job *j, size_t i, char room[JOB_ROOM])
{
    return job_code_text(feature_code(j, i), "", room, JOB_ROOM);
}

static bool lists_same(const struct job *a, const struct job *b)
{
    const struct job_error *ea = job_errors(a), *eb = job_errors(b);
    const struct job_step *sa = job_steps(a), *sb = job_steps(b);
    const char *fa = feature_code(a, 0), *fb = feature_code(b, 0);

    for (size_t i = 0; i < a->errors_len; i++) {
        if (ea[i].at_ms != eb[i].at_ms || !text_same(ea[i].message, eb[i].message) ||
            !text_same(ea[i].step, eb[i].step)) {
            return false;
        }
    }
    for (size_t i = 0; i < a->steps_len; i++) {
        if (sa[i].at_ms != sb[i].at_ms || strcmp(sa[i].step, sb[i].step) != 0) {
            return false;
        }
    }
    for (size_t i = 0; i < a->features_len; i++) {
        if (strcmp(fa, fb) != 0) {
            return false;
        }
        fa += strlen(fa) + 1;
        fb += strlen(fb) + 1;
    }
    return true;
}

bool job_same(const struct job *a, const struct job *b)
{
    /* Two jobs that tell the same have all parts at the same places. */
    if (a->bytes != b->bytes || memcmp(a, b, offsetof(struct job, mark)) != 0 ||
        strcmp(a->id, b->id) != 0) {
        return false;
    }
    for (unsigned i = 0; a->wide && i < JOB_TIMES; i++) {
        if (job_ms(a, (enum job_time_id)i) != job_ms(b, (enum job_time_id)i)) {
            return false;
        }
    }
    for (unsigned i = 0; i < JOB_TEXTS; i++) {
        if (!text_same(job_text(a, (enum job_text_id)i), job_text(b, (enum job_text_id)i))) {
            return false;
        }
    }
    for (unsigned i = 0; i < JOB_URLS; i++) {
        if (!text_same(url_code(a, (enum job_url_id)i), url_code(b, (enum job_url_id)i))) {
            return false;
        }
    }
    return lists_same(a, b);
}

/* Where the names of the steps begin, behind everything else. */
static size_t step_names_at(const struct job *j)
{
    const char *from = (const char *)j, *end = from + j->bytes;
    const struct job_step *s = job_steps(j);
    size_t at = (size_t)j->bytes;

    for (size_t i = 0; i < j->steps_len; i++) { /* a word of the program lies elsewhere */
        if (s[i].step >= from && s[i].step < end && (size_t)(s[i].step - from) < at) {
            at = (size_t)(s[i].step - from);
        }
    }
    return at;
}

struct job *job_without_steps(struct job *j)
{
    if (j->steps_len == 0) {
        return j;
    }
    /* the same layout as that of a job that never had steps, for job_same */
    size_t head =
        j->wide || j->errors_len > 0 ? j->lists_at : offsetof(struct job, id) + strlen(j->id) + 1;
    size_t lists = steps_at(j) - j->lists_at, texts = step_names_at(j) - texts_at(j);
    size_t less = texts_at(j) - head - lists, size = head + lists + texts;
    struct job *to = xmalloc(size < sizeof *to ? sizeof *to : size);

    memcpy(to, j, head);
    memcpy((char *)to + head, (const char *)j + j->lists_at, lists);
    memcpy((char *)to + head + lists, (const char *)j + texts_at(j), texts);
    to->lists_at = (uint16_t)head;
    to->bytes = (int32_t)size;
    to->steps_len = 0;
    struct job_error *errors = (struct job_error *)(uintptr_t)job_errors(to);
    for (size_t i = 0; i < to->errors_len; i++) { /* their texts lie behind the steps */
        errors[i].message = (char *)to + (errors[i].message - (const char *)j) - less;
        errors[i].step =
            errors[i].step == NULL ? NULL : (char *)to + (errors[i].step - (const char *)j) - less;
    }
    struct wide *w = to->wide ? (struct wide *)(uintptr_t)wide_of(to) : NULL;
    for (size_t i = 0; w != NULL && i <= JOB_PARTS; i++) {
        w->at[i] = w->at[i] < WORDS ? w->at[i] : (uint16_t)(w->at[i] - less);
    }
    job_free(j);
    return to;
}

void job_free(struct job *j)
{
    free(j);
}
