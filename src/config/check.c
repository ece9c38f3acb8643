/* The rules that the value of a setting must keep. An error names the place that the value came
 * from and what would be accepted; a flag's bad value is wrong usage (exit status 2), any other one
 * is wrong configuration (exit status 4). */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/hours.h"
#include "core/number.h"
#include "core/text.h"
#include "core/words.h"
#include "src/config/settings_priv.h"

enum {
    TEXT_MAX = 512,
    OWN_NAME_MAX = 32,
    ACCOUNT_DIGITS = 12,
    PRICE_DIGITS = 24,
    PRICE_MOST = 1000,
    SECRET_MAX = 4096,
    COMMAND_MAX = 4096,
    NAME_MAX_BYTES = 1600
};

bool setting_parse_bool(const char *text, bool *out)
{
    static const struct {
        const char *word;
        bool value;
    } words[] = {
        {"yes",   true },
        {"no",    false},
        {"true",  true },
        {"false", false},
        {"on",    true },
        {"off",   false},
        {"1",     true },
        {"0",     false}
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcasecmp(text, words[i].word) == 0) {
            *out = words[i].value;
            return true;
        }
    }
    return false;
}

static bool all_of(const char *s, const char *punctuation)
{
    for (; *s != '\0'; s++) {
        if (!isalnum((unsigned char)*s) && strchr(punctuation, *s) == NULL) {
            return false;
        }
    }
    return true;
}

static bool printable(const char *s)
{
    size_t len = strlen(s);

    for (size_t i = 0; i < len;) {
        uint32_t cp;
        size_t n = text_utf8_decode(s + i, len - i, &cp);
        if (n == 0 || text_is_dangerous(cp)) {
            return false;
        }
        i += n;
    }
    return true;
}

static bool is_url(const char *s)
{
    size_t skip = strncasecmp(s, "http://", 7) == 0    ? 7
                  : strncasecmp(s, "https://", 8) == 0 ? 8
                                                       : 0;

    return skip > 0 && s[skip] != '\0' && s[skip] != '/' && strlen(s) <= TEXT_MAX && printable(s) &&
           strpbrk(s, " \"<>\\^`{|}") == NULL;
}

static bool is_seconds(const char *s)
{
    int64_t n = 0;

    return number_parse(s, 1, 3600, &n);
}

/* Plain decimals, as on AWS's pages: a comma, a currency or an exponent is more likely a slip. */
bool setting_parse_price(const char *text, double *out)
{
    size_t digits = strspn(text, "0123456789");
    size_t more = text[digits] == '.' ? strspn(text + digits + 1, "0123456789") : 0;
    const char *rest = text + digits + (text[digits] == '.' ? more + 1 : 0);
    double n = 0;

    if (digits == 0 || (text[digits] == '.' && more == 0) || *rest != '\0' ||
        strlen(text) > PRICE_DIGITS) {
        return false;
    }
    n = strtod(text, NULL);
    if (n <= 0 || n > (double)PRICE_MOST) {
        return false;
    }
    *out = n;
    return true;
}

static bool is_theme(const char *s)
{
    size_t len = strlen(s);

    if (strcmp(s, "color-blind") == 0) {
        return true;
    }
    for (const char *at = SETTING_THEMES; len > 0 && *at != '\0'; at += strspn(at, "|")) {
        size_t n = strcspn(at, "|");
        if (n == len && strncmp(at, s, n) == 0) {
            return true;
        }
        at += n;
    }
    return false;
}

static bool is_command(const char *s)
{
    char **words = strlen(s) <= COMMAND_MAX && printable(s) ? words_split(s) : NULL;
    bool good = words != NULL && words[0][0] != '\0';

    words_free(words);
    return good;
}

/* The names of enum setting_colour. */
static const char *const colours[COLOUR_COUNT] = {"",     "red",  "yellow", "green",
                                                  "cyan", "blue", "magenta"};

enum setting_colour setting_colour_of(const char *name)
{
    enum setting_colour c = COLOUR_NONE;

    for (int i = COLOUR_NONE + 1; name != NULL && i < COLOUR_COUNT; i++) {
        c = strcasecmp(colours[i], name) == 0 ? (enum setting_colour)i : c;
    }
    return c;
}

