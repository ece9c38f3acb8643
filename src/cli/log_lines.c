/* The lines of a container's log on stdout. */
#include "src/cli/log_lines.h"

#include <stdlib.h>
#include <string.h>

#include "core/logtext.h"
#include "core/secret.h"
#include "core/strbuf.h"
#include "core/text.h"

/* Adds a colour in the terminal's own eight colours: no other sequence of the log goes out. */
static void add_look(struct strbuf *b, const struct log_look *k)
{
    strbuf_adds(b, "\033[0");
    strbuf_adds(b, k->bold ? ";1" : "");
    strbuf_adds(b, k->dim ? ";2" : "");
    strbuf_adds(b, k->underline ? ";4" : "");
    strbuf_adds(b, k->reverse ? ";7" : "");
    if (k->fg != LOG_PLAIN) {
        strbuf_addf(b, ";3%d", k->fg - LOG_BLACK);
    }
    if (k->bg != LOG_PLAIN) {
        strbuf_addf(b, ";4%d", k->bg - LOG_BLACK);
    }
    strbuf_addc(b, 'm');
}

static void add_terminal_line(struct cli *c, struct strbuf *b, const char *line, size_t len,
                              struct log_look *look)
{
    static const struct log_look plain;
    struct log_look shown = plain;
    struct log_run run;
    size_t at = log_last_state(line, &len, look);

    while (log_run_next(line, len, &at, look, true, &run)) {
        if (cli_color(c) && memcmp(&run.look, &shown, sizeof shown) != 0) {
            add_look(b, &run.look);
            shown = run.look;
        }
        text_clean(b, run.text, run.len, TEXT_KEEP_NEWLINE | cli_text_flags(c));
    }
    if (memcmp(&shown, &plain, sizeof shown) != 0) {
        add_look(b, &plain);
    }
}

void log_line_print(struct cli *c, const char *raw)
{
    char *text = secret_masked(raw);

    if (c->out_tty) {
        struct strbuf b = STRBUF_INIT;
        struct log_look look = {0};
        const char *line = text;
        for (const char *nl; (nl = strchr(line, '\n')) != NULL; line = nl + 1) {
            add_terminal_line(c, &b, line, (size_t)(nl - line), &look);
            strbuf_addc(&b, '\n');
        }
        add_terminal_line(c, &b, line, strlen(line), &look);
        (void)fputs(strbuf_str(&b), c->out);
        strbuf_clear(&b);
    } else {
        (void)fputs(text, c->out);
    }
    free(text);
    (void)fputc('\n', c->out);
}
