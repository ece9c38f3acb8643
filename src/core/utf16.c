/* Recognising UTF-16 and turning it into UTF-8. */
#include "core/utf16.h"

#include <stdint.h>
#include <string.h>

#include "core/strbuf.h"
#include "core/text.h"

static bool has_mark(const char *text, size_t len)
{
    return len >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0);
}

/* Do the two units of ASCII at `text` have zero high bytes, the first at `high` and the second two
 * bytes later? */
static bool ascii_units(const char *text, size_t len, size_t high)
{
    return len >= 4 && text[high] == '\0' && text[high + 2] == '\0' && text[1 - high] > 0 &&
           text[3 - high] > 0;
}

bool utf16_is(const char *text, size_t len)
{
    return has_mark(text, len) || ascii_units(text, len, 0) || ascii_units(text, len, 1);
}

char *utf16_to_utf8(const char *text, size_t len, size_t *out_len, struct err *e)
{
    struct strbuf out = STRBUF_INIT;
    bool marked = has_mark(text, len);
    bool little = marked ? (unsigned char)text[0] == 0xff : ascii_units(text, len, 1);
    size_t low = little ? 0 : 1; /* the place of the low byte within a unit */
    uint32_t high = 0;           /* a high surrogate that waits for its low one */
    bool bad = len % 2 != 0;

    for (size_t i = marked ? 2 : 0; i + 1 < len && !bad; i += 2) {
        uint32_t unit = (uint32_t)(unsigned char)text[i + low] |
                        (uint32_t)(unsigned char)text[i + 1 - low] << 8;
        bool is_high = unit >= 0xd800 && unit < 0xdc00;
        bool is_low = unit >= 0xdc00 && unit < 0xe000;
        bad = is_low != (high != 0);
        if (is_low) {
            text_utf8_encode(&out, 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00));
        } else if (!is_high) {
            text_utf8_encode(&out, unit);
        }
        high = is_high ? unit : 0;
    }
    if (bad || high != 0) {
        strbuf_wipe(&out);
        (void)err_set(e, E_INVALID, "is malformed text in UTF-16: save the file as UTF-8");
        return NULL;
    }
    *out_len = out.len;
    return strbuf_take(&out);
}
