/* Idempotency-Key: the same request does nothing twice, whatever happens in between. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api_cloud.h"
#include "aws/dynamodb.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/path.h"
#include "fake_http.h"
#include "fault_proxy.h"
#include "src/api/idem.h"

static struct api_cloud a;
static const char body[] = "{\"userId\":\"u\",\"productId\":\"p\",\"founderdashDbUrl\":"
                           "\"postgresql://u:geheim@h/d\"}";
static const char key[] = "Idempotency-Key: order 4711/a\r\n";

static void setup(void)
{
    api_cloud_start(&a, NULL, NULL);
}

static void teardown(void)
{
    api_cloud_stop(&a);
}

TestSuite(api_keys, .init = setup, .fini = teardown, .timeout = 120);

static int records(void)
{
    struct ddb_page p;

    cr_assert_eq(
        ddb_scan(a.cloud.ops->aws, &(struct ddb_read){.table = a.cloud.ops->table}, &p, NULL),
        E_OK);
    int n = p.count;
    ddb_page_clear(&p);
    return n;
}

static int kept_keys(const char *with)
{
    char *dir = path_join(a.cloud.ops->state_dir, "idempotency");
    DIR *d = opendir(dir);
    const struct dirent *ent;
    int n = 0;

    while (d != NULL && (ent = readdir(d)) != NULL) {
        char *path = path_join(dir, ent->d_name);
        char *text = NULL;
        if (ent->d_name[0] != '.' && path_read(path, 65536, &text, NULL, NULL) == E_OK) {
            struct stat st;
            n += strstr(text, with) != NULL;
            cr_expect(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
        }
        free(text);
        free(path);
    }
    if (d != NULL) {
        (void)closedir(d);
    }
    free(dir);
    return n;
}

Test(api_keys, the_same_request_has_the_same_answer_after_a_restart_too)
{
    char replayed[16];
    struct answer x = api_expect(&a, "POST", "/deploy", key, body, 202, "");

    cr_expect_str_eq(answer_header(&x, "Idempotent-Replayed", replayed, sizeof replayed), "");
    for (int i = 0; i < 3; i++) {
        /* The body is written in another way and says the same. */
        struct answer y = api_expect(&a, "POST", "/deploy", key,
                                     "{ \"userId\":\"u\", \"productId\":\"p\",\"founderdashDbUrl\":"
                                     "\"postgresql://u:geheim@h/d\",\"metadata\":{}}",
                                     202, "");
        cr_expect_str_eq(y.body, x.body);
        cr_expect_str_eq(answer_header(&y, "Idempotent-Replayed", replayed, sizeof replayed),
                         "true");
        answer_clear(&y);
        api_cloud_again(&a, NULL);
    }
    cr_expect_eq(records(), 1);
    cr_expect_eq(kept_keys("geheim"), 0, "no secret in the store");
    cr_expect_eq(kept_keys("order"), 0, "nor the key");
    answer_clear(&x);
}

Test(api_keys, another_body_is_409_and_does_nothing)
{
    struct answer x = api_expect(&a, "POST", "/deploy", key, body, 202, "");

    answer_clear(&x);
    x = api_expect(&a, "POST", "/deploy", key, "{\"userId\":\"u\",\"productId\":\"other\"}", 409,
                   "idempotency_conflict");
    answer_clear(&x);
    cr_expect_eq(records(), 1);
}

Test(api_keys, a_key_that_is_none_is_refused)
{
    static const char *const bad[] = {"Idempotency-Key: \r\n", "Idempotency-Key: \xc3\xa4\r\n",
                                      "Idempotency-Key: a\r\nIdempotency-Key: b\r\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct answer x = api_expect(&a, "POST", "/deploy", bad[i], body, 400, "bad_request");
        answer_clear(&x);
    }
    char *lengthy = xcalloc(1, 400);
    (void)snprintf(lengthy, 400, "Idempotency-Key: %0300d\r\n", 1);
    struct answer x = api_expect(&a, "POST", "/deploy", lengthy, body, 400, "bad_request");
    answer_clear(&x);
    free(lengthy);
    cr_expect_eq(records(), 0);
}

