/* What is wrong with a line of [views] or [commands], as a sentence. */
#include "own_line.h"

#include <stdlib.h>

#include "core/alloc.h"
#include "core/text.h"

char *own_line_mistake(const struct setting_line *l, const char *file, const char *section,
                       const char *why)
{
    char *shown = text_cleaned(l->name, TEXT_ONE_LINE);
    char *text = xasprintf("%s:%d [%s]%s%.*s: %s", file == NULL ? "config.ini" : file, l->line,
                           section, shown[0] == '\0' ? "" : " ", text_cut(shown, 64), shown, why);

    free(shown);
    return text;
}
