/* api_cloud.h - the REST API on an ops_cloud, and a plain HTTP client for its tests. One a test
 * process. */
#ifndef TESTS_API_CLOUD_H
#define TESTS_API_CLOUD_H

#include <cjson/cJSON.h>
#include <sys/types.h>

#include "api/api.h"
#include "ops_cloud.h"

struct api_cloud {
    struct ops_cloud cloud;
    struct api *api;
    struct api_options options; /* the options that the server was started with */
};

/* Starts both; `o` may be NULL, its ops and port are set here. */
void api_cloud_start(struct api_cloud *a, const struct ops_cloud_options *cloud,
                     const struct api_options *o);
void api_cloud_stop(struct api_cloud *a);
/* Ends the API and starts it anew on the same state, as after a restart. `ops` NULL: the cloud's.
 */
void api_cloud_again(struct api_cloud *a, const struct ops *ops);

struct answer {
    int status;    /* 0: the connection ended without an answer; the body then says how */
    char *headers; /* owned; lines as they came, after the status line */
    char *body;    /* owned */
    cJSON *doc;    /* owned; NULL when the body is no JSON */
};
void answer_clear(struct answer *a);
void answer_drop(struct answer x); /* does the same where nobody looks at the answer any more */
extern const char api_good[];      /* the least body of a deploy: 202 */
/* Sends bytes as they are and reads one answer to the end of the connection. */
struct answer api_raw(const struct api_cloud *a, const char *bytes, size_t len);
/* One request; `headers` are lines with "\r\n" after each, or NULL; `body` NULL: none. A body goes
 * as application/json unless the headers say otherwise. */
struct answer api_ask(const struct api_cloud *a, const char *method, const char *target,
                      const char *headers, const char *body);
/* Does the same and checks the status, and for errors the code ("" for none). */
struct answer api_expect(const struct api_cloud *a, const char *method, const char *target,
                         const char *headers, const char *body, int status, const char *code);
/* The value of a header in any case, into `out`; "" when it is not there. Returns out. */
const char *answer_header(const struct answer *a, const char *name, char *out, size_t size);
const char *answer_code(const struct answer *a); /* of an error; "" */
/* POST /deploy for a user; the job id, owned. */
char *api_deploy(const struct api_cloud *a, const char *user);
/* Waits until a log holds the text: it is written after the answer was sent. */
void api_wait_logged(const struct api_cloud *a, const char *path, const char *what);
/* recv that goes on after a signal. */
ssize_t api_read(int fd, char *buf, size_t size);
int api_connect(const struct api_cloud *a); /* a descriptor with a 20 s limit on reads */
#endif
