/* The command line: the table of commands, help, errors and old forms. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "core/json.h"
#include "core/path.h"

/* Each test is a process of its own: an empty home, and an endpoint where nobody listens, so that
 * whatever gets past validation shows as exit status 5. */
static char home[] = "/tmp/mvpdash-cli.XXXXXX";
static char *out_text, *err_text;

static void enter(void)
{
    cr_assert_not_null(mkdtemp(home));
    cr_assert_eq(chdir(home), 0);
    setenv("HOME", home, 1);
    setenv("XDG_STATE_HOME", home, 1);
    setenv("XDG_CONFIG_HOME", home, 1);
    setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1", 1);
    setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "hunter2secret", 1);
    setenv("AWS_MAX_ATTEMPTS", "1", 1);
    unsetenv("AWS_PROFILE");
    unsetenv("DEBUG");
    unsetenv("JOB_ID");
}

static void leave(void)
{
    struct err e;

    free(out_text);
    free(err_text);
    cr_expect_eq(chdir("/"), 0);
    cr_expect_eq(path_remove_tree(home, &e), E_OK);
}

TestSuite(cli, .init = enter, .fini = leave, .timeout = 120);

static const struct cli_local *seen_local;
static struct cli_local local_copy;
static char local_host[64], local_container[64];

static enum err_code on_local(void *arg, const struct cli_local *o, struct err *e)
{
    (void)arg;
    (void)e;
    local_copy = *o;
    (void)snprintf(local_host, sizeof local_host, "%s", o->host == NULL ? "" : o->host);
    (void)snprintf(local_container, sizeof local_container, "%s",
                   o->container == NULL ? "" : o->container);
    seen_local = &local_copy;
    return E_OK;
}

static enum err_code on_attach(void *arg, const char *data_dir, struct err *e)
{
    (void)arg;
    return err_set(e, E_IO, "no cloud in %s", data_dir);
}

static char *slurp(const char *path)
{
    char *text = NULL;
    struct err e;

    cr_assert_eq(path_read(path, 1 << 20, &text, NULL, &e), E_OK, "%s", e.msg);
    return text;
}

/* Runs `mvpdash` with words separated by '|'; fills out_text and err_text. */
static int run(const char *line)
{
    static const struct cli_hooks hooks = {.local = on_local, .attach = on_attach};
    char room[1024];
    char *argv[32] = {(char *)"mvpdash"};
    int argc = 1;
    char *save = NULL;

    (void)snprintf(room, sizeof room, "%s", line);
    for (char *w = strtok_r(room, "|", &save); w != NULL; w = strtok_r(NULL, "|", &save)) {
        argv[argc++] = w;
    }
    argv[argc] = NULL;
    fflush(stdout);
    fflush(stderr);
    int keep_out = dup(1);
    int keep_err = dup(2);
    cr_assert_not_null(freopen("out", "w", stdout));
    cr_assert_not_null(freopen("err", "w", stderr));
    int status = cli_main(argc, argv, &hooks);
    fflush(stdout);
    fflush(stderr);
    dup2(keep_out, 1);
    dup2(keep_err, 2);
    close(keep_out);
    close(keep_err);
    free(out_text);
    free(err_text);
    out_text = slurp("out");
    err_text = slurp("err");
    return status;
}

Test(cli, each_command_is_complete_and_named_once)
{
    for (size_t i = 0; i < cli_commands_len; i++) {
        const struct cli_command *c = cli_commands[i];
        cr_expect(c->summary[0] != '\0' && c->example != NULL && c->run != NULL, "%s", c->name);
        cr_expect(c->max_args < 0 || c->max_args >= c->min_args, "%s", c->name);
        cr_expect(strncmp(c->example, "mvpdash", 7) == 0, "%s", c->name);
        cr_expect(strlen(c->summary) < 66, "%s: fits one line of help", c->name);
        for (size_t j = 0; j < i; j++) {
            cr_expect_str_neq(c->name, cli_commands[j]->name);
        }
        for (const struct cli_option *o = cli_command_options(c); o->name != NULL; o++) {
            cr_expect(o->hidden || o->help[0] != '\0', "%s --%s", c->name, o->name);
            for (const struct cli_option *p = cli_common; p->name != NULL; p++) {
                cr_expect_str_neq(o->name, p->name, "%s --%s hides a common option", c->name,
                                  o->name);
            }
        }
    }
}

