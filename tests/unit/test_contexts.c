/* The contexts of config.ini: precedence, mistakes, choosing one, and what hides its values. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/settings.h"
#include "core/alloc.h"
#include "core/path.h"
#include "core/rand.h"
#include "core/strbuf.h"

/* Each test is a process of its own, in a folder of its own, with nothing in the environment. */
static char home[] = "/tmp/mvpdash-contexts.XXXXXX";

static void enter(void)
{
    static const char *const kept[] = {"PATH", "LC_ALL", "LANG", NULL};
    char *values[sizeof kept / sizeof *kept] = {NULL};

    cr_assert_not_null(mkdtemp(home));
    cr_assert_eq(chdir(home), 0);
    for (size_t i = 0; kept[i] != NULL; i++) {
        values[i] = getenv(kept[i]) == NULL ? NULL : xstrdup(getenv(kept[i]));
    }
    cr_assert_eq(clearenv(), 0);
    for (size_t i = 0; kept[i] != NULL; i++) {
        if (values[i] != NULL) {
            setenv(kept[i], values[i], 1);
        }
        free(values[i]);
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

TestSuite(contexts, .init = enter, .fini = leave, .timeout = 300);

static void put(const char *path, const char *text)
{
    struct err e;

    cr_assert_eq(path_write_atomic(path, text, strlen(text), 0600, &e), E_OK, "%s", e.msg);
}

static struct settings *try(const char *context, struct err *e)
{
    const struct setting_flag flag = {SET_CONTEXT, context};
    const struct settings_sources src = {
        .flags = &flag, .flags_len = context == NULL ? 0 : 1, .config_ini = "c.ini"};

    *e = (struct err){0};
    return settings_load(&src, e);
}

static struct settings *load(const char *context)
{
    struct err e;
    struct settings *s = try(context, &e);

    cr_assert_not_null(s, "%s", e.msg);
    return s;
}

static bool warned(const struct settings *s, const char *text)
{
    for (size_t i = 0; i < settings_warnings_len(s); i++) {
        if (strstr(settings_warning(s, i), text) != NULL) {
            return true;
        }
    }
    return false;
}

/* ---- precedence ---- */

/* The sources of one setting, from the weakest to the strongest. */
enum source { PLAIN, CONTEXT, ENV_FILE, ENVIRONMENT, FLAG, SOURCES };

/* Every setting that all five sources can name. */
static const struct {
    enum setting_id id;
    const char *variable;
    bool file; /* an env file may say it */
} settings_of_all[] = {
    {SET_REGION,  "AWS_REGION",           true},
    {SET_TABLE,   "DYNAMODB_TABLE_NAME",  true},
    {SET_BUS,     "EVENTBRIDGE_BUS_NAME", true},
    {SET_QUEUE,   "BATCH_JOB_QUEUE",      true},
    {SET_PROFILE, "AWS_PROFILE",          true},
};

static void check_sources(size_t n, unsigned set)
{
    static const char *const values[SOURCES] = {"v-plain", "v-context", "v-file", "v-environment",
                                                "v-flag"};
    static const enum setting_origin origins[SOURCES] = {
        ORIGIN_CONFIG, ORIGIN_CONTEXT, ORIGIN_ENV_FILE, ORIGIN_ENVIRONMENT, ORIGIN_FLAG};
    const struct setting_row *r = &setting_rows[settings_of_all[n].id];
    struct strbuf ini = STRBUF_INIT;
    struct err e = {0};

    if ((set & 1U << PLAIN) != 0) {
        strbuf_addf(&ini, "[%s]\n%s = %s\n", r->section, r->ini, values[PLAIN]);
    }
    strbuf_adds(&ini, "[context prod]\n");
    if ((set & 1U << CONTEXT) != 0) {
        strbuf_addf(&ini, "%s = %s\n", r->ini, values[CONTEXT]);
    }
    put("c.ini", strbuf_str(&ini));
    char *file = xasprintf("%s=%s\n", settings_of_all[n].variable,
                           (set & 1U << ENV_FILE) != 0 ? values[ENV_FILE] : "");
    put("named.env", file);
    unsetenv(settings_of_all[n].variable);
    if ((set & 1U << ENVIRONMENT) != 0) {
        setenv(settings_of_all[n].variable, values[ENVIRONMENT], 1);
    }
    const struct setting_flag flags[] = {
        {SET_CONTEXT, "prod"      },
        {r->id,       values[FLAG]}
    };
    struct settings *s =
        settings_load(&(struct settings_sources){.flags = flags,
                                                 .flags_len = (set & 1U << FLAG) != 0 ? 2 : 1,
                                                 .env_file = "named.env",
                                                 .config_ini = "c.ini"},
                      &e);
    cr_assert_not_null(s, "%s", e.msg);
    int strongest = -1;
    for (int i = 0; i < SOURCES; i++) {
        strongest = (set & 1U << i) != 0 ? i : strongest;
    }
    enum setting_origin want = strongest < 0 ? ORIGIN_DEFAULT : origins[strongest];
    cr_expect_eq(settings_origin(s, r->id), want, "%s set %x", r->ini, set);
    if (strongest >= 0) {
        cr_expect_str_eq(settings_get(s, r->id), values[strongest], "%s set %x", r->ini, set);
    }
    /* what hides the context's value is told, a flag is what somebody has just typed */
    const struct setting_hidden *hidden = NULL;
    bool hides = (set & 1U << CONTEXT) != 0 && (strongest == ENV_FILE || strongest == ENVIRONMENT);
    cr_expect_eq(settings_hidden(s, &hidden), hides ? 1 : 0, "%s set %x", r->ini, set);
    cr_expect_eq(warned(s, "[context prod]"), hides, "%s set %x", r->ini, set);
    settings_free(s);
    free(file);
    strbuf_clear(&ini);
    unsetenv(settings_of_all[n].variable);
}

Test(contexts, a_context_counts_before_the_plain_sections_and_after_all_else)
{
    for (size_t n = 0; n < sizeof settings_of_all / sizeof *settings_of_all; n++) {
        for (unsigned set = 0; set < 1U << SOURCES; set++) {
            check_sources(n, set);
        }
    }
}

Test(contexts, every_setting_may_stand_in_a_context)
{
    static const char *const samples[] = {
        [KIND_TEXT] = "text",         [KIND_REGION] = "eu-west-1",
        [KIND_NAME] = "a-name",       [KIND_URL] = "http://[::1]:1",
        [KIND_BOOL] = "on",           [KIND_SECONDS] = "77",
        [KIND_HOURS] = "22:00-07:00", [KIND_COMMAND] = "/bin/true",
        [KIND_SECRET] = "s3cret",     [KIND_ACCOUNT] = "111122223333",
        [KIND_COLOUR] = "blue",       [KIND_PRICE] = "0.01",
        [KIND_AUTO] = "yes",          [KIND_STATE] = "table",
        [KIND_THEME] = "light",
    };
    struct strbuf ini = STRBUF_INIT;

    strbuf_adds(&ini, "[context all]\n");
    for (int id = 0; id < SET_COUNT; id++) {
        if (id != SET_CONTEXT) {
            strbuf_addf(&ini, "%s = %s\n", setting_rows[id].ini, samples[setting_rows[id].kind]);
        }
    }
    put("c.ini", strbuf_str(&ini));
    struct settings *s = load("all");
    for (int id = 0; id < SET_COUNT; id++) {
        if (id != SET_CONTEXT) {
            char *from = xasprintf("c.ini:%d [context all]", id + 1);
            cr_expect_str_eq(settings_get(s, (enum setting_id)id), samples[setting_rows[id].kind]);
            cr_expect_str_eq(settings_origin_text(s, (enum setting_id)id), from);
            cr_expect_eq(settings_origin(s, (enum setting_id)id), ORIGIN_CONTEXT);
            free(from);
        }
    }
    cr_expect_eq(settings_colour(s), COLOUR_BLUE);
    cr_expect_eq(settings_warnings_len(s), 0);
    char *secret = settings_context_differs(s, 0, SET_API_TOKEN);
    cr_expect_null(strstr(secret, "s3cret"), "a secret is not listed");
    free(secret);
    settings_free(s);
    strbuf_clear(&ini);
}

/* ---- choosing ---- */

Test(contexts, flag_variable_and_default_choose_in_this_order)
{
    put("c.ini", "[ui]\ndefault_context = a\n[context a]\n[context b]\n[context c]\n");
    struct settings *s = load(NULL);
    cr_expect_str_eq(settings_context(s), "a", "an empty section is a context too");
    settings_free(s);
    setenv("MVPDASH_CONTEXT", "b", 1);
    s = load(NULL);
    cr_expect_str_eq(settings_context(s), "b");
    settings_free(s);
    s = load("c");
    cr_expect_str_eq(settings_context(s), "c");
    cr_expect_str_eq(settings_origin_text(s, SET_CONTEXT), "flag --context");
    settings_free(s);
    put("c.ini", "[context a]\n[context b]\n");
    unsetenv("MVPDASH_CONTEXT");
    s = load(NULL);
    cr_expect_null(settings_context(s));
    settings_free(s);
}

Test(contexts, the_env_file_of_the_folder_chooses_none)
{
    put("c.ini", "[context a]\ntable = t\n");
    put(".env.eventbridge", "MVPDASH_CONTEXT=a\n");
    struct settings *s = load(NULL);
    cr_expect_null(settings_context(s));
    cr_expect(warned(s, "MVPDASH_CONTEXT is ignored"));
    settings_free(s);
}

Test(contexts, the_embedded_cloud_has_none)
{
    struct err e = {0};

    put("c.ini", "[ui]\ndefault_context = a\n[context a]\ntable = t\nread_only = yes\n");
    struct settings *s =
        settings_load(&(struct settings_sources){.config_ini = "c.ini", .local_cloud = true}, &e);
    cr_assert_not_null(s);
    cr_expect_null(settings_context(s));
    cr_expect_eq(settings_origin(s, SET_TABLE), ORIGIN_DEFAULT);
    cr_expect_not(settings_bool(s, SET_READ_ONLY));
    settings_free(s);
}

Test(contexts, an_unknown_one_is_named_with_the_nearest_and_the_list)
{
    struct err e;

    put("c.ini", "[context prod]\n[context stage]\n");
    cr_expect_null(try("prdo", &e));
    cr_expect_eq(e.code, E_INVALID);
    cr_expect_not_null(strstr(e.msg, "did you mean \"prod\"?"), "%s", e.msg);
    cr_expect_str_eq(err_hint(&e),
                     "these exist: prod, stage; to make one, add a section [context prdo]");
    setenv("MVPDASH_CONTEXT", "other-name", 1);
    cr_expect_null(try(NULL, &e));
    cr_expect_eq(e.code, E_CONFIG, "it is not the command line that is wrong");
    cr_expect_null(strstr(e.msg, "did you mean"), "%s", e.msg);
    unsetenv("MVPDASH_CONTEXT");
    cr_expect_null(try("*", &e));
    cr_expect_null(try("-", &e));
    cr_expect_null(try("a b", &e));
    cr_expect_eq(e.code, E_INVALID);
    put("c.ini", "");
    cr_expect_null(try("prod", &e));
    cr_expect_not_null(strstr(err_hint(&e), "[context prod]"), "%s", err_hint(&e));
}

/* ---- mistakes ---- */

/* What may be wrong in a context; what stands in `says` names the line, and the context. */
static const struct mistake {
    const char *lines, *says;
} mistakes[] = {
    {"[context bad]\ntabel = x\n",
     "c.ini:4 [context bad]: there is no setting \"tabel\"; did you mean \"table\"?"                                     },
    {"[context bad]\nnonsense\n",                                     "c.ini:4 [context bad]: expected name = value"     },
    {"[context bad]\nregion = a b\n",                                 "c.ini:4 [context bad]: \"a b\" is not a region"   },
    {"[context bad]\n\naccount = 1234\n",                             "c.ini:5 [context bad]: \"1234\" is not an account"},
    {"[context bad]\ncolour = mauve\n",                               "c.ini:4 [context bad]: \"mauve\" is not a colour" },
    {"[context bad]\ntable = a\ntable = b\n",
     "c.ini:5 [context bad]: \"table\" is given again (first in line 4)"                                                 },
    {"[context bad]\ndefault_context = a\n",
     "c.ini:4 [context bad]: \"default_context\" belongs in [ui]"                                                        },
    {"[context bad]\ntable = \xff\n",                                 "c.ini:4 [context bad]: the line is not UTF-8 text"},
    {"[context bad] table = x\n",
     "c.ini:3 [context bad]: expected nothing after the ]; each setting has a line of its own"                           },
    {"[context bad]\naccount =\n",
     "c.ini:4 [context bad]: \"account\" has no value; give it one or leave the line out"                                },
    {"[context bad]\naccount = ; 111122223333\n",
     "c.ini:4 [context bad]: \"account\" has no value; give it one or leave the line out"                                },
    {"[context bad]\nregion = eu-west-1\n[context bad]\ntable = x\n",
     "c.ini:5 [context bad]: there is a context of this name already, in line 3"                                         },
    {"[context bad\ntable = x\n",
     "c.ini:3 [context bad]: expected ] at the end of the section's name"                                                },
};

Test(contexts, a_mistake_spoils_its_context_alone)
{
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        char *text = xasprintf("[names]\nqueue = q-plain\n%s[context good]\ntable = t-good\n",
                               mistakes[i].lines);
        struct err e;
        put("c.ini", text);
        struct settings *s = load(NULL);
        cr_expect_str_eq(settings_get(s, SET_QUEUE), "q-plain");
        cr_expect_eq(settings_origin(s, SET_TABLE), ORIGIN_DEFAULT, "%s", mistakes[i].lines);
        cr_expect(warned(s, mistakes[i].says), "%s: %s", mistakes[i].says, settings_warning(s, 0));
        settings_free(s);
        s = load("good");
        cr_expect_str_eq(settings_get(s, SET_TABLE), "t-good");
        settings_free(s);
        cr_expect_null(try("bad", &e));
        cr_expect_eq(e.code, E_CONFIG);
        cr_expect_not_null(strstr(e.msg, mistakes[i].says), "%s", e.msg);
        free(text);
    }
}

Test(contexts, a_line_too_long_spoils_its_context_alone)
{
    char text[600] = "[context bad]\ntable = ";
    size_t len = strlen(text);
    struct err e;

    memset(text + len, 'x', 300);
    (void)snprintf(text + len + 300, sizeof text - len - 300, "\n[context good]\ntable = t\n");
    put("c.ini", text);
    cr_expect_null(try("bad", &e));
    cr_expect_not_null(strstr(e.msg, "c.ini:2 [context bad]: the line is over 196 bytes"), "%s",
                       e.msg);
    struct settings *s = load("good");
    cr_expect_str_eq(settings_get(s, SET_TABLE), "t");
    settings_free(s);
}

Test(contexts, names_that_cannot_be_typed_are_refused)
{
    static const char *const names[] = {"*",
                                        "-",
                                        "",
                                        "a b",
                                        "a\tb",
                                        "\"a\"",
                                        "'a'",
                                        "\xe2\x80\xae"
                                        "x",
                                        "\xe2\x80\x8b",
                                        "\xc2\xa0",
                                        "123456789012345678901234567890123",
                                        "1234567890123456789012345678901234567890123456789"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *text = xasprintf("[context %s]\ntable = x\n", names[i]);
        put("c.ini", text);
        struct settings *s = load(NULL);
        cr_assert_eq(settings_contexts_len(s), 1);
        cr_expect_not_null(settings_context_at(s, 0).mistake, "\"%s\"", names[i]);
        cr_expect_eq(settings_origin(s, SET_TABLE), ORIGIN_DEFAULT);
        settings_free(s);
        free(text);
    }
    put("c.ini", "[context 12345678901234567890123456789012]\n[context \xc3\xa4-1.x/y]\n");
    struct settings *s = load("\xc3\xa4-1.x/y");
    cr_expect_null(settings_context_at(s, 0).mistake, "32 bytes are allowed");
    settings_free(s);
}

Test(contexts, one_without_a_name_is_told_and_not_listed)
{
    struct err e;

    put("c.ini", "[context]\ntable = x\n[context prod]\n");
    cr_expect_null(try("dev", &e));
    cr_expect_str_eq(err_hint(&e), "these exist: prod; to make one, add a section [context dev]");
    struct settings *s = load(NULL);
    cr_expect(warned(s, "c.ini:1 [context]: it has no name; expected [context NAME]"));
    settings_free(s);
}

Test(contexts, a_comment_may_follow_the_name)
{
    put("c.ini",
        "[context prod] ; the real one\ntable = t-prod\n[context stage]\t# not\ntable = t\n");
    struct settings *s = load("prod");
    cr_expect_str_eq(settings_get(s, SET_TABLE), "t-prod");
    settings_free(s);
    s = load("stage");
    cr_expect_str_eq(settings_get(s, SET_TABLE), "t");
    settings_free(s);
}

Test(contexts, a_section_of_another_name_is_told_once_with_what_was_meant)
{
    static const char *const sections[] = {"contexts dev", "Context dev", "context:dev", "dev"};

    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        char *text = xasprintf("[%s]\nprofile = p\ntabel = x\n[nams]\n", sections[i]);
        char *says = xasprintf("c.ini:1: there is no section [%s], so its lines are ignored; a "
                               "context begins with [context NAME]; nothing is written until "
                               "this is right",
                               sections[i]);
        put("c.ini", text);
        struct settings *s = load(NULL);
        cr_expect_eq(settings_warnings_len(s), 2);
        cr_expect_str_eq(settings_warning(s, 0), says);
        cr_expect(warned(s, "c.ini:4: there is no section [nams], so its lines are ignored; did "
                            "you mean [names]?"));
        settings_free(s);
        free(says);
        free(text);
    }
}

