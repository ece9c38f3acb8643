/* attr.h - reading and writing DynamoDB AttributeValues ({"S":"x"}) as cJSON trees.
 *
 * An AttributeValue is an object with exactly one member (AWS-WIRE 2.1). Readers never fail: what
 * is missing or of another type reads as absent. Numbers are digits in a string and never pass
 * through a double. Any thread; trees are not shared. */
#ifndef AWS_ATTR_H
#define AWS_ATTR_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"

enum attr_type {
    ATTR_NONE, /* not an AttributeValue */
    ATTR_S,
    ATTR_N,
    ATTR_B,
    ATTR_BOOL,
    ATTR_NULL,
    ATTR_M,
    ATTR_L,
    ATTR_SS,
    ATTR_NS,
    ATTR_BS
};

enum attr_type attr_type_of(const cJSON *av);
const char *attr_type_name(enum attr_type t); /* "S", "BOOL", ... */
/* The value inside ({"S":x} -> x); NULL when av is no AttributeValue. Borrowed. */
const cJSON *attr_value(const cJSON *av);

/* Read members of an item (or of the inside of an M) by name. Borrowed; NULL or the fallback when
 * the member is absent. */
const cJSON *attr_find(const cJSON *item, const char *name);
const char *attr_str(const cJSON *item, const char *name); /* the text of an S only */
const char *attr_num(const cJSON *item, const char *name); /* the digits of an N only */
const cJSON *attr_map(const cJSON *item,
                      const char *name); /* the inside of an M: name -> AttributeValue */
const cJSON *attr_list(const cJSON *item,
                       const char *name); /* the inside of an L: an array of AttributeValue */

/* Make AttributeValues; the results are owned. attr_new_str(NULL) makes {"NULL":true}. */
cJSON *attr_new_str(const char *s);
cJSON *attr_new_int(int64_t n);
cJSON *attr_new_num(const char *digits);
cJSON *attr_new_bool(bool b);
cJSON *attr_new_null(void);
cJSON *attr_new_map(cJSON *inside);  /* takes `inside`: an object of name -> AttributeValue */
cJSON *attr_new_list(cJSON *inside); /* takes `inside`: an array of AttributeValue */

/* Turn AttributeValues into plain JSON and back. To plain: numbers keep their digits (cJSON_Raw),
 * sets become arrays, binary stays base64 text, malformed parts become null. From plain: numbers
 * keep their digits (json_digits). Owned. */
cJSON *attr_to_plain(const cJSON *av);
cJSON *attr_item_to_plain(const cJSON *item);
cJSON *attr_from_plain(const cJSON *plain);

/* Checks one value by DynamoDB's rules: one known type, range and precision of numbers (38 digits,
 * 1E-130 ... 9.99E+125), non-empty sets without duplicates, base64, depth <= 32. `e` gets AWS's
 * wording: E_INVALID where AWS answers ValidationException, E_PARSE where it answers
 * SerializationException (a JSON value of the wrong kind, bad base64). */
MUST_CHECK enum err_code attr_validate(const cJSON *av, struct err *e);

/* The normal form of a number, as DynamoDB returns it: no leading or trailing zeros, no exponent,
 * "0" for zero. Owned; NULL with `e` when the number is malformed or out of range. */
char *attr_num_normalise(const char *digits, struct err *e);
/* Compares by value, <0, 0 or >0, exactly for all valid numbers. Malformed ones sort before all
 * numbers, by their bytes. */
int attr_num_compare(const char *a, const char *b);
/* The exact decimal a+b or a-b in normal form; owned; NULL with `e` when it is out of range. */
char *attr_num_add(const char *a, const char *b, bool subtract, struct err *e);
#endif
