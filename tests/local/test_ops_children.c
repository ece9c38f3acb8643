/* The children of an array job, as Batch lists them: state by state, in pages, no details. The
 * service is a fake one that holds any number of them and fails where it is told to. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws_env.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/path.h"
#include "core/strbuf.h"
#include "fake_http.h"
#include "ops/children.h"
#include "ops/follow.h"
#include "src/work/run.h"

enum { PAGE = 300, MOST = 10000 };

static struct {
    int size;
    const char *(*state)(int index);
    const char *fails;  /* listing this state is refused */
    const char *hollow; /* listing this state never ends */
    bool mute;          /* the parent does not tell how its children stand */
    bool plain, forgotten;
} q;

static struct fake_http *server;
static struct settings *settings;
static struct ops *o;
static atomic_int lists, describes, described;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *bodies[2000];
static size_t bodies_len;
static char asked[400]; /* the states that were listed, each once */

static const char *keep(char *body)
{
    (void)pthread_mutex_lock(&lock);
    cr_assert(bodies_len < sizeof bodies / sizeof *bodies);
    bodies[bodies_len++] = body;
    (void)pthread_mutex_unlock(&lock);
    return body;
}

static const char *mixed(int index)
{
    static const char *const words[] = {"SUCCEEDED", "RUNNING", "RUNNABLE", "FAILED", "SUCCEEDED"};

    return words[index % 5];
}

static const char *all_run(int index)
{
    (void)index;
    return "RUNNING";
}

static void child_json(struct strbuf *b, int i, bool full)
{
    const char *word = q.state(i);

    strbuf_addf(
        b,
        "{\"jobId\":\"arr:%d\",\"jobName\":\"n\",\"status\":\"%s\",\"createdAt\":1755685200000,"
        "\"arrayProperties\":{\"index\":%d}%s%s}",
        i, word, i,
        strcmp(word, "FAILED") == 0 ? ",\"container\":{\"exitCode\":7,\"reason\":\"oops\"}" : "",
        full ? ",\"attempts\":[{\"container\":{\"exitCode\":7}}]" : "");
}

static struct fake_reply list_jobs(const cJSON *in)
{
    const char *state = json_str_or(in, "jobStatus", "RUNNING"); /* as the service does */
    int at = (int)strtol(json_str_or(in, "nextToken", "0"), NULL, 10), given = 0;
    struct strbuf b = STRBUF_INIT;

    (void)atomic_fetch_add(&lists, 1);
    if (json_str(in, "arrayJobId") == NULL || json_get(in, "jobQueue") != NULL) {
        return (struct fake_reply){.status = 400, .body = "{\"message\":\"one of these\"}"};
    }
    if (strstr(asked, state) == NULL) {
        (void)strcat(strcat(asked, state), " ");
    }
    if (q.fails != NULL && strcmp(q.fails, state) == 0) {
        return (struct fake_reply){.status = 400,
                                   .headers = "x-amzn-ErrorType: AccessDeniedException\r\n",
                                   .body = "{\"message\":\"no\"}"};
    }
    if (q.hollow != NULL && strcmp(q.hollow, state) == 0) {
        strbuf_addf(&b, "{\"jobSummaryList\":[],\"nextToken\":\"%d\"}", at + 1);
        return (struct fake_reply){.body = keep(strbuf_take(&b))};
    }
    strbuf_adds(&b, "{\"jobSummaryList\":[");
    for (; at < q.size && given < PAGE; at++) {
        if (strcmp(q.state(at), state) == 0) {
            strbuf_adds(&b, given++ == 0 ? "" : ",");
            child_json(&b, at, false);
        }
    }
    strbuf_adds(&b, "]");
    if (at < q.size) {
        strbuf_addf(&b, ",\"nextToken\":\"%d\"", at);
    }
    strbuf_adds(&b, "}");
    return (struct fake_reply){.body = keep(strbuf_take(&b))};
}

static void parent_json(struct strbuf *b)
{
    static const char *const words[] = {"SUBMITTED", "PENDING",   "RUNNABLE", "STARTING",
                                        "RUNNING",   "SUCCEEDED", "FAILED"};

    strbuf_adds(b, "{\"jobId\":\"arr\",\"jobName\":\"n\",\"status\":\"PENDING\"");
    if (!q.plain) {
        strbuf_addf(b, ",\"arrayProperties\":{\"size\":%d,\"statusSummary\":{", q.size);
        for (size_t w = 0; !q.mute && w < sizeof words / sizeof *words; w++) {
            int n = 0;
            for (int i = 0; i < q.size; i++) {
                n += strcmp(q.state(i), words[w]) == 0;
            }
            strbuf_addf(b, "%s\"%s\":%d", w == 0 ? "" : ",", words[w], n);
        }
        strbuf_adds(b, "}}");
    }
    strbuf_adds(b, "}");
}

