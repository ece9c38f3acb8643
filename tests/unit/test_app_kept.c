/* What is put again as it was drawn before is what drawing everything anew gives: after any events
 * and moves of the cursor, cell by cell. */
#include <criterion/criterion.h>
#include <criterion/theories.h>
#include <locale.h>

#include "app_script.h"
#include "src/app/model_draw.h"

enum { SCRIPT_BYTES = 450, MOVES = 3 };

static bool drawn_alike(const struct surface *a, const struct surface *b)
{
    return a->rows == b->rows && a->cols == b->cols && a->cursor_row == b->cursor_row &&
           a->cursor_col == b->cursor_col &&
           memcmp(a->cells, b->cells, (size_t)a->rows * (size_t)a->cols * sizeof *a->cells) == 0;
}

/* Draws into the surface that has kept parts of the frames before, and into one that has not. */
static void expect_alike(const struct model *m, struct surface *shown, struct surface *anew)
{
    surface_forget(anew);
    draw_model(anew, m);
    draw_model(shown, m);
    if (!drawn_alike(shown, anew)) {
        char *one = surface_text(shown), *other = surface_text(anew);
        cr_assert_fail("shown:\n%s\ndrawn anew:\n%s", one, other);
        free(one);
        free(other);
    }
}

static void fill(uint8_t *data, size_t size, uint32_t seed)
{
    for (size_t i = 0; i < size; i++) {
        seed ^= seed << 13;
        seed ^= seed >> 17;
        seed ^= seed << 5;
        data[i] = (uint8_t)(seed >> 11);
    }
}

static struct bench begin(void)
{
    struct bench b = bench_new();
    struct job_spec jobs[60] = {{0}};
    char ids[60][16];

    for (size_t i = 0; i < 60; i++) {
        snprintf(ids[i], sizeof ids[i], "old%02zu", i);
        jobs[i] = (struct job_spec){.id = ids[i],
                                    .status = i % 3 == 0 ? "IN_PROGRESS" : "COMPLETED",
                                    .name = i % 5 == 0 ? "\xe6\xa0\xaa\xe5\xbc\x8f" : ids[i],
                                    .user = "u",
                                    .created_s = -(int64_t)i * 40};
    }
    bench_resize(&b, 40, 120);
    bench_jobs(&b, TASK_LOAD, jobs, 60);
    return b;
}

TheoryDataPoints(kept, any_session_is_drawn_as_anew) = {
    DataPoints(uint32_t, 3, 14, 15, 92, 65, 35, 89, 79),
};

Theory((uint32_t seed), kept, any_session_is_drawn_as_anew)
{
    static const char *const moves[] = {"j", "k", "PgDn", "j", "G", "k", "C-u", "j"};
    static uint8_t data[SCRIPT_BYTES];
    struct surface shown, anew;

    setlocale(LC_CTYPE, "C.UTF-8");
    fill(data, sizeof data, seed);
    struct script s = {.at = data, .end = data + sizeof data, .b = begin()};
    surface_init(&shown, 40, 120, false);
    surface_init(&anew, 40, 120, false);
    for (size_t n = 0; s.at < s.end; n++) {
        script_step(&s);
        if (s.b.m->quitting) {
            bench_free(&s.b);
            s.b = begin();
            surface_forget(&shown); /* the clock of the new model begins where the old one's did */
        }
        expect_alike(s.b.m, &shown, &anew);
        for (int i = 0; i < MOVES; i++) {
            s.b.now_ms += 170;
            s.b.mono_ms += 170;
            bench_key(&s.b, moves[(n + (size_t)i * 3) % (sizeof moves / sizeof *moves)]);
            expect_alike(s.b.m, &shown, &anew);
        }
        effects_clear(&s.b.fx);
    }
    bench_free(&s.b);
    surface_done(&shown);
    surface_done(&anew);
}

/* Fills the surface with what no screen shows, so that parts that were not drawn can be told. */
static void scribble(struct surface *s)
{
    for (int i = 0; i < s->rows * s->cols; i++) {
        s->cells[i] = (struct cell){.text = "#", .width = 1, .style = ST_BAD};
    }
}

Test(kept, a_part_comes_again_only_for_its_key_and_size)
{
    const struct surface_key key =
                                 {
                                     {1, 2, 3}
    },
                             other = {{1, 2, 4}};
    struct surface s;

    surface_init(&s, 5, 20, false);
    surface_put(&s, 1, 2, 6, ST_GOOD, "words");
    cr_assert_not(surface_recall(&s, KEPT_SLOTS + 7, (struct rect){1, 2, 1, 6}, &key));
    surface_keep(&s, KEPT_SLOTS + 7, (struct rect){1, 2, 1, 6}, &key);
    scribble(&s);
    cr_assert_not(surface_recall(&s, KEPT_SLOTS + 7, (struct rect){1, 2, 1, 6}, &other));
    cr_assert_not(surface_recall(&s, KEPT_SLOTS + 7, (struct rect){1, 2, 1, 5}, &key));
    cr_assert_not(surface_recall(&s, KEPT_SLOTS + 6, (struct rect){1, 2, 1, 6}, &key));
    cr_assert_not(surface_recall(&s, KEPT_SLOTS + 7, (struct rect){4, 15, 1, 6}, &key));
    cr_assert(surface_recall(&s, KEPT_SLOTS + 7, (struct rect){3, 0, 1, 6}, &key));
    char *text = surface_text(&s);
    cr_assert_str_eq(text + 3 * 21, "words ##############\n####################\n");
    free(text);
    surface_resize(&s, 6, 20);
    cr_assert_not(surface_recall(&s, KEPT_SLOTS + 7, (struct rect){3, 0, 1, 6}, &key));
    surface_done(&s);
}

Test(kept, ages_go_on_while_the_cursor_moves)
{
    struct bench b = begin();
    struct surface s;

    surface_init(&s, 40, 120, false);
    draw_model(&s, b.m);
    char *text = surface_text(&s);
    cr_assert_not_null(strstr(text, "<1m"));
    free(text);
    b.now_ms += 600000;
    b.mono_ms += 600000;
    bench_key(&b, "j");
    draw_model(&s, b.m);
    text = surface_text(&s);
    cr_assert_null(strstr(text, "<1m"), "%s", text);
    free(text);
    surface_done(&s);
    bench_free(&b);
}
