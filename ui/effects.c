/* Carrying out the effects that update asks for. */
#include "ui/effects.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/osc.h"
#include "core/path.h"
#include "core/text.h"
#include "core/words.h"
#include "ops/history.h"
#include "ops/place.h"
#include "ui/clipboard.h"
#include "ui/foreground.h"
#include "ui/save.h"
#include "ui/signals.h"

static void answer_saved(struct loop *l, const char *what, const struct err *e)
{
    struct app_event ev = {.kind = EV_SAVED};

    ev.u.saved.what = what;
    if (e != NULL) {
        ev.u.saved.err = *e;
    }
    loop_event(l, &ev);
}

static void save_file(struct loop *l, const char *path, const char *text)
{
    struct err e = {0};
    char *saved = NULL;

    if (save_text(path, text, &saved, &e) == E_OK) {
        answer_saved(l, saved, NULL);
    } else {
        answer_saved(l, path, &e);
    }
    free(saved);
}

static void copy(struct loop *l, const char *text)
{
    struct strbuf b = STRBUF_INIT;

    if (clipboard_sequence(&b, text, strlen(text))) {
        term_add(l->term, b.data, b.len);
        answer_saved(l, "clipboard", NULL);
    } else {
        save_file(l, "mvpdash-copy.txt", text);
    }
    strbuf_clear(&b);
}

static void open_url(struct loop *l, const char *url)
{
    char **words = browser_command(settings_get(l->at->settings, SET_BROWSER));
    struct err e = {0};

    if (words == NULL) {
        struct strbuf b = STRBUF_INIT;
        bool taken = clipboard_sequence(&b, url, strlen(url));
        strbuf_clear(&b);
        copy(l, url);
        if (taken) { /* else the answer has named the file that it was saved in */
            answer_saved(l, "no browser", NULL);
        }
        return;
    }
    if (browser_open(&l->browsers, words, url, &e) == E_OK) {
        char *what = xasprintf("browser %s", words[0]);
        answer_saved(l, what, NULL);
        free(what);
    } else {
        answer_saved(l, "browser", &e);
    }
    words_free(words);
}

void loop_look_browsers(struct loop *l)
{
    struct err e = {0};

    if (l->browsers.len > 0 && browser_failed(&l->browsers, &e)) {
        answer_saved(l, "browser", &e);
    }
}

/* Takes the terminal back after a stop or a pager: everything is drawn, and a signal that asked to
 * leave meanwhile counts. */
static void resumed(struct loop *l, unsigned seen, int number)
{
    struct app_event size = {.kind = EV_RESIZE};
    struct app_event ev = {.kind = EV_RESUME};

    (void)term_update_size(l->term);
    painter_forget(l->painter);
    size.u.resize.rows = term_rows(l->term);
    size.u.resize.cols = term_cols(l->term);
    loop_event_all(l, &size);
    loop_event(l, &ev);
    l->draw = true;
    l->draw_soon = true;
    if ((seen & SIGNAL_QUIT) != 0) {
        struct app_event quit = {.kind = EV_QUIT};
        l->status = 128 + number;
        loop_event(l, &quit);
        l->quit = true;
    }
}

static void suspend(struct loop *l)
{
    int number = 0;

    term_suspend(l->term);
    unsigned seen = signals_stop_self(&number);
    term_resume(l->term);
    resumed(l, seen, number);
}

static void page(struct loop *l, const char *text)
{
    struct err e = {0};
    unsigned seen = 0;
    int number = 0;

    if (save_page(l->term, text, &seen, &number, &e) != E_OK) {
        answer_saved(l, "pager", &e);
    }
    resumed(l, seen, number);
}

/* Runs a command with the terminal; not any more when a signal has asked to leave. */
static void run_in_terminal(struct loop *l, const struct effect *f)
{
    struct app_event ev = {.kind = EV_RAN};
    unsigned seen = 0;
    int number = 0;
    char *how = NULL;

    if (l->quit) {
        return;
    }
    (void)!foreground_run(l->term, f->task, f->text, settings_program_environment(l->at->settings),
                          &how, &seen, &number, &ev.u.ran.err);
    ev.u.ran.name = f->text;
    ev.u.ran.job_id = f->task->job_id;
    ev.u.ran.how = how == NULL ? "" : how;
    loop_event(l, &ev);
    free(how);
    resumed(l, seen, number);
}

static void notify(struct loop *l, const char *text)
{
    const struct settings *set = l->at->settings;
    struct strbuf b = STRBUF_INIT;

    osc_notify(&b, &(struct osc_notice){.title = "mvpdash",
                                        .text = text,
                                        .osc9 = settings_bool(set, SET_ALERT_OSC9),
                                        .osc777 = settings_bool(set, SET_ALERT_OSC777),
                                        .utf8 = term_utf8(l->term)});
    term_add(l->term, b.data, b.len);
    strbuf_clear(&b);
}

