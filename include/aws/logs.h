/* logs.h - typed calls of CloudWatch Logs. They block; any thread. Facts: AWS-WIRE 2.5.
 *
 * Event arrays hold {"timestamp": ms, "message": text, "ingestionTime": ms}; times are epoch ms. */
#ifndef AWS_LOGS_H
#define AWS_LOGS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aws/client.h"
#include "core/err.h"

struct logs_get {
    const char *group;
    const char *stream;
    const char *token;  /* the token of the page before, or NULL */
    bool from_head;     /* oldest events first; needed with forward tokens */
    int64_t start_time; /* inclusive, or TIME_NONE */
    int64_t end_time;   /* exclusive, or TIME_NONE */
    int limit;          /* 0: up to 10,000 events or 1 MB */
};
struct logs_page {
    cJSON *events;  /* owned array */
    char *forward;  /* owned; nextForwardToken */
    char *backward; /* owned; nextBackwardToken */
    /* the token that came back is the one that was sent: this is the end of the log */
    bool at_end;
};
/* Reads one page of a stream. E_NOT_FOUND: no such group or stream (a job that has printed nothing
 * has no stream). A page may be empty in the middle of a stream: only at_end says that there is no
 * more. */
MUST_CHECK enum err_code logs_get_events(struct aws_client *c, const struct logs_get *g,
                                         struct logs_page *page, struct err *e);
void logs_page_clear(struct logs_page *p);

enum { LOGS_FILTER_STREAMS = 100 }; /* that one call takes */
struct logs_filter {
    const char *group;
    const char *stream_prefix;  /* or NULL */
    const char *const *streams; /* or NULL: of all streams; excludes `stream_prefix` */
    size_t streams_len;         /* at most LOGS_FILTER_STREAMS */
    const char *pattern;        /* or NULL */
    int64_t start_time;         /* inclusive, or TIME_NONE */
    int64_t end_time;           /* inclusive, or TIME_NONE */
    int limit;                  /* 0: the service's default */
    const char *token;          /* the token of the page before, or NULL */
};
/* Reads one page of matching events. `*next` is owned, NULL at the end; empty pages with a token
 * are common. E_NOT_FOUND: no such group, or one of the `streams` is not there. */
MUST_CHECK enum err_code logs_filter_events(struct aws_client *c, const struct logs_filter *f,
                                            cJSON **events, char **next, struct err *e);

/* Describes one group by its exact name; E_NOT_FOUND. */
MUST_CHECK enum err_code logs_describe_group(struct aws_client *c, const char *group, cJSON **out,
                                             struct err *e);
#endif
