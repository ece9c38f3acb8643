/* Where the calls of a service go: overrides, the profile's settings, the rules of AWS's hosts. */
#include "endpoint.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/url.h"
#include "endpoint_rules.h"

static bool endpoint_region_valid(const char *region)
{
    size_t n = strlen(region);

    if (n == 0 || n > 63 || region[0] == '-' || region[n - 1] == '-') {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (!isalnum((unsigned char)region[i]) && region[i] != '-') {
            return false;
        }
    }
    return true;
}

/* Is this a region of the old form "fips-us-east-1" or "us-gov-west-1-fips"? It is read as botocore
 * reads it. */
static bool fips_in_name(const char *region)
{
    size_t n = strlen(region);

    return strncmp(region, "fips-", 5) == 0 || (n > 5 && strcmp(region + n - 5, "-fips") == 0);
}

char *endpoint_region_name(const char *region)
{
    size_t n = strlen(region);

    if (!fips_in_name(region)) {
        return xstrdup(region);
    }
    return region[0] == 'f' ? xstrdup(region + 5) : xstrndup(region, n - 5);
}

static enum err_code read_bool(const char *value, const char *name, bool *out, struct err *e)
{
    *out = value != NULL && strcasecmp(value, "true") == 0;
    if (value == NULL || *out || strcasecmp(value, "false") == 0) {
        return E_OK;
    }
    (void)err_set(e, E_CONFIG, "%s is \"%.40s\", which is neither true nor false", name, value);
    return err_hint_set(e, "set it to true or to false: it decides which host is asked");
}

/* Reads a setting. Any word other than true or false is refused: to take "yes" for no would ask
 * another host than the wanted one. */
static enum err_code setting(const struct endpoint_options *o, const char *variable,
                             const char *key, bool *out, struct err *e)
{
    char name[96];
    const char *typed = env_get(o->profiles->env, variable);

    if (typed != NULL) {
        return read_bool(typed, variable, out, e);
    }
    (void)snprintf(name, sizeof name, "%s of profile %.40s", key, o->profiles->name);
    return read_bool(profiles_get(o->profiles, o->profiles->name, key), name, out, e);
}

/* Reads the endpoint of a service from the profile's services section: "DYNAMODB_STREAMS" is
 * "dynamodb_streams.endpoint_url" there. */
static enum err_code from_services(const struct endpoint_options *o, const char *env_suffix,
                                   const char **out, struct err *e)
{
    const struct profiles *p = o->profiles;
    const char *services = profiles_get(p, p->name, "services");

    *out = NULL;
    if (services == NULL) {
        return E_OK;
    }
    if (!profiles_has_section(p, "services", services)) {
        (void)err_set(e, E_CONFIG, "profile %.40s names services %.40s, which do not exist",
                      p->name, services);
        return err_hint_set(e,
                            "add the section [services %.40s] to the config file, or take the "
                            "key `services` out of the profile",
                            services);
    }
    char *key = xasprintf("%s.endpoint_url", env_suffix);
    *out = profiles_get_section(p, "services", services, key);
    free(key);
    return E_OK;
}

enum { WHERE_MAX = 160 };

/* Finds the endpoint that somebody asked for; `*url` is NULL when nobody did. `where` names the
 * source for the error text. */
static enum err_code override_of(const struct endpoint_options *o, const char *env_suffix,
                                 const char **url, char where[WHERE_MAX], struct err *e)
{
    bool ignored = false;

    *url = o->endpoint_url;
    (void)snprintf(where, WHERE_MAX, "--endpoint-url");
    if (*url != NULL && **url != '\0') {
        return E_OK;
    }
    *url = NULL;
    enum err_code rc = setting(o, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
                               "ignore_configured_endpoint_urls", &ignored, e);
    if (rc != E_OK || ignored) {
        return rc;
    }
    (void)snprintf(where, WHERE_MAX, "AWS_ENDPOINT_URL_%s", env_suffix);
    *url = env_get(o->profiles->env, where);
    if (*url == NULL) {
        (void)snprintf(where, WHERE_MAX, "%s",
                       o->endpoint_named != NULL ? o->endpoint_named : "AWS_ENDPOINT_URL");
        *url = env_get(o->profiles->env, "AWS_ENDPOINT_URL");
    }
    if (*url == NULL && o->file_endpoint != NULL) {
        (void)snprintf(where, WHERE_MAX, "AWS_ENDPOINT_URL of the env file");
        *url = o->file_endpoint;
    }
    if (*url == NULL) {
        (void)snprintf(where, WHERE_MAX, "profile %.40s", o->profiles->name);
        rc = from_services(o, env_suffix, url, e);
    }
    if (rc == E_OK && *url == NULL) {
        *url = profiles_get(o->profiles, o->profiles->name, "endpoint_url");
    }
    return rc;
}

