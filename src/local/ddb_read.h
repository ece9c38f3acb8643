/* ddb_read.h - a Query or Scan, from its parameters (ddb_read.c) to its page
 * (svc_dynamodb_query.c). Under the cloud's lock. */
#ifndef LOCAL_DDB_READ_H
#define LOCAL_DDB_READ_H

#include "local/ddb.h"
#include "local/expr.h"

enum select_kind { SELECT_ALL, SELECT_PROJECTED, SELECT_SPECIFIC, SELECT_COUNT };

/* A Query or Scan, from its parameters to its page. */
struct read_call {
    struct local *l;
    const cJSON *in;
    struct local_reply *r;
    const struct ddb_table *t;
    const struct ddb_index *x;
    bool query;
    struct expr_env *env;
    const struct expr_node *filter; /* NULL: none */
    struct expr_projection projection;
    char **quoted; /* of top-level projections: the names as JSON strings; owned */
    enum select_kind select;
    int64_t limit; /* 0: none */
    bool consistent;
    bool backward;
    const char *capacity;
    /* the range */
    uint32_t first_bucket, last_bucket;
    struct strbuf hash;      /* Query: the partition key */
    struct strbuf low, high; /* Query: sort keys, low <= key < high */
    bool has_start;
    struct ddb_pos start;
    /* the page */
    struct strbuf items; /* "{...},{...}" */
    int64_t count, scanned;
    size_t bytes;
    cJSON *last; /* LastEvaluatedKey; owned */
};

/* Reads all parameters into `c`, whose l, in, r and query are set. False with `r` failed; clear it
 * in any case. */
bool ddb_read_params(struct read_call *c);
void ddb_read_clear(struct read_call *c);
#endif
