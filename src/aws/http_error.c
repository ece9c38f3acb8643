/* libcurl's failures in words that say what to look at. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/platform.h"
#include "http_impl.h"
#include "trust.h"

static double seconds_of(int ms, int fallback_ms)
{
    return (double)(ms == 0 ? fallback_ms : ms) / 1000.0;
}

long http_idle_s(const struct http_request *r)
{
    int ms = r->idle_timeout_ms == 0 ? HTTP_IDLE_TIMEOUT_MS : r->idle_timeout_ms;

    return (ms + 999) / 1000;
}

enum err_code http_too_late(struct err *e)
{
    (void)err_set(e, E_TIMEOUT, "the time of the operation ran out before the request was sent");
    return err_hint_set(e, "--timeout gives it more time; `mvpdash test` shows what is slow");
}

enum err_code http_no_slot(struct http *h, struct err *e)
{
    if (http_stopped(h)) {
        return err_set(e, E_CANCELLED, "stopped");
    }
    return err_set(e, E_TIMEOUT,
                   "it was not asked: all %d connections to AWS were in use for all of the time",
                   h->max);
}

enum { BY_MAX = 400 };

/* A text such as ", the endpoint of AWS_ENDPOINT_URL, through the proxy HOST (HTTPS_PROXY)": it
 * says who named the host, when a person did, and what else is on the way. */
static const char *named_by(const struct slot *s, char out[BY_MAX])
{
    const char *from = s->request->endpoint_from;
    int n = 0;

    out[0] = '\0';
    if (from != NULL) {
        n = snprintf(out, BY_MAX, ", the endpoint of %.159s", from);
    }
    if (s->proxy.url != NULL) {
        (void)snprintf(out + n, (size_t)(BY_MAX - n), "%s through the proxy %s (%s)",
                       from == NULL ? "" : ",", s->proxy.host, s->proxy.variable);
    }
    return out;
}

/* Gives the hint that the proxy is to blame, not the host behind it. */
static enum err_code hint_proxy(const struct slot *s, struct err *e)
{
    return err_hint_set(e, "correct or unset %s; NO_PROXY=%.100s goes there without the proxy",
                        s->proxy.variable, s->host);
}

/* Was the address of the host, or of the proxy, found? libcurl counts at least a microsecond then.
 */
static bool named(const struct slot *s)
{
    curl_off_t spent_us = 0;

    (void)curl_easy_getinfo(s->easy, CURLINFO_NAMELOOKUP_TIME_T, &spent_us);
    return spent_us > 0;
}

/* Handles a request that neither the proxy nor the host got as far as taking. */
static enum err_code unreached(const struct slot *s, double total, struct err *e)
{
    const struct proxy *p = &s->proxy;
    double limit = seconds_of(s->request->connect_timeout_ms, HTTP_CONNECT_TIMEOUT_MS);
    long tunnel = 0;
    char by[BY_MAX];

    limit = limit < total ? limit : total;
    if (!named(s)) {
        (void)err_set(e, E_TIMEOUT, "no name server gave the address of %s%s within %g s",
                      p->url != NULL ? p->host : s->host, named_by(s, by), limit);
        return err_hint_set(e, "check the network and the name servers in /etc/resolv.conf");
    }
    (void)curl_easy_getinfo(s->easy, CURLINFO_HTTP_CONNECTCODE, &tunnel);
    if (p->url != NULL && tunnel / 100 != 2) {
        (void)err_set(e, E_TIMEOUT, "%s proxy %s (%s)%s %s within %g s",
                      s->reached ? "the" : "no connection to the", p->host, p->variable,
                      s->reached ? " accepts connections, but opened none to" : " on the way to",
                      s->host, limit);
        return hint_proxy(s, e);
    }
    if (!s->reached) {
        return err_set(e, E_TIMEOUT, "no connection to %s within %g s%s", s->host, limit,
                       named_by(s, by));
    }
    (void)err_set(e, E_TIMEOUT,
                  "the connection was accepted, but no TLS answer came within %g s from %s%s",
                  limit, s->host, named_by(s, by));
    return err_hint_set(e, "check the proxy, and that the endpoint speaks https");
}

