/* deploy_schema.c - what a deploy accepts as JSON Schema, made of what its checks go by. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/text.h"
#include "deploy_parts.h"

/* ---- patterns ---- */

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
    cJSON *v = cJSON_CreateString(strbuf_str(pattern));

    strbuf_clear(pattern);
    return v;
}

static cJSON *id_pattern(void)
{
    struct strbuf b = STRBUF_INIT;

    strbuf_addc(&b, '^');
    add_class(&b, is_of_id);
    strbuf_adds(&b, "+$");
    return taken(&b);
}

/* Printable, and one of them at least no blank. */
static cJSON *text_pattern(void)
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

static cJSON *email_pattern(void)
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

static cJSON *url_pattern(void)
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

/* ---- schemas ---- */

/* A text or null: left out. */
static cJSON *text_schema(bool null, int most, cJSON *pattern, const char *help)
{
    cJSON *v = json_new_object();

    if (null) {
        cJSON *types = json_new_array();
        json_push_str(types, "string");
        json_push_str(types, "null");
        json_set(v, "type", types);
    } else {
        json_set_str(v, "type", "string");
    }
    json_set_int(v, "minLength", 1);
    json_set_int(v, "maxLength", most);
    json_set(v, "pattern", pattern);
    if (help != NULL) {
        json_set_str(v, "description", help);
    }
    return v;
}

static cJSON *number_or_null(const char *type, double least, double most)
{
    cJSON *v = json_new_object();
    cJSON *types = json_new_array();

    json_push_str(types, type);
    json_push_str(types, "null");
    json_set(v, "type", types);
    json_set(v, "minimum", cJSON_CreateNumber(least));
    json_set(v, "maximum", cJSON_CreateNumber(most));
    return v;
}

static cJSON *ref(const char *to)
{
    cJSON *v = json_new_object();

    json_set_str(v, "$ref", to);
    return v;
}

static cJSON *priority_schema(void)
{
    char *pattern = deploy_any_case(deploy_fields[F_PRIORITY].choices);
    cJSON *v = text_schema(true, 6, cJSON_CreateString(pattern),
                           "In any letter case; normal when left out.");
    cJSON *examples = json_new_array();

    free(pattern);
    cJSON_DeleteItemFromObjectCaseSensitive(v, "minLength");
    cJSON_DeleteItemFromObjectCaseSensitive(v, "maxLength");
    json_push_str(examples, "high");
    json_set(v, "examples", examples);
    return v;
}

static cJSON *features_schema(void)
{
    cJSON *v = json_new_object();
    cJSON *types = json_new_array();

    json_push_str(types, "array");
    json_push_str(types, "null");
    json_set(v, "type", types);
    json_set_int(v, "maxItems", RULE_FEATURES_MAX);
    json_set(v, "items", text_schema(false, RULE_FEATURE_MAX, text_pattern(), NULL));
    return v;
}

/* `simulate` is any value, but when it is an object its exit code is one. */
static cJSON *simulate_schema(const char *value)
{
    cJSON *v = ref(value);
    cJSON *members = json_new_object();
    cJSON *code = number_or_null("integer", 0, RULE_EXIT_CODE_MAX);
    cJSON *either = json_new_array();
    cJSON *any = json_new_object();
    cJSON *text = json_new_object();

    json_set_str(text, "type", "string");
    json_set_str(text, "pattern", "^(?:0?[0-9]{1,2}|1[0-9]{2}|2[0-4][0-9]|25[0-5])$");
    json_push(either, code);
    json_push(either, text);
    json_set(any, "anyOf", either);
    json_set(members, "exitCode", any);
    json_set(v, "properties", members);
    json_set_str(v, "description", "What the local pipeline is to do with it.");
    return v;
}

/* Keys as an object of metadata may have them. */
static void set_keys(cJSON *object, const char *value)
{
    cJSON *names = json_new_object();

    json_set_int(names, "minLength", 1);
    json_set_str(names, "pattern", "^[^\\u0000]*$");
    json_set(object, "propertyNames", names);
    json_set_int(object, "maxProperties", RULE_KEYS_MAX);
    json_set(object, "additionalProperties", ref(value));
}

