/* Whole screens, compared with tests/golden/NAME.txt. UPDATE_GOLDEN=1 writes them anew: look at the
 * difference before committing it. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/path.h"
#include "core/text.h"
#include "screen_fixture.h"

TestSuite(golden, .init = fixture_process, .timeout = 120);

/* Cells may reach a terminal: they are well-formed, hold nothing that drives the terminal, and are
 * no wider than they say. */
static void check_cells(const struct surface *s)
{
    for (int i = 0; i < s->rows * s->cols; i++) {
        const struct cell *c = &s->cells[i];
        size_t len = strnlen(c->text, sizeof c->text);
        cr_assert_lt(len, sizeof c->text);
        for (size_t k = 0; k < len;) {
            uint32_t cp = 0;
            size_t n = text_utf8_decode(c->text + k, len - k, &cp);
            cr_assert_neq(n, 0, "a malformed byte at row %d column %d", i / s->cols, i % s->cols);
            cr_assert_not(text_is_dangerous(cp), "U+%04X at row %d column %d", cp, i / s->cols,
                          i % s->cols);
            k += n;
        }
    }
}

static void check_screen(struct fixture *f, const char *name)
{
    const struct surface *s = fixture_draw(f);
    char *text = surface_text(s);
    char *want = NULL;
    char path[200];
    struct err e = {0};

    check_cells(s);
    (void)snprintf(path, sizeof path, "tests/golden/%s.txt", name);
    if (getenv("UPDATE_GOLDEN") != NULL) {
        cr_assert_eq(path_write_atomic(path, text, strlen(text), 0644, &e), E_OK, "%s", e.msg);
    }
    cr_assert_eq(path_read(path, 1 << 20, &want, NULL, &e), E_OK,
                 "%s (run from the repository's root)", e.msg);
    cr_expect_str_eq(text, want, "%s differs; now it is\n%s", path, text);
    free(want);
    free(text);
}

/* Opens at a size, presses keys, compares. */
static void check_after(const char *name, int rows, int cols, const char *keys)
{
    struct fixture f = {.rule_matches = true};

    fixture_open(&f, rows, cols, false);
    fixture_keys(&f, keys);
    check_screen(&f, name);
    fixture_close(&f);
}

Test(golden, list_at_80x24)
{
    check_after("list-80x24", 24, 80, "");
}

Test(golden, list_at_120x30_has_the_detail_beside_it)
{
    check_after("list-120x30", 30, 120, "j");
}

Test(golden, list_at_200x50_has_detail_and_form_beside_it)
{
    check_after("list-200x50", 50, 200, "j j");
}

Test(golden, list_at_40x10)
{
    check_after("list-40x10", 10, 40, "");
}

Test(golden, under_40x10_it_says_what_it_needs)
{
    check_after("too-small", 9, 39, "");
}

Test(golden, list_in_ascii)
{
    struct fixture f = {.rule_matches = true};

    fixture_open(&f, 24, 80, true);
    const struct surface *s = fixture_draw(&f);
    for (int i = 0; i < s->rows * s->cols; i++) {
        for (const char *p = s->cells[i].text; *p != '\0'; p++) {
            cr_assert_lt((unsigned char)*p, 0x80);
        }
    }
    check_screen(&f, "list-ascii");
    fixture_close(&f);
}

Test(golden, filter_as_it_is_typed)
{
    struct fixture f = {.rule_matches = true};

    fixture_open(&f, 24, 80, false);
    fixture_key(&f, "/");
    fixture_type(&f, "user:user123 !blog");
    check_screen(&f, "filter-typing");
    fixture_key(&f, "Enter");
    check_screen(&f, "filter-applied");
    fixture_close(&f);
}

Test(golden, a_bad_filter_says_why)
{
    struct fixture f = {.rule_matches = true};

    fixture_open(&f, 24, 80, false);
    fixture_key(&f, "/");
    fixture_type(&f, "colour:red");
    check_screen(&f, "filter-bad");
    fixture_close(&f);
}

Test(golden, marks_and_sorting)
{
    check_after("marks", 24, 80, "Space Space N I");
}

Test(golden, watched_jobs)
{
    check_after("watched", 24, 80, "W j j W");
}

