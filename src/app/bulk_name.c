/* The line in which the name of a file of deploys is typed, with the files that match. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bulk_priv.h"
#include "core/alloc.h"
#include "core/complete.h"

static void name_typed(struct bulk_view *v)
{
    v->files_wanted = true;
    v->complete = v->accept = false;
    v->file = 0;
}

static void name_step(struct bulk_view *v, int by)
{
    if (v->files_len > 0) {
        size_t n = v->files_len;
        size_t at = v->file == 0 ? (by > 0 ? 0 : n - 1) : (v->file - 1 + (by > 0 ? 1 : n - 1)) % n;
        v->file = at + 1;
    }
}

/* Completes the typed text to the chosen name, else to what all names begin with. */
static void bulk_name_complete(struct bulk_view *v)
{
    if (v->files_request != 0) {
        v->complete = true;
        return;
    }
    if (v->files_len == 0) {
        return;
    }
    if (v->file > 0) {
        edit_set(&v->path, v->files[v->file - 1]);
        name_typed(v);
        return;
    }
    size_t n = complete_common(v->files, v->files_len);
    if (n <= v->path.len) {
        name_step(v, 1); /* the names have no more in common: go through them one by one */
        return;
    }
    char *common = xstrndup(v->files[0], n);
    edit_set(&v->path, common);
    free(common);
    name_typed(v);
}

static void bulk_name_accept(struct bulk_view *v, struct desk *desk, struct effects *out)
{
    if (v->complete) {
        v->accept = true;
        return;
    }
    const char *typed = v->file > 0 ? v->files[v->file - 1] : edit_text(&v->path);

    if (typed[0] == '\0') {
        desk_note(desk, NOTE_INFO, "Type the name of a file: Tab completes, Esc leaves.");
        return;
    }
    if (typed[strlen(typed) - 1] == '/') { /* the name is a folder: go on into it */
        char *folder = xstrdup(typed);
        edit_set(&v->path, folder);
        free(folder);
        name_typed(v);
        return;
    }
    free(v->name);
    v->name = xstrdup(typed);
    v->anew = v->ask_when_read = false;
    line_close(&desk->line);
    bulk_read_file(v, desk, out);
}

static void file_typed(void *owner, struct desk *d)
{
    (void)d;
    name_typed(owner);
}

static void file_step(void *owner, struct desk *d, int by)
{
    (void)d;
    name_step(owner, by);
}

static void file_complete(void *owner, struct desk *d)
{
    (void)d;
    bulk_name_complete(owner);
}

static void file_end(void *owner, struct desk *d, bool take, struct effects *out)
{
    if (take) {
        bulk_name_accept(owner, d, out);
    } else {
        line_close(&d->line);
    }
}

static const char *file_right(const void *owner, const struct desk *d, char *buf, size_t size,
                              enum style *st)
{
    (void)owner;
    (void)d;
    *st = ST_DIM;
    (void)snprintf(buf, size, "Tab completes");
    return buf;
}

static const struct line_def file_line = {
    .typed = file_typed,
    .step = file_step,
    .complete = file_complete,
    .end = file_end,
    .right = file_right,
};

void bulk_open_name(struct bulk_view *v, struct desk *desk)
{
    if (v->stage == BULK_SENDING) {
        desk_note(desk, NOTE_INFO, "A file is being sent: x stops it.");
        return;
    }
    edit_set(&v->path, v->name);
    name_typed(v);
    line_open(&desk->line, &file_line, v, &v->path, "File:");
}

void bulk_ask_files(struct bulk_view *v, struct desk *desk, struct effects *out)
{
    if (v->files_wanted && line_is_of(&desk->line, &v->path)) {
        struct task *t = task_new(TASK_FILES, desk_request(desk));
        task_as(t, typed) = xstrdup(edit_text(&v->path));
        v->files_request = t->request;
        effects_submit(out, t);
    }
    v->files_wanted = false;
}

/* Carries out the keys that were typed before the names came. */
static void catch_up(struct bulk_view *v, struct desk *desk, struct effects *out)
{
    bool accept = v->accept && v->files_len == 1;

    if (line_is_of(&desk->line, &v->path) && v->complete) {
        v->complete = v->accept = false;
        bulk_name_complete(v);
        if (accept) {
            bulk_name_accept(v, desk, out);
        }
    }
}

void bulk_take_files(struct bulk_view *v, struct desk *desk, struct msg *msg, struct effects *out)
{
    if (msg->request != v->files_request) {
        return; /* more was typed since the names were asked for */
    }
    v->files_request = 0;
    for (size_t i = 0; i < v->files_len; i++) {
        free(v->files[i]);
    }
    free(v->files);
    v->files = msg_as(msg, files).paths;
    v->files_len = msg_as(msg, files).len;
    v->file = 0;
    msg_as(msg, files).paths = NULL;
    msg_as(msg, files).len = 0;
    catch_up(v, desk, out);
}
