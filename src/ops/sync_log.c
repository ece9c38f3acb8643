/* The log that many deploys sync together.
 *
 * DESIGN: a deploy needs its outbox file on the disk twice: before its record is written, and, as
 * "sent", before its event is sent. A sync of the file, one of its folder and one of the mark cost
 * a few milliseconds each, and cannot be shared. So the files are written as ever, but not synced:
 * the same bytes are appended to a log, and one sync of the log covers all that was appended
 * before.
 *
 * Who appends: each process has a log of its own, state_dir/sync/<n>.sync, the first that nobody
 * has locked; no two processes write into one file. Its threads append under the lock of struct
 * sync_log, so that notes never mix.
 * Who syncs: the first that waits syncs for all; who comes meanwhile waits for the next sync.
 * What others see: the files. Locks, stages and names are those of outbox.c, in the same order,
 * also for an older mvpdash beside this one. The log is for one case only: the machine stops, and
 * the file system loses what was not synced.
 *
 * A log whose owner died is settled by whoever looks into the outbox next, before an entry is taken
 * over:
 *   the same boot   the file system has everything, and newer states than the log: the files that
 *                   the log holds are synced, nothing is written
 *   another boot    the files are written from the log (outbox_restore.c), then synced
 * and then the log is emptied. One process does so at a time (sync_log_sweep.c), and while a log of
 * a dead owner cannot be settled, nobody takes an entry over. So no log holds an entry that
 * somebody else works on. One that a process leaves in the outbox is synced for itself, and the
 * note of that is synced, before its lock is given back.
 *
 * What may happen:
 *   kill -9         nothing of this matters: the boot is the same
 *   a torn write    the checksum fails, and the log ends there; nobody was told that it is kept
 *   a full disk     the log is cut back to where it was, and the caller syncs, or fails, as without
 *                   a log; a log that cannot note what is over is settled at once
 *   a failed sync   the log is settled and left, and each caller syncs for itself
 *   read-only       no log can be opened: as without a log
 *   no boot's name  (/proc is missing) nobody could tell the two cases apart: as without a log
 *   a copied folder a copy of the log counts as the copy of its files would: what was on its way
 *                   when it was copied is on its way in the copy, too
 *   an older mvpdash that looks first after a power loss finds the files without the log: what only
 *                   the log holds waits until this one runs
 *
 * No entry stays in a log for long, so that the log can be emptied: it only grows while deploys are
 * on their way, up to LOG_FULL; then new ones sync for themselves until those are through.
 *
 * The file of an Idempotency-Key stays for a day, so it leaves the log in another way: from time to
 * time (sync_log_tidy, in serve a thread of its own) one call syncs all files of the file system,
 * while the others go on, and what rested before it is safe without the log. Unlike an entry, such
 * a file is written only when its note is on the disk: what it says can be acted upon by everybody,
 * also when its owner dies at once. Nothing was done for the key of a blank one (src/api/idem.c).
 */
#include "ops/sync_log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/log.h"
#include "core/path.h"
#include "core/platform.h"
#include "core/strbuf.h"
#include "sync_log_keys.h"
#include "sync_log_read.h"

enum {
    LOGS_MAX = 64,
    LOG_FULL = 8 << 20,
    LOG_IDLE = 256 << 10, /* a log that no file depends on is emptied from this size on */
    LIVE_MAX = 500,       /* files at a time: each is locked while it is brought back */
    FAILURES_MAX = 3      /* then this process does without a log */
};

struct sync_log {
    pthread_mutex_t lock;   /* guards all members; appending is done under it, syncing is not */
    pthread_cond_t changed; /* a sync is over */
    int fd;                 /* the log, locked; -1: it is not open */
    pid_t pid;              /* whose log this is: a forked child needs one of its own */
    off_t begin;            /* where the first record ends, which names the boot */
    off_t size;
    sync_note last;   /* of all notes */
    sync_note first;  /* of this log; the notes before it were in one that is closed */
    sync_note synced; /* all up to this one are on the disk */
    size_t live;      /* files that depend on the log and are worked on */
    size_t keys;      /* of them, those of keys */
    uint64_t rested;  /* files of keys that came to rest in this log */
    uint64_t safe;    /* of them, those that do not depend on the log any more */
    off_t tidied;     /* how long the log was at the last sync_log_tidy */
    bool swept;       /* no log of an earlier boot is left */
    bool syncing;     /* somebody syncs just now, without the lock */
    bool emptied;     /* the file was made shorter since the last sync */
    int failures;
    char boot[PLATFORM_BOOT_SIZE];
};

