/* The loop of `mvpdash local`.
 *
 * DESIGN: signals are blocked before the cloud starts its threads, so only this thread takes them,
 * with sigtimedwait: no handler runs anywhere. In the background the same wait is also the clock of
 * the idle check: the exclusive lock on DATA/users can be had only when no user is left. The lock
 * is kept while the cloud ends, so that a new user waits until this cloud is gone and then starts
 * the next one. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "cloud/cloud.h"
#include "core/envfile.h"
#include "core/json.h"
#include "core/path.h"
#include "src/cloud/batch/batch.h"
#include "src/cloud/batch/container.h"
#include "start.h"

enum { IDLE_LOOK_S = 2 };

static void print_environment(const struct cloud *cloud, bool as_json)
{
    char *text = cloud_env_text(cloud);
    struct env_file vars;

    if (!as_json) {
        (void)fputs(text, stdout);
    } else if (env_file_parse(text, strlen(text), "environment", &vars, NULL) == E_OK) {
        cJSON *doc = json_new_object();
        for (size_t i = 0; i < vars.len; i++) {
            json_set_str(doc, vars.items[i].key, vars.items[i].value);
        }
        char *json = json_safe(doc);
        (void)printf("%s\n", json);
        free(json);
        cJSON_Delete(doc);
        env_file_clear(&vars);
    }
    (void)fflush(stdout);
    free(text);
}

/* The process that started us reads our stdout to its end. */
static void let_go_of_stdout(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (null >= 0) {
        (void)dup2(null, STDOUT_FILENO);
        (void)close(null);
    }
}

static int open_users(const char *data_dir)
{
    char *path = path_join(data_dir, "users");
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    free(path);
    return fd;
}

/* Does nobody need the cloud any more? Holds the exclusive lock when the answer is yes. */
static bool nobody_needs(struct cloud *cloud, int users)
{
    if (cloud_batch_active_jobs(cloud) > 0 || flock(users, LOCK_EX | LOCK_NB) != 0) {
        return false;
    }
    if (cloud_batch_active_jobs(cloud) > 0) { /* a job came in meanwhile */
        (void)flock(users, LOCK_UN);
        return false;
    }
    return true;
}

static void serve(struct cloud *cloud, const struct cloud_serve_options *o, const sigset_t *signals)
{
    int users = o->background ? open_users(o->data_dir) : -1;
    const struct timespec look = {.tv_sec = IDLE_LOOK_S};

    for (;;) {
        int got = users < 0 ? sigwaitinfo(signals, NULL) : sigtimedwait(signals, NULL, &look);
        if (got > 0 || (got < 0 && errno == EAGAIN && users >= 0 && nobody_needs(cloud, users))) {
            break;
        }
    }
    cloud_stop(cloud);
    if (users >= 0) {
        (void)close(users); /* closing gives the lock back */
    }
}

static enum err_code find_container(const struct cloud_serve_options *o,
                                    struct cloud_batch_container **out, struct err *e)
{
    if (o->container == NULL) {
        return E_OK;
    }
    *out = cloud_batch_container_find(o->container, o->data_dir, e);
    if (*out == NULL) {
        return e->code;
    }
    (void)fprintf(stderr, "mvpdash: jobs run in the image %s, by %s\n",
                  cloud_batch_container_image(*out), cloud_batch_container_program(*out));
    return E_OK;
}

enum err_code cloud_serve(const struct cloud_serve_options *o, struct err *e)
{
    struct cloud_batch_container *container = NULL;
    enum err_code rc = find_container(o, &container, e);
    if (rc != E_OK) {
        return rc;
    }
    struct cloud_options lo = {.data_dir = o->data_dir,
                               .listen_host = o->host,
                               .port = o->port,
                               .region = o->region,
                               .container = container,
                               .seed = true,
                               .log = o->log};
    sigset_t signals;

    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGHUP);
    (void)sigprocmask(SIG_BLOCK, &signals, NULL);
    struct cloud *cloud = cloud_start(&lo, e);
    if (cloud == NULL) {
        cloud_batch_container_free(container);
        return e == NULL || e->code == E_OK ? E_IO : e->code;
    }
    print_environment(cloud, o->json);
    if (o->background) {
        let_go_of_stdout();
    } else if (isatty(STDERR_FILENO) == 1) {
        (void)fputs("mvpdash: the local cloud serves until Ctrl-C\n", stderr);
    }
    serve(cloud, o, &signals);
    cloud_batch_container_free(container);
    return E_OK;
}
