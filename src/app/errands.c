/* Carrying out errands: where a screen wants to go, and what it wants the rest of the dashboard to
 * do. The screen told the desk, and this happens at the end of the event. */
#include <stdlib.h>

#include "children.h"
#include "model_priv.h"

enum { ERRANDS_MAX = 8 };

/* Opens the children of an array job. `for_log`: the job's log was asked for, which an array job
 * does not have. */
static void open_children(struct model *m, const char *job_id, bool for_log)
{
    const struct batch_job *parent = detail_array(m->jobs, job_id);
    const struct entry *e = job_id == NULL ? NULL : store_find(m->desk.store, job_id);

    if (parent == NULL) {
        bool known = e != NULL && e->batch != NULL;
        desk_note(
            &m->desk, NOTE_INFO, "%s",
            job_id == NULL ? "No job is selected."
            : known
                ? "It is not an array job in Batch: it has no children."
                : "Batch was not asked about this job yet: whether it has children is not known.");
        return;
    }
    if (for_log) {
        desk_note(&m->desk, NOTE_INFO,
                  "An array job has no log of its own: press l to open the log of a child.");
    }
    children_show(model_screen(m, VIEW_CHILDREN), job_id, parent);
    where_show(&m->desk.where, VIEW_CHILDREN);
}

static void go_to_job(struct model *m, const char *job_id, enum detail_tab tab)
{
    size_t row = 0;

    detail_open(m->jobs, job_id, tab);
    if (store_row_of(m->desk.store, job_id, &row)) {
        list_to_row(m->jobs, row);
    }
}

static void run(struct model *m, const struct errand *e, struct effects *out)
{
    switch (e->kind) {
    case ERRAND_LEAVE:
        where_show(&m->desk.where, VIEW_JOBS);
        break;
    case ERRAND_BACK:
        where_back(&m->desk.where);
        break;
    case ERRAND_JOB:
        go_to_job(m, e->text, e->tab);
        break;
    case ERRAND_LINE:
        go_to_job(m, e->text, TAB_LOG);
        log_open_at(m->jobs, e->attempt, e->at_ms, e->line);
        break;
    case ERRAND_SEARCH:
        m->desk.text = stack_text(m); /* the errand may have changed the screen */
        search_open(&m->desk, e->flag);
        break;
    case ERRAND_RETRY:
        ask_retry(m, e->text, out);
        break;
    case ERRAND_CHILDREN:
        open_children(m, e->text, e->flag);
        break;
    case ERRAND_PICKED:
        list_show_picked(m->jobs, e->text);
        break;
    case ERRAND_COMMAND:
        update_command(m, e->text, out);
        break;
    case ERRAND_ACTION:
        update_action(m, e->action, out);
        break;
    case ERRAND_NONE:
        break;
    }
}

void errands_run(struct model *m, struct effects *out)
{
    struct errand e;

    /* An errand may lead to another one: an action of the palette, the search that this action
     * opens. */
    for (int i = 0; i < ERRANDS_MAX && desk_take_errand(&m->desk, &e); i++) {
        run(m, &e, out);
        free(e.text);
        free(e.line);
    }
}
