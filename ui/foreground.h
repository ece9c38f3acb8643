/* foreground.h - a program of the person's with the terminal to itself, curses out of the way. UI
 * thread only. */
#ifndef UI_FOREGROUND_H
#define UI_FOREGROUND_H

#include "core/env.h"
#include "core/err.h"
#include "ui/term.h"
#include "work/task.h"

/* Runs the program of a TASK_PROGRAM in the foreground: its stdin, stdout and stderr are the
 * terminal, and its input can be read from descriptor 3; `environment` has its variables. Waits for
 * its end; when that is a bad one, what it printed stays until Enter. `*how`: "ended with status
 * 0"; owned; NULL on failure. `seen` and `number`: as of signals_take. E_IO when it cannot be run.
 */
MUST_CHECK enum err_code foreground_run(struct terminal *t, const struct task *task,
                                        const char *name, const struct env *environment, char **how,
                                        unsigned *seen, int *number, struct err *e);
#endif
