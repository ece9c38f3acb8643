/* The end of a message is the remedy: whatever the width, it can be read on the screen, or the
 * screen names the key that shows it, and the key does. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/env.h"
#include "core/strbuf.h"
#include "screen_fixture.h"
#include "src/app/dialog.h"
#include "src/app/layout.h"
#include "src/app/wrap.h"
#include "src/aws/creds.h"

TestSuite(remedy, .init = fixture_process, .timeout = 120);

static const struct {
    int rows, cols;
} sizes[] = {
    {24, 80 },
    {30, 120},
    {20, 60 },
    {10, 40 },
    {50, 200}
};
enum { SIZES = sizeof sizes / sizeof *sizes };

/* The words of the screen, each once with one blank after it; frames, marks and the rows' ends are
 * blanks. */
static char *words_on(struct fixture *f)
{
    char *text = surface_text(fixture_draw(f));
    struct strbuf b = STRBUF_INIT;

    for (const char *p = text; *p != '\0'; p++) {
        bool frame = strncmp(p, "\xe2\x94", 2) == 0 || strncmp(p, "\xe2\x96", 2) == 0;
        char c = frame || *p == '\n' ? ' ' : *p;
        p += frame ? 2 : 0;
        if (c != ' ' || (b.len > 0 && strbuf_str(&b)[b.len - 1] != ' ')) {
            strbuf_addc(&b, c);
        }
    }
    free(text);
    return strbuf_take(&b);
}

static bool shows(struct fixture *f, const char *what)
{
    char *words = words_on(f);
    bool found = strstr(words, what) != NULL;

    free(words);
    return found;
}

/* Is the remedy on the screen, or a key away, as the screen says? */
static void expect_remedy(struct fixture *f, const char *name, const char *remedy)
{
    char *text = surface_text(fixture_draw(f));
    int rows = f->screen.rows, cols = f->screen.cols;

    if (!shows(f, remedy)) {
        cr_expect(shows(f, "! shows all"), "%s at %dx%d: \"%s\" is cut, and no key is told:\n%s",
                  name, cols, rows, remedy, text);
        if (shows(f, "Esc, then ! shows all")) {
            fixture_key(f, "Esc");
        }
        fixture_key(f, "!");
        free(text);
        text = surface_text(fixture_draw(f));
        for (int page = 0; page < 40 && !shows(f, remedy); page++) {
            fixture_key(f, "Down");
        }
        cr_expect(shows(f, remedy), "%s at %dx%d: ! does not show \"%s\":\n%s", name, cols, rows,
                  remedy, text);
    }
    free(text);
}

/* What is told of a screen's own; `error` fills in what AWS answers from then on. */
struct remedy_case {
    const char *name;
    void (*error)(struct err *e); /* NULL: AWS answers as it should */
    const char *keys;             /* before what is typed */
    const char *typed;            /* NULL: nothing */
    const char *then;             /* keys after that */
    const char *remedy;
};

static void no_credentials(struct err *e)
{
    struct env *none = env_new();
    struct aws_creds creds = {0};

    env_set(none, "HOME", "/nonexistent/home/of/nobody");
    env_set(none, "AWS_EC2_METADATA_DISABLED", "true");
    struct aws_creds_provider *p = aws_creds_new(&(struct aws_creds_options){.env = none});
    cr_assert_neq(aws_creds_get(p, &creds, e), E_OK);
    aws_creds_clear(&creds);
    aws_creds_free(p);
    env_free(none);
}

static void expired(struct err *e)
{
    (void)err_set(e, E_EXPIRED,
                  "DynamoDB Scan of table mvp-development-jobs in us-east-1: "
                  "ExpiredTokenException: The security token included in the request is expired");
}

static void denied(struct err *e)
{
    (void)err_set(e, E_DENIED,
                  "Batch DescribeJobs: AccessDeniedException: User: "
                  "arn:aws:sts::123456789012:assumed-role/operator-of-the-night/alice is not "
                  "authorized to perform: batch:DescribeJobs on resource: *");
    (void)err_hint_set(
        e, "allow batch:DescribeJobs for "
           "arn:aws:sts::123456789012:assumed-role/operator-of-the-night/alice, then press r");
}

static void in_doubt(struct err *e)
{
    (void)err_set(e, E_TIMEOUT,
                  "PutEvents to bus mvp-development: no answer within 30 s; the event of job "
                  "job_1755685800000_new000001 may have arrived");
    (void)err_hint_set(e, "it is kept in the outbox: `mvpdash outbox list` shows it, and "
                          "`mvpdash outbox resume` sends it once it is known to be missing");
}

