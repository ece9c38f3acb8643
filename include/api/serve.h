/* serve.h - the REST API as a process: `mvpdash serve`. Main thread, before any other thread. */
#ifndef API_SERVE_H
#define API_SERVE_H

#include <stdbool.h>

#include "api/api.h"
#include "core/err.h"

struct serve_options {
    struct api_options api;
    bool json; /* print the ready line as {"url"} */
};

/* Serves until SIGINT or SIGTERM, then drains; SIGHUP calls api_reload. Prints the address to
 * stdout once the server listens. */
MUST_CHECK enum err_code api_serve(const struct serve_options *o, struct err *e);
#endif
