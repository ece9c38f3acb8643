/* reply.h - private to api: an answer on its way out. Not shared between threads. */
#ifndef API_REPLY_H
#define API_REPLY_H

#include <cjson/cJSON.h>

#include "core/err.h"
#include "core/faults.h"
#include "limiter.h"

enum { REPLY_ALLOW_SIZE = 64, REPLY_TAG_SIZE = 48 };

/* What a web page of another origin may read of an answer. */
#define REPLY_EXPOSED                                                                              \
    "X-Request-Id, Retry-After, Idempotent-Replayed, Location, ETag, RateLimit, RateLimit-Policy"

struct reply {
    int status;
    char *body;        /* owned */
    const char *type;  /* of the body; static */
    char code[64];     /* of an error, for the log; "" */
    int retry_after_s; /* 0: no such header */
    const char *auth;  /* WWW-Authenticate; static or NULL */
    char job_id[129];  /* what it is about, for the log, and for Location of a 202; "" */
    char *untold;      /* owned: the error's text, when the client was not told all of it; NULL */
    bool replayed;     /* the answer to an earlier request with the same key */
    char allow[REPLY_ALLOW_SIZE]; /* of a 405: the methods that go; "": none does */
    char tag[REPLY_TAG_SIZE];     /* ETag; "": none */
    struct rate_left rate; /* what the client may still ask; stays when the rest is cleared */
};

/* Takes the document. */
void reply_json(struct reply *r, int status, cJSON *doc);
/* {"error":{"code","message"}} */
void reply_fail(struct reply *r, int status, const char *code, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
/* An operation's error as the API tells it: which status, which code, when to try again. */
void reply_err(struct reply *r, const struct err *e);
/* 400 bad_request with all that is wrong: the first in the sentence, each in error.fields. Nothing
 * happens when nothing is wrong. */
void reply_faults(struct reply *r, const struct faults *f);

/* Gives a 200 that has a body its ETag, and makes it a 304 without one when If-None-Match
 * (`none_match`, the elements of all its lines with commas between; NULL: not given) has it. The
 * tag is of `over`, or of the body's bytes when that is NULL: then it is a strong one. */
void reply_tag(struct reply *r, const char *none_match, const char *over);

/* Hands over each header field of the answer but those of the connection, of the request's id and
 * of CORS. What is handed over holds until `add` returns. */
void reply_headers(const struct reply *r,
                   void (*add)(void *arg, const char *name, const char *value), void *arg);
void reply_clear(struct reply *r);
#endif
