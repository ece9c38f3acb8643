#include "schemas.h"

#define TEXT_OR_NULL "{\"type\":[\"string\",\"null\"]}"
#define TIME_OR_NULL "{\"type\":[\"string\",\"null\"],\"format\":\"date-time\"}"
#define ID_PATTERN "\"pattern\":\"^[A-Za-z0-9._:@|+=-]+$\",\"minLength\":1,\"maxLength\":128"

/* SPEC 1.3: every member is always there. */
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
    "\"additionalProperties\":false}}"
#define JOB_NAMES                                                                                  \
    "\"jobId\",\"userId\",\"productId\",\"businessName\",\"status\",\"statusReason\",\"drift\","   \
    "\"stuck\",\"step\",\"progress\",\"priority\",\"features\",\"createdAt\",\"updatedAt\","       \
    "\"startedAt\",\"completedAt\",\"estimatedCompletion\",\"batchJobId\",\"batchStatus\","        \
    "\"exitCode\",\"logStream\",\"urls\",\"errors\""
#define WARNING                                                                                    \
    "\"warning\":{\"type\":\"string\",\"description\":\"Only when Batch could not be asked, "      \
    "and why: the state is the record's then.\"}"

#define COMMANDS                                                                                   \
    ",\"commands\":{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"description\":\"Those "   \
    "of the remedy that run as they are.\"}"
#define CHECKS_MEMBERS                                                                             \
    "\"ok\":{\"type\":\"boolean\"},\"headline\":{\"oneOf\":[{\"type\":\"null\"},{\"type\":"        \
    "\"object\",\"properties\":{\"id\":{\"type\":\"string\"},\"detail\":" TEXT_OR_NULL             \
    ",\"remedy\":" TEXT_OR_NULL COMMANDS "},\"required\":[\"id\",\"detail\",\"remedy\","           \
    "\"commands\"],\"additionalProperties\":false}]},\"checks\":{\"type\":\"array\",\"items\":{"   \
    "\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"string\"},\"title\":{\"type\":"        \
    "\"string\"},\"state\":{\"type\":\"string\",\"enum\":[\"PASS\",\"WARN\",\"FAIL\","             \
    "\"UNKNOWN\",\"SKIP\"]},\"detail\":" TEXT_OR_NULL ",\"remedy\":" TEXT_OR_NULL COMMANDS         \
    "},\"required\":[\"id\",\"title\",\"state\",\"detail\",\"remedy\",\"commands\"],"              \
    "\"additionalProperties\":false}}"