static struct fake_reply describe_jobs(const cJSON *in)
{
    struct strbuf b = STRBUF_INIT;
    const cJSON *id;
    int given = 0;

    (void)atomic_fetch_add(&describes, 1);
    strbuf_adds(&b, "{\"jobs\":[");
    cJSON_ArrayForEach(id, json_array(in, "jobs"))
    {
        (void)atomic_fetch_add(&described, 1);
        if (q.forgotten) {
            continue;
        }
        strbuf_adds(&b, given++ == 0 ? "" : ",");
        if (strncmp(id->valuestring, "arr:", 4) == 0) {
            child_json(&b, (int)strtol(id->valuestring + 4, NULL, 10), true);
        } else {
            parent_json(&b);
        }
    }
    strbuf_adds(&b, "]}");
    return (struct fake_reply){.body = keep(strbuf_take(&b))};
}

static struct fake_reply answer(void *arg, const struct fake_request *r, size_t n)
{
    cJSON *in = json_parse(r->body, r->body_len, "test", NULL);
    struct fake_reply reply = {.body = "{}"};

    (void)arg;
    (void)n;
    if (strcmp(r->path, "/v1/listjobs") == 0) {
        reply = list_jobs(in);
    } else if (strcmp(r->path, "/v1/describejobs") == 0) {
        reply = describe_jobs(in);
    }
    cJSON_Delete(in);
    return reply;
}

static void setup(void)
{
    struct settings_sources none = {.flags = NULL};
    struct err e = {0};

    (void)aws_env_begin();
    aws_env_keys();
    server = fake_http_start_with(answer, NULL);
    (void)setenv("AWS_ENDPOINT_URL", fake_http_url(server), 1);
    char *state = path_join(getenv("HOME"), "state");
    (void)setenv("XDG_STATE_HOME", state, 1);
    free(state);
    q.size = 50;
    q.state = mixed;
    settings = settings_load(&none, &e);
    cr_assert_not_null(settings, "%s", e.msg);
    o = ops_new(settings, NULL, NULL, &e);
    cr_assert_not_null(o, "%s", e.msg);
}

static void teardown(void)
{
    ops_free(o);
    settings_free(settings);
    fake_http_stop(server);
    aws_env_end();
    for (size_t i = 0; i < bodies_len; i++) {
        free(bodies[i]);
    }
}

TestSuite(ops_children, .init = setup, .fini = teardown, .timeout = 120);

struct seen {
    int parents, children, failed, first_failed;
    int stop_after; /* pages; 0: none */
    int pages;
    bool index[MOST];
};

static bool take(void *arg, struct batch_job **jobs, size_t len)
{
    struct seen *s = arg;

    for (size_t i = 0; i < len; i++) {
        const struct batch_job *b = jobs[i];
        if (b->array.size > 0) {
            cr_expect_eq(s->children, 0, "the parent comes first");
            s->parents++;
        } else {
            cr_expect_not(s->index[b->array.index], "%d came twice", b->array.index);
            s->index[b->array.index] = true;
            s->children++;
            s->first_failed += b->status == BATCH_FAILED && s->failed == s->children - 1;
            s->failed += b->status == BATCH_FAILED;
            if (b->status == BATCH_FAILED) {
                cr_expect_eq(b->exit_code, 7);
                cr_expect_str_eq(b->container_reason, "oops");
            }
        }
        batch_job_free(jobs[i]);
    }
    free(jobs);
    s->pages++;
    return s->stop_after == 0 || s->pages < s->stop_after;
}

static enum err_code list(struct seen *s, const struct children_held *held, struct err *e)
{
    static const struct children_held none;

    *s = (struct seen){.stop_after = s->stop_after};
    return ops_children(o, "arr", held == NULL ? &none : held, take, s, e);
}

Test(ops_children, all_come_failed_ones_first_and_without_details)
{
    static struct seen s;
    struct err e = {0};

    cr_assert_eq(list(&s, NULL, &e), E_OK, "%s", e.msg);
    cr_expect_eq(s.parents, 1);
    cr_expect_eq(s.children, 50);
    cr_expect_eq(s.failed, 10);
    cr_expect_eq(s.first_failed, 10, "before all others");
    cr_expect_eq(atomic_load(&described), 1, "the parent alone");
    cr_expect_str_eq(asked, "FAILED RUNNABLE RUNNING SUCCEEDED ", "no state that there is none of");
}

Test(ops_children, ten_thousand_come_in_pages)
{
    static struct seen s;
    struct err e = {0};

    q.size = MOST;
    cr_assert_eq(list(&s, NULL, &e), E_OK, "%s", e.msg);
    cr_expect_eq(s.children, MOST);
    cr_expect_eq(atomic_load(&described), 1);
    cr_expect_leq(atomic_load(&lists), MOST / PAGE + 4 * 2);
}