/* clang-format off */
static const struct remedy_case cases[] = {
    {"no credentials",       no_credentials, "",      NULL,                          "",      "mvpdash --local"},
    {"expired token",        expired,        "",      NULL,                          "",      "mvpdash picks it up by itself"},
    {"denied",               denied,         "",      NULL,                          "",      "alice, then press r"},
    {"denied, the queue",    denied,         "7",     NULL,                          "",      "alice, then press r"},
    {"denied, dead letters", denied,         ":",     "dlq",                         "Enter",   "alice, then press r"},
    {"denied, the log",      denied,         "Enter l", NULL,                        "",      "alice, then press r"},
    {"denied, the doctor",   denied,         "5",     NULL,                          "",      "alice, then press r"},
    {"denied, a search",     denied,         ":",     "grep error",                  "Enter", "alice, then press r"},
    {"denied, a retry",      denied,         "G k k k k k T y", NULL,                "",      "alice, then press r"},
    {"outbox in doubt",      in_doubt,       "G k k k k k T y", NULL,                "",      "once it is known to be missing"},
    {"unknown field",        NULL,           "/",     "colour:red",                  "",      "put the text in quotes"},
    {"unknown field, taken", NULL,           "/",     "colour:red",                  "Enter", "put the text in quotes"},
    {"unknown field, typed", NULL,           ":",     "filter colour:red",           "Enter", "put the text in quotes"},
    {"unknown column",       NULL,           ":",     "sort colour",                 "Enter", "example :sort -age"},
    {"unknown columns",      NULL,           ":",     "columns colour",              "Enter", "retry-of, email, watch, id"},
    {"unknown command",      NULL,           ":",     "no such command, and a long one", "Enter", "? lists the keys."},
    {"no line matches",      NULL,           "? /",   "nothing has this",            "Enter", "No line matches \"nothing has this\"."},
    {"bad expression",       NULL,           "? /",   "/(a",                         "",      "unclosed"},
    {"bad expression, taken", NULL,          "? /",   "/(a",                         "Enter", "unclosed"},
    {"another word of since", NULL,          ":",     "stats since tomorrow",        "Enter", "that is past."},
    {"a bad field",          NULL,           "n",     "user 1",                      "F5",    "and . _ - : @ | + ="},
    {"a wrong line",         NULL,           "b",     "b",                           "Tab Enter Enter", "and . _ - : @ | + ="},
    {"nothing to compare",      NULL,           "=",     NULL,                          "",      "then press =."},
};
/* clang-format on */
enum { CASES = sizeof cases / sizeof *cases };

static void check(const struct remedy_case *t, int rows, int cols)
{
    struct fixture f = {.rule_matches = true};

    fixture_open(&f, rows, cols, false);
    if (t->error != NULL) {
        f.answers = ANSWER_ERROR;
        t->error(&f.error);
        fixture_pass(&f, 5);
    }
    fixture_keys(&f, t->keys);
    if (t->typed != NULL) {
        fixture_type(&f, t->typed);
    }
    fixture_keys(&f, t->then);
    expect_remedy(&f, t->name, t->remedy);
    fixture_close(&f);
}

Test(remedy, is_on_the_screen_or_a_key_away)
{
    for (size_t i = 0; i < CASES; i++) {
        for (size_t k = 0; k < SIZES; k++) {
            check(&cases[i], sizes[k].rows, sizes[k].cols);
        }
    }
}

Test(remedy, of_the_credentials_stands_on_the_screen_at_80_columns)
{
    struct fixture f = {.rule_matches = true};

    fixture_open(&f, 24, 80, false);
    f.answers = ANSWER_ERROR; /* they were there, and are gone */
    no_credentials(&f.error);
    fixture_pass(&f, 5);
    cr_expect(shows(&f, "or try it without an account: mvpdash --local"));
    fixture_close(&f);
}

Test(remedy, of_a_wrong_account_stands_on_the_screen)
{
    for (size_t k = 0; k < SIZES; k++) {
        struct fixture f = {.context = "account = 999999999999\n", .name = "production"};
        fixture_open(&f, sizes[k].rows, sizes[k].cols, false);
        fixture_keys(&f, "x");
        expect_remedy(&f, "wrong account", "that of context production.");
        fixture_close(&f);
    }
}

Test(remedy, of_an_alarm_of_the_outbox_stands_on_the_screen)
{
    static const char alarm[] =
        "3 deploys are kept back: a state file of another account holds them, and 2 more are "
        "damaged; nothing of them is sent until a person has decided: `mvpdash outbox list` shows "
        "them, `mvpdash outbox resume` sends what is of this account";
    const struct task t = {.kind = TASK_OUTBOX};

    for (size_t k = 0; k < SIZES; k++) {
        struct fixture f = {.rule_matches = true};
        fixture_open(&f, sizes[k].rows, sizes[k].cols, false);
        struct msg *m = msg_new(MSG_OUTBOX, &t);
        m->u.outbox.broken = true;
        (void)snprintf(m->u.outbox.alarm, sizeof m->u.outbox.alarm, "%s", alarm);
        struct app_event ev = {.kind = EV_MSG, .now_ms = f.now_ms, .mono_ms = f.mono_ms};
        ev.u.msg = m;
        (void)app_update(f.model, &ev, &f.fx);
        msg_free(m);
        expect_remedy(&f, "alarm of the outbox", "sends what is of this account");
        fixture_close(&f);
    }
}

