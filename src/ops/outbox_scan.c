/* All that lies in the outbox's folder: what is ours, what is not ours, and what nobody can read.
 * It is read without locks: an entry that is being sent counts too. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/path.h"
#include "core/text.h"
#include "ops/sync_log.h"
#include "outbox_priv.h"

enum { EMPTY_KEPT_S = 60 };

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s);
    size_t m = strlen(end);

    return n > m && strcmp(s + n - m, end) == 0;
}

/* Removes a temporary file that nobody holds: its owner died before the request was taken in. The
 * owner locks the file before writing anything into it, so only an empty file may be one that its
 * owner has not locked yet. */
static void drop_stale_temp(int dir, const char *name)
{
    struct stat st;
    int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0) {
        return;
    }
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
        flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &st) == 0) {
        int64_t age_s = (int64_t)time(NULL) - st.st_mtime;
        if (st.st_size > 0 || age_s > EMPTY_KEPT_S || age_s < -EMPTY_KEPT_S) {
            (void)unlinkat(dir, name, 0);
        }
    }
    (void)close(fd);
}

/* Is this a name ".<uuid>.tmp", as outbox.c makes them? */
static bool is_temp(const char *name)
{
    return name[0] == '.' && strlen(name) == 41 && ends_with(name, ".tmp") &&
           strspn(name + 1, "0123456789abcdef-") == 36;
}

/* Looks into one file; false when it is gone meanwhile. */
static bool look_into(const struct ops *o, struct outbox_item *item)
{
    struct outbox_entry x;
    struct err e = {0};
    cJSON *doc = NULL;
    enum err_code rc = outbox_peek(o, item->job_id, &x, &doc, &e);

    if (rc == E_OK) {
        struct err why = {0};
        enum place_match m = place_compare(o, doc, &why);
        item->kind = m == PLACE_SAME       ? OUTBOX_OURS
                     : m == PLACE_UNPROVEN ? OUTBOX_UNPROVEN
                                           : OUTBOX_OTHERS;
        item->other_account = m == PLACE_ACCOUNT;
        item->stage = x.stage;
        item->kept_ms = x.kept_ms;
        const char *account = json_str_or(doc, "account", "");
        /* The part after the blank only tells local clouds apart. */
        (void)snprintf(item->account, sizeof item->account, "%.*s", (int)strcspn(account, " "),
                       account);
        (void)snprintf(item->why, sizeof item->why, "%s", m == PLACE_UNPROVEN ? why.msg : "");
    } else {
        item->kind = OUTBOX_BROKEN;
        (void)snprintf(item->why, sizeof item->why, "%s", e.msg);
    }
    outbox_leave(&x);
    cJSON_Delete(doc);
    return rc != E_NOT_FOUND;
}

/* Reads the job id that a file is named after; false when the name is not that of an entry. */
static bool name_of(const char *file, struct outbox_item *item, bool *aside)
{
    *aside = ends_with(file, ".json.bad");
    size_t end = *aside ? 9 : 5;
    size_t n = strlen(file);

    if (!*aside && !ends_with(file, ".json")) {
        return false;
    }
    *item = (struct outbox_item){.kept_ms = TIME_NONE};
    if (n - end >= sizeof item->job_id) {
        return false;
    }
    memcpy(item->job_id, file, n - end);
    return job_id_valid(item->job_id);
}

int outbox_by_age(const void *a, const void *b)
{
    const struct outbox_item *x = a;
    const struct outbox_item *y = b;

    return x->kept_ms != y->kept_ms ? (x->kept_ms < y->kept_ms ? -1 : 1)
                                    : strcmp(x->job_id, y->job_id);
}