static cJSON *metadata_schema(const char *value)
{
    cJSON *v = json_new_object();
    cJSON *m = json_new_object();
    char *help = xasprintf("Further keys go out as they came. At most %d levels deep, this one "
                           "counted; the whole deploy at most %d bytes as the event's detail.",
                           RULE_DEPTH_MAX, RULE_DETAIL_MAX - RULE_ENTRY_OVERHEAD);
    cJSON *email = text_schema(true, RULE_EMAIL_MAX, email_pattern(), deploy_fields[F_EMAIL].help);
    cJSON *seconds = number_or_null("integer", RULE_DURATION_MIN_S, RULE_DURATION_MAX_S);

    json_set_str(email, "format", "idn-email");
    json_set_str(seconds, "description", "Seconds.");
    json_set_str(v, "type", "object");
    json_set_str(v, "description", help);
    free(help);
    json_set(m, "businessName", text_schema(true, RULE_NAME_MAX, text_pattern(), NULL));
    json_set(m, "estimatedDuration", seconds);
    json_set(m, "features", features_schema());
    json_set(m, "userEmail", email);
    json_set(m, "retryOf",
             text_schema(true, RULE_RECORDED_ID_MAX, text_pattern(), "The job that this repeats."));
    json_set(m, "simulate", simulate_schema(value));
    json_set(v, "properties", m);
    set_keys(v, value);
    return v;
}

cJSON *deploy_schema(const char *value)
{
    cJSON *v = json_new_object();
    cJSON *m = json_new_object();
    cJSON *required = json_new_array();
    cJSON *url =
        text_schema(true, RULE_URL_MAX, url_pattern(), "Kept secret: never shown, never logged.");

    json_set_str(v, "type", "object");
    json_set_str(v, "description",
                 "What to build, and for whom. No key may stand twice in an object. null is the "
                 "same as left out, where it is allowed. Lengths count characters.");
    json_set(m, "userId",
             text_schema(false, RULE_ID_MAX, id_pattern(), deploy_fields[F_USER_ID].help));
    json_set(m, "productId",
             text_schema(false, RULE_ID_MAX, id_pattern(), deploy_fields[F_PRODUCT_ID].help));
    json_set(m, "priority", priority_schema());
    json_set_bool(url, "writeOnly", true);
    json_set(m, "founderdashDbUrl", url);
    json_set(m, "metadata", metadata_schema(value));
    json_set(v, "properties", m);
    for (size_t i = 0; i < F_COUNT; i++) {
        if (deploy_fields[i].required) {
            json_push_str(required, deploy_fields[i].name);
        }
    }
    json_set(v, "required", required);
    json_set_bool(v, "additionalProperties", false);
    return v;
}

static cJSON *typed(const char *type)
{
    cJSON *v = json_new_object();

    json_set_str(v, "type", type);
    return v;
}

/* DynamoDB's range on both sides of zero. */
static cJSON *sides_schema(void)
{
    cJSON *v = json_new_object();
    cJSON *sides = json_new_array();
    cJSON *zero = json_new_object();
    cJSON *above = json_new_object();
    cJSON *below = json_new_object();

    json_set_int(zero, "const", 0);
    json_set(above, "minimum", cJSON_CreateNumber(RULE_NUMBER_LEAST));
    json_set(below, "maximum", cJSON_CreateNumber(-RULE_NUMBER_LEAST));
    json_push(sides, zero);
    json_push(sides, above);
    json_push(sides, below);
    json_set(v, "anyOf", sides);
    return v;
}

/* One schema without a type: each keyword counts for the values of its kind alone. Programs that
 * make clients read it as "anything"; of a choice of types that holds lists of itself some make
 * nothing at all, and leave out each route that has it. */
cJSON *deploy_value_schema(const char *value)
{
    cJSON *v = json_new_object();

    json_set_str(v, "description",
                 "Any JSON value that EventBridge and DynamoDB both take. A number has at most 38 "
                 "significant digits.");
    json_set(v, "minimum", cJSON_CreateNumber(-RULE_NUMBER_MAX));
    json_set(v, "maximum", cJSON_CreateNumber(RULE_NUMBER_MAX));
    json_set(v, "if", typed("number"));
    json_set(v, "then", sides_schema());
    json_set_str(v, "pattern", "^[^\\u0000]*$");
    json_set_int(v, "maxItems", RULE_KEYS_MAX);
    json_set(v, "items", ref(value));
    set_keys(v, value);
    return v;
}
