/* What a person defined: views and commands in the command line, and running the commands.
 *
 * DESIGN: a command runs on its jobs one after another, one command at a time: its program never
 * takes more than one worker, and its output stays in the order of the jobs. The window with the
 * output opens at once; closed, it lets the program run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/text.h"
#include "jobs/alert.h"
#include "jobs/job_json.h"
#include "model_priv.h"
#include "ops/program.h"

enum {
    OUTPUT_MAX = 256 * 1024,       /* of one program */
    OUTPUTS_MAX = 4 * 1024 * 1024, /* of all programs of a run together */
    OUTPUT_LEAST = 4 * 1024
};

void own_offer(struct model *m)
{
    size_t keys_len = 0;
    struct key_own *keys = own_commands_keys(&m->commands, &keys_len);
    struct palette_line *lines = xcalloc(2 * m->views.len + keys_len + 1, sizeof *lines);
    size_t len = 0;

    for (size_t i = 0; i < keys_len; i++) {
        lines[len++] = (struct palette_line){xstrdup(keys[i].name), xstrdup(keys[i].help)};
    }
    own_commands_keys_free(keys, keys_len);
    for (size_t i = 0; i < m->views.len; i++) {
        const struct saved_view *v = &m->views.items[i];
        if (saved_views_find(&m->views, v->name) != v) {
            continue;
        }
        lines[len++] = (struct palette_line){xasprintf("view %s", v->name), saved_view_text(v)};
        if (v->line == 0) {
            lines[len++] = (struct palette_line){xasprintf("view delete %s", v->name),
                                                 xstrdup("Delete this view")};
        }
    }
    palette_set_lines(&m->desk.palette, lines, len);
}

/* ---- the window ---- */

static bool runs(const struct own_run *r)
{
    return r->request != 0;
}

const char *own_runs(const struct model *m)
{
    return runs(&m->run) ? m->run.command->name : NULL;
}

static const char *title(const void *owner, char *buf, size_t size)
{
    const struct model *m = owner;
    const struct own_run *r = &m->run;

    if (runs(r)) {
        (void)snprintf(buf, size, "%.32s: run %zu of %zu, x ends it", r->command->name, r->at,
                       r->len);
    } else {
        (void)snprintf(buf, size, "%.32s: %zu succeeded, %zu failed", r->command->name, r->good,
                       r->failed);
    }
    return buf;
}

static void fill(const void *owner, struct textview *v)
{
    const struct model *m = owner;
    const struct own_run *r = &m->run;

    for (size_t i = 0; i < r->outputs_len; i++) {
        const struct own_output *o = &r->outputs[i];
        textview_add(v, o->job_id, ST_TITLE_FOCUS);
        for (size_t at = 0; at < o->len;) {
            const char *stop = memchr(o->output + at, '\n', o->len - at);
            size_t n = stop == NULL ? o->len - at : (size_t)(stop - o->output) - at;
            textview_add_log(v, TIME_NONE, o->output + at, n, ST_TEXT);
            at += n + 1;
        }
        textview_add(v, o->how, o->good ? ST_GOOD : ST_BAD);
        textview_add(v, "", ST_TEXT);
    }
    if (runs(r)) {
        textview_addf(v, ST_DIM, "%.128s: running...", r->ids[r->at - 1]);
    }
}

void own_output(struct model *m)
{
    static const struct window_def def = {ACT_OUTPUT, title, fill};

    if (m->run.outputs_len == 0 && !runs(&m->run)) {
        desk_note(&m->desk, NOTE_INFO,
                  "None of your commands has run yet: [commands] in config.ini defines them.");
        return;
    }
    window_open(&m->desk.window, &def, m);
}

/* ---- running ---- */

static void forget(struct own_run *r)
{
    for (size_t i = 0; i < r->outputs_len; i++) {
        free(r->outputs[i].job_id);
        free(r->outputs[i].how);
        free(r->outputs[i].output);
    }
    for (size_t i = 0; i < r->len; i++) {
        free(r->ids[i]);
    }
    free(r->outputs);
    free(r->ids);
    *r = (struct own_run){0};
}

void own_done(struct model *m)
{
    forget(&m->run);
    own_commands_done(&m->commands);
}

