/* Contexts in the dashboard, on two local clouds with keys of their own: each action lands where
 * the header says, and one that is gone takes nothing from the other. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "service.h"
#include "world.h"

/* Two clouds, one of them the world's, and a configuration that knows both. */
struct pair {
    struct cloud green;
    char dir[128];
    char env[5][200];
    const char *more[9];
};

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

static FILE *begin_file(const struct pair *x, const char *name)
{
    char path[200];

    (void)snprintf(path, sizeof path, "%s/%s", x->dir, name);
    return fopen(path, "w");
}

static bool write_files(struct world *w, struct pair *x)
{
    const struct cloud *of[] = {&w->cloud, &x->green};
    static const char *const names[] = {"blue", "green"};
    FILE *ini = begin_file(x, "mvpdash/config.ini");
    FILE *keys = begin_file(x, "credentials");
    bool ok = ini != NULL && keys != NULL;

    for (size_t i = 0; ok && i < 2; i++) {
        (void)fprintf(ini, "[context %s]\nprofile = %s\nendpoint_url = %s\ncolour = %s\n", names[i],
                      names[i], value_of(of[i], "AWS_ENDPOINT_URL"), names[i]);
        (void)fprintf(keys, "[%s]\naws_access_key_id = %s\naws_secret_access_key = %s\n", names[i],
                      value_of(of[i], "AWS_ACCESS_KEY_ID"),
                      value_of(of[i], "AWS_SECRET_ACCESS_KEY"));
    }
    if (ok) {
        (void)fprintf(ini, "[context broken]\nprofile = nobody\n[context spoiled]\ntabel = x\n");
    }
    ok = (ini == NULL || fclose(ini) == 0) && ok;
    return (keys == NULL || fclose(keys) == 0) && ok;
}

static bool pair_begin(struct world *w, struct pair *x)
{
    static int number;
    char folder[200];

    memset(x, 0, sizeof *x);
    (void)snprintf(x->dir, sizeof x->dir, "%s/contexts%d", w->cloud.dir, number++);
    (void)snprintf(folder, sizeof folder, "%s/mvpdash", x->dir);
    (void)mkdir(x->dir, 0700);
    (void)mkdir(folder, 0700);
    (void)snprintf(x->env[0], sizeof x->env[0], "XDG_CONFIG_HOME=%s", x->dir);
    (void)snprintf(x->env[1], sizeof x->env[1], "XDG_STATE_HOME=%s/state", x->dir);
    (void)snprintf(x->env[2], sizeof x->env[2], "AWS_SHARED_CREDENTIALS_FILE=%s/credentials",
                   x->dir);
    const char *const more[] = {x->env[0],          x->env[1],           x->env[2],
                                "AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
                                "AWS_REGION",       "AWS_DEFAULT_REGION"};
    memcpy(x->more, more, sizeof more);
    return cloud_start(&x->green, w->program, SOON) && write_files(w, x);
}

/* Types a command, and waits until the header has the context. */
static bool go(struct pty *p, const char *command, const char *context)
{
    char header[64];

    pty_send(p, ":");
    if (!pty_wait(p, "Commands", SOON)) {
        return false;
    }
    pty_send(p, command);
    pty_send(p, "\r");
    (void)snprintf(header, sizeof header, "mvpdash   %s ", context);
    return pty_wait(p, header, SOON);
}

/* The list of a context as the command tells it. */
static void check_list(struct world *w, const struct pair *x, const char *context, const char *has,
                       const char *has_not)
{
    const char *argv[] = {w->program, "list", "--context", context, NULL};
    int status = -1;
    struct pty *p = run_with(w, argv, x->more, 60, 160);

    CHECK(p, pty_wait_exit(p, SOON, &status) && status == 0);
    CHECK(p, pty_has(p, has));
    CHECK(p, !pty_has(p, has_not));
    pty_free(p);
}

static void send_in(struct world *w, const struct pair *x, const char *context, const char *name)
{
    const char *argv[] = {w->program,        "send", "--user-id", "user123",
                          "--product-id",    "p",    "--context", context,
                          "--business-name", name,   NULL};
    int status = -1;
    struct pty *p = run_with(w, argv, x->more, 24, 80);

    CHECK(p, pty_wait_exit(p, SOON, &status) && status == 0);
    pty_free(p);
}

