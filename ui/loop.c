/* The loop of the dashboard.
 *
 * DESIGN: there is one thread and one poll: keys, messages of the workers, signals, and the
 * terminal when a frame waits for a slow link. Everything that is ready is taken, the model is
 * updated for each event, then one frame is drawn. The first frame goes out before a worker is
 * started or a byte is asked of the network; it shows the last list that an earlier run kept.
 *
 * Nothing here waits for the network, and writing to the terminal does not block either (term.c):
 * while the terminal is busy, frames are skipped and keys still count. */
#include "ui/loop.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/path.h"
#include "core/platform.h"
#include "core/rand.h"
#include "ops/history.h"
#include "ops/place.h"
#include "ui/clipboard.h"
#include "ui/effects.h"
#include "ui/signals.h"
#include "ui/term_caps.h"
#include "ui/theme.h"

enum {
    FRAME_DISTANCE_MS = 40, /* the time between frames that no key asked for */
    SNAPSHOT_FIRST = 256,   /* jobs that are read before the first frame */
    SNAPSHOT_PIECE = 2000,
    PREFS_MAX = 262144
};

void loop_event(struct loop *l, struct app_event *ev)
{
    ev->now_ms = clock_wall_ms(l->at->ops->clock);
    ev->mono_ms = clock_mono_ms(l->at->ops->clock);
    if (!app_update(l->at->model, ev, &l->fx)) {
        l->quit = true;
    }
    effects_run(l);
}

static void switch_session(struct loop *l);

/* Takes an event from outside. The context changes when all effects of the event are carried out:
 * the next event belongs to the other one. */
static void outer_event(struct loop *l, struct app_event *ev)
{
    loop_event(l, ev);
    while (l->switches && !l->quit) {
        l->switches = false;
        switch_session(l);
    }
}

static void send_frame(struct loop *l)
{
    if (!l->gone && term_send(l->term) != E_OK) {
        l->gone = true;
        l->quit = true;
    }
}

static void draw_frame(struct loop *l)
{
    draw_model(&l->frame, l->at->model);
    painter_frame(l->painter, &l->frame);
    l->draw = false;
    l->draw_soon = false;
    l->typed = false;
    l->drawn_ms = clock_mono_ms(NULL);
    send_frame(l);
}

/* How long until the next frame may go out: 0: now, -1: there is nothing to draw. */
static int frame_wait_ms(const struct loop *l)
{
    if (!l->draw || term_waiting(l->term)) {
        return -1; /* nothing has changed, or poll will tell when the terminal can take more */
    }
    int64_t since = clock_mono_ms(NULL) - l->drawn_ms;
    return l->draw_soon || since >= FRAME_DISTANCE_MS ? 0 : (int)(FRAME_DISTANCE_MS - since);
}

/* A window that was made smaller and at once as large as before has the old size, and has lost what
 * stood at its edges: everything is drawn for every signal of a new size. */
static void take_resize(struct loop *l)
{
    struct app_event ev = {.kind = EV_RESIZE};

    if (term_update_size(l->term)) {
        ev.u.resize.rows = term_rows(l->term);
        ev.u.resize.cols = term_cols(l->term);
        outer_event(l, &ev);
    }
    painter_forget(l->painter);
    l->draw = true;
    l->draw_soon = true;
}

static void take_signals(struct loop *l)
{
    int number = 0;
    unsigned seen = signals_take(&number);

    if ((seen & SIGNAL_QUIT) != 0) {
        struct app_event ev = {.kind = EV_QUIT};
        l->status = 128 + number;
        outer_event(l, &ev);
        l->quit = true;
        return;
    }
    if ((seen & SIGNAL_STOP) != 0) {
        (void)effects_add(&l->fx, EFF_SUSPEND);
        effects_run(l);
    } else if ((seen & SIGNAL_CONTINUED) != 0) {
        /* The process was stopped by SIGSTOP: whoever had the terminal meanwhile may have left it
         * in any state. */
        struct app_event ev = {.kind = EV_RESUME};
        term_resume(l->term);
        painter_forget(l->painter);
        outer_event(l, &ev);
        l->draw = true;
        l->draw_soon = true;
    }
    if ((seen & (SIGNAL_RESIZED | SIGNAL_CONTINUED)) != 0) {
        take_resize(l);
    }
}