Test(api_keys, a_request_that_did_nothing_leaves_the_key_free)
{
    char *closed = xasprintf("http://127.0.0.1:%d", fake_closed_port());

    (void)setenv("AWS_MAX_ATTEMPTS", "1", 1);
    struct ops *dead = ops_cloud_at(&a.cloud, closed);
    api_cloud_again(&a, dead);
    struct answer x = api_expect(&a, "POST", "/deploy", key, body, 503, "unreachable");
    answer_clear(&x);
    cr_expect_eq(kept_keys("jobId"), 0);
    api_cloud_again(&a, a.cloud.ops);
    x = api_expect(&a, "POST", "/deploy", key, body, 202, "");
    answer_clear(&x);
    cr_expect_eq(records(), 1);
    ops_free(dead);
    free(closed);
}

Test(api_keys, a_request_that_was_perhaps_recorded_keeps_the_key)
{
    static const enum fault refusals[] = {FAULT_THROTTLED, FAULT_EXPIRED,   FAULT_DENIED,
                                          FAULT_INVALID,   FAULT_SIGNATURE, FAULT_REDIRECT};

    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        /* The table takes the record; the reply is lost, and then it refuses everything. */
        const struct fault_step steps[] = {
            {"PutItem",   FAULT_LOST_REPLY, 0,              NULL},
            {"DynamoDB_", refusals[i],      FAULT_FOR_EVER, NULL}
        };
        struct fault_proxy *p = fault_proxy_start_script(cloud_port(a.cloud.local), steps, 2);
        char *url = xasprintf("http://127.0.0.1:%d", fault_proxy_port(p));
        struct ops *o = ops_cloud_at(&a.cloud, url);
        char one_key[60];
        (void)snprintf(one_key, sizeof one_key, "Idempotency-Key: perhaps %zu\r\n", i);
        api_cloud_again(&a, o);
        struct answer x = api_expect(&a, "POST", "/deploy", one_key, body, 202, "");
        api_cloud_again(&a, a.cloud.ops);
        struct answer y = api_expect(&a, "POST", "/deploy", one_key, body, 202, "");
        cr_expect_str_eq(json_str_or(y.doc, "jobId", "y"), json_str_or(x.doc, "jobId", "x"),
                         "refusal %zu", i);
        cr_expect_eq(records(), (int)i + 1, "refusal %zu: one record", i);
        ops_cloud_wait_batch(&a.cloud, json_str_or(x.doc, "jobId", "x"), BATCH_SUCCEEDED);
        cr_expect_eq(ops_cloud_batch_jobs(&a.cloud, json_str_or(x.doc, "jobId", "x")), 1);
        answer_clear(&x);
        answer_clear(&y);
        ops_free(o);
        fault_proxy_stop(p);
        free(url);
    }
}

/* ---- many at once ---- */

enum { AT_ONCE = 8 };

static void *ask_one(void *arg)
{
    struct answer *out = arg;

    *out = api_ask(&a, "POST", "/deploy", key, body);
    return NULL;
}

Test(api_keys, the_same_request_many_times_at_once_makes_one_job)
{
    pthread_t threads[AT_ONCE];
    struct answer got[AT_ONCE];

    for (int i = 0; i < AT_ONCE; i++) {
        cr_assert_eq(pthread_create(&threads[i], NULL, ask_one, &got[i]), 0);
    }
    for (int i = 0; i < AT_ONCE; i++) {
        (void)pthread_join(threads[i], NULL);
        cr_expect_eq(got[i].status, 202, "%d %s", got[i].status, got[i].body);
        cr_expect_str_eq(got[i].body, got[0].body);
    }
    cr_expect_eq(records(), 1);
    for (int i = 0; i < AT_ONCE; i++) {
        answer_clear(&got[i]);
    }
}

/* ---- killed under way ---- */

static const char *die_at;

static void die(const char *step)
{
    if (strcmp(step, die_at) == 0) {
        (void)raise(SIGKILL);
    }
}

/* A process of its own serves the first request and is killed at a step of the deploy. */
static void killed_at(const char *step)
{
    pid_t pid = fork();

    cr_assert_geq(pid, 0);
    if (pid == 0) {
        struct err e = {0};
        struct ops *o = ops_new(a.cloud.settings, &a.cloud.clock, NULL, &e);
        struct api_cloud child = a;
        if (o == NULL) {
            _exit(3);
        }
        die_at = step;
        o->fault = die;
        child.options.ops = o;
        child.api = api_start(&child.options, &e);
        if (child.api == NULL) {
            _exit(4);
        }
        struct answer x = api_ask(&child, "POST", "/deploy", key, body);
        _exit(x.status == 0 ? 5 : 6);
    }
    int status = 0;
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "%s: %x", step, status);
}

