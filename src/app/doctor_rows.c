/* The doctor's checks as they come in, and what they come to together. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/text.h"
#include "doctor.h"

static size_t all_rows(void)
{
    return doctor_checks_len + e2e_steps_len;
}

const char *doctor_view_id(size_t row)
{
    return row < doctor_checks_len ? doctor_checks[row].id : e2e_steps[row - doctor_checks_len].id;
}

const char *doctor_view_title(size_t row)
{
    return row < doctor_checks_len ? doctor_checks[row].title
                                   : e2e_steps[row - doctor_checks_len].title;
}

const char *doctor_view_limit(size_t row)
{
    return row < doctor_checks_len ? doctor_checks[row].limit : NULL;
}

void doctor_view_init(struct doctor_view *d)
{
    memset(d, 0, sizeof *d);
    d->rows = xcalloc(all_rows(), sizeof *d->rows);
    d->shown = xcalloc(all_rows(), sizeof *d->shown);
    d->ended_ms = TIME_NONE;
    textview_init(&d->list);
    textview_init(&d->full);
    d->full.wrap = true;
    d->full.words = true;
}

static void row_clear(struct check_row *r)
{
    free(r->text);
    free(r->fix);
    *r = (struct check_row){0};
}

void doctor_view_done(struct doctor_view *d)
{
    for (size_t i = 0; d->rows != NULL && i < all_rows(); i++) {
        row_clear(&d->rows[i]);
    }
    free(d->rows);
    free(d->shown);
    free(d->job_id);
    textview_done(&d->list);
    textview_done(&d->full);
    memset(d, 0, sizeof *d);
}

/* ---- which checks ---- */

static bool is_shown(const struct doctor_view *d, size_t check)
{
    for (size_t i = 0; i < d->shown_len; i++) {
        if (d->shown[i] == check) {
            return true;
        }
    }
    return false;
}

static void show_check(struct doctor_view *d, size_t check)
{
    if (!is_shown(d, check)) {
        d->shown[d->shown_len++] = check;
    }
}

/* Shows the checks on the way of an event first, in their order; then the checks that these build
 * on. */
static void show_way(struct doctor_view *d)
{
    bool in[DOCTOR_CHECKS_MAX];

    if (doctor_choose(doctor_way, in, NULL) != E_OK) {
        return;
    }
    for (const char *p = doctor_way; *(p += strspn(p, " ")) != '\0'; p += strcspn(p, " ")) {
        for (size_t i = 0; i < doctor_checks_len; i++) {
            size_t n = strlen(doctor_checks[i].id);
            if (strncmp(p, doctor_checks[i].id, n) == 0 && (p[n] == ' ' || p[n] == '\0')) {
                show_check(d, i);
            }
        }
    }
    for (size_t i = 0; i < doctor_checks_len; i++) {
        if (in[i]) {
            show_check(d, i);
        }
    }
}

void doctor_view_choose(struct doctor_view *d, const char *job_id)
{
    char *copy = xstrdup(job_id); /* job_id may be our own string */

    for (size_t i = 0; i < all_rows(); i++) {
        row_clear(&d->rows[i]);
    }
    free(d->job_id);
    d->job_id = copy;
    d->shown_len = 0;
    d->asked = false;
    d->open = false;
    d->moved = false;
    d->ended_ms = TIME_NONE;
    d->err = (struct err){0};
    if (copy != NULL) {
        show_way(d);
    } else {
        for (size_t i = 0; i < doctor_checks_len; i++) {
            if (!doctor_checks[i].of_job) {
                show_check(d, i);
            }
        }
    }
    textview_empty(&d->list);
}

/* ---- a run ---- */

void doctor_view_begin(struct doctor_view *d, const char *only, uint32_t request, bool ascii)
{
    bool in[DOCTOR_CHECKS_MAX];

    if (doctor_choose(only, in, NULL) != E_OK) {
        memset(in, 0, sizeof in);
    }
    for (size_t i = 0; i < doctor_checks_len; i++) {
        if (in[i] && is_shown(d, i)) {
            d->rows[i].phase = CHECK_WAITING;
        }
    }
    d->request = request;
    d->asked = true;
    d->err = (struct err){0};
    doctor_view_rebuild(d, ascii);
}

static void row_found(struct check_row *r, const struct finding *f)
{
    row_clear(r);
    r->phase = CHECK_ENDED;
    r->state = f->state;
    r->lost = f->lost;
    r->text = text_cleaned(f->text == NULL ? "" : f->text, TEXT_ONE_LINE);
    r->fix = f->fix == NULL ? NULL : text_cleaned(f->fix, TEXT_ONE_LINE);
}

