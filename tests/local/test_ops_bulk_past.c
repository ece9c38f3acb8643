/* A file of deploys once more: under another name, in another order, edited, with journals that are
 * lost or damaged in every way. A line that was sent is known; what cannot be told is refused. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "aws/attr.h"
#include "aws/dynamodb.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/path.h"
#include "ops/bulk.h"
#include "ops_cloud.h"

enum { MOST = 40 };

static struct ops_cloud c;
static struct deploy_request requests[MOST];
static size_t len;
static struct bulk_line lines[MOST];
static size_t told;
static struct bulk_totals totals;
static struct err e;
static void (*at_result)(size_t index);

static void on_result(void *arg, size_t index, const struct bulk_line *line)
{
    (void)arg;
    lines[index] = *line;
    told++;
    if (at_result != NULL) {
        at_result(index);
    }
}

/* A file with a deploy for each letter; equal letters are equal lines. */
static struct bulk file_of(const char *letters)
{
    for (size_t i = 0; i < len; i++) {
        deploy_request_clear(&requests[i]);
    }
    len = strlen(letters);
    for (size_t i = 0; i < len; i++) {
        char user[] = {'u', letters[i], '\0'};
        char name[] = {letters[i], '\0'};
        ops_cloud_request(&requests[i], name);
        cr_assert_eq(deploy_request_set(&requests[i], "userId", user, NULL), E_OK);
    }
    return (struct bulk){
        .file = "dir/letters.csv", .requests = requests, .len = len, .result = on_result};
}

static enum err_code send_with(const struct ops *o, const char *letters, enum bulk_mode mode)
{
    struct bulk b = file_of(letters);

    b.mode = mode;
    told = 0;
    memset(lines, 0, sizeof lines);
    return ops_bulk(o, &b, &totals, &e);
}

static enum err_code send(const char *letters, enum bulk_mode mode)
{
    return send_with(c.ops, letters, mode);
}

static void start_cloud(const struct ops_cloud_options *o)
{
    ops_cloud_start(&c, o);
}

static void setup(void)
{
    start_cloud(&(struct ops_cloud_options){0});
}

static void teardown(void)
{
    for (size_t i = 0; i < len; i++) {
        deploy_request_clear(&requests[i]);
    }
    len = 0;
    ops_cloud_stop(&c);
}

TestSuite(ops_bulk_past, .init = setup, .fini = teardown, .timeout = 120);
TestSuite(ops_bulk_table, .fini = teardown, .timeout = 120);

/* ---- the table and the folder of journals, counted from outside ---- */

static void count(void *arg, const cJSON *item)
{
    *(size_t *)arg += json_object(item, "batchLine") != NULL;
}

static size_t records(void)
{
    size_t n = 0;
    struct ddb_page p = {0};
    const struct ddb_read r = {.table = c.ops->table, .consistent = true, .item = count, .arg = &n};

    cr_assert_eq(ddb_scan(c.ops->aws, &r, &p, &e), E_OK, "%s", e.msg);
    cr_assert_null(p.last_key);
    ddb_page_clear(&p);
    return n;
}

static void shell(const char *fmt, const char *arg)
{
    char *cmd = xasprintf("cd %s/batch/* && ", c.ops->state_dir);
    char *rest = arg == NULL ? xstrdup(fmt) : xasprintf("%s %s", fmt, arg);
    char *all = xasprintf("%s%s", cmd, rest);

    cr_assert_eq(system(all), 0, "%s", all);
    free(all);
    free(rest);
    free(cmd);
}

static void lose_journals(void)
{
    shell("rm -f *.jsonl", NULL);
}

/* ---- the same lines ---- */

