/* State on disk belongs to the account. One local cloud serves temporary keys of its own; an STS
 * that answers by key id says which account each is of. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aws/sts.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/path.h"
#include "fake_http.h"
#include "ops/outbox.h"
#include "ops/snapshot.h"
#include "ops_cloud.h"
#include "src/api/idem.h"
#include "src/ops/reasons.h"

enum { A, A_ROTATED, B, KEYS };

struct keys {
    char *id, *secret, *token; /* owned */
};

static struct ops_cloud c;
static struct fake_http *sts;
static struct keys keys[KEYS];
static const char *const accounts[KEYS] = {"111122223333", "111122223333", "444455556666"};

static struct fake_reply identity(void *arg, const struct fake_request *r, size_t n)
{
    static const char *const bodies[] = {
        "<R><GetCallerIdentityResult><Arn>arn:aws:sts::111122223333:assumed-role/ops/me</"
        "Arn><UserId>"
        "AROAX:me</UserId><Account>111122223333</Account></GetCallerIdentityResult></R>",
        "<R><GetCallerIdentityResult><Arn>arn:aws:sts::444455556666:assumed-role/ops/me</"
        "Arn><UserId>"
        "AROAX:me</UserId><Account>444455556666</Account></GetCallerIdentityResult></R>"};
    char auth[600];

    (void)arg;
    (void)n;
    (void)fake_header(r, "authorization", auth, sizeof auth);
    bool b = strstr(auth, keys[B].id) != NULL || strstr(auth, "Credential=second/") != NULL;
    return (struct fake_reply){.body = bodies[b]};
}

/* The same role and session name each time: nothing but the key tells them apart. */
static void make_keys(struct keys *k)
{
    static const char text[] = "{\"RoleArn\":\"arn:aws:iam::000000000000:role/ops\","
                               "\"RoleSessionName\":\"me\"}";
    cJSON *in = json_parse(text, strlen(text), "test", NULL);
    cJSON *out = NULL;
    struct err e = {0};

    cr_assert_eq(aws_call(c.ops->aws, AWS_OP_STS_ASSUME_ROLE, in, &out, &e), E_OK, "%s", e.msg);
    const cJSON *got = json_object(out, "Credentials");
    k->id = xstrdup(json_str(got, "AccessKeyId"));
    k->secret = xstrdup(json_str(got, "SecretAccessKey"));
    k->token = xstrdup(json_str(got, "SessionToken"));
    cJSON_Delete(in);
    cJSON_Delete(out);
}

static void setup(void)
{
    ops_cloud_start(&c, &(struct ops_cloud_options){0});
    for (int i = 0; i < KEYS; i++) {
        make_keys(&keys[i]);
    }
    sts = fake_http_start_with(identity, NULL);
}

static void teardown(void)
{
    fake_http_stop(sts);
    for (int i = 0; i < KEYS; i++) {
        free(keys[i].id);
        free(keys[i].secret);
        free(keys[i].token);
    }
    ops_cloud_stop(&c);
}

TestSuite(ops_place, .init = setup, .fini = teardown, .timeout = 120);

static void use(const struct keys *k, bool sts_answers)
{
    (void)setenv("AWS_ACCESS_KEY_ID", k->id, 1);
    (void)setenv("AWS_SECRET_ACCESS_KEY", k->secret, 1);
    (void)setenv("AWS_SESSION_TOKEN", k->token, 1);
    (void)setenv("AWS_ENDPOINT_URL_STS", sts_answers ? fake_http_url(sts) : "http://127.0.0.1:9",
                 1);
}

/* A run with these keys. */
static struct ops *with(int key, bool sts_answers)
{
    use(&keys[key], sts_answers);
    return ops_cloud_again(&c);
}

