/* logs.h - the functions of CloudWatch Logs that other parts of the local cloud use.
 *
 * Under the cloud's lock. */
#ifndef CLOUD_LOGS_LOGS_H
#define CLOUD_LOGS_LOGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/cloud/store/service.h"

#define LOGS_EVENT_MAX (1024U * 1024U) /* bytes of one event together with its overhead */
#define LOGS_EVENT_OVERHEAD 26

/* Does the group exist? */
bool cloud_logs_group_exists(struct cloud *cloud, const char *group);
/* Creates the stream when it is missing, and its group too. E_IO. */
MUST_CHECK enum err_code cloud_logs_ensure_stream(struct cloud *cloud, const char *group,
                                                  const char *stream, struct err *e);

/* Appends one event. Malformed UTF-8 and NUL bytes become U+FFFD, text over the limit is cut; an
 * empty message is left out, as Docker's log driver does. A time before that of the stream's last
 * event becomes the last event's time, so that a reader who follows the stream cannot miss the
 * event. E_NOT_FOUND for a missing stream, E_IO. */
MUST_CHECK enum err_code cloud_logs_append(struct cloud *cloud, const char *group,
                                           const char *stream, int64_t at_ms, const char *text,
                                           size_t len, struct err *e);

/* The id of a stream, 0 when it is missing; `r` (may be NULL) is failed with the service's
 * ResourceNotFoundException. */
int64_t cloud_logs_stream_id(struct cloud *cloud, const char *group, const char *stream,
                             struct cloud_reply *r);

/* Add a row; false with `r` failed. The caller has checked the name or text. */
bool cloud_logs_add_group(struct cloud *cloud, const char *group, struct cloud_reply *r);
bool cloud_logs_add_stream(struct cloud *cloud, const char *group, const char *stream,
                           struct cloud_reply *r);
bool cloud_logs_add_event(struct cloud *cloud, int64_t stream, int64_t at_ms, const char *text,
                          size_t len, struct cloud_reply *r);

/* The operations that read, in logs_read.c. */
void cloud_logs_get_events(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
void cloud_logs_filter_events(struct cloud *cloud, const cJSON *in, struct cloud_reply *r);
/* The group of a request: logGroupName, or the name in logGroupIdentifier (a name or ARN). NULL,
 * with `r` failed, when neither is given; else owned by the caller. */
char *cloud_logs_group_name(const cJSON *in, struct cloud_reply *r);

extern const struct cloud_service cloud_logs_service;
#endif