/* Keeps how it went for one job. Takes `output`. */
static void add_output(struct own_run *r, bool good, const char *job_id, const char *how,
                       char *output, size_t len)
{
    r->outputs = xgrow(r->outputs, r->outputs_len, &r->outputs_cap, sizeof *r->outputs);
    r->outputs[r->outputs_len++] = (struct own_output){
        .job_id = xstrdup(job_id), .how = xstrdup(how), .output = output, .len = len, .good = good};
    r->good += good;
    r->failed += !good;
}

/* The task for one job; NULL, with the reason, when the job does not have what is asked for. */
static struct task *make_task(struct model *m, const struct own_command *c, const char *id,
                              struct err *e)
{
    const struct entry *x = store_find(m->desk.store, id);

    if (x == NULL) {
        (void)err_set(e, E_NOT_FOUND, "not run: the job is no longer in the list");
        return NULL;
    }
    const char *context = settings_context(m->desk.settings);
    cJSON *doc = job_json(x->job, x->batch, &x->state, NULL, context);
    char **words = own_command_words(c, doc, e);
    struct task *t = NULL;
    if (words != NULL) {
        t = task_new(TASK_PROGRAM, 0);
        struct task_program *p = &task_as(t, program);
        size_t share = m->run.len == 0 ? OUTPUT_MAX : OUTPUTS_MAX / m->run.len;
        t->job_id = xstrdup(x->job->id);
        p->words = words;
        p->input = json_safe(doc);
        p->env.items = alert_facts(ALERT_NONE, x->job, x->batch, &x->state, context, &p->env.len);
        p->env.items = xrealloc(p->env.items, (p->env.len + 1) * sizeof *p->env.items);
        p->env.items[p->env.len++] = xasprintf("MVPDASH_COMMAND=%s", c->name);
        p->output_max = share > OUTPUT_MAX     ? OUTPUT_MAX
                        : share < OUTPUT_LEAST ? OUTPUT_LEAST
                                               : share;
    }
    cJSON_Delete(doc);
    return t;
}

static void over(struct model *m)
{
    const struct own_run *r = &m->run;

    if (r->outputs_len == 1) {
        desk_note(&m->desk, r->failed > 0 ? NOTE_BAD : NOTE_GOOD, "%s: %s: %s%s", r->command->name,
                  r->outputs[0].job_id, r->outputs[0].how,
                  m->desk.window.open ? "" : "  (:output)");
    } else if (r->outputs_len > 0) {
        desk_note(&m->desk, r->failed > 0 ? NOTE_BAD : NOTE_GOOD,
                  "%s: %zu succeeded, %zu failed%s%s", r->command->name, r->good, r->failed,
                  r->stopped ? ", stopped" : "", m->desk.window.open ? "" : "  (:output)");
    }
}

/* Goes on with the next job for which there is something to run. */
static void next(struct model *m, struct effects *out)
{
    struct own_run *r = &m->run;

    while (r->at < r->len && !r->stopped && !runs(r)) {
        const char *id = r->ids[r->at++];
        struct err e = {0};
        struct task *t = make_task(m, r->command, id, &e);
        if (t == NULL) {
            add_output(r, false, id, e.msg, NULL, 0);
        } else if (r->command->terminal) {
            struct effect *f = effects_add(out, EFF_TERMINAL);
            f->task = t;
            f->text = xstrdup(r->command->name);
        } else {
            t->request = r->request = desk_request(&m->desk);
            effects_submit(out, t);
        }
    }
    if (r->command->terminal ? r->failed > 0 : !runs(r)) {
        over(m);
    }
}

static void start(void *owner, struct desk *d, struct effects *out)
{
    struct model *m = owner;

    (void)d;
    next(m, out);
    if (!m->run.command->terminal) {
        own_output(m);
    }
}

void own_msg(struct model *m, struct msg *msg, struct effects *out)
{
    struct own_run *r = &m->run;

    if (msg->request != r->request || !runs(r)) {
        return;
    }
    r->request = 0;
    if (msg->err.code != E_OK) {
        add_output(r, false, msg->job_id, msg->err.msg, NULL, 0);
        (void)desk_failed(&m->desk, r->command->name, &msg->err);
    } else {
        struct program_result *x = &msg_as(msg, program);
        char *how = program_end_text(x, settings_int(m->desk.settings, SET_COMMAND_TIMEOUT, 60));
        bool good = x->end == PROGRAM_ENDED && x->status == 0;
        add_output(r, good, msg->job_id, how, x->output, x->len);
        x->output = NULL; /* moved */
        free(how);
    }
    next(m, out);
    window_refill(&m->desk.window);
}

