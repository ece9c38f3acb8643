/* Key table, palette, columns, layout. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <criterion/theories.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app_fixture.h"
#include "core/text.h"
#include "jobs_help.h"

static void utf8(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
}

TestSuite(keymap, .init = utf8);
TestSuite(columns, .init = utf8);

static const char *const action_names[] = {
#define ACTION_NAME(id) #id,
    ACTION_MAP(ACTION_NAME)
#undef ACTION_NAME
};

Test(keymap, every_action_is_in_the_table_with_help_and_a_name)
{
    for (int a = ACT_NONE + 1; a < ACTION_COUNT; a++) {
        const struct binding *b = binding_of((enum action)a);
        cr_assert_not_null(b, "%s is in no row", action_names[a]);
        cr_expect(b->help[0] != '\0' && b->name[0] != '\0' && b->scopes != 0);
        cr_expect(b->keys[0] != '\0' || b->palette, "%s cannot be reached", action_names[a]);
    }
}

Test(keymap, names_are_unique_and_typed_without_blanks)
{
    for (size_t i = 0; i < key_bindings_len; i++) {
        cr_expect_null(strpbrk(key_bindings[i].name, " =:"), "%s", key_bindings[i].name);
        for (size_t j = i + 1; j < key_bindings_len; j++) {
            cr_expect_str_neq(key_bindings[i].name, key_bindings[j].name);
        }
    }
}

Test(keymap, no_key_means_two_things_in_one_scope)
{
    struct keymap *k = keymap_new(NULL, 0);

    for (size_t i = 0; i < key_bindings_len; i++) {
        char *keys = xstrdup(key_bindings[i].keys), *save = NULL;
        for (char *key = strtok_r(keys, " ", &save); key != NULL;
             key = strtok_r(NULL, " ", &save)) {
            cr_expect(key_name_valid(key), "%s: %s", key_bindings[i].name, key);
            for (int s = 0; s < SCOPE_COUNT; s++) {
                if ((key_bindings[i].scopes & 1U << s) != 0) {
                    cr_expect_eq(keymap_find_only(k, (enum scope)s, key), key_bindings[i].action,
                                 "%s in %s is taken twice", key, scope_title((enum scope)s));
                }
            }
        }
        free(keys);
    }
    keymap_free(k);
}

Test(keymap, nothing_destructive_lies_on_keys_of_habit)
{
    static const char *const habit[] = {"C-d", "C-u", "C-k", "C-h", "C-j",    "C-l",      "C-a",
                                        "C-b", "C-c", "C-z", "C-s", "C-q",    "q",        "Esc",
                                        "j",   "k",   "h",   "l",   "Delete", "Backspace"};
    struct keymap *k = keymap_new(NULL, 0);

    for (size_t i = 0; i < sizeof habit / sizeof *habit; i++) {
        for (int s = 0; s < SCOPE_COUNT; s++) {
            enum action a = keymap_find(k, (enum scope)s, habit[i]);
            const struct binding *b = binding_of(a);
            cr_expect(b == NULL || !b->changes, "%s", habit[i]);
            cr_expect_neq(a, ACT_YES, "%s", habit[i]);
        }
    }
    keymap_free(k);
}

static const struct lookup_case {
    const char *name, *key;
    enum scope scope;
    enum action want;
} lookups[] = {
    {"j goes down",                   "j",     SCOPE_LIST,   ACT_DOWN      },
    {"narrow scope wins",             "1",     SCOPE_LOG,    ACT_LOG_HEAD  },
    {"global key in a list",          "r",     SCOPE_LIST,   ACT_REFRESH   },
    {"list key is not global",        "j",     SCOPE_ALL,    ACT_NONE      },
    {"a letter typed in the form",    "r",     SCOPE_FORM,   ACT_NONE      },
    {"a letter typed in a line",      "q",     SCOPE_INPUT,  ACT_NONE      },
    {"blank typed in a line",         "Space", SCOPE_INPUT,  ACT_NONE      },
    {"control key works in the form", "C-l",   SCOPE_FORM,   ACT_REDRAW    },
    {"help works in the form",        "F1",    SCOPE_FORM,   ACT_HELP      },
    {"F9 cancels",                    "F9",    SCOPE_LIST,   ACT_CANCEL    },
    {"F5 sends",                      "F5",    SCOPE_FORM,   ACT_SEND      },
    {"C-g sends",                     "C-g",   SCOPE_FORM,   ACT_SEND      },
    {"n is next match in text",       "n",     SCOPE_DETAIL, ACT_MATCH_NEXT},
    {"n is new in the list",          "n",     SCOPE_LIST,   ACT_NEW       },
    {"n is no in a question",         "n",     SCOPE_DIALOG, ACT_NO        },
    {"s follows in the log",          "s",     SCOPE_LOG,    ACT_FOLLOW    },
    {"Shift-N sorts by name",         "N",     SCOPE_LIST,   ACT_SORT_NAME },
    {"unknown key",                   "F12",   SCOPE_LIST,   ACT_NONE      },
};

ParameterizedTestParameters(keymap, finds_action)
{
    static size_t index[sizeof lookups / sizeof *lookups];
    for (size_t i = 0; i < sizeof lookups / sizeof *lookups; i++) {
        index[i] = i;
    }
    return cr_make_param_array(size_t, index, sizeof lookups / sizeof *lookups);
}

ParameterizedTest(size_t *i, keymap, finds_action)
{
    const struct lookup_case *c = &lookups[*i];
    struct keymap *k = keymap_new(NULL, 0);
    cr_expect_eq(keymap_find(k, c->scope, c->key), c->want, "%s", c->name);
    keymap_free(k);
}

Test(keymap, key_names_are_checked)
{
    static const char *const good[] = {
        "x",   "G",           "é",      "Space", "F1",   "F12",  "C-a",      "S-Tab", "C-Space",
        "M-x", "M-Backspace", "C-Left", "PgUp",  "C-F5", "S-F1", "S-Delete", "M-F4"};
    static const char *const bad[] = {"",   "xx", "C-",   "C-A", "C-i",   "F13", "F0",
                                      "up", "M-", "\x1b", "S-x", "C-M-x", " "};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        cr_expect(key_name_valid(good[i]), "%s", good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_expect_not(key_name_valid(bad[i]), "%s", bad[i]);
    }
}

Test(keymap, config_rebinds_and_takes_away)
{
    const struct setting_key keys[] = {
        {"cancel", "e", 12},
        {"retry",  "",  13}
    };
    struct keymap *k = keymap_new(keys, 2);

    cr_expect_eq(keymap_find(k, SCOPE_LIST, "e"), ACT_CANCEL);
    cr_expect_eq(keymap_find(k, SCOPE_LIST, "x"), ACT_NONE);
    cr_expect_eq(keymap_find(k, SCOPE_LIST, "T"), ACT_NONE);
    cr_expect_eq(keymap_warnings(k), 0);
    char *help = keymap_help(k, SCOPE_LIST);
    cr_expect_not_null(strstr(help, "\ne\tCancel"));
    free(help);
    keymap_free(k);
}

Test(keymap, conflicts_and_unknown_names_are_told_with_their_line)
{
    const struct setting_key keys[] = {
        {"cancel", "j",         3},
        {"cancle", "x",         4},
        {"retry",  "Hyper-x T", 5},
        {"send",   "s F8",      6},
    };
    struct keymap *k = keymap_new(keys, 4);
    char all[2000] = "";

    for (size_t i = 0; i < keymap_warnings(k); i++) {
        strncat(all, keymap_warning(k, i), sizeof all - strlen(all) - 2);
        strcat(all, "\n");
    }
    cr_expect_eq(keymap_warnings(k), 4, "%s", all);
    cr_expect_not_null(
        strstr(all, "config.ini:3: [keys] cancel: j was a key of \"down\", which still has "
                    "Down"));
    cr_expect_not_null(strstr(all, "config.ini:4: [keys] there is no action \"cancle\""));
    cr_expect_not_null(strstr(all, "config.ini:5: [keys] retry: \"Hyper-x\""));
    cr_expect_not_null(strstr(all, "config.ini:6: [keys] send: \"s\" is a character"));
    cr_expect_eq(keymap_find(k, SCOPE_LIST, "j"), ACT_CANCEL);
    cr_expect_eq(keymap_find(k, SCOPE_LIST, "Down"), ACT_DOWN, "the other key still works");
    cr_expect_eq(keymap_find(k, SCOPE_LIST, "T"), ACT_RETRY);
    cr_expect_eq(keymap_find(k, SCOPE_FORM, "F8"), ACT_SEND);
    keymap_free(k);
}

Test(keymap, keys_are_named_as_people_write_them)
{
    static const struct {
        const char *said, *name;
    } names[] = {
        {"f9",         "F9"     },
        {"F12",        "F12"    },
        {"ctrl-x",     "C-x"    },
        {"Ctrl+X",     "C-x"    },
        {"CONTROL-x",  "C-x"    },
        {"^x",         "C-x"    },
        {"^X",         "C-x"    },
        {"C-X",        "C-x"    },
        {"c-x",        "C-x"    },
        {"^",          "^"      },
        {"^i",         "Tab"    },
        {"ctrl-m",     "Enter"  },
        {"ctrl-[",     "Esc"    },
        {"alt-x",      "M-x"    },
        {"Meta+X",     "M-X"    },
        {"m-f3",       "M-F3"   },
        {"space",      "Space"  },
        {"SPACE",      "Space"  },
        {"ctrl-space", "C-Space"},
        {"pgdn",       "PgDn"   },
        {"PageDown",   "PgDn"   },
        {"page-up",    "PgUp"   },
        {"shift-tab",  "S-Tab"  },
        {"Shift+F3",   "S-F3"   },
        {"s-up",       "S-Up"   },
        {"return",     "Enter"  },
        {"escape",     "Esc"    },
        {"del",        "Delete" },
        {"comma",      ","      },
        {"x",          "x"      },
        {"X",          "X"      },
        {"-",          "-"      },
        {"+",          "+"      },
    };
    static const char *const none[] = {
        "hyper-x", "f13", "ctrl-", "ctrl", "pgsideways", "xx", "a-very-long-name-that-fills-it-"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char name[KEY_NAME_SIZE] = "";
        (void)snprintf(name, sizeof name, "%s", names[i].said);
        key_name_mend(name);
        cr_expect_str_eq(name, names[i].name, "%s", names[i].said);
        cr_expect(key_name_valid(name), "%s", name);
    }
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        char name[KEY_NAME_SIZE] = "";
        (void)snprintf(name, sizeof name, "%s", none[i]);
        key_name_mend(name);
        cr_expect_str_eq(name, none[i], "what is not a key is told as it was written");
        cr_expect_not(key_name_valid(name), "%s", name);
    }
}

Test(keymap, several_keys_with_commas_between_reach_one_action)
{
    static const char *const lists[] = {"x, F9", "x,F9", "x , f9", " x F9 ", "F9,x,"};

    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        const struct setting_key keys[] = {
            {"cancel", lists[i], 2}
        };
        struct keymap *k = keymap_new(keys, 1);
        cr_expect_eq(keymap_find(k, SCOPE_LIST, "x"), ACT_CANCEL, "%s", lists[i]);
        cr_expect_eq(keymap_find(k, SCOPE_LIST, "F9"), ACT_CANCEL, "%s", lists[i]);
        cr_expect_eq(keymap_find(k, SCOPE_LIST, ","), ACT_NONE, "%s", lists[i]);
        keymap_free(k);
    }
    const struct setting_key comma[] = {
        {"cancel", " , ",      2},
        {"retry",  "comma, r", 3}
    };
    struct keymap *k = keymap_new(comma, 1);
    cr_expect_eq(keymap_find(k, SCOPE_LIST, ","), ACT_CANCEL);
    keymap_free(k);
    k = keymap_new(comma + 1, 1);
    cr_expect_eq(keymap_find(k, SCOPE_LIST, ","), ACT_RETRY);
    keymap_free(k);
}

Test(keymap, a_key_that_is_taken_says_what_is_left)
{
    const struct setting_key keys[] = {
        {"cancel", "T", 2}
    };
    struct keymap *k = keymap_new(keys, 1);

    cr_assert_eq(keymap_warnings(k), 1);
    cr_expect_str_eq(keymap_warning(k, 0), "config.ini:2: [keys] cancel: T was the key of "
                                           "\"retry\", which has no key now");
    keymap_free(k);
}

Test(keymap, help_tells_of_every_binding)
{
    struct keymap *k = keymap_new(NULL, 0);
    char *help = keymap_help(k, SCOPE_COUNT);

    for (size_t i = 0; i < key_bindings_len; i++) {
        char *row = key_bindings[i].keys[0] != '\0'
                        ? xasprintf("\n%s\t%s\n", key_bindings[i].keys, key_bindings[i].help)
                        : xasprintf("\n:%s\t%s\n", key_bindings[i].name, key_bindings[i].help);
        cr_expect_not_null(strstr(help, row), "%s", key_bindings[i].name);
        free(row);
    }
    free(help);
    keymap_free(k);
}

/* ---- palette ---- */

