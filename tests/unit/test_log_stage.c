/* How far a job is by its log. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/json.h"
#include "jobs/log_stage.h"

static const struct line_case {
    const char *line, *stage, *said; /* stage "": none */
} lines[] = {
    {"{\"stage\":\"BUILDING\"}",                                                                  "BUILDING",       ""                         },
    {"{\"timestamp\":\"t\",\"level\":\"info\",\"stage\":\"QA_CHECK\",\"message\":\"12 of 40\"}",
     "QA_CHECK",                                                                                                    "12 of 40"                 },
    {"  {\"level\":\"info\",\"message\":{\"stage\":\"DEPLOYING\",\"message\":\"up\"}}\n",
     "DEPLOYING",                                                                                                   "up"                       },
    {"{\"message\":\"{\\\"stage\\\":\\\"CLEANUP\\\",\\\"msg\\\":\\\"bye\\\"}\"}",                 "CLEANUP",        "bye"                      },
    {"{\"log\":\"{\\\"stage\\\":\\\"CLAUDE_INSTALL\\\"}\\n\",\"stream\":\"stdout\"}",
     "CLAUDE_INSTALL",                                                                                              ""                         },
    {"{\"msg\":\"going on\",\"data\":{\"stage\":\"ai development\",\"n\":3}}",                    "ai development",
     "going on"                                                                                                                                },
    {"2026-11-29T10:00:00Z INFO {\"stage\":\"CREATING_REPO\",\"message\":\"m\"}",                 "CREATING_REPO",
     "m"                                                                                                                                       },
    {"[worker 3] {\"a\":{\"b\":{}},\"stage\":\"X\"} (pid 7)",                                     "X",              ""                         },
    {"{\"level\":\"error\",\"stage\":\"BUILDING\",\"message\":\"https://u:hunter2@h/x failed\"}",
     "BUILDING",                                                                                                    "https://u:****@h/x failed"},
    {"{\"metadata\":{\"context\":{\"stage\":\"DEEP\"}}}",                                         "DEEP",           ""                         },
    {"plain words about the stage",                                                               "",               ""                         },
    {"stage: BUILDING",                                                                           "",               ""                         },
    {"",                                                                                          "",               ""                         },
    {"{",                                                                                         "",               ""                         },
    {"}{",                                                                                        "",               ""                         },
    {"{\"stage\":\"BUILDING\"",                                                                   "",               ""                         },
    {"{\"stage\":7}",                                                                             "",               ""                         },
    {"{\"stage\":null,\"message\":\"m\"}",                                                        "",               ""                         },
    {"{\"stage\":\"\"}",                                                                          "",               ""                         },
    {"{\"stage\":\"   \"}",                                                                       "",               ""                         },
    {"{\"stage\":{\"name\":\"BUILDING\"}}",                                                       "",               ""                         },
    {"{\"stage\":\"production\",\"message\":\"config loaded\"}",                                  "",               ""                         },
    {"{\"stage\":\"Dev\"}",                                                                       "",               ""                         },
    {"{\"config\":{\"stage\":\"BUILDING\"}}",                                                     "",               ""                         },
    {"{\"stage\":\"a\\nb\"}",                                                                     "",               ""                         },
    {"{\"stage\":\"\\u001b[2J\"}",                                                                "",               ""                         },
    {"{\"stage\":\"this is a whole sentence that somebody wrote under the wrong name of a "
     "member\"}",                                                                            "",               ""                         },
    {"[{\"stage\":\"BUILDING\"}]",                                                                "BUILDING",       ""                         },
    {"{\"message\":{\"message\":{\"message\":{\"message\":{\"message\":{\"message\":{\"stage\":"
     "\"X\"}}}}}}}",                                                                         "",               ""                         },
};

Test(log_stage, reads_lines_of_every_shape)
{
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct log_stage s;
        log_stage_init(&s);
        log_stage_line(&s, 1000, lines[i].line, strlen(lines[i].line));
        cr_expect_str_eq(s.stage, lines[i].stage, "%s", lines[i].line);
        cr_expect_str_eq(s.said, lines[i].said, "%s", lines[i].line);
        cr_expect_eq(s.heard_ms, 1000, "each line tells that the log goes on: %s", lines[i].line);
        cr_expect(s.read);
    }
}

static void line(struct log_stage *s, int64_t at, const char *text)
{
    log_stage_line(s, at, text, strlen(text));
}

