/* Alerts for watched jobs: what is told, once, and how loud. */
#include <criterion/criterion.h>
#include <locale.h>
#include <unistd.h>

#include "app_fixture.h"

static void utf8(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
}

TestSuite(watch, .init = utf8, .timeout = 120);

static const struct job_spec three[] = {
    {.id = "job_c",          .name = "Charlie",       .status = "IN_PROGRESS", .created_s = 30},
    {             .id = "job_b",       .name = "Bravo", .status = "IN_PROGRESS",         .created_s = 20               },
    { .id = "job_a", .name = "Alpha",             .status = "COMPLETED",         .user = "u",                .created_s = 10},
};

static struct bench with_jobs(void)
{
    struct bench b = bench_new();

    bench_jobs(&b, TASK_LOAD, three, 3);
    return b;
}

static void becomes(struct bench *b, const char *id, const char *name, const char *status,
                    int64_t at_s)
{
    bench_jobs(b, TASK_GET_JOBS,
               &(struct job_spec){
                   .id = id, .name = name, .status = status, .created_s = 30, .updated_s = at_s},
               1);
}

static size_t effects_of(const struct bench *b, enum effect_kind kind)
{
    size_t n = 0;

    for (size_t i = 0; i < b->fx.len; i++) {
        n += b->fx.items[i].kind == kind;
    }
    return n;
}

/* Settings with these lines under [alerts]. */
static void use(struct bench *b, const char *lines)
{
    char path[] = "/tmp/mvpdash-watch-XXXXXX";
    int fd = mkstemp(path);
    struct err e = {0};

    cr_assert_geq(fd, 0);
    dprintf(fd, "[alerts]\n%s", lines);
    close(fd);
    struct settings *s = settings_load(&(struct settings_sources){.config_ini = path}, &e);
    cr_assert_not_null(s, "%s", e.msg);
    cr_assert_eq(settings_warnings_len(s), 0, "%s", settings_warning(s, 0));
    unlink(path);
    b->m->desk.settings = s;
    settings_free(b->settings);
    b->settings = s;
}

Test(watch, the_end_of_a_watched_job_is_told_once)
{
    struct bench b = with_jobs();

    bench_key(&b, "W");
    cr_expect(store_is_watched(b.m->desk.store, "job_c"));
    cr_expect_not_null(bench_effect(&b, EFF_PREFS), "it is kept");
    becomes(&b, "job_c", "Charlie", "FAILED", 40);
    cr_expect_eq(effects_of(&b, EFF_BELL), 1);
    cr_expect_eq(effects_of(&b, EFF_NOTIFY), 1);
    cr_expect_not_null(strstr(bench_effect(&b, EFF_NOTIFY)->text, "Charlie FAILED"));
    cr_expect_not_null(strstr(bench_effect(&b, EFF_TITLE)->text, "! Charlie FAILED"));
    cr_expect_not_null(strstr(b.m->desk.note, "Charlie FAILED"), "%s", b.m->desk.note);
    bench_tick(&b, 60000);
    cr_expect_not_null(strstr(b.m->desk.note, "Charlie"), "until somebody saw it");
    becomes(&b, "job_c", "Charlie", "FAILED", 41);
    bench_tick(&b, 60000);
    cr_expect_eq(effects_of(&b, EFF_BELL), 1, "once");
    bench_key(&b, "j");
    cr_expect_str_eq(bench_effect(&b, EFF_TITLE)->text, "mvpdash", "the title is put back");
    cr_expect_str_eq(b.m->desk.note, "");
    bench_free(&b);
}

