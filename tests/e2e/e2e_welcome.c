/* A first start without credentials: the welcome, and both ways on from it. */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "world.h"

/* A home of a person who has nothing yet. */
struct fresh {
    char dir[128];
    char env[3][200];
    const char *more[16];
};

static void fresh_begin(const struct world *w, struct fresh *x)
{
    static int number;

    memset(x, 0, sizeof *x);
    (void)snprintf(x->dir, sizeof x->dir, "%s/fresh%d", w->cloud.dir, number++);
    (void)mkdir(x->dir, 0700);
    (void)snprintf(x->env[0], sizeof x->env[0], "HOME=%s", x->dir);
    (void)snprintf(x->env[1], sizeof x->env[1], "XDG_STATE_HOME=%s/state", x->dir);
    (void)snprintf(x->env[2], sizeof x->env[2], "XDG_CONFIG_HOME=%s/config", x->dir);
    const char *const more[] = {x->env[0],
                                x->env[1],
                                x->env[2],
                                "AWS_EC2_METADATA_DISABLED=true",
                                "AWS_ENDPOINT_URL",
                                "AWS_ACCESS_KEY_ID",
                                "AWS_SECRET_ACCESS_KEY",
                                "AWS_SESSION_TOKEN",
                                "AWS_PROFILE",
                                "AWS_REGION",
                                "AWS_DEFAULT_REGION",
                                "AWS_CONFIG_FILE",
                                "AWS_SHARED_CREDENTIALS_FILE"};
    memcpy(x->more, more, sizeof more);
}

static const char *value_of(const struct cloud *c, const char *name)
{
    size_t n = strlen(name);

    for (size_t i = 0; i < c->env_len; i++) {
        if (strncmp(c->env[i], name, n) == 0 && c->env[i][n] == '=') {
            return c->env[i] + n + 1;
        }
    }
    return "";
}

/* What `aws configure` in another window writes. */
static bool write_credentials(const struct world *w, const struct fresh *x)
{
    char path[200];

    (void)snprintf(path, sizeof path, "%s/.aws", x->dir);
    (void)mkdir(path, 0700);
    (void)snprintf(path, sizeof path, "%s/.aws/credentials", x->dir);
    FILE *f = fopen(path, "w");
    if (f == NULL) {
        return false;
    }
    (void)fprintf(f,
                  "[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n"
                  "endpoint_url = %s\nregion = us-east-1\n",
                  value_of(&w->cloud, "AWS_ACCESS_KEY_ID"),
                  value_of(&w->cloud, "AWS_SECRET_ACCESS_KEY"),
                  value_of(&w->cloud, "AWS_ENDPOINT_URL"));
    return fclose(f) == 0;
}

static void credentials_that_appear_are_found_with_one_key(struct world *w)
{
    struct fresh x;

    fresh_begin(w, &x);
    struct pty *p = open_with(w, x.more, 24, 80);
    NEED(p, pty_wait(p, "Try it on the local cloud", SOON));
    CHECK(p, pty_has(p, "no credentials"));
    CHECK(p, pty_has(p, "profile default (no "));
    CHECK(p, pty_has(p, "EC2 metadata (disabled)"));
    CHECK(p, pty_has(p, "look again"));
    pty_send(p, "r");
    NEED(p, pty_wait_gone(p, "Try it on the local cloud", SOON));
    NEED(p, pty_wait(p, "Try it on the local cloud", SOON));
    NEED(p, write_credentials(w, &x));
    pty_send(p, "r");
    NEED(p, pty_wait(p, "live", SOON));
    CHECK(p, !pty_has(p, "local cloud"));
    quit(w, p);
}

/* The cloud that the dashboard started ends by itself: the folder may go then. */
static bool cloud_ended(const char *screen)
{
    static const char where[] = "local 127.0.0.1:";
    const char *at = strstr(screen, where);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    bool refused = false;

    if (at == NULL) {
        return false;
    }
    a.sin_port = htons((uint16_t)atoi(at + sizeof where - 1));
    for (int64_t until = pty_now_ms() + SOON; !refused && pty_now_ms() < until;) {
        int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        refused = connect(s, (const struct sockaddr *)&a, sizeof a) != 0;
        (void)close(s);
        (void)poll(NULL, 0, refused ? 0 : 50);
    }
    return refused;
}

static void one_key_goes_on_to_the_local_cloud(struct world *w)
{
    struct fresh x;

    fresh_begin(w, &x);
    const char *argv[] = {w->program, "--table", "nosuch", NULL};
    struct pty *p = run_with(w, argv, x.more, 24, 80);
    NEED(p, pty_wait(p, "Try it on the local cloud", SOON));
    pty_send(p, "l");
    NEED(p, pty_wait(p, "local 127.0.0.1:", SOON));
    NEED(p, pty_wait(p, "live", SOON));
    CHECK(p, pty_has(p, "table mvp-development-jobs"));
    char *screen = pty_screen(p);
    quit(w, p);
    CHECK(NULL, cloud_ended(screen));
    free(screen);
}

/* Completions know the jobs that the dashboard showed last, and ask nobody. */
static void completions_know_the_jobs_without_asking(struct world *w)
{
    static const char *const names[] = {"Known Bakery"};
    const char *argv[] = {w->program, "config", "--complete", "jobs", NULL};
    int status = -1;

    send_names(w, "completer", names, 1);
    struct pty *p = open_dashboard(w, 24, 80);
    NEED(p, pty_wait(p, "live", SOON));
    pty_send(p, "\033"); /* a filter that an earlier test left goes */
    NEED(p, pty_wait(p, "Known Bakery", SOON));
    quit(w, p);
    cloud_away(&w->cloud);
    p = run_with(w, argv, NULL, 40, 120);
    CHECK(p, pty_wait_exit(p, SOON, &status) && status == 0);
    CHECK(p, pty_has(p, "job_"));
    pty_free(p);
    CHECK(NULL, cloud_again(&w->cloud, w->program, SOON));
}

const struct e2e_test welcome_tests[] = {
    {"credentials that appear are found with one key",
     credentials_that_appear_are_found_with_one_key                                            },
    {"completions know the jobs without asking",       completions_know_the_jobs_without_asking},
    {"one key goes on to the local cloud",             one_key_goes_on_to_the_local_cloud      },
};
const size_t welcome_tests_len = sizeof welcome_tests / sizeof *welcome_tests;
