/* client_impl.h - what the files of the client share. */
#ifndef AWS_CLIENT_IMPL_H
#define AWS_CLIENT_IMPL_H

#include <pthread.h>

#include "aws/client.h"
#include "creds.h"
#include "endpoint.h"
#include "http.h"
#include "retry.h"

struct key_cache {
    char id[160]; /* "AKID/20260102/crc of the secret": what the signing key was made for */
    unsigned char key[32];
};

/* A call that is under way, on the stack of its thread. */
struct call_mark {
    struct call_mark *next, **at;
    enum aws_op_id op;
    int64_t began_ms; /* monotonic, of the system's clock */
};

struct aws_client {
    struct aws_options o; /* without its strings */
    char *region;
    struct http *http;
    struct aws_creds_provider *creds;
    struct endpoint endpoints[AWS_SERVICE_COUNT];
    char *notes[AWS_NOTES_MAX]; /* owned */
    int max_attempts;           /* 0: the number depends on the service */
    struct retry_quota quota;
    pthread_mutex_t lock; /* guards keys, read_units, write_units, under_way */
    struct call_mark *under_way;
    struct key_cache keys[AWS_SERVICE_COUNT];
    double read_units, write_units;
    atomic_int_fast64_t skew_ms[AWS_SERVICE_COUNT]; /* the service's time minus ours */
    atomic_uint_fast64_t requests, retries, throttles, failures;
    atomic_uint_fast64_t calls[AWS_OP_COUNT][E_COUNT]; /* finished calls, by how they ended */
};

void client_call_begins(struct aws_client *c, struct call_mark *m);
void client_call_ends(struct aws_client *c, struct call_mark *m);
/* kSigning for these credentials, the day of `wall_ms` and this service. The key is made once a
 * day. */
void client_signing_key(struct aws_client *c, enum aws_service_id s, const struct aws_creds *creds,
                        int64_t wall_ms, unsigned char key[32]);
/* The ConsumedCapacity in a reply; 0 when the reply has none. */
double client_units(const struct aws_op *row, const cJSON *doc);
/* Adds consumed units to the counters. */
void client_count_units(struct aws_client *c, const struct aws_op *row, double units);
/* Waits, by the client's delay_percent; E_CANCELLED when the client is stopped. */
MUST_CHECK enum err_code client_wait(struct aws_client *c, int ms, struct err *e);
#endif
