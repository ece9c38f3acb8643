/* The table of the attributes that a record may have, and what each is for. */
#include "jobs/attrs.h"

#include <string.h>

#include "attr_rows.h"
#include "jobs/deploy.h"

/* Sorted by name; the fields of a deploy have a table of their own. `told`: the overview, the
 * timeline or the attempts show the attribute. */
static const struct attr_row rows[] = {
    {"batchJobArn",         ATTR_USE_STATE,  false},
    {"batchJobId",          ATTR_USE_STATE,  true },
    {"batchJobName",        ATTR_USE_STATE,  false},
    {"batchLine",           ATTR_USE_OURS,   true },
    {"batchStatus",         ATTR_USE_STATE,  false},
    {"cancelReason",        ATTR_USE_STATE,  false},
    {"cancelRequested",     ATTR_USE_STATE,  false},
    {"cancelRequestedAt",   ATTR_USE_STATE,  false},
    {"cancelledAt",         ATTR_USE_STATE,  false},
    {"cancelledBy",         ATTR_USE_STATE,  false},
    {"completedAt",         ATTR_USE_STATE,  true },
    {"containerReason",     ATTR_USE_STATE,  false},
    {"createdAt",           ATTR_USE_STATE,  true },
    {"currentStep",         ATTR_USE_STATE,  true },
    {"deploymentId",        ATTR_USE_RESULT, false},
    {"deploymentUrl",       ATTR_USE_RESULT, false},
    {"duration",            ATTR_USE_STATE,  false},
    {"endedAt",             ATTR_USE_STATE,  false},
    {"error",               ATTR_USE_STATE,  false},
    {"errorDetails",        ATTR_USE_STATE,  false},
    {"errorMessage",        ATTR_USE_STATE,  false},
    {"errors",              ATTR_USE_STATE,  true },
    {"estimatedCompletion", ATTR_USE_STATE,  true },
    {"eventId",             ATTR_USE_OURS,   false},
    {"executionLogs",       ATTR_USE_STATE,  true },
    {"exitCode",            ATTR_USE_STATE,  false},
    {"expiresAt",           ATTR_USE_STATE,  false},
    {"failedAt",            ATTR_USE_STATE,  false},
    {"failureReason",       ATTR_USE_STATE,  false},
    {"finishedAt",          ATTR_USE_STATE,  false},
    {"githubRepo",          ATTR_USE_RESULT, true },
    {"githubUrl",           ATTR_USE_RESULT, false},
    {"history",             ATTR_USE_OURS,   true },
    {"lastError",           ATTR_USE_STATE,  true },
    {"lastHeartbeat",       ATTR_USE_STATE,  false},
    {"lastUpdated",         ATTR_USE_STATE,  false},
    {"lastUpdatedAt",       ATTR_USE_STATE,  false},
    {"logGroup",            ATTR_USE_STATE,  false},
    {"logGroupName",        ATTR_USE_STATE,  false},
    {"logStream",           ATTR_USE_STATE,  false},
    {"logStreamName",       ATTR_USE_STATE,  false},
    {"logs",                ATTR_USE_STATE,  false},
    {"productionUrl",       ATTR_USE_RESULT, false},
    {"progress",            ATTR_USE_STATE,  true },
    {"repoName",            ATTR_USE_RESULT, true },
    {"repoUrl",             ATTR_USE_RESULT, false},
    {"reportId",            ATTR_USE_OURS,   true },
    {"repositoryUrl",       ATTR_USE_RESULT, false},
    {"requestId",           ATTR_USE_OURS,   true },
    {"resources",           ATTR_USE_RESULT, true },
    {"result",              ATTR_USE_RESULT, false},
    {"results",             ATTR_USE_RESULT, false},
    {"stage",               ATTR_USE_STATE,  true },
    {"stagingUrl",          ATTR_USE_RESULT, true },
    {"startedAt",           ATTR_USE_STATE,  true },
    {"status",              ATTR_USE_STATE,  true },
    {"statusReason",        ATTR_USE_STATE,  true },
    {"stepTimes",           ATTR_USE_STATE,  true },
    {"timestamp",           ATTR_USE_OURS,   false},
    {"timestamps",          ATTR_USE_STATE,  true },
    {"ttl",                 ATTR_USE_STATE,  false},
    {"updatedAt",           ATTR_USE_STATE,  true },
    {"urls",                ATTR_USE_RESULT, true },
    {"vercelDeploymentId",  ATTR_USE_RESULT, false},
    {"vercelProjectId",     ATTR_USE_RESULT, false},
    {"vercelUrl",           ATTR_USE_RESULT, true },
};

static const struct attr_row *row_of(const char *name)
{
    size_t low = 0;
    size_t high = sizeof rows / sizeof *rows;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int c = strcmp(name, rows[middle].name);
        if (c == 0) {
            return &rows[middle];
        }
        if (c < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

size_t attr_rows(const struct attr_row **out)
{
    *out = rows;
    return sizeof rows / sizeof *rows;
}

enum attr_use attr_use(const char *name)
{
    const struct attr_row *row = row_of(name);

    return row != NULL                        ? row->use
           : deploy_field_named(name) != NULL ? ATTR_USE_FIELD
                                              : ATTR_USE_OTHER;
}

bool attr_told(const char *name)
{
    const struct attr_row *row = row_of(name);
    const struct deploy_field *f = row == NULL ? deploy_field_named(name) : NULL;

    return row != NULL ? row->told : f != NULL && f->told;
}
