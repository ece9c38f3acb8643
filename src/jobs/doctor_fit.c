/* doctor_fit.c - F4 and F5: does what a job asks for exist? The rules compare vCPU and memory with
 * the compute environments, and look at the image's name and at the execution role.
 *
 * The sizes of Fargate are those of the service model batch-2016-08-10, ResourceRequirement. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "doctor_fix.h"
#include "jobs/batch.h"
#include "jobs/doctor.h"

static const struct fargate_size {
    double vcpus;
    long least, most, step; /* MiB */
} fargate[] = {
    {0.25, 512,   2048,   0   }, /* 512, 1024 and 2048 are allowed */
    {0.5,  1024,  4096,   1024},
    {1,    2048,  8192,   1024},
    {2,    4096,  16384,  1024},
    {4,    8192,  30720,  1024},
    {8,    16384, 61440,  4096},
    {16,   32768, 122880, 8192},
};

/* MiB for each vCPU of the general families of EC2; the ECS agent takes some of it. */
static const struct family {
    char letter;
    long mib;
} families[] = {
    {'c', 2048},
    {'m', 4096},
    {'r', 8192},
};
enum { FAMILY_LEAST_GENERATION = 5 }; /* older generations have odd sizes */

struct need {
    double vcpus;
    long mib;
    bool fargate;
};

static bool is_fargate(const cJSON *definition)
{
    const cJSON *v;

    cJSON_ArrayForEach(v, json_array(definition, "platformCapabilities"))
    {
        if (cJSON_IsString(v) && strcmp(v->valuestring, "FARGATE") == 0) {
            return true;
        }
    }
    return false;
}

/* ---- F4 ---- */

static void check_fargate_size(const struct need *need, const char *name, struct finding *f)
{
    for (size_t i = 0; i < sizeof fargate / sizeof *fargate; i++) {
        const struct fargate_size *s = &fargate[i];
        if (need->vcpus < s->vcpus || need->vcpus > s->vcpus) {
            continue;
        }
        bool stepped = s->step == 0 ? need->mib == 512 || need->mib == 1024 || need->mib == 2048
                                    : need->mib % s->step == 0;
        if (need->mib >= s->least && need->mib <= s->most && stepped) {
            return;
        }
        char rule[100];
        if (s->step == 0) {
            (void)snprintf(rule, sizeof rule, "512, 1024 or 2048 for %g vCPU", s->vcpus);
        } else {
            (void)snprintf(rule, sizeof rule, "%ld to %ld in steps of %ld for %g vCPU", s->least,
                           s->most, s->step, s->vcpus);
        }
        if (finding_add(f, DOCTOR_FAIL,
                        "%s asks for %g vCPU and %ld MiB, which Fargate does not offer", name,
                        need->vcpus, need->mib)) {
            finding_fix(f, "register a revision of %-s with MEMORY %s", name, rule);
        }
        return;
    }
    if (finding_add(f, DOCTOR_FAIL, "%s asks for %g vCPU, which Fargate does not offer", name,
                    need->vcpus)) {
        finding_fix(f, "register a revision of %-s with VCPU 0.25, 0.5, 1, 2, 4, 8 or 16", name);
    }
}

/* Reads what an instance type has, as far as its name tells: "m5.2xlarge" has 8 vCPU and 32 GiB. */
static bool instance_size(const char *type, double *vcpus, long *mib)
{
    const char *dot = strchr(type, '.');
    char *end = NULL;

    if (dot == NULL || strtol(type + 1, NULL, 10) < FAMILY_LEAST_GENERATION) {
        return false;
    }
    long times = strtol(dot + 1, &end, 10);
    times = end == dot + 1 ? 1 : times;
    *vcpus = strcmp(end, "xlarge") == 0                  ? (double)times * 4
             : times == 1 && strcmp(dot, ".large") == 0  ? 2
             : times == 1 && strcmp(dot, ".medium") == 0 ? 1
                                                         : 0;
    for (size_t i = 0; i<sizeof families / sizeof *families && * vcpus> 0; i++) {
        if (type[0] == families[i].letter) {
            *mib = (long)(*vcpus * (double)families[i].mib);
            return true;
        }
    }
    return false;
}

