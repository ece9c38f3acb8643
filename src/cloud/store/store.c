/* The local cloud's data folder: the SQLite file, its lock, its cached statements, the keys. */
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/path.h"
#include "core/rand.h"
#include "core/secret.h"

enum { STMT_CACHE = 256, SCHEMA_VERSION = 1 };

struct cached_stmt {
    const char *sql; /* the address of the literal is the key of the cache */
    sqlite3_stmt *stmt;
    bool in_use;
};

struct cloud_store {
    char *dir;
    int lock_fd;
    sqlite3 *db;
    char *access_key;
    struct secret secret_key;
    /* a hash table with open addressing, by the literal's address */
    struct cached_stmt stmts[STMT_CACHE];
};

static enum err_code lock_folder(struct cloud_store *s, struct err *e)
{
    char *path = path_join(s->dir, "lock");
    enum err_code rc = E_OK;

    s->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (s->lock_fd < 0) {
        rc = err_set(e, E_IO, "%s: %s", path, strerror(errno));
    } else if (flock(s->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        rc = errno == EWOULDBLOCK
                 ? err_set(e, E_CONFLICT, "%s is in use by another local cloud", s->dir)
                 : err_set(e, E_IO, "%s: %s", path, strerror(errno));
        if (rc == E_CONFLICT) {
            (void)err_hint_set(e, "stop the other one, or choose another folder with --data");
        }
    }
    free(path);
    return rc;
}

static enum err_code open_db(struct cloud_store *s, struct err *e)
{
    char *path = path_join(s->dir, "cloud.db");
    enum err_code rc = E_OK;

    /* SQLite gives its side files the mode of the main file, so the mode is set before SQLite opens
     * it. */
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 || fchmod(fd, 0600) != 0) {
        rc = err_set(e, E_IO, "%s: %s", path, strerror(errno));
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    /* the cloud's lock serialises all calls */
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    if (rc == E_OK && sqlite3_open_v2(path, &s->db, flags, NULL) != SQLITE_OK) {
        rc = err_set(e, E_IO, "%s: %s", path, s->db == NULL ? "no memory" : sqlite3_errmsg(s->db));
    }
    free(path);
    return rc;
}

/* The letters and digits of a real key id (without 0, 1, 8, 9, so that none is misread). */
static char *new_access_key(void)
{
    static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    char key[21] = "AKIA";

    for (size_t i = 4; i < 20; i++) {
        key[i] = set[rand_below(32)];
    }
    key[20] = '\0';
    return xstrdup(key);
}

/* The secret has no '/' and no '+', although real secrets do: this one is pasted into shells and
 * URLs. */
static char *new_secret_key(void)
{
    static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    char key[41];

    for (size_t i = 0; i < 40; i++) {
        key[i] = set[rand_below(62)];
    }
    key[40] = '\0';
    return xstrdup(key);
}

static enum err_code load_keys(struct cloud_store *s, struct err *e)
{
    s->access_key = cloud_store_meta_get(s, "access_key");
    char *secret = cloud_store_meta_get(s, "secret_key");
    enum err_code rc = E_OK;

