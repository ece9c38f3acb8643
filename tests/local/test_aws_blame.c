/* What stands between the program and AWS is blamed by name, and so is the variable that put it
 * there: a proxy, an endpoint, a file of certificate authorities. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/client.h"
#include "core/alloc.h"
#include "src/aws/http.h"
#include "src/aws/proxy.h"
#include "src/aws/reply.h"
#include "src/aws/trust.h"
#include "tests/local/aws_env.h"
#include "tests/local/fake_http.h"

/* A label is at most 63 characters long, so no name server is asked. */
#define NO_SUCH "long-long-long-long-long-long-long-long-long-long-long-long-long-long.example"

static void begin(void)
{
    (void)aws_env_begin();
    aws_env_keys();
}

TestSuite(blame, .init = begin, .fini = aws_env_end);

static enum err_code get(const char *url, const char *from, struct http_response *reply,
                         struct err *e)
{
    struct http *h = http_new(NULL, NULL);
    struct http_request q = {
        .method = "GET", .url = url, .endpoint_from = from, .total_timeout_ms = 5000};
    enum err_code rc = http_send(h, &q, reply, e);

    http_free(h);
    return rc;
}

static void expect_text(const char *text, const char *part)
{
    cr_expect(strstr(text, part) != NULL, "%s: no %s", text, part);
}

static void expect_blamed(const char *variable, const char *proxy, const char *url,
                          const char *part, const char *hint)
{
    struct http_response r = {0};
    struct err e = {0};

    (void)setenv(variable, proxy, 1);
    cr_expect_eq(get(url, NULL, &r, &e), E_NET, "%s", e.msg);
    expect_text(e.msg, part);
    expect_text(e.msg, variable);
    expect_text(e.msg, "the proxy ");
    expect_text(err_hint(&e), variable);
    expect_text(err_hint(&e), hint);
    cr_expect(strstr(e.msg, "S3cret") == NULL && strstr(err_hint(&e), "S3cret") == NULL, "%s %s",
              e.msg, err_hint(&e));
    cr_expect_not(e.maybe_done);
    http_response_clear(&r);
    (void)unsetenv(variable);
}

Test(blame, a_dead_proxy_is_named_with_its_variable_and_without_its_password)
{
    static const struct {
        const char *variable, *url;
    } cases[] = {
        {"https_proxy", "https://aws.example/"},
        {"HTTPS_PROXY", "https://aws.example/"},
        {"http_proxy",  "http://aws.example/" },
        {"all_proxy",   "https://aws.example/"},
        {"ALL_PROXY",   "http://aws.example/" },
    };
    static const char hint[] = "NO_PROXY=aws.example";

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char proxy[96];
        char want[96];
        int port = fake_closed_port();
        (void)snprintf(proxy, sizeof proxy, "http://user:S3cret@127.0.0.1:%d", port);
        (void)snprintf(want, sizeof want, "cannot connect to the proxy 127.0.0.1:%d (%s)", port,
                       cases[i].variable);
        expect_blamed(cases[i].variable, proxy, cases[i].url, want, hint);
        expect_blamed(cases[i].variable, proxy + 7, cases[i].url, want, hint); /* no scheme */
    }
    expect_blamed("HTTPS_PROXY", "http://u:S3cret@" NO_SUCH ":3128", "https://aws.example/",
                  "cannot find the address of the proxy " NO_SUCH ":3128", hint);
}