Test(golden, detail_overview)
{
    check_after("detail-overview", 24, 80, "Enter");
}

Test(golden, detail_timeline)
{
    check_after("detail-timeline", 24, 80, "t");
}

Test(golden, detail_json)
{
    check_after("detail-json", 24, 80, "y");
}

Test(golden, log_at_80x24)
{
    check_after("log-80x24", 24, 80, "l");
}

Test(golden, log_wrapped_with_stamps_and_search)
{
    struct fixture f = {.rule_matches = true};

    fixture_open(&f, 24, 80, false);
    fixture_keys(&f, "l w t /");
    fixture_type(&f, "line");
    fixture_key(&f, "Enter");
    check_screen(&f, "log-search");
    fixture_close(&f);
}

Test(golden, form_empty_and_with_errors)
{
    struct fixture f = {.rule_matches = true};

    fixture_open(&f, 24, 80, false);
    fixture_key(&f, "n");
    check_screen(&f, "form-empty");
    fixture_type(&f, "user 1");
    fixture_key(&f, "F5");
    check_screen(&f, "form-errors");
    fixture_close(&f);
}

/* What is wrong with the JSON stands in the field's row, on the smallest usual screen, too. */
Test(golden, form_says_which_comma_is_missing)
{
    struct fixture f = {.rule_matches = true};

    fixture_open(&f, 24, 80, false);
    fixture_keys(&f, "n Tab Tab Tab Tab Tab Tab Tab Tab");
    fixture_type(&f, "{\"a\":1 \"b\":2}");
    fixture_key(&f, "F5");
    check_screen(&f, "form-json");
    fixture_key(&f, "Tab"); /* the row tells it also when another field is typed */
    check_screen(&f, "form-json-left");
    fixture_close(&f);
}

Test(golden, a_depth_of_the_queue_that_is_not_empty_shows)
{
    struct fixture f = {.dlq = 12};

    fixture_open(&f, 24, 80, false);
    check_screen(&f, "summary-dlq");
    fixture_close(&f);
}

Test(golden, form_filled_shows_the_event_and_what_the_rule_says)
{
    struct fixture f = {.rule_matches = false};

    fixture_open(&f, 30, 120, false);
    fixture_key(&f, "n");
    fixture_type(&f, "user123");
    fixture_key(&f, "Tab");
    fixture_type(&f, "prod456");
    fixture_key(&f, "Tab");
    fixture_type(&f, "My Startup");
    fixture_pass(&f, 3);
    check_screen(&f, "form-filled");
    fixture_close(&f);
}

Test(golden, cancel_asks_and_names_the_job)
{
    check_after("dialog-cancel", 24, 80, "x");
}

Test(golden, many_need_their_number_typed)
{
    check_after("dialog-many", 24, 80, "* x");
}

Test(golden, the_smallest_screen_has_room_for_questions_and_the_form)
{
    check_after("dialog-40x10", 10, 40, "* x");
    check_after("form-40x10", 10, 40, "n Tab Tab");
    check_after("help-40x10", 10, 40, "?");
    check_after("log-40x10", 10, 40, "l");
}

Test(golden, cancel_tells_what_became_of_it)
{
    struct fixture f = {.rule_matches = true};

    fixture_open(&f, 24, 80, false);
    fixture_keys(&f, "x y");
    check_screen(&f, "dialog-result");
    fixture_close(&f);
}

Test(golden, help)
{
    check_after("help", 24, 80, "?");
}

Test(golden, help_stays_while_a_search_in_it_is_typed)
{
    check_after("help-search", 24, 80, "? / p a g e");
}

Test(golden, who_am_i)
{
    check_after("whoami", 24, 80, "i");
}

Test(golden, the_doctor)
{
    check_after("doctor-80x24", 24, 80, "5");
    check_after("doctor-job", 24, 80, "j H");
    check_after("doctor-40x10", 10, 40, "5");
    check_after("doctor-200x50", 50, 200, "5 j j");
    check_after("doctor-full", 24, 80, "5 / D 2 Enter Enter");
    check_after("doctor-help", 24, 80, "5 ?");
}

