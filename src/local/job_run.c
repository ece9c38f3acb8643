#include "local/job_run.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/path.h"
#include "core/rand.h"
#include "core/strbuf.h"
#include "local/cloud_batch.h"
#include "local/cloud_logs.h"
#include "local/local.h"
#include "local/runner.h"

/* An image whose name begins so has the pipeline as its entry point; any other runs its command as
 * it stands, as `docker run` does for an image without one. */
#define STARTER_IMAGE "mvpdash-starter"
#define LOG_GROUP_DEFAULT "/aws/batch/job"
#define REASON_EXITED "Essential container in task exited"
#define REASON_TIMEOUT "Job attempt duration exceeded timeout"
#define REASON_CLOUD_STOPPED "The local cloud was stopped while the job ran"

struct list {
    char **items; /* owned; NULL-terminated */
    size_t len, cap;
};

struct line {
    int64_t at_ms;
    char *text; /* owned */
    size_t len;
};

struct job_run {
    struct local *l;
    char id[UUID_SIZE];
    char *dir, *group, *stream, *task_arn; /* owned */
    struct list argv, env;
    struct runner *runner;
    struct line *lines; /* owned; read, not yet in the store */
    size_t lines_len, lines_cap;
    atomic_bool cloud_stops;
};

static void list_add(struct list *l, char *item)
{
    if (l->len + 2 > l->cap) {
        l->cap = l->cap == 0 ? 32 : l->cap * 2;
        l->items = xrealloc(l->items, l->cap * sizeof *l->items);
    }
    l->items[l->len++] = item;
    l->items[l->len] = NULL;
}

static void list_clear(struct list *l)
{
    for (size_t i = 0; i < l->len; i++) {
        free(l->items[i]);
    }
    free(l->items);
    *l = (struct list){0};
}

/* Sets a variable; the last one of a name wins. */
static void env_set(struct list *env, const char *name, const char *value)
{
    size_t n = strlen(name);
    char *item = xasprintf("%s=%s", name, value);

    for (size_t i = 0; i < env->len; i++) {
        if (strncmp(env->items[i], name, n) == 0 && env->items[i][n] == '=') {
            free(env->items[i]);
            env->items[i] = item;
            return;
        }
    }
    list_add(env, item);
}

/* ---- before the start --------------------------------------------------------------------- */

static void env_add_cloud(struct job_run *j)
{
    struct local *l = j->l;
    const char *program = local_opts(l)->program != NULL ? local_opts(l)->program : "";
    const char *slash = strrchr(program, '/'), *pace = getenv("MVP_STEP_SECONDS");
    char *path =
        xasprintf("%.*s%s/usr/local/bin:/usr/bin:/bin", slash != NULL ? (int)(slash - program) : 0,
                  program, slash != NULL ? ":" : "");
    char *sites = path_join(local_data_dir(l), "sites");

    env_set(&j->env, "PATH", path);
    env_set(&j->env, "HOME", j->dir);
    env_set(&j->env, "LANG", "C.UTF-8");
    env_set(&j->env, "AWS_ENDPOINT_URL", local_endpoint(l));
    env_set(&j->env, "AWS_ACCESS_KEY_ID", local_access_key(l));
    env_set(&j->env, "AWS_SECRET_ACCESS_KEY", local_secret_key(l));
    env_set(&j->env, "AWS_REGION", local_region(l));
    env_set(&j->env, "AWS_DEFAULT_REGION", local_region(l));
    env_set(&j->env, "AWS_EC2_METADATA_DISABLED", "true");
    env_set(&j->env, "MVPDASH", program);
    env_set(&j->env, "MVP_SITES_DIR", sites);
    if (pace != NULL) {
        env_set(&j->env, "MVP_STEP_SECONDS", pace);
    }
    free(path);
    free(sites);
}

