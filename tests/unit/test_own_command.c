/* Commands of [commands]: what a line may say, what a job fills in, and running them. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "app_fixture.h"
#include "core/path.h"
#include "core/words.h"

TestSuite(own_command, .timeout = 120);

/* ---- the line ---- */

static const struct good_case {
    const char *text, *keys;
    bool confirm, safe, terminal;
    const char *words[6];
} good[] = {
    {"N, notes",                              "N",      false, false, false, {"notes"}                       },
    {", notes {jobId}",                       "",       false, false, false, {"notes", "{jobId}"}            },
    {"F8 M-n, confirm, safe, terminal, vi",   "F8 M-n", true,  true,  true,  {"vi"}                          },
    {"x,safe,confirm,echo a, b",              "x",      true,  true,  false, {"echo", "a,", "b"}             },
    {"x, ./confirm",                          "x",      false, false, false, {"./confirm"}                   },
    {"x, sh -c 'a \"b\" | c' {urls.staging}",
     "x",                                               false,
     false,                                                           false,
     {"sh", "-c", "a \"b\" | c", "{urls.staging}"}                                                           },
    {"x, awk '{{print}' {} {1}",              "x",      false, false, false, {"awk", "{{print}", "{}", "{1}"}},
};

ParameterizedTestParameters(own_command, a_line_has_keys_flags_and_a_program)
{
    static size_t index[sizeof good / sizeof *good];
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        index[i] = i;
    }
    return cr_make_param_array(size_t, index, sizeof good / sizeof *good);
}

ParameterizedTest(size_t *i, own_command, a_line_has_keys_flags_and_a_program)
{
    const struct good_case *c = &good[*i];
    struct own_command x = {0};
    struct err e = {0};

    cr_assert_eq(own_command_parse(c->text, &x, &e), E_OK, "%s: %s", c->text, e.msg);
    cr_expect_str_eq(x.keys, c->keys);
    cr_expect(x.confirm == c->confirm && x.safe == c->safe && x.terminal == c->terminal, "%s",
              c->text);
    size_t n = 0;
    for (; c->words[n] != NULL; n++) {
        cr_assert(x.words[n] != NULL && strcmp(x.words[n], c->words[n]) == 0, "%s", c->text);
    }
    cr_expect_null(x.words[n]);
    own_command_done(&x);
}

static const struct bad_case {
    const char *text, *why;
} bad[] = {
    {"",                     "expected KEY, PROGRAM"         },
    {"N notes",              "expected KEY, PROGRAM"         },
    {"N,",                   "names no program"              },
    {"N, confirm",           "names no program"              },
    {"N, confirm, safe ,",   "names no program"              },
    {"N, confrim, notes",    "\"confrim\" is no word"        },
    {"N, ''",                "every quote closed"            },
    {"N, notes 'a",          "every quote closed"            },
    {"N, notes {jobid}",     "{jobid}; did you mean {jobId}?"},
    {"N, notes {urls}",      "no member {urls}"              },
    {"N, notes {urls.nope}", "no member {urls.nope}"         },
    {"N, notes {features}",  "no member {features}"          },
    {"N, notes {jobId.x}",   "no member {jobId.x}"           },
    {"N, {jobId}",           "may not come from a job"       },
    {"N, ./x-{userId}.sh",   "may not come from a job"       },
    {"N, \xff",              "UTF-8"                         },
};

ParameterizedTestParameters(own_command, a_mistake_says_what_would_be_right)
{
    static size_t index[sizeof bad / sizeof *bad];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        index[i] = i;
    }
    return cr_make_param_array(size_t, index, sizeof bad / sizeof *bad);
}

ParameterizedTest(size_t *i, own_command, a_mistake_says_what_would_be_right)
{
    struct own_command x = {0};
    struct err e = {0};

    cr_expect_eq(own_command_parse(bad[*i].text, &x, &e), E_INVALID, "%s", bad[*i].text);
    cr_expect_not_null(strstr(e.msg, bad[*i].why), "%s", e.msg);
    own_command_done(&x);
}

/* ---- filling in ---- */

/* The words for this job with blanks between them, or the error; owned. */
static char *filled(const char *program, const char *job)
{
    char *line = xasprintf(", %s", program);
    cJSON *doc = json_parse(job, strlen(job), "job", NULL);
    struct own_command x = {0};
    struct strbuf out = STRBUF_INIT;
    struct err e = {0};

    cr_assert_eq(own_command_parse(line, &x, &e), E_OK, "%s", e.msg);
    char **words = own_command_words(&x, doc, &e);
    for (size_t i = 0; words != NULL && words[i] != NULL; i++) {
        strbuf_addf(&out, "<%s>", words[i]);
    }
    if (words == NULL) {
        strbuf_adds(&out, e.msg);
    }
    words_free(words);
    own_command_done(&x);
    cJSON_Delete(doc);
    free(line);
    return strbuf_take(&out);
}

