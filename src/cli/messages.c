/* What a command says on stderr and stdout: errors, notes, progress, JSON. The notice (notice.c)
 * speaks from a thread of its own, so what stands on stderr is changed under one lock, line by
 * line. */
#include <ctype.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/json.h"
#include "core/osc.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "src/cli/cli_priv.h"

static pthread_mutex_t speaking = PTHREAD_MUTEX_INITIALIZER;

unsigned cli_text_flags(const struct cli *c)
{
    return c->utf8 ? TEXT_ONE_LINE : (unsigned)TEXT_ONE_LINE | TEXT_ASCII;
}

unsigned cli_out_flags(const struct cli *c)
{
    return c->out_tty ? cli_text_flags(c) : TEXT_ONE_LINE;
}

PRINTF_LIKE(2, 0) static char *clean_format(const struct cli *c, const char *fmt, va_list ap)
{
    char *raw = NULL;
    struct strbuf b = STRBUF_INIT;

    if (vasprintf(&raw, fmt, ap) < 0) {
        abort();
    }
    text_clean(&b, raw, strlen(raw), cli_text_flags(c));
    free(raw);
    return strbuf_take(&b);
}

/* After Ctrl-C the program ends as always; this only keeps the shell's prompt off the progress
 * line. */
static void on_interrupt(int sig)
{
    (void)!write(STDERR_FILENO, "\n", 1);
    /* the signal is delivered when this returns: SA_RESETHAND has put the default back */
    (void)raise(sig);
}

/* Between cli_catch_interrupt(true) and (false): the first Ctrl-C is only noted. */
static bool catching;
static atomic_bool interrupted; /* a thread of interrupt.c looks at it too */

static void note_interrupt(int sig)
{
    (void)sig;
    atomic_store(&interrupted, true); /* a second one ends the program, because of SA_RESETHAND */
}

void cli_catch_interrupt(bool on)
{
    struct sigaction sa = {.sa_flags = (int)SA_RESETHAND};

    (void)sigemptyset(&sa.sa_mask);
    sa.sa_handler = on ? note_interrupt : SIG_DFL;
    catching = on;
    atomic_store(&interrupted, false);
    (void)sigaction(SIGINT, &sa, NULL);
}

bool cli_interrupted(void)
{
    return atomic_load(&interrupted);
}

static void watch_interrupt(bool on)
{
    if (catching) {
        return;
    }
    struct sigaction sa = {.sa_flags = (int)SA_RESETHAND};

    (void)sigemptyset(&sa.sa_mask);
    sa.sa_handler = on ? on_interrupt : SIG_DFL;
    (void)sigaction(SIGINT, &sa, NULL);
}

static void take_line_away(struct cli *c)
{
    if (c->line_width > 0) {
        (void)fprintf(c->err, "\r%*s\r", c->line_width, "");
        (void)fflush(c->err);
        watch_interrupt(false);
        c->line_width = 0;
    }
}

void cli_progress_end(struct cli *c)
{
    (void)pthread_mutex_lock(&speaking);
    take_line_away(c);
    (void)pthread_mutex_unlock(&speaking);
}

/* Prints a complete line on stderr, in the place of the progress line that stands there. */
static void say_line(struct cli *c, const char *before, const char *text)
{
    (void)pthread_mutex_lock(&speaking);
    take_line_away(c);
    (void)fprintf(c->err, "%s%s\n", before, text);
    (void)pthread_mutex_unlock(&speaking);
}

void cli_note_json(struct cli *c, cJSON *doc)
{
    char *text = json_safe(doc);

    say_line(c, "", text);
    free(text);
    cJSON_Delete(doc);
}

void cli_show_error(struct cli *c, const struct err *e)
{
    if (c->json) {
        cJSON *doc = json_new_object();
        json_set(doc, "error", cli_error_json(e));
        cli_note_json(c, doc);
        return;
    }
    char *msg = text_cleaned(e->msg, cli_text_flags(c));
    char *hint = text_cleaned(err_hint(e), cli_text_flags(c));
    say_line(c, "mvpdash: ", msg);
    if (hint[0] != '\0') {
        (void)fprintf(c->err, "  %s %s\n", c->utf8 ? "\xe2\x86\x92" : "->", hint);
    }
    free(msg);
    free(hint);
}

void cli_warn(struct cli *c, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    char *text = clean_format(c, fmt, ap);
    va_end(ap);
    if (c->json) {
        cJSON *doc = json_new_object();
        json_set_str(doc, "warning", text);
        cli_note_json(c, doc);
    } else {
        say_line(c, "mvpdash: warning: ", text);
    }
    free(text);
}