/* What libcurl would read as another host, or refuse in words that hold the password. */
Test(blame, a_variable_that_holds_no_proxy_is_named_and_never_its_value)
{
    static const struct {
        const char *value, *why;
    } cases[] = {
        {"gopher://u:S3cret@127.0.0.1:70",     "begin with"       },
        {"htttp://u:S3cret@127.0.0.1:70",      "begin with"       },
        {"http://u:S3cret/x@proxy.example:1",  "%2F"              },
        {"http://u:a#S3cret@proxy.example:1",  "%23"              },
        {"u:S3cret?b@proxy.example:1",         "%3F"              },
        {"http://u:a@S3cret@proxy.example:1",  "%40"              },
        {"http://u:S3cret@proxy.example:http", "its port"         },
        {"socks5h://u:S3cret@[::1]:70000",     "its port"         },
        {"http://u:S3cret@[::1",               "`]`"              },
        {"http://u:S3cret@:8080",              "names no host"    },
        {" http://u:S3cret@proxy.example:1",   "blank"            },
        {"http://u:S3cret%0d@proxy.example",   "control character"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct http_response r = {0};
        struct err e = {0};
        (void)setenv("HTTPS_PROXY", cases[i].value, 1);
        cr_expect_eq(get("https://aws.example/", NULL, &r, &e), E_CONFIG, "%s", e.msg);
        expect_text(e.msg, "HTTPS_PROXY is not the address of a proxy");
        expect_text(e.msg, cases[i].why);
        expect_text(err_hint(&e), "HTTPS_PROXY");
        cr_expect(strstr(e.msg, "S3cret") == NULL && strstr(err_hint(&e), "S3cret") == NULL, "%s",
                  e.msg);
        http_response_clear(&r);
    }
}

/* Sends bytes of its own to whoever connects first, before a request comes. */
struct babbler {
    pthread_t thread;
    int fd;
    char place[32]; /* "127.0.0.1:PORT" */
};

static void *babble(void *arg)
{
    static const char text[] = "220 mail.example ready, and no HTTP, TLS or SOCKS at all\r\n";
    const struct babbler *b = arg;
    int fd = accept(b->fd, NULL, NULL);
    char in[4096];

    if (fd >= 0 && write(fd, text, sizeof text - 1) > 0) {
        (void)shutdown(fd, SHUT_WR);
        while (read(fd, in, sizeof in) > 0) {
        }
    }
    (void)close(fd);
    return NULL;
}

static void babbler_start(struct babbler *b)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof a;

    b->fd = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(bind(b->fd, (struct sockaddr *)&a, sizeof a), 0);
    cr_assert_eq(listen(b->fd, 4), 0);
    cr_assert_eq(getsockname(b->fd, (struct sockaddr *)&a, &len), 0);
    (void)snprintf(b->place, sizeof b->place, "127.0.0.1:%d", ntohs(a.sin_port));
    cr_assert_eq(pthread_create(&b->thread, NULL, babble, b), 0);
}

static void babbler_stop(struct babbler *b)
{
    (void)pthread_join(b->thread, NULL);
    (void)close(b->fd);
}

/* The connection is up, and the bytes that come over it are not a proxy's answer: AWS did not break
 * it. */
Test(blame, a_proxy_that_does_not_answer_as_one_is_named)
{
    static const struct fake_reply deeds[] = {{.deed = FAKE_CLOSE}, {.deed = FAKE_RESET}};
    static const struct {
        const char *scheme, *part;
    } cases[] = {
        {"http",    "accepts connections, but opened none to aws.example"},
        {"socks5h", "cannot connect to the proxy"                        },
        {"socks4a", "cannot connect to the proxy"                        },
        {"https",   "no TLS connection to the proxy"                     },
    };

    for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++) {
        struct fake_http *f = fake_http_start(&deeds[i], 1);
        char *proxy = xasprintf("http://u:S3cret@%s", fake_http_url(f) + strlen("http://"));
        expect_blamed("HTTPS_PROXY", proxy, "https://aws.example/", cases[0].part, "HTTPS_PROXY");
        free(proxy);
        fake_http_stop(f);
    }
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct babbler b;
        babbler_start(&b);
        char *proxy = xasprintf("%s://u:S3cret@%s", cases[i].scheme, b.place);
        expect_blamed("HTTPS_PROXY", proxy, "https://aws.example/", cases[i].part, "HTTPS_PROXY");
        free(proxy);
        babbler_stop(&b);
    }
}

/* A certificate that nobody vouches for wants another file of authorities; no TLS at all does not.
 */
Test(blame, no_tls_at_all_is_not_blamed_on_the_authorities)
{
    struct babbler b;
    struct http_response r = {0};
    struct err e = {0};
    char url[64];

    babbler_start(&b);
    (void)snprintf(url, sizeof url, "https://%s", b.place);
    cr_expect_eq(get(url, "AWS_ENDPOINT_URL", &r, &e), E_NET);
    expect_text(e.msg, "no TLS connection to ");
    expect_text(e.msg, "the endpoint of AWS_ENDPOINT_URL");
    cr_expect(strstr(err_hint(&e), "authorities") == NULL, "%s", err_hint(&e));
    http_response_clear(&r);
    babbler_stop(&b);
}

