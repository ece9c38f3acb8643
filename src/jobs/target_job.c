/* The Batch job that EventBridge starts for a rule's target. */
#include "jobs/target_job.h"

#include <string.h>

#include "core/json.h"

bool target_is_job(const cJSON *target)
{
    return strstr(json_str_or(target, "Arn", ""), ":job-queue/") != NULL;
}

bool target_job_has_input(const cJSON *target)
{
    return json_str(target, "Input") != NULL || json_object(target, "InputTransformer") != NULL;
}

/* Copies the members of `from`, which must be strings; false when one is of another type. */
static bool copy_strings(const cJSON *from, cJSON *to)
{
    for (const cJSON *m = from != NULL ? from->child : NULL; m != NULL; m = m->next) {
        if (!cJSON_IsString(m)) {
            return false;
        }
        json_set_str(to, m->string, m->valuestring);
    }
    return true;
}

/* Turns [{A,B}] in PascalCase into [{a,b}] in camelCase. NULL when a member is missing or no
 * string. */
static cJSON *copy_pairs(const cJSON *from, const char *a, const char *b, const char *to_a,
                         const char *to_b)
{
    cJSON *list = json_new_array();

    for (const cJSON *p = from->child; p != NULL; p = p->next) {
        if (json_str(p, a) == NULL || json_str(p, b) == NULL) {
            cJSON_Delete(list);
            return NULL;
        }
        cJSON *pair = json_new_object();
        json_set_str(pair, to_a, json_str(p, a));
        json_set_str(pair, to_b, json_str(p, b));
        json_push(list, pair);
    }
    return list;
}

/* Reads "ContainerOverrides" into the form that SubmitJob takes. */
static enum err_code add_overrides(const cJSON *given, cJSON *submit, struct err *e)
{
    const cJSON *command = json_array(given, "Command");
    const cJSON *environment = json_array(given, "Environment");
    const cJSON *resources = json_array(given, "ResourceRequirements");
    cJSON *overrides = json_new_object();

    json_set(submit, "containerOverrides", overrides);
    if (command != NULL) {
        json_set(overrides, "command", json_copy(command));
    }
    if (environment != NULL) {
        cJSON *list = copy_pairs(environment, "Name", "Value", "name", "value");
        if (list == NULL) {
            return err_set(e, E_INVALID,
                           "ContainerOverrides.Environment must be a list of {\"Name\",\"Value\"} "
                           "strings");
        }
        json_set(overrides, "environment", list);
    }
    if (resources != NULL) {
        cJSON *list = copy_pairs(resources, "Type", "Value", "type", "value");
        if (list == NULL) {
            return err_set(e, E_INVALID,
                           "ContainerOverrides.ResourceRequirements must be a list of "
                           "{\"Type\",\"Value\"} strings");
        }
        json_set(overrides, "resourceRequirements", list);
    }
    return E_OK;
}

static enum err_code add_input(const char *input, cJSON *submit, struct err *e)
{
    cJSON *doc = json_parse(input, strlen(input), "the input", NULL);
    cJSON *parameters = json_new_object();
    enum err_code rc = E_OK;

    json_set(submit, "parameters", parameters);
    if (!cJSON_IsObject(doc) || !copy_strings(json_object(doc, "Parameters"), parameters)) {
        rc = err_set(e, E_INVALID,
                     "the input must be an object; the values of its Parameters must be strings");
    } else if (json_object(doc, "ContainerOverrides") != NULL) {
        rc = add_overrides(json_object(doc, "ContainerOverrides"), submit, e);
    }
    cJSON_Delete(doc);
    return rc;
}

/* Turns {Attempts} of BatchParameters into {attempts} of SubmitJob, and the size of an array
 * likewise. */
static void add_number(const cJSON *from, const char *group, const char *member, cJSON *submit,
                       const char *to_group, const char *to_member)
{
    int64_t n = json_int(json_object(from, group), member, 0);

    if (n > 0) {
        cJSON *to = json_new_object();
        json_set_int(to, to_member, n);
        json_set(submit, to_group, to);
    }
}

enum err_code target_job_submit(const cJSON *target, const char *input, cJSON **submit,
                                struct err *e)
{
    const cJSON *p = json_object(target, "BatchParameters");
    cJSON *doc = json_new_object();

    *submit = NULL;
    json_set_str(doc, "jobName", json_str(p, "JobName"));
    json_set_str(doc, "jobDefinition", json_str(p, "JobDefinition"));
    json_set_str(doc, "jobQueue", json_str(target, "Arn"));
    add_number(p, "RetryStrategy", "Attempts", doc, "retryStrategy", "attempts");
    add_number(p, "ArrayProperties", "Size", doc, "arrayProperties", "size");
    enum err_code rc = input == NULL ? E_OK : add_input(input, doc, e);
    if (rc != E_OK) {
        cJSON_Delete(doc);
        return rc;
    }
    *submit = doc;
    return E_OK;
}
