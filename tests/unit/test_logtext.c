/* What a log line looked like: colours, and progress that wrote over itself. */
#include <criterion/criterion.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "app/surface.h"
#include "core/clock.h"
#include "core/logtext.h"
#include "core/strbuf.h"
#include "src/app/textview.h"

static void utf8_locale(void)
{
    (void)setlocale(LC_CTYPE, "C.UTF-8");
}

TestSuite(logtext, .init = utf8_locale, .timeout = 120);

/* "plain[red bold]text": each run with what is in force. */
static char *told(const char *line)
{
    static const char *const colors[] = {"",     "black",   "red",  "green", "yellow",
                                         "blue", "magenta", "cyan", "white"};
    struct strbuf b = STRBUF_INIT;
    struct log_look look = {0};
    struct log_run run;
    size_t len = strlen(line);
    size_t at = log_last_state(line, &len, &look);

    while (log_run_next(line, len, &at, &look, true, &run)) {
        const struct log_look *k = &run.look;
        strbuf_addf(&b, "[%s%s%s%s%s%s%s]%.*s", colors[k->fg], k->bg != 0 ? " on " : "",
                    colors[k->bg], k->bold ? " bold" : "", k->dim ? " dim" : "",
                    k->underline ? " underlined" : "", k->reverse ? " reverse" : "", (int)run.len,
                    run.text);
    }
    return strbuf_take(&b);
}

static const struct {
    const char *line, *want;
} cases[] = {
    {"plain",                                                                               "[]plain"                            },
    {"",                                                                                    ""                                   },
    {"\033[32mINFO\033[0m ready",                                                           "[green]INFO[] ready"                },
    {"\033[1;33mWARN\033[22m low\033[39m end",                                              "[yellow bold]WARN[yellow] low[] end"},
    {"\033[97;41m ERR \033[m x",                                                            "[white on red] ERR [] x"            },
    {"\033[90mdebug",                                                                       "[black dim]debug"                   },
    {"\033[38;5;196mred\033[38;5;46mgreen\033[38;5;244mgrey",
     "[red]red[green]green[white dim]grey"                                                                                       },
    {"\033[38;2;20;30;250mblue\033[48;2;0;200;200;1m!",                                     "[blue]blue[blue on cyan bold]!"     },
    {"\033[38:2::200:0:200mnew\033[38:5:3mform",                                            "[magenta]new[yellow]form"           },
    {"\033[4:3mcurl\033[4:0mnone\033[58;5;9mx",                                             "[ underlined]curl[]none[]x"         },
    {"a\033[Kb\033[0Kc",                                                                    "[]a[]b[]c"                          },
    {"\033[2Ckept \033]0;t\007",                                                            "[]\033[2Ckept \033]0;t\007"         },
    {"\033[1A\033[2K\033[1Gpulling 3/4",                                                    "[]pulling 3/4"                      }, /* docker compose */
    {"\033[2K\033[1G\033[36mfetch\033[39m 1\033[0K\033[2K\033[1Gdone",                      "[]done"                             }, /* yarn */
    {"\033[?25l\r\033[2K   \033[38;2;249;38;114m--\033[0m 1.2 MB\033[?25h",
     "[]   [red]--[] 1.2 MB"                                                                                                     }, /* pip */
    {"\0337\033[50;0f\033[42m\033[30mProgress: [ 14%]\033[49m\033[39m ...\0338",
     "[black on green]Progress: [ 14%][] ..."                                                                                    }, /* apt */
    {"\033[2J\033[3J\033[Hready on :3000",                                                  "[]ready on :3000"                   }, /* vite */
    {"\033[1;1Hx\033[5;9Hy\033[8Gz",                                                        "[]x\033[5;9Hy\033[8Gz"              },
    {"see \033]8;;https://a/b\033\\the docs\033]8;;\033\\ now",                             "[]see []the docs[] now"             },
    {"\033]8;id=1;file:///x\ax\033]8;;\a\033]9;4;1;50\ay",                                  "[]x[]y"                             },
    {"\033]8;;https://never-ends",                                                          "[]\033]8;;https://never-ends"       },
    {"\033[31mx\033(B\033[m\017 y",                                                         "[red]x[] y"                         }, /* tput */
    {"\033[>4;1mx\033[?1;31my\033[=1uz",                                                    "[]x[]y[]z"                          },
    {"\033[58;5;1mx\033[58;2;1;31;7my",                                                     "[]x[]y"                             },
    {"\033[3\r\033[31m\r",                                                                  "[]\033[3"                           },
    {"\033[3",                                                                              "[]\033[3"                           },
    {"\033[;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;31mx",                              "[]x"                                },
    {"\033[;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;38m\033[;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;31;38;5mx",
     "[red]x"                                                                                                                    },
    {"\033[38m\033[38;5m\033[38;2;1mx",                                                     "[]x"                                },
    {"\033[99999999999999999999mx",                                                         "[]x"                                },
    {"fetch 1/3\rfetch 2/3\rfetch 3/3",                                                     "[]fetch 3/3"                        },
    {"fetch 3/3\r",                                                                         "[]fetch 3/3"                        },
    {"10%\r\033[K50%\r\033[K100%\r\033[K",                                                  "[]100%"                             },
    {"\033[36mstep\r\rdone",                                                                "[cyan]done"                         },
    {"\r\r\r",                                                                              ""                                   },
    {"\rfirst",                                                                             "[]first"                            },
};

Test(logtext, colours_and_last_states_are_read)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *got = told(cases[i].line);
        cr_expect_str_eq(got, cases[i].want, "case %zu: %s", i, got);
        free(got);
    }
}

static enum style style_at(const struct text_line *l, size_t byte)
{
    for (size_t i = 0; i < l->spans_len; i++) {
        if (byte >= l->spans[i].from && byte < l->spans[i].from + l->spans[i].len) {
            return (enum style)l->spans[i].style;
        }
    }
    return (enum style)l->style;
}

Test(logtext, the_log_view_shows_them_in_styles_of_the_theme)
{
    static const char text[] = "\033[35m\tm\033[31mx\r\033[32mok\tgo\033[1m!\n"
                               "still\033[0m \033[5mplain\a\n";
    struct textview v;

    textview_init(&v);
    textview_add_log(&v, 1000, text, sizeof text - 1, ST_TEXT);
    cr_assert_eq(textview_len(&v), 2);
    const struct text_line *l = textview_line(&v, 0);
    cr_expect_str_eq(l->text, "ok      go!", "%s", l->text);
    cr_expect_eq(style_at(l, 0), ST_GOOD);
    cr_expect_eq(style_at(l, 9), ST_GOOD);
    l = textview_line(&v, 1);
    cr_expect_str_eq(l->text, "still plain^G", "%s", l->text);
    cr_expect_eq(style_at(l, 0), ST_GOOD, "a colour goes on in the next line of an event");
    cr_expect_eq(style_at(l, 6), ST_TEXT);
    textview_done(&v);
}

Test(logtext, other_text_cannot_hide_what_stands_before_a_carriage_return)
{
    struct textview v;

    textview_init(&v);
    textview_add(&v, "rm -rf\rls\033[1G\033]8;;x\a\033[?25l", ST_TEXT);
    cr_expect_str_eq(textview_line(&v, 0)->text, "rm -rf^Mls^[[1G^[]8;;x^G^[[?25l");
    textview_done(&v);
}
