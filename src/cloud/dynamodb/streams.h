/* streams.h - DynamoDB Streams: the iterator, and the trimming of records after 24 hours.
 * Everything runs under the cloud's lock except the iterator's functions, which are pure. Facts:
 * AWS-WIRE 2.2. */
#ifndef CLOUD_DYNAMODB_STREAMS_H
#define CLOUD_DYNAMODB_STREAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "src/cloud/store/service.h"

enum { STREAMS_RETENTION_MS = 24 * 60 * 60 * 1000, STREAMS_ITERATOR_MS = 15 * 60 * 1000 };

/* How the store names the REMOVE of an item that the service deleted because it had expired. */
#define STREAMS_KIND_EXPIRED "EXPIRE"

/* A place in a shard: reading goes on after record `after`. */
struct ddb_streams_iterator {
    int64_t stream_id;
    int64_t after;
    int64_t issued_ms;
};

/* The iterator as text, "<arn>|1|<base64>"; owned. */
char *ddb_streams_iterator_text(const char *arn, const struct ddb_streams_iterator *it);
bool ddb_streams_iterator_parse(const char *text, struct ddb_streams_iterator *out);

#define STREAMS_SEQUENCE_SIZE 40
/* A sequence number as AWS has them: 21 digits, growing. */
const char *ddb_streams_sequence(int64_t seq, char buf[STREAMS_SEQUENCE_SIZE]);
bool ddb_streams_sequence_parse(const char *text, int64_t *seq);

/* Drops records older than the retention and remembers the last one dropped. Cheap when there is
 * nothing to drop. */
bool ddb_streams_trim(struct cloud *cloud, int64_t stream_id, struct cloud_reply *r);
#endif
