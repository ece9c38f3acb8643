/* The man pages, the pages of assets/ and the example of config.ini: what they say is so. */
#include <criterion/criterion.h>
#include <ctype.h>

#include "app/own.h"
#include "app_fixture.h"
#include "core/json.h"
#include "core/path.h"
#include "jobs/filter.h"
#include "src/app/columns.h"
#include "src/cli/ini_sections.h"
#include "src/cli/manual.h"
#include "ui/theme.h"

TestSuite(manual, .timeout = 120);

#define EXAMPLE "assets/config.example.ini"

static struct settings *example_load(void)
{
    extern char **environ;
    struct err e = {0};

    settings_free(fixture_settings()); /* sets the environment */
    for (size_t i = 0; i < SET_COUNT; i++) {
        if (setting_rows[i].env != NULL) {
            unsetenv(setting_rows[i].env);
        }
    }
    struct settings *s = settings_load(&(struct settings_sources){.config_ini = EXAMPLE}, &e);
    cr_assert_not_null(s, "%s", e.msg);
    return s;
}

static char *example_text(void)
{
    char *text = NULL;
    size_t len = 0;
    struct err e = {0};

    cr_assert_eq(path_read(EXAMPLE, 1 << 20, &text, &len, &e), E_OK, "%s", e.msg);
    return text;
}

/* Does a line begin with this setting, as a comment ("; token = ...") or not? */
static bool stands_there(const char *text, const char *key, bool comment)
{
    char *line = xasprintf("\n%s%s = ", comment ? "; " : "", key);
    bool found = strstr(text, line) != NULL;

    free(line);
    return found;
}

Test(manual, the_example_is_read_without_a_warning)
{
    struct settings *s = example_load();

    for (size_t i = 0; i < settings_warnings_len(s); i++) {
        cr_expect(false, "%s", settings_warning(s, i));
    }
    settings_free(s);
}

/* Only secrets and what would lead a reader away from AWS are comments. */
Test(manual, the_example_has_each_setting_and_its_values_are_taken)
{
    struct settings *s = example_load();
    char *text = example_text();

    for (size_t i = 0; i < SET_COUNT; i++) {
        const struct setting_row *r = &setting_rows[i];
        enum setting_origin from = settings_origin(s, r->id);
        bool comment = r->secret || r->id == SET_ENDPOINT_URL || r->id == SET_INSECURE_ENDPOINT;
        cr_expect(stands_there(text, r->ini, comment), "%s", r->ini);
        cr_expect(from == (comment ? ORIGIN_DEFAULT : ORIGIN_CONFIG) || from == ORIGIN_CONTEXT,
                  "%s is from %s", r->ini, settings_origin_text(s, r->id));
    }
    cr_expect_str_eq(settings_context(s), "staging");
    cr_expect_str_eq(settings_get(s, SET_PROFILE), "staging");
    cr_expect_str_eq(settings_get(s, SET_TABLE), "shop-development-jobs");
    cr_expect_str_eq(settings_get(s, SET_ALERT_QUIET), "22:00-07:00");
    cr_expect(settings_price(s, SET_PRICE_EC2_VCPU) > 0.0199);
    cr_expect_eq(settings_contexts_len(s), 2);
    cr_expect_str_eq(settings_context_at(s, 0).name, "prod");
    cr_expect_eq(settings_context_at(s, 0).colour, COLOUR_RED);
    free(text);
    settings_free(s);
}

static size_t count(const cJSON *own, const char *list)
{
    size_t n = 0;
    const cJSON *x = NULL;

    cJSON_ArrayForEach(x, json_array(own, list))
    {
        cr_expect_null(json_str(x, "mistake"), "%s: %s", json_str(x, "name"),
                       json_str(x, "mistake"));
        n++;
    }
    return n;
}

Test(manual, the_example_fills_keys_views_and_commands)
{
    struct settings *s = example_load();
    cJSON *own = own_json(s);
    const struct setting_key *keys = NULL;

    cr_expect_eq(count(own, "views"), 3);
    cr_expect_eq(count(own, "commands"), 4);
    cr_expect_eq(cJSON_GetArraySize(json_array(own, "keyWarnings")), 0);
    cr_expect_eq(settings_keys(s, &keys), 3);
    cJSON_Delete(own);
    settings_free(s);
}

/* `default_context` would ask for another account's credentials; the rest is the example as it is.
 */
Test(manual, the_dashboard_uses_the_example)
{
    static const struct job_spec specs[] = {
        {"job_1", "FAILED",    "alpha", "ann", "BUILDING",  NULL, 0, 100, 100},
        {"job_2", "COMPLETED", "beta",  "bob", "COMPLETED", NULL, 0, 200, 200},
    };
    char *text = example_text();
    struct bench b = bench_with_ini(text);

    bench_jobs(&b, TASK_LOAD, specs, 2);
    cr_expect_eq(b.m->desk.errors_len, 0, "%s", b.m->desk.errors[0].err.msg);
    cr_expect_eq(keymap_find(b.m->desk.keys, SCOPE_LIST, "M-x"), ACT_CANCEL);
    bench_key(&b, "F7");
    cr_expect_eq(store_rows(b.m->desk.store), 1, "the view failing");
    bench_command(&b, ":view slow");
    cr_expect_str_eq(b.m->jobs->list.filter_applied, "duration>1h /api|worker/");
    bench_command(&b, ":view mine");
    cr_expect_str_eq(b.m->jobs->list.filter_applied, "user:ann age<1d");
    bench_command(&b, ":view failing");
    bench_command(&b, ":notes");
    cr_expect_not_null(bench_task(&b, TASK_PROGRAM));
    free(text);
    bench_free(&b);
}

