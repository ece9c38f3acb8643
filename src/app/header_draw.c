/* Drawing the first rows: where we are, whether the link works, and how the jobs stand. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "draw.h"
#include "jobs/stats.h"
#include "model_draw.h"

/* A piece of a header row. When the row is too narrow, the pieces with the lowest `keep` are left
 * out first. */
struct piece {
    char text[160];
    enum style style;
    int keep;
    bool right; /* the piece stands at the right end */
    bool gone;
};

struct pieces {
    struct piece items[20];
    size_t len;
};

static void add(struct pieces *p, enum style st, int keep, bool right, const char *text)
{
    if (p->len < sizeof p->items / sizeof *p->items && text != NULL && text[0] != '\0') {
        struct piece *to = &p->items[p->len++];
        size_t len = strnlen(text, sizeof to->text - 1);
        memcpy(to->text, text, len);
        to->text[len] = '\0';
        to->style = st;
        to->keep = keep;
        to->right = right;
        to->gone = false;
    }
}

static int pieces_width(const struct pieces *p)
{
    int width = 0;

    for (size_t i = 0; i < p->len; i++) {
        width += p->items[i].gone ? 0 : text_width(p->items[i].text) + 2;
    }
    return width;
}

static void draw_pieces(struct surface *s, struct rect r, struct pieces *p)
{
    int left = r.col + 1;
    int right = r.col + r.cols;

    while (pieces_width(p) > r.cols) {
        struct piece *least = NULL;
        size_t shown = 0;
        for (size_t i = 0; i < p->len; i++) {
            struct piece *q = &p->items[i];
            shown += q->gone ? 0 : 1;
            if (!q->gone && (least == NULL || q->keep < least->keep)) {
                least = q;
            }
        }
        if (shown <= 1) {
            break;
        }
        least->gone = true;
    }
    for (size_t i = 0; i < p->len; i++) {
        const struct piece *q = &p->items[i];
        int width = text_width(q->text);
        if (q->gone) {
            continue;
        }
        if (q->right) {
            right -= width + 1;
            surface_add(s, r.row, right, width, q->style, q->text);
            right -= 1;
        } else {
            surface_add(s, r.row, left, r.col + r.cols - left, q->style, q->text);
            left += width + 2;
        }
    }
}

/* Writes the host and port of the endpoint, so that nobody takes a local cloud for AWS. */
static void endpoint_text(const struct model *m, char *buf, size_t size)
{
    const char *url = settings_get(m->desk.settings, SET_ENDPOINT_URL);
    const char *host = url == NULL ? NULL : strstr(url, "://");
    size_t len;

    buf[0] = '\0';
    if (host == NULL) {
        return;
    }
    host += 3;
    len = strcspn(host, "/");
    bool loopback = strncmp(host, "127.", 4) == 0 || strncmp(host, "localhost", 9) == 0;
    (void)snprintf(buf, size, "%s%.*s", loopback ? "local " : "", (int)(len < 60 ? len : 60), host);
}

static void clean_copy(char *buf, size_t size, const char *text)
{
    char *clean = text_cleaned(text == NULL ? "" : text, TEXT_ONE_LINE);
    (void)snprintf(buf, size, "%.*s", (int)text_fit(clean, 60, NULL), clean);
    free(clean);
}

/* The context's name in its colour, cut where the row is narrow, and what hides its values. */
static void add_context(struct pieces *p, const struct model *m, int cols)
{
    const char *name = settings_context(m->desk.settings);
    const struct setting_hidden *hidden = NULL;
    size_t len = settings_hidden(m->desk.settings, &hidden);
    char text[160];
    int most = cols / 4 < 8 ? 8 : cols / 4;

    if (name == NULL) {
        return;
    }
    char *clean = text_cleaned(name, TEXT_ONE_LINE);
    bool cut = text_width(clean) > most;
    size_t n = text_fit(clean, cut ? most - 1 : most, NULL);
    (void)snprintf(text, sizeof text, " %.*s%s ", (int)n, clean,
                   cut ? glyph_text(GLYPH_ELLIPSIS, m->desk.ascii) : "");
    free(clean);
    add(p, (enum style)((int)ST_CONTEXT + (int)settings_colour(m->desk.settings)), 98, false, text);
    if (len > 0) {
        (void)snprintf(text, sizeof text, "not its %s%s", setting_rows[hidden[0].id].ini,
                       len > 1 ? " ..." : "");
        add(p, ST_WARN, 72, false, text);
    }
}

static void add_account(struct pieces *p, const struct model *m)
{
    enum desk_account a = desk_account(&m->desk);

    if (a == ACCOUNT_OTHER) {
        add(p, ST_BAD, 99, true, "OTHER ACCOUNT");
    } else if (a == ACCOUNT_NOT_KNOWN) {
        add(p, ST_WARN, 97, true, "ACCOUNT NOT KNOWN");
    }
}

