/* Splitting a command line into words, as a shell does. */
#include "core/words.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/strbuf.h"

enum { WORDS_MAX = 256 };

/* Reads one word at `*at` and moves to the place after it; NULL when a quote is not closed. */
static char *next_word(const char **at)
{
    struct strbuf word = STRBUF_INIT;
    const char *p = *at;
    char quote = '\0';

    for (; *p != '\0' && (quote != '\0' || strchr(" \t\n", *p) == NULL); p++) {
        if (quote == '\0' && (*p == '\'' || *p == '"')) {
            quote = *p;
        } else if (quote != '\0' && *p == quote) {
            quote = '\0';
        } else if (*p == '\\' && quote != '\'' && p[1] != '\0' &&
                   (quote == '\0' || strchr("\"\\$`", p[1]) != NULL)) {
            strbuf_addc(&word, *++p);
        } else {
            strbuf_addc(&word, *p);
        }
    }
    *at = p;
    if (quote != '\0') {
        strbuf_clear(&word);
        return NULL;
    }
    return strbuf_take(&word);
}

void words_free(char **words)
{
    for (size_t i = 0; words != NULL && words[i] != NULL; i++) {
        free(words[i]);
    }
    free(words);
}

char **words_split(const char *line)
{
    char **words = xcalloc(WORDS_MAX + 1, sizeof *words);
    size_t n = 0;

    for (;;) {
        line += strspn(line, " \t\n");
        if (*line == '\0' && n > 0) {
            return words;
        }
        char *word = *line == '\0' || n == WORDS_MAX ? NULL : next_word(&line);
        if (word == NULL) {
            words_free(words);
            return NULL;
        }
        words[n++] = word;
    }
}