static enum err_code timed_out(const struct slot *s, bool connected, struct err *e)
{
    const struct http_request *r = s->request;
    double total = seconds_of(s->total_ms, HTTP_TOTAL_TIMEOUT_MS);
    bool cut =
        s->total_ms < (r->total_timeout_ms == 0 ? HTTP_TOTAL_TIMEOUT_MS : r->total_timeout_ms);
    curl_off_t spent_us = 0;
    char by[BY_MAX];

    if (!connected) {
        return unreached(s, total, e);
    }
    (void)curl_easy_getinfo(s->easy, CURLINFO_TOTAL_TIME_T, &spent_us);
    /* libcurl's own clock may end the whole time a moment early. */
    if ((double)spent_us / 1e6 < total - 0.05) {
        return err_set(e, E_TIMEOUT,
                       "the connection was accepted, but nothing came for %ld s from %s%s",
                       http_idle_s(r), s->host, named_by(s, by));
    }
    if (cut) {
        (void)err_set(e, E_TIMEOUT,
                      "no complete reply from %s%s within the %g s that were left of the operation",
                      s->host, named_by(s, by), total);
        return err_hint_set(e, "--timeout gives it more time; `mvpdash test` shows what is slow");
    }
    return err_set(e, E_TIMEOUT, "no complete reply from %s%s within %g s", s->host,
                   named_by(s, by), total);
}

/* Handles a failure of TLS with the host, or with a proxy that itself speaks TLS. `distrusted`: a
 * certificate came, and none of the authorities vouches for it; otherwise there was no TLS. */
static enum err_code tls_failed(const struct slot *s, bool distrusted, struct err *e)
{
    const struct http *h = s->http;
    bool proxied = s->proxy.url != NULL;
    long tunnel = 0;
    char by[BY_MAX];

    (void)curl_easy_getinfo(s->easy, CURLINFO_HTTP_CONNECTCODE, &tunnel);
    if (proxied && tunnel == 0 && strncasecmp(s->proxy.url, "https://", 8) == 0) {
        (void)err_set(e, E_NET, "no %sTLS connection to the proxy %s (%s): %s",
                      distrusted ? "trusted " : "", s->proxy.host, s->proxy.variable, s->error);
    } else {
        (void)err_set(e, E_NET, "no %sTLS connection to %s%s: %s", distrusted ? "trusted " : "",
                      s->host, named_by(s, by), s->error);
    }
    if (!distrusted) {
        return err_hint_set(e, "check that %s in TLS%s%s",
                            proxied ? "the proxy passes on what the endpoint says"
                                    : "the endpoint speaks https and answers",
                            proxied ? "; correct or unset " : "", proxied ? s->proxy.variable : "");
    }
    if (h->ca_from != NULL) {
        return err_hint_set(e,
                            "only the certificate authorities of %.120s (%.60s) are trusted: "
                            "add that of %s there",
                            h->ca_bundle, h->ca_from, proxied ? "the proxy" : "the endpoint");
    }
    return err_hint_set(e, "check the clock and the proxy; AWS_CA_BUNDLE names a file of your own "
                           "certificate authorities");
}

enum err_code http_bad_authorities(const struct slot *s, struct err *e)
{
    const struct http *h = s->http;

    if (h->ca_from == NULL) {
        char tried[300];
        trust_tried(tried, sizeof tried);
        (void)err_set(e, E_CONFIG,
                      "the certificate authorities of this system cannot be read (%.60s); tried %s",
                      s->error, tried);
        return err_hint_set(e, "install ca-certificates, or set AWS_CA_BUNDLE");
    }
    (void)err_set(e, E_CONFIG, "no certificate authorities can be read from %.200s (%s)",
                  h->ca_bundle, h->ca_from);
    return err_hint_set(
        e, "correct or unset %.80s: it must name a file of certificates in PEM form", h->ca_from);
}