Test(ops_bulk_past, another_name_or_order_is_the_same_file)
{
    cr_assert_eq(send("ABCDEFGHIJKL", BULK_FIRST), E_OK, "%s", e.msg);
    cr_assert_eq(send("LKJIHGFEDCBA", BULK_FIRST), E_CONFLICT);
    cr_assert_eq(totals.past.sent, 12);
    struct bulk b = file_of("CBA");
    b.file = "other.jsonl";
    cr_assert_eq(ops_bulk(c.ops, &b, &totals, &e), E_CONFLICT);
    cr_assert_eq(totals.past.sent, 3);
    cr_assert_str_eq(totals.past.file, "letters.csv");
    cr_assert_eq(records(), 12);
}

Test(ops_bulk_past, of_an_edited_file_only_what_is_new_is_sent)
{
    cr_assert_eq(send("ABCDEFGHIJKL", BULK_FIRST), E_OK, "%s", e.msg);
    cr_assert_eq(send("XABCDEfGHIJKLM", BULK_RESUME), E_OK, "%s", e.msg);
    cr_assert_eq(totals.earlier, 11);
    cr_assert_eq(totals.sent, 3, "X, f and M");
    cr_assert_not(lines[0].earlier);
    cr_assert(lines[1].earlier);
    cr_assert_not(lines[6].earlier);
    cr_assert_eq(send("XABCDEfGHIJKLM", BULK_RESUME), E_OK, "%s", e.msg);
    cr_assert_eq(totals.earlier, 14, "the next run knows them all");
    cr_assert_eq(records(), 15);
}

Test(ops_bulk_past, equal_lines_are_as_many_deploys)
{
    cr_assert_eq(send("AABA", BULK_FIRST), E_OK, "%s", e.msg);
    cr_assert_eq(records(), 4);
    cr_assert_eq(send("AAAABB", BULK_RESUME), E_OK, "%s", e.msg);
    cr_assert_eq(totals.earlier, 4);
    cr_assert_eq(totals.sent, 2);
    lose_journals();
    cr_assert_eq(send("ABABAA", BULK_RESUME), E_OK, "%s", e.msg);
    cr_assert_eq(totals.earlier, 6);
    cr_assert_eq(records(), 6);
}

Test(ops_bulk_past, a_run_sends_again_only_when_told_and_then_it_is_the_newest)
{
    cr_assert_eq(send("ABC", BULK_FIRST), E_OK, "%s", e.msg);
    cr_assert_eq(send("ABC", BULK_ANEW), E_OK, "%s", e.msg);
    cr_assert_eq(totals.sent, 3);
    char second[JOB_ID_SIZE];
    memcpy(second, requests[2].job_id, sizeof second);
    cr_assert_eq(send("CAB", BULK_RESUME), E_OK, "%s", e.msg);
    cr_assert_eq(totals.earlier, 3);
    cr_assert_str_eq(requests[0].job_id, second);
    cr_assert_eq(records(), 6);
}

/* ---- journals in every condition ---- */

static const struct harm_case {
    const char *name, *command;
} harms[] = {
    {"gone",            "rm -f *.jsonl"                                                           },
    {"all of it gone",  "rm -rf ../*"                                                             },
    {"empty",           "for f in *.jsonl; do : >$f; done"                                        },
    {"one byte",        "for f in *.jsonl; do printf x >$f; done"                                 },
    {"cut in the head", "for f in *.jsonl; do truncate -s 40 $f; done"                            },
    {"cut in a line",   "for f in *.jsonl; do truncate -s 900 $f; done"                           },
    {"a flipped digit", "for f in *.jsonl; do sed -i '3s/_./_-/' $f; done"                        },
    {"a line gone",     "for f in *.jsonl; do sed -i 4d $f; done"                                 },
    {"a line twice",    "for f in *.jsonl; do sed -i 4p $f; done"                                 },
    {"other job ids",   "for f in *.jsonl; do sed -i 's/job_1/job_2/' $f; done"                   },
    {"no JSON",         "for f in *.jsonl; do head -c 3000 /dev/urandom >$f; done"                },
    {"a FIFO",          "for f in *.jsonl; do rm $f; mkfifo $f; done"                             },
    {"a folder",        "for f in *.jsonl; do rm $f; mkdir $f; done"                              },
    {"a dead link",     "for f in *.jsonl; do rm $f; ln -s nowhere $f; done"                      },
    {"another place's", "for f in *.jsonl; do sed -i '1s/\"place\":\"../\"place\":\"zz/' $f; done"},
};

