/* expr_parts.h - what the expression files share: the arena, the tokens, the parser's state. Not
 * for use outside src/local/expr*.c and their tests. */
#ifndef LOCAL_EXPR_PARTS_H
#define LOCAL_EXPR_PARTS_H

#include "local/expr.h"

void *expr_alloc(struct expr_env *env, size_t size); /* zeroed; lives as long as env */

/* Marks the placeholder as used and gives what it stands for; NULL when it is not defined. */
const char *expr_env_name(struct expr_env *env, const char *placeholder);
const cJSON *expr_env_value(struct expr_env *env, const char *placeholder);

enum expr_token_kind {
    TOKEN_END,
    TOKEN_WORD,   /* attribute, keyword or function */
    TOKEN_NAME,   /* #placeholder */
    TOKEN_VALUE,  /* :placeholder */
    TOKEN_NUMBER, /* a list index */
    TOKEN_SYMBOL, /* ( ) [ ] . , + - = <> < <= > >= */
    TOKEN_BAD
};

struct expr_token {
    enum expr_token_kind kind;
    const char *at; /* into the expression's text */
    size_t len;
};

/* Cuts the text into tokens, the last of kind TOKEN_END. In the arena. */
struct expr_token *expr_lex(struct expr_env *env, const char *text, size_t *len);

/* A parser that is past its first error does nothing more: every function returns at once. */
struct expr_parser {
    struct expr_env *env;
    const char *what;
    const struct expr_token *tokens;
    size_t len;
    size_t at;
    size_t operators;
    size_t depth;
    const struct expr_node *group; /* the node of the last closed parentheses */
    bool failed;
    struct err *e;
};

/* Sets up `p` for a text; false when it is empty or too long. */
bool expr_begin(struct expr_parser *p, struct expr_env *env, const char *text, const char *what,
                struct err *e);
/* "Invalid <what>: <sentence>"; returns NULL so that failing is one statement. Keeps the first. */
void *expr_fail(struct expr_parser *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
void *expr_fail_syntax(struct expr_parser *p); /* at the current token */

const struct expr_token *expr_peek(const struct expr_parser *p);
bool expr_is_symbol(const struct expr_parser *p, const char *symbol);
bool expr_is_word(const struct expr_parser *p, const char *word); /* any case */
bool expr_take_symbol(struct expr_parser *p, const char *symbol);
bool expr_take_word(struct expr_parser *p, const char *word);
bool expr_want_symbol(struct expr_parser *p, const char *symbol); /* a syntax error if not there */
bool expr_count_operator(struct expr_parser *p);
bool expr_enter(struct expr_parser *p); /* one level deeper; false over the limit */
void expr_leave(struct expr_parser *p);
void expr_want_end(struct expr_parser *p);

char *expr_copy_token(struct expr_parser *p, const struct expr_token *t); /* in the arena */
bool expr_read_path(struct expr_parser *p, struct expr_path *out);
struct expr_node *expr_read_value(struct expr_parser *p);
struct expr_node *expr_new_node(struct expr_parser *p, enum expr_op op,
                                struct expr_node *const *args, size_t args_len);
/* Whether two paths are the same, or one leads through the other. */
bool expr_paths_overlap(const struct expr_path *a, const struct expr_path *b);
bool expr_path_equal(const struct expr_path *a, const struct expr_path *b);
/* Fails with AWS's sentence when any two of the paths overlap or conflict. */
bool expr_check_overlaps(struct expr_parser *p, const struct expr_path *const *paths, size_t len);
#endif
