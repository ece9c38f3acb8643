/* Views that have a name: what a line of [views] may say, `:view`, and what is kept. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "app_fixture.h"
#include "core/path.h"

TestSuite(saved_view, .timeout = 120);

/* ---- the line ---- */

static const struct good_case {
    const char *text, *filter, *sort, *columns, *states;
} good[] = {
    {"status:failed",                          "status:failed",   "",         "",             ""                 },
    {"|-age",                                  "",                "-age",     "",             ""                 },
    {"a b | duration | status, name | failed", "a b",             "duration", "status, name", "failed"           },
    {"| | | failing",                          "",                "",         "",             "failing"          },
    {"|||Stuck,in_progress",                   "",                "",         "",             "Stuck,in_progress"},
    {"/a|b\\/|c/ | name",                      "/a|b\\/|c/",      "name",     "",             ""                 },
    {"!/x|y/ user:ann",                        "!/x|y/ user:ann", "",         "",             ""                 },
    {"name:\"a | b\" | | |all",                "name:\"a | b\"",  "",         "",             "all"              },
};

ParameterizedTestParameters(saved_view, a_line_has_four_parts)
{
    static size_t index[sizeof good / sizeof *good];
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        index[i] = i;
    }
    return cr_make_param_array(size_t, index, sizeof good / sizeof *good);
}

ParameterizedTest(size_t *i, saved_view, a_line_has_four_parts)
{
    const struct good_case *c = &good[*i];
    struct saved_view v = {0};
    struct err e = {0};

    cr_assert_eq(saved_view_parse(c->text, &v, &e), E_OK, "%s: %s", c->text, e.msg);
    cr_expect_str_eq(v.filter, c->filter);
    cr_expect_str_eq(v.sort, c->sort);
    cr_expect_str_eq(v.columns, c->columns);
    cr_expect_str_eq(v.states, c->states);
    char *text = saved_view_text(&v);
    struct saved_view again = {0};
    cr_expect_eq(saved_view_parse(text, &again, &e), E_OK, "%s: %s", text, e.msg);
    cr_expect_str_eq(again.filter, v.filter);
    cr_expect_str_eq(again.states, v.states);
    free(text);
    saved_view_done(&v);
    saved_view_done(&again);
}

static const struct bad_case {
    const char *text, *why;
} bad[] = {
    {"",                       "the view is empty"             },
    {" | | | ",                "the view is empty"             },
    {"a | age | name | all |", "more than four parts"          },
    {"| | | | |",              "more than four parts"          },
    {"| agee",                 "there is no column \"agee\""   },
    {"| --age",                "there is no column \"--age\""  },
    {"| | status,nom",         "there is no column \"nom\""    },
    {"| | ,",                  "name at least one"             },
    {"| | | sleeping",         "there is no state \"sleeping\""},
    {"age>soon",               "age"                           },
    {"/a | age",               "has no end"                    },
    {"\"a | age",              "has no end"                    },
    {"/(/",                    "regular expression"            },
    {"a\xff",                  "UTF-8"                         },
};

ParameterizedTestParameters(saved_view, a_mistake_names_its_part)
{
    static size_t index[sizeof bad / sizeof *bad];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        index[i] = i;
    }
    return cr_make_param_array(size_t, index, sizeof bad / sizeof *bad);
}

ParameterizedTest(size_t *i, saved_view, a_mistake_names_its_part)
{
    struct saved_view v = {0};
    struct err e = {0};

    cr_expect_eq(saved_view_parse(bad[*i].text, &v, &e), E_INVALID, "%s", bad[*i].text);
    cr_expect_not_null(strstr(e.msg, bad[*i].why), "%s", e.msg);
    saved_view_done(&v);
}

