/* Takes the pictures: drives the program in a terminal, on a local cloud that holds a fixed day.
 *
 * usage: screens PATH/TO/mvpdash FOLDER [WANTED]    writes FOLDER/NAME-dark.svg and NAME-light.svg
 *
 * A picture is taken when the screen has come to rest, or when it is the same as that in the folder
 * WANTED. Run it with fixed.so preloaded (run.sh does): then the same program gives the same
 * pictures. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "day.h"
#include "shot.h"
#include "tests/e2e/cloud.h"
#include "tests/e2e/pty.h"

enum {
    ROWS = 30,
    STATS_ROWS = 46,
    COLS = 120,
    WAIT_MS = 60000,
    REST_MS = 2000, /* a screen that did not change for so long is at rest */
    MOST_STEPS = 6, /* of the clock, until a picture is said to be another than the wanted one */
    LOOK_MS = 50,
    HIGHLIGHT_S = 4, /* a job that has changed is in bold for less than this */
    MOST_KEYS = 40,
    MOST_BYTES = 60000
};

/* What is done before a picture, one after the other; the list ends with an empty step. */
struct step {
    const char *keys;  /* NULL: none */
    const char *until; /* in a row then, "a|b" for one of them; NULL: nothing */
    bool again;        /* press the keys until it is there */
};
struct scene {
    const char *name, *title, *about;
    /* Keys that let the program look at the clock and show the same again. Ctrl-L draws all; a note
     * that goes away after a while has to be asked for again. */
    const char *awake;
    int rows;
    bool rule_off; /* the rule that starts jobs is switched off */
    struct step steps[12];
};

/* clang-format off */
static const struct scene scenes[] = {
    {"list", "mvpdash: the job list, and a job in detail",
     "Left the jobs, newest first, with status, step, progress, age and duration. Right the job that "
     "failed: it ran out of memory, and what to do about it.",
     "\f", ROWS, false,
     {{NULL, DAY_FAILED, false}, {"g", NULL, false}, {"j", DAY_FAILED_USER, true},
      {NULL, "exit code 137", false}}},
    {"log", "mvpdash: the log of a running job, searched",
     "The log of the job's container, with times. The hits of a search for ERROR are marked.",
     "\fnnn", ROWS, false,
     {{NULL, DAY_RUNNING, false}, {"g", NULL, false}, {"j", DAY_RUNNING_USER, true},
      {"l", "58 % done", false}, {"f", NULL, false}, {"t", "14:31:", false}, {"/ERROR\r", "Match", false}}},
    {"stats", "mvpdash: statistics",
     "How jobs end, how long they take, what they cost, why they fail, over time and by user.",
     "\f", STATS_ROWS, false,
     {{NULL, DAY_FAILED, false}, {":stats by user\r", "Why jobs fail", false}, {NULL, "By user", false}}},
    {"dlq", "mvpdash: the dead letter queue",
     "The events that EventBridge could not deliver, in groups by their error, each group with what "
     "to do about it.",
     "\f", ROWS, false,
     {{NULL, DAY_FAILED, false}, {"3", "NO_PERMISSIONS (3)", false}, {NULL, "THROTTLING (1)", false},
      {"G", NULL, false}}},
    {"doctor", "mvpdash: the doctor names a broken rule",
     "All checks, from the configuration to the log. The rule is disabled, so that no job starts. The "
     "command that mends it stands beside.",
     "\f", ROWS, true,
     {{NULL, DAY_FAILED, false}, {"5", "DISABLED", false}, {NULL, "<1m ago|just now", false}}},
    {"deploy", "mvpdash: the form of a deploy",
     "The fields of a new deploy, and the event that will be sent.",
     "\f", ROWS, false,
     {{NULL, DAY_FAILED, false}, {"n", "New deploy", false}, {"user_1844\t", NULL, false},
      {"prod_booking\t", NULL, false}, {"Little Fox Toys\t", NULL, false},
      {"fox@littlefox.example\t", NULL, false}, {"\t", NULL, false},
      {"shop,payments,blog\t", "\"blog\"", false}}},
};
/* clang-format on */
enum { SCENES = sizeof scenes / sizeof *scenes };

static bool say(const char *what, const char *name, const struct pty *p)
{
    char *screen = p == NULL ? NULL : pty_screen(p);

    (void)fprintf(stderr, "screens: %s: %s\n%s", name, what, screen == NULL ? "" : screen);
    free(screen);
    return false;
}

/* ---- keys ---- */

/* Presses the keys until the text is there. Each time the program has drawn what they did before.
 */
static bool press_until(struct pty *p, const struct step *step)
{
    for (int i = 0; i < MOST_KEYS && !pty_has(p, step->until); i++) {
        pty_send(p, step->keys);
        (void)pty_wait_quiet(p, LOOK_MS, WAIT_MS);
    }
    return pty_has(p, step->until);
}

static bool play(struct pty *p, const struct scene *s)
{
    for (const struct step *step = s->steps; step->keys != NULL || step->until != NULL; step++) {
        bool there = true;
        if (step->again) {
            there = press_until(p, step);
        } else if (step->keys != NULL) {
            pty_send(p, step->keys);
            (void)pty_wait_quiet(p, LOOK_MS, WAIT_MS);
        }
        if (!there || (step->until != NULL && !pty_wait(p, step->until, WAIT_MS))) {
            (void)fprintf(stderr, "screens: the scene %s waits for \"%s\"\n", s->name, step->until);
            return say("this is on the screen in its place", s->name, p);
        }
    }
    return true;
}

