/* Drawing a question: what will happen to which jobs, yes or no; afterwards what became of each
 * job. */
#include <stdio.h>

#include "core/text.h"
#include "draw.h"
#include "screen.h"
#include "wrap.h"

enum { JOB_SAYS = sizeof((struct dialog_job *)0)->text + 200 };

/* What stands beside a job: what became of it, or why nothing happens to it, to its end. */
static const char *job_says(const struct dialog_job *j, char *buf, size_t size)
{
    (void)snprintf(buf, size, "%s", j->text[0] != '\0' ? j->text : j->status);
    if (j->text[0] == '\0' && j->name[0] != '\0') {
        (void)snprintf(buf, size, "%s  %s", j->status, j->id);
    }
    return buf;
}

static int name_cells(int cols)
{
    return cols / 3;
}

/* A job has as many rows as its reason needs. */
static int job_rows(const struct dialog_job *j, int cols)
{
    char text[JOB_SAYS];
    int rows = j->text[0] == '\0'
                   ? 1
                   : wrap_rows(job_says(j, text, sizeof text), cols - 3 - name_cells(cols));

    return rows < 1 ? 1 : rows;
}

/* Draws a job in the rows that there are for it; returns how many it took. */
static int draw_job(struct surface *s, struct rect r, const struct dialog_job *j, const char *more)
{
    /* clang-format off */
    static const struct {
        enum glyph glyph;
        enum style style;
    } marks[] = {
        [RESULT_NONE]    = {GLYPH_BULLET,    ST_DIALOG},
        [RESULT_WAITING] = {GLYPH_QUEUED,    ST_RUNNING},
        [RESULT_DONE]    = {GLYPH_COMPLETED, ST_GOOD},
        [RESULT_FAILED]  = {GLYPH_FAILED,    ST_BAD},
    };
    /* clang-format on */
    char text[JOB_SAYS];
    enum style st = j->refused ? ST_DIM : ST_DIALOG;
    bool warns = j->warned && j->result == RESULT_NONE;
    int name = name_cells(r.cols), rows = job_rows(j, r.cols);
    struct rect says = {r.row, r.col + 3 + name, rows < r.rows ? rows : r.rows, r.cols - 3 - name};

    surface_glyph(s, r.row, r.col, j->refused ? ST_DIM : marks[j->result].style,
                  j->refused ? GLYPH_CANCELLED : marks[j->result].glyph);
    surface_put_cut(s, r.row, r.col + 2, name, st, j->name[0] != '\0' ? j->name : j->id);
    enum style says_style = j->result == RESULT_FAILED ? ST_BAD : warns ? ST_WARN : ST_DIM;
    (void)draw_notice(s, says, says_style, job_says(j, text, sizeof text),
                      j->result == RESULT_FAILED ? more : "");
    return says.rows;
}

static int draw_button(struct surface *s, int row, int col, const char *text, bool focus)
{
    int width = text_width(text) + 4;
    char label[80];

    (void)snprintf(label, sizeof label, "[ %.60s ]", text);
    surface_put(s, row, col, width, focus ? ST_BUTTON_FOCUS : ST_BUTTON, label);
    return width;
}

static void draw_buttons(struct surface *s, struct rect in, const struct dialog *d,
                         const char *more)
{
    int row = in.row + in.rows - 1;
    char text[120];

    if (d->over) {
        if (d->failed > 0) {
            (void)snprintf(text, sizeof text, "%zu done, %zu failed.%s; any other key closes.",
                           d->done, d->failed, more);
        } else {
            (void)snprintf(text, sizeof text, "%zu done. Any key closes.", d->done);
        }
        surface_put_cut(s, row, in.col, in.cols, d->failed > 0 ? ST_WARN : ST_GOOD, text);
    } else if (d->running) {
        (void)snprintf(text, sizeof text, "%zu of %zu...", d->done + d->failed, d->count);
        surface_put_cut(s, row, in.col, in.cols, ST_INFO, text);
    } else {
        int x = in.col;
        x += draw_button(s, row, x, d->no_text[0] != '\0' ? d->no_text : "No",
                         !d->yes_focus && !d->reason_focus) +
             2;
        (void)draw_button(s, row, x, d->yes_text[0] != '\0' ? d->yes_text : d->yes, d->yes_focus);
    }
}

/* The rows of all jobs, for as long as that matters. */
static int rows_of_jobs(const struct dialog *d, int cols)
{
    int rows = 0;

    for (size_t i = 0; i < d->jobs_len && rows < 100; i++) {
        rows += job_rows(&d->jobs[i], cols);
    }
    return rows;
}

static void draw_count(struct surface *s, int row, struct rect in, const struct dialog *d)
{
    char text[80];

    (void)snprintf(text, sizeof text, "Type %zu to continue:", d->count);
    int width = text_width(text);
    surface_put(s, row, in.col, width, ST_DIALOG, text);
    draw_edit(s, row, in.col + width + 1, 8, dialog_may_accept(d) ? ST_INPUT_FOCUS : ST_INPUT_BAD,
              &d->typed, true);
}

