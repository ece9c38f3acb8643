/* why.c - what Batch's reasons and exit codes mean, and what to do next.
 *
 * Sources: AWS-WIRE 2.4 (statusReason codes), PEERS 3 (what people had to translate by hand), and
 * the exit codes of the shell and of docker. */
#include <stdbool.h>
#include <string.h>

#include "fixbuf.h"
#include "jobs/state.h"

/* Phrases that are looked for in statusReason or container.reason, in any letter case; the first
 * row that matches counts. */
/* clang-format off */
static const struct {
    const char *needle;
    const char *meaning;
    const char *next;
} failures[] = {
    {"OutOfMemory",                    "out of memory",                                             "give the job definition more memory"},
    {"CannotPullContainer",            "the image could not be pulled",                             "check the image's name and tag, the execution role, and the route to the registry (NAT or endpoints)"},
    {"ResourceInitializationError",    "the container could not be prepared",                       "check the execution role, the secrets it names and the route to ECR, Logs and Secrets Manager"},
    {"CannotStartContainer",           "the container could not be started",                        "check the command and the image's architecture"},
    {"CannotCreateContainer",          "the container could not be created",                        "check the job definition's volumes, command and limits"},
    {"CannotInspectContainer",         "the host lost sight of the container",                      "retry the job"},
    {"DockerTimeout",                  "the host's container service did not answer",               "retry the job"},
    {"No space left on device",        "the disk was full",                                         "give the job definition more ephemeral storage"},
    {"Host EC2",                       "its host was taken away (spot capacity or a host failure)", "retry the job; use on-demand capacity or more attempts if it happens often"},
    {"Spot Task was interrupted",      "its spot capacity was taken back",                          "retry the job; use on-demand capacity or more attempts if it happens often"},
    {"SpotInterruption",               "its spot capacity was taken back",                          "retry the job; use on-demand capacity or more attempts if it happens often"},
    {"exceeded timeout",               "it ran longer than its timeout",                            "raise the timeout of the job definition, or see in the log where it hung"},
    {"Capacity is unavailable",        "AWS had no capacity for it",                                "retry later, or allow more subnets and on-demand capacity"},
    {"network interface provisioning", "its network interface did not come up in time",             "retry the job; check that the subnets have free addresses"},
    {"CannotStopContainer",            "the host could not end its container",                      "retry the job"},
    {"ContainerRuntime",               "the host's container service failed",                       "retry the job"},
    {"Dependent Job failed",           "a job that it depends on failed",                           "look at that job first"},
    {"Task failed to start",           "the task could not be started",                             "check the image, the roles and the subnets"},
    {"TaskFailedToStart",              "the task could not be started",                             "check the image, the roles and the subnets"},
    {"CAPACITY:",                      "it was given up while it waited for capacity",              "retry later, or allow more instance types or subnets"},
    {"MISCONFIGURATION:",              "it was given up because it could never be placed",          "compare the job definition with the compute environment"},
};

static const struct {
    int code;
    const char *meaning;
    const char *next;
} exits[] = {
    {1,   "the program reported a failure",                             "see the end of its log"},
    {2,   "the program was used wrongly or failed",                     "see the end of its log, and its arguments"},
    {75,  "it was refused its claim and did not run the job",           "see the record: the job was cancelled, over already, or another container's"},
    {124, "a time limit inside the job stopped it",                     "see the end of its log for the step that took too long"},
    {125, "the container service failed",                               "retry the job, then check the job definition"},
    {126, "the command could not be executed",                          "check that it is executable and for the right architecture"},
    {127, "the command was not found in the image",                     "check the job definition's command and the image"},
    {130, "it was interrupted (SIGINT)",                                "see who stopped it"},
    {132, "it crashed on an illegal instruction",                       "check that the image is for the machine's architecture"},
    {134, "it aborted (SIGABRT)",                                       "see the end of its log"},
    {135, "it crashed on a bus error (SIGBUS)",                         "check the disk and shared memory, then its log"},
    {136, "it crashed on an arithmetic error",                          "see the end of its log"},
    {137, "it was killed (SIGKILL), usually for using too much memory", "give the job definition more memory, or see who stopped it"},
    {139, "it crashed (SIGSEGV)",                                       "see the end of its log"},
    {141, "it wrote to a closed pipe (SIGPIPE)",                        "see the end of its log"},
    {143, "it was asked to stop (SIGTERM)",                             "see who stopped it, or whether a timeout or a spot interruption did"},
};