/* Sets the time of all programs (fixed.c). */
static bool set_clock(int64_t before_s)
{
    const char *path = getenv("SCREENS_CLOCK");
    int fd = path == NULL ? -1 : open(path, O_WRONLY | O_CLOEXEC);
    bool ok = fd >= 0 && pwrite(fd, &before_s, sizeof before_s, 0) == (ssize_t)sizeof before_s;

    if (fd >= 0) {
        (void)close(fd);
    }
    return ok || say("the file SCREENS_CLOCK cannot be written", path == NULL ? "" : path, NULL);
}

/* ---- pictures ---- */

struct look {
    const struct scene *scene;
    bool light;
    const char *wanted; /* the picture as it should be; NULL: not known */
};

static void draw(const struct pty *p, const struct look *k, struct strbuf *svg)
{
    struct shot shot = shot_take(p);

    strbuf_reset(svg);
    shot_mask(&shot);
    shot_svg(&shot, &(struct shot_words){k->scene->title, k->scene->about, k->light}, svg);
    shot_clear(&shot);
}

static bool is_wanted(const struct look *k, const struct strbuf *svg)
{
    return k->wanted != NULL && strcmp(k->wanted, strbuf_str(svg)) == 0;
}

/* Draws until the picture is the wanted one, or has not changed for `rest_ms`. */
static bool draw_at_rest(struct pty *p, const struct look *k, int rest_ms, struct strbuf *svg)
{
    int64_t until = pty_now_ms() + rest_ms;
    struct strbuf now = STRBUF_INIT;

    draw(p, k, svg);
    while (pty_now_ms() < until && !is_wanted(k, svg)) {
        (void)pty_wait_quiet(p, LOOK_MS, LOOK_MS);
        draw(p, k, &now);
        if (strcmp(strbuf_str(&now), strbuf_str(svg)) != 0) {
            strbuf_reset(svg);
            strbuf_add(svg, now.data, now.len);
            until = pty_now_ms() + rest_ms;
        }
    }
    strbuf_clear(&now);
    return is_wanted(k, svg);
}

/* A job that has changed is in bold for some seconds, and the time stands still: it goes on by so
 * many seconds again and again, and in between the screen comes to rest. In the pictures nothing
 * tells seconds. */
static bool settle(struct pty *p, const struct look *k, struct strbuf *svg)
{
    int steps = k->wanted == NULL ? 2 : MOST_STEPS;
    bool ok = true, done = false;

    for (int i = 0; i < steps && ok && !done; i++) {
        ok = set_clock(-i * HIGHLIGHT_S);
        pty_send(p, k->scene->awake);
        done = draw_at_rest(p, k, REST_MS, svg);
    }
    return ok;
}

/* The text of a picture, owned; NULL: there is none. */
static char *read_picture(const char *path)
{
    FILE *f = fopen(path, "r");
    char *text = f == NULL ? NULL : calloc(1, MOST_BYTES + 1);

    if (text != NULL) {
        (void)!fread(text, 1, MOST_BYTES, f);
    }
    if (f != NULL) {
        (void)fclose(f);
    }
    return text;
}

static bool write_picture(const char *path, const struct strbuf *svg)
{
    FILE *f = fopen(path, "w");
    bool ok = f != NULL && fwrite(svg->data, 1, svg->len, f) == svg->len;

    ok = (f == NULL || fclose(f) == 0) && ok;
    if (!ok) {
        return say("this file cannot be written", path, NULL);
    }
    return svg->len < MOST_BYTES || say("the picture has 60 kB or more", path, NULL);
}

struct place {
    const char *program, *folder, *wanted; /* wanted: NULL when there is none */
};

/* Each scene has a program of its own, which knows nothing of the others. The cloud's address and
 * keys stand in this process's environment since the cloud was filled. */
static bool take(struct cloud *c, const struct place *at, const struct scene *s, bool light)
{
    const char *argv[] = {at->program, "--theme", light ? "light" : "default", NULL};
    char state[100], config[100], path[400], wanted_path[400];
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
    const char *theme = light ? "light" : "dark";
    struct strbuf svg = STRBUF_INIT;

    (void)snprintf(state, sizeof state, "XDG_STATE_HOME=%s/state-%s-%s", c->dir, s->name, theme);
    (void)snprintf(config, sizeof config, "XDG_CONFIG_HOME=%s/config-%s-%s", c->dir, s->name,
                   theme);
    (void)snprintf(path, sizeof path, "%s/%s-%s.svg", at->folder, s->name, theme);
    (void)snprintf(wanted_path, sizeof wanted_path, "%s/%s-%s.svg", at->wanted, s->name, theme);
    if (!day_unread(c) || !day_rule(c, !s->rule_off) || !set_clock(HIGHLIGHT_S)) {
        return false;
    }
    struct pty *p = pty_start(argv, env, s->rows, COLS);
    char *wanted = at->wanted == NULL ? NULL : read_picture(wanted_path);
    bool ok = play(p, s) && settle(p, &(struct look){s, light, wanted}, &svg) &&
              write_picture(path, &svg);
    free(wanted);
    strbuf_clear(&svg);
    pty_free(p);
    return ok;
}

int main(int argc, char **argv)
{
    struct cloud c;
    bool ok = true;

    if (argc != 3 && argc != 4) {
        (void)fprintf(stderr, "usage: screens PATH/TO/mvpdash FOLDER [WANTED]\n");
        return 2;
    }
    struct place at = {argv[1], argv[2], argc == 4 ? argv[3] : NULL};
    ok = cloud_start(&c, at.program, WAIT_MS) && day_fill(&c);
    for (size_t i = 0; i < 2 * (size_t)SCENES && ok; i++) {
        ok = take(&c, &at, &scenes[i / 2], i % 2 == 1);
    }
    cloud_stop(&c);
    return ok ? 0 : 1;
}
