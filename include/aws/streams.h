/* streams.h - typed calls of DynamoDB Streams. They block; any thread. Facts: AWS-WIRE 2.2. */
#ifndef AWS_STREAMS_H
#define AWS_STREAMS_H

#include <cjson/cJSON.h>

#include "aws/client.h"
#include "core/err.h"

/* Gets the StreamDescription with the Shards of all pages. Owned. */
MUST_CHECK enum err_code streams_describe(struct aws_client *c, const char *stream_arn,
                                          cJSON **description, struct err *e);

/* Gets an iterator. `type`: TRIM_HORIZON, LATEST, AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER (the
 * last two with `sequence`, else NULL). `*iterator` is owned; it lives 15 minutes. aws_code
 * "TrimmedDataAccessException": that record is gone, start at TRIM_HORIZON and report the gap. */
MUST_CHECK enum err_code streams_get_iterator(struct aws_client *c, const char *stream_arn,
                                              const char *shard_id, const char *type,
                                              const char *sequence, char **iterator, struct err *e);

/* Gets up to `limit` (0: 1000) records. `*next` is owned and NULL when the shard is closed and read
 * to its end; no records together with a next iterator is normal. aws_code
 * "ExpiredIteratorException": get a new iterator after the last sequence number handled. */
MUST_CHECK enum err_code streams_get_records(struct aws_client *c, const char *iterator, int limit,
                                             cJSON **records, char **next, struct err *e);

/* Compares two sequence numbers (decimal strings of 21-40 digits). */
int streams_sequence_compare(const char *a, const char *b);
#endif