Test(ops_children, ended_ones_that_are_known_are_not_listed_again)
{
    static struct seen s;
    struct err e = {0};
    struct children_held held = {.failed = 10, .succeeded = 20};

    cr_assert_eq(list(&s, &held, &e), E_OK, "%s", e.msg);
    cr_expect_eq(s.children, 20);
    cr_expect_str_eq(asked, "RUNNABLE RUNNING ");
    held.succeeded = 19; /* one more has succeeded since */
    asked[0] = '\0';
    cr_assert_eq(list(&s, &held, &e), E_OK, "%s", e.msg);
    cr_expect_eq(s.children, 40);
    cr_expect_str_eq(asked, "RUNNABLE RUNNING SUCCEEDED ");
}

Test(ops_children, a_parent_that_tells_nothing_has_all_states_asked)
{
    static struct seen s;
    struct err e = {0};

    q.mute = true;
    q.state = all_run;
    cr_assert_eq(list(&s, NULL, &e), E_OK, "%s", e.msg);
    cr_expect_eq(s.children, 50);
    cr_expect_eq(atomic_load(&lists), 7);
}

Test(ops_children, a_state_that_cannot_be_listed_is_an_error_after_what_came)
{
    static struct seen s;
    struct err e = {0};

    q.fails = "RUNNING";
    cr_assert_eq(list(&s, NULL, &e), E_DENIED, "%s", e.msg);
    cr_expect_eq(s.failed, 10);
    cr_expect_eq(s.children, 20, "failed and waiting ones came before");
}

Test(ops_children, pages_without_an_end_end)
{
    static struct seen s;
    struct err e = {0};

    q.hollow = "RUNNABLE";
    cr_assert_eq(list(&s, NULL, &e), E_SERVICE);
    cr_expect_not_null(strstr(e.msg, "without an end"), "%s", e.msg);
    cr_expect_leq(atomic_load(&lists), 150);
}

Test(ops_children, no_array_job_and_a_forgotten_one_have_none)
{
    static struct seen s;
    struct err e = {0};

    q.plain = true;
    cr_assert_eq(list(&s, NULL, &e), E_NOT_FOUND);
    cr_expect_not_null(strstr(e.msg, "not an array job"), "%s", e.msg);
    q.forgotten = true;
    cr_assert_eq(list(&s, NULL, &e), E_NOT_FOUND);
    cr_expect_not_null(strstr(e.msg, "does not know"), "%s", e.msg);
    cr_expect_eq(atomic_load(&lists), 0);
    q.plain = q.forgotten = false;
    s.stop_after = 2;
    cr_assert_eq(list(&s, NULL, &e), E_CANCELLED, "who reads no further is not given more");
    cr_expect_eq(s.pages, 2);
}

/* ---- the task ---- */

/* Runs it and takes what it sent: how many children, and how it ended. */
static size_t run_task(struct task *t, size_t *len, struct err *e)
{
    struct msgq *all = msgq_new(4096, e);
    size_t messages = 0;

    cr_assert_not_null(all, "%s", e->msg);
    *len = 0;
    work_run(o, t, all);
    for (struct msg *m = msgq_drain(all); m != NULL;) {
        struct msg *next = m->next;
        messages++;
        cr_expect_eq(m->request, t->request);
        if (m->kind == MSG_CHILDREN) {
            *len += msg_as(m, children).len;
        } else {
            cr_expect_eq(m->kind, MSG_DONE);
            cr_expect_null(next, "last");
            *e = m->err;
        }
        msg_free(m);
        m = next;
    }
    task_free(t);
    msgq_free(all);
    return messages;
}

Test(ops_children, the_task_lists_or_describes)
{
    struct err e = {0};
    struct task *t = task_new(TASK_CHILDREN, 9);
    size_t len = 0;

    task_as(t, children).batch_id = xstrdup("arr");
    cr_expect_eq(run_task(t, &len, &e), 6, "the parent, four states, the end");
    cr_expect_eq(len, 51);
    cr_expect_eq(e.code, E_OK);
    t = task_new(TASK_CHILDREN, 10);
    struct task_ids *only = &task_as(t, children).only;
    only->items = xcalloc(2, sizeof *only->items);
    only->items[only->len++] = xstrdup("arr:3");
    only->items[only->len++] = xstrdup("arr:49");
    atomic_store(&lists, 0);
    (void)run_task(t, &len, &e);
    cr_expect_eq(len, 2);
    cr_expect_eq(atomic_load(&lists), 0);
    t = task_new(TASK_CHILDREN, 11);
    task_as(t, children).batch_id = xstrdup("arr");
    atomic_store(&t->stop, true);
    (void)run_task(t, &len, &e);
    cr_expect_eq(e.code, E_CANCELLED);
    cr_expect_eq(len, 1, "the page that was under way");
}