/* A deploy that only came into the outbox. */
static void keep_one(int key, bool sts_answers, char job_id[JOB_ID_SIZE])
{
    struct ops *o = with(key, sts_answers);
    struct deploy_request r;
    struct outbox_entry x;
    struct err e = {0};

    ops_cloud_request(&r, "Kept");
    deploy_request_seal(&r, clock_wall_ms(NULL));
    cr_assert_eq(outbox_add(o, &r, &x, &e), E_OK, "%s", e.msg);
    outbox_leave(&x);
    (void)snprintf(job_id, JOB_ID_SIZE, "%s", r.job_id);
    deploy_request_clear(&r);
    ops_free(o);
}

/* Resumes with these keys; says what is told. */
static int resume_with(int key, struct outbox_alarm *alarm)
{
    struct ops *o = with(key, true);
    struct err e = {0};
    int resumed = 0;
    int left = 0;

    cr_assert_eq(ops_outbox_resume(o, &resumed, &left, &e), E_OK, "%s", e.msg);
    cr_assert_eq(left, 0);
    outbox_look(o, alarm);
    ops_free(o);
    return resumed;
}

Test(ops_place, another_accounts_temporary_keys_do_not_touch_an_entry)
{
    struct outbox_alarm alarm;
    char id[JOB_ID_SIZE];

    keep_one(A, true, id);
    cr_expect_eq(resume_with(B, &alarm), 0);
    cr_expect_eq(alarm.others, 1);
    cr_expect_not_null(strstr(alarm.text, "111122223333"), "%s", alarm.text);
    cr_expect_not_null(strstr(alarm.text, id), "%s", alarm.text);
    cr_expect_eq(ops_cloud_batch_jobs(&c, id), 0, "nothing was sent");
    cr_expect_eq(resume_with(A_ROTATED, &alarm), 1, "keys rotate within an account");
    cr_expect_str_eq(alarm.text, "");
    ops_cloud_wait_batch(&c, id, BATCH_SUCCEEDED);
    cr_expect_eq(ops_cloud_batch_jobs(&c, id), 1);
}

Test(ops_place, kept_while_nobody_could_be_asked_is_proven_by_its_key)
{
    struct outbox_alarm alarm;
    char id[JOB_ID_SIZE];

    keep_one(A, false, id);
    cr_expect_eq(resume_with(B, &alarm), 0);
    cr_expect_eq(alarm.unproven, 1);
    cr_expect_not_null(strstr(alarm.text, "not sent"), "%s", alarm.text);
    cr_expect_not_null(strstr(alarm.text, "mvpdash outbox send"), "%s", alarm.text);
    cr_expect_eq(resume_with(A_ROTATED, &alarm), 0, "of the same account, but that is not known");
    cr_expect_eq(alarm.unproven, 1);
    cr_expect_eq(resume_with(A, &alarm), 1, "the same key is of the same account");
}

Test(ops_place, a_key_that_was_asked_about_later_proves_what_it_kept)
{
    struct outbox_alarm alarm;
    char id[JOB_ID_SIZE];
    char *text = NULL;

    keep_one(A, false, id);
    struct ops *o = with(A, true);
    cr_assert_eq(place_text(o, PLACE_ASK, &text, NULL), E_OK);
    ops_free(o);
    cr_expect_eq(resume_with(B, &alarm), 0);
    cr_expect_eq(alarm.others, 1, "proven to be another's now");
    cr_expect_eq(resume_with(A_ROTATED, &alarm), 1);
    free(text);
}

Test(ops_place, without_any_keys_a_deploy_says_that_it_cannot_be_kept)
{
    struct deploy_request r;
    struct deploy_result out;
    struct err e = {0};

    (void)unsetenv("AWS_ACCESS_KEY_ID");
    (void)unsetenv("AWS_SECRET_ACCESS_KEY");
    (void)setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
    struct ops *o = ops_cloud_again(&c);
    ops_cloud_request(&r, "X");
    cr_expect_eq(ops_deploy(o, &r, &out, &e), E_NO_CREDS, "%s", e.msg);
    cr_expect_not(out.kept);
    cr_expect_not(out.recorded);
    deploy_request_clear(&r);
    ops_free(o);
}

