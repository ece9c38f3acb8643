/* The welcome of a first start, and what the dashboard tells of a configuration with mistakes. */
#include <criterion/criterion.h>

#include "app_fixture.h"
#include "src/app/welcome.h"

TestSuite(welcome, .timeout = 120);

static void answer(struct bench *b, enum task_kind kind, enum err_code code, const char *text)
{
    struct task t = {.kind = kind};
    struct msg *m = msg_new(MSG_DONE, &t);

    m->request = SCHEDULE_REQUEST;
    if (code != E_OK) {
        err_set(&m->err, code, "%s", text);
    }
    bench_msg(b, m);
}

static const char none[] =
    "dynamodb.Scan: no AWS credentials found. Tried: environment (AWS_ACCESS_KEY_ID is not set); "
    "profile default (neither /h/.aws/credentials nor /h/.aws/config exists); EC2 metadata "
    "(disabled)";

static struct bench start(void)
{
    struct bench b = bench_new();

    bench_resize(&b, 24, 80);
    return b;
}

static char *screen_of(const struct bench *b)
{
    struct surface s;

    surface_init(&s, 24, 80, false);
    draw_model(&s, b->m);
    char *text = surface_text(&s);
    surface_done(&s);
    return text;
}

Test(welcome, a_start_without_any_credentials_is_greeted)
{
    struct bench b = start();

    answer(&b, TASK_LOAD, E_NO_CREDS, none);
    cr_assert_eq(b.m->desk.where.view, VIEW_WELCOME);
    char *text = screen_of(&b);
    cr_expect_not_null(strstr(text, "l  Try it on the local cloud"), "%s", text);
    cr_expect_not_null(strstr(text, "r  Connect to AWS"), "%s", text);
    cr_expect_not_null(strstr(text, "aws configure sso"), "%s", text);
    cr_expect_not_null(strstr(text, "- environment (AWS_ACCESS_KEY_ID is not set)"), "%s", text);
    cr_expect_not_null(strstr(text, "- EC2 metadata (disabled)"), "%s", text);
    cr_expect_not_null(strstr(text, "l local cloud  r look again  q quit"), "%s", text);
    free(text);
    bench_free(&b);
}

Test(welcome, each_key_does_what_it_says)
{
    struct bench b = start();

    answer(&b, TASK_LOAD, E_NO_CREDS, none);
    bench_key(&b, "l");
    const struct effect *f = bench_effect(&b, EFF_RESTART);
    cr_assert_not_null(f);
    cr_expect(f->local);
    effects_clear(&b.fx);
    bench_key(&b, "r");
    f = bench_effect(&b, EFF_RESTART);
    cr_assert_not_null(f);
    cr_expect_not(f->local);
    effects_clear(&b.fx);
    bench_key(&b, "1");
    cr_expect_eq(b.m->desk.where.view, VIEW_JOBS, "the list can be seen all the same");
    answer(&b, TASK_LOAD, E_NO_CREDS, none);
    cr_expect_eq(b.m->desk.where.view, VIEW_JOBS, "and nobody is greeted twice");
    bench_free(&b);
    b = start();
    answer(&b, TASK_LOAD, E_NO_CREDS, none);
    bench_key(&b, "q");
    cr_expect_not_null(bench_effect(&b, EFF_QUIT));
    bench_free(&b);
}

Test(welcome, credentials_that_are_bad_are_not_greeted)
{
    static const enum err_code codes[] = {E_CREDS, E_EXPIRED, E_NET, E_DENIED, E_CONFIG};

    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        struct bench b = start();
        answer(&b, TASK_LOAD, codes[i], "it went wrong");
        cr_expect_eq(b.m->desk.where.view, VIEW_JOBS, "%s", err_name(codes[i]));
        bench_free(&b);
    }
}

Test(welcome, who_has_seen_jobs_is_not_greeted)
{
    struct job_spec one = {.id = "job_a", .status = "QUEUED", .created_s = 10};
    struct bench b = start();

    bench_jobs(&b, TASK_GET_JOBS, &one, 1);
    answer(&b, TASK_LOAD, E_NO_CREDS, none);
    cr_expect_eq(b.m->desk.where.view, VIEW_JOBS);
    bench_free(&b);
}

Test(welcome, credentials_that_appear_begin_anew)
{
    struct bench b = start();

    answer(&b, TASK_LOAD, E_NO_CREDS, none);
    effects_clear(&b.fx);
    answer(&b, TASK_LOAD, E_OK, "");
    const struct effect *f = bench_effect(&b, EFF_RESTART);
    cr_assert_not_null(f, "the region may come from the same place");
    cr_expect_not(f->local);
    bench_free(&b);
}

/* ---- mistakes of the configuration ---- */

Test(welcome, a_mistake_in_the_configuration_is_noted_and_told)
{
    struct bench b = bench_with_ini("[names]\ntable mvp-prod\n[ui]\nrefresh = soon\n"
                                    "columns = status,nmae\nsort = nmae\n[keys]\ncancle = x\n"
                                    "[views]\nodd = | nope\n[commands]\nc = C-x C-y\n");
    struct message told;

    bench_resize(&b, 24, 80);
    model_message(b.m, &told);
    cr_expect_eq(told.style, ST_BAD);
    cr_expect_not_null(strstr(told.text, "Configuration (! shows all 7): "), "%s", told.text);
    cr_expect_not_null(strstr(told.text, ":2: expected name = value"), "what matters first: %s",
                       told.text);
    cr_expect(bench_told(&b, ":2: expected name = value; nothing is written until this is right"));
    cr_expect(bench_told(&b, ":4: \"soon\" is not a refresh"));
    cr_expect(bench_told(&b, ":5: "));
    cr_expect(bench_told(&b, ":6: "));
    cr_expect(bench_told(&b, ":8: [keys] there is no action \"cancle\""));
    cr_expect(bench_told(&b, ":10 [views] odd"));
    cr_expect(bench_told(&b, ":12 [commands] c"));
    bench_free(&b);
    b = bench_with_ini("[ui]\nmouse = yes\n");
    bench_resize(&b, 24, 80);
    model_message(b.m, &told);
    cr_expect_null(strstr(told.text, "Configuration"), "%s", told.text);
    bench_free(&b);
}
