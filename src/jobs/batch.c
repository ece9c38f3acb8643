/* batch.c - a Batch job from DescribeJobs, ListJobs or a "Batch Job State Change" event.
 *
 * Facts: AWS-WIRE 2.4. Times are epoch milliseconds as numbers; startedAt and stoppedAt are missing
 * before they happen. The container of a job lies in `container`, or, for jobs of several
 * containers, in ecsProperties.taskProperties[].containers[]. */
#include "jobs/batch.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/secret.h"
#include "strtail.h"

enum {
    TEXT_MAX = 2048,  /* bytes; DynamoDB takes a key of at most this length */
    ATTEMPTS_MAX = 16 /* Batch allows 10 attempts */
};

static const char *const words[] = {
    [BATCH_UNKNOWN] = "",
    [BATCH_SUBMITTED] = "SUBMITTED",
    [BATCH_PENDING] = "PENDING",
    [BATCH_RUNNABLE] = "RUNNABLE",
    [BATCH_STARTING] = "STARTING",
    [BATCH_RUNNING] = "RUNNING",
    [BATCH_SUCCEEDED] = "SUCCEEDED",
    [BATCH_FAILED] = "FAILED",
};
enum { WORDS = sizeof words / sizeof *words };

enum batch_status batch_status_parse(const char *word)
{
    for (int i = BATCH_SUBMITTED; word != NULL && i < WORDS; i++) {
        if (strcmp(word, words[i]) == 0) {
            return (enum batch_status)i;
        }
    }
    return BATCH_UNKNOWN;
}

const char *batch_status_word(enum batch_status s)
{
    return (unsigned)s < WORDS ? words[s] : "";
}

/* --- finding the parts --- */

static const char *text(const cJSON *obj, const char *key)
{
    const char *s = json_str(obj, key);
    return s == NULL || *s == '\0' ? NULL : s;
}

/* The year 5138, as in a record: with a later time a sum could overflow. */
#define LATEST_MS INT64_C(100000000000000)

static int64_t time_ms(const cJSON *obj, const char *key)
{
    int64_t ms = json_int(obj, key, 0);
    /* in some replies Batch writes 0 for a time that has not come yet */
    return ms > 0 && ms < LATEST_MS ? ms : TIME_NONE;
}

static int exit_code(const cJSON *container)
{
    int64_t code = json_int(container, "exitCode", EXIT_CODE_NONE);
    return code > INT_MIN && code <= INT_MAX ? (int)code : EXIT_CODE_NONE;
}

/* The first container of taskProperties[] that failed; when none failed, the first one. */
static const cJSON *task_container(const cJSON *task_properties)
{
    const cJSON *first = NULL;
    const cJSON *task;
    const cJSON *c;

    cJSON_ArrayForEach(task, task_properties)
    {
        cJSON_ArrayForEach(c, json_array(task, "containers"))
        {
            if (first == NULL) {
                first = c;
            }
            if (json_int(c, "exitCode", 0) != 0) {
                return c;
            }
        }
    }
    return first;
}

/* The container of the job or of one of its attempts; NULL while it has none. */
static const cJSON *container_of(const cJSON *obj)
{
    const cJSON *c = json_object(obj, "container");
    if (c != NULL && c->child != NULL) {
        return c;
    }
    const cJSON *tasks = json_array(obj, "taskProperties");
    if (tasks == NULL) {
        tasks = json_array(json_object(obj, "ecsProperties"), "taskProperties");
    }
    return task_container(tasks);
}

/* The value of one variable of [{"name","value"}], or NULL. */
static const char *env_value(const cJSON *environment, const char *wanted)
{
    const cJSON *pair;

    cJSON_ArrayForEach(pair, environment)
    {
        const char *name = json_str(pair, "name");
        if (name != NULL && strcmp(name, wanted) == 0) {
            return text(pair, "value");
        }
    }
    return NULL;
}

