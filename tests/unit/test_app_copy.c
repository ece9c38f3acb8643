/* Copying: what is said of a copy, the ways out, and the menu of it. */
#include <criterion/criterion.h>

#include "app_fixture.h"
#include "src/app/menu.h"

TestSuite(app_copy, .timeout = 120);

static const struct job_spec jobs[] = {
    {.id = "job_1", .name = "Bakery", .user = "u", .created_s = -60},
};

static struct bench with_job(void)
{
    struct bench b = bench_new();

    bench_jobs(&b, TASK_LOAD, jobs, 1);
    effects_clear(&b.fx);
    return b;
}

static void copied(struct bench *b, enum copy_way way, const char *what, const char *text)
{
    struct app_event ev = {.kind = EV_COPIED};

    ev.u.copied.way = way;
    ev.u.copied.what = what;
    ev.u.copied.text = text;
    ev.u.copied.limit = 55500;
    ev.u.copied.program = "xclip";
    bench_event(b, &ev);
}

static bool says(const struct bench *b, const char *text)
{
    return strstr(b->m->desk.note, text) != NULL;
}

/* Does the text stand on the screen? */
static bool shows(const struct bench *b, const char *wanted)
{
    struct surface s;

    surface_init(&s, b->m->rows, b->m->cols, false);
    draw_model(&s, b->m);
    char *text = surface_text(&s);
    bool found = strstr(text, wanted) != NULL;
    if (!found) {
        (void)fprintf(stderr, "no \"%s\" on the screen:\n%s", wanted, text);
    }
    free(text);
    surface_done(&s);
    return found;
}

Test(app_copy, under_a_window_the_note_names_the_command_in_a_sentence_of_its_own)
{
    static const struct {
        enum copy_way way;
        const char *want;
    } cases[] = {
        {COPY_STOPPED,      "set -s set-clipboard on. Type :copied"},
        {COPY_TOO_LONG,     "at most 55500 bytes. Type :copied"    },
        {COPY_NO_CLIPBOARD, "has no clipboard. Type :copied"       },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench b = with_job();
        bench_key(&b, "i");
        copied(&b, cases[i].way, "Line", "x");
        cr_expect(says(&b, cases[i].want), "%s", b.m->desk.note);
        bench_free(&b);
    }
}

Test(app_copy, the_note_says_what_how_much_and_which_way)
{
    static const struct {
        enum copy_way way;
        const char *want;
    } cases[] = {
        {COPY_PROGRAM,      "Job id, 5 bytes: copied with xclip."                   },
        {COPY_SENT,         "Job id, 5 bytes: sent to the terminal."                },
        {COPY_SENT_TMUX,    "Job id, 5 bytes: sent to the terminal via tmux."       },
        {COPY_SENT_SCREEN,  "Job id, 5 bytes: sent to the terminal via screen."     },
        {COPY_SENT_PERHAPS, "sent. tmux passes it on after: set -s set-clipboard on"},
        {COPY_STOPPED,      "not copied. tmux needs: set -s set-clipboard on"       },
        {COPY_TOO_LONG,     "not copied. The terminal takes at most 55500 bytes."   },
        {COPY_NO_CLIPBOARD, "not copied. This terminal has no clipboard."           },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bench b = with_job();
        bool nowhere = cases[i].way >= COPY_STOPPED;
        copied(&b, cases[i].way, "Job id", "job_1");
        cr_expect(says(&b, cases[i].want), "%s", b.m->desk.note);
        cr_expect(strlen(b.m->desk.note) <= 78, "one row of 80 columns: %s", b.m->desk.note);
        cr_expect_eq(b.m->desk.menu.open, nowhere, "%s: the ways out", cases[i].want);
        bench_free(&b);
    }
}

Test(app_copy, an_address_without_a_browser_is_copied_and_that_is_told)
{
    struct bench b = with_job();
    struct app_event ev = {.kind = EV_COPIED};

    ev.u.copied.what = "Staging address";
    ev.u.copied.text = "https://s.example";
    ev.u.copied.way = COPY_SENT;
    ev.u.copied.no_browser = true;
    bench_event(&b, &ev);
    cr_expect(says(&b, "No browser here (`browser` in [ui] sets one). Staging address, 17 bytes: "
                       "sent to the terminal."),
              "%s", b.m->desk.note);
    bench_free(&b);
}

Test(app_copy, what_went_nowhere_is_offered_to_a_file_and_to_the_pager)
{
    struct bench b = with_job();

    copied(&b, COPY_STOPPED, "Job id", "job_1");
    bench_key(&b, "f");
    const struct effect *f = bench_effect(&b, EFF_SAVE);
    cr_assert_not_null(f);
    cr_expect_str_eq(f->path, "copies/mvpdash-job_id-copy.txt");
    cr_expect(f->keeps);
    cr_expect_str_eq(f->text, "job_1\n");
    cr_expect_not(b.m->desk.menu.open);
    copied(&b, COPY_STOPPED, "Job id", "job_1");
    bench_key(&b, "v");
    cr_assert_not_null(bench_effect(&b, EFF_PAGER));
    cr_expect_str_eq(bench_effect(&b, EFF_PAGER)->text, "job_1\n");
    bench_free(&b);
}

