/* One attempt of one Batch job in the local cloud: its environment, its process, its log, its
 * end. */
#include "job_run.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "container.h"
#include "core/alloc.h"
#include "core/hex.h"
#include "core/json.h"
#include "core/path.h"
#include "core/rand.h"
#include "core/strbuf.h"
#include "job_command.h"
#include "jobs/batch.h"
#include "runner.h"
#include "src/cloud/logs/logs.h"
#include "src/cloud/store/options.h"

#define LOG_GROUP_DEFAULT "/aws/batch/job"
#define REASON_EXITED "Essential container in task exited"
#define REASON_TIMEOUT "Job attempt duration exceeded timeout"
enum { FARGATE_GRACE_MS = 30000 }; /* from SIGTERM to SIGKILL in a container */
#define REASON_CLOUD_STOPPED "The local cloud was stopped while the job ran"

struct line {
    int64_t at_ms;
    char *text; /* owned */
    size_t len;
};

struct cloud_batch_run {
    struct cloud *cloud;
    char id[UUID_SIZE];
    char *dir, *group, *stream, *task_arn; /* owned */
    struct cloud_batch_command command;
    struct cloud_batch_runner *runner;
    struct line *lines; /* owned; the lines that were read and are not in the store yet */
    size_t lines_len, lines_cap;
    char last_line[160]; /* the beginning of the last line of output */
    atomic_bool cloud_stops;
};

extern char **environ;

/* ---- before the start --------------------------------------------------------------------- */

static void name_log(struct cloud_batch_run *j, const cJSON *job)
{
    const cJSON *log = json_object(json_object(job, "container"), "logConfiguration");
    const cJSON *options = json_object(log, "options");
    const char *prefix = json_str(options, "awslogs-stream-prefix");
    const char *definition = cloud_batch_name(json_str(job, "jobDefinition"));
    unsigned char raw[16];
    char task[33];

    rand_bytes(raw, sizeof raw);
    hex_text(raw, sizeof raw, task);
    size_t name_len = strcspn(definition, ":");
    name_len = name_len > 200 ? 200 : name_len;
    j->group = xstrdup(json_str_or(options, "awslogs-group", LOG_GROUP_DEFAULT));
    j->stream = prefix != NULL ? xasprintf("%s/default/%s", prefix, task)
                               : xasprintf("%.*s/default/%s", (int)name_len, definition, task);
    j->task_arn = xasprintf("arn:aws:ecs:%s:%s:task/local/%s", cloud_region(j->cloud),
                            cloud_account(j->cloud), task);
}

static void on_line(void *arg, const char *text, size_t len);
static void on_idle(void *arg);
static void on_started(void *arg, pid_t pid);

static bool prepare(struct cloud_batch_run *j, const cJSON *job, struct err *e)
{
    char *jobs = path_join(cloud_data_dir(j->cloud), "jobs");

    j->dir = path_join(jobs, j->id);
    free(jobs);
    if (path_mkdirs(j->dir, 0700, e) != E_OK) {
        return false;
    }
    if (cloud_batch_command_build(j->cloud, job, j->dir, &j->command, e) != E_OK) {
        return false;
    }
    /* The runtime's own environment is this program's: it gets the job's by a file. */
    bool contained = j->command.env_file != NULL;
    struct cloud_batch_runner_options o = {
        .argv = (const char *const *)j->command.argv.items,
        .envp = (const char *const *)(contained ? environ : j->command.env.items),
        .cwd = j->dir,
        .end_argv = (const char *const *)j->command.end.items,
        .leaves_others = contained,
        .timeout_ms = json_int(json_object(job, "timeout"), "attemptDurationSeconds", 0) * 1000,
        .grace_ms = contained && cloud_opts(j->cloud)->kill_grace_ms == 0
                        ? FARGATE_GRACE_MS
                        : cloud_opts(j->cloud)->kill_grace_ms,
        .line = on_line,
        .idle = on_idle,
        .started = on_started,
        .arg = j};
    j->runner = cloud_batch_runner_new(&o, e);
    return j->runner != NULL;
}