Test(palette, every_command_it_offers_is_one_it_takes)
{
    struct palette p = {0};

    palette_open(&p);
    cr_expect_gt(p.len, 30);
    for (size_t i = 0; i < p.len; i++) {
        struct command c = palette_parse(p.rows[i].name);
        cr_expect_neq(c.id, CMD_UNKNOWN, "%s", p.rows[i].name);
        cr_expect(p.rows[i].help[0] != '\0');
    }
    palette_done(&p);
}

Test(palette, arguments_and_habits_are_understood)
{
    cr_expect_eq(palette_parse("q").action, ACT_QUIT);
    cr_expect_eq(palette_parse(":q!").action, ACT_QUIT);
    cr_expect_eq(palette_parse("ro").action, ACT_READ_ONLY);
    cr_expect_eq(palette_parse("Help").action, ACT_HELP);
    cr_expect_eq(palette_parse("filter  status:failed x").id, CMD_FILTER);
    cr_expect_str_eq(palette_parse("filter  status:failed x").argument, "status:failed x");
    cr_expect_eq(palette_parse("rw").action, ACT_READ_WRITE);
    cr_expect_eq(palette_parse(":rw prod").id, CMD_READ_WRITE);
    cr_expect_str_eq(palette_parse(":rw prod").argument, "prod");
    cr_expect_eq(palette_parse("quit now").id, CMD_UNKNOWN);
    cr_expect_eq(palette_parse("").id, CMD_UNKNOWN);
    cr_expect_eq(palette_parse("nonsense").id, CMD_UNKNOWN);
}

