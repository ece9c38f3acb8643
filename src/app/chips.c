/* The states that the list shows, as words. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "saved_view.h"

static const struct group {
    const char *word;
    const struct chips *chips;
} groups[] = {
    {"failing", &chips_failing},
    {"active",  &chips_active },
};
enum { GROUPS = sizeof groups / sizeof *groups };

/* Statuses without a word of their own: the record has none, or another program's. */
static const uint32_t wordless = 1U << JOB_NO_STATUS | 1U << JOB_OTHER_STATUS;

static bool add_word(struct chips *c, const char *word)
{
    enum job_status s = job_status_parse(word);

    for (size_t i = 0; i < GROUPS; i++) {
        if (strcasecmp(groups[i].word, word) == 0) {
            c->statuses |= groups[i].chips->statuses;
            c->stuck |= groups[i].chips->stuck;
            return true;
        }
    }
    if (strcasecmp(word, "stuck") == 0) {
        c->stuck = true;
    } else if (strcasecmp(word, "other") == 0) {
        c->statuses |= wordless;
    } else if (s != JOB_OTHER_STATUS) {
        c->statuses |= 1U << s;
    } else {
        return strcasecmp(word, "all") == 0;
    }
    return true;
}

static enum err_code unknown_state(struct err *e, const char *word)
{
    struct strbuf names = STRBUF_INIT;
    char *shown = text_cleaned(word, TEXT_ONE_LINE);

    for (int s = 0; s < JOB_STATUS_COUNT; s++) {
        const char *known = job_status_word((enum job_status)s);
        strbuf_addf(&names, "%s%s", known[0] == '\0' ? "" : ", ", known);
    }
    enum err_code rc = err_set(
        e, E_INVALID,
        "states: there is no state \"%.*s\"; the states are all, failing, active, stuck%s, other",
        text_cut(shown, 40), shown, strbuf_str(&names));
    strbuf_clear(&names);
    free(shown);
    return rc;
}

enum err_code chips_parse(const char *text, struct chips *out, struct err *e)
{
    struct chips c = {0};
    enum err_code rc = E_OK;
    bool all = false;
    char *copy = xstrdup(text), *save = NULL;

    for (char *w = strtok_r(copy, ", \t", &save); rc == E_OK && w != NULL;
         w = strtok_r(NULL, ", \t", &save)) {
        all |= strcasecmp(w, "all") == 0;
        rc = add_word(&c, w) ? E_OK : unknown_state(e, w);
    }
    if (rc == E_OK) {
        *out = all ? (struct chips){0} : c;
    }
    free(copy);
    return rc;
}

char *chips_words(struct chips c)
{
    struct strbuf b = STRBUF_INIT;

    for (size_t i = 0; i < GROUPS; i++) {
        if (c.statuses == groups[i].chips->statuses && c.stuck == groups[i].chips->stuck) {
            return xstrdup(groups[i].word);
        }
    }
    for (int s = 0; s < JOB_STATUS_COUNT; s++) {
        const char *word = job_status_word((enum job_status)s);
        if ((c.statuses & 1U << s) != 0 && word[0] != '\0') {
            strbuf_addf(&b, "%s%s", b.len > 0 ? "," : "", word);
        }
    }
    if ((c.statuses & wordless) != 0) {
        strbuf_addf(&b, "%sother", b.len > 0 ? "," : "");
    }
    if (c.stuck) {
        strbuf_addf(&b, "%sstuck", b.len > 0 ? "," : "");
    }
    return strbuf_take(&b);
}
