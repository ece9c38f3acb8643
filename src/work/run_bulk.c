/* The tasks about a file of deploys: completing its name, reading its lines, sending them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/complete.h"
#include "core/path.h"
#include "ops/outbox.h"
#include "run_priv.h"

void run_files(struct run *r)
{
    enum { FILES_MAX = 200 };
    struct msg *m = msg_new(MSG_FILES, r->t);

    msg_as(m, files).paths = path_complete(task_as(r->t, typed), FILES_MAX, &msg_as(m, files).len);
    run_send(r, m);
}

void run_bulk_read(struct run *r)
{
    struct err e = {0};
    struct bulk_input *in = xcalloc(1, sizeof *in);
    const char *file = task_as(r->t, path);
    char *path = path_expand(file);
    enum err_code rc = path_is_file(path, &e);

    if (rc == E_OK) {
        rc = bulk_read(path, in, &e);
    } else {
        (void)err_hint_set(&e, "check the path and its permissions");
    }
    free(path);
    struct msg *m = run_answer(r, MSG_BULK_READ, rc, &e);
    msg_as(m, bulk_read).input = in;
    if (rc == E_OK) {
        const struct bulk b = {.file = file,
                               .lines = in->file.lines,
                               .requests = in->file.requests,
                               .len = in->file.len};
        (void)!ops_bulk_look(r->o, &b, &msg_as(m, bulk_read).past, &msg_as(m, bulk_read).unknown);
    }
    run_send(r, m);
}

/* A bulk run on its way: the reports that go to the UI. */
struct bulk_run {
    struct run *r;
    struct bulk_report *items;
    size_t len, cap;
    size_t ended, failed;
    int64_t sent_ms; /* monotonic: when the last message was sent */
};

static void bulk_send(struct bulk_run *b)
{
    struct msg *m = msg_new(MSG_BULK_LINES, b->r->t);

    msg_as(m, bulk_lines).items = b->items;
    msg_as(m, bulk_lines).len = b->len;
    msg_as(m, bulk_lines).ended = b->ended;
    msg_as(m, bulk_lines).failed = b->failed;
    b->items = NULL;
    b->len = b->cap = 0;
    b->sent_ms = clock_mono_ms(NULL);
    run_send(b->r, m);
}

/* Tells the progress, but not for each of a thousand deploys: a bar that moves ten times a second
 * is smooth. */
static void bulk_progress(void *arg, size_t ended, size_t failed)
{
    enum { EVERY_MS = 100 };
    struct bulk_run *b = arg;

    b->ended = ended;
    b->failed = failed;
    if (clock_mono_ms(NULL) - b->sent_ms >= EVERY_MS) {
        bulk_send(b);
    }
}

static void bulk_result(void *arg, size_t index, const struct bulk_line *line)
{
    enum { AT_ONCE = 160 };
    struct bulk_run *b = arg;

    b->items = xgrow(b->items, b->len, &b->cap, sizeof *b->items);
    struct bulk_report *x = &b->items[b->len++];
    x->index = index;
    x->line = *line;
    (void)snprintf(x->job_id, sizeof x->job_id, "%s",
                   task_as(b->r->t, bulk).input->file.requests[index].job_id);
    if (b->len >= AT_ONCE) {
        bulk_send(b);
    }
}

static bool bulk_stop(void *arg)
{
    const struct bulk_run *b = arg;

    return b->r->closed || atomic_load(&b->r->t->stop);
}

/* Sends what is in the outbox first, as the command does. */
static void resume_outbox(void *arg)
{
    const struct bulk_run *b = arg;

    (void)!ops_outbox_resume(b->r->o, NULL, NULL, NULL);
}

void run_bulk(struct run *r)
{
    struct err e = {0};
    struct bulk_totals totals = {0};
    struct bulk_run run = {.r = r};
    const struct task_bulk *x = &task_as(r->t, bulk);
    struct bulk_input *in = x->input;
    const struct bulk b = {.file = x->path == NULL ? "" : x->path,
                           .lines = in->file.lines,
                           .requests = in->file.requests,
                           .len = in->file.len,
                           .mode = x->mode,
                           .resume = resume_outbox,
                           .progress = bulk_progress,
                           .stop = bulk_stop,
                           .result = bulk_result,
                           .arg = &run};
    enum err_code rc = E_OK;

    rc = ops_bulk(r->o, &b, &totals, &e);
    run.ended = b.len - totals.not_tried;
    run.failed = totals.kept + totals.failed + totals.unknown;
    bulk_send(&run);
    struct msg *m = run_answer(r, MSG_BULK_END, rc, &e);
    msg_as(m, bulk_end) = totals;
    run_send(r, m);
}
