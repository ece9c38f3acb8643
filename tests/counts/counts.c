/* Work that is always the same, so that its instructions can be counted (check.sh).
 *
 * usage: counts parse|draw|keys|held|filter|sort
 *
 * The instructions of the functions whose names begin with "counted_" count; what prepares the work
 * does not. No thread, no clock, no file and no network has a part in it: the frames go to a
 * pseudo-terminal of this program's own. Prints how many bytes the frames took, or the jobs in
 * memory. */
#include <fcntl.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/text.h"
#include "tests/bench/items.h"
#include "tests/unit/app_fixture.h"
#include "ui/flush.h"

enum { JOBS = 10000, PAGE = 250, KEYS = 100, HOUR_MS = 3600000, ROWS = 40, COLS = 120 };

#define COUNTED __attribute__((noinline)) static void

static struct job *job_of(size_t n)
{
    char *text = items_record(n);
    cJSON *item = cJSON_Parse(text);
    struct job *j = job_from_item(item);

    cJSON_Delete(item);
    free(text);
    return j;
}

/* A dashboard that has read the first records of the bench, an hour after the newest. */
static struct bench dashboard(void)
{
    struct bench b = bench_new();
    struct task load = {.kind = TASK_LOAD};
    struct msg *m = msg_new(MSG_JOBS, &load);

    b.now_ms = ITEMS_NOW_MS + HOUR_MS;
    bench_resize(&b, ROWS, COLS);
    m->u.jobs.items = xcalloc(JOBS, sizeof(struct job *));
    m->u.jobs.len = JOBS;
    for (size_t i = 0; i < JOBS; i++) {
        m->u.jobs.items[i] = job_of(i);
    }
    bench_msg(&b, m);
    bench_msg(&b, msg_new(MSG_DONE, &load));
    bench_tick(&b, 1000);
    return b;
}

/* ---- a page of records ---- */

COUNTED counted_parse(char *const *texts, struct job **jobs)
{
    for (size_t i = 0; i < PAGE; i++) {
        cJSON *item = cJSON_Parse(texts[i]);
        jobs[i] = job_from_item(item);
        cJSON_Delete(item);
    }
}

static void parse(void)
{
    char *texts[PAGE];
    struct job *jobs[PAGE];
    long long bytes = 0;

    for (size_t i = 0; i < PAGE; i++) {
        texts[i] = items_record(i);
    }
    counted_parse(texts, jobs);
    for (size_t i = 0; i < PAGE; i++) {
        bytes += jobs[i]->bytes;
        job_free(jobs[i]);
        free(texts[i]);
    }
    fprintf(stderr, "%lld bytes\n", bytes);
}

/* ---- frames ---- */

struct display {
    struct terminal *term;
    struct painter *painter;
    struct surface frame;
    int master;
};

static void display_open(struct display *d)
{
    struct winsize size = {.ws_row = ROWS, .ws_col = COLS};
    struct term_options o = {.no_color = false};
    struct err e = {0};
    int slave = -1;

    if (openpty(&d->master, &slave, NULL, NULL, &size) != 0 || dup2(slave, 0) != 0 ||
        dup2(slave, 1) != 1 || fcntl(d->master, F_SETFL, O_NONBLOCK) != 0) {
        perror("counts: no pseudo-terminal");
        exit(1);
    }
    d->term = term_open(&o, &e);
    if (d->term == NULL) {
        fprintf(stderr, "counts: %s\n", e.msg);
        exit(1);
    }
    d->painter = painter_new(d->term, theme_find("default", &e));
    surface_init(&d->frame, ROWS, COLS, false);
}

static void display_close(struct display *d)
{
    painter_free(d->painter);
    surface_done(&d->frame);
    term_close(d->term);
    (void)close(d->master);
}

/* The bytes that the frame under way takes. */
static uint64_t deliver(struct display *d)
{
    uint64_t before = term_bytes(d->term);
    char bytes[4096];

    do {
        if (term_send(d->term) != E_OK) {
            exit(1);
        }
        while (read(d->master, bytes, sizeof bytes) > 0) {
        }
    } while (term_waiting(d->term));
    return term_bytes(d->term) - before;
}

COUNTED counted_draw(struct display *d, const struct model *m)
{
    draw_model(&d->frame, m);
    painter_frame(d->painter, &d->frame);
}

COUNTED counted_key(struct display *d, struct bench *b, const char *key)
{
    bench_key(b, key);
    draw_model(&d->frame, b->m);
    painter_frame(d->painter, &d->frame);
}

static void draw(void)
{
    struct bench b = dashboard();
    struct display d;

    display_open(&d);
    counted_draw(&d, b.m);
    fprintf(stderr, "%llu bytes\n", (unsigned long long)deliver(&d));
    display_close(&d);
    bench_free(&b);
}

/* The cursor moves, faster than it rests on a job; after `turn` keys it goes the other way. */
static void move(int turn)
{
    struct bench b = dashboard();
    struct display d;
    uint64_t bytes = 0;

    display_open(&d);
    draw_model(&d.frame, b.m);
    painter_frame(d.painter, &d.frame);
    (void)deliver(&d);
    for (int i = 0; i < KEYS; i++) {
        b.now_ms += 30;
        b.mono_ms += 30;
        counted_key(&d, &b, i % (2 * turn) < turn ? "j" : "k");
        effects_clear(&b.fx);
        bytes += deliver(&d);
    }
    fprintf(stderr, "%llu bytes\n", (unsigned long long)bytes);
    display_close(&d);
    bench_free(&b);
}

/* Through ten jobs down and up again. */
static void keys(void)
{
    move(10);
}

/* Always down: the window of the list follows. */
static void held(void)
{
    move(KEYS);
}

/* ---- the list ---- */

COUNTED counted_filter(struct store *s, struct filter *f, int64_t now_ms)
{
    store_set_filter(s, f, now_ms);
}

static void filter_list(void)
{
    static const char *const lines[] = {"rocket 99", "status:comp", "/labs.*99$/",
                                        "user:user_0012 !aux", "rcktlbs"};
    struct bench b = dashboard();

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct err e = {0};
        struct filter *f = filter_new(lines[i], &e);
        if (f == NULL) {
            fprintf(stderr, "counts: %s: %s\n", lines[i], e.msg);
            exit(1);
        }
        counted_filter(b.m->desk.store, f, b.now_ms);
    }
    bench_free(&b);
}

COUNTED counted_sort(struct store *s, struct sort_order order, int64_t now_ms)
{
    store_set_sort(s, order, now_ms);
}

static void sort_list(void)
{
    static const enum column_id columns[] = {COL_STATUS, COL_NAME, COL_PROGRESS, COL_AGE};
    struct bench b = dashboard();

    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        const struct sort_order order = {.column = columns[i], .descending = i % 2 == 1};
        counted_sort(b.m->desk.store, order, b.now_ms);
    }
    bench_free(&b);
}

static const struct {
    const char *name;
    void (*run)(void);
} parts[] = {
    {"parse",  parse      },
    {"draw",   draw       },
    {"keys",   keys       },
    {"held",   held       },
    {"filter", filter_list},
    {"sort",   sort_list  },
};

int main(int argc, char **argv)
{
    text_set_locale();
    for (size_t i = 0; argc == 2 && i < sizeof parts / sizeof *parts; i++) {
        if (strcmp(argv[1], parts[i].name) == 0) {
            parts[i].run();
            return 0;
        }
    }
    fprintf(stderr, "usage: counts parse|draw|keys|held|filter|sort\n");
    return 2;
}
