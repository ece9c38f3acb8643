/* The check of a request's signature by the local cloud. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "src/cloud/http/verify.h"

static const struct parse_case {
    const char *text;
    enum cloud_http_verify_fault_kind kind;
} parses[] = {
    {NULL,                                                                      VERIFY_MISSING   },
    {"",                                                                        VERIFY_MISSING   },
    {"Bearer x",                                                                VERIFY_INCOMPLETE},
    {"AWS4-HMAC-SHA256",                                                        VERIFY_INCOMPLETE},
    {"AWS4-HMAC-SHA256 ",                                                       VERIFY_INCOMPLETE},
    {"AWS4-HMAC-SHA256X Credential=a/b/c/d/e, SignedHeaders=h, Signature=s",    VERIFY_INCOMPLETE},
    {"AWS4-HMAC-SHA256 Credential=a/b/c/d, SignedHeaders=h, Signature=s",       VERIFY_INCOMPLETE},
    {"AWS4-HMAC-SHA256 Credential=/b/c/d/e, SignedHeaders=h, Signature=s",      VERIFY_INCOMPLETE},
    {"AWS4-HMAC-SHA256 Credential=a/b/c/d/e, Signature=s",                      VERIFY_INCOMPLETE},
    {"AWS4-HMAC-SHA256 Credential, SignedHeaders, Signature",                   VERIFY_INCOMPLETE},
    {"AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=h, Signature=s",     VERIFY_OK        },
    {"AWS4-HMAC-SHA256 Signature=s,SignedHeaders=h,Credential=a/b/c/d/e",       VERIFY_OK        },
    {"AWS4-HMAC-SHA256\tCredential=a/b/c/d/e,,\tSignedHeaders=h , Signature=s", VERIFY_OK        },
};

Test(verify, the_header_is_taken_apart_or_refused)
{
    for (size_t i = 0; i < sizeof parses / sizeof *parses; i++) {
        struct cloud_http_verify_auth a;
        struct cloud_http_verify_fault f = {0};
        bool good = cloud_http_verify_parse(parses[i].text, &a, &f);
        cr_expect_eq(good, parses[i].kind == VERIFY_OK, "%s", parses[i].text);
        cr_expect_eq(f.kind, parses[i].kind, "%s", parses[i].text);
        if (good) {
            cr_expect_str_eq(a.access_key, "a");
            cr_expect_str_eq(a.date8, "b");
            cr_expect_str_eq(a.region, "c");
            cr_expect_str_eq(a.service, "d");
            cr_expect_str_eq(a.terminator, "e");
            cr_expect_str_eq(a.signature, "s");
        }
        cloud_http_verify_auth_clear(&a);
    }
}

/* V6 of AWS-WIRE 1.4, made by an independent implementation. */
#define V6_SIGNATURE "1f1ec5774bef62cbbcf1937dbea857de383dc5024bc01e827732ee942a07d2c8"
#define V6_SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define V6_SIGNED "content-type;host;x-amz-date;x-amz-target"
#define V6_SCOPE "20260102/us-east-1/dynamodb/aws4_request"
enum { V6_HEADERS = 4 };

static const struct sigv4_header v6_headers[V6_HEADERS] = {
    {"Host",         "127.0.0.1:8000"              },
    {"Content-Type", "application/x-amz-json-1.0"  },
    {"X-Amz-Date",   "20260102T030405Z"            },
    {"X-Amz-Target", "DynamoDB_20120810.ListTables"},
};
static const int64_t v6_ms = 1767323045000;

struct v6 {
    const char *signature, *scope, *signed_headers, *secret, *body, *path, *token;
    int64_t now_ms;
};

static enum cloud_http_verify_fault_kind check(const struct v6 *v)
{
    char header[512];
    struct cloud_http_verify_auth a;
    struct cloud_http_verify_fault f = {0};
    const char *body = v->body == NULL ? "{}" : v->body;
    struct cloud_http_verify_request r = {.method = "POST",
                                          .path = v->path == NULL ? "/" : v->path,
                                          .query = "",
                                          .headers = v6_headers,
                                          .headers_len = V6_HEADERS,
                                          .body = body,
                                          .body_len = strlen(body)};
    struct cloud_http_verify_expect x = {.secret_key = v->secret == NULL ? V6_SECRET : v->secret,
                                         .token = v->token,
                                         .region = "us-east-1",
                                         .service = "dynamodb",
                                         .now_ms = v->now_ms == 0 ? v6_ms : v->now_ms};