Test(log_stage, the_newest_counts_and_plain_lines_leave_it)
{
    struct log_stage s;

    log_stage_init(&s);
    line(&s, 10, "{\"stage\":\"A\"}");
    line(&s, 20, "{\"stage\":\"B\",\"message\":\"one\"}");
    line(&s, 30, "npm warn");
    line(&s, 40, "{\"stage\":\"B\",\"message\":\"two\"}");
    line(&s, 50, "npm warn again");
    cr_expect_str_eq(s.stage, "B");
    cr_expect_str_eq(s.said, "two");
    cr_expect_eq(s.since_ms, 20);
    cr_expect_eq(s.at_ms, 40);
    cr_expect_eq(s.heard_ms, 50);
    line(&s, 15, "{\"stage\":\"A\"}");
    line(&s, 18, "{\"stage\":\"B\"}");
    cr_expect_str_eq(s.stage, "B", "what comes late is older");
    cr_expect_eq(s.since_ms, 18);
    line(&s, TIME_NONE, "{\"stage\":\"Z\"}");
    cr_expect_str_eq(s.stage, "B", "a line without a time");
}

Test(log_stage, a_cut_message_leaves_no_half_character)
{
    char text[400];
    struct log_stage s;

    (void)snprintf(text, sizeof text, "{\"stage\":\"A\",\"message\":\"x%s%s%s\"}",
                   "éééééééééééééééééééééééééééééééééééééééééé",
                   "éééééééééééééééééééééééééééééééééééééééééé",
                   "éééééééééééééééééééééééééééééééééééééééééé");
    log_stage_init(&s);
    line(&s, 1, text);
    cr_expect_eq(strlen(s.said), LOG_STAGE_SAID - 1);
    cr_expect_eq((unsigned char)s.said[LOG_STAGE_SAID - 2], 0xa9);
}

/* ---- beside the record ---- */

enum { MIN = 60000 };
static const int64_t now = 1800000000000;

static struct job *job_at(int64_t updated, const char *step)
{
    struct job_values v = {
        .id = "j",
        .status = JOB_IN_PROGRESS,
        .text = {[JOB_STATUS_TEXT] = "IN_PROGRESS", [JOB_STEP] = step},
        .progress = 40,
        .ms = { [JOB_CREATED] = now - 300 * MIN,
                 [JOB_UPDATED] = updated,
                 [JOB_STARTED] = now - 299 * MIN,
                 [JOB_ENDED] = TIME_NONE,
                 [JOB_ESTIMATED] = TIME_NONE},
        .estimated_duration_s = -1
    };
    return job_make(&v);
}

static struct batch_job running(void)
{
    return (struct batch_job){.id = "b",
                              .status = BATCH_RUNNING,
                              .log_stream = "s",
                              .created_ms = now - 300 * MIN,
                              .started_ms = now - 299 * MIN,
                              .stopped_ms = TIME_NONE,
                              .exit_code = EXIT_CODE_NONE,
                              .array = {.index = -1}};
}

static struct log_stage log_at(int64_t stage_ms, int64_t heard_ms)
{
    struct log_stage l;

    log_stage_init(&l);
    l.read = true;
    if (stage_ms != TIME_NONE) {
        line(&l, stage_ms, "{\"stage\":\"BUILDING\",\"message\":\"m\"}");
    }
    if (heard_ms != TIME_NONE) {
        line(&l, heard_ms, "plain");
    }
    return l;
}

Test(log_stage, is_wanted_only_of_a_silent_running_job)
{
    struct batch_job b = running();
    struct job *j = job_at(now - 10 * MIN, "AI_DEVELOPMENT");
    struct job_state s;

    job_state_merge(j, &b, true, now, NULL, &s);
    cr_expect(log_stage_wanted(j, &b, &s, now, 180));
    cr_expect_not(log_stage_wanted(j, &b, &s, now, 0), "switched off");
    cr_expect_not(log_stage_wanted(j, &b, &s, now, 601), "not silent for that long");
    cr_expect_not(log_stage_wanted(j, NULL, &s, now, 180));
    b.log_stream = NULL;
    cr_expect_not(log_stage_wanted(j, &b, &s, now, 180), "no log yet");
    b = running();
    b.status = BATCH_RUNNABLE;
    cr_expect_not(log_stage_wanted(j, &b, &s, now, 180), "waiting again");
    b = running();
    b.started_ms = now - MIN;
    cr_expect_not(log_stage_wanted(j, &b, &s, now, 180), "its container has just begun");
    b = running();
    s.status = JOB_COMPLETED;
    cr_expect_not(log_stage_wanted(j, &b, &s, now, 180));
    job_free(j);
}