struct sync_log *sync_log_new(void)
{
    struct sync_log *l = xcalloc(1, sizeof *l);

    (void)pthread_mutex_init(&l->lock, NULL);
    (void)pthread_cond_init(&l->changed, NULL);
    l->fd = -1;
    l->first = 1;
    return l;
}

/* ---- the file ---- */

/* Gives the lock back before closing: a child that was forked meanwhile may have the
 * descriptor. */
static void unlock_file(int fd)
{
    (void)flock(fd, LOCK_UN);
    (void)close(fd);
}

/* Opens one log, makes it when it is missing, and settles what a dead owner left in it; -1 when it
 * is somebody else's. */
static int open_log(const struct ops *o, const char *dir, int number, const char *boot)
{
    const int flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    char *path = xasprintf("%s/%d.sync", dir, number);
    int fd = open(path, flags);
    struct stat st;

    if (fd < 0 && errno == ENOENT) {
        fd = open(path, flags | O_CREAT | O_EXCL, 0600);
        if (fd >= 0 && (!path_sync_folder(dir) || !path_sync_folder(o->state_dir))) {
            (void)close(fd);
            fd = -1;
        }
    }
    if (fd >= 0 && !(sync_log_lock(fd, path) && fstat(fd, &st) == 0 &&
                     ((st.st_mode & 077) == 0 || fchmod(fd, 0600) == 0) &&
                     (st.st_size == 0 || sync_log_settle(o, fd, boot)))) {
        (void)close(fd);
        fd = -1;
    }
    free(path);
    return fd;
}

static bool append(struct sync_log *l, enum sync_kind kind, const char *name, const void *bytes,
                   size_t len)
{
    struct strbuf record = STRBUF_INIT;

    sync_record_add(&record, kind, name, bytes, len);
    bool ok = path_write_at(l->fd, record.data, record.len, l->size);
    if (ok) {
        l->size += (off_t)record.len;
        l->last++;
    } else {
        /* What follows would be behind a record that is not whole. */
        ok = ftruncate(l->fd, l->size) == 0;
        l->failures += ok ? 0 : FAILURES_MAX;
        ok = false;
    }
    strbuf_wipe(&record);
    return ok;
}

/* Writes the first record into an empty file. */
static bool begin(struct sync_log *l)
{
    l->size = 0;
    bool ok = append(l, SYNC_BEGIN, "-", l->boot, strlen(l->boot));
    l->begin = l->size;
    return ok;
}

/* Nothing depends on the log any more. */
static void forget_files(struct sync_log *l)
{
    l->live = l->keys = 0;
    l->rested = l->safe = 0;
    l->tidied = 0;
    l->first = l->last + 1;
}

/* Settles the log and closes it; the lock is held, and nobody syncs. Its files are safe then
 * without it; the notes that nobody has waited for are void. */
static void leave_log(const struct ops *o, struct sync_log *l)
{
    l->failures++;
    if (!sync_log_settle(o, l->fd, l->boot)) { /* it stays, and the next one tries again */
        log_line(o->log, LOG_LVL_ERROR, "the sync log cannot be emptied: %s", strerror(errno));
    }
    unlock_file(l->fd);
    l->fd = -1;
    forget_files(l);
}

static bool open_any_log(const struct ops *o, struct sync_log *l)
{
    char *dir = sync_log_dir(o);

    int turn = -1;

    platform_boot_name(l->boot);
    if (l->boot[0] != '\0' && path_mkdirs(dir, 0700, NULL) == E_OK &&
        sync_log_turn(o, dir, &turn, NULL) == E_OK) {
        /* what only a log holds is there before a new entry is */
        (void)sync_log_sweep_in_turn(o, dir, NULL);
        for (int i = 0; l->fd < 0 && i < LOGS_MAX; i++) {
            l->fd = open_log(o, dir, i, l->boot);
        }
    }
    sync_log_turn_over(turn);
    free(dir);
    if (l->fd < 0) {
        l->failures++;
        return false;
    }
    l->pid = getpid();
    forget_files(l);
    l->emptied = true; /* whoever had the log before may have done it */
    if (!begin(l)) {
        unlock_file(l->fd);
        l->fd = -1;
        l->failures++;
    }
    return l->fd >= 0;
}

