/* A masked text never holds the password, whatever its bytes and wherever it stood. The first byte
 * chooses the form, the rest is the password, without the bytes that would end it there. */
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/secret.h"
#include "core/strbuf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum how { AS_IT_IS, AS_JSON, AS_PERCENT, AS_VALUE, AS_URL };

static const struct form {
    const char *before, *after;
    const char *not_in; /* bytes that end the value there; white space does unless `blanks` */
    bool blanks;
    enum how how;
} forms[] = {
    {"postgres://u:",                           "@h/db",             "",     true,  AS_IT_IS  },
    {"no answer from postgresql://u:",          "@h:5432/db, again", "",     false, AS_IT_IS  },
    {"POSTGRES://u:",                           "@h/db?sslmode=off", "",     false, AS_IT_IS  },
    {"(redis://:",                              "@h:6379/0)",        "",     false, AS_IT_IS  },
    {"x https://u:",                            "@h/p",              "\\",   false, AS_IT_IS  },
    {"{\"a\":1,\"url\":\"mysql://u:",           "@h/db\",\"b\":2}",  "",     false, AS_JSON   },
    {"{\"databaseUrl\":\"",                     "\"}",               ":%\\", true,  AS_JSON   },
    {"{\"metadata\":{\"githubToken\":\"",       "\"}}",              "",     true,  AS_JSON   },
    {"host=h password=",                        " dbname=x",         ";&,",  false, AS_IT_IS  },
    {"Server=h;Uid=u;Pwd=",                     ";Database=x",       ";&,",  false, AS_IT_IS  },
    {"jdbc:postgresql://h/db?user=u&password=", "&ssl=true",         "&;,",  false, AS_IT_IS  },
    {"u:",                                      "@tcp(h:3306)/db",   "",     false, AS_IT_IS  },
    {"url=postgres%3A%2F%2Fu%3A",               "%40h%2Fdb&x=1",     "",     true,  AS_PERCENT},
    {"Authorization: Bearer ",                  "",                  ";&,",  false, AS_IT_IS  },
    {"oracle://u/",                             "@h/db",             "=",    false, AS_IT_IS  },
    {"no answer from u/",                       "@//h:1521/x again", "",     false, AS_IT_IS  },
    {"jdbc:oracle:thin:u/",                     "@h",                "",     false, AS_IT_IS  },
    {"postgres://u:",                           "@h/db",             "",     true,  AS_VALUE  },
    {"postgres://u:",                           "@h/db",             "",     true,  AS_URL    },
};

static char *password(const uint8_t *data, size_t size, const struct form *f)
{
    struct strbuf b = STRBUF_INIT;

    for (size_t i = 0; i < size && b.len < 60; i++) {
        char c = (char)data[i];
        bool blank = (unsigned char)c <= ' ' || c == 0x7f;
        bool text = (unsigned char)c < 0x80; /* bytes that are no UTF-8 do not survive JSON */
        if (c != '\0' && text && (!blank || f->blanks) && c != '*' &&
            strchr(f->not_in, c) == NULL) {
            strbuf_addc(&b, c);
        }
    }
    return strbuf_take(&b);
}

static char *written(const char *password_text, enum how how)
{
    struct strbuf b = STRBUF_INIT;

    if (how == AS_JSON) {
        json_quote(&b, password_text);
        char *inner = xstrndup(b.data + 1, b.len - 2);
        strbuf_clear(&b);
        return inner;
    }
    for (const char *p = password_text; *p != '\0'; p++) {
        if (how == AS_PERCENT && !isalnum((unsigned char)*p)) {
            strbuf_addf(&b, "%%%02X", (unsigned char)*p);
        } else {
            strbuf_addc(&b, *p);
        }
    }
    return strbuf_take(&b);
}

static char *masked(const struct form *f, const char *secret)
{
    struct strbuf b = STRBUF_INIT, out = STRBUF_INIT;

    strbuf_addf(&b, "%s%s%s", f->before, secret, f->after);
    if (f->how == AS_VALUE) {
        cJSON *doc = json_new_object(), *inner = json_new_object();
        json_set_str(inner, "x", strbuf_str(&b));
        json_set(doc, "metadata", inner);
        secret_mask_json(doc);
        strbuf_adds(&out, json_str(json_object(doc, "metadata"), "x"));
        cJSON_Delete(doc);
    } else if (f->how == AS_URL) {
        secret_mask_url(&out, strbuf_str(&b));
    } else {
        secret_mask_text(&out, strbuf_str(&b));
    }
    strbuf_clear(&b);
    return strbuf_take(&out);
}

/* What reads as something else: https://u:80/x@h is the host "u" with a port. */
static bool ambiguous(const struct form *f, const char *p)
{
    static const char *const nothing[] = {"null", "true", "false", "none", "undefined"};
    size_t digits = strspn(p, "0123456789");
    bool web = strstr(f->before, "https://") != NULL;

    p += strspn(p, "=>"); /* a part of the mark: Pwd=>null */
    if (p[strspn(p, "\\\"'`")] == '\0') {
        return true; /* an empty value in quotes */
    }
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++) {
        if (strcasecmp(p, nothing[i]) == 0) {
            return true;
        }
    }
    if (strcmp(f->before, "u:") == 0 && strncmp(p, "//", 2) == 0) {
        return true; /* a URL whose scheme is "u" */
    }
    return web && (p[digits] == '\0' || strchr("/?#;,)", p[digits]) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) {
        return 0;
    }
    const struct form *f = &forms[data[0] % (sizeof forms / sizeof *forms)];
    char *plain = password(data + 1, size - 1, f);
    char *secret = written(plain, f->how);
    char *other = masked(f, "Zq9");
    char *shown = masked(f, secret);

    if (strlen(plain) >= 4 && !ambiguous(f, plain) && strstr(other, secret) == NULL &&
        strstr(shown, secret) != NULL) {
        (void)fprintf(stderr, "form \"%s\": \"%s\" in \"%s\"\n", f->before, secret, shown);
        abort();
    }
    if (strstr(other, "Zq9") != NULL) {
        abort();
    }
    /* Masks any text at all: the call ends, and nothing is read beyond the text. */
    char *text = xstrndup((const char *)data, size);
    struct strbuf any = STRBUF_INIT;
    secret_mask_text(&any, text);
    strbuf_clear(&any);
    free(text);
    free(plain);
    free(secret);
    free(other);
    free(shown);
    return 0;
}
