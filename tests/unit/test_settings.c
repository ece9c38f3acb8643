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

    put("x.env", "A=1\nAWS_REGION=\"evil.example.com/\"\n");
    cr_expect_null(settings_load(&(struct settings_sources){.env_file = "x.env"}, &e));
    cr_expect_eq(e.code, E_CONFIG);
    cr_expect(strstr(e.msg, "x.env:2") != NULL && strstr(e.msg, "us-east-1") != NULL, "%s", e.msg);

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

Test(settings, a_broken_config_ini_says_what_to_do_and_no_command_that_fails_too)
{
    struct err e;

    put("c.ini", "[names]\nqueue\n");
    cr_expect_null(settings_load(&(struct settings_sources){.config_ini = "c.ini"}, &e));
    cr_expect_eq(e.code, E_CONFIG);
    cr_expect_str_eq(e.msg, "c.ini:2: expected [section] or name = value");
    cr_expect_str_eq(err_hint(&e), "correct the file, or move it away");
}

Test(settings, an_unknown_key_warns_with_what_was_meant)
{
    put("c.ini", "[names]\nquee = x\n[ui]\nmouse=yes\nregion = us-east-2\n[aws]\nzzzzzzzz=1\n");
    struct settings *s = load_ok(&(struct settings_sources){.config_ini = "c.ini"});

    cr_assert_eq(settings_warnings_len(s), 3);
    cr_expect_str_eq(settings_warning(s, 0),
                     "c.ini:2: unknown key \"quee\"; did you mean \"queue\"?");
    cr_expect_str_eq(settings_warning(s, 1), "c.ini:5: \"region\" belongs in [aws]");
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

static const struct ini_reader_hooks no_hooks = {.pair = no_pair};

Test(settings, config_ini_mistakes_name_their_line)
{
    struct err e;
    char text[400] = "[a]\nk=";

    cr_expect_eq(ini_file_parse("[a]\nk=1\nfoo\n", 12, "c", &no_hooks, NULL, &e), E_CONFIG);
    cr_expect_str_eq(e.msg, "c:3: expected [section] or name = value");
    memset(text + 6, 'x', 300);
    cr_expect_eq(ini_file_parse(text, 306, "c", &no_hooks, NULL, &e), E_CONFIG);
    cr_expect_str_eq(e.msg, "c:2: the line is over 196 bytes");
    cr_expect_eq(ini_file_parse("a\0b", 3, "c", &no_hooks, NULL, &e), E_CONFIG);
    cr_expect_eq(ini_file_parse("k=\xff\n", 4, "c", &no_hooks, NULL, &e), E_CONFIG);
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
        enum err_code rc = ini_file_parse(text, len, "c", &no_hooks, NULL, &e);
        cr_assert(rc == E_OK || (rc == E_CONFIG && e.msg[0] != '\0'));
    }
}