static const char *any_env(const cJSON *obj, const char *wanted)
{
    const char *v = env_value(json_array(json_object(obj, "container"), "environment"), wanted);
    const cJSON *part;
    const cJSON *c;

    if (v != NULL) {
        return v;
    }
    cJSON_ArrayForEach(part, json_array(json_object(obj, "ecsProperties"), "taskProperties"))
    {
        cJSON_ArrayForEach(c, json_array(part, "containers"))
        {
            v = env_value(json_array(c, "environment"), wanted);
            if (v != NULL) {
                return v;
            }
        }
    }
    const cJSON *pod = json_object(json_object(obj, "eksProperties"), "podProperties");
    cJSON_ArrayForEach(c, json_array(pod, "containers"))
    {
        v = env_value(json_array(c, "env"), wanted);
        if (v != NULL) {
            return v;
        }
    }
    return NULL;
}

/* The end of a name that has the form of our job ids, job_<digits>_<9 of [0-9a-z]>; NULL when no
 * such id is there. */
static const char *name_job_id(const char *name)
{
    size_t n = name == NULL ? 0 : strlen(name);
    size_t digits = 0;

    if (n < 9 + 1 + 1 + 4) {
        return NULL;
    }
    const char *at = name + n - 9;
    for (int i = 0; i < 9; i++) {
        if (!isdigit((unsigned char)at[i]) && !(at[i] >= 'a' && at[i] <= 'z')) {
            return NULL;
        }
    }
    if (*--at != '_') {
        return NULL;
    }
    while (at > name && isdigit((unsigned char)at[-1])) {
        at--;
        digits++;
    }
    if (digits == 0 || digits > 19 || at - name < 4 || memcmp(at - 4, "job_", 4) != 0) {
        return NULL;
    }
    at -= 4;
    return at == name || !isalnum((unsigned char)at[-1]) ? at : NULL;
}

/* --- one block --- */

static const size_t texts[] = {
    offsetof(struct batch_job, id),         offsetof(struct batch_job, name),
    offsetof(struct batch_job, job_id),     offsetof(struct batch_job, queue),
    offsetof(struct batch_job, definition), offsetof(struct batch_job, status_reason),
    offsetof(struct batch_job, log_stream), offsetof(struct batch_job, container_reason),
    offsetof(struct batch_job, log_group),  offsetof(struct batch_job, user_id),
    offsetof(struct batch_job, product_id), offsetof(struct batch_job, image),
};
static const size_t attempt_texts[] = {
    offsetof(struct batch_attempt, status_reason),
    offsetof(struct batch_attempt, container_reason),
    offsetof(struct batch_attempt, log_stream),
};
enum {
    TEXTS = sizeof texts / sizeof *texts,
    ATTEMPT_TEXTS = sizeof attempt_texts / sizeof *attempt_texts
};

static const char *text_get(const void *base, size_t offset)
{
    const char *s;
    memcpy(&s, (const char *)base + offset, sizeof s);
    return s;
}

static void text_pack(void *base, size_t offset, char **at)
{
    const char *s = text_get(base, offset);
    s = s == NULL ? NULL : strtail_place(at, s, strlen(s), TEXT_MAX);
    memcpy((char *)base + offset, &s, sizeof s);
}

static size_t text_size(const void *base, size_t offset)
{
    const char *s = text_get(base, offset);
    return s == NULL ? 0 : strtail_size(s, strlen(s), TEXT_MAX);
}

/* A copy of `b` and all it points to, in one allocation. */
struct batch_job *batch_job_copy(const struct batch_job *b)
{
    size_t size = sizeof *b + b->attempts_len * sizeof *b->attempts;

    for (size_t i = 0; i < TEXTS; i++) {
        size += text_size(b, texts[i]);
    }
    for (size_t a = 0; a < b->attempts_len; a++) {
        for (size_t i = 0; i < ATTEMPT_TEXTS; i++) {
            size += text_size(&b->attempts[a], attempt_texts[i]);
        }
    }
    struct batch_job *copy = xmalloc(size);
    struct batch_attempt *attempts = (struct batch_attempt *)(void *)(copy + 1);
    char *at = (char *)(attempts + b->attempts_len);

