/* Whose the state on disk is: finding out the account of the keys in use, and comparing places.
 *
 * DESIGN: a key id belongs to one account for ever, and AWS never issues it twice. So a key id
 * proves an account: two documents that were written with the same key are of the same account,
 * also when nobody could be asked which account that is; and what GetCallerIdentity once said about
 * a key stays true. Key ids that a person made up for an emulator ("test") are not unique: what is
 * remembered of such a key serves to paint the first screen, and is asked again before anything is
 * written or sent.
 *
 * An emulator's loopback port may be another one each time. The local cloud says which cloud it is
 * (its user id holds its key), so its port does not matter; any other endpoint counts with its
 * port. */
#include "ops/place.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "aws/key_account.h"
#include "aws/sigv4.h"
#include "aws/sts.h"
#include "core/alloc.h"
#include "core/hash.h"
#include "core/json.h"
#include "core/path.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "core/url.h"
#include "ops/ops.h"

enum {
    HASH_SIZE = 65,
    MEMORY_MAX = 4096,
    KEPT_DAYS = 400,
    AGAIN_MS = 20000 /* how long not to ask again after a question that failed */
};
static const char local_user[] = "AIDALOCAL";

/* What is known of the key in use. */
struct who {
    char *key_id; /* owned; NULL: not known */
    bool unique;
    char hash[HASH_SIZE];             /* the hash of the endpoint and the key id */
    char account[PLACE_ACCOUNT_SIZE]; /* "" when it is not known */
    struct err why;                   /* the reason why it is not known */
};

struct place {
    char *where; /* owned; constant */
    bool fixed;
    /* guards the members below; held neither during a request nor while a file is read */
    pthread_mutex_t lock;
    char hash[HASH_SIZE]; /* the key that `account` or `why` is about */
    char account[PLACE_ACCOUNT_SIZE];
    bool asked; /* `account` is known from this run, and not only remembered */
    struct err why;
    int64_t why_ms; /* monotonic: when the question failed */
};

/* Does the endpoint belong to AWS, whose key ids name their account? */
static bool is_aws(const char *url)
{
    static const char *const suffixes[] = {".amazonaws.com", ".amazonaws.com.cn", ".api.aws",
                                           ".api.amazonwebservices.com.cn", NULL};
    const char *host = strstr(url, "://");

    host = host == NULL ? url : host + 3;
    size_t n = strcspn(host, ":/");
    for (size_t i = 0; suffixes[i] != NULL; i++) {
        size_t len = strlen(suffixes[i]);
        if (n > len && strncmp(host + n - len, suffixes[i], len) == 0) {
            return true;
        }
    }
    return false;
}

static struct place *new_place(char *where)
{
    struct place *p = xcalloc(1, sizeof *p);

    p->where = where;
    (void)pthread_mutex_init(&p->lock, NULL);
    return p;
}

struct place *place_new(struct aws_client *aws, const char *table, const char *bus)
{
    return new_place(xasprintf("%s | %s | %s | %s | %s", aws_client_region(aws),
                               aws_client_endpoint(aws, AWS_DYNAMODB), table,
                               aws_client_endpoint(aws, AWS_EVENTS), bus));
}

struct place *place_fixed(const char *account, const char *where)
{
    struct place *p = new_place(xstrdup(where));

    p->fixed = true;
    (void)snprintf(p->account, sizeof p->account, "%s", account);
    return p;
}

void place_free(struct place *p)
{
    if (p != NULL) {
        (void)pthread_mutex_destroy(&p->lock);
        free(p->where);
        free(p);
    }
}

static bool is_local_cloud(const char *account)
{
    return strstr(account, local_user) != NULL;
}

/* The same text without the port of any loopback endpoint. Owned. */
static char *without_ports(const char *where)
{
    struct strbuf b = STRBUF_INIT;

    for (const char *at = where; *at != '\0';) {
        const char *end = strstr(at, " | ");
        size_t n = end == NULL ? strlen(at) : (size_t)(end - at);
        char *part = xstrndup(at, n);
        strbuf_adds(&b, url_is_loopback(part) ? "loopback" : part);
        free(part);
        strbuf_adds(&b, end == NULL ? "" : " | ");
        at += n + (end == NULL ? 0 : 3);
    }
    return strbuf_take(&b);
}

/* ---- what is remembered of a key ---- */

static char *memory_path(const struct ops *o, const char *hash)
{
    return xasprintf("%s/accounts/%s.json", o->state_dir, hash);
}

