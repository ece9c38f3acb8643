/* log_lines.h - the lines of a container's log on stdout. */
#ifndef CLI_LOG_LINES_H
#define CLI_LOG_LINES_H

#include "src/cli/cli_priv.h"

/* Prints the text `raw` of a log event and a newline. On a terminal nothing in a log may drive the
 * terminal: colours show as such, of a progress that wrote over itself only the last state shows,
 * and everything else shows as marks. Into a pipe the bytes go as the container wrote them, except
 * for secrets. */
void log_line_print(struct cli *c, const char *raw);
#endif
