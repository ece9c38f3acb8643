/* libcurl's failures in words that say what to look at. */
#include <string.h>

#include "http_impl.h"

static double seconds_of(int ms, int fallback_ms)
{
    return (double)(ms == 0 ? fallback_ms : ms) / 1000.0;
}

long http_idle_s(const struct http_request *r)
{
    int ms = r->idle_timeout_ms == 0 ? HTTP_IDLE_TIMEOUT_MS : r->idle_timeout_ms;

    return (ms + 999) / 1000;
}

static enum err_code timed_out(const struct slot *s, bool connected, struct err *e)
{
    const struct http_request *r = s->request;
    double total = seconds_of(r->total_timeout_ms, HTTP_TOTAL_TIMEOUT_MS);
    long port = 0;
    curl_off_t spent_us = 0;

    if (!connected) {
        double limit = seconds_of(r->connect_timeout_ms, HTTP_CONNECT_TIMEOUT_MS);
        limit = limit < total ? limit : total;
        (void)curl_easy_getinfo(s->easy, CURLINFO_LOCAL_PORT, &port);
        if (port <= 0) {
            return err_set(e, E_TIMEOUT, "no connection to %s within %g s", s->host, limit);
        }
        (void)err_set(e, E_TIMEOUT, "%s takes connections, but no TLS answer came within %g s",
                      s->host, limit);
        return err_hint_set(e, "check that the endpoint speaks https, and the proxy; then try "
                               "again");
    }
    (void)curl_easy_getinfo(s->easy, CURLINFO_TOTAL_TIME_T, &spent_us);
    if ((double)spent_us / 1e6 < total) {
        return err_set(e, E_TIMEOUT, "%s takes connections, but sent nothing for %ld s", s->host,
                       http_idle_s(r));
    }
    return err_set(e, E_TIMEOUT, "no complete reply from %s within %g s", s->host, total);
}

static enum err_code tls_failed(const struct slot *s, struct err *e)
{
    (void)err_set(e, E_NET, "no trusted TLS connection to %s: %s", s->host, s->error);
    return err_hint_set(e, "check the clock and the proxy; AWS_CA_BUNDLE names a file of your own "
                           "certificate authorities");
}

static enum err_code no_connection(const struct slot *s, struct err *e)
{
    long os_errno = 0;

    (void)curl_easy_getinfo(s->easy, CURLINFO_OS_ERRNO, &os_errno);
    if (os_errno != 0) {
        char words[80] = "";
        const char *text = strerror_r((int)os_errno, words, sizeof words);
        return err_set(e, E_NET, "cannot connect to %s: %s", s->host, text);
    }
    return err_set(e, E_NET, "cannot connect to %s: %s", s->host,
                   s->error[0] == '\0' ? "no route or refused" : s->error);
}

enum err_code http_explain(struct slot *s, CURLcode rc, struct err *e)
{
    curl_off_t ready_us = 0;
    enum err_code code;

    (void)curl_easy_getinfo(s->easy, CURLINFO_PRETRANSFER_TIME_T, &ready_us);
    switch (rc) {
    case CURLE_COULDNT_RESOLVE_HOST:
        code = err_set(e, E_NET,
                       "cannot find the address of %s (no network, no DNS, or no such "
                       "host)",
                       s->host);
        break;
    case CURLE_COULDNT_RESOLVE_PROXY:
        code = err_set(e, E_NET, "cannot find the address of the proxy for %s", s->host);
        break;
    case CURLE_COULDNT_CONNECT:
        code = no_connection(s, e);
        break;
    case CURLE_OPERATION_TIMEDOUT:
        code = timed_out(s, ready_us > 0, e);
        break;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
        code = tls_failed(s, e);
        break;
    case CURLE_PARTIAL_FILE:
        code = err_set(e, E_NET, "the reply from %s was cut short", s->host);
        break;
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_FAIL_REWIND:
        code = err_set(e, E_NET, "%s closed the connection without a reply", s->host);
        break;
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
        code = err_set(e, E_NET, "the connection to %s broke: %s", s->host, s->error);
        break;
    case CURLE_UNSUPPORTED_PROTOCOL: /* also "Received HTTP/0.9 when not allowed" */
        if (ready_us > 0) {
            code = err_set(e, E_NET, "%s answered, but not in HTTP", s->host);
            break;
        }
        /* fall through */
    case CURLE_URL_MALFORMAT:
        code = err_set(e, E_CONFIG, "not a usable http or https URL: %.200s", s->request->url);
        break;
    case CURLE_ABORTED_BY_CALLBACK:
        code = err_set(e, E_CANCELLED, "stopped");
        break;
    default:
        code = s->too_big ? err_set(e, E_TOO_BIG, "the reply from %s is over %zu bytes", s->host,
                                    http_body_limit(s->request))
                          : err_set(e, E_NET, "request to %s failed: %s", s->host,
                                    s->error[0] == '\0' ? curl_easy_strerror(rc) : s->error);
    }
    if (e != NULL) {
        e->maybe_done = ready_us > 0;
    }
    return code;
}
