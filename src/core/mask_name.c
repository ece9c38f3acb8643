/* The rules that tell whether a name is the name of a secret. */
#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "src/core/mask_priv.h"

enum { FLAT_SIZE = 128 };

/* The name in lower case, letters and digits only, cut to its last FLAT_SIZE - 1 of them. */
static size_t flatten(const char *name, size_t len, char flat[FLAT_SIZE])
{
    size_t n = 0;

    if (len > FLAT_SIZE - 1) {
        name += len - (FLAT_SIZE - 1);
        len = FLAT_SIZE - 1;
    }
    for (size_t i = 0; i < len; i++) {
        if (isalnum((unsigned char)name[i])) {
            flat[n++] = (char)tolower((unsigned char)name[i]);
        }
    }
    flat[n] = '\0';
    return n;
}

static bool ends_with(const char *flat, size_t len, const char *tail)
{
    size_t n = strlen(tail);

    return len >= n && strcmp(flat + len - n, tail) == 0;
}

/* Does one of the words, of lower-case letters, stand anywhere in the name? Names are looked at by
 * the hundred in a short command, so a place is passed over where no word begins with its letter.
 */
static bool holds_one(const char *flat, const char *const *words, size_t len)
{
    uint32_t first = 0;

    for (size_t i = 0; i < len; i++) {
        first |= UINT32_C(1) << (words[i][0] & 31);
    }
    for (const char *at = flat; *at != '\0'; at++) {
        if ((first >> (*at & 31) & 1) == 0) {
            continue;
        }
        for (size_t i = 0; i < len; i++) {
            if (*at == words[i][0] && strncmp(at, words[i], strlen(words[i])) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* Does the name only tell something about a secret, or hold a secret's word by chance? */
static bool about_a_secret(const char *flat, size_t len)
{
    static const char *const tails[] = {
        "arn",  "keyid",  "expires", "expiresat", "expiry",    "expiration",
        "type", "policy", "length",  "updatedat", "createdat", "rotatedat",
        "file", "path",   "name",    "count",     "limit",
    };
    static const char *const whole[] = {"clienttoken", "clientrequesttoken", "idempotencytoken",
                                        "nexttoken",   "requesttoken",       "continuationtoken",
                                        "reporttoken", "nextforwardtoken",   "nextbackwardtoken"};

    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        if (ends_with(flat, len, tails[i])) {
            return true;
        }
    }
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        if (strcmp(flat, whole[i]) == 0) {
            return true;
        }
    }
    return strstr(flat, "secretsmanager") != NULL || strstr(flat, "tokeniz") != NULL ||
           strstr(flat, "passwordless") != NULL || strstr(flat, "secretary") != NULL;
}

/* assets/config.md, "What is hidden", repeats this list. */
enum mask_name mask_name(const char *name, size_t len)
{
    static const char *const parts[] = {
        "password",      "passwd",           "passphrase",    "passcode",
        "pwd",           "secret",           "token",         "apikey",
        "accesskey",     "privatekey",       "encryptionkey", "signingkey",
        "sshkey",        "deploykey",        "sharedkey",     "accountkey",
        "masterkey",     "servicekey",       "authkey",       "credential",
        "authorization", "connectionstring", "connstr",
    };
    static const char *const whole[] = {"pass", "pw",     "auth",      "jwt",       "bearer",
                                        "pat",  "cookie", "setcookie", "signature", "sessionid"};
    static const char *const tails[] = {"dbpass", "userpass", "dbpw", "xamzsignature"};
    static const char *const databases[] = {"dburl",       "databaseurl", "dburi",
                                            "databaseuri", "dbdsn",       "mongouri",
                                            "mongourl",    "redisurl",    "amqpurl"};
    char flat[FLAT_SIZE];
    size_t n = flatten(name, len, flat);

    if (n < 2) {
        return NAME_PLAIN;
    }
    if (holds_one(flat, databases, sizeof databases / sizeof *databases)) {
        return NAME_DATABASE;
    }
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        if (strcmp(flat, whole[i]) == 0) {
            return NAME_SECRET;
        }
    }
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        if (ends_with(flat, n, tails[i])) {
            return NAME_SECRET;
        }
    }
    if (holds_one(flat, parts, sizeof parts / sizeof *parts)) {
        if (about_a_secret(flat, n)) {
            return NAME_PLAIN;
        }
        bool address = ends_with(flat, n, "url") || ends_with(flat, n, "uri") ||
                       ends_with(flat, n, "endpoint");
        return address ? NAME_DATABASE : NAME_SECRET;
    }
    return ends_with(flat, n, "dsn") ? NAME_DATABASE : NAME_PLAIN;
}

bool mask_counts(const char *name, size_t len)
{
    char flat[FLAT_SIZE];
    size_t n = flatten(name, len, flat);

    return ends_with(flat, n, "tokens");
}

bool mask_parameter_name(const char *name, size_t len)
{
    static const char *const parts[] = {"key", "auth", "sig"};
    char flat[FLAT_SIZE];
    size_t n = flatten(name, len, flat);

    return holds_one(flat, parts, sizeof parts / sizeof *parts) && !about_a_secret(flat, n);
}