Test(saved_view, states_are_words_and_come_back_as_words)
{
    struct chips c;
    struct err e = {0};

    for (uint32_t set = 0; set < 1U << JOB_STATUS_COUNT; set++) {
        uint32_t both = 1U << JOB_NO_STATUS | 1U << JOB_OTHER_STATUS;
        for (int stuck = 0; (set & both) != 1U && (set & both) != 2U && stuck < 2; stuck++) {
            struct chips want = {.statuses = set, .stuck = stuck != 0};
            char *words = chips_words(want);
            cr_assert_eq(chips_parse(words, &c, &e), E_OK, "%s: %s", words, e.msg);
            cr_assert_eq(c.statuses, want.statuses, "%s", words);
            cr_assert_eq(c.stuck, want.stuck, "%s", words);
            free(words);
        }
    }
    cr_expect_eq(chips_parse("failed, all", &c, &e), E_OK);
    cr_expect(c.statuses == 0 && !c.stuck);
}

/* ---- the dashboard ---- */

static const struct job_spec specs[] = {
    {.id = "job_1", .status = "IN_PROGRESS", .name = "Alpha", .created_s = 3},
    {.id = "job_2", .status = "FAILED",      .name = "Beta",  .created_s = 2},
    {.id = "job_3", .status = "COMPLETED",   .name = "Gamma", .created_s = 1},
};

static struct bench with_ini(const char *ini)
{
    struct bench b = bench_with_ini(ini);

    bench_jobs(&b, TASK_LOAD, specs, 3);
    return b;
}

Test(saved_view, a_command_and_a_key_apply_a_view)
{
    struct bench b = with_ini("[keys]\nview bad = F7, M-v\n"
                              "[views]\nbad = | -name | status,name | failing\nfew = alpha\n");

    cr_expect_eq(b.m->desk.errors_len, 0);
    bench_key(&b, "3");
    bench_key(&b, "F7");
    cr_expect_eq(b.m->desk.where.view, VIEW_JOBS, "from any screen");
    cr_expect_eq(store_rows(b.m->desk.store), 1);
    cr_expect_eq(store_sort(b.m->desk.store).column, COL_NAME);
    cr_expect(store_sort(b.m->desk.store).descending);
    cr_expect_eq(b.m->jobs->list.columns.len, 2);
    bench_command(&b, ":view few");
    cr_expect_eq(store_rows(b.m->desk.store), 1);
    cr_expect_str_eq(b.m->jobs->list.cursor, "job_1");
    cr_expect(store_chips(b.m->desk.store).statuses == 0 && !store_chips(b.m->desk.store).stuck);
    cr_expect_eq(b.m->jobs->list.columns.len, 2, "empty columns leave what there is");
    cr_expect_eq(store_sort(b.m->desk.store).column, COL_NAME);
    bench_key(&b, "M-v");
    cr_expect_str_eq(b.m->jobs->list.cursor, "job_2", "the second key of the row");
    cr_expect_null(b.m->jobs->list.filter_applied);
    bench_key(&b, "/");
    bench_key(&b, "F7");
    cr_expect(b.m->desk.line.open, "no key of a person works while text is typed");
    bench_key(&b, "Esc");
    bench_command(&b, ":view nothing");
    cr_expect_not_null(strstr(b.m->desk.note, "There is no view \"nothing\""));
    bench_free(&b);
}

Test(saved_view, tab_completes_names)
{
    struct bench b = with_ini("[views]\nfailing = | | | failing\nfailed-today = age<1d\n");

    bench_type(&b, ":view fa");
    bench_key(&b, "Tab");
    cr_expect_str_eq(edit_text(&b.m->desk.palette.edit), "view fail");
    bench_type(&b, "i");
    bench_key(&b, "Tab");
    cr_expect_str_eq(edit_text(&b.m->desk.palette.edit), "view failing");
    bench_key(&b, "Enter");
    cr_expect_eq(store_rows(b.m->desk.store), 1);
    bench_type(&b, ":fil");
    bench_key(&b, "Tab");
    cr_expect_str_eq(edit_text(&b.m->desk.palette.edit), "filter ", "as ever");
    bench_type(&b, "x");
    bench_key(&b, "Tab");
    cr_expect_str_eq(edit_text(&b.m->desk.palette.edit), "filter x");
    bench_key(&b, "Esc");
    bench_free(&b);
}

