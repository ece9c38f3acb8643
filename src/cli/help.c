/* Help, man page and README tables, all printed from the command table: there is no second list. */
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
    (void)fputs("\n`mvpdash help COMMAND` or `mvpdash COMMAND --help` explains one command.\n",
                c->out);
}

/* ---- man page ---- */

static void roff(FILE *out, const char *text)
{
    for (const char *s = text; *s != '\0'; s++) {
        if ((*s == '.' || *s == '\'') && (s == text || s[-1] == '\n')) {
            (void)fputs("\\&", out);
        }
        if (*s == '\\') {
            (void)fputs("\\e", out);
        } else if (*s == '-') {
            (void)fputs("\\-", out);
        } else {
            (void)fputc(*s, out);
        }
    }
}

static void roff_options(FILE *out, const struct cli_option *list)
{
    for (const struct cli_option *o = list; o->name != NULL; o++) {
        if (o->hidden) {
            continue;
        }
        (void)fputs(".TP\n.B ", out);
        roff(out, "--");
        roff(out, o->name);
        if (o->value != NULL) {
            (void)fprintf(out, " \\fI%s\\fR", o->value);
        }
        (void)fputc('\n', out);
        roff(out, o->help);
        (void)fputs(o->required ? " (required)\n" : "\n", out);
    }
}

/* Prints lines of "left<TAB>right" as tagged paragraphs; a line without a TAB is a heading. */
static void roff_pairs(FILE *out, const char *text)
{
    while (*text != '\0') {
        size_t n = strcspn(text, "\n");
        const char *tab = memchr(text, '\t', n);
        char *left = xstrndup(text, tab == NULL ? n : (size_t)(tab - text));
        char *right = tab == NULL ? NULL : xstrndup(tab + 1, n - (size_t)(tab - text) - 1);
        if (right == NULL && n > 0) {
            (void)fputs(".SS \"", out);
            roff(out, left);
            (void)fputs("\"\n", out);
        } else if (right != NULL) {
            (void)fputs(".TP\n", out);
            roff(out, left);
            (void)fputc('\n', out);
            roff(out, right);
            (void)fputc('\n', out);
        }
        free(left);
        free(right);
        text += n + (text[n] == '\n');
    }
}

static void roff_command(struct cli *c, const struct cli_command *cmd)
{
    FILE *out = c->out;

    (void)fprintf(out, ".SS \"mvpdash%s%s%s%s\"\n", cmd->name[0] == '\0' ? "" : " ", cmd->name,
                  cmd->args[0] == '\0' ? "" : " ", cmd->args);
    roff(out, cmd->summary);
    (void)fputs(".\n", out);
    if (cmd->about != NULL) {
        (void)fputs(".PP\n", out);
        roff(out, cmd->about);
        (void)fputc('\n', out);
    }
    roff_options(out, cli_command_options(cmd));
    if ((cmd->flags & CLI_ROUTES) != 0 && c->hooks->routes != NULL) {
        char *text = c->hooks->routes(c->hooks->arg);
        (void)fputs(".PP\nRoutes:\n", out);
        roff_pairs(out, text);
        free(text);
    }
    (void)fputs(".PP\nExample:\n.PP\n.nf\n.RS\n", out);
    roff(out, cmd->example);
    (void)fputs("\n.RE\n.fi\n", out);
}

void cli_help_man(struct cli *c)
{
    FILE *out = c->out;

    (void)fprintf(out, ".TH MVPDASH 1 \"2026-11-23\" \"mvpdash %s\" \"User Commands\"\n",
                  MVPDASH_VERSION);
    (void)fputs(".SH NAME\n"
                "mvpdash \\- watch, send and control MVP development jobs\n"
                ".SH SYNOPSIS\n"
                ".B mvpdash\n"
                "[\\-\\-local] [options]\n"
                ".br\n"
                ".B mvpdash\n"
                ".I COMMAND\n"
                "[arguments] [options]\n"
                ".SH COMMANDS\n"
                "",
                out);
    for (size_t i = 0; i < cli_commands_len; i++) {
        if ((cli_commands[i]->flags & CLI_HIDDEN) == 0) {
            roff_command(c, cli_commands[i]);
        }
    }
    (void)fputs(".SH COMMON OPTIONS\n", out);
    roff_options(out, cli_common);
    if (c->hooks->keys != NULL) {
        char *keys = c->hooks->keys(c->hooks->arg);
        (void)fputs(".SH KEYS OF THE DASHBOARD\n", out);
        roff_pairs(out, keys);
        free(keys);
    }
    (void)fputs(
        ".SH ENVIRONMENT\nFlags come before the environment, the environment before "
        "\\-\\-env\\-file or ./.env.eventbridge, that before the context in force and the "
        "plain sections of $XDG_CONFIG_HOME/mvpdash/config.ini, these before the defaults.\n",
        out);
    for (size_t i = 0; i < SET_COUNT; i++) {
        const struct setting_row *r = &setting_rows[i];
        if (r->env == NULL) {
            continue;
        }
        (void)fprintf(out, ".TP\n.B %s\n", r->env);
        roff(out, r->help);
        (void)fputs(r->fallback == NULL ? "" : " (default: ", out);
        roff(out, r->fallback == NULL ? "" : r->fallback);
        (void)fputs(r->fallback == NULL ? "\n" : ")\n", out);
    }
    (void)fputs(
        ".TP\n.B DEBUG\n1 logs each request on stderr\n"
        ".SH EXIT STATUS\n0 done; 1 the service refused or the job failed; 2 wrong usage or "
        "input; 3 not found; 4 no usable configuration or credentials; 5 the network or the "
        "service could not be reached in time; 130 `batch` was stopped by Ctrl\\-C.\n"
        ".SH FILES\n.TP\n.I $XDG_CONFIG_HOME/mvpdash/config.ini\nsettings, keys, contexts, views "
        "and commands. A line of [views] is\n.B NAME = filter | sort | columns | states\nand one "
        "of [commands]\n.B NAME = KEYS[, confirm][, safe][, terminal], PROGRAM ARGUMENT...\nin "
        "which {jobId} and other members of a job as JSON are filled in.\n"
        ".TP\n.I $XDG_STATE_HOME/mvpdash\noutbox, journals of "
        "files of deploys, keys of the REST API\\'s requests, snapshot, times of completed jobs, "
        "reasons and owners of "
        "Batch "
        "jobs, confirmed folders, log, local cloud\n",
        out);
}