Test(palette, completion_goes_as_far_as_all_agree)
{
    struct palette p = {0};

    palette_open(&p);
    edit_set(&p.edit, "so");
    palette_update(&p);
    palette_complete(&p);
    cr_expect_str_eq(edit_text(&p.edit), "sort");
    edit_set(&p.edit, "fil");
    palette_update(&p);
    palette_complete(&p);
    cr_expect_str_eq(edit_text(&p.edit), "filter ");
    edit_set(&p.edit, "zzz");
    palette_update(&p);
    cr_expect_eq(p.len, 0);
    palette_complete(&p);
    cr_expect_str_eq(edit_text(&p.edit), "zzz");
    palette_done(&p);
}

/* ---- columns ---- */

Test(columns, table_is_whole)
{
    for (int i = 0; i < COL_COUNT; i++) {
        const struct column *c = &job_columns[i];
        cr_expect_eq((int)c->id, i);
        cr_expect(c->name[0] != '\0' && c->title[0] != '\0' && c->help[0] != '\0');
        cr_expect(c->min >= 1 && c->min <= c->width && c->width <= c->max, "%s", c->name);
        cr_expect_leq(text_width(c->title), c->max, "%s", c->name);
        cr_expect(c->text != COLUMN_NO_TEXT || (c->format != NULL && c->key != NULL), "%s",
                  c->name);
        for (int j = i + 1; j < COL_COUNT; j++) {
            cr_expect_str_neq(c->name, job_columns[j].name);
        }
    }
}

