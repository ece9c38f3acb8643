/* facts.c - what a record tells besides the members of struct job. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attr_rows.h"
#include "aws/attr.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/secret.h"
#include "core/strbuf.h"
#include "jobs/deploy.h"

enum {
    LABEL_MAX = 64,
    LINE_MAX_BYTES = 4 * FACT_MAX /* bytes of a log line that are searched for secrets */
};

/* Takes `text` and returns it, cut between two characters when it is too long. */
static char *cut(char *text, size_t max)
{
    size_t len = max;

    if (strlen(text) <= max) {
        return text;
    }
    while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80) {
        len--;
    }
    char *shorter = xasprintf("%.*s...", (int)len, text);
    free(text);
    return shorter;
}

/* Takes `text`. */
static void add(struct facts *f, const char *label, char *text)
{
    f->items = xgrow(f->items, f->len, &f->cap, sizeof *f->items);
    f->items[f->len++] = (struct fact){cut(xstrdup(label), LABEL_MAX), cut(text, FACT_MAX)};
}

/* The value as text, with secrets masked by the value's name as well; owned, NULL when the text is
 * empty. */
static char *shown(const char *name, const cJSON *av)
{
    enum attr_type t = attr_type_of(av);
    cJSON *holder;
    char *text = NULL;

    if (t == ATTR_NONE || t == ATTR_NULL) {
        return NULL;
    }
    if (t == ATTR_B) {
        const cJSON *v = attr_value(av);
        return xasprintf("%zu characters of base64",
                         cJSON_IsString(v) ? strlen(v->valuestring) : (size_t)0);
    }
    holder = json_new_object();
    json_set(holder, name, attr_to_plain(av));
    secret_mask_json(holder);
    const cJSON *plain = holder->child;
    if (cJSON_IsString(plain)) {
        text = plain->valuestring[0] == '\0' ? NULL : xstrdup(plain->valuestring);
    } else if (plain != NULL) {
        text = json_text(plain);
    }
    cJSON_Delete(holder);
    return text;
}

/* ---- repository and deployment ---- */

static void add_text(struct facts *f, const char *label, const cJSON *map, const char *member)
{
    const char *s = attr_str(map, member);

    if (s != NULL && *s != '\0') {
        add(f, label, secret_masked(s));
    }
}

static void add_repository(struct facts *f, const cJSON *item)
{
    const cJSON *resources = attr_map(item, "resources");
    const cJSON *repo = attr_map(resources, "githubRepo");

    repo = repo != NULL ? repo : attr_map(item, "githubRepo");
    if (repo == NULL) {
        add_text(f, "repo name", item, "repoName");
        return;
    }
    add_text(f, "repo name", repo, "name");
    add_text(f, "branch", repo, "branch");
}

static void add_vercel(struct facts *f, const cJSON *item)
{
    static const struct {
        const char *member, *words;
    } parts[] = {
        {"projectId",    "project "   },
        {"deploymentId", "deployment "},
        {"url",          ""           }
    };
    const cJSON *vercel = attr_map(attr_map(item, "resources"), "vercel");
    struct strbuf b = STRBUF_INIT;

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const char *s = attr_str(vercel, parts[i].member);
        if (s != NULL && *s != '\0') {
            strbuf_addf(&b, "%s%s", b.len == 0 ? "" : ", ", parts[i].words);
            secret_mask_text(&b, s);
        }
    }
    if (b.len > 0) {
        add(f, "vercel", strbuf_take(&b));
    }
    strbuf_clear(&b);
}

/* ---- executionLogs ---- */

/* "time  level  stage  message", as far as the map has them, when the map has a message; for any
 * other map its JSON. Owned. */
static char *log_line(const cJSON *av)
{
    static const char *const messages[] = {"message", "msg", "text", "line"};
    static const char *const heads[] = {"timestamp", "time", "at", "level", "stage", "step"};
    const cJSON *map = attr_type_of(av) == ATTR_M ? attr_value(av) : NULL;
    const char *message = NULL;
    struct strbuf b = STRBUF_INIT;

    for (size_t i = 0; i < sizeof messages / sizeof *messages && message == NULL; i++) {
        message = attr_str(map, messages[i]);
    }
    if (message == NULL) {
        return shown("executionLogs", av);
    }
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        const char *s = attr_str(map, heads[i]);
        s = s != NULL ? s : attr_num(map, heads[i]);
        if (s != NULL) {
            strbuf_addf(&b, "%s  ", s);
        }
    }
    strbuf_adds(&b, message);
    char *line = secret_masked(strbuf_str(&b));
    strbuf_clear(&b);
    return line;
}

/* The last log lines of many: each is a line of text, or an entry that is a map. */
struct log_end {
    struct {
        const char *s;
        size_t len;
        const cJSON *entry;
    } lines[FACTS_LOGS_MAX];
    size_t seen;
};

static void keep_lines(struct log_end *l, const char *text)
{
    while (text != NULL && *text != '\0') {
        size_t n = strcspn(text, "\r\n");
        if (n > 0) {
            size_t at = l->seen++ % FACTS_LOGS_MAX;
            l->lines[at].s = text;
            l->lines[at].len = n;
            l->lines[at].entry = NULL;
        }
        text += n;
        text += strspn(text, "\r\n");
    }
}