static void add_place(struct pieces *p, const struct model *m)
{
    char buf[200];
    char who[100];
    const char *profile = settings_get(m->desk.settings, SET_PROFILE);

    endpoint_text(m, buf, sizeof buf);
    if (buf[0] != '\0') {
        char clean[100];
        clean_copy(clean, sizeof clean, buf);
        add(p, ST_INFO, 70, false, clean);
    }
    clean_copy(who, sizeof who, profile != NULL ? profile : m->desk.link.account);
    add(p, ST_HEADER, 50, false, who);
    clean_copy(who, sizeof who, settings_get(m->desk.settings, SET_REGION));
    add(p, ST_HEADER, 60, false, who);
}

static void add_names(struct pieces *p, const struct model *m)
{
    char name[100];
    char text[140];

    clean_copy(name, sizeof name, settings_get(m->desk.settings, SET_BUS));
    (void)snprintf(text, sizeof text, "bus %s", name);
    add(p, ST_HEADER_LABEL, 30, false, text);
    clean_copy(name, sizeof name, settings_get(m->desk.settings, SET_TABLE));
    (void)snprintf(text, sizeof text, "table %s", name);
    add(p, ST_HEADER_LABEL, 40, false, text);
}

static void add_health(struct pieces *p, const struct model *m)
{
    static const enum glyph marks[] = {
        [LINK_CONNECTING] = GLYPH_QUEUED,
        [LINK_LIVE] = GLYPH_RUNNING,
        [LINK_FAILING] = GLYPH_FAILED,
        [LINK_EXPIRED] = GLYPH_FAILED,
    };
    char health[120];
    char text[140];
    enum style st = ST_HEADER;

    (void)model_health(m, health, sizeof health, &st);
    (void)snprintf(text, sizeof text, "%s %s", glyph_text(marks[m->desk.link.state], m->desk.ascii),
                   health);
    add(p, st, 100, true, text);
    if (m->desk.read_only) {
        add(p, ST_WARN, 95, true, "READ-ONLY");
    }
    if (m->desk.paused) {
        add(p, ST_WARN, 96, true, "PAUSED");
    }
}

void view_header_draw(struct surface *s, const struct model *m)
{
    struct rect r = m->desk.layout.header;
    struct rect second = {r.row + 1, r.col, 1, r.cols};
    struct pieces one = {.len = 0};
    struct pieces two = {.len = 0};
    struct pieces *low = r.rows > 1 ? &two : &one;
    char buf[120];
    const struct surface_key key = {{m->desk.scene}};

    if (r.rows <= 0 || surface_recall(s, KEPT_HEADER, r, &key)) {
        return;
    }
    add(&one, ST_TITLE_FOCUS, 80, false, "mvpdash");
    add_context(&one, m, r.cols);
    add_place(&one, m);
    add_health(&one, m);
    add_account(&one, m);
    add(&one, ST_DIM, 65, true, model_age(m, buf, sizeof buf));
    add_names(low, m);
    add(low, ST_DIM, 20, true, model_budget(m, buf, sizeof buf));
    if (r.rows > 1) {
        draw_pieces(s, second, &two);
    }
    draw_pieces(s, (struct rect){r.row, r.col, 1, r.cols}, &one);
    surface_keep(s, KEPT_HEADER, r, &key);
}

/* ---- counts and the plot ---- */

static const struct {
    enum job_status status;
    int keep;
} counted[] = {
    {JOB_IN_PROGRESS, 90},
    {JOB_FAILED,      95},
    {JOB_STOPPING,    65},
    {JOB_QUEUED,      70},
    {JOB_PENDING,     60},
    {JOB_COMPLETED,   50},
    {JOB_CANCELLED,   40},
};

static void add_count(struct pieces *p, enum style st, int keep, const char *glyph, size_t n,
                      const char *word)
{
    char text[80];
    char number[24];

    /* These texts of our own fit, and printf would be a tenth of what a frame costs. */
    (void)format_count(n, number, sizeof number);
    (void)stpcpy(stpcpy(stpcpy(stpcpy(stpcpy(text, glyph), " "), number), " "), word);
    add(p, st, keep, false, text);
}

/* The dead letter queue has a word only when something is in it, or when that is not known. */
static void add_dlq(struct pieces *p, const struct model *m)
{
    const struct dlq_depth *q = &m->desk.dlq;
    char text[40];
    char number[24];

    if (q->state == DLQ_UNKNOWN) {
        add(p, ST_WARN, 45, false, "DLQ ?");
    } else if (q->state == DLQ_KNOWN && q->messages > 0) {
        (void)snprintf(text, sizeof text, "DLQ %s",
                       format_count((uint64_t)q->messages, number, sizeof number));
        add(p, ST_WARN, 93, false, text);
    }
}