Test(cli, each_command_explains_itself)
{
    for (size_t i = 1; i < cli_commands_len; i++) {
        char line[64];
        (void)snprintf(line, sizeof line, "%s|--help", cli_commands[i]->name);
        cr_expect_eq(run(line), 0);
        cr_expect(strstr(out_text, cli_commands[i]->summary) != NULL);
        cr_expect(strstr(out_text, "Example:\n  mvpdash ") != NULL);
        cr_expect(strstr(out_text, "--endpoint-url URL") != NULL);
        cr_expect_str_eq(err_text, "");
    }
}

Test(cli, help_version_and_documents_come_from_the_table)
{
    cr_expect_eq(run("--version"), 0);
    cr_expect_str_eq(out_text, "mvpdash " MVPDASH_VERSION "\n");
    cr_expect_eq(run("--help"), 0);
    cr_expect(strstr(out_text, "cancel  JOB_ID...") != NULL);
    cr_expect_eq(run("help|send"), 0);
    cr_expect(strstr(out_text, "--user-id TEXT") != NULL);
    cr_expect_eq(run("help|sned"), 2);
    cr_expect(strstr(err_text, "did you mean \"send\"?") != NULL);
    cr_expect_eq(run("help|--man"), 0);
    cr_expect(strncmp(out_text, ".TH MVPDASH 1", 13) == 0);
    cr_expect(strstr(out_text, "DYNAMODB_TABLE_NAME") != NULL);
    cr_expect_eq(run("help|--man|config"), 0);
    cr_expect(strncmp(out_text, ".TH MVPDASH-CONFIG 5", 20) == 0);
    for (size_t i = 0; i < SET_COUNT; i++) {
        char tag[64];
        (void)snprintf(tag, sizeof tag, ".B %s\n", setting_rows[i].ini);
        cr_expect(strstr(out_text, tag) != NULL, "%s", setting_rows[i].ini);
    }
    cr_expect_eq(run("help|--man|keys"), 0);
    cr_expect(strncmp(out_text, ".TH MVPDASH-KEYS 7", 18) == 0);
    cr_expect(strstr(out_text, ".SH FILTER") != NULL);
    cr_expect_eq(run("help|--man|nonsense"), 2);
    cr_expect(strstr(err_text, "there are config and keys") != NULL);
    cr_expect_eq(run("help|--markdown|nonsense"), 2);
    cr_expect(strstr(err_text, "the parts are commands, ") != NULL);
    cr_expect_eq(run("help|--example"), 0);
    cr_expect(strstr(out_text, "\n[context prod]\n") != NULL);
    cr_expect_eq(run("help|--markdown"), 0);
    cr_expect(strstr(out_text, "| `mvpdash status JOB_ID` |") != NULL);
}

