/* browser.h - giving an address to a browser. UI thread only. */
#ifndef UI_BROWSER_H
#define UI_BROWSER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "core/err.h"

/* The programs that were started and have not ended. They outlive this one. */
struct browsers {
    struct browser {
        pid_t pid;
        char name[48];
    } items[16];
    size_t len;
};

/* The command for addresses: `given` (a command line, which no shell sees; NULL: none), else
 * xdg-open where there is a desktop (DISPLAY or WAYLAND_DISPLAY is set). NULL: there is none.
 * words_free frees it. */
char **browser_command(const char *given);

/* Starts the program with the address as one more argument, in a session of its own, without this
 * terminal and without the secrets of the environment (ops/program.h). E_INVALID for an address
 * that url_openable refuses; E_IO. */
MUST_CHECK enum err_code browser_open(struct browsers *b, char *const *words, const char *url,
                                      struct err *e);
/* Takes note of the programs that have ended. True when one of them failed: `e` tells which. */
bool browser_failed(struct browsers *b, struct err *e);
#endif
