/* The regular expressions of CloudWatch Logs filter patterns.
 *
 * DESIGN: There are no groups, so an expression is a list of alternatives, and an alternative is a
 * row of nodes: each takes one character of a set, once, at most once, or any number of times;
 * a{2,3} becomes a a a?. A match walks through the text once with the set of places in the row that
 * can be reached: no expression makes it slow. */
#include "logregex.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

enum { NODES_MAX = 500, REPEAT_MAX = 255, HIGH = 128, SET_SIZE = 129 };

enum node_times { ONCE, AT_MOST_ONCE, ANY_TIMES };

struct node {
    enum node_times times;
    bool set[SET_SIZE]; /* by ASCII character; [HIGH]: characters beyond ASCII */
};

struct alternative {
    size_t first, len; /* its nodes */
    bool at_start, at_end;
};

struct cloud_logs_regex {
    struct node *nodes; /* owned */
    size_t len, cap;
    struct alternative *alternatives; /* owned */
    size_t alternatives_len, alternatives_cap;
};

void cloud_logs_regex_free(struct cloud_logs_regex *r)
{
    if (r != NULL) {
        free(r->nodes);
        free(r->alternatives);
        free(r);
    }
}

/* ---- reading ---- */

struct reading {
    const char *at, *end;
    struct cloud_logs_regex *r;
    struct err *e;
    bool failed;
};

static bool refuse(struct reading *in, const char *why)
{
    if (!in->failed) {
        in->failed = true;
        (void)err_set(in->e, E_INVALID, "Invalid filter pattern: %s", why);
    }
    return false;
}

static bool refuse_character(struct reading *in)
{
    if (!in->failed) {
        in->failed = true;
        (void)err_set(in->e, E_INVALID, "Invalid character(s) in term '%.*s'",
                      (int)(in->end - in->at), in->at);
    }
    return false;
}

static bool more(const struct reading *in)
{
    return in->at < in->end;
}

/* In some locales bytes beyond ASCII are letters, too: a set has no place for them. */
static bool is_literal(char c)
{
    return (unsigned char)c < HIGH &&
           (isalnum((unsigned char)c) || (c != '\0' && strchr(":_#=@/;,-", c) != NULL));
}

/* Adds the characters of a class letter ("d"); false when it is none. */
static bool add_class(bool set[SET_SIZE], char letter)
{
    bool negated = isupper((unsigned char)letter) != 0;

    if (strchr("dDsSwW", letter) == NULL) {
        return false;
    }
    for (int c = 0; c < SET_SIZE; c++) {
        bool in = false;
        switch (tolower((unsigned char)letter)) {
        case 'd':
            in = c < HIGH && isdigit(c);
            break;
        case 's':
            in = c < HIGH && isspace(c);
            break;
        default:
            in = c < HIGH && (isalnum(c) || c == '_');
            break;
        }
        set[c] = set[c] || in != negated;
    }
    return true;
}

static int hex(char c)
{
    return isdigit((unsigned char)c)    ? c - '0'
           : isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10
                                        : -1;
}

/* Reads what follows a backslash into `set`; a single character is in `*single` too, else -1. */
static bool read_escape(struct reading *in, bool set[SET_SIZE], int *single)
{
    *single = -1;
    if (!more(in)) {
        return refuse(in, "a backslash at the end of a regular expression");
    }
    char c = *in->at++;
    if (c == 'x') {
        int high = in->end - in->at >= 2 ? hex(in->at[0]) : -1;
        int low = high >= 0 ? hex(in->at[1]) : -1;
        if (low < 0 || high > 7) {
            return refuse(in, "\\x needs two hexadecimal digits of an ASCII character");
        }
        in->at += 2;
        *single = high * 16 + low;
        set[*single] = true;
        return true;
    }
    if (c != '\0' && add_class(set, c)) {
        return true;
    }
    if (isalnum((unsigned char)c) || (unsigned char)c >= HIGH || c == '\0') {
        return refuse(in, "an escape that regular expressions do not have");
    }
    *single = (unsigned char)c;
    set[*single] = true;
    return true;
}

