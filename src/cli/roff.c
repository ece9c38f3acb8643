/* Writes texts as troff, for the man pages. */
#include "src/cli/roff.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "src/cli/manual.h"

enum { UPPER_MAX = 32 };

/* One character. `*bold` is turned over by a backtick when it is not NULL. */
static void put(FILE *out, const char *s, const char *begin, int *bold)
{
    if ((*s == '.' || *s == '\'') && (s == begin || s[-1] == '\n')) {
        (void)fputs("\\&", out);
    }
    if (*s == '`' && bold != NULL) {
        *bold = !*bold;
        (void)fputs(*bold ? "\\fB" : "\\fR", out);
    } else if (*s == '\\') {
        (void)fputs("\\e", out);
    } else if (*s == '-') {
        (void)fputs("\\-", out);
    } else {
        (void)fputc(*s, out);
    }
}

void roff_text(FILE *out, const char *text)
{
    for (const char *s = text; *s != '\0'; s++) {
        put(out, s, text, NULL);
    }
}

void roff_paragraphs(FILE *out, const char *text)
{
    int bold = 0;
    char *lines = manual_lines(text);

    for (const char *s = lines; *s != '\0'; s++) {
        if (*s == '\n' && s[1] == '\n') {
            (void)fputs("\n.PP", out);
            s++;
        }
        put(out, s, lines, &bold);
    }
    (void)fputc('\n', out);
    free(lines);
}

void roff_example(FILE *out, const char *text)
{
    size_t len = strlen(text);

    (void)fputs(".PP\n.nf\n.RS\n", out);
    roff_text(out, text);
    (void)fputs(len > 0 && text[len - 1] == '\n' ? ".RE\n.fi\n" : "\n.RE\n.fi\n", out);
}

void roff_section(FILE *out, const char *title)
{
    (void)fprintf(out, ".SH %s\n", title);
}

void roff_subsection(FILE *out, const char *title)
{
    (void)fputs(".SS \"", out);
    roff_text(out, title);
    (void)fputs("\"\n", out);
}

void roff_tagged(FILE *out, const char *tag, const char *text)
{
    int bold = 0;

    (void)fputs(".TP\n", out);
    roff_text(out, tag);
    (void)fputc('\n', out);
    for (const char *s = text; *s != '\0'; s++) {
        put(out, s, text, &bold);
    }
    (void)fputc('\n', out);
}

void roff_head(FILE *out, const char *name, int section, const char *manual, const char *what)
{
    char upper[UPPER_MAX];
    size_t n = 0;

    for (; name[n] != '\0' && n + 1 < sizeof upper; n++) {
        upper[n] = (char)toupper((unsigned char)name[n]);
    }
    upper[n] = '\0';
    (void)fprintf(out, ".TH %s %d \"2026-12-01\" \"mvpdash %s\" \"%s\"\n.SH NAME\n", upper, section,
                  MVPDASH_VERSION, manual);
    roff_text(out, name);
    (void)fprintf(out, " \\- %s\n", what);
}