static const struct fill_case {
    const char *program, *job, *want;
} fills[] = {
    {"p {jobId} --u={userId}", "{\"jobId\":\"j\",\"userId\":\"a b; $(x) 'y\"}",
     "<p><j><--u=a b; $(x) 'y>"                                                                                  },
    {"p {exitCode}/{drift}",   "{\"exitCode\":137,\"drift\":true}",             "<p><137/true>"                  },
    {"p {urls.staging}",       "{\"urls\":{\"staging\":\"http://x\"}}",         "<p><http://x>"                  },
    {"p '{{jobId}' '{jobId'",  "{\"jobId\":\"j\"}",                             "<p><{jobId}><{jobId>"           },
    {"p {step}{jobId}",        "{\"step\":\"{jobId}\",\"jobId\":\"j\"}",        "<p><{jobId}j>"                  },
    {"p {userId}",             "{\"userId\":null}",                             "not run: it has no userId"      },
    {"p {userId}",             "{\"userId\":\"\"}",                             "not run: it has no userId"      },
    {"p {urls.staging}",       "{\"urls\":null}",                               "not run: it has no urls.staging"},
    {"p {userId}",             "{\"userId\":\"-rf\"}",
     "not run: its userId begins with -, which a program takes for an option"                                    },
    {"p --u={userId}",         "{\"userId\":\"-rf\"}",                          "<p><--u=-rf>"                   },
    {"p {userId}",             "{\"userId\":\"a\\u001b[2Jb\\nc\"}",             NULL                             },
};

ParameterizedTestParameters(own_command, a_job_fills_in_placeholders)
{
    static size_t index[sizeof fills / sizeof *fills];
    for (size_t i = 0; i < sizeof fills / sizeof *fills; i++) {
        index[i] = i;
    }
    return cr_make_param_array(size_t, index, sizeof fills / sizeof *fills);
}

ParameterizedTest(size_t *i, own_command, a_job_fills_in_placeholders)
{
    const struct fill_case *c = &fills[*i];
    char *got = filled(c->program, c->job);

    if (c->want != NULL) {
        cr_expect_str_eq(got, c->want);
    } else {
        cr_expect(strchr(got, '\033') == NULL && strchr(got, '\n') == NULL, "%s", got);
    }
    free(got);
}

/* ---- running ---- */

static const struct job_spec specs[] = {
    {.id = "job_1",   .status = "IN_PROGRESS", .name = "Alpha", .user = "ann",                   .created_s = 3},
    {.id = "job_2",               .status = "FAILED",                          .name = "Beta",         .user = "bob", .created_s = 2},
    {.id = "job_3", .status = "COMPLETED",                        .name = "Gamma",                           .created_s = 1                                    },
};

static struct bench with_ini(const char *ini)
{
    struct bench b = bench_with_ini(ini);

    bench_jobs(&b, TASK_LOAD, specs, 3);
    return b;
}

/* Answers the program that runs. */
static void ended(struct bench *b, int status, const char *output)
{
    struct task *t = bench_task(b, TASK_PROGRAM);

    cr_assert_not_null(t);
    struct msg *m = msg_new(MSG_PROGRAM, t);
    m->u.program =
        (struct program_result){.status = status, .output = xstrdup(output), .len = strlen(output)};
    bench_msg(b, m);
}

static bool shows(const struct bench *b, const char *text)
{
    char *all = textview_all(&b->m->desk.window.text, NULL, NULL);
    bool found = b->m->desk.window.open && strstr(all, text) != NULL;

    free(all);
    return found;
}

static bool has_fact(const struct task *t, const char *fact)
{
    for (size_t i = 0; i < task_as(t, program).env.len; i++) {
        if (strcmp(task_as(t, program).env.items[i], fact) == 0) {
            return true;
        }
    }
    return false;
}

