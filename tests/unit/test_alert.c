/* What is told of a watched job, and the hours in which it is told without noise. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "app_fixture.h"
#include "core/hours.h"
#include "jobs/alert.h"

TestSuite(alert, .timeout = 120);

static enum alert_kind step(struct alert_seen *seen, enum job_status status, enum job_stuck stuck)
{
    struct job_state s = {.status = (uint8_t)status, .stuck = stuck};

    return alert_step(seen, &s);
}

Test(alert, what_was_so_at_the_start_is_no_news)
{
    static const enum job_status all[] = {JOB_PENDING, JOB_IN_PROGRESS, JOB_COMPLETED, JOB_FAILED};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct alert_seen seen = {0};
        cr_expect_eq(step(&seen, all[i], STUCK_NO), ALERT_NONE);
        cr_expect_eq(step(&seen, all[i], STUCK_NO), ALERT_NONE);
    }
    struct alert_seen seen = {0};
    cr_expect_eq(step(&seen, JOB_PENDING, STUCK_NOT_PICKED_UP), ALERT_NONE);
    cr_expect_eq(step(&seen, JOB_PENDING, STUCK_NOT_PICKED_UP), ALERT_NONE);
}

Test(alert, each_end_is_told_once)
{
    static const struct {
        enum job_status end;
        enum alert_kind want;
    } ends[] = {
        {JOB_COMPLETED, ALERT_FINISHED },
        {JOB_FAILED,    ALERT_FAILED   },
        {JOB_CANCELLED, ALERT_CANCELLED},
    };

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct alert_seen seen = {0};
        (void)step(&seen, JOB_PENDING, STUCK_NO);
        cr_expect_eq(step(&seen, JOB_QUEUED, STUCK_NO), ALERT_NONE);
        cr_expect_eq(step(&seen, JOB_IN_PROGRESS, STUCK_NO), ALERT_NONE);
        cr_expect_eq(step(&seen, ends[i].end, STUCK_NO), ends[i].want);
        cr_expect_eq(step(&seen, ends[i].end, STUCK_NO), ALERT_NONE);
        cr_expect_eq(step(&seen, JOB_IN_PROGRESS, STUCK_NO), ALERT_NONE, "another attempt");
        cr_expect_eq(step(&seen, ends[i].end, STUCK_NO), ends[i].want, "and its end");
    }
}

Test(alert, each_way_of_being_stuck_is_told_once_however_it_comes_and_goes)
{
    struct alert_seen seen = {0};

    (void)step(&seen, JOB_PENDING, STUCK_NO);
    cr_expect_eq(step(&seen, JOB_PENDING, STUCK_NOT_PICKED_UP), ALERT_STUCK);
    for (int i = 0; i < 3; i++) {
        cr_expect_eq(step(&seen, JOB_PENDING, STUCK_NO), ALERT_NONE);
        cr_expect_eq(step(&seen, JOB_PENDING, STUCK_NOT_PICKED_UP), ALERT_NONE);
    }
    cr_expect_eq(step(&seen, JOB_QUEUED, STUCK_RUNNABLE), ALERT_STUCK);
    cr_expect_eq(step(&seen, JOB_FAILED, STUCK_NO), ALERT_FAILED);
}

static const struct job_spec hostile = {
    .id = "job_1", .status = "FAILED", .name = "Evil\033]0;x\a\nShop", .created_s = 1};

Test(alert, its_words_are_clean_and_bounded)
{
    struct job *j = fixture_job(&hostile);
    struct job_state s = {.status = JOB_FAILED, .exit_code = 137};
    char line[ALERT_LINE_SIZE];

    (void)alert_line(ALERT_FAILED, j, NULL, &s, line);
    cr_expect_not_null(strstr(line, "FAILED"), "%s", line);
    cr_expect_not_null(strstr(line, "job_1"), "%s", line);
    for (const char *p = line; *p != '\0'; p++) {
        cr_expect_geq((unsigned char)*p, ' ');
    }
    size_t len = 0;
    char **facts = alert_facts(ALERT_FAILED, j, NULL, &s, "blue", &len);
    bool id = false, status = false, code = false, context = false;
    for (size_t i = 0; i < len; i++) {
        id |= strcmp(facts[i], "MVPDASH_JOB_ID=job_1") == 0;
        status |= strcmp(facts[i], "MVPDASH_STATUS=FAILED") == 0;
        code |= strcmp(facts[i], "MVPDASH_EXIT_CODE=137") == 0;
        context |= strcmp(facts[i], "MVPDASH_CONTEXT=blue") == 0;
        for (const char *p = facts[i]; *p != '\0'; p++) {
            cr_expect_geq((unsigned char)*p, ' ', "%s", facts[i]);
        }
        free(facts[i]);
    }
    free(facts);
    cr_expect(id && status && code && context);
    cJSON *doc = alert_json(ALERT_FAILED, j, NULL, &s, "blue");
    cr_expect_str_eq(json_str(doc, "alert"), "failed");
    cr_expect_str_eq(json_str(doc, "jobId"), "job_1");
    cr_expect_str_eq(json_str(doc, "context"), "blue");
    cJSON_Delete(doc);
    job_free(j);
}

Test(alert, quiet_hours_go_over_midnight)
{
    struct hours h;
    const int64_t day = INT64_C(20000) * 86400000, minute = 60000;

    setenv("TZ", "UTC", 1);
    cr_assert(hours_parse("22:00-07:00", &h));
    cr_expect_not(hours_cover(&h, day + (21 * 60 + 59) * minute));
    cr_expect(hours_cover(&h, day + 22 * 60 * minute));
    cr_expect(hours_cover(&h, day));
    cr_expect(hours_cover(&h, day + (6 * 60 + 59) * minute));
    cr_expect_not(hours_cover(&h, day + 7 * 60 * minute));
    cr_assert(hours_parse(" 9:30 - 12:15 ", &h));
    cr_expect(hours_cover(&h, day + (12 * 60 + 14) * minute));
    cr_expect_not(hours_cover(&h, day + (12 * 60 + 15) * minute));
    static const char *const bad[] = {"",           "22-7",        "22:00",         "24:00-07:00",
                                      "22:60-7:00", "22:00-22:00", "22:00-07:00 x", "-1:00-2:00",
                                      "22:0-7:00",  "222:00-7:00"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_expect_not(hours_parse(bad[i], &h), "%s", bad[i]);
    }
}
