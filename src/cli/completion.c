/* completion.c - completions for bash and zsh from the command table.
 *
 * Both scripts work alike: find the command among the words before the cursor, complete the value
 * of an option where its choices are known (names a|b|c, FILE, DIR), else options or commands.
 * Names of the table are letters, digits and dashes: nothing of them needs quoting. */
#include <string.h>

#include "src/cli/cli_priv.h"

struct shell {
    const char *open, *close; /* of a pattern in `case` */
    bool zsh;
};

static bool shown(const struct cli_command *c)
{
    return c->name[0] != '\0' && (c->flags & CLI_HIDDEN) == 0;
}

static bool is_path(const char *value)
{
    return strcmp(value, "FILE") == 0 || strcmp(value, "DIR") == 0;
}

static void print_words(FILE *out, const char *choices)
{
    for (; *choices != '\0'; choices++) {
        (void)fputc(*choices == '|' ? ' ' : *choices, out);
    }
}

/* "'text'" for the shell, colons escaped as zsh's _describe wants them. */
static void print_described(FILE *out, const char *dashes, const char *name, const char *text)
{
    (void)fprintf(out, " '%s%s:", dashes, name);
    for (; *text != '\0'; text++) {
        (void)fputs(*text == '\''   ? "'\\''"
                    : *text == ':'  ? "\\:"
                    : *text == '\\' ? "\\\\"
                                    : "",
                    out);
        if (strchr("':\\", *text) == NULL) {
            (void)fputc(*text, out);
        }
    }
    (void)fputc('\'', out);
}

static void print_options(FILE *out, const struct shell *sh, const struct cli_option *list)
{
    for (const struct cli_option *o = list; o->name != NULL; o++) {
        if (o->hidden) {
            continue;
        }
        if (sh->zsh) {
            print_described(out, "--", o->name, o->help);
        } else {
            (void)fprintf(out, " --%s", o->name);
        }
    }
}

/* The cases of options whose value comes next; `cmd` is "*" for all commands. */
static void print_values(FILE *out, const struct shell *sh, const char *cmd,
                         const struct cli_option *list)
{
    for (const struct cli_option *o = list; o->name != NULL; o++) {
        if (o->value == NULL || o->hidden) {
            continue;
        }
        (void)fprintf(out, "    %s%s:--%s%s ", sh->open, cmd, o->name, sh->close);
        if (is_path(o->value)) {
            (void)fputs(sh->zsh ? "_files; " : "COMPREPLY=($(compgen -f -- \"$cur\")); ", out);
        } else if (strchr(o->value, '|') != NULL) {
            (void)fputs(sh->zsh ? "compadd -- " : "COMPREPLY=($(compgen -W '", out);
            print_words(out, o->value);
            (void)fputs(sh->zsh ? "; " : "' -- \"$cur\")); ", out);
        }
        (void)fputs("return ;;\n", out);
    }
}

/* Options that take the next word, so that it is not mistaken for the command. */
static void print_skipped(FILE *out)
{
    bool first = true;

    for (const struct cli_option *o = cli_common; o->name != NULL; o++) {
        if (o->value != NULL) {
            (void)fprintf(out, "%s--%s", first ? "" : "|", o->name);
            first = false;
        }
    }
    for (const struct cli_option *o = cli_command_options(cli_command_find("")); o->name != NULL;
         o++) {
        if (o->value != NULL) {
            (void)fprintf(out, "|--%s", o->name);
        }
    }
}

