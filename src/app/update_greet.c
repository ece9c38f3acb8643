/* Showing the welcome on a first start, and beginning anew when it is over. */
#include "core/clock.h"
#include "model_priv.h"
#include "welcome.h"

/* Is the person at the list, with nothing begun? */
static bool at_list(const struct model *m)
{
    return m->desk.where.view == VIEW_JOBS && m->desk.where.focus == PANE_LIST;
}

void greet(struct model *m, struct effects *out)
{
    const struct link *l = &m->desk.link;
    bool none = l->state == LINK_EXPIRED && l->err.code == E_NO_CREDS;

    if (m->greeted) {
        /* who is in another screen by now goes on there until it is left */
        if (l->state == LINK_LIVE && (m->desk.where.view == VIEW_WELCOME || at_list(m))) {
            (void)effects_add(out, EFF_RESTART);
        }
    } else if (none && l->last_good_ms == TIME_NONE && m->all == NULL && !m->came && at_list(m) &&
               store_len(m->desk.store) == 0) {
        m->greeted = true;
        welcome_set(model_screen(m, VIEW_WELCOME), &l->err);
        where_show(&m->desk.where, VIEW_WELCOME);
    }
}