static char *entry_file(const char *job_id)
{
    return xasprintf("%s/outbox/%s.json", c.ops->state_dir, job_id);
}

/* The file as version 1 kept it: its place names where the keys came from. */
static void make_old(const char *job_id)
{
    char *path = entry_file(job_id);
    char *text = NULL;
    size_t len = 0;

    cr_assert_eq(path_read(path, 1 << 20, &text, &len, NULL), E_OK);
    cJSON *doc = json_parse(text, len, path, NULL);
    cr_assert_not_null(doc);
    cJSON_DeleteItemFromObject(doc, "account");
    cJSON_DeleteItemFromObject(doc, "key");
    cJSON_DeleteItemFromObject(doc, "where");
    cJSON_DeleteItemFromObject(doc, "v");
    cJSON_DeleteItemFromObject(doc, "sentMono");
    cJSON_DeleteItemFromObject(doc, "boot");
    json_set_int(doc, "v", 1);
    json_set_str(doc, "place", "key in the environment | us-east-1 | loopback | t | loopback | b");
    char *old = json_text(doc);
    cr_assert_eq(path_write_atomic(path, old, strlen(old), 0600, NULL), E_OK);
    free(old);
    cJSON_Delete(doc);
    free(text);
    free(path);
}

Test(ops_place, an_entry_of_an_earlier_version_waits_for_a_persons_word)
{
    struct outbox_alarm alarm;
    struct err e = {0};
    char id[JOB_ID_SIZE];

    keep_one(A, true, id);
    make_old(id);
    cr_expect_eq(resume_with(A, &alarm), 0);
    cr_expect_eq(alarm.unproven, 1);
    cr_expect_not_null(strstr(alarm.text, "earlier version"), "%s", alarm.text);
    struct ops *o = with(A, true);
    cr_expect_eq(outbox_adopt(o, id, &e), E_OK, "%s", e.msg);
    ops_free(o);
    cr_expect_eq(resume_with(A, &alarm), 1);
    cr_expect_eq(alarm.unproven, 0);
}

Test(ops_place, a_persons_word_does_not_move_an_entry_into_another_account)
{
    struct outbox_alarm alarm;
    struct err e = {0};
    char id[JOB_ID_SIZE];

    keep_one(A, true, id);
    struct ops *o = with(B, true);
    cr_expect_eq(outbox_adopt(o, id, &e), E_CONFLICT, "%s", e.msg);
    cr_expect_eq(outbox_adopt(o, "job_nope", &e), E_NOT_FOUND);
    ops_free(o);
    cr_expect_eq(resume_with(A, &alarm), 1);
}

Test(ops_place, an_id_taken_by_another_accounts_entry_is_not_called_ours)
{
    struct deploy_request r;
    struct deploy_result out;
    struct err e = {0};
    char id[JOB_ID_SIZE];

    keep_one(A, true, id);
    struct ops *o = with(B, true);
    ops_cloud_request(&r, "X");
    cr_assert_eq(deploy_request_set(&r, "jobId", id, &e), E_OK, "%s", e.msg);
    cr_expect_eq(ops_deploy(o, &r, &out, &e), E_CONFLICT);
    cr_expect_not_null(strstr(e.msg, "another account"), "%s", e.msg);
    deploy_request_clear(&r);
    ops_free(o);
}

static size_t snapshot_found(const struct ops *o)
{
    struct snapshot *s = snapshot_open(o, NULL);
    struct job *job = NULL;
    size_t n = s == NULL ? 0 : snapshot_next(s, &job, 1) + 1;

    job_free(job);
    snapshot_close(s);
    return n;
}