/* Is there a log to append to? The lock is held. */
static bool usable(const struct ops *o, struct sync_log *l, bool open_it)
{
    struct stat st;

    if (l->fd >= 0 && l->pid != getpid()) { /* the log stays the parent's */
        (void)close(l->fd);
        l->fd = -1;
        l->syncing = false;
        forget_files(l);
    }
    if (l->fd >= 0 && !l->syncing && (fstat(l->fd, &st) != 0 || st.st_nlink == 0)) {
        leave_log(o, l); /* somebody removed the file */
    }
    return l->fd >= 0 || (open_it && l->failures < FAILURES_MAX && open_any_log(o, l));
}

/* Empties a log that no file depends on, but for its first record. The lock is held. What was
 * removed must be gone from the folder first: the mark of a file that came back would be an old
 * one. */
static void empty(const struct ops *o, struct sync_log *l, off_t to)
{
    char *dir = path_join(o->state_dir, "outbox");
    bool noted = l->size > l->begin;

    if (l->size > to && (!noted || path_sync_folder(dir) || !path_exists(dir)) &&
        ftruncate(l->fd, to) == 0) {
        l->size = to;
        l->tidied = 0;
        l->emptied = true;
    }
    free(dir);
}

/* Does no file depend on the log? The lock is held. */
static bool unused(const struct sync_log *l)
{
    return l->live == 0 && l->safe == l->rested;
}

/* ---- notes ---- */

bool sync_log_ready(const struct ops *o)
{
    struct sync_log *l = o->sync_log;

    if (l == NULL) {
        return false;
    }
    (void)pthread_mutex_lock(&l->lock);
    bool ready = usable(o, l, true) && l->size < LOG_FULL && l->live - l->keys < LIVE_MAX;
    (void)pthread_mutex_unlock(&l->lock);
    return ready;
}

sync_note sync_log_put(const struct ops *o, const char *name, const void *bytes, size_t len)
{
    struct sync_log *l = o->sync_log;
    sync_note note = SYNC_NONE;

    if (l == NULL) {
        return SYNC_NONE;
    }
    (void)pthread_mutex_lock(&l->lock);
    if (usable(o, l, false) && l->size + (off_t)len < LOG_FULL &&
        append(l, SYNC_PUT, name, bytes, len)) {
        l->live++;
        l->keys += sync_log_is_key(name);
        note = l->last;
    }
    (void)pthread_mutex_unlock(&l->lock);
    return note;
}

static sync_note change(const struct ops *o, sync_note put, enum sync_kind kind, const char *name,
                        const void *bytes, size_t len)
{
    struct sync_log *l = o->sync_log;
    sync_note note = SYNC_NONE;

    (void)pthread_mutex_lock(&l->lock);
    if (usable(o, l, false) && put >= l->first && append(l, kind, name, bytes, len)) {
        note = l->last;
    }
    (void)pthread_mutex_unlock(&l->lock);
    return note;
}

sync_note sync_log_head(const struct ops *o, sync_note put, const char *name, const void *bytes,
                        size_t len)
{
    return change(o, put, SYNC_HEAD, name, bytes, len);
}

sync_note sync_log_more(const struct ops *o, sync_note put, const char *name, const void *bytes,
                        size_t len)
{
    return change(o, put, SYNC_MORE, name, bytes, len);
}

sync_note sync_log_end(const struct ops *o, sync_note put, const char *name, enum sync_end end)
{
    struct sync_log *l = o->sync_log;
    enum sync_kind kind = end == SYNC_END_SAFE ? SYNC_SAFE : SYNC_DONE;
    sync_note note = SYNC_NONE;

    (void)pthread_mutex_lock(&l->lock);
    if (usable(o, l, false) && put >= l->first) {
        if (append(l, kind, name, "", 0)) {
            note = l->last;
        } else {
            /* The log would bring back what is over. */
            while (l->syncing) {
                (void)pthread_cond_wait(&l->changed, &l->lock);
            }
            if (put >= l->first) {
                leave_log(o, l);
            }
        }
    }
    (void)pthread_mutex_unlock(&l->lock);
    return note;
}

