/* The settings: their sources, precedence and checks. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/settings.h"
#include "core/path.h"
#include "core/rand.h"
#include "src/config/inifile.h"

/* Each test is a process of its own, in a folder of its own, with nothing in the environment. */
static char home[] = "/tmp/mvpdash-settings.XXXXXX";

static void enter(void)
{
    extern char **environ;

    cr_assert_not_null(mkdtemp(home));
    cr_assert_eq(chdir(home), 0);
    for (size_t i = 0; i < SET_COUNT; i++) {
        if (setting_rows[i].env != NULL) {
            unsetenv(setting_rows[i].env);
        }
    }
    for (char **v = environ; *v != NULL;) {
        if (strncmp(*v, "AWS_", 4) == 0) {
            char name[128];
            (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(*v, "="), *v);
            unsetenv(name);
            v = environ;
        } else {
            v++;
        }
    }
    setenv("XDG_CONFIG_HOME", home, 1);
    setenv("HOME", home, 1);
}

static void leave(void)
{
    struct err e;

    cr_expect_eq(chdir("/"), 0);
    cr_expect_eq(path_remove_tree(home, &e), E_OK);
}

TestSuite(settings, .init = enter, .fini = leave, .timeout = 120);

static void put(const char *path, const char *text)
{
    struct err e;

    cr_assert_eq(path_write_atomic(path, text, strlen(text), 0600, &e), E_OK, "%s", e.msg);
}

static struct settings *load_ok(const struct settings_sources *src)
{
    struct err e = {0};
    struct settings *s = settings_load(src, &e);

    cr_assert_not_null(s, "%s", e.msg);
    return s;
}

Test(settings, each_row_can_be_found_and_explained)
{
    for (int i = 0; i < SET_COUNT; i++) {
        const struct setting_row *r = &setting_rows[i];
        cr_expect_eq((int)r->id, i);
        cr_expect(r->ini != NULL && r->section != NULL && r->help != NULL && r->help[0] != '\0');
        for (int j = 0; j < i; j++) {
            const struct setting_row *o = &setting_rows[j];
            cr_expect(strcmp(r->ini, o->ini) != 0, "%s twice", r->ini);
            cr_expect(r->env == NULL || o->env == NULL || strcmp(r->env, o->env) != 0);
            cr_expect(r->flag == NULL || o->flag == NULL || strcmp(r->flag, o->flag) != 0);
        }
    }
}

Test(settings, defaults_are_those_of_the_contract)
{
    struct settings *s = load_ok(&(struct settings_sources){0});

    cr_expect_str_eq(settings_get(s, SET_REGION), "us-east-1");
    cr_expect_str_eq(settings_get(s, SET_BUS), "mvp-development");
    cr_expect_str_eq(settings_get(s, SET_TABLE), "mvp-development-jobs");
    cr_expect_str_eq(settings_get(s, SET_BATCH_LOG_GROUP), "/aws/batch/job");
    cr_expect_null(settings_get(s, SET_DATABASE_URL));
    cr_expect_eq(settings_origin(s, SET_REGION), ORIGIN_DEFAULT);
    cr_expect_str_eq(settings_origin_text(s, SET_PROFILE), "default");
    settings_free(s);
}

Test(settings, prices_have_defaults_and_a_mistake_spoils_its_key_alone)
{
    struct settings *s = load_ok(&(struct settings_sources){0});

    cr_expect_eq((int)(settings_price(s, SET_PRICE_FARGATE_VCPU) * 100000 + 0.5), 4048);
    cr_expect(settings_price(s, SET_PRICE_EC2_VCPU) <= 0, "EC2 has no default");
    settings_free(s);
    put("c.ini", "[cost]\nfargate_vcpu = 0.05\nfargate_gb = 0,004\nec2_vcpu = .5\n"
                 "ec2_gb = 1e-3\nfargate_spot_vcpu = -1\nfargate_spot_gb = 0\n"
                 "fargate_arm_vcpu = $0.03\nfargate_arm_gb = 1001\nfargate_disk_gb = 0.0001 USD\n"
                 "[context prod]\nec2_vcpu = 0.02\nec2_gb = cheap\n");
    s = load_ok(&(struct settings_sources){.config_ini = "c.ini"});
    cr_expect(settings_price(s, SET_PRICE_FARGATE_VCPU) > 0.049);
    for (int id = SET_PRICE_FARGATE_GB; id <= SET_PRICE_EC2_GB; id++) {
        cr_expect(settings_price(s, (enum setting_id)id) <= 0, "%s", setting_rows[id].ini);
    }
    cr_assert_eq(settings_warnings_len(s), 8);
    cr_expect_str_eq(settings_warning(s, 0),
                     "c.ini:3: \"0,004\" is not a fargate_gb; expected USD for an hour as a plain "
                     "number above 0, such as 0.04048; the price is not known then");
    settings_free(s);
    const struct setting_flag flag = {SET_CONTEXT, "prod"};
    s = load_ok(&(struct settings_sources){.config_ini = "c.ini", .flags = &flag, .flags_len = 1});
    cr_expect(settings_price(s, SET_PRICE_EC2_VCPU) > 0.019, "the context's price counts");
    cr_expect(settings_price(s, SET_PRICE_EC2_GB) <= 0);
    cr_expect_str_eq(
        settings_warning(s, settings_warnings_len(s) - 1),
        "c.ini:13 [context prod]: \"cheap\" is not an ec2_gb; expected USD for an "
        "hour as a plain number above 0, such as 0.04048; the price is not known then");
    cr_expect_null(settings_context_at(s, 0).mistake, "the context is not spoiled");
    settings_free(s);
}

