#include "record.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "jobs/job.h"

struct row {
    char name[24]; /* inline: the scan below stays in one or two cache lines */
    unsigned char slot;
};

/* Each table is sorted by name: a scan stops at the first row that begins with a later letter. */
static const struct row item_rows[] = {
    {"batchJobId",          FLAT_BATCH_JOB_ID      },
    {"businessName",        FLAT_BUSINESS_NAME     },
    {"completedAt",         FLAT_COMPLETED         },
    {"createdAt",           FLAT_CREATED           },
    {"currentStep",         FLAT_CURRENT_STEP      },
    {"errors",              FLAT_ERRORS            },
    {"estimatedCompletion", FLAT_ESTIMATED         },
    {"estimatedDuration",   FLAT_ESTIMATED_DURATION},
    {"features",            FLAT_FEATURES          },
    {"githubRepo",          FLAT_GITHUB_REPO       },
    {"jobId",               FLAT_JOB_ID            },
    {"lastError",           FLAT_LAST_ERROR        },
    {"priority",            FLAT_PRIORITY          },
    {"productId",           FLAT_PRODUCT_ID        },
    {"progress",            FLAT_PROGRESS          },
    {"repoName",            FLAT_REPO_NAME         },
    {"retryOf",             FLAT_RETRY_OF          },
    {"stage",               FLAT_STAGE             },
    {"stagingUrl",          FLAT_STAGING_URL       },
    {"startedAt",           FLAT_STARTED           },
    {"status",              FLAT_STATUS            },
    {"statusReason",        FLAT_STATUS_REASON     },
    {"updatedAt",           FLAT_UPDATED           },
    {"userEmail",           FLAT_EMAIL             },
    {"userId",              FLAT_USER_ID           },
    {"vercelUrl",           FLAT_VERCEL_URL        },
};

static const struct row timestamps_rows[] = {
    {"completedAt",         NESTED_COMPLETED},
    {"createdAt",           NESTED_CREATED  },
    {"estimatedCompletion", NESTED_ESTIMATED},
    {"startedAt",           NESTED_STARTED  },
    {"updatedAt",           NESTED_UPDATED  },
};

static const struct row urls_rows[] = {
    {"codeRepository", NESTED_REPOSITORY},
    {"production",     NESTED_PRODUCTION},
    {"staging",        NESTED_STAGING   },
};

static const struct row resources_rows[] = {
    {"batchJobId", NESTED_BATCH_JOB_ID},
};

static const struct row metadata_rows[] = {
    {"businessName",      META_BUSINESS_NAME     },
    {"estimatedDuration", META_ESTIMATED_DURATION},
    {"features",          META_FEATURES          },
    {"priority",          META_PRIORITY          },
    {"requestedFeatures", META_REQUESTED_FEATURES},
    {"retryOf",           META_RETRY_OF          },
    {"userEmail",         META_EMAIL             },
};

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

static const struct map_rows {
    const char *name;
    const struct row *rows;
    size_t len;
} maps[] = {
    {"metadata",   metadata_rows,   COUNT(metadata_rows)  },
    {"resources",  resources_rows,  COUNT(resources_rows) },
    {"timestamps", timestamps_rows, COUNT(timestamps_rows)},
    {"urls",       urls_rows,       COUNT(urls_rows)      },
};

/* strcmp is a call through the linker's table, for words that differ in their second letter. */
static bool same(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

static const struct row *row_find(const struct row *rows, size_t len, const char *name)
{
    for (size_t i = 0; i < len && rows[i].name[0] <= name[0]; i++) {
        if (rows[i].name[0] == name[0] && same(rows[i].name, name)) {
            return &rows[i];
        }
    }
    return NULL;
}

/* Reads the single member of an AttributeValue. cJSON's own type tests are calls into a shared
 * library: here they would cost as much as the work. */
struct record_value record_value_of(const cJSON *av)
{
    struct record_value none = {0};

    if (av == NULL || (av->type & 0xff) != cJSON_Object || av->child == NULL ||
        av->child->next != NULL) {
        return none;
    }
    const cJSON *m = av->child;
    const char *letter = m->string;
    int type = m->type & 0xff;
    if (letter[0] == 'S' && letter[1] == 'S' && letter[2] == '\0' && type == cJSON_Array) {
        return (struct record_value){'L', NULL, m};
    }
    if (letter[0] == '\0' || letter[1] != '\0') {
        return none;
    }
    switch (letter[0]) {
    case 'S':
        return type == cJSON_String && m->valuestring[0] != '\0'
                   ? (struct record_value){'S', m->valuestring, NULL}
                   : none;
    case 'N':
        return type == cJSON_String ? (struct record_value){'N', m->valuestring, NULL} : none;
    case 'L':
        return type == cJSON_Array ? (struct record_value){'L', NULL, m} : none;
    case 'M':
        return type == cJSON_Object ? (struct record_value){'M', NULL, m} : none;
    default:
        return none;
    }
}

static const struct map_rows *map_find_rows(const char *name)
{
    for (size_t i = 0; i < COUNT(maps); i++) {
        if (same(maps[i].name, name)) {
            return &maps[i];
        }
    }
    return NULL;
}

/* The first of members with the same name counts, as for every other reader of such JSON. */
static void collect(const cJSON *inside, const struct row *rows, size_t len,
                    struct record_value v[RECORD_SLOTS], bool seen[RECORD_SLOTS])
{
    for (const cJSON *at = inside->child; at != NULL; at = at->next) {
        const struct row *r = row_find(rows, len, at->string);
        if (r != NULL && !seen[r->slot]) {
            seen[r->slot] = true;
            v[r->slot] = record_value_of(at);
        } else if (r == NULL && rows == item_rows) {
            const struct map_rows *m = map_find_rows(at->string);
            struct record_value map = {0};
            if (m != NULL) {
                map = record_value_of(at);
            }
            if (map.type == 'M') {
                collect(map.inside, m->rows, m->len, v, seen);
            }
        }
    }
}

void record_collect(const cJSON *item, struct record_value v[RECORD_SLOTS])
{
    bool seen[RECORD_SLOTS] = {false};

    memset(v, 0, RECORD_SLOTS * sizeof *v);
    if (item != NULL && (item->type & 0xff) == cJSON_Object) {
        collect(item, item_rows, COUNT(item_rows), v, seen);
    }
}

const char *record_text(const struct record_value *v)
{
    return v->type == 'S' ? v->text : NULL;
}

const char *record_digits(const struct record_value *v)
{
    return v->type == 'N' ? v->text : NULL;
}

/* Seconds until the year 5138 are below 1e11; a value above that is in a finer unit. Below 1e8
 * (1973) it is some other number, such as a year. */
static int64_t epoch(double n)
{
    if (!(n >= 1e8) || n >= 1e20) {
        return TIME_NONE;
    }
    if (n < 1e11) {
        return llround(n * 1000);
    }
    if (n < 1e14) {
        return llround(n);
    }
    return llround(n < 1e17 ? n / 1e3 : n / 1e6);
}

int64_t record_time_text(const char *s)
{
    int64_t ms;
    char *end = NULL;

    if (s == NULL) {
        return TIME_NONE;
    }
    if (time_parse_iso(s, &ms)) {
        return ms;
    }
    if (*s < '0' || *s > '9' || strspn(s, "0123456789.eE+") != strlen(s)) {
        return TIME_NONE;
    }
    double n = strtod(s, &end);
    return end != s && *end == '\0' ? epoch(n) : TIME_NONE;
}

int64_t record_time(const struct record_value *v)
{
    return v->type == 'S' || v->type == 'N' ? record_time_text(v->text) : TIME_NONE;
}