/* ---- README ---- */

static void markdown_cell(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '|') {
            (void)fputc('\\', out);
        }
        (void)fputc(*text, out);
    }
}

static void markdown_commands(FILE *out)
{
    (void)fputs("| command | what it does |\n| --- | --- |\n", out);
    for (size_t i = 0; i < cli_commands_len; i++) {
        const struct cli_command *cmd = cli_commands[i];
        if ((cmd->flags & CLI_HIDDEN) != 0) {
            continue;
        }
        (void)fprintf(out, "| `mvpdash%s%s%s", cmd->name[0] == '\0' ? "" : " ", cmd->name,
                      cmd->args[0] == '\0' ? "" : " ");
        markdown_cell(out, cmd->args);
        (void)fputs("` | ", out);
        markdown_cell(out, cmd->summary);
        (void)fputs(" |\n", out);
    }
}

/* Turns "x F9" into "`x` `F9`". */
static void markdown_keys_cell(FILE *out, const char *keys, size_t len)
{
    char *text = xstrndup(keys, len);
    char *save = NULL;
    bool first = true;

    for (char *w = strtok_r(text, " ", &save); w != NULL; w = strtok_r(NULL, " ", &save)) {
        const char *tick = strchr(w, '`') != NULL ? "``" : "`";
        (void)fprintf(out, "%s%s", first ? "" : " ", tick);
        markdown_cell(out, w);
        (void)fputs(tick, out);
        first = false;
    }
    free(text);
}

static void markdown_keys(FILE *out, const char *text)
{
    bool table = false;

    while (*text != '\0') {
        size_t n = strcspn(text, "\n");
        const char *tab = memchr(text, '\t', n);
        if (tab == NULL && n > 0) {
            (void)fprintf(out, "%s**%.*s**\n", table ? "\n" : "", (int)n, text);
            table = false;
        } else if (tab != NULL) {
            char *what = xstrndup(tab + 1, n - (size_t)(tab - text) - 1);
            (void)fputs(table ? "" : "\n| keys | |\n| --- | --- |\n", out);
            table = true;
            (void)fputs("| ", out);
            markdown_keys_cell(out, text, (size_t)(tab - text));
            (void)fputs(" | ", out);
            markdown_cell(out, what);
            (void)fputs(" |\n", out);
            free(what);
        }
        text += n + (text[n] == '\n');
    }
}

static void markdown_routes(FILE *out, const char *text)
{
    (void)fputs("| route | what it does |\n| --- | --- |\n", out);
    while (*text != '\0') {
        size_t n = strcspn(text, "\t");
        size_t m = strcspn(text + n, "\n");
        (void)fprintf(out, "| `%.*s` | %.*s |\n", (int)n, text, (int)m - 1, text + n + 1);
        text += n + m + (text[n + m] == '\n');
    }
}

enum err_code cli_help_markdown(struct cli *c, const char *part, struct err *e)
{
    if (part == NULL || strcmp(part, "commands") == 0) {
        markdown_commands(c->out);
        return E_OK;
    }
    if (strcmp(part, "keys") == 0 && c->hooks->keys != NULL) {
        char *text = c->hooks->keys(c->hooks->arg);
        markdown_keys(c->out, text);
        free(text);
        return E_OK;
    }
    if (strcmp(part, "routes") == 0 && c->hooks->routes != NULL) {
        char *text = c->hooks->routes(c->hooks->arg);
        markdown_routes(c->out, text);
        free(text);
        return E_OK;
    }
    return err_set(e, E_USAGE, "help: there is no part \"%.*s\"; expected commands, keys or routes",
                   text_cut(part, 40), part);
}
