/* Running the program that [alerts] of config.ini names.
 *
 * DESIGN: the program's input and output are files in memory, not pipes: neither a hook that reads
 * nothing nor a hook that leaves a child behind can hold anybody up, and a hook that outlives the
 * dashboard gets no SIGPIPE. A guard (core/child.h) ends the hook, and what the hook left behind,
 * at hook_timeout, also when the dashboard is gone by then. */
#include "ops/hook.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/child.h"
#include "core/text.h"
#include "core/words.h"
#include "ops/program.h"

enum { LOOK_MS = 50, GUARD_LATER_MS = 500, OUTPUT_MAX = 64 * 1024, LINES_LOGGED = 50 };

bool ops_has_hook(const struct ops *o)
{
    return settings_get(o->settings, SET_ALERT_HOOK) != NULL;
}

static bool wrote_too_much(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && st.st_size > OUTPUT_MAX;
}

/* Waits until the hook ends. On any failure, except when ops_stop ended the waiting, the hook is
 * ended with everything that it started. */
static enum err_code wait_end(const struct ops *o, pid_t pid, int out, int *status, struct err *e)
{
    int seconds = settings_int(o->settings, SET_ALERT_HOOK_TIMEOUT, 10);

    child_guard(pid, (int64_t)seconds * 1000 + GUARD_LATER_MS, NULL);
    int64_t until = clock_mono_ms(NULL) + (int64_t)seconds * 1000;
    enum err_code rc = E_OK;

    for (;;) {
        pid_t ended = waitpid(pid, status, WNOHANG);
        if (ended == pid) {
            return E_OK;
        }
        if (ended < 0 && errno != EINTR) {
            return err_set(e, E_IO, "hook: how it ended is not known: %s", strerror(errno));
        }
        if (clock_mono_ms(NULL) >= until) {
            rc = err_set(e, E_TIMEOUT, "hook: did not end within %d s and was killed", seconds);
            (void)err_hint_set(e, "set hook_timeout in [alerts] of config.ini to give it longer");
            break;
        }
        if (wrote_too_much(out)) {
            rc = err_set(e, E_IO, "hook: wrote over %d bytes and was killed", OUTPUT_MAX);
            break;
        }
        if (!ops_sleep(o, LOOK_MS)) {
            return err_set(e, E_CANCELLED, "hook: not waited for");
        }
    }
    (void)child_end(pid, status);
    return rc;
}

/* Writes the hook's output into the log, line by line, and returns the last line, cleaned.
 * Owned. */
static char *log_output(const struct ops *o, int out)
{
    char *buf = xcalloc(1, OUTPUT_MAX + 1);
    char *last = xstrdup("");
    char *save = NULL;
    int lines = 0;

    ssize_t n = pread(out, buf, OUTPUT_MAX, 0);
    buf[n > 0 ? n : 0] = '\0';
    for (char *l = strtok_r(buf, "\n", &save); l != NULL; l = strtok_r(NULL, "\n", &save)) {
        if (++lines <= LINES_LOGGED) {
            log_line(o->log, LOG_LVL_INFO, "hook: %.*s", text_cut(l, 500), l);
        }
        free(last);
        last = text_cleaned(l, TEXT_ONE_LINE);
    }
    free(buf);
    return last;
}

static enum err_code verdict(const struct ops *o, int status, const char *last, struct err *e)
{
    const char *line = settings_get(o->settings, SET_ALERT_HOOK);
    const char *sep = last[0] == '\0' ? "" : ": ";

    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        return E_OK;
    }
    if (WIFEXITED(status)) {
        (void)err_set(e, E_IO, "hook %.*s: ended with status %d%s%.*s", text_cut(line, 80), line,
                      WEXITSTATUS(status), sep, text_cut(last, 200), last);
    } else {
        (void)err_set(e, E_IO, "hook %.*s: ended by signal %d%s%.*s", text_cut(line, 80), line,
                      WTERMSIG(status), sep, text_cut(last, 200), last);
    }
    return err_hint_set(e, "what it printed is in mvpdash's log; it is `hook` in [alerts] of "
                           "config.ini");
}

enum err_code ops_hook(const struct ops *o, char *const *facts, size_t facts_len, const char *input,
                       struct err *e)
{
    const char *line = settings_get(o->settings, SET_ALERT_HOOK);
    char **words = line == NULL ? NULL : words_split(line);
    enum err_code rc = E_OK;
    int status = 0;
    pid_t pid = 0;

    if (words == NULL) {
        return line == NULL ? E_OK : err_set(e, E_CONFIG, "hook: not a command line");
    }
    struct env_block vars = env_block_new(settings_program_environment(o->settings));
    char **env = program_environment(&vars, facts, facts_len);
    int in = program_input(input), out = program_input("");
    int failed = in < 0 || out < 0 ? errno : program_start(words, env, in, out, &pid);
    if (failed != 0) {
        (void)err_set(e, E_IO, "hook %.*s: cannot be run: %s", text_cut(words[0], 80), words[0],
                      strerror(failed));
        rc = err_hint_set(e, "correct `hook` in [alerts] of config.ini");
    } else {
        rc = wait_end(o, pid, out, &status, e);
        char *last = log_output(o, out);
        rc = rc == E_OK ? verdict(o, status, last, e) : rc;
        free(last);
    }
    if (in >= 0) {
        (void)close(in);
    }
    if (out >= 0) {
        (void)close(out);
    }
    free(env);
    env_block_free(&vars);
    words_free(words);
    return rc;
}
