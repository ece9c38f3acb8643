/* The steps of an entry that is open: its marks, their syncs, and its end. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/path.h"
#include "core/platform.h"
#include "ops/outbox.h"
#include "outbox_priv.h"

void outbox_entry_clear(struct outbox_entry *x)
{
    if (x->fd >= 0) {
        (void)close(x->fd); /* closing gives the lock back */
    }
    free(x->path);
    deploy_request_clear(&x->request);
    *x = (struct outbox_entry){.fd = -1, .sent_ms = TIME_NONE};
    deploy_request_init(&x->request);
}

void outbox_fault(const struct ops *o, const char *step)
{
    if (o->fault != NULL) {
        o->fault(step);
    }
}

enum err_code outbox_fail_io(struct err *e, const char *what, const char *path)
{
    return err_set(e, E_IO, "%s: %s: %s", path, what, strerror(errno));
}

bool outbox_sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *dir = xstrndup(path, slash == NULL ? 0 : (size_t)(slash - path));
    bool ok = path_sync_folder(dir);

    free(dir);
    return ok;
}

static enum err_code file_sync(struct outbox_entry *x, struct err *e)
{
    if (!x->unsynced) {
        return E_OK;
    }
    if (x->note == SYNC_NONE || !sync_log_wait(x->ops, x->note)) {
        if (fsync(x->fd) != 0) {
            return outbox_fail_io(e, "cannot keep the request", x->path);
        }
        (void)outbox_sync_folder(x->path);
    }
    x->note = SYNC_NONE;
    x->unsynced = false;
    return E_OK;
}

void outbox_settle(struct outbox_entry *x)
{
    if (x->fd < 0 || x->put == SYNC_NONE) {
        return;
    }
    if (fsync(x->fd) == 0 && outbox_sync_folder(x->path)) {
        outbox_fault(x->ops, "settling");
        sync_note safe = sync_log_end(x->ops, x->put, x->job_id, SYNC_END_SAFE);
        /* When this fails, the log was left, which made the file safe as well. */
        (void)!(safe == SYNC_NONE || sync_log_wait(x->ops, safe));
        sync_log_over(x->ops, x->put);
        outbox_fault(x->ops, "settled");
    }
    x->put = SYNC_NONE;
    x->unsynced = false;
}

/* Overwrites the head. An entry that the log holds is noted there first: the log is never behind
 * the file. outbox_sync then waits for the note. */
static bool write_head(struct outbox_entry *x, const struct outbox_entry *now)
{
    char head[OUTBOX_HEAD_SIZE];

    outbox_head_text(now, head);
    if (x->put == SYNC_NONE) {
        return path_write_at(x->fd, head, strlen(head), 0) && fdatasync(x->fd) == 0;
    }
    x->note = sync_log_head(x->ops, x->put, x->job_id, head, strlen(head));
    x->unsynced = true;
    outbox_fault(x->ops, "marking");
    bool ok = path_write_at(x->fd, head, strlen(head), 0);
    outbox_fault(x->ops, "marked");
    return ok;
}

static enum err_code file_mark_sent(struct outbox_entry *x, int64_t now_ms, struct err *e)
{
    struct outbox_entry now = {
        .stage = OUTBOX_SENT, .sent_ms = now_ms, .sent_mono_ms = clock_mono_ms(x->ops->clock)};

    platform_boot_name(now.boot);
    if (x->before.sent_ms > 0 && x->before.sent_ms == now_ms) {
        now.sent_mono_ms = x->before.sent_mono_ms;
        memcpy(now.boot, x->before.boot, sizeof now.boot);
    }
    if (!write_head(x, &now)) {
        return outbox_fail_io(e, "cannot note that the event is being sent", x->path);
    }
    if (x->stage == OUTBOX_SENT) {
        x->before.sent_ms = x->sent_ms;
        x->before.sent_mono_ms = x->sent_mono_ms;
        memcpy(x->before.boot, x->boot, sizeof x->before.boot);
    }
    x->stage = OUTBOX_SENT;
    x->sent_ms = now_ms;
    x->sent_mono_ms = now.sent_mono_ms;
    memcpy(x->boot, now.boot, sizeof x->boot);
    return E_OK;
}

static enum err_code file_mark_kept(struct outbox_entry *x, struct err *e)
{
    struct outbox_entry now = {.stage = OUTBOX_KEPT, .sent_ms = TIME_NONE};

    if (!write_head(x, &now)) {
        return outbox_fail_io(e, "cannot note that the event was not sent", x->path);
    }
    x->stage = OUTBOX_KEPT;
    x->sent_ms = TIME_NONE;
    return E_OK;
}

static int64_t file_waited_ms(struct outbox_entry *x)
{
    char boot[40];

    if (x->sent_ms == TIME_NONE) {
        return 0;
    }
    platform_boot_name(boot);
    int64_t by_mono = clock_mono_ms(x->ops->clock) - x->sent_mono_ms;
    if (boot[0] != '\0' && strcmp(boot, x->boot) == 0 && x->sent_mono_ms > 0) {
        return by_mono < 0 ? 0 : by_mono;
    }
    int64_t by_wall = clock_wall_ms(x->ops->clock) - x->sent_ms;
    if (by_wall < 0) {
        /* The time is from a clock that was ahead: waiting for it could take years. */
        (void)!file_mark_sent(x, clock_wall_ms(x->ops->clock), NULL);
        return 0;
    }
    return by_wall;
}

static void remove_entry(struct outbox_entry *x, bool certain)
{
    sync_note end = SYNC_NONE;

    if (x->path != NULL && x->fd >= 0) {
        if (x->put != SYNC_NONE) {
            /* Before the file goes: the log would bring it back. */
            end = sync_log_end(x->ops, x->put, x->job_id, SYNC_END_REMOVED);
            outbox_fault(x->ops, "dropping");
        }
        (void)unlink(x->path);
        if (certain && (end == SYNC_NONE || !sync_log_wait(x->ops, end))) {
            (void)outbox_sync_folder(x->path);
        }
        if (x->put != SYNC_NONE) {
            sync_log_over(x->ops, x->put);
        }
    }
    outbox_entry_clear(x);
}

static void file_done(struct outbox_entry *x)
{
    remove_entry(x, false);
}

static void file_undo(struct outbox_entry *x)
{
    remove_entry(x, true);
}

static void file_leave(struct outbox_entry *x)
{
    outbox_settle(x);
    outbox_entry_clear(x);
}

const struct outbox_store outbox_files = {.sync = file_sync,
                                          .mark_sent = file_mark_sent,
                                          .mark_kept = file_mark_kept,
                                          .mark_dead = outbox_file_dead,
                                          .waited_ms = file_waited_ms,
                                          .done = file_done,
                                          .undo = file_undo,
                                          .leave = file_leave};
