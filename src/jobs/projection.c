/* projection.c - asking DynamoDB for just the attributes that job_from_item reads. */
#include <string.h>

#include "core/json.h"
#include "jobs/job.h"

/* Every name is a placeholder of itself, since several are reserved words (status, errors...): the
 * names object is made from this text, so there is no second list. No two paths may overlap. */
static const char projection[] =
    "#jobId,#userId,#productId,#businessName,#userEmail,#priority,#status,#statusReason,"
    "#progress,#currentStep,#stage,#createdAt,#updatedAt,#startedAt,#completedAt,"
    "#estimatedCompletion,#estimatedDuration,#batchJobId,#githubRepo,#repoName,#stagingUrl,"
    "#vercelUrl,#errors,#lastError,#features,#retryOf,#timestamps,"
    "#urls.#codeRepository,#urls.#staging,#urls.#production,#resources.#batchJobId,"
    "#metadata.#businessName,#metadata.#userEmail,#metadata.#priority,"
    "#metadata.#estimatedDuration,#metadata.#features,#metadata.#requestedFeatures,"
    "#metadata.#retryOf";

const char *job_projection(void)
{
    return projection;
}

cJSON *job_projection_names(void)
{
    cJSON *names = json_new_object();

    for (const char *at = strchr(projection, '#'); at != NULL; at = strchr(at + 1, '#')) {
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