static void one_job_after(const char *step)
{
    api_free(a.api);
    a.api = NULL;
    ops_stop(a.cloud.ops, false);
    killed_at(step);
    struct err e = {0};
    a.api = api_start(&a.options, &e);
    cr_assert_not_null(a.api, "%s", e.msg);
    struct answer x = api_expect(&a, "POST", "/deploy", key, body, 202, "");
    struct answer y = api_expect(&a, "POST", "/deploy", key, body, 202, "");
    const char *id = json_str_or(x.doc, "jobId", "");
    cr_expect_str_eq(x.body, y.body, "%s", step);
    a.cloud.ahead_ms += 120000; /* what may have been sent is looked for again after a minute */
    int64_t until = clock_mono_ms(NULL) + 50000;
    while (ops_outbox_len(a.cloud.ops) > 0 && clock_mono_ms(NULL) < until) {
        (void)ops_sleep(a.cloud.ops, 50);
    }
    cr_expect_eq(ops_outbox_len(a.cloud.ops), 0, "%s", step);
    cr_expect_eq(records(), 1, "%s", step);
    ops_cloud_wait_batch(&a.cloud, id, BATCH_SUCCEEDED);
    cr_expect_eq(ops_cloud_batch_jobs(&a.cloud, id), 1, "%s", step);
    answer_clear(&x);
    answer_clear(&y);
}

/* The steps of ops_deploy, one test each: a test's cloud serves one life. */
Test(api_keys, killed_before_the_record_is_written)
{
    one_job_after("record");
}

Test(api_keys, killed_before_the_event_is_sent)
{
    one_job_after("send");
}

Test(api_keys, killed_after_the_event_was_acknowledged)
{
    one_job_after("acknowledged");
}

Test(api_keys, killed_after_all_but_the_answer)
{
    one_job_after("dropped");
}

/* ---- the file itself ---- */

static enum idem_state open_key(const char *digest, struct idem *x)
{
    const struct idem_request q = {.client = "c",
                                   .key = "k",
                                   .digest = digest,
                                   .job_id = "job_1_aaaaaaaaa",
                                   .request_id = "r1",
                                   .wait_ms = 50};
    enum idem_state state = IDEM_BUSY;
    struct err e = {0};

    cr_assert_eq(idem_open(a.cloud.ops, &q, x, &state, &e), E_OK, "%s", e.msg);
    return state;
}

Test(api_keys, an_entry_says_how_far_it_came_and_keeps_others_out)
{
    struct idem x;
    struct idem y;

    cr_expect_eq(open_key("d", &x), IDEM_NEW);
    cr_expect_eq(open_key("d", &y), IDEM_BUSY);
    idem_leave(&y);
    idem_leave(&x);
    cr_expect_eq(open_key("d", &x), IDEM_BEGUN);
    cr_expect_str_eq(x.job_id, "job_1_aaaaaaaaa");
    cr_expect_eq(idem_answer(&x, 202, "{\"a\":\"\n\"}", NULL), E_OK);
    idem_leave(&x);
    cr_expect_eq(open_key("d", &x), IDEM_ANSWERED);
    cr_expect_eq(x.status, 202);
    cr_expect_str_eq(x.body, "{\"a\":\"\n\"}");
    idem_leave(&x);
    cr_expect_eq(open_key("other", &x), IDEM_OTHER_BODY);
    idem_forget(&x);
    cr_expect_eq(open_key("other", &x), IDEM_NEW);
    idem_leave(&x);
}

/* Opens the key of a file that is damaged. */
static void expect_refused(const char *path, const char *what)
{
    const struct idem_request q = {.client = "c",
                                   .key = "k",
                                   .digest = "d",
                                   .job_id = "job_2_bbbbbbbbb",
                                   .request_id = "r2",
                                   .wait_ms = 50};
    enum idem_state state = IDEM_BUSY;
    struct err e = {0};
    struct idem x;

    cr_expect_eq(idem_open(a.cloud.ops, &q, &x, &state, &e), E_CONFLICT, "%s: %s", what, e.msg);
    cr_expect_not_null(strstr(e.msg, path), "%s: %s", what, e.msg);
    idem_leave(&x);
}

