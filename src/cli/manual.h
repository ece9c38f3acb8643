/* manual.h - texts that man pages and assets/ pages share: paragraphs, and lines of
 * "left<TAB>right". Constant data; any thread. */
#ifndef CLI_MANUAL_H
#define CLI_MANUAL_H

/* The paragraphs in lines of a length that a person can compare; owned. */
char *manual_lines(const char *text);

/* Paragraphs with an empty line between them; `...` is text that is typed. */
extern const char manual_precedence[];  /* which source of a setting counts */
extern const char manual_credentials[]; /* credentials, proxies, certificates */
extern const char manual_mistakes[];    /* what a line that cannot be used does */
extern const char manual_changing_keys[];
extern const char manual_filter[];

/* Lines of "left<TAB>right". */
extern const char manual_mouse[];
extern const char manual_kept[]; /* what is kept on disk */
extern const char manual_exit[]; /* exit statuses */
#endif