Test(golden, the_doctor_fills_in_as_checks_end)
{
    struct fixture f = {.rule_matches = true, .checks = 9};

    fixture_open(&f, 24, 80, false);
    fixture_key(&f, "5");
    check_screen(&f, "doctor-running");
    fixture_key(&f, "Esc");
    check_screen(&f, "doctor-stopped");
    fixture_close(&f);
}

Test(golden, a_test_job_is_asked_for_and_followed)
{
    struct fixture f = {.rule_matches = true, .sound = true};

    fixture_open(&f, 24, 80, false);
    fixture_keys(&f, "5 X");
    check_screen(&f, "doctor-canary-asks");
    fixture_key(&f, "y");
    check_screen(&f, "doctor-canary");
    fixture_close(&f);
}

Test(golden, the_doctor_cleans_what_services_said)
{
    struct fixture f = {.hostile = true};

    fixture_open(&f, 50, 200, false);
    fixture_key(&f, "5");
    check_screen(&f, "doctor-hostile");
    fixture_close(&f);
}

Test(golden, palette)
{
    struct fixture f = {.rule_matches = true};

    fixture_open(&f, 24, 80, false);
    fixture_key(&f, ":");
    fixture_type(&f, "so");
    check_screen(&f, "palette");
    fixture_close(&f);
}

Test(golden, column_chooser_and_status_menu)
{
    check_after("columns", 24, 80, "C");
    check_after("status-menu", 24, 80, "s");
}

Test(golden, read_only_and_pause_show_in_the_header)
{
    struct fixture f = {.rule_matches = true, .read_only = true};

    fixture_open(&f, 24, 80, false);
    fixture_keys(&f, "Z x");
    check_screen(&f, "read-only-paused");
    fixture_close(&f);
}

Test(golden, no_jobs_yet)
{
    struct fixture f = {.answers = ANSWER_EMPTY};

    fixture_open(&f, 24, 80, false);
    check_screen(&f, "empty");
    fixture_close(&f);
}

Test(golden, before_the_first_reply)
{
    struct fixture f = {.answers = ANSWER_NOTHING};

    fixture_open(&f, 24, 80, false);
    check_screen(&f, "connecting");
    fixture_close(&f);
}

Test(golden, a_first_start_without_credentials_is_greeted)
{
    static const struct {
        const char *name;
        int rows, cols;
    } sizes[] = {
        {"welcome-80x24",  24, 80 },
        {"welcome-40x10",  10, 40 },
        {"welcome-200x50", 50, 200},
    };

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct fixture f = {.answers = ANSWER_NO_CREDS};
        fixture_open(&f, sizes[i].rows, sizes[i].cols, false);
        check_screen(&f, sizes[i].name);
        fixture_close(&f);
    }
}

Test(golden, a_lost_network_keeps_the_rows_and_says_so)
{
    struct fixture f = {.rule_matches = true};

    fixture_open(&f, 24, 80, false);
    f.answers = ANSWER_FAIL;
    fixture_pass(&f, 40);
    check_screen(&f, "network-lost");
    fixture_key(&f, "!");
    check_screen(&f, "errors");
    fixture_close(&f);
}

Test(golden, expired_credentials_name_the_remedy)
{
    struct fixture f = {.rule_matches = true};

    fixture_open(&f, 24, 80, false);
    f.answers = ANSWER_EXPIRED;
    fixture_pass(&f, 40);
    check_screen(&f, "expired");
    fixture_close(&f);
}

Test(golden, hostile_strings_are_shown_as_marks)
{
    struct fixture f = {.hostile = true};

    fixture_open(&f, 50, 200, false);
    check_screen(&f, "hostile-list");
    fixture_key(&f, "Enter");
    check_screen(&f, "hostile-detail");
    fixture_keys(&f, "y");
    check_screen(&f, "hostile-json");
    fixture_close(&f);
}

