/* Finding out whether the credentials in use are of the account that the context names. */
#include "ops/guard.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "aws/sts.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/deadline.h"
#include "core/text.h"
#include "ops/ops.h"
#include "ops/place.h"

enum {
    KEY_SIZE = 160,
    ACCOUNT_DIGITS = 12,
    AGAIN_MS = 5000, /* how long not to ask again after a question that failed */
    CHECK_MS = 3000  /* how long a command that reads waits to be told whose the keys are */
};

struct write_guard {
    const struct settings *settings; /* borrowed */
    struct aws_client *aws;          /* borrowed */
    /* guards the members below; not held during the request */
    pthread_mutex_t lock;
    pthread_cond_t answered;
    bool asking;
    char key[KEY_SIZE];               /* the key that the rest is about; "" */
    char account[ACCOUNT_DIGITS + 4]; /* whose it is; "": that is not known, for the reason `why` */
    struct err why;
    int64_t why_ms; /* monotonic: when the question failed */
};

struct write_guard *write_guard_new(const struct settings *s)
{
    if (settings_get(s, SET_ACCOUNT) == NULL && settings_unsafe(s) == NULL) {
        return NULL;
    }
    struct write_guard *g = xcalloc(1, sizeof *g);
    g->settings = s;
    (void)pthread_mutex_init(&g->lock, NULL);
    (void)pthread_cond_init(&g->answered, NULL);
    return g;
}

void write_guard_free(struct write_guard *g)
{
    if (g != NULL) {
        (void)pthread_cond_destroy(&g->answered);
        (void)pthread_mutex_destroy(&g->lock);
        free(g);
    }
}

void write_guard_bind(struct write_guard *g, struct aws_client *aws)
{
    if (g != NULL) {
        g->aws = aws;
    }
}

/* A line that was to say where something is written cannot be used. */
enum err_code ops_config_safe(const struct settings *s, struct err *e)
{
    if (settings_unsafe(s) == NULL) {
        return E_OK;
    }
    (void)err_set(e, E_CONFIG, "%s; nothing is written until this is right", settings_unsafe(s));
    (void)err_hint_set(e, "correct the line, or say the same with an option or in the environment; "
                          "`mvpdash config` shows what is in force");
    return E_CONFIG;
}

static enum err_code refuse_other(const struct write_guard *g, const char *account, struct err *e)
{
    (void)err_set(e, E_CONFIG,
                  "context %s is of account %s, but the credentials are of account %s: nothing is "
                  "written",
                  settings_context(g->settings), settings_get(g->settings, SET_ACCOUNT), account);
    (void)err_hint_set(e, "choose a profile of that account, or another context; `mvpdash config` "
                          "shows where each value comes from");
    return E_CONFIG;
}

static enum err_code refuse_unknown(const struct write_guard *g, const struct err *why,
                                    struct err *e)
{
    (void)err_set(e, why->code,
                  "context %s is of account %s, but the account of the credentials is not known: "
                  "nothing is written (%.*s)",
                  settings_context(g->settings), settings_get(g->settings, SET_ACCOUNT),
                  text_cut(why->msg, 200), why->msg);
    if (e != NULL) {
        memcpy(e->aws_code, why->aws_code, sizeof e->aws_code);
        memcpy(e->request_id, why->request_id, sizeof e->request_id);
        e->http_status = why->http_status;
    }
    (void)err_hint_set(e, "%.180s; `mvpdash doctor` checks it", err_hint(why));
    return why->code;
}

static enum err_code judge(const struct write_guard *g, const char *account, const struct err *why,
                           struct err *e)
{
    if (account[0] == '\0') {
        return refuse_unknown(g, why, e);
    }
    return strcmp(account, settings_get(g->settings, SET_ACCOUNT)) == 0
               ? E_OK
               : refuse_other(g, account, e);
}

/* Asks whose the key is. The answer counts only when the key was in use before and after it. */
static void ask(const struct write_guard *g, const char *key_id, char account[ACCOUNT_DIGITS + 4],
                struct err *why)
{
    struct sts_identity id;
    char *after = NULL;