Test(ops_place, snapshots_reasons_and_keys_of_the_api_are_the_accounts)
{
    struct batch_job b = {.id = (char *)"b1", .detailed = true, .status_reason = (char *)"no room"};
    struct ops *o[KEYS];
    enum idem_state states[KEYS];
    struct err e = {0};
    struct job *j =
        job_make(&(struct job_values){.id = "job_1", .ms = {[JOB_CREATED] = 1}, .progress = -1});
    const struct job *jobs[] = {j};

    for (int i = 0; i < KEYS; i++) {
        const struct idem_request q = {.client = "c",
                                       .key = "k",
                                       .digest = "d",
                                       .job_id = "job_1",
                                       .request_id = "r",
                                       .wait_ms = 50};
        char *text = NULL;
        struct idem x;
        o[i] = with(i, true);
        cr_expect_eq(snapshot_found(o[i]), 0, "not before it is known whose they are");
        cr_expect_eq(snapshot_save(o[i], jobs, 1, NULL), E_NOT_FOUND);
        cr_assert_eq(place_text(o[i], PLACE_ASK, &text, &e), E_OK, "%s", e.msg);
        cr_expect_not_null(strstr(text, accounts[i]), "%s", text);
        free(text);
        cr_expect_eq(idem_open(o[i], &q, &x, &states[i], &e), E_OK, "%s", e.msg);
        idem_leave(&x);
    }
    cr_expect_eq(states[A], IDEM_NEW);
    cr_expect_eq(states[A_ROTATED], IDEM_BEGUN);
    cr_expect_eq(states[B], IDEM_NEW);
    cr_expect_eq(snapshot_save(o[A], jobs, 1, &e), E_OK, "%s", e.msg);
    cr_expect_eq(snapshot_found(o[A]), 2);
    cr_expect_eq(snapshot_found(o[A_ROTATED]), 2);
    cr_expect_eq(snapshot_found(o[B]), 0);
    reasons_keep(o[A], "job_1", &b);
    cJSON *rotated = reasons_load(o[A_ROTATED], "job_1");
    cr_expect_eq(cJSON_GetArraySize(rotated), 1);
    cr_expect_null(reasons_load(o[B], "job_1"));
    cJSON_Delete(rotated);
    for (int i = 0; i < KEYS; i++) {
        ops_free(o[i]);
    }
    job_free(j);
}

Test(ops_place, what_a_key_was_said_to_be_is_asked_once_and_remembered)
{
    char *text = NULL;

    for (int i = 0; i < 5; i++) {
        struct ops *o = with(A, i == 0);
        cr_expect_eq(place_text(o, i == 0 ? PLACE_ASK : PLACE_HERE, &text, NULL), E_OK, "run %d",
                     i);
        free(text);
        ops_free(o);
    }
    cr_expect_eq(fake_http_requests(sts), 1);
}

Test(ops_place, a_damaged_memory_is_asked_again)
{
    static const char *const garbage[] = {"", "{", "{\"account\":\"../x\"}", "{\"account\":5}",
                                          "{\"account\":\"111 | us-west-2\"}"};
    char *dir = path_join(c.ops->state_dir, "accounts");
    char *text = NULL;

    struct ops *first = with(A, true);
    cr_assert_eq(place_text(first, PLACE_ASK, &text, NULL), E_OK);
    char *want = text;
    ops_free(first);
    for (size_t i = 0; i < sizeof garbage / sizeof *garbage; i++) {
        DIR *d = opendir(dir);
        const struct dirent *ent;
        while ((ent = readdir(d)) != NULL) {
            char *path = path_join(dir, ent->d_name);
            if (ent->d_name[0] != '.') {
                cr_assert_eq(path_write_atomic(path, garbage[i], strlen(garbage[i]), 0600, NULL),
                             E_OK);
            }
            free(path);
        }
        (void)closedir(d);
        struct ops *o = with(A, true);
        cr_expect_eq(place_text(o, PLACE_HERE, &text, NULL), E_NOT_FOUND, "case %zu", i);
        cr_expect_eq(place_text(o, PLACE_ASK, &text, NULL), E_OK, "case %zu", i);
        cr_expect_str_eq(text, want, "case %zu", i);
        free(text);
        ops_free(o);
    }
    free(want);
    free(dir);
}

