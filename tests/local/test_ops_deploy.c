/* Deploying against a local cloud: record, event and outbox, and what each failure leaves. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "aws/attr.h"
#include "aws/dynamodb.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/path.h"
#include "jobs/record_change.h"
#include "ops/outbox.h"
#include "ops_cloud.h"

static struct ops_cloud c;

static void setup(void)
{
    ops_cloud_start(&c, &(struct ops_cloud_options){0});
}

static void teardown(void)
{
    ops_cloud_stop(&c);
}

TestSuite(ops_deploy, .init = setup, .fini = teardown, .timeout = 120);

Test(ops_deploy, records_sends_and_empties_the_outbox)
{
    struct deploy_request r;
    struct deploy_result out;
    struct err e = {0};

    ops_cloud_request(&r, "My Startup");
    cr_assert_eq(ops_deploy(c.ops, &r, &out, &e), E_OK, "%s", e.msg);
    cr_assert_eq(strncmp(out.job_id, "job_", 4), 0);
    cr_assert_neq(out.event_id[0], '\0');
    cr_assert(out.recorded);
    cr_assert_eq(ops_outbox_len(c.ops), 0);
    ops_cloud_wait_batch(&c, out.job_id, BATCH_SUCCEEDED);
    cr_assert_eq(ops_cloud_batch_jobs(&c, out.job_id), 1);
    deploy_request_clear(&r);
}

Test(ops_deploy, the_record_never_holds_the_database_url)
{
    struct deploy_request r;
    struct deploy_result out;
    cJSON *item = NULL;

    ops_cloud_request(&r, "My Startup");
    cr_assert_eq(ops_deploy(c.ops, &r, &out, NULL), E_OK);
    cr_assert_eq(ddb_get_item(c.ops->aws, c.ops->table, "jobId", out.job_id, true, &item, NULL),
                 E_OK);
    char *text = cJSON_Print(item);
    cr_assert_null(strstr(text, "geheim"));
    cr_assert_not_null(strstr(text, "My Startup"));
    free(text);
    cJSON_Delete(item);
    deploy_request_clear(&r);
}

Test(ops_deploy, an_invalid_request_writes_nothing)
{
    struct deploy_request r;
    struct deploy_result out;
    struct err e = {0};

    deploy_request_init(&r);
    cr_assert_eq(ops_deploy(c.ops, &r, &out, &e), E_INVALID);
    cr_assert_not_null(strstr(e.msg, "userId"), "%s", e.msg);
    char *outbox = path_join(c.ops->state_dir, "outbox");
    cr_assert_not(path_exists(outbox));
    free(outbox);
    deploy_request_clear(&r);
}

Test(ops_deploy, a_taken_job_id_is_refused_and_the_other_job_left_alone)
{
    struct deploy_request r;
    struct deploy_result out;
    struct err e = {0};
    cJSON *item = NULL;

    ops_cloud_put(&c, "{\"jobId\":{\"S\":\"mine\"},\"status\":{\"S\":\"IN_PROGRESS\"}}");
    ops_cloud_request(&r, "X");
    cr_assert_eq(deploy_request_set(&r, "jobId", "mine", &e), E_OK, "%s", e.msg);
    cr_assert_eq(ops_deploy(c.ops, &r, &out, &e), E_CONFLICT);
    cr_assert_not_null(strstr(e.msg, "taken"), "%s", e.msg);
    cr_assert_not(out.kept);
    cr_assert_eq(ops_outbox_len(c.ops), 0);
    cr_assert_eq(ddb_get_item(c.ops->aws, c.ops->table, "jobId", "mine", true, &item, NULL), E_OK);
    cr_assert_str_eq(attr_str(item, "status"), "IN_PROGRESS");
    cJSON_Delete(item);
    deploy_request_clear(&r);
}

/* What a repeated record holds waits with it, types and all. */
Test(ops_deploy, what_is_carried_survives_the_outbox)
{
    struct ops *cut = ops_cloud_at(&c, "http://127.0.0.1:9");
    static const char text[] =
        "{\"jobId\":{\"S\":\"order-1\"},\"userId\":{\"S\":\"u\"},\"productId\":{\"S\":\"p\"},"
        "\"requirements\":{\"SS\":[\"x\",\"y\"]},\"budget\":{\"N\":\"12345678901234567890.5\"},"
        "\"metadata\":{\"M\":{\"logo\":{\"B\":\"AAEC\"}}}}";
    cJSON *old = json_parse(text, strlen(text), "test", NULL);
    struct deploy_request r;
    struct deploy_result out;
    struct err e = {0};
    cJSON *item = NULL;
    int resumed, left;

    deploy_request_from_job(&r, old);
    cr_assert_eq(ops_deploy(cut, &r, &out, &e), E_NET, "%s", e.msg);
    cr_assert(out.kept);
    ops_free(cut);
    cr_assert_eq(ops_outbox_resume(c.ops, &resumed, &left, &e), E_OK, "%s", e.msg);
    cr_assert_eq(resumed, 1);
    cr_assert_eq(ddb_get_item(c.ops->aws, c.ops->table, "jobId", out.job_id, true, &item, &e), E_OK,
                 "%s", e.msg);
    cr_expect_eq(attr_type_of(attr_find(item, "requirements")), ATTR_SS);
    cr_expect_str_eq(attr_num(item, "budget"), "12345678901234567890.5");
    cr_expect_eq(attr_type_of(attr_find(attr_map(item, "metadata"), "logo")), ATTR_B);
    cr_expect_null(attr_find(attr_map(item, "metadata"), "requirements"), "it is the record's own");
    cJSON_Delete(item);
    cJSON_Delete(old);
    deploy_request_clear(&r);
}

