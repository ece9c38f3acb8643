/* attrs.h - what the attributes of a record are for, by their names, and what a record tells in
 * addition to struct job. Pure; any thread. */
#ifndef JOBS_ATTRS_H
#define JOBS_ATTRS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

enum attr_use {
    ATTR_USE_OTHER, /* written by the one who asked for the job: what the job is to be made of */
    ATTR_USE_FIELD, /* a field of a deploy request (jobs/deploy.h) */
    ATTR_USE_STATE, /* tells how the job stands */
    ATTR_USE_RESULT,
    ATTR_USE_OURS /* bookkeeping of mvpdash, and of programs that pass events on */
};
/* The use of an attribute of the item itself. */
enum attr_use attr_use(const char *name);

struct fact {
    char *label; /* owned: "branch", "vercel", "executionLogs", or the attribute's own name */
    char *text;  /* owned, secrets masked; not clean (core/text.h) */
};
/* What the overview and the timeline do not tell from struct job: details of repository and
 * deployment, and the last lines of executionLogs; then, from `other` on, the attributes that
 * nobody knows ("resources.cluster" for a member of a map), at most FACTS_OTHER_MAX of them, each
 * cut to FACT_MAX bytes. */
enum { FACTS_OTHER_MAX = 60, FACTS_LOGS_MAX = 8, FACT_MAX = 400 };
struct facts {
    struct fact *items; /* owned */
    size_t len, cap;
    size_t other; /* the index of the first unknown attribute; len: there are none */
    size_t more;  /* how many unknown attributes are left out */
};
/* Reads the facts. `item` may be NULL or anything. */
void facts_read(struct facts *f, const cJSON *item);
void facts_clear(struct facts *f);
#endif
