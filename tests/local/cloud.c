/* A local cloud within the test's process, called by its operations. */
#include "cloud.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/path.h"
#include "core/strbuf.h"
#include "src/cloud/store/service.h"

static int64_t skewed_wall(void *arg)
{
    const struct test_cloud *c = arg;

    return clock_wall_ms(NULL) + c->skew_ms;
}

static int64_t plain_mono(void *arg)
{
    (void)arg;
    return clock_mono_ms(NULL);
}

/* Owned. */
static char *program(void)
{
    const char *named = getenv("MVPDASH");
    char path[4096];
    ssize_t n = named == NULL ? readlink("/proc/self/exe", path, sizeof path - 1) : -1;

    if (n <= 0) {
        return xstrdup(named);
    }
    path[n] = '\0';
    char *slash = strrchr(path, '/');
    return xasprintf("%.*s/mvpdash", (int)(slash - path), path);
}

void cloud_resume(struct test_cloud *c)
{
    char *mvpdash = program();

    c->clock = (struct clock){.wall_ms = skewed_wall, .mono_ms = plain_mono, .arg = c};
    c->l = cloud_start(&(struct cloud_options){.data_dir = c->dir,
                                               .clock = &c->clock,
                                               .region = "us-east-1",
                                               .program = mvpdash,
                                               .max_running_jobs = 4,
                                               .kill_grace_ms = 300,
                                               .seed = c->seed},
                       &c->e);
    free(mvpdash);
    cr_assert_not_null(c->l, "%s", c->e.msg);
    (void)setenv("AWS_ACCESS_KEY_ID", cloud_access_key(c->l), 1);
    (void)setenv("AWS_SECRET_ACCESS_KEY", cloud_secret_key(c->l), 1);
    (void)unsetenv("AWS_SESSION_TOKEN");
    (void)setenv("AWS_MAX_ATTEMPTS", "1", 1);
    c->aws = aws_client_new(
        &(struct aws_options){.region = "us-east-1", .endpoint_url = cloud_endpoint(c->l)}, &c->e);
    cr_assert_not_null(c->aws, "%s", c->e.msg);
}

void cloud_halt(struct test_cloud *c)
{
    aws_client_free(c->aws);
    cloud_stop(c->l);
    c->aws = NULL;
    c->l = NULL;
}

void cloud_open(struct test_cloud *c)
{
    *c = (struct test_cloud){.dir = "/tmp/mvpdash-test-XXXXXX"};
    cr_assert_not_null(mkdtemp(c->dir));
    cloud_resume(c);
}

void cloud_open_seeded(struct test_cloud *c)
{
    *c = (struct test_cloud){.dir = "/tmp/mvpdash-test-XXXXXX", .seed = true};
    cr_assert_not_null(mkdtemp(c->dir));
    (void)setenv("MVP_STEP_SECONDS", "0", 1);
    cloud_resume(c);
}

void cloud_close(struct test_cloud *c)
{
    cloud_halt(c);
    cJSON_Delete(c->failed);
    c->failed = NULL;
    cr_expect_eq(path_remove_tree(c->dir, NULL), E_OK);
}

void cloud_reconnect(struct test_cloud *c)
{
    aws_client_free(c->aws);
    c->aws = aws_client_new(&(struct aws_options){.region = "us-east-1",
                                                  .endpoint_url = cloud_endpoint(c->l),
                                                  .clock = &c->clock},
                            &c->e);
    cr_assert_not_null(c->aws, "%s", c->e.msg);
}

void cloud_restart(struct test_cloud *c)
{
    cloud_halt(c);
    cloud_resume(c);
}

static cJSON *parse(const char *json)
{
    char *text = xstrdup(json);

    for (char *p = text; *p != '\0'; p++) {
        *p = *p == '\'' ? '"' : *p;
    }
    struct err e;
    cJSON *doc = json_parse(text, strlen(text), "test", &e);
    cr_assert_not_null(doc, "%s: %s", e.msg, text);
    free(text);
    return doc;
}

cJSON *cloud_call(struct test_cloud *c, enum aws_op_id op, const char *json)
{
    cJSON *in = parse(json);
    cJSON *out = NULL;

    cJSON_Delete(c->failed);
    c->failed = NULL;
    c->e = (struct err){0};
    if (aws_call_error(c->aws, op, in, &out, &c->failed, &c->e) != E_OK) {
        cr_expect_null(out);
    }
    cJSON_Delete(in);
    return out;
}

void cloud_do(struct test_cloud *c, enum aws_op_id op, const char *json)
{
    cJSON *out = cloud_call(c, op, json);

    cr_assert_not_null(out, "%s: %s", json, c->e.msg);
    cJSON_Delete(out);
}

const cJSON *cloud_member(const cJSON *doc, const char *path)
{
    char name[64];

    while (doc != NULL && *path != '\0') {
        size_t n = strcspn(path, ".");
        (void)snprintf(name, sizeof name, "%.*s", (int)n, path);
        doc = cJSON_IsArray(doc) ? cJSON_GetArrayItem(doc, atoi(name)) : json_get(doc, name);
        path += n + (path[n] == '.');
    }
    return doc;
}

