/* How the process's descriptors are divided.
 *
 * DESIGN: a descriptor that is missing in the middle of a request makes the request fail, and most
 * of all a deploy, which needs files of the outbox. So the number of things that can be open at
 * once is limited from the start: clients by httpd, requests at work by its pool of threads,
 * connections to AWS by the client. */
#include "limits.h"

#include <limits.h>
#include <stdio.h>
#include <sys/resource.h>

enum {
    /* logs, the listening socket, epoll, the outbox's rounds of entries, the client of a doctor's
     * run, and clients that ask whether the server is well */
    RESERVE = 128,
    /* the outbox entry, the idempotency key, a file that is being written, its folder */
    FILES_REQUEST = 4,
    /* the pair of a wake-up, two connections that are kept, the pair of the resolver */
    FILES_SLOT = 6,
    EACH = FILES_REQUEST + FILES_SLOT,
    AT_ONCE_MOST = 64,
    AT_ONCE_LEAST = 2,
    OWN_SLOTS = 4, /* for the other threads: readiness, outbox, scan */
    LEAST = RESERVE + OWN_SLOTS * FILES_SLOT + AT_ONCE_LEAST * (EACH + 1)
};

bool limits_divide(long descriptors, int wanted, struct limits *out)
{
    *out = (struct limits){.descriptors = descriptors > INT_MAX ? INT_MAX : (int)descriptors,
                           .wanted = wanted};
    if (out->descriptors < LEAST) {
        return false;
    }
    int left = out->descriptors - RESERVE - OWN_SLOTS * FILES_SLOT;
    int most = left / 2 < left - AT_ONCE_LEAST * EACH ? left / 2 : left - AT_ONCE_LEAST * EACH;
    out->connections = wanted < most ? wanted : most;
    out->at_once = (left - out->connections) / EACH;
    out->at_once = out->at_once > AT_ONCE_MOST ? AT_ONCE_MOST : out->at_once;
    out->outbound = out->at_once + OWN_SLOTS;
    return true;
}

enum err_code limits_fit(int wanted, struct limits *out, struct err *e)
{
    struct rlimit files = {.rlim_cur = LEAST, .rlim_max = LEAST};

    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
        struct rlimit raised = {.rlim_cur = files.rlim_max, .rlim_max = files.rlim_max};
        if (setrlimit(RLIMIT_NOFILE, &raised) == 0) {
            files = raised;
        }
    }
    long most = files.rlim_cur > (rlim_t)LONG_MAX ? LONG_MAX : (long)files.rlim_cur;
    if (!limits_divide(most, wanted, out)) {
        (void)err_set(e, E_CONFIG, "%ld descriptors are too few to serve: it needs %d", most,
                      (int)LEAST);
        return err_hint_set(e, "raise the hard limit: ulimit -Hn, LimitNOFILE= of systemd");
    }
    return E_OK;
}

void limits_text(const struct limits *l, char *out, size_t size)
{
    (void)snprintf(out, size,
                   "%d connections%s, %d requests at once, %d connections to AWS (%d descriptors)",
                   l->connections, l->connections < l->wanted ? " (more do not fit)" : "",
                   l->at_once, l->outbound, l->descriptors);
}
