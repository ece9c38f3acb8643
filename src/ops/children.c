/* Listing the children of a Batch array job. */
#include "ops/children.h"

#include <stdlib.h>
#include <string.h>

#include "aws/batch.h"
#include "batch_find.h"
#include "core/alloc.h"

/* The limit of one listing: a service whose pages never end must not hold anybody up. A page may
 * hold as few as 100 children. */
enum { PAGES_MAX = 10000 / 100 + 20 };

struct listing {
    const struct ops *o;
    const char *parent_id;
    batch_page_fn page;
    void *arg;
    int pages; /* pages asked for so far */
};

/* Takes the reply's list and hands it over. */
static enum err_code hand_over(const struct listing *l, cJSON *list, struct err *e)
{
    struct batch_job **jobs = xcalloc((size_t)cJSON_GetArraySize(list) + 1, sizeof(void *));
    size_t len = 0;
    const cJSON *v;

    cJSON_ArrayForEach(v, list)
    {
        jobs[len] = batch_job_from_json(v);
        len += jobs[len] != NULL;
    }
    cJSON_Delete(list);
    return l->page(l->arg, jobs, len) ? E_OK : err_set(e, E_CANCELLED, "stopped");
}

static enum err_code list_state(struct listing *l, enum batch_status status, struct err *e)
{
    char *token = NULL;
    enum err_code rc = E_OK;

    do {
        struct batch_list want = {
            .array_job = l->parent_id, .status = batch_status_word(status), .token = token};
        cJSON *list = NULL;
        char *next = NULL;
        rc = batch_list_jobs(l->o->aws, &want, &list, &next, e);
        if (rc == E_OK) {
            rc = hand_over(l, list, e);
        }
        if (rc == E_OK && next != NULL &&
            (++l->pages >= PAGES_MAX || (token != NULL && strcmp(token, next) == 0))) {
            rc = err_set(e, E_SERVICE, "ListJobs of array job %s: Batch gives pages without an end",
                         l->parent_id);
        }
        free(token);
        token = next;
    } while (rc == E_OK && token != NULL);
    free(token);
    return rc;
}

/* Is this state to be listed? When the parent does not tell how its children stand, all states
 * are. */
static bool wanted(const struct batch_array *a, const struct children_held *held,
                   enum batch_status status)
{
    int known = 0;

    for (int s = BATCH_SUBMITTED; s <= BATCH_FAILED; s++) {
        known += a->count[s];
    }
    if (known == 0) {
        return true;
    }
    if (status == BATCH_SUCCEEDED || status == BATCH_FAILED) {
        return a->count[status] != (status == BATCH_FAILED ? held->failed : held->succeeded);
    }
    return a->count[status] > 0;
}

static enum err_code children(struct listing *l, const struct children_held *held, struct err *e)
{
    /* Failed children are what people look for, so they come first. The other states follow along
     * the way of a child, so that a child which moves on meanwhile comes twice rather than not at
     * all. */
    static const enum batch_status order[] = {BATCH_FAILED,   BATCH_SUBMITTED, BATCH_PENDING,
                                              BATCH_RUNNABLE, BATCH_STARTING,  BATCH_RUNNING,
                                              BATCH_SUCCEEDED};
    struct batch_job *parent = NULL;
    enum err_code rc = batch_find_by_id(l->o, l->parent_id, &parent, e);

    if (rc != E_OK) {
        return rc;
    }
    if (parent == NULL) {
        return err_set(
            e, E_NOT_FOUND,
            "Batch does not know array job %s: it forgets a job about a week after its end",
            l->parent_id);
    }
    struct batch_array stands = parent->array;
    struct batch_job **one = xcalloc(1, sizeof(struct batch_job *));
    one[0] = parent;
    if (stands.size <= 0) {
        batch_jobs_free(one, 1);
        return err_set(e, E_NOT_FOUND, "Batch job %s is not an array job: it has no children",
                       l->parent_id);
    }
    if (!l->page(l->arg, one, 1)) {
        return err_set(e, E_CANCELLED, "stopped");
    }
    for (size_t i = 0; i < sizeof order / sizeof *order && rc == E_OK; i++) {
        rc = wanted(&stands, held, order[i]) ? list_state(l, order[i], e) : E_OK;
    }
    return rc;
}

enum err_code ops_children(const struct ops *o, const char *parent_id,
                           const struct children_held *held, batch_page_fn page, void *arg,
                           struct err *e)
{
    struct listing l = {.o = o, .parent_id = parent_id, .page = page, .arg = arg};
    int64_t begun = ops_begin(o);
    enum err_code rc = children(&l, held, e);

    ops_end(begun);
    return rc;
}
