/* The loop of `mvpdash serve`.
 *
 * DESIGN: signals are blocked before any thread starts, so only this thread takes them, with
 * sigwaitinfo: no handler runs anywhere. A second SIGINT or SIGTERM while requests are being
 * answered ends the waiting; their deploys are in the outbox then. */
#include "api/serve.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "core/json.h"
#include "core/log.h"

enum { DRAIN_MS = 25000, LOOK_MS = 100 };

static void print_ready(const struct api *a, bool as_json)
{
    if (as_json) {
        cJSON *doc = json_new_object();
        json_set_str(doc, "url", api_url(a));
        char *text = json_safe(doc);
        (void)printf("%s\n", text);
        free(text);
        cJSON_Delete(doc);
    } else {
        (void)printf("%s\n", api_url(a));
    }
    (void)fflush(stdout);
}

/* Waits until the requests are answered. Once the server serves, everything that it says goes
 * through the log, so that nobody waits for the reader of stderr. */
static void drain(struct api *a, const sigset_t *enough, struct log *log)
{
    const struct timespec now = {.tv_sec = 0};
    int left = api_drain(a, 0);

    for (int waited = 0; left > 0 && waited < DRAIN_MS; waited += LOOK_MS) {
        if (sigtimedwait(enough, NULL, &now) > 0) {
            break;
        }
        left = api_drain(a, LOOK_MS);
    }
    if (left > 0) {
        log_line(log, LOG_LVL_WARN,
                 "%d request%s not answered in time; deploys that were accepted wait in the outbox",
                 left, left == 1 ? " was" : "s were");
    }
}

static void serve(struct api *a, const sigset_t *signals, const sigset_t *enough, struct log *log)
{
    int got = 0;

    do {
        struct err e = {0};
        got = sigwaitinfo(signals, NULL);
        if (got == SIGHUP && api_reload(a, &e) != E_OK) {
            log_line(log, LOG_LVL_WARN, "not reloaded: %s", e.msg);
        }
    } while (got == SIGHUP || (got < 0 && errno == EINTR));
    drain(a, enough, log);
}

enum err_code api_serve(const struct serve_options *o, struct err *e)
{
    sigset_t signals;
    sigset_t enough;

    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGTERM);
    enough = signals;
    (void)sigaddset(&signals, SIGHUP);
    (void)sigprocmask(SIG_BLOCK, &signals, NULL);
    struct api *a = api_start(&o->api, e);
    if (a == NULL) {
        return e == NULL || e->code == E_OK ? E_IO : e->code;
    }
    if (api_warning(a) != NULL) {
        (void)fprintf(stderr, "mvpdash: warning: %s\n", api_warning(a));
    }
    char fits[160];
    api_fits(a, fits, sizeof fits);
    (void)fprintf(stderr, "mvpdash: room for %s\n", fits);
    print_ready(a, o->json);
    serve(a, &signals, &enough, o->api.log);
    api_free(a);
    return E_OK;
}