Test(columns, a_stuck_job_keeps_its_mark_however_long_its_word_is)
{
    static const struct {
        uint8_t status;
        bool stuck, drift;
        const char *want;
    } cases[] = {
        {JOB_IN_PROGRESS, true,  true,  "IN PROGRESS!"},
        {JOB_IN_PROGRESS, false, true,  "IN PROGRESS~"},
        {JOB_QUEUED,      true,  true,  "QUEUED!~"    },
        {JOB_QUEUED,      false, false, "QUEUED"      },
    };
    const struct column *c = &job_columns[COL_STATUS];
    const struct format_ctx x = {.ascii = true};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct job job = {.status = cases[i].status};
        struct entry e = {
            .job = &job,
            .state = {.status = cases[i].status,
                      .stuck = cases[i].stuck ? STUCK_NO_PROGRESS : STUCK_NO,
                      .drift = cases[i].drift},
        };
        enum style st = ST_TEXT;
        char cell[64];
        c->format(&e, &x, cell, sizeof cell, &st);
        cr_expect_str_eq(cell + 2, cases[i].want);
        cr_expect_leq(text_width(cell), c->width, "%s", cell);
    }
}

Test(columns, names_are_parsed_and_unknown_ones_told_with_the_choice)
{
    struct column_set s = column_set_default(), before = s;
    struct err e = {0};

    cr_expect_eq(column_set_parse("id, status status,AGE", &s, &e), E_OK);
    cr_expect_eq(s.len, 3);
    char *text = column_set_text(&s);
    cr_expect_str_eq(text, "id,status,age");
    free(text);
    s = before;
    cr_expect_eq(column_set_parse("status,nmae", &s, &e), E_INVALID);
    cr_expect_not_null(strstr(e.msg, "nmae"));
    cr_expect_not_null(strstr(e.msg, "name"));
    cr_expect_eq(memcmp(&s, &before, sizeof s), 0, "nothing changed");
    cr_expect_eq(column_set_parse(" , ", &s, &e), E_INVALID);
}