static enum err_code use_override(const struct endpoint_options *o, const char *url,
                                  const char *where, struct endpoint *out, struct err *e)
{
    char *host = url_host_of(url);

    if (host == NULL || strpbrk(url, "?#") != NULL) {
        free(host);
        (void)err_set(e, strncmp(where, "--", 2) == 0 ? E_INVALID : E_CONFIG,
                      "%s: \"%.120s\" is not an endpoint", where, url);
        return err_hint_set(e, "give http://HOST:PORT or https://HOST, with a path or without");
    }
    if (strncasecmp(url, "http://", 7) == 0 && !url_is_loopback(url) && !o->insecure) {
        (void)err_set(e, E_CONFIG, "%s: %s would send requests unencrypted over the network", where,
                      host);
        free(host);
        return err_hint_set(e, "use https, or allow it with --insecure-endpoint");
    }
    size_t len = strlen(url);
    while (len > 0 && url[len - 1] == '/') {
        len--;
    }
    const char *authority = strstr(url, "://") + 3;
    size_t path = (size_t)(authority - url) + strcspn(authority, "/");
    out->url = xstrndup(url, len);
    out->host = host;
    out->path = path < len ? xstrndup(url + path, len - path) : xstrdup("");
    return E_OK;
}

/* Handles sts_regional_endpoints = legacy: the global host of STS serves the regions that are older
 * than the regional hosts of STS. */
static enum err_code global_sts(const struct endpoint_options *o, struct endpoint_place *at,
                                struct err *e)
{
    static const char *const old[] = {
        "ap-northeast-1", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1",
        "eu-central-1",   "eu-north-1", "eu-west-1",      "eu-west-2",      "eu-west-3",
        "sa-east-1",      "us-east-1",  "us-east-2",      "us-west-1",      "us-west-2"};
    const char *variable = "AWS_STS_REGIONAL_ENDPOINTS";
    const char *v = env_get(o->profiles->env, variable);

    if (v == NULL) {
        variable = "sts_regional_endpoints of the profile";
        v = profiles_get(o->profiles, o->profiles->name, "sts_regional_endpoints");
    }
    if (v == NULL || strcasecmp(v, "regional") == 0) {
        return E_OK;
    }
    if (strcasecmp(v, "legacy") != 0) {
        (void)err_set(e, E_CONFIG, "%s is \"%.40s\", which is neither regional nor legacy",
                      variable, v);
        return err_hint_set(e, "set it to regional, or leave it out");
    }
    for (size_t i = 0; !at->fips && !at->dual_stack && i < sizeof old / sizeof *old; i++) {
        if (strcmp(at->region, old[i]) == 0) {
            at->region = "aws-global";
            break;
        }
    }
    return E_OK;
}

static enum err_code use_rules(const struct endpoint_options *o, const char *prefix,
                               const char *region, struct endpoint *out, struct err *e)
{
    struct endpoint_place at = {.region = region};
    const char *signed_for = NULL;
    enum err_code rc = setting(o, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint", &at.fips, e);

    at.fips = at.fips || fips_in_name(o->region);
    if (rc == E_OK) {
        rc = setting(o, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint", &at.dual_stack, e);
    }
    if (rc == E_OK && strcmp(prefix, "sts") == 0) {
        rc = global_sts(o, &at, e);
    }
    if (rc == E_OK) {
        rc = endpoint_rule(prefix, &at, &out->url, &signed_for, e);
    }
    if (rc == E_OK) {
        out->host = xstrdup(strstr(out->url, "://") + 3);
        out->path = xstrdup("");
        out->signing_region = xstrdup(signed_for);
    }
    return rc;
}

enum err_code endpoint_resolve_named(const struct endpoint_options *o, const char *prefix,
                                     const char *env_suffix, struct endpoint *out, struct err *e)
{
    char where[WHERE_MAX];
    const char *url;

    *out = (struct endpoint){0};
    if (!endpoint_region_valid(o->region)) {
        (void)err_set(e, E_CONFIG, "region \"%.60s\" is not a region's name", o->region);
        return err_hint_set(e, "set AWS_REGION or --region, for example us-east-1");
    }
    char *region = endpoint_region_name(o->region);
    enum err_code rc = override_of(o, env_suffix, &url, where, e);
    if (rc == E_OK && url == NULL) {
        rc = use_rules(o, prefix, region, out, e);
    } else if (rc == E_OK) {
        rc = use_override(o, url, where, out, e);
        if (rc == E_OK) {
            out->signing_region = xstrdup(region);
            out->from = xstrdup(where);
        }
    }
    free(region);
    return rc;
}

enum err_code endpoint_resolve(const struct endpoint_options *o, enum aws_service_id s,
                               struct endpoint *out, struct err *e)
{
    const struct aws_service *v = aws_service_get(s);

    return endpoint_resolve_named(o, v->host_prefix, v->env_suffix, out, e);
}

void endpoint_clear(struct endpoint *p)
{
    free(p->url);
    free(p->host);
    free(p->path);
    free(p->signing_region);
    free(p->from);
    *p = (struct endpoint){0};
}
