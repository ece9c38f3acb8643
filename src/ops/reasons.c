#include "ops/reasons.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/path.h"
#include "core/strbuf.h"

enum { REASONS_MAX = 50, FILE_MAX = 256 * 1024, JOBS_MAX = 2000, TEXT_MAX = 1024 };

static char *reasons_path(const struct ops *o, const char *job_id)
{
    return xasprintf("%s/reasons/%s.json", o->state_dir, job_id);
}

/* The array of this place; a new empty one when there is none or it is damaged. */
static cJSON *load(const struct ops *o, const char *path)
{
    char *text = NULL;
    size_t len = 0;
    cJSON *list = NULL;

    if (path_read(path, FILE_MAX, &text, &len, NULL) == E_OK) {
        cJSON *doc = json_parse(text, len, path, NULL);
        if (doc != NULL && strcmp(json_str_or(doc, "place", ""), o->place) == 0) {
            list = cJSON_DetachItemFromObjectCaseSensitive(doc, "reasons");
        }
        cJSON_Delete(doc);
    }
    free(text);
    if (!cJSON_IsArray(list)) {
        cJSON_Delete(list);
        list = json_new_array();
    }
    return list;
}

/* Is the newest entry of this source the same text? */
static bool known(const cJSON *list, const char *source, const char *text)
{
    const cJSON *v;
    bool same = false;

    cJSON_ArrayForEach(v, list)
    {
        if (strcmp(json_str_or(v, "source", ""), source) == 0) {
            same = strcmp(json_str_or(v, "reason", ""), text) == 0;
        }
    }
    return same;
}

static bool add(cJSON *list, int64_t now_ms, const char *source, const char *text)
{
    char cut[TEXT_MAX];
    char at[TIME_ISO_SIZE];

    if (text == NULL || text[0] == '\0') {
        return false;
    }
    (void)snprintf(cut, sizeof cut, "%s", text);
    if (known(list, source, cut)) {
        return false;
    }
    cJSON *v = json_new_object();
    json_set_str(v, "at", time_iso(now_ms, at));
    json_set_str(v, "source", source);
    json_set_str(v, "reason", cut);
    json_push(list, v);
    while (cJSON_GetArraySize(list) > REASONS_MAX) {
        cJSON_DeleteItemFromArray(list, 0);
    }
    return true;
}

static bool add_all(cJSON *list, int64_t now_ms, const struct batch_job *b)
{
    char source[48];
    bool changed = add(list, now_ms, "batch", b->status_reason);

    changed |= add(list, now_ms, "container", b->container_reason);
    for (size_t i = 0; i < b->attempts_len && i < 10; i++) {
        const struct batch_attempt *a = &b->attempts[i];
        (void)snprintf(source, sizeof source, "attempt %zu", i + 1);
        changed |= add(list, now_ms, source, a->status_reason);
        (void)snprintf(source, sizeof source, "attempt %zu container", i + 1);
        changed |= add(list, now_ms, source, a->container_reason);
    }
    return changed;
}

/* Every so often: the oldest files go when there are too many. */
static void prune(const char *dir)
{
    DIR *d = opendir(dir);
    const struct dirent *ent;
    size_t n = 0;

    while (d != NULL && (ent = readdir(d)) != NULL) {
        n += ent->d_name[0] != '.';
    }
    while (d != NULL && n > JOBS_MAX) {
        char oldest[256] = "";
        time_t oldest_at = 0;
        struct stat st;
        rewinddir(d);
        while ((ent = readdir(d)) != NULL) {
            if (ent->d_name[0] != '.' && fstatat(dirfd(d), ent->d_name, &st, 0) == 0 &&
                (oldest[0] == '\0' || st.st_mtime < oldest_at)) {
                oldest_at = st.st_mtime;
                (void)snprintf(oldest, sizeof oldest, "%s", ent->d_name);
            }
        }
        if (oldest[0] == '\0' || unlinkat(dirfd(d), oldest, 0) != 0) {
            break;
        }
        n--;
    }
    if (d != NULL) {
        (void)closedir(d);
    }
}

static enum err_code save(const struct ops *o, const char *path, cJSON *list, struct err *e)
{
    cJSON *doc = json_new_object();

    json_set_str(doc, "place", o->place);
    json_set(doc, "reasons", list); /* taken */
    char *text = json_text(doc);
    enum err_code rc = path_write_atomic(path, text, strlen(text), 0600, e);
    free(text);
    cJSON_Delete(doc);
    return rc;
}

void reasons_keep(const struct ops *o, const char *job_id, const struct batch_job *b)
{
    struct err e = {0};

    if (b == NULL || !job_id_valid(job_id)) {
        return; /* the id names a file */
    }
    char *dir = path_join(o->state_dir, "reasons");
    char *path = reasons_path(o, job_id);
    cJSON *list = load(o, path);
    bool first = cJSON_GetArraySize(list) == 0;
    if (!add_all(list, clock_wall_ms(o->clock), b)) {
        cJSON_Delete(list);
    } else if (path_mkdirs(dir, 0700, &e) != E_OK || save(o, path, list, &e) != E_OK) {
        log_line(o->log, LOG_LVL_WARN, "Batch's reason for %s was not kept: %s", job_id, e.msg);
    } else if (first) {
        prune(dir);
    }
    free(path);
    free(dir);
}

cJSON *reasons_load(const struct ops *o, const char *job_id)
{
    if (!job_id_valid(job_id)) {
        return NULL;
    }
    char *path = reasons_path(o, job_id);
    cJSON *list = load(o, path);

    free(path);
    if (cJSON_GetArraySize(list) == 0) {
        cJSON_Delete(list);
        return NULL;
    }
    return list;
}
