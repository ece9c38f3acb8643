/* `mvpdash` without a command: the dashboard. */
#include <unistd.h>

#include "src/cli/cli_priv.h"
#include "src/cli/commands.h"

static const struct cli_option options[] = {
    CLI_FLAG("mouse", "react to the mouse; hold Shift to select text"),
    CLI_FLAG("ascii", "draw with ASCII characters only"),
    CLI_FLAG("no-color", "no colours, as NO_COLOR does"),
    CLI_VALUE("theme", SETTING_THEMES, "colours"),
    CLI_END,
};

static enum err_code run_dashboard(struct cli *c, struct err *e)
{
    if (isatty(STDIN_FILENO) != 1 || isatty(STDOUT_FILENO) != 1) {
        (void)err_set(e, E_USAGE, "the dashboard needs a terminal for its input and output");
        return err_hint_set(e, "`mvpdash list` and the other commands work without one: "
                               "`mvpdash help`");
    }
    if (c->hooks->dashboard == NULL) {
        return err_set(e, E_USAGE, "this build has no dashboard");
    }
    if (c->json) {
        (void)err_set(e, E_USAGE, "the dashboard prints no JSON");
        return err_hint_set(e, "`mvpdash list --json` does");
    }
    for (;;) {
        enum cli_next next = CLI_NEXT_LEAVE;
        if (cli_ops(c, e) == NULL) {
            return e->code;
        }
        const struct cli_dashboard o = {.ops = c->ops,
                                        .log = c->log,
                                        .no_color = args_has(&c->args, "no-color"),
                                        .next = &next};
        c->status = c->hooks->dashboard(c->hooks->arg, &o, e);
        if (e->code != E_OK || next == CLI_NEXT_LEAVE) {
            return e->code;
        }
        if (cli_begin_anew(c, next == CLI_NEXT_LOCAL, e) != E_OK) {
            return e->code;
        }
    }
}

const struct cli_command cmd_dashboard = {
    .name = "",
    .args = "",
    .summary = "Open the dashboard",
    .about = NULL,
    .example = "mvpdash --local",
    .options = options,
    .max_args = 0,
    .flags = CLI_OWN_VOICE,
    .run = run_dashboard,
};