Test(contexts, commands_that_explain_go_on_without_one)
{
    const struct setting_flag flag = {SET_CONTEXT, "bad"};
    struct err e = {0};

    put("c.ini", "[context bad]\ntabel = x\n[context good]\ntable = t\nregion = us-east-1\n");
    struct settings *s = settings_load(
        &(struct settings_sources){
            .flags = &flag, .flags_len = 1, .config_ini = "c.ini", .any_context = true},
        &e);
    cr_assert_not_null(s, "%s", e.msg);
    cr_expect_null(settings_context(s));
    cr_expect(warned(s, "context bad cannot be used"));
    cr_expect_eq(settings_contexts_len(s), 2);
    cr_expect_not_null(settings_context_at(s, 0).mistake);
    char *table = settings_context_differs(s, 1, SET_TABLE);
    cr_expect_str_eq(table, "t");
    cr_expect_null(settings_context_differs(s, 1, SET_REGION), "the default is the same");
    free(table);
    settings_free(s);
}

Test(contexts, garbage_never_chooses_and_never_reaches_the_plain_sections)
{
    static const char *const pieces[] = {"[context ",
                                         "a",
                                         "]",
                                         "\n",
                                         "table = x\n",
                                         "tabel",
                                         "=",
                                         ";",
                                         "#",
                                         " ",
                                         "[ui]\n",
                                         "\xff",
                                         "\0",
                                         "-",
                                         "*",
                                         "\r\n",
                                         "[",
                                         "colour = red\n",
                                         "[context a]\n"};

    for (int round = 0; round < 400; round++) {
        struct strbuf b = STRBUF_INIT;
        struct err e = {0};
        strbuf_adds(&b, "[context a]\n");
        for (uint64_t n = rand_below(12); n > 0; n--) {
            strbuf_adds(&b, pieces[rand_below(sizeof pieces / sizeof *pieces)]);
        }
        put("c.ini", strbuf_str(&b));
        struct settings *s = try(NULL, &e);
        cr_assert_not_null(s, "%s", e.msg); /* no line refuses the file */
        cr_assert_null(settings_context(s));
        cr_assert_eq(settings_origin(s, SET_TABLE), ORIGIN_DEFAULT, "%s", strbuf_str(&b));
        settings_free(s);
        s = try("a", &e);
        cr_assert(s != NULL || e.code == E_CONFIG, "%s", e.msg);
        settings_free(s);
        strbuf_clear(&b);
    }
}

