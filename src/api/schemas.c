/* The components of the OpenAPI document. */
#include "schemas.h"

#include "jobs/deploy.h"

#define TEXT_OR_NULL "{\"type\":[\"string\",\"null\"]}"
#define TIME "{\"type\":\"string\",\"format\":\"date-time\"}"
#define TIME_OR_NULL "{\"type\":[\"string\",\"null\"],\"format\":\"date-time\"}"
/* The pattern of the id of a job that this server made (job_id_valid). */
#define ID_PATTERN "\"pattern\":\"^[A-Za-z0-9][A-Za-z0-9._-]*$\",\"maxLength\":128"

/* The members of a job (SPEC 1.3), all of which are always there. */
#define JOB_MEMBERS                                                                                \
    "\"jobId\":{\"type\":\"string\"},\"userId\":" TEXT_OR_NULL ",\"productId\":" TEXT_OR_NULL      \
    ",\"businessName\":" TEXT_OR_NULL ",\"status\":{\"type\":[\"string\",\"null\"],"               \
    "\"description\":\"The merged state: PENDING, QUEUED, IN_PROGRESS, STOPPING, COMPLETED, "      \
    "FAILED, CANCELLED, or another program's own word.\"},\"statusReason\":" TEXT_OR_NULL          \
    ",\"drift\":{\"type\":\"boolean\",\"description\":\"The record and Batch contradict each "     \
    "other.\"},\"stuck\":" TEXT_OR_NULL ",\"step\":" TEXT_OR_NULL                                  \
    ",\"progress\":{\"type\":[\"integer\",\"null\"],\"minimum\":0,\"maximum\":100},"               \
    "\"priority\":" TEXT_OR_NULL ",\"features\":{\"type\":\"array\",\"items\":{\"type\":"          \
    "\"string\"}},\"createdAt\":" TIME_OR_NULL ",\"updatedAt\":" TIME_OR_NULL                      \
    ",\"startedAt\":" TIME_OR_NULL ",\"completedAt\":" TIME_OR_NULL                                \
    ",\"estimatedCompletion\":" TIME_OR_NULL ",\"batchJobId\":" TEXT_OR_NULL                       \
    ",\"batchStatus\":" TEXT_OR_NULL ",\"exitCode\":{\"type\":[\"integer\",\"null\"]},"            \
    "\"logStream\":" TEXT_OR_NULL ",\"urls\":{\"type\":\"object\",\"properties\":{"                \
    "\"repository\":" TEXT_OR_NULL ",\"staging\":" TEXT_OR_NULL ",\"production\":" TEXT_OR_NULL    \
    "},\"required\":[\"repository\",\"staging\",\"production\"],"                                  \
    "\"additionalProperties\":false},\"errors\":{\"type\":\"array\",\"items\":{\"type\":"          \
    "\"object\",\"properties\":{\"timestamp\":" TIME_OR_NULL ",\"message\":" TEXT_OR_NULL          \
    ",\"step\":" TEXT_OR_NULL "},\"required\":[\"timestamp\",\"message\",\"step\"],"               \
    "\"additionalProperties\":false}},\"mark\":{\"type\":[\"string\",\"null\"],"                   \
    "\"description\":\"no record: only Batch knows this job; two records: its container reports "  \
    "under the Batch job's id; container's record: that is all there is; else null.\"},"           \
    "\"batchJobName\":" TEXT_OR_NULL                                                               \
    ",\"reason\":{\"type\":[\"string\",\"null\"],\"description\":"                                 \
    "\"Of a job that failed: its cause in short, the same text for the same cause.\"},"            \
    "\"eta\":{\"type\":[\"object\",\"null\"],"                                                     \
    "\"properties\":{\"low\":" TIME ",\"high\":" TIME "},\"required\":[\"low\",\"high\"],"         \
    "\"additionalProperties\":false,\"description\":\"Between these two times the job should "     \
    "end, as 80 % of the jobs did that completed; null: it does not run, or too little is "        \
    "known.\"},"                                                                                   \
    "\"cost\":{\"type\":[\"number\",\"null\"],"                                                    \
    "\"minimum\":0,\"description\":\"USD, an estimate: the job's size and run time in Batch by "   \
    "the prices of [cost]; null: not known, not ended, or Batch was not asked.\"},"                \
    "\"context\":{\"type\":[\"string\",\"null\"],"                                                 \
    "\"description\":\"The context of config.ini that the server was started for.\"}"