Test(settings, each_source_beats_the_next_one_down)
{
    put("config.ini", "[names]\ntable = from-ini\nbus=from-ini\nqueue = from-ini\nrule=from-ini\n");
    cr_assert_eq(mkdir("mvpdash", 0700), 0);
    cr_assert_eq(rename("config.ini", "mvpdash/config.ini"), 0);
    put(".env.eventbridge", "# x\nexport DYNAMODB_TABLE_NAME=from-file\n"
                            "EVENTBRIDGE_BUS_NAME=from-file\nBATCH_JOB_QUEUE=from-file\n");
    setenv("DYNAMODB_TABLE_NAME", "from-env", 1);
    setenv("EVENTBRIDGE_BUS_NAME", "from-env", 1);
    struct setting_flag flag = {SET_TABLE, "from-flag"};
    struct settings *s = load_ok(&(struct settings_sources){.flags = &flag, .flags_len = 1});

    cr_expect_str_eq(settings_get(s, SET_TABLE), "from-flag");
    cr_expect_str_eq(settings_origin_text(s, SET_TABLE), "flag --table");
    cr_expect_str_eq(settings_flag(s, SET_TABLE), "from-flag");
    cr_expect_str_eq(settings_get(s, SET_BUS), "from-env");
    cr_expect_str_eq(settings_origin_text(s, SET_BUS), "environment EVENTBRIDGE_BUS_NAME");
    cr_expect_null(settings_flag(s, SET_BUS));
    cr_expect_str_eq(settings_get(s, SET_QUEUE), "from-file");
    cr_expect_str_eq(settings_origin_text(s, SET_QUEUE), "./.env.eventbridge:4");
    cr_expect_str_eq(settings_get(s, SET_RULE), "from-ini");
    cr_expect_eq(settings_origin(s, SET_RULE), ORIGIN_CONFIG);
    cr_expect(strstr(settings_origin_text(s, SET_RULE), "config.ini:5") != NULL);
    settings_free(s);
}

Test(settings, either_name_of_the_region_counts_within_its_level)
{
    put(".env.eventbridge", "AWS_REGION=eu-west-3\n");
    setenv("AWS_DEFAULT_REGION", "eu-west-1", 1);
    struct settings *s = load_ok(&(struct settings_sources){0});
    cr_expect_str_eq(settings_get(s, SET_REGION), "eu-west-1");
    settings_free(s);

    setenv("AWS_REGION", "eu-west-2", 1);
    s = load_ok(&(struct settings_sources){0});
    cr_expect_str_eq(settings_get(s, SET_REGION), "eu-west-2");
    settings_free(s);
}

Test(settings, an_empty_value_counts_as_unset)
{
    put(".env.eventbridge", "DYNAMODB_TABLE_NAME=\n");
    setenv("DYNAMODB_TABLE_NAME", "", 1);
    struct settings *s = load_ok(&(struct settings_sources){0});
    cr_expect_str_eq(settings_get(s, SET_TABLE), "mvp-development-jobs");
    settings_free(s);
}