    if (s->access_key == NULL || secret == NULL) {
        free(s->access_key);
        free(secret);
        s->access_key = new_access_key();
        secret = new_secret_key();
        rc = cloud_store_meta_set(s, "access_key", s->access_key, e);
        if (rc == E_OK) {
            rc = cloud_store_meta_set(s, "secret_key", secret, e);
        }
    }
    secret_set(&s->secret_key, secret);
    secret_free(secret);
    return rc;
}

static enum err_code prepare_db(struct cloud_store *s, struct err *e)
{
    enum err_code rc = cloud_store_exec(
        s,
        "PRAGMA journal_mode=WAL;"
        "PRAGMA synchronous=NORMAL;"
        "PRAGMA foreign_keys=ON;"
        "PRAGMA cache_size=-16384;"
        "PRAGMA temp_store=MEMORY;"
        "PRAGMA journal_size_limit=16777216;"
        "CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value TEXT NOT NULL)"
        " WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS session(access_key TEXT PRIMARY KEY,"
        " secret_key TEXT NOT NULL, token TEXT NOT NULL, expires_ms INTEGER NOT NULL)"
        " WITHOUT ROWID;",
        e);
    if (rc != E_OK) {
        return rc;
    }
    char *version = cloud_store_meta_get(s, "schema");
    if (version == NULL) {
        char text[16];
        (void)sqlite3_snprintf((int)sizeof text, text, "%d", SCHEMA_VERSION);
        rc = cloud_store_meta_set(s, "schema", text, e);
    } else if (strtol(version, NULL, 10) != SCHEMA_VERSION) {
        rc = err_set(e, E_PARSE, "%s/cloud.db has schema %s; this program writes %d", s->dir,
                     version, SCHEMA_VERSION);
        (void)err_hint_set(e, "use the program that wrote it, or another folder with --data");
    }
    free(version);
    return rc;
}

struct cloud_store *cloud_store_open(const char *data_dir, struct err *e)
{
    char absolute[PATH_MAX];

    if (path_mkdirs(data_dir, 0700, e) != E_OK) {
        return NULL;
    }
    if (realpath(data_dir, absolute) == NULL) {
        (void)err_set(e, E_IO, "%s: %s", data_dir, strerror(errno));
        return NULL;
    }
    struct cloud_store *s = xcalloc(1, sizeof *s);
    s->dir = xstrdup(absolute);
    s->lock_fd = -1;
    if (lock_folder(s, e) != E_OK || open_db(s, e) != E_OK || prepare_db(s, e) != E_OK ||
        load_keys(s, e) != E_OK) {
        cloud_store_close(s);
        return NULL;
    }
    return s;
}

void cloud_store_close(struct cloud_store *s)
{
    if (s == NULL) {
        return;
    }
    for (size_t i = 0; i < STMT_CACHE; i++) {
        (void)sqlite3_finalize(s->stmts[i].stmt);
    }
    (void)sqlite3_close_v2(s->db);
    if (s->lock_fd >= 0) {
        (void)close(s->lock_fd); /* closing also unlocks */
    }
    secret_clear(&s->secret_key);
    free(s->access_key);
    free(s->dir);
    free(s);
}

sqlite3 *cloud_store_db(struct cloud_store *s)
{
    return s->db;
}

const char *cloud_store_dir(const struct cloud_store *s)
{
    return s->dir;
}

const char *cloud_store_access_key(const struct cloud_store *s)
{
    return s->access_key;
}

const char *cloud_store_secret_key(const struct cloud_store *s)
{
    return secret_str(&s->secret_key);
}

static sqlite3_stmt *prepare(struct cloud_store *s, const char *sql, unsigned flags)
{
    sqlite3_stmt *stmt = NULL;

    (void)sqlite3_prepare_v3(s->db, sql, -1, flags, &stmt, NULL);
    return stmt;
}

sqlite3_stmt *cloud_store_stmt(struct cloud_store *s, const char *sql)
{
    size_t at = ((uintptr_t)sql >> 3) % STMT_CACHE;

    for (size_t probe = 0; probe < STMT_CACHE; probe++, at = (at + 1) % STMT_CACHE) {
        struct cached_stmt *c = &s->stmts[at];
        if (c->sql == NULL) {
            c->stmt = prepare(s, sql, SQLITE_PREPARE_PERSISTENT);
            c->sql = c->stmt == NULL ? NULL : sql;
            c->in_use = c->stmt != NULL;
            return c->stmt;
        }
        if (c->sql == sql) {
            if (c->in_use) {
                break;
            }
            c->in_use = true;
            return c->stmt;
        }
    }
    return prepare(s, sql, 0);
}

void cloud_store_done(struct cloud_store *s, sqlite3_stmt *stmt)
{
    if (stmt == NULL) {
        return;
    }
    for (size_t i = 0; i < STMT_CACHE; i++) {
        if (s->stmts[i].stmt == stmt) {
            (void)sqlite3_reset(stmt);
            (void)sqlite3_clear_bindings(stmt);
            s->stmts[i].in_use = false;
            return;
        }
    }
    (void)sqlite3_finalize(stmt);
}

char *cloud_store_meta_get(struct cloud_store *s, const char *name)
{
    sqlite3_stmt *q = cloud_store_stmt(s, "SELECT value FROM meta WHERE name=?1");
    char *out = NULL;

    (void)sqlite3_bind_text(q, 1, name, -1, SQLITE_STATIC);
    if (sqlite3_step(q) == SQLITE_ROW) {
        out = xstrdup((const char *)sqlite3_column_text(q, 0));
    }
    cloud_store_done(s, q);
    return out;
}

/* Steps a statement that gives no rows, and gives it back. */
static enum err_code run(struct cloud_store *s, sqlite3_stmt *q, struct err *e)
{
    int rc = sqlite3_step(q);