Test(ops_deploy, a_dead_link_keeps_the_request_and_the_next_one_sends_it_once)
{
    struct ops *cut = ops_cloud_at(&c, "http://127.0.0.1:9");
    struct deploy_request r;
    struct deploy_result out;
    struct err e = {0};
    int resumed, left;

    ops_cloud_request(&r, "Kept");
    cr_assert_eq(ops_deploy(cut, &r, &out, &e), E_NET, "%s", e.msg);
    cr_assert(out.kept);
    cr_assert_not(out.recorded);
    cr_assert_not_null(strstr(e.msg, "outbox"), "%s", e.msg);
    cr_assert_eq(ops_outbox_len(c.ops), 1, "of the same local cloud, whatever its port");
    cr_assert_eq(ops_outbox_resume(cut, &resumed, &left, &e), E_NET);
    cr_assert_eq(left, 1);
    ops_free(cut);
    cr_assert_eq(ops_outbox_resume(c.ops, &resumed, &left, &e), E_OK, "%s", e.msg);
    cr_assert_eq(resumed, 1);
    cr_assert_eq(left, 0);
    ops_cloud_wait_batch(&c, out.job_id, BATCH_SUCCEEDED);
    cr_assert_eq(ops_cloud_batch_jobs(&c, out.job_id), 1);
    deploy_request_clear(&r);
}

Test(ops_deploy, the_outbox_is_private)
{
    struct ops *cut = ops_cloud_at(&c, "http://127.0.0.1:9");
    struct deploy_request r;
    struct deploy_result out;
    struct stat st;

    ops_cloud_request(&r, "Kept");
    cr_assert_eq(ops_deploy(cut, &r, &out, NULL), E_NET);
    char *dir = path_join(c.ops->state_dir, "outbox");
    cr_assert_eq(stat(dir, &st), 0);
    cr_assert_eq(st.st_mode & 0777, 0700);
    char *file = xasprintf("%s/%s.json", dir, out.job_id);
    cr_assert_eq(stat(file, &st), 0);
    cr_assert_eq(st.st_mode & 0777, 0600);
    free(file);
    free(dir);
    ops_free(cut);
    deploy_request_clear(&r);
}

