/* stress_ops.c - the operations from many threads at once against a local cloud, stopped under way:
 * deploys, lists, cancels, logs, the pool with the schedule. For ThreadSanitizer; the exit status
 * is the verdict. */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/path.h"
#include "ops/job_ops.h"
#include "ops/list.h"
#include "src/cloud/start.h"
#include "work/pool.h"
#include "work/schedule.h"

enum { DEPLOYS = 40, ROUNDS = 3 };

static void fail(const char *what, const struct err *e)
{
    (void)fprintf(stderr, "stress_ops: %s: %s\n", what, e->msg);
    exit(1);
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

static void fill(struct deploy_request *r)
{
    deploy_request_init(r);
    if (deploy_request_set(r, "userId", "u", NULL) != E_OK ||
        deploy_request_set(r, "productId", "p", NULL) != E_OK) {
        exit(1);
    }
}

static void *deploy_many(void *arg)
{
    static struct deploy_request r[DEPLOYS];
    static struct deploy_many_result out[DEPLOYS];

    for (int i = 0; i < DEPLOYS; i++) {
        fill(&r[i]);
    }
    (void)ops_deploy_many(arg, r, DEPLOYS, out, NULL, NULL);
    for (int i = 0; i < DEPLOYS; i++) {
        if (out[i].code != E_OK) {
            fail("a deploy", &out[i].err);
        }
        deploy_request_clear(&r[i]);
    }
    return NULL;
}

static void *list_and_resume(void *arg)
{
    const struct ops *o = arg;

    for (int i = 0; i < ROUNDS; i++) {
        struct list_result r;
        struct err e = {0};
        if (ops_list(o, &(struct list_query){.since_ms = TIME_NONE}, &r, &e) != E_OK) {
            fail("a list", &e);
        }
        for (size_t k = 0; k < r.len && k < 3; k++) {
            struct cancel_result c;
            enum err_code rc = ops_cancel(o, r.rows[k].job->id, "stress", &c, &e);
            if (rc != E_OK && rc != E_CONFLICT) {
                fail("a cancel", &e);
            }
        }
        list_result_clear(&r);
        if (ops_outbox_resume(o, NULL, NULL, &e) != E_OK) {
            fail("the outbox", &e);
        }
    }
    return NULL;
}

/* The engine for a while, then stopped with work under way. */
static void engine(struct ops *o, int64_t for_ms)
{
    struct msgq *q = msgq_new(4, NULL);
    struct pool *p = pool_new(o, q, 4, NULL);
    struct schedule *s = schedule_new(1, 3);
    int64_t until = clock_mono_ms(NULL) + for_ms;

    for (uint32_t i = 0; clock_mono_ms(NULL) < until; i++) {
        struct task *t = schedule_due(s, NULL, clock_mono_ms(NULL));
        while (t != NULL) {
            struct task *next = t->next;
            pool_submit(p, t);
            t = next;
        }
        if (i % 20 == 0) {
            t = task_new(TASK_DEPLOY, i + 1);
            task_as(t, deploy) = xcalloc(1, sizeof(struct deploy_request));
            fill(task_as(t, deploy));
            pool_submit(p, t);
        }
        schedule_hurry(s);
        struct pollfd fd = {.fd = msgq_fd(q), .events = POLLIN};
        (void)poll(&fd, 1, 20);
        for (struct msg *m = msgq_drain(q); m != NULL;) {
            struct msg *next = m->next;
            schedule_saw(s, m, clock_mono_ms(NULL));
            msg_free(m);
            m = next;
        }
    }
    pool_free(p);
    msgq_free(q);
    schedule_free(s);
}

int main(void)
{
    char dir[] = "/tmp/mvpdash-stress-ops-XXXXXX";
    struct err e = {0};
    pthread_t threads[2];

    (void)signal(SIGPIPE, SIG_IGN);
    if (mkdtemp(dir) == NULL) {
        return 1;
    }
    (void)setenv("XDG_STATE_HOME", dir, 1);
    (void)setenv("XDG_CONFIG_HOME", dir, 1);
    char *data = path_join(dir, "cloud");
    struct cloud *l = cloud_start(&(struct cloud_options){.data_dir = data,
                                                          .program = "/bin/true",
                                                          .pipeline = "/bin/true",
                                                          .max_running_jobs = 2,
                                                          .seed = true},
                                  &e);
    if (l == NULL) {
        fail("the local cloud", &e);
    }
    char *env = cloud_env_text(l);
    take_env(env);
    struct settings *settings = settings_load(&(struct settings_sources){.local_cloud = true}, &e);
    struct ops *o = settings == NULL ? NULL : ops_new(settings, NULL, NULL, &e);
    if (o == NULL) {
        fail("ops", &e);
    }
    if (pthread_create(&threads[0], NULL, deploy_many, o) != 0 ||
        pthread_create(&threads[1], NULL, list_and_resume, o) != 0) {
        return 1;
    }
    for (int i = 0; i < 2; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    engine(o, 1500);
    ops_free(o);
    settings_free(settings);
    cloud_stop(l);
    (void)!path_remove_tree(dir, NULL);
    free(env);
    free(data);
    return puts("stress_ops: ok") < 0;
}
