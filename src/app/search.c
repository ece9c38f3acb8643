/* A search that is being typed: the text that shows follows it letter by letter. */
#include "search.h"

#include <stdio.h>

#include "desk.h"
#include "text_keys.h"

static void typed(void *owner, struct desk *d)
{
    struct search *s = owner;

    if (d->text != NULL) {
        textview_search(d->text, edit_text(&s->edit));
    }
}

static void step(void *owner, struct desk *d, int by)
{
    (void)owner;
    if (d->text != NULL) {
        (void)textview_next(d->text, by);
    }
}

static void end(void *owner, struct desk *d, bool take, struct effects *out)
{
    const struct search *s = owner;
    struct textview *v = d->text;

    (void)out;
    if (v == NULL) { /* the screen with the text is no longer there */
        line_close(&d->line);
        return;
    }
    if (!take) {
        textview_search(v, NULL);
    } else if (v->pattern_err.code != E_OK) {
        return; /* the text still has to be corrected; the row says how */
    } else if (s->keeps) {
        textview_set_keep(v, true);
    } else if (v->pattern != NULL && v->match_count == 0) {
        desk_note(d, NOTE_WARN, "No line matches \"%.80s\".", v->pattern);
    } else if (v->pattern != NULL) {
        text_say_match(d, v);
    }
    line_close(&d->line);
}

static const char *right(const void *owner, const struct desk *d, char *buf, size_t size,
                         enum style *st)
{
    const struct textview *v = d->text;
    char text[ERR_TEXT_SIZE];

    (void)owner;
    *st = ST_DIM;
    buf[0] = '\0';
    if (v != NULL && v->pattern != NULL && v->pattern[0] != '\0') {
        if (v->pattern_err.code != E_OK) {
            (void)err_full(&v->pattern_err, text);
            (void)snprintf(buf, size, "%s", text);
            *st = ST_BAD;
        } else {
            (void)snprintf(buf, size, "%zu lines", v->match_count);
        }
    }
    return buf;
}

static const struct line_def search_line = {
    .typed = typed,
    .step = step,
    .end = end,
    .right = right,
};

void search_open(struct desk *d, bool keeps)
{
    d->search.keeps = keeps;
    edit_set(&d->search.edit, d->text->pattern);
    line_open(&d->line, &search_line, &d->search, &d->search.edit,
              keeps ? "Keep lines with:" : "Search:");
}
