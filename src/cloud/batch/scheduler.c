/* The scheduler of the local Batch: promotes jobs, starts RUNNABLE ones, joins those that ended. */
#include "scheduler.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "core/alloc.h"
#include "core/cond.h"
#include "core/json.h"
#include "job_run.h"
#include "jobs/batch.h"
#include "src/cloud/store/options.h"
#include "src/cloud/store/sqlx.h"

enum { STOP_GRACE_MS = 3000, QUEUES_MAX = 50 };

/* A job with such a reason stays RUNNABLE, as in Batch, until somebody cancels it. */
#define MISCONFIGURED "MISCONFIGURATION:"
#define REASON_TOO_BIG                                                                             \
    MISCONFIGURED "COMPUTE_ENVIRONMENT_MAX_RESOURCE - CE(s) associated with the job queue have a " \
                  "smaller maximum vCPU than the job asks for"

#define REASON_KILLED "The local cloud was killed while the job ran; its process is gone"

/* A job that runs in a process. */
struct live {
    struct cloud_batch_run *run;
    pthread_t thread;
    struct cloud_batch_scheduler *s;
    bool done; /* the thread is about to return and can be joined */
    struct live *next;
};

struct cloud_batch_scheduler {
    struct cloud *cloud;
    pthread_t thread;
    /* guards all members below; may be taken while the cloud's lock is held, never the other way
     * round */
    pthread_mutex_t lock;
    /* signalled when the scheduler is poked or stopped, or a live job is done */
    pthread_cond_t wake;
    bool poked, stop;
    struct live *live;
    int running;
};

/* ---- states before a process ---------------------------------------------------------------- */

enum wait_state { WAIT_NO, WAIT_YES, WAIT_NEVER };

/* Are the jobs done that this one depends on? */
static enum wait_state dependencies(struct cloud *cloud, const cJSON *job)
{
    const cJSON *list = json_array(job, "dependsOn");
    enum wait_state state = WAIT_NO;

    for (const cJSON *d = list != NULL ? list->child : NULL; d != NULL; d = d->next) {
        cJSON *other = cloud_batch_job(cloud, json_str_or(d, "jobId", ""));
        const char *status = json_str_or(other, "status", "FAILED");
        bool failed = strcmp(status, "FAILED") == 0, good = strcmp(status, "SUCCEEDED") == 0;
        cJSON_Delete(other);
        if (failed) {
            return WAIT_NEVER;
        }
        state = good ? state : WAIT_YES;
    }
    return state;
}

static double vcpus_of(const cJSON *job)
{
    return batch_resource(json_object(job, "container"), "VCPU", "vcpus");
}

/* Does the job need more vCPUs than any environment of its queue has? */
static bool is_too_big(struct cloud *cloud, const cJSON *job)
{
    return vcpus_of(job) >
           (double)cloud_batch_queue_vcpus(cloud, json_str_or(job, "jobQueue", "")).largest;
}

/* Moves a job on by what it depends on. True when the job failed: others may depend on it. */
static bool promote(struct cloud *cloud, const char *id)
{
    cJSON *job = cloud_batch_job(cloud, id);
    bool failed = false;

    if (job == NULL) {
        return false;
    }
    switch (dependencies(cloud, job)) {
    case WAIT_NO:
        json_set_str(job, "status", "RUNNABLE");
        if (is_too_big(cloud, job)) {
            json_set_str(job, "statusReason", REASON_TOO_BIG);
        }
        (void)cloud_batch_save(cloud, job, true);
        break;
    case WAIT_YES:
        if (strcmp(json_str_or(job, "status", ""), "PENDING") != 0) {
            json_set_str(job, "status", "PENDING");
            (void)cloud_batch_save(cloud, job, true);
        }
        break;
    case WAIT_NEVER:
        cloud_batch_finish(cloud, job, "FAILED", "Dependent Job failed");
        failed = true;
        break;
    }
    cJSON_Delete(job);
    return failed;
}

/* The ids of up to `max` jobs that `q` gives; owned, NULL-terminated. */
static char **read_ids(struct cloud *cloud, sqlite3_stmt *q, size_t max)
{
    char **ids = xcalloc(max + 1, sizeof *ids);
    size_t n = 0;

    while (n < max && sqlx_row(q)) {
        ids[n++] = xstrdup(sqlx_str(q, 0));
    }
    cloud_stmt_done(cloud, q);
    return ids;
}

static void free_ids(char **ids)
{
    for (char **id = ids; *id != NULL; id++) {
        free(*id);
    }
    free(ids);
}

static void promote_all(struct cloud_batch_scheduler *s)
{
    struct cloud *cloud = s->cloud;
    char **ids = read_ids(cloud,
                          cloud_stmt(cloud, "SELECT id FROM batch_job WHERE status IN"
                                            " ('SUBMITTED','PENDING') ORDER BY n"),
                          1000);

    for (char **id = ids; *id != NULL; id++) {
        if (promote(cloud, *id)) {
            cloud_batch_scheduler_poke(s);
        }
    }
    free_ids(ids);
}