Test(watch, what_a_retry_came_to_stays_readable_before_the_alert)
{
    for (int with_key = 0; with_key < 2; with_key++) {
        struct bench b = with_jobs();
        bench_key(&b, "W"); /* Charlie */
        bench_key(&b, "G");
        bench_key(&b, "T");
        bench_key(&b, "y");
        struct msg *m = msg_new(MSG_DEPLOYED, bench_task(&b, TASK_RETRY));
        snprintf(m->u.deployed.job_id, sizeof m->u.deployed.job_id, "job_new");
        bench_msg(&b, m);
        becomes(&b, "job_c", "Charlie", "FAILED", 40);
        cr_expect_eq(effects_of(&b, EFF_BELL), 1, "the alert itself does not wait");
        bench_tick(&b, 3000);
        cr_expect_not_null(strstr(b.m->desk.note, "retried as job_new"), "%s", b.m->desk.note);
        if (with_key) { /* it was read */
            bench_key(&b, "k");
        } else {
            cr_expect_leq(model_wait_ms(b.m, b.mono_ms), 1000);
            bench_tick(&b, 1000);
        }
        cr_expect_not_null(strstr(b.m->desk.note, "Charlie FAILED"), "%s", b.m->desk.note);
        bench_free(&b);
    }
}

Test(watch, nothing_is_told_of_others_of_old_ones_or_on_the_first_load)
{
    struct bench b = bench_new();
    const char *prefs = "{\"watched\":[\"job_a\",\"job_b\",\"job_gone\"]}";

    model_load_watched(b.m, prefs, strlen(prefs));
    bench_jobs(&b, TASK_LOAD, three, 3);
    becomes(&b, "job_c", "Charlie", "FAILED", 40);
    cr_expect_eq(effects_of(&b, EFF_BELL) + effects_of(&b, EFF_NOTIFY), 0);
    b.m->desk.loading.active = false;
    bench_tick(&b, 1000);
    cr_expect_not_null(strstr(b.m->desk.note, "away: Alpha COMPLETED"), "%s", b.m->desk.note);
    cr_expect_eq(effects_of(&b, EFF_BELL) + effects_of(&b, EFF_NOTIFY), 0, "said without noise");
    cr_expect_not(store_is_watched(b.m->desk.store, "job_a"));
    becomes(&b, "job_b", "Bravo", "COMPLETED", 50);
    cr_expect_eq(effects_of(&b, EFF_BELL), 1, "what was running counts from then on");
    bench_free(&b);
}

Test(watch, what_the_snapshot_says_is_no_news_and_what_changes_after_it_is)
{
    struct bench b = bench_new();
    const char *prefs = "{\"watched\":[\"job_b\"]}";
    struct job *kept = fixture_job(&three[1]);

    model_load_watched(b.m, prefs, strlen(prefs));
    model_add_snapshot(b.m, &kept, 1, T0 - 1000);
    bench_jobs(&b, TASK_LOAD, three, 3); /* the same record: only confirmed */
    cr_expect_eq(effects_of(&b, EFF_BELL), 0);
    becomes(&b, "job_b", "Bravo", "FAILED", 50);
    cr_expect_eq(effects_of(&b, EFF_BELL), 1);
    bench_free(&b);
}

Test(watch, a_job_that_has_ended_leaves_the_watched_ones)
{
    struct bench b = with_jobs();
    char title[200];

    bench_key(&b, "W");
    const struct entry *e = store_find(b.m->desk.store, "job_c");
    cr_expect(entry_watched(e));
    becomes(&b, "job_c", "Charlie", "FAILED", 40);
    cr_expect_eq(effects_of(&b, EFF_BELL), 1, "its end was told first");
    cr_expect_not(entry_watched(store_find(b.m->desk.store, "job_c")), "no mark in the list");
    cr_expect_null(strstr(jobs_title(b.m->jobs, title, sizeof title), "watched"), "%s", title);
    struct format_ctx x = {.now_ms = b.now_ms};
    enum style st;
    char cell[32];
    job_columns[COL_WATCH].format(store_find(b.m->desk.store, "job_c"), &x, cell, sizeof cell, &st);
    cr_expect_str_empty(cell);
    bench_key(&b, "W");
    cr_expect_not_null(strstr(b.m->desk.note, "already ended"), "%s", b.m->desk.note);
    bench_free(&b);
}

