/* deploy_pattern.c - patterns of JSON Schema for what the rules of deploy_rules.h accept. */
#include <string.h>

#include "core/json.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "deploy_type.h"

typedef bool (*char_test)(uint32_t cp);

static bool is_alnum(uint32_t cp)
{
    return (cp >= '0' && cp <= '9') || (cp >= 'a' && cp <= 'z') || (cp >= 'A' && cp <= 'Z');
}

static bool is_one_of(uint32_t cp, const char *chars)
{
    return cp > 0 && cp < 0x80 && strchr(chars, (int)cp) != NULL;
}

static bool is_of_id(uint32_t cp)
{
    return is_alnum(cp) || is_one_of(cp, RULE_ID_MORE);
}

static bool is_of_text(uint32_t cp)
{
    return !text_is_dangerous(cp);
}

static bool is_solid(uint32_t cp)
{
#define IS_BLANK(c) cp == (c) ||
    return is_of_text(cp) && !(RULE_BLANKS(IS_BLANK) false);
#undef IS_BLANK
}

/* The name in an address; it neither begins nor ends with a full stop. */
static bool is_of_name(uint32_t cp)
{
    return is_of_text(cp) && !is_one_of(cp, RULE_EMAIL_NOT);
}

static bool is_name_end(uint32_t cp)
{
    return is_of_name(cp) && cp != '.';
}

/* A label of its domain; it neither begins nor ends with a hyphen. */
static bool is_label_end(uint32_t cp)
{
    return is_alnum(cp) || (cp >= 0x80 && is_of_text(cp));
}

static bool is_of_label(uint32_t cp)
{
    return is_label_end(cp) || cp == '-';
}

static bool is_of_scheme(uint32_t cp)
{
    return is_one_of(cp, RULE_SCHEME);
}

/* As it stands between the brackets of a pattern. */
static void add_cp(struct strbuf *b, uint32_t cp)
{
    if (cp < 0x80 && cp > 0x20 && cp != 0x7f) {
        strbuf_addf(b, strchr("\\]^-[", (int)cp) == NULL ? "%c" : "\\%c", (int)cp);
    } else {
        strbuf_addf(b, "\\u%04x", (unsigned)cp);
    }
}

/* Behind the blanks, the tests differ at the ends of the dangerous ranges alone. */
static uint32_t next_cp(uint32_t cp)
{
    static const uint32_t edges[] = {
#define EDGES(from, to) from, (to) + 1,
        TEXT_DANGEROUS(EDGES)
#undef EDGES
    };

    if (cp < 0x3001) {
        return cp + 1;
    }
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) { /* in order */
        if (edges[i] > cp) {
            return edges[i];
        }
    }
    return 0x110000;
}

/* "[...]" of all characters that pass, or "[^...]" of those that do not, which are few where
 * letters of all scripts pass. Of the basic plane: see add_start. */
static void add_class(struct strbuf *b, char_test has)
{
    bool named = !has(0xffee); /* unassigned: passes where any letter does */
    uint32_t cp = 0;

    strbuf_adds(b, named ? "[" : "[^");
    while (cp < 0x10000) {
        uint32_t from = cp;
        do {
            cp = next_cp(cp);
        } while (cp < 0x10000 && has(cp) == has(from));
        uint32_t to = cp < 0x10000 ? cp - 1 : 0xffff;
        if (has(from) == named) {
            add_cp(b, from);
            if (to > from) {
                strbuf_adds(b, to - 1 > from ? "-" : "");
                add_cp(b, to);
            }
        }
    }
    strbuf_addc(b, ']');
}

/* "^", and no tag character anywhere (U+E0000-E007F). No dialect shares an escape for these with
 * another, and they should not stand in a text themselves, so all others are named. */
static void add_start(struct strbuf *b)
{
    strbuf_adds(b, "^(?!.*[^\\u0000-\\uffff");
    text_utf8_encode(b, 0x10000);
    strbuf_addc(b, '-');
    text_utf8_encode(b, 0xdffff);
    text_utf8_encode(b, 0xe0080);
    strbuf_addc(b, '-');
    text_utf8_encode(b, 0x10ffff);
    strbuf_adds(b, "])");
}

static cJSON *taken(struct strbuf *pattern)
{
    cJSON *v = json_new_str(strbuf_str(pattern));

    strbuf_clear(pattern);
    return v;
}

cJSON *pattern_id(void)
{
    struct strbuf b = STRBUF_INIT;

    strbuf_addc(&b, '^');
    add_class(&b, is_of_id);
    strbuf_adds(&b, "+$");
    return taken(&b);
}

/* Printable, and one of them at least no blank. */
cJSON *pattern_text(void)
{
    struct strbuf b = STRBUF_INIT;

    add_start(&b);
    add_class(&b, is_of_text);
    strbuf_addc(&b, '*');
    add_class(&b, is_solid);
    add_class(&b, is_of_text);
    strbuf_adds(&b, "*$");
    return taken(&b);
}

/* One to `most` of a kind, of which the ends are stricter. */
static void add_word(struct strbuf *b, char_test end, char_test inner, int most)
{
    add_class(b, end);
    strbuf_adds(b, "(?:");
    add_class(b, inner);
    strbuf_addf(b, "{0,%d}", most - 2);
    add_class(b, end);
    strbuf_adds(b, ")?");
}

cJSON *pattern_email(void)
{
    struct strbuf b = STRBUF_INIT;

    add_start(&b);
    strbuf_adds(&b, "(?![^@]*\\.\\.)");
    add_word(&b, is_name_end, is_of_name, RULE_EMAIL_NAME_MAX);
    strbuf_addc(&b, '@');
    add_word(&b, is_label_end, is_of_label, RULE_LABEL_MAX);
    strbuf_adds(&b, "(?:\\.");
    add_word(&b, is_label_end, is_of_label, RULE_LABEL_MAX);
    strbuf_adds(&b, ")+$");
    return taken(&b);
}

cJSON *pattern_url(void)
{
    struct strbuf b = STRBUF_INIT;

    strbuf_addc(&b, '^');
    add_class(&b, is_of_scheme);
    strbuf_adds(&b, "+://[^\\u0000-\\u0020\\u007f]+$");
    return taken(&b);
}

char *deploy_any_case(const char *words)
{
    struct strbuf b = STRBUF_INIT;

    strbuf_adds(&b, "^(?:");
    for (; *words != '\0'; words++) {
        char low = (char)(*words | 0x20);
        if (low >= 'a' && low <= 'z') {
            strbuf_addf(&b, "[%c%c]", low & ~0x20, low);
        } else {
            strbuf_addc(&b, *words);
        }
    }
    strbuf_adds(&b, ")$");
    return strbuf_take(&b);
}