cJSON *cloud_wait(struct test_cloud *c, enum aws_op_id op, const char *json, const char *path,
                  const char *want)
{
    int64_t deadline = clock_mono_ms(NULL) + 50000;
    const char *got = NULL;
    cJSON *out = NULL;

    for (;;) {
        out = cloud_call(c, op, json);
        const cJSON *v = cloud_member(out, path);
        got = cJSON_IsString(v) ? v->valuestring : NULL;
        if ((got != NULL && strcmp(got, want) == 0) || clock_mono_ms(NULL) > deadline) {
            break;
        }
        cJSON_Delete(out);
        (void)poll(NULL, 0, 10); /* the service has nothing to wait on but asking again */
    }
    cr_assert_str_eq(got != NULL ? got : "(nothing)", want, "%s", json);
    return out;
}

void cloud_refuses(struct test_cloud *c, enum aws_op_id op, const char *json, const char *code,
                   const char *part)
{
    cJSON *out = cloud_call(c, op, json);

    cr_assert_null(out, "%s was accepted", json);
    cr_expect_str_eq(c->e.aws_code, code, "%s: %s", json, c->e.msg);
    cr_expect(strstr(c->e.msg, part) != NULL, "%s: '%s' lacks '%s'", json, c->e.msg, part);
}

void cloud_answers(struct test_cloud *c, enum aws_op_id op, const char *json, const char *want)
{
    cJSON *out = cloud_call(c, op, json);
    cJSON *expected = parse(want);

    cr_assert_not_null(out, "%s: %s", json, c->e.msg);
    char *text = json_text(out);
    char *expected_text = json_text(expected);
    cr_expect_str_eq(text, expected_text, "%s", json);
    free(text);
    free(expected_text);
    cJSON_Delete(out);
    cJSON_Delete(expected);
}

char *cloud_raw(struct test_cloud *c, const char *request)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons(cloud_port(c->l)),
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval limit = {.tv_sec = 60};
    struct strbuf b = STRBUF_INIT;
    char buf[4096];
    ssize_t n;

    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_geq(fd, 0);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    cr_assert_eq(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    (void)send(fd, request, strlen(request), MSG_NOSIGNAL);
    (void)shutdown(fd, SHUT_WR);
    while ((n = recv(fd, buf, sizeof buf, 0)) > 0 || (n < 0 && errno == EINTR)) {
        strbuf_add(&b, buf, n < 0 ? 0 : (size_t)n);
    }
    (void)close(fd);
    return strbuf_take(&b);
}

/* ---- streams ---------------------------------------------------------------------------- */

static cJSON *call_with(struct test_cloud *c, enum aws_op_id op, cJSON *in)
{
    cJSON *out = NULL;

    cr_assert_eq(aws_call(c->aws, op, in, &out, &c->e), E_OK, "%s", c->e.msg);
    cJSON_Delete(in);
    return out;
}

static void add_records(struct strbuf *text, const cJSON *page)
{
    const cJSON *v = NULL;

    cJSON_ArrayForEach(v, json_array(page, "Records"))
    {
        const cJSON *key = json_object(json_object(v, "dynamodb"), "Keys")->child;
        const char *by = json_str(json_object(v, "userIdentity"), "PrincipalId");
        strbuf_addf(text, "%s%s %s%s%s", text->len > 0 ? ", " : "", json_str(v, "eventName"),
                    key->child->valuestring, by == NULL ? "" : " by ", by == NULL ? "" : by);
    }
}

char *cloud_stream_text(struct test_cloud *c, const char *table)
{
    struct strbuf text = STRBUF_INIT;
    cJSON *in = json_new_object();

    json_set_str(in, "TableName", table);
    cJSON *about = call_with(c, AWS_OP_DDB_DESCRIBE_TABLE, in);
    const char *arn = cloud_member(about, "Table.LatestStreamArn")->valuestring;
    in = json_new_object();
    json_set_str(in, "StreamArn", arn);
    cJSON *stream = call_with(c, AWS_OP_STREAMS_DESCRIBE_STREAM, in);
    in = json_new_object();
    json_set_str(in, "StreamArn", arn);
    json_set_str(in, "ShardId",
                 cloud_member(stream, "StreamDescription.Shards.0.ShardId")->valuestring);
    json_set_str(in, "ShardIteratorType", "TRIM_HORIZON");
    cJSON *iterator = call_with(c, AWS_OP_STREAMS_GET_SHARD_ITERATOR, in);
    cJSON *page = call_with(c, AWS_OP_STREAMS_GET_RECORDS, iterator);
    add_records(&text, page);
    cJSON_Delete(about);
    cJSON_Delete(stream);
    cJSON_Delete(page);
    return strbuf_take(&text);
}