Test(settings, a_bad_value_says_where_it_stands_and_what_would_do)
{
    struct err e;

    setenv("AWS_REGION", "evil.example.com/", 1);
    cr_expect_null(settings_load(&(struct settings_sources){0}, &e));
    cr_expect_eq(e.code, E_CONFIG);
    cr_expect(strstr(e.msg, "AWS_REGION") != NULL && strstr(e.msg, "us-east-1") != NULL, "%s",
              e.msg);
    unsetenv("AWS_REGION");

    struct setting_flag flag = {SET_ENDPOINT_URL, "ftp://user:hunter2@h"};
    cr_expect_null(settings_load(&(struct settings_sources){.flags = &flag, .flags_len = 1}, &e));
    cr_expect_eq(e.code, E_INVALID);
    cr_expect(strstr(e.msg, "--endpoint-url") != NULL && strstr(e.msg, "http://") != NULL);
    cr_expect_null(strstr(e.msg, "hunter2"));

    flag = (struct setting_flag){SET_TABLE, ""};
    cr_expect_null(settings_load(&(struct settings_sources){.flags = &flag, .flags_len = 1}, &e));
    cr_expect_eq(e.code, E_INVALID);
}

Test(settings, a_foreign_line_of_an_env_file_is_a_warning)
{
    put("x.env", "set -a\neval $(other tool)\nexport AWS_REGION = 'eu-west-1' # ours\n");
    struct settings *s = load_ok(&(struct settings_sources){.env_file = "x.env"});
    cr_expect_str_eq(settings_get(s, SET_REGION), "eu-west-1");
    cr_assert_eq(settings_warnings_len(s), 1);
    cr_expect_not_null(strstr(settings_warning(s, 0), "x.env:2: expected KEY=VALUE"));
    settings_free(s);
}

Test(settings, a_named_file_that_is_missing_is_an_error)
{
    struct err e;

    cr_expect_null(settings_load(&(struct settings_sources){.env_file = "nope.env"}, &e));
    cr_expect_eq(e.code, E_CONFIG);
    cr_expect(strstr(e.msg, "nope.env") != NULL);
    cr_expect_null(settings_load(&(struct settings_sources){.config_ini = "nope.ini"}, &e));
    cr_expect_eq(e.code, E_CONFIG);
}

/* Every kind of line that cannot be used: what it says, what it was to say, and whether anything is
 * written while it stands there. */
static const struct spoiled {
    const char *lines; /* of config.ini; the last line is the bad one */
    const char *says;
    bool unsafe;
} spoiled[] = {
    {"[names]\nqueue\n",                  ":2: expected name = value",                         true },
    {"[names]\ntable = mvp prod\n",       ":2: \"mvp prod\" is not a table; expected",         true },
    {"[names]\ntabel = x\n",              ":2: unknown key \"tabel\"; did you mean",           true },
    {"[names]\n!\n",                      ":2: expected name = value",                         true },
    {"[names]\nbatch_log_group = a b\n",  ":2: \"a b\" is not a batch_log_group",              false},
    {"[names]\ntable\xff = x\n",          ":2: the line is not UTF-8 text",                    true },
    {"[ui]\ntable = x\n",                 ":2: \"table\" belongs in [names]",                  true },
    {"[aws]\nregion = us east\n",         ":2: \"us east\" is not a region",                   true },
    {"[aws]\naccount = 111122223333\n",   ":2: \"account\" belongs in [context NAME]",         true },
    {"[aws]\nendpoint_url = localhost\n", ":2: not a valid endpoint_url",                      true },
    {"[aws]\ntimeout = soon\n",           ":2: \"soon\" is not a timeout",                     false},
    {"[aws]\nprofile prod\n",             ":2: expected name = value",                         true },
    {"[ui]\nread_only = maybe\n",         ":2: \"maybe\" is not a read_only",                  true },
    {"[ui]\nread-only yes\n",             ":2: expected name = value",                         true },
    {"[ui]\ndefault_context prod\n",      ":2: expected name = value",                         true },
    {"[ui]\ntheme = dark\n",              ":2: \"dark\" is not a theme; expected default, ",   false},
    {"[ui]\nmouse\n",                     ":2: expected name = value",                         false},
    {"[ui]\nrefresh = soon\n",            ":2: \"soon\" is not a refresh",                     false},
    {"[alerts]\nbell = loud\n",           ":2: \"loud\" is not a bell",                        false},
    {"[alerts]\ntable\n",                 ":2: expected name = value",                         false},
    {"[cost]\nec2_gb\n",                  ":2: expected name = value",                         false},
    {"[keys]\ncancel\n",                  ":2: expected name = value",                         false},
    {"[api]\nstate = disk\n",             ":2: \"disk\" is not a state",                       true },
    {"[nmaes]\nbus = b\n",                ":1: there is no section [nmaes]",                   true },
    {"[nmaes]\nbusy = b\nnote = b\n",     ":1: there is no section [nmaes]",                   true },
    {"[notes]\nnote = b\n",               ":1: there is no section [notes]",                   false},
    {"[names] table = x\n",               ":1: expected nothing after the ]",                  true },
    {"[ui\n",                             ":1: expected ] at the end",                         false},
    {"[ui]\n\xff\xferead_only = yes\n",   ":2: the line is not UTF-8 text",                    true },
    {"[ui]\n?read_only yes\n",            ":2: expected name = value",                         true },
    {"[views]\nread_only = yes\n",        ":2: \"read_only\" belongs in [ui], not in [views]", true },
    {"[keys]\ntable = other\n",           ":2: \"table\" belongs in [names], not in [keys]",   true },
    {"[commands]\nbus = other\n",         ":2: \"bus\" belongs in [names], not in [commands]", true },
};