Test(own_command, the_program_is_told_the_context_of_the_job)
{
    struct bench b = with_ini("[commands]\nnotes = N, notes {context}\n"
                              "[ui]\ndefault_context = blue\n[context blue]\n");
    struct bench none = with_ini("[commands]\nnotes = N, notes\n");

    bench_key(&b, "N");
    const struct task *t = bench_task(&b, TASK_PROGRAM);
    cr_assert_not_null(t);
    cr_expect(has_fact(t, "MVPDASH_CONTEXT=blue"));
    cr_expect_not_null(strstr(task_as(t, program).input, "\"context\":\"blue\""));
    cr_expect_str_eq(task_as(t, program).words[1], "blue");
    bench_free(&b);

    bench_key(&none, "N");
    t = bench_task(&none, TASK_PROGRAM);
    cr_assert_not_null(t);
    cr_expect(has_fact(t, "MVPDASH_CONTEXT="), "what the shell exported does not reach it");
    cr_expect_not_null(strstr(task_as(t, program).input, "\"context\":null"));
    bench_free(&none);
}

Test(own_command, the_question_tells_of_marks_in_other_contexts)
{
    struct bench b = with_ini("[commands]\nnotes = N, confirm, notes {jobId}\n");

    b.m->desk.elsewhere.marked = 1;
    bench_key(&b, "N");
    cr_assert(bench_asks(&b, "Run notes on 1 job?"));
    cr_expect_not_null(strstr(b.m->desk.dialog.text, "other contexts are left alone"));
    bench_free(&b);
}

Test(own_command, it_runs_on_the_job_at_the_cursor_and_shows_what_it_printed)
{
    struct bench b = with_ini("[commands]\nnotes = N, notes {jobId} for {userId}\n");

    cr_expect(bench_told(
        &b,
        "config.ini:2: [commands] notes: N was the key of \"sort-name\", which has no key now"));
    bench_key(&b, "N");
    const struct task *t = bench_task(&b, TASK_PROGRAM);
    cr_assert_not_null(t);
    cr_expect_str_eq(t->job_id, "job_1");
    cr_expect_str_eq(task_as(t, program).words[1], "job_1");
    cr_expect_str_eq(task_as(t, program).words[3], "ann");
    cr_expect_not_null(strstr(task_as(t, program).input, "\"jobId\":\"job_1\""));
    cr_expect(has_fact(t, "MVPDASH_JOB_ID=job_1") && has_fact(t, "MVPDASH_COMMAND=notes") &&
              has_fact(t, "MVPDASH_STATUS=IN_PROGRESS"));
    cr_expect(shows(&b, "job_1: running..."));
    ended(&b, 3 << 8,
          "one\n\033[31mtwo\033]0;title\a\n\xff"
          "three");
    cr_expect(shows(&b, "job_1\none\ntwo"));
    cr_expect(shows(&b, "three\nended with status 3"));
    char *all = textview_all(&b.m->desk.window.text, NULL, NULL);
    cr_expect(strchr(all, '\033') == NULL && strchr(all, '\a') == NULL);
    free(all);
    bench_key(&b, "/");
    bench_type(&b, "thr");
    cr_expect_eq(b.m->desk.window.text.match_count, 1, "it is searched as other texts");
    bench_key(&b, "Enter");
    bench_key(&b, "q");
    bench_key(&b, "q");
    cr_expect_not(b.m->desk.window.open);
    bench_command(&b, ":output");
    cr_expect(shows(&b, "ended with status 3"));
    bench_free(&b);
}

Test(own_command, marked_jobs_come_one_after_another)
{
    struct bench b = with_ini("[commands]\nuser = , echo {userId}\n");

    bench_key(&b, "*");
    bench_command(&b, ":user");
    cr_expect_eq(bench_tasks(&b, TASK_PROGRAM), 1, "one at a time");
    bench_key(&b, "q");
    bench_command(&b, ":user");
    cr_expect_not_null(strstr(b.m->desk.note, "user is still running"));
    ended(&b, 0, "ann\n");
    cr_expect_eq(bench_tasks(&b, TASK_PROGRAM), 2);
    cr_expect_str_eq(bench_task(&b, TASK_PROGRAM)->job_id, "job_2");
    ended(&b, 9, "");
    cr_expect_eq(bench_tasks(&b, TASK_PROGRAM), 2, "the third job has no user");
    cr_expect_not_null(strstr(b.m->desk.note, "user: 1 succeeded, 2 failed"), "%s", b.m->desk.note);
    bench_command(&b, ":output");
    cr_expect(shows(&b, "job_2\nwas ended by signal 9"));
    cr_expect(shows(&b, "job_3\nnot run: it has no userId"));
    bench_free(&b);
}

