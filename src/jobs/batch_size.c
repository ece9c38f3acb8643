/* batch_size.c - what a Batch job was given to run on. Facts: AWS-WIRE 2.4.
 *
 * The container of a JobDetail has the overrides of SubmitJob in it. A job whose definition names
 * no platform runs on EC2. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "jobs/batch.h"

/* More than any machine of AWS has: a larger number is no size. */
#define MOST 1e6

static double number_of(const cJSON *v)
{
    char *end = NULL;
    double n = 0;

    if (cJSON_IsNumber(v)) {
        n = v->valuedouble;
    } else if (cJSON_IsString(v)) {
        n = strtod(v->valuestring, &end);
        n = end == v->valuestring || *end != '\0' ? 0 : n;
    }
    return isfinite(n) && n > 0 && n <= MOST ? n : 0;
}

double batch_resource(const cJSON *container, const char *type, const char *old)
{
    const cJSON *v;

    cJSON_ArrayForEach(v, json_array(container, "resourceRequirements"))
    {
        if (strcmp(json_str_or(v, "type", ""), type) == 0) {
            return number_of(json_get(v, "value"));
        }
    }
    return old == NULL ? 0 : number_of(json_get(container, old));
}

static bool has_word(const cJSON *list, const char *word)
{
    const cJSON *v;

    cJSON_ArrayForEach(v, list)
    {
        if (cJSON_IsString(v) && strcmp(v->valuestring, word) == 0) {
            return true;
        }
    }
    return false;
}

static enum batch_platform platform_of(const cJSON *obj, const cJSON *container)
{
    const cJSON *named = json_array(obj, "platformCapabilities");
    bool fargate = has_word(named, "FARGATE") ||
                   json_object(container, "fargatePlatformConfiguration") != NULL;

    if (fargate && has_word(named, "EC2")) {
        return PLATFORM_NOT_KNOWN;
    }
    return fargate ? PLATFORM_FARGATE : PLATFORM_EC2;
}

/* Takes what the whole task has: `task` is the container of a job with one, else a member of
 * taskProperties. */
static void take_task(struct batch_size *s, const cJSON *task)
{
    const cJSON *runtime = json_object(task, "runtimePlatform");
    const char *cpu = json_str_or(runtime, "cpuArchitecture", "X86_64");
    const char *system = json_str_or(runtime, "operatingSystemFamily", "LINUX");
    int64_t disk = json_int(json_object(task, "ephemeralStorage"), "sizeInGiB", 0);

    s->arm = strcmp(cpu, "ARM64") == 0;
    s->other = s->other || (!s->arm && strcmp(cpu, "X86_64") != 0) || strcmp(system, "LINUX") != 0;
    s->disk_gib = disk > 0 && disk <= UINT16_MAX ? (uint16_t)disk : 0;
}

/* The sum over the containers; it is not known when one of them does not tell. */
struct sum {
    double vcpus, mib;
    bool known;
};

static void add_container(struct batch_size *s, const cJSON *c, struct sum *sum)
{
    double vcpus = batch_resource(c, "VCPU", "vcpus");
    double mib = batch_resource(c, "MEMORY", "memory");

    sum->vcpus += vcpus;
    sum->mib += mib;
    sum->known = sum->known && vcpus > 0 && mib > 0;
    s->other = s->other || batch_resource(c, "GPU", NULL) > 0;
}

struct batch_size batch_size_from_json(const cJSON *obj)
{
    const cJSON *container = json_object(obj, "container");
    const cJSON *tasks = json_array(json_object(obj, "ecsProperties"), "taskProperties");
    struct batch_size s = {.platform = (uint8_t)platform_of(obj, container)};
    struct sum sum = {.known = true};
    const cJSON *task;
    const cJSON *c;

    s.other =
        json_object(obj, "nodeProperties") != NULL || json_object(obj, "eksProperties") != NULL;
    if (tasks == NULL || tasks->child == NULL) {
        take_task(&s, container);
        add_container(&s, container, &sum);
    } else {
        s.other = s.other || tasks->child->next != NULL; /* Batch allows one */
    }
    cJSON_ArrayForEach(task, tasks)
    {
        take_task(&s, task);
        cJSON_ArrayForEach(c, json_array(task, "containers"))
        {
            add_container(&s, c, &sum);
        }
    }
    if (sum.known && sum.vcpus <= MOST && sum.mib <= MOST * 1024) {
        s.millivcpus = (uint32_t)lround(sum.vcpus * 1000);
        s.memory_mib = (uint32_t)lround(sum.mib);
    }
    return s;
}
