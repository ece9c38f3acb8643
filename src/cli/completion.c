/* completion.c - completions for bash and zsh, made from the command table.
 *
 * Both scripts work alike: they find the command among the words before the cursor; they complete
 * the value of an option where its choices are known (names a|b|c, FILE, DIR; after a blank or a
 * `=`; the names of contexts are asked of the program); else they offer options, commands, or what
 * the command's first argument may be. Names in the table are letters, digits and dashes: nothing
 * in them needs quoting. */
#include <string.h>

#include "core/text.h"
#include "src/cli/cli_priv.h"

struct shell {
    const char *open, *close; /* the opening and closing of a pattern in `case` */
    const char *files;        /* the command that offers the names of files */
    const char *contexts;     /* the command that offers the names of contexts */
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

/* Offers the words of "a|b|c". */
static void print_choices(FILE *out, const struct shell *sh, const char *choices, size_t len)
{
    (void)fputs(sh->zsh ? "compadd -- " : "COMPREPLY=($(compgen -W '", out);
    for (size_t i = 0; i < len; i++) {
        (void)fputc(choices[i] == '|' ? ' ' : choices[i], out);
    }
    (void)fputs(sh->zsh ? "" : "' -- \"$cur\"))", out);
}

/* Prints "'text'" for the shell, with colons escaped as zsh's _describe wants them. */
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

/* Prints the cases for options whose value comes next; `cmd` is "*" for all commands. */
static void print_values(FILE *out, const struct shell *sh, const char *cmd,
                         const struct cli_option *list)
{
    for (const struct cli_option *o = list; o->name != NULL; o++) {
        if (o->value == NULL || o->hidden) {
            continue;
        }
        (void)fprintf(out, "    %s%s:--%s%s ", sh->open, cmd, o->name, sh->close);
        if (is_path(o->value)) {
            (void)fprintf(out, "%s; ", sh->files);
        } else if (strcmp(o->name, setting_rows[SET_CONTEXT].flag) == 0) {
            (void)fprintf(out, "%s; ", sh->contexts);
        } else if (strchr(o->value, '|') != NULL) {
            print_choices(out, sh, o->value, strlen(o->value));
            (void)fputs("; ", out);
        }
        (void)fputs("return ;;\n", out);
    }
}

/* Prints the options that take the next word, so that this word is not mistaken for the command. */
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

/* Prints what the first argument of a command may be: a command for "''|help", one of the words for
 * "[a|b]", a file for the others. */
static void print_arguments(FILE *out, const struct shell *sh)
{
    (void)fprintf(out, "    case $cmd:$given in\n    %s:0|help:0%s %s ;;\n", sh->open, sh->close,
                  sh->zsh ? "_describe command cmds"
                          : "COMPREPLY=($(compgen -W \"${cmds[*]}\" -- \"$cur\"))");
    for (size_t i = 0; i < cli_commands_len; i++) {
        const char *args = cli_commands[i]->args;
        size_t choices = args[0] == '[' ? strcspn(args + 1, "]") : 0;
        bool file = strncmp(args, "FILE", 4) == 0;
        if (!file && (choices == 0 || memchr(args + 1, '|', choices) == NULL)) {
            continue;
        }
        (void)fprintf(out, "    %s%s:0%s ", sh->open, cli_commands[i]->name, sh->close);
        if (file) {
            (void)fputs(sh->files, out);
        } else {
            print_choices(out, sh, args + 1, choices);
        }
        (void)fputs(" ;;\n", out);
    }
    (void)fputs("    esac\n", out);
}

/* bash splits `--name=value` at the `=`; names of files may hold blanks. */
static void completion_bash(FILE *out)
{
    static const struct shell sh = {"", ")", "_mvpdash_files \"$cur\"",
                                    "_mvpdash_contexts \"$cur\"", false};

    (void)fputs("# bash completion of mvpdash, printed by `mvpdash help --completion bash`\n"
                "_mvpdash_files() {\n"
                "    local IFS=$'\\n'\n"
                "    COMPREPLY=($(compgen -f -- \"$1\"))\n"
                "    compopt -o filenames 2>/dev/null\n"
                "}\n"
                "_mvpdash_contexts() {\n"
                "    local name\n"
                "    while IFS= read -r name; do\n"
                "        [[ $name != \"$1\"* ]] || COMPREPLY+=(\"$(printf %q \"$name\")\")\n"
                "    done < <(command \"${COMP_WORDS[0]}\" config --contexts --names 2>/dev/null)\n"
                "}\n"
                "_mvpdash() {\n"
                "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
                "    local cmd='' given=0 i\n"
                "    local -a opts cmds\n"
                "    COMPREPLY=()\n"
                "    if [[ $cur == = ]]; then\n"
                "        cur=''\n"
                "    elif [[ $prev == = ]]; then\n"
                "        prev=${COMP_WORDS[COMP_CWORD - 2]}\n"
                "    fi\n"
                "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
                "        case ${COMP_WORDS[i]} in\n        ",
                out);
    print_skipped(out);
    (void)fputs(") [[ ${COMP_WORDS[++i]} != = ]] || ((++i)) ;;\n"
                "        -*|=) ;;\n"
                "        *) if [[ -n $cmd ]]; then ((++given)); else cmd=${COMP_WORDS[i]}; fi ;;\n"
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
    static const struct shell sh = {"(", ")", "_files", "_mvpdash_contexts", true};

    (void)fputs("#compdef mvpdash\n"
                "# zsh completion of mvpdash, printed by `mvpdash help --completion zsh`\n"
                "_mvpdash_contexts() {\n"
                "    compadd -- ${(f)\"$(command ${(Q)words[1]} config --contexts --names "
                "2>/dev/null)\"}\n"
                "}\n"
                "_mvpdash() {\n"
                "    local cmd='' given=0 prev=${words[CURRENT-1]} i\n"
                "    local -a opts cmds\n"
                "    if [[ $PREFIX == --*=* ]]; then\n"
                "        prev=${PREFIX%%=*}\n"
                "        compset -P '*='\n"
                "    fi\n"
                "    for ((i = 2; i < CURRENT; i++)); do\n"
                "        case ${words[i]} in\n        (",
                out);
    print_skipped(out);
    (void)fputs(") ((++i)) ;;\n"
                "        (-*) ;;\n"
                "        (*) if [[ -n $cmd ]]; then ((++given)); else cmd=${words[i]}; fi ;;\n"
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
    return err_set(e, E_USAGE, "--completion: \"%.*s\" is not accepted; expected bash or zsh",
                   text_cut(shell, 40), shell);
}