    *copy = *b;
    copy->attempts = b->attempts_len == 0 ? NULL : attempts;
    for (size_t i = 0; i < TEXTS; i++) {
        text_pack(copy, texts[i], &at);
    }
    for (size_t a = 0; a < b->attempts_len; a++) {
        attempts[a] = b->attempts[a];
        for (size_t i = 0; i < ATTEMPT_TEXTS; i++) {
            text_pack(&attempts[a], attempt_texts[i], &at);
        }
    }
    return copy;
}

/* --- reading --- */

static struct batch_attempt read_attempt(const cJSON *obj)
{
    const cJSON *c = container_of(obj);

    return (struct batch_attempt){
        .started_ms = time_ms(obj, "startedAt"),
        .stopped_ms = time_ms(obj, "stoppedAt"),
        .status_reason = text(obj, "statusReason"),
        .container_reason = text(c, "reason"),
        .log_stream = text(c, "logStreamName"),
        .exit_code = exit_code(c),
    };
}

static size_t read_attempts(const cJSON *obj, struct batch_attempt *out)
{
    const cJSON *list = json_array(obj, "attempts");
    /* when there are too many attempts, the last ones are kept */
    int skip = cJSON_GetArraySize(list) - ATTEMPTS_MAX;
    size_t n = 0;
    const cJSON *at;

    cJSON_ArrayForEach(at, list)
    {
        if (skip-- <= 0 && cJSON_IsObject(at)) {
            out[n++] = read_attempt(at);
        }
    }
    return n;
}

/* Reads what only the container tells; a container that tells nothing leaves what its last attempt
 * told. */
static void read_container(struct batch_job *b, const cJSON *c)
{
    const struct batch_attempt *last =
        b->attempts_len == 0 ? NULL : &b->attempts[b->attempts_len - 1];

    b->container_reason = text(c, "reason");
    b->log_stream = text(c, "logStreamName");
    b->image = text(c, "image");
    b->exit_code = exit_code(c);
    b->log_group =
        text(json_object(json_object(c, "logConfiguration"), "options"), "awslogs-group");
    if (last == NULL) {
        return;
    }
    if (b->container_reason == NULL) {
        b->container_reason = last->container_reason;
    }
    if (b->log_stream == NULL) {
        b->log_stream = last->log_stream;
    }
    if (b->exit_code == EXIT_CODE_NONE) {
        b->exit_code = last->exit_code;
    }
}

/* Batch replaces "Ref::NAME" in commands only: elsewhere the text stays as it is, the same in every
 * job, and so names no job. */
static const char *filled(const char *v)
{
    return v != NULL && strncmp(v, "Ref::", 5) == 0 ? NULL : v;
}

/* Is this a word of the target's template, such as "<jobId>", that was never replaced? (Terraform's
 * jsonencode hides the brackets from EventBridge.) Every job has the same word, so it names no
 * job. */
static bool is_template(const char *v)
{
    size_t n = strlen(v);

    return n > 2 && v[0] == '<' && v[n - 1] == '>';
}

static const char *parameter(const cJSON *obj, const char *name)
{
    const char *v = filled(text(json_object(obj, "parameters"), name));

    return v == NULL || is_template(v) ? NULL : v;
}

/* What the job was given under this name: in its container's environment, else as a parameter,
 * which targets write under either name. A word of a template in the environment counts all the
 * same: the container takes the word for its id and reports under it. */
static const char *given(const cJSON *obj, const char *name, const char *member)
{
    const char *v = filled(any_env(obj, name));

    if (v == NULL) {
        v = parameter(obj, name);
    }
    return v != NULL ? v : parameter(obj, member);
}

/* The id of our job. A text that no table can have as a key is no id: it would spoil each request
 * that asks for it. */