static void a_switch_shows_and_changes_the_other_one(struct world *w)
{
    const char *argv[] = {w->program, "--context", "blue", NULL};
    struct pair x;
    struct pty *p;

    CHECK(NULL, pair_begin(w, &x));
    p = run_with(w, argv, x.more, 30, 110);
    NEED(p, pty_wait(p, "mvpdash   blue ", SOON));
    NEED(p, deploy(p, "Blue Ocean"));
    pty_send(p, "1");
    NEED(p, pty_wait(p, "Status", SOON));
    NEED(p, go(p, "ctx green", "green"));
    CHECK(p, !pty_has(p, "Blue Ocean"));
    CHECK(p, pty_wait(p, "live", SOON));
    NEED(p, deploy(p, "Green Field"));
    pty_send(p, "1");
    NEED(p, pty_wait(p, "Status", SOON));
    CHECK(p, !pty_has(p, "Blue Ocean"));
    check_list(w, &x, "green", "Green Field", "Blue Ocean");
    check_list(w, &x, "blue", "Blue Ocean", "Green Field");
    NEED(p, go(p, "ctx -", "blue"));
    CHECK(p, pty_wait(p, "Blue Ocean", SOON));
    CHECK(p, !pty_has(p, "Green Field"));
    CHECK(p, go(p, "ctx broken", "blue"));
    CHECK(p, pty_wait(p, "Still in context blue: there is no profile \"nobody\"", SOON));
    pty_send(p, ":ctx\r");
    CHECK(p, pty_wait(p, "config.ini:12: there is no setting", SOON));
    pty_send(p, "\033");
    quit(w, p);
    cloud_stop(&x.green);
}

static void a_cloud_that_is_gone_leaves_the_other_live(struct world *w)
{
    const char *argv[] = {w->program, "--context", "green", NULL};
    struct pair x;
    struct pty *p;

    CHECK(NULL, pair_begin(w, &x));
    p = run_with(w, argv, x.more, 30, 110);
    NEED(p, pty_wait(p, "live", SOON));
    NEED(p, deploy(p, "Kept For Later"));
    pty_send(p, "1");
    NEED(p, pty_wait(p, "COMPLETED", LONG));
    NEED(p, go(p, "ctx blue", "blue"));
    NEED(p, pty_wait(p, "live", SOON));
    cloud_away(&x.green);
    NEED(p, deploy(p, "Still At Work"));
    NEED(p, pty_wait(p, "COMPLETED", LONG));
    CHECK(p, pty_has(p, "live"));
    pty_send(p, "1");
    NEED(p, go(p, "ctx green", "green"));
    CHECK(p, pty_wait(p, "Kept For Later", SOON)); /* the list as it was kept */
    CHECK(p, pty_wait(p, "failing", SOON));
    CHECK(p, !pty_has(p, "Still At Work"));
    NEED(p, go(p, "ctx -", "blue"));
    CHECK(p, pty_wait(p, "live", SOON));
    CHECK(p, pty_wait(p, "Still At Work", SOON));
    quit(w, p);
    cloud_stop(&x.green);
}

/* Moves the cursor until the header names the context. */
static bool cursor_in(struct pty *p, const char *context)
{
    char header[64];

    (void)snprintf(header, sizeof header, "mvpdash   %s ", context);
    pty_send(p, "g");
    for (int i = 0; i < 40; i++) {
        (void)pty_wait_quiet(p, 100, QUIET);
        if (pty_has(p, header)) {
            return true;
        }
        pty_send(p, "j");
    }
    return false;
}

static bool deploy_in(struct pty *p, const char *context, const char *name)
{
    char title[64];

    (void)snprintf(title, sizeof title, "New deploy  context %s", context);
    if (!cursor_in(p, context)) {
        return false;
    }
    pty_send(p, "n");
    if (!pty_wait(p, title, SOON)) {
        return false;
    }
    pty_send(p, "user123\tprod456\t");
    pty_send(p, name);
    pty_send(p, "\t\t\t\t\t\t{\"simulate\":{\"stepSeconds\":60}}");
    if (!pty_wait(p, "stepSeconds", SOON)) {
        return false;
    }
    pty_send(p, "\033[15~"); /* F5 */
    bool opened = pty_wait(p, "Overview", SOON);
    pty_send(p, "1");
    return opened && pty_wait(p, "contexts", SOON);
}