Test(golden, every_key_at_every_size_draws_a_clean_screen)
{
    static const char *const keys[] = {
        "j",   "Enter", "Tab",   "l", "w",   "t",     "n",     "a",   "Down", "PgDn",
        "G",   "g",     "C-d",   "x", "Esc", "?",     "Space", "v",   "C-w",  "Right",
        "F",   "y",     "S-Tab", "/", "u",   "Enter", "C",     "Esc", "s",    "Esc",
        "5",   "j",     "Enter", "w", "q",   "A",     "r",     "Esc", "1",    ":",
        "Tab", "Esc",   "-",     "!", "Esc", "i",     "Esc",   "C-e", "Z"};
    static const struct {
        int rows, cols;
    } sizes[] = {
        {1,   1  },
        {9,   39 },
        {10,  40 },
        {24,  80 },
        {30,  120},
        {50,  200},
        {70,  250},
        {100, 40 }
    };
    struct fixture f = {.rule_matches = true};

    fixture_open(&f, 24, 80, false);
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        fixture_resize(&f, sizes[s].rows, sizes[s].cols);
        check_cells(fixture_draw(&f));
        for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
            fixture_key(&f, keys[k]);
            check_cells(fixture_draw(&f));
        }
    }
    fixture_close(&f);
}

/* ---- other views than the jobs ---- */

Test(golden, events_of_the_rule)
{
    check_after("events-80x24", 24, 80, "4");
    check_after("events-40x10", 10, 40, "4");
    check_after("events-200x50", 50, 200, "4");
    check_after("events-search", 24, 80, "4 / d e t a i l");
    check_after("events-help", 24, 80, "4 ?");
}

Test(golden, the_bus_and_the_queue_as_such)
{
    check_after("bus-80x24", 24, 80, ": b u s Enter");
    check_after("bus-40x10", 10, 40, ": b u s Enter");
    check_after("bus-200x50", 50, 200, ": b u s Enter");
    check_after("queue-80x24", 24, 80, ": q u e u e Enter");
    check_after("queue-40x10", 10, 40, ": q u e u e Enter l l");
    check_after("queue-200x50", 50, 200, ": q u e u e Enter");

    struct fixture f = {.answers = ANSWER_EMPTY};
    fixture_open(&f, 24, 80, false);
    fixture_keys(&f, ": b u s Enter");
    check_screen(&f, "bus-empty");
    fixture_close(&f);
}

Test(golden, bulk_deploys)
{
    check_after("bulk-files", 24, 80, "b Down Down");
    check_after("bulk-wrong", 24, 80, "b b Tab Enter");
    check_after("bulk-ready", 24, 80, "b g Tab Enter j");
    check_after("bulk-confirm", 24, 80, "b g Tab Enter F5");
    check_after("bulk-earlier", 24, 80, "b h Tab Enter F5");
    check_after("bulk-over", 24, 80, "b g Tab Enter F5 7 y j j");
    check_after("bulk-over-200x50", 50, 200, "b g Tab Enter F5 7 y j j");
    check_after("bulk-over-40x10", 10, 40, "b g Tab Enter F5 7 y j j");
    check_after("bulk-trouble", 24, 80, "b g Tab Enter F5 7 y z");
}

Test(golden, a_missing_log_group_is_explained)
{
    struct fixture f = {.answers = ANSWER_EMPTY};

    fixture_open(&f, 24, 80, false);
    fixture_key(&f, "4");
    check_screen(&f, "events-missing");
    fixture_close(&f);
}

Test(golden, dead_letter_queue)
{
    check_after("dlq-80x24", 24, 80, "3");
    check_after("dlq-40x10", 10, 40, "3");
    check_after("dlq-200x50", 50, 200, "3");
    check_after("dlq-marks", 24, 80, "3 Space j v j");
    check_after("dlq-help", 24, 80, "3 ?");
}

Test(golden, a_message_of_the_dead_letter_queue)
{
    check_after("dlq-message", 24, 80, "3 Enter");
    check_after("dlq-message-40x10", 10, 40, "3 Enter");
    check_after("dlq-message-200x50", 50, 200, "3 Enter");
    check_after("dlq-attributes", 24, 80, "3 j y");
    check_after("dlq-no-event", 24, 80, "3 G Enter G");
}

Test(golden, asking_about_messages)
{
    check_after("dlq-send", 24, 80, "3 * S");
    check_after("dlq-send-result", 24, 80, "3 * S y");
    check_after("dlq-delete", 24, 80, "3 x");
    check_after("dlq-delete-40x10", 10, 40, "3 x");
}

