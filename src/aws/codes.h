/* codes.h - the error codes of AWS that mean something to this program, each in one row. Pure. */
#ifndef AWS_CODES_H
#define AWS_CODES_H

#include <stddef.h>

#include "core/err.h"

/* Is a call that failed with the code worth a retry? */
enum retry_kind {
    RETRY_NO,       /* the answer is final */
    RETRY_THROTTLE, /* the service limits requests */
    RETRY_TRANSIENT /* 5xx, network, timeout, truncated */
};

enum {
    AWS_CODE_SKEW = 1 << 0, /* a wrong clock causes it as well as a wrong key does (AWS-WIRE 1.5) */
    /* the keys were refused: there may be new ones meanwhile (AWS-WIRE 3.2) */
    AWS_CODE_RENEW = 1 << 1
};

struct aws_code {
    const char *name; /* the normalised code: see reply_normalise_code */
    enum err_code is;
    enum retry_kind retry;
    unsigned flags; /* AWS_CODE_SKEW | AWS_CODE_RENEW */
};
extern const struct aws_code aws_codes[];
extern const size_t aws_codes_len;

/* The row of a normalised code; NULL when the table has none. */
const struct aws_code *aws_code_find(const char *name);
#endif
