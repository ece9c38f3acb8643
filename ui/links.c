/* Hyperlinks (OSC 8). */
#include "ui/links.h"

#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "core/osc.h"

static const char *var(const char *name)
{
    const char *v = getenv(name);

    return v == NULL ? "" : v;
}

/* Is "3.4a" at least major.minor? */
static bool version_from(const char *v, long major, long minor)
{
    char *end = NULL;
    long a = strtol(v, &end, 10);
    long b = end != v && *end == '.' ? strtol(end + 1, NULL, 10) : 0;

    return end != v && (a > major || (a == major && b >= minor));
}

/* Terminals that are known to show links, by what they say of themselves. */
static bool is_known(void)
{
    static const char *const terms[] = {"xterm-kitty", "alacritty", "foot",
                                        "wezterm",     "contour",   "xterm-ghostty"};
    static const char *const programs[] = {"iTerm.app", "WezTerm", "vscode", "ghostty", "mintty"};
    const char *term = var("TERM");
    const char *program = var("TERM_PROGRAM");

    if (var("STY")[0] != '\0' || strncmp(term, "screen", 6) == 0) {
        return false;
    }
    if (var("TMUX")[0] != '\0' || strncmp(term, "tmux", 4) == 0) {
        return strcmp(program, "tmux") == 0 && version_from(var("TERM_PROGRAM_VERSION"), 3, 4);
    }
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
        if (strncmp(term, terms[i], strlen(terms[i])) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        if (strcmp(program, programs[i]) == 0) {
            return true;
        }
    }
    return version_from(var("VTE_VERSION"), 5000, 0) ||
           version_from(var("KONSOLE_VERSION"), 201200, 0) || var("WT_SESSION")[0] != '\0' ||
           var("DOMTERM")[0] != '\0';
}

bool links_taken(const char *setting)
{
    if (!osc_taken() || (setting != NULL && strcmp(setting, "no") == 0)) {
        return false;
    }
    return (setting != NULL && strcmp(setting, "yes") == 0) || is_known();
}

const struct surface_link *links_at(const struct surface *s, int row, int col)
{
    for (size_t i = s->links_len; i-- > 0;) { /* the last one lies above the others */
        const struct surface_link *l = &s->links[i];
        if (l->row == row && col >= l->col && col < l->col + l->cols) {
            return l;
        }
    }
    return NULL;
}

void links_add(struct strbuf *out, const struct surface *s, const struct surface_link *l)
{
    size_t same = 0;

    if (l == NULL) {
        strbuf_adds(out, "\033]8;;\033\\");
        return;
    }
    for (size_t i = 0; i < s->links_len; i++) {
        same += strcmp(s->links[i].url, l->url) == 0;
    }
    strbuf_adds(out, "\033]8;");
    if (same > 1) {
        strbuf_addf(out, "id=%x", (unsigned)(hash_text(HASH_START, l->url) & 0xffffff));
    }
    strbuf_addf(out, ";%s\033\\", l->url);
}

static bool has(const struct surface *s, const struct surface_link *l)
{
    for (size_t i = 0; i < s->links_len; i++) {
        const struct surface_link *x = &s->links[i];
        if (x->row == l->row && x->col == l->col && x->cols == l->cols &&
            strcmp(x->url, l->url) == 0) {
            return true;
        }
    }
    return false;
}

static void spoil(struct surface *shown, const struct surface_link *l)
{
    for (int x = l->col; x < l->col + l->cols && x < shown->cols && l->row < shown->rows; x++) {
        struct cell *c = &shown->cells[(size_t)l->row * (size_t)shown->cols + (size_t)x];
        if (c->width == 1) {
            memset(c->text, 0, sizeof c->text);
            c->text[0] = '\1'; /* no surface holds this character */
        }
    }
}

bool links_spoil(struct surface *shown, const struct surface *now)
{
    bool any = false;

    for (size_t i = 0; i < now->links_len; i++) {
        if (!has(shown, &now->links[i])) {
            spoil(shown, &now->links[i]);
            any = true;
        }
    }
    for (size_t i = 0; i < shown->links_len; i++) {
        if (!has(now, &shown->links[i])) {
            spoil(shown, &shown->links[i]);
            any = true;
        }
    }
    return any;
}

void links_keep(struct surface *shown, const struct surface *now)
{
    surface_unlink(shown);
    for (size_t i = 0; i < now->links_len; i++) {
        const struct surface_link *l = &now->links[i];
        surface_link(shown, l->row, l->col, l->cols, l->url);
    }
}

void links_shift(struct surface *shown, const struct shift *f)
{
    for (size_t i = 0; i < shown->links_len; i++) {
        struct surface_link *l = &shown->links[i];
        if (l->row >= f->top && l->row <= f->bottom) {
            l->row -= f->n;
            if (l->row < f->top || l->row > f->bottom) {
                l->cols = 0; /* it was scrolled away */
            }
        }
    }
}