/* What must be refused before anything is asked of the network, with the word that names it. */
static const struct refusal {
    const char *line;
    int status;
    const char *says;
} refusals[] = {
    {"nonsense",                                                  2, "unknown command"             },
    {"stauts|x",                                                  2, "did you mean \"status\"?"    },
    {"list|--stattus|x",                                          2, "did you mean --status?"      },
    {"status",                                                    2, "JOB_ID is missing"           },
    {"status|a|b",                                                2, "unexpected argument \"b\""   },
    {"cancel",                                                    2, "JOB_ID... is missing"        },
    {"list|--status|sleeping",                                    2, "--status"                    },
    {"list|--since|yesterday",                                    2, "--since"                     },
    {"list|--limit|-1",                                           2, "--limit"                     },
    {"list|--limit|many",                                         2, "--limit"                     },
    {"list|--region|a b",                                         2, "--region"                    },
    {"list|--endpoint-url|ftp://x",                               2, "--endpoint-url"              },
    {"list|--env-file|missing.env",                               4, "missing.env"                 },
    {"send",                                                      2, "--user-id is missing"        },
    {"send|--user-id|u",                                          2, "--product-id is missing"     },
    {"send|--user-id|u|--product-id|p|--priority|urgent",         2, "--priority: "                },
    {"send|--user-id|u|--product-id|p|--metadata|[1]",            2, "--metadata is not"           },
    {"send|--user-id|u|--product-id|p|--email|nobody",            2, "--email: "                   },
    {"send|--user-id|u|--product-id|p|--estimated-duration|soon", 2, "--estimated-duration"        },
    {"send|--user-id|u|--product-id|p|--job-id|../x",             2, "--job-id: "                  },
    {"send|--user-id|u|--user-id|v|--product-id|p",               2, "given twice"                 },
    {"send|--database-url|postgres://u:hunter2@h/d|--user-id|u",  2, "FOUNDERDASH_DATABASE_URL"    },
    {"send|--user-id|u|--product-id|p|--read-only",               2, "read-only is on"             },
    {"cancel|x|--read-only",                                      2, "read-only is on"             },
    {"report|--read-only|--job-id|x|--step|S",                    2, "read-only is on"             },
    {"report|--step|BUILDING",                                    2, "--job-id is missing"         },
    {"report|--job-id|x",                                         2, "nothing to report"           },
    {"report|--job-id|x|--progress|101",                          2, "--progress"                  },
    {"report|--job-id|x|--progress|-1",                           2, "--progress"                  },
    {"report|--job-id|x|--url|nonsense",                          2, "KIND=URL"                    },
    {"report|--job-id|x|--url|moon=https://x",                    2, "moon"                        },
    {"report|--job-id|x|--status|dancing",                        2, "dancing"                     },
    {"event|--source|s|--detail-type|t",                          2, "--detail is missing"         },
    {"event|--source|s|--detail-type|t|--detail|{",               2, "detail"                      },
    {"logs|x|--attempt|0",                                        2, "--attempt"                   },
    {"logs|x|--since|?",                                          2, "--since"                     },
    {"local|--listen|nowhere",                                    2, "ADDR:PORT"                   },
    {"local|--listen|127.0.0.1:99999",                            2, "ADDR:PORT"                   },
    {"list|--local",                                              1, "no cloud in"                 },
    {"--action|batch|--user-id|u",                                2, "--product-id"                },
    {"--action|dance",                                            2, "expected send, batch or test"},
    {"--action",                                                  2, "expected send, batch or test"},
    {"--action|send|--user-id|u",                                 2, "--product-id is missing"     },
    {"--json",                                                    2, "terminal"                    },
};

ParameterizedTestParameters(cli, refuses_with_the_status_and_the_reason)
{
    static size_t index[sizeof refusals / sizeof *refusals];
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        index[i] = i;
    }
    return cr_make_param_array(size_t, index, sizeof refusals / sizeof *refusals);
}

ParameterizedTest(size_t *i, cli, refuses_with_the_status_and_the_reason)
{
    const struct refusal *r = &refusals[*i];

    cr_expect_eq(run(r->line), r->status, "%s: %s", r->line, err_text);
    cr_expect(strstr(err_text, r->says) != NULL, "%s: %s", r->line, err_text);
    cr_expect_null(strstr(err_text, "hunter2"));
    cr_expect_str_eq(out_text, "", "%s", r->line);
    cr_expect_not(path_exists("mvpdash/outbox"), "%s: nothing is written", r->line);
}

Test(cli, an_error_is_a_line_and_its_remedy)
{
    cr_expect_eq(run("list"), 5);
    cr_expect(strncmp(err_text, "mvpdash: ", 9) == 0, "%s", err_text);
    cr_expect(strstr(err_text, "\n  -> ") != NULL, "ASCII outside UTF-8: %s", err_text);
    if (setlocale(LC_CTYPE, "C.UTF-8") != NULL) {
        cr_expect_eq(run("list"), 5);
        cr_expect(strstr(err_text, "\n  \xe2\x86\x92 ") != NULL, "%s", err_text);
    }
}

