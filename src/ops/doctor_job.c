/* The doctor's check K1: what became of the job that did not start, after all checks on its event's
 * way. */
#include <stdlib.h>
#include <string.h>

#include "aws/dynamodb.h"
#include "core/deadline.h"
#include "core/json.h"
#include "doctor_priv.h"
#include "ops/job_ops.h"
#include "ops/outbox.h"

enum { LOOK_MS = 5000 }; /* for how long a check may look into the outbox and the table */

bool doctor_unsent(const struct ops *o, const char *job_id)
{
    char **ids = NULL;
    size_t n = job_id == NULL ? 0 : outbox_list(o, &ids);
    bool waits = false;

    for (size_t i = 0; i < n; i++) {
        waits = waits || strcmp(ids[i], job_id) == 0;
    }
    outbox_list_free(ids, n);
    return waits;
}

/* Does Batch have the job that has no record? Only when Batch's answer is known, too, is there no
 * such job. */
static enum err_code in_batch(const struct ops *o, const char *job_id, struct err *e)
{
    struct job_detail *d = NULL;
    struct err own = {0};
    int64_t before = deadline_within(LOOK_MS);
    enum err_code rc = ops_job_get(o, job_id, false, &d, &own);

    (void)deadline_set(before);
    job_detail_free(d);
    if (rc == E_NOT_FOUND && e != NULL) {
        *e = own;
    }
    return rc == E_NOT_FOUND ? rc : E_OK; /* the checks tell what is wrong with Batch */
}

enum err_code ops_doctor_job(const struct ops *o, const char *job_id, struct err *e)
{
    cJSON *item = NULL;
    int64_t before = deadline_within(LOOK_MS);
    enum err_code rc = ddb_get_item(o->aws, o->table, "jobId", job_id, true, &item, NULL);

    (void)deadline_set(before);
    if (rc != E_OK) {
        return E_OK; /* the checks tell what is wrong with the table */
    }
    bool there = item != NULL || doctor_unsent(o, job_id);
    cJSON_Delete(item);
    return there ? E_OK : in_batch(o, job_id, e);
}

/* The first check on the event's way that failed; NULL: none did. */
static const char *first_fault(struct doctor *d)
{
    const char *ids = doctor_way;

    for (; *(ids += strspn(ids, " ")) != '\0'; ids += strcspn(ids, " ")) {
        size_t len = strcspn(ids, " ");
        for (size_t i = 0; i < doctor_checks_len; i++) {
            const char *id = doctor_checks[i].id;
            if (strlen(id) == len && strncmp(id, ids, len) == 0 && doctor_failed(d, id)) {
                return id;
            }
        }
    }
    return NULL;
}

/* Tells whether the event is a dead letter. A dead letter queue that does not exist, or that the
 * target does not name, has none. */
static enum doctor_letter letter_of(struct doctor *d)
{
    bool named = !doctor_usable(d, "D6") || json_object(d->target, "DeadLetterConfig") != NULL;

    if (doctor_usable(d, "E4") || doctor_failed(d, "E4")) {
        if (d->letter != LETTER_UNKNOWN) {
            return d->letter;
        }
    }
    return doctor_missing(d, "E1") || !named ? LETTER_NONE : LETTER_UNKNOWN;
}

void check_job(struct doctor *d, struct finding *f)
{
    struct job_detail *j = NULL;
    struct err e = {0};

    if (d->opt.job_id == NULL) {
        (void)finding_add(f, DOCTOR_SKIP, "no job is named");
        finding_fix(f, "name one: mvpdash doctor --job JOB_ID");
        return;
    }
    enum err_code rc = ops_job_get(&d->o, d->opt.job_id, false, &j, &e);
    if (rc == E_NOT_FOUND) {
        /* the job is in the outbox only, or has gone since */
        (void)finding_add(f, DOCTOR_WARN, "%s", e.msg);
        finding_fix(f, "see D1");
    } else if (doctor_looked(d, rc, &e, "dynamodb:GetItem", f)) {
        const struct doctor_job x = {
            .job = j->job,
            .batch = j->batch,
            .state = &j->state,
            .batch_fault = j->batch_asked ? NULL : j->batch_err.msg,
            .unsent = doctor_unsent(&d->o, d->opt.job_id),
            .letter = letter_of(d),
            .fault = first_fault(d),
            .now_ms = clock_wall_ms(d->o.clock),
            .not_picked_up_s = ops_state_rules(d->o.settings).not_picked_up_s,
        };
        doctor_job(&x, f);
    }
    job_detail_free(j);
}