static void env_add_job(struct job_run *j, const cJSON *job)
{
    const cJSON *environment = json_array(json_object(job, "container"), "environment");
    cJSON *queue = cloud_batch_queue(j->l, json_str(job, "jobQueue"));
    const cJSON *order = json_array(queue, "computeEnvironmentOrder");
    const char *ce = json_str(order != NULL ? order->child : NULL, "computeEnvironment");
    char attempt[16];

    for (const cJSON *v = environment != NULL ? environment->child : NULL; v != NULL; v = v->next) {
        const char *name = json_str_or(v, "name", "");
        if (*name != '\0' && strchr(name, '=') == NULL) {
            env_set(&j->env, name, json_str_or(v, "value", ""));
        }
    }
    (void)snprintf(attempt, sizeof attempt, "%d",
                   cJSON_GetArraySize(json_array(job, "attempts")) + 1);
    env_set(&j->env, "AWS_BATCH_JOB_ID", j->id);
    env_set(&j->env, "AWS_BATCH_JOB_ATTEMPT", attempt);
    env_set(&j->env, "AWS_BATCH_JQ_NAME", cloud_batch_name(json_str(job, "jobQueue")));
    env_set(&j->env, "AWS_BATCH_CE_NAME", cloud_batch_name(ce));
    cJSON_Delete(queue);
}

static void build_argv(struct job_run *j, const cJSON *job)
{
    const cJSON *container = json_object(job, "container");
    const cJSON *command = json_array(container, "command");

    if (strncmp(json_str_or(container, "image", ""), STARTER_IMAGE, strlen(STARTER_IMAGE)) == 0) {
        const char *own = local_opts(j->l)->pipeline;
        list_add(&j->argv, own != NULL ? xstrdup(own)
                                       : path_join(local_data_dir(j->l), "pipeline/entrypoint"));
    }
    for (const cJSON *v = command != NULL ? command->child : NULL; v != NULL; v = v->next) {
        list_add(&j->argv, xstrdup(cJSON_IsString(v) ? v->valuestring : ""));
    }
}

static void name_log(struct job_run *j, const cJSON *job)
{
    const cJSON *log = json_object(json_object(job, "container"), "logConfiguration");
    const cJSON *options = json_object(log, "options");
    const char *prefix = json_str(options, "awslogs-stream-prefix");
    const char *definition = cloud_batch_name(json_str(job, "jobDefinition"));
    unsigned char raw[16];
    char task[33];

    rand_bytes(raw, sizeof raw);
    for (size_t i = 0; i < sizeof raw; i++) {
        (void)snprintf(task + 2 * i, 3, "%02x", raw[i]);
    }
    size_t name_len = strcspn(definition, ":");
    name_len = name_len > 200 ? 200 : name_len;
    j->group = xstrdup(json_str_or(options, "awslogs-group", LOG_GROUP_DEFAULT));
    j->stream = prefix != NULL ? xasprintf("%s/default/%s", prefix, task)
                               : xasprintf("%.*s/default/%s", (int)name_len, definition, task);
    j->task_arn =
        xasprintf("arn:aws:ecs:%s:%s:task/local/%s", local_region(j->l), local_account(j->l), task);
}

static void on_line(void *arg, const char *text, size_t len);
static void on_idle(void *arg);
static void on_started(void *arg, pid_t pid);

static bool prepare(struct job_run *j, const cJSON *job, struct err *e)
{
    char *jobs = path_join(local_data_dir(j->l), "jobs");

    j->dir = path_join(jobs, j->id);
    free(jobs);
    if (path_mkdirs(j->dir, 0700, e) != E_OK) {
        return false;
    }
    build_argv(j, job);
    if (j->argv.len == 0) {
        (void)err_set(e, E_INVALID, "the image has no entry point here and no command is given");
        return false;
    }
    env_add_cloud(j);
    env_add_job(j, job);
    struct runner_options o = {
        .argv = (const char *const *)j->argv.items,
        .envp = (const char *const *)j->env.items,
        .cwd = j->dir,
        .timeout_ms = json_int(json_object(job, "timeout"), "attemptDurationSeconds", 0) * 1000,
        .grace_ms = local_opts(j->l)->kill_grace_ms,
        .line = on_line,
        .idle = on_idle,
        .started = on_started,
        .arg = j};
    j->runner = runner_new(&o, e);
    return j->runner != NULL;
}

struct job_run *job_run_new(struct local *l, cJSON *job)
{
    struct job_run *j = xcalloc(1, sizeof *j);
    struct err e = {.code = E_OK};

