/* The questions before a file of deploys is sent, and before the sending is stopped. */
#include <stdio.h>
#include <stdlib.h>

#include "bulk_priv.h"
#include "core/text.h"

static void send_bulk(void *owner, struct desk *desk, struct effects *out)
{
    bulk_send(owner, desk, out);
}

void bulk_ask_send(struct bulk_view *v, struct desk *desk)
{
    struct dialog *d = &desk->dialog;
    size_t n = bulk_to_send(v);
    char title[80], yes[40], *name = text_cleaned(v->name, TEXT_ONE_LINE);
    char earlier[200] = "";

    (void)snprintf(title, sizeof title, "Send %zu deploy%s?", n, n == 1 ? "" : "s");
    (void)snprintf(yes, sizeof yes, "Send %zu", n);
    if (v->anew && bulk_earlier(v)) {
        (void)snprintf(earlier, sizeof earlier,
                       " Earlier runs sent %zu of them: these become new jobs, too.", v->past.sent);
    } else if (bulk_earlier(v)) {
        (void)snprintf(earlier, sizeof earlier,
                       " Earlier runs sent %zu of %zu: only the rest is sent, on the same job ids.",
                       v->past.sent, v->len);
    } else if (v->unknown.code != E_OK) {
        (void)snprintf(earlier, sizeof earlier,
                       " All become new jobs; whether an earlier run sent them is not known.");
    }
    dialog_ask(&desk->dialog, send_bulk, v, title, yes, "Send nothing");
    d->count = n;
    d->need_count = n >= DIALOG_COUNT_FROM;
    (void)snprintf(d->text, sizeof d->text, "%.80s goes to bus %.60s in %.20s, account %s.%s", name,
                   settings_get(desk->settings, SET_BUS), settings_get(desk->settings, SET_REGION),
                   desk->link.account[0] == '\0' ? "(not known yet)" : desk->link.account, earlier);
    free(name);
}

static void stop_bulk(void *owner, struct desk *d, struct effects *out)
{
    (void)d;
    bulk_stop(owner, out);
}

void bulk_ask_stop(struct bulk_view *v, struct desk *desk)
{
    if (v->stage != BULK_SENDING) {
        desk_note(desk, NOTE_INFO, "Nothing is being sent.");
        return;
    }
    if (v->stopping) {
        desk_note(desk, NOTE_INFO, "Sending stops once the deploys under way have ended.");
        return;
    }
    dialog_ask(&desk->dialog, stop_bulk, v, "Stop sending?", "Stop", "Keep sending");
    (void)snprintf(
        desk->dialog.text, sizeof desk->dialog.text,
        "%zu of %zu were sent. The rest is left for later; jobs that were sent continue.",
        v->ended - v->failed, v->len);
}
