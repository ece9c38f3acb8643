/* cloud.h - a local cloud in a folder of its own and a client that signs for it, for tests. */
#ifndef TESTS_LOCAL_CLOUD_H
#define TESTS_LOCAL_CLOUD_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "aws/client.h"
#include "core/clock.h"
#include "core/err.h"
#include "src/cloud/start.h"

struct test_cloud {
    char dir[64];
    struct cloud *l;
    struct aws_client *aws;
    int64_t skew_ms; /* added to the cloud's clock; the client's is the system's */
    struct clock clock;
    bool seed;     /* of cloud_open_seeded; kept by cloud_restart */
    struct err e;  /* of the last call */
    cJSON *failed; /* error document of the last call, or NULL; owned */
};

void cloud_open(struct test_cloud *c); /* asserts that it starts */
/* With the system of SPEC 8, jobs that take no pauses, and a short time between SIGTERM and
 * SIGKILL. The pipeline calls the program that MVPDASH names, or `mvpdash` beside the test program.
 */
void cloud_open_seeded(struct test_cloud *c);
void cloud_close(struct test_cloud *c); /* stops it and removes the folder */
void cloud_halt(struct test_cloud *c);  /* stops it; its folder stays */
void cloud_resume(struct test_cloud *c);
void cloud_restart(struct test_cloud *c);   /* both */
void cloud_reconnect(struct test_cloud *c); /* a new client, on the cloud's clock */

/* Calls with a document given as JSON text, in which ' stands for ". Returns the reply (owned), or
 * NULL with c->e and c->failed set. */
cJSON *cloud_call(struct test_cloud *c, enum aws_op_id op, const char *json);
/* Does the same, asserts success and frees the reply. */
void cloud_do(struct test_cloud *c, enum aws_op_id op, const char *json);
/* Asks until the member that `path` names ("jobs.0.status") is the string `want`; asserts that it
 * comes within 30 s. Returns that reply, owned. */
cJSON *cloud_wait(struct test_cloud *c, enum aws_op_id op, const char *json, const char *path,
                  const char *want);
/* The member that such a path names, or NULL. Borrowed. */
const cJSON *cloud_member(const cJSON *doc, const char *path);
/* Asserts that the call fails with this AWS code and that its message contains `part`. */
void cloud_refuses(struct test_cloud *c, enum aws_op_id op, const char *json, const char *code,
                   const char *part);
/* Asserts that the reply, printed, is this JSON text (' for "). */
void cloud_answers(struct test_cloud *c, enum aws_op_id op, const char *json, const char *want);

/* The records of a table's stream so far, "INSERT 1, REMOVE 1": what happened and the first key
 * attribute's text; " by SERVICE" follows what the service did by itself. Owned. */
char *cloud_stream_text(struct test_cloud *c, const char *table);

/* One raw HTTP request, byte for byte; the whole answer, owned. Connection: close is up to you. */
char *cloud_raw(struct test_cloud *c, const char *request);
#endif