/* Reads one member of a bracket. */
static bool read_member(struct reading *in, bool set[SET_SIZE], int *single)
{
    if (*in->at == '\\') {
        in->at++;
        return read_escape(in, set, single);
    }
    if (!is_literal(*in->at) && strchr("^$?{}|*+.", *in->at) == NULL) {
        return refuse_character(in);
    }
    *single = (unsigned char)*in->at++;
    set[*single] = true;
    return true;
}

static bool read_bracket(struct reading *in, bool set[SET_SIZE])
{
    bool negated = more(in) && *in->at == '^';
    bool any = false;

    in->at += negated;
    while (more(in) && *in->at != ']') {
        int from = -1;
        int to = -1;
        any = true;
        if (!read_member(in, set, &from)) {
            return false;
        }
        if (from < 0 || in->end - in->at < 2 || in->at[0] != '-' || in->at[1] == ']') {
            continue;
        }
        in->at++;
        if (!read_member(in, set, &to)) {
            return false;
        }
        if (to < from) {
            return refuse(in, "a range in brackets that ends before it begins");
        }
        for (int c = from; c <= to; c++) {
            set[c] = true;
        }
    }
    if (!more(in) || !any) {
        return refuse(in, "brackets of a regular expression that are empty or not closed");
    }
    in->at++;
    for (int c = 0; negated && c < SET_SIZE; c++) {
        set[c] = !set[c];
    }
    return true;
}

static bool read_atom(struct reading *in, bool set[SET_SIZE])
{
    int single = -1;
    char c = *in->at;

    if (c == '[' || c == '\\') {
        in->at++;
        return c == '[' ? read_bracket(in, set) : read_escape(in, set, &single);
    }
    if (c == '.') {
        in->at++;
        memset(set, true, SET_SIZE * sizeof *set);
        return true;
    }
    if (!is_literal(c)) {
        return c != '\0' && strchr("?*+{", c) != NULL
                   ? refuse(in, "nothing stands before a ?, *, + or {")
                   : refuse_character(in);
    }
    in->at++;
    set[(unsigned char)c] = true;
    return true;
}

/* Reads a number of a repetition; -1 when there is none. */
static int read_number(struct reading *in)
{
    int n = -1;

    while (more(in) && isdigit((unsigned char)*in->at)) {
        n = (n < 0 ? 0 : n) * 10 + (*in->at++ - '0');
        if (n > REPEAT_MAX) {
            (void)refuse(in, "a repetition of over 255");
            return -1;
        }
    }
    return n;
}

/* Reads {m}, {m,} or {m,n} after the brace; `*most` -1: any number. */
static bool read_braces(struct reading *in, int *least, int *most)
{
    *least = read_number(in);
    *most = *least;
    if (more(in) && *in->at == ',') {
        in->at++;
        *most = read_number(in);
    }
    if (!more(in) || *in->at != '}' || *least < 0 || (*most >= 0 && *most < *least)) {
        return refuse(in, "braces of a regular expression that hold no {m}, {m,} or {m,n}");
    }
    in->at++;
    return true;
}

static bool read_times(struct reading *in, int *least, int *most)
{
    char c = more(in) ? *in->at : 'x';

    *least = c == '?' || c == '*' ? 0 : 1;
    *most = c == '*' || c == '+' ? -1 : 1;
    if (c == '{') {
        in->at++;
        return read_braces(in, least, most);
    }
    in->at += c == '?' || c == '*' || c == '+';
    return true;
}

