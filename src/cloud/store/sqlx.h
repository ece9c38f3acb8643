/* sqlx.h - the few SQLite calls that every service of the local cloud makes, in short form.
 *
 * All accept the NULL statement that cloud_stmt gives when the file is unhealthy: SQLite answers
 * SQLITE_MISUSE then, and the step that follows fails. Under the cloud's lock. */
#ifndef CLOUD_STORE_SQLX_H
#define CLOUD_STORE_SQLX_H

#include <cjson/cJSON.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void sqlx_text(sqlite3_stmt *q, int at, const char *s);              /* copies; NULL binds NULL */
void sqlx_bytes(sqlite3_stmt *q, int at, const char *s, size_t len); /* as text; copies */
void sqlx_int(sqlite3_stmt *q, int at, int64_t n);
bool sqlx_row(sqlite3_stmt *q); /* steps; true when there is a row */

const char *sqlx_str(sqlite3_stmt *q, int column); /* borrowed until the next step; "" for NULL */
int64_t sqlx_num(sqlite3_stmt *q, int column);
bool sqlx_null(sqlite3_stmt *q, int column);
/* stored JSON, owned; NULL when the column holds none */
cJSON *sqlx_document(sqlite3_stmt *q, int column);
#endif
