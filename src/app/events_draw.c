/* Drawing the rule's event log over the whole body. */
#include "events_draw.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/text.h"
#include "draw.h"
#include "events.h"
#include "screen.h"

/* Writes whether the log is followed, and which span of time is read when it is not the usual
 * one. */
static void title(const struct logview *l, const struct desk *desk, char *buf, size_t size)
{
    bool trouble = l->err.code != E_OK || l->note[0] != '\0';
    const char *state = !l->loaded || trouble ? ""
                        : desk->paused        ? "  polling paused"
                        : l->text.follow      ? "  following"
                                              : "  paused";
    char local[32] = "";

    if (l->since_ms == 0) {
        (void)snprintf(local, sizeof local, "the beginning");
    } else if (l->since_ms != TIME_NONE) {
        (void)format_local(l->since_ms, local, sizeof local);
    }
    (void)snprintf(buf, size, "%s%s%s%s", screen_events.title, state,
                   local[0] != '\0' ? "  since " : "", local);
}

static void draw_missing(struct surface *s, struct rect body, const struct logview *l)
{
    struct rect box = {body.row + body.rows / 3, body.col + 2, body.rows - body.rows / 3,
                       body.cols - 4};
    int used = draw_wrapped(s, box, ST_BAD, l->note);

    box.row += used;
    box.rows -= used;
    (void)draw_wrapped(s, box, ST_HINT, rule_log_remedy);
}

void events_draw(struct surface *s, const void *self, const struct desk *desk, struct rect all)
{
    const struct events *v = self;
    const struct logview *l = &v->log;
    const char *group = settings_get(desk->settings, SET_RULE_LOG_GROUP);
    char text[160];

    title(l, desk, text, sizeof text);
    char *clean = text_cleaned(group == NULL ? "" : group, TEXT_ONE_LINE);
    draw_title(s, all, &(struct pane_title){text, clean, true});
    free(clean);
    if (textview_len(&l->text) == 0 && l->note[0] != '\0' && l->err.code == E_OK) {
        draw_missing(s, layout_text(all), l);
    } else {
        logview_draw(s, desk, l, layout_text(all), true);
    }
}