static bool take_step(struct doctor_view *d, const struct msg *msg)
{
    if (d->canary == 0 || msg->request != d->canary || msg_as(msg, e2e).step >= e2e_steps_len) {
        return false;
    }
    struct check_row *r = &d->rows[doctor_checks_len + msg_as(msg, e2e).step];
    if (msg_as(msg, e2e).ended) {
        row_found(r, &msg_as(msg, e2e).found);
        if (msg_as(msg, e2e).ms >= 0) {
            char *text = xasprintf("%s (%.1f s)", r->text, (double)msg_as(msg, e2e).ms / 1000);
            free(r->text);
            r->text = text;
        }
        return true;
    }
    row_clear(r);
    r->phase = CHECK_RUNNING;
    r->text = text_cleaned(msg_as(msg, e2e).what, TEXT_ONE_LINE);
    return true;
}

static bool take_check(struct doctor_view *d, const struct msg *msg)
{
    size_t check = msg_as(msg, doctor).check;

    if (d->request == 0 || msg->request != d->request || check >= doctor_checks_len) {
        return false;
    }
    if (msg_as(msg, doctor).ended) {
        row_found(&d->rows[check], &msg_as(msg, doctor).found);
    } else {
        d->rows[check].phase = CHECK_RUNNING;
    }
    return true;
}

bool doctor_view_take(struct doctor_view *d, const struct msg *msg, bool ascii)
{
    bool taken = msg->kind == MSG_E2E ? take_step(d, msg) : take_check(d, msg);

    if (taken) {
        doctor_view_rebuild(d, ascii);
    }
    return taken;
}

void doctor_view_begin_canary(struct doctor_view *d, uint32_t request, bool ascii)
{
    size_t first = 0;

    for (size_t i = 0; i < e2e_steps_len; i++) {
        row_clear(&d->rows[doctor_checks_len + i]);
        d->rows[doctor_checks_len + i].phase = CHECK_WAITING;
        show_check(d, doctor_checks_len + i);
    }
    d->canary = request;
    doctor_view_rebuild(d, ascii);
    while (d->shown[first] != doctor_checks_len) {
        first++;
    }
    textview_move_cursor(&d->list, (int)d->shown_len); /* moves the cursor so that all steps show */
    textview_move_cursor(&d->list, (int)first - (int)(d->list.cursor - d->list.dropped));
}

void doctor_view_end_canary(struct doctor_view *d, bool ascii)
{
    for (size_t i = doctor_checks_len; i < all_rows(); i++) {
        if (d->rows[i].phase == CHECK_WAITING || d->rows[i].phase == CHECK_RUNNING) {
            row_clear(&d->rows[i]);
        }
    }
    d->canary = 0;
    doctor_view_rebuild(d, ascii);
}

void doctor_view_end(struct doctor_view *d, const struct err *e, int64_t now_ms, bool ascii)
{
    for (size_t i = 0; i < doctor_checks_len; i++) {
        struct check_row *r = &d->rows[i];
        if (r->phase == CHECK_WAITING || r->phase == CHECK_RUNNING) {
            row_clear(r); /* what an earlier run found about the check says nothing now */
        }
    }
    d->request = 0;
    d->ended_ms = now_ms;
    d->err = *e;
    doctor_view_rebuild(d, ascii);
}

/* ---- what it comes to ---- */

const struct check_row *doctor_view_here(const struct doctor_view *d, size_t *check)
{
    const struct textview *v = &d->list;

    if (!v->has_cursor || v->cursor - v->dropped >= d->shown_len) {
        return NULL;
    }
    size_t i = d->shown[v->cursor - v->dropped];
    if (check != NULL) {
        *check = i;
    }
    return &d->rows[i];
}

void doctor_view_count(const struct doctor_view *d, struct doctor_counts *out)
{
    *out = (struct doctor_counts){0};
    for (size_t i = 0; i < d->shown_len; i++) {
        const struct check_row *r = &d->rows[d->shown[i]];
        out->waiting += r->phase == CHECK_WAITING;
        out->running += r->phase == CHECK_RUNNING;
        out->ended += r->phase == CHECK_ENDED;
        if (r->phase == CHECK_ENDED) {
            out->state[r->state]++;
        }
    }
}

/* The first check that ended in this state, in the order of blame; NULL. */
static const struct check_row *first_of(const struct doctor_view *d, enum doctor_state state,
                                        size_t *check)
{
    for (size_t i = 0; i < d->shown_len; i++) {
        const struct check_row *r = &d->rows[d->shown[i]];
        if (r->phase == CHECK_ENDED && r->state == state) {
            *check = d->shown[i];
            return r;
        }
    }
    return NULL;
}

