/* Opening and copying the addresses of a job. */
#include <criterion/criterion.h>

#include "app_fixture.h"

TestSuite(app_urls, .timeout = 120);

/* One job with these attributes beside its id, and what Batch says of it (NULL: nothing). */
static struct bench with(const char *attributes, const char *batch)
{
    struct bench b = bench_new();
    struct task t = {.kind = TASK_LOAD}, d = {.kind = TASK_DESCRIBE_BATCH};
    struct msg *m = msg_new(MSG_JOBS, &t);
    char *text = xasprintf("{\"jobId\":{\"S\":\"job_1\"}%s}", attributes);
    cJSON *item = json_parse(text, strlen(text), "test", NULL);

    m->u.jobs.items = xcalloc(1, sizeof(struct job *));
    m->u.jobs.items[0] = job_from_item(item);
    m->u.jobs.len = 1;
    cJSON_Delete(item);
    free(text);
    bench_msg(&b, m);
    if (batch != NULL) {
        cJSON *doc = json_parse(batch, strlen(batch), "test", NULL);
        m = msg_new(MSG_BATCH_JOBS, &d);
        msg_as(m, batch).items = xcalloc(1, sizeof(struct batch_job *));
        msg_as(m, batch).items[0] = batch_job_from_json(doc);
        msg_as(m, batch).len = 1;
        cJSON_Delete(doc);
        bench_msg(&b, m);
    }
    effects_clear(&b.fx);
    return b;
}

#define MADE(repository, staging, production)                                                      \
    ",\"batchJobId\":{\"S\":\"b-1\"},\"githubRepo\":{\"S\":\"" repository                          \
    "\"},\"stagingUrl\":{\"S\":\"" staging "\"},\"vercelUrl\":{\"S\":\"" production "\"}"

static const char *text_of(struct bench *b, enum effect_kind kind)
{
    const struct effect *f = bench_effect(b, kind);

    return f == NULL ? "(none)" : f->text;
}

Test(app_urls, O_opens_what_the_job_made_the_production_first)
{
    struct bench b =
        with(MADE("https://git.example/r", "https://s.example", "https://p.example/x?y=1"), NULL);

    bench_key(&b, "O");
    cr_expect_str_eq(text_of(&b, EFF_OPEN), "https://p.example/x?y=1");
    cr_expect_null(bench_effect(&b, EFF_COPY));
    bench_key(&b, "Enter"); /* in the detail too */
    effects_clear(&b.fx);
    bench_key(&b, "O");
    cr_expect_str_eq(text_of(&b, EFF_OPEN), "https://p.example/x?y=1");
    bench_free(&b);
}

Test(app_urls, an_address_that_no_browser_may_be_given_is_passed_over_or_copied)
{
    struct bench b = with(MADE("https://git.example/r", "javascript:alert(1)", "--help"), NULL);

    bench_key(&b, "O");
    cr_expect_str_eq(text_of(&b, EFF_OPEN), "https://git.example/r");
    bench_free(&b);
    b = with(MADE("file:///srv/r.git", "file:///srv/s", "file:///srv/p"), NULL);
    bench_key(&b, "O");
    cr_expect_null(bench_effect(&b, EFF_OPEN));
    cr_expect_str_eq(text_of(&b, EFF_COPY), "file:///srv/p");
    bench_free(&b);
    b = with(",\"githubRepo\":{\"S\":\"https://x:gh_secret1@git.example/r\"}", NULL);
    bench_key(&b, "O");
    cr_expect_null(bench_effect(&b, EFF_OPEN), "it holds a password");
    cr_expect_null(strstr(text_of(&b, EFF_COPY), "gh_secret1"), "%s", text_of(&b, EFF_COPY));
    bench_free(&b);
    b = with("", NULL);
    bench_key(&b, "O");
    cr_expect_eq(b.fx.len, 0);
    cr_expect_not_null(strstr(b.m->desk.note, "no address"), "%s", b.m->desk.note);
    bench_free(&b);
}

Test(app_urls, Y_offers_each_address_and_copies_it_whole)
{
    static const char long_url[] =
        "https://p.example/a/very/long/path/that/no/menu/and/no/terminal/of/eighty/columns/shows";
    char *made = xasprintf(MADE("https://git.example/r", "https://s.example", "%s"), long_url);
    struct bench b = with(made, "{\"jobId\":\"b-1\",\"status\":\"RUNNING\",\"container\":{"
                                "\"logStreamName\":\"def/default/0123[4]\"}}");
    static const struct {
        const char *key, *want;
    } keys[] = {
        {"p", long_url                  },
        {"s", "https://s.example"       },
        {"e", "https://git.example/r"   },
        {"u", "https://us-east-1.console.aws.amazon.com/batch/home?region=us-east-1#jobs/detail/"
              "b-1"        },
        {"l", "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#logsV2:"
              "log-groups/log-group/$252Faws$252Fbatch$252Fjob/log-events/def$252Fdefault$252F0123"
              "$255B4$255D"},
    };

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        effects_clear(&b.fx);
        bench_key(&b, "Y");
        bench_key(&b, keys[i].key);
        cr_expect_str_eq(text_of(&b, EFF_COPY), keys[i].want, "%s", keys[i].key);
    }
    effects_clear(&b.fx);
    bench_key(&b, "o");
    cr_expect_str_eq(text_of(&b, EFF_COPY), keys[3].want);
    free(made);
    bench_free(&b);
}

static void saved(struct bench *b, const char *what)
{
    struct app_event ev = {.kind = EV_SAVED};

    ev.u.saved.what = what;
    bench_event(b, &ev);
}

Test(app_urls, the_note_says_what_was_done)
{
    struct bench b = with("", NULL);

    saved(&b, "browser firefox");
    cr_expect_str_eq(b.m->desk.note, "Opened with firefox.");
    bench_free(&b);
}