ParameterizedTestParameters(ops_bulk_past, a_lost_journal_doubles_nothing)
{
    static size_t index[sizeof harms / sizeof *harms];

    for (size_t i = 0; i < sizeof harms / sizeof *harms; i++) {
        index[i] = i;
    }
    return cr_make_param_array(size_t, index, sizeof harms / sizeof *harms);
}

ParameterizedTest(size_t *i, ops_bulk_past, a_lost_journal_doubles_nothing)
{
    const struct harm_case *h = &harms[*i];

    cr_assert_eq(send("ABCDEFGHIJKL", BULK_FIRST), E_OK, "%s: %s", h->name, e.msg);
    for (size_t k = 0; k < len; k++) {
        ops_cloud_wait_batch(&c, requests[k].job_id, BATCH_SUCCEEDED);
    }
    shell(h->command, NULL);
    cr_assert_eq(send("ABCDEFGHIJKL", BULK_FIRST), E_CONFLICT, "%s: it is noticed", h->name);
    cr_assert_eq(totals.past.sent + totals.past.begun, 12, "%s", h->name);
    cr_assert_eq(send("ABCDEFGHIJKLM", BULK_RESUME), E_OK, "%s: %s", h->name, e.msg);
    cr_assert_eq(totals.earlier, 12, "%s: %zu, %zu unknown", h->name, totals.earlier,
                 totals.unknown);
    cr_assert_eq(totals.sent, 1, "%s", h->name);
    cr_assert_eq(records(), 13, "%s", h->name);
    /* What was damaged is out of the way, and the next run knows everything by itself. */
    cr_assert_eq(send("ABCDEFGHIJKLM", BULK_RESUME), E_OK, "%s: %s", h->name, e.msg);
    cr_assert_eq(totals.past.damaged, 0, "%s", h->name);
    cr_assert_eq(totals.earlier, 13, "%s", h->name);
}

Test(ops_bulk_past, whatever_byte_of_a_journal_is_wrong_doubles_nothing)
{
    char *text = NULL;
    size_t n = 0;

    cr_assert_eq(send("ABCDEFGHIJKL", BULK_FIRST), E_OK, "%s", e.msg);
    for (size_t k = 0; k < len; k++) {
        ops_cloud_wait_batch(&c, requests[k].job_id, BATCH_SUCCEEDED);
    }
    shell("cp *.jsonl kept; echo \"$(pwd)/$(ls *.jsonl)\" >name", NULL);
    shell("mv name ..", NULL);
    char *name_file = path_join(c.ops->state_dir, "batch/name");
    char *path = NULL;
    cr_assert_eq(path_read(name_file, 4096, &path, NULL, &e), E_OK, "%s", e.msg);
    path[strcspn(path, "\n")] = '\0';
    cr_assert_eq(path_read(path, 1 << 20, &text, &n, &e), E_OK, "%s", e.msg);
    for (size_t at = 3; at < n; at += 61) {
        char was = text[at];
        text[at] = was == '0' ? '1' : '0';
        shell("rm -f *.jsonl *.bad", NULL);
        cr_assert_eq(path_write_atomic(path, text, n, 0600, &e), E_OK, "%s", e.msg);
        text[at] = was;
        cr_assert_eq(send("ABCDEFGHIJKL", BULK_RESUME), E_OK, "byte %zu: %s", at, e.msg);
        cr_assert_eq(totals.earlier, 12, "byte %zu", at);
    }
    cr_assert_eq(records(), 12);
    free(name_file);
    free(path);
    free(text);
}

