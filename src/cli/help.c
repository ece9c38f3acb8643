/* Help for people, printed from the command table. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "src/cli/cli_priv.h"

static int width_of(const struct cli_option *o)
{
    return (int)strlen(o->name) + (o->value == NULL ? 0 : 1 + (int)strlen(o->value));
}

static void print_options(struct cli *c, const char *title, const struct cli_option *list)
{
    int widest = 0;

    for (const struct cli_option *o = list; o->name != NULL; o++) {
        widest = !o->hidden && width_of(o) > widest ? width_of(o) : widest;
    }
    if (widest == 0) {
        return;
    }
    (void)fprintf(c->out, "\n%s:\n", title);
    for (const struct cli_option *o = list; o->name != NULL; o++) {
        if (!o->hidden) {
            (void)fprintf(c->out, "  --%s%s%s%*s  %s%s%s\n", o->name, o->value == NULL ? "" : " ",
                          o->value == NULL ? "" : o->value, widest - width_of(o), "", o->help,
                          o->required ? " (required)" : "", o->repeat ? " (may be repeated)" : "");
        }
    }
}

static void print_indented(FILE *out, const char *text, const char *indent)
{
    while (*text != '\0') {
        size_t n = strcspn(text, "\n");
        (void)fprintf(out, "%s%.*s\n", n == 0 ? "" : indent, (int)n, text);
        text += n + (text[n] == '\n');
    }
}

static void print_usage(FILE *out, const struct cli_command *cmd)
{
    bool named = cmd->name[0] != '\0';
    bool words = cmd->args[0] != '\0';

    (void)fprintf(out, "mvpdash%s%s%s%s [options]", named ? " " : "", cmd->name, words ? " " : "",
                  cmd->args);
}

/* Prints lines of "METHOD PATH<TAB>what it does" in two columns. */
static void print_routes(FILE *out, const char *text)
{
    (void)fputs("\nRoutes:\n", out);
    while (*text != '\0') {
        size_t n = strcspn(text, "\t");
        size_t m = strcspn(text + n, "\n");
        (void)fprintf(out, "  %-23.*s %.*s\n", (int)n, text, (int)m - 1, text + n + 1);
        text += n + m + (text[n + m] == '\n');
    }
}

void cli_help_command(struct cli *c, const struct cli_command *cmd)
{
    (void)fprintf(c->out, "%s\n\nUsage: ", cmd->summary);
    print_usage(c->out, cmd);
    (void)fputc('\n', c->out);
    if (cmd->about != NULL) {
        (void)fprintf(c->out, "\n%s\n", cmd->about);
    }
    if ((cmd->flags & CLI_ROUTES) != 0 && c->hooks->routes != NULL) {
        char *text = c->hooks->routes(c->hooks->arg);
        print_routes(c->out, text);
        free(text);
    }
    print_options(c, "Options", cli_command_options(cmd));
    print_options(c, "Common options", cli_common);
    (void)fputs("\nExample:\n", c->out);
    print_indented(c->out, cmd->example, "  ");
}

void cli_help_all(struct cli *c)
{
    const struct cli_command *dashboard = cli_command_find("");

    (void)fputs("mvpdash watches, sends and controls MVP development jobs.\n"
                "\n"
                "Usage: mvpdash [--local] [options]            the dashboard\n"
                "       mvpdash COMMAND [arguments] [options]\n"
                "\n"
                "Commands:\n"
                "",
                c->out);
    for (size_t i = 0; i < cli_commands_len; i++) {
        const struct cli_command *cmd = cli_commands[i];
        if (cmd->name[0] != '\0' && (cmd->flags & CLI_HIDDEN) == 0) {
            (void)fprintf(c->out, "  %-7s %-12s  %s\n", cmd->name, cmd->args, cmd->summary);
        }
    }
    print_options(c, "Options of the dashboard", cli_command_options(dashboard));
    print_options(c, "Common options", cli_common);
    (void)fputs("\nExit status: 0 done; 1 the service refused or the job failed; 2 wrong usage or\n"
                "input; 3 not found; 4 no usable configuration or credentials; 5 the network or\n"
                "the service could not be reached in time.\n\n"
                "Example:\n",
                c->out);
    print_indented(c->out, dashboard->example, "  ");
    (void)fputs(
        "\n`mvpdash help COMMAND` or `mvpdash COMMAND --help` explains one command.\n"
        "`mvpdash help --man config | man -l -` explains the settings, --man keys the keys.\n",
        c->out);
}
