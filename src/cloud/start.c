/* Making a local cloud from its parts: the store, the services of the table, the HTTP server in
 * front. */
#include "start.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/path.h"
#include "core/strbuf.h"
#include "seed.h"
#include "services.h"
#include "src/cloud/http/server.h"
#include "src/cloud/store/life.h"

/* What stands in front of the services. */
struct front {
    struct cloud_http *server;
    char *env_path; /* the path of DATA/env while that file exists */
};

static struct front *front_of(const struct cloud *cloud)
{
    return *cloud_front((struct cloud *)cloud);
}

uint16_t cloud_port(const struct cloud *cloud)
{
    return cloud_http_port(front_of(cloud)->server);
}

char *cloud_env_text(const struct cloud *cloud)
{
    struct strbuf b = STRBUF_INIT;

    strbuf_addf(&b, "export AWS_ENDPOINT_URL=%s\n", cloud_endpoint(cloud));
    strbuf_addf(&b, "export AWS_ACCESS_KEY_ID=%s\n", cloud_access_key(cloud));
    strbuf_addf(&b, "export AWS_SECRET_ACCESS_KEY=%s\n", cloud_secret_key(cloud));
    strbuf_addf(&b, "export AWS_REGION=%s\n", cloud_region(cloud));
    strbuf_addf(&b, "export AWS_DEFAULT_REGION=%s\n", cloud_region(cloud));
    return strbuf_take(&b);
}

static enum err_code write_env(struct cloud *cloud, struct err *e)
{
    char *path = path_join(cloud_data_dir(cloud), "env");
    char *text = cloud_env_text(cloud);
    enum err_code rc = path_write_atomic(path, text, strlen(text), 0600, e);

    if (rc == E_OK) {
        front_of(cloud)->env_path = path;
        path = NULL;
    }
    free(path);
    free(text);
    return rc;
}

static enum err_code listen_at(struct cloud *cloud, struct err *e)
{
    const struct cloud_options *o = cloud_opts(cloud);
    struct cloud_http *server = cloud_http_bind(o->listen_host, o->port, e);

    if (server == NULL) {
        return E_CONFIG;
    }
    front_of(cloud)->server = server;
    cloud_listens_at(cloud, cloud_http_url(server));
    return E_OK;
}

/* Starts the services and seeds the store under one lock, so that no request comes between the last
 * service's start and the seed. */
static enum err_code start_services(struct cloud *cloud, struct err *e)
{
    cloud_lock(cloud);
    enum err_code rc = cloud_services_start(cloud, e);
    if (rc == E_OK && cloud_opts(cloud)->seed) {
        rc = cloud_seed(cloud, e);
    }
    cloud_unlock(cloud);
    return rc;
}

struct cloud *cloud_start(const struct cloud_options *o, struct err *e)
{
    struct cloud_options all = *o;

    if (all.services == NULL) {
        all.services = cloud_all_services;
    }
    struct cloud *cloud = cloud_new(&all, e);
    if (cloud == NULL) {
        return NULL;
    }
    *cloud_front(cloud) = xcalloc(1, sizeof(struct front));
    if (listen_at(cloud, e) != E_OK || start_services(cloud, e) != E_OK ||
        cloud_http_run(front_of(cloud)->server, cloud, e) != E_OK || write_env(cloud, e) != E_OK) {
        cloud_stop(cloud);
        return NULL;
    }
    log_line(cloud_log(cloud), LOG_LVL_INFO, "local: serving %s on %s", cloud_data_dir(cloud),
             cloud_endpoint(cloud));
    return cloud;
}

void cloud_stop(struct cloud *cloud)
{
    if (cloud == NULL) {
        return;
    }
    struct front *front = front_of(cloud);
    if (front->env_path != NULL) {
        (void)unlink(front->env_path);
        free(front->env_path);
    }
    cloud_services_stop(cloud);
    cloud_http_free(front->server);
    free(front);
    cloud_free(cloud);
}
