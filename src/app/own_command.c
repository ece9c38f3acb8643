/* Commands of [commands]: reading them, and filling in a job. */
#include "own_command.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "core/suggest.h"
#include "core/text.h"
#include "core/words.h"
#include "jobs/job_json.h"
#include "own_line.h"
#include "palette.h"

enum { MEMBER_MAX = 64 };

void own_command_done(struct own_command *c)
{
    free(c->name);
    free(c->keys);
    free(c->program);
    words_free(c->words);
    free(c->mistake);
    *c = (struct own_command){0};
}

/* ---- placeholders ---- */

/* The length of the placeholder at `p`, with its braces; 0: there is none. `name` gets its name. */
static size_t placeholder(const char *p, char name[MEMBER_MAX])
{
    size_t n = 0;

    if (*p != '{' || isalpha((unsigned char)p[1]) == 0) {
        return 0;
    }
    while (isalnum((unsigned char)p[n + 1]) != 0 || p[n + 1] == '.') {
        n++;
    }
    if (p[n + 1] != '}' || n >= MEMBER_MAX) {
        return 0;
    }
    memcpy(name, p + 1, n);
    name[n] = '\0';
    return n + 2;
}

/* The member of a job by its name, such as "urls.staging". NULL: the job has no such member. */
static const cJSON *member(const cJSON *job, const char *name)
{
    char part[MEMBER_MAX];
    const cJSON *at = job;

    while (at != NULL) {
        size_t n = strcspn(name, ".");
        memcpy(part, name, n);
        part[n] = '\0';
        at = cJSON_GetObjectItemCaseSensitive(at, part);
        if (name[n] == '\0') {
            return at;
        }
        name += n + 1;
    }
    return NULL;
}

static bool is_value(const cJSON *x)
{
    return x != NULL && !cJSON_IsObject(x) && !cJSON_IsArray(x);
}

/* A job that has every member, all without a value. */
static cJSON *empty_job(void)
{
    static const char record[] = "{\"jobId\":{\"S\":\"job\"}}";
    cJSON *item = json_parse(record, sizeof record - 1, "record", NULL);
    struct job *j = job_from_item(item);
    struct job_state s;

    job_state_merge(j, NULL, false, 0, NULL, &s);
    cJSON *doc = job_json(j, NULL, &s, NULL, NULL);
    job_free(j);
    cJSON_Delete(item);
    return doc;
}

static enum err_code unknown_member(const cJSON *job, const char *name, struct err *e)
{
    struct suggest near = suggest_for(name);
    const cJSON *x;

    cJSON_ArrayForEach(x, job)
    {
        suggest_offer(&near, is_value(x) ? x->string : NULL);
    }
    const char *best = suggest_best(&near);
    return err_set(e, E_INVALID,
                   "a job has no member {%s}%s%s%s; {jobId}, {userId} and the like are members of "
                   "`mvpdash status JOB_ID --json`; {{ stands for {",
                   name, best == NULL ? "" : "; did you mean {", best == NULL ? "" : best,
                   best == NULL ? "" : "}?");
}

/* Do the placeholders of the words name members, and none of them the program? */
static enum err_code check_words(char *const *words, struct err *e)
{
    cJSON *job = empty_job();
    enum err_code rc = E_OK;
    char name[MEMBER_MAX];

    for (size_t i = 0; rc == E_OK && words[i] != NULL; i++) {
        for (const char *p = words[i]; rc == E_OK && *p != '\0';) {
            size_t n = placeholder(p, name);
            if (n > 0 && i == 0) {
                rc =
                    err_set(e, E_INVALID, "the program itself may not come from a job: {%s}", name);
            } else if (n > 0 && !is_value(member(job, name))) {
                rc = unknown_member(job, name, e);
            }
            p += n > 0 ? n : p[0] == '{' && p[1] == '{' ? 2 : 1;
        }
    }
    cJSON_Delete(job);
    return rc;
}

/* Adds the value of a member. `first`: the word begins with it. */
static enum err_code add_value(struct strbuf *out, const cJSON *job, const char *name, bool first,
                               struct err *e)
{
    const cJSON *x = member(job, name);
    char *text = NULL;

    if (!is_value(x) || cJSON_IsNull(x) || (cJSON_IsString(x) && x->valuestring[0] == '\0')) {
        return err_set(e, E_INVALID, "not run: it has no %s", name);
    }
    if (cJSON_IsString(x)) {
        text = text_cleaned(x->valuestring, TEXT_ONE_LINE);
    } else {
        text = json_text(x);
    }
    enum err_code rc = E_OK;
    if (first && text[0] == '-') {
        rc = err_set(e, E_INVALID,
                     "not run: its %s begins with -, which a program takes for an option", name);
    } else {
        strbuf_adds(out, text);
    }
    free(text);
    return rc;
}

static char *fill_word(const char *word, const cJSON *job, struct err *e)
{
    struct strbuf out = STRBUF_INIT;
    char name[MEMBER_MAX];

    for (const char *p = word; *p != '\0';) {
        size_t n = placeholder(p, name);
        if (n > 0 && add_value(&out, job, name, out.len == 0, e) != E_OK) {
            strbuf_clear(&out);
            return NULL;
        }
        if (n == 0) {
            strbuf_addc(&out, *p);
            n = p[0] == '{' && p[1] == '{' ? 2 : 1;
        }
        p += n;
    }
    return strbuf_take(&out);
}