/* ---- processes ------------------------------------------------------------------------------ */

static void *run_live(void *arg)
{
    struct live *live = arg;
    struct cloud_batch_scheduler *s = live->s;

    cloud_batch_run_execute(live->run);
    pthread_mutex_lock(&s->lock);
    live->done = true;
    s->running--;
    s->poked = true;
    pthread_cond_broadcast(&s->wake);
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

/* Pokes the scheduler when the job has ended: others may depend on a job that never ran. */
static void poke_if_ended(struct cloud_batch_scheduler *s, const cJSON *job)
{
    if (strcmp(json_str_or(job, "status", ""), "FAILED") == 0) {
        cloud_batch_scheduler_poke(s);
    }
}

/* Starts a job. Under the cloud's lock. */
static void start_job(struct cloud_batch_scheduler *s, const char *id)
{
    cJSON *job = cloud_batch_job(s->cloud, id);
    struct cloud_batch_run *run = job != NULL ? cloud_batch_run_new(s->cloud, job) : NULL;

    if (run == NULL) {
        poke_if_ended(s, job);
        cJSON_Delete(job);
        return;
    }
    cJSON_Delete(job);
    struct live *live = xcalloc(1, sizeof *live);
    *live = (struct live){.run = run, .s = s};
    pthread_mutex_lock(&s->lock);
    live->next = s->live;
    s->live = live;
    s->running++;
    if (s->stop) {
        cloud_batch_run_stop(run, true, false);
    }
    int rc = pthread_create(&live->thread, NULL, run_live, live);
    if (rc != 0) {
        s->live = live->next;
        s->running--;
    }
    pthread_mutex_unlock(&s->lock);
    if (rc != 0) {
        job = cloud_batch_job(s->cloud, id);
        cloud_batch_run_close_attempt(
            s->cloud, job,
            &(struct cloud_batch_run_end){.exit_code = -1,
                                          .reason = "no thread for the job",
                                          .status_reason = "Task failed to start",
                                          .may_retry = true});
        poke_if_ended(s, job);
        cJSON_Delete(job);
        cloud_batch_run_free(run);
        free(live);
    }
}

/* How many jobs run in a process at the moment. */
static int running(struct cloud_batch_scheduler *s)
{
    pthread_mutex_lock(&s->lock);
    int n = s->running;
    pthread_mutex_unlock(&s->lock);
    return n;
}

/* The vCPUs that the jobs of this queue have which run or start. */
static double vcpus_in_use(struct cloud *cloud, const char *queue)
{
    sqlite3_stmt *q =
        cloud_stmt(cloud, "SELECT document FROM batch_job WHERE queue=?1 AND status IN"
                          " ('STARTING','RUNNING')");
    double used = 0;

    sqlx_text(q, 1, queue);
    while (sqlx_row(q)) {
        cJSON *job = sqlx_document(q, 0);
        used += vcpus_of(job);
        cJSON_Delete(job);
    }
    cloud_stmt_done(cloud, q);
    return used;
}

/* Is there room for the job in the environments of its queue? A job of which that is not known has
 * room. */
static bool has_room(struct cloud *cloud, const char *id)
{
    cJSON *job = cloud_batch_job(cloud, id);
    const char *queue = json_str_or(job, "jobQueue", "");
    bool room = vcpus_in_use(cloud, cloud_batch_name(queue)) + vcpus_of(job) <=
                (double)cloud_batch_queue_vcpus(cloud, queue).all;

    cJSON_Delete(job);
    return room;
}

/* The RUNNABLE job whose turn it is, owned; NULL: there is none. The jobs of a queue are started in
 * the order in which they came: the first one that has no room holds up those behind it. */
static char *next_job(struct cloud_batch_scheduler *s)
{
    char **ids = read_ids(
        s->cloud,
        cloud_stmt(s->cloud,
                   "SELECT j.id,min(j.n) FROM batch_job j LEFT JOIN batch_queue q ON q.name=j.queue"
                   " WHERE j.status='RUNNABLE' AND"
                   " ifnull(json_extract(j.document,'$.statusReason'),'') NOT LIKE"
                   " '" MISCONFIGURED "%' GROUP BY j.queue ORDER BY"
                   " ifnull(json_extract(q.document,'$.priority'),0) DESC, min(j.n)"),
        QUEUES_MAX);
    char *next = NULL;

    for (char **id = ids; *id != NULL && next == NULL; id++) {
        next = has_room(s->cloud, *id) ? xstrdup(*id) : NULL;
    }
    free_ids(ids);
    return next;
}

static void start_jobs(struct cloud_batch_scheduler *s)
{
    int max = cloud_opts(s->cloud)->max_running_jobs;
    char *id = NULL;

    for (int room = max - running(s); room > 0 && (id = next_job(s)) != NULL; room--) {
        start_job(s, id);
        free(id);
    }
}

static void join_done(struct cloud_batch_scheduler *s)
{
    for (;;) {
        pthread_mutex_lock(&s->lock);
        struct live **at = &s->live;
        while (*at != NULL && !(*at)->done) {
            at = &(*at)->next;
        }
        struct live *live = *at;
        if (live != NULL) {
            *at = live->next;
        }
        pthread_mutex_unlock(&s->lock);
        if (live == NULL) {
            return;
        }
        (void)pthread_join(live->thread, NULL);
        cloud_batch_run_free(live->run);
        free(live);
    }
}

static bool wait_for_poke(struct cloud_batch_scheduler *s)
{
    pthread_mutex_lock(&s->lock);
    while (!s->poked && !s->stop) {
        pthread_cond_wait(&s->wake, &s->lock);
    }
    s->poked = false;
    bool go_on = !s->stop;
    pthread_mutex_unlock(&s->lock);
    return go_on;
}

static void *run(void *arg)
{
    struct cloud_batch_scheduler *s = arg;

    while (wait_for_poke(s)) {
        cloud_lock(s->cloud);
        (void)sqlite3_exec(cloud_db(s->cloud), "SAVEPOINT schedule", NULL, NULL, NULL);
        promote_all(s);
        start_jobs(s);
        (void)sqlite3_exec(cloud_db(s->cloud), "RELEASE schedule", NULL, NULL, NULL);
        cloud_unlock(s->cloud);
        join_done(s);
    }
    return NULL;
}

/* ---- life ------------------------------------------------------------------------------------ */

/* Ends what a killed cloud left behind: the supervisors of runner.c have killed the processes when
 * that cloud died. */
static void repair(struct cloud *cloud)
{
    char **ids = read_ids(cloud,
                          cloud_stmt(cloud, "SELECT id FROM batch_job WHERE status IN"
                                            " ('STARTING','RUNNING') ORDER BY n"),
                          10000);

    for (char **id = ids; *id != NULL; id++) {
        cJSON *job = cloud_batch_job(cloud, *id);
        if (job != NULL) {
            cloud_batch_run_close_attempt(
                cloud, job,
                &(struct cloud_batch_run_end){
                    .exit_code = 137, .reason = "", .status_reason = REASON_KILLED});
            cJSON_Delete(job);
        }
    }
    free_ids(ids);
}

struct cloud_batch_scheduler *cloud_batch_scheduler_start(struct cloud *cloud, struct err *e)
{
    struct cloud_batch_scheduler *s = xcalloc(1, sizeof *s);

    s->cloud = cloud;
    s->poked = true; /* RUNNABLE jobs that were there before the start go on */
    repair(cloud);
    (void)pthread_mutex_init(&s->lock, NULL);
    cond_init(&s->wake);
    int rc = pthread_create(&s->thread, NULL, run, s);
    if (rc != 0) {
        (void)err_no_thread(e, rc, "the thread that starts jobs");
        (void)pthread_cond_destroy(&s->wake);
        (void)pthread_mutex_destroy(&s->lock);
        free(s);
        return NULL;
    }
    return s;
}

void cloud_batch_scheduler_poke(struct cloud_batch_scheduler *s)
{
    if (s != NULL) {
        pthread_mutex_lock(&s->lock);
        s->poked = true;
        pthread_cond_broadcast(&s->wake);
        pthread_mutex_unlock(&s->lock);
    }
}

bool cloud_batch_scheduler_terminate(struct cloud_batch_scheduler *s, const char *job_id)
{
    bool found = false;

    if (s == NULL) {
        return false;
    }
    pthread_mutex_lock(&s->lock);
    for (struct live *live = s->live; live != NULL; live = live->next) {
        if (!live->done && strcmp(cloud_batch_run_id(live->run), job_id) == 0) {
            cloud_batch_run_stop(live->run, false, false);
            found = true;
        }
    }
    pthread_mutex_unlock(&s->lock);
    return found;
}

static void stop_live(struct cloud_batch_scheduler *s, bool now)
{
    for (struct live *live = s->live; live != NULL; live = live->next) {
        if (!live->done) {
            cloud_batch_run_stop(live->run, true, now);
        }
    }
}

void cloud_batch_scheduler_stop(struct cloud_batch_scheduler *s)
{
    if (s == NULL) {
        return;
    }
    pthread_mutex_lock(&s->lock);
    s->stop = true;
    pthread_cond_broadcast(&s->wake);
    pthread_mutex_unlock(&s->lock);
    (void)pthread_join(s->thread, NULL); /* from here on nothing is started */

    const struct timespec until = cond_until(STOP_GRACE_MS);
    pthread_mutex_lock(&s->lock);
    stop_live(s, false);
    while (s->running > 0 && pthread_cond_timedwait(&s->wake, &s->lock, &until) != ETIMEDOUT) {
    }
    stop_live(s, true);
    while (s->running > 0) {
        pthread_cond_wait(&s->wake, &s->lock);
    }
    pthread_mutex_unlock(&s->lock);
    join_done(s);
    (void)pthread_cond_destroy(&s->wake);
    (void)pthread_mutex_destroy(&s->lock);
    free(s);
}
