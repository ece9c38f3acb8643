/* Idempotency-Keys that share their syncs: an answered key gives the same answer, and no key leads
 * to two jobs, when the machine stops at any step.
 *
 * A power loss is played as in test_ops_sync.c: the process ends at a step, then its files are put
 * into a state that the file system may leave, and its log gets another boot's name. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
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
#include "core/platform.h"
#include "core/strbuf.h"
#include "power_loss.h"
#include "src/api/idem.h"
#include "src/ops/sync_log_keys.h"
#include "src/ops/sync_log_read.h"
#include "sync_calls.h"

static struct api_cloud a;
static const char key[] = "Idempotency-Key: order 4711/a\r\n";

static void setup(void)
{
    api_cloud_start(&a, NULL, NULL);
}

static void teardown(void)
{
    api_cloud_stop(&a);
}

TestSuite(api_keys_sync, .init = setup, .fini = teardown, .timeout = 120);

static char *log_path(int number)
{
    return xasprintf("%s/sync/%d.sync", a.cloud.ops->state_dir, number);
}

/* The only file of a folder of the state folder whose name ends like this; NULL: there is none.
 * Owned. */
static char *only_file(const char *folder, const char *end)
{
    char *dir = path_join(a.cloud.ops->state_dir, folder);
    DIR *d = opendir(dir);
    const struct dirent *ent;
    char *path = NULL;

    while (d != NULL && (ent = readdir(d)) != NULL) {
        size_t n = strlen(ent->d_name);
        if (n > strlen(end) && ent->d_name[0] != '.' &&
            strcmp(ent->d_name + n - strlen(end), end) == 0) {
            cr_assert_null(path, "two files in %s", dir);
            path = path_join(dir, ent->d_name);
        }
    }
    if (d != NULL) {
        (void)closedir(d);
    }
    free(dir);
    return path;
}

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

/* ---- how many ---- */

enum { THREADS = 12 };

struct asked {
    pthread_t thread;
    int number;
    bool ok;
};

static void open_key(int number, struct idem *x, enum idem_state *state)
{
    char name[20];
    char job_id[40];
    struct err e = {0};

    (void)snprintf(name, sizeof name, "k%d", number);
    (void)snprintf(job_id, sizeof job_id, "job_%d_aaaaaaaaa", number);
    const struct idem_request q = {.client = "c",
                                   .key = name,
                                   .digest = "d",
                                   .job_id = job_id,
                                   .request_id = job_id,
                                   .wait_ms = 50};
    cr_assert_eq(idem_open(a.cloud.ops, &q, x, state, &e), E_OK, "%s", e.msg);
}