char **own_command_words(const struct own_command *c, const cJSON *job, struct err *e)
{
    size_t len = 0;

    while (c->words[len] != NULL) {
        len++;
    }
    char **out = xcalloc(len + 1, sizeof *out);
    for (size_t i = 0; i < len; i++) {
        out[i] = fill_word(c->words[i], job, e);
        if (out[i] == NULL) {
            words_free(out);
            return NULL;
        }
    }
    return out;
}

/* ---- reading ---- */

static char *trimmed(const char *from, size_t len)
{
    len = text_trim(&from, len);
    return xstrndup(from, len);
}

/* Takes a flag that stands before a comma at `*at`, and moves past it. */
static bool take_flag(struct own_command *c, const char **at)
{
    const struct {
        const char *word;
        bool *flag;
    } flags[] = {
        {"confirm",  &c->confirm },
        {"safe",     &c->safe    },
        {"terminal", &c->terminal},
    };
    size_t len = strcspn(*at, ",");
    char *word = trimmed(*at, len);
    bool found = false;

    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        if (strcmp(word, flags[i].word) == 0) {
            *flags[i].flag = true;
            found = true;
        }
    }
    if (found) {
        *at += len + ((*at)[len] == ',');
    }
    free(word);
    return found;
}

enum err_code own_command_parse(const char *text, struct own_command *out, struct err *e)
{
    const char *comma = strchr(text, ',');

    if (!text_utf8_valid(text, strlen(text))) {
        return err_set(e, E_INVALID, "it is not UTF-8 text");
    }
    if (comma == NULL) {
        return err_set(e, E_INVALID,
                       "expected KEY, PROGRAM ARGUMENT..., with `confirm`, `safe` or `terminal` "
                       "between them if needed; the key may be empty");
    }
    out->keys = trimmed(text, (size_t)(comma - text));
    const char *at = comma + 1;
    while (take_flag(out, &at)) {
    }
    out->program = trimmed(at, strlen(at));
    if (out->program[0] == '\0') {
        return err_set(e, E_INVALID, "it names no program");
    }
    out->words = words_split(out->program);
    if (out->words == NULL || out->words[0][0] == '\0') {
        return err_set(e, E_INVALID, "expected a program and its arguments, every quote closed");
    }
    size_t len = strlen(out->words[0]);
    if (out->words[0][len - 1] == ',') {
        return err_set(e, E_INVALID,
                       "\"%.*s\" is no word for how it runs; there are confirm, safe "
                       "and terminal",
                       text_cut(out->words[0], (int)(len < 40 ? len - 1 : 40)), out->words[0]);
    }
    return check_words(out->words, e);
}

void own_commands_read(struct own_commands *all, const struct setting_line *lines, size_t len,
                       const char *file)
{
    for (size_t i = 0; i < len; i++) {
        const struct setting_line *l = &lines[i];
        struct err e = {0};
        all->items = xgrow(all->items, all->len, &all->cap, sizeof *all->items);
        struct own_command *c = &all->items[all->len++];
        *c = (struct own_command){.name = xstrdup(l->name), .line = l->line};
        if (l->mistake != NULL) {
            (void)err_set(&e, E_CONFIG, "%s", l->mistake);
        } else if (palette_parse(l->name).id != CMD_UNKNOWN) {
            (void)err_set(&e, E_CONFIG, "`:%s` is a command of mvpdash; give it another name",
                          l->name);
        } else if (own_command_parse(l->value, c, &e) == E_OK) {
            continue;
        }
        c->mistake = own_line_mistake(l, file, "commands", e.msg);
    }
}

const struct own_command *own_commands_find(const struct own_commands *all, const char *name)
{
    for (size_t i = 0; i < all->len; i++) {
        if (all->items[i].mistake == NULL && strcmp(all->items[i].name, name) == 0) {
            return &all->items[i];
        }
    }
    return NULL;
}

void own_commands_done(struct own_commands *all)
{
    for (size_t i = 0; i < all->len; i++) {
        own_command_done(&all->items[i]);
    }
    free(all->items);
    *all = (struct own_commands){0};
}

struct key_own *own_commands_keys(const struct own_commands *all, size_t *len)
{
    struct key_own *rows = xcalloc(all->len + 1, sizeof *rows);

    *len = 0;
    for (size_t i = 0; i < all->len; i++) {
        const struct own_command *c = &all->items[i];
        if (c->mistake != NULL) {
            continue;
        }
        char *shown = text_cleaned(c->program, TEXT_ONE_LINE);
        rows[(*len)++] = (struct key_own){.name = c->name,
                                          .keys = c->keys,
                                          .help = xasprintf(":%s runs %s%s%s", c->name, shown,
                                                            c->confirm ? " (asks)" : "",
                                                            c->safe ? " (in read-only too)" : ""),
                                          .line = c->line,
                                          .changes = !c->safe};
        free(shown);
    }
    return rows;
}

void own_commands_keys_free(struct key_own *rows, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        free((char *)rows[i].help);
    }
    free(rows);
}
