/* The thread that says on stderr which service a command waits for. */
#include "src/cli/notice.h"

#include <pthread.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/cond.h"
#include "core/json.h"
#include "ops/ops.h"

enum { LOOK_MS = 250, FIRST_MS = 2000, PAUSE_MS = 2 * LOOK_MS };

struct notice {
    struct cli *c;
    pthread_t thread;
    pthread_mutex_t lock; /* guards `over` */
    pthread_cond_t ended;
    bool over;
    /* the members below belong to the thread alone */
    int64_t busy_since; /* since when calls are under way; TIME_NONE: none is */
    int64_t seen_ms;    /* when a call was under way last */
    int64_t next_ms;    /* the time of waiting after which the next line is said */
};

/* The call that has been under way for the longest time. */
struct wait {
    enum aws_op_id op;
    int64_t ms;
    const char *context; /* with --all-contexts: in which it is */
};

static void find_longest(struct aws_client *aws, const char *context, struct wait *w)
{
    enum aws_op_id op = AWS_OP_COUNT;
    int64_t ms = 0;

    if (aws_client_waits(aws, &op, &ms) && (w->op == AWS_OP_COUNT || ms > w->ms)) {
        *w = (struct wait){op, ms, context};
    }
}

/* False when no call is under way. */
static bool find_wait(const struct cli *c, struct wait *w)
{
    *w = (struct wait){.op = AWS_OP_COUNT};
    if (c->ops != NULL) {
        find_longest(c->ops->aws, NULL, w);
    }
    for (size_t i = 0; i < c->all.len; i++) {
        if (c->all.items[i].ops != NULL) {
            find_longest(c->all.items[i].ops->aws, c->all.items[i].name, w);
        }
    }
    return w->op != AWS_OP_COUNT;
}

/* Says "Batch (DescribeJobs)" for people, or the same as JSON for programs. */
static void say(struct notice *n, const struct wait *w, int64_t ms)
{
    const struct aws_op *row = aws_op_get(w->op);
    const char *service = aws_service_get(row->service)->name;

    if (n->c->json) {
        cJSON *doc = json_new_object();
        cJSON *what = json_new_object();
        json_set_str(what, "service", service);
        json_set_str(what, "operation", row->name);
        json_set_int(what, "seconds", ms / 1000);
        if (w->context != NULL) {
            json_set_str(what, "context", w->context);
        }
        json_set(doc, "waiting", what);
        cli_note_json(n->c, doc);
    } else {
        cli_note(n->c, "mvpdash: waiting for %s (%s)%s%s, %d s so far", service, row->name,
                 w->context == NULL ? "" : " of context ", w->context == NULL ? "" : w->context,
                 (int)(ms / 1000));
    }
}

/* The next of the times 2, 5, 10, 20, 40 s ... */
static int64_t after(int64_t ms)
{
    return ms < 5000 ? 5000 : ms * 2;
}

static void look(struct notice *n)
{
    int64_t now = clock_mono_ms(NULL);
    struct wait w;

    if (find_wait(n->c, &w)) {
        int64_t since = now - w.ms;
        n->busy_since = n->busy_since == TIME_NONE || since < n->busy_since ? since : n->busy_since;
        n->seen_ms = now;
    } else if (n->busy_since == TIME_NONE || now - n->seen_ms >= PAUSE_MS) {
        n->busy_since = TIME_NONE;
        n->next_ms = FIRST_MS;
        return;
    } else {
        return; /* this is only the pause between two calls */
    }
    if (now - n->busy_since >= n->next_ms) {
        say(n, &w, now - n->busy_since);
        n->next_ms = after(n->next_ms);
    }
}

static bool pause_over(struct notice *n)
{
    const struct timespec until = cond_until(LOOK_MS);
    int rc = 0;

    (void)pthread_mutex_lock(&n->lock);
    while (!n->over && rc == 0) {
        rc = pthread_cond_timedwait(&n->ended, &n->lock, &until);
    }
    bool go_on = !n->over;
    (void)pthread_mutex_unlock(&n->lock);
    return go_on;
}

static void *thread_main(void *arg)
{
    struct notice *n = arg;

    while (pause_over(n)) {
        look(n);
    }
    return NULL;
}

static void notice_free(struct notice *n)
{
    (void)pthread_cond_destroy(&n->ended);
    (void)pthread_mutex_destroy(&n->lock);
    free(n);
}

void notice_start(struct cli *c)
{
    struct notice *n = xcalloc(1, sizeof *n);

    n->c = c;
    n->busy_since = TIME_NONE;
    n->next_ms = FIRST_MS;
    (void)pthread_mutex_init(&n->lock, NULL);
    cond_init(&n->ended);
    if (pthread_create(&n->thread, NULL, thread_main, n) == 0) {
        c->notice = n;
    } else {
        notice_free(n); /* the command works without the notice */
    }
}

void notice_end(struct cli *c)
{
    struct notice *n = c->notice;

    if (n == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&n->lock);
    n->over = true;
    (void)pthread_cond_signal(&n->ended);
    (void)pthread_mutex_unlock(&n->lock);
    (void)pthread_join(n->thread, NULL);
    notice_free(n);
    c->notice = NULL;
}
