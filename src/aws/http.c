/* One HTTP request on libcurl.
 *
 * DESIGN: a slot is one easy handle in one multi handle of its own: the multi handle keeps the
 * connections, and curl_multi_wakeup ends its wait at once when the client is stopped. Slots that
 * are not in use wait in a stack (http_pool.c); a request takes the slot that spoke to the same
 * host last, so that its connection is used again.
 *
 * libcurl by itself sends a request again when a kept connection turns out to be dead before any
 * byte of a reply. That may do a thing twice, so requests marked `once` send their body through a
 * callback that refuses to be rewound: libcurl then fails instead, and the caller decides. */
#include "http.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/deadline.h"
#include "core/url.h"
#include "http_impl.h"

enum { HEADERS_MAX = 64 * 1024, RECEIVE_BUFFER = 64 * 1024, POLL_MS = 1000, ONCE_IDLE_S = 20 };
static const size_t body_max = (size_t)24 << 20;

size_t http_body_limit(const struct http_request *r)
{
    return r->max_bytes == 0 ? body_max : r->max_bytes;
}

static size_t on_body(char *data, size_t size, size_t n, void *arg)
{
    struct slot *s = arg;
    struct strbuf *body = &s->reply->body;

    if (body->len == 0 && body->data == NULL) {
        curl_off_t length = -1;
        (void)curl_easy_getinfo(s->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
        body->max = http_body_limit(s->request);
        if (length > 0 && (size_t)length <= body->max) {
            http_reserve_body(s->http, s->reply, (size_t)length + 1);
        }
    }
    strbuf_add(body, data, size * n);
    if (body->overflow) {
        s->too_big = true;
        return 0;
    }
    return size * n;
}

static size_t on_header(char *data, size_t size, size_t n, void *arg)
{
    struct slot *s = arg;
    struct strbuf *all = &s->reply->headers;
    size_t len = size * n;

    if (len >= 5 && memcmp(data, "HTTP/", 5) == 0) {
        strbuf_reset(all); /* the head of a 1xx reply came before this one */
        return len;
    }
    const char *colon = memchr(data, ':', len);
    if (colon == NULL || memchr(data, '\0', len) != NULL) {
        return len;
    }
    const char *value = colon + 1;
    const char *end = data + len;
    while (value < end && strchr(" \t", *value) != NULL) {
        value++;
    }
    while (end > value && strchr(" \t\r\n", end[-1]) != NULL) {
        end--;
    }
    if (all->len + len + 2 > HEADERS_MAX) {
        /* a header beyond the limit is dropped as a whole, so that names and values stay paired */
        return len;
    }
    strbuf_add(all, data, (size_t)(colon - data));
    strbuf_addc(all, '\0');
    strbuf_add(all, value, (size_t)(end - value));
    strbuf_addc(all, '\0');
    return len;
}

static size_t on_read(char *to, size_t size, size_t n, void *arg)
{
    struct slot *s = arg;
    size_t left = s->request->body_len - s->sent;
    size_t some = size * n < left ? size * n : left;

    if (some > 0) {
        memcpy(to, (const char *)s->request->body + s->sent, some);
        s->sent += some;
    }
    return some;
}

static int on_seek(void *arg, curl_off_t offset, int origin)
{
    (void)arg;
    (void)offset;
    (void)origin;
    return CURL_SEEKFUNC_FAIL;
}

static void set_body(struct slot *s, const struct http_request *r)
{
    CURL *c = s->easy;

    if (strcmp(r->method, "GET") == 0) {
        (void)curl_easy_setopt(c, CURLOPT_HTTPGET, 1L);
        return;
    }
    (void)curl_easy_setopt(c, CURLOPT_POST, 1L);
    (void)curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, r->method);
    (void)curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body_len);
    if (r->once) {
        (void)curl_easy_setopt(c, CURLOPT_READFUNCTION, on_read);
        (void)curl_easy_setopt(c, CURLOPT_READDATA, s);
        (void)curl_easy_setopt(c, CURLOPT_SEEKFUNCTION, on_seek);
        /* A connection that was idle for long is probably closed by the time the request
         * arrives. */
        (void)curl_easy_setopt(c, CURLOPT_MAXAGE_CONN, (long)ONCE_IDLE_S);
    } else {
        (void)curl_easy_setopt(c, CURLOPT_POSTFIELDS, r->body_len == 0 ? "" : r->body);
    }
}

