/* reply.h - private to api: an answer on its way out. Not shared between threads. */
#ifndef API_REPLY_H
#define API_REPLY_H

#include <cjson/cJSON.h>

#include "core/err.h"

struct reply {
    int status;
    char *body;        /* owned */
    const char *type;  /* of the body; static */
    char code[64];     /* of an error, for the log; "" */
    int retry_after_s; /* 0: no such header */
    const char *auth;  /* WWW-Authenticate; static or NULL */
    char job_id[129];  /* what it is about, for the log; "" */
    bool replayed;     /* the answer to an earlier request with the same key */
};

/* Takes the document. */
void reply_json(struct reply *r, int status, cJSON *doc);
/* {"error":{"code","message"}} */
void reply_fail(struct reply *r, int status, const char *code, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
/* An operation's error as the API tells it: which status, which code, when to try again. */
void reply_err(struct reply *r, const struct err *e);
void reply_clear(struct reply *r);
#endif
