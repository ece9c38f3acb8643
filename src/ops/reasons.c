/* The reasons that Batch gave for jobs, kept on disk. */
#include "reasons.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/sigv4.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/path.h"
#include "core/strbuf.h"
#include "ops/place.h"

enum { REASONS_MAX = 50, FILE_MAX = 256 * 1024, JOBS_MAX = 2000, TEXT_MAX = 1024 };

/* The path of the file: there is one for each job and place. */
static char *reasons_path(const struct ops *o, const char *place, const char *job_id)
{
    char hex[65];

    sigv4_sha256_hex(place, strlen(place), hex);
    return xasprintf("%s/reasons/%s.%.12s.json", o->state_dir, job_id, hex);
}

/* What one job's file holds; both arrays owned, never NULL. */
struct kept {
    cJSON *reasons;
    cJSON *logs;
};

static cJSON *detach_array(cJSON *doc, const char *key)
{
    cJSON *v = cJSON_DetachItemFromObjectCaseSensitive(doc, key);

    if (!cJSON_IsArray(v)) {
        cJSON_Delete(v);
        v = json_new_array();
    }
    return v;
}

/* Reads the file; the result is empty when there is no file, when it is damaged, or when it belongs
 * to another place. */
static struct kept load(const char *place, const char *path)
{
    char *text = NULL;
    size_t len = 0;
    cJSON *doc = NULL;

    if (path_read_own(path, FILE_MAX, &text, &len, NULL) == E_OK) {
        doc = json_parse(text, len, path, NULL);
        if (doc != NULL && strcmp(json_str_or(doc, "place", ""), place) != 0) {
            cJSON_Delete(doc);
            doc = NULL;
        }
    }
    struct kept k = {.reasons = detach_array(doc, "reasons"), .logs = detach_array(doc, "logs")};
    cJSON_Delete(doc);
    free(text);
    return k;
}

static void kept_clear(struct kept *k)
{
    cJSON_Delete(k->reasons);
    cJSON_Delete(k->logs);
    *k = (struct kept){0};
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

static bool add_log(cJSON *logs, size_t attempt, const char *group, const char *stream)
{
    const cJSON *v;

    if (stream == NULL || stream[0] == '\0' || strlen(stream) > TEXT_MAX) {
        return false;
    }
    cJSON_ArrayForEach(v, logs)
    {
        if (strcmp(json_str_or(v, "stream", ""), stream) == 0) {
            return false;
        }
    }
    cJSON *log = json_new_object();
    json_set_int(log, "attempt", (int64_t)attempt);
    json_set_str(log, "group", group);
    json_set_str(log, "stream", stream);
    json_push(logs, log);
    while (cJSON_GetArraySize(logs) > REASONS_MAX) {
        cJSON_DeleteItemFromArray(logs, 0);
    }
    return true;
}

static bool add_all(const struct ops *o, struct kept *k, int64_t now_ms, const struct batch_job *b)
{
    const char *group = b->log_group == NULL ? o->log_group : b->log_group;
    char source[48];
    bool changed = add(k->reasons, now_ms, "batch", b->status_reason);

    changed |= add(k->reasons, now_ms, "container", b->container_reason);
    for (size_t i = 0; i < b->attempts_len && i < 10; i++) {
        const struct batch_attempt *a = &b->attempts[i];
        (void)snprintf(source, sizeof source, "attempt %zu", i + 1);
        changed |= add(k->reasons, now_ms, source, a->status_reason);
        (void)snprintf(source, sizeof source, "attempt %zu container", i + 1);
        changed |= add(k->reasons, now_ms, source, a->container_reason);
        changed |= add_log(k->logs, i + 1, group, a->log_stream);
    }
    changed |= add_log(k->logs, b->attempts_len + 1, group, b->log_stream);
    return changed;
}

/* Removes the oldest files, now and then, when there are too many. */
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

/* Writes the file; takes what is kept. */
static enum err_code save(const char *place, const char *path, struct kept *k, struct err *e)
{
    cJSON *doc = json_new_object();

    json_set_str(doc, "place", place);
    json_set(doc, "reasons", k->reasons);
    json_set(doc, "logs", k->logs);
    *k = (struct kept){0};
    char *text = json_text(doc);
    enum err_code rc = path_write_atomic(path, text, strlen(text), 0600, e);
    free(text);
    cJSON_Delete(doc);
    return rc;
}

void reasons_keep(const struct ops *o, const char *job_id, const struct batch_job *b)
{
    struct err e = {0};
    char *place = NULL;

    if (b == NULL || !b->detailed || !job_id_valid(job_id)) {
        return; /* the job id names a file */
    }
    if (o->state != NULL) {
        return; /* the disk may be read-only, and what it keeps is gone with the machine */
    }
    if (place_text(o, PLACE_ASK, &place, &e) != E_OK) {
        log_line(o->log, LOG_LVL_WARN, "Batch's reason for %s was not kept: %s", job_id, e.msg);
        return;
    }
    char *dir = path_join(o->state_dir, "reasons");
    char *path = reasons_path(o, place, job_id);
    struct kept k = load(place, path);
    bool first = cJSON_GetArraySize(k.reasons) == 0 && cJSON_GetArraySize(k.logs) == 0;
    if (add_all(o, &k, clock_wall_ms(o->clock), b)) {
        if (path_mkdirs(dir, 0700, &e) != E_OK || save(place, path, &k, &e) != E_OK) {
            log_line(o->log, LOG_LVL_WARN, "Batch's reason for %s was not kept: %s", job_id, e.msg);
        } else if (first) {
            prune(dir);
        }
    }
    kept_clear(&k);
    free(path);
    free(dir);
    free(place);
}

static cJSON *load_array(const struct ops *o, const char *job_id, bool logs)
{
    char *place = NULL;

    /* Reading makes no request: a command that reads one record makes only that request. */
    if (!job_id_valid(job_id) || place_text(o, PLACE_HERE, &place, NULL) != E_OK) {
        return NULL;
    }
    char *path = reasons_path(o, place, job_id);
    struct kept k = load(place, path);
    cJSON **wanted = logs ? &k.logs : &k.reasons;
    cJSON *list = NULL;

    if (cJSON_GetArraySize(*wanted) > 0) {
        list = *wanted;
        *wanted = NULL; /* moved to the caller */
    }
    kept_clear(&k);
    free(path);
    free(place);
    return list;
}

cJSON *reasons_load(const struct ops *o, const char *job_id)
{
    return load_array(o, job_id, false);
}

cJSON *reasons_load_logs(const struct ops *o, const char *job_id)
{
    return load_array(o, job_id, true);
}