static void print_cases(FILE *out, const struct shell *sh)
{
    (void)fprintf(out, "    case $cmd:$prev in\n");
    for (size_t i = 0; i < cli_commands_len; i++) {
        print_values(out, sh, cli_commands[i]->name, cli_command_options(cli_commands[i]));
    }
    print_values(out, sh, "*", cli_common);
    (void)fputs("    esac\n    case $cmd in\n", out);
    for (size_t i = 0; i < cli_commands_len; i++) {
        const char *name = cli_commands[i]->name;
        (void)fprintf(out, "    %s%s%s opts=(", sh->open, name[0] == '\0' ? "''" : name, sh->close);
        print_options(out, sh, cli_command_options(cli_commands[i]));
        (void)fputs(" ) ;;\n", out);
    }
    (void)fputs("    esac\n    opts+=(", out);
    print_options(out, sh, cli_common);
    (void)fputs(" )\n    cmds=(", out);
    for (size_t i = 0; i < cli_commands_len; i++) {
        if (!shown(cli_commands[i])) {
            continue;
        }
        if (sh->zsh) {
            print_described(out, "", cli_commands[i]->name, cli_commands[i]->summary);
        } else {
            (void)fprintf(out, " %s", cli_commands[i]->name);
        }
    }
    (void)fputs(" )\n", out);
}

/* What an argument of a command may be: "''|help" commands, the others that take a file. */
static void print_arguments(FILE *out, const struct shell *sh)
{
    (void)fprintf(out, "    case $cmd in\n    %s''|help%s %s ;;\n", sh->open, sh->close,
                  sh->zsh ? "_describe command cmds"
                          : "COMPREPLY=($(compgen -W \"${cmds[*]}\" -- \"$cur\"))");
    for (size_t i = 0; i < cli_commands_len; i++) {
        if (strncmp(cli_commands[i]->args, "FILE", 4) == 0) {
            (void)fprintf(out, "    %s%s%s %s ;;\n", sh->open, cli_commands[i]->name, sh->close,
                          sh->zsh ? "_files" : "COMPREPLY=($(compgen -f -- \"$cur\"))");
        }
    }
    (void)fputs("    esac\n", out);
}

static void completion_bash(FILE *out)
{
    static const struct shell sh = {"", ")", false};

    (void)fputs("# bash completion of mvpdash, printed by `mvpdash help --completion bash`\n"
                "_mvpdash() {\n"
                "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
                "    local cmd='' i\n"
                "    local -a opts cmds\n"
                "    COMPREPLY=()\n"
                "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
                "        case ${COMP_WORDS[i]} in\n        ",
                out);
    print_skipped(out);
    (void)fputs(") ((i++)) ;;\n"
                "        -*) ;;\n"
                "        *) cmd=${COMP_WORDS[i]}; break ;;\n"
                "        esac\n"
                "    done\n",
                out);
    print_cases(out, &sh);
    (void)fputs("    if [[ $cur == -* ]]; then\n"
                "        COMPREPLY=($(compgen -W \"${opts[*]}\" -- \"$cur\"))\n"
                "        return\n"
                "    fi\n",
                out);
    print_arguments(out, &sh);
    (void)fputs("}\ncomplete -F _mvpdash mvpdash\n", out);
}

static void completion_zsh(FILE *out)
{
    static const struct shell sh = {"(", ")", true};

    (void)fputs("#compdef mvpdash\n"
                "# zsh completion of mvpdash, printed by `mvpdash help --completion zsh`\n"
                "_mvpdash() {\n"
                "    local cmd='' prev=${words[CURRENT-1]} i\n"
                "    local -a opts cmds\n"
                "    for ((i = 2; i < CURRENT; i++)); do\n"
                "        case ${words[i]} in\n        (",
                out);
    print_skipped(out);
    (void)fputs(") ((i++)) ;;\n"
                "        (-*) ;;\n"
                "        (*) cmd=${words[i]}; break ;;\n"
                "        esac\n"
                "    done\n",
                out);
    print_cases(out, &sh);
    (void)fputs("    if [[ $PREFIX == -* ]]; then\n"
                "        _describe -o option opts\n"
                "        return\n"
                "    fi\n",
                out);
    print_arguments(out, &sh);
    (void)fputs("}\n_mvpdash \"$@\"\n", out);
}

enum err_code cli_help_completion(struct cli *c, const char *shell, struct err *e)
{
    if (strcmp(shell, "bash") == 0) {
        completion_bash(c->out);
        return E_OK;
    }
    if (strcmp(shell, "zsh") == 0) {
        completion_zsh(c->out);
        return E_OK;
    }
    return err_set(e, E_USAGE, "--completion: \"%.40s\" is not known; expected bash or zsh", shell);
}
