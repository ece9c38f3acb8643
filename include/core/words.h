/* words.h - splitting a command line into words as a shell would, though no shell runs it. Any
 * thread. */
#ifndef CORE_WORDS_H
#define CORE_WORDS_H

/* Splits a line into words: blanks separate them; quotes and backslashes count as in a shell, but
 * nothing is expanded. The result is a NULL-terminated array. Owned: free it with words_free. NULL
 * when a quote is open, there is no word, or there are more than 256. */
char **words_split(const char *line);
void words_free(char **words); /* NULL allowed */
#endif
