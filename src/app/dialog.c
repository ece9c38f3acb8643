#include "app/dialog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/text.h"

void dialog_open(struct dialog *d, enum dialog_kind kind)
{
    dialog_close(d);
    d->kind = kind;
    d->typed.max = 12;
}

void dialog_close(struct dialog *d)
{
    for (size_t i = 0; i < d->jobs_len; i++) {
        free(d->jobs[i].id);
        free(d->jobs[i].name);
        free(d->jobs[i].status);
    }
    free(d->jobs);
    edit_done(&d->typed);
    size_t page = d->page;
    memset(d, 0, sizeof *d);
    d->page = page;
}

struct dialog_job *dialog_add_job(struct dialog *d, const char *id, const char *name,
                                  const char *status)
{
    d->jobs = xrealloc(d->jobs, (d->jobs_len + 1) * sizeof *d->jobs);
    struct dialog_job *j = &d->jobs[d->jobs_len++];

    memset(j, 0, sizeof *j);
    j->id = xstrdup(id);
    j->name = text_cleaned(name == NULL ? "" : name, TEXT_ONE_LINE);
    j->status = text_cleaned(status == NULL ? "" : status, TEXT_ONE_LINE);
    return j;
}

bool dialog_may_accept(const struct dialog *d)
{
    char want[24];

    if (!d->need_count) {
        return true;
    }
    (void)snprintf(want, sizeof want, "%zu", d->count);
    return strcmp(edit_text(&d->typed), want) == 0;
}

bool dialog_result(struct dialog *d, uint32_t request, bool good, const char *text)
{
    return dialog_result_of(d, request, NULL, good, text);
}

bool dialog_result_of(struct dialog *d, uint32_t request, const char *id, bool good,
                      const char *text)
{
    for (size_t i = 0; d->running && i < d->jobs_len; i++) {
        struct dialog_job *j = &d->jobs[i];
        if (j->result != RESULT_WAITING || j->request != request ||
            (id != NULL && strcmp(j->id, id) != 0)) {
            continue;
        }
        j->result = good ? RESULT_DONE : RESULT_FAILED;
        (void)snprintf(j->text, sizeof j->text, "%.230s", text);
        d->done += good;
        d->failed += !good;
        d->over = d->done + d->failed == d->count;
        return true;
    }
    return false;
}
