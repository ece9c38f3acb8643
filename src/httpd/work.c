/* Running a complete request by its owner, once or again.
 *
 * DESIGN: a thread of the pool runs a complete request, or the loop does when its owner said so.
 * When `run` leaves no reply but the wish to be asked again, the connection is CONN_AGAIN: no
 * thread is held, and the loop runs the request again when its time has come or when the owner has
 * called httpd_again.
 *
 * The owner may call httpd_again after `run` looked in vain, and before the loop knows of it. The
 * server counts these calls, and a job keeps the count from before its `run`: a job whose count is
 * out of date is run again at once, so that no call is lost. The same holds for httpd_quiesce,
 * which has what waits run once more. */
#include "work.h"

#include "conn.h"
#include "core/clock.h"
#include "pool.h"

void httpd_work_run(struct httpd *h, struct job *j)
{
    j->again_seen = atomic_load(&h->again);
    j->quiesce_seen = atomic_load(&h->quiesce);
    j->x.again_ms = 0;
    h->o.hooks->run(h->o.arg, &j->x);
}

void httpd_work_settle(struct conn *c)
{
    const struct job *j = c->job;

    if (j->x.reply.status != 0 || j->x.again_ms <= 0) {
        httpd_request_answer(c);
        return;
    }
    bool called = j->again_seen != atomic_load(&c->h->again) ||
                  j->quiesce_seen != atomic_load(&c->h->quiesce);
    httpd_conn_stay(c, CONN_AGAIN, c->h->now_ms + (called ? 0 : j->x.again_ms));
}

static void hand_over(struct conn *c, int64_t now_ms)
{
    struct job *j = c->job;

    j->x.until_ms = now_ms + c->h->o.deadline_ms;
    if (j->here) {
        httpd_work_run(c->h, j);
        httpd_work_settle(c);
        return;
    }
    httpd_conn_stay(c, CONN_WORK, j->x.until_ms); /* before another thread has it */
    if (!httpd_pool_put(c->h->pool, j)) {
        httpd_request_refuse(c, 503, "all threads are busy, and their queue is full");
    }
}

void httpd_work_begin(struct conn *c)
{
    struct job *j = c->job;

    j->whole = true;
    j->x.body = strbuf_str(&j->body.data);
    j->x.body_len = j->body.data.len;
    j->x.complete_us = clock_mono_us();
    hand_over(c, j->x.complete_us / 1000);
}

void httpd_work_again(struct conn *c)
{
    hand_over(c, c->h->now_ms);
}
