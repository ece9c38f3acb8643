/* DynamoDB's expressions: their tokens, and what the parsers of all kinds of expressions share. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "expr_parts.h"

/* ---- tokens ----------------------------------------------------------------------------- */

static size_t word_len(const char *s)
{
    size_t n = 0;

    while (isalnum((unsigned char)s[n]) || s[n] == '_') {
        n++;
    }
    return n;
}

static struct ddb_expr_token next_token(const char *s)
{
    static const char *const symbols[] = {"<>", "<=", ">=", "=", "<", ">", "(",
                                          ")",  "[",  "]",  ".", ",", "+", "-"};
    struct ddb_expr_token t = {.kind = TOKEN_BAD, .at = s, .len = 1};

    if (*s == '\0') {
        t.kind = TOKEN_END;
        t.len = 0;
    } else if (*s == '#' || *s == ':') {
        t.len = 1 + word_len(s + 1);
        t.kind = t.len == 1 ? TOKEN_BAD : *s == '#' ? TOKEN_NAME : TOKEN_VALUE;
    } else if (isdigit((unsigned char)*s)) {
        t.len = word_len(s);
        t.kind = strspn(s, "0123456789") == t.len ? TOKEN_NUMBER : TOKEN_BAD;
    } else if (isalpha((unsigned char)*s)) {
        t.len = word_len(s);
        t.kind = TOKEN_WORD;
    } else {
        for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
            if (strncmp(s, symbols[i], strlen(symbols[i])) == 0) {
                t.kind = TOKEN_SYMBOL;
                t.len = strlen(symbols[i]);
                break;
            }
        }
    }
    return t;
}

/* Cuts the text into tokens, the last one of kind TOKEN_END. They lie in the arena. */
static struct ddb_expr_token *ddb_expr_lex(struct ddb_expr_env *env, const char *text, size_t *len)
{
    /* No token is shorter than one byte, so this is room for all tokens and the end. */
    struct ddb_expr_token *tokens = ddb_expr_alloc(env, (strlen(text) + 1) * sizeof *tokens);
    const char *s = text;

    *len = 0;
    do {
        s += strspn(s, " \t\r\n");
        tokens[*len] = next_token(s);
        s += tokens[*len].len;
    } while (tokens[(*len)++].kind != TOKEN_END);
    return tokens;
}

/* ---- parser basics ---------------------------------------------------------------------- */

bool ddb_expr_begin(struct ddb_expr_parser *p, struct ddb_expr_env *env, const char *text,
                    const char *what, struct err *e)
{
    size_t size = strlen(text);

    *p = (struct ddb_expr_parser){.env = env, .what = what, .e = e};
    if (strspn(text, " \t\r\n") == size) {
        (void)ddb_expr_fail(p, "The expression can not be empty;");
    } else if (size > EXPR_TEXT_MAX) {
        (void)ddb_expr_fail(
            p,
            "Expression size has exceeded the maximum allowed size; expression size: "
            "%zu",
            size);
    } else {
        p->tokens = ddb_expr_lex(env, text, &p->len);
    }
    return !p->failed;
}

void *ddb_expr_fail(struct ddb_expr_parser *p, const char *fmt, ...)
{
    char text[320];
    va_list args;

    if (!p->failed) {
        va_start(args, fmt);
        (void)vsnprintf(text, sizeof text, fmt, args);
        va_end(args);
        (void)err_set(p->e, E_INVALID, "Invalid %s: %s", p->what, text);
        p->failed = true;
    }
    return NULL;
}

void *ddb_expr_fail_syntax(struct ddb_expr_parser *p)
{
    const struct ddb_expr_token *t = ddb_expr_peek(p);
    const struct ddb_expr_token *from = p->at > 0 ? t - 1 : t;
    const struct ddb_expr_token *to = t->kind == TOKEN_END ? t : t + 1;
    int near = (int)(to->at + to->len - from->at);

    return ddb_expr_fail(p, "Syntax error; token: \"%.*s\", near: \"%.*s\"",
                         t->kind == TOKEN_END ? 5 : (int)t->len,
                         t->kind == TOKEN_END ? "<EOF>" : t->at, near > 100 ? 100 : near, from->at);
}