/* ---- whose keys are used ---- */

static const struct whose {
    const char *name, *variable, *value, *by; /* by NULL: the context's profile counts */
} whose[] = {
    {"nothing else",     NULL,                          NULL,   NULL                           },
    {"another profile",  "AWS_PROFILE",                 "dev",  "environment AWS_PROFILE"      },
    {"the same profile", "AWS_PROFILE",                 "prod", NULL                           },
    {"keys",             "AWS_ACCESS_KEY_ID",           "AKIA", "environment AWS_ACCESS_KEY_ID"},
    {"a token",          "AWS_SESSION_TOKEN",           "t",    "environment AWS_SESSION_TOKEN"},
    {"a web identity",   "AWS_WEB_IDENTITY_TOKEN_FILE", "/f",
     "environment AWS_WEB_IDENTITY_TOKEN_FILE"                                                 },
};

Test(contexts, keys_of_the_environment_hide_the_profile_and_it_is_said)
{
    put("c.ini", "[context p]\nprofile = prod\n");
    for (size_t i = 0; i < sizeof whose / sizeof *whose; i++) {
        const struct whose *w = &whose[i];
        const struct setting_hidden *hidden = NULL;
        if (w->variable != NULL) {
            setenv(w->variable, w->value, 1);
        }
        struct settings *s = load("p");
        size_t len = settings_hidden(s, &hidden);
        cr_assert_eq(len, w->by == NULL ? 0 : 1, "%s: %zu", w->name, len);
        if (w->by != NULL) {
            cr_expect_str_eq(hidden[0].by, w->by);
            cr_expect_str_eq(hidden[0].from, "c.ini:2");
            cr_expect_eq(hidden[0].id, SET_PROFILE);
            cr_expect(warned(s, w->by));
        }
        settings_free(s);
        if (w->variable != NULL) {
            unsetenv(w->variable);
        }
    }
}

