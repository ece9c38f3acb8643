/* regex_why.c - the texts of regcomp's error codes. */
#include "core/regex_why.h"

#include <regex.h>
#include <stddef.h>
#include <string.h>

static const struct {
    int code;
    const char *why;
} reasons[] = {
    {REG_EBRACK,   "unclosed ["                                               },
    {REG_EPAREN,   "unclosed ("                                               },
    {REG_EBRACE,   "unclosed {"                                               },
    {REG_BADBR,    "{ } without a count such as {2} or {1,3} in it"           },
    {REG_BADRPT,   "a repeat (*, +, ? or {) with nothing before it"           },
    {REG_ERANGE,   "a range whose end comes before its beginning, such as z-a"},
    {REG_ECTYPE,   "an unknown character class [:name:]"                      },
    {REG_ECOLLATE, "an unknown collating element [.name.]"                    },
    {REG_EESCAPE,  "a \\ at its end, with nothing after it"                   },
    {REG_ESUBREG,  "a back-reference to a group that is not there"            },
    {REG_ESPACE,   "too large: it takes too much memory"                      },
};

const char *regex_why(int code, const char *pattern)
{
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        if (reasons[i].code == code) {
            return reasons[i].why;
        }
    }
    /* glibc has no code of its own for a pattern that ends behind a [. */
    return strchr(pattern, '[') != NULL ? "unclosed [" : "not a POSIX extended expression";
}