/* The reasons why a job waits. */
static const struct {
    const char *needle;
    const char *meaning;
    const char *next;
} waits[] = {
    {"CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY",                 "AWS has no instance of the allowed types free",   "wait, or allow more instance types, zones or on-demand capacity"},
    {"MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE",       "the compute environment is at its maximum size",  "raise its maxvCpus, or wait for other jobs to end"},
    {"MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT",               "no allowed instance is large enough for the job", "lower its vCPU and memory, or allow larger types (it may clear while scaling: look again in 10 minutes)"},
    {"MISCONFIGURATION:EC2_INSTANCE_CONFIGURATION_UNSUPPORTED", "the instance configuration is not supported",     "check the launch template and the instance types"},
    {"MISCONFIGURATION:SERVICE_ROLE_PERMISSIONS",               "the Batch service role lacks permissions",        "attach AWSBatchServiceRole to it"},
    {"MISCONFIGURATION:",                                       "the job cannot be placed with the current setup",   "compare the job definition with the compute environment"},
    {"CAPACITY:",                                               "there is no capacity",                            "wait, or allow more instance types or subnets"},
    {"ACTION_REQUIRED",                                         "Batch needs an action from you",                     "see the compute environment's status in the console"},
    {"UNDETERMINED",                                            "Batch does not know why",                         "check the instance role, the subnets' route and whether instances join the cluster"},
};
/* clang-format on */

static bool has(const char *s, const char *needle)
{
    return s != NULL && strcasestr(s, needle) != NULL;
}

static bool same(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* Adds Batch's own words, unless they say nothing that the reader does not know. */
static void add_raw(struct fixbuf *p, const struct batch_job *b)
{
    const char *texts[2] = {b->container_reason,
                            same(b->status_reason, b->container_reason) ? NULL : b->status_reason};
    bool first = true;

    for (int i = 0; i < 2; i++) {
        if (texts[i] == NULL || has(texts[i], "Essential container in task exited")) {
            continue;
        }
        fixbuf_add(p, "%s%s", !first ? "; " : p->len > 0 ? ". Batch says: " : "", texts[i]);
        first = false;
    }
}

static void why_waiting(struct fixbuf *p, const struct batch_job *b)
{
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
        if (has(b->status_reason, waits[i].needle)) {
            fixbuf_add(p, "waiting in Batch: %s: %s. Batch says: %s", waits[i].meaning,
                       waits[i].next, b->status_reason);
            return;
        }
    }
    if (b->attempts_len > 0) {
        const struct batch_attempt *last = &b->attempts[b->attempts_len - 1];
        const char *reason =
            last->container_reason != NULL ? last->container_reason : last->status_reason;
        fixbuf_add(p, "attempt %zu ended", b->attempts_len);
        if (last->exit_code != EXIT_CODE_NONE) {
            fixbuf_add(p, " with exit code %d", last->exit_code);
        }
        fixbuf_add(p, "%s%s, waiting for the next one", reason == NULL ? "" : ": ",
                   reason == NULL ? "" : reason);
    } else if (b->status_reason != NULL) {
        fixbuf_add(p, "waiting in Batch: %s", b->status_reason);
    }
}

/* Adds what a failure means, by its reason or else by its exit code; false when neither is
 * known. */
