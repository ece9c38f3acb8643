/* The parser of options and arguments. */
#include <criterion/criterion.h>
#include <string.h>

#include "core/rand.h"
#include "src/cli/args.h"

TestSuite(cli_args, .timeout = 120);

static const struct cli_option own[] = {
    {.name = "name", .value = "N"},
    {.name = "flag"             },
    {.name = "res", .value = "R", .repeat = true},
    {.name = "secret",  .value = "S", .secret = true},
    {.name = NULL             },
};
static const struct cli_option common[] = {
    {.name = "json"  },
    {.name = "region", .value = "R"},
    {.name = NULL               },
};

/* Up to 8 words, separated by blanks. */
static enum err_code parse(const char *line, struct cli_args *a, struct err *e)
{
    static char room[256];
    static char *argv[16];
    int argc = 0;
    char *save = NULL;

    (void)strncpy(room, line, sizeof room - 1);
    for (char *w = strtok_r(room, " ", &save); w != NULL; w = strtok_r(NULL, " ", &save)) {
        argv[argc++] = w;
    }
    return args_parse(argc, argv, own, common, a, e);
}

static void parse_ok(const char *line, struct cli_args *a)
{
    struct err e = {0};

    cr_assert_eq(parse(line, a, &e), E_OK, "%s: %s", line, e.msg);
}

static void refused(const char *line, const char *says)
{
    struct cli_args a;
    struct err e = {0};

    cr_expect_eq(parse(line, &a, &e), E_USAGE, "%s", line);
    cr_expect(strstr(e.msg, says) != NULL, "%s: %s", line, e.msg);
    cr_expect_eq(a.len, 0);
}

Test(cli_args, takes_both_forms_of_a_value)
{
    struct cli_args a;

    parse_ok("--name x --region=eu-west-1 word --flag", &a);
    cr_expect_str_eq(args_get(&a, "name"), "x");
    cr_expect_str_eq(args_get(&a, "region"), "eu-west-1");
    cr_expect(args_has(&a, "flag"));
    cr_expect_not(args_has(&a, "json"));
    cr_assert_eq(a.words_len, 1);
    cr_expect_str_eq(a.words[0], "word");
    args_clear(&a);
}

Test(cli_args, an_equals_sign_inside_a_value_stays)
{
    struct cli_args a;

    parse_ok("--name=a=b --res= --res k=v", &a);
    size_t at = 0;
    cr_expect_str_eq(args_get(&a, "name"), "a=b");
    cr_expect_str_eq(args_next(&a, "res", &at), "");
    cr_expect_str_eq(args_next(&a, "res", &at), "k=v");
    cr_expect_null(args_next(&a, "res", &at));
    args_clear(&a);
}

Test(cli_args, negative_numbers_and_a_lone_dash_are_no_options)
{
    struct cli_args a;

    parse_ok("-5 - -.5 --name -7", &a);
    cr_expect_eq(a.words_len, 3);
    cr_expect_str_eq(args_get(&a, "name"), "-7");
    args_clear(&a);
}

Test(cli_args, two_dashes_end_the_options)
{
    struct cli_args a;

    parse_ok("--flag -- --json --unknown", &a);
    cr_expect_not(args_has(&a, "json"));
    cr_assert_eq(a.words_len, 2);
    cr_expect_str_eq(a.words[1], "--unknown");
    args_clear(&a);
}

Test(cli_args, a_common_option_given_again_replaces_the_first)
{
    struct cli_args a;

    parse_ok("--region a --region b", &a);
    cr_expect_str_eq(args_get(&a, "region"), "b");
    args_clear(&a);
}

Test(cli_args, mistakes_are_named)
{
    refused("--nmae x", "unknown option --nmae; did you mean --name?");
    refused("--region-x", "unknown option --region-x");
    refused("-x", "unknown option -x");
    refused("-json", "unknown option -json; did you mean --json?");
    refused("--name", "--name needs a value: --name N");
    refused("--name --flag", "--name needs a value");
    refused("--flag=yes", "--flag takes no value");
    refused("--name a --name b", "--name is given twice: give it once");
}

Test(cli_args, an_unknown_option_never_shows_its_value)
{
    struct cli_args a;
    struct err e;

    cr_assert_eq(parse("--pasword=hunter2", &a, &e), E_USAGE);
    cr_expect_null(strstr(e.msg, "hunter2"));
}

Test(cli_args, finds_the_command_behind_common_options)
{
    char *argv[] = {(char *)"mvpdash",
                    (char *)"--region",
                    (char *)"list",
                    (char *)"--json",
                    (char *)"status",
                    (char *)"x",
                    NULL};

    cr_expect_eq(args_find_command(6, argv, common, own), 4);
    cr_expect_eq(args_find_command(4, argv, common, own), 4);
}

Test(cli_args, survives_garbage)
{
    static const char *const parts[] = {"--",     "-",   "--name", "--name=", "=",
                                        "--=x",   "-=",  "",       "--flag",  "--res",
                                        "--json", "---", "\xff",   "-1",      "--secret"};

    for (int round = 0; round < 3000; round++) {
        char room[8][16];
        char *argv[8];
        int argc = (int)rand_below(8);
        for (int i = 0; i < argc; i++) {
            (void)strcpy(room[i], parts[rand_below(sizeof parts / sizeof *parts)]);
            argv[i] = room[i];
        }
        struct cli_args a;
        struct err e = {0};
        if (args_parse(argc, argv, own, common, &a, &e) == E_OK) {
            args_clear(&a);
        } else {
            cr_assert_neq(e.msg[0], '\0');
        }
    }
}