Test(contexts, its_profile_reaches_the_client_only_when_no_keys_come_first)
{
    put("c.ini", "[context p]\nprofile = prod\nendpoint_url = http://127.0.0.1:1\n");
    struct settings *s = load("p");
    cr_expect_str_eq(env_get(settings_environment(s), "AWS_PROFILE"), "prod");
    cr_expect_str_eq(env_get(settings_environment(s), "AWS_ENDPOINT_URL"), "http://127.0.0.1:1");
    cr_expect_str_eq(settings_environment_endpoint_from(s), "c.ini:3 [context p]");
    settings_free(s);
    setenv("AWS_ACCESS_KEY_ID", "AKIA", 1);
    setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:2", 1);
    s = load("p");
    cr_expect_null(settings_get(s, SET_PROFILE), "a profile that does not count is not shown");
    cr_expect_null(env_get(settings_environment(s), "AWS_PROFILE"));
    cr_expect_str_eq(env_get(settings_environment(s), "AWS_ENDPOINT_URL"), "http://127.0.0.1:2");
    cr_expect_null(settings_environment_endpoint_from(s));
    settings_free(s);
}

Test(contexts, keys_of_an_env_file_hide_the_profile_too)
{
    struct err e = {0};
    const struct setting_flag flag = {SET_CONTEXT, "p"};
    const struct setting_hidden *hidden = NULL;

    put("c.ini", "[context p]\nprofile = prod\n");
    put("keys.env", "X=1\nAWS_ACCESS_KEY_ID=AKIA\nAWS_SECRET_ACCESS_KEY=s\n");
    struct settings *s = settings_load(
        &(struct settings_sources){
            .flags = &flag, .flags_len = 1, .env_file = "keys.env", .config_ini = "c.ini"},
        &e);
    cr_assert_not_null(s, "%s", e.msg);
    cr_assert_eq(settings_hidden(s, &hidden), 1);
    cr_expect_str_eq(hidden[0].by, "keys.env:2");
    settings_free(s);
}

