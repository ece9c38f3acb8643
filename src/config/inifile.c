/* A reader of config.ini over the library inih. */
#include "inifile.h"

#include <ini.h>
#include <string.h>

#include "core/text.h"

/* As distributions build inih, its handler gets no line number, so the reader counts the lines:
 * inih calls the reader once a line and the handler right after it. */
struct reader {
    const char *at;
    const char *end;
    int line;
    int too_long; /* the number of a line that is too long, 0 when there is none */
    ini_pair_fn pair;
    void *arg;
};

static char *next_line(char *room, int size, void *stream)
{
    struct reader *r = stream;

    if (r->at == r->end || size < INI_LINE_MAX + 2) {
        return NULL;
    }
    r->line++;
    const char *stop = memchr(r->at, '\n', (size_t)(r->end - r->at));
    const char *next = stop == NULL ? r->end : stop + 1;
    const char *from = r->at;
    if (stop == NULL) {
        stop = r->end;
    }
    while (from < stop && (*from == ' ' || *from == '\t')) {
        from++;
    }
    size_t len = (size_t)(stop - from);
    if (len > INI_LINE_MAX) {
        r->too_long = r->line;
        return NULL;
    }
    r->at = next;
    memcpy(room, from, len);
    room[len] = '\n';
    room[len + 1] = '\0';
    return room;
}

static int on_pair(void *user, const char *section, const char *name, const char *value)
{
    struct reader *r = user;

    if (name != NULL) {
        r->pair(r->arg, r->line, section, name, value == NULL ? "" : value);
    }
    return 1;
}

enum err_code ini_file_parse(const char *text, size_t len, const char *what, ini_pair_fn pair,
                             void *arg, struct err *e)
{
    struct reader r = {.at = text, .end = text + len, .pair = pair, .arg = arg};

    if (len > INI_FILE_MAX_BYTES) {
        return err_set(e, E_CONFIG, "%s: over %zu bytes", what, INI_FILE_MAX_BYTES);
    }
    if (memchr(text, '\0', len) != NULL || !text_utf8_valid(text, len)) {
        return err_set(e, E_CONFIG, "%s: not a UTF-8 text file", what);
    }
    int bad = ini_parse_stream(next_line, &r, on_pair, &r);
    if (r.too_long > 0 && (bad == 0 || r.too_long < bad)) {
        return err_set(e, E_CONFIG, "%s:%d: the line is over %d bytes", what, r.too_long,
                       INI_LINE_MAX);
    }
    if (bad != 0) {
        return err_set(e, E_CONFIG, "%s:%d: expected [section] or name = value", what, bad);
    }
    return E_OK;
}
