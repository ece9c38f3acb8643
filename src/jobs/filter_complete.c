/* Completing the filter line: names of fields, words of states, values that the jobs have. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "filter_field.h"
#include "jobs/filter.h"

enum { VALUE_MAX = 120, CHOICES = 6 };

/* What all words that begin as the typed one have in common. */
struct common {
    const char *typed;
    size_t typed_len;
    enum field_kind kind; /* whose values are looked for */
    char text[VALUE_MAX + 2];
    size_t len;
    bool several;
    char choices[CHOICES][VALUE_MAX + 2]; /* the first of them */
    size_t choices_len;
    bool more;
};

static void choose(struct common *c, const char *word)
{
    for (size_t i = 0; i < c->choices_len; i++) {
        if (strcmp(c->choices[i], word) == 0) {
            return;
        }
    }
    if (c->choices_len == CHOICES) {
        c->more = true;
        return;
    }
    memcpy(c->choices[c->choices_len++], word, strlen(word) + 1);
}

static void common_add(struct common *c, const char *word, const char *end)
{
    char whole[sizeof c->text];
    size_t n = strlen(word) + strlen(end);

    if (n >= sizeof whole || strncasecmp(word, c->typed, c->typed_len) != 0) {
        return;
    }
    memcpy(stpcpy(whole, word), end, strlen(end) + 1);
    if (c->choices_len == 0) {
        memcpy(c->text, whole, n + 1);
        c->len = n;
    }
    size_t same = 0;
    while (same < c->len && c->text[same] == whole[same]) {
        same++;
    }
    c->several = c->several || same < c->len || same < n;
    while (same > 0 && ((unsigned char)c->text[same] & 0xc0) == 0x80) {
        same--; /* no character is cut */
    }
    c->len = same;
    choose(c, whole);
}

/* Can the value be typed into a filter, and be found by it? */
static bool typeable(const char *value)
{
    for (const unsigned char *p = (const unsigned char *)value; *p != '\0'; p++) {
        if (*p < ' ' || *p == 0x7f || *p == '"' || *p == ',') {
            return false;
        }
    }
    return value[0] != '\0';
}

static void add_value(struct common *c, const char *value)
{
    if (value != NULL && typeable(value)) {
        common_add(c, value, "");
    }
}

static void take_job(void *to, const struct job *j)
{
    struct common *c = to;
    char room[JOB_ROOM];

    if (c->kind == FIELD_FEATURE) {
        for (size_t i = 0; i < j->features_len; i++) {
            add_value(c, job_feature(j, i, room));
        }
    } else {
        add_value(c, filter_field_text(c->kind, j));
    }
}

static void common_values(struct common *c, filter_jobs *jobs, const void *arg)
{
    const char *word = NULL;

    if (c->kind == FIELD_IS) {
        for (size_t i = 0; (word = field_is_word(i)) != NULL; i++) {
            common_add(c, word, "");
        }
    } else if (c->kind == FIELD_STATUS) {
        for (int i = JOB_PENDING; i < JOB_STATUS_COUNT; i++) {
            common_add(c, job_status_word((enum job_status)i), "");
        }
        common_add(c, job_status_people(JOB_IN_PROGRESS), "");
        common_add(c, "stuck", "");
    } else if (jobs != NULL) {
        jobs(arg, take_job, c);
    }
}

/* Where the last term begins: after a blank that stands in no quotes. */
static size_t last_term(const char *text)
{
    size_t at = 0;
    bool quoted = false;

    for (size_t i = 0; text[i] != '\0'; i++) {
        quoted = quoted != (text[i] == '"');
        at = !quoted && filter_is_blank(text[i]) ? i + 1 : at;
    }
    return at + (text[at] == '!');
}

static void tell_choices(const struct common *c, struct strbuf *choices)
{
    for (size_t i = 0; choices != NULL && c->several && i < c->choices_len; i++) {
        strbuf_addf(choices, "%s%s", i == 0 ? "" : "  ", c->choices[i]);
    }
    if (choices != NULL && c->several && c->more) {
        strbuf_adds(choices, "  ...");
    }
}

char *filter_complete(const char *text, filter_jobs *jobs, const void *arg, struct strbuf *choices)
{
    struct strbuf all = STRBUF_INIT;
    struct common *c = xcalloc(1, sizeof *c);
    size_t at = last_term(text);
    size_t name = strcspn(text + at, ":<>=");
    const char *value = text + at; /* where what is completed begins, with its quote */
    bool quoted = false;
    char *done = NULL;

    c->typed = value;
    if (text[at] == '\0' || text[at] == '/' || memchr(text + at, '"', name) != NULL) {
        goto end;
    }
    if (text[at + name] == '\0') {
        char joint = ':';
        const char *word = NULL;
        c->typed_len = name;
        for (size_t i = 0; (word = field_name(i, &joint)) != NULL; i++) {
            common_add(c, word, (const char[]){joint, '\0'});
        }
    } else {
        const char *last = strrchr(text + at, ',');
        value = last != NULL ? last + 1 : text + at + name + 1;
        quoted = *value == '"';
        c->typed = value + quoted;
        c->typed_len = strlen(c->typed);
        c->kind = field_named(text + at, name);
        if (strchr(c->typed, '"') == NULL) {
            common_values(c, jobs, arg);
        }
    }
    tell_choices(c, choices);
    bool quote = quoted || memchr(c->text, ' ', c->len) != NULL;
    bool closes = quote && !c->several;
    if (c->choices_len > 0 && (c->len > c->typed_len || closes)) {
        strbuf_add(&all, text, (size_t)(value - text));
        strbuf_addf(&all, "%s%.*s%s", quote ? "\"" : "", (int)c->len, c->text, closes ? "\"" : "");
        done = strbuf_take(&all);
    }
end:
    free(c);
    strbuf_clear(&all);
    return done;
}