Test(ops_bulk_past, a_run_that_sent_again_and_lost_its_journal_is_refused)
{
    struct bulk b = file_of("ABCDEFGHIJKLMN");

    cr_assert_eq(send("ABCDEFGHIJKLMN", BULK_FIRST), E_OK, "%s", e.msg);
    b = file_of("ABC");
    b.mode = BULK_ANEW;
    cr_assert_eq(ops_bulk(c.ops, &b, &totals, &e), E_OK, "%s", e.msg);
    lose_journals();
    cr_assert_eq(send("ABCDEFGHIJKLMN", BULK_RESUME), E_CONFLICT, "were the others meant?");
    cr_assert_not_null(strstr(e.msg, "11 of the lines"), "%s", e.msg);
    cr_assert_eq(told, 0);
    cr_assert_eq(records(), 17);
}

/* ---- two at a time ---- */

static enum err_code inner, other;
static struct bulk_totals inner_totals;

static void second_run(size_t index)
{
    struct deploy_request r[2];
    struct err why;

    if (index > 0) {
        return;
    }
    for (int i = 0; i < 2; i++) {
        ops_cloud_request(&r[i], i == 0 ? "A" : "Z");
        cr_assert_eq(deploy_request_set(&r[i], "userId", i == 0 ? "uA" : "uZ", NULL), E_OK);
    }
    at_result = NULL;
    struct bulk b = {.requests = r, .len = 2, .mode = BULK_RESUME, .result = on_result};
    inner = ops_bulk(c.ops, &b, &inner_totals, &why);
    b.mode = BULK_ANEW;
    inner = inner == E_CONFLICT ? ops_bulk(c.ops, &b, &inner_totals, &why) : inner;
    b.requests = r + 1;
    b.len = 1;
    b.mode = BULK_FIRST;
    struct bulk_totals t;
    other = ops_bulk(c.ops, &b, &t, &why);
    deploy_request_clear(&r[0]);
    deploy_request_clear(&r[1]);
}

Test(ops_bulk_past, two_runs_at_a_time_never_send_the_same_line)
{
    at_result = second_run;
    cr_assert_eq(send("ABCDEFGHIJKL", BULK_FIRST), E_OK, "%s", e.msg);
    cr_expect_eq(inner, E_CONFLICT, "neither with --resume nor with --again");
    cr_expect_eq(inner_totals.past.live, 1);
    cr_expect_eq(other, E_OK, "another file goes");
    cr_assert_eq(records(), 13);
}

Test(ops_bulk_past, of_many_that_begin_at_once_one_sends)
{
    enum { RUNS = 4 };
    pid_t pids[RUNS];
    int ended_well = 0;

    for (int i = 0; i < RUNS; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            struct ops *o = ops_cloud_again(&c);
            _exit(send_with(o, "ABCDEFGHIJKL", BULK_FIRST) == E_OK ? 0 : 1);
        }
    }
    for (int i = 0; i < RUNS; i++) {
        int status = 0;
        cr_assert_eq(waitpid(pids[i], &status, 0), pids[i]);
        ended_well += WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }
    cr_assert_eq(ended_well, 1);
    cr_assert_eq(records(), 12);
}

/* ---- killed, and the journal lost as well ---- */

static const char *die_at;
static atomic_int die_after;

static void die(const char *step)
{
    if (strcmp(step, die_at) == 0 && atomic_fetch_sub(&die_after, 1) == 0) {
        _exit(42); /* no clean-up of any kind, as with SIGKILL */
    }
}

static const struct kill_case {
    const char *step;
    int after; /* so many times before */
} kills[] = {
    {"journal",      0 },
    {"record",       0 },
    {"record",       11},
    {"send",         0 },
    {"sending",      0 },
    {"sent",         0 },
    {"acknowledged", 4 },
    {"dropped",      9 },
    {"noted",        3 },
    {"noted",        12},
};

ParameterizedTestParameters(ops_bulk_past, killed_and_without_a_journal_each_line_is_sent_once)
{
    static size_t index[sizeof kills / sizeof *kills];

    for (size_t i = 0; i < sizeof kills / sizeof *kills; i++) {
        index[i] = i;
    }
    return cr_make_param_array(size_t, index, sizeof kills / sizeof *kills);
}