Test(ops_deploy, another_accounts_entries_are_left_alone)
{
    struct ops *cut = ops_cloud_at(&c, "http://127.0.0.1:9");
    struct deploy_request r;
    struct deploy_result out;
    int resumed, left;

    ops_cloud_request(&r, "Kept");
    cr_assert_eq(ops_deploy(cut, &r, &out, NULL), E_NET);
    place_free(c.ops->place);
    c.ops->place = place_fixed("111122223333", "elsewhere");
    cr_assert_eq(ops_outbox_len(c.ops), 0);
    cr_assert_eq(ops_outbox_resume(c.ops, &resumed, &left, NULL), E_OK);
    cr_assert_eq(resumed + left, 0);
    cr_assert_eq(ops_outbox_len(cut), 1);
    ops_free(cut);
    deploy_request_clear(&r);
}

Test(ops_deploy, a_damaged_entry_stays_and_is_told_of)
{
    char *dir = path_join(c.ops->state_dir, "outbox");
    char *file = path_join(dir, "job_1.json");
    static const char *const garbage[] = {"",
                                          "{",
                                          "[]",
                                          "{\"stage\":\"sent\"}",
                                          "\xff\xfe\x00",
                                          "{\"v\":1,\"stage\":\"kept\",\"detail\":{}}",
                                          "{\"v\":3,\"stage\":\"kept\",\"detail\":{}}"};
    struct outbox_alarm alarm;
    int resumed, left;
    struct err e;

    cr_assert_eq(path_mkdirs(dir, 0700, NULL), E_OK);
    for (size_t i = 0; i < sizeof garbage / sizeof *garbage; i++) {
        cr_assert_eq(path_write_atomic(file, garbage[i], strlen(garbage[i]), 0600, NULL), E_OK);
        for (int again = 0; again < 2; again++) {
            cr_assert_eq(ops_outbox_resume(c.ops, &resumed, &left, &e), E_OK, "case %zu", i);
            cr_assert_eq(resumed + left, 0);
            outbox_look(c.ops, &alarm);
            cr_assert_eq(alarm.broken, 1, "case %zu", i);
            cr_assert_not_null(strstr(alarm.text, "cannot be sent"), "%s", alarm.text);
            cr_assert_not_null(strstr(alarm.text, "mvpdash outbox drop job_1"), "%s", alarm.text);
        }
        cr_assert(path_exists(file), "case %zu", i);
    }
    free(file);
    free(dir);
}

/* What stands in the folder under an entry's name without being one: never waited for, never
 * followed, never removed, always told of. */
Test(ops_deploy, what_is_no_plain_file_neither_hangs_nor_vanishes)
{
    char *dir = path_join(c.ops->state_dir, "outbox");
    char *pipe = path_join(dir, "job_pipe.json");
    char *link = path_join(dir, "job_link.json");
    char *folder = path_join(dir, "job_folder.json");
    char *large = path_join(dir, "job_large.json");
    char *strange = path_join(dir, "notes.txt");
    struct outbox_item *items = NULL;
    struct err e = {0};

    cr_assert_eq(path_mkdirs(folder, 0700, NULL), E_OK);
    cr_assert_eq(mkfifo(pipe, 0600), 0);
    cr_assert_eq(symlink("/etc/passwd", link), 0);
    cr_assert_eq(path_write_atomic(strange, "x", 1, 0644, NULL), E_OK);
    cr_assert_eq(path_write_atomic(large, "{", 1, 0600, NULL), E_OK);
    cr_assert_eq(truncate(large, 5 << 20), 0);
    size_t n = outbox_scan(c.ops, &items);
    cr_assert_eq(n, 4);
    for (size_t i = 0; i < n; i++) {
        cr_expect_eq(items[i].kind, OUTBOX_BROKEN, "%s", items[i].job_id);
        cr_expect_neq(items[i].why[0], '\0', "%s", items[i].job_id);
    }
    cr_expect_eq(ops_outbox_len(c.ops), 0);
    cr_expect(path_exists(pipe) && path_exists(folder) && path_exists(large) &&
              path_exists(strange));
    cr_expect_eq(outbox_drop(c.ops, "job_pipe", &e), E_OK, "%s", e.msg);
    cr_expect_eq(outbox_drop(c.ops, "job_link", &e), E_OK, "%s", e.msg);
    cr_expect_eq(outbox_drop(c.ops, "job_large", &e), E_OK, "%s", e.msg);
    cr_expect_eq(outbox_drop(c.ops, "job_folder", &e), E_IO, "a folder may hold anything");
    cr_expect(path_exists("/etc/passwd"));
    cr_expect_eq(outbox_drop(c.ops, "job_pipe", &e), E_NOT_FOUND);
    free(items);
    free(strange);
    free(large);
    free(folder);
    free(link);
    free(pipe);
    free(dir);
}