struct cloud_batch_run *cloud_batch_run_new(struct cloud *cloud, cJSON *job)
{
    struct cloud_batch_run *j = xcalloc(1, sizeof *j);
    struct err e = {.code = E_OK};

    j->cloud = cloud;
    (void)snprintf(j->id, sizeof j->id, "%s", json_str_or(job, "jobId", ""));
    atomic_init(&j->cloud_stops, false);
    name_log(j, job);
    if (!prepare(j, job, &e)) {
        char *reason = xasprintf("CannotStartContainerError: %s", e.msg);
        cloud_batch_run_close_attempt(
            cloud, job,
            &(struct cloud_batch_run_end){.exit_code = -1,
                                          .reason = reason,
                                          .status_reason = "Task failed to start",
                                          .may_retry = true});
        free(reason);
        cloud_batch_run_free(j);
        return NULL;
    }
    /* The stream has to be there before the process starts: the first line may be read before the
     * news that the process runs. */
    if (cloud_logs_ensure_stream(cloud, j->group, j->stream, &e) != E_OK) {
        log_line(cloud_log(cloud), LOG_LVL_WARN, "local: no log for job %s: %s", j->id, e.msg);
    }
    cJSON *container = cJSON_GetObjectItemCaseSensitive(job, "container");
    cJSON_DeleteItemFromObjectCaseSensitive(container, "exitCode");
    cJSON_DeleteItemFromObjectCaseSensitive(container, "reason");
    cJSON_DeleteItemFromObjectCaseSensitive(job, "startedAt");
    json_set_str(container, "logStreamName", j->stream);
    json_set_str(container, "taskArn", j->task_arn);
    json_set_str(job, "status", "STARTING");
    (void)cloud_batch_save(cloud, job, true);
    return j;
}

void cloud_batch_run_free(struct cloud_batch_run *j)
{
    if (j == NULL) {
        return;
    }
    cloud_batch_runner_free(j->runner);
    cloud_batch_command_clear(&j->command);
    free(j->lines);
    free(j->dir);
    free(j->group);
    free(j->stream);
    free(j->task_arn);
    free(j);
}

const char *cloud_batch_run_id(const struct cloud_batch_run *j)
{
    return j->id;
}

void cloud_batch_run_stop(struct cloud_batch_run *j, bool cloud_stops, bool now)
{
    if (cloud_stops) {
        atomic_store(&j->cloud_stops, true);
    }
    cloud_batch_runner_stop(j->runner, now);
}

/* ---- while it runs (on the job's own thread, without the cloud's lock) ---------------------- */

static void on_line(void *arg, const char *text, size_t len)
{
    struct cloud_batch_run *j = arg;

    j->lines = xgrow(j->lines, j->lines_len, &j->lines_cap, sizeof *j->lines);
    (void)snprintf(j->last_line, sizeof j->last_line, "%.*s",
                   len < sizeof j->last_line ? (int)len : (int)sizeof j->last_line - 1, text);
    j->lines[j->lines_len++] =
        (struct line){.at_ms = cloud_now(j->cloud), .text = xstrndup(text, len), .len = len};
    if (j->lines_len >= 1000) {
        on_idle(j);
    }
}

/* Writes the lines that were read so far in one transaction. */
static void on_idle(void *arg)
{
    struct cloud_batch_run *j = arg;
    struct err e = {.code = E_OK};

    if (j->lines_len == 0) {
        return;
    }
    cloud_lock(j->cloud);
    (void)sqlite3_exec(cloud_db(j->cloud), "SAVEPOINT lines", NULL, NULL, NULL);
    for (size_t i = 0; i < j->lines_len; i++) {
        const struct line *line = &j->lines[i];
        if (e.code == E_OK && cloud_logs_append(j->cloud, j->group, j->stream, line->at_ms,
                                                line->text, line->len, &e) != E_OK) {
            log_line(cloud_log(j->cloud), LOG_LVL_WARN, "local: output of job %s is lost: %s",
                     j->id, e.msg);
        }
        free(line->text);
    }
    (void)sqlite3_exec(cloud_db(j->cloud), "RELEASE lines", NULL, NULL, NULL);
    cloud_unlock(j->cloud);
    j->lines_len = 0;
}

