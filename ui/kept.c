/* What earlier runs kept of a place, and the beginning of a session with it. */
#include "ui/kept.h"

#include <stdlib.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/path.h"
#include "core/rand.h"
#include "ops/history.h"
#include "ops/place.h"

enum {
    SNAPSHOT_FIRST = 256, /* jobs that are read before the first frame */
    SNAPSHOT_PIECE = 2000,
    PREFS_MAX = 262144
};

static void load_watched(struct loop *l)
{
    char *path = place_file(l->at->ops, "watched");
    char *text = NULL;
    size_t len = 0;

    l->at->watched_read = path != NULL;
    if (path != NULL && path_read_own(path, PREFS_MAX, &text, &len, NULL) == E_OK) {
        model_load_watched(l->at->model, text, len);
    }
    free(text);
    free(path);
}

void kept_history(struct session *s)
{
    history_load(s->ops, model_history(s->model));
}

/* Shows the kept list late. Until the owner of the keys is known, the list may be another
 * account's; when finding that out took a request, the list is painted then, if nothing newer is
 * there. */
void kept_late(struct loop *l, const struct msg *m)
{
    if (m->kind != MSG_IDENTITY) {
        return;
    }
    if (!l->at->watched_read) {
        load_watched(l);
    }
    if (l->at->snapshot_late && model_jobs(l->at->model) == 0) {
        l->at->snapshot = snapshot_open(l->at->ops, NULL);
    }
    if (l->at->snapshot_late) {
        kept_history(l->at);
    }
    l->at->snapshot_late = false;
}

/* Takes a piece of the kept list, until its end. */
static void take_piece(struct loop *l, struct session *s, size_t max)
{
    struct job **jobs;

    if (s->snapshot == NULL) {
        return;
    }
    jobs = xcalloc(max, sizeof *jobs);
    size_t n = snapshot_next(s->snapshot, jobs, max);
    if (n > 0) {
        model_add_snapshot(s->model, jobs, n, snapshot_saved_ms(s->snapshot));
        l->draw = true;
    }
    if (n < max) {
        snapshot_close(s->snapshot);
        s->snapshot = NULL;
    }
    free(jobs);
}

void kept_take(struct loop *l, struct session *s)
{
    take_piece(l, s, SNAPSHOT_PIECE);
}

static void load_prefs(struct loop *l)
{
    char *path = path_join(l->at->ops->state_dir, "view.json");
    char *text = NULL;
    size_t len = 0;

    if (path_read_own(path, PREFS_MAX, &text, &len, NULL) == E_OK) {
        model_load_prefs(l->at->model, text, len);
    }
    free(text);
    free(path);
}

void kept_begin(struct loop *l, struct model *before)
{
    struct app_event size = {.kind = EV_RESIZE};
    uint64_t seed = 0;

    rand_bytes(&seed, sizeof seed);
    struct model_options o = {
        .settings = l->at->settings,
        .read_only = session_read_only(l->at),
        .ascii = l->frame.ascii,
        .terminal = &l->found,
        .seed = (uint32_t)seed,
        .now_ms = clock_wall_ms(l->at->ops->clock),
        .mono_ms = clock_mono_ms(l->at->ops->clock),
    };
    l->at->model = model_new(&o);
    if (before != NULL) {
        model_take_view(l->at->model, before);
    } else {
        load_prefs(l);
    }
    load_watched(l);
    l->at->snapshot = snapshot_open(l->at->ops, NULL);
    l->at->snapshot_late = !l->at->watched_read; /* the place is not known yet */
    take_piece(l, l->at, SNAPSHOT_FIRST);
    size.u.resize.rows = term_rows(l->term);
    size.u.resize.cols = term_cols(l->term);
    loop_event(l, &size);
}