Test(contexts, an_endpoint_of_one_service_hides_its_endpoint)
{
    const struct setting_hidden *hidden = NULL;

    put("c.ini", "[context p]\nendpoint_url = http://127.0.0.1:1\n");
    setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:2", 1);
    struct settings *s = load("p");
    cr_assert_eq(settings_hidden(s, &hidden), 1);
    cr_expect_str_eq(hidden[0].by, "environment AWS_ENDPOINT_URL_DYNAMODB");
    settings_free(s);
    setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:1", 1);
    s = load("p");
    cr_expect_eq(settings_hidden(s, &hidden), 0, "the same one hides nothing");
    settings_free(s);
}

/* ---- several contexts in one process ---- */

static struct settings *with(const struct settings *s, const char *name)
{
    struct err e = {0};
    struct settings *other = settings_with_context(s, name, &e);

    cr_assert_not_null(other, "%s: %s", name, e.msg);
    return other;
}

/* Every value, its source, the environment and what hides values must be those that a program has
 * which was started with --context. */
static void same_as_a_start(const char *name)
{
    static const char *const variables[] = {"AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_ENDPOINT_URL",
                                            "AWS_ENDPOINT_URL_SQS"};
    struct settings *base = load(NULL);
    struct settings *got = with(base, name);
    struct settings *want = load(name);
    const struct setting_hidden *a = NULL, *b = NULL;

    settings_free(base); /* the other settings stand alone */
    for (int i = 0; i < SET_COUNT; i++) {
        enum setting_id id = (enum setting_id)i;
        cr_expect_eq(settings_origin(got, id), settings_origin(want, id), "%s",
                     setting_rows[i].ini);
        const char *x = settings_get(got, id), *y = settings_get(want, id);
        cr_expect((x == NULL) == (y == NULL) && (x == NULL || strcmp(x, y) == 0), "%s",
                  setting_rows[i].ini);
        if (id != SET_CONTEXT) {
            cr_expect_str_eq(settings_origin_text(got, id), settings_origin_text(want, id));
        }
    }
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *x = env_get(settings_environment(got), variables[i]);
        const char *y = env_get(settings_environment(want), variables[i]);
        cr_expect((x == NULL) == (y == NULL) && (x == NULL || strcmp(x, y) == 0), "%s",
                  variables[i]);
    }
    size_t hidden = settings_hidden(want, &b);
    cr_assert_eq(settings_hidden(got, &a), hidden);
    for (size_t i = 0; i < hidden; i++) {
        cr_expect_str_eq(a[i].text, b[i].text);
    }
    cr_expect_str_eq(settings_context(got), name);
    settings_free(got);
    settings_free(want);
}