static void on_started(void *arg, pid_t pid)
{
    struct cloud_batch_run *j = arg;

    (void)pid;
    cloud_lock(j->cloud);
    (void)sqlite3_exec(cloud_db(j->cloud), "SAVEPOINT started", NULL, NULL, NULL);
    cJSON *job = cloud_batch_job(j->cloud, j->id);
    if (job != NULL) {
        json_set_str(job, "status", "RUNNING");
        json_set_int(job, "startedAt", cloud_now(j->cloud));
        (void)cloud_batch_save(j->cloud, job, true);
        cJSON_Delete(job);
    }
    (void)sqlite3_exec(cloud_db(j->cloud), "RELEASE started", NULL, NULL, NULL);
    cloud_unlock(j->cloud);
}

/* ---- its end ------------------------------------------------------------------------------- */

void cloud_batch_run_close_attempt(struct cloud *cloud, cJSON *job,
                                   const struct cloud_batch_run_end *end)
{
    cJSON *container = cJSON_GetObjectItemCaseSensitive(job, "container");
    cJSON *attempt = json_new_object(), *inner = json_new_object();
    int64_t now = cloud_now(cloud);

    if (end->exit_code >= 0) {
        json_set_int(container, "exitCode", end->exit_code);
        json_set_int(inner, "exitCode", end->exit_code);
    }
    if (*end->reason != '\0') {
        json_set_str(container, "reason", end->reason);
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
        json_set_str(job, "status", "RUNNABLE");
        json_set_str(job, "statusReason", end->status_reason);
        (void)cloud_batch_save(cloud, job, true);
        return;
    }
    cloud_batch_finish(cloud, job, end->succeeded ? "SUCCEEDED" : "FAILED", end->status_reason);
}

/* Turns what the runner says into what Batch says. `job` is the stored document as it is now:
 * TerminateJob has left its reason there. */
static void settle(struct cloud_batch_run *j, cJSON *job,
                   const struct cloud_batch_runner_result *res)
{
    bool terminated = json_bool(job, "isTerminated", false);
    char *own = xstrdup(json_str_or(job, "statusReason", "terminated"));
    char *reason = *res->reason != '\0' ? xasprintf("CannotStartContainerError: %s", res->reason)
                                        : xstrdup("");
    struct cloud_batch_run_end end = {.exit_code = res->exit_code,
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
    cloud_batch_run_close_attempt(j->cloud, job, &end);
    free(reason);
    free(own);
}

void cloud_batch_run_execute(struct cloud_batch_run *j)
{
    struct cloud_batch_runner_result res;
    struct err e = {.code = E_OK};

    if (cloud_batch_runner_run(j->runner, &res, &e) != E_OK) {
        res = (struct cloud_batch_runner_result){.exit_code = 126};
        (void)snprintf(res.reason, sizeof res.reason, "%.150s", e.msg);
    }
    if (j->command.env_file != NULL &&
        cloud_batch_container_is_refusal(res.exit_code, j->last_line)) {
        res.started = false;
        (void)snprintf(res.reason, sizeof res.reason, "%s", j->last_line);
    }
    cloud_lock(j->cloud);
    (void)sqlite3_exec(cloud_db(j->cloud), "SAVEPOINT ended", NULL, NULL, NULL);
    cJSON *job = cloud_batch_job(j->cloud, j->id);
    if (job != NULL) {
        settle(j, job, &res);
        cJSON_Delete(job);
    }
    (void)sqlite3_exec(cloud_db(j->cloud), "RELEASE ended", NULL, NULL, NULL);
    cloud_unlock(j->cloud);
    bool useless = res.exit_code == 0 || res.exit_code == EXIT_CODE_REFUSED;
    if (useless && path_remove_tree(j->dir, &e) != E_OK) {
        log_line(cloud_log(j->cloud), LOG_LVL_WARN, "local: %s", e.msg);
    }
}
