/* completion.c - completions for bash and zsh, made from the command table.
 *
 * Both scripts work alike: they find the command among the words before the cursor; they complete
 * the value of an option where its choices are known (names a|b|c, FILE, DIR, states, regions;
 * after a blank or a `=`); contexts, profiles and jobs are asked of the program (complete.c), with
 * the options of the line that say which place is meant; else they offer options, commands, or what
 * the command's arguments may be. Names in the table are letters, digits and dashes: nothing in
 * them needs quoting. */
#include <string.h>

#include "core/text.h"
#include "src/cli/cli_priv.h"

struct shell {
    const char *open, *close; /* the opening and closing of a pattern in `case` */
    const char *files;        /* the command that offers the names of files */
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

/* What the program is asked for as the value: "jobs"; NULL: nothing. */
static const char *kind_of(const struct cli_option *o)
{
    return strcmp(o->name, setting_rows[SET_CONTEXT].flag) == 0   ? "contexts"
           : strcmp(o->name, setting_rows[SET_PROFILE].flag) == 0 ? "profiles"
           : strcmp(o->value, "JOB_ID") == 0                      ? "jobs"
                                                                  : NULL;
}

/* The choices of a value, with | between; NULL: they are not known. */
static const char *choices_of(const struct cli_option *o)
{
    static const char regions[] =
        "us-east-1|us-east-2|us-west-1|us-west-2|ca-central-1|sa-east-1|eu-west-1|eu-west-2|"
        "eu-west-3|eu-central-1|eu-central-2|eu-north-1|eu-south-1|eu-south-2|ap-south-1|"
        "ap-southeast-1|ap-southeast-2|ap-northeast-1|ap-northeast-2|ap-northeast-3|ap-east-1|"
        "me-central-1|me-south-1|il-central-1|af-south-1";

    return strcmp(o->value, "STATUS") == 0
               ? "pending|queued|in_progress|stopping|completed|failed|cancelled"
           : strcmp(o->name, setting_rows[SET_REGION].flag) == 0 ? regions
           : strchr(o->value, '|') != NULL                       ? o->value
                                                                 : NULL;
}

static void print_ask(FILE *out, const struct shell *sh, const char *kind)
{
    (void)fputs(sh->zsh ? "_mvpdash_names " : "_mvpdash_names \"$cur\" ", out);
    (void)fputs(kind, out);
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
        } else if (kind_of(o) != NULL) {
            print_ask(out, sh, kind_of(o));
            (void)fputs("; ", out);
        } else if (choices_of(o) != NULL) {
            print_choices(out, sh, choices_of(o), strlen(choices_of(o)));
            (void)fputs("; ", out);
        }
        (void)fputs("return ;;\n", out);
    }
}

/* Prints the options that say which place is meant. */
static void print_place(FILE *out)
{
    static const enum setting_id ids[] = {SET_CONTEXT,      SET_REGION, SET_PROFILE,
                                          SET_ENDPOINT_URL, SET_TABLE,  SET_BUS};

    (void)fputs("--env-file", out);
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        (void)fprintf(out, "|--%s", setting_rows[ids[i]].flag);
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
        bool file = strncmp(args, "FILE", 4) == 0, job = strncmp(args, "JOB_ID", 6) == 0;
        bool many = strcmp(args, "JOB_ID...") == 0;
        if (!file && !job && (choices == 0 || memchr(args + 1, '|', choices) == NULL)) {
            continue;
        }
        (void)fprintf(out, "    %s%s:%s%s ", sh->open, cli_commands[i]->name, many ? "*" : "0",
                      sh->close);
        if (file) {
            (void)fputs(sh->files, out);
        } else if (job) {
            print_ask(out, sh, "jobs");
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
    static const struct shell sh = {"", ")", "_mvpdash_files \"$cur\"", false};

    (void)fputs(
        "# bash completion of mvpdash, printed by `mvpdash help --completion bash`\n"
        "_mvpdash_files() {\n"
        "    local IFS=$'\\n'\n"
        "    COMPREPLY=($(compgen -f -- \"$1\"))\n"
        "    compopt -o filenames 2>/dev/null\n"
        "}\n"
        "_mvpdash_names() {\n"
        "    local name\n"
        "    while IFS= read -r name; do\n"
        "        [[ $name != \"$1\"* ]] || COMPREPLY+=(\"$(printf %q \"$name\")\")\n"
        "    done < <(command \"${COMP_WORDS[0]}\" config --complete \"$2\" \"${place[@]}\" "
        "2>/dev/null)\n"
        "}\n"
        "_mvpdash() {\n"
        "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
        "    local cmd='' given=0 i at\n"
        "    local -a opts cmds place\n"
        "    COMPREPLY=()\n"
        "    if [[ $cur == = ]]; then\n"
        "        cur=''\n"
        "    elif [[ $prev == = ]]; then\n"
        "        prev=${COMP_WORDS[COMP_CWORD - 2]}\n"
        "    fi\n"
        "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
        "        at=$i\n"
        "        case ${COMP_WORDS[i]} in\n        ",
        out);
    print_skipped(out);
    (void)fputs(") [[ ${COMP_WORDS[++i]} != = ]] || ((++i)) ;;\n"
                "        -*|=) ;;\n"
                "        *) if [[ -n $cmd ]]; then ((++given)); else cmd=${COMP_WORDS[i]}; fi ;;\n"
                "        esac\n"
                "        case ${COMP_WORDS[at]} in\n        ",
                out);
    print_place(out);
    (void)fputs(") ((i >= COMP_CWORD)) || place+=(\"${COMP_WORDS[at]}=${COMP_WORDS[i]}\") ;;\n"
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
    static const struct shell sh = {"(", ")", "_files", true};

    (void)fputs("#compdef mvpdash\n"
                "# zsh completion of mvpdash, printed by `mvpdash help --completion zsh`\n"
                "_mvpdash_names() {\n"
                "    compadd -- ${(f)\"$(command ${(Q)words[1]} config --complete $1 $place "
                "2>/dev/null)\"}\n"
                "}\n"
                "_mvpdash() {\n"
                "    local cmd='' given=0 prev=${words[CURRENT-1]} i\n"
                "    local -a opts cmds place\n"
                "    if [[ $PREFIX == --*=* ]]; then\n"
                "        prev=${PREFIX%%=*}\n"
                "        compset -P '*='\n"
                "    fi\n"
                "    for ((i = 2; i < CURRENT; i++)); do\n"
                "        case ${words[i]} in\n        (",
                out);
    print_place(out);
    (void)fputs(") ((i + 1 >= CURRENT)) || place+=(\"${words[i]}=${(Q)words[i+1]}\") ;;\n"
                "        (*=*) case ${words[i]%%=*} in (",
                out);
    print_place(out);
    (void)fputs(") place+=(\"${(Q)words[i]}\") ;; esac ;;\n"
                "        esac\n"
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