Test(own_command, confirm_asks_with_the_jobs_and_no_is_chosen)
{
    struct bench b = with_ini("[commands]\nwipe = C-w, confirm, wipe {userId}\n");

    bench_key(&b, "*");
    bench_key(&b, "C-w");
    cr_assert(b.m->desk.dialog.open);
    cr_expect_str_eq(b.m->desk.dialog.title, "Run wipe on 2 jobs?");
    cr_expect_not_null(strstr(b.m->desk.dialog.text, "wipe {userId}"));
    cr_expect_eq(b.m->desk.dialog.jobs_len, 3);
    cr_expect(b.m->desk.dialog.jobs[2].refused);
    bench_key(&b, "Enter");
    cr_expect_not(b.m->desk.dialog.open);
    cr_expect_eq(bench_tasks(&b, TASK_PROGRAM), 0, "Enter is no");
    bench_command(&b, ":output");
    cr_expect_not(b.m->desk.window.open);
    bench_key(&b, "C-w");
    bench_key(&b, "y");
    cr_expect_eq(bench_tasks(&b, TASK_PROGRAM), 1);
    bench_free(&b);
}

Test(own_command, read_only_refuses_all_but_safe_ones)
{
    struct bench b = with_ini("[ui]\nread_only = yes\n"
                              "[commands]\nwipe = M-w, wipe\nlook = M-l, safe, look\n");

    bench_key(&b, "M-w");
    cr_expect_eq(bench_tasks(&b, TASK_PROGRAM), 0);
    cr_expect_not_null(strstr(b.m->desk.note, "ead-only"), "%s", b.m->desk.note);
    bench_command(&b, ":wipe");
    cr_expect_eq(bench_tasks(&b, TASK_PROGRAM), 0);
    bench_key(&b, "M-l");
    cr_expect_eq(bench_tasks(&b, TASK_PROGRAM), 1);
    bench_free(&b);
}

Test(own_command, read_only_that_comes_during_the_question_refuses_too)
{
    struct bench b = with_ini("[commands]\nwipe = M-w, confirm, wipe\n");

    bench_key(&b, "M-w");
    cr_assert(b.m->desk.dialog.open);
    b.m->desk.read_only = true;
    bench_key(&b, "y");
    cr_expect_eq(bench_tasks(&b, TASK_PROGRAM), 0);
    bench_free(&b);
}

Test(own_command, x_ends_what_runs)
{
    struct bench b = with_ini("[commands]\nlong = M-w, long\n");

    bench_key(&b, "*");
    bench_key(&b, "M-w");
    uint32_t request = bench_task(&b, TASK_PROGRAM)->request;
    bench_key(&b, "x");
    cr_assert_not_null(bench_effect(&b, EFF_HALT));
    cr_expect_eq(bench_effect(&b, EFF_HALT)->request, request);
    struct msg *m = msg_new(MSG_PROGRAM, bench_task(&b, TASK_PROGRAM));
    m->u.program = (struct program_result){.end = PROGRAM_STOPPED, .status = 15};
    bench_msg(&b, m);
    cr_expect_eq(bench_tasks(&b, TASK_PROGRAM), 1, "no further job follows");
    cr_expect(shows(&b, "was stopped"));
    bench_key(&b, "x");
    cr_expect_not_null(strstr(b.m->desk.note, "None of your commands is running"));
    bench_free(&b);
}

Test(own_command, leaving_asks_while_one_runs)
{
    struct bench b = with_ini("[commands]\nlong = M-w, long\n");

    bench_key(&b, "M-w");
    bench_key(&b, "C-c");
    cr_assert(b.m->desk.dialog.open);
    cr_expect_not_null(strstr(b.m->desk.dialog.text, "Your command long is still running"));
    bench_key(&b, "n");
    ended(&b, 0, "");
    bench_key(&b, "C-c");
    cr_expect(b.m->quitting);
    bench_free(&b);
}

Test(own_command, the_terminal_is_handed_over_once_for_each_job)
{
    struct bench b = with_ini("[commands]\nedit = M-e, terminal, vi {jobId}\n");
    struct app_event ran = {
        .kind = EV_RAN, .u.ran = {"edit", "job_1", "ended with status 2", {0}}
    };
    size_t n = 0;

    bench_key(&b, "*");
    bench_key(&b, "M-e");
    for (size_t i = 0; i < b.fx.len; i++) {
        const struct effect *f = &b.fx.items[i];
        if (f->kind == EFF_TERMINAL) {
            n++;
            cr_expect_str_eq(f->text, "edit");
            cr_expect_str_eq(task_as(f->task, program).words[1], f->task->job_id);
        }
    }
    cr_expect_eq(n, 3);
    cr_expect_not(b.m->desk.window.open);
    bench_event(&b, &ran);
    cr_expect_not_null(strstr(b.m->desk.note, "job_1: ended with status 2"));
    ran.u.ran = (__typeof__(ran.u.ran)){
        "edit", "job_1", "", {.code = E_IO, .msg = "vi cannot be run"}
    };
    bench_event(&b, &ran);
    cr_expect(bench_told(&b, "vi cannot be run"));
    bench_free(&b);
}

