/* The files of Idempotency-Keys in a log.
 *
 * Such a file is written only when its note is on the disk, so the log is never behind it. Whoever
 * took a key over synced the file for itself, which then says more than the log. A file that is
 * not whole after a power loss was never synced, and the log that says what was in it is still
 * there.
 *
 * No key is locked here until the log is empty: nobody reads a key while a log of an earlier boot
 * is left (sync_log_swept). */
#include "sync_log_keys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/path.h"
#include "core/platform.h"
#include "ops/sync_log.h"

enum { HASH_LEN = 64, KEY_MAX = 64 * 1024 };

bool sync_log_is_key(const char *name)
{
    const char *hash = name + strlen(SYNC_KEY);

    return strncmp(name, SYNC_KEY, strlen(SYNC_KEY)) == 0 && strlen(hash) == HASH_LEN &&
           strspn(hash, "0123456789abcdef") == HASH_LEN;
}

static char *key_path(const struct ops *o, const char *name)
{
    return xasprintf("%s/%s/%s.jsonl", o->state_dir, SYNC_KEY_DIR, name + strlen(SYNC_KEY));
}

bool sync_log_keys_safe(const struct ops *o)
{
    char *dir = path_join(o->state_dir, SYNC_KEY_DIR);
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 ? platform_sync_files(fd) : errno == ENOENT;
    int why = errno;

    if (fd >= 0) {
        (void)close(fd);
    }
    free(dir);
    errno = why;
    return ok;
}

/* What a file of a key says. */
struct said {
    cJSON *first; /* its first line; NULL: it has none that is whole */
    size_t lines; /* that are whole */
};

static struct said said_in(const char *text, size_t len)
{
    struct said s = {.lines = 0};
    const char *end = text + len;
    const char *nl;

    for (const char *at = text; (nl = memchr(at, '\n', (size_t)(end - at))) != NULL; at = nl + 1) {
        cJSON *line = json_parse(at, (size_t)(nl - at), "idempotency", NULL);
        if (!cJSON_IsObject(line)) {
            cJSON_Delete(line);
            break;
        }
        s.lines++;
        if (s.first == NULL) {
            s.first = line;
        } else {
            cJSON_Delete(line);
        }
    }
    return s;
}

static bool same_request(const struct said *a, const struct said *b)
{
    return strcmp(json_str_or(a->first, "requestId", "a"),
                  json_str_or(b->first, "requestId", "b")) == 0;
}

static bool log_wins(const struct said *in_log, const struct said *in_file)
{
    if (in_log->first == NULL || in_file->first == NULL) {
        return in_log->first != NULL;
    }
    if (same_request(in_log, in_file)) {
        return in_log->lines > in_file->lines;
    }
    /* the older one did nothing, or is forgotten by now: the key was free again */
    return json_int(in_log->first, "at", 0) > json_int(in_file->first, "at", 0);
}

/* Opens and locks a key's file and reads it. False: it is not ours to judge, and stays. */
static bool look_at(const char *path, int fd, struct said *in_file)
{
    char *text = NULL;
    size_t len = 0;

    *in_file = (struct said){.lines = 0};
    if (path_own_file(fd, path, NULL) != E_OK || flock(fd, LOCK_EX | LOCK_NB) != 0) {
        return false;
    }
    if (path_read_own(path, KEY_MAX, &text, &len, NULL) == E_OK) {
        *in_file = said_in(text, len);
    }
    free(text);
    return true;
}

bool sync_log_key_restore(const struct ops *o, const char *name, const char *bytes, size_t len)
{
    struct said in_log = said_in(bytes, len);
    char *dir = path_join(o->state_dir, SYNC_KEY_DIR);
    char *path = key_path(o, name);
    bool ok = true;

    if (in_log.first != NULL && path_mkdirs(dir, 0700, NULL) != E_OK) {
        ok = false;
    } else if (in_log.first != NULL) {
        int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
        struct said in_file = {.lines = 0};
        if (fd < 0) {
            ok = errno == ELOOP || errno == EISDIR;
        } else if (look_at(path, fd, &in_file) && log_wins(&in_log, &in_file)) {
            ok = ftruncate(fd, 0) == 0 && path_write_at(fd, bytes, len, 0) && fchmod(fd, 0600) == 0;
        }
        if (fd >= 0) {
            (void)close(fd);
        }
        cJSON_Delete(in_file.first);
    }
    cJSON_Delete(in_log.first);
    free(path);
    free(dir);
    return ok;
}

bool sync_log_key_restore_end(const struct ops *o, const char *name, const char *bytes, size_t len)
{
    struct said in_log = said_in(bytes, len);
    struct said in_file = {.lines = 0};
    char *path = key_path(o, name);
    int fd = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    bool ok = true;

    /* A file that is not whole says nothing, or what is over as well. */
    if (fd >= 0 && look_at(path, fd, &in_file) &&
        (in_file.first == NULL || same_request(&in_log, &in_file))) {
        ok = unlink(path) == 0;
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    cJSON_Delete(in_file.first);
    cJSON_Delete(in_log.first);
    free(path);
    return ok;
}
