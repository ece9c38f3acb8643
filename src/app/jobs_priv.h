/* jobs_priv.h - between the files of the screen of the jobs: jobs.c (keys), jobs_list.c,
 * jobs_detail.c, jobs_log.c (its log), jobs_form.c, jobs_filter.c, jobs_menus.c, jobs_urls.c,
 * jobs_text.c (titles), jobs_prefs.c and the drawing of the three panes. The top of the dashboard
 * calls them too. */
#ifndef APP_JOBS_PRIV_H
#define APP_JOBS_PRIV_H

#include "jobs.h"
#include "screen.h"

/* The functions of jobs_list.c. */
/* The job that actions mean: that of the detail when the detail has the focus, else that at the
 * list's cursor. */
const char *jobs_subject(const struct jobs *j);

/* The functions of jobs_prefs.c. */
char *jobs_prefs(const struct jobs *j); /* columns, sort and filter as a document; owned */
void jobs_save_prefs(struct jobs *j, struct effects *out);
/* Called when a deploy was sent: watches the job if the settings say so. */
void jobs_sent(struct jobs *j, const char *job_id, struct effects *out);

/* The functions of jobs_list.c. */
bool list_action(struct jobs *j, enum action a, struct effects *out);
void list_sync(struct jobs *j); /* moves cursor and window to fit the store as it is now */
void list_to_row(struct jobs *j, size_t row);
void list_step(struct jobs *j, long by);
void list_sort_by(struct jobs *j, enum column_id id, bool descending);
/* Sorts by a column, in its own order; the same column again turns the order round. */
void list_sort_press(struct jobs *j, enum column_id id);
enum err_code list_set_filter(struct jobs *j, const char *text, struct err *e);
/* Goes to the list, without a filter: it shows the jobs of store_pick. `of`: see desk.h. */
void list_show_picked(struct jobs *j, const char *of);
void list_show_all(struct jobs *j); /* the end of that */

/* The functions of jobs_urls.c. */
enum jobs_url_kind { URL_MADE, URL_CONSOLE, URL_LOG };
struct jobs_url {
    const char *what; /* static: "Production" */
    char key;         /* its key in the menu */
    enum jobs_url_kind kind;
    char *url;  /* owned; clean, without secrets */
    bool opens; /* a browser may be given it (core/url.h) */
};
enum { JOBS_URLS_MAX = 5 };
/* The addresses of the job that actions mean: what it made, the production first, then its pages in
 * the AWS console. Returns how many; free them with jobs_urls_free. */
size_t jobs_urls(const struct jobs *j, struct jobs_url out[JOBS_URLS_MAX]);
void jobs_urls_free(struct jobs_url *urls, size_t len);
void jobs_copy_console(struct jobs *j, struct effects *out); /* the job's page in the console */
/* Opens the first address of what the job made; one that no browser may be given is copied. */
void jobs_open_url(struct jobs *j, struct effects *out);

/* The functions of jobs_detail.c. */
/* Our Batch job when it is known to be the parent of an array; NULL. Borrowed. */
const struct batch_job *detail_array(const struct jobs *j, const char *job_id);
bool detail_action(struct jobs *j, enum action a, struct effects *out);
void detail_init(struct detail *d);
void detail_done(struct detail *d);
void detail_show(struct jobs *j, const char *job_id); /* NULL: no job is shown */
void detail_open(struct jobs *j, const char *job_id, enum detail_tab tab);
void detail_to_tab(struct detail *d, enum detail_tab tab);
/* on wide screens the detail shows the job at the cursor */
void detail_follow_cursor(struct jobs *j);
void detail_take(struct jobs *j, struct msg *msg);
bool detail_shown(const struct jobs *j);
void detail_settle(struct jobs *j); /* gives up reading and making what does not show */
void detail_tick(struct jobs *j);

/* The functions of jobs_log.c. */
bool log_action(struct jobs *j, enum action a, struct effects *out);
void log_start(struct jobs *j); /* begins (again) from the start of what is wanted */
void log_stop(struct jobs *j);
/* Reads the log of the job that shows anew, and goes to this line of it when it comes. */
void log_open_at(struct jobs *j, int attempt, int64_t at_ms, const char *line);
void log_forget_goal(struct detail *d); /* called when another job shows */
void log_take(struct jobs *j, struct msg *msg);
void log_note_task(struct jobs *j, const struct task *t); /* called when a read was submitted */

/* The functions of jobs_form.c. */
bool form_action(struct jobs *j, enum action a, struct effects *out);
void form_open_new(struct jobs *j);
bool form_takes_text(struct jobs *j); /* false, with a note, while the form is being sent */
void form_open_again(struct jobs *j, const char *job_id, struct effects *out);
void form_again_take(struct jobs *j, const struct msg *msg); /* called when the record came */
void form_deployed(struct jobs *j, const struct msg *msg, struct effects *out);

/* The functions of jobs_menus.c and jobs_filter.c. */
void menu_open_status(struct jobs *j);
void menu_open_columns(struct jobs *j);
void menu_open_copy(struct jobs *j);
void filter_open(struct jobs *j);

/* The functions of jobs_list_draw.c, jobs_detail_draw.c and jobs_form_draw.c. */
void view_list_draw(struct surface *s, const struct jobs *j);
void view_list_titles(struct surface *s, const struct jobs *j, struct rect r,
                      const struct column_slot *slots, size_t len);
/* The column whose title takes the cell `col` of what view_list_titles drew in the same `r`; false:
 * none does. */
bool view_list_title_at(const struct jobs *j, struct rect r, int col,
                        const struct column_slot *slots, size_t len, enum column_id *id);
void view_list_row(struct surface *s, const struct jobs *j, struct rect r, const struct entry *e,
                   enum overlay over, const struct column_slot *slots, size_t len);
/* Where the tabs of the detail stand, in the title row of its pane, for drawing and for clicks; a
 * click shows `tab`. In a narrow pane one place tells which tab shows, and leads to the next one.
 * Returns how many places there are; 0: no job shows. */
struct tab_place {
    enum detail_tab tab;
    int x, width;
};
size_t view_detail_tabs(const struct jobs *j, struct tab_place out[TAB_COUNT]);
void view_detail_draw(struct surface *s, const struct jobs *j);
void view_form_draw(struct surface *s, const struct jobs *j);
#endif