Test(log_stage, later_news_than_the_record_is_shown)
{
    struct batch_job b = running();
    struct job *j = job_at(now - 100 * MIN, "AI_DEVELOPMENT");
    struct job_state s;
    struct log_stage l = log_at(now - 50 * MIN, TIME_NONE);

    job_state_merge(j, &b, true, now, NULL, &s);
    cr_expect_str_eq(log_stage_shown(j, &s, &l), "BUILDING");
    cr_expect_null(log_stage_shown(j, &s, NULL));
    job_free(j);
    j = job_at(now - 50 * MIN, "AI_DEVELOPMENT");
    cr_expect_null(log_stage_shown(j, &s, &l), "the record is as new");
    job_free(j);
    j = job_at(now - 100 * MIN, "building");
    cr_expect_null(log_stage_shown(j, &s, &l), "no news");
    job_free(j);
    j = job_at(now - 100 * MIN, NULL);
    cr_expect_str_eq(log_stage_shown(j, &s, &l), "BUILDING");
    s.status = JOB_FAILED;
    cr_expect_null(log_stage_shown(j, &s, &l), "it is over");
    l.read = false;
    s.status = JOB_IN_PROGRESS;
    cr_expect_null(log_stage_shown(j, &s, &l));
    job_free(j);
}

Test(log_stage, a_job_is_not_stuck_while_its_log_moves)
{
    struct batch_job b = running();
    struct job *j = job_at(now - 100 * MIN, "AI_DEVELOPMENT");
    struct job_state s;
    char why[STATE_REASON_SIZE];
    struct log_stage l = log_at(now - 90 * MIN, now - MIN);

    job_state_merge(j, &b, true, now, NULL, &s);
    cr_assert_eq(s.stuck, STUCK_NO_PROGRESS);
    log_stage_settle(j, &b, &l, now, NULL, &s);
    cr_expect_eq(s.stuck, STUCK_NO);
    cr_expect_not_null(strstr(job_state_reason(j, &b, &s, why, sizeof why), "its log continues"));

    job_state_merge(j, &b, true, now, NULL, &s);
    l = log_at(now - 90 * MIN, now - 80 * MIN);
    log_stage_settle(j, &b, &l, now, NULL, &s);
    cr_expect_eq(s.stuck, STUCK_NO_PROGRESS, "its log has ended, too");
    cr_expect_not_null(strstr(job_state_reason(j, &b, &s, why, sizeof why), "no progress"));

    job_state_merge(j, &b, true, now, NULL, &s);
    l = log_at(TIME_NONE, TIME_NONE);
    log_stage_settle(j, &b, &l, now, NULL, &s);
    cr_expect_eq(s.stuck, STUCK_NO_PROGRESS, "an empty log tells nothing");
    l = log_at(now, now);
    l.read = false;
    log_stage_settle(j, &b, &l, now, NULL, &s);
    cr_expect_eq(s.stuck, STUCK_NO_PROGRESS, "what was not read tells nothing");

    s.status = JOB_STOPPING;
    s.stuck = STUCK_STOPPING;
    l = log_at(now, now);
    log_stage_settle(j, &b, &l, now, NULL, &s);
    cr_expect_eq(s.stuck, STUCK_STOPPING, "a log does not end a job");
    job_free(j);
}

Test(log_stage, stands_in_the_timeline_and_in_json)
{
    struct batch_job b = running();
    struct job *j = job_at(now - 100 * MIN, "AI_DEVELOPMENT");
    struct log_stage l = log_at(now - 50 * MIN, now - MIN);
    struct timeline t;
    struct job_state s;

    job_state_merge(j, &b, true, now, NULL, &s);
    timeline_build(&t, j, NULL, &b, NULL);
    size_t before = t.len;
    log_stage_timeline(j, &s, &l, &t);
    cr_assert_eq(t.len, before + 1);
    const struct timeline_entry *last = &t.items[t.len - 1];
    cr_expect_str_eq(last->source, "log");
    cr_expect_str_eq(last->event, "stage BUILDING: m");
    cr_expect_eq(last->at_ms, now - 50 * MIN);
    timeline_add(&t, now - 1000 * MIN, "log", "before all");
    cr_expect_str_eq(t.items[0].event, "before all");
    timeline_clear(&t);

    cJSON *doc = log_stage_json(j, &s, &l);
    char *text = json_text(doc);
    cr_expect_str_eq(text, "{\"step\":\"BUILDING\",\"at\":\"2027-01-15T07:10:00.000Z\",\"message\":"
                           "\"m\",\"heardAt\":\"2027-01-15T07:59:00.000Z\"}");
    free(text);
    cJSON_Delete(doc);
    cr_expect_null(log_stage_json(j, &s, NULL));
    job_free(j);
}