static void resume_outbox(void *arg)
{
    (void)!ops_outbox_resume(c.ops, NULL, NULL, arg);
}

ParameterizedTest(size_t *i, ops_bulk_past, killed_and_without_a_journal_each_line_is_sent_once)
{
    static const char file[] = "ABCDEFGHIJKLMN";
    const struct kill_case *k = &kills[*i];
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        struct ops *o = ops_cloud_again(&c);
        die_at = k->step;
        atomic_store(&die_after, k->after);
        o->fault = die;
        (void)!send_with(o, file, BULK_FIRST);
        _exit(1);
    }
    cr_assert_gt(pid, 0);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 42, "died at %s", k->step);
    lose_journals();
    for (int round = 0; round < 3; round++) {
        struct bulk b = file_of(file);
        b.mode = BULK_RESUME;
        b.resume = resume_outbox;
        told = 0;
        cr_assert_eq(ops_bulk(c.ops, &b, &totals, &e), E_OK, "%s: %s", k->step, e.msg);
        cr_assert_eq(totals.failed, 0, "%s", k->step);
        for (size_t n = 0; n < len; n++) { /* what was sent shows in Batch, soon */
            if (lines[n].end == BULK_SENT) {
                ops_cloud_wait_batch(&c, requests[n].job_id, BATCH_SUCCEEDED);
            }
        }
        c.ahead_ms += 61000;
        lose_journals();
    }
    cr_assert_eq(totals.earlier + totals.sent, sizeof file - 1, "%s: %zu kept, %zu unknown",
                 k->step, totals.kept, totals.unknown);
    cr_assert_eq(records(), sizeof file - 1, "%s", k->step);
    for (size_t n = 0; n < len; n++) {
        cr_assert_eq(ops_cloud_batch_jobs(&c, requests[n].job_id), 1, "%s: line %zu", k->step, n);
    }
}

/* ---- what the table can tell ---- */

Test(ops_bulk_table, a_record_that_nobody_picked_up_is_not_taken_for_sent)
{
    start_cloud(&(struct ops_cloud_options){.no_rule = true});
    cr_assert_eq(send("ABC", BULK_FIRST), E_OK, "%s", e.msg);
    lose_journals();
    cr_assert_eq(send("ABC", BULK_RESUME), E_OK, "%s", e.msg);
    cr_assert_eq(totals.unknown, 3);
    cr_assert_eq(totals.sent + totals.earlier, 0);
    cr_assert_eq(lines[0].end, BULK_UNKNOWN);
    cr_assert_not_null(strstr(lines[0].err.msg, "not known"), "%s", lines[0].err.msg);
    cr_assert_eq(records(), 3);
}

static void lost_journal_is_made_up_for(const char *what)
{
    cr_assert_eq(send("ABCDEFGHIJKL", BULK_FIRST), E_OK, "%s: %s", what, e.msg);
    for (size_t k = 0; k < len; k++) {
        ops_cloud_wait_batch(&c, requests[k].job_id, BATCH_SUCCEEDED);
    }
    lose_journals();
    cr_assert_eq(send("ABCDEFGHIJKLM", BULK_FIRST), E_CONFLICT, "%s", what);
    cr_assert_eq(send("ABCDEFGHIJKLM", BULK_RESUME), E_OK, "%s: %s", what, e.msg);
    cr_assert_eq(totals.earlier, 12, "%s", what);
    cr_assert_eq(totals.sent, 1, "%s", what);
}

/* More than one reads of a small table: then the users are asked for. */
static void make_it_large(void)
{
    for (int i = 0; i < 1100; i++) {
        char *item = xasprintf("{\"jobId\":{\"S\":\"other-%d\"},\"userId\":{\"S\":\"uA\"},"
                               "\"createdAt\":{\"S\":\"2025-01-01T00:00:00Z\"}}",
                               i);
        ops_cloud_put(&c, item);
        free(item);
    }
}

