/* What an env file may set that nobody named: the one in the working directory.
 *
 * DESIGN: ./.env.eventbridge is read because it lies in the working directory, and somebody else
 * may have filled that folder. So this file lists what the env file may set, not what it may not:
 *
 *   keys, session token, profile, region, attempts     taken
 *   AWS_ENDPOINT_URL and its forms for the services    taken when they name this machine, else once
 *   that mvpdash calls                                  the person confirmed them (trust.c)
 *   bus, table, queue and so on by ARN                 only once the person confirmed them: an ARN
 *                                                       names an account, which may be a stranger's
 *   anything else of AWS's, and what says where         never
 *   credentials come from or go                         (a warning says so)
 *   MVPDASH_CONTEXT                                     never
 *   other variables                                     not mvpdash's: ignored
 *
 * AWS_ENDPOINT_URL of such a file is not put into the environment, where it would count for STS,
 * for SSO and for every program that mvpdash starts. The client gets the endpoint separately
 * (settings_unasked_endpoint) and sends no request about credentials to it. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/text.h"
#include "core/url.h"
#include "src/config/settings_priv.h"

#define GENERAL "AWS_ENDPOINT_URL"

static bool one_of(const char *key, const char *const *names, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (strcmp(key, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Is this the general endpoint, or that of a service which mvpdash calls for something other than
 * credentials? */
static bool service_endpoint(const char *key)
{
    static const char *const services[] = {"DYNAMODB",
                                           "DYNAMODB_STREAMS",
                                           "EVENTBRIDGE",
                                           "BATCH",
                                           "CLOUDWATCH_LOGS",
                                           "CLOUDWATCH",
                                           "SQS",
                                           "IAM",
                                           "ECR"};

    if (strncmp(key, GENERAL, strlen(GENERAL)) != 0) {
        return false;
    }
    const char *rest = key + strlen(GENERAL);
    return rest[0] == '\0' ||
           (rest[0] == '_' && one_of(rest + 1, services, sizeof services / sizeof *services));
}

static bool is_proxy(const char *key)
{
    /* The variables of proxies that libcurl reads. */
    static const char *const names[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
                                        "ALL_PROXY",  "no_proxy",    "NO_PROXY"};

    return one_of(key, names, sizeof names / sizeof *names);
}

/* Is this another program's variable that decides where secrets go, whatever program reads it? */
static bool redirects(const char *key)
{
    static const char *const names[] = {
        "HOME",          "XDG_CONFIG_HOME", "XDG_STATE_HOME",     "XDG_CACHE_HOME",
        "PATH",          "LD_PRELOAD",      "LD_LIBRARY_PATH",    "SSL_CERT_FILE",
        "SSL_CERT_DIR",  "CURL_CA_BUNDLE",  "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS",
        "SSLKEYLOGFILE", "OPENSSL_CONF",    "OPENSSL_MODULES",    "HOSTALIASES",
        "RES_OPTIONS",   "BOTO_CONFIG",     "CURL_HOME",          "NETRC",
    };
    size_t len = strlen(key);

    return one_of(key, names, sizeof names / sizeof *names) || strncmp(key, "AWS_", 4) == 0 ||
           is_proxy(key) || (len > 6 && strcasecmp(key + len - 6, "_PROXY") == 0);
}

/* Is this one of mvpdash's names, and does its value say whose account gets the deploys together
 * with their database URL? */
static bool names_an_account(const struct env_entry *x)
{
    if (strncasecmp(x->value, "arn:", 4) != 0) {
        return false;
    }
    for (size_t i = 0; i < SET_COUNT; i++) {
        const struct setting_row *r = &setting_rows[i];
        if (r->kind == KIND_NAME && r->env != NULL && strcmp(r->env, x->key) == 0) {
            return true;
        }
    }
    return false;
}

enum env_verdict settings_env_verdict(const struct settings *s, const struct env_entry *x)
{
    bool aws = strncmp(x->key, "AWS_", 4) == 0;

    if (s->env_named) {
        return aws || is_proxy(x->key) ? ENV_TAKEN : ENV_OTHER;
    }
    if (settings_is_identity(x->key) || strcmp(x->key, "AWS_REGION") == 0 ||
        strcmp(x->key, "AWS_DEFAULT_REGION") == 0 || strcmp(x->key, "AWS_MAX_ATTEMPTS") == 0) {
        return ENV_TAKEN;
    }
    if (service_endpoint(x->key)) {
        bool harmless = x->value[0] == '\0' || url_is_loopback(x->value);
        return harmless || s->env_trusted ? ENV_TAKEN : ENV_UNCONFIRMED;
    }
    if (names_an_account(x)) {
        return s->env_trusted ? ENV_OTHER : ENV_UNCONFIRMED;
    }
    /* which environment is worked on is not for a file to say that lies in this folder */
    bool context = strcmp(x->key, setting_rows[SET_CONTEXT].env) == 0;
    return context || redirects(x->key) ? ENV_NEVER : ENV_OTHER;
}

const char *settings_unasked_endpoint(const struct settings *s)
{
    const struct env_entry *x = s->env_named ? NULL : env_file_find(&s->env, GENERAL);

    return x != NULL && x->value[0] != '\0' && settings_env_verdict(s, x) == ENV_TAKEN ? x->value
                                                                                       : NULL;
}

bool settings_is_unasked_general(const struct settings *s, const char *key)
{
    return !s->env_named && strcmp(key, GENERAL) == 0;
}

/* The machine that a URL names, short and clean. Owned. */
static char *machine(const char *url)
{
    char *host = url_host_of(url);
    char *shown = host == NULL ? xstrdup("another address") : text_cleaned(host, TEXT_ONE_LINE);

    free(host);
    return shown;
}

static void ignore(struct settings *s, const struct env_entry *x, enum env_verdict v)
{
    char *from = xasprintf("%s:%d", s->env_path, x->line);
    char *why;

    if (v == ENV_UNCONFIRMED && names_an_account(x)) {
        why = xstrdup("its ARN may be of another account, and it comes from a file in this folder; "
                      "give the name alone, or, if it is right, confirm the folder once with "
                      "`mvpdash config --trust`");
    } else if (v == ENV_UNCONFIRMED) {
        char *host = machine(x->value);
        why = xasprintf("it would send requests to %.80s because of a file in this folder; if that "
                        "is right, confirm the folder once with `mvpdash config --trust`",
                        host);
        free(host);
    } else {
        why = xasprintf("a file that is read because it is in this folder may set only keys, "
                        "profile, region and the endpoints of DynamoDB, EventBridge, Batch, logs "
                        "and SQS; to use all of it, name it: --env-file %s",
                        s->env_path);
    }
    settings_warn(s, xasprintf("%s: %s is ignored: %s", from, x->key, why));
    s->ignored = xgrow(s->ignored, s->ignored_len, &s->ignored_cap, sizeof *s->ignored);
    s->ignored[s->ignored_len++] = (struct setting_ignored){
        .name = xstrdup(x->key), .from = from, .why = why, .confirm = v == ENV_UNCONFIRMED};
}

void settings_note_ignored(struct settings *s)
{
    for (size_t i = 0; i < s->env.len; i++) {
        const struct env_entry *x = &s->env.items[i];
        enum env_verdict v = settings_env_verdict(s, x);
        if ((v == ENV_NEVER || v == ENV_UNCONFIRMED) && env_file_find(&s->env, x->key) == x) {
            ignore(s, x, v);
        }
    }
}

size_t settings_ignored(const struct settings *s, const struct setting_ignored **out)
{
    *out = s->ignored;
    return s->ignored_len;
}