static const struct ini_section *section_named(const char *name)
{
    for (size_t i = 0; i < ini_sections_len; i++) {
        if (strcmp(ini_sections[i].name, name) == 0) {
            return &ini_sections[i];
        }
    }
    return NULL;
}

/* Does the text have it as a word of its own? */
static bool names_word(const char *text, const char *word)
{
    size_t len = strlen(word);

    for (const char *at = text; (at = strstr(at, word)) != NULL; at += len) {
        bool begins = at == text || strchr(" (,", at[-1]) != NULL;
        if (begins && strchr(",.) ", at[len]) != NULL && at[len] != '\0') {
            return true;
        }
    }
    return false;
}

Test(manual, each_section_that_has_settings_is_documented)
{
    for (size_t i = 0; i < SET_COUNT; i++) {
        cr_expect_not_null(section_named(setting_rows[i].section), "%s", setting_rows[i].section);
    }
}

Test(manual, the_section_ui_names_each_column_and_theme)
{
    const char *about = section_named("ui")->about;

    for (int i = 0; i < COL_COUNT; i++) {
        cr_expect(names_word(about, job_columns[i].name), "column %s", job_columns[i].name);
    }
    for (size_t i = 0; theme_list(i) != NULL; i++) {
        cr_expect(names_word(about, theme_list(i)), "theme %s", theme_list(i));
    }
}

Test(manual, each_example_of_the_filter_is_a_term)
{
    for (size_t i = 0; i < filter_terms_len; i++) {
        for (size_t k = 0; k < FILTER_TERMS_MAX && filter_terms[i].examples[k] != NULL; k++) {
            struct err e = {0};
            struct filter *f = filter_new(filter_terms[i].examples[k], &e);
            cr_expect_not_null(f, "%s", e.msg);
            filter_free(f);
        }
    }
}

/* The message about a field or a word that does not exist lists those that do. */
static void all_told(const char *wrong, const char *before, const char *prefix)
{
    struct err e = {0};
    char *list = NULL, *save = NULL;

    cr_assert_null(filter_new(wrong, &e));
    char *copy = xstrdup(e.msg);
    cr_assert_not_null(list = strstr(copy, before), "%s", e.msg);
    size_t told = 0;
    for (char *word = strtok_r(list + strlen(before), ", ", &save); word != NULL;
         word = strtok_r(NULL, ", ", &save)) {
        if (strcmp(word, "or") == 0) {
            break; /* "..., or put the text in quotes" */
        }
        bool found = false;
        size_t len = strlen(prefix);
        for (size_t i = 0; i < filter_terms_len; i++) {
            for (size_t k = 0; k < FILTER_TERMS_MAX && filter_terms[i].examples[k] != NULL; k++) {
                const char *x = filter_terms[i].examples[k];
                found = found || (strncmp(x, prefix, len) == 0 &&
                                  strncmp(x + len, word, strlen(word)) == 0 &&
                                  !islower((unsigned char)x[len + strlen(word)]));
            }
        }
        cr_expect(found, "no example has %s%s", prefix, word);
        told++;
    }
    cr_expect_gt(told, 8);
    free(copy);
}

Test(manual, each_field_of_the_filter_is_told)
{
    all_told("nosuchfield:x ", "give one of ", "");
    all_told("is:nosuchword ", "is not one of ", "is:");
}

Test(manual, each_action_is_in_the_list_of_keys)
{
    char *text = keymap_manual();

    for (size_t i = 0; i < key_bindings_len; i++) {
        char *end = xasprintf("\t%s\t%s\n", key_bindings[i].help, key_bindings[i].name);
        cr_expect_not_null(strstr(text, end), "%s", key_bindings[i].name);
        free(end);
    }
    free(text);
}

Test(manual, what_can_be_typed_is_listed)
{
    char *text = typed_manual();

    for (size_t i = 0; i < key_bindings_len; i++) {
        char *begin = xasprintf(":%s\t", key_bindings[i].name);
        cr_expect(!key_bindings[i].palette || strstr(text, begin) != NULL, "%s",
                  key_bindings[i].name);
        free(begin);
    }
    cr_expect_not_null(strstr(text, ":view\t"));
    free(text);
}

Test(manual, lines_end_at_blanks_outside_of_what_is_typed)
{
    char *lines = manual_lines(manual_precedence);
    char *one = manual_lines("a\n\nb `c d` e");
    size_t ends = 0;

    for (const char *at = lines; *at != '\0';) {
        size_t n = strcspn(at, "\n");
        cr_expect_lt(n, 120, "%.*s", (int)n, at);
        at += n + (at[n] == '\n');
        ends++;
    }
    cr_expect_gt(ends, 8);
    cr_expect_not_null(strstr(lines, "`mvpdash config --trust`"));
    cr_expect_str_eq(one, "a\n\nb `c d` e");
    free(lines);
    free(one);
}