static void keep_entry(struct log_end *l, const cJSON *av)
{
    if (cJSON_IsString(av)) {
        keep_lines(l, av->valuestring); /* the texts of a string set */
    } else if (attr_type_of(av) == ATTR_S) {
        keep_lines(l, cJSON_GetStringValue(attr_value(av)));
    } else if (attr_type_of(av) != ATTR_NONE && attr_type_of(av) != ATTR_NULL) {
        l->lines[l->seen++ % FACTS_LOGS_MAX].entry = av;
    }
}

static void add_logs(struct facts *f, const cJSON *item)
{
    static const char name[] = "executionLogs";
    const cJSON *av = attr_find(item, name);
    enum attr_type t = attr_type_of(av);
    struct log_end end = {.seen = 0};
    const cJSON *one;

    if (t == ATTR_L || t == ATTR_SS) {
        cJSON_ArrayForEach(one, attr_value(av))
        {
            keep_entry(&end, one);
        }
    } else if (t != ATTR_NONE) {
        keep_entry(&end, av);
    }
    size_t n = end.seen < FACTS_LOGS_MAX ? end.seen : FACTS_LOGS_MAX;
    if (end.seen > n) {
        add(f, name, xasprintf("(%zu earlier lines are in the record)", end.seen - n));
    }
    for (size_t i = end.seen - n; i < end.seen; i++) {
        size_t at = i % FACTS_LOGS_MAX;
        char *line = NULL;
        if (end.lines[at].entry != NULL) {
            line = log_line(end.lines[at].entry);
        } else {
            size_t len = end.lines[at].len;
            char *raw = xasprintf("%.*s", (int)(len > LINE_MAX_BYTES ? LINE_MAX_BYTES : len),
                                  end.lines[at].s);
            line = secret_masked(raw);
            free(raw);
        }
        if (line != NULL) {
            add(f, name, line);
        }
    }
}

/* ---- unknown attributes ---- */

static void add_other(struct facts *f, const char *name, const cJSON *av)
{
    char *text = shown(name, av);

    if (text == NULL) {
        return;
    }
    if (f->len - f->other >= FACTS_OTHER_MAX) {
        f->more++;
        free(text);
        return;
    }
    add(f, name, text);
}

/* The maps that hold known members; metadata also holds fields of a deploy. */
static const struct known_map {
    const char *map;
    const char *members[8];
} maps[] = {
    {"timestamps", {"createdAt", "startedAt", "completedAt", "estimatedCompletion", "updatedAt"}},
    {"urls",       {"codeRepository", "staging", "production"}                                  },
    {"resources",  {"batchJobId", "githubRepo", "vercel"}                                       },
    {"metadata",   {"requestedFeatures", "priority"}                                            },
    {"githubRepo", {"url", "name", "branch"}                                                    },
    {"vercel",     {"projectId", "deploymentId", "url"}                                         },
};

static const struct known_map *map_find_known(const char *name)
{
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
        if (strcmp(maps[i].map, name) == 0) {
            return &maps[i];
        }
    }
    return NULL;
}

static bool is_member(const struct known_map *m, const char *name)
{
    const struct deploy_field *f = deploy_field_named(name);

    if (f != NULL && f->place == DEPLOY_METADATA && strcmp(m->map, "metadata") == 0) {
        return f->told;
    }
    for (size_t i = 0; i < sizeof m->members / sizeof *m->members && m->members[i] != NULL; i++) {
        if (strcmp(m->members[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* Adds the members of a map that nobody knows, and looks into a known member when it is a map in
 * turn. When the value should be a map and is none, it is told as it is. */
static void add_members(struct facts *f, const struct known_map *m, const char *path,
                        const cJSON *av)
{
    const cJSON *member;

    if (attr_type_of(av) != ATTR_M) {
        add_other(f, path, av);
        return;
    }
    cJSON_ArrayForEach(member, attr_value(av))
    {
        const struct known_map *inner = map_find_known(member->string);
        char *name = xasprintf("%s.%s", path, member->string);
        if (!is_member(m, member->string)) {
            add_other(f, name, member);
        } else if (inner != NULL && attr_type_of(member) == ATTR_M) {
            add_members(f, inner, name, member);
        }
        free(name);
    }
}

void facts_read(struct facts *f, const cJSON *item)
{
    const cJSON *av;

    *f = (struct facts){0};
    if (!cJSON_IsObject(item)) {
        return;
    }
    add_repository(f, item);
    add_vercel(f, item);
    add_logs(f, item);
    f->other = f->len;
    cJSON_ArrayForEach(av, item)
    {
        const struct known_map *m = map_find_known(av->string);
        bool address = attr_type_of(av) == ATTR_S && strcmp(av->string, "githubRepo") == 0;
        if (!attr_told(av->string)) {
            add_other(f, av->string, av);
        } else if (m != NULL && !address) {
            add_members(f, m, av->string, av);
        }
    }
}

void facts_clear(struct facts *f)
{
    for (size_t i = 0; i < f->len; i++) {
        free(f->items[i].label);
        free(f->items[i].text);
    }
    free(f->items);
    *f = (struct facts){0};
}