/* Ended jobs must not take the places of jobs that could still be watched. */
Test(watch, ended_jobs_make_room_at_the_limit)
{
    struct bench b = with_jobs();
    char id[24];

    cr_assert(store_watch(b.m->desk.store, "job_c", true));
    for (int i = 0; i < STORE_WATCH_MAX - 1; i++) {
        snprintf(id, sizeof id, "job_n%d", i);
        cr_assert(store_watch(b.m->desk.store, id, true));
    }
    cr_expect_not(store_watch(b.m->desk.store, "job_more", true));
    becomes(&b, "job_c", "Charlie", "FAILED", 40);
    cr_expect(store_watch(b.m->desk.store, "job_more", true));
    bench_free(&b);
}

Test(watch, a_job_that_is_over_cannot_be_watched_and_W_again_ends_it)
{
    struct bench b = with_jobs();

    bench_key(&b, "G");
    bench_key(&b, "W");
    cr_expect_eq(store_watched(b.m->desk.store), 0);
    cr_expect_not_null(strstr(b.m->desk.note, "already ended"), "%s", b.m->desk.note);
    bench_key(&b, "g");
    bench_key(&b, "W");
    bench_key(&b, "W");
    cr_expect_not(store_is_watched(b.m->desk.store, "job_c"));
    becomes(&b, "job_c", "Charlie", "FAILED", 40);
    cr_expect_eq(effects_of(&b, EFF_BELL), 0);
    bench_free(&b);
}

Test(watch, marked_jobs_are_watched_together_and_told_together)
{
    struct bench b = with_jobs();
    char title[200];

    bench_key(&b, "*");
    bench_key(&b, "W");
    cr_expect_eq(store_watched(b.m->desk.store), 2);
    cr_expect_not_null(strstr(jobs_title(b.m->jobs, title, sizeof title), "2 watched"), "%s",
                       title);
    bench_jobs(
        &b, TASK_GET_JOBS,
        (struct job_spec[]){
            {.id = "job_c",
             .name = "Charlie",
             .status = "COMPLETED",
             .created_s = 30,
             .updated_s = 60                                                                     },
            {.id = "job_b", .name = "Bravo", .status = "FAILED", .created_s = 20, .updated_s = 60}
    },
        2);
    cr_expect_eq(effects_of(&b, EFF_BELL), 1);
    const char *text = bench_effect(&b, EFF_NOTIFY)->text;
    cr_expect_not_null(strstr(text, "2 watched jobs: 1 failed, 1 finished; Bravo FAILED"), "%s",
                       text);
    bench_free(&b);
}

Test(watch, noise_keeps_its_distance_and_loses_nothing)
{
    struct bench b = with_jobs();

    bench_key(&b, "*");
    bench_key(&b, "W");
    becomes(&b, "job_c", "Charlie", "COMPLETED", 60);
    becomes(&b, "job_b", "Bravo", "FAILED", 60);
    cr_expect_eq(effects_of(&b, EFF_BELL), 1);
    cr_expect_leq(model_wait_ms(b.m, b.mono_ms), 3000);
    bench_tick(&b, 3000);
    cr_expect_eq(effects_of(&b, EFF_BELL), 2);
    cr_expect_not_null(strstr(bench_effect(&b, EFF_NOTIFY)->text, "Bravo FAILED"));
    bench_tick(&b, 3000);
    cr_expect_eq(effects_of(&b, EFF_BELL), 2);
    bench_free(&b);
}

Test(watch, a_stuck_job_is_told)
{
    struct bench b = bench_new();

    bench_jobs(
        &b, TASK_LOAD,
        &(struct job_spec){.id = "job_s", .name = "Sierra", .status = "PENDING", .created_s = 1},
        1);
    bench_key(&b, "W");
    b.now_ms += 120000;
    b.mono_ms += 120000;
    store_batch_listed(b.m->desk.store, b.now_ms);
    bench_tick(&b, 1000);
    cr_expect_eq(effects_of(&b, EFF_BELL), 1);
    cr_expect_not_null(strstr(b.m->desk.note, "Sierra is stuck"), "%s", b.m->desk.note);
    bench_tick(&b, 60000);
    cr_expect_eq(effects_of(&b, EFF_BELL), 1);
    bench_free(&b);
}

