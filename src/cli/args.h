/* args.h - the parser of options and arguments, the same for every command.
 *
 * `--x V`, `--x=V`, flags without a value, `--` before arguments that begin with a dash; a lone
 * `-` and negative numbers are arguments. Pure; any thread. */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include "cli/cli.h"

struct cli_value {
    const struct cli_option *option;
    char *text; /* owned; NULL for a flag */
    char *raw;  /* the value's place in argv, borrowed: secrets are overwritten there */
};

struct cli_args {
    struct cli_value *values; /* owned, in the order given */
    size_t len, cap;
    char **words; /* owned array of borrowed arguments that are not options */
    size_t words_len, words_cap;
};

/* `own` and `common` are option lists; an option of either may stand anywhere. E_USAGE names the
 * option and what was meant. On failure `out` is cleared. */
MUST_CHECK enum err_code args_parse(int argc, char **argv, const struct cli_option *own,
                                    const struct cli_option *common, struct cli_args *out,
                                    struct err *e);
void args_clear(struct cli_args *a); /* wipes the values */

bool args_has(const struct cli_args *a, const char *name);
/* the last value of the option; NULL */
const char *args_get(const struct cli_args *a, const char *name);
/* The values of a repeated option, one after another: start with *at = 0; NULL at the end. */
const char *args_next(const struct cli_args *a, const char *name, size_t *at);

/* The index in argv of the first argument that is neither an option of `common` nor an option's
 * value: the command's name. argc when there is none. */
int args_find_command(int argc, char **argv, const struct cli_option *common,
                      const struct cli_option *own);
#endif