TheoryDataPoints(columns, fit_into_any_width) = {
    DataPoints(int, 1, 5, 20, 38, 40, 56, 78, 100, 118, 160, 200, 250),
    DataPoints(int, 0, 1),
};

Theory((int cells, int all), columns, fit_into_any_width)
{
    struct column_set s = column_set_default();
    struct column_slot slots[COL_COUNT];

    if (all) {
        s.len = 0;
        for (int i = 0; i < COL_COUNT; i++) {
            s.ids[s.len++] = (enum column_id)i;
        }
    }
    size_t n = columns_layout(&s, cells, false, slots);
    cr_assert_geq(n, 1);
    for (size_t i = 0; i < n; i++) {
        cr_assert_geq(slots[i].width, 1);
        cr_assert(i == 0 || slots[i].x == slots[i - 1].x + slots[i - 1].width + 1);
    }
    cr_assert_leq(slots[n - 1].x + slots[n - 1].width, cells);
    if (cells >= 38) {
        cr_assert_geq(n, 3, "status, name and one more at %d", cells);
    }
    if (cells == 78 && !all) {
        cr_assert_eq(n, s.len - 2,
                     "80 columns show all the default ones but the reason and when it should end");
        for (size_t i = 0; i < n; i++) {
            cr_expect_neq(slots[i].column->id, COL_REASON);
            cr_expect_neq(slots[i].column->id, COL_ETA);
        }
    }
    if (cells >= 118 && !all) {
        cr_assert_eq(n, s.len);
    }
}

/* The cell of the reason, and where the job comes in the order by it. */
static uint64_t reason_cell(const char *record, const char *batch, char cell[128], enum style *st)
{
    struct job *j = help_job(record);
    struct batch_job *b = batch == NULL ? NULL : help_batch(batch);
    struct entry e = {.job = j, .batch = b};
    struct format_ctx x = {0};

    job_state_merge(j, b, b != NULL, INT64_C(1755686000000), NULL, &e.state);
    *st = ST_TEXT;
    column_format(&job_columns[COL_REASON], &e, &x, cell, 128, st);
    uint64_t key = column_key(&job_columns[COL_REASON], &e, INT64_C(1755686000000));
    job_free(j);
    batch_job_free(b);
    return key;
}

Test(columns, the_reason_is_the_cause_and_sorts_alike_failures_together)
{
    static const char running[] = "'status':{'S':'IN_PROGRESS'}";
    static const char failed[] = "'status':{'S':'FAILED'}";
    static const char by_code[] =
        "{'jobId':'b','status':'FAILED','container':{'exitCode':%d,'reason':'%s'}}";
    char one[128], two[128], batch[256];
    enum style st;

    uint64_t none = reason_cell(running, NULL, one, &st);
    cr_expect_str_eq(one, "", "it did not fail");
    cr_expect_eq(none, UINT64_MAX, "and comes last");
    uint64_t unknown = reason_cell(failed, NULL, one, &st);
    cr_expect_str_eq(one, "unknown");
    cr_expect_eq(st, ST_DIM);
    (void)snprintf(batch, sizeof batch, by_code, 139, "DockerTimeoutError: task 81 gave up");
    uint64_t a = reason_cell(running, batch, one, &st);
    cr_expect_str_eq(one, "exit 139; DockerTimeoutError: task <n> gave up");
    cr_expect_eq(st, ST_BAD);
    (void)snprintf(batch, sizeof batch, by_code, 139, "DockerTimeoutError: task 9 gave up");
    cr_expect_eq(reason_cell(running, batch, two, &st), a);
    cr_expect_str_eq(one, two, "two of one cause");
    (void)snprintf(batch, sizeof batch, by_code, 139, "DockerTimeoutError: task 9 was lost");
    uint64_t other = reason_cell(running, batch, two, &st);
    cr_expect_neq(other, a);
    (void)snprintf(batch, sizeof batch, by_code, 2, "zzz");
    uint64_t smaller = reason_cell(running, batch, two, &st);
    cr_expect(smaller < a && smaller < other && a < unknown && unknown < none,
              "by code, then those without one");
}

