/* place.h - whose the state on disk is: account, region, endpoints, table and bus.
 *
 * Entries of the outbox, snapshots, journals, reasons and idempotency keys belong to one place and
 * are used in that place only. The account is a number, never the name of the source of the keys:
 * it is read from the key id (keys of AWS name their account), else remembered for that key id in
 * state_dir/accounts/, else GetCallerIdentity is asked once. Any thread; PLACE_HERE neither makes a
 * request nor waits for one, so the UI thread may use it. */
#ifndef OPS_PLACE_H
#define OPS_PLACE_H

#include <cjson/cJSON.h>

#include "aws/client.h"
#include "core/err.h"

struct ops;
struct place; /* opaque: src/ops/place.c */

enum { PLACE_ACCOUNT_SIZE = 48 };

/* Makes a place without a request. `table` and `bus` are copied. */
struct place *place_new(struct aws_client *aws, const char *table, const char *bus);
/* Makes a place whose account is given, without a client: for tests. */
struct place *place_fixed(const char *account, const char *where);
void place_free(struct place *p); /* NULL allowed */

enum place_effort {
    PLACE_HERE, /* only what is known without a request */
    PLACE_ASK   /* may resolve credentials and ask for the account */
};

/* The place as one line, the same for all keys of an account; owned. When it is not known: E_CREDS,
 * E_EXPIRED, E_NET and other errors of asking; E_NOT_FOUND with PLACE_HERE. */
MUST_CHECK enum err_code place_text(const struct ops *o, enum place_effort effort, char **text,
                                    struct err *e);
/* The path state_dir/<folder>/<hash of the place>.json of a file that belongs to this place only;
 * owned. NULL when the place is not known without a request. */
char *place_file(const struct ops *o, const char *folder);
/* The path state_dir/<folder>/<short hash of the text>.<ending>; owned. The text `place` is that of
 * place_text, or begins with it. */
char *place_path(const struct ops *o, const char *folder, const char *place, const char *ending);
/* The account for people: "123456789012"; "" when it is not known without a request. */
void place_account(const struct ops *o, char account[PLACE_ACCOUNT_SIZE]);

/* Writes into a document whose it is: "account" when it is known, "key" (a hash of the key id) and
 * "where". Fails only when there are no credentials: then there is nobody to name. */
MUST_CHECK enum err_code place_sign(const struct ops *o, cJSON *doc, struct err *e);

enum place_match {
    PLACE_SAME,    /* proven to be of this place */
    PLACE_OTHER,   /* of another region, endpoint, table or bus, whatever the account */
    PLACE_ACCOUNT, /* of this table's name, but proven to be of another account */
    PLACE_UNPROVEN /* of this table, but its account is not proven; `why` says so */
};
/* Do both work with the same account, region and endpoint of this service? May ask for the
 * accounts. `why` is filled with PLACE_UNPROVEN. */
enum place_match place_same_service(const struct ops *a, const struct ops *b, enum aws_service_id s,
                                    struct err *why);
/* Compares what place_sign wrote with the keys that are in use now. May ask for the account. */
enum place_match place_compare(const struct ops *o, const cJSON *doc, struct err *why);
#endif