/* "first" and "second" are of two accounts; then the emulator is another one, and they change. */
Test(ops_place, key_ids_that_a_person_made_up_are_asked_about_by_every_run)
{
    struct keys made = {.id = (char *)"first", .secret = (char *)"s", .token = (char *)""};
    char *one = NULL;
    char *two = NULL;

    use(&made, true);
    struct ops *o = ops_cloud_again(&c);
    cr_assert_eq(place_text(o, PLACE_ASK, &one, NULL), E_OK);
    cr_assert_eq(place_text(o, PLACE_ASK, &two, NULL), E_OK);
    cr_expect_eq(fake_http_requests(sts), 1, "once a run");
    cr_expect_str_eq(one, two);
    free(two);
    ops_free(o);
    made.id = (char *)"second";
    use(&made, true);
    o = ops_cloud_again(&c);
    cr_assert_eq(place_text(o, PLACE_ASK, &two, NULL), E_OK);
    cr_expect_str_neq(one, two);
    ops_free(o);
    o = ops_cloud_again(&c);
    char *painted = NULL;
    cr_expect_eq(place_text(o, PLACE_HERE, &painted, NULL), E_OK);
    cr_expect_eq(fake_http_requests(sts), 2);
    char *asked = NULL;
    cr_expect_eq(place_text(o, PLACE_ASK, &asked, NULL), E_OK);
    cr_expect_eq(fake_http_requests(sts), 3);
    free(asked);
    free(painted);
    free(one);
    free(two);
    ops_free(o);
}

/* What STS answers before it answers well, and the state's name then: by the key only where there
 * is no such question at all. */
static const struct {
    struct fake_reply reply;
    bool by_key;
} stumbles[] = {
    {{.status = 500,
      .body = "<ErrorResponse><Error><Code>InternalFailure</Code></Error></ErrorResponse>"},
     false                                                                                                   },
    {{.status = 200, .body = "<html>welcome to the hotel</html>"},                                      false},
    {{.status = 200, .body = "<R><GetCallerIdentityResult><Acc"},                                       false},
    {{.status = 307, .headers = "Location: http://127.0.0.1:9/\r\n"},                                   false},
    {{.status = 403,
      .body = "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>"},
     false                                                                                                   },
    {{.status = 400,
      .body = "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>"},
     false                                                                                                   },
    {{.status = 400,
      .body = "<ErrorResponse><Error><Code>IDPCommunicationError</Code></Error></ErrorResponse>"},
     false                                                                                                   },
    {{.status = 400, .body = "<html>bad</html>"},                                                       false},
    {{.deed = FAKE_TRUNCATE, .body = "<R>"},                                                            false},
    {{.status = 400,
      .body = "<ErrorResponse><Error><Code>InvalidAction</Code></Error></ErrorResponse>"},
     true                                                                                                    },
    {{.status = 404, .body = "no such thing"},                                                          true },
    {{.status = 501, .body = ""},                                                                       true },
};

Test(ops_place, a_passing_failure_gives_the_state_no_second_name)
{
    struct keys made = {.id = (char *)"first", .secret = (char *)"s", .token = (char *)""};

    for (size_t i = 0; i < sizeof stumbles / sizeof *stumbles; i++) {
        struct fake_http *ill = fake_http_start(&stumbles[i].reply, 1);
        struct err e = {0};
        char *text = NULL;
        use(&made, true);
        (void)setenv("AWS_ENDPOINT_URL_STS", fake_http_url(ill), 1);
        (void)setenv("AWS_MAX_ATTEMPTS", "1", 1);
        struct ops *o = ops_cloud_again(&c);
        enum err_code rc = place_text(o, PLACE_ASK, &text, &e);
        if (stumbles[i].by_key) {
            cr_expect_eq(rc, E_OK, "case %zu: %s", i, e.msg);
            cr_expect(text != NULL && strncmp(text, "key ", 4) == 0, "case %zu", i);
        } else {
            cr_expect_neq(rc, E_OK, "case %zu: %s", i, text == NULL ? "" : text);
            cr_expect_null(text, "case %zu", i);
        }
        free(text);
        ops_free(o);
        fake_http_stop(ill);
    }
    (void)unsetenv("AWS_MAX_ATTEMPTS");
}

