/* How a text is broken into rows. */
#include "wrap.h"

#include <string.h>

#include "core/text.h"

size_t wrap_row(const char *text, int cols, const char **next)
{
    size_t fits = cols <= 0 ? 0 : text_fit(text, cols, NULL);
    size_t cut = fits;
    size_t newline = strcspn(text, "\n");

    *next = text;
    if (newline < fits) {
        cut = newline;
    } else if (text[fits] != '\0' && text[fits] != ' ' && text[fits] != '\n') {
        while (cut > 0 && text[cut - 1] != ' ') {
            cut--;
        }
        cut = cut == 0 ? fits : cut;
    }
    if (fits == 0 && newline != 0) {
        return 0;
    }
    const char *after = text + cut;
    while (*after == ' ') {
        after++;
    }
    *next = after + (*after == '\n' ? 1 : 0);
    return cut;
}

int wrap_rows(const char *text, int cols)
{
    int rows = 0;

    while (*text != '\0') {
        const char *next = text;
        (void)wrap_row(text, cols, &next);
        if (next == text) {
            return rows;
        }
        rows++;
        text = next;
    }
    return rows;
}