static const char *our_id(const cJSON *obj, const char *name)
{
    const char *id = given(obj, "JOB_ID", "jobId");

    return id != NULL && strlen(id) <= TEXT_MAX ? id : name_job_id(name);
}

/* Hides secrets in a reason, which may quote the address that a container could not reach, or an
 * image's registry. */
static void hide_in(const char *reason)
{
    if (reason != NULL) {
        secret_mask_in_place((char *)(uintptr_t)reason); /* the text lies in the job's own block */
    }
}

static int count_of(const cJSON *obj, const char *key)
{
    int64_t n = json_int(obj, key, 0);

    return n < 0 ? 0 : n > 10000 ? 10000 : (int)n;
}

static struct batch_array read_array(const cJSON *obj)
{
    const cJSON *a = json_object(obj, "arrayProperties");
    const cJSON *summary = json_object(a, "statusSummary");
    struct batch_array out = {.size = count_of(a, "size"), .index = -1};

    if (json_get(a, "index") != NULL) {
        out.index = count_of(a, "index");
        out.size = 0;
    }
    for (int s = BATCH_SUBMITTED; s <= BATCH_FAILED; s++) {
        out.count[s] = count_of(summary, batch_status_word((enum batch_status)s));
    }
    return out;
}

int batch_array_ended(const struct batch_array *a)
{
    return a->count[BATCH_SUCCEEDED] + a->count[BATCH_FAILED];
}

enum batch_status batch_job_stands(const struct batch_job *b)
{
    if (b->array.size == 0 || b->status == BATCH_SUCCEEDED || b->status == BATCH_FAILED) {
        return b->status;
    }
    return b->array.count[BATCH_RUNNING] > 0    ? BATCH_RUNNING
           : b->array.count[BATCH_STARTING] > 0 ? BATCH_STARTING
           : b->array.count[BATCH_RUNNABLE] > 0 ? BATCH_RUNNABLE
                                                : b->status;
}

struct batch_job *batch_job_from_json(const cJSON *obj)
{
    struct batch_attempt attempts[ATTEMPTS_MAX];
    struct batch_job b = {.id = text(obj, "jobId")};

    if (b.id == NULL) {
        return NULL;
    }
    b.name = text(obj, "jobName");
    b.job_id = our_id(obj, b.name);
    b.user_id = given(obj, "USER_ID", "userId");
    b.product_id = given(obj, "PRODUCT_ID", "productId");
    b.queue = text(obj, "jobQueue");
    b.definition = text(obj, "jobDefinition");
    b.status_reason = text(obj, "statusReason");
    b.attempts = attempts;
    b.attempts_len = read_attempts(obj, attempts);
    read_container(&b, container_of(obj));
    b.created_ms = time_ms(obj, "createdAt");
    b.started_ms = time_ms(obj, "startedAt");
    b.stopped_ms = time_ms(obj, "stoppedAt");
    b.status = batch_status_parse(json_str(obj, "status"));
    b.array = read_array(obj);
    b.cancelled = json_bool(obj, "isCancelled", false);
    b.terminated = json_bool(obj, "isTerminated", false);
    b.detailed = b.queue != NULL || json_array(obj, "attempts") != NULL ||
                 json_object(obj, "parameters") != NULL;
    if (b.detailed) {
        b.size = batch_size_from_json(obj);
    }
    struct batch_job *j = batch_job_copy(&b);
    hide_in(j->status_reason);
    hide_in(j->container_reason);
    for (size_t i = 0; i < j->attempts_len; i++) {
        hide_in(j->attempts[i].status_reason);
        hide_in(j->attempts[i].container_reason);
    }
    return j;
}

void batch_job_free(struct batch_job *b)
{
    free(b);
}

bool batch_job_refused(const struct batch_job *b)
{
    return b != NULL && b->status == BATCH_FAILED && b->exit_code == EXIT_CODE_REFUSED &&
           !b->terminated && !b->cancelled;
}
