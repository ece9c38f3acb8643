/* The man pages: mvpdash(1), mvpdash-config(5) and mvpdash-keys(7), printed from the tables. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "jobs/filter.h"
#include "src/cli/cli_priv.h"
#include "src/cli/ini_sections.h"
#include "src/cli/manual.h"
#include "src/cli/roff.h"

static void options(FILE *out, const struct cli_option *list)
{
    for (const struct cli_option *o = list; o->name != NULL; o++) {
        if (o->hidden) {
            continue;
        }
        (void)fputs(".TP\n.B ", out);
        roff_text(out, "--");
        roff_text(out, o->name);
        if (o->value != NULL) {
            (void)fprintf(out, " \\fI%s\\fR", o->value);
        }
        (void)fputc('\n', out);
        roff_text(out, o->help);
        (void)fputs(o->required ? " (required)\n" : "\n", out);
    }
}

/* Prints lines of "left<TAB>right[<TAB>more]" as tagged paragraphs, `more` in parentheses; a line
 * without a TAB is a heading. */
static void pairs(FILE *out, const char *text)
{
    while (*text != '\0') {
        size_t n = strcspn(text, "\n");
        char *line = xstrndup(text, n);
        char *right = strchr(line, '\t');
        char *more = right == NULL ? NULL : strchr(right + 1, '\t');
        if (right == NULL) {
            roff_subsection(out, line);
        } else {
            *right++ = '\0';
            if (more != NULL) {
                *more++ = '\0';
            }
            roff_tagged(out, line, right);
        }
        if (more != NULL) {
            (void)fputs(".RI ( ", out);
            roff_text(out, more);
            (void)fputs(" )\n", out);
        }
        free(line);
        text += n + (text[n] == '\n');
    }
}

static void hooked(struct cli *c, char *(*text_of)(void *arg))
{
    if (text_of != NULL) {
        char *text = text_of(c->hooks->arg);
        pairs(c->out, text);
        free(text);
    }
}

/* ---- mvpdash(1) ---- */

static void command(struct cli *c, const struct cli_command *cmd)
{
    FILE *out = c->out;

    (void)fprintf(out, ".SS \"mvpdash%s%s%s%s\"\n", cmd->name[0] == '\0' ? "" : " ", cmd->name,
                  cmd->args[0] == '\0' ? "" : " ", cmd->args);
    roff_text(out, cmd->summary);
    (void)fputs(".\n", out);
    if (cmd->about != NULL) {
        (void)fputs(".PP\n", out);
        roff_text(out, cmd->about);
        (void)fputc('\n', out);
    }
    options(out, cli_command_options(cmd));
    if ((cmd->flags & CLI_ROUTES) != 0 && c->hooks->routes != NULL) {
        (void)fputs(".PP\nRoutes:\n", out);
        hooked(c, c->hooks->routes);
    }
    (void)fputs(".PP\nExample:\n", out);
    roff_example(out, cmd->example);
}

static void environment(FILE *out)
{
    roff_section(out, "ENVIRONMENT");
    roff_paragraphs(out, "The settings of mvpdash-config(5) that are variables, too. Options come "
                         "before them, env file and config.ini after them.");
    for (size_t i = 0; i < SET_COUNT; i++) {
        const struct setting_row *r = &setting_rows[i];
        if (r->env == NULL) {
            continue;
        }
        (void)fprintf(out, ".TP\n.B %s\n", r->env);
        roff_text(out, r->help);
        (void)fputs(r->fallback == NULL ? "" : " (default: ", out);
        roff_text(out, r->fallback == NULL ? "" : r->fallback);
        (void)fputs(r->fallback == NULL ? "\n" : ")\n", out);
    }
    roff_tagged(out, "DEBUG", "1 logs each request on stderr");
}

static void page_program(struct cli *c)
{
    FILE *out = c->out;

    roff_head(out, "mvpdash", 1, "User Commands", "watch, send and control MVP development jobs");
    (void)fputs(".SH SYNOPSIS\n"
                ".B mvpdash\n"
                "[\\-\\-local] [options]\n"
                ".br\n"
                ".B mvpdash\n"
                ".I COMMAND\n"
                "[arguments] [options]\n"
                ".SH COMMANDS\n",
                out);
    for (size_t i = 0; i < cli_commands_len; i++) {
        if ((cli_commands[i]->flags & CLI_HIDDEN) == 0) {
            command(c, cli_commands[i]);
        }
    }
    roff_section(out, "COMMON OPTIONS");
    options(out, cli_common);
    environment(out);
    roff_section(out, "EXIT STATUS");
    pairs(out, manual_exit);
    roff_section(out, "FILES");
    roff_tagged(out, "$XDG_CONFIG_HOME/mvpdash/config.ini", "settings: see mvpdash-config(5)");
    roff_tagged(out, "./.env.eventbridge",
                "settings of the deployment, as `terraform output -raw env_file` prints them");
    roff_tagged(out, "$XDG_STATE_HOME/mvpdash", "what is kept: see mvpdash-config(5)");
    roff_section(out, "SEE ALSO");
    roff_paragraphs(out, "`mvpdash-config`(5), `mvpdash-keys`(7)");
}

/* ---- mvpdash-config(5) ---- */

