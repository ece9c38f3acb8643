/* Finding the client behind proxies that are believed. */
#include "proxies.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/number.h"

enum { BYTES = 16, COAT = 12, ELEMENT_MAX = 256 };
/* the prefix ::ffff:0:0/96 of IPv4 addresses within IPv6 */
static const unsigned char coat[COAT] = {[10] = 0xff, [11] = 0xff};

struct net {
    unsigned char at[BYTES];
    int bits; /* how many of the 128 bits belong to the network */
};

struct proxies {
    struct net *nets;
    size_t len;
};

/* Reads any address as an IPv6 address. */
static bool read_address(const char *text, unsigned char out[BYTES])
{
    memcpy(out, coat, COAT);
    return inet_pton(AF_INET, text, out + COAT) == 1 || inet_pton(AF_INET6, text, out) == 1;
}

struct proxies *proxies_new(void)
{
    return xcalloc(1, sizeof(struct proxies));
}

void proxies_free(struct proxies *p)
{
    if (p != NULL) {
        free(p->nets);
        free(p);
    }
}

enum err_code proxies_add(struct proxies *p, const char *cidr, struct err *e)
{
    char address[INET6_ADDRSTRLEN];
    size_t n = strcspn(cidr, "/");
    struct net net = {.bits = 8 * BYTES};

    (void)snprintf(address, sizeof address, "%.*s", n < sizeof address ? (int)n : 0, cidr);
    bool good = read_address(address, net.at);
    int most = strchr(address, ':') == NULL ? 32 : 128;
    if (good && cidr[n] == '/') {
        int64_t bits = 0;
        good = number_parse(cidr + n + 1, 0, most, &bits);
        net.bits = good ? (int)bits + 128 - most : 0;
    }
    if (!good) {
        (void)err_set(e, E_CONFIG, "--trusted-proxy: \"%.60s\" is neither an address nor a network",
                      cidr);
        return err_hint_set(e, "give one such as 10.0.0.0/8, 192.0.2.7 or 2001:db8::/32");
    }
    p->nets = xrealloc(p->nets, (p->len + 1) * sizeof *p->nets);
    p->nets[p->len++] = net;
    return E_OK;
}

static bool is_in(const struct net *net, const unsigned char at[BYTES])
{
    int whole = net->bits / 8;
    int rest = net->bits % 8;
    unsigned mask = 0xffU << (8 - rest) & 0xffU;

    return memcmp(net->at, at, (size_t)whole) == 0 &&
           (rest == 0 || ((unsigned)(net->at[whole] ^ at[whole]) & mask) == 0);
}

bool proxies_trust(const struct proxies *p, const char *address)
{
    unsigned char at[BYTES];

    if (p == NULL || !read_address(address, at)) {
        return false;
    }
    for (size_t i = 0; i < p->len; i++) {
        if (is_in(&p->nets[i], at)) {
            return true;
        }
    }
    return false;
}

bool proxies_plain(const char *text, char out[INET6_ADDRSTRLEN])
{
    unsigned char at[BYTES];

    out[0] = '\0';
    if (!read_address(text, at)) {
        return false;
    }
    bool v4 = memcmp(at, coat, COAT) == 0;
    return inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? at + COAT : at, out, INET6_ADDRSTRLEN) != NULL;
}

/* ---- the chain ---- */

/* Reads the node of one element: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]:80`. */
static bool read_node(char *s, char out[INET6_ADDRSTRLEN])
{
    if (s[0] == '[') {
        char *close = strchr(s, ']');
        if (close == NULL || (close[1] != '\0' && close[1] != ':')) {
            return false;
        }
        *close = '\0';
        s++;
    } else if (strchr(s, ':') != NULL && strchr(s, ':') == strrchr(s, ':')) {
        *strchr(s, ':') = '\0';
    }
    return proxies_plain(s, out);
}

/* The value of `for` in `for="[2001:db8::1]:4711";proto=https`, cut out in place; NULL when there
 * is none, or more than one. */
static char *for_of(char *s)
{
    char *rest = NULL;
    char *value = NULL;

    for (char *pair = strtok_r(s, ";", &rest); pair != NULL; pair = strtok_r(NULL, ";", &rest)) {
        pair += strspn(pair, " \t");
        if (strncasecmp(pair, "for=", 4) != 0) {
            continue;
        }
        if (value != NULL) {
            return NULL;
        }
        value = pair + 4;
        size_t n = strcspn(value, " \t");
        value[n] = '\0';
        if (n >= 2 && value[0] == '"' && value[n - 1] == '"') {
            value[n - 1] = '\0';
            value++;
        }
    }
    return value;
}

/* Reads one element, which may have blanks around it. */
static bool read_element(const char *s, size_t n, bool pairs, char out[INET6_ADDRSTRLEN])
{
    char text[ELEMENT_MAX];

    while (n > 0 && strchr(" \t", s[0]) != NULL) {
        s++;
        n--;
    }
    while (n > 0 && strchr(" \t", s[n - 1]) != NULL) {
        n--;
    }
    if (n >= sizeof text) {
        return false;
    }
    memcpy(text, s, n);
    text[n] = '\0';
    char *node = pairs ? for_of(text) : text;
    return node != NULL && read_node(node, out);
}

/* A copy in which no mark inside quotes divides anything: a proxy may quote what its client sent,
 * such as the host. Owned; NULL: a quote does not end. */
static char *without_quoted_marks(const char *list)
{
    char *copy = xstrdup(list);
    bool quoted = false;

    for (char *s = copy; *s != '\0'; s++) {
        if (*s == '"') {
            quoted = !quoted;
        } else if (quoted && *s == '\\' && s[1] != '\0') {
            *s++ = '_';
            *s = '_';
        } else if (quoted && strchr(",;", *s) != NULL) {
            *s = '_';
        }
    }
    if (quoted) {
        free(copy);
        return NULL;
    }
    return copy;
}

/* Goes through the list from its end, which the nearest proxy wrote: anybody may have made up what
 * comes before an address that is not believed. When an element cannot be read, the last proxy that
 * was read counts as the client. */
static void walk(const struct proxies *p, const char *list, bool pairs, char out[INET6_ADDRSTRLEN])
{
    size_t end = strlen(list);

    while (proxies_trust(p, out)) {
        char address[INET6_ADDRSTRLEN];
        size_t begin = end;
        while (begin > 0 && list[begin - 1] != ',') {
            begin--;
        }
        if (!read_element(list + begin, end - begin, pairs, address)) {
            return;
        }
        memcpy(out, address, sizeof address);
        if (begin == 0) {
            return;
        }
        end = begin - 1;
    }
}

void proxies_client(const struct proxies *p, const char *peer, const char *forwarded_for,
                    const char *forwarded, char out[INET6_ADDRSTRLEN])
{
    char other[INET6_ADDRSTRLEN];

    (void)snprintf(out, INET6_ADDRSTRLEN, "%s", peer);
    if (!proxies_trust(p, peer)) {
        return;
    }
    memcpy(other, out, sizeof other);
    if (forwarded_for != NULL) {
        walk(p, forwarded_for, false, out);
    }
    char *pairs = forwarded == NULL ? NULL : without_quoted_marks(forwarded);
    if (pairs != NULL) {
        walk(p, pairs, true, other);
    }
    free(pairs);
    if (forwarded_for == NULL) {
        memcpy(out, other, sizeof other);
    } else if (forwarded != NULL && strcmp(out, other) != 0) {
        /* One of the two headers is the proxy's, and the other may be its client's: nobody knows
         * which. */
        (void)snprintf(out, INET6_ADDRSTRLEN, "%s", peer);
    }
}