const struct api_schema api_schemas[] = {
    {"Deploy",
     "{\"type\":\"object\",\"description\":\"What to build, and for whom.\",\"properties\":{"
     "\"userId\":{\"type\":\"string\"," ID_PATTERN
     "},\"productId\":{\"type\":\"string\"," ID_PATTERN
     "},\"priority\":{\"type\":[\"string\",\"null\"],\"description\":\"high, normal or low, in any "
     "letter case; normal when left out.\"},\"founderdashDbUrl\":{\"type\":[\"string\",\"null\"],"
     "\"maxLength\":2048,\"description\":\"Kept secret: never shown, never logged.\"},"
     "\"metadata\":{\"type\":\"object\",\"description\":\"Other keys go out as they came.\","
     "\"properties\":{\"businessName\":{\"type\":[\"string\",\"null\"],\"minLength\":1,"
     "\"maxLength\":200},\"estimatedDuration\":{\"type\":[\"integer\",\"null\"],\"minimum\":60,"
     "\"maximum\":1209600,\"description\":\"Seconds.\"},\"features\":{\"type\":[\"array\","
     "\"null\"],\"maxItems\":50,\"items\":{\"type\":\"string\",\"minLength\":1}},"
     "\"userEmail\":{\"type\":[\"string\",\"null\"],\"description\":\"An address like "
     "user@example.com.\"},\"retryOf\":{\"type\":[\"string\",\"null\"],\"minLength\":1}}}},"
     "\"required\":[\"userId\",\"productId\"],\"additionalProperties\":false}"                                },
    {"Accepted",
     "{\"type\":\"object\",\"properties\":{\"jobId\":{\"type\":\"string\"},"
     "\"eventId\":" TEXT_OR_NULL ",\"status\":{\"const\":\"queued\"}},\"required\":[\"jobId\","
     "\"eventId\",\"status\"],\"additionalProperties\":false}"                                                },
    {"Job",           "{\"type\":\"object\",\"properties\":{" JOB_MEMBERS "," WARNING
            "},\"required\":[" JOB_NAMES "],\"additionalProperties\":false}"                       },
    {"ListedJob",     "{\"type\":\"object\",\"properties\":{" JOB_MEMBERS "},\"required\":[" JOB_NAMES
                  "],\"additionalProperties\":false}"                                        },
    {"JobPage",
     "{\"type\":\"object\",\"properties\":{\"jobs\":{\"type\":\"array\",\"items\":{\"$ref\":"
     "\"#/components/schemas/ListedJob\"}},\"cursor\":{\"type\":[\"string\",\"null\"],"
     "\"description\":\"Give it back for the next page; null: this was the last.\"},"
     "\"unindexed\":{\"type\":\"object\",\"description\":\"Records that user-jobs-index cannot "
     "hold are found by a slow scan: when the last whole one began.\",\"properties\":{"
     "\"scannedAt\":" TIME_OR_NULL ",\"ageSeconds\":{\"type\":[\"integer\",\"null\"],"
     "\"minimum\":0}},\"required\":[\"scannedAt\",\"ageSeconds\"],\"additionalProperties\":"
     "false}," WARNING "},\"required\":[\"jobs\",\"cursor\",\"unindexed\"],"
     "\"additionalProperties\":false}"                                                                        },
    {"Cancelled",
     "{\"type\":\"object\",\"properties\":{\"jobId\":{\"type\":\"string\"},\"status\":{\"const\":"
     "\"cancelled\",\"description\":\"The record says so, and Batch was told: GET /status says "
     "STOPPING until it has "
     "ended.\"}},\"required\":[\"jobId\",\"status\"],\"additionalProperties\":false}"                         },
    {"Checks",        "{\"type\":\"object\",\"properties\":{" CHECKS_MEMBERS
               "},\"required\":[\"ok\",\"headline\",\"checks\"],\"additionalProperties\":false}"},
    {"ChecksOrError", "{\"oneOf\":[{\"$ref\":\"#/components/schemas/Checks\"},{\"$ref\":"
                      "\"#/components/schemas/Error\"}]}"                                },
    {"Health",
     "{\"type\":\"object\",\"properties\":{\"status\":{\"const\":\"ok\"},\"version\":{\"type\":"
     "\"string\"}},\"required\":[\"status\",\"version\"],\"additionalProperties\":false}"                     },
    {"Ready",
     "{\"type\":\"object\",\"properties\":{\"status\":{\"type\":\"string\",\"enum\":[\"ready\","
     "\"not ready\"]},\"checks\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":"
     "{\"name\":{\"type\":\"string\"},\"ok\":{\"type\":\"boolean\"},\"error\":" TEXT_OR_NULL
     "},\"required\":[\"name\",\"ok\",\"error\"],\"additionalProperties\":false}}},\"required\":["
     "\"status\",\"checks\"],\"additionalProperties\":false}"                                                 },
    {"OpenApi",
     "{\"type\":\"object\",\"properties\":{\"openapi\":{\"type\":\"string\"}},\"required\":["
     "\"openapi\",\"info\",\"paths\"]}"                                                                       },
    {"Error",
     "{\"type\":\"object\",\"properties\":{\"error\":{\"type\":\"object\",\"properties\":{"
     "\"code\":{\"type\":\"string\",\"description\":\"For programs; AWS's own code when AWS "
     "refused.\"},\"message\":{\"type\":\"string\",\"description\":\"For people.\"}},\"required\":["
     "\"code\",\"message\"],\"additionalProperties\":false}},\"required\":[\"error\"],"
     "\"additionalProperties\":false}"                                                                        },
};
const size_t api_schemas_len = sizeof api_schemas / sizeof *api_schemas;