static void *ask(void *arg)
{
    struct asked *p = arg;
    enum idem_state state = IDEM_BUSY;
    struct idem x;

    open_key(p->number, &x, &state);
    p->ok = state == IDEM_NEW && idem_answer(&x, 202, "{}", NULL) == E_OK;
    idem_leave(&x);
    return NULL;
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int noted, answers, log_syncs;

static void count_step(const char *name)
{
    (void)pthread_mutex_lock(&lock);
    noted += strcmp(name, "key noted") == 0;
    answers += strcmp(name, "answer noted") == 0;
    (void)pthread_cond_broadcast(&changed);
    (void)pthread_mutex_unlock(&lock);
}

/* The disk is slow: a sync takes until everybody who can has noted something. The first one waits
 * for the keys of all, the third for the answers of all. */
static void slow_disk(void)
{
    (void)pthread_mutex_lock(&lock);
    int mine = ++log_syncs;
    while ((mine == 1 && noted < THREADS) || (mine == 3 && answers < THREADS)) {
        (void)pthread_cond_wait(&changed, &lock);
    }
    (void)pthread_mutex_unlock(&lock);
}

Test(api_keys_sync, keys_and_answers_that_wait_together_share_their_syncs)
{
    struct asked asked[THREADS];
    struct idem x;
    enum idem_state state;

    open_key(100, &x, &state); /* the first one opens the log */
    idem_forget(&x);
    sync_calls.before_what = ".sync/";
    sync_calls.before = slow_disk;
    sync_calls.syncs = 0;
    a.cloud.ops->fault = count_step;
    for (int i = 0; i < THREADS; i++) {
        asked[i] = (struct asked){.number = i};
        cr_assert_eq(pthread_create(&asked[i].thread, NULL, ask, &asked[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        cr_assert_eq(pthread_join(asked[i].thread, NULL), 0);
        cr_expect(asked[i].ok);
    }
    sync_calls.before = NULL;
    a.cloud.ops->fault = NULL;
    /* One for the key that was first, one for all others; the same for the answers; the answer of
     * the first may be before those. There were three for each request. */
    cr_expect_leq(sync_calls.syncs, 6, "%d syncs", sync_calls.syncs);
}

Test(api_keys_sync, a_request_waits_for_the_disk_four_times)
{
    struct answer x = api_expect(&a, "POST", "/deploy", "Idempotency-Key: first\r\n", api_good, 202,
                                 ""); /* opens the log, and learns and keeps whose the keys are */

    answer_clear(&x);
    sync_calls.syncs = 0;
    x = api_expect(&a, "POST", "/deploy", key, api_good, 202, "");
    cr_expect_leq(sync_calls.syncs, 4, "key, entry, mark and answer: %d syncs", sync_calls.syncs);
    sync_calls.syncs = 0;
    answer_clear(&x);
    x = api_expect(&a, "POST", "/deploy", key, api_good, 202, "");
    cr_expect_eq(sync_calls.syncs, 0, "the answer is certain already");
    answer_clear(&x);
}

/* ---- the machine stops at any step ---- */

static const char *die_at;

static void die(const char *name)
{
    if (strcmp(name, die_at) == 0) {
        _exit(42);
    }
}

/* What the file system has of the files that were never synced. */
enum loss { LOSS_NONE, LOSS_FILE, LOSS_BYTES, LOSS_HALF, LOSS_NULS, LOSS_ANSWER, LOSSES };

static const struct stop_case {
    const char *step;
    enum tail tail;
    bool fixed;    /* the job id is certain: it must be that of the job */
    bool answered; /* the answer is certain */
} stops[] = {
    {"key noted",    TAIL_WHOLE, false, false},
    {"key noted",    TAIL_TORN,  false, false},
    {"key noted",    TAIL_GONE,  false, false},
    {"key written",  TAIL_WHOLE, true,  false},
    {"named",        TAIL_WHOLE, true,  false},
    {"marked",       TAIL_WHOLE, true,  false},
    {"marked",       TAIL_GONE,  true,  false},
    {"dropping",     TAIL_GONE,  true,  false},
    {"dropped",      TAIL_WHOLE, true,  false},
    {"answer noted", TAIL_GONE,  true,  false},
    {"answer noted", TAIL_TORN,  true,  false},
    {"answer noted", TAIL_WHOLE, true,  true },
    {"answered",     TAIL_WHOLE, true,  true },
};
enum { STOPS = sizeof stops / sizeof *stops };

static void lose(const char *path, enum loss loss)
{
    struct stat st;
    char *text = NULL;
    size_t len = 0;

    if (path == NULL || loss == LOSS_NONE) {
        return;
    }
    cr_assert_eq(stat(path, &st), 0);
    cr_assert_eq(path_read(path, 1 << 20, &text, &len, NULL), E_OK);
    size_t first = len == 0 ? 0 : strcspn(text, "\n") + 1;
    if (loss == LOSS_FILE) {
        cr_assert_eq(unlink(path), 0);
    } else if (loss == LOSS_NULS) {
        memset(text, 0, len);
        cr_assert_eq(path_write_atomic(path, text, len, st.st_mode & 0777, NULL), E_OK);
    } else {
        size_t left = loss == LOSS_BYTES ? 0 : loss == LOSS_HALF ? len / 2 : first;
        cr_assert_eq(truncate(path, (off_t)(left < len ? left : len)), 0);
    }
    free(text);
}

/* A process of its own serves the first request and ends at a step of it. Returns the job id that
 * its log has for the key; owned. */
static char *stopped_at(const char *step)
{
    int status = 0;
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
        struct answer x = api_ask(&child, "POST", "/deploy", key, api_good);
        _exit(x.status == 0 ? 5 : 6);
    }
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 42, "%s: %x", step, status);
    char *path = log_path(0);
    char *text = NULL;
    cr_assert_eq(path_read(path, 1 << 20, &text, NULL, NULL), E_OK);
    const char *id = strstr(text, "\"jobId\":\"");
    cr_assert_not_null(id, "%s", step);
    id += strlen("\"jobId\":\"");
    char *job_id = xstrndup(id, strcspn(id, "\""));
    free(text);
    free(path);
    return job_id;
}

/* Sends the request again, twice, and lets the outbox end. */
static void ask_again(const struct stop_case *k, const char *job_id, const char *what)
{
    char replayed[16];
    struct err e = {0};

    a.api = api_start(&a.options, &e);
    cr_assert_not_null(a.api, "%s", e.msg);
    struct answer x = api_expect(&a, "POST", "/deploy", key, api_good, 202, "");
    struct answer y = api_expect(&a, "POST", "/deploy", key, api_good, 202, "");
    const char *id = json_str_or(x.doc, "jobId", "");
    cr_expect_str_eq(x.body, y.body, "%s", what);
    cr_expect(!k->fixed || strcmp(id, job_id) == 0, "%s: %s, not %s", what, id, job_id);
    if (k->answered) {
        (void)answer_header(&x, "Idempotent-Replayed", replayed, sizeof replayed);
        cr_expect_str_eq(replayed, "true", "%s: the answer is not the first one", what);
        cr_expect_not_null(json_str(x.doc, "eventId"), "%s: %s", what, x.body);
    }
    a.cloud.ahead_ms += 120000; /* what may have been sent is looked for again after a minute */
    int64_t until = clock_mono_ms(NULL) + 50000;
    while (ops_outbox_len(a.cloud.ops) > 0 && clock_mono_ms(NULL) < until) {
        (void)ops_sleep(a.cloud.ops, 50);
    }
    cr_expect_eq(ops_outbox_len(a.cloud.ops), 0, "%s", what);
    cr_expect_eq(records(), 1, "%s: %d records", what, records());
    ops_cloud_wait_batch(&a.cloud, id, BATCH_SUCCEEDED);
    cr_expect_eq(ops_cloud_batch_jobs(&a.cloud, id), 1, "%s", what);
    answer_clear(&x);
    answer_clear(&y);
}

ParameterizedTestParameters(api_keys_sync, a_stop_of_the_machine_leaves_one_job_and_one_answer)
{
    static size_t index[STOPS * LOSSES];

    for (size_t i = 0; i < STOPS * LOSSES; i++) {
        index[i] = i;
    }
    return cr_make_param_array(size_t, index, STOPS * LOSSES);
}

ParameterizedTest(size_t *i, api_keys_sync, a_stop_of_the_machine_leaves_one_job_and_one_answer)
{
    const struct stop_case *k = &stops[*i / LOSSES];
    enum loss loss = (enum loss)(*i % LOSSES);
    char what[80];

    (void)snprintf(what, sizeof what, "%s, tail %d, loss %d", k->step, (int)k->tail, (int)loss);
    api_free(a.api);
    a.api = NULL;
    ops_stop(a.cloud.ops, false);
    char *job_id = stopped_at(k->step);
    char *path = log_path(0);
    char *kept = only_file(SYNC_KEY_DIR, ".jsonl");
    char *entry = only_file("outbox", ".json");
    lose(kept, loss);
    /* An entry that is not in the log yet, and not whole in the outbox, needs a person. */
    bool whole = strcmp(k->step, "named") == 0 && loss != LOSS_FILE;
    lose(entry, whole || loss == LOSS_ANSWER || loss == LOSS_NULS ? LOSS_NONE : loss);
    change_boot(path, k->tail);
    ask_again(k, job_id, what);
    free(entry);
    free(kept);
    free(path);
    free(job_id);
}

/* The same boot: the file system has all that was written. */
ParameterizedTestParameters(api_keys_sync, a_killed_server_leaves_one_job_and_one_answer)
{
    static size_t index[STOPS];

    for (size_t i = 0; i < STOPS; i++) {
        index[i] = i;
    }
    return cr_make_param_array(size_t, index, STOPS);
}

ParameterizedTest(size_t *i, api_keys_sync, a_killed_server_leaves_one_job_and_one_answer)
{
    struct stop_case k = stops[*i];

    if (k.tail == TAIL_WHOLE) {
        api_free(a.api);
        a.api = NULL;
        ops_stop(a.cloud.ops, false);
        char *job_id = stopped_at(k.step);
        k.answered = strcmp(k.step, "answered") == 0; /* nobody was told before */
        ask_again(&k, job_id, k.step);
        free(job_id);
    }
}

/* ---- a key leaves the log ---- */

/* A key with an answer of so many bytes. */
static void answered_key(int number, size_t bytes)
{
    struct idem x;
    enum idem_state state;
    char *body = xcalloc(1, bytes + 3);

    memset(body, 'x', bytes);
    open_key(number, &x, &state);
    cr_assert_eq(idem_answer(&x, 202, body, NULL), E_OK);
    idem_leave(&x);
    free(body);
}

static void expect_answered(int number)
{
    struct idem x;
    enum idem_state state;

    open_key(number, &x, &state);
    cr_expect_eq(state, IDEM_ANSWERED, "key %d", number);
    idem_leave(&x);
}

Test(api_keys_sync, many_keys_leave_the_log_by_one_sync)
{
    enum { KEYS = 30 };
    char *path = log_path(0);

    cr_assert(sync_log_ready(a.cloud.ops));
    off_t begun = size_of(path);
    for (int i = 0; i < KEYS; i++) {
        answered_key(i, 10);
    }
    cr_expect_gt(size_of(path), begun);
    sync_calls.syncs = 0;
    sync_log_tidy(a.cloud.ops);
    cr_expect_eq(size_of(path), begun);
    cr_expect_leq(sync_calls.syncs, 2, "the files, and the outbox's folder: %d", sync_calls.syncs);
    for (int i = 0; i < KEYS; i++) {
        expect_answered(i);
    }
    free(path);
}

Test(api_keys_sync, a_key_stays_in_the_log_until_it_is_on_the_disk)
{
    struct idem x;
    enum idem_state state;
    char *path = log_path(0);

    answered_key(1, 10);
    sync_calls.fail_keys = true;
    off_t size = size_of(path);
    sync_log_tidy(a.cloud.ops);
    cr_expect_eq(size_of(path), size, "the disk fails");
    sync_calls.fail_keys = false;
    open_key(2, &x, &state);
    size = size_of(path);
    sync_log_tidy(a.cloud.ops);
    cr_expect_eq(size_of(path), size, "one is under way");
    cr_expect_eq(idem_answer(&x, 202, "{}", NULL), E_OK);
    idem_leave(&x);
    sync_log_tidy(a.cloud.ops);
    cr_expect_lt(size_of(path), size);
    free(path);
}

Test(api_keys_sync, a_log_full_of_keys_asks_to_be_emptied)
{
    int n = 0;

    sync_calls.skip = true;
    while (!sync_log_heavy(a.cloud.ops) && n < 1000) {
        answered_key(n++, 50000);
    }
    cr_expect_lt(n, 1000);
    cr_expect(sync_log_ready(a.cloud.ops), "before it is full");
    sync_log_tidy(a.cloud.ops);
    cr_expect_not(sync_log_heavy(a.cloud.ops));
    while (sync_log_ready(a.cloud.ops) && n < 2000) { /* nobody empties it */
        answered_key(n++, 50000);
    }
    cr_expect_lt(n, 2000);
    cr_expect(sync_log_heavy(a.cloud.ops));
    answered_key(n, 10); /* synced for itself */
    expect_answered(n);
    sync_log_tidy(a.cloud.ops);
    cr_expect(sync_log_ready(a.cloud.ops));
    sync_calls.skip = false;
}

/* The API's own thread does so: a test of many requests would take too long. */
Test(api_keys_sync, a_log_that_stays_heavy_is_emptied_by_the_server)
{
    struct answer x;
    char *path = log_path(0);
    int n = 0;

    sync_calls.skip = true;
    while (!sync_log_heavy(a.cloud.ops) && n < 1000) {
        answered_key(n++, 50000);
    }
    x = api_expect(&a, "POST", "/deploy", key, api_good, 202, "");
    int64_t until = clock_mono_ms(NULL) + 60000;
    while (size_of(path) > 1 << 20 && clock_mono_ms(NULL) < until) {
        (void)ops_sleep(a.cloud.ops, 10);
    }
    cr_expect_lt(size_of(path), 1 << 20);
    sync_calls.skip = false;
    answer_clear(&x);
    free(path);
}

/* ---- the disk fails ---- */

Test(api_keys_sync, keys_are_kept_without_a_log_too)
{
    struct idem x;
    enum idem_state state;

    answered_key(0, 10); /* opens the log, and learns and keeps whose the keys are */
    sync_calls.log_full = true;
    sync_calls.syncs = 0;
    answered_key(1, 10);
    cr_expect_eq(sync_calls.syncs, 3, "file, folder and answer: %d", sync_calls.syncs);
    expect_answered(1);
    sync_calls.log_full = false;
    open_key(2, &x, &state);
    cr_expect_neq(x.put, SYNC_NONE);
    sync_calls.log_full = true; /* between the first line and the answer */
    sync_calls.syncs = 0;
    cr_expect_eq(idem_answer(&x, 202, "{}", NULL), E_OK);
    cr_expect_eq(sync_calls.syncs, 2, "file and folder: %d", sync_calls.syncs);
    idem_leave(&x);
    expect_answered(2);
    sync_calls.log_full = false;
    sync_calls.fail_log = 1;
    answered_key(3, 10);
    expect_answered(3);
}

Test(api_keys_sync, nobody_reads_a_key_while_a_log_of_an_earlier_boot_is_left)
{
    struct strbuf log = STRBUF_INIT;
    const struct idem_request q = {.client = "c",
                                   .key = "k1",
                                   .digest = "d",
                                   .job_id = "job_2_bbbbbbbbb",
                                   .request_id = "r2",
                                   .wait_ms = 50};
    struct err e = {0};
    struct idem x;
    enum idem_state state = IDEM_BUSY;
    char *path = log_path(40);
    struct ops *other = ops_cloud_again(&a.cloud);

    answered_key(1, 10); /* makes the folder */
    sync_record_add(&log, SYNC_BEGIN, "-", "another-boot", 12);
    char *file = only_file(SYNC_KEY_DIR, ".jsonl");
    char *hash = xstrndup(strrchr(file, '/') + 1, 64);
    char *name = xasprintf(SYNC_KEY "%s", hash);
    static const char line[] =
        "{\"v\":1,\"at\":9000000000000,\"digest\":\"d\",\"jobId\":\"job_9_c\","
        "\"requestId\":\"r9\"}\n";
    sync_record_add(&log, SYNC_PUT, name, line, strlen(line));
    cr_assert_eq(path_write_atomic(path, log.data, log.len, 0600, NULL), E_OK);
    sync_calls.fail_keys = true;
    cr_expect_eq(idem_open(other, &q, &x, &state, &e), E_IO, "%s", e.msg);
    cr_expect_gt(size_of(path), 0);
    sync_calls.fail_keys = false;
    cr_expect_eq(idem_open(other, &q, &x, &state, &e), E_OK, "%s", e.msg);
    cr_expect_eq(state, IDEM_BEGUN);
    cr_expect_str_eq(x.job_id, "job_9_c");
    cr_expect_eq(size_of(path), 0);
    idem_leave(&x);
    ops_free(other);
    strbuf_clear(&log);
    free(name);
    free(hash);
    free(file);
    free(path);
}

/* ---- which of two states is the right one ---- */

static char *key_text(const char *request_id, int at, bool answer)
{
    return xasprintf(
        "{\"v\":1,\"at\":%d,\"digest\":\"d\",\"jobId\":\"j\",\"requestId\":\"%s\"}\n%s", at,
        request_id, answer ? "{\"status\":202,\"body\":\"b\"}\n" : "");
}

Test(api_keys_sync, the_file_of_a_key_gets_what_it_lacks)
{
    static const struct {
        const char *its_request; /* NULL: not a whole line; "": an empty file */
        int its_time;
        bool its_answer, answer, log_wins;
    } cases[] = {
        {NULL,    0, false, false, true },
        {"",      0, false, true,  true },
        {"r",     5, false, true,  true },
        {"r",     5, true,  false, false},
        {"r",     5, true,  true,  false},
        {"other", 4, true,  false, true }, /* that one is forgotten */
        {"other", 6, false, true,  false}, /* this one is forgotten */
    };
    char *dir = path_join(a.cloud.ops->state_dir, SYNC_KEY_DIR);
    char name[80] = SYNC_KEY;

    memset(name + strlen(SYNC_KEY), 'a', 64);
    char *path = xasprintf("%s/%s.jsonl", dir, name + strlen(SYNC_KEY));
    cr_assert_eq(path_mkdirs(dir, 0700, NULL), E_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *whose = cases[i].its_request;
        char *in_log = key_text("r", 5, cases[i].answer);
        char *in_file = whose == NULL ? xstrdup("{\"v\":1,\"at\":")
                        : whose[0] == '\0'
                            ? xstrdup("")
                            : key_text(whose, cases[i].its_time, cases[i].its_answer);
        char *now = NULL;
        size_t len = 0;
        cr_assert_eq(path_write_atomic(path, in_file, strlen(in_file), 0600, NULL), E_OK);
        cr_expect(sync_log_key_restore(a.cloud.ops, name, in_log, strlen(in_log)));
        cr_assert_eq(path_read_own(path, 1 << 20, &now, &len, NULL), E_OK);
        cr_expect_str_eq(now, cases[i].log_wins ? in_log : in_file, "case %zu", i);
        /* It is over: only the file of the same request goes, or one that says nothing. */
        cr_assert_eq(path_write_atomic(path, in_file, strlen(in_file), 0600, NULL), E_OK);
        cr_expect(sync_log_key_restore_end(a.cloud.ops, name, in_log, strlen(in_log)));
        bool same = whose == NULL || whose[0] == '\0' || strcmp(whose, "r") == 0;
        cr_expect_eq(path_exists(path), !same, "case %zu", i);
        free(now);
        free(in_file);
        free(in_log);
    }
    free(path);
    free(dir);
}

/* The request did nothing, and the file system did not keep that its file was removed. */
Test(api_keys_sync, a_key_that_was_forgotten_stays_free)
{
    struct idem x;
    enum idem_state state;
    char *text = NULL;
    size_t len = 0;
    char *log = log_path(0);

    open_key(1, &x, &state);
    char *path = xstrdup(x.path);
    cr_assert_eq(path_read_own(path, 1 << 20, &text, &len, NULL), E_OK);
    idem_forget(&x);
    cr_assert_eq(path_write_atomic(path, text, len, 0600, NULL), E_OK);
    /* another process settles a copy of the log, as after the owner's death */
    char *other = log_path(40);
    char *bytes = NULL;
    size_t bytes_len = 0;
    cr_assert_eq(path_read_own(log, 1 << 20, &bytes, &bytes_len, NULL), E_OK);
    cr_assert_eq(path_write_atomic(other, bytes, bytes_len, 0600, NULL), E_OK);
    change_boot(other, TAIL_WHOLE);
    cr_expect_eq(sync_log_sweep(a.cloud.ops, NULL), E_OK);
    cr_expect_not(path_exists(path));
    free(bytes);
    free(other);
    free(text);
    free(path);
    free(log);
}
