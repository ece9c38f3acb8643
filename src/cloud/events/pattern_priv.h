/* pattern_priv.h - a compiled leaf test, shared by its compiler and its matcher. */
#ifndef CLOUD_EVENTS_PATTERN_PRIV_H
#define CLOUD_EVENTS_PATTERN_PRIV_H

#include <stdbool.h>
#include <stddef.h>

#include "pattern_leaf.h"

/* The limit of the numbers in the language: AWS-WIRE 2.3. */
#define NUMERIC_LIMIT 5e9

enum leaf_kind {
    LEAF_STRING,
    LEAF_NUMBER,
    LEAF_BOOL,
    LEAF_NULL,
    LEAF_PREFIX,
    LEAF_SUFFIX,
    LEAF_WILDCARD,
    LEAF_NUMERIC,
    LEAF_EXISTS,
    LEAF_CIDR,
    LEAF_ANYTHING_BUT
};

struct cloud_events_pattern_leaf {
    enum leaf_kind kind;
    bool flag;        /* for LEAF_BOOL and LEAF_EXISTS */
    bool ignore_case; /* `text` is folded */
    char *text;       /* owned; for the kinds that compare strings */
    double number;
    struct {
        double low, high;
        bool low_open, high_open;
    } range;
    struct {
        unsigned char net[16];
        int family;
        unsigned bits;
    } cidr;
    struct cloud_events_pattern_leaf **but; /* owned; none of them may match */
    size_t but_len;
};

/* The text in lower case, for the alphabets that have it at a fixed distance; the locale does not
 * matter. Owned. */
char *cloud_events_pattern_fold(const char *s);
#endif