/* ---- what stands over the body leaves the message to be read ---- */

static void expect_apart(struct rect over, struct rect message, const char *what)
{
    cr_expect_geq(over.row, 0, "%s", what);
    cr_expect_leq(over.row + over.rows, message.row, "%s covers the message", what);
}

Test(remedy, is_covered_by_no_window_dialog_or_menu)
{
    for (size_t k = 0; k < SIZES; k++) {
        for (int message = 0; message < 9; message++) {
            struct layout_want want = {.header = true, .message = message};
            struct layout l = layout_compute(sizes[k].rows, sizes[k].cols, &want);
            cr_expect_geq(l.status.rows, 1);
            cr_expect_leq(l.status.rows, layout_message_most(sizes[k].rows, false));
            cr_expect_eq(l.status.row + l.status.rows, l.footer.row);
            expect_apart(l.window, l.status, "a window");
            expect_apart(l.dialog, l.status, "a dialog");
            expect_apart(l.menu, l.status, "a menu");
            want.line = true;
            l = layout_compute(sizes[k].rows, sizes[k].cols, &want);
            cr_expect_eq(l.line.row, l.status.row + l.status.rows, "the line is under the message");
            cr_expect_eq(l.line.row + 1, l.footer.row);
        }
    }
}

Test(remedy, a_long_message_takes_rows_from_the_list_and_gives_them_back)
{
    struct fixture f = {.rule_matches = true};

    fixture_open(&f, 24, 80, false);
    int rows = f.model->desk.layout.pane[PANE_LIST].rows;
    fixture_key(&f, ":");
    fixture_type(&f, "columns colour");
    fixture_key(&f, "Enter");
    cr_expect_lt(f.model->desk.layout.pane[PANE_LIST].rows, rows);
    fixture_key(&f, "j");
    cr_expect_eq(f.model->desk.layout.pane[PANE_LIST].rows, rows, "the message was read");
    fixture_close(&f);
}

/* ---- the reasons in a dialog ---- */

Test(remedy, of_each_failed_job_stands_in_the_dialog_and_the_errors_are_a_key_away)
{
    struct fixture f = {.rule_matches = true};

    fixture_open(&f, 24, 80, false);
    fixture_keys(&f, "* x 6");
    f.answers = ANSWER_ERROR;
    denied(&f.error);
    fixture_keys(&f, "y");
    cr_assert(f.model->desk.dialog.open);
    cr_assert(f.model->desk.dialog.over);
    cr_expect(shows(&f, "! shows all"));
    bool last = false;
    for (int i = 0; i < 20 && !last; i++) {
        last = shows(&f, "bare-record");
        fixture_key(&f, "Down");
    }
    cr_expect(last, "the last job is reached though the reasons take more than a row each");
    fixture_key(&f, "!");
    cr_expect_not(f.model->desk.dialog.open);
    cr_expect(f.model->desk.window.open);
    cr_expect(shows(&f, "allow batch:DescribeJobs for"));
    fixture_close(&f);
}

Test(remedy, of_a_command_that_was_cut_stands_under_the_palette)
{
    struct fixture f = {.rule_matches = true};

    fixture_open(&f, 20, 60, false);
    fixture_key(&f, ":");
    fixture_type(&f, "view");
    cr_expect(shows(&f, "A saved view: `:view NAME`, save NAME, delete NAME; alone: a menu"));
    fixture_close(&f);
}

/* ---- rows ---- */

Test(remedy, rows_break_between_words_and_lose_none)
{
    static const char text[] = "one two\nthree fourfivesixseven eight";
    static const char *const rows[] = {"one two", "three", "fourfives", "ixseven", "eight"};
    const char *at = text, *next = text;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t len = wrap_row(at, 9, &next);
        cr_expect_eq(strncmp(at, rows[i], strlen(rows[i])), 0, "%s", at);
        while (len > 0 && at[len - 1] == ' ') {
            len--;
        }
        cr_expect_eq(len, strlen(rows[i]));
        at = next;
    }
    cr_expect_str_empty(at);
    cr_expect_eq(wrap_rows(text, 9), 5);
    cr_expect_eq(wrap_rows("", 9), 0);
    cr_expect_eq(wrap_rows("\xe6\x97\xa5", 1), 0, "a wide character does not fit in one cell");
    cr_expect_eq(wrap_rows("a\n\nb", 9), 3);
    cr_expect_eq(wrap_rows("a", 0), 0);
}
