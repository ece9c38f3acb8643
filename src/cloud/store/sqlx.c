/* The SQLite calls that every service makes, in short form. */
#include "sqlx.h"

#include <string.h>

#include "core/json.h"

void sqlx_text(sqlite3_stmt *q, int at, const char *s)
{
    (void)sqlite3_bind_text(q, at, s, -1, SQLITE_TRANSIENT);
}

void sqlx_bytes(sqlite3_stmt *q, int at, const char *s, size_t len)
{
    (void)sqlite3_bind_text64(q, at, s, len, SQLITE_TRANSIENT, SQLITE_UTF8);
}

void sqlx_int(sqlite3_stmt *q, int at, int64_t n)
{
    (void)sqlite3_bind_int64(q, at, n);
}

bool sqlx_row(sqlite3_stmt *q)
{
    return sqlite3_step(q) == SQLITE_ROW;
}

const char *sqlx_str(sqlite3_stmt *q, int column)
{
    const unsigned char *s = sqlite3_column_text(q, column);
    return s != NULL ? (const char *)s : "";
}

int64_t sqlx_num(sqlite3_stmt *q, int column)
{
    return sqlite3_column_int64(q, column);
}

bool sqlx_null(sqlite3_stmt *q, int column)
{
    return sqlite3_column_type(q, column) == SQLITE_NULL;
}

cJSON *sqlx_document(sqlite3_stmt *q, int column)
{
    const char *text = sqlx_str(q, column);

    return json_parse(text, strlen(text), "stored", NULL);
}
