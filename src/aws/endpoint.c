#include "endpoint.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "http.h"

/* By the beginning of the region; the first that fits. The aws partition is the last row. */
static const struct partition {
    const char *begins;
    const char *suffix;
    const char *dual_stack;
    const char *global_part;   /* between a global service's prefix and the suffix */
    const char *global_region; /* such services are signed for */
} partitions[] = {
    {"cn-",      "amazonaws.com.cn", "api.amazonwebservices.com.cn", ".cn-north-1",      "cn-north-1"     },
    {"us-gov-",  "amazonaws.com",    "api.aws",                      ".us-gov",          "us-gov-west-1"  },
    {"eusc-de-", "amazonaws.eu",     "api.amazonwebservices.eu",     ".eusc-de-east-1",  "eusc-de-east-1" },
    {"us-isob-", "sc2s.sgov.gov",    "sc2s.sgov.gov",                ".us-isob-east-1",  "us-isob-east-1" },
    {"us-isof-", "csp.hci.ic.gov",   "csp.hci.ic.gov",               ".us-isof-south-1", "us-isof-south-1"},
    {"eu-isoe-", "cloud.adc-e.uk",   "cloud.adc-e.uk",               ".eu-isoe-west-1",  "eu-isoe-west-1" },
    {"us-iso-",  "c2s.ic.gov",       "c2s.ic.gov",                   ".us-iso-east-1",   "us-iso-east-1"  },
    {"",         "amazonaws.com",    "api.aws",                      "",                 "us-east-1"      },
};

static const struct partition *partition_of(const char *region)
{
    const struct partition *p = partitions;

    while (strncmp(region, p->begins, strlen(p->begins)) != 0) {
        p++;
    }
    return p;
}

const char *endpoint_suffix(const char *region, bool dual_stack)
{
    const struct partition *p = partition_of(region);

    return dual_stack ? p->dual_stack : p->suffix;
}

bool endpoint_region_valid(const char *region)
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

static bool setting(const struct endpoint_options *o, const char *variable, const char *key)
{
    if (env_get(variable) != NULL) {
        return env_true(variable);
    }
    const char *v = profiles_get(o->profiles, o->profiles->name, key);
    return v != NULL && strcasecmp(v, "true") == 0;
}

/* "DYNAMODB_STREAMS" -> "dynamodb_streams.endpoint_url" in the profile's services section. */
static const char *from_services(const struct endpoint_options *o, const char *env_suffix)
{
    const char *services = profiles_get(o->profiles, o->profiles->name, "services");
    char *key = NULL;
    const char *v = NULL;

    if (services != NULL) {
        key = xasprintf("%s.endpoint_url", env_suffix);
        v = profiles_get_section(o->profiles, "services", services, key);
        free(key);
    }
    return v;
}