/* The largest instance that the environment may start, when the names of all its types tell their
 * sizes. */
static bool largest_instance(const cJSON *resources, const char **type, double *vcpus, long *mib)
{
    const cJSON *v;

    *mib = 0;
    cJSON_ArrayForEach(v, json_array(resources, "instanceTypes"))
    {
        double cpus = 0;
        long memory = 0;
        if (!cJSON_IsString(v) || !instance_size(v->valuestring, &cpus, &memory)) {
            return false;
        }
        if (memory > *mib) {
            *type = v->valuestring;
            *vcpus = cpus;
            *mib = memory;
        }
    }
    return *mib > 0;
}

enum misfit { FITS, OTHER_PLATFORM, TOO_FEW_VCPUS, TOO_SMALL_TYPES };

/* Why no job with this need can ever run in the environment, as far as this can be told. */
static enum misfit misfit(const cJSON *e, const struct need *need, char *why, size_t size)
{
    const cJSON *resources = json_object(e, "computeResources");
    const char *name = json_str_or(e, "computeEnvironmentName", "?");
    const char *type = json_str_or(resources, "type", "");
    int64_t most = json_int(resources, "maxvCpus", -1);
    bool env_fargate = strncmp(type, "FARGATE", 7) == 0;
    const char *instance = NULL;
    double cpus = 0;
    long mib = 0;

    if (resources == NULL || type[0] == '\0') {
        return FITS; /* only the owner of an unmanaged environment knows */
    }
    if (env_fargate != need->fargate) {
        (void)snprintf(why, size, "%.100s is %s, but the definition is for %s", name, type,
                       need->fargate ? "FARGATE" : "EC2");
        return OTHER_PLATFORM;
    }
    if (most >= 0 && need->vcpus > (double)most) {
        (void)snprintf(why, size, "%.100s has at most %lld vCPU, but the definition asks for %g",
                       name, (long long)most, need->vcpus);
        return TOO_FEW_VCPUS;
    }
    if (!env_fargate && largest_instance(resources, &instance, &cpus, &mib) &&
        (need->mib >= mib || need->vcpus > cpus)) {
        (void)snprintf(why, size,
                       "the largest type of %.100s is %.40s (%g vCPU, %ld MiB less what the agent "
                       "takes), but the definition asks for %g vCPU and %ld MiB",
                       name, instance, cpus, mib, need->vcpus, need->mib);
        return TOO_SMALL_TYPES;
    }
    return FITS;
}

static void misfit_fix(enum misfit m, const struct need *need, const char *name, const cJSON *e,
                       const struct doctor_names *n, struct finding *f)
{
    switch (m) {
    case OTHER_PLATFORM:
        finding_fix(f, "register a revision of %-s for %s, or give the queue an environment of %s",
                    name, need->fargate ? "EC2" : "Fargate (platformCapabilities)",
                    need->fargate ? "Fargate" : "EC2");
        break;
    case TOO_FEW_VCPUS:
        doctor_grow_fix("ask for less in a revision of the definition, or: ", e,
                        (int64_t)(need->vcpus + 0.999), n, f);
        break;
    case TOO_SMALL_TYPES:
        finding_fix(f,
                    "register a revision of %-s that asks for less, or allow larger instance "
                    "types in the environment",
                    name);
        break;
    case FITS:
        break;
    }
}

