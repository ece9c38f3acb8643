/* The options of a cloud: filling in defaults, and a copy so that the caller need not keep its
 * own. */
#include "options.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/platform.h"

void cloud_options_copy(const struct cloud_options *o, struct cloud_options *out)
{
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);

    *out = *o;
    out->data_dir = xstrdup(o->data_dir);
    out->listen_host = xstrdup(o->listen_host);
    out->region = xstrdup(o->region == NULL ? "us-east-1" : o->region);
    out->program = o->program == NULL ? platform_program() : xstrdup(o->program);
    out->pipeline = xstrdup(o->pipeline);
    out->clock = o->clock == NULL ? &clock_system : o->clock;
    if (o->max_running_jobs <= 0) {
        out->max_running_jobs = cpus < 2 ? 2 : cpus > 64 ? 64 : (int)cpus;
    }
}

void cloud_options_clear(struct cloud_options *o)
{
    free((char *)o->data_dir);
    free((char *)o->listen_host);
    free((char *)o->region);
    free((char *)o->program);
    free((char *)o->pipeline);
    *o = (struct cloud_options){0};
}

/* The region goes into ARNs and into lines that a shell reads, so it must be plain. */
enum err_code cloud_options_check(const struct cloud_options *o, struct err *e)
{
    const char *region = o->region;
    size_t len = strlen(region);

    if (len == 0 || len > 32 || strspn(region, "abcdefghijklmnopqrstuvwxyz0123456789-") != len) {
        return err_set(e, E_CONFIG, "\"%.40s\" is not a region: letters, digits and '-'", region);
    }
    return E_OK;
}