    account[0] = '\0';
    if (sts_get_caller_identity(g->aws, &id, why) != E_OK ||
        aws_client_key(g->aws, &after, why) != E_OK) {
        free(after);
        return;
    }
    if (strcmp(after, key_id) != 0) {
        (void)err_set(why, E_CONFLICT,
                      "the credentials were renewed meanwhile: run the command again");
    } else if (strlen(id.account) != ACCOUNT_DIGITS ||
               strspn(id.account, "0123456789") != ACCOUNT_DIGITS) {
        (void)err_set(why, E_PARSE, "GetCallerIdentity: \"%.*s\" is not an account",
                      text_cut(id.account, 20), id.account);
    } else {
        memcpy(account, id.account, ACCOUNT_DIGITS + 1);
    }
    free(after);
}

/* Is it known whose the key is, or that this could not be found out just now? With the lock. */
static bool known(const struct write_guard *g, const char *key_id)
{
    return strcmp(g->key, key_id) == 0 &&
           (g->account[0] != '\0' || clock_mono_ms(NULL) - g->why_ms < AGAIN_MS);
}

enum err_code write_guard_check(void *arg, const char *key_id, struct err *e)
{
    struct write_guard *g = arg;
    char account[ACCOUNT_DIGITS + 4];
    struct err why = {0};

    if (g == NULL) {
        return E_OK;
    }
    if (ops_config_safe(g->settings, e) != E_OK) {
        return E_CONFIG;
    }
    if (settings_get(g->settings, SET_ACCOUNT) == NULL) {
        return E_OK;
    }
    if (strlen(key_id) >= KEY_SIZE) {
        return err_set(e, E_CREDS, "the id of the key is over %d bytes", KEY_SIZE - 1);
    }
    (void)pthread_mutex_lock(&g->lock);
    while (g->asking && !known(g, key_id)) {
        (void)pthread_cond_wait(&g->answered, &g->lock);
    }
    bool ask_now = !known(g, key_id);
    g->asking = g->asking || ask_now;
    memcpy(account, g->account, sizeof account);
    why = g->why;
    (void)pthread_mutex_unlock(&g->lock);
    if (ask_now) {
        why = (struct err){0};
        ask(g, key_id, account, &why);
        (void)pthread_mutex_lock(&g->lock);
        g->asking = false;
        if (why.code != E_CANCELLED) { /* a wait that was ended is no answer */
            memcpy(g->key, key_id, strlen(key_id) + 1);
            memcpy(g->account, account, sizeof g->account);
            g->why = why;
            g->why_ms = clock_mono_ms(NULL);
        }
        (void)pthread_cond_broadcast(&g->answered);
        (void)pthread_mutex_unlock(&g->lock);
    }
    return judge(g, account, &why, e);
}

enum err_code ops_may_write(const struct ops *o, struct err *e)
{
    struct err why = {0};
    char *key_id = NULL;

    if (o->guard == NULL) {
        return E_OK;
    }
    if (ops_config_safe(o->settings, e) != E_OK) { /* before the keys are asked for */
        return E_CONFIG;
    }
    int64_t begun = ops_begin(o);
    enum err_code rc = aws_client_key(o->aws, &key_id, &why);
    rc = rc == E_OK ? write_guard_check(o->guard, key_id, e) : refuse_unknown(o->guard, &why, e);
    ops_end(begun);
    free(key_id);
    return rc;
}

/* Does the context in force name an account that what is remembered does not confirm? Then
 * ops_may_write may have to ask. Makes no request. */
static bool account_doubtful(const struct ops *o)
{
    char account[PLACE_ACCOUNT_SIZE];

    if (o->guard == NULL || settings_get(o->settings, SET_ACCOUNT) == NULL) {
        return false;
    }
    place_account(o, account);
    account[strcspn(account, " ")] = '\0';
    return strcmp(account, settings_get(o->settings, SET_ACCOUNT)) != 0;
}

enum err_code ops_account_check(const struct ops *o, struct err *e)
{
    if (!account_doubtful(o)) {
        return E_OK;
    }
    int64_t begun = deadline_within(CHECK_MS);
    enum err_code rc = ops_may_write(o, e);
    (void)deadline_set(begun);
    return rc;
}
