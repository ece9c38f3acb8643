/* `mvpdash iam`: the smallest IAM policies. */
#include <stdlib.h>

#include "core/json.h"
#include "ops/iam_policy.h"
#include "src/cli/cli_priv.h"
#include "src/cli/commands.h"

static const struct cli_option options[] = {
    CLI_FLAG("viewer", "for people who watch"),
    CLI_FLAG("operator", "for people who also deploy, cancel and redrive"),
    CLI_FLAG("api", "for `mvpdash serve --state table`"),
    CLI_END,
};

static enum err_code run_iam(struct cli *c, struct err *e)
{
    bool viewer = args_has(&c->args, "viewer");
    bool operator_too = args_has(&c->args, "operator");
    bool api = args_has(&c->args, "api");

    if ((int)viewer + (int)operator_too + (int)api != 1) {
        return err_set(e, E_USAGE, "iam: give one of --viewer, --operator and --api");
    }
    if (cli_ops(c, e) == NULL) {
        return e->code;
    }
    cJSON *policy = iam_policy(c->settings, aws_client_region(c->ops->aws),
                               api            ? IAM_API
                               : operator_too ? IAM_OPERATOR
                                              : IAM_VIEWER);
    if (c->json) {
        cli_json(c, policy);
        return E_OK;
    }
    char *text = json_pretty(policy);
    (void)fprintf(c->out, "%s\n", text);
    free(text);
    cJSON_Delete(policy);
    return E_OK;
}

const struct cli_command cmd_iam = {
    .name = "iam",
    .args = "",
    .summary = "Print the smallest IAM policy for people who watch or deploy",
    .about =
        "The policy names the table, bus, queue and log groups in force (see `mvpdash config`)\n"
        "in the region in force, and any account: put your account's number in place of the\n"
        "\"*\" to narrow it further. Makes no request. infra/ grants the same actions.",
    .example = "mvpdash iam --viewer",
    .options = options,
    .max_args = 0,
    .flags = CLI_ABOUT,
    .run = run_iam,
};
