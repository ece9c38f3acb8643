/* The rule's event log: late events, clocks that are ahead, and groups that do not exist. */
#include <criterion/criterion.h>
#include <string.h>

#include "ops/logs.h"
#include "ops_cloud.h"
#include "src/cloud/logs/logs.h"

/* The rule's event log: nothing missed, nothing twice, whatever order the events come in. */

static struct ops_cloud c;
static struct rule_log_cursor at;
static const char group[] = "/aws/events/rule/mvp-development-rule";

static void setup(void)
{
    ops_cloud_start(&c, &(struct ops_cloud_options){.no_rule = true});
    rule_log_cursor_init(&at, TIME_NONE);
}

static void teardown(void)
{
    rule_log_cursor_clear(&at);
    ops_cloud_stop(&c);
}

TestSuite(ops_rule_log, .init = setup, .fini = teardown, .timeout = 120);

static int64_t now_ms(void)
{
    return clock_wall_ms(NULL);
}

static void put(int64_t at_ms, const char *stream, const char *text)
{
    struct err e = {0};

    cr_assert_eq(cloud_logs_ensure_stream(c.local, group, stream, &e), E_OK, "%s", e.msg);
    cr_assert_eq(cloud_logs_append(c.local, group, stream, at_ms, text, strlen(text), &e), E_OK,
                 "%s", e.msg);
}

/* What one look brings: the lines with a blank between them. */
static const char *look(void)
{
    static char all[4000];
    struct log_page page;
    struct err e = {0};
    bool end = false;

    all[0] = '\0';
    while (!end) {
        cr_assert_eq(ops_rule_log_read(c.ops, &at, &page, &e), E_OK, "%s", e.msg);
        for (size_t i = 0; i < page.len; i++) {
            (void)strncat(all, page.items[i].text, 100);
            (void)strcat(all, " ");
        }
        cr_assert_str_eq(page.note, "");
        end = page.at_end;
        log_page_clear(&page);
    }
    return all;
}

Test(ops_rule_log, late_events_with_older_times_are_seen_once)
{
    int64_t t = now_ms();

    put(t - 10000, "a", "one");
    put(t - 9000, "a", "two");
    cr_expect_str_eq(look(), "one two ");
    put(t - 60000, "b", "late"); /* its time lies before what was given */
    put(t - 9000, "b", "same-time");
    cr_expect_str_eq(look(), "late same-time ");
    cr_expect_str_eq(look(), "");
    put(t - 1000, "a", "three");
    put(t - 9500, "c", "late-again");
    cr_expect_str_eq(look(), "late-again three ");
    cr_expect_str_eq(look(), "");
}

Test(ops_rule_log, a_clock_ahead_hides_nobody_elses_events)
{
    int64_t t = now_ms();

    put(t + 3600000, "ahead", "future");
    cr_expect_str_eq(look(), "future ");
    put(t, "a", "present");
    cr_expect_str_eq(look(), "present ");
    cr_expect_str_eq(look(), "");
}

Test(ops_rule_log, nothing_older_than_wanted)
{
    int64_t t = now_ms();

    rule_log_cursor_clear(&at);
    rule_log_cursor_init(&at, t - 5000);
    put(t - 6000, "a", "before");
    put(t - 4000, "a", "after");
    cr_expect_str_eq(look(), "after ");
    put(t - 5500, "b", "late-and-before");
    cr_expect_str_eq(look(), "");
}

Test(ops_rule_log, a_copy_goes_on_by_itself)
{
    put(now_ms() - 1000, "a", "one");
    cr_expect_str_eq(look(), "one ");
    struct rule_log_cursor *copy = rule_log_cursor_copy(&at);
    rule_log_cursor_clear(&at);
    at = *copy;
    free(copy);
    cr_expect_str_eq(look(), "", "what was given is known to the copy");
}

Test(ops_rule_log, a_missing_group_is_no_error)
{
    struct log_page page;
    struct err e = {0};

    cr_assert_eq(ops_rule_log_read(c.ops, &at, &page, &e), E_OK, "%s", e.msg);
    cr_expect_str_eq(page.note, "there is no log group /aws/events/rule/mvp-development-rule");
    cr_expect_eq(page.len, 0);
    log_page_clear(&page);
    put(now_ms() - 1000, "a", "made");
    cr_expect_str_eq(look(), "made ");
}