static void one_list_of_all_acts_in_the_context_of_each_job(struct world *w)
{
    const char *argv[] = {w->program, "--context", "blue", NULL};
    struct pair x;
    struct pty *p;

    CHECK(NULL, pair_begin(w, &x));
    send_in(w, &x, "blue", "Azure Start");
    send_in(w, &x, "green", "Lime Start");
    p = run_with(w, argv, x.more, 30, 110);
    NEED(p, pty_wait(p, "Azure Start", SOON));
    pty_send(p, ":");
    NEED(p, pty_wait(p, "Commands", SOON));
    pty_send(p, "ctx *\r");
    NEED(p, pty_wait(p, "in 2 contexts", SOON));
    CHECK(p, pty_wait(p, "broken unusable", SOON));
    NEED(p, pty_wait(p, "Lime Start", SOON));
    CHECK(p, pty_has(p, "Azure Start"));
    NEED(p, deploy_in(p, "green", "Lime Two"));
    NEED(p, deploy_in(p, "blue", "Azure Two"));
    check_list(w, &x, "green", "Lime Two", "Azure");
    check_list(w, &x, "blue", "Azure Two", "Lime");
    pty_send(p, "/");
    CHECK(p, pty_wait(p, "Filter:", SOON));
    pty_send(p, "env:green two\r");
    CHECK(p, pty_wait_gone(p, "Azure", SOON));
    CHECK(p, pty_wait(p, "mvpdash   green ", SOON));
    pty_send(p, "x");
    NEED(p, pty_wait(p, "Cancel 1 job?  context green", SOON));
    (void)pty_wait_quiet(p, 200, QUIET);
    pty_send(p, "y");
    CHECK(p, pty_wait(p, "CANCELLED    Lime", LONG));
    pty_send(p, "T");
    NEED(p, pty_wait(p, "Retry 1 job?  context green", SOON));
    (void)pty_wait_quiet(p, 200, QUIET);
    pty_send(p, "y");
    CHECK(p, pty_wait(p, "Jobs 2 of", LONG)); /* two are called Lime Two */
    check_list(w, &x, "green", "CANCELLED", "Azure");
    check_list(w, &x, "blue", "Azure Two", "Lime");
    pty_send(p, "\033");
    cloud_away(&x.green);
    CHECK(p, pty_wait(p, "failing", LONG));
    pty_send(p, "\033");
    NEED(p, pty_wait(p, "Azure Two", SOON));
    NEED(p, cursor_in(p, "blue"));
    CHECK(p, pty_wait(p, "live|polling", SOON));
    pty_send(p, "x");
    NEED(p, pty_wait(p, "context blue", SOON));
    (void)pty_wait_quiet(p, 200, QUIET);
    pty_send(p, "y");
    CHECK(p, pty_wait(p, "CANCELLED    Azure", LONG));
    NEED(p, go(p, "ctx blue", "blue"));
    CHECK(p, pty_wait_gone(p, "Lime", SOON));
    check_list(w, &x, "blue", "CANCELLED", "Lime");
    quit(w, p);
    cloud_stop(&x.green);
}

/* A deploy whose event ended in its cloud's dead letter queue. */
struct lost {
    const char *context, *name;
    const struct cloud *cloud;
    cJSON *definition; /* without which it was sent */
    char job[64];
};

static void lose(struct world *w, const struct pair *x, struct lost *l)
{
    static const char quick[] = "{\"simulate\":{\"stepSeconds\":0}}";
    const char *argv[] = {w->program,        "send",  "--user-id",  "user123",
                          "--product-id",    "p",     "--context",  l->context,
                          "--business-name", l->name, "--metadata", quick,
                          "--json",          NULL};
    int status = -1;

    l->definition = service_lose_definition(l->cloud);
    struct pty *p = run_with(w, argv, x->more, 24, 200);
    CHECK(p, pty_wait_exit(p, SOON, &status) && status == 0);
    char *screen = pty_screen(p);
    const char *id = strstr(screen, "\"job_");
    CHECK(p, id != NULL && sscanf(id, "\"%63[a-z0-9_]\"", l->job) == 1);
    free(screen);
    pty_free(p);
}

/* What the clouds have of the job is this, soon. */
static bool traced(const struct cloud *c, const char *job, struct service_trace want)
{
    int64_t until = pty_now_ms() + LONG;
    struct service_trace t;

    do {
        t = service_trace_of(c, job);
        if (t.dead == want.dead && t.events == want.events && t.batch == want.batch &&
            strcmp(t.record, want.record) == 0) {
            return true;
        }
        (void)poll(NULL, 0, 50);
    } while (pty_now_ms() < until);
    (void)printf("    %s: %d dead letters, %d events, %d Batch jobs, record \"%s\"\n", job, t.dead,
                 t.events, t.batch, t.record);
    return false;
}

/* Sends the dead letter of the context under the cursor again. */
static bool send_again(struct pty *p, const struct lost *l, const struct lost *other)
{
    char text[64];

    if (!cursor_in(p, l->context)) {
        return false;
    }
    pty_send(p, "3");
    if (!look_for(p, "Dead letter queue  1 message") || !pty_wait(p, l->name, SOON) ||
        pty_has(p, other->name)) {
        return false;
    }
    pty_send(p, "S");
    (void)snprintf(text, sizeof text, "Redrive 1 event?  context %s", l->context);
    if (!pty_wait(p, text, SOON)) {
        return false;
    }
    (void)pty_wait_quiet(p, 200, QUIET);
    pty_send(p, "y");
    if (!pty_wait(p, "redriven to mvp-development as event", LONG) ||
        !pty_wait(p, "is empty", SOON)) {
        return false;
    }
    pty_send(p, "q");
    return pty_wait(p, "in 2 contexts", SOON);
}