Test(ops_deploy, what_a_killed_send_left_half_written_is_gone_at_the_next_look)
{
    char *dir = path_join(c.ops->state_dir, "outbox");
    char *left = path_join(dir, ".12345678-1234-4123-8123-123456789abc.tmp");
    char *held = path_join(dir, ".12345678-1234-4123-8123-123456789abd.tmp");
    char *other = path_join(dir, ".somebody-elses-file-with-the-same-end.tmp");
    struct outbox_item *items = NULL;

    cr_assert_eq(path_mkdirs(dir, 0700, NULL), E_OK);
    cr_assert_eq(path_write_atomic(left, "{\"stage\"", 8, 0600, NULL), E_OK);
    cr_assert_eq(path_write_atomic(held, "{\"stage\"", 8, 0600, NULL), E_OK);
    cr_assert_eq(path_write_atomic(other, "x", 1, 0600, NULL), E_OK);
    int fd = open(held, O_RDWR | O_CLOEXEC);
    cr_assert_eq(flock(fd, LOCK_EX | LOCK_NB), 0);
    cr_expect_eq(outbox_scan(c.ops, &items), 0);
    cr_expect_not(path_exists(left), "it holds a database URL");
    cr_expect(path_exists(held), "its owner lives");
    cr_expect(path_exists(other), "it is none of ours");
    (void)close(fd);
    free(items);
    free(other);
    free(held);
    free(left);
    free(dir);
}

/* ---- a person sends what cannot be read ---- */

static struct outbox_item the_item(const char *job_id)
{
    struct outbox_item *items = NULL;
    struct outbox_item found = {.kept_ms = TIME_NONE};

    cr_assert_eq(outbox_scan(c.ops, &items), 1);
    found = items[0];
    cr_assert_str_eq(found.job_id, job_id);
    free(items);
    return found;
}

/* Recorded, not sent, and then its file is cut. */
static void cut_one(struct deploy_request *r)
{
    struct outbox_entry x;
    struct err e = {0};

    ops_cloud_request(r, "Damaged");
    deploy_request_seal(r, clock_wall_ms(NULL));
    cr_assert_eq(outbox_add(c.ops, r, &x, &e), E_OK, "%s", e.msg);
    cJSON *item = deploy_record_item(r);
    json_set(item, "requestId", attr_new_str(x.request_id));
    cr_assert_eq(ddb_put_item(c.ops->aws, c.ops->table, item, NULL, &e), E_OK, "%s", e.msg);
    cr_assert_eq(ftruncate(x.fd, 200), 0);
    outbox_leave(&x);
    cJSON_Delete(item);
}

