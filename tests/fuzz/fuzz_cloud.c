/* Every operation of the local cloud with any documents: what a request can say must never take the
 * cloud with it, nor be answered with a failure of the cloud's own, nor leave a statement open.
 *
 * The corpus has a valid skeleton for each operation; the mutator below changes the documents as
 * trees, so that most of what it makes gets past the JSON parser. tests/local/test_calls.c plays
 * the corpus in the suite: what is found here goes there, as found_*.txt. */
#include "tests/fuzz/calls.inc"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
                                 uint8_t *out, size_t max, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);

enum { LINE_MAX_BYTES = 16384 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char dir[] = "/tmp/mvpdash-fuzz-cloud.XXXXXX";
    static struct cloud *l;

    l = l == NULL ? calls_cloud(dir) : l;
    calls_play(l, (const char *)data, size);
    return 0;
}

/* ---- mutations -------------------------------------------------------------------------- */

static unsigned random_state;

static unsigned below(unsigned limit)
{
    random_state = random_state * 1664525u + 1013904223u;
    return limit == 0 ? 0 : (random_state >> 8) % limit;
}

/* Values that have been trouble somewhere, for any member. */
static const char *const odd_values[] = {
    "null",
    "true",
    "false",
    "0",
    "1",
    "-1",
    "2",
    "1e400",
    "-0",
    "4294967296",
    "9223372036854775807",
    "1.5",
    "\"\"",
    "\" \"",
    "\"0\"",
    "\"-1\"",
    "\"x\"",
    "\"*\"",
    "\"#a\"",
    "\":a\"",
    "\"NONE\"",
    "\"ALL\"",
    "\"99999999999999999999\"",
    "\"\\ud83d\\ude00\"",
    "\"\\u00e9\"",
    "\"/\"",
    "\".\"",
    "[]",
    "{}",
    "[null]",
    "[[]]",
    "[{}]",
    "[\"\"]",
    "[1,\"a\",null,{}]",
    "{\"\":{}}",
    "{\"a\":null}",
    "{\"S\":\"\"}",
    "{\"S\":\"x\"}",
    "{\"N\":\"1\"}",
    "{\"N\":\"-1E125\"}",
    "{\"N\":\"x\"}",
    "{\"B\":\"\"}",
    "{\"B\":\"AA==\"}",
    "{\"BOOL\":true}",
    "{\"NULL\":true}",
    "{\"NULL\":false}",
    "{\"SS\":[]}",
    "{\"SS\":[\"a\",\"a\"]}",
    "{\"NS\":[\"1\",\"1.0\"]}",
    "{\"L\":[]}",
    "{\"M\":{}}",
    "{\"L\":[{\"M\":{\"a\":{\"L\":[]}}}]}",
    "{\"S\":\"a\",\"N\":\"1\"}",
    "\"a = :a\"",
    "\"SET #a = list_append(#a, :a) REMOVE b[0], b[1] ADD c :a DELETE d :a\"",
    "\"size(a) > size(b) AND NOT (a IN (:a, b) OR a BETWEEN :a AND b)\"",
    "\"a[0].b, c\"",
    ("\"{\\\"a\\\":[{\\\"anything-but\\\":[\\\"\\\"]}],\\\"$or\\\":[{\\\"b\\\":[1]},{\\\"c\\\":["
     "null]}]}\""),
    "\"arn:aws:sqs:us-east-1:000000000000:mvp-development-dlq\"",
};
enum { ODD_VALUES = sizeof odd_values / sizeof *odd_values };

static cJSON *odd_value(void)
{
    const char *text = odd_values[below(ODD_VALUES)];
    cJSON *v = json_parse(text, strlen(text), "odd value", NULL);

    return v == NULL ? cJSON_CreateNull() : v;
}

static unsigned count_nodes(const cJSON *v)
{
    unsigned n = 1;

    for (const cJSON *c = v->child; c != NULL; c = c->next) {
        n += count_nodes(c);
    }
    return n;
}

/* The n-th node below `v` (1 is its first child), with the node that holds it. */
static cJSON *pick(cJSON *v, unsigned *n, cJSON **parent)
{
    for (cJSON *c = v->child; c != NULL; c = c->next) {
        if (--*n == 0) {
            *parent = v;
            return c;
        }
        cJSON *found = pick(c, n, parent);
        if (found != NULL) {
            return found;
        }
    }
    return NULL;
}

static cJSON *any_node(cJSON *root, cJSON **parent)
{
    unsigned nodes = count_nodes(root) - 1, n = below(nodes) + 1;

    return nodes == 0 ? NULL : pick(root, &n, parent);
}

static void rename_node(cJSON *v, const char *name)
{
    char *copy = xstrdup(name);

    if ((v->type & cJSON_StringIsConst) == 0) {
        free(v->string);
    }
    v->type &= ~cJSON_StringIsConst;
    v->string = copy;
}

static void replace(cJSON *parent, cJSON *old, cJSON *value)
{
    if (cJSON_IsObject(parent)) {
        rename_node(value, old->string);
    }
    (void)cJSON_ReplaceItemViaPointer(parent, old, value);
}

