/* ini_sections.h - the sections of config.ini as the documentation tells them: what each is for,
 * and an example. Their settings are rows of config/settings.h. Constant data; any thread. */
#ifndef CLI_INI_SECTIONS_H
#define CLI_INI_SECTIONS_H

#include <stddef.h>

struct ini_section {
    const char *name;    /* as in setting_row.section: "ui"; "keys", "views" and "commands" too */
    const char *title;   /* "[ui]" */
    const char *about;   /* paragraphs; `...` is text that is typed */
    const char *example; /* lines of config.ini */
};
extern const struct ini_section ini_sections[];
extern const size_t ini_sections_len;
extern const char ini_example_head[]; /* the comment that a whole example begins with */
#endif