#define THREE                                                                                      \
    "[aws]\nprofile = plain\n[names]\ntable = plain-jobs\n[ui]\ntheme = mono\n"                    \
    "[context one]\nprofile = p1\nregion = eu-west-1\ntable = t1\nread_only = yes\n"               \
    "[context two]\nendpoint_url = http://127.0.0.1:2\nprofile = p2\ncolour = red\n"               \
    "[context bad]\nregion = no region\n"

Test(contexts, another_context_is_what_a_start_with_it_is)
{
    put("c.ini", THREE);
    same_as_a_start("one");
    same_as_a_start("two");
    put(".env.eventbridge", "AWS_ENDPOINT_URL_SQS=http://127.0.0.1:9\nDYNAMODB_TABLE_NAME=f\n");
    same_as_a_start("one");
    setenv("AWS_ACCESS_KEY_ID", "AKIA", 1);
    setenv("AWS_REGION", "us-west-2", 1);
    same_as_a_start("one");
    same_as_a_start("two");
}

Test(contexts, two_contexts_live_side_by_side)
{
    put("c.ini", THREE);
    struct settings *one = load("one"), *two = with(one, "two"), *none = with(two, NULL);
    cr_expect_str_eq(env_get(settings_environment(one), "AWS_PROFILE"), "p1");
    cr_expect_str_eq(env_get(settings_environment(two), "AWS_PROFILE"), "p2");
    cr_expect_str_eq(env_get(settings_environment(none), "AWS_PROFILE"), "plain");
    cr_expect_null(env_get(settings_environment(one), "AWS_ENDPOINT_URL"));
    cr_expect_str_eq(env_get(settings_environment(two), "AWS_ENDPOINT_URL"), "http://127.0.0.1:2");
    cr_expect_null(getenv("AWS_PROFILE"));
    cr_expect_str_eq(settings_get(two, SET_TABLE), "plain-jobs");
    cr_expect(settings_bool(one, SET_READ_ONLY));
    cr_expect_not(settings_bool(two, SET_READ_ONLY));
    cr_expect_null(settings_context(none));
    settings_free(one);
    settings_free(two);
    settings_free(none);
}