/* `*where` names the source for the error text. */
static const char *override_of(const struct endpoint_options *o, const char *env_suffix,
                               char where[64])
{
    const char *v = o->endpoint_url;

    (void)snprintf(where, 64, "--endpoint-url");
    if (v != NULL && *v != '\0') {
        return v;
    }
    if (setting(o, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls")) {
        return NULL;
    }
    (void)snprintf(where, 64, "AWS_ENDPOINT_URL_%s", env_suffix);
    v = env_get(where);
    if (v == NULL) {
        (void)snprintf(where, 64, "AWS_ENDPOINT_URL");
        v = env_get(where);
    }
    if (v == NULL) {
        (void)snprintf(where, 64, "profile %.40s", o->profiles->name);
        v = from_services(o, env_suffix);
    }
    return v != NULL ? v : profiles_get(o->profiles, o->profiles->name, "endpoint_url");
}

static enum err_code use_override(const struct endpoint_options *o, const char *url,
                                  const char *where, struct endpoint *out, struct err *e)
{
    char *host = http_host_of(url);

    if (host == NULL || strpbrk(url, "?#") != NULL) {
        free(host);
        (void)err_set(e, strncmp(where, "--", 2) == 0 ? E_INVALID : E_CONFIG,
                      "%s: \"%.120s\" is not an endpoint", where, url);
        return err_hint_set(e, "give http://HOST:PORT or https://HOST, with a path or without");
    }
    if (strncasecmp(url, "http://", 7) == 0 && !http_is_loopback(url) && !o->insecure) {
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

/* Host names that do not follow the rule prefix[-fips].region.suffix. */
static char *computed_host(const struct endpoint_options *o, const char *prefix)
{
    bool fips = setting(o, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
    bool dual = setting(o, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");
    const char *suffix = endpoint_suffix(o->region, dual);

    if (dual && strcmp(prefix, "streams.dynamodb") == 0) {
        prefix = "streams-dynamodb";
    }
    if ((dual || fips) && strcmp(prefix, "api.ecr") == 0) {
        prefix = "ecr";
    }
    if (fips && strncmp(o->region, "us-gov-", 7) == 0) {
        fips = false; /* there the plain host is the FIPS host */
    }
    if (fips && strcmp(prefix, "batch") == 0) {
        return xasprintf("fips.batch.%s.%s", o->region, suffix);
    }
    return xasprintf("%s%s.%s.%s", prefix, fips ? "-fips" : "", o->region, suffix);
}

enum err_code endpoint_resolve_named(const struct endpoint_options *o, const char *prefix,
                                     const char *env_suffix, struct endpoint *out, struct err *e)
{
    char where[64];

    *out = (struct endpoint){0};
    if (!endpoint_region_valid(o->region)) {
        (void)err_set(e, E_CONFIG, "region \"%.60s\" is not a region's name", o->region);
        return err_hint_set(e, "set AWS_REGION or --region, for example us-east-1");
    }
    const char *url = override_of(o, env_suffix, where);
    if (url != NULL) {
        enum err_code rc = use_override(o, url, where, out, e);
        if (rc != E_OK) {
            return rc;
        }
    } else {
        out->host = computed_host(o, prefix);
        out->url = xasprintf("https://%s", out->host);
        out->path = xstrdup("");
    }
    out->signing_region = xstrdup(o->region);
    return E_OK;
}

/* One host for the whole partition, signed for the region that it stands in. An endpoint of the
 * user's own is signed for the region in force, as the SDKs do. */
static void use_global(const struct endpoint_options *o, const struct aws_service *v,
                       struct endpoint *out)
{
    const struct partition *p = partition_of(o->region);
    bool fips = p->begins[0] == '\0' && setting(o, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");

    free(out->host);
    free(out->url);
    free(out->signing_region);
    out->host =
        xasprintf("%s%s%s.%s", v->host_prefix, fips ? "-fips" : "", p->global_part, p->suffix);
    out->url = xasprintf("https://%s", out->host);
    out->signing_region = xstrdup(p->global_region);
}

enum err_code endpoint_resolve(const struct endpoint_options *o, enum aws_service_id s,
                               struct endpoint *out, struct err *e)
{
    const struct aws_service *v = aws_service_get(s);
    enum err_code rc = endpoint_resolve_named(o, v->host_prefix, v->env_suffix, out, e);
    char where[64];

    if (rc == E_OK && v->global && override_of(o, v->env_suffix, where) == NULL) {
        use_global(o, v, out);
    }
    if (rc == E_OK && v->signing_name[0] == 'd' && strcmp(o->region, "local") == 0) {
        /* DynamoDB Local's conventional region. */
        free(out->signing_region);
        out->signing_region = xstrdup("us-east-1");
        if (strncmp(out->url, "https://", 8) == 0 && strstr(out->host, ".local.") != NULL) {
            free(out->url);
            free(out->host);
            out->url = xstrdup("http://localhost:8000");
            out->host = xstrdup("localhost:8000");
        }
    }
    return rc;
}

void endpoint_clear(struct endpoint *p)
{
    free(p->url);
    free(p->host);
    free(p->path);
    free(p->signing_region);
    *p = (struct endpoint){0};
}
