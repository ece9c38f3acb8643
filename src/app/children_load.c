/* The children of an array job: asking Batch for them, and taking the answers. */
#include <stdlib.h>
#include <string.h>

#include "children_priv.h"
#include "core/alloc.h"

/* Listing many children costs a page for each thousand of them, so many are listed more rarely. */
enum { AGAIN_MS = 10000, AGAIN_MANY_MS = 30000, MANY = 1000, MEND_MAX = 100 };

void children_init(struct children_view *v)
{
    v->at_ms = TIME_NONE;
    v->here = -1;
    v->show = CHILD_GROUPS;
    textview_init(&v->list);
    textview_init(&v->facts);
    v->facts.wrap = v->facts.words = true;
    textview_init(&v->log.text);
    v->log.text.wrap = v->log.text.follow = true;
    v->log.since_ms = TIME_NONE;
}

static void forget(struct children_view *v)
{
    for (int i = 0; i < v->len; i++) {
        batch_job_free(v->items[i].batch);
    }
    free(v->items);
    free(v->rows);
    free(v->mended);
    free(v->job_id);
    free(v->batch_id);
    batch_job_free(v->parent);
    textview_done(&v->list);
    textview_done(&v->facts);
    textview_done(&v->log.text);
    free(v->log.cursor);
    memset(v, 0, sizeof *v);
}

void children_done(struct children_view *v)
{
    forget(v);
}

/* ---- whose children ---- */

static void set_len(struct children_view *v, int len)
{
    if (len > v->len) {
        v->items = xrealloc(v->items, (size_t)len * sizeof *v->items);
        memset(v->items + v->len, 0, (size_t)(len - v->len) * sizeof *v->items);
        v->len = len;
    }
}

void children_choose(struct children_view *v, const char *job_id, const struct batch_job *parent)
{
    if (v->batch_id != NULL && strcmp(v->batch_id, parent->id) == 0) {
        return; /* the children that are known are shown until they are asked for again */
    }
    char *id = xstrdup(job_id);
    forget(v);
    children_init(v);
    v->job_id = id;
    v->batch_id = xstrdup(parent->id);
    v->parent = batch_job_copy(parent);
    set_len(v, parent->array.size);
}

/* ---- asking ---- */

/* How many ended children are known. An ended child stays so, and is not listed again while the
 * parent counts as many. */
static struct children_held held(const struct children_view *v)
{
    int count[CHILD_GROUPS + 1];

    children_count(v, count);
    return (struct children_held){.succeeded = count[CHILD_SUCCEEDED],
                                  .failed = count[CHILD_FAILED]};
}

void children_load(struct children_view *v, struct desk *desk, struct effects *out)
{
    if (v->request != 0 || v->mending != 0 || v->batch_id == NULL) {
        return;
    }
    struct task *t = task_new(TASK_CHILDREN, desk_request(desk));
    t->job_id = xstrdup(v->job_id);
    task_as(t, children) =
        (struct task_children){.batch_id = xstrdup(v->batch_id), .held = held(v)};
    v->round++;
    v->request = t->request;
    effects_submit(out, t);
}

static uint32_t describe(struct children_view *v, struct desk *desk, const int *indexes, size_t len,
                         struct effects *out)
{
    struct task *t = task_new(TASK_CHILDREN, desk_request(desk));
    struct task_ids *only = &task_as(t, children).only;

    t->job_id = xstrdup(v->job_id);
    only->items = xcalloc(len + 1, sizeof *only->items);
    for (size_t i = 0; i < len; i++) {
        only->items[only->len++] = xasprintf("%s:%d", v->batch_id, indexes[i]);
    }
    effects_submit(out, t);
    return t->request;
}

static bool is_final(const struct batch_job *b)
{
    return b != NULL && (b->status == BATCH_SUCCEEDED || b->status == BATCH_FAILED);
}

static const struct batch_job *opened(const struct children_view *v)
{
    return v->here >= 0 && v->here < v->len ? v->items[v->here].batch : NULL;
}

/* Asks for the child that is open, in full; a child that has ended is asked for once. */
void children_load_one(struct children_view *v, struct desk *desk, struct effects *out)
{
    const struct batch_job *b = opened(v);

    if (v->one == 0 && v->here >= 0 && !(is_final(b) && b->detailed)) {
        v->one = describe(v, desk, &v->here, 1, out);
    }
}

/* Can nothing of the listing change any more? */
static bool is_over(const struct children_view *v)
{
    int i = 0;

    while (i < v->len && (is_final(v->items[i].batch) || v->items[i].gone)) {
        i++;
    }
    return v->err.code == E_OK && is_final(v->parent) && i == v->len;
}

static void plan_list(struct children_view *v, const struct desk *desk)
{
    int wait = v->len > MANY || v->err.code != E_OK ? AGAIN_MANY_MS : AGAIN_MS;

    v->list_again_ms = is_over(v) ? 0 : desk->mono_ms + wait;
}

static void plan_one(struct children_view *v, const struct desk *desk)
{
    const struct batch_job *b = opened(v);

    v->one_again_ms = is_final(b) && b->detailed ? 0 : desk->mono_ms + AGAIN_MS;
}

int64_t children_again_ms(const struct children_view *v, const struct desk *desk)
{
    return desk->paused                ? 0
           : v->page == CHILDREN_LIST  ? v->list_again_ms
           : v->page == CHILDREN_FACTS ? v->one_again_ms
                                       : 0;
}

void children_fill(struct children_view *v, const struct desk *desk)
{
    if (v->page == CHILDREN_LIST) {
        children_fill_list(v, desk);
    } else if (v->page == CHILDREN_FACTS) {
        children_fill_facts(v, desk);
    }
}

