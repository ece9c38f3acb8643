/* How `mvpdash doctor` prints. */
#include "src/cli/doctor_show.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/text.h"

enum { TEXT_AT = 20, FIX_AT = 8, LEAST_ROOM = 20 };

/* The word tells everything; the colour only helps the eye. */
static const char *color_of(enum doctor_state s)
{
    static const char *const colors[] = {[DOCTOR_PASS] = "\033[32m",
                                         [DOCTOR_WARN] = "\033[33m",
                                         [DOCTOR_FAIL] = "\033[1;31m",
                                         [DOCTOR_UNKNOWN] = "\033[36m",
                                         [DOCTOR_SKIP] = "\033[2m"};

    return colors[s];
}

/* Prints text from cell `at` on; a word that reaches the right edge begins a line of its own at
 * cell `indent`. Where there is no terminal, the text stays on one line. */
static void put_words(struct cli *c, const char *text, int at, int indent)
{
    char *clean = text_cleaned(text, cli_text_flags(c));
    bool wraps = c->columns > indent + LEAST_ROOM;
    bool first = true;

    for (const char *p = clean; *p != '\0';) {
        size_t n = strcspn(p, " ");
        char *word = xstrndup(p, n);
        int cells = text_width(word);
        if (wraps && !first && at + 1 + cells > c->columns) {
            (void)fprintf(c->out, "\n%*s", indent, "");
            at = indent;
        } else if (!first) {
            (void)fputc(' ', c->out);
            at++;
        }
        (void)fputs(word, c->out);
        at += cells;
        first = false;
        free(word);
        p += n;
        p += *p == ' ' ? 1 : 0;
    }
    free(clean);
}

/* Prints the prose of a remedy, without the blanks around it; prints nothing for prose that only
 * joins two commands. */
static void put_prose(struct cli *c, const char *from, size_t len, bool *arrow)
{
    while (len > 0 && strchr(" ;,", from[0]) != NULL) {
        from++;
        len--;
    }
    while (len > 0 && from[len - 1] == ' ') {
        len--;
    }
    if (len == 0) {
        return;
    }
    char *text = xstrndup(from, len);
    (void)fprintf(c->out, "%*s%s ", FIX_AT, "", !*arrow ? " " : c->utf8 ? "\xe2\x86\x92" : "->");
    put_words(c, text, FIX_AT + 2 + (c->utf8 || !*arrow ? 0 : 1), FIX_AT + 2);
    (void)fputc('\n', c->out);
    *arrow = false;
    free(text);
}

/* Prints a remedy: a line for each piece of prose, a line for each command. */
static void put_fix(struct cli *c, const char *fix)
{
    size_t len = 0;
    bool arrow = true;
    const char *at = fix;

    for (const char *k = doctor_command(at, &len); k != NULL; k = doctor_command(at, &len)) {
        put_prose(c, at, (size_t)(k - 1 - at), &arrow);
        char *command = xstrndup(k, len);
        (void)fprintf(c->out, "%*s$ ", FIX_AT, "");
        cli_print(c, command);
        (void)fputc('\n', c->out);
        free(command);
        arrow = false;
        at = k + len + 1;
    }
    put_prose(c, at, strlen(at), &arrow);
}

void doctor_show(struct cli *c, const char *id, const char *title, const struct finding *f,
                 int64_t took_ms, const char *limit)
{
    bool color = cli_color(c);
    int at = TEXT_AT + text_width(title);

    (void)fprintf(c->out, "%s%-7s%s %-11s %s", color ? color_of(f->state) : "",
                  doctor_state_word(f->state), color ? "\033[0m" : "", id, title);
    if (took_ms >= 0) {
        at += fprintf(c->out, " (%.1f s)", (double)took_ms / 1000);
    }
    if (f->text != NULL) {
        (void)fputs(": ", c->out);
        bool more = f->state == DOCTOR_PASS && limit != NULL;
        char *text = more ? xasprintf("%s (%s)", f->text, limit) : xstrdup(f->text);
        put_words(c, text, at + 2, TEXT_AT);
        free(text);
    }
    (void)fputc('\n', c->out);
    if (f->fix != NULL) {
        put_fix(c, f->fix);
    }
    (void)cli_flush(c);
}

void doctor_show_first(struct cli *c, const char *lead, const char *id, const char *text,
                       const char *fix)
{
    int at = fprintf(c->out, "%s%s: ", lead, id);
    put_words(c, text, at, FIX_AT);
    (void)fputc('\n', c->out);
    put_fix(c, fix);
}
