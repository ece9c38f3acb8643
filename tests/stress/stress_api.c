/* stress_api.c - the REST API from many connections at once: deploys with and without keys, pages,
 * cancels, metrics; tokens reloaded, the slow scan running, and the drain in the middle of it all.
 * For ThreadSanitizer; the exit status is the verdict. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "api/api.h"
#include "core/alloc.h"
#include "core/path.h"
#include "ops/job_ops.h"
#include "src/cloud/start.h"

#define TOKEN "0123456789abcdef0123"

enum { CLIENTS = 6, ROUNDS = 12 };

static uint16_t port;
static atomic_int accepted;
static atomic_bool ending;

static void fail(const char *what, const struct err *e)
{
    (void)fprintf(stderr, "stress_api: %s: %s\n", what, e->msg);
    exit(1);
}

static int dial(void)
{
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval limit = {.tv_sec = 60};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (connect(fd, (struct sockaddr *)&at, sizeof at) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

/* The status; 0 when nobody answers (any more). `text` gets the beginning of the answer. */
static int ask(const char *method, const char *target, const char *headers, const char *body,
               char *text, size_t size)
{
    char request[1024];
    char rest[4096];
    size_t len = 0;
    ssize_t n;
    int fd = dial();

    text[0] = '\0';
    if (fd < 0) {
        return 0;
    }
    (void)snprintf(request, sizeof request,
                   "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer " TOKEN
                   "\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n%s\r\n%s",
                   method, target, strlen(body), headers, body);
    (void)send(fd, request, strlen(request), MSG_NOSIGNAL);
    while (len + 1 < size && (n = recv(fd, text + len, size - 1 - len, 0)) > 0) {
        len += (size_t)n;
    }
    text[len] = '\0';
    while (recv(fd, rest, sizeof rest, 0) > 0) {
    }
    (void)close(fd);
    return strncmp(text, "HTTP/1.1 ", 9) == 0 ? atoi(text + 9) : 0;
}

static void must(int status, const char *what, const char *text, const int *allowed)
{
    for (; *allowed >= 0; allowed++) {
        if (status == *allowed) {
            return;
        }
    }
    if (status == 0 && atomic_load(&ending)) {
        return;
    }
    (void)fprintf(stderr, "stress_api: %s: %d %.600s\n", what, status, text);
    exit(1);
}

static void *client(void *arg)
{
    int me = *(int *)arg;
    char text[4096];
    char target[200];
    char key[80];
    char body[120];

    for (int i = 0; i < ROUNDS && !atomic_load(&ending); i++) {
        /* Two clients share a key, so that they meet. */
        (void)snprintf(key, sizeof key, "Idempotency-Key: %d-%d\r\n", me / 2, i);
        (void)snprintf(body, sizeof body, "{\"userId\":\"u%d\",\"productId\":\"p\"}", me / 2);
        int status = ask("POST", "/deploy", i % 2 == 0 ? key : "", body, text, sizeof text);
        must(status, "deploy", text, (const int[]){202, -1});
        (void)atomic_fetch_add(&accepted, status == 202);
        char *id = strstr(text, "\"jobId\":\"");
        if (id != NULL) {
            id += 9;
            id[strcspn(id, "\"")] = '\0';
            (void)snprintf(target, sizeof target, "/status/%.120s", id);
            char job[130];
            (void)snprintf(job, sizeof job, "%.120s", id);
            must(ask("GET", target, "", "", text, sizeof text), "status", text,
                 (const int[]){200, -1});
            (void)snprintf(target, sizeof target, "/jobs/%.120s", job);
            must(ask("DELETE", target, "", "", text, sizeof text), "cancel", text,
                 (const int[]){200, 409, 502, -1});
        }
        (void)snprintf(target, sizeof target, "/jobs/u%d?limit=5&status=CANCELLED", me / 2);
        must(ask("GET", target, "", "", text, sizeof text), "jobs", text, (const int[]){200, -1});
        must(ask("GET", i % 3 == 0 ? "/metrics" : "/readyz", "", "", text, sizeof text), "numbers",
             text, (const int[]){200, 503, -1});
    }
    return NULL;
}

static void take_env(char *text)
{
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        char *name = strncmp(line, "export ", 7) == 0 ? line + 7 : line;
        char *value = strchr(name, '=');
        if (value != NULL) {
            *value++ = '\0';
            (void)setenv(name, value, 1);
        }
    }
}

/* All clients to their end, with the tokens reloaded meanwhile; or drained under way. */
static void round_of(const struct ops *o, const char *tokens, bool drain)
{
    struct err e = {0};
    struct api_options options = {.ops = o,
                                  .token_file = tokens,
                                  .access_log = "/dev/null",
                                  .rate = 100000,
                                  .scan_every_s = 1,
                                  .scan_rest_ms = 1};
    struct api *a = api_start(&options, &e);
    pthread_t threads[CLIENTS];
    int numbers[CLIENTS];

    if (a == NULL) {
        fail("start", &e);
    }
    port = api_port(a);
    atomic_store(&ending, false);
    atomic_store(&accepted, 0);
    for (int i = 0; i < CLIENTS; i++) {
        numbers[i] = i;
        if (pthread_create(&threads[i], NULL, client, &numbers[i]) != 0) {
            exit(1);
        }
    }
    while (atomic_load(&accepted) < CLIENTS * 2) {
        if (api_reload(a, &e) != E_OK) {
            fail("reload", &e);
        }
        (void)usleep(2000);
    }
    if (drain) {
        atomic_store(&ending, true);
        if (api_drain(a, 60000) != 0) {
            fail("the drain", &e);
        }
    }
    for (int i = 0; i < CLIENTS; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    api_free(a);
    ops_stop(o, false);
}

int main(void)
{
    char dir[] = "/tmp/mvpdash-stress-api-XXXXXX";
    struct err e = {0};

    (void)signal(SIGPIPE, SIG_IGN);
    if (mkdtemp(dir) == NULL) {
        return 1;
    }
    (void)setenv("XDG_STATE_HOME", dir, 1);
    (void)setenv("XDG_CONFIG_HOME", dir, 1);
    char *data = path_join(dir, "cloud");
    char *tokens = path_join(dir, "tokens");
    static const char line[] = "web " TOKEN "\n";
    struct cloud *l = cloud_start(&(struct cloud_options){.data_dir = data,
                                                          .program = "/bin/true",
                                                          .pipeline = "/bin/true",
                                                          .max_running_jobs = 2,
                                                          .seed = true},
                                  &e);
    if (l == NULL || path_write_atomic(tokens, line, sizeof line - 1, 0600, &e) != E_OK) {
        fail("the local cloud", &e);
    }
    char *env = cloud_env_text(l);
    take_env(env);
    struct settings *settings = settings_load(&(struct settings_sources){.local_cloud = true}, &e);
    struct ops *o = settings == NULL ? NULL : ops_new(settings, NULL, NULL, &e);
    if (o == NULL) {
        fail("ops", &e);
    }
    round_of(o, tokens, false);
    round_of(o, tokens, true);
    int left = ops_outbox_len(o);
    ops_free(o);
    settings_free(settings);
    cloud_stop(l);
    (void)!path_remove_tree(dir, NULL);
    free(env);
    free(tokens);
    free(data);
    if (left != 0) {
        (void)fprintf(stderr, "stress_api: %d deploys are left in the outbox\n", left);
        return 1;
    }
    return puts("stress_api: ok") < 0;
}
