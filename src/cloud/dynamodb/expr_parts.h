/* expr_parts.h - what the expression files share: the arena, the tokens, the parser's state. Not
 * for use outside src/cloud/dynamodb/expr*.c and their tests. */
#ifndef CLOUD_DYNAMODB_EXPR_PARTS_H
#define CLOUD_DYNAMODB_EXPR_PARTS_H

#include "expr.h"

/* zeroed memory that lives as long as env */
void *ddb_expr_alloc(struct ddb_expr_env *env, size_t size);

/* Marks the placeholder as used and returns what it stands for; NULL when it is not defined. */
const char *ddb_expr_env_name(struct ddb_expr_env *env, const char *placeholder);
const cJSON *ddb_expr_env_value(struct ddb_expr_env *env, const char *placeholder);

enum ddb_expr_token_kind {
    TOKEN_END,
    TOKEN_WORD,   /* an attribute, keyword or function */
    TOKEN_NAME,   /* #placeholder */
    TOKEN_VALUE,  /* :placeholder */
    TOKEN_NUMBER, /* a list index */
    TOKEN_SYMBOL, /* ( ) [ ] . , + - = <> < <= > >= */
    TOKEN_BAD
};

struct ddb_expr_token {
    enum ddb_expr_token_kind kind;
    const char *at; /* the token's place in the expression's text */
    size_t len;
};

/* The state of a parser. After its first error a parser does nothing more: every function returns
 * at once. */
struct ddb_expr_parser {
    struct ddb_expr_env *env;
    const char *what;
    const struct ddb_expr_token *tokens;
    size_t len;
    size_t at;
    size_t operators;
    size_t depth;
    const struct ddb_expr_node *group; /* the node of the parentheses that closed last */
    bool failed;
    struct err *e;
};

/* Sets up `p` for a text; false when it is empty or too long. */
bool ddb_expr_begin(struct ddb_expr_parser *p, struct ddb_expr_env *env, const char *text,
                    const char *what, struct err *e);
/* Fails with "Invalid <what>: <sentence>"; returns NULL so that failing is one statement. The first
 * error is kept. */
void *ddb_expr_fail(struct ddb_expr_parser *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
void *ddb_expr_fail_syntax(struct ddb_expr_parser *p); /* fails at the current token */

const struct ddb_expr_token *ddb_expr_peek(const struct ddb_expr_parser *p);
bool ddb_expr_is_symbol(const struct ddb_expr_parser *p, const char *symbol);
bool ddb_expr_is_word(const struct ddb_expr_parser *p, const char *word); /* in any letter case */
bool ddb_expr_take_symbol(struct ddb_expr_parser *p, const char *symbol);
bool ddb_expr_take_word(struct ddb_expr_parser *p, const char *word);
bool ddb_expr_want_symbol(struct ddb_expr_parser *p,
                          const char *symbol); /* a syntax error when the symbol is not there */
bool ddb_expr_count_operator(struct ddb_expr_parser *p);
bool ddb_expr_enter(struct ddb_expr_parser *p); /* goes one level deeper; false beyond the limit */
void ddb_expr_leave(struct ddb_expr_parser *p);
void ddb_expr_want_end(struct ddb_expr_parser *p);

char *ddb_expr_copy_token(struct ddb_expr_parser *p,
                          const struct ddb_expr_token *t); /* a copy in the arena */
bool ddb_expr_read_path(struct ddb_expr_parser *p, struct ddb_expr_path *out);
struct ddb_expr_node *ddb_expr_read_value(struct ddb_expr_parser *p);
struct ddb_expr_node *ddb_expr_new_node(struct ddb_expr_parser *p, enum ddb_expr_op op,
                                        struct ddb_expr_node *const *args, size_t args_len);
/* A function that conditions or updates may call. */
struct ddb_expr_function {
    const char *name;
    enum ddb_expr_op op;
    size_t args;
    bool path_first; /* the first operand must be a document path */
    bool in_update;  /* for updates; false: for conditions */
};
/* The function that the token names; NULL after a failure, when there is no such function. */
const struct ddb_expr_function *ddb_expr_function(struct ddb_expr_parser *p);
/* Reads the operands of `f`, up to and with ')'. The parser stands at the function's name, whose
 * next token is '('. False after a failure; a wrong number of operands is a failure. */
bool ddb_expr_read_operands(struct ddb_expr_parser *p, const struct ddb_expr_function *f,
                            struct ddb_expr_node *(*operand)(struct ddb_expr_parser *),
                            struct ddb_expr_node *args[2]);
/* False after a failure: the first operand of `f` must be a path, and `first` is none. */
bool ddb_expr_want_path(struct ddb_expr_parser *p, const struct ddb_expr_function *f,
                        const struct ddb_expr_node *first);
/* Fail with AWS's sentences about mistakes that both kinds of expressions may make; they return
 * NULL. */
void *ddb_expr_fail_type(struct ddb_expr_parser *p, enum ddb_expr_op op, const char *type);
void *ddb_expr_fail_misused(struct ddb_expr_parser *p, enum ddb_expr_op op);

bool ddb_expr_path_equal(const struct ddb_expr_path *a, const struct ddb_expr_path *b);
/* Fails with AWS's sentence when two of the paths overlap or conflict. */
bool ddb_expr_check_overlaps(struct ddb_expr_parser *p, const struct ddb_expr_path *const *paths,
                             size_t len);
#endif
