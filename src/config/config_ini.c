/* Reading config.ini: the plain sections here, those of the contexts in contexts.c, [views] and
 * [commands] in named_lines.c. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/secret.h"
#include "core/suggest.h"
#include "core/text.h"
#include "inifile.h"
#include "src/config/settings_priv.h"

const struct setting_row *setting_row_by_ini(const char *section, const char *name)
{
    for (size_t i = 0; i < SET_COUNT; i++) {
        const struct setting_row *r = &setting_rows[i];
        if ((section == NULL || strcmp(r->section, section) == 0) && strcmp(r->ini, name) == 0) {
            return r;
        }
    }
    return NULL;
}

static void warn_unknown(struct settings *s, int line, const char *section, const char *name)
{
    struct suggest near = suggest_for(name);
    const char *home = NULL; /* the section in which this very key would be right */

    for (size_t i = 0; i < SET_COUNT; i++) {
        if (strcmp(setting_rows[i].ini, name) == 0) {
            home = setting_rows[i].section;
        }
        suggest_offer(&near, setting_rows[i].ini);
    }
    char *what = text_cleaned(name, TEXT_ONE_LINE);
    uint64_t meant = fault_of_word(name);
    if (home != NULL) {
        settings_fault(s,
                       xasprintf("%s:%d: \"%s\" belongs in [%s%s]", s->ini_path, line, what, home,
                                 strcmp(home, "context") == 0 ? " NAME" : ""),
                       ORIGIN_CONFIG, meant);
    } else if (suggest_best(&near) != NULL) {
        settings_fault(s,
                       xasprintf("%s:%d: unknown key \"%s\"; did you mean \"%s\"?", s->ini_path,
                                 line, what, suggest_best(&near)),
                       ORIGIN_CONFIG, meant);
    } else {
        char *where = text_cleaned(section, TEXT_ONE_LINE);
        settings_warn(
            s, xasprintf("%s:%d: unknown key \"%s\" in [%s]", s->ini_path, line, what, where));
        free(where);
    }
    free(what);
}

static bool is_context(const char *section)
{
    static const char word[] = "context";

    return strncmp(section, word, sizeof word - 1) == 0 &&
           (section[sizeof word - 1] == '\0' ||
            isspace((unsigned char)section[sizeof word - 1]) != 0);
}

static bool is_plain(const char *section)
{
    bool found = section[0] == '\0' || strcmp(section, "keys") == 0 ||
                 strcmp(section, "views") == 0 || strcmp(section, "commands") == 0;

    for (size_t i = 0; !found && i < SET_COUNT; i++) {
        found = strcmp(setting_rows[i].section, section) == 0;
    }
    return found;
}

/* Its lines count for nothing, whatever they were meant for: on_ini_pair adds that. */
static void warn_section(struct settings *s, int line, const char *section)
{
    struct suggest near = suggest_for(section);
    char *what = text_cleaned(section, TEXT_ONE_LINE);

    for (size_t i = 0; i < SET_COUNT; i++) {
        suggest_offer(&near, setting_rows[i].section);
    }
    suggest_offer(&near, "keys");
    suggest_offer(&near, "views");
    suggest_offer(&near, "commands");
    const char *best = suggest_best(&near);
    settings_fault(s,
                   xasprintf("%s:%d: there is no section [%s], so its lines are ignored; %s[%s]%s",
                             s->ini_path, line, what,
                             best == NULL ? "a context begins with " : "did you mean ",
                             best == NULL ? "context NAME" : best, best == NULL ? "" : "?"),
                   ORIGIN_CONFIG, 0);
    free(what);
}

static void on_ini_section(void *arg, int line, const char *section)
{
    if (strcmp(section, INI_SECTION_LOST) == 0) {
        struct settings *s = arg;
        settings_fault(s,
                       xasprintf("%s:%d: the lines after this one are ignored, because it may be "
                                 "the heading of a section",
                                 s->ini_path, line),
                       ORIGIN_CONFIG, 0);
    } else if (is_context(section)) {
        contexts_begin(arg, line, section + strlen("context"));
    } else if (!is_plain(section)) {
        warn_section(arg, line, section);
    }
}

