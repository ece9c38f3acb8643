/* `mvpdash help`: help for people, and the texts that the documentation is made from. */
#include "core/suggest.h"
#include "core/text.h"
#include "src/cli/cli_priv.h"
#include "src/cli/commands.h"

static const struct cli_option options[] = {
    CLI_VALUE("completion", "bash|zsh", "print the completions of a shell"),
    CLI_FLAG("example", "print an example of config.ini, with every section"),
    CLI_FLAG("man", "print a man page, for `man -l -`: mvpdash(1); with config or keys the others"),
    CLI_HIDDEN_FLAG("markdown"),
    CLI_END,
};

static enum err_code run_help(struct cli *c, struct err *e)
{
    const char *part = c->args.words_len == 0 ? NULL : c->args.words[0];

    if (args_has(&c->args, "man")) {
        return cli_help_man(c, part, e);
    }
    if (args_has(&c->args, "example")) {
        cli_help_example(c);
        return E_OK;
    }
    if (args_has(&c->args, "completion")) {
        return cli_help_completion(c, args_get(&c->args, "completion"), e);
    }
    if (args_has(&c->args, "markdown")) {
        return cli_help_markdown(c, part, e);
    }
    if (part == NULL) {
        cli_help_all(c);
        return E_OK;
    }
    const char *name = part;
    const struct cli_command *cmd = name[0] == '\0' ? NULL : cli_command_find(name);
    if (cmd == NULL) {
        struct suggest near = suggest_for(name);
        for (size_t i = 0; i < cli_commands_len; i++) {
            suggest_offer(&near, cli_commands[i]->name[0] == '\0' ? NULL : cli_commands[i]->name);
        }
        (void)err_set(e, E_USAGE, "help: there is no command \"%.*s\"%s%s%s", text_cut(name, 60),
                      name, suggest_best(&near) == NULL ? "" : "; did you mean \"",
                      suggest_best(&near) == NULL ? "" : suggest_best(&near),
                      suggest_best(&near) == NULL ? "" : "\"?");
        return err_hint_set(e, "`mvpdash help` lists the commands");
    }
    cli_help_command(c, cmd);
    return E_OK;
}

const struct cli_command cmd_help = {
    .name = "help",
    .args = "[COMMAND]",
    .summary = "Explain mvpdash or one command",
    .about = "The man pages are in the program, for where they are not installed: `mvpdash help "
             "--man |\n"
             "man -l -`, and the same with `--man config` (settings, config.ini) and `--man keys` "
             "(keys,\n"
             "mouse, filter).",
    .example = "mvpdash help send",
    .options = options,
    .max_args = 1,
    .flags = CLI_SILENT,
    .run = run_help,
};