Test(cli, with_json_an_error_is_one_document)
{
    struct err e;

    cr_expect_eq(run("status|--json|job_1"), 5);
    cJSON *doc = json_parse(err_text, strlen(err_text), "stderr", &e);
    cr_assert_not_null(doc, "%s", err_text);
    cr_expect_str_eq(json_str(json_get(doc, "error"), "code"), "E_NET");
    cr_expect_not_null(json_str(json_get(doc, "error"), "message"));
    cr_expect_not_null(json_str(json_get(doc, "error"), "hint"));
    cJSON_Delete(doc);
    cr_expect_str_eq(out_text, "");
}

Test(cli, local_passes_on_where_to_listen_and_live)
{
    cr_expect_eq(run("local"), 0);
    cr_assert_not_null(seen_local);
    cr_expect_eq(seen_local->port, 4599);
    cr_expect_eq(run("local|--listen|[::1]:0|--data|x/y"), 0);
    cr_expect_eq(seen_local->port, 0);
    cr_expect_str_eq(local_host, "::1");
    cr_expect_eq(run("local|--listen|:8000"), 0);
    cr_expect_eq(seen_local->port, 8000);
    cr_expect_str_eq(local_host, "");
    cr_expect_str_eq(local_container, "");
    cr_expect_eq(run("local|--container|ours:1"), 0);
    cr_expect_str_eq(local_container, "ours:1");
    cr_expect_eq(run("local|--container=--privileged"), 2, "an image is no option of the runtime");
}

Test(cli, config_shows_origins_and_no_secret)
{
    setenv("FOUNDERDASH_DATABASE_URL", "postgresql://app:hunter2@db/x", 1);
    setenv("DYNAMODB_TABLE_NAME", "their-table", 1);
    cr_expect_eq(run("config|--bus|my-bus"), 0);
    cr_expect(strstr(out_text, "my-bus") != NULL && strstr(out_text, "flag --bus") != NULL);
    cr_expect(strstr(out_text, "environment DYNAMODB_TABLE_NAME") != NULL);
    cr_expect_null(strstr(out_text, "hunter2"));
    cr_expect_eq(run("config|--json"), 0);
    cr_expect_null(strstr(out_text, "hunter2"));
    struct err e;
    cJSON *doc = json_parse(out_text, strlen(out_text), "stdout", &e);
    cr_assert_not_null(doc, "%s", e.msg);
    cr_expect_eq(cJSON_GetArraySize(json_array(doc, "settings")), SET_COUNT);
    cJSON_Delete(doc);
}

Test(cli, a_secret_flag_does_not_stay_in_argv)
{
    static const struct cli_hooks hooks = {.local = on_local, .attach = on_attach};
    char url[] = "postgres://u:hunter2@h/d";
    char *argv[] = {(char *)"mvpdash", (char *)"send", (char *)"--database-url", url, NULL};

    cr_assert_not_null(freopen("err", "w", stderr));
    cr_expect_eq(cli_main(4, argv, &hooks), 2);
    cr_expect_null(strstr(url, "hunter2"));
}

Test(cli, debug_logs_requests_without_secrets)
{
    cr_expect_eq(run("list|--debug"), 5);
    cr_expect(strstr(err_text, "DescribeTable") != NULL, "%s", err_text);
    cr_expect_null(strstr(err_text, "hunter2secret"));
}

Test(cli, doctor_says_the_first_failure_again_and_exits_with_1)
{
    cr_expect_eq(run("doctor"), 1);
    cr_expect(strstr(out_text, "FAIL    A3.sts") != NULL, "%s", out_text);
    cr_expect(strstr(out_text, "SKIP    C1") != NULL, "%s", out_text);
    cr_expect(strstr(out_text, "First: A3.sts: cannot connect") != NULL, "%s", out_text);
    cr_expect(strchr(out_text, '\033') == NULL, "no colour into a file");
    cr_expect_eq(run("doctor|--json"), 1);
    cJSON *doc = json_parse(out_text, strlen(out_text), "stdout", NULL);
    cr_assert_not_null(doc, "%s", out_text);
    cr_expect_not(json_bool(doc, "ok", true));
    cr_expect_str_eq(json_str_or(json_object(doc, "headline"), "id", ""), "A3.sts");
    cr_expect_gt(cJSON_GetArraySize(json_array(doc, "checks")), 30);
    cJSON_Delete(doc);
}
