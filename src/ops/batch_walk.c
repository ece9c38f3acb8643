/* Listing the queue's Batch jobs by creation time, newest first. */
#include "batch_walk.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/batch.h"
#include "batch_find.h"
#include "batch_names.h"
#include "core/alloc.h"
#include "core/map.h"

/* The limits of one walk: a service whose pages bring nothing and never end must not hold anybody
 * up. */
enum { NAME_PAGE = 100, STATUS_PAGE = 1000, EMPTY_MAX = 20 };

void batch_walk_clear(struct batch_walk *w)
{
    free(w->token);
    w->token = NULL;
}

void batch_pages_clear(struct batch_pages *p)
{
    batch_jobs_free(p->jobs, p->len);
    *p = (struct batch_pages){.down_ms = TIME_NONE};
}

static bool inside(const struct batch_walk *w, const struct batch_job *b)
{
    int64_t at = b->created_ms;

    return at == TIME_NONE || (at >= w->from_ms && (w->to_ms == TIME_NONE || at <= w->to_ms));
}

/* Takes over one page. Returns whether everything on it was older than what is wanted. */
static bool take_page(struct batch_walk *w, cJSON *list, struct batch_pages *out)
{
    const cJSON *v;
    size_t older = 0;
    size_t n = 0;

    cJSON_ArrayForEach(v, list)
    {
        struct batch_job *b = batch_job_from_json(v);
        if (b == NULL) {
            continue;
        }
        n++;
        older += b->created_ms != TIME_NONE && b->created_ms < w->from_ms;
        w->unsorted =
            w->unsorted || b->created_ms == TIME_NONE || (w->begun && b->created_ms > w->low_ms);
        w->low_ms = b->created_ms;
        w->high_ms = b->created_ms > w->high_ms ? b->created_ms : w->high_ms;
        w->begun = true;
        if (inside(w, b)) {
            out->jobs = xgrow(out->jobs, out->len, &out->cap, sizeof(struct batch_job *));
            out->jobs[out->len++] = b;
        } else {
            batch_job_free(b);
        }
    }
    w->empty = n == 0 ? w->empty + 1 : 0;
    return n > 0 && older == n && !w->unsorted;
}

static enum err_code list_page(struct batch_walk *w, struct batch_pages *out, struct err *e)
{
    /* A call can have one filter only. When the window has an end, walking back from the end skips
     * everything that is newer. The service's bounds are exclusive. */
    bool back = w->to_ms != TIME_NONE;
    char value[24];
    struct batch_list l = {.queue = w->o->queue,
                           .filter_name = back ? "BEFORE_CREATED_AT" : "AFTER_CREATED_AT",
                           .filter_value = value,
                           .max_results = NAME_PAGE,
                           .token = w->token};
    cJSON *list = NULL;
    char *next = NULL;

    (void)snprintf(value, sizeof value, "%" PRId64, back ? w->to_ms + 1 : w->from_ms - 1);
    if (w->status != NULL) { /* Batch would ignore the state in a call with a filter */
        l = (struct batch_list){.queue = w->o->queue,
                                .status = w->status,
                                .max_results = STATUS_PAGE,
                                .token = w->token};
    }
    enum err_code rc = batch_list_jobs(w->o->aws, &l, &list, &next, e);
    w->pages++;
    if (rc != E_OK) {
        return rc;
    }
    bool past = take_page(w, list, out);
    cJSON_Delete(list);
    bool again = next != NULL && w->token != NULL && strcmp(next, w->token) == 0;
    free(w->token);
    w->token = next;
    w->ended = past || next == NULL;
    if (!w->ended && (again || w->empty >= EMPTY_MAX)) {
        w->ended = true;
        return err_set(e, E_SERVICE,
                       again ? "ListJobs %s: Batch gives the same page again and again"
                             : "ListJobs %s: Batch gives empty pages without an end",
                       w->o->queue);
    }
    return E_OK;
}

/* Describes the jobs whose owner is not known, and keeps the owners. */
static enum err_code learn(struct batch_walk *w, struct batch_pages *p, struct err *e)
{
    const char **ids = xcalloc(p->len + 1, sizeof *ids);
    struct map *full_of = map_new();
    struct batch_job **full = NULL;
    size_t full_len = 0;
    size_t n = 0;

    for (size_t i = 0; i < p->len; i++) {
        if (!batch_names_know(w->o->names, p->jobs[i]->id)) {
            ids[n++] = p->jobs[i]->id;
        }
    }
    enum err_code rc = batch_details(w->o, ids, n, &full, &full_len, NULL, e);
    for (size_t i = 0; i < full_len; i++) {
        (void)map_put(full_of, full[i]->id, full[i]);
    }
    free(ids);
    p->known = p->len;
    for (size_t i = 0; i < p->len; i++) {
        struct batch_job *b = p->jobs[i];
        struct batch_job *told = map_remove(full_of, b->id);
        char *owner = told == NULL ? batch_names_owner(w->o->names, b->id) : NULL;
        if (told != NULL) {
            batch_names_put(w->o->names, told->id, told->job_id,
                            b->created_ms == TIME_NONE ? 0 : b->created_ms);
            p->jobs[i] = batch_job_copy(told);
            batch_job_free(b);
        } else if (owner != NULL) {
            struct batch_job named = *b;
            named.job_id = owner[0] == '\0' ? NULL : owner;
            p->jobs[i] = batch_job_copy(&named);
            batch_job_free(b);
        } else if (i < p->known) {
            p->known = i;
        }
        free(owner);
    }
    map_free(full_of, NULL);
    batch_jobs_free(full, full_len);
    if (rc == E_OK && p->known < p->len) {
        return err_set(e, E_SERVICE, "Batch lists job %s but does not describe it",
                       p->jobs[p->known]->id);
    }
    return rc;
}

enum err_code batch_walk_read(struct batch_walk *w, size_t pages, struct batch_pages *out,
                              struct err *e)
{
    struct err listed = {0};
    enum err_code rc = E_OK;

    *out = (struct batch_pages){.down_ms = TIME_NONE};
    w->high_ms = w->begun ? w->high_ms : TIME_NONE;
    for (size_t i = 0; i < pages && rc == E_OK && !w->ended; i++) {
        rc = list_page(w, out, &listed);
    }
    enum err_code learnt = learn(w, out, e);
    if (learnt == E_OK && rc == E_OK && w->ended) {
        out->down_ms = w->from_ms;
    } else if (out->known > 0 && !w->unsorted) {
        /* Other jobs of the same millisecond may stand on the next page. */
        out->down_ms = out->jobs[out->known - 1]->created_ms + 1;
    }
    if (learnt == E_OK && rc != E_OK && e != NULL) {
        *e = listed;
    }
    return learnt != E_OK ? learnt : rc;
}