void cli_note(struct cli *c, const char *fmt, ...)
{
    va_list ap;

    if (c->json) {
        return;
    }
    va_start(ap, fmt);
    char *text = clean_format(c, fmt, ap);
    va_end(ap);
    say_line(c, "", text);
    free(text);
}

void cli_progress(struct cli *c, const char *fmt, ...)
{
    va_list ap;

    if (c->json) {
        return;
    }
    va_start(ap, fmt);
    char *text = clean_format(c, fmt, ap);
    va_end(ap);
    (void)pthread_mutex_lock(&speaking);
    if (!c->err_tty) {
        (void)fprintf(c->err, "%s\n", text);
    } else {
        int room = c->columns > 1 ? c->columns - 1 : 79;
        int used = 0;
        size_t n = text_fit(text, room, &used);
        if (c->line_width == 0) {
            watch_interrupt(true);
        }
        int pad = c->line_width > used ? c->line_width - used : 0;
        (void)fprintf(c->err, "\r%.*s%*s", (int)n, text, pad, "");
        c->line_width = used;
    }
    (void)fflush(c->err);
    (void)pthread_mutex_unlock(&speaking);
    free(text);
}

bool cli_color(const struct cli *c)
{
    const char *no = getenv("NO_COLOR");
    const char *term = getenv("TERM");

    return c->out_tty && (no == NULL || no[0] == '\0') && term != NULL &&
           strcmp(term, "dumb") != 0 && !term_is_dec(term);
}

void cli_print(struct cli *c, const char *text)
{
    char *clean = text_cleaned(text, cli_out_flags(c));

    (void)fputs(clean, c->out);
    free(clean);
}

void cli_json(struct cli *c, cJSON *doc)
{
    char *text = json_safe(doc);

    (void)fprintf(c->out, "%s\n", text);
    free(text);
    cJSON_Delete(doc);
}

static void set_or_null(cJSON *o, const char *key, const char *s)
{
    json_set_str(o, key, s[0] == '\0' ? NULL : s);
}

cJSON *cli_error_json(const struct err *e)
{
    cJSON *o = json_new_object();

    json_set_str(o, "code", err_name(e->code));
    json_set_str(o, "message", e->msg);
    set_or_null(o, "hint", err_hint(e));
    set_or_null(o, "awsCode", e->aws_code);
    set_or_null(o, "requestId", e->request_id);
    return o;
}

char cli_answer(struct cli *c, const char *letters)
{
    char line[16] = "";

    (void)fflush(c->err);
    if (fgets(line, sizeof line, stdin) == NULL) {
        return '\0';
    }
    char letter = (char)tolower((unsigned char)line[0]);
    return letter != '\0' && strchr(letters, letter) != NULL ? letter : '\0';
}

bool cli_flush(struct cli *c)
{
    return fflush(c->out) == 0 && !ferror(c->out);
}

struct err cli_not_tried(const struct err *last)
{
    struct err why = *last;

    (void)err_wrap(&why, "not tried, because the one before it failed");
    return why;
}

void cli_note_not_tried(struct cli *c, size_t n, const char *first_id)
{
    if (!c->json) {
        (void)cli_flush(c);
        cli_note(c, "mvpdash: %.*s%s not tried", text_cut(first_id, 60), first_id,
                 n == 1 ? " was" : " and those after it were");
    }
}

enum err_code cli_each(struct cli *c, cli_each_fn one, cli_untried_fn untried, struct err *e)
{
    enum err_code first = E_OK;
    size_t i = 0;
    struct err kept = {0};
    struct err last = {0}; /* why nothing else was tried */
    cJSON *results = json_new_array();

    for (bool on = true; on && i < c->args.words_len; i++) {
        struct err mine = {0};
        bool own = false;
        enum err_code rc = one(c, c->args.words[i], results, &own, &mine);
        if (rc == E_OK) {
            continue;
        }
        if (!c->json) {
            (void)cli_flush(c);
            cli_show_error(c, &mine);
            c->told = true;
        }
        if (first == E_OK) {
            first = rc;
            kept = mine;
        }
        if (!own && err_means(rc, ERR_FOR_ALL)) {
            on = false;
            last = cli_not_tried(&mine);
        }
    }
    if (i < c->args.words_len) {
        cli_note_not_tried(c, c->args.words_len - i, c->args.words[i]);
    }
    for (; i < c->args.words_len; i++) {
        json_push(results, untried(c->args.words[i], &last));
    }
    if (c->json) {
        cJSON *doc = json_new_object();
        json_set(doc, "results", results);
        cli_json(c, doc);
    } else {
        cJSON_Delete(results);
    }
    *e = kept;
    return first;
}
