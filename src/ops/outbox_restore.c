/* Bringing back an entry that a log holds, after the machine lost its power.
 *
 * The log was synced before each step, the file was not: so what the log says is at least as far as
 * the file, with one exception. Whoever refused the event for good, or took the entry over after it
 * was settled, wrote the file for itself. Between two states of one request the one that leaves
 * more open wins: "sent" is looked into before anything is sent, "kept" would send at once. */
#include "outbox_restore.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/path.h"
#include "core/rand.h"
#include "core/secret.h"

enum { ENTRY_MAX = 4 << 20 };

/* Which of two entries is the right one? True: that of the log. */
static bool log_wins(const cJSON *in_log, const cJSON *in_file)
{
    const char *mine = json_str_or(in_log, "requestId", "");
    const char *its = json_str_or(in_file, "requestId", "");

    if (strcmp(mine, its) != 0) { /* the older one was over: the job id was free again */
        return json_int(in_log, "keptAt", 0) > json_int(in_file, "keptAt", 0);
    }
    return strcmp(json_str_or(in_file, "stage", ""), "kept") == 0 &&
           strcmp(json_str_or(in_log, "stage", ""), "kept") != 0;
}

static void hold(struct outbox_restored *r, int fd, char *path)
{
    r->items = xgrow(r->items, r->len, &r->cap, sizeof *r->items);
    r->items[r->len++] = (struct outbox_restored_one){.fd = fd, .path = path};
}

/* Writes the entry under the name of `path`; it is locked before it gets the name. */
static bool write_entry(const struct ops *o, const char *path, const char *bytes, size_t len,
                        bool new_one, struct outbox_restored *restored)
{
    char uuid[UUID_SIZE];

    rand_uuid(uuid);
    char *tmp = xasprintf("%s/outbox/.%s.tmp", o->state_dir, uuid);
    int fd = open(tmp, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool ok = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && path_write_all(fd, bytes, len) &&
              fsync(fd) == 0;
    /* link: somebody who made the entry meanwhile made a newer one */
    bool there = ok && (new_one ? link(tmp, path) == 0 : rename(tmp, path) == 0);
    ok = there || (ok && new_one && errno == EEXIST);
    if (fd >= 0 && (new_one || !there)) {
        (void)unlink(tmp);
    }
    if (there) {
        hold(restored, fd, new_one ? xstrdup(path) : NULL);
    } else if (fd >= 0) {
        (void)close(fd);
    }
    free(tmp);
    return ok;
}

/* Locks and reads the file that is there. False: it is not ours to judge, and stays. `*doc` is NULL
 * when it is no JSON. */
static bool look_at(const char *path, int fd, cJSON **doc)
{
    char *text = NULL;
    size_t len = 0;

    *doc = NULL;
    if (path_own_file(fd, path, NULL) != E_OK || flock(fd, LOCK_EX | LOCK_NB) != 0) {
        return false;
    }
    if (path_read_own(path, ENTRY_MAX, &text, &len, NULL) == E_OK) {
        *doc = json_parse(text, len, path, NULL);
        secret_free_bytes(text, len);
    }
    return true;
}

bool outbox_restore(const struct ops *o, const char *job_id, const char *bytes, size_t len,
                    struct outbox_restored *restored)
{
    cJSON *in_log = json_parse(bytes, len, job_id, NULL);
    char *dir = path_join(o->state_dir, "outbox");
    char *path = xasprintf("%s/%s.json", dir, job_id);
    bool replace = false;
    bool ok = true;

    if (in_log != NULL && path_mkdirs(dir, 0700, NULL) != E_OK) {
        ok = false;
    } else if (in_log != NULL) {
        int fd = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        bool missing = fd < 0 && errno == ENOENT;
        cJSON *in_file = NULL;
        if (fd >= 0 && look_at(path, fd, &in_file)) {
            replace = !cJSON_IsObject(in_file) || log_wins(in_log, in_file);
            ok = replace || fsync(fd) == 0;
        }
        cJSON_Delete(in_file);
        if (missing || replace) {
            ok = write_entry(o, path, bytes, len, missing, restored);
        }
        if (fd >= 0 && replace && ok) {
            (void)close(fd); /* the name leads to the new file, which is locked */
        } else if (fd >= 0) {
            hold(restored, fd, NULL);
        }
    }
    cJSON_Delete(in_log);
    free(path);
    free(dir);
    return ok;
}

bool outbox_restore_end(const struct ops *o, const char *job_id, const char *bytes, size_t len)
{
    char *path = xasprintf("%s/outbox/%s.json", o->state_dir, job_id);
    int fd = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    cJSON *in_log = json_parse(bytes, len, job_id, NULL);
    cJSON *in_file = NULL;
    bool ok = true;

    /* A damaged file was never synced: what it held is over as well. */
    if (fd >= 0 && look_at(path, fd, &in_file) &&
        (!cJSON_IsObject(in_file) || strcmp(json_str_or(in_log, "requestId", "-"),
                                            json_str_or(in_file, "requestId", "")) == 0)) {
        ok = unlink(path) == 0;
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    cJSON_Delete(in_file);
    cJSON_Delete(in_log);
    free(path);
    return ok;
}

void outbox_restored_end(struct outbox_restored *restored, bool kept)
{
    for (size_t i = 0; i < restored->len; i++) {
        struct outbox_restored_one *x = &restored->items[i];
        if (!kept && x->path != NULL) {
            (void)unlink(x->path);
        }
        (void)close(x->fd);
        free(x->path);
    }
    free(restored->items);
    *restored = (struct outbox_restored){.len = 0};
}