Test(golden, editing_an_event)
{
    check_after("dlq-edit", 24, 80, "3 E");
    check_after("dlq-edit-40x10", 10, 40, "3 E Down Down");
    check_after("dlq-edit-bad", 24, 80, "3 E x");
    check_after("dlq-edit-leave", 24, 80, "3 E x Esc");
    check_after("dlq-edit-send", 24, 80, "3 E S-Tab ! F5");
}

Test(golden, an_empty_dead_letter_queue_and_one_that_cannot_be_read)
{
    struct fixture f = {.answers = ANSWER_EMPTY};

    fixture_open(&f, 24, 80, false);
    fixture_key(&f, "3");
    check_screen(&f, "dlq-empty");
    fixture_close(&f);
    struct fixture g = {.answers = ANSWER_FAIL};
    fixture_open(&g, 24, 80, false);
    fixture_key(&g, "3");
    check_screen(&g, "dlq-failed");
    fixture_close(&g);
}

/* ---- two jobs beside each other ---- */

static void check_compare(const char *name, int rows, int cols, const char *keys)
{
    struct fixture f = {.answers = ANSWER_ALL};

    fixture_open(&f, rows, cols, false);
    fixture_keys(&f, keys);
    check_screen(&f, name);
    fixture_close(&f);
}

Test(golden, two_jobs_beside_each_other)
{
    check_compare("compare-80x24", 24, 80, "g j j Space j Space =");
    check_compare("compare-80x24-log", 24, 80, "g j j Space j Space = G");
    check_compare("compare-200x50", 50, 200, "g j j Space j Space = G");
    check_compare("compare-40x10", 10, 40, "g j j Space j Space =");
    check_compare("compare-help", 24, 80, "g j j Space j Space = ?");
    check_compare("compare-none", 24, 80, "=");
}

/* ---- the children of an array job ---- */

static void check_children(const char *name, int rows, int cols, const char *keys, bool denied)
{
    struct fixture f = {.array = true, .denied = denied};

    fixture_open(&f, rows, cols, false);
    fixture_keys(&f, keys);
    check_screen(&f, name);
    fixture_close(&f);
}

Test(golden, children_of_an_array_job)
{
    check_children("children-parent", 24, 80, "j j Enter", false);
    check_children("children-80x24", 24, 80, "j j K j", false);
    check_children("children-200x50", 50, 200, "j j K j", false);
    check_children("children-40x10", 10, 40, "j j K j", false);
    check_children("children-states", 24, 80, "j j K s", false);
    check_children("children-help", 24, 80, "j j K ?", false);
    check_children("children-no-log", 24, 80, "j j Enter > >", false);
}

Test(golden, a_child_of_an_array_job)
{
    check_children("child-80x24", 24, 80, "j j K Enter", false);
    check_children("child-200x50", 50, 200, "j j K Enter", false);
    check_children("child-40x10", 10, 40, "j j K Enter", false);
    check_children("child-hostile", 24, 80, "j j K j Enter", false);
    check_children("child-log", 24, 80, "j j K Enter l", false);
    check_children("child-log-40x10", 10, 40, "j j K l", false);
}

Test(golden, children_that_could_not_be_asked_are_not_known)
{
    check_children("children-denied", 24, 80, "j j K", true);
    check_children("child-denied", 24, 80, "j j K j j Enter", true);
}

/* ---- contexts ---- */

#define LONG_NAME "an-environment-of-32-bytes-here-"
static const char all_of_it[] = "account = 123456789012\ncolour = red\n";
static const char other_account[] = "account = 999999999999\ncolour = yellow\n";

static void check_context(const char *golden, struct fixture f, int rows, int cols, bool ascii)
{
    fixture_open(&f, rows, cols, ascii);
    check_screen(&f, golden);
    fixture_close(&f);
}

Test(golden, the_header_names_the_context)
{
    struct fixture f = {.context = all_of_it, .name = "prod"};

    check_context("context-80x24", f, 24, 80, false);
    check_context("context-200x50", f, 50, 200, false);
}