Test(watch, switches_and_quiet_hours_are_heard)
{
    struct bench b = with_jobs();

    use(&b, "bell = no\nosc9 = no\nosc777 = no\ntitle = no\n");
    bench_key(&b, "*");
    bench_key(&b, "W");
    becomes(&b, "job_c", "Charlie", "FAILED", 60);
    cr_expect_eq(effects_of(&b, EFF_BELL) + effects_of(&b, EFF_NOTIFY) + effects_of(&b, EFF_TITLE),
                 0);
    cr_expect_not_null(strstr(b.m->desk.note, "Charlie"), "the status row says it all the same");
    bench_tick(&b, 5000);
    use(&b, "quiet = 00:00-23:59\nhook = true\n");
    becomes(&b, "job_b", "Bravo", "FAILED", 60);
    cr_expect_eq(effects_of(&b, EFF_BELL) + effects_of(&b, EFF_NOTIFY), 0);
    cr_expect_eq(effects_of(&b, EFF_TITLE), 1, "a title makes no noise");
    cr_expect_not_null(bench_task(&b, TASK_HOOK), "nor does the hook: it may know better");
    bench_free(&b);
}

Test(watch, the_hook_runs_once_a_job_one_at_a_time_and_its_failure_shows)
{
    struct bench b = with_jobs();

    use(&b, "hook = /bin/notify 'a b'\n");
    bench_key(&b, "*");
    bench_key(&b, "W");
    becomes(&b, "job_c", "Charlie", "COMPLETED", 60);
    becomes(&b, "job_b", "Bravo", "FAILED", 60);
    cr_assert_eq(bench_tasks(&b, TASK_HOOK), 1);
    const struct task *t = bench_task(&b, TASK_HOOK);
    bool id = false;
    for (size_t i = 0; i < task_as(t, hook).env.len; i++) {
        id |= strcmp(task_as(t, hook).env.items[i], "MVPDASH_JOB_ID=job_c") == 0;
    }
    cr_expect(id);
    cr_expect_not_null(strstr(task_as(t, hook).input, "\"alert\":\"finished\""));
    struct msg *m = msg_new(MSG_HOOK, t);
    (void)err_set(&m->err, E_IO, "hook /bin/notify: ended with status 3");
    bench_msg(&b, m);
    cr_expect_eq(bench_tasks(&b, TASK_HOOK), 2, "the next one's turn");
    cr_expect_gt(b.m->desk.errors_len, 0);
    cr_expect_str_eq(b.m->desk.errors[0].what, "Alert");
    cr_expect_str_eq(b.m->desk.errors[0].err.msg, "hook /bin/notify: ended with status 3");
    bench_free(&b);
}

Test(watch, what_is_watched_is_kept_until_it_is_over)
{
    struct bench b = with_jobs();

    bench_key(&b, "*");
    bench_key(&b, "W");
    becomes(&b, "job_c", "Charlie", "FAILED", 60);
    char *prefs = model_watched(b.m);
    cr_expect_not_null(strstr(prefs, "\"watched\":[\"job_b\"]"), "%s", prefs);
    free(prefs);
    b.m->desk.loading.active = false;
    store_round_begin(b.m->desk.store, b.mono_ms + 60000);
    bench_jobs(&b, TASK_LOAD, &three[2], 1);
    (void)store_round_end(b.m->desk.store);
    cr_expect_eq(store_watched(b.m->desk.store), 0,
                 "a record that is gone is not watched for ever");
    bench_free(&b);
}

Test(watch, garbage_in_the_prefs_is_ignored)
{
    static const char *const texts[] = {"{\"watched\":7}", "{\"watched\":[1,null,{},\"\",[]]}",
                                        "{\"watched\":{\"a\":\"b\"}}"};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct bench b = with_jobs();
        model_load_watched(b.m, texts[i], strlen(texts[i]));
        cr_expect_eq(store_watched(b.m->desk.store), 0);
        bench_free(&b);
    }
}