void doctor_fit(const cJSON *definition, const cJSON *environments, const struct doctor_names *n,
                struct finding *f)
{
    const cJSON *properties = json_object(definition, "containerProperties");
    const char *name = json_str_or(definition, "jobDefinitionName", doctor_arn_name(n->definition));
    const struct need need = {.vcpus = batch_resource(properties, "VCPU", "vcpus"),
                              .mib = (long)batch_resource(properties, "MEMORY", "memory"),
                              .fargate = is_fargate(definition)};
    /* the first environment that the job does not fit into, and why it does not */
    const cJSON *first = NULL;
    enum misfit first_is = FITS;
    char why[512] = "";
    bool fits = environments == NULL || environments->child == NULL;
    const cJSON *e;

    if (properties == NULL || need.vcpus <= 0 || need.mib <= 0) {
        (void)finding_add(f, DOCTOR_PASS, "%s does not state the vCPU and memory of one container",
                          name);
        return;
    }
    if (need.fargate) {
        check_fargate_size(&need, name, f);
    }
    cJSON_ArrayForEach(e, environments)
    {
        char this_one[512] = "";
        enum misfit m = misfit(e, &need, this_one, sizeof this_one);
        fits = fits || m == FITS;
        if (m != FITS && first == NULL) {
            first = e;
            first_is = m;
            (void)snprintf(why, sizeof why, "%s", this_one);
        }
    }
    if (!fits && finding_add(f, DOCTOR_FAIL, "no job of %s can ever run: %s", name, why)) {
        misfit_fix(first_is, &need, name, first, n, f);
    }
    (void)finding_add(f, DOCTOR_PASS, "%g vCPU and %ld MiB %s", need.vcpus, need.mib,
                      need.fargate ? "on Fargate" : "on EC2");
}

/* ---- F5 ---- */

bool doctor_image_parse(const char *image, struct doctor_image *out)
{
    static const char part[] = ".dkr.ecr.";

    *out = (struct doctor_image){0};
    size_t digits = image == NULL ? 0 : strspn(image, "0123456789");
    if (digits == 0 || digits >= sizeof out->registry ||
        strncmp(image + digits, part, sizeof part - 1) != 0) {
        return false;
    }
    const char *region = image + digits + sizeof part - 1;
    const char *slash = strchr(region, '/');
    size_t region_len = strcspn(region, "./");
    if (slash == NULL || region_len == 0 || region_len >= sizeof out->region) {
        return false;
    }
    const char *name = slash + 1;
    size_t name_len = strcspn(name, ":@");
    if (name_len == 0 || name_len >= sizeof out->repository) {
        return false;
    }
    (void)snprintf(out->registry, sizeof out->registry, "%.*s", (int)digits, image);
    (void)snprintf(out->region, sizeof out->region, "%.*s", (int)region_len, region);
    (void)snprintf(out->repository, sizeof out->repository, "%.*s", (int)name_len, name);
    const char *at = strchr(name, '@');
    const char *tag = name[name_len] == ':' ? name + name_len + 1 : "latest";
    if (at != NULL) {
        (void)snprintf(out->digest, sizeof out->digest, "%s", at + 1);
    }
    (void)snprintf(out->tag, sizeof out->tag, "%.*s", (int)strcspn(tag, "@"), tag);
    return true;
}

void doctor_execution_role(const cJSON *definition, struct finding *f)
{
    const cJSON *properties = json_object(definition, "containerProperties");
    const cJSON *secrets = json_array(properties, "secrets");
    const char *role = json_str(properties, "executionRoleArn");
    bool needed = is_fargate(definition) || (secrets != NULL && secrets->child != NULL);
    const char *name = json_str_or(definition, "jobDefinitionName", "?");

    if (needed && (role == NULL || role[0] == '\0') &&
        finding_add(f, DOCTOR_FAIL, "%s has no execution role: %s", name,
                    is_fargate(definition) ? "Fargate can neither pull its image nor write its log"
                                           : "its secrets cannot be read")) {
        finding_fix(f,
                    "register a revision of %-s with executionRoleArn: a role that trusts "
                    "ecs-tasks.amazonaws.com and has AmazonECSTaskExecutionRolePolicy",
                    name);
    }
}