Test(app_copy, the_last_copy_can_be_had_again_anywhere)
{
    struct bench b = with_job();

    bench_command(&b, ":copied");
    cr_expect(says(&b, "Nothing was copied yet."), "%s", b.m->desk.note);
    copied(&b, COPY_SENT, "Message id", "m-1");
    bench_key(&b, "3");
    bench_command(&b, ":copied /tmp/x y.txt");
    cr_assert_not_null(bench_effect(&b, EFF_SAVE));
    cr_expect_str_eq(bench_effect(&b, EFF_SAVE)->path, "/tmp/x y.txt");
    cr_expect_not(bench_effect(&b, EFF_SAVE)->keeps);
    bench_command(&b, ":copied");
    cr_expect(b.m->desk.menu.open);
    bench_free(&b);
}

Test(app_copy, an_open_question_is_not_covered_by_the_ways_out)
{
    struct bench b = with_job();

    bench_key(&b, "?");
    copied(&b, COPY_STOPPED, "Job id", "job_1");
    cr_expect_not(b.m->desk.menu.open);
    cr_expect(says(&b, ":copied"), "%s", b.m->desk.note);
    bench_free(&b);
}

Test(app_copy, in_the_copy_menu_letters_choose_and_j_and_k_move)
{
    struct bench b = with_job();

    bench_key(&b, "Y");
    cr_assert(b.m->desk.menu.open);
    bench_key(&b, "j");
    cr_assert(b.m->desk.menu.open, "j moves");
    cr_expect_eq(b.m->desk.menu.rows.at, 1);
    bench_key(&b, "k");
    cr_expect_eq(b.m->desk.menu.rows.at, 0);
    for (size_t i = 0; i < b.m->desk.menu.rows.len; i++) { /* no letter takes a menu's own key */
        char key[2] = {b.m->desk.menu.items[i].key, '\0'};
        cr_expect_eq(keymap_find_only(b.m->desk.keys, SCOPE_PICK, key), ACT_NONE, "%s", key);
    }
    bench_key(&b, "j");
    bench_key(&b, "Enter");
    cr_assert_not_null(bench_effect(&b, EFF_COPY));
    cr_expect_str_eq(bench_effect(&b, EFF_COPY)->what, "Business name");
    cr_expect_str_eq(bench_effect(&b, EFF_COPY)->text, "Bakery");
    cr_expect_not(b.m->desk.menu.open);
    bench_free(&b);
}

Test(app_copy, the_copy_menu_sends_to_a_file_or_to_the_pager)
{
    struct bench b = with_job();

    bench_key(&b, "Y");
    bench_key(&b, "f");
    cr_assert(b.m->desk.menu.open, "a switch leaves the menu open");
    bench_key(&b, "v"); /* one of the two */
    bench_key(&b, "f");
    bench_key(&b, "y");
    cr_expect_null(bench_effect(&b, EFF_COPY));
    cr_assert_not_null(bench_effect(&b, EFF_SAVE));
    cr_expect_str_eq(bench_effect(&b, EFF_SAVE)->path, "copies/mvpdash-json-copy.txt");
    cr_expect_not_null(strstr(bench_effect(&b, EFF_SAVE)->text, "\"job_1\""));
    effects_clear(&b.fx);
    bench_key(&b, "Y"); /* it begins with the clipboard again */
    bench_key(&b, "i");
    cr_expect_not_null(bench_effect(&b, EFF_COPY));
    cr_expect_null(bench_effect(&b, EFF_SAVE));
    bench_free(&b);
}

Test(app_copy, a_menu_s_footer_has_the_keys_that_work_in_it)
{
    struct bench b = with_job();
    struct hint hints[24];

    bench_key(&b, "Y");
    size_t n = model_hints(b.m, hints, 24);
    for (size_t i = 0; i < n; i++) {
        cr_expect_str_neq(hints[i].text, "on/off");
        cr_expect_str_neq(hints[i].text, "reset");
        cr_expect_str_neq(hints[i].text, "move it down/up");
    }
    cr_expect(shows(&b, "Esc close"));
    cr_expect(shows(&b, "j k down/up"));
    bench_key(&b, "Esc");
    bench_key(&b, "C");
    cr_expect(shows(&b, "J K move it"));
    cr_expect(shows(&b, "Esc close"));
    bench_free(&b);
}

/* ---- the columns ---- */

