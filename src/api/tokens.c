/* The list of tokens that callers may use. */
#include "tokens.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/secret.h"

enum { FILE_MAX = 64 * 1024 };

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

struct token {
    char name[TOKEN_NAME_SIZE];
    unsigned char digest[SHA256_DIGEST_LENGTH];
};

struct tokens {
    struct token *items; /* owned */
    size_t len, cap;
};

struct tokens *tokens_new(void)
{
    return xcalloc(1, sizeof(struct tokens));
}

void tokens_free(struct tokens *t)
{
    if (t != NULL) {
        free(t->items);
        free(t);
    }
}

size_t tokens_len(const struct tokens *t)
{
    return t->len;
}

static bool only_of(const char *s, const char *more)
{
    for (; *s != '\0'; s++) {
        if (strchr(letters, *s) == NULL && strchr(more, *s) == NULL) {
            return false;
        }
    }
    return true;
}

static const struct token *match(const struct tokens *t, const char *token)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    const struct token *found = NULL;

    (void)SHA256((const unsigned char *)token, strlen(token), digest);
    for (size_t i = 0; i < t->len; i++) {
        /* The loop goes on after a match, so that its time says nothing about which token it
         * was. */
        if (CRYPTO_memcmp(t->items[i].digest, digest, sizeof digest) == 0) {
            found = &t->items[i];
        }
    }
    return found;
}

const char *tokens_find(const struct tokens *t, const char *token)
{
    const struct token *found = match(t, token);

    return found == NULL ? NULL : found->name;
}

/* Adds a token. A name is 1-64 of [A-Za-z0-9._-], a token 16-512 of [A-Za-z0-9._~+/=-] (what a
 * Bearer token may hold). The token may not be in the list already, and its name only with `again`.
 * E_CONFIG, which never quotes the token. */
static enum err_code put(struct tokens *t, const char *name, const char *token, bool again,
                         struct err *e)
{
    size_t name_len = strnlen(name, TOKEN_NAME_SIZE);
    size_t len = strnlen(token, TOKEN_MOST + 1);

    if (name_len == 0 || name_len == TOKEN_NAME_SIZE || !only_of(name, "._-")) {
        return err_set(e, E_CONFIG,
                       "a token's name is 1 to %d letters, digits and . _ -, then a blank and the "
                       "token",
                       TOKEN_NAME_SIZE - 1);
    }
    if (len < TOKEN_LEAST || len > TOKEN_MOST || !only_of(token, "._~+/=-")) {
        /* What is as long as a token may be one: name and token were perhaps exchanged. */
        bool quoted = name_len < TOKEN_LEAST;
        (void)err_set(e, E_CONFIG,
                      "the value of the token%s%s%s is not accepted: expected %d to %d letters, "
                      "digits and . _ ~ + / = -, and its name before it",
                      quoted ? " named \"" : "", quoted ? name : "", quoted ? "\"" : "",
                      TOKEN_LEAST, TOKEN_MOST);
        return err_hint_set(e, "`openssl rand -hex 32` makes a good one");
    }
    for (size_t i = 0; i < t->len && !again; i++) {
        if (strcmp(t->items[i].name, name) == 0) {
            return err_set(e, E_CONFIG, "the token name \"%s\" is given twice", name);
        }
    }
    const struct token *same = match(t, token);
    if (same != NULL) {
        return err_set(e, E_CONFIG, "the tokens \"%s\" and \"%s\" are the same", same->name, name);
    }
    t->items = xgrow(t->items, t->len, &t->cap, sizeof *t->items);
    struct token *made = &t->items[t->len++];
    *made = (struct token){.name = ""};
    memcpy(made->name, name, name_len);
    (void)SHA256((const unsigned char *)token, len, made->digest);
    return E_OK;
}

void tokens_keep(struct tokens *t, const struct tokens *from, size_t n)
{
    for (size_t i = 0; i < n && i < from->len; i++) {
        t->items = xgrow(t->items, t->len, &t->cap, sizeof *t->items);
        t->items[t->len++] = from->items[i];
    }
}

/* Reads one line, which is a string already; comments and empty lines are allowed. */
static enum err_code take_line(struct tokens *t, char *line, struct err *e)
{
    char *name = line + strspn(line, " \t\r");
    char *token = name + strcspn(name, " \t\r");

    if (*name == '\0' || *name == '#') {
        return E_OK;
    }
    if (*token != '\0') {
        *token++ = '\0';
        token += strspn(token, " \t\r");
        token[strcspn(token, " \t\r")] = '\0';
    }
    return put(t, name, token, false, e);
}