    cloud_store_done(s, q);
    return rc == SQLITE_DONE ? E_OK
                             : err_set(e, E_IO, "%s/cloud.db: %s", s->dir, sqlite3_errmsg(s->db));
}

enum err_code cloud_store_meta_set(struct cloud_store *s, const char *name, const char *value,
                                   struct err *e)
{
    sqlite3_stmt *q = cloud_store_stmt(s, "INSERT INTO meta(name,value) VALUES(?1,?2)"
                                          " ON CONFLICT(name) DO UPDATE SET value=excluded.value");

    (void)sqlite3_bind_text(q, 1, name, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(q, 2, value, -1, SQLITE_STATIC);
    return run(s, q, e);
}

enum err_code cloud_store_exec(struct cloud_store *s, const char *sql, struct err *e)
{
    if (sqlite3_exec(s->db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        return err_set(e, E_IO, "%s/cloud.db: %s", s->dir, sqlite3_errmsg(s->db));
    }
    return E_OK;
}

enum err_code cloud_store_session_add(struct cloud_store *s, const char *access_key,
                                      const char *secret_key, const char *token,
                                      long long expires_ms, struct err *e)
{
    sqlite3_stmt *q = cloud_store_stmt(
        s, "INSERT INTO session(access_key,secret_key,token,expires_ms) VALUES(?1,?2,?3,?4)");

    (void)sqlite3_bind_text(q, 1, access_key, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(q, 2, secret_key, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(q, 3, token, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(q, 4, expires_ms);
    return run(s, q, e);
}

bool cloud_store_session_find(struct cloud_store *s, const char *access_key,
                              struct cloud_store_session *out)
{
    sqlite3_stmt *q =
        cloud_store_stmt(s, "SELECT secret_key,token,expires_ms FROM session WHERE access_key=?1");
    bool found;

    (void)sqlite3_bind_text(q, 1, access_key, -1, SQLITE_STATIC);
    found = sqlite3_step(q) == SQLITE_ROW;
    if (found) {
        secret_set(&out->secret_key, (const char *)sqlite3_column_text(q, 0));
        secret_set(&out->token, (const char *)sqlite3_column_text(q, 1));
        out->expires_ms = sqlite3_column_int64(q, 2);
    }
    cloud_store_done(s, q);
    return found;
}

void cloud_store_session_clear(struct cloud_store_session *session)
{
    secret_clear(&session->secret_key);
    secret_clear(&session->token);
    session->expires_ms = 0;
}

void cloud_store_sessions_trim(struct cloud_store *s, long long before_ms)
{
    sqlite3_stmt *q = cloud_store_stmt(s, "DELETE FROM session WHERE expires_ms<?1");

    (void)sqlite3_bind_int64(q, 1, before_ms);
    (void)sqlite3_step(q);
    cloud_store_done(s, q);
}