Test(api_keys, an_entry_cut_behind_its_first_line_goes_on_and_one_cut_before_is_refused)
{
    struct idem x;

    cr_expect_eq(open_key("d", &x), IDEM_NEW);
    char *path = xstrdup(x.path);
    cr_expect_eq(idem_answer(&x, 202, "{}", NULL), E_OK);
    idem_leave(&x);
    char *text = NULL;
    size_t len = 0;
    cr_assert_eq(path_read(path, 65536, &text, &len, NULL), E_OK);
    size_t first = strcspn(text, "\n") + 1;
    for (size_t cut = 0; cut < len; cut++) {
        cr_assert_eq(truncate(path, (off_t)cut), 0);
        if (cut < first) {
            expect_refused(path, "cut");
            expect_refused(path, "cut, again");
        } else {
            cr_expect_eq(open_key("d", &x), IDEM_BEGUN, "cut at %zu", cut);
            cr_expect_eq(idem_answer(&x, 202, "{\"n\":1}", NULL), E_OK);
            idem_leave(&x);
            cr_expect_eq(open_key("d", &x), IDEM_ANSWERED, "repaired after a cut at %zu", cut);
            idem_leave(&x);
        }
        cr_assert_eq(path_write_atomic(path, text, len, 0600, NULL), E_OK);
    }
    free(text);
    free(path);
}

/* Its owner was killed before anything was certain, also when the key was there the day before. */
Test(api_keys, a_key_whose_file_is_blank_was_never_begun)
{
    struct idem x;

    cr_expect_eq(open_key("d", &x), IDEM_NEW);
    char *path = xstrdup(x.path);
    idem_leave(&x);
    cr_assert_eq(chmod(path, 0700), 0);
    cr_assert_eq(truncate(path, 0), 0);
    cr_expect_eq(open_key("other", &x), IDEM_NEW);
    idem_leave(&x);
    cr_expect_eq(open_key("other", &x), IDEM_BEGUN);
    idem_leave(&x);
    free(path);
}

Test(api_keys, a_damaged_entry_refuses_its_key_and_starts_nothing)
{
    static const char *const garbage[] = {
        "\n",
        "{}\n",
        "[]\n",
        "garbage\n",
        "{\"v\":2,\"at\":1,\"digest\":\"d\"}\n",
        "{\"v\":1,\"at\":1,\"digest\":\"d\",\"jobId\":\"../x\",\"requestId\":\"r\"}\n"};
    struct idem x;

    cr_expect_eq(open_key("d", &x), IDEM_NEW);
    char *path = xstrdup(x.path);
    idem_leave(&x);
    for (size_t i = 0; i < sizeof garbage / sizeof *garbage; i++) {
        cr_assert_eq(path_write_atomic(path, garbage[i], strlen(garbage[i]), 0600, NULL), E_OK);
        expect_refused(path, garbage[i]);
    }
    (void)unlink(path);
    cr_assert_eq(mkfifo(path, 0600), 0);
    expect_refused(path, "a pipe");
    (void)unlink(path);
    cr_assert_eq(symlink("/dev/null", path), 0);
    expect_refused(path, "a link");
    (void)unlink(path);
    free(path);
}

Test(api_keys, the_purge_leaves_alone_what_is_none_of_its_own)
{
    struct idem x;
    const struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};

    cr_expect_eq(open_key("d", &x), IDEM_NEW);
    char *dir = path_join(a.cloud.ops->state_dir, "idempotency");
    char *note = path_join(dir, "notes.txt");
    char *pipe = path_join(dir, "pipe");
    char *left = path_join(dir, ".12345678-1234-4123-8123-123456789abc.tmp");
    cr_assert_eq(path_write_atomic(note, "x", 1, 0600, NULL), E_OK);
    cr_assert_eq(path_write_atomic(left, "x", 1, 0600, NULL), E_OK);
    cr_assert_eq(mkfifo(pipe, 0600), 0);
    cr_assert_eq(utimensat(AT_FDCWD, note, old, 0), 0);
    idem_purge(a.cloud.ops);
    cr_expect(path_exists(note) && path_exists(pipe) && path_exists(x.path));
    cr_expect_not(path_exists(left), "a killed run left it");
    idem_leave(&x);
    free(left);
    free(pipe);
    free(note);
    free(dir);
}
