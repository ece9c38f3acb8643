/* What becomes of a text for the clipboard: the answers of a tmux that is a script here. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/path.h"
#include "ui/clipboard_way.h"

static struct settings *settings;
static struct ops *ops;
static struct err e;
static char dir[] = "/tmp/mvpdash-clipboard.XXXXXX";

static void setup(void)
{
    cr_assert_not_null(mkdtemp(dir));
    setenv("XDG_STATE_HOME", dir, 1);
    setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
    setenv("AWS_REGION", "us-east-1", 1);
    char *path = xasprintf("%s:%s", dir, getenv("PATH"));
    setenv("PATH", path, 1);
    free(path);
    setenv("TERM", "xterm-256color", 1);
    unsetenv("STY");
    unsetenv("DISPLAY");
    unsetenv("WAYLAND_DISPLAY");
    setenv("TMUX", "/tmp/tmux-0/default,1,0", 1);
    setenv("TMUX_PANE", "%7", 1);
    settings = settings_load(&(struct settings_sources){0}, &e);
    cr_assert_not_null(settings, "%s", e.msg);
    ops = ops_new(settings, NULL, NULL, &e);
    cr_assert_not_null(ops, "%s", e.msg);
}

static void teardown(void)
{
    ops_free(ops);
    settings_free(settings);
    (void)!path_remove_tree(dir, NULL);
}

TestSuite(clipboard_way, .init = setup, .fini = teardown, .timeout = 120);

/* Puts a script for the shell in the place of a program. */
static void program_is(const char *name, const char *script)
{
    char *path = path_join(dir, name);
    char *text = xasprintf("#!/bin/sh\n%s\n", script);

    cr_assert_eq(path_write_atomic(path, text, strlen(text), 0755, &e), E_OK, "%s", e.msg);
    cr_assert_eq(chmod(path, 0755), 0);
    free(text);
    free(path);
}

/* What becomes of so many bytes. */
static enum copy_way way_of(size_t len)
{
    const char *program = NULL;
    char *text = xmalloc(len + 1);

    memset(text, 'x', len);
    text[len] = '\0';
    enum copy_way way = clipboard_way(ops, text, &program);
    cr_expect_eq(program == NULL, way != COPY_PROGRAM);
    free(text);
    return way;
}

Test(clipboard_way, tmux_passes_a_text_on_as_it_is_set)
{
    static const struct {
        const char *answer;
        enum copy_way want;
    } cases[] = {
        {"on/0",         COPY_SENT_TMUX   },
        {"on/off",       COPY_SENT_TMUX   },
        {"external/0",   COPY_STOPPED     },
        {"external/off", COPY_STOPPED     },
        {"off/off",      COPY_STOPPED     },
        {"off/1",        COPY_SENT_TMUX   },
        {"external/on",  COPY_SENT_TMUX   },
        {"external/all", COPY_SENT_TMUX   },
        {"external/",    COPY_SENT_TMUX   }, /* before 3.3 everything that is wrapped passes */
        {"nonsense",     COPY_SENT_PERHAPS},
        {"",             COPY_SENT_PERHAPS},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *script = xasprintf("test \"$1 $2 $3 $4\" = 'display-message -p -t %%7' && echo '%s'",
                                 cases[i].answer);
        program_is("tmux", script);
        cr_expect_eq(way_of(5), cases[i].want, "%s", cases[i].answer);
        free(script);
    }
}

Test(clipboard_way, a_tmux_that_fails_or_hangs_holds_nothing_up)
{
    int64_t began = clock_mono_ms(NULL);

    program_is("tmux", "echo 'no server running' >&2; exit 1");
    cr_expect_eq(way_of(5), COPY_SENT_PERHAPS);
    program_is("tmux", "exec sleep 60");
    cr_expect_eq(way_of(5), COPY_SENT_PERHAPS);
    cr_expect_lt(clock_mono_ms(NULL) - began, 20000);
}

Test(clipboard_way, without_tmux_the_terminal_and_the_size_decide)
{
    unsetenv("TMUX");
    cr_expect_eq(way_of(5), COPY_SENT);
    cr_expect_eq(way_of(55500), COPY_SENT);
    cr_expect_eq(way_of(55501), COPY_TOO_LONG);
    setenv("STY", "1.pts", 1);
    cr_expect_eq(way_of(5), COPY_SENT_SCREEN);
    unsetenv("STY");
    setenv("TERM", "tmux-256color", 1);
    cr_expect_eq(way_of(5), COPY_SENT_PERHAPS, "tmux stands before ssh");
    setenv("TERM", "screen.xterm-256color", 1);
    cr_expect_eq(way_of(5), COPY_SENT_SCREEN, "only screen has such names");
    setenv("TERM", "linux", 1);
    cr_expect_eq(way_of(5), COPY_NO_CLIPBOARD);
}

Test(clipboard_way, a_program_of_the_desktop_takes_the_text)
{
    const char *program = NULL;
    char *got = NULL;
    char *file = path_join(dir, "got");

    unsetenv("TMUX");
    setenv("OUT", file, 1);
    program_is("xclip", "test \"$1 $2\" = '-selection clipboard' && cat > \"$OUT\"\n"
                        "sleep 12 &"); /* the real one stays, and holds its output open */
    program_is("xsel", "exit 0");
    cr_expect_eq(way_of(5), COPY_SENT, "there is no desktop");
    setenv("DISPLAY", ":7", 1);
    int64_t began = clock_mono_ms(NULL);
    cr_expect_eq(clipboard_way(ops, "a'b\nc", &program), COPY_PROGRAM);
    cr_expect_lt(clock_mono_ms(NULL) - began, 10000);
    cr_expect_str_eq(program, "xclip");
    cr_assert_eq(path_read(file, 100, &got, NULL, &e), E_OK, "%s", e.msg);
    cr_expect_str_eq(got, "a'b\nc");
    free(got);
    program_is("xclip", "exit 1"); /* no such display */
    cr_expect_eq(clipboard_way(ops, "x", &program), COPY_PROGRAM);
    cr_expect_str_eq(program, "xsel");
    program_is("xsel", "exit 1");
    cr_expect_eq(clipboard_way(ops, "x", &program), COPY_SENT);
    cr_expect_null(program);
    free(file);
}
