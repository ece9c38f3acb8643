/* record_change_condition.c - the condition under which a report may change the record. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "core/alloc.h"
#include "record_change_parts.h"

static char *spelling(enum job_status s, int form)
{
    char *w = xstrdup(job_status_word(s));

    for (size_t i = 0; w[i] != '\0'; i++) {
        if (form == 1 || (form == 2 && i > 0)) {
            w[i] = w[i] >= 'A' && w[i] <= 'Z' ? (char)(w[i] - 'A' + 'a') : w[i];
        }
    }
    return w;
}

/* Adds " AND NOT #status IN (...)": the three usual spellings of each status of the set, and the
 * record's own word when it is one of them. */
static void forbid(struct build *b, const char *prefix, const enum job_status *set, size_t len)
{
    const char *word = attr_str(b->item, "status");
    enum job_status now = job_status_parse(word);
    char n[64];
    char v[64];
    char label[64];
    size_t count = 0;

    strbuf_addf(&b->where, "NOT %s IN (", record_change_name(b, "status", n));
    for (size_t i = 0; i < len; i++) {
        bool known = now != set[i];
        for (int form = 0; form < 3; form++) {
            char *w = spelling(set[i], form);
            known = known || strcmp(w, word) == 0;
            (void)snprintf(label, sizeof label, "%s%zu", prefix, count);
            strbuf_addf(&b->where, "%s%s", count++ == 0 ? "" : ", ",
                        record_change_value(b, label, attr_new_str(w), v));
            free(w);
        }
        if (!known) {
            (void)snprintf(label, sizeof label, "%s%zu", prefix, count++);
            strbuf_addf(&b->where, ", %s", record_change_value(b, label, attr_new_str(word), v));
        }
    }
    strbuf_adds(&b->where, ")");
}

/* The path is absent, empty, or holds this very id. */
static void same_batch(struct build *b, const char *path)
{
    strbuf_addf(&b->where,
                "(attribute_not_exists(%s) OR attribute_type(%s, :null_type) OR %s = :no_text OR "
                "%s = :claim)",
                path, path, path, path);
}

/* The job is not IN_PROGRESS under another Batch job. */
static void claim(struct build *b)
{
    static const enum job_status running[] = {JOB_IN_PROGRESS};
    char r[64];
    char k[64];
    char v[64];
    char path[160];

    (void)record_change_value(b, "null_type", attr_new_str("NULL"), v);
    (void)record_change_value(b, "no_text", attr_new_str(""), v);
    (void)record_change_value(b, "claim", attr_new_str(b->u->batch_job_id), v);
    strbuf_adds(&b->where, " AND (");
    forbid(b, "running", running, 1);
    strbuf_adds(&b->where, " OR (");
    same_batch(b, record_change_name(b, "batchJobId", k));
    strbuf_adds(&b->where, " AND ");
    (void)snprintf(path, sizeof path, "%s.%s", record_change_name(b, "resources", r), k);
    same_batch(b, path);
    strbuf_adds(&b->where, "))");
}

/* Does the update move the job on, rather than only add information to it? */
static bool moves(const struct record_change *u)
{
    return u->status != NULL || u->step != NULL || u->progress >= 0;
}

/* No other report has come since the record was read: when this report is sent again, it finds
 * itself. */
static void once(struct build *b)
{
    const char *last = attr_str(b->item, REPORT_ID);
    char n[64];
    char v[64];

    if (last != NULL) {
        strbuf_addf(&b->where, " AND %s = %s", record_change_name(b, REPORT_ID, n),
                    record_change_value(b, "last_report", attr_new_str(last), v));
    } else if (attr_type_of(attr_find(b->item, REPORT_ID)) == ATTR_NONE) {
        strbuf_addf(&b->where, " AND attribute_not_exists(%s)",
                    record_change_name(b, REPORT_ID, n));
    }
}

void record_change_condition(struct build *b)
{
    enum job_status set[6];
    size_t n = 0;
    char id[64];

    strbuf_addf(&b->where, "attribute_exists(%s)", record_change_name(b, "jobId", id));
    if (moves(b->u)) {
        set[n++] = JOB_COMPLETED;
        set[n++] = JOB_FAILED;
        set[n++] = JOB_CANCELLED;
        if (b->status == JOB_PENDING || b->status == JOB_QUEUED) {
            set[n++] = JOB_IN_PROGRESS;
        }
        if (b->status == JOB_PENDING) {
            set[n++] = JOB_QUEUED;
        }
        strbuf_adds(&b->where, " AND ");
        forbid(b, "past", set, n);
    }
    if (b->u->batch_job_id != NULL) {
        claim(b);
    }
    if (b->u->token != NULL && b->item != NULL) {
        once(b);
    }
}
