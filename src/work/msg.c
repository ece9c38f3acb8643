/* Making a message, and freeing what its kind owns. */
#include "work/msg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

struct msg *msg_new(enum msg_kind kind, const struct task *t)
{
    struct msg *m = xcalloc(1, sizeof *m);

    m->kind = kind;
    m->task = t->kind;
    m->request = t->request;
    m->job_id = xstrdup(t->job_id);
    return m;
}

void dlq_look_free(struct dlq_look *l)
{
    if (l != NULL) {
        dlq_list_clear(&l->list);
        free(l);
    }
}

/* ---- what MSG_MAP names: one function for each type of member that owns something ---- */

#define NO_OWNER(member) (void)(member)

static void free_table(struct table_info **x)
{
    free(*x);
}

static void free_jobs(struct msg_jobs *x)
{
    for (size_t i = 0; i < x->len; i++) {
        job_free(x->items[i]);
    }
    free(x->items);
}

static void free_batch(struct msg_batch *x)
{
    for (size_t i = 0; i < x->len; i++) {
        batch_job_free(x->items[i]);
    }
    free(x->items);
}

static void free_strings(char **items, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        free(items[i]);
    }
    free(items);
}

static void free_ids(struct msg_ids *x)
{
    free_strings(x->ids, x->len);
}

static void free_files(struct msg_files *x)
{
    free_strings(x->paths, x->len);
}

static void free_stream(struct msg_stream *x)
{
    stream_cursor_free(x->cursor);
}

static void free_detail(struct job_detail **x)
{
    job_detail_free(*x);
}

static void free_bus(struct bus_report **x)
{
    if (*x != NULL) {
        bus_report_clear(*x);
        free(*x);
    }
}

static void free_queue(struct queue_result **x)
{
    if (*x != NULL) {
        queue_result_clear(*x);
        free(*x);
    }
}

static void free_queue_look(struct queue_facts **x)
{
    queue_facts_free(*x);
}

static void free_log(struct msg_log *x)
{
    free(x->cursor);
    log_page_clear(&x->page);
}

static void free_rule_log(struct msg_rule_log *x)
{
    rule_log_cursor_free(x->cursor);
    log_page_clear(&x->page);
}

static void free_dlq(struct dlq_look **x)
{
    dlq_look_free(*x);
}

void grep_hit_clear(struct grep_hit *h)
{
    free(h->text);
    free(h->job_id);
    free(h->stream);
    *h = (struct grep_hit){0};
}

static void free_grep(struct msg_grep *x)
{
    for (size_t i = 0; i < x->len; i++) {
        grep_hit_clear(&x->items[i]);
    }
    free(x->items);
}

static void free_dlq_result(struct msg_dlq_result *x)
{
    free(x->id);
}

static void free_program(struct program_result *x)
{
    free(x->output);
}

static void free_doctor(struct msg_doctor *x)
{
    finding_clear(&x->found);
}

static void free_e2e(struct msg_e2e *x)
{
    finding_clear(&x->found);
}

static void free_bulk_read(struct msg_bulk_read *x)
{
    if (x->input != NULL) {
        bulk_input_clear(x->input);
        free(x->input);
    }
}

static void free_bulk_lines(struct msg_bulk_lines *x)
{
    free(x->items);
}

void msg_free(struct msg *m)
{
    if (m == NULL) {
        return;
    }
#define FREE(row, end, type, member, function)                                                     \
    if (m->kind == (row)) {                                                                        \
        function(&m->u.member);                                                                    \
    }
#define FREE_NOTHING(row, end)
    MSG_MAP(FREE, FREE_NOTHING)
#undef FREE
#undef FREE_NOTHING
    free(m->job_id);
    free(m);
}

bool msg_is_last(const struct msg *m)
{
    enum { MORE, LAST };
    static const bool last[MSG_KIND_COUNT] = {
#define ENDS_X(kind, end, type, member, function) [kind] = (end) == LAST,
#define ENDS_N(kind, end) [kind] = (end) == LAST,
        MSG_MAP(ENDS_X, ENDS_N)
#undef ENDS_X
#undef ENDS_N
    };

    return last[m->kind];
}

/* ---- the check of msg_as ---- */

#ifndef NDEBUG
void msg_must_have(enum msg_kind kind, const char *member)
{
    static const struct {
        const char *kind, *member;
    } of[MSG_KIND_COUNT] = {
#define NAMES(kind, end, type, member, function) [kind] = {#kind, #member},
#define NAME(kind, end) [kind] = {#kind, "none"},
        MSG_MAP(NAMES, NAME)
#undef NAMES
#undef NAME
    };

    if (strcmp(of[kind].member, member) != 0) {
        (void)fprintf(stderr, "msg_as: the member of %s is \"%s\", not \"%s\"\n", of[kind].kind,
                      of[kind].member, member);
        abort();
    }
}
#endif