/* A line that may have been a heading: what follows counts nowhere, and is not lost without a word.
 */
Test(settings, a_heading_that_cannot_be_read_keeps_everything_from_being_written)
{
    static const struct {
        const char *text, *context;
        bool refused; /* the context is spoiled */
    } lost[] = {
        {"[keys]\nui]\nread_only = yes\n",                                        NULL,  false},
        {"[keys]\n{ui}\nread_only = yes\n",                                       NULL,  false},
        {"[keys]\n\xc2\xa0[names]\ntable = x\n",                                  NULL,  false},
        {"[views]\n\xef\xbb\xbf[ui]\nread_only = yes\n",                          NULL,  false},
        {"[names]\nbus = b\nnames]\ntable = x\n",                                 NULL,  false},
        {"[context dev]\nregion = eu-west-1\n{names}\ntable = x\n",               NULL,  false},
        {"[names]\ntable = a\n[context dev]\nfoo [b\ntable = x\nread_only = y\n", "dev", true },
    };

    for (size_t i = 0; i < sizeof lost / sizeof *lost; i++) {
        const struct setting_flag flag = {SET_CONTEXT, lost[i].context};
        struct settings_sources from = {.config_ini = "c.ini"};
        struct err e = {0};
        bool told = false;
        if (lost[i].context != NULL) {
            from.flags = &flag;
            from.flags_len = 1;
        }
        put("c.ini", lost[i].text);
        struct settings *s = settings_load(&from, &e);
        cr_expect_eq(s == NULL, lost[i].refused, "%s: %s", lost[i].text, e.msg);
        if (s == NULL) {
            continue;
        }
        cr_expect_not_null(settings_unsafe(s), "%s", lost[i].text);
        for (size_t w = 0; w < settings_warnings_len(s); w++) {
            told = told || strstr(settings_warning(s, w), "nothing is written") != NULL;
        }
        cr_expect(told, "%s", lost[i].text);
        settings_free(s);
    }
}

Test(settings, a_bad_line_spoils_itself_alone)
{
    for (size_t i = 0; i < sizeof spoiled / sizeof *spoiled; i++) {
        const struct spoiled *x = &spoiled[i];
        char text[400];
        (void)snprintf(text, sizeof text,
                       "[ui]\nascii = yes\n[names]\nrule = r\n%s[cost]\n"
                       "ec2_vcpu = 0.5\n",
                       x->lines);
        /* the lines above the bad one are four */
        int line = x->says[1] - '0' + 4;
        char says[200];
        (void)snprintf(says, sizeof says, "c.ini:%d%s", line, x->says + 2);
        put("c.ini", text);
        struct settings *s = load_ok(&(struct settings_sources){.config_ini = "c.ini"});
        cr_assert_geq(settings_warnings_len(s), 1, "%s", x->lines);
        cr_expect_eq(strncmp(settings_warning(s, 0), says, strlen(says)), 0, "%s: %s", x->lines,
                     settings_warning(s, 0));
        cr_expect_eq(settings_unsafe(s) != NULL, x->unsafe, "%s", x->lines);
        cr_expect_eq(strstr(settings_warning(s, 0), "nothing is written") != NULL, x->unsafe, "%s",
                     x->lines);
        /* every other line counts */
        cr_expect(settings_bool(s, SET_ASCII));
        cr_expect_str_eq(settings_get(s, SET_RULE), "r");
        cr_expect(settings_price(s, SET_PRICE_EC2_VCPU) > 0.4, "%s", x->lines);
        cr_expect_str_eq(settings_get(s, SET_TABLE), "mvp-development-jobs");
        cr_expect_not(settings_bool(s, SET_READ_ONLY));
        settings_free(s);
    }
}

