/* What the REST API reads by itself: request targets, token files, cursors, bearer headers, keys,
 * and the bodies of deploys. The first byte chooses. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/text.h"
#include "jobs/deploy.h"
#include "src/api/cursor.h"
#include "src/api/handlers.h"
#include "src/api/idem.h"
#include "src/api/route.h"
#include "src/api/target.h"
#include "src/api/tokens.h"

static void target(const char *s)
{
    struct target t;
    const struct route *r = NULL;
    char allow[64];

    if (target_parse(s, &t, NULL) != E_OK) {
        return;
    }
    (void)!target_parse_query(s, &t, NULL);
    for (size_t i = 0; i < t.segments_len; i++) {
        for (const char *c = t.segments[i]; *c != '\0'; c++) {
            if ((unsigned char)*c < 0x20 || *c == 0x7f) {
                abort();
            }
        }
    }
    if (route_find("GET", &t, false, &r, allow, sizeof allow) == ROUTE_FOUND && r == NULL) {
        abort();
    }
    target_clear(&t);
}

/* A deploy that is accepted must come back as it was. */
static void cursor(const char *s)
{
    struct cursor c;

    if (cursor_parse(s, "u", NULL, &c, NULL) == E_OK) {
        struct cursor again;
        char *text = cursor_text(&c, "u", NULL);
        if (cursor_parse(text, "u", NULL, &again, NULL) != E_OK ||
            again.index_done != c.index_done || (again.stray.id == NULL) != (c.stray.id == NULL)) {
            abort();
        }
        cursor_clear(&again);
        cursor_clear(&c);
        free(text);
    }
}

/* Any places, whatever is in them, survive the way through a cursor. */
static void places(const char *s)
{
    struct cursor c = {.index_done = false};
    struct cursor again;

    if (*s == '\0') {
        return;
    }
    user_place_set(&c.index, s, s);
    c.stray = (struct stray){.time_ms = (int64_t)strlen(s), .id = xstrdup(s)};
    char *text = cursor_text(&c, s, "FAILED");
    enum err_code rc = cursor_parse(text, s, "FAILED", &again, NULL);
    if (rc == E_OK) {
        cursor_clear(&again);
    } else if (strlen(text) <= CURSOR_MAX && text_utf8_valid(s, strlen(s))) {
        abort();
    }
    cursor_clear(&c);
    free(text);
}

/* `bytes` may hold a NUL and ends with none; `s` is the same as a string. */
static void tokens(const char *bytes, size_t len, const char *s)
{
    struct tokens *t = tokens_new();
    struct err e = {0};

    if (tokens_parse(t, bytes, len, "fuzz", &e) == E_OK && tokens_len(t) > len) {
        abort();
    }
    if (tokens_list(t, s, &e) == E_OK && tokens_len(t) == 0) {
        abort();
    }
    (void)tokens_find(t, s);
    (void)tokens_bearer(s);
    tokens_free(t);
}

static void body(const char *s, size_t len)
{
    struct deploy_request r;
    char digest[65];
    struct faults wrong = {.len = 0};

    if (api_deploy_read(s, len, &r, digest, &wrong, NULL) == E_OK) {
        if (wrong.len != 0 || strlen(digest) != 64 || r.user_id == NULL || r.product_id == NULL ||
            r.job_id[0] != '\0') {
            abort();
        }
        deploy_request_clear(&r);
    }
    faults_clear(&wrong);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    char *s = xstrndup((const char *)data + 1, size - 1);

    switch (data[0] % 6) {
    case 0:
        target(s);
        break;
    case 1:
        cursor(s);
        break;
    case 2:
        places(s);
        break;
    case 3:
        tokens((const char *)data + 1, size - 1, s);
        break;
    case 4:
        body((const char *)data + 1, size - 1);
        break;
    default:
        (void)!idem_check_key(s, NULL);
        break;
    }
    free(s);
    return 0;
}
