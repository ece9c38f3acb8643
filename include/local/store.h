/* store.h - the local cloud's data folder: one SQLite file, the lock on it, the generated keys.
 *
 * Opening takes an exclusive lock on DATA/lock, so one process serves a folder. Everything but
 * store_open and store_close runs under the cloud's lock (svc.h). */
#ifndef LOCAL_STORE_H
#define LOCAL_STORE_H

#include <sqlite3.h>
#include <stdbool.h>

#include "core/err.h"
#include "core/secret.h"

struct store; /* opaque: the layout lives in src/local/store.c */

/* Creates the folder (0700) and DATA/cloud.db (0600) when missing, and generates the key pair once.
 * E_CONFLICT when another process holds the folder, E_IO, E_PARSE for a file of another schema. */
struct store *store_open(const char *data_dir, struct err *e);
void store_close(struct store *s); /* NULL allowed */

sqlite3 *store_db(struct store *s);
const char *store_dir(const struct store *s);        /* absolute; borrowed */
const char *store_access_key(const struct store *s); /* "AKIA" and 16 characters; borrowed */
const char *store_secret_key(const struct store *s); /* 40 characters; borrowed */

/* A prepared statement for `sql`, which must be a string literal: it is kept and found again by its
 * address. Give it back with store_done before the handler returns. A statement that is in use
 * (a handler called from within another) is prepared once more. Never NULL while the file is
 * healthy; SQLite's functions take NULL and answer SQLITE_MISUSE. */
sqlite3_stmt *store_stmt(struct store *s, const char *sql);
void store_done(struct store *s, sqlite3_stmt *stmt);

/* Small named values that outlive the process. `out` is owned, NULL when absent. */
char *store_meta_get(struct store *s, const char *name);
MUST_CHECK enum err_code store_meta_set(struct store *s, const char *name, const char *value,
                                        struct err *e);

/* Runs SQL text that gives no rows. E_IO with SQLite's message. */
MUST_CHECK enum err_code store_exec(struct store *s, const char *sql, struct err *e);

/* Temporary credentials that STS gave out. `expires_ms` is epoch milliseconds. */
struct store_session {
    struct secret secret_key;
    struct secret token;
    long long expires_ms;
};
MUST_CHECK enum err_code store_session_add(struct store *s, const char *access_key,
                                           const char *secret_key, const char *token,
                                           long long expires_ms, struct err *e);
bool store_session_find(struct store *s, const char *access_key, struct store_session *out);
void store_session_clear(struct store_session *session); /* wipes */
void store_sessions_trim(struct store *s, long long before_ms);
#endif
