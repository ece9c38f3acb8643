/* world.h - what the tests of the dashboard in a terminal share. */
#ifndef TESTS_E2E_WORLD_H
#define TESTS_E2E_WORLD_H

#include <stdbool.h>
#include <stddef.h>

#include "cloud.h"
#include "pty.h"

/* SOON and LONG: for what must come, on a machine that is busy with other things too. QUIET: the
 * longest wait for a screen on which something may move all the while. */
enum { SOON = 60000, LONG = 180000, QUIET = 5000 };

struct world {
    const char *program;
    struct cloud cloud;
    bool failed; /* the test under way */
};

struct e2e_test {
    const char *name;
    void (*run)(struct world *w);
};
extern const struct e2e_test alert_tests[]; /* e2e_alerts.c */
extern const size_t alert_tests_len;
extern const struct e2e_test context_tests[]; /* e2e_contexts.c */
extern const size_t context_tests_len;
extern const struct e2e_test doctor_tests[]; /* e2e_doctor.c */
extern const size_t doctor_tests_len;
extern const struct e2e_test input_tests[]; /* e2e_input.c */
extern const size_t input_tests_len;
extern const struct e2e_test insight_tests[]; /* e2e_insight.c */
extern const size_t insight_tests_len;
extern const struct e2e_test own_tests[]; /* e2e_own.c */
extern const size_t own_tests_len;
extern const struct e2e_test view_tests[]; /* e2e_views.c */
extern const size_t view_tests_len;
extern const struct e2e_test welcome_tests[]; /* e2e_welcome.c */
extern const size_t welcome_tests_len;

/* Says what went wrong, with the screen. */
void fail(struct world *w, const struct pty *p, const char *what, int line);
#define CHECK(p, cond)                                                                             \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            fail(w, (p), #cond, __LINE__);                                                         \
        }                                                                                          \
    } while (0)
#define NEED(p, cond)                                                                              \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            fail(w, (p), #cond, __LINE__);                                                         \
            pty_free(p);                                                                           \
            return;                                                                                \
        }                                                                                          \
    } while (0)

/* The program on a terminal, with the cloud's environment; `more` as of pty_start. */
struct pty *run_with(struct world *w, const char *const *argv, const char *const *more, int rows,
                     int cols);
struct pty *open_with(struct world *w, const char *const *more, int rows, int cols);
struct pty *open_dashboard(struct world *w, int rows, int cols);
/* Makes a config folder of the test's own with this config.ini. `env`: "XDG_CONFIG_HOME=...". */
bool configure(struct world *w, const char *ini, char *env, size_t size);
/* Fills the form and sends it: the screen is the new job's detail then. */
bool deploy(struct pty *p, const char *name);
/* Sends a deploy of this user for each name, by the command. */
void send_names(struct world *w, const char *user, const char *const *names, size_t len);
/* Looks again (r) until the screen has `title`. */
bool look_for(struct pty *p, const char *title);
void quit(struct world *w, struct pty *p); /* and checks that the terminal is as it was */
#endif