static void take_event(struct loop *l, const struct input_event *in)
{
    struct app_event ev = {.kind = EV_KEY};

    if (in->kind == INPUT_KEY) {
        memcpy(ev.u.key, in->key, sizeof ev.u.key);
        ev.burst = in->burst || l->typed;
        ev.amid = in->amid;
        l->typed = true;
    } else if (in->kind == INPUT_PASTE) {
        ev.kind = EV_PASTE;
        ev.u.paste.text = in->paste;
        ev.u.paste.len = in->paste_len;
    } else {
        ev.kind = EV_MOUSE;
        ev.u.mouse.row = in->row;
        ev.u.mouse.col = in->col;
        ev.u.mouse.button = in->button;
    }
    outer_event(l, &ev);
    l->draw_soon = true;
}

/* Makes one read in each turn: then a frame is drawn, so that what is typed shows as it comes. Only
 * the end of the terminal is an end: a read that makes no event is an unknown key, or half of
 * one. */
static void take_input(struct loop *l, bool readable)
{
    struct input_event in;

    if (readable && !input_read(l->input)) {
        l->gone = true;
        l->quit = true;
        return;
    }
    while (!l->quit && input_next(l->input, &in)) {
        take_event(l, &in);
    }
}

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

/* Loads what was learned of the times of the jobs of this place; after the first frame. */
static void load_history(struct loop *l)
{
    history_load(l->at->ops, model_history(l->at->model));
}

/* Shows the kept list late. Until the owner of the keys is known, the list may be another
 * account's; when finding that out took a request, the list is painted then, if nothing newer is
 * there. */
static void late_snapshot(struct loop *l, const struct msg *m)
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
        load_history(l);
    }
    l->at->snapshot_late = false;
}

static void take_messages(struct loop *l)
{
    struct msg *all = msgq_drain(l->at->queue);

    while (all != NULL) {
        struct msg *m = all;
        struct app_event ev = {.kind = EV_MSG};
        all = m->next;
        m->next = NULL;
        ev.u.msg = m;
        loop_event(l, &ev); /* no reply changes the context: the others of the list belong to it */
        late_snapshot(l, m);
        msg_free(m);
    }
}

/* Gives memory back. The first load leaves the holes in which its replies were parsed, as large as
 * the jobs themselves: they go back to the system once the load is over. */
static void trim_after_load(struct loop *l)
{
    if (l->at->loading && !model_loading(l->at->model)) {
        platform_trim_memory();
    }
    l->at->loading = model_loading(l->at->model);
}

/* Takes a piece of the kept list, until its end. */
static void take_snapshot(struct loop *l, size_t max)
{
    struct job **jobs;

    if (l->at->snapshot == NULL) {
        return;
    }
    jobs = xcalloc(max, sizeof *jobs);
    size_t n = snapshot_next(l->at->snapshot, jobs, max);
    if (n > 0) {
        model_add_snapshot(l->at->model, jobs, n, snapshot_saved_ms(l->at->snapshot));
        l->draw = true;
    }
    if (n < max) {
        snapshot_close(l->at->snapshot);
        l->at->snapshot = NULL;
    }
    free(jobs);
}

static int poll_wait_ms(const struct loop *l)
{
    int wait = l->at->snapshot != NULL ? 0 : model_wait_ms(l->at->model, clock_mono_ms(NULL));
    int frame = frame_wait_ms(l);
    int input = input_wait_ms(l->input);

    wait = frame >= 0 && frame < wait ? frame : wait;
    return input >= 0 && input < wait ? input : wait;
}

