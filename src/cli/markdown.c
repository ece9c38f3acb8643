/* The tables of README.md and of the pages in assets/, printed from the program's own tables. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/text.h"
#include "jobs/filter.h"
#include "src/cli/cli_priv.h"
#include "src/cli/ini_sections.h"
#include "src/cli/manual.h"

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

/* One line of the keys: "keys<TAB>what it does<TAB>name of the action". */
static void markdown_key(FILE *out, const char *line, size_t n)
{
    const char *tab = memchr(line, '\t', n);
    const char *second = memchr(tab + 1, '\t', n - (size_t)(tab - line) - 1);
    char *what = xstrndup(tab + 1, (size_t)(second - tab) - 1);

    (void)fputs("| ", out);
    markdown_keys_cell(out, line, (size_t)(tab - line));
    (void)fputs(" | ", out);
    markdown_cell(out, what);
    (void)fprintf(out, " | %.*s |\n", (int)(n - (size_t)(second - line) - 1), second + 1);
    free(what);
}

static void markdown_keys(FILE *out, const char *text)
{
    for (bool first = true; *text != '\0'; first = false) {
        size_t n = strcspn(text, "\n");
        if (memchr(text, '\t', n) == NULL) {
            (void)fprintf(out, "%s### %.*s\n\n| keys | | action |\n| --- | --- | --- |\n",
                          first ? "" : "\n", (int)n, text);
        } else {
            markdown_key(out, text, n);
        }
        text += n + (text[n] == '\n');
    }
}

/* Lines of "left<TAB>right" as a table. */
static void markdown_pairs(FILE *out, const char *text, const char *heads, bool typed)
{
    (void)fprintf(out, "| %s |\n| --- | --- |\n", heads);
    while (*text != '\0') {
        size_t n = strcspn(text, "\t");
        size_t m = strcspn(text + n, "\n");
        char *left = xstrndup(text, n);
        char *right = xstrndup(text + n + 1, m - 1);
        (void)fputs(typed ? "| `" : "| ", out);
        markdown_cell(out, left);
        (void)fputs(typed ? "` | " : " | ", out);
        markdown_cell(out, right);
        (void)fputs(" |\n", out);
        free(left);
        free(right);
        text += n + m + (text[n + m] == '\n');
    }
}

static void markdown_paragraphs(FILE *out, const char *text)
{
    char *lines = manual_lines(text);

    (void)fprintf(out, "%s\n", lines);
    free(lines);
}

static void markdown_filter(FILE *out)
{
    markdown_paragraphs(out, manual_filter);
    (void)fputs("\n| terms | find |\n| --- | --- |\n", out);
    for (size_t i = 0; i < filter_terms_len; i++) {
        (void)fputs("| ", out);
        for (size_t k = 0; k < FILTER_TERMS_MAX && filter_terms[i].examples[k] != NULL; k++) {
            (void)fputs(k == 0 ? "`" : ", `", out);
            markdown_cell(out, filter_terms[i].examples[k]);
            (void)fputc('`', out);
        }
        (void)fputs(" | ", out);
        markdown_cell(out, filter_terms[i].finds);
        (void)fputs(" |\n", out);
    }
}

static void markdown_setting(FILE *out, const struct setting_row *r)
{
    (void)fprintf(out, "| `%s` | ", r->ini);
    if (r->env != NULL) {
        (void)fprintf(out, "`%s`%s", r->env, r->flag == NULL ? "" : ", ");
    }
    if (r->flag != NULL) {
        (void)fprintf(out, "`--%s`", r->flag);
    }
    (void)fprintf(out, " | %s | ", r->fallback == NULL ? "none" : r->fallback);
    markdown_cell(out, r->help);
    (void)fputs(" |\n", out);
}

static void markdown_section(FILE *out, const struct ini_section *s)
{
    bool table = false;

    (void)fprintf(out, "### %s\n\n", s->title);
    markdown_paragraphs(out, s->about);
    (void)fprintf(out, "\n```ini\n%s```\n", s->example);
    for (size_t i = 0; i < SET_COUNT; i++) {
        if (strcmp(setting_rows[i].section, s->name) == 0) {
            (void)fputs(
                table ? "" : "\n| setting | also | default | |\n| --- | --- | --- | --- |\n", out);
            table = true;
            markdown_setting(out, &setting_rows[i]);
        }
    }
}

static void markdown_sections(FILE *out)
{
    for (size_t i = 0; i < ini_sections_len; i++) {
        (void)fputs(i == 0 ? "" : "\n", out);
        markdown_section(out, &ini_sections[i]);
    }
}

void cli_help_example(struct cli *c)
{
    (void)fputs(ini_example_head, c->out);
    for (size_t i = 0; i < ini_sections_len; i++) {
        (void)fprintf(c->out, "\n%s", ini_sections[i].example);
    }
}

/* The parts whose texts come from the areas that the command line may not know. */
static bool markdown_hooked(struct cli *c, const char *part)
{
    const struct cli_hooks *h = c->hooks;
    bool keys = strcmp(part, "keys") == 0, routes = strcmp(part, "routes") == 0;
    bool typed = strcmp(part, "typed") == 0;
    char *(*text_of)(void *arg) = keys ? h->keys : routes ? h->routes : typed ? h->typed : NULL;

    if (text_of == NULL) {
        return false;
    }
    char *text = text_of(h->arg);
    if (keys) {
        markdown_keys(c->out, text);
    } else {
        markdown_pairs(c->out, text, routes ? "route | what it does" : "command | what it does",
                       true);
    }
    free(text);
    return true;
}

enum err_code cli_help_markdown(struct cli *c, const char *part, struct err *e)
{
    FILE *out = c->out;

    if (part == NULL || strcmp(part, "commands") == 0) {
        markdown_commands(out);
    } else if (strcmp(part, "sections") == 0) {
        markdown_sections(out);
    } else if (strcmp(part, "precedence") == 0) {
        markdown_paragraphs(out, manual_precedence);
    } else if (strcmp(part, "mistakes") == 0) {
        markdown_paragraphs(out, manual_mistakes);
    } else if (strcmp(part, "credentials") == 0) {
        markdown_paragraphs(out, manual_credentials);
    } else if (strcmp(part, "kept") == 0) {
        markdown_pairs(out, manual_kept, "in the state folder | what it is", true);
    } else if (strcmp(part, "exit") == 0) {
        markdown_pairs(out, manual_exit, "exit status | meaning", false);
    } else if (strcmp(part, "mouse") == 0) {
        markdown_pairs(out, manual_mouse, "mouse | what it does", false);
    } else if (strcmp(part, "changing") == 0) {
        markdown_paragraphs(out, manual_changing_keys);
    } else if (strcmp(part, "filter") == 0) {
        markdown_filter(out);
    } else if (!markdown_hooked(c, part)) {
        return err_set(
            e, E_USAGE,
            "help: there is no part \"%.*s\"; the parts are commands, keys, typed, mouse, "
            "filter, changing, sections, precedence, mistakes, credentials, kept, exit and routes",
            text_cut(part, 40), part);
    }
    return E_OK;
}
