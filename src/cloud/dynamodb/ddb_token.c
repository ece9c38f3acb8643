/* DynamoDB of the local cloud: the tokens of transactions. A token is kept with the digest of its
 * request; the order of an object's members does not matter to it. */
#include "ddb_token.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/sha256.h"

static int by_name(const void *a, const void *b)
{
    const cJSON *const *left = a, *const *right = b;

    return strcmp((*left)->string, (*right)->string);
}

static void sort_members(cJSON *v)
{
    size_t n = (size_t)cJSON_GetArraySize(v);

    for (cJSON *inside = v->child; inside != NULL; inside = inside->next) {
        sort_members(inside);
    }
    if (!cJSON_IsObject(v) || n < 2) {
        return;
    }
    cJSON **members = xcalloc(n, sizeof(cJSON *));
    for (size_t i = 0; i < n; i++) {
        members[i] = cJSON_DetachItemViaPointer(v, v->child);
    }
    qsort(members, n, sizeof *members, by_name);
    for (size_t i = 0; i < n; i++) {
        cJSON_AddItemToArray(v, members[i]); /* keeps the name */
    }
    free(members);
}

static void digest_of(const cJSON *in, unsigned char out[SHA256_SIZE])
{
    cJSON *sorted = json_copy(in);

    sort_members(sorted);
    char *text = json_text(sorted);
    sha256(text, strlen(text), out);
    free(text);
    cJSON_Delete(sorted);
}

bool ddb_token_find(struct cloud *cloud, const char *token, const cJSON *in, bool *done,
                    struct cloud_reply *r)
{
    unsigned char digest[SHA256_SIZE];
    sqlite3_stmt *q = cloud_stmt(cloud, "DELETE FROM ddb_token WHERE done_ms<=?1");

    *done = false;
    (void)sqlite3_bind_int64(q, 1, cloud_now(cloud) - DDB_TOKEN_MS);
    if (!cloud_step_done(cloud, q, r)) {
        return false;
    }
    digest_of(in, digest);
    q = cloud_stmt(cloud, "SELECT request FROM ddb_token WHERE token=?1");
    (void)sqlite3_bind_text(q, 1, token, -1, SQLITE_STATIC);
    bool found = sqlite3_step(q) == SQLITE_ROW;
    *done = found && sqlite3_column_bytes(q, 0) == SHA256_SIZE &&
            memcmp(sqlite3_column_blob(q, 0), digest, SHA256_SIZE) == 0;
    cloud_stmt_done(cloud, q);
    if (found && !*done) {
        cloud_fail(r, 400, "IdempotentParameterMismatchException",
                   "DynamoDB rejected the request because you retried a request with a different "
                   "payload but with an idempotent token that was already used");
    }
    return !found || *done;
}

bool ddb_token_note(struct cloud *cloud, const char *token, const cJSON *in, struct cloud_reply *r)
{
    unsigned char digest[SHA256_SIZE];
    sqlite3_stmt *q =
        cloud_stmt(cloud, "INSERT INTO ddb_token(token,request,done_ms) VALUES(?1,?2,?3)");

    digest_of(in, digest);
    (void)sqlite3_bind_text(q, 1, token, -1, SQLITE_STATIC);
    (void)sqlite3_bind_blob(q, 2, digest, SHA256_SIZE, SQLITE_STATIC);
    (void)sqlite3_bind_int64(q, 3, cloud_now(cloud));
    return cloud_step_done(cloud, q, r);
}
