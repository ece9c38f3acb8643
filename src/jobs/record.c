#include "record.h"

#include <math.h>
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

static const struct row *row_find(const struct row *rows, size_t len, const char *name)
{
    for (size_t i = 0; i < len && rows[i].name[0] <= name[0]; i++) {
        if (rows[i].name[0] == name[0] && strcmp(rows[i].name, name) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

/* The first of members with the same name counts, as for every other reader of such JSON. */
static void collect_map(const cJSON *av, const struct map_rows *m, const cJSON *v[RECORD_SLOTS])
{
    const cJSON *inside = record_inside(av);

    if (!cJSON_IsObject(inside)) {
        return;
    }
    for (const cJSON *at = inside->child; at != NULL; at = at->next) {
        const struct row *r = row_find(m->rows, m->len, at->string);
        if (r != NULL && v[r->slot] == NULL) {
            v[r->slot] = at;
        }
    }
}

static const struct map_rows *map_find_rows(const char *name)
{
    for (size_t i = 0; i < COUNT(maps); i++) {
        if (maps[i].name[0] == name[0] && strcmp(maps[i].name, name) == 0) {
            return &maps[i];
        }
    }
    return NULL;
}

void record_collect(const cJSON *item, const cJSON *v[RECORD_SLOTS])
{
    memset(v, 0, RECORD_SLOTS * sizeof *v);
    if (!cJSON_IsObject(item)) {
        return;
    }
    for (const cJSON *at = item->child; at != NULL; at = at->next) {
        const struct row *r = row_find(item_rows, COUNT(item_rows), at->string);
        if (r != NULL) {
            if (v[r->slot] == NULL) {
                v[r->slot] = at;
            }
            continue;
        }
        const struct map_rows *m = map_find_rows(at->string);
        if (m != NULL) {
            collect_map(at, m, v);
        }
    }
}

/* The single member of an AttributeValue, or NULL. */
static const cJSON *only_member(const cJSON *av)
{
    if (av == NULL || !cJSON_IsObject(av) || av->child == NULL || av->child->next != NULL) {
        return NULL;
    }
    return av->child;
}

const char *record_text(const cJSON *av)
{
    const cJSON *m = only_member(av);

    if (m == NULL || m->string[0] != 'S' || m->string[1] != '\0' || !cJSON_IsString(m) ||
        m->valuestring[0] == '\0') {
        return NULL;
    }
    return m->valuestring;
}

const char *record_digits(const cJSON *av)
{
    const cJSON *m = only_member(av);

    return m != NULL && m->string[0] == 'N' && m->string[1] == '\0' && cJSON_IsString(m)
               ? m->valuestring
               : NULL;
}

const cJSON *record_inside(const cJSON *av)
{
    const cJSON *m = only_member(av);

    if (m == NULL) {
        return NULL;
    }
    if (cJSON_IsObject(m)) {
        return strcmp(m->string, "M") == 0 ? m : NULL;
    }
    return cJSON_IsArray(m) && (strcmp(m->string, "L") == 0 || strcmp(m->string, "SS") == 0) ? m
                                                                                             : NULL;
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

int64_t record_time(const cJSON *av)
{
    const char *s = record_text(av);
    return record_time_text(s != NULL ? s : record_digits(av));
}