/* Lines of any kind: the settings load, and a table that nobody named well is the default. */
Test(settings, garbage_spoils_no_other_line)
{
    static const char *const pieces[] = {
        "[names]\n",    "[ui]\n",        "[keys]\n", "[alerts]\n", "[", "]",    "\n",
        "table",        "tabel",         " = ",      "=",          ":", ";",    "x",
        "read_only",    "yes",           "\xff",     "\x01",       " ", "\r\n", "#",
        "cancel = x\n", "[context p]\n", "account"};

    for (int round = 0; round < 600; round++) {
        char text[400] = "[names]\nrule = r\n";
        for (uint64_t n = rand_below(14); n > 0; n--) {
            strcat(text, pieces[rand_below(sizeof pieces / sizeof *pieces)]);
        }
        strcat(text, "\n[cost]\nec2_vcpu = 0.5\n");
        put("c.ini", text);
        struct settings *s = load_ok(&(struct settings_sources){.config_ini = "c.ini"});
        const char *rule = settings_get(s, SET_RULE);
        cr_assert(rule != NULL && rule[0] != '\0');
        cr_assert(settings_price(s, SET_PRICE_EC2_VCPU) > 0.4, "%s", text);
        cr_assert(settings_origin(s, SET_TABLE) == ORIGIN_CONFIG ||
                  strcmp(settings_get(s, SET_TABLE), "mvp-development-jobs") == 0);
        cr_assert(settings_unsafe(s) == NULL || settings_warnings_len(s) > 0);
        settings_free(s);
    }
}

Test(settings, a_file_of_something_else_is_not_told_line_by_line)
{
    char text[3000] = "[ui]\n";

    for (int i = 0; i < 200; i++) {
        strcat(text, "garbage\n");
    }
    put("c.ini", text);
    struct settings *s = load_ok(&(struct settings_sources){.config_ini = "c.ini"});
    cr_expect_eq(settings_warnings_len(s), 50);
    cr_expect_not_null(strstr(settings_warning(s, 49), "c.ini:51: expected name = value; further"));
    cr_expect_null(settings_unsafe(s));
    settings_free(s);
    strcat(text, "read_only yes\n");
    put("c.ini", text);
    s = load_ok(&(struct settings_sources){.config_ini = "c.ini"});
    cr_expect_eq(settings_warnings_len(s), 50);
    cr_expect_not_null(settings_unsafe(s), "what is not told counts all the same");
    settings_free(s);
}

Test(settings, a_bad_line_that_another_source_overrules_is_only_told)
{
    put("c.ini", "[names]\ntable = a b\n[context prod]\ntable = t\n");
    struct settings *s = load_ok(&(struct settings_sources){.config_ini = "c.ini"});
    cr_expect_not_null(settings_unsafe(s));
    settings_free(s);
    struct setting_flag flag = {SET_TABLE, "from-flag"};
    s = load_ok(&(struct settings_sources){.config_ini = "c.ini", .flags = &flag, .flags_len = 1});
    cr_expect_null(settings_unsafe(s));
    cr_expect_str_eq(settings_get(s, SET_TABLE), "from-flag");
    settings_free(s);
    flag = (struct setting_flag){SET_CONTEXT, "prod"};
    s = load_ok(&(struct settings_sources){.config_ini = "c.ini", .flags = &flag, .flags_len = 1});
    cr_expect_null(settings_unsafe(s));
    cr_expect_str_eq(settings_get(s, SET_TABLE), "t");
    settings_free(s);
    put("c.ini", "[names]\ntable a\ntable = b\n");
    s = load_ok(&(struct settings_sources){.config_ini = "c.ini"});
    cr_expect_null(settings_unsafe(s), "another line of the file says it");
    cr_expect_str_eq(settings_get(s, SET_TABLE), "b");
    settings_free(s);
    put("c.ini", "[aws]\nprofile prod\nregion bad\n");
    setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE", 1);
    setenv("AWS_REGION", "eu-west-1", 1);
    s = load_ok(&(struct settings_sources){.config_ini = "c.ini"});
    cr_expect_null(settings_unsafe(s), "%s", settings_unsafe(s));
    settings_free(s);
    s = load_ok(&(struct settings_sources){.config_ini = "c.ini", .local_cloud = true});
    cr_expect_null(settings_unsafe(s), "the embedded cloud takes no names from files");
    settings_free(s);
}