static bool account_ok(const char *account)
{
    size_t n = strlen(account);

    return n > 0 && n < PLACE_ACCOUNT_SIZE &&
           strspn(account, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ ") == n;
}

/* Reads what an earlier run was told. `unique_only`: not for a key id that a person made up. */
static bool recall(const struct ops *o, const char *hash, bool unique_only,
                   char account[PLACE_ACCOUNT_SIZE])
{
    char *path = memory_path(o, hash);
    char *text = NULL;
    size_t len = 0;
    bool found = false;

    if (strspn(hash, "0123456789abcdef") == HASH_SIZE - 1 &&
        path_read_own(path, MEMORY_MAX, &text, &len, NULL) == E_OK) {
        cJSON *doc = json_parse(text, len, path, NULL);
        const char *said = json_str_or(doc, "account", "");
        found = account_ok(said) && (!unique_only || json_bool(doc, "unique", false));
        if (found) {
            (void)snprintf(account, PLACE_ACCOUNT_SIZE, "%s", said);
        }
        cJSON_Delete(doc);
    }
    free(text);
    free(path);
    return found;
}

/* Removes old files: temporary keys change every hour, and their files go when nothing can depend
 * on them any more. */
static void prune(const char *dir)
{
    DIR *d = opendir(dir);
    const struct dirent *ent;
    struct stat st;

    while (d != NULL && (ent = readdir(d)) != NULL) {
        if (strspn(ent->d_name, "0123456789abcdef") == HASH_SIZE - 1 &&
            fstatat(dirfd(d), ent->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
            (time(NULL) - st.st_mtime) / 86400 > KEPT_DAYS) {
            (void)unlinkat(dirfd(d), ent->d_name, 0);
        }
    }
    if (d != NULL) {
        (void)closedir(d);
    }
}

static void remember(const struct ops *o, const struct who *w)
{
    char *dir = path_join(o->state_dir, "accounts");
    char *path = memory_path(o, w->hash);
    char old[PLACE_ACCOUNT_SIZE];
    struct err e = {0};

    bool known = recall(o, w->hash, w->unique, old) && strcmp(old, w->account) == 0;
    if (!known && o->state == NULL) { /* with the state table nothing is written to the disk */
        cJSON *doc = json_new_object();
        json_set_str(doc, "account", w->account);
        json_set_bool(doc, "unique", w->unique);
        char *text = json_text(doc);
        if (path_mkdirs(dir, 0700, &e) != E_OK ||
            path_write_atomic(path, text, strlen(text), 0600, &e) != E_OK) {
            log_line(o->log, LOG_LVL_WARN, "the account was not remembered: %s", e.msg);
        }
        prune(dir);
        free(text);
        cJSON_Delete(doc);
    }
    free(path);
    free(dir);
}

/* ---- whose the keys in use are ---- */

static void who_clear(struct who *w)
{
    free(w->key_id);
    w->key_id = NULL;
}

static void hash_key(const char *endpoint, struct who *w)
{
    w->unique = aws_key_is_unique(w->key_id);
    char *text = xasprintf("%s\n%s", w->unique && url_is_loopback(endpoint) ? "loopback" : endpoint,
                           w->key_id);
    sigv4_sha256_hex(text, strlen(text), w->hash);
    free(text);
}

/* What this run knows already, without reading a file and without a request. */
static bool cached(struct place *p, struct who *w, bool asked_only)
{
    (void)pthread_mutex_lock(&p->lock);
    bool same = strcmp(p->hash, w->hash) == 0 && p->account[0] != '\0' && (p->asked || !asked_only);
    if (same) {
        memcpy(w->account, p->account, sizeof w->account);
    }
    (void)pthread_mutex_unlock(&p->lock);
    return same;
}

/* Keeps an answer. A question that failed takes nothing away from what another thread was told
 * about the same key. */
static void keep(struct place *p, struct who *w, bool asked)
{
    (void)pthread_mutex_lock(&p->lock);
    if (w->account[0] == '\0' && strcmp(p->hash, w->hash) == 0 && p->account[0] != '\0' &&
        (p->asked || !asked)) {
        memcpy(w->account, p->account, sizeof w->account);
        (void)pthread_mutex_unlock(&p->lock);
        return;
    }
    memcpy(p->hash, w->hash, sizeof p->hash);
    memcpy(p->account, w->account, sizeof p->account);
    p->asked = asked;
    p->why = w->why;
    p->why_ms = clock_mono_ms(NULL);
    (void)pthread_mutex_unlock(&p->lock);
}

/* Did the last question about this key fail, not longer ago than `within_ms`? Tells how. */
static bool failed_before(struct place *p, struct who *w, int64_t within_ms)
{
    (void)pthread_mutex_lock(&p->lock);
    bool just = strcmp(p->hash, w->hash) == 0 && p->account[0] == '\0' && p->why.code != E_OK &&
                clock_mono_ms(NULL) - p->why_ms < within_ms;
    if (just) {
        w->why = p->why;
    }
    (void)pthread_mutex_unlock(&p->lock);
    return just;
}

static void ask(const struct ops *o, struct who *w)
{
    struct sts_identity id;

    if (failed_before(o->place, w, AGAIN_MS)) {
        return; /* the question is not repeated for each of a thousand deploys */
    }
    /* also when it comes before an operation, the question takes no longer than one operation
     * may */
    int64_t begun = ops_begin(o);
    enum err_code rc = sts_get_caller_identity(o->aws, &id, &w->why);
    ops_end(begun);
    if (rc == E_OK) {
        bool local = strncmp(id.user_id, local_user, sizeof local_user - 1) == 0;
        (void)snprintf(w->account, sizeof w->account, "%.15s%s%.24s", id.account, local ? " " : "",
                       local ? id.user_id : "");
        if (!account_ok(w->account)) {
            w->account[0] = '\0';
            (void)err_set(&w->why, E_PARSE, "GetCallerIdentity: \"%.*s\" is not an account",
                          text_cut(id.account, 20), id.account);
        }
    }
    if (w->account[0] != '\0') {
        remember(o, w);
    }
    if (w->why.code != E_CANCELLED) {
        keep(o->place, w, true);
    }
}

/* Finds out whose keys are in use. Clear `w` afterwards. False when not even the key is known, or
 * nothing is known about it. */
static bool find_who(const struct ops *o, enum place_effort effort, struct who *w)
{
    struct place *p = o->place;

    *w = (struct who){0};
    if (p->fixed) {
        memcpy(w->account, p->account, sizeof w->account);
        return true;
    }
    const char *sts = aws_client_endpoint(o->aws, AWS_STS);
    char configured[AWS_ACCOUNT_SIZE] = "";
    if (effort == PLACE_HERE) {
        w->key_id = aws_client_key_peek(o->aws, configured);
    } else if (aws_client_key(o->aws, &w->key_id, &w->why) != E_OK) {
        return false;
    }
    if (w->key_id == NULL) {
        /* the keys of a role or of SSO belong to the account that the source names */
        if (is_aws(sts)) {
            (void)snprintf(w->account, sizeof w->account, "%s", configured);
        }
        return w->account[0] != '\0';
    }
    hash_key(sts, w);
    if (is_aws(sts) && aws_key_account(w->key_id, w->account)) {
        return true;
    }
    if (cached(p, w, effort == PLACE_ASK)) {
        return true;
    }
    if ((effort == PLACE_HERE || w->unique) && recall(o, w->hash, false, w->account)) {
        keep(p, w, w->unique);
        return true;
    }
    if (effort == PLACE_ASK) {
        ask(o, w);
    } else {
        (void)failed_before(p, w, INT64_MAX);
    }
    return w->account[0] != '\0';
}

/* ---- the place ---- */

static enum err_code unknown(const struct who *w, struct err *e)
{
    if (w->why.code == E_OK) {
        return err_set(e, E_NOT_FOUND, "the account of the keys is not known yet");
    }
    if (e != NULL) {
        *e = w->why;
    }
    (void)err_wrap(e, "the account of the keys is not known");
    return w->why.code;
}

/* Does an emulator answer that does not know the question? Then the key itself is the best name of
 * its account. Only an answer that stays the same counts: after one that may change a moment later
 * (a 500, a login page, half a reply, a refusal) the same state would have one name now and another
 * one then. */
static bool nobody_tells(const struct who *w)
{
    bool words = strspn(w->why.aws_code, "0123456789") != strlen(w->why.aws_code);

    switch (w->why.http_status) {
    case 400:
        return w->key_id != NULL && words && w->why.code != E_DENIED &&
               !err_means(w->why.code, ERR_KEYS | ERR_PASSES);
    case 404:
    case 405:
    case 501:
        return w->key_id != NULL;
    default:
        return false;
    }
}

enum err_code place_text(const struct ops *o, enum place_effort effort, char **text, struct err *e)
{
    struct who w;
    enum err_code rc = E_OK;

    *text = NULL;
    if (find_who(o, effort, &w)) {
        char *where =
            is_local_cloud(w.account) ? without_ports(o->place->where) : xstrdup(o->place->where);
        *text = xasprintf("account %s | %s", w.account, where);
        free(where);
    } else if (nobody_tells(&w)) {
        *text = xasprintf("key %s | %s", w.hash, o->place->where);
    } else {
        rc = unknown(&w, e);
    }
    who_clear(&w);
    return rc;
}

char *place_file(const struct ops *o, const char *folder)
{
    char hex[HASH_SIZE];
    char *text = NULL;

    if (place_text(o, PLACE_HERE, &text, NULL) != E_OK || text == NULL) {
        return NULL;
    }
    sigv4_sha256_hex(text, strlen(text), hex);
    free(text);
    return xasprintf("%s/%s/%.32s.json", o->state_dir, folder, hex);
}

char *place_path(const struct ops *o, const char *folder, const char *place, const char *ending)
{
    return xasprintf("%s/%s/%016" PRIx64 ".%s", o->state_dir, folder, hash_text(HASH_START, place),
                     ending);
}

void place_account(const struct ops *o, char account[PLACE_ACCOUNT_SIZE])
{
    struct who w;

    account[0] = '\0';
    if (find_who(o, PLACE_HERE, &w)) {
        (void)snprintf(account, PLACE_ACCOUNT_SIZE, "%s", w.account);
    }
    who_clear(&w);
}

enum err_code place_sign(const struct ops *o, cJSON *doc, struct err *e)
{
    struct who w;
    enum err_code rc = E_OK;

    if (!find_who(o, PLACE_ASK, &w) && w.key_id == NULL) {
        rc = unknown(&w, e);
    } else {
        json_set_str(doc, "account", w.account[0] == '\0' ? NULL : w.account);
        json_set_str(doc, "key", w.key_id == NULL ? NULL : w.hash);
        json_set_str(doc, "where", o->place->where);
    }
    who_clear(&w);
    return rc;
}

static bool same_where(const char *a, const char *b, bool ports)
{
    if (ports) {
        return strcmp(a, b) == 0;
    }
    char *x = without_ports(a);
    char *y = without_ports(b);
    bool same = strcmp(x, y) == 0;
    free(x);
    free(y);
    return same;
}

/* Do two addresses of this machine lead to the same local cloud? What is remembered of a key does
 * not tell whether anybody listens there, so both are asked. */
static bool same_local_cloud(const struct ops *a, const struct ops *b)
{
    struct sts_identity x, y;

    return sts_get_caller_identity(a->aws, &x, NULL) == E_OK &&
           sts_get_caller_identity(b->aws, &y, NULL) == E_OK && is_local_cloud(x.user_id) &&
           strcmp(x.user_id, y.user_id) == 0 && strcmp(x.account, y.account) == 0;
}

enum place_match place_same_service(const struct ops *a, const struct ops *b, enum aws_service_id s,
                                    struct err *why)
{
    const char *x = aws_client_endpoint(a->aws, s), *y = aws_client_endpoint(b->aws, s);
    struct who p, q;
    enum place_match m = PLACE_UNPROVEN;

    if (strcmp(aws_client_region(a->aws), aws_client_region(b->aws)) != 0) {
        return PLACE_OTHER;
    }
    if (strcmp(x, y) != 0) {
        bool local = url_is_loopback(x) && url_is_loopback(y) && same_local_cloud(a, b);
        return local ? PLACE_SAME : PLACE_OTHER;
    }
    bool known = find_who(a, PLACE_ASK, &p);
    bool other_known = find_who(b, PLACE_ASK, &q);
    if (known && other_known) {
        m = strcmp(p.account, q.account) == 0 ? PLACE_SAME : PLACE_OTHER;
    } else if (p.key_id != NULL && q.key_id != NULL && strcmp(p.hash, q.hash) == 0) {
        m = PLACE_SAME;
    } else {
        (void)unknown(known ? &q : &p, why);
    }
    who_clear(&p);
    who_clear(&q);
    return m;
}

enum place_match place_compare(const struct ops *o, const cJSON *doc, struct err *why)
{
    const char *where = json_str(doc, "where");
    const char *key = json_str_or(doc, "key", "");
    char theirs[PLACE_ACCOUNT_SIZE] = "";
    struct who w;
    enum place_match m = PLACE_UNPROVEN;

    (void)snprintf(theirs, sizeof theirs, "%s", json_str_or(doc, "account", ""));
    if (where == NULL) {
        (void)err_set(why, E_CONFLICT,
                      "it does not name its account: an earlier version of mvpdash kept it");
        return PLACE_UNPROVEN;
    }
    if (!same_where(where, o->place->where, false)) {
        return PLACE_OTHER; /* this is another place, whatever its account is */
    }
    bool known = find_who(o, PLACE_ASK, &w);
    if (theirs[0] == '\0') {
        (void)recall(o, key, true, theirs);
    }
    if (w.hash[0] != '\0' && strcmp(key, w.hash) == 0) {
        m = same_where(where, o->place->where, !w.unique) ? PLACE_SAME : PLACE_OTHER;
    } else if (known && theirs[0] != '\0') {
        bool same = strcmp(theirs, w.account) == 0 &&
                    same_where(where, o->place->where, !is_local_cloud(theirs));
        m = same ? PLACE_SAME : strcmp(theirs, w.account) == 0 ? PLACE_OTHER : PLACE_ACCOUNT;
    } else if (!known) {
        (void)unknown(&w, why);
    } else {
        (void)err_set(why, E_CONFLICT,
                      "it was kept with other keys whose account was not known then");
    }
    who_clear(&w);
    return m;
}