static bool why_known(struct fixbuf *p, const struct batch_job *b)
{
    char code[32] = "";
    struct fixbuf c = fixbuf_start(code, sizeof code);

    if (b->exit_code != EXIT_CODE_NONE) {
        fixbuf_add(&c, " (exit code %d)", b->exit_code);
    }
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
        if (has(b->container_reason, failures[i].needle) ||
            has(b->status_reason, failures[i].needle)) {
            fixbuf_add(p, "%s%s: %s", failures[i].meaning, code, failures[i].next);
            return true;
        }
    }
    if (b->terminated || b->cancelled) {
        fixbuf_add(p, "%s%s", b->terminated ? "terminated" : "cancelled before it started", code);
        return true;
    }
    for (size_t i = 0; i < sizeof exits / sizeof *exits; i++) {
        if (b->exit_code == exits[i].code) {
            fixbuf_add(p, "%s%s: %s", exits[i].meaning, code, exits[i].next);
            return true;
        }
    }
    if (b->exit_code > 128 && b->exit_code < 128 + 65) {
        fixbuf_add(p, "ended by signal %d%s: see the end of its log", b->exit_code - 128, code);
        return true;
    }
    if (b->exit_code != EXIT_CODE_NONE && b->exit_code != 0) {
        fixbuf_add(p, "the program failed%s: see the end of its log", code);
        return true;
    }
    return false;
}

void job_children(const struct batch_job *b, char *out, size_t size)
{
    struct fixbuf p = fixbuf_start(out, size);
    const struct batch_array *a = b == NULL ? NULL : &b->array;

    if (a == NULL || a->size == 0) {
        return;
    }
    const struct {
        const char *word;
        int n;
    } parts[] = {
        {"running",   a->count[BATCH_RUNNING]                                                       },
        {"starting",  a->count[BATCH_STARTING]                                                      },
        {"failed",    a->count[BATCH_FAILED]                                                        },
        {"succeeded", a->count[BATCH_SUCCEEDED]                                                     },
        {"waiting",   a->count[BATCH_SUBMITTED] + a->count[BATCH_PENDING] + a->count[BATCH_RUNNABLE]},
    };
    bool first = true;

    fixbuf_add(&p, "array job of %d", a->size);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (parts[i].n > 0) {
            fixbuf_add(&p, "%s%d %s", first ? ": " : ", ", parts[i].n, parts[i].word);
            first = false;
        }
    }
    if (first) {
        fixbuf_add(&p, ": Batch does not show the state of its children");
    }
}

/* The parent has no container of its own: the sentence tells of its children, and of what keeps all
 * of them waiting. */
static void why_array(struct fixbuf *p, const struct batch_job *b)
{
    char children[160];
    enum batch_status stands = batch_job_stands(b);

    job_children(b, children, sizeof children);
    fixbuf_add(p, "%s", children);
    if (b->status == BATCH_FAILED) {
        if (b->status_reason != NULL) {
            fixbuf_add(p, ". Batch says: %s", b->status_reason);
        }
    } else if (stands != BATCH_RUNNING && stands != BATCH_STARTING && b->status_reason != NULL) {
        fixbuf_add(p, "; ");
        why_waiting(p, b);
    }
}

void job_why(const struct batch_job *b, char *out, size_t size)
{
    struct fixbuf p = fixbuf_start(out, size);

    if (b == NULL) {
        return;
    }
    if (b->array.size > 0 && b->status != BATCH_SUCCEEDED) {
        why_array(&p, b);
        return;
    }
    if (b->status == BATCH_FAILED) {
        bool known = why_known(&p, b);
        add_raw(&p, b);
        if (p.len == 0) {
            fixbuf_add(&p, "%s",
                       known || b->status_reason == NULL ? "Batch gives no reason"
                                                         : b->status_reason);
        }
    } else if (b->status == BATCH_SUBMITTED || b->status == BATCH_PENDING ||
               b->status == BATCH_RUNNABLE) {
        why_waiting(&p, b);
    }
}
