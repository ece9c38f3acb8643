/* store.h - the local cloud's data folder: one SQLite file, the lock on it, the generated keys.
 *
 * Opening takes an exclusive lock on DATA/lock, so one process serves a folder. Everything but
 * cloud_store_open and cloud_store_close runs under the cloud's lock (service.h). */
#ifndef CLOUD_STORE_STORE_H
#define CLOUD_STORE_STORE_H

#include <sqlite3.h>
#include <stdbool.h>

#include "core/err.h"
#include "core/secret.h"

struct cloud_store; /* opaque: the layout lives in src/cloud/store/store.c */

/* Creates the folder (0700) and DATA/cloud.db (0600) when missing, and generates the key pair once.
 * E_CONFLICT when another process holds the folder, E_IO, E_PARSE for a file of another schema. */
struct cloud_store *cloud_store_open(const char *data_dir, struct err *e);
void cloud_store_close(struct cloud_store *s); /* NULL allowed */

sqlite3 *cloud_store_db(struct cloud_store *s);
const char *cloud_store_dir(const struct cloud_store *s); /* absolute; borrowed */
const char *
cloud_store_access_key(const struct cloud_store *s); /* "AKIA" and 16 characters; borrowed */
const char *cloud_store_secret_key(const struct cloud_store *s); /* 40 characters; borrowed */

/* A prepared statement for `sql`, which must be a string literal: the statement is kept and found
 * again by the literal's address. Give it back with cloud_store_done before the handler returns.
 * When the statement is in use (a handler called from within another), one more is prepared. Never
 * NULL while the file is healthy; SQLite's functions take NULL and answer SQLITE_MISUSE. */
sqlite3_stmt *cloud_store_stmt(struct cloud_store *s, const char *sql);
void cloud_store_done(struct cloud_store *s, sqlite3_stmt *stmt);

/* Small named values that outlive the process. `out` is owned, NULL when absent. */
char *cloud_store_meta_get(struct cloud_store *s, const char *name);
MUST_CHECK enum err_code cloud_store_meta_set(struct cloud_store *s, const char *name,
                                              const char *value, struct err *e);

/* Runs SQL text that gives no rows. E_IO with SQLite's message. */
MUST_CHECK enum err_code cloud_store_exec(struct cloud_store *s, const char *sql, struct err *e);

/* Temporary credentials that STS gave out. `expires_ms` is in epoch milliseconds. */
struct cloud_store_session {
    struct secret secret_key;
    struct secret token;
    long long expires_ms;
};
MUST_CHECK enum err_code cloud_store_session_add(struct cloud_store *s, const char *access_key,
                                                 const char *secret_key, const char *token,
                                                 long long expires_ms, struct err *e);
bool cloud_store_session_find(struct cloud_store *s, const char *access_key,
                              struct cloud_store_session *out);
void cloud_store_session_clear(struct cloud_store_session *session); /* wipes the session */
void cloud_store_sessions_trim(struct cloud_store *s, long long before_ms);
#endif