Test(settings, a_bad_line_of_an_env_file_spoils_itself_alone)
{
    static const struct {
        const char *line, *says;
        bool unsafe;
    } lines[] = {
        {"DYNAMODB_TABLE_NAME mvp",         "x.env:2: expected KEY=VALUE",  true },
        {"DYNAMODB_TABLE_NAM=\"mvp",        "x.env:2: the quote",           true },
        {"DYNAMODB_TABLE_NAME=\"m p\"",     "x.env:2: \"m p\" is not a",    true },
        {"AWS_PROFILE 'prod",               "x.env:2: expected",            true },
        {"AWS_ACCESS_KEY_ID: AKIA",         "x.env:2: expected",            true },
        {"AWS_SHARED_CREDENTIALS_FILE: f",  "x.env:2: expected",            true },
        {"AWS_ENDPOINT_URL_SQS: http://h",  "x.env:2: expected",            true },
        {"AWS_ENDPOINT_URL=localhost:4566", "x.env:2: not a valid endpoin", true },
        {"MY_OTHER_TOOL: yes",              "x.env:2: expected",            false},
        {"eval $(tool)",                    "x.env:2: expected",            false},
    };

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char text[200];
        (void)snprintf(text, sizeof text, "EVENTBRIDGE_BUS_NAME=b\n%s\nBATCH_JOB_QUEUE=q\n",
                       lines[i].line);
        put("x.env", text);
        struct settings *s = load_ok(&(struct settings_sources){.env_file = "x.env"});
        cr_expect_str_eq(settings_get(s, SET_BUS), "b");
        cr_expect_str_eq(settings_get(s, SET_QUEUE), "q");
        cr_expect_eq(strncmp(settings_warning(s, 0), lines[i].says, strlen(lines[i].says)), 0,
                     "%s: %s", lines[i].line, settings_warning(s, 0));
        cr_expect_eq(settings_unsafe(s) != NULL, lines[i].unsafe, "%s", lines[i].line);
        cr_expect_null(env_get(settings_environment(s), "AWS_ENDPOINT_URL"));
        settings_free(s);
    }
}

Test(settings, a_bad_value_of_the_env_file_leaves_the_next_source_and_says_so)
{
    put("c.ini", "[names]\ntable = from-ini\n");
    put("x.env", "DYNAMODB_TABLE_NAME='a b'\n");
    struct settings *s =
        load_ok(&(struct settings_sources){.env_file = "x.env", .config_ini = "c.ini"});
    cr_expect_str_eq(settings_get(s, SET_TABLE), "from-ini");
    cr_expect_not_null(settings_unsafe(s), "another table than the env file names");
    settings_free(s);
}

Test(settings, what_is_shown_is_shown_whatever_is_wrong)
{
    struct settings_sources src = {.config_ini = "c.ini", .explain = true};
    struct err e;

    setenv("AWS_REGION", "x y", 1);
    put("c.ini", "[ui]\nmouse = yes\n");
    cr_expect_null(settings_load(&(struct settings_sources){.config_ini = "c.ini"}, &e));
    cr_expect_eq(e.code, E_CONFIG);
    struct settings *s = load_ok(&src);
    cr_expect_str_eq(settings_get(s, SET_REGION), "us-east-1");
    cr_expect_not_null(settings_unsafe(s));
    cr_expect(settings_bool(s, SET_MOUSE));
    settings_free(s);
    unsetenv("AWS_REGION");
    src.env_file = "nowhere.env";
    s = load_ok(&src);
    cr_expect_not_null(settings_unsafe(s));
    cr_expect_not_null(strstr(settings_warning(s, 0), "nowhere.env"));
    settings_free(s);
    src.env_file = NULL;
    put("c.ini", "[ui]\ndefault_context = nosuch\n");
    s = load_ok(&src);
    cr_expect_not_null(strstr(settings_unsafe(s), "there is no context \"nosuch\""));
    settings_free(s);
    const struct setting_flag flag = {SET_REGION, "x y"};
    src.flags = &flag;
    src.flags_len = 1;
    cr_expect_null(settings_load(&src, &e));
    cr_expect_eq(e.code, E_INVALID, "a bad flag is wrong usage");
}

Test(settings, an_unknown_key_warns_with_what_was_meant)
{
    put("c.ini", "[names]\nquee = x\n[ui]\nmouse=yes\nregion = us-east-2\n[aws]\nzzzzzzzz=1\n");
    struct settings *s = load_ok(&(struct settings_sources){.config_ini = "c.ini"});

    cr_assert_eq(settings_warnings_len(s), 3);
    cr_expect_str_eq(settings_warning(s, 0),
                     "c.ini:2: unknown key \"quee\"; did you mean \"queue\"?; nothing is written "
                     "until this is right");
    cr_expect_str_eq(settings_warning(s, 1), "c.ini:5: \"region\" belongs in [aws]; nothing is "
                                             "written until this is right");
    cr_expect_str_eq(settings_warning(s, 2), "c.ini:7: unknown key \"zzzzzzzz\" in [aws]");
    cr_expect(settings_bool(s, SET_MOUSE));
    cr_expect_eq(settings_int(s, SET_REFRESH_S, 9), 3);
    settings_free(s);
}