size_t outbox_file_scan(const struct ops *o, struct outbox_item **items)
{
    (void)sync_log_sweep(o, NULL); /* what a dead owner's log holds comes back first */
    char *dir = path_join(o->state_dir, "outbox");
    DIR *d = opendir(dir);
    size_t len = 0;
    size_t cap = 0;
    const struct dirent *ent;

    *items = NULL;
    while (d != NULL && (ent = readdir(d)) != NULL) {
        struct outbox_item item;
        bool aside = false;
        if (is_temp(ent->d_name)) {
            drop_stale_temp(dirfd(d), ent->d_name);
        }
        if (!name_of(ent->d_name, &item, &aside)) {
            continue;
        }
        if (aside) {
            item.kind = OUTBOX_BROKEN;
            (void)snprintf(item.why, sizeof item.why, "%s/%s was put aside as damaged", dir,
                           ent->d_name);
        } else if (!look_into(o, &item)) {
            continue;
        }
        *items = xgrow(*items, len, &cap, sizeof **items);
        (*items)[len++] = item;
    }
    if (d != NULL) {
        (void)closedir(d);
    }
    free(dir);
    if (len > 0) {
        qsort(*items, len, sizeof **items, outbox_by_age);
    }
    return len;
}

size_t outbox_list(const struct ops *o, char ***ids)
{
    struct outbox_item *items = NULL;
    size_t n = outbox_scan(o, &items);
    size_t len = 0;

    *ids = n == 0 ? NULL : xcalloc(n, sizeof **ids);
    for (size_t i = 0; i < n; i++) {
        if (items[i].kind == OUTBOX_OURS) {
            (*ids)[len++] = xstrdup(items[i].job_id);
        }
    }
    free(items);
    return len;
}

void outbox_list_free(char **ids, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        free(ids[i]);
    }
    free(ids);
}

/* ---- what a person has to be told ---- */

static const struct outbox_item *first_of(const struct outbox_item *items, size_t n,
                                          enum outbox_kind kind)
{
    for (size_t i = 0; i < n; i++) {
        if (items[i].kind == kind) {
            return &items[i];
        }
    }
    return NULL;
}

static void tell(struct outbox_alarm *a, const struct outbox_item *items, size_t n)
{
    const struct outbox_item *broken = first_of(items, n, OUTBOX_BROKEN);
    const struct outbox_item *unproven = first_of(items, n, OUTBOX_UNPROVEN);
    const struct outbox_item *x = broken != NULL ? broken : unproven;

    if (broken != NULL) {
        (void)snprintf(a->text, sizeof a->text,
                       "%zu deploy%s cannot be sent, the first is %s: `mvpdash outbox send %s` "
                       "sends it when its record is there, `mvpdash outbox drop %s` gives it up. "
                       "Its entry in the outbox cannot be used: %.*s",
                       a->broken, a->broken == 1 ? "" : "s", broken->job_id, broken->job_id,
                       broken->job_id, text_cut(broken->why, 180), broken->why);
    } else if (x != NULL) {
        (void)snprintf(
            a->text, sizeof a->text,
            "%zu deploy%s in the outbox and %s not sent, the first is %s: %.*s. `mvpdash outbox "
            "send %s` sends it with the keys in use, `mvpdash outbox drop %s` gives it up",
            a->unproven, a->unproven == 1 ? " waits" : "s wait", a->unproven == 1 ? "is" : "are",
            x->job_id, text_cut(x->why, 200), x->why, x->job_id, x->job_id);
    } else if (a->others > 0 && items != NULL) {
        size_t i = 0;
        while (i + 1 < n && !items[i].other_account) {
            i++;
        }
        x = &items[i];
        (void)snprintf(a->text, sizeof a->text,
                       "%zu deploy%s of another account in the outbox and %s not sent, the first "
                       "is %s of account %s: mvpdash with that account's keys sends it",
                       a->others, a->others == 1 ? " waits" : "s wait",
                       a->others == 1 ? "is" : "are", x->job_id,
                       x->account[0] == '\0' ? "(not named)" : x->account);
    }
}

enum err_code outbox_look(const struct ops *o, struct outbox_alarm *a)
{
    struct outbox_item *items = NULL;
    size_t n = 0;
    enum err_code rc = outbox_read(o, &items, &n, NULL);

    *a = (struct outbox_alarm){0};
    for (size_t i = 0; i < n; i++) {
        a->ours += items[i].kind == OUTBOX_OURS;
        a->broken += items[i].kind == OUTBOX_BROKEN;
        a->unproven += items[i].kind == OUTBOX_UNPROVEN;
        a->others += items[i].other_account;
    }
    tell(a, items, n);
    free(items);
    return rc;
}
