/* trust.c: finds where the certificate authorities are that the program trusts: where the
 * environment or the profile says, else where the system keeps them. */
#include "trust.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* One program runs on all distributions: where each keeps its authorities. */
static const char *const places[] = {
    "/etc/ssl/certs/ca-certificates.crt",                /* Debian, Ubuntu, Alpine, Arch */
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", /* RHEL, Fedora, Amazon Linux */
    "/etc/pki/tls/certs/ca-bundle.crt",                  /* the same, older releases */
    "/etc/ssl/ca-bundle.pem",                            /* SUSE */
    "/var/lib/ca-certificates/ca-bundle.pem",            /* SUSE, newer releases */
    "/etc/ssl/cert.pem",                                 /* Alpine without the package's link */
};
enum { PLACES = sizeof places / sizeof *places };

/* The place that libcurl was built with; a distribution's libcurl has one. NULL: none. */
static const char *own_place(void)
{
    const curl_version_info_data *v = curl_version_info(CURLVERSION_NOW);

    return v->age >= CURLVERSION_SEVENTH && v->cainfo != NULL ? v->cainfo : NULL;
}

static struct http_trust of_system(void)
{
    const char *own = own_place();

    if (own != NULL && access(own, R_OK) == 0) {
        return (struct http_trust){NULL, NULL};
    }
    for (size_t i = 0; i < PLACES; i++) {
        if (access(places[i], R_OK) == 0) {
            return (struct http_trust){places[i], NULL};
        }
    }
    return (struct http_trust){NULL, NULL};
}

/* Looks where the AWS CLI looks, and then at OpenSSL's own two variables (the last two), which
 * libcurl does not read. */
struct http_trust trust_find(const struct env *env, const char *profile, const char *ca_bundle,
                             char from[TRUST_FROM_MAX])
{
    static const char *const last[] = {"REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"};
    struct http_trust t = {env_get(env, "AWS_CA_BUNDLE"), "AWS_CA_BUNDLE"};

    if (t.bundle == NULL) {
        (void)snprintf(from, TRUST_FROM_MAX, "ca_bundle of profile %.64s", profile);
        t = (struct http_trust){ca_bundle, from};
    }
    for (size_t i = 0; t.bundle == NULL && i < sizeof last / sizeof *last; i++) {
        t = (struct http_trust){env_get(env, last[i]), last[i]};
    }
    return t.bundle == NULL ? of_system() : t;
}

void trust_tried(char *out, size_t size)
{
    const char *own = own_place();
    size_t len = 0;

    out[0] = '\0';
    for (size_t i = 0; i <= PLACES; i++) {
        const char *place = i == 0 ? own : places[i - 1];
        if (place != NULL && (i == 0 || own == NULL || strcmp(place, own) != 0) && len < size) {
            int n = snprintf(out + len, size - len, "%s%s", len == 0 ? "" : ", ", place);
            len += n > 0 ? (size_t)n : 0;
        }
    }
}