/* Keys that go to AWS: nobody is asked, there is no network here. */
Test(ops_place, keys_of_aws_name_their_account)
{
    struct keys k = {
        .id = (char *)"ASIAQNZGKIQY56JQ7WML", .secret = (char *)"s", .token = (char *)"t"};
    struct err e = {0};
    char *text = NULL;

    use(&k, true);
    (void)unsetenv("AWS_ENDPOINT_URL_STS");
    (void)unsetenv("AWS_ENDPOINT_URL");
    struct ops *o = ops_cloud_again(&c);
    cr_assert_eq(place_text(o, PLACE_HERE, &text, &e), E_OK, "%s", e.msg);
    cr_expect_not_null(strstr(text, "account 029608264753 | us-east-1 | "), "%s", text);
    free(text);
    ops_free(o);
    (void)setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE", 1);
    o = ops_cloud_again(&c);
    cr_expect_eq(place_text(o, PLACE_HERE, &text, &e), E_NOT_FOUND, "one of before 2019 does not");
    ops_free(o);
}

/* What a role or SSO of a profile gives is of the account that the profile names: the first screen
 * needs no request. */
Test(ops_place, a_profile_of_sso_or_a_role_names_its_account)
{
    static const char config[] =
        "[profile sso]\nsso_start_url = https://x.awsapps.com/start\nsso_region = us-east-1\n"
        "sso_account_id = 111122223333\nsso_role_name = ops\nregion = us-east-1\n"
        "[profile role]\nrole_arn = arn:aws:iam::444455556666:role/ops\nsource_profile = sso\n"
        "[profile made]\nrole_arn = nonsense\nsource_profile = sso\n";
    static const struct {
        const char *profile, *account;
    } cases[] = {
        {"sso",  "account 111122223333 | "},
        {"role", "account 444455556666 | "},
        {"made", NULL                     },
    };
    char *path = path_join(c.dir, "aws-config");

    cr_assert_eq(path_write_atomic(path, config, strlen(config), 0600, NULL), E_OK);
    (void)setenv("AWS_CONFIG_FILE", path, 1);
    (void)unsetenv("AWS_ENDPOINT_URL");
    (void)unsetenv("AWS_ENDPOINT_URL_STS");
    (void)unsetenv("AWS_ACCESS_KEY_ID");
    (void)unsetenv("AWS_SECRET_ACCESS_KEY");
    (void)unsetenv("AWS_SESSION_TOKEN");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = NULL;
        (void)setenv("AWS_PROFILE", cases[i].profile, 1);
        struct ops *o = ops_cloud_again(&c);
        enum err_code rc = place_text(o, PLACE_HERE, &text, NULL);
        cr_expect_eq(rc, cases[i].account == NULL ? E_NOT_FOUND : E_OK, "%s", cases[i].profile);
        if (text != NULL && cases[i].account != NULL) {
            cr_expect_eq(strncmp(text, cases[i].account, strlen(cases[i].account)), 0, "%s", text);
        }
        free(text);
        ops_free(o);
    }
    free(path);
}

Test(ops_place, the_local_cloud_is_the_same_on_any_port_and_another_one_is_another)
{
    char *one = NULL;
    char *two = NULL;

    cr_assert_eq(place_text(c.ops, PLACE_ASK, &one, NULL), E_OK);
    cr_expect_not_null(strstr(one, "AIDALOCAL"), "%s", one);
    struct ops *cut = ops_cloud_at(&c, "http://127.0.0.1:9");
    cr_assert_eq(place_text(cut, PLACE_ASK, &two, NULL), E_OK, "remembered");
    cr_expect_str_eq(one, two);
    free(one);
    free(two);
    ops_free(cut);
}