const struct ddb_expr_token *ddb_expr_peek(const struct ddb_expr_parser *p)
{
    return &p->tokens[p->at];
}

bool ddb_expr_is_symbol(const struct ddb_expr_parser *p, const char *symbol)
{
    const struct ddb_expr_token *t = ddb_expr_peek(p);

    return t->kind == TOKEN_SYMBOL && strlen(symbol) == t->len &&
           strncmp(t->at, symbol, t->len) == 0;
}

bool ddb_expr_is_word(const struct ddb_expr_parser *p, const char *word)
{
    const struct ddb_expr_token *t = ddb_expr_peek(p);

    return t->kind == TOKEN_WORD && strlen(word) == t->len && strncasecmp(t->at, word, t->len) == 0;
}

bool ddb_expr_take_symbol(struct ddb_expr_parser *p, const char *symbol)
{
    bool there = !p->failed && ddb_expr_is_symbol(p, symbol);

    p->at += there;
    return there;
}

bool ddb_expr_take_word(struct ddb_expr_parser *p, const char *word)
{
    bool there = !p->failed && ddb_expr_is_word(p, word);

    p->at += there;
    return there;
}

bool ddb_expr_want_symbol(struct ddb_expr_parser *p, const char *symbol)
{
    bool there = ddb_expr_take_symbol(p, symbol);

    if (!there && !p->failed) {
        (void)ddb_expr_fail_syntax(p);
    }
    return there;
}

bool ddb_expr_count_operator(struct ddb_expr_parser *p)
{
    if (++p->operators > EXPR_OPERATORS_MAX) {
        (void)ddb_expr_fail(
            p, "The expression contains too many operators; the maximum is %d operators",
            EXPR_OPERATORS_MAX);
    }
    return !p->failed;
}

bool ddb_expr_enter(struct ddb_expr_parser *p)
{
    if (++p->depth > EXPR_DEPTH_MAX) {
        (void)ddb_expr_fail(p, "The expression is nested too deeply; the limit is %d levels",
                            EXPR_DEPTH_MAX);
    }
    return !p->failed;
}

void ddb_expr_leave(struct ddb_expr_parser *p)
{
    p->depth--;
}

void ddb_expr_want_end(struct ddb_expr_parser *p)
{
    if (!p->failed && ddb_expr_peek(p)->kind != TOKEN_END) {
        (void)ddb_expr_fail_syntax(p);
    }
}

char *ddb_expr_copy_token(struct ddb_expr_parser *p, const struct ddb_expr_token *t)
{
    char *s = ddb_expr_alloc(p->env, t->len + 1);

    memcpy(s, t->at, t->len);
    return s;
}

struct ddb_expr_node *ddb_expr_new_node(struct ddb_expr_parser *p, enum ddb_expr_op op,
                                        struct ddb_expr_node *const *args, size_t args_len)
{
    if (p->failed) {
        return NULL;
    }
    struct ddb_expr_node *n = ddb_expr_alloc(p->env, sizeof *n);
    n->op = op;
    n->args_len = args_len;
    if (args_len > 0) {
        n->args = ddb_expr_alloc(p->env, args_len * sizeof(void *));
        memcpy(n->args, args, args_len * sizeof(void *));
    }
    return n;
}

struct ddb_expr_node *ddb_expr_read_value(struct ddb_expr_parser *p)
{
    char *placeholder = ddb_expr_copy_token(p, ddb_expr_peek(p));
    const cJSON *v = ddb_expr_env_value(p->env, placeholder);

    if (v == NULL) {
        return ddb_expr_fail(p,
                             "An expression attribute value used in expression is not defined; "
                             "attribute value: %s",
                             placeholder);
    }
    p->at++;
    struct ddb_expr_node *n = ddb_expr_new_node(p, EXPR_VALUE, NULL, 0);
    if (n != NULL) {
        n->value = v;
        n->placeholder = placeholder;
    }
    return n;
}