void doctor_view_to_cause(struct doctor_view *d)
{
    const enum doctor_state *order = doctor_worst_first; /* a skipped check is no cause */
    size_t check = 0;
    const struct check_row *r = NULL;

    for (size_t i = 0; r == NULL && order[i] != DOCTOR_SKIP; i++) {
        r = first_of(d, order[i], &check);
    }
    for (size_t i = 0; r != NULL && i < d->shown_len; i++) {
        if (d->shown[i] == check) {
            textview_move_cursor(&d->list, (int)i - (int)(d->list.cursor - d->list.dropped));
        }
    }
}

static size_t job_check(void)
{
    size_t i = 0;

    while (!doctor_checks[i].of_job) {
        i++;
    }
    return i;
}

bool doctor_view_lost(const struct doctor_view *d, const char *job_id)
{
    struct doctor_counts n;

    doctor_view_count(d, &n);
    return d->job_id != NULL && job_id != NULL && strcmp(d->job_id, job_id) == 0 &&
           d->request == 0 && d->rows[job_check()].lost && n.state[DOCTOR_FAIL] == 1;
}

/* The text when all is well; owned. */
static char *all_well(const struct doctor_view *d)
{
    if (d->job_id != NULL) {
        const char *text = d->rows[job_check()].text;
        return xasprintf("Nothing to do: no check on its way fails now. This job: %s",
                         text == NULL ? "?" : text);
    }
    return xasprintf("%s %s", doctor_nothing_to_do,
                     is_shown(d, doctor_checks_len)
                         ? "The test job ran to its end."
                         : "Only a test job proves that a job starts: X sends one.");
}

/* The remedy of sending the job again; owned. In the dashboard a key does what the remedy's command
 * does. */
static char *again_fix(const char *job_id)
{
    char *clean = text_cleaned(job_id, TEXT_ONE_LINE);
    char *fix = xasprintf("T retries it as a new job; in a shell: `mvpdash retry %s`", clean);

    free(clean);
    return fix;
}

void doctor_view_verdict(const struct doctor_view *d, struct verdict *out)
{
    static const enum doctor_state order[] = {DOCTOR_FAIL, DOCTOR_WARN, DOCTOR_UNKNOWN};
    bool over = d->asked && d->request == 0 && d->canary == 0;
    size_t check = 0;

    *out = (struct verdict){0};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        const struct check_row *r = first_of(d, order[i], &check);
        if (r != NULL && (over || order[i] == DOCTOR_FAIL)) {
            out->state = r->state;
            out->known = true;
            out->text = xasprintf("%s%s %s: %s", doctor_first_lead(order[i]), doctor_view_id(check),
                                  doctor_view_title(check), r->text);
            out->fix = check == job_check() && doctor_view_lost(d, d->job_id) ? again_fix(d->job_id)
                                                                              : xstrdup(r->fix);
            return;
        }
    }
    struct doctor_counts n;
    doctor_view_count(d, &n);
    if (over && d->err.code == E_OK && n.ended == (int)d->shown_len) {
        out->known = true;
        out->text = all_well(d);
    }
}

void verdict_clear(struct verdict *v)
{
    free(v->text);
    free(v->fix);
    *v = (struct verdict){0};
}

/* ---- where it goes ---- */

struct doctor_layout doctor_view_layout(struct rect body, bool open)
{
    struct doctor_layout l = {
        .title = {body.row, body.col, 1, body.cols}
    };
    int verdict = body.rows >= 16 ? 4 : body.rows >= 8 ? 2 : 1;
    int top = body.row + 1;

    l.counts = (struct rect){top++, body.col + 1, 1, body.cols - 1};
    l.verdict = (struct rect){top, body.col + 1, verdict, body.cols - 1};
    top += verdict;
    struct rect rest = {top, body.col, body.row + body.rows - top, body.cols};
    rest.col++; /* one cell is left for the mark of the cursor */
    rest.cols--;
    if (body.cols >= LAYOUT_WIDE_COLS) {
        int left = body.cols * 56 / 100;
        l.list = (struct rect){rest.row, rest.col, rest.rows, left};
        l.divider = (struct rect){rest.row, rest.col + left, rest.rows, 1};
        l.full = (struct rect){rest.row, rest.col + left + 2, rest.rows, rest.cols - left - 2};
    } else if (open) {
        l.full = rest;
    } else {
        l.list = rest;
    }
    return l;
}