Test(ops_deploy, a_damaged_entry_is_made_anew_from_its_record)
{
    struct deploy_request r;
    struct err e = {0};
    int resumed, left;

    cut_one(&r);
    struct outbox_item item = the_item(r.job_id);
    cr_assert_eq(item.kind, OUTBOX_BROKEN);
    cr_assert_eq(outbox_mend(c.ops, &item, &e), E_OK, "%s", e.msg);
    cr_assert_eq(the_item(r.job_id).kind, OUTBOX_OURS);
    c.ahead_ms = 61000; /* its event may have been sent: it is looked for first */
    cr_assert_eq(ops_outbox_resume(c.ops, &resumed, &left, &e), E_OK, "%s", e.msg);
    cr_assert_eq(resumed, 1);
    ops_cloud_wait_batch(&c, r.job_id, BATCH_SUCCEEDED);
    cr_assert_eq(ops_cloud_batch_jobs(&c, r.job_id), 1);
    deploy_request_clear(&r);
}

Test(ops_deploy, a_damaged_entry_whose_event_arrived_is_not_sent_again)
{
    struct deploy_request r;
    struct record_change u = RECORD_CHANGE_INIT;
    struct err e = {0};

    cut_one(&r);
    u.status = "IN_PROGRESS";
    cr_assert_eq(ops_change_record(c.ops, r.job_id, &u, &e), E_OK, "%s", e.msg);
    struct outbox_item item = the_item(r.job_id);
    cr_assert_eq(outbox_mend(c.ops, &item, &e), E_CONFLICT);
    cr_assert_not_null(strstr(e.msg, "IN_PROGRESS"), "%s", e.msg);
    cr_assert_eq(the_item(r.job_id).kind, OUTBOX_BROKEN);
    deploy_request_clear(&r);
}

Test(ops_deploy, a_damaged_entry_under_another_requests_record_is_not_sent)
{
    static const char text[] = "{\"jobId\":{\"S\":\"job_1\"},\"status\":{\"S\":\"PENDING\"}}";
    char *dir = path_join(c.ops->state_dir, "outbox");
    char *file = path_join(dir, "job_1.json");
    struct err e = {0};

    cr_assert_eq(path_mkdirs(dir, 0700, NULL), E_OK);
    cr_assert_eq(path_write_atomic(file, "{", 1, 0600, NULL), E_OK);
    struct outbox_item item = the_item("job_1");
    cr_assert_eq(outbox_mend(c.ops, &item, &e), E_NOT_FOUND, "no record");
    ops_cloud_put(&c, text);
    cr_assert_eq(outbox_mend(c.ops, &item, &e), E_CONFLICT, "%s", e.msg);
    free(file);
    free(dir);
}

/* ---- clocks that are set ---- */

static const struct step_case {
    const char *name;
    int64_t step_ms;
    int64_t passed_ms;
    bool same_boot;
    int left; /* still waits */
} steps[] = {
    {"five seconds back",                     -5000,        100,   true,  1},
    {"a year back",                           -31536000000, 100,   true,  1},
    {"an hour ahead: no time passed",         3600000,      100,   true,  1},
    {"a minute passed, the clock stood back", -61000,       61000, true,  0},
    {"restarted, the clock is an hour back",  -3600000,     100,   false, 1},
    {"restarted, and a minute passed",        0,            61000, false, 0},
};

ParameterizedTestParameters(ops_deploy, a_clock_that_is_set_neither_hurries_nor_stops_the_grace)
{
    static size_t index[sizeof steps / sizeof *steps];

    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        index[i] = i;
    }
    return cr_make_param_array(size_t, index, sizeof steps / sizeof *steps);
}