/* May lines of the section say where something is written? */
static bool may_direct(const char *section)
{
    return strcmp(section, "keys") != 0 && strcmp(section, "alerts") != 0 &&
           strcmp(section, "cost") != 0;
}

/* A line of a plain section cannot be read. One that cannot even be guessed may have been meant for
 * each setting of its section that says where something is written, or that nothing is. */
static void spoil_line(struct settings *s, int line, const char *section, const char *word,
                       const char *what)
{
    uint64_t meant = may_direct(section) ? fault_of_word(word) : 0;

    for (int id = 0; word[0] == '\0' && id < SET_COUNT; id++) {
        bool could = section[0] == '\0' || strcmp(setting_rows[id].section, section) == 0;
        meant |= could ? fault_of((enum setting_id)id) : 0;
    }
    settings_fault(s, xasprintf("%s:%d: %s", s->ini_path, line, what), ORIGIN_CONFIG, meant);
}

static void on_ini_mistake(void *arg, int line, const char *section, const char *word,
                           const char *what)
{
    struct named_lines *named = named_lines_of(arg, section);

    if (named != NULL) {
        named_lines_mistake(named, line, what);
    } else if (is_context(section)) {
        contexts_mistake(arg, line, xstrdup(what));
    } else {
        spoil_line(arg, line, section, word, what);
    }
}

/* Is it a line of [ui] or [names] that stands in a section where each name may be a person's own?
 * There it would say nothing. */
static bool misplaced(struct settings *s, int line, const char *section, const char *name)
{
    static const enum setting_id ids[] = {SET_READ_ONLY, SET_TABLE, SET_BUS, SET_ACCOUNT};

    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        const struct setting_row *r = &setting_rows[ids[i]];
        if (strcmp(r->ini, name) == 0) {
            settings_fault(s,
                           xasprintf("%s:%d: \"%s\" belongs in [%s], not in [%s]", s->ini_path,
                                     line, name, r->section, section),
                           ORIGIN_CONFIG, fault_of(ids[i]));
            return true;
        }
    }
    return false;
}

static void on_ini_pair(void *arg, int line, const char *section, const char *name,
                        const char *value)
{
    struct settings *s = arg;

    if (is_context(section)) {
        contexts_take(s, line, name, value);
        return;
    }
    bool own = strcmp(section, "keys") == 0 || named_lines_of(s, section) != NULL;
    if (own && misplaced(s, line, section, name)) {
        return;
    }
    if (strcmp(section, "keys") == 0) {
        s->keys = xgrow(s->keys, s->keys_len, &s->keys_cap, sizeof *s->keys);
        s->keys[s->keys_len++] = (struct setting_key){xstrdup(name), xstrdup(value), line};
        return;
    }
    if (named_lines_of(s, section) != NULL) {
        named_lines_take(named_lines_of(s, section), line, name, value);
        return;
    }
    const struct setting_row *r = setting_row_by_ini(section, name);
    if (r == NULL) {
        if (is_plain(section)) {
            warn_unknown(s, line, section, name);
        } else { /* the section was told of */
            settings_fault_widen(s, fault_of_word(name));
        }
        return;
    }
    struct ini_value *v = &s->ini[r->id];
    if (v->text != NULL) {
        settings_warn(
            s, xasprintf("%s:%d: \"%s\" is given again (first in line %d); this line is used",
                         s->ini_path, line, r->ini, v->line));
        secret_free(v->text);
    }
    *v = (struct ini_value){xstrdup(value), line};
}

enum err_code settings_parse_ini(struct settings *s, struct err *e)
{
    static const struct ini_reader_hooks hooks = {on_ini_pair, on_ini_section, on_ini_mistake};
    enum err_code rc =
        ini_file_parse(s->input.ini_text, s->input.ini_len, s->ini_path, &hooks, s, e);

    contexts_check(s);
    return rc == E_OK ? E_OK : err_hint_set(e, "correct the file, or move it away");
}
