/* attrs.h - what the attributes of a record are for, by their names, and what a record tells
 * besides struct job. Pure; any thread. */
#ifndef JOBS_ATTRS_H
#define JOBS_ATTRS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

enum attr_use {
    ATTR_USE_OTHER, /* of whoever asked for the job: what it is to be made of */
    ATTR_USE_FIELD, /* a field of a deploy request (jobs/deploy.h) */
    ATTR_USE_STATE, /* how the job stands */
    ATTR_USE_RESULT,
    ATTR_USE_OURS /* bookkeeping of mvpdash and of who passes events on */
};
/* Of an attribute of the item itself. */
enum attr_use attr_use(const char *name);

struct fact {
    char *label; /* owned: "branch", "vercel", "executionLogs", or the attribute's own name */
    char *text;  /* owned, secrets masked; not clean (core/text.h) */
};
/* What overview and timeline do not tell by struct job: details of repository and deployment, the
 * last lines of executionLogs; and then, from `other` on, the attributes that are known to nobody
 * ("resources.cluster" for a member of a map), at most FACTS_OTHER_MAX of them and each cut to
 * FACT_MAX bytes. */
enum { FACTS_OTHER_MAX = 60, FACTS_LOGS_MAX = 8, FACT_MAX = 400 };
struct facts {
    struct fact *items; /* owned */
    size_t len, cap;
    size_t other; /* the first one of unknown attributes; len: there are none */
    size_t more;  /* unknown attributes that are left out */
};
/* `item` may be NULL or anything. */
void facts_read(struct facts *f, const cJSON *item);
void facts_clear(struct facts *f);
#endif