ParameterizedTest(size_t *i, ops_deploy, a_clock_that_is_set_neither_hurries_nor_stops_the_grace)
{
    const struct step_case *k = &steps[*i];
    struct deploy_request r;
    struct outbox_entry x;
    struct err e = {0};
    int resumed, left;

    ops_cloud_request(&r, "Clock");
    deploy_request_seal(&r, clock_wall_ms(NULL));
    cr_assert_eq(outbox_add(c.ops, &r, &x, &e), E_OK, "%s", e.msg);
    cJSON *item = deploy_record_item(&r);
    json_set(item, "requestId", attr_new_str(x.request_id));
    cr_assert_eq(ddb_put_item(c.ops->aws, c.ops->table, item, NULL, &e), E_OK, "%s", e.msg);
    cJSON_Delete(item);
    cr_assert_eq(outbox_mark_sent(&x, clock_wall_ms(c.ops->clock), &e), E_OK, "%s", e.msg);
    if (!k->same_boot) {
        int fd = x.fd;
        char text[400] = "";
        cr_assert_gt(pread(fd, text, sizeof text - 1, 0), 0);
        char *boot = strstr(text, "\"boot\":\"");
        cr_assert_not_null(boot, "%s", text);
        cr_assert_eq(pwrite(fd, "00000000", 8, boot + 8 - text), 8);
    }
    outbox_leave(&x);
    c.ahead_ms = k->passed_ms;
    c.step_ms = k->step_ms;
    cr_assert_eq(ops_outbox_resume(c.ops, &resumed, &left, &e), E_OK, "%s: %s", k->name, e.msg);
    cr_expect_eq(left, k->left, "%s", k->name);
    cr_expect_eq(resumed, 1 - k->left, "%s", k->name);
    if (k->left == 1) { /* and it does not wait for ever */
        c.ahead_ms += 61000;
        cr_assert_eq(ops_outbox_resume(c.ops, &resumed, &left, &e), E_OK, "%s: %s", k->name, e.msg);
        cr_expect_eq(left, 0, "%s", k->name);
    }
    deploy_request_clear(&r);
}

Test(ops_deploy, many_at_once_all_arrive)
{
    enum { N = 45 };
    struct deploy_request r[N];
    struct deploy_many_result *out = xcalloc(N, sizeof *out);

    for (int i = 0; i < N; i++) {
        ops_cloud_request(&r[i], "Many");
    }
    cr_assert_eq(deploy_request_set(&r[7], "userId", "", NULL), E_OK);
    cr_assert_eq(ops_deploy_many(c.ops, r, N, out, NULL, NULL), 1);
    for (int i = 0; i < N; i++) {
        cr_expect_eq(out[i].code, i == 7 ? E_INVALID : E_OK, "%d: %s", i, out[i].err.msg);
        cr_expect_eq(out[i].result.event_id[0] == '\0', i == 7);
        deploy_request_clear(&r[i]);
    }
    cr_assert_eq(ops_outbox_len(c.ops), 0);
    free(out);
}

/* ---- killed at any step ---- */

static const char *die_at;

static void die(const char *step)
{
    if (strcmp(step, die_at) == 0) {
        _exit(42); /* no clean-up of any kind, as with SIGKILL */
    }
}

static const struct kill_case {
    const char *step;
    bool entry_left;
    bool needs_grace; /* the event may be out: it is looked after first */
} kills[] = {
    {"named",        true,  false},
    {"kept",         true,  false},
    {"record",       true,  false},
    {"send",         true,  false},
    {"marking",      true,  false}, /* noted in the log, which only a stop
  of the machine needs */
    {"marked",       true,  true },
    {"sending",      true,  true },
    {"sent",         true,  true },
    {"acknowledged", true,  true },
    {"dropping",     true,  true },
    {"dropped",      false, false},
};

ParameterizedTestParameters(ops_deploy, killed_at_a_step_neither_loses_nor_doubles)
{
    static size_t index[sizeof kills / sizeof *kills];

    for (size_t i = 0; i < sizeof kills / sizeof *kills; i++) {
        index[i] = i;
    }
    return cr_make_param_array(size_t, index, sizeof kills / sizeof *kills);
}

