/* ddb_token.h - the tokens of transactions (ClientRequestToken), which keep a transaction from
 * being done twice. Under the cloud's lock. */
#ifndef CLOUD_DYNAMODB_DDB_TOKEN_H
#define CLOUD_DYNAMODB_DDB_TOKEN_H

#include "ddb.h"

enum { DDB_TOKEN_MS = 10 * 60 * 1000 };

/* Was this request done with this token in the last 10 minutes? `*done` tells. False with `r`
 * failed (IdempotentParameterMismatchException) when another request was. */
bool ddb_token_find(struct cloud *cloud, const char *token, const cJSON *in, bool *done,
                    struct cloud_reply *r);
/* Notes that the request was done, in the transaction that is under way. */
bool ddb_token_note(struct cloud *cloud, const char *token, const cJSON *in, struct cloud_reply *r);
#endif
