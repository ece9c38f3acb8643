/* Masking of webhooks: addresses whose path is the secret, because everybody who knows the URL of a
 * webhook may post to it. A webhook is recognised by its host, with or without a scheme before
 * it. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "src/core/mask_priv.h"

/* `host` is the whole name of a host or, with a '.' at its start, the end of one. `path` is shown,
 * the rest of the path is the secret; "*" stands for one part of the path. */
static const struct hook {
    const char *host, *path;
} hooks[] = {
    {"hooks.slack.com",       "/services/"      },
    {"hooks.slack.com",       "/workflows/"     },
    {"hooks.slack.com",       "/triggers/"      },
    {"hooks.slack-gov.com",   "/services/"      },
    {"discord.com",           "/api/webhooks/"  },
    {"discord.com",           "/api/*/webhooks/"},
    {"discordapp.com",        "/api/webhooks/"  },
    {"discordapp.com",        "/api/*/webhooks/"},
    {"webhook.office.com",    "/*/"             },
    {"outlook.office.com",    "/webhook/"       },
    {"outlook.office365.com", "/webhook/"       },
    {"api.telegram.org",      "/bot"            },
    {"hooks.zapier.com",      "/hooks/catch/"   },
    {"maker.ifttt.com",       "/trigger/*/with/"},
    {"events.pagerduty.com",  "/integration/"   },
};

static bool is_host(const char *p, size_t len, const char *host)
{
    size_t n = strlen(host);

    return len >= n && strncasecmp(p + len - n, host, n) == 0 &&
           (len == n || p[len - n - 1] == '.');
}

/* The place after the port that may follow a host. */
static const char *skip_port(const char *p, const char *end, unsigned times)
{
    size_t n = mask_char(p, end, times, ':');
    size_t digits = 0;

    if (n == 0) {
        return p;
    }
    while (p + n + digits < end && isdigit((unsigned char)p[n + digits])) {
        digits++;
    }
    return digits > 0 ? p + n + digits : p;
}

static bool part_char(char c)
{
    return isalnum((unsigned char)c) || (c != '\0' && strchr("_-.~", c) != NULL);
}

/* The place after `path`, which stands at `p`; NULL when another path stands there. */
static const char *after_path(const char *p, const char *end, const char *path, unsigned times)
{
    for (; *path != '\0'; path++) {
        const char *from = p;
        if (*path == '/') {
            p += mask_char(p, end, times, '/');
        } else if (*path == '*') {
            while (p < end && part_char(*p)) {
                p++;
            }
        } else if (p < end && tolower((unsigned char)*p) == *path) {
            p++;
        }
        if (p == from) {
            return NULL;
        }
    }
    return p;
}

/* The end of the path: the mark where the parameters begin, or a character that no path holds. */
static const char *path_end(const char *p, const char *end, unsigned times)
{
    const char *from = p;

    while (p < end) {
        size_t n = part_char(*p) || strchr("+=:@", *p) != NULL ? 1 : mask_char(p, end, times, '/');
        bool encoded = n == 0 && *p == '%' && end - p > 2 && isxdigit((unsigned char)p[1]) &&
                       isxdigit((unsigned char)p[2]);
        if (encoded && mask_char(p, end, times, '?') == 0 && mask_char(p, end, times, '&') == 0 &&
            mask_char(p, end, times, '#') == 0 && mask_char(p, end, times, '"') == 0) {
            n = 3;
        }
        if (n == 0) {
            break;
        }
        p += n;
    }
    while (p > from && strchr(".:", p[-1]) != NULL) {
        p--; /* the full stop belongs to the sentence around the address */
    }
    return p;
}

const char *mask_webhook(struct strbuf *out, const struct mask_text *t, const char *p, size_t len)
{
    for (size_t i = 0; i < sizeof hooks / sizeof *hooks; i++) {
        if (!is_host(p, len, hooks[i].host)) {
            continue;
        }
        for (unsigned times = 0; times < MASK_ENCODINGS; times++) {
            const char *path = skip_port(p + len, t->end, times);
            const char *secret = after_path(path, t->end, hooks[i].path, times);
            const char *end = secret == NULL ? NULL : path_end(secret, t->end, times);
            if (secret != NULL && end > secret) {
                strbuf_add(out, p, (size_t)(secret - p));
                strbuf_adds(out, MASK_STARS);
                return end;
            }
        }
    }
    return NULL;
}