void children_tick(struct children_view *v, struct desk *desk, struct effects *out)
{
    int count[CHILD_GROUPS + 1];

    if (children_again_ms(v, desk) > 0 && desk->mono_ms >= children_again_ms(v, desk)) {
        if (v->page == CHILDREN_LIST) {
            children_load(v, desk, out);
            plan_list(v, desk);
        } else {
            children_load_one(v, desk, out);
            plan_one(v, desk);
        }
    }
    /* The durations move on each second, but a list with many lines is not made anew for that. */
    children_count(v, count);
    if (v->page != CHILDREN_LOG && count[CHILD_RUNNING] > 0 &&
        desk->mono_ms - v->built_ms >= 1000 + v->len / 2) {
        children_fill(v, desk);
    }
}

/* ---- what comes ---- */

static bool is_ours(const struct children_view *v, const struct batch_job *b)
{
    size_t n = v->batch_id == NULL ? 0 : strlen(v->batch_id);

    return n > 0 && strncmp(b->id, v->batch_id, n) == 0 && (b->id[n] == ':' || b->id[n] == '\0');
}

/* Takes a child's job. A child that has ended does not run again, and a summary does not take away
 * the details that are known. */
static void put(struct children_view *v, struct batch_job *b)
{
    if (!is_ours(v, b) ||
        (b->array.size <= 0 && (b->array.index < 0 || b->array.index >= v->len))) {
        batch_job_free(b);
        return;
    }
    if (b->array.size > 0) {
        batch_job_free(v->parent);
        v->parent = b;
        set_len(v, b->array.size);
        return;
    }
    struct child *c = &v->items[b->array.index];
    c->round = v->round;
    c->gone = false;
    if (is_final(c->batch) && (!is_final(b) || (c->batch->detailed && !b->detailed))) {
        batch_job_free(b);
        return;
    }
    batch_job_free(c->batch);
    c->batch = b;
}

static bool is_awaited(const struct children_view *v, uint32_t request)
{
    return request != 0 && (request == v->request || request == v->mending || request == v->one);
}

enum taken children_take(struct children_view *v, const struct desk *desk, struct msg *msg)
{
    if (!is_awaited(v, msg->request)) {
        return NOT_TAKEN; /* the answer is about another array job, or was given up */
    }
    for (size_t i = 0; i < msg_as(msg, children).len; i++) {
        put(v, msg_as(msg, children).items[i]);
    }
    msg_as(msg, children).len = 0; /* moved */
    children_fill(v, desk);
    return TAKEN_SHOWS;
}

/* Asks for those children that a complete listing did not tell of although Batch has them: they
 * changed their state meanwhile. */
static void mend(struct children_view *v, struct desk *desk, struct effects *out)
{
    if (v->mended == NULL) {
        v->mended = xcalloc(MEND_MAX, sizeof *v->mended);
    }
    v->mended_len = 0;
    for (int i = 0; i < v->len; i++) {
        struct child *c = &v->items[i];
        if (is_final(c->batch) || c->round == v->round || c->gone) {
            continue;
        }
        if (v->mended_len < MEND_MAX) {
            v->mended[v->mended_len++] = i;
        } else { /* what the child was before says nothing about what it is now */
            batch_job_free(c->batch);
            c->batch = NULL;
        }
    }
    v->mending = v->mended_len > 0 ? describe(v, desk, v->mended, v->mended_len, out) : 0;
}

/* Takes the end of that question. `answered`: Batch does not know the children that it did not tell
 * of. */
static void mended(struct children_view *v, bool answered)
{
    for (size_t i = 0; i < v->mended_len; i++) {
        struct child *c = &v->items[v->mended[i]];
        if (c->round != v->round) {
            batch_job_free(c->batch);
            c->batch = NULL;
            c->gone = answered;
        }
    }
    v->mending = 0;
    v->mended_len = 0;
}

static void list_ended(struct children_view *v, struct desk *desk, const struct msg *msg,
                       struct effects *out)
{
    v->request = 0;
    v->ended = true;
    v->err = msg->err;
    if (msg->err.code == E_OK) {
        v->at_ms = msg->at_ms;
        mend(v, desk, out);
    }
    plan_list(v, desk);
}

static void one_ended(struct children_view *v, const struct desk *desk, const struct msg *msg)
{
    struct child *c = &v->items[v->here];

    v->one = 0;
    v->one_err = msg->err;
    if (msg->err.code == E_OK && !(c->batch != NULL && c->batch->detailed)) {
        /* the child was asked for by its id, and Batch said nothing of it */
        batch_job_free(c->batch);
        c->batch = NULL;
        c->gone = true;
    }
    plan_one(v, desk);
}

enum taken children_ended(struct children_view *v, struct desk *desk, const struct msg *msg,
                          struct effects *out)
{
    if (!is_awaited(v, msg->request)) {
        return NOT_TAKEN;
    }
    (void)desk_failed(desk, "Children of an array job", &msg->err);
    if (msg->request == v->request) {
        list_ended(v, desk, msg, out);
    } else if (msg->request == v->mending) {
        v->err = msg->err;
        mended(v, msg->err.code == E_OK);
    } else {
        one_ended(v, desk, msg);
    }
    children_fill(v, desk);
    return TAKEN_SHOWS;
}

/* Gives up the questions when nobody looks at the children. */
void children_give_up(struct children_view *v, struct effects *out)
{
    const uint32_t requests[] = {v->request, v->mending, v->one};

    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        if (requests[i] != 0) {
            effects_add(out, EFF_DROP)->request = requests[i];
        }
    }
    v->request = v->one = 0;
    mended(v, false);
}