Test(contexts, flags_and_env_file_hold_for_every_context)
{
    const struct setting_flag flags[] = {
        {SET_CONTEXT, "one"  },
        {SET_TABLE,   "typed"}
    };
    struct err e = {0};

    put("c.ini", THREE);
    put("x.env", "EVENTBRIDGE_BUS_NAME=file-bus\n");
    struct settings *one = settings_load(
        &(struct settings_sources){
            .flags = flags, .flags_len = 2, .env_file = "x.env", .config_ini = "c.ini"},
        &e);
    cr_assert_not_null(one, "%s", e.msg);
    cr_assert_eq(unlink("x.env"), 0); /* such a file may be a pipe: it is read once */
    cr_assert_eq(unlink("c.ini"), 0);
    struct settings *two = with(one, "two");
    cr_expect_str_eq(settings_get(two, SET_TABLE), "typed");
    cr_expect_str_eq(settings_get(two, SET_BUS), "file-bus");
    cr_expect_str_eq(settings_context(two), "two");
    settings_free(one);
    settings_free(two);
}

Test(contexts, another_context_that_is_unknown_or_spoiled_is_refused)
{
    static const char *const garbage[] = {"",         "*",   "-",    "one ",    "no\x1b[31m",
                                          "\xff\xfe", "a b", "o\ne", "\"one\"", "[one]"};
    struct err e = {0};

    put("c.ini", THREE);
    struct settings *s = load("one");
    cr_expect_null(settings_with_context(s, "tow", &e));
    cr_expect_eq(e.code, E_INVALID);
    cr_expect_str_eq(e.msg, "there is no context \"tow\" in c.ini; did you mean \"two\"?");
    cr_expect_str_eq(e.hint,
                     "these exist: one, two, bad; to make one, add a section [context tow]");
    cr_expect_null(settings_with_context(s, "bad", &e));
    cr_expect_eq(e.code, E_CONFIG);
    cr_expect(strstr(e.msg, "c.ini:17 [context bad]") != NULL, "%s", e.msg);
    for (size_t i = 0; i < sizeof garbage / sizeof *garbage; i++) {
        cr_expect_null(settings_with_context(s, garbage[i], &e), "%zu", i);
        cr_expect_eq(e.code, E_INVALID, "%zu", i);
        for (const char *c = e.msg; *c != '\0'; c++) {
            cr_expect((unsigned char)*c >= ' ', "%zu: %s", i, e.msg);
        }
    }
    settings_free(s);
}