void own_ran(struct model *m, const char *name, const char *job_id, const char *how,
             const struct err *e)
{
    if (e->code != E_OK) {
        desk_error(&m->desk, name, e);
        desk_note_err(&m->desk, NOTE_BAD, e, "%s: %s: ", name, job_id);
        return;
    }
    bool good = strcmp(how, "ended with status 0") == 0;
    add_output(&m->run, good, job_id, how, NULL, 0);
    over(m);
}

void own_stop(struct model *m, struct effects *out)
{
    struct own_run *r = &m->run;

    if (!runs(r)) {
        desk_note(&m->desk, NOTE_INFO, "None of your commands is running.");
        return;
    }
    r->stopped = true;
    effects_add(out, EFF_HALT)->request = r->request;
    desk_note(&m->desk, NOTE_INFO, "%s is ended.", r->command->name);
}

/* ---- asking ---- */

/* Takes the jobs that the command is for: the marked ones, or the one at the cursor. */
static void take_jobs(struct model *m, struct own_run *r)
{
    const char *one = jobs_subject(m->jobs);

    if (store_marked(m->desk.store) > 0 && m->desk.where.focus != PANE_DETAIL) {
        r->ids = store_marked_ids(m->desk.store, &r->len);
    } else if (one != NULL) {
        r->ids = xcalloc(1, sizeof *r->ids);
        r->ids[r->len++] = xstrdup(one);
    }
}

static void ask(struct model *m)
{
    const struct own_command *c = m->run.command;
    struct dialog *d = &m->desk.dialog;

    dialog_open(d, start, m);
    d->changes = !c->safe;
    for (size_t i = 0; i < m->run.len; i++) {
        const char *id = m->run.ids[i];
        const struct entry *x = store_find(m->desk.store, id);
        char status[64] = "not in the list";
        struct err e = {0};
        struct task *t = make_task(m, c, id, &e);
        if (x != NULL) {
            status_text(x, status, sizeof status);
        }
        struct dialog_job *j =
            dialog_add_job(d, id, x == NULL ? NULL : job_text(x->job, JOB_BUSINESS_NAME), status);
        j->refused = t == NULL;
        d->count += t != NULL;
        if (t == NULL) {
            char text[ERR_TEXT_SIZE];
            (void)snprintf(j->text, sizeof j->text, "%.12s: %s", status, err_full(&e, text));
        }
        task_free(t);
    }
    if (d->count == 0) {
        desk_note(&m->desk, NOTE_WARN, "%s cannot run on %s: %s", c->name, d->jobs[0].id,
                  d->jobs[0].text);
        dialog_close(d);
        return;
    }
    char *shown = text_cleaned(c->program, TEXT_ONE_LINE);
    (void)snprintf(d->title, sizeof d->title, "Run %.32s on %zu job%s?", c->name, d->count,
                   text_plural(d->count));
    (void)snprintf(d->text, sizeof d->text, "%.*s%s%s", text_cut(shown, 200), shown,
                   store_marked_hidden(m->desk.store) > 0 && d->jobs_len > 1
                       ? "   Some of them are marked, but the filter hides them."
                       : "",
                   m->desk.elsewhere.marked > 0 ? "   Marked jobs of other contexts are left alone."
                                                : "");
    dialog_label(d, "run");
    free(shown);
}

bool own_command(struct model *m, const char *line, struct effects *out)
{
    const char *word = line + strspn(line, " :");
    size_t len = strlen(word);

    len = text_trim(&word, len);
    char *name = xstrndup(word, len);
    const struct own_command *c = own_commands_find(&m->commands, name);
    free(name);
    if (c == NULL) {
        return false;
    }
    if ((!c->safe && !desk_may_change(&m->desk)) || !desk_key_meant(&m->desk)) {
        return true; /* a note says why */
    }
    if (runs(&m->run)) {
        desk_note(&m->desk, NOTE_WARN,
                  "%s is still running: `:output` shows it, and x there ends it.",
                  m->run.command->name);
        return true;
    }
    where_show(&m->desk.where, VIEW_JOBS);
    forget(&m->run);
    m->run.command = c;
    take_jobs(m, &m->run);
    if (m->run.len == 0) {
        m->run.command = NULL;
        desk_note(&m->desk, NOTE_INFO, "No job is selected.");
    } else if (c->confirm) {
        ask(m);
    } else {
        start(m, &m->desk, out);
    }
    return true;
}