ParameterizedTest(size_t *i, ops_deploy, killed_at_a_step_neither_loses_nor_doubles)
{
    const struct kill_case *k = &kills[*i];
    struct deploy_request r;
    struct err e = {0};
    int status = 0;
    int resumed, left;
    bool was_out;

    ops_cloud_request(&r, "Killed");
    (void)snprintf(r.job_id, sizeof r.job_id, "job_%d_killed", (int)getpid());
    pid_t pid = fork();
    if (pid == 0) {
        /* A client of its own: the parent's threads and connections are not in the child. */
        struct ops *o = ops_cloud_again(&c);
        die_at = k->step;
        o->fault = die;
        (void)!ops_deploy(o, &r, NULL, NULL);
        _exit(1);
    }
    cr_assert_gt(pid, 0);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 42, "died at %s", k->step);
    cr_assert_eq(ops_outbox_len(c.ops), k->entry_left, "%s", k->step);

    was_out = strcmp(k->step, "sent") == 0 || strcmp(k->step, "acknowledged") == 0 ||
              strcmp(k->step, "dropping") == 0;
    if (was_out) {
        ops_cloud_wait_batch(&c, r.job_id, BATCH_SUCCEEDED);
    }
    cr_assert_eq(ops_outbox_resume(c.ops, &resumed, &left, &e), E_OK, "%s: %s", k->step, e.msg);
    if (k->needs_grace && !was_out) {
        cr_assert_eq(left, 1, "%s: not sent again before it had time", k->step);
        c.ahead_ms = 61000;
        cr_assert_eq(ops_outbox_resume(c.ops, &resumed, &left, &e), E_OK, "%s: %s", k->step, e.msg);
    }
    cr_assert_eq(left, 0, "%s", k->step);
    cr_assert_eq(resumed, k->entry_left, "%s", k->step);
    cr_assert_eq(ops_outbox_len(c.ops), 0);
    ops_cloud_wait_batch(&c, r.job_id, BATCH_SUCCEEDED);
    cr_assert_eq(ops_cloud_batch_jobs(&c, r.job_id), 1, "%s: one job", k->step);
    deploy_request_clear(&r);
}

Test(ops_deploy, two_at_once_resume_an_entry_once)
{
    struct ops *cut = ops_cloud_at(&c, "http://127.0.0.1:9");
    struct outbox_entry held;
    struct deploy_request r;
    struct deploy_result out;
    struct err e = {0};
    int resumed, left;

    ops_cloud_request(&r, "Kept");
    cr_assert_eq(ops_deploy(cut, &r, &out, NULL), E_NET);
    cr_assert_eq(outbox_open(c.ops, out.job_id, &held, &e), E_OK, "%s", e.msg);
    cr_assert_eq(ops_outbox_resume(c.ops, &resumed, &left, &e), E_OK);
    cr_assert_eq(resumed, 0);
    cr_assert_eq(left, 1, "it is somebody else's just now");
    outbox_leave(&held);
    cr_assert_eq(ops_outbox_resume(c.ops, &resumed, &left, &e), E_OK);
    cr_assert_eq(resumed, 1);
    ops_free(cut);
    deploy_request_clear(&r);
}

Test(ops_deploy, a_request_cancelled_in_the_outbox_is_never_sent)
{
    struct ops *cut = ops_cloud_at(&c, "http://127.0.0.1:9");
    struct deploy_request r;
    struct deploy_result out;
    struct cancel_result cancelled;
    struct err e = {0};

    ops_cloud_request(&r, "Kept");
    cr_assert_eq(ops_deploy(cut, &r, &out, NULL), E_NET);
    cr_assert_eq(ops_cancel(c.ops, out.job_id, "no", &cancelled, &e), E_OK, "%s", e.msg);
    cr_assert_eq(cancelled.outcome, CANCEL_DONE);
    cr_assert_eq(ops_outbox_len(c.ops), 0);
    cr_assert_eq(ops_cloud_batch_jobs(&c, out.job_id), 0);
    ops_free(cut);
    deploy_request_clear(&r);
}
