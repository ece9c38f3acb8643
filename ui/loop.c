/* The loop of the dashboard.
 *
 * DESIGN: there is one thread and one poll: keys, messages of the workers, signals, and the
 * terminal when a frame waits for a slow link. Everything that is ready is taken, the model is
 * updated for each event, then one frame is drawn. The first frame goes out before a worker is
 * started or a byte is asked of the network; it shows the last list that an earlier run kept.
 *
 * A context is a session (session.h). Mostly there is one; with `:ctx *` there are several, each
 * with its queue, and the one at the list's cursor is shown and gets keys (app/all.h).
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
#include "core/platform.h"
#include "ui/clipboard.h"
#include "ui/effects.h"
#include "ui/kept.h"
#include "ui/links.h"
#include "ui/signals.h"
#include "ui/switch.h"
#include "ui/term_caps.h"
#include "ui/theme.h"

enum { FRAME_DISTANCE_MS = 40 }; /* the time between frames that no key asked for */

void loop_event(struct loop *l, struct app_event *ev)
{
    ev->now_ms = clock_wall_ms(l->at->ops->clock);
    ev->mono_ms = clock_mono_ms(l->at->ops->clock);
    if (!app_update(l->at->model, ev, &l->fx)) {
        l->quit = true;
    }
    effects_run(l);
}

void loop_session_event(struct loop *l, struct session *s, struct app_event *ev)
{
    struct session *shown = l->at;

    l->at = s;
    loop_event(l, ev);
    l->at = shown;
}

void loop_event_all(struct loop *l, struct app_event *ev)
{
    loop_event(l, ev);
    for (size_t i = 0; i < l->sessions_len; i++) {
        if (l->sessions[i] != l->at) {
            loop_session_event(l, l->sessions[i], ev);
        }
    }
}

void loop_settle_all(struct loop *l, bool anew)
{
    const struct session *shown = l->at;

    if (l->all == NULL) {
        return;
    }
    all_settle(l->all, anew);
    l->at = l->sessions[all_front(l->all)];
    if (l->at != shown) {
        struct app_event cursor = {.kind = EV_CURSOR};
        loop_event(l, &cursor);
        l->draw = true;
    }
}

/* Takes an event from outside. The context changes when all effects of the event are carried out:
 * the next event belongs to the other one. */
