/* Bell, notification and hook for --alert. */
#include "src/cli/alert.h"

#include <stdlib.h>

#include "core/hours.h"
#include "core/json.h"
#include "core/osc.h"
#include "core/strbuf.h"
#include "ops/hook.h"

static bool quiet(const struct cli *c)
{
    const char *text = settings_get(c->settings, SET_ALERT_QUIET);
    struct hours h;

    return text != NULL && hours_parse(text, &h) && hours_cover(&h, clock_wall_ms(NULL));
}

/* Sends the bell and the notification to the terminal, on whichever stream is one, and nowhere
 * else. */
static void make_noise(struct cli *c, const char *line)
{
    FILE *to = c->err_tty ? c->err : c->out_tty ? c->out : NULL;
    struct strbuf b = STRBUF_INIT;

    if (to == NULL || quiet(c)) {
        return;
    }
    if (settings_bool(c->settings, SET_ALERT_BELL)) {
        strbuf_adds(&b, "\a");
    }
    osc_notify(&b, &(struct osc_notice){.title = "mvpdash",
                                        .text = line,
                                        .osc9 = settings_bool(c->settings, SET_ALERT_OSC9),
                                        .osc777 = settings_bool(c->settings, SET_ALERT_OSC777),
                                        .utf8 = c->utf8});
    (void)fwrite(strbuf_str(&b), 1, b.len, to);
    (void)fflush(to);
    strbuf_clear(&b);
}

static void run_hook(struct cli *c, enum alert_kind kind, const struct job_detail *d)
{
    struct err e = {0};
    size_t len = 0;

    if (!ops_has_hook(c->ops)) {
        return;
    }
    const char *context = settings_context(c->settings);
    char **facts = alert_facts(kind, d->job, d->batch, &d->state, context, &len);
    cJSON *doc = alert_json(kind, d->job, d->batch, &d->state, context);
    char *text = json_safe(doc);
    if (ops_hook(c->ops, facts, len, text, &e) != E_OK) {
        cli_warn(c, "%s", e.msg);
    }
    free(text);
    cJSON_Delete(doc);
    for (size_t i = 0; i < len; i++) {
        free(facts[i]);
    }
    free(facts);
}

void cli_alert(struct cli *c, struct alert_seen *seen, const struct job_detail *d)
{
    char line[ALERT_LINE_SIZE];

    if (!args_has(&c->args, "alert")) {
        return;
    }
    enum alert_kind kind = alert_step(seen, &d->state);
    if (kind != ALERT_NONE) {
        make_noise(c, alert_line(kind, d->job, d->batch, &d->state, line));
        run_hook(c, kind, d);
    }
}