static bool has_third_word(const char *line)
{
    int words = 0;

    for (const char *s = line + strspn(line, " \t\r"); *s != '\0'; words++) {
        if (words == 0 && *s == '#') {
            return false;
        }
        s += strcspn(s, " \t\r");
        s += strspn(s, " \t\r");
    }
    return words > 2;
}

enum err_code tokens_parse(struct tokens *t, const char *text, size_t len, const char *what,
                           struct err *e)
{
    enum err_code rc = E_OK;
    int number = 0;

    for (size_t at = 0; at < len && rc == E_OK;) {
        const char *nl = memchr(text + at, '\n', len - at);
        size_t n = nl == NULL ? len - at : (size_t)(nl - text) - at;
        char *line = xcalloc(1, n + 1);
        memcpy(line, text + at, n);
        number++;
        if (strlen(line) != n) {
            rc = err_set(e, E_CONFIG, "a NUL byte");
        } else if (has_third_word(line)) {
            rc = err_set(e, E_CONFIG, "expected `name token` and nothing after it");
        } else {
            rc = take_line(t, line, e);
        }
        secret_free_bytes(line, n);
        at += n + 1;
    }
    return rc == E_OK ? E_OK : err_wrap(e, "%s:%d", what, number);
}

/* Takes `token` or `name token`. */
static enum err_code take_element(struct tokens *t, char *text, struct err *e)
{
    char *rest = NULL;
    char *first = strtok_r(text, " ", &rest);
    char *second = strtok_r(NULL, " ", &rest);

    if (first == NULL || strtok_r(NULL, " ", &rest) != NULL) {
        return err_set(e, E_CONFIG, "expected a token, or `name token`, and commas between them");
    }
    return second == NULL ? put(t, "default", first, true, e) : put(t, first, second, true, e);
}

enum err_code tokens_list(struct tokens *t, const char *text, struct err *e)
{
    size_t len = strlen(text);
    char *list = xstrdup(text);
    enum err_code rc = E_OK;

    for (char *at = list; at != NULL && rc == E_OK;) {
        char *comma = strchr(at, ',');
        if (comma != NULL) {
            *comma++ = '\0';
        }
        rc = take_element(t, at, e);
        at = comma;
    }
    secret_free_bytes(list, len);
    return rc;
}

/* The file's text, owned by the caller, who wipes it; NULL with `e`. */
static char *read_private(const char *path, size_t *len, struct err *e)
{
    struct stat st;
    char *text = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0 || fstat(fd, &st) != 0) {
        (void)err_set(e, E_CONFIG, "%s: cannot read the tokens: %s", path, strerror(errno));
    } else if (!S_ISREG(st.st_mode)) {
        (void)err_set(e, E_CONFIG, "%s is not a file", path);
    } else if ((st.st_mode & 077) != 0) {
        (void)err_set(e, E_CONFIG, "%s: others may read or change the tokens (mode %04o)", path,
                      (unsigned)(st.st_mode & 07777));
        (void)err_hint_set(e, "chmod 600 %s", path);
    } else if (st.st_uid != geteuid() && st.st_uid != 0) {
        (void)err_set(e, E_CONFIG, "%s belongs to another user", path);
    } else if (st.st_size > FILE_MAX) {
        (void)err_set(e, E_CONFIG, "%s is larger than %d bytes", path, FILE_MAX);
    } else {
        text = xcalloc(1, FILE_MAX + 1);
        ssize_t n = 0;
        *len = 0;
        while (*len < FILE_MAX && (n = read(fd, text + *len, FILE_MAX - *len)) > 0) {
            *len += (size_t)n;
        }
        if (n < 0) {
            (void)err_set(e, E_CONFIG, "%s: cannot read the tokens: %s", path, strerror(errno));
            secret_free_bytes(text, FILE_MAX);
            text = NULL;
        }
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return text;
}

enum err_code tokens_read(struct tokens *t, const char *path, struct err *e)
{
    size_t len = 0;
    char *text = read_private(path, &len, e);

    if (text == NULL) {
        return E_CONFIG;
    }
    size_t before = t->len;
    enum err_code rc = tokens_parse(t, text, len, path, e);
    secret_free_bytes(text, FILE_MAX);
    if (rc == E_OK && t->len == before) {
        rc = err_set(e, E_CONFIG, "%s holds no token: expected lines of `name token`", path);
    }
    return rc;
}

const char *tokens_bearer(const char *header)
{
    if (header == NULL || strncasecmp(header, "Bearer ", 7) != 0) {
        return NULL;
    }
    header += 7 + strspn(header + 7, " ");
    return *header == '\0' ? NULL : header;
}