static void outer_event(struct loop *l, struct app_event *ev)
{
    bool moved = l->all != NULL && all_event(l->all, ev);
    struct app_event cursor = {.kind = EV_CURSOR};

    if (moved) {
        l->at = l->sessions[all_front(l->all)];
        ev = &cursor;
    }
    if (ev->kind == EV_RESIZE) {
        loop_event_all(l, ev);
    } else {
        loop_event(l, ev);
    }
    l->draw = l->draw || moved;
    loop_settle_all(l, !moved);
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

/* Gives memory back. The first load leaves the holes in which its replies were parsed, as large as
 * the jobs themselves: they go back to the system once the load is over. */
static void trim_after_load(struct loop *l)
{
    if (l->at->loading && !model_loading(l->at->model)) {
        platform_trim_memory();
    }
    l->at->loading = model_loading(l->at->model);
}

/* True when there were any. */
static bool take_messages(struct loop *l, struct session *s)
{
    struct msg *all = msgq_drain(s->queue);
    struct session *shown = l->at;

    if (all == NULL) {
        return false;
    }
    l->at = s;

    while (all != NULL) {
        struct msg *m = all;
        struct app_event ev = {.kind = EV_MSG};
        all = m->next;
        m->next = NULL;
        ev.u.msg = m;
        loop_event(l, &ev); /* no reply changes the context: the others of the list belong to it */
        kept_late(l, m);
        msg_free(m);
    }
    trim_after_load(l);
    l->at = shown;
    return true;
}

static int poll_wait_ms(const struct loop *l)
{
    int wait = 5000;
    for (size_t i = 0; i < l->sessions_len; i++) {
        const struct session *s = l->sessions[i];
        int own = s->snapshot != NULL ? 0 : model_wait_ms(s->model, clock_mono_ms(NULL));
        wait = own < wait ? own : wait;
    }
    int frame = frame_wait_ms(l);
    int input = input_wait_ms(l->input);

    wait = frame >= 0 && frame < wait ? frame : wait;
    return input >= 0 && input < wait ? input : wait;
}

/* Everything that poll waits for: keys, signals, the terminal, and the queue of each session. */
enum { FD_KEYS, FD_SIGNALS, FD_OUT, FD_QUEUES, FD_COUNT = FD_QUEUES + SESSIONS_MAX };

static size_t watch(const struct loop *l, struct pollfd fds[FD_COUNT])
{
    fds[FD_KEYS] = (struct pollfd){.fd = term_in_fd(l->term), .events = POLLIN};
    fds[FD_SIGNALS] = (struct pollfd){.fd = signals_fd(), .events = POLLIN};
    fds[FD_OUT] =
        (struct pollfd){.fd = term_waiting(l->term) ? term_out_fd(l->term) : -1, .events = POLLOUT};
    for (size_t i = 0; i < l->sessions_len; i++) {
        fds[FD_QUEUES + i] =
            (struct pollfd){.fd = msgq_fd(l->sessions[i]->queue), .events = POLLIN};
    }
    return FD_QUEUES + l->sessions_len;
}

/* Takes what has come for the sessions, and lets their time pass. */
static void work_sessions(struct loop *l)
{
    bool any = false;

    for (size_t i = 0; i < l->sessions_len && !l->quit; i++) {
        struct session *s = l->sessions[i];
        struct app_event tick = {.kind = EV_TICK};
        any = take_messages(l, s) || any;
        any = any || s->snapshot != NULL;
        kept_take(l, s);
        if (!l->quit && model_wait_ms(s->model, clock_mono_ms(NULL)) == 0) {
            loop_session_event(l, s, &tick);
            any = true;
        }
    }
    if (any) {
        loop_settle_all(l, true);
    }
}

static void turn(struct loop *l)
{
    struct pollfd fds[FD_COUNT];
    size_t len = watch(l, fds);
    int n = poll(fds, (nfds_t)len, poll_wait_ms(l));
    short keys = fds[FD_KEYS].revents;

    if (n < 0) {
        l->quit = l->quit || errno != EINTR;
        return;
    }
    if (fds[FD_SIGNALS].revents != 0) {
        take_signals(l);
    }
    if ((keys & (POLLHUP | POLLERR | POLLNVAL)) != 0 && (keys & POLLIN) == 0) {
        l->gone = true;
        l->quit = true;
    } else if (!l->quit) {
        take_input(l, (keys & POLLIN) != 0);
    }
    if (fds[FD_OUT].revents != 0) {
        send_frame(l);
    }
    loop_look_browsers(l);
    work_sessions(l);
    if (!l->quit && frame_wait_ms(l) == 0) {
        draw_frame(l);
    } else if (!term_waiting(l->term)) {
        send_frame(l);
    }
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
    painter_set_links(l->painter, links_taken(settings_get(set, SET_HYPERLINKS)));
    l->theme = theme;
    surface_init(&l->frame, term_rows(l->term), term_cols(l->term),
                 !term_utf8(l->term) && !term_acs(l->term));
    return E_OK;
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
    all_free(l->all);
    for (size_t i = 0; i < l->sessions_len; i++) {
        session_free(l->sessions[i]);
    }
    free(l->sessions);
    session_end_retired(&l->retired);
    effects_clear(&l->fx);
    free(l->wanted);
    surface_done(&l->frame);
}

int dashboard_run(const struct dashboard_options *o, struct err *e)
{
    struct err local = {0};
    struct loop l = {.options = o, .at = session_first(o->ops), .sessions_len = 1};

    l.sessions = xcalloc(1, sizeof(struct session *));
    l.sessions[0] = l.at;
    e = e == NULL ? &local : e;
    *e = (struct err){0};
    if (signals_open(e) != E_OK) {
        session_free(l.at);
        free(l.sessions);
        return err_exit_status(e->code);
    }
    alloc_on_failure(signals_emergency_reset);
    caps_probe(&l.found); /* the terminal is looked at before curses is set up */
    /* Workers make the jobs and this thread frees them: an arena for each thread would keep for
     * ever what it once needed. The workers wait for the network, and hardly for malloc. */
    platform_one_heap();
    if (open_screen(&l, e) == E_OK) {
        kept_begin(&l, NULL);
        draw_frame(&l);
        kept_history(l.at);
        (void)!session_start(l.at, e);
    }
    if (l.at->pool != NULL) {
        effects_run(&l);
        while (!l.quit) {
            turn(&l);
        }
        switch_keep_others(&l);
    }
    close_all(&l);
    alloc_on_failure(NULL);
    return e->code != E_OK ? err_exit_status(e->code) : l.status;
}
