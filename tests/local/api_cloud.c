/* A REST API on a local cloud of its own, and a client that asks it. */
#include "api_cloud.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/path.h"
#include "core/strbuf.h"

const char api_good[] = "{\"userId\":\"u\",\"productId\":\"p\"}";

static void start(struct api_cloud *a)
{
    struct err e = {0};

    a->api = api_start(&a->options, &e);
    cr_assert_not_null(a->api, "%s", e.msg);
}

void api_cloud_start(struct api_cloud *a, const struct ops_cloud_options *cloud,
                     const struct api_options *o)
{
    *a = (struct api_cloud){.api = NULL};
    ops_cloud_start(&a->cloud, cloud == NULL ? &(struct ops_cloud_options){0} : cloud);
    a->options = o == NULL ? (struct api_options){.access_log = ""} : *o;
    a->options.ops = a->cloud.ops;
    start(a);
}

void api_cloud_stop(struct api_cloud *a)
{
    api_free(a->api);
    ops_cloud_stop(&a->cloud);
}

void api_cloud_again(struct api_cloud *a, const struct ops *ops)
{
    api_free(a->api);
    ops_stop(a->options.ops, false);
    if (ops != NULL) {
        a->options.ops = ops;
    }
    start(a);
}

void answer_clear(struct answer *a)
{
    free(a->headers);
    free(a->body);
    cJSON_Delete(a->doc);
    *a = (struct answer){.status = 0};
}

void answer_drop(struct answer x)
{
    answer_clear(&x);
}

int api_connect(const struct api_cloud *a)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons(api_port(a->api)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval limit = {.tv_sec = 60};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    cr_assert_geq(fd, 0);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    cr_assert_eq(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    return fd;
}

ssize_t api_read(int fd, char *buf, size_t size)
{
    ssize_t n;

    do { /* the test runner has signal handlers, and a read with a limit is not restarted */
        n = recv(fd, buf, size, 0);
    } while (n < 0 && errno == EINTR);
    return n;
}

static struct answer parse(struct strbuf *b)
{
    struct answer out = {.status = 0};
    char *text = strbuf_take(b);
    char *head = strstr(text, "\r\n");
    char *body = strstr(text, "\r\n\r\n");

    if (strncmp(text, "HTTP/1.1 ", 9) == 0 && head != NULL && body != NULL) {
        *body = '\0';
        out.status = atoi(text + 9);
        out.headers = xstrdup(head + 2 > body ? "" : head + 2);
        out.body = xstrdup(body + 4);
        out.doc = json_parse(out.body, strlen(out.body), "answer", NULL);
    }
    free(text);
    return out;
}

struct answer api_raw(const struct api_cloud *a, const char *bytes, size_t len)
{
    struct strbuf b = STRBUF_INIT;
    char buf[8192];
    ssize_t n;
    int fd = api_connect(a);

    for (size_t at = 0; at < len;) {
        n = send(fd, bytes + at, len - at, MSG_NOSIGNAL);
        if (n <= 0) {
            break; /* refused early: what it says is read below */
        }
        at += (size_t)n;
    }
    while ((n = api_read(fd, buf, sizeof buf)) > 0) {
        strbuf_add(&b, buf, (size_t)n);
    }
    char *why =
        xasprintf("(no answer: %zu bytes, then %s)", b.len, n < 0 ? strerror(errno) : "the end");
    (void)close(fd);
    struct answer out = parse(&b);
    if (out.status == 0) {
        out.body = why;
        why = NULL; /* moved */
    }
    free(why);
    return out;
}

struct answer api_ask(const struct api_cloud *a, const char *method, const char *target,
                      const char *headers, const char *body)
{
    struct strbuf b = STRBUF_INIT;
    bool typed = headers != NULL && strcasestr(headers, "content-type:") != NULL;

    strbuf_addf(&b, "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s", method, target,
                headers == NULL ? "" : headers);
    if (body != NULL) {
        strbuf_addf(&b, "%sContent-Length: %zu\r\n",
                    typed ? "" : "Content-Type: application/json\r\n", strlen(body));
    }
    strbuf_adds(&b, "\r\n");
    strbuf_adds(&b, body);
    struct answer out = api_raw(a, b.data, b.len);
    strbuf_clear(&b);
    return out;
}

const char *answer_code(const struct answer *a)
{
    return json_str_or(json_object(a->doc, "error"), "code", "");
}

struct answer api_expect(const struct api_cloud *a, const char *method, const char *target,
                         const char *headers, const char *body, int status, const char *code)
{
    struct answer out = api_ask(a, method, target, headers, body);

    cr_assert_eq(out.status, status, "%s %s: %d %s", method, target, out.status,
                 out.body == NULL ? "" : out.body);
    cr_assert_str_eq(answer_code(&out), code, "%s %s: %s", method, target, out.body);
    if (code[0] != '\0') {
        const cJSON *error = json_object(out.doc, "error");
        cr_expect_eq(cJSON_GetArraySize(out.doc), 1);
        const cJSON *fields = json_array(error, "fields");
        cr_expect_eq(cJSON_GetArraySize(error), fields == NULL ? 2 : 3, "%s", out.body);
        cr_expect(fields == NULL || (status == 400 && cJSON_GetArraySize(fields) > 0));
        cr_expect_neq(json_str_or(error, "message", "")[0], '\0');
    }
    return out;
}

const char *answer_header(const struct answer *a, const char *name, char *out, size_t size)
{
    size_t len = strlen(name);

    out[0] = '\0';
    for (const char *line = a->headers; line != NULL && *line != '\0';) {
        size_t n = strcspn(line, "\r");
        if (n > len && strncasecmp(line, name, len) == 0 && line[len] == ':') {
            const char *value = line + len + 1 + strspn(line + len + 1, " ");
            (void)snprintf(out, size, "%.*s", (int)(line + n - value), value);
        }
        line += n + strspn(line + n, "\r\n");
    }
    return out;
}

char *api_deploy(const struct api_cloud *a, const char *user)
{
    char *body = xasprintf("{\"userId\":\"%s\",\"productId\":\"p\"}", user);
    struct answer out = api_expect(a, "POST", "/deploy", NULL, body, 202, "");
    char *id = xstrdup(json_str_or(out.doc, "jobId", ""));

    answer_clear(&out);
    free(body);
    return id;
}

void api_wait_logged(const struct api_cloud *a, const char *path, const char *what)
{
    int64_t until = clock_mono_ms(NULL) + 60000;
    char *text = NULL;

    do {
        free(text);
        cr_assert_eq(path_read(path, 1 << 20, &text, NULL, NULL), E_OK);
    } while (strstr(text, what) == NULL && clock_mono_ms(NULL) < until &&
             ops_sleep(a->cloud.ops, 10));
    cr_expect_not_null(strstr(text, what), "%s in %s", what, text);
    free(text);
}