Test(golden, a_long_name_of_a_context_is_cut_and_the_account_is_not)
{
    struct fixture f = {.context = other_account, .name = LONG_NAME};

    check_context("context-other-80x24", f, 24, 80, false);
    check_context("context-other-200x50", f, 50, 200, false);
    check_context("context-other-ascii", f, 24, 80, true);
    check_context("context-other-40x10", f, 10, 40, false);
    f.no_identity = true;
    check_context("context-not-known-80x24", f, 24, 80, false);
}

Test(golden, what_hides_a_context_s_value_stands_in_the_header)
{
    struct fixture f = {.context = "table = its-own\nbus = its-own\n", .name = "prod"};

    setenv("DYNAMODB_TABLE_NAME", "another", 1);
    setenv("EVENTBRIDGE_BUS_NAME", "another", 1);
    check_context("context-hidden-80x24", f, 24, 80, false);
}

/* The cell at the beginning of the context's name in the first row. */
static enum style style_of_name(const struct surface *s)
{
    for (int col = 0; col + 1 < s->cols; col++) {
        if (s->cells[col].text[0] == ' ' && s->cells[col].style >= ST_CONTEXT &&
            s->cells[col].style <= ST_CONTEXT_MAGENTA) {
            return (enum style)s->cells[col].style;
        }
    }
    return ST_TEXT;
}

Test(golden, each_colour_has_its_style)
{
    static const char *const names[COLOUR_COUNT] = {"",     "red",  "yellow", "green",
                                                    "cyan", "blue", "magenta"};

    for (int c = COLOUR_NONE; c < COLOUR_COUNT; c++) {
        char *ini = xasprintf("%s%s\n", c == COLOUR_NONE ? "" : "colour = ", names[c]);
        char *want = xasprintf("context%s%s", c == COLOUR_NONE ? "" : "-", names[c]);
        struct fixture f = {.context = ini, .name = "prod"};
        fixture_open(&f, 24, 80, false);
        cr_expect_str_eq(style_name(style_of_name(fixture_draw(&f))), want);
        fixture_close(&f);
        free(want);
        free(ini);
    }
}

static bool note_says(const struct fixture *f, const char *text)
{
    return strstr(f->model->desk.note, text) != NULL;
}

Test(golden, credentials_of_another_account_change_nothing)
{
    struct fixture f = {.context = other_account, .name = "prod"};

    fixture_open(&f, 24, 80, false);
    cr_expect(note_says(&f, "account 123456789012 is not 999999999999, that of context prod"),
              "it is told at once");
    fixture_keys(&f, "n");
    cr_expect_neq(f.model->desk.where.focus, PANE_FORM);
    fixture_keys(&f, "j x");
    cr_expect_not(f.model->desk.dialog.open);
    cr_expect(note_says(&f, "Nothing is changed"));
    fixture_close(&f);
}

Test(golden, changes_are_not_called_allowed_with_another_account)
{
    static const char *const contexts[] = {"account = 999999999999\n",
                                           "account = 999999999999\nread_only = yes\n"};

    for (size_t i = 0; i < sizeof contexts / sizeof *contexts; i++) {
        struct fixture f = {.context = contexts[i], .name = "prod"};
        fixture_open(&f, 24, 80, false);
        fixture_type(&f, ":rw prod");
        fixture_key(&f, "Enter");
        if (i == 1) {
            cr_assert(f.model->desk.dialog.open);
            fixture_key(&f, "y");
        }
        cr_expect(note_says(&f, "account 123456789012 is not 999999999999"), "%s",
                  f.model->desk.note);
        fixture_close(&f);
    }
}

