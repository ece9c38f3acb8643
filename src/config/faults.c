/* What is wrong in the files, and what it keeps from being done.
 *
 * DESIGN: a bad line spoils itself alone: it counts as if it were not there, and a warning names
 * it. For most settings that is harmless. But where the line was to say where something is written,
 * or that nothing is, the next source would answer in its place, and a deploy would go to another
 * table, queue or account than the file names. So a fault keeps the set of settings that its line
 * may have been meant for. When one of them is in force from a source below that line, nothing is
 * written until the line is right or a source above it says the same; reading goes on. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/suggest.h"
#include "src/config/settings_priv.h"

enum { FAULTS_MAX = 50 };
_Static_assert(SET_COUNT <= 64, "a set of settings is one uint64_t");

/* Does the setting say where something is written, by whom, or whether at all? */
static bool directs(enum setting_id id)
{
    switch (id) {
    case SET_CONTEXT:
    case SET_ACCOUNT:
    case SET_REGION:
    case SET_PROFILE:
    case SET_ENDPOINT_URL:
    case SET_BUS:
    case SET_SOURCE:
    case SET_DETAIL_TYPE:
    case SET_RULE:
    case SET_DLQ:
    case SET_TABLE:
    case SET_STATE_TABLE:
    case SET_QUEUE:
    case SET_JOB_DEFINITION:
    case SET_DATABASE_URL:
    case SET_API_TOKEN:
    case SET_STATE:
    case SET_READ_ONLY:
        return true;
    default:
        return false;
    }
}

uint64_t fault_of(enum setting_id id)
{
    return directs(id) ? (uint64_t)1 << id : 0;
}

uint64_t fault_of_word(const char *word)
{
    struct suggest near = suggest_for(word);

    for (int id = 0; word[0] != '\0' && id < SET_COUNT; id++) {
        suggest_offer(&near, setting_rows[id].ini);
    }
    const struct setting_row *r =
        suggest_best(&near) == NULL ? NULL : setting_row_by_ini(NULL, suggest_best(&near));
    return r == NULL ? 0 : fault_of(r->id);
}

uint64_t fault_of_variable(const char *key)
{
    struct suggest near = suggest_for(key);

    for (int id = 0; key[0] != '\0' && id < SET_COUNT; id++) {
        suggest_offer(&near, setting_rows[id].env);
        suggest_offer(&near, setting_rows[id].env2);
    }
    for (int id = 0; suggest_best(&near) != NULL && id < SET_COUNT; id++) {
        const struct setting_row *r = &setting_rows[id];
        if (suggest_best(&near) == r->env || suggest_best(&near) == r->env2) {
            return fault_of(r->id);
        }
    }
    /* the others of AWS's variables say whose keys are used, or where requests go */
    return strncmp(key, "AWS_ENDPOINT", 12) == 0 ? fault_of(SET_ENDPOINT_URL)
           : strncmp(key, "AWS_", 4) == 0        ? fault_of(SET_PROFILE)
                                                 : 0;
}

/* One more fault of a file that is something else altogether: it counts, and is not told. */
static void add_untold(struct settings *s, int origin, uint64_t meant)
{
    struct setting_fault *last = &s->faults[s->faults_len - 1];

    last->meant |= meant;
    last->origin = origin > last->origin ? origin : last->origin;
}

void settings_fault(struct settings *s, char *text, int origin, uint64_t meant)
{
    if (s->faults_len == FAULTS_MAX) {
        add_untold(s, origin, meant);
        free(text);
        return;
    }
    if (s->faults_len == FAULTS_MAX - 1) {
        char *more = xasprintf("%s; further lines like it are not told", text);
        free(text);
        text = more;
    }
    settings_warn(s, text);
    s->faults = xgrow(s->faults, s->faults_len, &s->faults_cap, sizeof *s->faults);
    s->faults[s->faults_len++] = (struct setting_fault){s->warnings_len - 1, origin, meant};
}

void settings_fault_widen(struct settings *s, uint64_t meant)
{
    if (s->faults_len > 0) {
        s->faults[s->faults_len - 1].meant |= meant;
    }
}

/* Does a source below the fault's say the setting's value? */
static bool replaced(const struct settings *s, const struct setting_fault *f, enum setting_id id)
{
    bool counts = !s->local_cloud || (strcmp(setting_rows[id].section, "ui") == 0 &&
                                      id != SET_CONTEXT); /* see resolve in settings.c */

    if ((f->meant & (uint64_t)1 << id) == 0 || !counts) {
        return false;
    }
    if (id == SET_PROFILE && f->origin == ORIGIN_CONFIG) { /* keys that come first need none */
        char *first = settings_identity_named(s);
        free(first);
        if (first != NULL) {
            return false;
        }
    }
    return (int)s->values[id].origin < f->origin;
}

void settings_judge_faults(struct settings *s)
{
    for (size_t i = 0; i < s->faults_len; i++) {
        const struct setting_fault *f = &s->faults[i];
        bool bad = false;
        for (int id = 0; id < SET_COUNT && !bad; id++) {
            bad = replaced(s, f, (enum setting_id)id);
        }
        if (!bad) {
            continue;
        }
        char *old = s->warnings[f->warning];
        if (s->unsafe == NULL) {
            s->unsafe = xstrdup(old);
        }
        s->warnings[f->warning] = xasprintf("%s; nothing is written until this is right", old);
        free(old);
    }
}

bool settings_warned(const struct settings *s, const char *text)
{
    for (size_t i = 0; i < s->warnings_len; i++) {
        if (strcmp(s->warnings[i], text) == 0) {
            return true;
        }
    }
    return false;
}

void settings_add_warning(struct settings *s, const char *text)
{
    if (!settings_warned(s, text)) {
        settings_warn(s, xstrdup(text));
    }
}

const char *settings_unsafe(const struct settings *s)
{
    return s->unsafe;
}
