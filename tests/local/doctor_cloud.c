/* A doctor on a local cloud, and what a test expects of its findings. */
#include "doctor_cloud.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ops/ops.h"
#include "src/cloud/store/service.h"

struct test_cloud c;
int64_t ahead_ms;
struct doctor_report report;
struct doctor_seen seen[64];
static bool opened;
const struct doctor_terminal good_terminal = {.there = true,
                                              .term = "xterm-256color",
                                              .known = true,
                                              .addressable = true,
                                              .colors = 256,
                                              .rows = 24,
                                              .cols = 80,
                                              .locale = "C.UTF-8",
                                              .locale_known = true,
                                              .utf8 = true};

static int64_t wall(void *arg)
{
    (void)arg;
    return clock_wall_ms(NULL) + ahead_ms;
}

static int64_t mono(void *arg)
{
    (void)arg;
    return clock_mono_ms(NULL);
}

void doctor_teardown(void)
{
    doctor_report_clear(&report);
    if (opened) {
        cloud_close(&c);
    }
}

static void use_cloud(void)
{
    opened = true;
    (void)setenv("AWS_ENDPOINT_URL", cloud_endpoint(c.l), 1);
    (void)setenv("XDG_STATE_HOME", c.dir, 1);
    (void)setenv("XDG_CONFIG_HOME", c.dir, 1);
    (void)setenv("HOME", c.dir, 1);
    (void)setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
    (void)unsetenv("AWS_PROFILE");
}

void doctor_start(void)
{
    cloud_open_seeded(&c);
    use_cloud();
}

void doctor_start_empty(void)
{
    cloud_open(&c);
    use_cloud();
}

struct ops *doctor_ops(struct settings **settings)
{
    static struct clock clock = {.wall_ms = wall, .mono_ms = mono};
    struct err e = {0};

    *settings = settings_load(&(struct settings_sources){0}, &e);
    cr_assert_not_null(*settings, "%s", e.msg);
    struct ops *o = ops_new(*settings, &clock, NULL, &e);
    cr_assert_not_null(o, "%s", e.msg);
    return o;
}

static void told(void *arg, const struct doctor_check *k, const struct finding *f)
{
    size_t *n = arg;
    struct doctor_seen *s = &seen[*n];

    cr_assert_eq(k, &doctor_checks[*n], "told in the table's order");
    (*n)++;
    s->state = f->state;
    (void)snprintf(s->text, sizeof s->text, "%s", f->text == NULL ? "" : f->text);
    (void)snprintf(s->fix, sizeof s->fix, "%s", f->fix == NULL ? "" : f->fix);
    cr_expect_not_null(f->text, "%s says nothing", k->id);
    cr_expect_eq(f->fix == NULL, f->state == DOCTOR_PASS, "%s %s: %s", k->id,
                 doctor_state_word(f->state), f->text);
}

void diagnose_with(const struct doctor_options *opt)
{
    struct err e = {0};
    size_t n = 0;
    struct settings *s = NULL;
    struct ops *o = doctor_ops(&s);
    struct doctor_options patient = *opt;

    /* What is tested is what a check finds, on a busy machine too. */
    patient.check_ms = opt->check_ms == 0 ? 60000 : opt->check_ms;
    patient.total_ms = opt->total_ms == 0 ? 240000 : opt->total_ms;
    doctor_report_clear(&report);
    cr_assert_eq(ops_doctor(o, &patient, told, &n, &report, &e), E_OK, "%s", e.msg);
    cr_assert_eq(n, doctor_checks_len - 1, "all but the one of a job");
    ops_free(o);
    settings_free(s);
}

void diagnose(void)
{
    diagnose_with(&(struct doctor_options){.terminal = &good_terminal});
}

const struct doctor_seen *doctor_of(const char *id)
{
    for (size_t i = 0; i < doctor_checks_len; i++) {
        if (strcmp(doctor_checks[i].id, id) == 0) {
            return &seen[i];
        }
    }
    cr_assert_fail("no check %s", id);
    return NULL;
}

void doctor_expect(const char *id, enum doctor_state state, const char *text, const char *fix)
{
    const struct doctor_seen *s = doctor_of(id);

    cr_expect_eq(s->state, state, "%s is %s: %s", id, doctor_state_word(s->state), s->text);
    cr_expect(strstr(s->text, text) != NULL, "%s: \"%s\" lacks \"%s\"", id, s->text, text);
    cr_expect(strstr(s->fix, fix) != NULL, "%s: \"%s\" lacks \"%s\"", id, s->fix, fix);
}

void doctor_fails(const char *id, const char *text, const char *fix)
{
    doctor_expect(id, DOCTOR_FAIL, text, fix);
    cr_assert_not_null(report.headline_id, "nothing failed");
    cr_expect_str_eq(report.headline_id, id, "%s: %s", report.headline_id, report.headline);
    cr_expect(strstr(report.headline, text) != NULL, "%s", report.headline);
}

void doctor_warns(const char *id, const char *text, const char *fix)
{
    cr_assert_not_null(report.first.id);
    cr_expect_eq(report.first.state, DOCTOR_WARN, "what warns comes first when nothing fails");
    cr_expect_not_null(report.first.fix);
    doctor_expect(id, DOCTOR_WARN, text, fix);
    cr_expect_null(report.headline, "%s: %s", report.headline_id, report.headline);
}