static void add_counts(struct pieces *p, const struct model *m)
{
    const struct stats *st = store_stats(m->desk.store);

    for (size_t i = 0; i < sizeof counted / sizeof *counted; i++) {
        uint8_t status = (uint8_t)counted[i].status;
        if (st->by_status[status] > 0) {
            add_count(p, status_style(status), counted[i].keep,
                      glyph_text(status_glyph(status), m->desk.ascii), st->by_status[status],
                      job_status_people(counted[i].status));
        }
        if (counted[i].status == JOB_FAILED) {
            if (st->stuck > 0) {
                add_count(p, ST_WARN, 94, glyph_text(GLYPH_WARN, m->desk.ascii), st->stuck,
                          "stuck");
            }
            add_dlq(p, m);
        }
    }
}

/* The plot of the jobs that ended: a cell for every five minutes. */
struct plot {
    int cells;     /* 0: nothing ended, or there is no room */
    uint32_t most; /* the jobs of the fullest cell */
    char text[80]; /* what stands before it */
};

static struct plot plot_of(const struct model *m, int cells, bool words)
{
    const struct stats *st = store_stats(m->desk.store);
    struct plot p = {.cells = cells};
    uint32_t done = 0;
    uint32_t failed = 0;

    for (int i = 0; i < p.cells; i++) {
        const struct stats_bucket *b = stats_bucket_at(st, i);
        p.most = b->completed + b->failed > p.most ? b->completed + b->failed : p.most;
        done += b->completed;
        failed += b->failed;
    }
    if (p.most == 0) {
        return (struct plot){0};
    }
    if (words) {
        (void)snprintf(p.text, sizeof p.text, "%dh: %u completed, %u failed", p.cells / 12, done,
                       failed);
    } else {
        (void)snprintf(p.text, sizeof p.text, "%dh", p.cells / 12);
    }
    p.most = p.most < 4 ? 4 : p.most; /* a single job must not look like a peak */
    return p;
}

static int plot_width(const struct plot *p)
{
    return p->cells == 0 ? 0 : p->cells + text_width(p->text) + 3;
}

/* The largest plot that has room beside the counts. */
static struct plot largest_plot(const struct model *m, int room)
{
    static const struct {
        int cells;
        bool words;
    } sizes[] = {
        {48, true },
        {24, true },
        {24, false},
        {12, false},
    };

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct plot p = plot_of(m, sizes[i].cells, sizes[i].words);
        if (plot_width(&p) <= room) {
            return p;
        }
    }
    return (struct plot){0};
}

/* Draws it at the right end; a cell with a failure in it looks failed. */
static void draw_plot(struct surface *s, struct rect r, const struct model *m, const struct plot *p)
{
    const struct stats *st = store_stats(m->desk.store);
    int width = text_width(p->text);
    int col = r.col + r.cols - p->cells - 1;

    for (int i = 0; i < p->cells; i++) {
        const struct stats_bucket *b = stats_bucket_at(st, p->cells - 1 - i);
        uint32_t n = b->completed + b->failed;
        if (n > 0) {
            uint32_t level = (n * 8 + p->most - 1) / p->most;
            surface_glyph(s, r.row, col + i, b->failed > 0 ? ST_FAILED : ST_COMPLETED,
                          (enum glyph)(GLYPH_SPARK_1 + (level > 8 ? 7 : level - 1)));
        } else {
            surface_put(s, r.row, col + i, 1, ST_BAR_REST, m->desk.ascii ? "." : "·");
        }
    }
    if (p->cells > 0) {
        surface_add(s, r.row, col - width - 1, width, ST_DIM, p->text);
    }
}

void view_summary_draw(struct surface *s, const struct model *m)
{
    struct rect whole = m->desk.layout.summary;
    struct rect r = whole;
    struct pieces p = {.len = 0};
    const struct surface_key key = {{m->desk.scene}};

    if (r.rows <= 0 || surface_recall(s, KEPT_SUMMARY, whole, &key)) {
        return;
    }
    /* A count keeps its word: the plot gives its room to the counts, and the least of them goes
     * before a word is cut. */
    add_counts(&p, m);
    if (r.cols >= 72) {
        struct plot plot = largest_plot(m, r.cols - pieces_width(&p));
        draw_plot(s, r, m, &plot);
    }
    draw_pieces(s, r, &p);
    surface_keep(s, KEPT_SUMMARY, whole, &key);
}