    (void)snprintf(header, sizeof header,
                   "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/%s, SignedHeaders=%s, Signature=%s",
                   v->scope == NULL ? V6_SCOPE : v->scope,
                   v->signed_headers == NULL ? V6_SIGNED : v->signed_headers,
                   v->signature == NULL ? V6_SIGNATURE : v->signature);
    cr_assert(cloud_http_verify_parse(header, &a, &f));
    if (cloud_http_verify_check(&r, &a, &x, &f)) {
        cr_expect_eq(f.kind, VERIFY_OK);
    }
    cloud_http_verify_auth_clear(&a);
    return f.kind;
}

static const struct check_case {
    const char *name;
    struct v6 v;
    enum cloud_http_verify_fault_kind want;
} checks[] = {
    {"the vector",                   {0},                                                   VERIFY_OK         },
    {"five minutes later",           {.now_ms = 1767323045000 + 300000},                    VERIFY_OK         },
    {"later than that",              {.now_ms = 1767323045000 + 300001},                    VERIFY_MISMATCH   },
    {"five minutes earlier",         {.now_ms = 1767323045000 - 300000},                    VERIFY_OK         },
    {"earlier than that",            {.now_ms = 1767323045000 - 300001},                    VERIFY_MISMATCH   },
    {"one digit changed",
     {.signature = "0f1ec5774bef62cbbcf1937dbea857de383dc5024bc01e827732ee942a07d2c8"},
     VERIFY_MISMATCH                                                                                          },
    {"a shorter signature",          {.signature = "1f"},                                   VERIFY_MISMATCH   },
    {"an empty signature",           {.signature = ""},                                     VERIFY_MISMATCH   },
    {"another body",                 {.body = "{ }"},                                       VERIFY_MISMATCH   },
    {"another path",                 {.path = "/x"},                                        VERIFY_MISMATCH   },
    {"another secret",               {.secret = "x"},                                       VERIFY_MISMATCH   },
    {"a header that is not there",   {.signed_headers = V6_SIGNED ";x-other"},              VERIFY_MISMATCH   },
    {"host not signed",
     {.signed_headers = "content-type;x-amz-date;x-amz-target"},
     VERIFY_MISMATCH                                                                                          },
    {"target not signed",            {.signed_headers = "content-type;host;x-amz-date"},    VERIFY_MISMATCH   },
    {"another day in the scope",
     {.scope = "20260103/us-east-1/dynamodb/aws4_request"},
     VERIFY_MISMATCH                                                                                          },
    {"more than a day in the scope",
     {.scope = "202601020/us-east-1/dynamodb/aws4_request"},
     VERIFY_MISMATCH                                                                                          },
    {"another region",               {.scope = "20260102/eu-west-1/dynamodb/aws4_request"}, VERIFY_MISMATCH   },
    {"another end",                  {.scope = "20260102/us-east-1/dynamodb/aws3_request"}, VERIFY_MISMATCH   },
    {"a token is missing",           {.token = "t"},                                        VERIFY_UNKNOWN_KEY},
};

Test(verify, only_the_signed_request_passes)
{
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        cr_expect_eq(check(&checks[i].v), checks[i].want, "%s", checks[i].name);
    }
}

Test(verify, messages_are_one_line_of_printable_text)
{
    struct cloud_http_verify_auth a;
    struct cloud_http_verify_fault f = {0};

    cr_expect_not(cloud_http_verify_parse("\x1b[31mX\r\nSet-Cookie: a", &a, &f));
    for (const char *p = f.message; *p != '\0'; p++) {
        cr_expect((unsigned char)*p >= 0x20 && (unsigned char)*p < 0x7f);
    }
}
