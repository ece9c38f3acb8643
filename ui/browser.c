/* Giving an address to a browser. */
#include "ui/browser.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/env.h"
#include "core/text.h"
#include "core/url.h"
#include "core/words.h"
#include "ops/program.h"

char **browser_command(const char *given)
{
    const char *x11 = getenv("DISPLAY");
    const char *wayland = getenv("WAYLAND_DISPLAY");
    bool desktop = (x11 != NULL && x11[0] != '\0') || (wayland != NULL && wayland[0] != '\0');

    return given != NULL ? words_split(given) : desktop ? words_split("xdg-open") : NULL;
}

/* Starts the program like all others of the person's own: without what is secret. */
static int start(char **argv, pid_t *pid)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (null < 0) {
        return errno;
    }
    struct env_block vars = env_block_new(NULL);
    char **env = program_environment(&vars, NULL, 0);
    int rc = program_start(argv, env, null, null, pid);
    (void)close(null);
    free(env);
    env_block_free(&vars);
    return rc;
}

enum err_code browser_open(struct browsers *b, char *const *words, const char *url, struct err *e)
{
    size_t n = 0;

    if (!url_openable(url)) {
        return err_set(e, E_INVALID, "only http and https addresses are opened");
    }
    if (b->len == sizeof b->items / sizeof *b->items) {
        return err_set(e, E_TOO_BIG, "%s: %zu of them are still running", words[0], b->len);
    }
    while (words[n] != NULL) {
        n++;
    }
    char **argv = xcalloc(n + 2, sizeof *argv);
    char *last = xstrdup(url);
    memcpy(argv, words, n * sizeof *argv);
    argv[n] = last;
    struct browser *one = &b->items[b->len];
    int rc = start(argv, &one->pid);
    free(last);
    free(argv);
    if (rc != 0) {
        (void)program_not_started(e, words[0], rc);
        return err_hint_set(e, "set `browser` in [ui] of config.ini; Y copies the address");
    }
    (void)snprintf(one->name, sizeof one->name, "%.*s", text_cut(words[0], 40), words[0]);
    b->len++;
    return E_OK;
}

bool browser_failed(struct browsers *b, struct err *e)
{
    for (size_t i = 0; i < b->len; i++) {
        int status = 0;
        pid_t ended = waitpid(b->items[i].pid, &status, WNOHANG);
        if (ended == 0 || (ended < 0 && errno == EINTR)) {
            continue;
        }
        struct browser gone = b->items[i];
        b->items[i--] = b->items[--b->len];
        if (ended > 0 && WIFEXITED(status) && WEXITSTATUS(status) != 0) {
            (void)err_set(e, E_IO, "%s: ended with status %d", gone.name, WEXITSTATUS(status));
            (void)err_hint_set(e, "set `browser` in [ui] of config.ini; Y copies the address");
            return true;
        }
    }
    return false;
}