/* Handles a proxy that answered and opened no way to the host: `status` is its own HTTP status. */
static enum err_code refused_by_proxy(const struct slot *s, int status, struct err *e)
{
    const struct proxy *p = &s->proxy;

    if (e != NULL) {
        e->maybe_done = false;
    }
    if (status != 407) {
        (void)err_set(e, E_NET, "the proxy %s (%s) opens no way to %s: HTTP %d", p->host,
                      p->variable, s->host, status);
        return hint_proxy(s, e);
    }
    (void)err_set(e, E_NET, "the proxy %s (%s) %s on the way to %s: HTTP 407", p->host, p->variable,
                  p->login ? "refuses its user and password" : "needs a login", s->host);
    return err_hint_set(e, "%s in %s: http://USER:PASSWORD@%.100s",
                        p->login ? "correct user and password" : "give user and password",
                        p->variable, p->host);
}

static enum err_code no_connection(const struct slot *s, struct err *e)
{
    long os_errno = 0;
    char words[80] = "";
    char by[BY_MAX];

    (void)curl_easy_getinfo(s->easy, CURLINFO_OS_ERRNO, &os_errno);
    const char *text =
        os_errno == 0 ? NULL : platform_errno_text((int)os_errno, words, sizeof words);
    if (s->proxy.url != NULL) {
        /* libcurl's own words may hold the proxy's password. */
        (void)err_set(
            e, E_NET, "cannot connect to the proxy %s (%s) on the way to %s: %s", s->proxy.host,
            s->proxy.variable, s->host,
            text == NULL ? "it is not an http, https or socks proxy, or it does not answer" : text);
        return hint_proxy(s, e);
    }
    if (text == NULL) {
        text = s->error[0] == '\0' ? "no route or refused" : s->error;
    }
    return err_set(e, E_NET, "cannot connect to %s: %s%s", s->host, text, named_by(s, by));
}

static enum err_code no_address(const struct slot *s, struct err *e)
{
    char by[BY_MAX];

    return err_set(e, E_NET,
                   "cannot find the address of %s%s (no network, no DNS, or no such host)", s->host,
                   named_by(s, by));
}

static enum err_code no_proxy_address(const struct slot *s, struct err *e)
{
    if (s->proxy.url == NULL) {
        return err_set(e, E_NET, "cannot find the address of the proxy for %s", s->host);
    }
    (void)err_set(e, E_NET, "cannot find the address of the proxy %s (%s) on the way to %s",
                  s->proxy.host, s->proxy.variable, s->host);
    return hint_proxy(s, e);
}

/* Handles a proxy that took the connection, and then said nothing, or nothing that a proxy says. */
static enum err_code proxy_broke(const struct slot *s, struct err *e)
{
    const struct proxy *p = &s->proxy;
    long os_errno = 0;
    char words[80] = "";

    (void)curl_easy_getinfo(s->easy, CURLINFO_OS_ERRNO, &os_errno);
    const char *text =
        os_errno == 0 ? NULL : platform_errno_text((int)os_errno, words, sizeof words);
    (void)err_set(e, E_NET, "the proxy %s (%s) accepts connections, but opened none to %s: %s",
                  p->host, p->variable, s->host,
                  text == NULL ? "it did not answer as a proxy does" : text);
    return hint_proxy(s, e);
}

enum err_code http_wrong_proxy(const struct slot *s, struct err *e)
{
    if (e != NULL) {
        e->maybe_done = false;
    }
    (void)err_set(e, E_CONFIG, "%s is not the address of a proxy: %s", s->proxy.variable,
                  s->proxy.wrong);
    return err_hint_set(e,
                        "correct or unset %s: http://HOST:PORT or http://USER:PASSWORD@HOST:PORT",
                        s->proxy.variable);
}

