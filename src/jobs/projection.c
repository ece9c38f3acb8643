/* projection.c - the expression that asks DynamoDB for only the attributes that job_from_item
 * reads. */
#include <string.h>

#include "core/json.h"
#include "jobs/job.h"

/* Every name is a placeholder for itself, because several names are reserved words (status,
 * errors...): the object of names is made from this text, so there is no second list. No two paths
 * may overlap. */
#define PATHS                                                                                      \
    "#jobId,#userId,#productId,#businessName,#userEmail,#priority,#status,#statusReason,"          \
    "#progress,#currentStep,#stage,#createdAt,#updatedAt,#startedAt,#completedAt,"                 \
    "#estimatedCompletion,#estimatedDuration,#batchJobId,#githubRepo,#repoName,#stagingUrl,"       \
    "#vercelUrl,#errors,#lastError,#features,#retryOf,#timestamps,"                                \
    "#urls.#codeRepository,#urls.#staging,#urls.#production,#resources.#batchJobId,"               \
    "#resources.#githubRepo,#resources.#vercel,#metadata.#businessName,#metadata.#userEmail,#"     \
    "metadata.#priority,"                                                                          \
    "#metadata.#estimatedDuration,#metadata.#features,#metadata.#requestedFeatures,"               \
    "#metadata.#retryOf,#stepTimes"

/* The same attributes without paths into maps. */
#define WHOLE                                                                                      \
    "#jobId,#userId,#productId,#businessName,#userEmail,#priority,#status,#statusReason,"          \
    "#progress,#currentStep,#stage,#createdAt,#updatedAt,#startedAt,#completedAt,"                 \
    "#estimatedCompletion,#estimatedDuration,#batchJobId,#githubRepo,#repoName,#stagingUrl,"       \
    "#vercelUrl,#errors,#lastError,#features,#retryOf,#timestamps,#urls,#resources,#metadata,#"    \
    "stepTimes"

static const char projection[] = PATHS;
static const char whole[] = WHOLE;

const char *job_projection(void)
{
    return projection;
}

const char *job_projection_whole(const char *of)
{
    return of == projection ? whole : NULL;
}

static cJSON *names_in(const char *expression)
{
    cJSON *names = json_new_object();

    for (const char *at = strchr(expression, '#'); at != NULL; at = strchr(at + 1, '#')) {
        char key[64];
        size_t len = strcspn(at, ",.");
        if (len < sizeof key) {
            memcpy(key, at, len);
            key[len] = '\0';
            json_set_str(names, key, key + 1);
        }
    }
    return names;
}

cJSON *job_projection_names(void)
{
    return names_in(projection);
}

/* Leaves out the names that the expression does not use, because DynamoDB refuses them. */
cJSON *job_projection_whole_names(const cJSON *names)
{
    cJSON *kept = json_copy(names);
    cJSON *nested = names_in(projection);
    cJSON *used = names_in(whole);
    const cJSON *n;

    cJSON_ArrayForEach(n, nested)
    {
        if (json_get(used, n->string) == NULL) {
            cJSON_DeleteItemFromObjectCaseSensitive(kept, n->string);
        }
    }
    cJSON_Delete(nested);
    cJSON_Delete(used);
    return kept;
}
