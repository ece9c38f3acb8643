/* Showing the welcome on a first start, and leaving it when it is over. */
#include "core/clock.h"
#include "model_priv.h"
#include "welcome.h"

void greet(struct model *m, struct effects *out)
{
    const struct link *l = &m->desk.link;
    bool here = m->desk.where.view == VIEW_WELCOME;
    bool none = l->state == LINK_EXPIRED && l->err.code == E_NO_CREDS;

    if (here && l->state == LINK_LIVE) {
        (void)effects_add(out, EFF_RESTART);
    } else if (none && !m->greeted && l->last_good_ms == TIME_NONE && m->all == NULL && !m->came &&
               store_len(m->desk.store) == 0 && m->desk.where.view == VIEW_JOBS) {
        m->greeted = true;
        welcome_set(model_screen(m, VIEW_WELCOME), &l->err);
        where_show(&m->desk.where, VIEW_WELCOME);
    }
}
