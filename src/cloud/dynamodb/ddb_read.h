/* ddb_read.h - a Query or Scan, from its parameters (ddb_read.c) to its page
 * (op_query.c). Under the cloud's lock. */
#ifndef CLOUD_DYNAMODB_DDB_READ_H
#define CLOUD_DYNAMODB_DDB_READ_H

#include "ddb.h"
#include "expr.h"

enum ddb_select { SELECT_ALL, SELECT_PROJECTED, SELECT_SPECIFIC, SELECT_COUNT };

/* A Query or Scan, from its parameters to its page. */
struct ddb_read_call {
    struct cloud *cloud;
    const cJSON *in;
    struct cloud_reply *r;
    const struct ddb_table *t;
    const struct ddb_index *x;
    bool query;
    struct ddb_expr_env *env;
    const struct ddb_expr_node *filter; /* NULL: there is no filter */
    const struct ddb_expr_node *keys;   /* Query: the key condition */
    struct ddb_expr_projection projection;
    char **quoted; /* for projections of top-level names: the names as JSON strings; owned */
    enum ddb_select select;
    int64_t limit; /* 0: there is no limit */
    bool consistent;
    bool backward;
    const char *capacity;
    /* the range */
    uint32_t first_bucket, last_bucket;
    struct strbuf hash;      /* Query: the partition key */
    struct strbuf low, high; /* Query: the range of sort keys, low <= key < high */
    bool has_start;
    struct ddb_pos start;
    /* the page */
    struct strbuf items; /* "{...},{...}" */
    int64_t count, scanned;
    size_t bytes;
    cJSON *last; /* LastEvaluatedKey; owned */
};

/* Reads all parameters into `c`, whose cloud, in, r and query are set. False with `r` failed; clear
 * `c` in any case. */
bool ddb_read_params(struct ddb_read_call *c);
void ddb_read_clear(struct ddb_read_call *c);
/* Is this a Query on a table without a sort key? Then a partition is one item, and there is no page
 * after it. */
bool ddb_read_one_item(const struct ddb_read_call *c);
#endif
