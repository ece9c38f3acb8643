/* streams.h - DynamoDB Streams: the iterator, and the trimming of records after 24 hours. Under the
 * cloud's lock but for the iterator's functions, which are pure. Facts: AWS-WIRE 2.2. */
#ifndef LOCAL_STREAMS_H
#define LOCAL_STREAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "local/svc.h"

enum { STREAMS_RETENTION_MS = 24 * 60 * 60 * 1000, STREAMS_ITERATOR_MS = 15 * 60 * 1000 };

/* A place in a shard: reading goes on after record `after`. */
struct streams_iterator {
    int64_t stream_id;
    int64_t after;
    int64_t issued_ms;
};

/* "<arn>|1|<base64>"; owned. */
char *streams_iterator_text(const char *arn, const struct streams_iterator *it);
bool streams_iterator_parse(const char *text, struct streams_iterator *out);

#define STREAMS_SEQUENCE_SIZE 40
/* Sequence numbers as AWS has them: 21 digits, growing. */
const char *streams_sequence(int64_t seq, char buf[STREAMS_SEQUENCE_SIZE]);
bool streams_sequence_parse(const char *text, int64_t *seq);

/* Drops records older than the retention, remembering the last one dropped. Cheap when there is
 * none. */
bool streams_trim(struct local *l, int64_t stream_id, struct local_reply *r);
#endif
