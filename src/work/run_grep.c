/* The search in the logs of many jobs. What it finds goes to the UI with each page that was read,
 * and the search ends when nobody waits for it any more. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/secret.h"
#include "core/text.h"
#include "ops/log_search.h"
#include "run_priv.h"

enum { HITS_AT_ONCE = 200 };

/* The hits that were not sent yet. */
struct found {
    struct run *r;
    struct msg_grep m;
    size_t cap;
};

static void send_found(struct found *f)
{
    struct msg *m = msg_new(MSG_GREP, f->r->t);

    msg_as(m, grep) = f->m;
    f->m.items = NULL;
    f->m.len = f->cap = 0;
    run_send(f->r, m);
}

/* The first line of what was written is not all of it: the whole text is kept, cut when it is long.
 */
static char *text_of(const struct log_hit *h)
{
    char *masked = secret_masked(h->text);

    masked[text_cut(masked, GREP_TEXT_MAX)] = '\0';
    return masked;
}

static bool on_hit(void *arg, const struct log_hit *h)
{
    struct found *f = arg;

    f->m.items = xgrow(f->m.items, f->m.len, &f->cap, sizeof *f->m.items);
    f->m.items[f->m.len++] = (struct grep_hit){.at_ms = h->at_ms,
                                               .text = text_of(h),
                                               .job_id = xstrdup(h->job_id),
                                               .stream = xstrdup(h->stream),
                                               .child = h->child,
                                               .attempt = h->attempt};
    f->m.state.hits++;
    if (f->m.len >= HITS_AT_ONCE) {
        send_found(f);
    }
    return !f->r->closed;
}

static bool on_progress(void *arg, const struct log_search_state *s)
{
    struct found *f = arg;

    f->m.state = *s;
    send_found(f);
    return !run_dropped(f->r);
}

void run_grep(struct run *r)
{
    const struct task_grep *g = &task_as(r->t, grep);
    struct err e = {0};
    struct found f = {
        .r = r, .m.state = {.since_ms = g->since_ms, .reached_ms = g->since_ms}
    };
    struct log_search_result result;
    const struct log_search q = {.pattern = g->pattern,
                                 .since_ms = g->since_ms,
                                 .job_ids = (const char *const *)g->jobs.items,
                                 .job_ids_len = g->jobs.len,
                                 .limit = g->limit,
                                 .max_ms = g->max_ms,
                                 .hit = on_hit,
                                 .progress = on_progress,
                                 .arg = &f};
    enum err_code rc = ops_log_search(r->o, &q, &result, &e);

    if (f.m.len > 0) {
        send_found(&f);
    }
    struct msg *m = run_answer(r, MSG_GREP_END, rc, &e);
    msg_as(m, grep_end) = result;
    run_send(r, m);
}