Test(saved_view, a_mistake_spoils_its_own_line_and_names_file_and_line)
{
    struct bench b =
        with_ini("[views]\nnocol = | nope\nnostate = | | | nope\ngood = beta\n"
                 "nothing =\nsave = beta\ngood = alpha\nno equals sign\nodd'name = a\n");

    cr_expect(bench_told(&b, ":2 [views] nocol: sort: there is no column \"nope\""));
    cr_expect(bench_told(&b, ":3 [views] nostate: states: there is no state \"nope\""));
    cr_expect(bench_told(&b, ":5 [views] nothing: the view is empty"));
    cr_expect(bench_told(&b, ":6 [views] save: `:view save` is a command"));
    cr_expect(
        bench_told(&b, ":7 [views] good: the name is given again (line 4, the first, is used)"));
    cr_expect(bench_told(&b, ":8 [views]: expected name = value"));
    cr_expect(bench_told(&b, ":9 [views] odd'name: \"odd'name\" is no name"));
    cr_expect_eq(b.m->desk.errors_len, 7);
    bench_command(&b, ":view good");
    cr_expect_str_eq(b.m->jobs->list.cursor, "job_2");
    bench_command(&b, ":view nocol");
    cr_expect_not_null(strstr(b.m->desk.note, "there is no column"));
    bench_free(&b);
}

Test(saved_view, what_is_kept_comes_before_config_ini_and_can_be_dropped)
{
    struct bench b = with_ini("[views]\nmine = alpha\n");

    bench_command(&b, ":filter beta");
    bench_command(&b, ":sort -duration");
    bench_command(&b, ":view save mine");
    cr_expect_not_null(strstr(b.m->desk.note, "it replaces the one in config.ini"));
    cr_expect_not_null(bench_effect(&b, EFF_PREFS), "it is kept at once");
    bench_command(&b, ":filter");
    bench_command(&b, ":view mine");
    cr_expect_str_eq(b.m->jobs->list.filter_applied, "beta");
    char *kept = model_watched(b.m);
    struct bench later = with_ini("[views]\nmine = alpha\n");
    model_load_watched(later.m, kept, strlen(kept));
    bench_command(&later, ":view mine");
    cr_expect_str_eq(later.m->jobs->list.filter_applied, "beta");
    cr_expect_eq(store_sort(later.m->desk.store).column, COL_DURATION);
    bench_command(&later, ":view delete mine");
    cr_expect_not_null(strstr(later.m->desk.note, "the one in config.ini is in force again"));
    bench_command(&later, ":view mine");
    cr_expect_str_eq(later.m->jobs->list.filter_applied, "alpha");
    bench_command(&later, ":view delete mine");
    cr_expect_not_null(strstr(later.m->desk.note, "[views] of config.ini"));
    bench_command(&later, ":view save a\"b");
    cr_expect_not_null(strstr(later.m->desk.note, "is no name of a view"));
    bench_command(&later, ":view save");
    cr_expect_not_null(strstr(later.m->desk.note, "needs the name"));
    free(kept);
    bench_free(&later);
    bench_free(&b);
}

Test(saved_view, the_menu_applies_the_row)
{
    struct bench b = with_ini("[views]\none = alpha\ntwo = beta\nbad = | no\n");

    bench_command(&b, ":view");
    cr_assert(b.m->desk.menu.open);
    cr_expect_eq(b.m->desk.menu.rows.len, 2, "the one with a mistake is not offered");
    bench_key(&b, "Down");
    bench_key(&b, "Enter");
    cr_expect_not(b.m->desk.menu.open);
    cr_expect_str_eq(b.m->jobs->list.filter_applied, "beta");
    bench_free(&b);
    b = with_ini("");
    bench_command(&b, ":view");
    cr_expect_not(b.m->desk.menu.open);
    cr_expect_not_null(strstr(b.m->desk.note, "There is no view yet"));
    bench_free(&b);
}

