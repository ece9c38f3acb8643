/* reply.h - private to api: an answer on its way out. Not shared between threads. */
#ifndef API_REPLY_H
#define API_REPLY_H

#include <cjson/cJSON.h>

#include "core/err.h"
#include "core/faults.h"
#include "limiter.h"

enum { REPLY_ALLOW_SIZE = 64, REPLY_TAG_SIZE = 48 };

/* The header fields of an answer that a web page of another origin may read. */
#define REPLY_EXPOSED                                                                              \
    "X-Request-Id, Retry-After, Idempotent-Replayed, Location, ETag, RateLimit, RateLimit-Policy"

struct reply {
    int status;
    char *body;        /* owned */
    const char *type;  /* the type of the body; static */
    char code[64];     /* the code of an error, for the log; "" */
    int retry_after_s; /* 0: the answer has no such header */
    const char *auth;  /* WWW-Authenticate; static or NULL */
    /* the job that the answer is about, for the log and for the Location of a 202; "" */
    char job_id[129];
    char *untold;  /* owned: the error's text, when the client was not told all of it; NULL */
    bool replayed; /* the answer was given to an earlier request with the same key */
    char allow[REPLY_ALLOW_SIZE]; /* for a 405: the methods that the path has; "": it has none */
    char tag[REPLY_TAG_SIZE];     /* the ETag; "": there is none */
    struct rate_left rate; /* what the client may still ask; it stays when the rest is cleared */
};

/* Sets a JSON body. Takes the document. */
void reply_json(struct reply *r, int status, cJSON *doc);
/* Sets an error: {"error":{"code","message"}}. */
void reply_fail(struct reply *r, int status, const char *code, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
/* Sets an operation's error as the API tells it: which status, which code, when to try again. */
void reply_err(struct reply *r, const struct err *e);
/* Sets 400 bad_request with everything that is wrong: the first fault in the sentence, each one in
 * error.fields. Does nothing when nothing is wrong. */
void reply_faults(struct reply *r, const struct faults *f);

/* Gives a 200 that has a body its ETag, and makes it a 304 without a body when If-None-Match
 * (`none_match`, the elements of all its lines with commas between; NULL: not given) holds that
 * tag. The tag is made from `of`, or from the body's bytes when `of` is NULL: then it is a
 * strong tag. */
void reply_tag(struct reply *r, const char *none_match, const char *of);

/* Hands over each header field of the answer, except those of the connection, of the request's id
 * and of CORS. The texts hold until `add` returns. */
void reply_headers(const struct reply *r,
                   void (*add)(void *arg, const char *name, const char *value), void *arg);
void reply_clear(struct reply *r);
#endif
