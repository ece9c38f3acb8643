/* The head of a reply as it goes out: status line, Date, the owner's fields, and the fields that
 * say how the message and its connection end, which httpd itself writes. */
#include "reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "core/clock.h"
#include "lines.h"
#include "server.h"

static const struct {
    int status;
    const char *text;
} reasons[] = {
    {200, "OK"                             },
    {201, "Created"                        },
    {202, "Accepted"                       },
    {204, "No Content"                     },
    {206, "Partial Content"                },
    {301, "Moved Permanently"              },
    {302, "Found"                          },
    {303, "See Other"                      },
    {304, "Not Modified"                   },
    {307, "Temporary Redirect"             },
    {308, "Permanent Redirect"             },
    {400, "Bad Request"                    },
    {401, "Unauthorized"                   },
    {403, "Forbidden"                      },
    {404, "Not Found"                      },
    {405, "Method Not Allowed"             },
    {406, "Not Acceptable"                 },
    {408, "Request Timeout"                },
    {409, "Conflict"                       },
    {410, "Gone"                           },
    {411, "Length Required"                },
    {412, "Precondition Failed"            },
    {413, "Content Too Large"              },
    {414, "URI Too Long"                   },
    {415, "Unsupported Media Type"         },
    {417, "Expectation Failed"             },
    {421, "Misdirected Request"            },
    {422, "Unprocessable Content"          },
    {428, "Precondition Required"          },
    {429, "Too Many Requests"              },
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"          },
    {501, "Not Implemented"                },
    {502, "Bad Gateway"                    },
    {503, "Service Unavailable"            },
    {504, "Gateway Timeout"                },
    {505, "HTTP Version Not Supported"     },
    {507, "Insufficient Storage"           },
};

static const char *reason(int status)
{
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        if (reasons[i].status == status) {
            return reasons[i].text;
        }
    }
    return "";
}

static bool is_token(const char *s)
{
    size_t n = 0;

    while (http_is_token_char(s[n])) {
        n++;
    }
    return n > 0 && s[n] == '\0';
}

/* Is this a field that says how the message and its connection end? httpd writes these itself. */
static bool is_ours(const char *name)
{
    static const char *const ours[] = {"Content-Length", "Connection",        "Date",
                                       "Keep-Alive",     "Transfer-Encoding", "Trailer"};

    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
        if (strcasecmp(name, ours[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Adds a value; no byte of it can end its line. */
static void add_value(struct strbuf *out, const char *value)
{
    size_t at = out->len;

    strbuf_adds(out, value);
    for (; at < out->len; at++) {
        unsigned char b = (unsigned char)out->data[at];
        if (b < 0x20 || b == 0x7f) {
            out->data[at] = ' ';
        }
    }
}

static void add_field(struct strbuf *out, const char *name, const char *value)
{
    strbuf_adds(out, name);
    strbuf_adds(out, ": ");
    add_value(out, value);
    strbuf_adds(out, "\r\n");
}

/* May a reply with this status have a body? (RFC 9110 6.4.1) */
static bool may_have_body(int status)
{
    return status >= 200 && status != 204 && status != 304;
}

bool httpd_reply_has_body(const struct http_exchange *x)
{
    return x->reply.body_len > 0 && x->reply.body != NULL && may_have_body(x->reply.status) &&
           strcmp(x->method, "HEAD") != 0;
}

void httpd_reply_write(struct strbuf *out, const struct http_exchange *x, bool keep,
                       const char *date)
{
    const struct http_reply *r = &x->reply;

    strbuf_addf(out, "HTTP/1.1 %03d %s\r\nDate: %s\r\n", r->status, reason(r->status), date);
    for (size_t i = 0; i < r->fields.len; i++) {
        const struct http_field *f = &r->fields.items[i];
        if (is_token(f->name) && !is_ours(f->name)) {
            add_field(out, f->name, f->value);
        }
    }
    if (may_have_body(r->status)) {
        strbuf_addf(out, "Content-Length: %zu\r\n", r->body == NULL ? 0 : r->body_len);
    }
    if (!keep) {
        strbuf_adds(out, "Connection: close\r\n");
    } else if (x->minor == 0) {
        strbuf_adds(out, "Connection: keep-alive\r\n");
    }
    strbuf_adds(out, "\r\n");
}

void httpd_reply_clear(struct http_reply *r)
{
    free(r->body);
    http_fields_clear(&r->fields);
    *r = (struct http_reply){0};
}

const char *httpd_reply_date(struct httpd *h)
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int64_t s = clock_wall_ms(h->o.clock) / 1000;

    if (s != h->date_s) {
        time_t t = (time_t)s;
        struct tm tm;
        (void)gmtime_r(&t, &tm);
        (void)snprintf(h->date, sizeof h->date, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT",
                       days + (ptrdiff_t)tm.tm_wday * 3, tm.tm_mday,
                       months + (ptrdiff_t)tm.tm_mon * 3, tm.tm_year + 1900, tm.tm_hour, tm.tm_min,
                       tm.tm_sec);
        h->date_s = s;
    }
    return h->date;
}
