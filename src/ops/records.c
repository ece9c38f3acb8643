/* The records of one job, found from the job's id or from its Batch job's id. */
#include "records.h"

#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "aws/dynamodb.h"
#include "batch_find.h"
#include "batch_names.h"
#include "core/alloc.h"
#include "core/json.h"
#include "jobs/join.h"
#include "ops/follow.h"

enum {
    PARTS_MAX = 10 /* how many records are read of a job that was started again and again: those of
                      its newest Batch jobs */
};

void job_records_clear(struct job_records *r)
{
    free(r->job_id);
    cJSON_Delete(r->own);
    cJSON_Delete(r->parts);
    batch_job_free(r->batch);
    *r = (struct job_records){0};
}

static bool in_our_queue(const struct ops *o, const struct batch_job *b)
{
    const char *slash = b->queue == NULL ? NULL : strrchr(b->queue, '/');
    const char *ours = strrchr(o->queue, '/');

    return slash == NULL || strcmp(slash + 1, ours == NULL ? o->queue : ours + 1) == 0;
}

/* Finds the job that the Batch job with this id belongs to: what Batch once told is remembered,
 * else Batch is asked. */
static enum err_code find_owner(const struct ops *o, const char *key, struct job_records *r,
                                char **owner, struct err *e)
{
    batch_names_ready(o);
    *owner = batch_names_root(o->names, key);
    if (*owner != NULL && r->own != NULL) {
        return E_OK;
    }
    enum err_code rc = batch_find_by_id(o, key, &r->batch, e);
    if (rc == E_OK && r->batch != NULL) {
        free(*owner);
        r->elsewhere = !in_our_queue(o, r->batch);
        *owner = r->elsewhere || r->batch->job_id == NULL ? NULL : xstrdup(r->batch->job_id);
        if (!r->elsewhere && r->batch->created_ms != TIME_NONE) {
            batch_names_put(o->names, r->batch->id, r->batch->job_id, r->batch->created_ms);
            char *root = batch_names_root(o->names, key);
            if (root != NULL) { /* NULL: the name was too old to be kept */
                free(*owner);
                *owner = root;
            }
        }
    }
    return rc;
}

/* Makes the record that was read a part of the job `owner`. */
static enum err_code turn_to_owner(const struct ops *o, const char *owner, struct job_records *r,
                                   struct err *e)
{
    if (r->own != NULL) {
        json_push(r->parts, r->own);
        r->own = NULL;
    }
    free(r->job_id);
    r->job_id = xstrdup(owner);
    return ddb_get_item(o->aws, o->table, "jobId", owner, true, &r->own, e);
}

enum err_code job_records_read(const struct ops *o, const char *id, struct job_records *out,
                               struct err *e)
{
    char key[BATCH_ID_SIZE];
    char *owner = NULL;

    *out = (struct job_records){.job_id = xstrdup(id), .parts = json_new_array()};
    enum err_code rc = ddb_get_item(o->aws, o->table, "jobId", id, true, &out->own, e);
    if (rc != E_OK || !job_batch_key(id, key)) {
        return rc;
    }
    struct err asking = {0};
    enum err_code asked = find_owner(o, key, out, &owner, &asking);
    if (owner != NULL && owner[0] != '\0' && strcmp(owner, id) != 0) {
        rc = turn_to_owner(o, owner, out, e);
    } else if (asked != E_OK && out->own == NULL) {
        rc = asked;
        if (e != NULL) {
            *e = asking;
        }
        (void)err_wrap(e, "table %s has no record of %s, and whether Batch has it is not known",
                       o->table, id);
    }
    free(owner);
    return rc;
}

static bool has_part(const struct job_records *r, const char *id)
{
    const cJSON *part;

    cJSON_ArrayForEach(part, r->parts)
    {
        const char *have = attr_str(part, "jobId");
        if (have != NULL && strcmp(have, id) == 0) {
            return true;
        }
    }
    return false;
}

/* Reads the record under this Batch id, if there may be one that is not in `r` yet. */
static enum err_code add_part(const struct ops *o, struct job_records *r, const char *batch_id,
                              size_t *asked, struct err *e)
{
    char key[BATCH_ID_SIZE];
    cJSON *item = NULL;

    if (*asked >= PARTS_MAX || !job_batch_key(batch_id, key) || strcmp(batch_id, r->job_id) == 0 ||
        has_part(r, batch_id)) {
        return E_OK;
    }
    (*asked)++;
    enum err_code rc = ddb_get_item(o->aws, o->table, "jobId", batch_id, true, &item, e);
    if (item != NULL) {
        json_push(r->parts, item);
    }
    return rc;
}

enum err_code job_records_add(const struct ops *o, struct job_records *r,
                              struct batch_job *const *jobs, size_t len, struct err *e)
{
    struct batch_name *list = NULL;
    enum err_code rc = E_OK;
    size_t asked = 0;

    for (size_t i = 0; i < len && rc == E_OK; i++) {
        bool its =
            jobs[i] != NULL && (jobs[i]->job_id == NULL || strcmp(jobs[i]->job_id, r->job_id) == 0);
        rc = its ? add_part(o, r, jobs[i]->id, &asked, e) : E_OK;
    }
    size_t n = rc != E_OK ? 0 : batch_names_of(o->names, r->job_id, &list);
    /* the loop includes jobs that Batch has forgotten */
    for (size_t i = 0; i < n && rc == E_OK; i++) {
        bool told = false;
        for (size_t k = 0; k < len; k++) {
            told = told || (jobs[k] != NULL && strcmp(jobs[k]->id, list[i].batch_id) == 0);
        }
        rc = told ? E_OK : add_part(o, r, list[i].batch_id, &asked, e);
    }
    batch_names_list_free(list, n);
    return rc;
}

/* The record that counts when several containers wrote one: that of the Batch job which counts,
 * else the one heard of last. Owned; NULL: there is none. */
static struct job *main_part(const struct job_records *r, const struct batch_job *b)
{
    struct job *best = NULL;
    const cJSON *item;

    cJSON_ArrayForEach(item, r->parts)
    {
        struct job *part = job_from_item(item);
        bool counts = part != NULL && b != NULL && strcmp(part->id, b->id) == 0;
        if (part != NULL &&
            (counts || best == NULL || job_ms(part, JOB_UPDATED) > job_ms(best, JOB_UPDATED))) {
            job_free(best);
            best = part;
        } else {
            job_free(part);
        }
        if (counts) {
            break;
        }
    }
    return best == NULL ? NULL : job_set_try(best, b);
}

struct job *job_records_join(const struct job_records *r, const struct batch_job *b)
{
    struct job *own = r->own == NULL ? NULL : job_from_item(r->own);
    struct job *container = main_part(r, b);

    if (container != NULL) {
        struct job *both = job_join(r->job_id, own, container);
        job_free(container);
        job_free(own);
        return both;
    }
    return own != NULL ? own : b == NULL ? NULL : job_of_batch(b);
}

void ops_job_owner(const struct ops *o, struct job **j)
{
    char key[BATCH_ID_SIZE];

    if (!job_batch_key((*j)->id, key)) {
        return;
    }
    batch_names_ready(o);
    char *owner = batch_names_root(o->names, key);
    if (owner != NULL && owner[0] != '\0' && strcmp(owner, (*j)->id) != 0) {
        *j = job_set_owner(*j, owner);
    }
    free(owner);
}