/* The status of the proxy's refusal, when the proxy is to blame; 0 otherwise. */
static int proxy_status(const struct slot *s)
{
    long code = 0;

    if (s->proxy.url != NULL) {
        (void)curl_easy_getinfo(s->easy, CURLINFO_HTTP_CONNECTCODE, &code);
    }
    return code / 100 == 2 ? 0 : (int)code;
}

/* Handles a failure of the connection, or of what came over it. `begun`: the request was on its
 * way. */
static enum err_code link_broke(const struct slot *s, CURLcode rc, bool begun, struct err *e)
{
    long tunnel = 0;
    char by[BY_MAX];

    (void)curl_easy_getinfo(s->easy, CURLINFO_HTTP_CONNECTCODE, &tunnel);
    if (!begun && s->proxy.url != NULL && tunnel / 100 != 2) {
        return proxy_broke(s, e);
    }
    switch (rc) {
    case CURLE_PARTIAL_FILE:
        return err_set(e, E_NET, "the reply from %s%s was cut short", s->host, named_by(s, by));
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_FAIL_REWIND:
        return err_set(e, E_NET, "the connection was closed without a reply from %s%s", s->host,
                       named_by(s, by));
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
        return err_set(e, E_NET, "the connection to %s%s broke: %s", s->host, named_by(s, by),
                       s->error);
    default:
        return err_set(e, E_NET, "request to %s%s failed: %s", s->host, named_by(s, by),
                       s->error[0] == '\0' ? curl_easy_strerror(rc) : s->error);
    }
}

enum err_code http_explain(struct slot *s, CURLcode rc, struct err *e)
{
    curl_off_t ready_us = 0;
    enum err_code code;
    char by[BY_MAX];

    (void)curl_easy_getinfo(s->easy, CURLINFO_PRETRANSFER_TIME_T, &ready_us);
    int refusal = rc == CURLE_ABORTED_BY_CALLBACK || ready_us > 0 ? 0 : proxy_status(s);
    if (refusal != 0) {
        return refused_by_proxy(s, refusal, e);
    }
    switch (rc) {
    case CURLE_COULDNT_RESOLVE_HOST:
        code = no_address(s, e);
        break;
    case CURLE_COULDNT_RESOLVE_PROXY:
        code = no_proxy_address(s, e);
        break;
    case CURLE_PROXY: /* the proxy speaks SOCKS */
    case CURLE_COULDNT_CONNECT:
        code = no_connection(s, e);
        break;
    case CURLE_OPERATION_TIMEDOUT:
        code = timed_out(s, ready_us > 0, e);
        break;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CIPHER:
        code = tls_failed(s, false, e);
        break;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_ISSUER_ERROR:
        code = tls_failed(s, true, e);
        break;
    case CURLE_SSL_CACERT_BADFILE:
        code = http_bad_authorities(s, e);
        break;
    case CURLE_UNSUPPORTED_PROTOCOL: /* the same code as "Received HTTP/0.9 when not allowed" */
        if (ready_us > 0) {
            code = err_set(e, E_NET, "what answers is not HTTP: %s%s", s->host, named_by(s, by));
            break;
        }
        /* fall through */
    case CURLE_URL_MALFORMAT:
        code = err_set(e, E_CONFIG, "not a usable http or https URL: %.200s%s", s->request->url,
                       named_by(s, by));
        break;
    case CURLE_ABORTED_BY_CALLBACK:
        code = err_set(e, E_CANCELLED, "stopped");
        break;
    default:
        code = s->too_big ? err_set(e, E_TOO_BIG, "the reply from %s is over %zu bytes", s->host,
                                    http_body_limit(s->request))
                          : link_broke(s, rc, ready_us > 0, e);
    }
    if (e != NULL) {
        e->maybe_done = ready_us > 0;
    }
    return code;
}