    j->l = l;
    (void)snprintf(j->id, sizeof j->id, "%s", json_str_or(job, "jobId", ""));
    atomic_init(&j->cloud_stops, false);
    name_log(j, job);
    if (!prepare(j, job, &e)) {
        char *reason = xasprintf("CannotStartContainerError: %s", e.msg);
        job_run_close_attempt(l, job,
                              &(struct job_end){.exit_code = -1,
                                                .reason = reason,
                                                .status_reason = "Task failed to start",
                                                .may_retry = true});
        free(reason);
        job_run_free(j);
        return NULL;
    }
    /* Before the start: the first line may be read before the news that the process runs. */
    if (cloud_logs_ensure_stream(l, j->group, j->stream, &e) != E_OK) {
        log_line(local_log(l), LOG_LVL_WARN, "local: no log for job %s: %s", j->id, e.msg);
    }
    cJSON *container = cJSON_GetObjectItemCaseSensitive(job, "container");
    cJSON_DeleteItemFromObjectCaseSensitive(container, "exitCode");
    cJSON_DeleteItemFromObjectCaseSensitive(container, "reason");
    cJSON_DeleteItemFromObjectCaseSensitive(job, "startedAt");
    cloud_batch_put_str(container, "logStreamName", j->stream);
    cloud_batch_put_str(container, "taskArn", j->task_arn);
    cloud_batch_put_str(job, "status", "STARTING");
    (void)cloud_batch_save(l, job, true);
    return j;
}

void job_run_free(struct job_run *j)
{
    if (j == NULL) {
        return;
    }
    runner_free(j->runner);
    list_clear(&j->argv);
    for (size_t i = 0; i < j->env.len; i++) { /* holds the secret key */
        memset(j->env.items[i], 0, strlen(j->env.items[i]));
    }
    list_clear(&j->env);
    free(j->lines);
    free(j->dir);
    free(j->group);
    free(j->stream);
    free(j->task_arn);
    free(j);
}

const char *job_run_id(const struct job_run *j)
{
    return j->id;
}

void job_run_stop(struct job_run *j, bool cloud_stops, bool now)
{
    if (cloud_stops) {
        atomic_store(&j->cloud_stops, true);
    }
    runner_stop(j->runner, now);
}

/* ---- while it runs (on the job's own thread, without the cloud's lock) ---------------------- */

static void on_line(void *arg, const char *text, size_t len)
{
    struct job_run *j = arg;

    j->lines = xgrow(j->lines, j->lines_len, &j->lines_cap, sizeof *j->lines);
    j->lines[j->lines_len++] =
        (struct line){.at_ms = local_now(j->l), .text = xstrndup(text, len), .len = len};
    if (j->lines_len >= 1000) {
        on_idle(j);
    }
}

/* Writes the lines read so far in one transaction. */
static void on_idle(void *arg)
{
    struct job_run *j = arg;
    struct err e = {.code = E_OK};

    if (j->lines_len == 0) {
        return;
    }
    local_lock(j->l);
    (void)sqlite3_exec(local_db(j->l), "SAVEPOINT lines", NULL, NULL, NULL);
    for (size_t i = 0; i < j->lines_len; i++) {
        const struct line *line = &j->lines[i];
        if (e.code == E_OK && cloud_logs_append(j->l, j->group, j->stream, line->at_ms, line->text,
                                                line->len, &e) != E_OK) {
            log_line(local_log(j->l), LOG_LVL_WARN, "local: output of job %s is lost: %s", j->id,
                     e.msg);
        }
        free(line->text);
    }
    (void)sqlite3_exec(local_db(j->l), "RELEASE lines", NULL, NULL, NULL);
    local_unlock(j->l);
    j->lines_len = 0;
}

static void on_started(void *arg, pid_t pid)
{
    struct job_run *j = arg;

    (void)pid;
    local_lock(j->l);
    (void)sqlite3_exec(local_db(j->l), "SAVEPOINT started", NULL, NULL, NULL);
    cJSON *job = cloud_batch_job(j->l, j->id);
    if (job != NULL) {
        cloud_batch_put_str(job, "status", "RUNNING");
        cloud_batch_put_int(job, "startedAt", local_now(j->l));
        (void)cloud_batch_save(j->l, job, true);
        cJSON_Delete(job);
    }
    (void)sqlite3_exec(local_db(j->l), "RELEASE started", NULL, NULL, NULL);
    local_unlock(j->l);
}