Test(own_command, a_key_among_others_runs_nothing)
{
    struct bench b = with_ini("[commands]\nwipe = Z, wipe\n");
    struct app_event ev = {.kind = EV_KEY, .now_ms = b.now_ms, .mono_ms = b.mono_ms, .amid = true};

    (void)strcpy(ev.u.key, "Z");
    bench_event(&b, &ev);
    cr_expect_eq(bench_tasks(&b, TASK_PROGRAM), 0, "it may be a paste");
    cr_expect(bench_told(&b, "among the jobs Z no longer means \"pause\""));
    bench_key(&b, "3");
    bench_key(&b, "Z");
    cr_expect_eq(bench_tasks(&b, TASK_PROGRAM), 0);
    cr_expect(b.m->desk.paused, "elsewhere the key means what it did");
    bench_free(&b);
}

Test(own_command, help_and_command_line_know_it)
{
    struct bench b = with_ini("[commands]\nnotes = T x, confirm, notes {jobId}\nquiet = , true\n");
    char *help = keymap_help(b.m->desk.keys, SCOPE_LIST);

    cr_expect_not_null(strstr(help, "\nT x\t:notes runs notes {jobId} (asks)\n"), "%s", help);
    cr_expect_not_null(strstr(help, "\n:quiet\t:quiet runs true\n"), "%s", help);
    cr_expect_null(strstr(help, "\nT\tRetry"), "a key that is taken is not told of twice");
    cr_expect_not_null(strstr(help, "\nF9\tCancel"), "the other key still works");
    free(help);
    bench_type(&b, ":not");
    bench_key(&b, "Tab");
    cr_expect_str_eq(edit_text(&b.m->desk.palette.edit), "notes");
    bench_key(&b, "Enter");
    cr_expect(b.m->desk.dialog.open);
    bench_free(&b);
}

Test(own_command, a_mistake_spoils_its_own_line)
{
    struct bench b = with_ini("[commands]\nbad = N notes\nquit = , true\nview = , true\n"
                              "odd'name = , true\ngood = , true\nnothing\n");

    cr_expect(bench_told(&b, ":2 [commands] bad: expected KEY, PROGRAM"));
    cr_expect(bench_told(&b, ":3 [commands] quit: `:quit` is a command of mvpdash"));
    cr_expect(bench_told(&b, ":4 [commands] view: `:view` is a command of mvpdash"));
    cr_expect(bench_told(&b, ":5 [commands] odd'name: "));
    cr_expect(bench_told(&b, ":7 [commands]: expected name = value"));
    cr_expect_eq(b.m->desk.errors_len, 5);
    bench_command(&b, ":good");
    cr_expect_eq(bench_tasks(&b, TASK_PROGRAM), 1);
    bench_free(&b);
}

Test(own_command, without_a_job_nothing_runs)
{
    struct bench b = bench_with_ini("[commands]\ngood = , true\n");

    bench_command(&b, ":good");
    cr_expect_eq(bench_tasks(&b, TASK_PROGRAM), 0);
    cr_expect_str_eq(b.m->desk.note, "No job is selected.");
    bench_free(&b);
}

Test(own_command, the_example_of_the_readme_is_one)
{
    char *text = NULL;
    size_t len = 0;
    struct err e = {0};

    cr_assert_eq(path_read("README.md", 1 << 20, &text, &len, &e), E_OK, "%s", e.msg);
    char *from = strstr(text, "<!-- own commands -->\n"),
         *to = strstr(text, "<!-- /own commands -->");
    cr_assert(from != NULL && to != NULL);
    *to = '\0';
    struct bench b = with_ini(strchr(from, '\n'));
    cr_expect_eq(b.m->desk.errors_len, 0, "%s", b.m->desk.errors[0].err.msg);
    cr_expect_eq(b.m->commands.len, 4);
    bench_command(&b, ":notes");
    cr_expect_not_null(bench_task(&b, TASK_PROGRAM));
    free(text);
    bench_free(&b);
}