Test(settings, keys_keep_their_order_and_lines)
{
    put("c.ini", "[keys]\n; note\nquit = Q\n   cancel = x, F9\n");
    struct settings *s = load_ok(&(struct settings_sources){.config_ini = "c.ini"});
    const struct setting_key *keys = NULL;

    cr_assert_eq(settings_keys(s, &keys), 2);
    cr_expect_str_eq(keys[0].action, "quit");
    cr_expect_str_eq(keys[1].keys, "x, F9");
    cr_expect_eq(keys[1].line, 4);
    settings_free(s);
}

Test(settings, secrets_are_masked_when_shown)
{
    setenv("FOUNDERDASH_DATABASE_URL", "postgresql://app:hunter2@db/x", 1);
    setenv("AWS_ENDPOINT_URL", "http://me:hunter2@127.0.0.1:1", 1);
    struct settings *s = load_ok(&(struct settings_sources){0});
    char *db = settings_shown(s, SET_DATABASE_URL);
    char *url = settings_shown(s, SET_ENDPOINT_URL);

    cr_expect_null(strstr(db, "hunter2"));
    cr_expect_null(strstr(url, "hunter2"));
    cr_expect(strstr(settings_get(s, SET_DATABASE_URL), "hunter2") != NULL);
    free(db);
    free(url);
    settings_free(s);
}

/* The variable as the AWS client finds it. */
static const char *given(const struct settings *s, const char *name)
{
    const char *v = env_get(settings_environment(s), name);

    return v == NULL ? "" : v;
}

Test(settings, keys_of_the_file_reach_the_aws_client)
{
    put(".env.eventbridge", "AWS_ACCESS_KEY_ID=AKIDFILE\nAWS_SECRET_ACCESS_KEY='s3cret'\n"
                            "AWS_ENDPOINT_URL_SQS=http://127.0.0.1:9\n");
    setenv("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:7", 1);
    struct settings *s = load_ok(&(struct settings_sources){0});

    cr_expect_str_eq(given(s, "AWS_ACCESS_KEY_ID"), "AKIDFILE");
    cr_expect_str_eq(given(s, "AWS_SECRET_ACCESS_KEY"), "s3cret");
    cr_expect_str_eq(given(s, "AWS_ENDPOINT_URL_SQS"), "http://127.0.0.1:7");
    cr_expect_null(getenv("AWS_ACCESS_KEY_ID"), "the process's environment stays as it is");
    settings_free(s);
}

Test(settings, identities_never_mix)
{
    put(".env.eventbridge", "AWS_ACCESS_KEY_ID=AKIDFILE\nAWS_SECRET_ACCESS_KEY=s\n"
                            "AWS_SESSION_TOKEN=t\nAWS_PROFILE=other\n");
    setenv("AWS_ACCESS_KEY_ID", "AKIDENV", 1);
    struct settings *s = load_ok(&(struct settings_sources){0});
    cr_expect_str_eq(given(s, "AWS_ACCESS_KEY_ID"), "AKIDENV");
    cr_expect_str_eq(given(s, "AWS_SECRET_ACCESS_KEY"), "");
    cr_expect_str_eq(given(s, "AWS_SESSION_TOKEN"), "");
    cr_expect_str_eq(given(s, "AWS_PROFILE"), "");
    cr_expect_null(settings_get(s, SET_PROFILE));
    settings_free(s);

    unsetenv("AWS_ACCESS_KEY_ID");
    setenv("AWS_PROFILE", "mine", 1);
    s = load_ok(&(struct settings_sources){0});
    cr_expect_str_eq(given(s, "AWS_ACCESS_KEY_ID"), "");
    cr_expect_str_eq(settings_get(s, SET_PROFILE), "mine");
    settings_free(s);

    unsetenv("AWS_PROFILE");
    struct setting_flag flag = {SET_PROFILE, "asked-for"};
    s = load_ok(&(struct settings_sources){.flags = &flag, .flags_len = 1});
    cr_expect_str_eq(given(s, "AWS_ACCESS_KEY_ID"), "");
    settings_free(s);
}

