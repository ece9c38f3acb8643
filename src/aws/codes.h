/* codes.h - the error codes of AWS that mean something to this program, each said once. Pure. */
#ifndef AWS_CODES_H
#define AWS_CODES_H

#include <stddef.h>

#include "core/err.h"

/* Is it worth a retry? */
enum retry_kind {
    RETRY_NO,       /* the answer is final */
    RETRY_THROTTLE, /* the service limits requests */
    RETRY_TRANSIENT /* 5xx, network, timeout, truncated */
};

enum {
    AWS_CODE_SKEW = 1 << 0, /* a wrong clock brings it as well as a wrong key (AWS-WIRE 1.5) */
    AWS_CODE_RENEW = 1 << 1 /* the keys were refused: there may be new ones by now (AWS-WIRE 3.2) */
};

struct aws_code {
    const char *name; /* normalised: see reply_normalise_code */
    enum err_code is;
    enum retry_kind retry;
    unsigned flags; /* AWS_CODE_SKEW | AWS_CODE_RENEW */
};
extern const struct aws_code aws_codes[];
extern const size_t aws_codes_len;

/* The row of a normalised code; NULL when the table has none. */
const struct aws_code *aws_code_find(const char *name);
#endif