#define JOB_NAMES                                                                                  \
    "\"jobId\",\"userId\",\"productId\",\"businessName\",\"status\",\"statusReason\",\"drift\","   \
    "\"stuck\",\"step\",\"progress\",\"priority\",\"features\",\"createdAt\",\"updatedAt\","       \
    "\"startedAt\",\"completedAt\",\"estimatedCompletion\",\"batchJobId\",\"batchStatus\","        \
    "\"exitCode\",\"logStream\",\"urls\",\"errors\",\"mark\",\"batchJobName\",\"reason\","         \
    "\"eta\",\"cost\",\"context\""
#define WARNING                                                                                    \
    "\"warning\":{\"type\":\"string\",\"description\":\"Only when Batch could not be asked, "      \
    "and why: the state is the record's then. Of a page it stands beside its jobs.\"}"

#define COMMANDS                                                                                   \
    ",\"commands\":{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"description\":\"Those "   \
    "of the remedy that run as they are.\"}"
#define CHECK_OBJECT                                                                               \
    "{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"string\"},\"title\":{\"type\":"       \
    "\"string\"},\"state\":{\"type\":\"string\",\"enum\":[\"PASS\",\"WARN\",\"FAIL\","             \
    "\"UNKNOWN\",\"SKIP\"]},\"detail\":" TEXT_OR_NULL ",\"remedy\":" TEXT_OR_NULL COMMANDS         \
    "},\"required\":[\"id\",\"title\",\"state\",\"detail\",\"remedy\",\"commands\"],"              \
    "\"additionalProperties\":false}"
#define CHECKS_MEMBERS                                                                             \
    "\"ok\":{\"type\":\"boolean\"},\"headline\":{\"oneOf\":[{\"type\":\"null\"},{\"type\":"        \
    "\"object\",\"properties\":{\"id\":{\"type\":\"string\"},\"detail\":" TEXT_OR_NULL             \
    ",\"remedy\":" TEXT_OR_NULL COMMANDS "},\"required\":[\"id\",\"detail\",\"remedy\","           \
    "\"commands\"],\"additionalProperties\":false}]},\"first\":{\"description\":\"What to do "     \
    "first: the first check in the worst state of FAIL, WARN and UNKNOWN; null: there is "         \
    "nothing to do.\",\"oneOf\":[{\"type\":\"null\"}," CHECK_OBJECT                                \
    "]},\"checks\":{\"type\":\"array\",\"items\":" CHECK_OBJECT "}"

#define ACCEPTED_SCHEMA                                                                            \
    "{\"type\":\"object\",\"properties\":{\"jobId\":{\"type\":\"string\"," ID_PATTERN              \
    "},\"eventId\":" TEXT_OR_NULL ",\"status\":{\"const\":\"queued\"}},\"required\":[\"jobId\","   \
    "\"eventId\",\"status\"],\"additionalProperties\":false}"
#define JOB_SCHEMA                                                                                 \
    "{\"type\":\"object\",\"properties\":{" JOB_MEMBERS "," WARNING "},\"required\":[" JOB_NAMES   \
    "],\"additionalProperties\":false}"
#define JOB_PAGE_SCHEMA                                                                            \
    "{\"type\":\"object\",\"properties\":{\"jobs\":{\"type\":\"array\",\"items\":{\"$ref\":"       \
    "\"#/components/schemas/Job\"}},\"cursor\":{\"type\":[\"string\",\"null\"],"                   \
    "\"description\":\"Give it back for the next page; null: this was the last.\"},"               \
    "\"unindexed\":{\"type\":\"object\",\"description\":\"Records that user-jobs-index cannot "    \
    "hold are found by a slow scan: when the last whole one began.\",\"properties\":{"             \
    "\"scannedAt\":" TIME_OR_NULL ",\"ageSeconds\":{\"type\":[\"integer\",\"null\"],"              \
    "\"minimum\":0}},\"required\":[\"scannedAt\",\"ageSeconds\"],\"additionalProperties\":"        \
    "false}," WARNING "},\"required\":[\"jobs\",\"cursor\",\"unindexed\"],"                        \
    "\"additionalProperties\":false}"