Test(ops_bulk_table, a_large_table_is_asked_by_users)
{
    start_cloud(&(struct ops_cloud_options){0});
    make_it_large();
    lost_journal_is_made_up_for("index");
}

Test(ops_bulk_table, an_index_of_keys_alone_does_as_well)
{
    start_cloud(&(struct ops_cloud_options){.user_index_keys = true});
    make_it_large();
    lost_journal_is_made_up_for("keys");
}

Test(ops_bulk_table, without_an_index_the_table_is_read)
{
    start_cloud(&(struct ops_cloud_options){.no_user_index = true});
    make_it_large();
    lost_journal_is_made_up_for("no index");
}

static void set_status(const char *job_id, const char *word)
{
    cJSON *names = json_new_object(), *values = json_new_object();
    const struct ddb_update u = {.table = c.ops->table,
                                 .key_name = "jobId",
                                 .key_value = job_id,
                                 .update = "SET #s = :s",
                                 .names = names,
                                 .values = values};

    json_set_str(names, "#s", "status");
    json_set(values, ":s", attr_new_str(word));
    cr_assert_eq(ddb_update_item(c.ops->aws, &u, NULL, NULL, &e), E_OK, "%s", e.msg);
    cJSON_Delete(names);
    cJSON_Delete(values);
}

/* The record was written and nothing else: the line is not known as sent, and was not sent. */
Test(ops_bulk_table, a_record_that_was_cancelled_or_failed_before_batch_is_not_taken_for_sent)
{
    static const char *const words[] = {"CANCELLED", "cancelled", "FAILED"};

    start_cloud(&(struct ops_cloud_options){.no_rule = true});
    cr_assert_eq(send("ABC", BULK_FIRST), E_OK, "%s", e.msg);
    for (size_t i = 0; i < 3; i++) {
        set_status(requests[i].job_id, words[i]);
    }
    lose_journals();
    cr_assert_eq(send("ABC", BULK_FIRST), E_CONFLICT);
    cr_assert_eq(totals.past.sent, 0, "nothing proves it");
    cr_assert_eq(send("ABC", BULK_RESUME), E_OK, "%s", e.msg);
    cr_assert_eq(totals.failed, 3, "%zu earlier, %zu unknown", totals.earlier, totals.unknown);
    cr_assert_not_null(strstr(lines[1].err.msg, "is CANCELLED"), "%s", lines[1].err.msg);
    cr_assert_not_null(strstr(lines[2].err.msg, "is FAILED"), "%s", lines[2].err.msg);
    cr_assert_eq(records(), 3);
}

Test(ops_bulk_table, what_cannot_be_asked_is_refused)
{
    start_cloud(&(struct ops_cloud_options){0});
    cr_assert_eq(send("ABC", BULK_FIRST), E_OK, "%s", e.msg);
    struct ops *cut = ops_cloud_at(&c, "http://127.0.0.1:9"); /* the same, only not reached */
    shell("for f in *.jsonl; do : >$f; done", NULL);
    cr_assert_eq(send_with(cut, "ABC", BULK_RESUME), E_NET, "%s", e.msg);
    cr_assert_not_null(strstr(e.msg, "nothing was sent"), "%s", e.msg);
    cr_assert_not_null(strstr(err_hint(&e), "--again"), "%s", err_hint(&e));
    cr_assert_eq(send_with(cut, "ABC", BULK_FIRST), E_NET, "a damaged journal is a sign: %s",
                 e.msg);
    lose_journals();
    cr_assert_eq(send_with(cut, "ABC", BULK_RESUME), E_NET, "%s", e.msg);
    cr_assert_eq(send_with(cut, "XYZ", BULK_FIRST), E_NET, "without any sign as well: %s", e.msg);
    cr_assert_eq(totals.past.unasked.code, E_NET);
    cr_assert_eq(totals.not_tried, 3);
    cr_assert_not_null(strstr(err_hint(&e), "--again"), "%s", err_hint(&e));
    cr_assert_eq(told, 0);
    ops_free(cut);
    cr_assert_eq(records(), 3);
}