static bool add_node(struct reading *in, const bool set[SET_SIZE], enum node_times times)
{
    struct cloud_logs_regex *r = in->r;

    if (r->len == NODES_MAX) {
        return refuse(in, "a regular expression that is too long with its repetitions");
    }
    r->nodes = xgrow(r->nodes, r->len, &r->cap, sizeof *r->nodes);
    r->nodes[r->len].times = times;
    memcpy(r->nodes[r->len].set, set, sizeof r->nodes->set);
    r->len++;
    return true;
}

static bool read_piece(struct reading *in)
{
    bool set[SET_SIZE] = {false};
    int least = 1;
    int most = 1;

    if (!read_atom(in, set) || !read_times(in, &least, &most)) {
        return false;
    }
    for (int i = 0; i < least; i++) {
        if (!add_node(in, set, ONCE)) {
            return false;
        }
    }
    for (int i = least; i < most; i++) {
        if (!add_node(in, set, AT_MOST_ONCE)) {
            return false;
        }
    }
    return most >= 0 || add_node(in, set, ANY_TIMES);
}

static bool read_alternative(struct reading *in)
{
    struct cloud_logs_regex *r = in->r;
    struct alternative a = {.first = r->len};

    a.at_start = more(in) && *in->at == '^';
    in->at += a.at_start;
    while (more(in) && *in->at != '|' && *in->at != '$') {
        if (!read_piece(in)) {
            return false;
        }
    }
    a.at_end = more(in) && *in->at == '$';
    in->at += a.at_end;
    if (more(in) && *in->at != '|') {
        return refuse(in, "a $ that is not at the end of a regular expression");
    }
    a.len = r->len - a.first;
    if (a.len == 0) {
        return refuse(in, "an empty regular expression");
    }
    r->alternatives =
        xgrow(r->alternatives, r->alternatives_len, &r->alternatives_cap, sizeof *r->alternatives);
    r->alternatives[r->alternatives_len++] = a;
    return true;
}

struct cloud_logs_regex *cloud_logs_regex_new(const char *text, size_t len, struct err *e)
{
    struct cloud_logs_regex *r = xcalloc(1, sizeof *r);
    struct reading in = {.at = text, .end = text + len, .r = r, .e = e};
    bool go_on = true;

    while (go_on) {
        if (!read_alternative(&in)) {
            cloud_logs_regex_free(r);
            return NULL;
        }
        go_on = more(&in);
        in.at += go_on; /* the | between two alternatives */
    }
    return r;
}

/* ---- matching ---- */

/* Adds the places that are reached without a character. */
static void pass_over(const struct node *nodes, size_t len, bool *places)
{
    for (size_t i = 0; i < len; i++) {
        places[i + 1] = places[i + 1] || (places[i] && nodes[i].times != ONCE);
    }
}

static bool match_alternative(const struct cloud_logs_regex *r, const struct alternative *a,
                              const char *text)
{
    bool places[NODES_MAX + 1] = {true};
    const struct node *nodes = r->nodes + a->first;

    pass_over(nodes, a->len, places);
    for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
        if ((*p & 0xC0U) == 0x80U) {
            continue; /* inside a character beyond ASCII */
        }
        if (places[a->len] && !a->at_end) {
            return true;
        }
        size_t c = *p < HIGH ? *p : HIGH;
        /* From the last place to the first, so that a place reached now is not looked at again. */
        for (size_t i = a->len + 1; i-- > 0;) {
            bool stays = i < a->len && nodes[i].times == ANY_TIMES && places[i] && nodes[i].set[c];
            bool comes =
                i > 0 && nodes[i - 1].times != ANY_TIMES && places[i - 1] && nodes[i - 1].set[c];
            places[i] = stays || comes;
        }
        places[0] = places[0] || !a->at_start;
        pass_over(nodes, a->len, places);
    }
    return places[a->len];
}

bool cloud_logs_regex_match(const struct cloud_logs_regex *r, const char *text)
{
    for (size_t i = 0; i < r->alternatives_len; i++) {
        if (match_alternative(r, &r->alternatives[i], text)) {
            return true;
        }
    }
    return false;
}
