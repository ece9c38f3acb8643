/* Lines of [views], [commands] and [keys] as any text: each is read, or has a mistake that is
 * told. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "app/keymap.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/words.h"
#include "src/app/own_command.h"
#include "src/app/saved_view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void view(const char *text)
{
    struct saved_view v = {0}, again = {0};
    struct err e = {0};

    if (saved_view_parse(text, &v, &e) == E_OK) {
        char *line = saved_view_text(&v);
        if (saved_view_parse(line, &again, &e) != E_OK || strcmp(v.filter, again.filter) != 0 ||
            strcmp(v.states, again.states) != 0) {
            abort();
        }
        free(line);
    } else if (e.code != E_INVALID || e.msg[0] == '\0') {
        abort();
    }
    saved_view_done(&v);
    saved_view_done(&again);
}

static void command(const char *text)
{
    static const char record[] = "{\"jobId\":\"j\",\"userId\":\"-u\\n\",\"step\":null,\"exitCode\":"
                                 "1,\"urls\":{\"staging\":\"\"}}";
    cJSON *job = json_parse(record, sizeof record - 1, "job", NULL);
    struct own_command c = {0};
    struct err e = {0};

    if (own_command_parse(text, &c, &e) == E_OK) {
        char **words = own_command_words(&c, job, &e);
        if (words == NULL && (e.code != E_INVALID || e.msg[0] == '\0')) {
            abort();
        }
        if (words != NULL && strlen(words[0]) > strlen(c.words[0])) {
            abort(); /* no job names the program; {{ only makes it shorter */
        }
        words_free(words);
    } else if (e.code != E_INVALID || e.msg[0] == '\0') {
        abort();
    }
    own_command_done(&c);
    cJSON_Delete(job);
}

static void keys(const char *text)
{
    char *name = xasprintf("view %.40s", text);
    struct setting_key rows[] = {
        {text,   text, 1},
        {name,   text, 2},
        {"quit", text, 3},
    };
    struct keymap *k = keymap_new(rows, sizeof rows / sizeof *rows);

    free(keymap_help(k, SCOPE_LIST));
    (void)keymap_line(k, SCOPE_LIST, text);
    keymap_free(k);
    free(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = xstrndup((const char *)data, size);

    view(text);
    command(text);
    keys(text);
    free(text);
    return 0;
}
