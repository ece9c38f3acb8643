/* The words and the environment of one attempt. */
#include "job_command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch.h"
#include "container.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/path.h"
#include "core/strbuf.h"
#include "src/cloud/store/options.h"

/* An image whose name begins with this has the pipeline as its entry point. Any other image runs
 * its command as it is, as `docker run` does for an image without an entry point. */
#define STARTER_IMAGE "mvpdash-starter"

static const char *image_of(const cJSON *job)
{
    return json_str_or(json_object(job, "container"), "image", "");
}

static bool is_starter(const char *image)
{
    return strncmp(image, STARTER_IMAGE, strlen(STARTER_IMAGE)) == 0;
}

/* ---- the environment ----------------------------------------------------------------------- */

/* What only a process of this machine is told: an image has its own. */
static void env_add_machine(struct cloud *cloud, const char *dir, struct cloud_batch_argv *env)
{
    const char *program = cloud_opts(cloud)->program != NULL ? cloud_opts(cloud)->program : "";
    const char *slash = strrchr(program, '/');
    char *path =
        xasprintf("%.*s%s/usr/local/bin:/usr/bin:/bin", slash != NULL ? (int)(slash - program) : 0,
                  program, slash != NULL ? ":" : "");
    char *sites = path_join(cloud_data_dir(cloud), "sites");

    cloud_batch_argv_set(env, "PATH", path);
    cloud_batch_argv_set(env, "HOME", dir);
    cloud_batch_argv_set(env, "LANG", "C.UTF-8");
    cloud_batch_argv_set(env, "MVPDASH", program);
    cloud_batch_argv_set(env, "MVP_SITES_DIR", sites);
    free(path);
    free(sites);
}

static void env_add_cloud(struct cloud *cloud, struct cloud_batch_argv *env)
{
    const char *pace = getenv("MVP_STEP_SECONDS");

    cloud_batch_argv_set(env, "AWS_ENDPOINT_URL", cloud_endpoint(cloud));
    cloud_batch_argv_set(env, "AWS_ACCESS_KEY_ID", cloud_access_key(cloud));
    cloud_batch_argv_set(env, "AWS_SECRET_ACCESS_KEY", cloud_secret_key(cloud));
    cloud_batch_argv_set(env, "AWS_REGION", cloud_region(cloud));
    cloud_batch_argv_set(env, "AWS_DEFAULT_REGION", cloud_region(cloud));
    cloud_batch_argv_set(env, "AWS_EC2_METADATA_DISABLED", "true");
    if (pace != NULL) {
        cloud_batch_argv_set(env, "MVP_STEP_SECONDS", pace);
    }
}

static int attempt_of(const cJSON *job)
{
    return cJSON_GetArraySize(json_array(job, "attempts")) + 1;
}

static void env_add_job(struct cloud *cloud, const cJSON *job, struct cloud_batch_argv *env)
{
    const cJSON *environment = json_array(json_object(job, "container"), "environment");
    cJSON *queue = cloud_batch_queue(cloud, json_str(job, "jobQueue"));
    const cJSON *order = json_array(queue, "computeEnvironmentOrder");
    const char *ce = json_str(order != NULL ? order->child : NULL, "computeEnvironment");
    char attempt[16];

    for (const cJSON *v = environment != NULL ? environment->child : NULL; v != NULL; v = v->next) {
        const char *name = json_str_or(v, "name", "");
        if (*name != '\0' && strchr(name, '=') == NULL) {
            cloud_batch_argv_set(env, name, json_str_or(v, "value", ""));
        }
    }
    (void)snprintf(attempt, sizeof attempt, "%d", attempt_of(job));
    cloud_batch_argv_set(env, "AWS_BATCH_JOB_ID", json_str_or(job, "jobId", ""));
    cloud_batch_argv_set(env, "AWS_BATCH_JOB_ATTEMPT", attempt);
    cloud_batch_argv_set(env, "AWS_BATCH_JQ_NAME", cloud_batch_name(json_str(job, "jobQueue")));
    cloud_batch_argv_set(env, "AWS_BATCH_CE_NAME", cloud_batch_name(ce));
    cJSON_Delete(queue);
}

