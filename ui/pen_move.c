/* The pen's motions: of all ways from one place to another, the shortest. */
#include "core/number.h"
#include "ui/pen.h"
#include "ui/term_caps.h"

enum {
    NEVER = 1000000, /* the cost of what the terminal cannot do */
    REWRITE_MAX = 8  /* no way is longer than this many characters */
};

static int digits(int n)
{
    return n < 10 ? 1 : n < 100 ? 2 : n < 1000 ? 3 : 4;
}

/* The length of CSI number letter, where the number 1 may be left out. */
static int csi_cost(char letter, int n)
{
    return letter == '\0' ? NEVER : n == 1 ? 3 : 3 + digits(n);
}

static void number_out(struct strbuf *out, int n)
{
    char number[NUMBER_SIZE];

    strbuf_add(out, number, number_text(number, (uint64_t)n));
}

static void csi_add(struct strbuf *out, char letter, int n)
{
    strbuf_add(out, "\033[", 2);
    if (n != 1) {
        number_out(out, n);
    }
    strbuf_addc(out, letter);
}

/* A way along one axis: a sequence, or a character several times, or what stands there again. */
struct way {
    enum { WAY_NONE, WAY_CSI, WAY_REPEAT, WAY_REWRITE } kind;
    char letter;
    int n;
    bool from_start; /* after a CR */
    int cost;
};

static void weigh(struct way *best, struct way w)
{
    w.cost += w.from_start ? 1 : 0;
    if (w.cost < best->cost) {
        *best = w;
    }
}

static struct way way_rows(const struct pen_caps *c, int from, int to)
{
    struct way best = {.cost = from == to ? 0 : NEVER};

    if (to > from) {
        if (c->lf) {
            weigh(&best, (struct way){WAY_REPEAT, '\n', to - from, false, to - from});
        }
        weigh(&best,
              (struct way){WAY_CSI, c->down, to - from, false, csi_cost(c->down, to - from)});
    } else if (to < from) {
        weigh(&best, (struct way){WAY_CSI, c->up, from - to, false, csi_cost(c->up, from - to)});
    }
    if (to != from) {
        weigh(&best, (struct way){WAY_CSI, c->to_row, to + 1, false, csi_cost(c->to_row, to + 1)});
    }
    return best;
}

struct between {
    pen_between *tell;
    const void *with;
    int row;
};

static bool can_rewrite(const struct between *b, int from, int to)
{
    if (b->tell == NULL || to - from > REWRITE_MAX) {
        return false;
    }
    for (int x = from; x < to; x++) {
        if (b->tell(b->with, b->row, x) == '\0') {
            return false;
        }
    }
    return true;
}

static void weigh_right(struct way *best, const struct pen_caps *c, const struct between *b,
                        int from, int to, bool from_start)
{
    weigh(best,
          (struct way){WAY_CSI, c->right, to - from, from_start, csi_cost(c->right, to - from)});
    if (to - from < best->cost && can_rewrite(b, from, to)) {
        weigh(best, (struct way){WAY_REWRITE, '\0', to - from, from_start, to - from});
    }
}

/* `from` -1: anywhere */
static struct way way_cols(const struct pen_caps *c, const struct between *b, int from, int to)
{
    struct way best = {.cost = from == to ? 0 : NEVER};

    if (from >= 0 && to > from) {
        weigh_right(&best, c, b, from, to, false);
    } else if (to < from) {
        weigh(&best,
              (struct way){WAY_CSI, c->left, from - to, false, csi_cost(c->left, from - to)});
        if (c->back) {
            weigh(&best, (struct way){WAY_REPEAT, '\b', from - to, false, from - to});
        }
    }
    if (to != from) {
        weigh(&best, (struct way){WAY_CSI, c->to_col, to + 1, false, csi_cost(c->to_col, to + 1)});
    }
    if (c->cr && to == 0 && from != 0) {
        weigh(&best, (struct way){WAY_NONE, '\0', 0, true, 0});
    } else if (c->cr && (to < from || from < 0)) {
        weigh_right(&best, c, b, 0, to, true);
    }
    return best;
}

static void go(struct pen *p, const struct way *w, const struct between *b, int col)
{
    if (w->from_start) {
        strbuf_addc(p->out, '\r');
    }
    switch (w->kind) {
    case WAY_NONE:
        break;
    case WAY_CSI:
        csi_add(p->out, w->letter, w->n);
        break;
    case WAY_REPEAT:
        for (int i = 0; i < w->n; i++) {
            strbuf_addc(p->out, w->letter);
        }
        break;
    case WAY_REWRITE:
        for (int x = col - w->n; x < col; x++) {
            strbuf_addc(p->out, b->tell(b->with, b->row, x));
        }
        break;
    }
}

void pen_move(struct pen *p, int row, int col, pen_between *between, const void *with)
{
    const struct pen_caps *c = &p->caps;
    int far = c->cup_ansi ? 4 + digits(row + 1) + digits(col + 1) : 8;

    if (p->row == row && p->col == col) {
        return;
    }
    if (!c->keeps) {
        pen_plain(p);
    }
    if (p->row >= 0) {
        /* Line drawing is on: the characters in between would be read as lines. */
        struct between b = {p->acs ? NULL : between, with, row};
        struct way down = way_rows(c, p->row, row);
        struct way across = way_cols(c, &b, p->col, col);
        if (down.cost + across.cost < far) {
            go(p, &down, &b, col);
            go(p, &across, &b, col);
            p->row = row;
            p->col = col;
            return;
        }
    }
    if (c->cup_ansi) {
        strbuf_add(p->out, "\033[", 2);
        number_out(p->out, row + 1);
        strbuf_addc(p->out, ';');
        number_out(p->out, col + 1);
        strbuf_addc(p->out, 'H');
    } else {
        caps_add_with(p->out, "cup", row, col);
    }
    p->row = row;
    p->col = col;
}

bool pen_erase(struct pen *p, int n)
{
    if (p->caps.blank != '\0') {
        csi_add(p->out, p->caps.blank, n);
    }
    return p->caps.blank != '\0';
}