static struct curl_slist *set_headers(struct slot *s, const struct http_request *r)
{
    struct curl_slist *list = NULL;
    struct strbuf line = STRBUF_INIT;

    for (size_t i = 0; i < r->headers_len; i++) {
        strbuf_reset(&line);
        /* "Name;" is libcurl's way to send a header without a value. */
        strbuf_adds(&line, r->headers[i].name);
        strbuf_adds(&line, r->headers[i].value[0] == '\0' ? ";" : ": ");
        strbuf_adds(&line, r->headers[i].value);
        list = curl_slist_append(list, line.data);
    }
    strbuf_wipe(&line);
    list = curl_slist_append(list, "Expect:");
    list = curl_slist_append(list, "Accept-Encoding: identity");
    if (r->method[0] == 'P') {
        /* libcurl's own default type is that of a form; a caller that wants a type gives one. */
        bool typed = false;
        for (size_t i = 0; i < r->headers_len; i++) {
            typed = typed || strcasecmp(r->headers[i].name, "content-type") == 0;
        }
        if (!typed) {
            list = curl_slist_append(list, "Content-Type:");
        }
    }
    (void)curl_easy_setopt(s->easy, CURLOPT_HTTPHEADER, list);
    return list;
}

/* Notes whether the other side had accepted the connection, which the socket itself tells: the
 * times and ports that libcurl reports for a connection that never got as far as TLS differ between
 * its versions. */
static int on_close(void *arg, curl_socket_t fd)
{
    struct slot *s = arg;
    struct sockaddr_storage peer;
    socklen_t len = sizeof peer;

    s->reached = getpeername(fd, (struct sockaddr *)&peer, &len) == 0;
    return close(fd);
}

/* The file or folder of the certificate authorities; NULL when it is libcurl's own, or when neither
 * the service nor the proxy speaks TLS. */
static const char *authorities_for(const struct slot *s)
{
    bool tls = strncasecmp(s->request->url, "https://", 8) == 0 ||
               (s->proxy.url != NULL && strncasecmp(s->proxy.url, "https://", 8) == 0);

    return tls ? s->http->ca_bundle : NULL;
}

/* SSL_CERT_DIR may name several folders, colons between. */
static bool is_folder(const struct slot *s, const char *ca)
{
    const char *from = s->http->ca_from;
    struct stat st;

    return (from != NULL && strcmp(from, "SSL_CERT_DIR") == 0) ||
           (stat(ca, &st) == 0 && S_ISDIR(st.st_mode));
}

/* Sets the proxy. The proxy is chosen here, so that an error can name it and its variable; libcurl
 * chooses none. */
static void set_way(struct slot *s)
{
    CURL *c = s->easy;
    const char *ca = authorities_for(s);

    (void)curl_easy_setopt(c, CURLOPT_PROXY, s->proxy.url == NULL ? "" : s->proxy.url);
    (void)curl_easy_setopt(c, CURLOPT_NOPROXY, "");
    if (ca != NULL && is_folder(s, ca)) {
        (void)curl_easy_setopt(c, CURLOPT_CAINFO, NULL);
        (void)curl_easy_setopt(c, CURLOPT_CAPATH, ca);
        (void)curl_easy_setopt(c, CURLOPT_PROXY_CAINFO, NULL);
        (void)curl_easy_setopt(c, CURLOPT_PROXY_CAPATH, ca);
    } else if (ca != NULL) {
        (void)curl_easy_setopt(c, CURLOPT_CAINFO, ca);
        (void)curl_easy_setopt(c, CURLOPT_PROXY_CAINFO, ca);
    }
}

/* Checks the authorities' file: OpenSSL would wait for the other end of a pipe, past every time
 * limit. */
static enum err_code look_at_authorities(const struct slot *s, struct err *e)
{
    const char *ca = authorities_for(s);
    struct stat st;

    if (ca == NULL || stat(ca, &st) != 0 || S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)) {
        return E_OK; /* libcurl says what is wrong with it */
    }
    return http_bad_authorities(s, e);
}

static void set_options(struct slot *s, const struct http_request *r)
{
    CURL *c = s->easy;
    long connect_ms = r->connect_timeout_ms == 0 ? HTTP_CONNECT_TIMEOUT_MS : r->connect_timeout_ms;

    curl_easy_reset(c);
    (void)curl_easy_setopt(c, CURLOPT_URL, r->url);
    (void)curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(c, CURLOPT_ERRORBUFFER, s->error);
    (void)curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, connect_ms);
    (void)curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)s->total_ms);
    (void)curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
    (void)curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, http_idle_s(r));
    (void)curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    (void)curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    (void)curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    (void)curl_easy_setopt(c, CURLOPT_BUFFERSIZE, (long)RECEIVE_BUFFER);
    (void)curl_easy_setopt(c, CURLOPT_USERAGENT, "mvpdash/" MVPDASH_VERSION);
    (void)curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L);