#define CANCELLED_SCHEMA                                                                           \
    "{\"type\":\"object\",\"properties\":{\"jobId\":{\"type\":\"string\"},\"status\":{\"const\":"  \
    "\"cancelled\",\"description\":\"The record says so, and Batch was told: GET /status says "    \
    "STOPPING until it has "                                                                       \
    "ended.\"},\"warning\":{\"type\":\"string\",\"description\":\"Only when Batch could not be "   \
    "asked for all jobs of it: another one may "                                                   \
    "run.\"}},\"required\":[\"jobId\",\"status\"],\"additionalProperties\":false}"
#define CHECKS_SCHEMA                                                                              \
    "{\"type\":\"object\",\"properties\":{" CHECKS_MEMBERS                                         \
    "},\"required\":[\"ok\",\"headline\",\"first\",\"checks\"],\"additionalProperties\":false}"
#define CHECKS_OR_ERROR_SCHEMA                                                                     \
    "{\"oneOf\":[{\"$ref\":\"#/components/schemas/Checks\"},{\"$ref\":"                            \
    "\"#/components/schemas/Error\"}]}"
#define HEALTH_SCHEMA                                                                              \
    "{\"type\":\"object\",\"properties\":{\"status\":{\"const\":\"ok\"},\"version\":{\"type\":"    \
    "\"string\"}},\"required\":[\"status\",\"version\"],\"additionalProperties\":false}"
#define READY_SCHEMA                                                                               \
    "{\"type\":\"object\",\"properties\":{\"status\":{\"type\":\"string\",\"enum\":[\"ready\","    \
    "\"not "                                                                                       \
    "ready\"]},\"checks\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":"      \
    "{\"name\":{\"type\":\"string\"},\"ok\":{\"type\":\"boolean\"},\"error\":" TEXT_OR_NULL        \
    "},\"required\":[\"name\",\"ok\",\"error\"],\"additionalProperties\":false}}},\"required\":["  \
    "\"status\",\"checks\"],\"additionalProperties\":false}"
#define OPEN_API_SCHEMA                                                                            \
    "{\"type\":\"object\",\"properties\":{\"openapi\":{\"type\":\"string\"}},\"required\":["       \
    "\"openapi\",\"info\",\"paths\"]}"
#define ERROR_SCHEMA                                                                               \
    "{\"type\":\"object\",\"properties\":{\"error\":{\"type\":\"object\",\"properties\":{"         \
    "\"code\":{\"type\":\"string\",\"minLength\":1,\"description\":\"For programs; AWS's own "     \
    "code "                                                                                        \
    "when AWS refused.\"},\"message\":{\"type\":\"string\",\"minLength\":1,\"description\":\"For " \
    "people: the first fault, and how many more there are.\"},\"fields\":{\"type\":\"array\","     \
    "\"description\":\"All that is wrong, where fields are; of more than 50 the "                  \
    "first.\",\"minItems\":1,\"maxItems\":50,\"items\":{\"type\":"                                 \
    "\"object\",\"properties\":{\"field\":{\"type\":\"string\",\"description\":\"Where it is: "    \
    "metadata.features[2], a parameter or a header field.\"},\"reason\":{\"type\":\"string\"}},"   \
    "\"required\":[\"field\",\"reason\"],\"additionalProperties\":false}}},\"required\":["         \
    "\"code\","                                                                                    \
    "\"message\"],\"additionalProperties\":false}},\"required\":[\"error\"],"                      \
    "\"additionalProperties\":false}"

const struct api_schema api_schemas[] = {
    {"Deploy",        NULL,                   deploy_schema      },
    {"Value",         NULL,                   deploy_value_schema},
    {"Accepted",      ACCEPTED_SCHEMA,        NULL               },
    {"Job",           JOB_SCHEMA,             NULL               },
    {"JobPage",       JOB_PAGE_SCHEMA,        NULL               },
    {"Cancelled",     CANCELLED_SCHEMA,       NULL               },
    {"Checks",        CHECKS_SCHEMA,          NULL               },
    {"ChecksOrError", CHECKS_OR_ERROR_SCHEMA, NULL               },
    {"Health",        HEALTH_SCHEMA,          NULL               },
    {"Ready",         READY_SCHEMA,           NULL               },
    {"OpenApi",       OPEN_API_SCHEMA,        NULL               },
    {"Error",         ERROR_SCHEMA,           NULL               },
};
const size_t api_schemas_len = sizeof api_schemas / sizeof *api_schemas;
