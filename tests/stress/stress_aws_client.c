/* stress_aws_client.c - calls of many threads through one client, against a service that throttles,
 * fails, resets and refuses tokens, while credentials are renewed and the client is stopped and
 * started. For ThreadSanitizer; the exit status is the verdict. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/client.h"
#include "tests/local/fake_http.c" /* stress programs link the library only */

enum { THREADS = 8, CALLS = 150 };

static atomic_int keys;

static struct fake_reply service(void *arg, const struct fake_request *r, size_t n)
{
    static char bodies[16][256];
    static atomic_uint next;

    (void)arg;
    if (strcmp(r->path, "/keys") == 0) {
        char *body = bodies[atomic_fetch_add(&next, 1) % 16];
        (void)snprintf(body, sizeof bodies[0],
                       "{\"AccessKeyId\":\"K%d\",\"SecretAccessKey\":\"s\",\"Token\":\"t\"}",
                       atomic_fetch_add(&keys, 1));
        return (struct fake_reply){.body = body};
    }
    switch (n % 11) {
    case 3:
        return (struct fake_reply){.status = 400, .body = "{\"__type\":\"x#ThrottlingException\"}"};
    case 5:
        return (struct fake_reply){.deed = FAKE_RESET};
    case 7:
        return (struct fake_reply){.status = 503};
    case 9:
        return (struct fake_reply){.status = 400,
                                   .body = "{\"__type\":\"x#ExpiredTokenException\"}"};
    default:
        return (struct fake_reply){.body =
                                       "{\"ConsumedCapacity\":{\"CapacityUnits\":1},\"Items\":[]}"};
    }
}

static void *call(void *arg)
{
    struct aws_client *c = arg;

    for (int i = 0; i < CALLS; i++) {
        cJSON *out = NULL;
        struct aws_stats s;
        struct err e;
        enum err_code rc =
            aws_call(c, i % 2 == 0 ? AWS_OP_DDB_SCAN : AWS_OP_EVENTS_PUT_EVENTS, NULL, &out, &e);
        if ((rc == E_OK) != (out != NULL) || (rc != E_OK && e.msg[0] == '\0')) {
            (void)fprintf(stderr, "stress_aws_client: %s %s\n", err_name(rc), e.msg);
            exit(1);
        }
        cJSON_Delete(out);
        aws_client_stats(c, &s);
        if (i % 50 == 49) {
            aws_client_stop(c, true);
            aws_client_stop(c, false);
        }
    }
    return NULL;
}

int main(void)
{
    struct fake_http *f = fake_http_start_with(service, NULL);
    struct err e = {0};
    pthread_t threads[THREADS];
    struct aws_stats s;
    char url[128];

    (void)snprintf(url, sizeof url, "%s/keys", fake_http_url(f));
    (void)setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", url, 1);
    (void)setenv("HOME", "/nonexistent", 1);
    (void)unsetenv("AWS_ACCESS_KEY_ID");
    (void)unsetenv("AWS_SECRET_ACCESS_KEY");
    (void)unsetenv("AWS_PROFILE");
    struct aws_client *c = aws_client_new(&(struct aws_options){.region = "us-east-1",
                                                                .endpoint_url = fake_http_url(f),
                                                                .delay_percent = 1},
                                          &e);
    if (c == NULL) {
        (void)fprintf(stderr, "stress_aws_client: %s\n", e.msg);
        return 1;
    }
    for (size_t i = 0; i < THREADS; i++) {
        (void)pthread_create(&threads[i], NULL, call, c);
    }
    for (size_t i = 0; i < THREADS; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    aws_client_stats(c, &s);
    (void)printf("stress_aws_client: %llu requests, %llu retries, %llu failures, %d key sets\n",
                 (unsigned long long)s.requests, (unsigned long long)s.retries,
                 (unsigned long long)s.failures, atomic_load(&keys));
    aws_client_free(c);
    fake_http_stop(f);
    return s.requests > 0 && s.failures < THREADS * CALLS ? 0 : 1;
}