static void set_title(struct loop *l, const char *text)
{
    struct strbuf b = STRBUF_INIT;
    char *clean = text_cleaned(text, term_utf8(l->term) ? TEXT_ONE_LINE : TEXT_ASCII);

    title_sequence(&b, clean);
    free(clean);
    if (b.len > 0) {
        if (!l->titled) {
            term_add(l->term, "\033[22;2t", 7); /* make the terminal remember the old title */
            l->titled = true;
        }
        term_add(l->term, b.data, b.len);
    }
    strbuf_clear(&b);
}

/* Keeps the watched jobs, but not before those of an earlier run were read: these would be lost. */
static void keep_watched(struct loop *l)
{
    const struct ops *o = l->at->ops;
    char *path = l->at->watched_read ? place_file(o, "watched") : NULL;
    char *dir = path_join(o->state_dir, "watched");
    char *text = model_watched(l->at->model);
    struct err e = {0};

    if (path != NULL && (path_mkdirs(dir, 0700, &e) != E_OK ||
                         path_write_atomic(path, text, strlen(text), 0600, &e) != E_OK)) {
        log_line(l->options->log, LOG_LVL_WARN, "the watched jobs were not kept: %s", e.msg);
    }
    free(text);
    free(dir);
    free(path);
}

static void keep_prefs(struct loop *l, const char *text)
{
    char *path = path_join(l->at->ops->state_dir, "view.json");
    struct err e = {0};

    if (path_mkdirs(l->at->ops->state_dir, 0700, &e) != E_OK ||
        path_write_atomic(path, text, strlen(text), 0600, &e) != E_OK) {
        log_line(l->options->log, LOG_LVL_WARN, "the view was not kept: %s", e.msg);
    }
    free(path);
    keep_watched(l);
}

static void keep_snapshot(struct loop *l, size_t count)
{
    size_t len = 0;
    struct err e = {0};
    const struct job **jobs = model_snapshot_jobs(l->at->model, count, &len);

    if (snapshot_save(l->at->ops, jobs, len, &e) != E_OK) {
        log_line(l->options->log, LOG_LVL_WARN, "the list was not kept: %s", e.msg);
    }
    free(jobs);
    if (history_keep(l->at->ops, model_history(l->at->model), &e) != E_OK) {
        log_line(l->options->log, LOG_LVL_WARN, "%s", e.msg);
    }
}

static void run_one(struct loop *l, struct effect *f)
{
    char *screen;

    switch (f->kind) {
    case EFF_SUBMIT:
        pool_submit(l->at->pool, f->task);
        f->task = NULL;
        break;
    case EFF_DROP:
        (void)pool_drop(l->at->pool, f->request);
        break;
    case EFF_HALT:
        pool_halt(l->at->pool, f->request);
        break;
    case EFF_QUIT:
        l->quit = true;
        l->status = l->status != 0 ? l->status : f->status;
        break;
    case EFF_RESTART:
        l->quit = true;
        if (l->options->next != NULL) {
            *l->options->next = f->local ? DASHBOARD_LOCAL : DASHBOARD_ANEW;
        }
        break;
    case EFF_SUSPEND:
        suspend(l);
        break;
    case EFF_REDRAW:
        painter_forget(l->painter);
        l->draw = true;
        l->draw_soon = true;
        break;
    case EFF_COPY:
        copy(l, f->text);
        break;
    case EFF_OPEN:
        open_url(l, f->text);
        break;
    case EFF_BELL:
        term_add(l->term, "\a", 1);
        break;
    case EFF_NOTIFY:
        notify(l, f->text);
        break;
    case EFF_SAVE:
        save_file(l, f->path, f->text);
        break;
    case EFF_SAVE_SCREEN:
        screen = surface_text(&l->frame);
        save_file(l, f->path, screen);
        free(screen);
        break;
    case EFF_PAGER:
        page(l, f->text);
        break;
    case EFF_TERMINAL:
        run_in_terminal(l, f);
        break;
    case EFF_TITLE:
        set_title(l, f->text);
        break;
    case EFF_PREFS:
        keep_prefs(l, f->text);
        break;
    case EFF_CONTEXT:
        free(l->wanted);
        l->wanted = f->text;
        f->text = NULL;
        l->switches = true;
        break;
    case EFF_SNAPSHOT:
        keep_snapshot(l, f->count);
        break;
    }
}

void effects_run(struct loop *l)
{
    if (l->at->pool == NULL) {
        return; /* before the first frame the tasks wait */
    }
    /* An effect may make an event, and that event further effects: each list is taken as a
     * whole. */
    while (l->fx.len > 0) {
        struct effects now = l->fx;
        l->fx = (struct effects){0};
        l->draw = l->draw || now.draw;
        for (size_t i = 0; i < now.len; i++) {
            run_one(l, &now.items[i]);
        }
        effects_clear(&now);
    }
    l->draw = l->draw || l->fx.draw;
    l->fx.draw = false;
}
