/* Drawing the rules of the bus, or the queue's Batch jobs, over the whole body. */
#include "listing_draw.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/text.h"
#include "draw.h"
#include "jobs/age.h"

static void draw_nothing(struct surface *s, struct rect all, const struct listing *r,
                         const struct desk *desk, const char *none)
{
    struct rect body = layout_text(all);
    struct rect box = {body.row + body.rows / 3, body.col + 2, body.rows - body.rows / 3,
                       body.cols - 4};

    if (r->err.code == E_OK) {
        (void)draw_wrapped(s, box, ST_DIM, r->at_ms == TIME_NONE ? "Reading..." : none);
        return;
    }
    (void)draw_err(s, box, desk, &r->err);
}

void listing_draw(struct surface *s, const struct listing *r, const struct desk *desk,
                  struct rect all, const struct listing_words *words)
{
    const char *of = settings_get(desk->settings, words->of);
    char title[200], right[120], age[AGE_SIZE];
    char *clean = text_cleaned(of == NULL ? "" : of, TEXT_ONE_LINE);

    if (all.rows <= 0) {
        free(clean);
        return;
    }
    (void)snprintf(title, sizeof title, "%s  %.*s", words->title, (int)text_fit(clean, 60, NULL),
                   clean);
    free(clean);
    (void)snprintf(right, sizeof right, "%s%s%s%s", r->request != 0 ? "reading  " : "",
                   r->more ? "the newest only  " : "", age_text(r->at_ms, desk->now_ms, age),
                   r->at_ms == TIME_NONE ? "" : " ago ");
    draw_title(s, all, &(struct pane_title){title, right, true});
    if (textview_len(&r->text) == 0 || (words->none != NULL && r->len == 0)) {
        draw_nothing(s, all, r, desk, words->none);
        return;
    }
    struct text_draw d = {.view = &r->text, .focus = true};
    draw_text(s, layout_text(all), &d);
    draw_percent(s, layout_text(all), &r->text);
}