Test(settings, a_file_read_unasked_cannot_name_programs_or_trust)
{
    const char *text = "AWS_CONFIG_FILE=/tmp/evil\nAWS_CA_BUNDLE=/tmp/ca\nLD_PRELOAD=/tmp/so\n";
    unsetenv("LD_PRELOAD");
    put(".env.eventbridge", text);
    struct settings *s = load_ok(&(struct settings_sources){0});
    cr_expect_str_eq(given(s, "AWS_CONFIG_FILE"), "");
    cr_expect_str_eq(given(s, "AWS_CA_BUNDLE"), "");
    cr_expect_str_eq(given(s, "LD_PRELOAD"), "");
    cr_expect_eq(settings_warnings_len(s), 3);
    settings_free(s);

    s = load_ok(&(struct settings_sources){.env_file = ".env.eventbridge"});
    cr_expect_str_eq(given(s, "AWS_CONFIG_FILE"), "/tmp/evil");
    cr_expect_str_eq(given(s, "LD_PRELOAD"), "");
    settings_free(s);
}

Test(settings, a_file_that_everybody_may_write_is_not_read_unasked)
{
    put(".env.eventbridge", "DYNAMODB_TABLE_NAME=theirs\n");
    cr_assert_eq(chmod(".env.eventbridge", 0666), 0);
    struct settings *s = load_ok(&(struct settings_sources){0});
    cr_expect_str_eq(settings_get(s, SET_TABLE), "mvp-development-jobs");
    cr_expect_eq(settings_warnings_len(s), 1);
    settings_free(s);
}

Test(settings, the_embedded_cloud_uses_its_own_names)
{
    put(".env.eventbridge", "DYNAMODB_TABLE_NAME=prod\nAWS_ACCESS_KEY_ID=PROD\n");
    put("c.ini", "[names]\nbus=prod\n[ui]\nmouse=on\n");
    setenv("BATCH_JOB_QUEUE", "prod", 1);
    struct settings *s =
        load_ok(&(struct settings_sources){.local_cloud = true, .config_ini = "c.ini"});
    cr_expect_str_eq(settings_get(s, SET_TABLE), "mvp-development-jobs");
    cr_expect_str_eq(settings_get(s, SET_BUS), "mvp-development");
    cr_expect_str_eq(settings_get(s, SET_QUEUE), "mvp-pipeline-queue");
    cr_expect(settings_bool(s, SET_MOUSE));
    cr_expect_str_eq(given(s, "AWS_ACCESS_KEY_ID"), "");
    settings_free(s);
}

static void no_pair(void *arg, int line, const char *section, const char *name, const char *value)
{
    (void)arg;
    cr_assert(line > 0 && section != NULL && name != NULL && value != NULL);
}

/* The last mistake that was told, as "LINE [SECTION] WORD: WHAT". */
static char mistake[256];

static void on_mistake(void *arg, int line, const char *section, const char *word, const char *what)
{
    (void)arg;
    cr_assert(line > 0 && section != NULL && word != NULL && what[0] != '\0');
    (void)snprintf(mistake, sizeof mistake, "%d [%s] %s: %s", line, section, word, what);
}

static const struct ini_reader_hooks no_hooks = {.pair = no_pair, .mistake = on_mistake};

Test(settings, config_ini_mistakes_name_their_line)
{
    struct err e;
    char text[400] = "[a]\nk=";

    cr_expect_eq(ini_file_parse("[a]\nk=1\nfoo x\n", 14, "c", &no_hooks, NULL, &e), E_OK);
    cr_expect_str_eq(mistake, "3 [a] foo: expected name = value");
    memset(text + 6, 'x', 300);
    cr_expect_eq(ini_file_parse(text, 306, "c", &no_hooks, NULL, &e), E_OK);
    cr_expect_str_eq(mistake, "2 [a] k: the line is over 196 bytes");
    cr_expect_eq(ini_file_parse("a\0b", 3, "c", &no_hooks, NULL, &e), E_OK);
    cr_expect_str_eq(mistake, "1 [] a: the line is not UTF-8 text");
    cr_expect_eq(ini_file_parse("[b] table = x\nk=\xff\n", 18, "c", &no_hooks, NULL, &e), E_OK);
    cr_expect_str_eq(mistake, "2 [b] k: the line is not UTF-8 text");
    cr_expect_eq(ini_file_parse("[b] table = x\n", 14, "c", &no_hooks, NULL, &e), E_OK);
    cr_expect_str_eq(mistake, "1 [b] table: expected nothing after the ]; each setting has a line "
                              "of its own");
}

Test(settings, config_ini_survives_garbage)
{
    static const char alphabet[] = "[]=:;#ab \t\r\n\"\xc3\xa4";

    for (int round = 0; round < 3000; round++) {
        char text[96];
        size_t len = rand_below(sizeof text);
        for (size_t i = 0; i < len; i++) {
            text[i] = alphabet[rand_below(sizeof alphabet - 1)];
        }
        struct err e = {0};
        cr_assert_eq(ini_file_parse(text, len, "c", &no_hooks, NULL, &e), E_OK, "%s", e.msg);
    }
}
