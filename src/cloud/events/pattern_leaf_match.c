/* The event patterns of EventBridge: matching one leaf test with one value. */
#include <arpa/inet.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/strbuf.h"
#include "core/text.h"
#include "src/cloud/events/pattern_priv.h"

/* The lower case of a letter, for the alphabets that have it at a fixed distance; the locale does
 * not matter. */
static uint32_t fold_cp(uint32_t cp)
{
    if ((cp >= 'A' && cp <= 'Z') || (cp >= 0xC0 && cp <= 0xDE && cp != 0xD7) ||
        (cp >= 0x391 && cp <= 0x3A9) || (cp >= 0x410 && cp <= 0x42F)) {
        return cp + 32;
    }
    if (cp >= 0x400 && cp <= 0x40F) {
        return cp + 80;
    }
    if ((cp >= 0x100 && cp <= 0x137) || (cp >= 0x14A && cp <= 0x177) ||
        (cp >= 0x460 && cp <= 0x481) || (cp >= 0x48A && cp <= 0x4BF) ||
        (cp >= 0x1E00 && cp <= 0x1E95)) {
        return cp | 1U;
    }
    if (((cp >= 0x139 && cp <= 0x148) || (cp >= 0x179 && cp <= 0x17E)) && cp % 2 == 1) {
        return cp + 1;
    }
    return cp;
}

char *cloud_events_pattern_fold(const char *s)
{
    struct strbuf b = STRBUF_INIT;
    size_t len = strlen(s);

    for (size_t i = 0; i < len;) {
        uint32_t cp;
        size_t n = text_utf8_decode(s + i, len - i, &cp);
        if (n == 0) {
            strbuf_addc(&b, s[i++]);
            continue;
        }
        text_utf8_encode(&b, fold_cp(cp));
        i += n;
    }
    return strbuf_take(&b);
}

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);
    return m <= n && memcmp(s + n - m, end, m) == 0;
}

/* Matches in one pass that can go back to one place: on a mismatch the last star takes one more
 * byte. */
static bool wildcard_match(const char *p, const char *s)
{
    const char *star = NULL, *mark = NULL;

    while (*s != '\0') {
        if (*p == '*') {
            star = ++p;
            mark = s;
            continue;
        }
        const char *q = *p == '\\' ? p + 1 : p;
        if (*q != '\0' && *q == *s) {
            p = q + 1;
            s++;
        } else if (star != NULL) {
            p = star;
            s = ++mark;
        } else {
            return false;
        }
    }
    while (*p == '*') {
        p++;
    }
    return *p == '\0';
}

static bool cidr_match(const struct cloud_events_pattern_leaf *l, const char *text)
{
    unsigned char ip[16];
    unsigned whole = l->cidr.bits / 8, rest = l->cidr.bits % 8;

    if (inet_pton(l->cidr.family, text, ip) != 1 || memcmp(ip, l->cidr.net, whole) != 0) {
        return false;
    }
    unsigned mask = (0xFFU << (8 - rest)) & 0xFFU;
    return rest == 0 || (ip[whole] & mask) == (l->cidr.net[whole] & mask);
}

static bool text_match(const struct cloud_events_pattern_leaf *l, const char *value)
{
    char *folded = l->ignore_case ? cloud_events_pattern_fold(value) : NULL;
    const char *s = folded != NULL ? folded : value;
    bool yes = false;

    switch (l->kind) {
    case LEAF_STRING:
        yes = strcmp(s, l->text) == 0;
        break;
    case LEAF_PREFIX:
        yes = strncmp(s, l->text, strlen(l->text)) == 0;
        break;
    case LEAF_SUFFIX:
        yes = ends_with(s, l->text);
        break;
    case LEAF_WILDCARD:
        yes = wildcard_match(l->text, s);
        break;
    case LEAF_CIDR:
        yes = cidr_match(l, s);
        break;
    default:
        break;
    }
    free(folded);
    return yes;
}

static bool range_match(const struct cloud_events_pattern_leaf *l, double n)
{
    if (fabs(n) > NUMERIC_LIMIT) {
        return false;
    }
    return (l->range.low_open ? n > l->range.low : n >= l->range.low) &&
           (l->range.high_open ? n < l->range.high : n <= l->range.high);
}

bool cloud_events_pattern_leaf_match(const struct cloud_events_pattern_leaf *l, const cJSON *value)
{
    if (l->kind == LEAF_EXISTS) {
        return (value != NULL) == l->flag;
    }
    if (value == NULL) {
        return false;
    }
    switch (l->kind) {
    case LEAF_NUMBER:
        return cJSON_IsNumber(value) && fabs(value->valuedouble - l->number) < 1e-9;
    case LEAF_BOOL:
        return cJSON_IsBool(value) && (cJSON_IsTrue(value) != 0) == l->flag;
    case LEAF_NULL:
        return cJSON_IsNull(value);
    case LEAF_NUMERIC:
        return cJSON_IsNumber(value) && range_match(l, value->valuedouble);
    case LEAF_ANYTHING_BUT:
        for (size_t i = 0; i < l->but_len; i++) {
            if (cloud_events_pattern_leaf_match(l->but[i], value)) {
                return false;
            }
        }
        return true;
    default:
        return cJSON_IsString(value) && text_match(l, value->valuestring);
    }
}