/* ---- in a container ------------------------------------------------------------------------ */

/* A line of the file is "NAME=value" to its end: the runtimes know no quotes in it. What they would
 * not take as it is cannot be given to a container. */
static enum err_code env_text(const struct cloud_batch_argv *env, struct strbuf *out, struct err *e)
{
    for (size_t i = 0; i < env->len; i++) {
        const char *item = env->items[i];
        size_t name = strcspn(item, "=");
        if (item[0] == '#' || strcspn(item, " \t\r\n\v\f") < name) {
            return err_set(e, E_INVALID,
                           "\"%.*s\" is not a variable name that a container can be given",
                           name > 80 ? 80 : (int)name, item);
        }
        if (strpbrk(item, "\r\n") != NULL) {
            return err_set(e, E_INVALID,
                           "the value of %.*s has a line break: no container of this cloud can be "
                           "given it",
                           name > 80 ? 80 : (int)name, item);
        }
        strbuf_adds(out, item);
        strbuf_addc(out, '\n');
    }
    return E_OK;
}

/* Each attempt has a file of its own: the one before may still be on its way out. */
static enum err_code write_env(const char *dir, int attempt, struct cloud_batch_command *c,
                               struct err *e)
{
    struct strbuf text = STRBUF_INIT;
    enum err_code rc = env_text(&c->env, &text, e);

    c->env_file = xasprintf("%s/environment-%d", dir, attempt);
    if (rc == E_OK) {
        rc = path_write_atomic(c->env_file, strbuf_str(&text), text.len, 0600, e);
    }
    strbuf_wipe(&text);
    return rc;
}

static enum err_code contain(const struct cloud_batch_container *runtime, const cJSON *job,
                             const char *dir, struct cloud_batch_command *c, struct err *e)
{
    const char *image = image_of(job);
    char *name = xasprintf("mvpdash-%s-%d", json_str_or(job, "jobId", ""), attempt_of(job));
    enum err_code rc = write_env(dir, attempt_of(job), c, e);

    cloud_batch_container_run_words(
        runtime, is_starter(image) ? cloud_batch_container_image(runtime) : image, name,
        c->env_file, &c->argv);
    cloud_batch_container_end_words(runtime, name, &c->end);
    free(name);
    return rc;
}

/* ---- both ---------------------------------------------------------------------------------- */

static void add_command(const cJSON *job, struct cloud_batch_argv *argv)
{
    const cJSON *command = json_array(json_object(job, "container"), "command");

    for (const cJSON *v = command != NULL ? command->child : NULL; v != NULL; v = v->next) {
        cloud_batch_argv_add(argv, cJSON_IsString(v) ? v->valuestring : "");
    }
}

enum err_code cloud_batch_command_build(struct cloud *cloud, const cJSON *job, const char *dir,
                                        struct cloud_batch_command *out, struct err *e)
{
    const struct cloud_options *o = cloud_opts(cloud);
    enum err_code rc = E_OK;

    if (o->container == NULL) {
        env_add_machine(cloud, dir, &out->env);
    }
    env_add_cloud(cloud, &out->env);
    env_add_job(cloud, job, &out->env);
    if (o->container != NULL) {
        rc = contain(o->container, job, dir, out, e);
    } else if (is_starter(image_of(job))) {
        cloud_batch_argv_take(&out->argv, o->pipeline != NULL ? xstrdup(o->pipeline)
                                                              : path_join(cloud_data_dir(cloud),
                                                                          "pipeline/entrypoint"));
    }
    add_command(job, &out->argv);
    if (rc == E_OK && out->argv.len == 0) {
        rc = err_set(e, E_INVALID, "the image has no entry point here and no command is given");
    }
    return rc;
}

void cloud_batch_command_clear(struct cloud_batch_command *c)
{
    cloud_batch_argv_clear(&c->argv);
    cloud_batch_argv_clear(&c->env);
    cloud_batch_argv_clear(&c->end);
    if (c->env_file != NULL) {
        (void)unlink(c->env_file);
        free(c->env_file);
    }
    *c = (struct cloud_batch_command){0};
}