Test(columns, outside_text_is_clean_in_every_cell)
{
    struct entry e = {0};
    const char *hostile = "a\033[2J\u202eb\n\xff";
    struct format_ctx x = {.now_ms = T0};

    e.job = fixture_job(&(struct job_spec){
        .id = "j\033]0;x\a", .name = hostile, .user = hostile, .step = hostile, .status = hostile});
    job_state_merge(e.job, NULL, false, T0, &state_rules_default, &e.state);
    for (int i = 0; i < COL_COUNT; i++) {
        char cell[256];
        enum style st = ST_TEXT;
        column_format(&job_columns[i], &e, &x, cell, sizeof cell, &st);
        cr_expect(text_utf8_valid(cell, strlen(cell)));
        for (const char *p = cell; *p != '\0';) {
            uint32_t cp = 0;
            p += text_utf8_decode(p, strlen(p), &cp);
            cr_expect_not(text_is_dangerous(cp), "%s", job_columns[i].name);
        }
    }
    job_free(e.job);
}

Test(columns, long_text_is_cut_on_a_character)
{
    struct entry e = {0};
    struct format_ctx x = {.now_ms = T0};
    char cell[8];
    enum style st = ST_TEXT;

    e.job = fixture_job(&(struct job_spec){.id = "j", .name = "\u4e2d\u4e2d\u4e2d\u4e2d\u4e2d"});
    column_format(&job_columns[COL_NAME], &e, &x, cell, sizeof cell, &st);
    cr_expect_str_eq(cell, "\u4e2d\u4e2d");
    job_free(e.job);
}

/* ---- layout ---- */

static bool inside(struct rect r, int rows, int cols)
{
    return r.rows == 0 || r.cols == 0 ||
           (r.row >= 0 && r.col >= 0 && r.row + r.rows <= rows && r.col + r.cols <= cols);
}

static bool apart(struct rect a, struct rect b)
{
    return a.rows == 0 || b.rows == 0 || a.cols == 0 || b.cols == 0 || a.row + a.rows <= b.row ||
           b.row + b.rows <= a.row || a.col + a.cols <= b.col || b.col + b.cols <= a.col;
}

TheoryDataPoints(layout, parts_are_inside_and_never_overlap) = {
    DataPoints(int, 1, 9, 10, 12, 24, 36, 42, 70),
    DataPoints(int, 10, 39, 40, 79, 80, 119, 120, 160, 250),
    DataPoints(int, 0, 1, 2),
    DataPoints(int, 0, 1, 2, 3),
};

Theory((int rows, int cols, int focus, int flags), layout, parts_are_inside_and_never_overlap)
{
    struct layout_want w = {.focus = (enum pane)focus,
                            .side = PANE_DETAIL,
                            .header = (flags & 1) != 0,
                            .full = (flags & 2) != 0};
    struct layout l = layout_compute(rows, cols, &w);
    struct rect parts[] = {l.header,  l.summary, l.pane[0], l.pane[1],
                           l.pane[2], l.divider, l.status,  l.footer};

    cr_assert_eq(l.too_small, rows < 10 || cols < 40);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        cr_assert(inside(parts[i], rows, cols));
        for (size_t j = i + 1; j < sizeof parts / sizeof *parts; j++) {
            cr_assert(apart(parts[i], parts[j]), "%zu and %zu", i, j);
        }
    }
    cr_assert(inside(l.window, rows, cols) && inside(l.dialog, rows, cols) &&
              inside(l.menu, rows, cols));
    if (!l.too_small) {
        cr_assert_geq(l.pane[focus].rows, 5, "the focused pane shows");
        cr_assert_geq(layout_list_rows(l.pane[focus]).rows, 3);
        if (cols >= 120 && (flags & 2) == 0) {
            cr_assert_geq(l.pane[PANE_LIST].cols, 60, "the list stays beside the others");
        }
    }
}