Test(contexts, one_that_has_no_usable_name_is_told_with_its_line)
{
    static const char *const names[] = {"", "a b", "*", "x\x1b[31m"};
    struct err e = {0};

    put("c.ini", "[context]\n[context a b]\n[context *]\n[context x\x1b[31m]\n[context good]\n");
    struct settings *s = load(NULL);
    cr_assert_eq(settings_contexts_len(s), 5);
    for (int i = 0; i < 4; i++) {
        char place[32];
        (void)snprintf(place, sizeof place, "c.ini:%d [context", i + 1);
        cr_expect_str_eq(settings_context_at(s, (size_t)i).name, names[i]);
        cr_expect_null(settings_with_context(s, names[i], &e));
        cr_expect_eq(e.code, E_CONFIG);
        cr_expect(strstr(e.msg, place) != NULL, "%s", e.msg);
        cr_expect_null(strchr(e.msg, '\x1b'));
    }
    settings_free(s);
}

Test(contexts, what_was_told_once_is_not_told_for_each_context)
{
    put("c.ini", THREE "[names]\ntabel = x\n");
    setenv("AWS_REGION", "us-west-2", 1);
    struct settings *base = load(NULL);
    cr_expect(warned(base, "tabel"));
    cr_expect(warned(base, "[context bad]"));
    struct settings *one = with(base, "one"), *two = with(base, "two");
    cr_expect_eq(settings_warnings_len(two), 0, "%s", settings_warning(two, 0));
    cr_assert_eq(settings_warnings_len(one), 1);
    cr_expect(warned(one, "environment AWS_REGION hides the region of [context one]"));
    settings_free(base);
    settings_free(one);
    settings_free(two);
}

Test(contexts, looking_at_all_puts_none_in_force)
{
    const char *const names[] = {"one", "unknown", "bad"};
    struct err e = {0};

    put("c.ini", THREE "[ui]\ndefault_context = two\n");
    for (size_t i = 0; i < 3; i++) {
        setenv("MVPDASH_CONTEXT", names[i], 1);
        struct settings *s = settings_load(
            &(struct settings_sources){.config_ini = "c.ini", .no_context = true}, &e);
        cr_assert_not_null(s, "%s", e.msg);
        cr_expect_null(settings_context(s));
        cr_expect_str_eq(settings_get(s, SET_PROFILE), "plain");
        cr_expect_eq(settings_warnings_len(s), 0, "%s", settings_warning(s, 0));
        cr_expect_null(settings_with_context(s, "bad", &e));
        cr_expect(strstr(e.msg, "[context bad]") != NULL, "a mistake is told where it is chosen");
        struct settings *two = with(s, "two");
        cr_expect_str_eq(settings_get(two, SET_PROFILE), "p2");
        cr_expect_eq(settings_warnings_len(two), 0, "%s", settings_warning(two, 0));
        settings_free(two);
        settings_free(s);
    }
}

/* What a command of one's own calls must not work on another place than the job's. */
Test(contexts, programs_are_told_the_place_that_is_in_force)
{
    put("c.ini", "[ui]\ndefault_context = dev\n[context dev]\ntable = dev\n"
                 "[context prod]\ntable = prod\nregion = eu-west-1\nprofile = prod\n");
    const struct setting_flag flags[] = {
        {SET_CONTEXT, "dev"},
        {SET_BUS,     "b"  }
    };
    const struct settings_sources src = {.flags = flags, .flags_len = 2, .config_ini = "c.ini"};
    struct err e = {0};
    struct settings *dev = settings_load(&src, &e);
    cr_assert_not_null(dev, "%s", e.msg);
    struct settings *prod = settings_with_context(dev, "prod", &e);
    cr_assert_not_null(prod, "%s", e.msg);
    const struct env *of_dev = settings_program_environment(dev);
    const struct env *of_prod = settings_program_environment(prod);

    cr_expect_str_eq(env_get(of_dev, "MVPDASH_CONTEXT"), "dev");
    cr_expect_null(env_get(of_dev, "AWS_REGION"), "nobody said a region: the profile's counts");
    cr_expect_str_eq(env_get(of_prod, "MVPDASH_CONTEXT"), "prod", "where the dashboard went");
    cr_expect_str_eq(env_get(of_prod, "AWS_REGION"), "eu-west-1");
    cr_expect_str_eq(env_get(of_prod, "AWS_DEFAULT_REGION"), "eu-west-1");
    cr_expect_str_eq(env_get(of_prod, "AWS_PROFILE"), "prod");
    cr_expect_str_eq(env_get(of_prod, "EVENTBRIDGE_BUS_NAME"), "b", "a flag holds everywhere");
    cr_expect_null(env_get(settings_environment(prod), "MVPDASH_CONTEXT"));
    settings_free(prod);
    settings_free(dev);
}