Test(blame, a_proxy_that_refuses_is_named)
{
    static const struct {
        int status;
        const char *login, *part, *hint;
    } cases[] = {
        {407, "",          "needs a login",                 "give user and password"   },
        {407, "u:S3cret@", "refuses its user and password", "correct user and password"},
        {403, "",          "opens no way to aws.example",   "NO_PROXY=aws.example"     },
        {503, "u:S3cret@", "opens no way to aws.example",   "NO_PROXY=aws.example"     },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct fake_reply script[] = {
            {.status = cases[i].status, .body = "<html>no</html>"}
        };
        struct fake_http *f = fake_http_start(script, 1);
        const char *host = fake_http_url(f) + strlen("http://");
        char *proxy = xasprintf("http://%s%s", cases[i].login, host);
        expect_blamed("HTTPS_PROXY", proxy, "https://aws.example/", cases[i].part, cases[i].hint);
        expect_blamed("all_proxy", proxy, "https://aws.example/", host, cases[i].hint);
        free(proxy);
        fake_http_stop(f);
    }
}

Test(blame, a_proxy_that_keeps_silent_is_named)
{
    static const struct fake_reply script[] = {{.deed = FAKE_HANG}};
    struct fake_http *f = fake_http_start(script, 1);
    struct http *h = http_new(NULL, NULL);
    struct http_request q = {
        .method = "GET", .url = "https://aws.example/", .total_timeout_ms = 3000};
    struct http_response r = {0};
    struct err e = {0};

    (void)setenv("HTTPS_PROXY", fake_http_url(f), 1);
    cr_expect_eq(http_send(h, &q, &r, &e), E_TIMEOUT, "%s", e.msg);
    expect_text(e.msg, fake_http_url(f) + strlen("http://"));
    expect_text(e.msg, "(HTTPS_PROXY) accepts connections, but opened none to aws.example");
    cr_expect_not(e.maybe_done);
    http_response_clear(&r);
    http_free(h);
    fake_http_stop(f);
}

Test(blame, a_login_page_over_plain_http_names_the_proxy)
{
    static const struct fake_reply script[] = {
        {.status = 407, .body = "<html>log in</html>"}
    };
    struct fake_http *f = fake_http_start(script, 1);
    struct http_response r = {0};
    struct failure why;

    (void)setenv("http_proxy", fake_http_url(f), 1);
    cr_assert_eq(get("http://aws.example/", NULL, &r, NULL), E_OK);
    reply_failure(AWS_JSON_1_0, &r, &why);
    expect_text(why.message, fake_http_url(f) + strlen("http://"));
    expect_text(why.message, "(http_proxy) needs a login");
    failure_clear(&why);
    http_response_clear(&r);
    fake_http_stop(f);
}

Test(blame, what_goes_straight_blames_no_proxy)
{
    struct http_response r = {0};
    struct err e = {0};
    char url[64];

    (void)setenv("HTTPS_PROXY", "http://127.0.0.1:1", 1);
    (void)setenv("NO_PROXY", ".amazonaws.com, example", 1);
    cr_expect_eq(get("https://" NO_SUCH "/", "AWS_ENDPOINT_URL_SQS", &r, &e), E_NET);
    expect_text(e.msg, "cannot find the address of " NO_SUCH);
    expect_text(e.msg, "the endpoint of AWS_ENDPOINT_URL_SQS");
    cr_expect_null(strstr(e.msg, "HTTPS_PROXY"), "%s", e.msg);
    http_response_clear(&r);
    (void)snprintf(url, sizeof url, "https://127.0.0.1:%d", fake_closed_port());
    cr_expect_eq(get(url, "--endpoint-url", &r, &e), E_NET); /* this machine: no proxy */
    expect_text(e.msg, "refused, the endpoint of --endpoint-url");
    cr_expect_null(strstr(e.msg, "HTTPS_PROXY"), "%s", e.msg);
    http_response_clear(&r);
}