/* In an object the name may then be there twice. */
static void add_copy(cJSON *parent, const cJSON *of)
{
    cJSON *copy = json_copy(of);
    char *name = xstrdup(of->string != NULL ? of->string : "a");

    if (cJSON_IsArray(parent)) {
        json_push(parent, copy);
    } else {
        (void)cJSON_AddItemToObject(parent, name, copy);
    }
    free(name);
}

static void change_text(cJSON *v)
{
    char text[256];
    size_t len = strlen(v->valuestring);

    if (len + 1 >= sizeof text) {
        return;
    }
    memcpy(text, v->valuestring, len + 1);
    if (below(4) == 0 && len > 0) { /* "aaaa...": what is too long */
        struct strbuf b = STRBUF_INIT;
        for (unsigned n = below(400); n > 0; n--) {
            strbuf_adds(&b, text);
        }
        json_change_str(v, strbuf_str(&b));
        strbuf_clear(&b);
        return;
    }
    size_t n = LLVMFuzzerMutate((uint8_t *)text, len, sizeof text - 1);
    for (size_t i = 0; i < n; i++) {
        text[i] = (unsigned char)text[i] < 0x20 || (unsigned char)text[i] > 0x7e ? 'a' : text[i];
    }
    text[n] = '\0';
    json_change_str(v, text);
}

static void mutate_tree(cJSON *root)
{
    cJSON *parent = NULL, *other_parent = NULL;
    cJSON *v = any_node(root, &parent), *other = any_node(root, &other_parent);

    if (v == NULL) {
        json_set(root, "a", odd_value());
        return;
    }
    switch (below(8)) {
    case 0:
        cJSON_Delete(cJSON_DetachItemViaPointer(parent, v));
        break;
    case 1:
        add_copy(parent, other);
        break;
    case 2:
        replace(parent, v, json_copy(other));
        break;
    case 3:
        if (cJSON_IsObject(v) || cJSON_IsArray(v)) {
            add_copy(v, other);
        }
        break;
    case 4:
        if (cJSON_IsString(v)) {
            change_text(v);
            break;
        }
        /* fall through */
    default:
        if (cJSON_IsString(v) && below(2) == 0) {
            change_text(v);
        } else {
            replace(parent, v, odd_value());
        }
        break;
    }
}

struct lines {
    char *at[CALLS_MAX];
    size_t len;
};

/* Cuts `text` in place. */
static void cut(char *text, struct lines *out)
{
    char *line;

    out->len = 0;
    while (out->len < CALLS_MAX && (line = strsep(&text, "\n")) != NULL) {
        if (*line != '\0') {
            out->at[out->len++] = line;
        }
    }
}

static size_t join(const struct lines *l, size_t changed, const char *line, uint8_t *out,
                   size_t max)
{
    struct strbuf b = STRBUF_INIT;

    for (size_t i = 0; i < l->len; i++) {
        strbuf_addf(&b, "%s\n", i == changed ? line : l->at[i]);
    }
    size_t n = b.len < max ? b.len : max;
    memcpy(out, strbuf_str(&b), n);
    strbuf_clear(&b);
    return n;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    char *text = xstrndup((const char *)data, size);
    struct lines l;

    random_state = seed;
    cut(text, &l);
    size_t which = l.len == 0 ? 0 : below((unsigned)l.len);
    char *body = l.len == 0 ? NULL : strchr(l.at[which], ' ');
    cJSON *doc = body == NULL ? NULL : json_parse(body + 1, strlen(body + 1), "line", NULL);
    if (doc == NULL || !cJSON_IsObject(doc) || below(20) == 0) {
        cJSON_Delete(doc);
        free(text);
        return LLVMFuzzerMutate(data, size, max);
    }
    for (unsigned n = below(3) + 1; n > 0; n--) {
        mutate_tree(doc);
    }
    char *made = json_text(doc);
    char *line = xasprintf("%.*s %s", (int)(body - l.at[which]), l.at[which], made);
    size = join(&l, which, strlen(line) > LINE_MAX_BYTES ? l.at[which] : line, data, max);
    free(line);
    free(made);
    cJSON_Delete(doc);
    free(text);
    return size;
}

/* Some calls of `a`, then some of `b`. */
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
                                 uint8_t *out, size_t max, unsigned seed)
{
    char *first = xstrndup((const char *)a, a_size), *second = xstrndup((const char *)b, b_size);
    struct lines l, m, both = {.len = 0};

    random_state = seed;
    cut(first, &l);
    cut(second, &m);
    for (size_t i = 0; i < l.len && both.len < CALLS_MAX; i++) {
        if (below(4) != 0) {
            both.at[both.len++] = l.at[i];
        }
    }
    for (size_t i = 0; i < m.len && both.len < CALLS_MAX; i++) {
        if (below(4) != 0) {
            both.at[both.len++] = m.at[i];
        }
    }
    size_t n = join(&both, SIZE_MAX, NULL, out, max);
    free(first);
    free(second);
    return n;
}
