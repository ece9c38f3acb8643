/* What a file that is read only because it lies in the working directory may set. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/op.h"
#include "config/settings.h"
#include "core/alloc.h"
#include "core/path.h"

extern char **environ;

static char home[] = "/tmp/mvpdash-unasked.XXXXXX";

static void enter(void)
{
    static const char *const prefixes[] = {"AWS_", "HTTP", "http", "ALL_", "all_", "NO_", "no_"};

    cr_assert_not_null(mkdtemp(home));
    cr_assert_eq(chdir(home), 0);
    for (char **v = environ; *v != NULL;) {
        bool ours = false;
        for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
            ours = ours || strncmp(*v, prefixes[i], strlen(prefixes[i])) == 0;
        }
        if (!ours) {
            v++;
            continue;
        }
        char *name = xstrndup(*v, strcspn(*v, "="));
        unsetenv(name);
        free(name);
        v = environ;
    }
    setenv("XDG_CONFIG_HOME", home, 1);
    setenv("XDG_STATE_HOME", home, 1);
    setenv("HOME", home, 1);
}

static void leave(void)
{
    struct err e;

    cr_expect_eq(chdir("/"), 0);
    cr_expect_eq(path_remove_tree(home, &e), E_OK);
}

TestSuite(unasked, .init = enter, .fini = leave, .timeout = 120);

static void put(const char *text)
{
    struct err e;

    cr_assert_eq(path_write_atomic(".env.eventbridge", text, strlen(text), 0600, &e), E_OK, "%s",
                 e.msg);
}

static struct settings *load(const char *env_file)
{
    struct err e = {0};
    struct settings *s = settings_load(&(struct settings_sources){.env_file = env_file}, &e);

    cr_assert_not_null(s, "%s", e.msg);
    return s;
}

enum expected { TAKEN, PASSED, IGNORED, ASKED };

static const struct line {
    const char *name, *value;
    enum expected want;
} lines[] = {
  /* where credentials come from or go: every one that AWS's SDKs and tools know */
    {"AWS_ENDPOINT_URL_STS",                   "http://127.0.0.1:9",        IGNORED},
    {"AWS_ENDPOINT_URL_SSO",                   "http://127.0.0.1:9",        IGNORED},
    {"AWS_ENDPOINT_URL_SSO_OIDC",              "http://127.0.0.1:9",        IGNORED},
    {"AWS_ENDPOINT_URL_SIGNIN",                "http://127.0.0.1:9",        IGNORED},
    {"AWS_ENDPOINT_URL_COGNITO_IDENTITY",      "http://127.0.0.1:9",        IGNORED},
    {"AWS_ENDPOINT_URL_SECRETS_MANAGER",       "http://127.0.0.1:9",        IGNORED},
    {"AWS_CONFIG_FILE",                        "/tmp/x",                    IGNORED},
    {"AWS_SHARED_CREDENTIALS_FILE",            "/tmp/x",                    IGNORED},
    {"AWS_CREDENTIAL_FILE",                    "/tmp/x",                    IGNORED},
    {"AWS_CA_BUNDLE",                          "/tmp/x",                    IGNORED},
    {"AWS_CONTAINER_CREDENTIALS_FULL_URI",     "http://127.0.0.1:9/x",      IGNORED},
    {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x",                        IGNORED},
    {"AWS_CONTAINER_AUTHORIZATION_TOKEN",      "x",                         IGNORED},
    {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/tmp/x",                    IGNORED},
    {"AWS_EC2_METADATA_SERVICE_ENDPOINT",      "http://127.0.0.1:9",        IGNORED},
    {"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ipv6",                      IGNORED},
    {"AWS_EC2_METADATA_DISABLED",              "false",                     IGNORED},
    {"AWS_WEB_IDENTITY_TOKEN_FILE",            "/tmp/x",                    IGNORED},
    {"AWS_ROLE_ARN",                           "arn:aws:iam::1:role/x",     IGNORED},
    {"AWS_ROLE_SESSION_NAME",                  "x",                         IGNORED},
    {"AWS_DEFAULT_PROFILE",                    "x",                         IGNORED},
    {"AWS_LOGIN_CACHE_DIRECTORY",              "/tmp/x",                    IGNORED},
    {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",    "true",                      IGNORED},
    {"AWS_USE_FIPS_ENDPOINT",                  "true",                      IGNORED},
    {"AWS_USE_DUALSTACK_ENDPOINT",             "true",                      IGNORED},
    {"AWS_STS_REGIONAL_ENDPOINTS",             "legacy",                    IGNORED},
    {"HTTPS_PROXY",                            "http://127.0.0.1:9",        IGNORED},
    {"https_proxy",                            "http://127.0.0.1:9",        IGNORED},
    {"HTTP_PROXY",                             "http://127.0.0.1:9",        IGNORED},
    {"ALL_PROXY",                              "socks5://127.0.0.1:9",      IGNORED},
    {"no_proxy",                               "*",                         IGNORED},
    {"SSL_CERT_FILE",                          "/tmp/x",                    IGNORED},
    {"CURL_CA_BUNDLE",                         "/tmp/x",                    IGNORED},
    {"SSLKEYLOGFILE",                          "/tmp/x",                    IGNORED},
    {"HOME",                                   "/tmp/x",                    IGNORED},
    {"XDG_CONFIG_HOME",                        "/tmp/x",                    IGNORED},
    {"PATH",                                   "/tmp/x",                    IGNORED},
    {"LD_PRELOAD",                             "/tmp/x.so",                 IGNORED},
 /* endpoints of other services: this machine, or asked */
    {"AWS_ENDPOINT_URL",                       "http://127.0.0.1:4566",     TAKEN  },
    {"AWS_ENDPOINT_URL",                       "http://localhost:4566/x",   TAKEN  },
    {"AWS_ENDPOINT_URL",                       "HTTP://LOCALHOST:4566",     TAKEN  },
    {"AWS_ENDPOINT_URL",                       "http://[::1]:4566",         TAKEN  },
    {"AWS_ENDPOINT_URL_DYNAMODB",              "http://127.0.0.1:8000",     TAKEN  },
    {"AWS_ENDPOINT_URL_SQS",                   "http://127.9.9.9:1",        TAKEN  },
    {"AWS_ENDPOINT_URL",                       "https://evil.example",      ASKED  },
    {"AWS_ENDPOINT_URL_DYNAMODB",              "https://evil.example:8000", ASKED  },
    {"AWS_ENDPOINT_URL_EVENTBRIDGE",           "https://10.0.0.1",          ASKED  },
    {"AWS_ENDPOINT_URL_DYNAMODB_STREAMS",      "https://127.0.0.1.evil.eu", ASKED  },
    {"AWS_ENDPOINT_URL_BATCH",                 "https://localhost.evil.eu", ASKED  },
    {"AWS_ENDPOINT_URL_CLOUDWATCH_LOGS",       "https://127.0.0.1@evil.eu", ASKED  },
    {"AWS_ENDPOINT_URL_SQS",                   "http://evil.eu/127.0.0.1",  ASKED  },
    {"AWS_ENDPOINT_URL_SQS",                   "http://evil.eu#@127.0.0.1", ASKED  },
    {"AWS_ENDPOINT_URL_CLOUDWATCH",            "http://169.254.169.254",    ASKED  },
    {"AWS_ENDPOINT_URL_IAM",                   "127.0.0.1:80",              ASKED  },
 /* identity, and what is not mvpdash's */
    {"AWS_MAX_ATTEMPTS",                       "2",                         TAKEN  },
    {"DATABASE_URL",                           "postgres://u:p@h/db",       PASSED },
    {"NODE_ENV",                               "production",                PASSED },
};

ParameterizedTestParameters(unasked, a_line)
{
    static size_t index[sizeof lines / sizeof *lines];
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        index[i] = i;
    }
    return cr_make_param_array(size_t, index, sizeof lines / sizeof *lines);
}

ParameterizedTest(size_t *i, unasked, a_line)
{
    const struct line *l = &lines[*i];
    char *text = xasprintf("# comment\nexport %s='%s'\n", l->name, l->value);
    char *before = getenv(l->name) == NULL ? NULL : xstrdup(getenv(l->name));
    const struct setting_ignored *ignored = NULL;

    put(text);
    struct settings *s = load(NULL);
    const char *now = env_get(settings_environment(s), l->name);
    size_t len = settings_ignored(s, &ignored);
    bool general = strcmp(l->name, "AWS_ENDPOINT_URL") == 0;

    if (l->want == TAKEN && !general) {
        cr_expect(now != NULL && strcmp(now, l->value) == 0, "%s", l->name);
    } else { /* the general one goes to the client alone: in the environment STS would see it */
        cr_expect((now == NULL) == (before == NULL) && (now == NULL || strcmp(now, before) == 0),
                  "%s", l->name);
    }
    if (general) {
        const char *given = settings_unasked_endpoint(s);
        const char *shown = settings_get(s, SET_ENDPOINT_URL);
        cr_expect_eq(given != NULL, l->want == TAKEN);
        cr_expect_eq(shown != NULL, l->want == TAKEN, "`mvpdash config` says what counts");
    }
    cr_expect_eq(len, l->want == IGNORED || l->want == ASKED ? 1 : 0, "%s", l->name);
    cr_expect_eq(settings_warnings_len(s), len);
    if (len == 1) {
        cr_expect_str_eq(ignored[0].name, l->name);
        cr_expect_str_eq(ignored[0].from, "./.env.eventbridge:2");
        cr_expect_eq(ignored[0].confirm, l->want == ASKED);
        cr_expect_not_null(strstr(settings_warning(s, 0), l->name));
    }
    settings_free(s);
    free(before);
    free(text);
}

/* A service that is called later must not be missing in the list: its endpoint is one of "other
 * services", or one of those that deal with credentials. */
Test(unasked, each_service_that_is_called_has_its_place)
{
    for (int i = 0; i < AWS_SERVICE_COUNT; i++) {
        const char *suffix = aws_service_get((enum aws_service_id)i)->env_suffix;
        char *text = xasprintf("AWS_ENDPOINT_URL_%s=http://127.0.0.1:9\n", suffix);
        const struct setting_ignored *ignored = NULL;
        put(text);
        struct settings *s = load(NULL);
        cr_expect_eq(settings_ignored(s, &ignored), i == AWS_STS ? 1 : 0, "%s", suffix);
        settings_free(s);
        free(text);
    }
}

Test(unasked, a_named_file_may_all_of_it)
{
    put("AWS_ENDPOINT_URL=https://a.example\nAWS_ENDPOINT_URL_STS=https://b.example\n"
        "HTTPS_PROXY=http://c.example\nAWS_CA_BUNDLE=/d\nLD_PRELOAD=/e\n");
    unsetenv("LD_PRELOAD");
    struct settings *s = load(".env.eventbridge");
    cr_expect_eq(settings_warnings_len(s), 0);
    cr_expect_str_eq(env_get(settings_environment(s), "AWS_ENDPOINT_URL"), "https://a.example");
    cr_expect_str_eq(env_get(settings_environment(s), "AWS_ENDPOINT_URL_STS"), "https://b.example");
    cr_expect_str_eq(env_get(settings_environment(s), "HTTPS_PROXY"), "http://c.example");
    cr_expect_str_eq(env_get(settings_environment(s), "AWS_CA_BUNDLE"), "/d");
    cr_expect_null(env_get(settings_environment(s), "LD_PRELOAD"));
    cr_expect_null(settings_unasked_endpoint(s));
    settings_free(s);
}

static size_t ignored_now(void)
{
    const struct setting_ignored *ignored = NULL;
    struct settings *s = load(NULL);
    size_t len = settings_ignored(s, &ignored);

    settings_free(s);
    return len;
}

static void trust(bool yes, enum err_code want)
{
    struct settings *s = load(NULL);
    struct err e = {0};
    char *said = NULL;

    cr_expect_eq(settings_trust(s, yes, &said, &e), want, "%s", e.msg);
    cr_expect_eq(said != NULL, want == E_OK);
    free(said);
    settings_free(s);
}

Test(unasked, a_folder_is_confirmed_once)
{
    put("AWS_ENDPOINT_URL=https://a.example\nAWS_ENDPOINT_URL_STS=https://a.example\n");
    cr_expect_eq(ignored_now(), 2);
    trust(true, E_OK);
    cr_expect_eq(ignored_now(), 1, "where credentials go is never asked for");
    struct settings *s = load(NULL);
    cr_expect_str_eq(settings_unasked_endpoint(s), "https://a.example");
    cr_expect_null(env_get(settings_environment(s), "AWS_ENDPOINT_URL"));
    cr_expect_null(env_get(settings_environment(s), "AWS_ENDPOINT_URL_STS"));
    settings_free(s);

    put("# other lines\nDYNAMODB_TABLE_NAME=t\nAWS_ENDPOINT_URL=https://a.example\n");
    cr_expect_eq(ignored_now(), 0, "other lines may change");
    put("AWS_ENDPOINT_URL=https://b.example\n");
    cr_expect_eq(ignored_now(), 1, "another address asks again");
    put("AWS_ENDPOINT_URL=https://a.example\nAWS_ENDPOINT_URL_SQS=https://b.example\n");
    cr_expect_eq(ignored_now(), 2, "one more address asks again");

    put("AWS_ENDPOINT_URL=https://a.example\n");
    cr_expect_eq(ignored_now(), 0);
    cr_assert_eq(mkdir("other", 0700), 0);
    cr_assert_eq(chdir("other"), 0);
    put("AWS_ENDPOINT_URL=https://a.example\n");
    cr_expect_eq(ignored_now(), 1, "another folder was not confirmed");
    cr_assert_eq(chdir(".."), 0);
    trust(false, E_OK);
    cr_expect_eq(ignored_now(), 1, "taken back");
    put("AWS_ENDPOINT_URL=http://127.0.0.1:1\n");
    trust(true, E_INVALID);
}

Test(unasked, an_account_is_confirmed_as_an_address_is)
{
    static const char *const names[] = {
        "EVENTBRIDGE_BUS_NAME=arn:aws:events:us-east-1:666666666666:event-bus/mvp",
        "DYNAMODB_TABLE_NAME=arn:aws:dynamodb:us-east-1:666666666666:table/mvp",
        "BATCH_JOB_QUEUE=arn:aws-cn:batch:cn-north-1:666666666666:job-queue/mvp"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        put(names[i]);
        cr_expect_eq(ignored_now(), 1, "%s", names[i]);
        struct settings *s = load(NULL);
        cr_expect_str_eq(settings_get(s, SET_BUS), "mvp-development");
        cr_expect_str_eq(settings_get(s, SET_TABLE), "mvp-development-jobs");
        cr_expect_str_eq(settings_get(s, SET_QUEUE), "mvp-pipeline-queue");
        settings_free(s);
    }
    put("EVENTBRIDGE_BUS_NAME=mvp\nEVENTBRIDGE_SOURCE=arn:of.nothing\n");
    cr_expect_eq(ignored_now(), 0, "a name is of whatever account the keys are");

    put(names[0]);
    trust(true, E_OK);
    struct settings *s = load(NULL);
    cr_expect_str_eq(settings_get(s, SET_BUS),
                     "arn:aws:events:us-east-1:666666666666:event-bus/mvp");
    settings_free(s);
    put("EVENTBRIDGE_BUS_NAME=arn:aws:events:us-east-1:777777777777:event-bus/mvp");
    cr_expect_eq(ignored_now(), 1, "another account asks again");
    s = load(".env.eventbridge");
    cr_expect_str_eq(settings_get(s, SET_BUS),
                     "arn:aws:events:us-east-1:777777777777:event-bus/mvp");
    settings_free(s);
}

Test(unasked, a_pipe_or_folder_in_its_place_is_not_waited_for)
{
    struct err e;

    cr_assert_eq(mkfifo(".env.eventbridge", 0600), 0);
    struct settings *s = load(NULL);
    cr_expect_eq(settings_warnings_len(s), 1);
    settings_free(s);
    cr_assert_eq(unlink(".env.eventbridge"), 0);
    cr_assert_eq(mkdir(".env.eventbridge", 0700), 0);
    s = load(NULL);
    cr_expect_eq(settings_warnings_len(s), 1);
    settings_free(s);
    cr_assert_eq(path_remove_tree(".env.eventbridge", &e), E_OK);

    put("AWS_ENDPOINT_URL=https://a.example\n"); /* its confirmation is a pipe */
    trust(true, E_OK);
    cr_assert_eq(system("for f in mvpdash/trusted/*; do rm \"$f\"; mkfifo \"$f\"; done"), 0);
    cr_expect_eq(ignored_now(), 1);
}

Test(unasked, a_damaged_confirmation_confirms_nothing)
{
    put("AWS_ENDPOINT_URL=https://a.example\n");
    trust(true, E_OK);
    cr_assert_eq(system("for f in mvpdash/trusted/*; do head -c 20 \"$f\" >x; cat x >\"$f\"; done"),
                 0);
    cr_expect_eq(ignored_now(), 1);
    cr_assert_eq(system("rm mvpdash/trusted/*; mkfifo mvpdash/trusted/x"), 0);
    cr_expect_eq(ignored_now(), 1);
}