static void setting(FILE *out, const struct setting_row *r)
{
    struct strbuf also = STRBUF_INIT;

    (void)fputs(".TP\n.B ", out);
    roff_text(out, r->ini);
    (void)fputc('\n', out);
    roff_text(out, r->help);
    (void)fputs(".\n", out);
    if (r->env != NULL) {
        strbuf_addf(&also, "%s%s", r->env, r->flag == NULL ? "" : ", ");
    }
    if (r->flag != NULL) {
        strbuf_addf(&also, "--%s", r->flag);
    }
    if (also.len > 0) {
        (void)fputs("Also: ", out);
        roff_text(out, strbuf_str(&also));
        (void)fputs(".\n", out);
    }
    if (r->fallback != NULL) {
        (void)fputs("Default: ", out);
        roff_text(out, r->fallback);
        (void)fputs(".\n", out);
    }
    strbuf_clear(&also);
}

static void section(FILE *out, const struct ini_section *s)
{
    roff_subsection(out, s->title);
    roff_paragraphs(out, s->about);
    roff_example(out, s->example);
    for (size_t i = 0; i < SET_COUNT; i++) {
        if (strcmp(setting_rows[i].section, s->name) == 0) {
            setting(out, &setting_rows[i]);
        }
    }
}

static void page_config(struct cli *c)
{
    FILE *out = c->out;

    roff_head(out, "mvpdash-config", 5, "File Formats", "configuration of mvpdash");
    roff_section(out, "DESCRIPTION");
    roff_paragraphs(out, manual_precedence);
    (void)fputs(".PP\n", out);
    roff_paragraphs(
        out, "`config.ini` has sections; a line is `NAME = VALUE`, of at most 196 bytes. A line "
             "that begins with `;` or `#` is a comment, and a `;` after a blank begins one. An env "
             "file has lines `VARIABLE=VALUE`.\n\n"
             "`mvpdash help --example` prints an example of `config.ini` with every section.");
    roff_section(out, "WHEN A LINE IS WRONG");
    roff_paragraphs(out, manual_mistakes);
    roff_section(out, "CREDENTIALS, PROXIES, CERTIFICATES");
    roff_paragraphs(out, manual_credentials);
    roff_section(out, "SECTIONS");
    for (size_t i = 0; i < ini_sections_len; i++) {
        section(out, &ini_sections[i]);
    }
    roff_section(out, "FILES");
    roff_tagged(out, "$XDG_CONFIG_HOME/mvpdash/config.ini",
                "the configuration; ~/.config where XDG_CONFIG_HOME is not set");
    roff_tagged(out, "./.env.eventbridge", "settings of the folder");
    roff_tagged(out, "$XDG_STATE_HOME/mvpdash",
                "what is kept between runs, readable by its owner alone; ~/.local/state where "
                "XDG_STATE_HOME is not set:");
    (void)fputs(".RS\n", out);
    pairs(out, manual_kept);
    (void)fputs(".RE\n", out);
    roff_section(out, "SEE ALSO");
    roff_paragraphs(out, "`mvpdash`(1), `mvpdash-keys`(7)");
}

/* ---- mvpdash-keys(7) ---- */

static void page_keys(struct cli *c)
{
    FILE *out = c->out;

    roff_head(out, "mvpdash-keys", 7, "Miscellaneous", "keys, mouse and filter of the dashboard");
    roff_section(out, "DESCRIPTION");
    roff_paragraphs(out,
                    "`?` in the dashboard shows the keys of the screen. Here are all of them. "
                    ""
                    "The word in parentheses is the name of the action, for the section [keys] of "
                    "config.ini and, where it makes sense, for the command line `:`.");
    roff_section(out, "KEYS");
    hooked(c, c->hooks->keys);
    roff_section(out, "CHANGING KEYS");
    roff_paragraphs(out, manual_changing_keys);
    roff_section(out, "MOUSE");
    roff_paragraphs(out, "With `--mouse`, or `mouse = yes` in [ui]:");
    pairs(out, manual_mouse);
    roff_section(out, "FILTER");
    roff_paragraphs(out, manual_filter);
    for (size_t i = 0; i < filter_terms_len; i++) {
        struct strbuf terms = STRBUF_INIT;
        for (size_t k = 0; k < FILTER_TERMS_MAX && filter_terms[i].examples[k] != NULL; k++) {
            strbuf_addf(&terms, "%s%s", k == 0 ? "" : ", ", filter_terms[i].examples[k]);
        }
        roff_tagged(out, strbuf_str(&terms), filter_terms[i].finds);
        strbuf_clear(&terms);
    }
    roff_section(out, "COMMANDS");
    roff_paragraphs(out, "`:` opens a line for these commands; Tab completes them.");
    hooked(c, c->hooks->typed);
    roff_section(out, "SEE ALSO");
    roff_paragraphs(out, "`mvpdash`(1), `mvpdash-config`(5)");
}

enum err_code cli_help_man(struct cli *c, const char *page, struct err *e)
{
    if (page == NULL) {
        page_program(c);
    } else if (strcmp(page, "config") == 0) {
        page_config(c);
    } else if (strcmp(page, "keys") == 0) {
        page_keys(c);
    } else {
        return err_set(e, E_USAGE, "help: there is no man page \"%.*s\"; there are config and keys",
                       text_cut(page, 40), page);
    }
    return E_OK;
}
