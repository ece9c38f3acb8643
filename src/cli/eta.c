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

/* What the context of the row knows; NULL: nothing. */
static struct forecast *history_of(struct cli *c, const struct list_row *r)
{
    if (!context_all(c)) {
        return cli_history(c);
    }
    for (size_t i = 0; i < c->all.len; i++) {
        if (text_same(c->all.items[i].name, r->context)) {
            return c->all.items[i].history;
        }
    }
    return NULL;
}

static const struct eta *eta_of(const struct forecast *f, const struct job *j,
                                const struct job_state *s, struct eta *room)
{
    return f != NULL && forecast_eta(f, j, s, clock_wall_ms(NULL), room) ? room : NULL;
}

const struct eta *cli_eta(struct cli *c, const struct job *j, const struct job_state *s,
                          struct eta *room)
{
    return s->status == JOB_IN_PROGRESS ? eta_of(cli_history(c), j, s, room) : NULL;
}

const struct eta *cli_eta_of(struct cli *c, const struct list_row *r, struct eta *room)
{
    return r->state.status == JOB_IN_PROGRESS ? eta_of(history_of(c, r), r->job, &r->state, room)
                                              : NULL;
}

bool cli_slow_of(struct cli *c, const struct list_row *r)
{
    const struct forecast *f = r->state.status == JOB_IN_PROGRESS ? history_of(c, r) : NULL;

    return f != NULL && forecast_slow(f, r->job, &r->state, clock_wall_ms(NULL));
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
