/* saved_view.h - views that have a name: filter, order, columns and states of the job list. Those
 * of [views] in config.ini are the person's; those kept with `:view save` belong to the place
 * (ops/place.h), and come before those of the same name in config.ini. Pure. */
#ifndef APP_SAVED_VIEW_H
#define APP_SAVED_VIEW_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "columns.h"
#include "config/settings.h"
#include "core/err.h"
#include "store.h"

/* The four parts as they are typed; "": the part is left empty. All are checked. */
struct saved_view {
    char *name; /* owned, like the others */
    char *filter, *sort, *columns, *states;
    char *mistake; /* what is wrong with it, with file and line; NULL: nothing */
    int line;      /* of config.ini; 0: it was kept with `:view save` */
};

struct saved_views {
    struct saved_view *items; /* owned; the kept ones first */
    size_t len, cap;
};
#define SAVED_VIEWS_KEPT_MAX 32

/* Reads "filter | sort | columns | states", of which each may be empty, and the last ones may be
 * missing with their `|`. A `|` inside quotes or a /regular expression/ separates nothing.
 * E_INVALID names the part and what would be accepted. `out` gets the parts only. */
MUST_CHECK enum err_code saved_view_parse(const char *text, struct saved_view *out, struct err *e);
char *saved_view_text(const struct saved_view *v);  /* the same as one line; owned */
cJSON *saved_view_json(const struct saved_view *v); /* name and parts; owned */
void saved_view_done(struct saved_view *v);

/* Adds the lines of [views], those with a mistake too. `file` names config.ini. */
void saved_views_read(struct saved_views *all, const struct setting_line *lines, size_t len,
                      const char *file);
/* The view of that name that counts; NULL: there is none without a mistake. */
const struct saved_view *saved_views_find(const struct saved_views *all, const char *name);
/* Keeps a view, in the place of a kept one of its name. Takes what `v` owns, also on failure:
 * E_INVALID when the name is no name, E_TOO_BIG when SAVED_VIEWS_KEPT_MAX are kept. */
MUST_CHECK enum err_code saved_views_keep(struct saved_views *all, struct saved_view *v,
                                          struct err *e);
bool saved_views_delete(struct saved_views *all, const char *name); /* false: none is kept */
void saved_views_done(struct saved_views *all);

cJSON *saved_views_kept(const struct saved_views *all); /* the kept ones as a document; owned */
/* Adds those that a document keeps and whose names were not kept meanwhile; garbage is ignored. */
void saved_views_load(struct saved_views *all, const cJSON *doc);

/* ---- states ---- */

/* Reads "failed,stuck": the words of the states in any letter case, `stuck`, `other`, and
 * `failing`, `active`, `all` for what the menu of states calls so. "" is all. */
MUST_CHECK enum err_code chips_parse(const char *text, struct chips *out, struct err *e);
char *chips_words(struct chips c); /* as chips_parse reads them; "" for all; owned */
#endif