static void turn(struct loop *l)
{
    struct pollfd fds[] = {
        {.fd = term_in_fd(l->term),                               .events = POLLIN },
        {.fd = msgq_fd(l->at->queue),                             .events = POLLIN },
        {.fd = signals_fd(),                                      .events = POLLIN },
        {.fd = term_waiting(l->term) ? term_out_fd(l->term) : -1, .events = POLLOUT},
    };
    int n = poll(fds, sizeof fds / sizeof *fds, poll_wait_ms(l));

    if (n < 0 && errno != EINTR) {
        l->quit = true;
        return;
    }
    if (n < 0) {
        return;
    }
    if (fds[2].revents != 0) {
        take_signals(l);
    }
    if ((fds[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0 && (fds[0].revents & POLLIN) == 0) {
        l->gone = true;
        l->quit = true;
    } else if (!l->quit) {
        take_input(l, (fds[0].revents & POLLIN) != 0);
    }
    if (fds[1].revents != 0) {
        take_messages(l);
        trim_after_load(l);
    }
    if (fds[3].revents != 0) {
        send_frame(l);
    }
    take_snapshot(l, SNAPSHOT_PIECE);
    if (!l->quit && model_wait_ms(l->at->model, clock_mono_ms(NULL)) == 0) {
        struct app_event tick = {.kind = EV_TICK};
        outer_event(l, &tick);
    }
    if (!l->quit && frame_wait_ms(l) == 0) {
        draw_frame(l);
    } else if (!term_waiting(l->term)) {
        send_frame(l);
    }
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

static enum err_code open_screen(struct loop *l, struct err *e)
{
    const struct settings *set = l->at->settings;
    const struct theme *theme = theme_find(settings_get(set, SET_THEME), e);
    struct term_options o = {
        .no_color = l->options->no_color,
        .ascii = settings_bool(set, SET_ASCII),
        .mouse = settings_bool(set, SET_MOUSE),
    };

    if (theme == NULL) {
        return E_INVALID;
    }
    l->term = term_open(&o, e);
    if (l->term == NULL) {
        return e->code;
    }
    l->input = input_new(l->term);
    l->painter = painter_new(l->term, theme);
    l->theme = theme;
    surface_init(&l->frame, term_rows(l->term), term_cols(l->term),
                 !term_utf8(l->term) && !term_acs(l->term));
    return E_OK;
}

/* Makes the model of the session, with what an earlier run kept of its place. The view is that of
 * `before`; NULL: that of an earlier run. */
static void begin_session(struct loop *l, struct model *before)
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
    take_snapshot(l, SNAPSHOT_FIRST);
    size.u.resize.rows = term_rows(l->term);
    size.u.resize.cols = term_cols(l->term);
    loop_event(l, &size);
}

/* Goes to the context that was asked for. Where that cannot be, the session goes on as it was. */
static void switch_session(struct loop *l)
{
    struct app_event failed = {.kind = EV_CONTEXT};
    struct err *e = &failed.u.context;
    struct session *old = l->at;
    struct session *s = session_other(old, l->wanted, e);
    const struct theme *theme =
        s == NULL ? NULL : theme_find(settings_get(s->settings, SET_THEME), e);

    free(l->wanted);
    l->wanted = NULL;
    if (theme == NULL || session_start(s, e) != E_OK) {
        session_free(s);
        loop_event(l, &failed);
        return;
    }
    l->at = s;
    if (theme != l->theme) {
        painter_free(l->painter);
        l->painter = painter_new(l->term, theme);
        l->theme = theme;
    }
    painter_forget(l->painter);
    if (l->titled) {
        effects_add(&l->fx, EFF_TITLE)->text = xstrdup("mvpdash"); /* until the account is known */
    }
    begin_session(l, old->model);
    session_retire(old, &l->retired);
    load_history(l);
    l->draw = true;
    l->draw_soon = true;
}

static void close_all(struct loop *l)
{
    if (l->term != NULL) {
        log_line(l->options->log, LOG_LVL_INFO, "the terminal got %llu bytes in %llu writes",
                 (unsigned long long)term_bytes(l->term), (unsigned long long)term_writes(l->term));
    }
    if (l->titled && !l->gone) {
        struct strbuf b = STRBUF_INIT;
        title_sequence(&b, NULL);
        term_add(l->term, b.data, b.len);
        strbuf_clear(&b);
        send_frame(l);
    }
    painter_free(l->painter);
    input_free(l->input);
    term_close(l->term); /* this comes first: stopping the workers may take a moment */
    signals_close();
    session_free(l->at);
    session_end_retired(&l->retired);
    effects_clear(&l->fx);
    free(l->wanted);
    surface_done(&l->frame);
}

int dashboard_run(const struct dashboard_options *o, struct err *e)
{
    struct err local = {0};
    struct loop l = {.options = o, .at = session_first(o->ops)};

    e = e == NULL ? &local : e;
    *e = (struct err){0};
    if (signals_open(e) != E_OK) {
        session_free(l.at);
        return err_exit_status(e->code);
    }
    alloc_on_failure(signals_emergency_reset);
    caps_probe(&l.found); /* the terminal is looked at before curses is set up */
    /* Workers make the jobs and this thread frees them: an arena for each thread would keep for
     * ever what it once needed. The workers wait for the network, and hardly for malloc. */
    platform_one_heap();
    if (open_screen(&l, e) == E_OK) {
        begin_session(&l, NULL);
        draw_frame(&l);
        load_history(&l);
        (void)!session_start(l.at, e);
    }
    if (l.at->pool != NULL) {
        effects_run(&l);
        while (!l.quit) {
            turn(&l);
        }
    }
    close_all(&l);
    alloc_on_failure(NULL);
    return e->code != E_OK ? err_exit_status(e->code) : l.status;
}