Test(golden, a_read_only_context_is_lifted_by_its_name)
{
    struct fixture f = {.context = "read_only = yes\n", .name = "prod"};

    fixture_open(&f, 24, 80, false);
    check_screen(&f, "context-read-only-80x24");
    fixture_keys(&f, "j x");
    cr_expect_not(f.model->desk.dialog.open);
    cr_expect(note_says(&f, "Context prod is read-only"), "%s", f.model->desk.note);
    static const char *const wrong[] = {":rw", ":rw dev", ":rw Prod"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        fixture_type(&f, wrong[i]);
        fixture_key(&f, "Enter");
        cr_expect_not(f.model->desk.dialog.open, "%s", wrong[i]);
        cr_expect(f.model->desk.read_only);
        cr_expect(note_says(&f, "`:rw prod`"), "%s: %s", wrong[i], f.model->desk.note);
    }
    fixture_type(&f, ":rw prod");
    fixture_key(&f, "Enter");
    cr_assert(f.model->desk.dialog.open);
    cr_expect_not_null(strstr(f.model->desk.dialog.text, "Context prod: "));
    fixture_key(&f, "y");
    cr_expect_not(f.model->desk.read_only);
    fixture_close(&f);
}

Test(golden, statistics_at_80x24)
{
    check_after("stats-80x24", 24, 80, "6");
}

Test(golden, statistics_scrolled_to_the_groups)
{
    check_after("stats-groups", 24, 80, "6 b");
}

Test(golden, statistics_at_200x50_stand_side_by_side)
{
    check_after("stats-200x50", 50, 200, "6 b b");
}

Test(golden, statistics_at_40x10)
{
    check_after("stats-40x10", 10, 40, "6");
}

Test(golden, statistics_in_ascii)
{
    struct fixture f = {.rule_matches = true};

    fixture_open(&f, 24, 80, true);
    fixture_keys(&f, "6 PgDn");
    check_screen(&f, "stats-ascii");
    fixture_close(&f);
}

Test(golden, statistics_of_hostile_jobs)
{
    struct fixture f = {.rule_matches = true, .hostile = true};

    fixture_open(&f, 24, 80, false);
    fixture_keys(&f, "6 b");
    check_screen(&f, "stats-hostile");
    fixture_keys(&f, "Enter");
    check_screen(&f, "stats-hostile-jobs");
    fixture_close(&f);
}

Test(golden, search_in_logs)
{
    struct fixture f = {.rule_matches = true};

    fixture_open(&f, 24, 80, false);
    fixture_key(&f, ":");
    fixture_type(&f, "grep");
    fixture_key(&f, "Enter");
    check_screen(&f, "grep-nothing");
    fixture_key(&f, ":");
    fixture_type(&f, "grep disk full");
    fixture_key(&f, "Enter");
    check_screen(&f, "grep-80x24");
    fixture_key(&f, "j");
    fixture_resize(&f, 50, 200);
    check_screen(&f, "grep-200x50");
    fixture_resize(&f, 10, 40);
    check_screen(&f, "grep-40x10");
    fixture_keys(&f, "G k Enter");
    check_screen(&f, "grep-unknown-job");
    fixture_close(&f);
}

Test(golden, search_in_logs_that_failed)
{
    struct fixture f = {.rule_matches = true};

    fixture_open(&f, 24, 80, true);
    f.answers = ANSWER_EXPIRED;
    fixture_key(&f, ":");
    fixture_type(&f, "grep --since 2h \xc3\xa9");
    fixture_key(&f, "Enter");
    check_screen(&f, "grep-failed-ascii");
    fixture_close(&f);
}

/* The footer at a size: `keys` were pressed before. */
static void check_footer(int rows, int cols, const char *keys, const char *const *wants)
{
    struct fixture f = {.rule_matches = true};

    fixture_open(&f, rows, cols, false);
    fixture_keys(&f, keys);
    char *text = surface_text(fixture_draw(&f));
    for (; *wants != NULL; wants++) {
        cr_expect_not_null(strstr(text, *wants), "\"%s\" is missing at %d columns:\n%s", *wants,
                           cols, text);
    }
    free(text);
    fixture_close(&f);
}

Test(golden, the_footer_shows_help_command_and_back_and_what_matters_in_a_failure)
{
    static const char *const list[] = {"z failed  w why  H not started  5 doctor",
                                       "? help  : command  q back\n", NULL};
    static const char *const any[] = {"? help  : command  q back\n", NULL};

    check_footer(24, 80, "", list);
    check_footer(50, 200, "", list);
    check_footer(24, 80, "l", any);
    check_footer(50, 200, "3", any);
    check_footer(24, 80, "5", any);
}