/* A name that is typed, completed and shown among others. */
static bool is_name(const char *s)
{
    size_t len = strlen(s);

    if (len == 0 || len > OWN_NAME_MAX || strcmp(s, "*") == 0 || strcmp(s, "-") == 0 ||
        strpbrk(s, "\"'") != NULL || !printable(s)) {
        return false;
    }
    for (size_t i = 0; i < len;) {
        uint32_t cp;
        i += text_utf8_decode(s + i, len - i, &cp);
        if (text_is_invisible(cp)) {
            return false;
        }
    }
    for (size_t i = 0; i < len; i++) {
        if (text_blank(s + i, len - i) > 0) {
            return false;
        }
    }
    return true;
}

const char *setting_name_why(const char *name)
{
    return is_name(name) ? NULL
                         : "printable characters without blanks or quotes, at most 32 "
                           "bytes; * and - are reserved";
}

/* NULL when the value is good, else a description of what would be accepted. */
static const char *wanted(enum setting_kind kind, const char *s)
{
    bool b;
    double price;
    struct hours hours;

    switch (kind) {
    case KIND_REGION:
        return all_of(s, "-") && s[0] != '-' && strlen(s) <= 32
                   ? NULL
                   : "a region such as us-east-1 (letters, digits and -)";
    case KIND_NAME:
        return all_of(s, "_-./:#$") && strlen(s) <= NAME_MAX_BYTES
                   ? NULL
                   : "a name or ARN of letters, digits and _ - . / : #";
    case KIND_URL:
        return is_url(s) ? NULL : "http://HOST[:PORT] or https://HOST[:PORT]";
    case KIND_BOOL:
        return setting_parse_bool(s, &b) ? NULL : "yes or no";
    case KIND_AUTO:
        return strcmp(s, "auto") == 0 || strcmp(s, "yes") == 0 || strcmp(s, "no") == 0
                   ? NULL
                   : "auto, yes or no";
    case KIND_STATE:
        return strcmp(s, "files") == 0 || strcmp(s, "table") == 0 ? NULL : "files or table";
    case KIND_THEME:
        return is_theme(s) ? NULL : "default, light, high-contrast, colour-blind or mono";
    case KIND_SECONDS:
        return is_seconds(s) ? NULL : "whole seconds from 1 to 3600";
    case KIND_CONTEXT:
        return setting_name_why(s);
    case KIND_ACCOUNT:
        return strlen(s) == ACCOUNT_DIGITS && strspn(s, "0123456789") == ACCOUNT_DIGITS
                   ? NULL
                   : "the 12 digits of an AWS account";
    case KIND_COLOUR:
        return setting_colour_of(s) != COLOUR_NONE ? NULL
                                                   : "red, yellow, green, cyan, blue or magenta";
    case KIND_HOURS:
        return hours_parse(s, &hours) ? NULL : "two times of the day, such as 22:00-07:00";
    case KIND_PRICE:
        return setting_parse_price(s, &price)
                   ? NULL
                   : "USD for an hour as a plain number above 0, such as 0.04048";
    case KIND_COMMAND:
        return is_command(s) ? NULL : "a program and its arguments, every quote closed";
    case KIND_SECRET:
        return strlen(s) <= SECRET_MAX && printable(s)
                   ? NULL
                   : "at most 4096 bytes without control characters";
    case KIND_TEXT:
        break;
    }
    return strlen(s) <= TEXT_MAX && printable(s) ? NULL
                                                 : "at most 512 bytes without control characters";
}

enum err_code setting_check(const struct setting_row *r, const struct setting_value *v,
                            struct err *e)
{
    const char *want = v->text == NULL ? NULL : wanted(r->kind, v->text);

    if (want == NULL) {
        return E_OK;
    }
    bool quoted = !r->secret && r->kind != KIND_URL; /* a URL may hold a password */
    char shown[64] = "";
    if (quoted) {
        char *clean = text_cleaned(v->text, TEXT_ONE_LINE);
        size_t n = text_fit(clean, 40, NULL);
        n = n < sizeof shown ? n : sizeof shown - 1;
        memcpy(shown, clean, n);
        shown[n] = '\0';
        free(clean);
    }
    enum err_code code = v->origin == ORIGIN_FLAG ? E_INVALID : E_CONFIG;
    const char *word = r->kind == KIND_CONTEXT ? "name of a context" : r->ini;
    const char *article = strchr("aeiou", word[0]) != NULL ? "an" : "a";
    return quoted ? err_set(e, code, "%s: \"%s\" is not %s %s; expected %s", v->origin_text, shown,
                            article, word, want)
                  : err_set(e, code, "%s: not a valid %s; expected %s", v->origin_text, word, want);
}