/* The line for the reason; its empty line says what is kept instead. */
static void draw_reason(struct surface *s, int row, struct rect in, const struct dialog *d)
{
    const char *label = d->reason_focus ? "Reason (Enter goes on):" : "Reason (Tab):";
    int width = text_width(label) + 1, room = in.cols - width;

    surface_put(s, row, in.col, width, ST_DIALOG, label);
    if (!d->reason_focus && edit_text(&d->reason)[0] == '\0') {
        surface_put_cut(s, row, in.col + width, room, ST_DIM, dialog_no_reason);
    } else {
        draw_edit(s, row, in.col + width, room, d->reason_focus ? ST_INPUT_FOCUS : ST_INPUT,
                  &d->reason, d->reason_focus);
    }
}

/* How the rows inside of the frame are shared out. */
struct share {
    int text, jobs, count, reason; /* the rows of the parts; count and reason are 0 or 1 */
    int blanks;                    /* the empty rows between the parts: 0-3 */
};

static struct share share_rows(const struct dialog *d, int rows, int cols)
{
    bool asks = !d->running && !d->over;
    struct share h = {.count = d->need_count && asks ? 1 : 0,
                      .reason = d->asks_reason && asks ? 1 : 0};
    int jobs = rows_of_jobs(d, cols);
    /* the buttons, the count, the reason, and one job */
    int least = 1 + h.count + h.reason + (jobs > 0 ? 1 : 0);
    int left;

    h.text = wrap_rows(d->text, cols);
    if (h.text > rows - least && h.reason > 0 && !d->reason_focus) {
        h.reason = 0; /* what will happen comes first; Tab still leads to the reason */
        least--;
    }
    if (h.text > rows - least) {
        h.text = rows - least < 0 ? 0 : rows - least;
    }
    left = rows - least - h.text;
    h.blanks = left >= 4 ? 1 + (h.count | h.reason) + (jobs > 0 ? 1 : 0) : left > 0 ? 1 : 0;
    h.jobs = jobs > 0 ? 1 + left - h.blanks : 0;
    h.jobs = h.jobs > jobs ? jobs : h.jobs;
    return h;
}

size_t dialog_page(const struct dialog *d, struct rect room)
{
    int cols = room.cols - 4, left = share_rows(d, room.rows - 2, cols).jobs;
    size_t page = 0;

    for (size_t i = d->jobs_len; i > 0 && left > 0; i--) {
        left -= job_rows(&d->jobs[i - 1], cols);
        page += left >= 0;
    }
    return page < 1 ? 1 : page;
}

/* Draws on the frame which of the jobs are seen, when not all of them are. */
static void draw_more(struct surface *s, struct rect r, const struct dialog *d, size_t jobs)
{
    char text[48];

    if (jobs == 0 || d->jobs_len <= jobs) {
        return;
    }
    (void)snprintf(text, sizeof text, " %zu-%zu of %zu ", d->rows.top + 1, d->rows.top + jobs,
                   d->jobs_len);
    int n = text_width(text);
    surface_put(s, r.row + r.rows - 1, r.col + r.cols - n - 2, n, ST_DIM, text);
}

void dialog_draw(struct surface *s, const void *self, const struct desk *desk, struct rect room)
{
    const struct dialog *d = self;
    struct rect r = room;

    char more[DESK_MORE_SIZE];

    (void)desk_more(desk, more);
    if (r.rows <= 0) {
        return;
    }
    struct share h = share_rows(d, r.rows - 2, r.cols - 4);
    int rows = 2 + h.text + h.jobs + h.count + h.reason + h.blanks + 1;
    if (rows < r.rows) { /* the frame is no larger than its content */
        r.row += (r.rows - rows) / 2;
        r.rows = rows;
    }
    const char *context = settings_context(desk->settings);
    char title[sizeof d->title + 48];
    bool names = d->changes && context != NULL; /* which context it would change */
    (void)snprintf(title, sizeof title, "%s%s%s", d->title, names ? "  context " : "",
                   names ? context : "");
    struct rect in = draw_window(s, r, title, ST_BORDER_FOCUS, ST_DIALOG_TITLE);
    struct rect text = {in.row, in.col, h.text, in.cols};
    int row = in.row + draw_wrapped(s, text, ST_DIALOG, d->text);
    row += h.jobs > 0 && h.blanks > 1 ? 1 : 0;
    size_t shown = 0;
    for (int end = row + h.jobs; row < end && d->rows.top + shown < d->jobs_len; shown++) {
        row += draw_job(s, (struct rect){row, in.col, end - row, in.cols},
                        &d->jobs[d->rows.top + shown], more);
    }
    draw_more(s, r, d, shown);
    row += h.blanks > 2 ? 1 : 0;
    if (h.reason > 0) {
        draw_reason(s, row++, in, d);
    }
    if (h.count > 0) {
        draw_count(s, row, in, d);
    }
    draw_buttons(s, in, d, more);
}