Test(saved_view, damaged_documents_are_ignored)
{
    static const char *const texts[] = {
        "{\"views\":1}",
        "{\"views\":[1,null,{}]}",
        "{\"views\":[{\"name\":\"x\",\"sort\":\"nope\"}]}",
        "{\"views\":[{\"name\":\"a b\",\"filter\":\"x\"}]}",
        "{\"views\":[{\"name\":\"save\",\"filter\":\"x\"}]}",
        "{\"views\":[{\"name\":\"\",\"filter\":\"x\"}]}",
        "[",
    };
    struct bench b = with_ini("");

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        model_load_watched(b.m, texts[i], strlen(texts[i]));
        cr_expect_eq(b.m->views.len, 0, "%s", texts[i]);
    }
    char many[8000] = "{\"views\":[";
    for (int i = 0; i < 50; i++) {
        char one[64];
        snprintf(one, sizeof one, "%s{\"name\":\"v%d\",\"filter\":\"x\"}", i > 0 ? "," : "", i);
        strcat(many, one);
    }
    strcat(many, "]}");
    model_load_watched(b.m, many, strlen(many));
    cr_expect_eq(b.m->views.len, SAVED_VIEWS_KEPT_MAX);
    bench_command(&b, ":view save one-more");
    cr_expect_not_null(strstr(b.m->desk.note, "32 views are kept, which is the limit"));
    bench_free(&b);
}

Test(saved_view, a_key_that_is_taken_is_told)
{
    struct bench b = with_ini("[keys]\nview x = T nokey\nview a'b = F7\nview y = W\ncancel = W\n"
                              "[views]\nx = alpha\n");

    cr_expect(bench_told(&b, "config.ini:2: [keys] view x: T was the key of \"retry\""));
    cr_expect(bench_told(&b, "config.ini:2: [keys] view x: \"nokey\" is not a key"));
    cr_expect(bench_told(&b, "config.ini:3: [keys] there is no action \"view a'b\""));
    cr_expect(bench_told(&b, "config.ini:5: [keys] cancel: W was the key of \"view y\""));
    bench_key(&b, "T");
    cr_expect_not(b.m->desk.dialog.open);
    cr_expect_str_eq(b.m->jobs->list.cursor, "job_1");
    char *help = keymap_help(b.m->desk.keys, SCOPE_LIST);
    cr_expect_not_null(strstr(help, "\nT\tThe view x\n"));
    free(help);
    bench_free(&b);
}

Test(saved_view, the_example_of_the_readme_is_one)
{
    char *text = NULL;
    size_t len = 0;
    struct err e = {0};

    cr_assert_eq(path_read("README.md", 1 << 20, &text, &len, &e), E_OK, "%s", e.msg);
    char *from = strstr(text, "<!-- own views -->\n"), *to = strstr(text, "<!-- /own views -->");
    cr_assert(from != NULL && to != NULL);
    *to = '\0';
    struct bench b = with_ini(strchr(from, '\n'));
    cr_expect_eq(b.m->desk.errors_len, 0, "%s", b.m->desk.errors[0].err.msg);
    bench_key(&b, "F7");
    cr_expect_eq(store_rows(b.m->desk.store), 1);
    bench_command(&b, ":view slow");
    cr_expect_str_eq(b.m->jobs->list.filter_applied, "duration>1h /api|worker/");
    bench_command(&b, ":view mine");
    cr_expect_str_eq(b.m->jobs->list.filter_applied, "user:ann age<1d");
    free(text);
    bench_free(&b);
}
