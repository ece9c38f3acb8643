/* Making a task, and freeing what its kind owns. */
#include "work/task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/words.h"

struct task *task_new(enum task_kind kind, uint32_t request)
{
    struct task *t = xcalloc(1, sizeof *t);

    t->kind = kind;
    t->request = request;
    switch (kind) {
    case TASK_LOAD:
    case TASK_SWEEP:
        t->u.part.segments = 1;
        break;
    case TASK_QUERY_STATUS:
        t->u.status.since_ms = TIME_NONE;
        break;
    case TASK_LIST_BATCH:
        t->u.list_batch.since_ms = TIME_NONE;
        break;
    default:
        break;
    }
    return t;
}

/* ---- what TASK_MAP names: one function for each type of member that owns something ---- */

#define NO_OWNER(member) (void)(member)

static void free_text(char **x)
{
    free(*x);
}

static void free_ids(struct task_ids *x)
{
    for (size_t i = 0; i < x->len; i++) {
        free(x->items[i]);
    }
    free(x->items);
}

static void free_status(struct task_status *x)
{
    free(x->word);
}

static void free_stream(struct task_stream *x)
{
    free(x->arn);
    stream_cursor_free(x->cursor);
}

static void free_children(struct task_children *x)
{
    free(x->batch_id);
    free_ids(&x->only);
}

static void free_log_stage(struct task_log_stage *x)
{
    for (size_t i = 0; i < x->len; i++) {
        free(x->items[i].job_id);
        free(x->items[i].group);
        free(x->items[i].stream);
    }
    free(x->items);
}

static void free_log(struct log_cursor **x)
{
    free(*x);
}

static void free_rule_log(struct rule_log_cursor **x)
{
    rule_log_cursor_free(*x);
}

static void free_dlq(struct task_dlq *x)
{
    free_ids(&x->ids);
    if (x->edit != NULL) {
        dlq_edit_clear(x->edit);
        free(x->edit);
    }
}

static void free_deploy(struct deploy_request **x)
{
    if (*x != NULL) {
        deploy_request_clear(*x);
        free(*x);
    }
}

static void free_grep(struct task_grep *x)
{
    free(x->pattern);
    free_ids(&x->jobs);
}

static void free_hook(struct task_hook *x)
{
    free(x->input);
    free_ids(&x->env);
}

static void free_program(struct task_program *x)
{
    words_free(x->words);
    free(x->input);
    free_ids(&x->env);
}

static void free_doctor(struct task_doctor *x)
{
    free(x->only);
}

static void free_bulk(struct task_bulk *x)
{
    free(x->path);
    if (x->input != NULL) {
        bulk_input_clear(x->input);
        free(x->input);
    }
}

void task_free(struct task *t)
{
    if (t == NULL) {
        return;
    }
#define FREE(row, member, function)                                                                \
    if (t->kind == (row)) {                                                                        \
        function(&t->u.member);                                                                    \
    }
#define FREE_NOTHING(row)
    TASK_MAP(FREE, FREE_NOTHING)
#undef FREE
#undef FREE_NOTHING
    free(t->job_id);
    free(t);
}

/* ---- the check of task_as ---- */

#ifndef NDEBUG
void task_must_have(enum task_kind kind, const char *member)
{
    static const struct {
        const char *kind, *member;
    } of[TASK_KIND_COUNT] = {
#define NAMES(kind, member, function) [kind] = {#kind, #member},
#define NAME(kind) [kind] = {#kind, "none"},
        TASK_MAP(NAMES, NAME)
#undef NAMES
#undef NAME
    };

    if (strcmp(of[kind].member, member) != 0) {
        (void)fprintf(stderr, "task_as: the member of %s is \"%s\", not \"%s\"\n", of[kind].kind,
                      of[kind].member, member);
        abort();
    }
}
#endif
