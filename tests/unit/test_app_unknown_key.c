/* Keys that mean nothing, and a help that begins with what a person looks for. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "app/keymap.h"
#include "app_fixture.h"

static const struct job_spec specs[] = {
    {.id = "job_a", .status = "FAILED", .name = "Ann", .user = "ann", .created_s = -40},
};

static struct bench begin(void)
{
    struct bench b = bench_new();

    bench_jobs(&b, TASK_LOAD, specs, 1);
    return b;
}

Test(unknown_key, is_told_once_by_the_name_people_know)
{
    static const char *const keys[][2] = {
        {"S-F1",   "Shift-F1 does nothing here: ? shows the keys"     },
        {"M-x",    "Alt-x does nothing here: ? shows the keys"        },
        {"C-S-F5", "Ctrl-Shift-F5 does nothing here: ? shows the keys"},
        {"F12",    "F12 does nothing here: ? shows the keys"          },
    };

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct bench b = begin();
        bench_key(&b, keys[i][0]);
        cr_expect((strstr(b.m->desk.note, keys[i][1]) != NULL), "%s: %s", keys[i][0],
                  b.m->desk.note);
        b.m->desk.note[0] = '\0';
        bench_key(&b, keys[i][0]);
        cr_expect_str_empty(b.m->desk.note, "once: %s", b.m->desk.note);
        bench_key(&b, "j");
        bench_key(&b, keys[i][0]);
        cr_expect((strstr(b.m->desk.note, keys[i][1]) != NULL),
                  "after another key it is told again");
        bench_key(&b, "?"); /* under a window too */
        bench_key(&b, "F11");
        cr_expect((strstr(b.m->desk.note, "F11 does nothing here") != NULL), "%s", b.m->desk.note);
        cr_expect(b.m->desk.window.open);
        bench_free(&b);
    }
}

Test(unknown_key, is_not_told_where_text_is_typed)
{
    static const char *const places[] = {"n", "/", ":"};

    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct bench b = begin();
        bench_key(&b, places[i]);
        bench_key(&b, "S-F1");
        bench_key(&b, "x");
        cr_expect_not((strstr(b.m->desk.note, "does nothing here") != NULL), "%s: %s", places[i],
                      b.m->desk.note);
        bench_free(&b);
    }
}

Test(help, begins_with_the_purpose_and_the_own_keys_and_ends_with_what_moves)
{
    struct keymap *k = keymap_new(NULL, 0);

    for (int s = SCOPE_ALL + 1; s < SCOPE_COUNT; s++) {
        char *help = keymap_help(k, (enum scope)s);
        const char *title = scope_title((enum scope)s);
        const char *everywhere = strstr(help, "\n\nEverywhere\n");
        const char *moving = strstr(help, "\n\nMoving\n");
        cr_expect_eq(strncmp(help, title, strlen(title)), 0, "%s", title);
        cr_expect_eq(strncmp(help + strlen(title), "\n\t", 2), 0, "%s: a sentence", title);
        cr_assert(everywhere != NULL && moving != NULL && everywhere < moving, "%s", title);
        const char *up = strstr(help, "\tRow above"), *down = strstr(help, "\tDown");
        cr_expect(up == NULL || up > moving || s == SCOPE_INPUT, "%s", title);
        cr_expect(down == NULL || down > moving, "%s", title);
        free(help);
    }
    keymap_free(k);
}

/* Each key of the help means what its row says, where the help is of. */
Test(help, a_key_stands_once)
{
    static const enum scope scopes[] = {SCOPE_LIST, SCOPE_LOG, SCOPE_DETAIL, SCOPE_STATS,
                                        SCOPE_DLQ};
    struct keymap *k = keymap_new(NULL, 0);

    for (size_t i = 0; i < sizeof scopes / sizeof *scopes; i++) {
        char *help = keymap_help(k, scopes[i]);
        char seen[200][KEY_NAME_SIZE];
        size_t n = 0;
        char *save = NULL;
        for (char *l = strtok_r(help, "\n", &save); l != NULL; l = strtok_r(NULL, "\n", &save)) {
            char *tab = strchr(l, '\t');
            if (tab == NULL || tab == l || l[0] == ':') {
                continue;
            }
            *tab = '\0';
            char *keys = NULL;
            for (char *key = strtok_r(l, " ", &keys); key != NULL && n < 200;
                 key = strtok_r(NULL, " ", &keys)) {
                for (size_t j = 0; j < n; j++) {
                    cr_expect_str_neq(seen[j], key, "%s: %s", scope_title(scopes[i]), key);
                }
                (void)snprintf(seen[n++], KEY_NAME_SIZE, "%s", key);
            }
        }
        cr_expect_gt(n, 10);
        free(help);
    }
    keymap_free(k);
}
