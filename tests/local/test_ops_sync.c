/* Deploys that share their syncs: how few there are, and that none is lost or doubled when the
 * machine stops at any step.
 *
 * A power loss is played: the process ends at a step, then its files are put into a state that the
 * file system may leave when nothing of them was synced, and its log gets another boot's name. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/path.h"
#include "core/platform.h"
#include "core/shared_sync.h"
#include "ops/outbox.h"
#include "ops_cloud.h"
#include "power_loss.h"
#include "src/ops/outbox_restore.h"
#include "src/ops/sync_log_read.h"
#include "sync_calls.h"

static struct ops_cloud c;

static void setup(void)
{
    ops_cloud_start(&c, &(struct ops_cloud_options){0});
}

static void teardown(void)
{
    ops_cloud_stop(&c);
}

TestSuite(ops_sync, .init = setup, .fini = teardown, .timeout = 120);

static char *log_path(int number)
{
    return xasprintf("%s/sync/%d.sync", c.ops->state_dir, number);
}

/* ---- how many ---- */

enum { MANY = 100, GROUP = 10, THREADS = 12 };

Test(ops_sync, a_group_of_deploys_syncs_twice)
{
    struct deploy_request r[MANY];
    struct deploy_many_result out[MANY];

    for (int i = 0; i < MANY; i++) {
        ops_cloud_request(&r[i], "Many");
    }
    /* The first one opens the log, and learns and keeps whose the keys are. */
    cr_assert_eq(ops_deploy_many(c.ops, r, 1, out, NULL, NULL), 0, "%s", out[0].err.msg);
    deploy_request_clear(&r[0]);
    ops_cloud_request(&r[0], "Many");
    sync_calls.syncs = 0;
    cr_assert_eq(ops_deploy_many(c.ops, r, MANY, out, NULL, NULL), 0, "%s", out[0].err.msg);
    /* Each group waits for its entries, then for its marks; without the log there were three syncs
     * a deploy. */
    cr_expect_leq(sync_calls.syncs, 2 * MANY / GROUP, "%d syncs", sync_calls.syncs);
    cr_expect_eq(ops_outbox_len(c.ops), 0);
    for (int i = 0; i < MANY; i++) {
        deploy_request_clear(&r[i]);
    }
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int entered;     /* threads that have written their entry */
static int log_syncs;   /* syncs of the log that were begun */
static int others_want; /* how many have to be there before the first sync goes on */

static void step(const char *name)
{
    if (strcmp(name, "kept") == 0) {
        (void)pthread_mutex_lock(&lock);
        entered++;
        (void)pthread_cond_broadcast(&changed);
        (void)pthread_mutex_unlock(&lock);
    }
}

/* The disk is slow: the first sync takes until everybody else has written what it needs. */
static void slow_disk(void)
{
    (void)pthread_mutex_lock(&lock);
    log_syncs++;
    while (log_syncs == 1 && entered < others_want) {
        (void)pthread_cond_wait(&changed, &lock);
    }
    (void)pthread_mutex_unlock(&lock);
}

static void *add_one(void *arg)
{
    struct outbox_entry x;
    struct deploy_request r;
    bool *ok = arg;

    ops_cloud_request(&r, "Together");
    deploy_request_seal(&r, clock_wall_ms(NULL));
    *ok = outbox_add(c.ops, &r, &x, NULL) == E_OK;
    step("kept");
    *ok = *ok && outbox_sync(&x, NULL) == E_OK;
    outbox_done(&x);
    deploy_request_clear(&r);
    return NULL;
}

Test(ops_sync, who_waits_while_the_disk_works_shares_the_next_sync)
{
    pthread_t threads[THREADS];
    bool ok[THREADS] = {false};

    cr_assert(sync_log_ready(c.ops)); /* opening syncs the new names */
    others_want = THREADS;
    sync_calls.before_what = ".sync/";
    sync_calls.before = slow_disk;
    for (int i = 0; i < THREADS; i++) {
        cr_assert_eq(pthread_create(&threads[i], NULL, add_one, &ok[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        cr_assert_eq(pthread_join(threads[i], NULL), 0);
        cr_expect(ok[i]);
    }
    sync_calls.before = NULL;
    cr_expect_leq(log_syncs, 2, "one for the first, one for all others");
}

static struct shared_sync *folder;
static char folder_path[] = "/tmp/mvpdash-shared.XXXXXX";

static void *sync_folder(void *ok)
{
    step("kept");
    *(bool *)ok = shared_sync_folder(folder, folder_path);
    return NULL;
}

/* One round: the first sync takes until all others are about to ask. Returns how many syncs there
 * were: two, or more when a thread was stopped just before it asked. */
static int folder_round(void)
{
    pthread_t threads[THREADS];
    bool ok[THREADS] = {false};

    entered = log_syncs = 0;
    for (int i = 0; i < THREADS; i++) {
        cr_assert_eq(pthread_create(&threads[i], NULL, sync_folder, &ok[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        cr_assert_eq(pthread_join(threads[i], NULL), 0);
        cr_expect(ok[i]);
    }
    return log_syncs;
}

Test(ops_sync, those_who_ask_for_a_folder_meanwhile_share_the_next_sync)
{
    enum { ROUNDS = 200 };
    int syncs = THREADS;

    cr_assert_not_null(mkdtemp(folder_path));
    folder = shared_sync_new();
    others_want = THREADS;
    sync_calls.before_what = folder_path;
    sync_calls.before = slow_disk;
    for (int i = 0; i < ROUNDS && syncs > 2; i++) {
        syncs = folder_round();
    }
    sync_calls.before = NULL;
    cr_expect_eq(syncs, 2, "what was asked for after a sync began needs another one");
    cr_expect_not(shared_sync_folder(folder, "/nonexistent/folder"));
    cr_expect(shared_sync_folder(folder, folder_path), "after one that failed");
    (void)rmdir(folder_path);
    shared_sync_free(folder);
}

/* ---- the machine stops at any step ---- */

static const char *die_at;

static void die(const char *name)
{
    if (strcmp(name, die_at) == 0) {
        _exit(42);
    }
}

/* What the file system has of a file that was never synced. */
enum loss { LOSS_NONE, LOSS_FILE, LOSS_BYTES, LOSS_HALF, LOSS_MARK, LOSSES };

static const struct stop_case {
    const char *step;
    enum tail tail;
    bool kept;  /* somebody was told that the request is kept */
    bool grace; /* the event may be out: it is looked for first */
    bool out;   /* the event is out */
    bool over;  /* that the file is done with is certain */
} stops[] = {
    {"named",        TAIL_WHOLE, false, false, false, false},
    {"kept",         TAIL_WHOLE, true,  false, false, false},
    {"kept",         TAIL_TORN,  false, false, false, false},
    {"kept",         TAIL_GONE,  false, false, false, false},
    {"record",       TAIL_WHOLE, true,  false, false, false},
    {"send",         TAIL_WHOLE, true,  false, false, false},
    {"marking",      TAIL_WHOLE, true,  true,  false, false},
    {"marked",       TAIL_WHOLE, true,  true,  false, false},
    {"marked",       TAIL_TORN,  true,  false, false, false},
    {"marked",       TAIL_GONE,  true,  false, false, false},
    {"sending",      TAIL_WHOLE, true,  true,  false, false},
    {"sent",         TAIL_WHOLE, true,  true,  true,  false},
    {"acknowledged", TAIL_WHOLE, true,  true,  true,  false},
    {"dropping",     TAIL_WHOLE, false, true,  true,  true },
    {"dropping",     TAIL_GONE,  true,  true,  true,  false},
    {"dropped",      TAIL_WHOLE, false, true,  true,  true },
};
enum { STOPS = sizeof stops / sizeof *stops };

static void lose(const char *job_id, enum loss loss)
{
    static const char kept[] = "{\"stage\":\"kept\"";
    char *path = xasprintf("%s/outbox/%s.json", c.ops->state_dir, job_id);
    off_t size = size_of(path);

    if (size >= 0 && loss == LOSS_FILE) {
        cr_assert_eq(unlink(path), 0);
    } else if (size >= 0 && (loss == LOSS_BYTES || loss == LOSS_HALF)) {
        cr_assert_eq(truncate(path, loss == LOSS_BYTES ? 0 : size / 2), 0);
    } else if (size >= 0 && loss == LOSS_MARK) {
        int fd = open(path, O_WRONLY | O_CLOEXEC);
        cr_assert_eq(write(fd, kept, strlen(kept)), (ssize_t)strlen(kept));
        (void)close(fd);
    }
    free(path);
}

static void run_until(const char *name, struct deploy_request *r)
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        /* A client of its own: the parent's threads and connections are not in the child. */
        struct ops *o = ops_cloud_again(&c);
        die_at = name;
        o->fault = die;
        (void)!ops_deploy(o, r, NULL, NULL);
        _exit(1);
    }
    cr_assert_gt(pid, 0);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 42, "died at %s", name);
}

ParameterizedTestParameters(ops_sync, a_stop_of_the_machine_neither_loses_nor_doubles)
{
    static size_t index[STOPS * LOSSES];

    for (size_t i = 0; i < STOPS * LOSSES; i++) {
        index[i] = i;
    }
    return cr_make_param_array(size_t, index, STOPS * LOSSES);
}

ParameterizedTest(size_t *i, ops_sync, a_stop_of_the_machine_neither_loses_nor_doubles)
{
    const struct stop_case *k = &stops[*i / LOSSES];
    enum loss loss = (enum loss)(*i % LOSSES);
    struct deploy_request r;
    struct err e = {0};
    int resumed, left;
    char *path = log_path(0);

    ops_cloud_request(&r, "Stopped");
    (void)snprintf(r.job_id, sizeof r.job_id, "job_%d_stopped", (int)getpid());
    run_until(k->step, &r);
    lose(r.job_id, loss);
    change_boot(path, k->tail);
    if (k->out) {
        ops_cloud_wait_batch(&c, r.job_id, BATCH_SUCCEEDED);
    }
    int len = ops_outbox_len(c.ops);
    cr_expect(!k->kept || len == 1, "%s, loss %d: lost", k->step, (int)loss);
    cr_expect(!k->over || len == 0, "%s, loss %d: it is over", k->step, (int)loss);
    cr_expect_eq(size_of(path), 0, "what the log held is in its file now");
    cr_assert_eq(ops_outbox_resume(c.ops, &resumed, &left, &e), E_OK, "%s: %s", k->step, e.msg);
    if (left > 0) {
        /* The file system may have kept a mark that the log has not. */
        cr_expect(k->grace || loss == LOSS_NONE, "%s, loss %d: it can be sent at once", k->step,
                  (int)loss);
        c.ahead_ms = 61000;
        cr_assert_eq(ops_outbox_resume(c.ops, &resumed, &left, &e), E_OK, "%s: %s", k->step, e.msg);
    }
    cr_expect_eq(left, 0, "%s, loss %d", k->step, (int)loss);
    if (k->kept || k->out) {
        ops_cloud_wait_batch(&c, r.job_id, BATCH_SUCCEEDED);
        cr_expect_eq(ops_cloud_batch_jobs(&c, r.job_id), 1, "%s, loss %d", k->step, (int)loss);
    } else if (len <= 1 && loss != LOSS_NONE && loss != LOSS_MARK) {
        cr_expect_eq(ops_cloud_batch_jobs(&c, r.job_id), 0, "%s: nobody was told", k->step);
    }
    free(path);
    deploy_request_clear(&r);
}

/* An entry that stays in the outbox leaves the log before anybody else may take it. */
Test(ops_sync, what_stays_in_the_outbox_does_not_depend_on_the_log)
{
    static const char *const steps[] = {"settling", "settled"};
    char *path = log_path(0);
    struct err e = {0};
    int resumed, left;

    for (int i = 0; i < 2; i++) {
        struct deploy_request r;
        ops_cloud_request(&r, "Kept");
        char *old = xstrdup(getenv("AWS_ENDPOINT_URL"));
        (void)setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9", 1);
        run_until(steps[i], &r);
        (void)setenv("AWS_ENDPOINT_URL", old, 1);
        free(old);
        cr_expect_eq(ops_outbox_len(c.ops), 1, "%s", steps[i]);
        cr_expect_eq(size_of(path), 0, "%s: its log was settled", steps[i]);
        cr_expect_eq(ops_outbox_resume(c.ops, &resumed, &left, &e), E_OK, "%s", e.msg);
        cr_expect_eq(resumed, 1);
        deploy_request_clear(&r);
    }
    free(path);
}

/* The dead one's log is settled before its entry is taken over: it never brings back what another
 * one has sent. */
Test(ops_sync, an_entry_that_was_taken_over_does_not_come_back)
{
    struct deploy_request r;
    struct err e = {0};
    int resumed, left;
    char *path = log_path(0);

    ops_cloud_request(&r, "Taken over");
    run_until("record", &r);
    cr_assert_gt(size_of(path), 0);
    cr_assert_eq(ops_outbox_resume(c.ops, &resumed, &left, &e), E_OK, "%s", e.msg);
    cr_expect_eq(resumed, 1);
    cr_expect_eq(size_of(path), 0);
    free(path);
    deploy_request_clear(&r);
}

Test(ops_sync, each_process_has_a_log_of_its_own)
{
    struct ops *other = ops_cloud_again(&c);
    char *first = log_path(0);
    char *second = log_path(1);
    struct deploy_request r;
    struct deploy_result out;
    struct err e = {0};

    cr_expect(sync_log_ready(c.ops));
    ops_cloud_request(&r, "Beside");
    cr_assert_eq(ops_deploy(other, &r, &out, &e), E_OK, "%s", e.msg);
    cr_expect_gt(size_of(second), 0);
    sync_log_tidy(other);
    off_t begun = size_of(second);
    cr_expect_eq(begun, size_of(first), "nothing of a deploy is left in it");
    ops_free(other);
    cr_expect_eq(size_of(second), 0);
    free(first);
    free(second);
    deploy_request_clear(&r);
}

/* ---- the disk fails ---- */

static void deploy_well(void)
{
    struct deploy_request r;
    struct deploy_result out;
    struct err e = {0};

    ops_cloud_request(&r, "Fails");
    cr_assert_eq(ops_deploy(c.ops, &r, &out, &e), E_OK, "%s", e.msg);
    cr_expect_eq(ops_outbox_len(c.ops), 0);
    deploy_request_clear(&r);
}

Test(ops_sync, a_log_that_cannot_be_synced_or_written_costs_no_deploy)
{
    sync_calls.fail_log = 1;
    deploy_well();
    deploy_well();
    cr_assert_eq(sync_calls.fail_log, 0);
    sync_calls.log_full = true;
    deploy_well();
    sync_calls.log_full = false;
    deploy_well();
    for (int i = 0; i < 5; i++) { /* this one gives the log up */
        sync_calls.fail_log = 1;
        deploy_well();
    }
    sync_calls.fail_log = 0;
}

Test(ops_sync, a_log_that_is_full_between_two_steps_holds_nothing_back)
{
    struct outbox_entry x;
    struct deploy_request r;
    struct err e = {0};
    char *path = log_path(0);
    struct stat st;

    ops_cloud_request(&r, "Full");
    deploy_request_seal(&r, clock_wall_ms(NULL));
    cr_assert_eq(outbox_add(c.ops, &r, &x, &e), E_OK, "%s", e.msg);
    cr_assert_eq(outbox_sync(&x, &e), E_OK, "%s", e.msg);
    sync_calls.log_full = true;
    cr_expect_eq(outbox_mark_sent(&x, clock_wall_ms(NULL), &e), E_OK, "%s", e.msg);
    cr_expect_eq(outbox_sync(&x, &e), E_OK, "%s", e.msg);
    char *file = xstrdup(x.path);
    outbox_done(&x);
    sync_calls.log_full = false;
    cr_expect_neq(stat(file, &st), 0);
    cr_expect_eq(size_of(path), 0, "it could not note that the file is over: it was emptied");
    free(file);
    free(path);
    deploy_request_clear(&r);
}

Test(ops_sync, a_log_that_somebody_removed_is_not_trusted)
{
    char *path = log_path(0);

    deploy_well();
    cr_assert_eq(unlink(path), 0);
    deploy_well();
    cr_expect_gt(size_of(path), 0, "a new one");
    free(path);
}

/* ---- which of two states is the right one ---- */

static char *entry(const char *stage, const char *request_id, int kept_at)
{
    return xasprintf("{\"stage\":\"%s\",\"v\":2,\"keptAt\":%d,\"requestId\":\"%s\"}\n", stage,
                     kept_at, request_id);
}

Test(ops_sync, the_state_that_leaves_more_open_wins)
{
    static const struct {
        const char *in_file, *in_log;
        const char *its_request;
        int its_time;
        bool log_wins;
    } cases[] = {
        {"kept", "kept", "r",     5, false},
        {"kept", "sent", "r",     5, true },
        {"kept", "sent", "r",     9, true },
        {"sent", "kept", "r",     5, false},
        {"sent", "sent", "r",     5, false},
        {"dead", "sent", "r",     5, false},
        {"dead", "kept", "r",     5, false},
        {"sent", "kept", "other", 4, true }, /* that one is over */
        {"kept", "sent", "other", 6, false}, /* this one is over */
    };
    char *dir = path_join(c.ops->state_dir, "outbox");
    char *path = path_join(dir, "job_1.json");

    cr_assert_eq(path_mkdirs(dir, 0700, NULL), E_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct outbox_restored restored = {.len = 0};
        char *in_file = entry(cases[i].in_file, cases[i].its_request, cases[i].its_time);
        char *in_log = entry(cases[i].in_log, "r", 5);
        char *now = NULL;
        size_t len = 0;
        cr_assert_eq(path_write_atomic(path, in_file, strlen(in_file), 0600, NULL), E_OK);
        cr_expect(outbox_restore(c.ops, "job_1", in_log, strlen(in_log), &restored));
        outbox_restored_end(&restored, true);
        cr_assert_eq(path_read_own(path, 1 << 20, &now, &len, NULL), E_OK);
        cr_expect_str_eq(now, cases[i].log_wins ? in_log : in_file, "case %zu", i);
        free(now);
        free(in_log);
        free(in_file);
    }
    free(path);
    free(dir);
}

/* A log that is cut at any byte, or has a wrong one, brings back what was certain before that
 * place, and never anything else. */
Test(ops_sync, a_log_is_read_up_to_the_first_byte_that_is_wrong)
{
    char *put = entry("kept", "r", 5);
    struct strbuf log = STRBUF_INIT;
    char *dir = path_join(c.ops->state_dir, "sync");
    char *path = log_path(40);
    char *file = xasprintf("%s/outbox/job_1.json", c.ops->state_dir);
    size_t ends[4];

    sync_calls.skip = true;
    cr_assert_eq(path_mkdirs(dir, 0700, NULL), E_OK);
    sync_record_add(&log, SYNC_BEGIN, "-", "another-boot", 12);
    ends[0] = log.len;
    sync_record_add(&log, SYNC_PUT, "job_1", put, strlen(put));
    ends[1] = log.len;
    sync_record_add(&log, SYNC_HEAD, "job_1", "{\"stage\":\"sent\"", 15);
    ends[2] = log.len;
    sync_record_add(&log, SYNC_SAFE, "job_1", "", 0);
    ends[3] = log.len;
    for (size_t at = 0; at <= log.len; at++) {
        for (int wrong = 0; wrong < 2; wrong++) {
            char *text = xcalloc(1, log.len + 1);
            char *now = NULL;
            size_t len = 0;
            memcpy(text, log.data, log.len);
            if (at < log.len) {
                text[at] = (char)(text[at] ^ 1);
            }
            cr_assert_eq(path_write_atomic(path, text, wrong ? log.len : at, 0600, NULL), E_OK);
            (void)sync_log_sweep(c.ops, NULL);
            cr_expect_eq(size_of(path), 0, "byte %zu", at);
            bool there = path_read_own(file, 1 << 20, &now, &len, NULL) == E_OK;
            cr_expect_eq(there, at >= ends[1] && at < ends[3], "byte %zu", at);
            cr_expect(!there || strstr(now, at >= ends[2] ? "\"sent\"" : "\"kept\"") != NULL,
                      "byte %zu: %s", at, now);
            (void)unlink(file);
            free(now);
            free(text);
        }
    }
    sync_calls.skip = false;
    strbuf_clear(&log);
    free(file);
    free(path);
    free(dir);
    free(put);
}

/* Files that no mvpdash wrote, under the name of a log: they bring nothing back, and end nothing.
 */
Test(ops_sync, a_log_that_no_mvpdash_wrote_is_emptied)
{
    static const char *const texts[] = {
        "\n",
        "1p0\n\n",
        "0p0\n\n",
        "1 p 0 x\n\n",
        "1 b 0 -\n\n",
        "00000000 b 18446744073709551615 -\n\n",
        "00000000 b -1 -\n\n",
        "ffffffff b 0 -\n\n",
        "\x01\xff\xfe garbage \n\n\n",
    };
    char *dir = path_join(c.ops->state_dir, "sync");
    char *path = log_path(40);

    cr_assert_eq(path_mkdirs(dir, 0700, NULL), E_OK);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        cr_assert_eq(path_write_atomic(path, texts[i], strlen(texts[i]), 0600, NULL), E_OK);
        cr_expect_eq(ops_outbox_len(c.ops), 0, "text %zu", i);
        cr_expect_eq(size_of(path), 0, "text %zu", i);
    }
    free(path);
    free(dir);
}

/* ---- two that look after a power loss at the same time ---- */

/* Adds to a log a request whose event may have been sent; the file system has an older state of it.
 * Returns its file. */
static char *lost_mark(struct strbuf *log, const char *job_id)
{
    struct deploy_request r;
    struct outbox_entry x;
    struct err e = {0};
    char *text = NULL;
    size_t len = 0;

    ops_cloud_request(&r, "Lost mark");
    (void)snprintf(r.job_id, sizeof r.job_id, "%s", job_id);
    deploy_request_seal(&r, clock_wall_ms(NULL));
    cr_assert_eq(outbox_add(c.ops, &r, &x, &e), E_OK, "%s", e.msg);
    char *file = xstrdup(x.path);
    outbox_leave(&x);
    cr_assert_eq(path_read_own(file, 1 << 20, &text, &len, NULL), E_OK);
    sync_record_add(log, SYNC_PUT, job_id, text, len);
    sync_record_add(log, SYNC_HEAD, job_id, "{\"stage\":\"sent\"", 15);
    free(text);
    deploy_request_clear(&r);
    return file;
}

static const char *const lost_ids[] = {"job_1_lost", "job_2_lost"};
enum { LOST = sizeof lost_ids / sizeof *lost_ids };

/* A log of another boot that holds such requests. */
static void lose_marks(char *files[LOST])
{
    struct strbuf log = STRBUF_INIT;
    char *path = log_path(40);

    sync_record_add(&log, SYNC_BEGIN, "-", "another-boot", 12);
    for (int i = 0; i < LOST; i++) {
        files[i] = lost_mark(&log, lost_ids[i]);
    }
    cr_assert_eq(path_write_atomic(path, log.data, log.len, 0600, NULL), E_OK);
    strbuf_clear(&log);
    free(path);
}

struct opener {
    pthread_t thread;
    const char *job_id;
    enum err_code rc;
    enum outbox_stage stage;
};

static void *open_it(void *arg)
{
    struct opener *p = arg;
    struct ops *o = ops_cloud_again(&c);
    struct outbox_entry x;
    struct err e = {0};

    p->rc = outbox_open(o, p->job_id, &x, &e);
    p->stage = x.stage;
    outbox_leave(&x);
    ops_free(o);
    return NULL;
}

static struct opener openers[LOST];
static bool openers_begun;

/* Another mvpdash wants the entries while the first of them is brought back. */
static void open_meanwhile(void)
{
    if (!openers_begun) {
        openers_begun = true;
        for (int i = 0; i < LOST; i++) {
            openers[i].job_id = lost_ids[i];
            cr_assert_eq(pthread_create(&openers[i].thread, NULL, open_it, &openers[i]), 0);
        }
        (void)usleep(300 * 1000);
    }
}

Test(ops_sync, nobody_opens_an_entry_that_is_about_to_be_brought_back)
{
    char *files[LOST];

    lose_marks(files);
    sync_calls.before_what = "/outbox/";
    sync_calls.before = open_meanwhile;
    cr_expect_eq(ops_outbox_len(c.ops), LOST);
    cr_assert(openers_begun);
    for (int i = 0; i < LOST; i++) {
        cr_assert_eq(pthread_join(openers[i].thread, NULL), 0);
        cr_expect(openers[i].rc == E_CONFLICT || openers[i].stage == OUTBOX_SENT,
                  "entry %d would be sent a second time", i);
        free(files[i]);
    }
    sync_calls.before = NULL;
}

/* The log stays when it cannot be settled; nobody may go on with what is older, or drop it. */
Test(ops_sync, an_entry_that_cannot_be_brought_back_is_left_alone)
{
    char *files[LOST];
    char *path = log_path(40);
    struct opener now = {.job_id = lost_ids[1]};
    struct err e = {0};
    bool taken = false;

    lose_marks(files);
    sync_calls.fail_outbox = true;
    (void)open_it(&now);
    cr_expect_eq(now.rc, E_IO);
    cr_expect_eq(outbox_drop(c.ops, now.job_id, &e), E_IO, "the log would bring it back");
    cr_expect_eq(ops_deploy_taken(c.ops, now.job_id, "r", &taken, &e), E_IO);
    cr_expect_gt(size_of(path), 0);
    sync_calls.fail_outbox = false;
    (void)open_it(&now);
    cr_expect_eq(now.rc, E_OK);
    cr_expect_eq(now.stage, OUTBOX_SENT);
    cr_expect_eq(size_of(path), 0);
    free(path);
    free(files[0]);
    free(files[1]);
}

/* The log is empty, but its last sync fails: what it brought back must stay. */
Test(ops_sync, what_was_brought_back_stays_when_the_emptied_log_cannot_be_synced)
{
    char *files[LOST];
    struct opener now = {.job_id = lost_ids[0]};

    lose_marks(files);
    cr_assert_eq(unlink(files[0]), 0);
    sync_calls.fail_log = 1;
    cr_expect_eq(ops_outbox_len(c.ops), LOST);
    cr_expect_eq(sync_calls.fail_log, 0);
    (void)open_it(&now);
    cr_expect_eq(now.rc, E_OK);
    cr_expect_eq(now.stage, OUTBOX_SENT);
    free(files[0]);
    free(files[1]);
}

Test(ops_sync, who_looks_into_the_outbox_takes_what_is_over_out_of_the_log)
{
    char *path = log_path(0);

    cr_assert(sync_log_ready(c.ops));
    off_t begun = size_of(path);
    deploy_well();
    cr_expect_gt(size_of(path), begun);
    cr_expect_eq(ops_outbox_resume(c.ops, NULL, NULL, NULL), E_OK);
    cr_expect_eq(size_of(path), begun, "it holds a database URL");
    free(path);
}

/* ---- what a person is told ---- */

static off_t log_synced; /* how long the log was at its last sync */

static void see_log(void)
{
    char *path = log_path(0);

    log_synced = size_of(path);
    free(path);
}

/* Somebody who was told that nothing was sent sends the deploy again. */
Test(ops_sync, a_deploy_that_is_said_to_be_given_up_does_not_come_back)
{
    struct ops *o = ops_cloud_at(&c, "http://127.0.0.1:9");
    struct deploy_request r;
    struct deploy_result out;
    struct err e = {0};
    char *path = log_path(0);

    ops_cloud_request(&r, "Given up");
    sync_calls.before_what = ".sync/";
    sync_calls.before = see_log;
    cr_assert_neq(ops_deploy_now(o, &r, &out, &e), E_OK);
    cr_assert_not_null(strstr(e.msg, "nothing was recorded or sent"), "%s", e.msg);
    cr_expect_gt(size_of(path), 0);
    cr_expect_eq(log_synced, size_of(path), "the log does not say yet that it is over");
    sync_calls.before = NULL;
    ops_free(o);
    free(path);
    deploy_request_clear(&r);
}

static atomic_bool file_synced;
static atomic_int records;

static void see_file(void)
{
    file_synced = true;
}

static void see_record(const char *name)
{
    if (strcmp(name, "record") == 0) {
        records++;
        cr_expect(file_synced, "the record is written, and the entry may be lost");
    }
}

/* The one before was killed before it synced the file, or noted it in its log. */
Test(ops_sync, an_entry_that_was_taken_over_is_on_the_disk_before_its_record_is_written)
{
    struct deploy_request r;
    struct err e = {0};
    int resumed, left;

    ops_cloud_request(&r, "Named");
    run_until("named", &r);
    sync_calls.before_what = "/outbox/job_";
    sync_calls.before = see_file;
    c.ops->fault = see_record;
    cr_assert_eq(ops_outbox_resume(c.ops, &resumed, &left, &e), E_OK, "%s", e.msg);
    c.ops->fault = NULL;
    sync_calls.before = NULL;
    cr_expect_eq(resumed, 1);
    cr_expect_eq(records, 1);
    deploy_request_clear(&r);
}
