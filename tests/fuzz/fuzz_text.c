/* Outside text, JSON and times: nothing crashes, and what comes out cannot drive a terminal. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/hours.h"
#include "core/json.h"
#include "core/osc.h"
#include "core/secret.h"
#include "core/text.h"
#include "core/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A notification is one whole sequence, whatever its text: ESC at its start, BEL at its end. */
static void notify(const char *text)
{
    struct strbuf b = STRBUF_INIT;

    (void)setenv("TERM", "xterm", 1);
    osc_notify(&b, &(struct osc_notice){text, text, true, false, text[0] % 2 != 0});
    for (size_t i = 0; i < b.len; i++) {
        unsigned char c = (unsigned char)b.data[i];
        if ((c < ' ' && i > 0 && i + 1 < b.len) || c == 0x7f || (i == 0 && c != '\033') ||
            (i + 1 == b.len && c != '\a')) {
            abort();
        }
    }
    if (b.len > 3 * OSC_NOTIFY_MAX || !text_utf8_valid(b.data, b.len)) {
        abort();
    }
    strbuf_clear(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct strbuf b = STRBUF_INIT;
    struct err e;
    int64_t ms;

    text_clean(&b, (const char *)data, size, size % 4);
    for (size_t i = 0; i < b.len;) {
        uint32_t cp = 0;
        size_t n = text_utf8_decode(b.data + i, b.len - i, &cp);
        if (n == 0 || (text_is_dangerous(cp) && cp != '\n') || text_is_invisible(cp)) {
            abort();
        }
        i += n;
    }
    strbuf_clear(&b);

    cJSON *v = json_parse((const char *)data, size, "fuzz", &e);
    if (v != NULL) {
        /* What is printed exactly is JSON that prints the same again. */
        cJSON *exact = json_copy_exact(v);
        char *once = json_text(exact);
        cJSON *again = json_parse(once, strlen(once), "again", &e);
        if (again == NULL) {
            abort();
        }
        cJSON_Delete(again);
        cJSON_Delete(exact);
        free(once);
    }
    cJSON_Delete(v);

    char *s = xstrndup((const char *)data, size);
    (void)time_parse_iso(s, &ms);
    (void)time_parse_http(s, &ms);
    (void)text_fit(s, (int)(size % 80), NULL);
    notify(s);
    struct hours h;
    (void)hours_parse(s, &h);
    words_free(words_split(s));
    secret_mask_url(&b, s);
    secret_mask_text(&b, s);
    json_quote(&b, s);
    strbuf_clear(&b);
    free(s);
    return 0;
}
