/* err.h - errors as plain values.
 *
 * A function that can fail returns `enum err_code` and takes `struct err *e` last for the sentence
 * a person reads; `e` may be NULL. A struct err owns nothing: it may be copied, put into a message
 * and carried to another thread. Any thread. */
#ifndef CORE_ERR_H
#define CORE_ERR_H

#include <stdbool.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

/* What a code means for the caller that has to go on after it. */
enum {
    ERR_LINK = 1 << 0,    /* no answer came: the link or the service does not work */
    ERR_KEYS = 1 << 1,    /* the credentials are missing, refused or expired */
    ERR_SETUP = 1 << 2,   /* nothing works until a person sets something right */
    ERR_PASSES = 1 << 3,  /* waiting is enough: the same question may be answered later */
    ERR_FOR_ALL = 1 << 4, /* the next item of a list would fail in the same way: stop there */
    ERR_OPEN = 1 << 5     /* the service that it was sent to has not refused it: see err_may_pass */
};

/* One row for each code: name; process exit status (SPEC 2); HTTP status, `error.code` and
 * Retry-After (seconds) of the REST API, where AWS gave no code of its own; what it means; what the
 * user can do about it. */
/* clang-format off */
#define ERR_MAP(X)                                                                                 \
    X(E_OK,         0, 502, "failed",          0,  0, "")                                          \
    X(E_USAGE,      2, 400, "bad_request",     0,  0, "see --help")                                \
    X(E_INVALID,    2, 400, "bad_request",     0,  0, "")                                          \
    X(E_NOT_FOUND,  3, 404, "not_found",       0,  0,                                              \
      "check the name, the region and the account")                                                \
    X(E_CONFIG,     4, 502, "misconfigured",   0,  ERR_SETUP | ERR_FOR_ALL,                        \
      "see `mvpdash config` for what is in force and where it came from")                          \
    X(E_CREDS,      4, 502, "no_credentials",  0,  ERR_KEYS | ERR_SETUP | ERR_FOR_ALL,             \
      "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or choose a --profile")                    \
    X(E_NO_CREDS,   4, 502, "no_credentials",  0,  ERR_KEYS | ERR_SETUP | ERR_FOR_ALL,             \
      "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or choose a --profile")                    \
    X(E_EXPIRED,    4, 502, "expired",         0,  ERR_KEYS | ERR_SETUP | ERR_FOR_ALL,             \
      "renew the session (`aws sso login` or new keys); mvpdash picks it up by itself")                \
    X(E_NET,        5, 503, "unreachable",     5,  ERR_LINK | ERR_PASSES | ERR_FOR_ALL | ERR_OPEN, \
      "check the network, the proxy and the endpoint")                                             \
    X(E_TIMEOUT,    5, 503, "timeout",         5,  ERR_LINK | ERR_PASSES | ERR_FOR_ALL | ERR_OPEN, \
      "check the network; --timeout gives an operation more time")                                             \
    X(E_DENIED,     1, 502, "denied",          0,  ERR_FOR_ALL,                                    \
      "the identity lacks a permission: see the action named above")                               \
    X(E_CONFLICT,   1, 409, "conflict",        0,  0,                                              \
      "somebody changed it meanwhile: read its state first")                                    \
    X(E_THROTTLED,  5, 503, "throttled",       2,  ERR_PASSES | ERR_FOR_ALL | ERR_OPEN,            \
      "AWS limits the rate of requests: wait a minute, then run it again")                                      \
    X(E_SERVICE,    1, 502, "refused",         0,  0,                                              \
      "--debug shows each request and the answer of the service")                                  \
    X(E_JOB_FAILED, 1, 502, "failed",          0,  0,                                              \
      "see `mvpdash status` and `mvpdash logs` for the job")                                       \
    X(E_PARSE,      1, 502, "reply_not_json",  0,  ERR_OPEN,                                       \
      "unexpected data: run with --debug and report it")                                           \
    X(E_TOO_BIG,    1, 502, "reply_too_large", 0,  ERR_OPEN, "")                                    \
    X(E_IO,         1, 503, "storage",         30, 0,                                              \
      "check the path, its permissions and the free space")                                        \
    X(E_CANCELLED,  1, 503, "shutting_down",   5,  ERR_FOR_ALL | ERR_OPEN, "")
/* clang-format on */

#define ERR_ENUM(name, ...) name,
enum err_code { ERR_MAP(ERR_ENUM) E_COUNT };
#undef ERR_ENUM

struct err {
    enum err_code code;
    int http_status; /* the HTTP status of the AWS reply; 0 when there was none */
    /* one of the attempts may have taken effect, whatever the last attempt says */
    bool maybe_done;
    char aws_code[64];   /* normalised AWS error code ("ResourceNotFoundException") or "" */
    char request_id[64]; /* x-amzn-RequestId or "" */
    char msg[400];       /* what failed, with what, and why; no newline, safe to show */
    char hint[240];      /* what to do; "" means err_hint() of the code */
};

/* Fills `e` (when it is not NULL) and returns `code`, so that failing is one statement. Control
 * characters and what is not UTF-8 in the formatted text are replaced by '?'. Clears aws_code,
 * request_id, http_status, maybe_done and hint. */
enum err_code err_set(struct err *e, enum err_code code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Replaces the advice of an error that is already set; returns e->code. When the caller does not
 * want the error (e is NULL) it returns E_SERVICE, whatever the code was, so that a failure never
 * reads as success. */
enum err_code err_hint_set(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Puts "context: " before the message of an error that is already set; returns what err_hint_set
 * does. */
enum err_code err_wrap(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* A thread could not be started, for the reason `number` (an errno). `what` is "a thread for
 * requests". The system has a limit, or too little memory: the advice says so. Returns E_IO. */
enum err_code err_no_thread(struct err *e, int number, const char *what);

const char *err_name(enum err_code code);  /* "E_NET"; static */
const char *err_hint(const struct err *e); /* e->hint, or the code's default; "" without one */

enum { ERR_TEXT_SIZE = sizeof((struct err *)0)->msg + sizeof((struct err *)0)->hint + 2 };
/* The message and, after ": ", the hint where there is one. Returns buf. */
const char *err_full(const struct err *e, char buf[ERR_TEXT_SIZE]);
int err_exit_status(enum err_code code); /* 0-5, SPEC 2 */

/* Does the code mean one of these (ERR_LINK | ...)? */
bool err_means(enum err_code code, unsigned what);

/* How the REST API answers when an operation ends with the code. */
struct err_answer {
    int status;
    const char *word; /* `error.code` */
    int retry_after_s;
};
struct err_answer err_answer(enum err_code code);

/* Is a request that failed in this way still open, so that it may be sent again? It is when the
 * service that it was sent to has not refused it: no answer came, or one that cannot be read, or
 * one from a machine on the way. */
bool err_may_pass(const struct err *e);
#endif
