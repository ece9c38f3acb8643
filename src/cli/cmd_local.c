/* `mvpdash local`: the local cloud by itself. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/log.h"
#include "core/path.h"
#include "src/cli/cli_priv.h"
#include "src/cli/commands.h"

static const struct cli_option options[] = {
    CLI_VALUE("listen", "ADDR:PORT",
              "loopback address to listen on; port 0 takes any free port (default 127.0.0.1:4599)"),
    CLI_VALUE("data", "DIR", "folder of the cloud's data (default $XDG_STATE_HOME/mvpdash/local)"),
    CLI_VALUE("container", "IMAGE",
              "run jobs in this image, by docker or podman (default: as local processes)"),
    CLI_HIDDEN_FLAG("background"),
    CLI_END,
};

static enum err_code absolute_dir(const char *given, char **out, struct err *e)
{
    if (given[0] == '\0') {
        return err_set(e, E_INVALID, "--data: the value is empty; expected a folder");
    }
    if (given[0] == '/') {
        *out = xstrdup(given);
        return E_OK;
    }
    char *here = realpath(".", NULL);
    if (here == NULL) {
        return err_set(e, E_IO, "--data: the current folder cannot be read");
    }
    *out = path_join(here, given);
    free(here);
    return E_OK;
}

static enum err_code run_local(struct cli *c, struct err *e)
{
    const char *listen = args_get(&c->args, "listen");
    const char *data = args_get(&c->args, "data");
    char *dir = NULL;
    struct log *own = NULL;
    struct cli_local o = {.port = 4599,
                          .background = args_has(&c->args, "background"),
                          .region = settings_flag(c->settings, SET_REGION),
                          .container = args_get(&c->args, "container"),
                          .json = c->json,
                          .log = c->log};
    enum err_code rc = listen == NULL ? E_OK : cli_listen(listen, &o.host, &o.port, e);

    if (rc == E_OK && o.container != NULL && (o.container[0] == '\0' || o.container[0] == '-')) {
        rc = err_set(e, E_INVALID, "--container: \"%.80s\" is not the name of an image",
                     o.container);
    }

    /* The local cloud runs for long and alone, so it tells on stderr what goes wrong, even when
     * nobody asked for a log. In the background stderr is the file cloud.log. */
    if (rc == E_OK && c->log == NULL) {
        own = log_new(NULL, LOG_LVL_WARN, e);
        o.log = own;
        rc = own == NULL ? E_IO : E_OK;
    }
    if (rc == E_OK && data != NULL) {
        rc = absolute_dir(data, &dir, e);
    }
    if (rc == E_OK) {
        o.data_dir = dir != NULL ? dir : c->local_dir;
        rc = c->hooks->local(c->hooks->arg, &o, e);
    }
    free(o.host);
    free(dir);
    log_free(own);
    return rc;
}

const struct cli_command cmd_local = {
    .name = "local",
    .args = "",
    .summary = "Run the local cloud and print the environment for AWS clients",
    .about =
        "AWS's wire protocols for this one machine, with jobs as real local processes. Prints\n"
        "export lines once it is ready, then serves until Ctrl-C or SIGTERM. What it holds\n"
        "survives a restart. What goes wrong, or could not be read, is reported on stderr. With\n"
        "--container a job is a container as on Fargate: its root cannot be written to, /work\n"
        "can, and it has 30 s from SIGTERM to SIGKILL; of other images than the starter's each\n"
        "job definition's own is run. `make container` builds one.",
    .example = "mvpdash local --listen 127.0.0.1:0 --data ./cloud",
    .options = options,
    .max_args = 0,
    .run = run_local,
};
