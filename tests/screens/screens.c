/* Takes the pictures: drives the program in a terminal, on a local cloud that holds a fixed day.
 *
 * usage: screens PATH/TO/mvpdash FOLDER     writes FOLDER/NAME-dark.svg and NAME-light.svg
 *
 * Run it with fixed.so preloaded (run.sh does): then the same program gives the same pictures. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "day.h"
#include "shot.h"
#include "tests/e2e/cloud.h"
#include "tests/e2e/pty.h"

enum { ROWS = 30, STATS_ROWS = 46, COLS = 120, WAIT_MS = 60000, CALM_MS = 250, MOST_BYTES = 60000 };

/* What is done before a picture, one after the other; it ends with an empty step. */
struct step {
    const char *keys;  /* NULL: none */
    const char *until; /* in a row then, "a|b" for one of them */
};
struct scene {
    const char *name, *title, *about;
    int rows;
    bool rule_off; /* the rule that starts jobs is switched off */
    struct step steps[12];
};

/* clang-format off */
static const struct scene scenes[] = {
    {"list", "mvpdash: the job list, and a job in detail",
     "Left the jobs, newest first, with status, step, progress, age and duration. Right the job that failed: it ran out of memory, and what to do about it.",
     ROWS, false,
     {{NULL, DAY_FAILED}, {"jjjjj", "exit code 137"}}},
    {"log", "mvpdash: the log of a running job, searched",
     "The log of the job's container, with times. The hits of a search for ERROR are marked.",
     ROWS, false,
     {{NULL, DAY_RUNNING}, {"jjj", "user_3318"}, {"l", "58 % done"}, {"f", "58 % done"}, {"t", "13:3"}, {"/ERROR\r", "Match"}}},
    {"stats", "mvpdash: statistics",
     "How jobs end, how long they take, what they cost, why they fail, and all that over time and by product.",
     STATS_ROWS, false, {{NULL, DAY_FAILED}, {":stats by product\r", "Why jobs fail"}, {NULL, "By product"}}},
    {"dlq", "mvpdash: the dead letter queue",
     "The events that EventBridge could not deliver, in groups by their error, each group with what to do about it.",
     ROWS, false, {{NULL, DAY_FAILED}, {"3", "NO_PERMISSIONS (3)"}, {NULL, "THROTTLING (1)"}}},
    {"doctor", "mvpdash: the doctor names a broken rule",
     "All checks, from the configuration to the log. The rule is disabled, so that no job starts; the command that mends it stands beside.",
     ROWS, true, {{NULL, DAY_FAILED}, {"5", "DISABLED"}}},
    {"deploy", "mvpdash: the form of a deploy",
     "The fields of a new deploy, and the event that will be sent.",
     ROWS, false, {{NULL, DAY_FAILED}, {"n", "New deploy"}, {"user_1844\t", NULL}, {"prod_418\t", NULL}, {"Little Fox Toys\t", NULL},
      {"fox@littlefox.example\t", NULL}, {"\t", NULL}, {"shop,payments,blog\t", "Ready to send"}, {NULL, "\"blog\""}}},
};
/* clang-format on */

static bool say(const char *what, const char *name, const struct pty *p)
{
    char *screen = p == NULL ? NULL : pty_screen(p);

    (void)fprintf(stderr, "screens: %s: %s\n%s", name, what, screen == NULL ? "" : screen);
    free(screen);
    return false;
}

static bool write_picture(const struct pty *p, const struct scene *s, const char *folder,
                          bool light)
{
    struct strbuf svg = STRBUF_INIT;
    struct shot shot = shot_take(p);
    char path[400];

    shot_mask(&shot);
    shot_svg(&shot, &(struct shot_words){s->title, s->about, light}, &svg);
    shot_clear(&shot);
    (void)snprintf(path, sizeof path, "%s/%s-%s.svg", folder, s->name, light ? "light" : "dark");
    FILE *f = fopen(path, "w");
    bool ok = f != NULL && fwrite(svg.data, 1, svg.len, f) == svg.len;
    ok = (f == NULL || fclose(f) == 0) && ok;
    size_t bytes = svg.len;
    strbuf_clear(&svg);
    if (!ok) {
        return say("cannot be written", path, NULL);
    }
    return bytes < MOST_BYTES || say("has 60 kB or more", path, NULL);
}

/* Plays the scene and waits until nothing moves. */
static bool play(struct pty *p, const struct scene *s)
{
    for (const struct step *step = s->steps; step->keys != NULL || step->until != NULL; step++) {
        if (step->keys != NULL) {
            pty_send(p, step->keys);
        }
        if (step->until != NULL && !pty_wait(p, step->until, WAIT_MS)) {
            return say("this did not come:", step->until, p);
        }
        if (step->keys != NULL) {
            (void)pty_wait_quiet(p, CALM_MS, WAIT_MS);
        }
    }
    return (pty_wait(p, "live", WAIT_MS) && pty_wait_quiet(p, CALM_MS, WAIT_MS)) ||
           say("the screen does not come to rest", s->name, p);
}

/* Each scene has a program of its own, which knows nothing of the others. */
static bool take(struct cloud *c, const char *program, const struct scene *s, const char *folder,
                 bool light)
{
    const char *argv[] = {program, "--theme", light ? "light" : "default", NULL};
    char state[100], config[100];
    const char *env[] = {"TERM=xterm-256color",
                         "LC_ALL=C.UTF-8",
                         "TZ=UTC",
                         "TMUX",
                         "STY",
                         "NO_COLOR",
                         "COLORTERM",
                         state,
                         config,
                         NULL};

    (void)snprintf(state, sizeof state, "XDG_STATE_HOME=%s/state-%s-%d", c->dir, s->name, light);
    (void)snprintf(config, sizeof config, "XDG_CONFIG_HOME=%s/config-%s-%d", c->dir, s->name,
                   light);
    if (!day_unread(c) || !day_rule(c, !s->rule_off)) {
        return false;
    }
    struct pty *p = pty_start(argv, env, s->rows, COLS);
    bool ok = play(p, s) && write_picture(p, s, folder, light);
    pty_free(p);
    return ok;
}

int main(int argc, char **argv)
{
    struct cloud c;
    bool ok = false;

    if (argc != 3) {
        (void)fprintf(stderr, "usage: screens PATH/TO/mvpdash FOLDER\n");
        return 2;
    }
    if (cloud_start(&c, argv[1], WAIT_MS) && day_fill(&c)) {
        ok = true;
        for (size_t i = 0; i < 2 * (sizeof scenes / sizeof *scenes) && ok; i++) {
            ok = take(&c, argv[1], &scenes[i / 2], argv[2], i % 2 == 1);
        }
    }
    cloud_stop(&c);
    return ok ? 0 : 1;
}