#if LIBCURL_VERSION_NUM >= 0x075500
    (void)curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    (void)curl_easy_setopt(c, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
    set_way(s);
    (void)curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl_easy_setopt(c, CURLOPT_WRITEDATA, s);
    (void)curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
    (void)curl_easy_setopt(c, CURLOPT_HEADERDATA, s);
    (void)curl_easy_setopt(c, CURLOPT_CLOSESOCKETFUNCTION, on_close);
    (void)curl_easy_setopt(c, CURLOPT_CLOSESOCKETDATA, s);
}

/* Runs the transfer to its end; CURLE_ABORTED_BY_CALLBACK when the client was stopped. */
static CURLcode perform(struct slot *s)
{
    CURLcode rc = CURLE_ABORTED_BY_CALLBACK;
    int running = 1;

    if (curl_multi_add_handle(s->multi, s->easy) != CURLM_OK) {
        return CURLE_FAILED_INIT;
    }
    while (!atomic_load(&s->http->stop)) {
        if (curl_multi_perform(s->multi, &running) != CURLM_OK) {
            rc = CURLE_FAILED_INIT;
            break;
        }
        if (running == 0) {
            int left = 0;
            const CURLMsg *m = curl_multi_info_read(s->multi, &left);
            rc = m == NULL ? CURLE_FAILED_INIT : m->data.result;
            break;
        }
        (void)curl_multi_poll(s->multi, NULL, 0, POLL_MS, NULL);
    }
    (void)curl_multi_remove_handle(s->multi, s->easy);
    return rc;
}

enum err_code http_send(struct http *h, const struct http_request *r, struct http_response *reply,
                        struct err *e)
{
    char *host = url_host_of(r->url);
    enum err_code code = E_OK;
    curl_off_t total_us = 0;
    long status = 0;

    int total_ms =
        deadline_left_ms(r->total_timeout_ms == 0 ? HTTP_TOTAL_TIMEOUT_MS : r->total_timeout_ms);

    if (host == NULL) {
        return err_set(e, E_CONFIG, "not a usable http or https URL: %.200s", r->url);
    }
    if (total_ms == 0) {
        free(host);
        return http_too_late(e);
    }
    struct slot *s = http_slot_take(h, host);
    free(host);
    if (s == NULL) {
        return http_no_slot(h, e);
    }
    s->request = r;
    s->total_ms = deadline_left_ms(total_ms);
    s->total_ms = s->total_ms == 0 ? 1 : s->total_ms; /* libcurl takes 0 for no limit */
    s->reply = reply;
    s->reached = false;
    reply->headers.max = HEADERS_MAX;
    reply->status = 0;
    proxy_choose(h->env, r->url, &s->proxy);
    code = s->proxy.wrong != NULL ? http_wrong_proxy(s, e) : look_at_authorities(s, e);
    if (code != E_OK) {
        s->proxy = (struct proxy){0};
        http_slot_give(h, s);
        return code;
    }
    set_options(s, r);
    set_body(s, r);
    struct curl_slist *headers = set_headers(s, r);
    CURLcode rc = perform(s);
    (void)curl_easy_getinfo(s->easy, CURLINFO_TOTAL_TIME_T, &total_us);
    reply->elapsed_ms = (int)(total_us / 1000 > INT_MAX ? INT_MAX : total_us / 1000);
    (void)curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &status);
    reply->status = (int)status;
    if (rc != CURLE_OK) {
        code = http_explain(s, rc, e);
    } else if (s->proxy.url != NULL && strncasecmp(r->url, "http://", 7) == 0) {
        (void)snprintf(reply->proxy, sizeof reply->proxy, "%s", s->proxy.host);
        reply->proxy_from = s->proxy.variable;
    }
    s->proxy = (struct proxy){0}; /* borrowed from the environment */
    (void)curl_easy_setopt(s->easy, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(headers);
    if (rc != CURLE_OK) {
        http_slot_renew(s);
    }
    http_slot_give(h, s);
    return code;
}
