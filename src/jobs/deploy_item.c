/* deploy_item.c - the record that a deploy writes, and the request that repeats a recorded job. */
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/json.h"
#include "deploy_type.h"
#include "jobs/job.h"

static cJSON *nulls(const char *const *names, size_t len)
{
    cJSON *m = json_new_object();

    for (size_t i = 0; i < len; i++) {
        json_set(m, names[i], attr_new_null());
    }
    return m;
}

static cJSON *timestamps(const char *created, const char *estimated)
{
    static const char *const later[] = {"startedAt", "completedAt"};
    cJSON *m = nulls(later, 2);

    json_set(m, "createdAt", attr_new_str(created));
    json_set(m, "estimatedCompletion", attr_new_str(estimated));
    return attr_new_map(m);
}

/* The first entry of the history that the timeline shows and `report` appends to. */
static cJSON *history(const char *at)
{
    cJSON *entry = json_new_object();
    cJSON *list = json_new_array();

    json_set(entry, "at", attr_new_str(at));
    json_set(entry, "status", attr_new_str("PENDING"));
    json_push(list, attr_new_map(entry));
    return attr_new_list(list);
}

/* Sets the fields that are attributes of the record itself. */
static void set_fields(cJSON *item, const struct deploy_request *r)
{
    for (size_t i = 0; i < deploy_rows_len; i++) {
        const struct deploy_field *f = &deploy_fields[i];
        cJSON *v = f->record ? deploy_field_json(f, r, true) : NULL;
        if (v != NULL) {
            json_set(item, f->name, attr_from_plain(v));
        } else if (f->record && f->required) {
            json_set(item, f->name, attr_new_null());
        }
        cJSON_Delete(v);
    }
}

/* Writes both forms of SPEC 1.2 for what a reader of either form needs from the start; reports add
 * the results of later steps. The database URL is never recorded. */
cJSON *deploy_record_item(const struct deploy_request *r)
{
    static const char *const url_names[] = {"codeRepository", "staging", "production"};
    static const char *const resource_names[] = {"batchJobId"};
    bool estimate = r->estimated_duration_s >= 0 && r->timestamp_ms != TIME_NONE;
    char created[TIME_ISO_SIZE];
    char estimated[TIME_ISO_SIZE] = "";
    cJSON *item = json_new_object();

    (void)time_iso(r->timestamp_ms, created);
    if (estimate) {
        (void)time_iso(r->timestamp_ms + r->estimated_duration_s * 1000, estimated);
    }
    set_fields(item, r);
    json_set(item, "status", attr_new_str(job_status_word(JOB_PENDING)));
    json_set(item, "progress", attr_new_int(0));
    json_set(item, "currentStep", attr_new_str("QUEUED"));
    json_set(item, "createdAt", attr_new_str(created));
    json_set(item, "updatedAt", attr_new_str(created));
    if (estimate) {
        json_set(item, "estimatedCompletion", attr_new_str(estimated));
    }
    json_set(item, "timestamps", timestamps(created, estimate ? estimated : NULL));
    json_set(item, "urls", attr_new_map(nulls(url_names, 3)));
    json_set(item, "resources", attr_new_map(nulls(resource_names, 1)));
    json_set(item, "errors", attr_new_list(json_new_array()));
    cJSON *metadata = deploy_metadata_json(r);
    json_set(item, "metadata", attr_from_plain(metadata));
    cJSON_Delete(metadata);
    json_set(item, "history", history(created));
    if (r->bulk_line != NULL) {
        json_set(item, DEPLOY_BULK_LINE, attr_from_plain(r->bulk_line));
    }
    deploy_carry_record(r, item);
    return item;
}

/* Takes the fields that struct job knows, which finds their values in each shape that a record can
 * have. */
static void take_known(struct deploy_request *r, const struct job *j)
{
    const struct deploy_field *priority = deploy_field_named("priority");
    const struct deploy_field *features = deploy_field_named("features");
    const struct deploy_field *duration = deploy_field_named("estimatedDuration");
    int64_t seconds = j->estimated_duration_s;
    char room[JOB_ROOM];

    r->user_id = xstrdup(job_text(j, JOB_USER_ID));
    r->product_id = xstrdup(job_text(j, JOB_PRODUCT_ID));
    r->business_name = xstrdup(job_text(j, JOB_BUSINESS_NAME));
    r->email = xstrdup(job_text(j, JOB_EMAIL));
    /* the word is another program's: the repeated job gets the default */
    if (job_text(j, JOB_PRIORITY) != NULL) {
        (void)!priority->type->set(priority, r, job_text(j, JOB_PRIORITY), NULL);
    }
    for (size_t i = 0; i < j->features_len && (int64_t)i < features->most; i++) {
        const char *name = job_feature(j, i, room);
        deploy_list_add(&r->features, name, strlen(name));
    }
    if (duration->type->check(duration, &seconds, NULL) == E_OK) {
        r->estimated_duration_s = seconds;
    }
    r->retry_of = xstrdup(j->id);
}

/* Takes from the record itself the fields that struct job does not know, when a deploy may say
 * them. */
static void take_recorded(struct deploy_request *r, const struct deploy_field *f, const cJSON *item)
{
    const cJSON *from = f->place == DEPLOY_TOP ? item : attr_map(item, "metadata");
    const cJSON *av = attr_find(from, f->name);
    bool wanted = !f->made && !f->secret && f->type != &field_object;

    if (!wanted || f->type->given(field_in(f, r)) || av == NULL || attr_type_of(av) == ATTR_NULL) {
        return;
    }
    cJSON *holder = json_new_object();
    json_set(holder, f->name, attr_to_plain(av));
    (void)!f->type->take(f, r, holder->child, NULL);
    cJSON_Delete(holder);
}

void deploy_request_from_job(struct deploy_request *r, const cJSON *item)
{
    struct job *j = job_from_item(item);
    const cJSON *metadata = attr_map(item, "metadata");
    const cJSON *m;

    deploy_request_init(r);
    if (j == NULL) {
        return;
    }
    take_known(r, j);
    for (size_t i = 0; i < deploy_fields_len; i++) {
        take_recorded(r, &deploy_fields[i], item);
    }
    bool requested = j->features_len > 0 && attr_find(metadata, "features") == NULL;
    cJSON_ArrayForEach(m, metadata)
    {
        bool used = deploy_metadata_field(m->string) != NULL ||
                    (strcmp(m->string, "requestedFeatures") == 0 && requested);
        if (!used && m->string[0] != '\0') {
            if (r->metadata == NULL) {
                r->metadata = json_new_object();
            }
            json_set(r->metadata, m->string, attr_to_plain(m));
        }
    }
    r->carried = deploy_carry_of(item);
    job_free(j);
}
