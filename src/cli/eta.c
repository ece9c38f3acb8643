/* eta.c - what the jobs that completed tell of one that runs. */
#include "src/cli/eta.h"

#include <string.h>

#include "core/clock.h"
#include "core/text.h"
#include "ops/history.h"
#include "src/cli/context.h"

struct forecast *cli_history(struct cli *c)
{
    if (c->history == NULL) {
        c->history = forecast_new();
        history_load(c->ops, c->history);
    }
    return c->history;
}

static const struct eta *eta_of(struct forecast *f, const struct job *j, const struct job_state *s,
                                struct eta *room)
{
    return forecast_eta(f, j, s, clock_wall_ms(NULL), room) ? room : NULL;
}

const struct eta *cli_eta(struct cli *c, const struct job *j, const struct job_state *s,
                          struct eta *room)
{
    return s->status == JOB_IN_PROGRESS ? eta_of(cli_history(c), j, s, room) : NULL;
}

const struct eta *cli_eta_of(struct cli *c, const struct list_row *r, struct eta *room)
{
    if (!context_all(c)) {
        return cli_eta(c, r->job, &r->state, room);
    }
    for (size_t i = 0; r->state.status == JOB_IN_PROGRESS && i < c->all.len; i++) {
        if (text_same(c->all.items[i].name, r->context)) {
            return eta_of(c->all.items[i].history, r->job, &r->state, room);
        }
    }
    return NULL;
}

bool cli_slow(struct cli *c, const struct job *j, const struct job_state *s)
{
    return s->status == JOB_IN_PROGRESS && forecast_slow(cli_history(c), j, s, clock_wall_ms(NULL));
}

/* The time of the day in a text of time_iso. */
static const char *hour(int64_t ms, char iso[TIME_ISO_SIZE])
{
    const char *at = strchr(time_iso(ms, iso), 'T');

    return at == NULL ? iso : at + 1;
}

const char *cli_eta_text(const struct eta *x, char buf[CLI_ETA_SIZE])
{
    char words[ETA_LONG_SIZE], from[TIME_ISO_SIZE], to[TIME_ISO_SIZE];

    (void)snprintf(buf, CLI_ETA_SIZE, "%s (%.5s-%.5s)", eta_long(x, clock_wall_ms(NULL), words),
                   hour(x->low_ms, from), hour(x->high_ms, to));
    return buf;
}