Test(blame, no_proxy_lists_are_read_as_curl_and_python_read_them)
{
    static const struct {
        const char *list, *host;
        bool bypassed;
    } cases[] = {
        {"*",                      "a.example",   true },
        {"b.example,a.example",    "a.example",   true },
        {"b.example a.example",    "a.example",   true },
        {".example",               "a.example",   true },
        {"*.example",              "a.b.example", true },
        {"example.",               "A.EXAMPLE",   true },
        {"xample",                 "a.example",   false},
        {"a.example:443",          "a.example",   true },
        {"a.example:8443",         "a.example",   false},
        {"",                       "a.example",   false},
        {",, ,",                   "a.example",   false},
        {"10.0.0.0/8",             "10.200.3.4",  true },
        {"10.0.0.0/8",             "11.0.0.1",    false},
        {"192.168.4.0/22",         "192.168.7.9", true },
        {"192.168.4.0/22",         "192.168.8.0", false},
        {"10.0.0.1",               "10.0.0.1",    true },
        {"0.1",                    "10.0.0.1",    false},
        {"10.0.0.0/x,10.0.0.0/99", "10.0.0.1",    false},
        {"fd00::/16",              "[fd00::5]",   true },
        {"[fd00::5]:443",          "[fd00::5]",   true },
        {"fd01::/16",              "[fd00::5]",   false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_expect_eq(proxy_bypassed(cases[i].list, cases[i].host, "443"), cases[i].bypassed,
                     "%s for %s", cases[i].list, cases[i].host);
    }
}

/* A pipe has no end to wait for, whatever --timeout says. */
Test(blame, authorities_that_are_no_file_are_refused_at_once)
{
    char *path = xasprintf("%s/ca.pipe", getenv("HOME"));
    struct http_trust trust = {path, "AWS_CA_BUNDLE"};
    struct http_request q = {.method = "GET", .url = "https://127.0.0.1:1"};
    struct http_response r = {0};
    struct err e = {0};

    cr_assert_eq(mkfifo(path, 0600), 0);
    struct http *h = http_new(&trust, NULL);
    cr_expect_eq(http_send(h, &q, &r, &e), E_CONFIG, "%s", e.msg);
    expect_text(e.msg, path);
    expect_text(e.msg, "AWS_CA_BUNDLE");
    http_response_clear(&r);
    http_free(h);
    free(path);
}

/* Each variable is set beside the variables before it in the list, which it overrides. */
Test(blame, certificate_authorities_are_looked_for_as_the_aws_cli_does_and_named)
{
    static const char *const order[] = {"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "profile",
                                        "AWS_CA_BUNDLE"};
    static const struct fake_reply script[] = {{.body = ""}};
    struct fake_http *f = fake_http_start(script, 1);
    char *url = xasprintf("https://%s", fake_http_url(f) + strlen("http://"));

    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        char *path = xasprintf("/nowhere/%s.pem", order[i]);
        struct aws_options o = {.region = "eu-west-1", .endpoint_url = url, .max_attempts = 1};
        struct err e = {0};
        int64_t skew;
        if (strcmp(order[i], "profile") == 0) {
            char *config = xasprintf("[default]\nca_bundle = %s\n", path);
            aws_env_file("config", config);
            free(config);
        } else {
            (void)setenv(order[i], path, 1);
        }
        struct aws_client *c = aws_client_new(&o, &e);
        cr_assert_not_null(c, "%s", e.msg);
        cr_expect_eq(aws_client_probe(c, AWS_SQS, &skew, &e), E_CONFIG, "%s", e.msg);
        expect_text(e.msg, path);
        expect_text(e.msg, order[i]);
        expect_text(err_hint(&e), order[i]);
        aws_client_free(c);
        free(path);
    }
    free(url);
    fake_http_stop(f);
}

/* One program runs on all distributions; an error says where it looked. */
Test(blame, a_folder_of_authorities_comes_last_and_all_places_are_named)
{
    char from[TRUST_FROM_MAX], tried[400];

    (void)setenv("SSL_CERT_DIR", "/one:/two", 1);
    struct http_trust t = trust_find(NULL, "dev", NULL, from);
    cr_expect_str_eq(t.bundle, "/one:/two");
    cr_expect_str_eq(t.from, "SSL_CERT_DIR");
    (void)setenv("SSL_CERT_FILE", "/file", 1);
    cr_expect_str_eq(trust_find(NULL, "dev", NULL, from).bundle, "/file");
    t = trust_find(NULL, "dev", "/of/profile", from);
    cr_expect_str_eq(t.bundle, "/of/profile");
    cr_expect_str_eq(t.from, "ca_bundle of profile dev");
    (void)unsetenv("SSL_CERT_DIR");
    (void)unsetenv("SSL_CERT_FILE");
    t = trust_find(NULL, "dev", NULL, from);
    cr_expect_null(t.from, "the system's");
    trust_tried(tried, sizeof tried);
    expect_text(tried, "/etc/ssl/certs/ca-certificates.crt, ");
    expect_text(tried, "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem");
    expect_text(tried, "/etc/ssl/ca-bundle.pem");
    expect_text(tried, "/etc/ssl/cert.pem");
}