void sync_log_over(const struct ops *o, sync_note put)
{
    struct sync_log *l = o->sync_log;

    (void)pthread_mutex_lock(&l->lock);
    if (usable(o, l, false) && put >= l->first) {
        l->live--;
        if (unused(l) && l->size > LOG_IDLE) {
            empty(o, l, l->begin);
        }
    }
    (void)pthread_mutex_unlock(&l->lock);
}

void sync_log_rest(const struct ops *o, sync_note put)
{
    struct sync_log *l = o->sync_log;

    (void)pthread_mutex_lock(&l->lock);
    if (usable(o, l, false) && put >= l->first) {
        l->live--;
        l->keys--;
        l->rested++;
    }
    (void)pthread_mutex_unlock(&l->lock);
}

/* Syncs all that was appended so far. The lock is held, but not while the disk works. */
static void sync_all(const struct ops *o, struct sync_log *l)
{
    sync_note all = l->last;
    bool emptied = l->emptied;
    int fd = l->fd;

    l->syncing = true;
    l->emptied = false;
    (void)pthread_mutex_unlock(&l->lock);
    bool ok = (emptied ? fsync(fd) : fdatasync(fd)) == 0;
    (void)pthread_mutex_lock(&l->lock);
    l->syncing = false;
    if (ok) {
        l->synced = all;
    } else {
        leave_log(o, l);
    }
    (void)pthread_cond_broadcast(&l->changed);
}

bool sync_log_wait(const struct ops *o, sync_note note)
{
    struct sync_log *l = o->sync_log;

    (void)pthread_mutex_lock(&l->lock);
    while (note >= l->first && note > l->synced) {
        if (l->syncing) {
            (void)pthread_cond_wait(&l->changed, &l->lock);
        } else {
            sync_all(o, l);
        }
    }
    bool ok = note >= l->first;
    (void)pthread_mutex_unlock(&l->lock);
    return ok;
}

/* ---- the end ---- */

bool sync_log_heavy(const struct ops *o)
{
    struct sync_log *l = o->sync_log;

    if (l == NULL) {
        return false;
    }
    (void)pthread_mutex_lock(&l->lock);
    bool heavy = l->fd >= 0 && l->safe < l->rested &&
                 (l->size - l->tidied > LOG_FULL / 2 || (l->size >= LOG_FULL && l->live == 0));
    (void)pthread_mutex_unlock(&l->lock);
    return heavy;
}

/* Syncs the files that rest. The lock is held, but not while the disk works. */
static void sync_resting(const struct ops *o, struct sync_log *l)
{
    uint64_t rested = l->rested;
    sync_note first = l->first;

    l->tidied = l->size;
    (void)pthread_mutex_unlock(&l->lock);
    bool ok = sync_log_keys_safe(o);
    (void)pthread_mutex_lock(&l->lock);
    if (ok && l->first == first && l->safe < rested) {
        l->safe = rested;
    }
}

void sync_log_tidy(const struct ops *o)
{
    struct sync_log *l = o->sync_log;

    if (l != NULL) {
        (void)pthread_mutex_lock(&l->lock);
        if (usable(o, l, false) && l->safe < l->rested) {
            sync_resting(o, l);
        }
        if (usable(o, l, false) && unused(l)) {
            empty(o, l, l->begin);
        }
        (void)pthread_mutex_unlock(&l->lock);
    }
}

enum err_code sync_log_swept(const struct ops *o, struct err *e)
{
    struct sync_log *l = o->sync_log;
    bool swept = false;

    if (l != NULL) {
        (void)pthread_mutex_lock(&l->lock);
        swept = l->swept;
        (void)pthread_mutex_unlock(&l->lock);
    }
    enum err_code rc = swept ? E_OK : sync_log_sweep(o, e);
    if (rc == E_OK && !swept && l != NULL) {
        (void)pthread_mutex_lock(&l->lock);
        l->swept = true;
        (void)pthread_mutex_unlock(&l->lock);
    }
    return rc;
}

void sync_log_free(const struct ops *o, struct sync_log *l)
{
    if (l == NULL) {
        return;
    }
    if (l->fd >= 0 && l->pid == getpid()) {
        if (l->live > 0 || (l->safe < l->rested && !sync_log_keys_safe(o))) {
            leave_log(o, l);
        } else {
            empty(o, l, 0);
            unlock_file(l->fd);
        }
    } else if (l->fd >= 0) {
        (void)close(l->fd);
    }
    (void)pthread_cond_destroy(&l->changed);
    (void)pthread_mutex_destroy(&l->lock);
    free(l);
}