Test(app_copy, the_cursor_stays_with_its_column)
{
    struct bench b = with_job();
    const struct menu *menu = &b.m->desk.menu;

    bench_key(&b, "C");
    bench_key(&b, "G");
    int id = menu->items[menu->rows.at].id;
    bench_key(&b, "Space"); /* it goes to the end of those that show */
    cr_expect_eq(menu->items[menu->rows.at].id, id);
    cr_expect(menu->items[menu->rows.at].on);
    bench_key(&b, "K");
    cr_expect_eq(menu->items[menu->rows.at].id, id);
    bench_key(&b, "Space"); /* back among those that do not */
    cr_expect_eq(menu->items[menu->rows.at].id, id);
    cr_expect_not(menu->items[menu->rows.at].on);
    bench_free(&b);
}

Test(app_copy, a_chosen_column_that_does_not_fit_is_told)
{
    struct bench b = with_job();
    const struct menu *menu = &b.m->desk.menu;
    size_t told = 0;

    bench_key(&b, "C");
    bench_resize(&b, 24, 400);
    bench_key(&b, "Esc");
    bench_key(&b, "C");
    for (size_t i = 0; i < menu->rows.len; i++) {
        cr_expect_null(menu->items[i].more, "all fit: %s", menu->items[i].text);
    }
    bench_key(&b, "Esc");
    bench_resize(&b, 24, 40);
    bench_key(&b, "C");
    for (size_t i = 0; i < menu->rows.len; i++) {
        told += menu->items[i].more != NULL;
        cr_expect(menu->items[i].more == NULL || menu->items[i].on);
    }
    cr_expect_gt(told, 0);
    bench_free(&b);
}

/* ---- keys of the detail ---- */

Test(app_copy, the_keys_that_copy_work_in_every_tab_of_the_detail)
{
    struct bench b = with_job();

    bench_key(&b, "Enter");
    for (int i = 0; i < TAB_COUNT; i++) {
        bench_key(&b, "Y");
        cr_expect(b.m->desk.menu.open, "tab %d", i);
        bench_key(&b, "Esc");
        b.m->desk.note[0] = '\0';
        bench_key(&b, "o");
        cr_expect(says(&b, "No console page"), "tab %d: %s", i, b.m->desk.note);
        bench_key(&b, ">");
    }
    bench_free(&b);
}

/* ---- footers and small windows ---- */

static bool hinted(const struct bench *b, enum action a)
{
    struct hint hints[24];
    size_t n = model_hints(b->m, hints, 24);

    for (size_t i = 0; i < n; i++) {
        if (strcmp(hints[i].text, binding_of(a)->hint) == 0) {
            return true;
        }
    }
    return false;
}

Test(app_copy, a_footer_has_no_key_that_does_nothing)
{
    struct bench b = bench_new();

    cr_expect_not(hinted(&b, ACT_CANCEL), "the list is empty");
    cr_expect(hinted(&b, ACT_NEW));
    bench_jobs(&b, TASK_LOAD, jobs, 1);
    cr_expect(hinted(&b, ACT_CANCEL));
    bench_key(&b, "?");
    cr_expect_not(hinted(&b, ACT_VIEW_BULK), "it does nothing under a window");
    cr_expect(hinted(&b, ACT_ERRORS));
    bench_key(&b, "Esc");
    bench_key(&b, "3");
    cr_expect_not(hinted(&b, ACT_DLQ_SEND), "there is no message");
    bench_free(&b);
}

Test(app_copy, a_small_menu_or_form_says_that_it_goes_on)
{
    struct bench b = with_job();

    bench_resize(&b, 10, 40);
    bench_key(&b, "C");
    cr_expect(shows(&b, " 1/19 "));
    bench_key(&b, "j");
    cr_expect(shows(&b, " 2/19 "));
    bench_key(&b, "Esc");
    bench_key(&b, "n");
    cr_expect(shows(&b, " 1/1"));
    bench_free(&b);
}

Test(app_copy, a_small_list_of_commands_says_that_it_goes_on)
{
    struct bench b = with_job();
    char want[32];

    bench_resize(&b, 10, 40);
    bench_type(&b, ":");
    snprintf(want, sizeof want, " 1/%zu ", b.m->desk.palette.len);
    cr_expect(shows(&b, want));
    bench_free(&b);
}

Test(app_copy, where_nothing_is_to_be_copied_that_is_told)
{
    struct bench b = bench_new();

    bench_key(&b, "c");
    cr_expect(says(&b, "No job is selected."), "%s", b.m->desk.note);
    bench_key(&b, "3");
    bench_key(&b, "c");
    cr_expect(says(&b, "There is no message here."), "%s", b.m->desk.note);
    cr_expect_null(bench_effect(&b, EFF_COPY));
    cr_expect_not(hinted(&b, ACT_DLQ_DELETE));
    bench_key(&b, "b");
    bench_key(&b, "Esc");
    cr_expect_eq(model_scope(b.m), SCOPE_BULK);
    cr_expect_not(hinted(&b, ACT_SEND), "there is no file");
    cr_expect(hinted(&b, ACT_BULK_FILE));
    bench_free(&b);
}