/* ---- its end ------------------------------------------------------------------------------- */

void job_run_close_attempt(struct local *l, cJSON *job, const struct job_end *end)
{
    cJSON *container = cJSON_GetObjectItemCaseSensitive(job, "container");
    cJSON *attempt = json_new_object(), *inner = json_new_object();
    int64_t now = local_now(l);

    if (end->exit_code >= 0) {
        cloud_batch_put_int(container, "exitCode", end->exit_code);
        json_set_int(inner, "exitCode", end->exit_code);
    }
    if (*end->reason != '\0') {
        cloud_batch_put_str(container, "reason", end->reason);
        json_set_str(inner, "reason", end->reason);
    }
    if (json_str(container, "logStreamName") != NULL) {
        json_set_str(inner, "logStreamName", json_str(container, "logStreamName"));
        json_set_str(inner, "taskArn", json_str_or(container, "taskArn", ""));
    }
    json_set(inner, "networkInterfaces", json_new_array());
    json_set(attempt, "container", inner);
    json_set_int(attempt, "startedAt", json_int(job, "startedAt", now));
    json_set_int(attempt, "stoppedAt", now);
    json_set_str(attempt, "statusReason", end->status_reason);
    json_push(cJSON_GetObjectItemCaseSensitive(job, "attempts"), attempt);
    if (!end->succeeded && end->may_retry &&
        cloud_batch_retries(job, end->exit_code, end->reason, end->status_reason)) {
        cloud_batch_put_str(job, "status", "RUNNABLE");
        cloud_batch_put_str(job, "statusReason", end->status_reason);
        (void)cloud_batch_save(l, job, true);
        return;
    }
    cloud_batch_finish(l, job, end->succeeded ? "SUCCEEDED" : "FAILED", end->status_reason);
}

/* Reads what the runner says into what Batch says. `job` is as stored now: TerminateJob has left
 * its reason there. */
static void settle(struct job_run *j, cJSON *job, const struct runner_result *res)
{
    bool terminated = json_bool(job, "isTerminated", false);
    char *own = xstrdup(json_str_or(job, "statusReason", "terminated"));
    char *reason = *res->reason != '\0' ? xasprintf("CannotStartContainerError: %s", res->reason)
                                        : xstrdup("");
    struct job_end end = {.exit_code = res->exit_code,
                          .reason = reason,
                          .status_reason = REASON_EXITED,
                          .succeeded = res->exit_code == 0 && res->started,
                          .may_retry = true};

    if (terminated) {
        end.status_reason = own;
        end.succeeded = end.may_retry = false;
    } else if (atomic_load(&j->cloud_stops)) {
        end.status_reason = REASON_CLOUD_STOPPED;
        end.succeeded = end.may_retry = false;
    } else if (res->timed_out) {
        end.status_reason = REASON_TIMEOUT;
        end.succeeded = end.may_retry = false;
    } else if (!res->started) {
        end.status_reason = "Task failed to start";
    }
    job_run_close_attempt(j->l, job, &end);
    free(reason);
    free(own);
}

void job_run_execute(struct job_run *j)
{
    struct runner_result res;
    struct err e = {.code = E_OK};

    if (runner_run(j->runner, &res, &e) != E_OK) {
        res = (struct runner_result){.exit_code = 126};
        (void)snprintf(res.reason, sizeof res.reason, "%.150s", e.msg);
    }
    local_lock(j->l);
    (void)sqlite3_exec(local_db(j->l), "SAVEPOINT ended", NULL, NULL, NULL);
    cJSON *job = cloud_batch_job(j->l, j->id);
    if (job != NULL) {
        settle(j, job, &res);
        cJSON_Delete(job);
    }
    (void)sqlite3_exec(local_db(j->l), "RELEASE ended", NULL, NULL, NULL);
    local_unlock(j->l);
    if (res.exit_code == 0 && path_remove_tree(j->dir, &e) != E_OK) {
        log_line(local_log(j->l), LOG_LVL_WARN, "local: %s", e.msg);
    }
}
