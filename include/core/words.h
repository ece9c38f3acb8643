/* words.h - splits a command line into words as a shell would, though no shell runs it. Any thread.
 */
#ifndef CORE_WORDS_H
#define CORE_WORDS_H

/* Words are parted by blanks; quotes and backslashes as in a shell, but nothing is expanded.
 * NULL-terminated array. Owned: free with words_free. NULL when a quote is open, there is no word,
 * or there are more than 256. */
char **words_split(const char *line);
void words_free(char **words); /* NULL allowed */
#endif