static void a_dead_letter_goes_again_in_the_context_of_its_queue(struct world *w)
{
    static const struct service_trace lost = {1, 1, 0, "PENDING"}, done = {0, 2, 1, "COMPLETED"};
    const char *argv[] = {w->program, "--context", "blue", NULL};
    struct pair x;
    struct lost blue = {"blue", "Azure Lost", &w->cloud, NULL, ""};
    struct lost green = {"green", "Lime Lost", &x.green, NULL, ""};

    CHECK(NULL, pair_begin(w, &x));
    lose(w, &x, &blue);
    lose(w, &x, &green);
    bool both = traced(blue.cloud, blue.job, lost) && traced(green.cloud, green.job, lost);
    service_restore_definition(blue.cloud, blue.definition);
    service_restore_definition(green.cloud, green.definition);
    NEED(NULL, both);
    struct pty *p = run_with(w, argv, x.more, 30, 110);
    NEED(p, pty_wait(p, "Azure Lost", SOON));
    pty_send(p, ":");
    NEED(p, pty_wait(p, "Commands", SOON));
    pty_send(p, "ctx *\r");
    NEED(p, pty_wait(p, "in 2 contexts", SOON));
    NEED(p, pty_wait(p, "Lime Lost", SOON));
    NEED(p, send_again(p, &green, &blue));
    CHECK(p, traced(green.cloud, green.job, done));
    CHECK(p, traced(blue.cloud, blue.job, lost));
    CHECK(p, traced(blue.cloud, green.job, (struct service_trace){1, 0, 0, ""}));
    NEED(p, send_again(p, &blue, &green));
    CHECK(p, traced(blue.cloud, blue.job, done));
    CHECK(p, traced(green.cloud, green.job, done));
    CHECK(p, traced(green.cloud, blue.job, (struct service_trace){0, 0, 0, ""}));
    CHECK(p, traced(blue.cloud, green.job, (struct service_trace){0, 0, 0, ""}));
    quit(w, p);
    cloud_stop(&x.green);
}

/* The shell has the terminal while its size changes. */
static void all_contexts_take_the_size_after_a_stop(struct world *w)
{
    const char *argv[] = {"/bin/bash", "--norc", "-i", NULL};
    char command[600];
    struct pair x;

    if (access(argv[0], X_OK) != 0) {
        (void)printf("    skipped: no bash\n");
        return;
    }
    CHECK(NULL, pair_begin(w, &x));
    send_in(w, &x, "blue", "Azure Start");
    send_in(w, &x, "green", "Lime Start");
    struct pty *p = run_with(w, argv, x.more, 40, 110);
    NEED(p, pty_wait(p, "bash-", SOON));
    (void)snprintf(command, sizeof command, "%s --context blue\n", w->program);
    pty_send(p, command);
    NEED(p, pty_wait(p, "Azure Start", SOON));
    pty_send(p, ":");
    NEED(p, pty_wait(p, "Commands", SOON));
    pty_send(p, "ctx *\r");
    NEED(p, pty_wait(p, "Lime Start", SOON));
    pty_send(p, "\032");
    NEED(p, pty_wait(p, "Stopped", SOON));
    pty_resize(p, 24, 80);
    pty_send(p, "fg\n");
    static const char *const contexts[] = {"green", "blue", "green"};
    for (size_t i = 0; i < sizeof contexts / sizeof *contexts; i++) {
        NEED(p, cursor_in(p, contexts[i]));
        CHECK(p, pty_wait(p, "? help", SOON)); /* in the last row */
    }
    pty_send(p, "q");
    NEED(p, pty_wait_gone(p, "mvpdash   green", SOON));
    pty_send(p, "exit\n");
    int status = 0;
    CHECK(p, pty_wait_exit(p, SOON, &status));
    pty_free(p);
    cloud_stop(&x.green);
}

const struct e2e_test context_tests[] = {
    {"a switch shows and changes the other one",             a_switch_shows_and_changes_the_other_one  },
    {"a cloud that is gone leaves the other live",           a_cloud_that_is_gone_leaves_the_other_live},
    {"one list of all acts in the context of each job",
     one_list_of_all_acts_in_the_context_of_each_job                                                   },
    {"a dead letter goes again in the context of its queue",
     a_dead_letter_goes_again_in_the_context_of_its_queue                                              },
    {"all contexts take the size after a stop",              all_contexts_take_the_size_after_a_stop   },
};
const size_t context_tests_len = sizeof context_tests / sizeof *context_tests;
