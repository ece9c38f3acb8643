/* What the dashboard does on events. */
#include <criterion/criterion.h>
#include <criterion/theories.h>
#include <locale.h>

#include "app_fixture.h"

static void utf8(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
}

TestSuite(update, .init = utf8);

static const struct job_spec five[] = {
    {.id = "job_e", .name = "Echo",    .user = "ann", .status = "IN_PROGRESS", .created_s = 50},
    {.id = "job_d", .name = "Delta",   .user = "bob", .status = "FAILED",      .created_s = 40},
    {.id = "job_c", .name = "Charlie", .user = "ann", .status = "COMPLETED",   .created_s = 30},
    {.id = "job_b", .name = "Bravo",   .user = "bob", .status = "PENDING",     .created_s = 20},
    {.id = "job_a", .name = "Alpha",   .user = "ann", .status = "CANCELLED",   .created_s = 10},
};

static struct bench with_jobs(void)
{
    struct bench b = bench_new();

    bench_jobs(&b, TASK_LOAD, five, 5);
    return b;
}

static const char *cursor(const struct bench *b)
{
    return b->m->jobs->list.cursor == NULL ? "" : b->m->jobs->list.cursor;
}

static struct msg *reply(enum msg_kind kind, enum task_kind task, uint32_t request)
{
    struct task t = {.kind = task, .request = request};

    return msg_new(kind, &t);
}

static void answer_error(struct bench *b, enum task_kind kind, enum err_code code)
{
    struct msg *m = reply(MSG_DONE, kind, SCHEDULE_REQUEST);

    err_set(&m->err, code, "dynamodb.Scan: it went wrong");
    bench_msg(b, m);
}

#define EXPECT_WHOLE(b)                                                                            \
    cr_expect_null(bench_broken((b)->m), "%s", bench_broken((b)->m) ? bench_broken((b)->m) : "")

/* ---- the start ---- */

Test(update, first_event_asks_for_everything_needed)
{
    struct bench b = bench_new();

    cr_expect_not_null(bench_task(&b, TASK_TABLE_INFO));
    cr_expect_not_null(bench_task(&b, TASK_IDENTITY));
    cr_expect_not_null(bench_task(&b, TASK_OUTBOX));
    cr_expect_eq(b.m->desk.link.state, LINK_CONNECTING);
    EXPECT_WHOLE(&b);
    bench_free(&b);
}

Test(update, nothing_is_asked_before_the_size_is_known)
{
    struct settings *s = fixture_settings();
    struct model_options o = {.settings = s, .seed = 1, .now_ms = T0, .mono_ms = 5};
    struct model *m = model_new(&o);
    struct effects fx = {0};
    struct app_event ev = {.kind = EV_TICK, .now_ms = T0, .mono_ms = 6};

    cr_expect(app_update(m, &ev, &fx));
    cr_expect_eq(fx.len, 0);
    effects_clear(&fx);
    model_free(m);
    settings_free(s);
}

/* ---- the list ---- */

TheoryDataPoints(update, cursor_stays_inside) = {
    DataPoints(int, 0, 1, 2, 4),
    DataPoints(int, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
};

Theory((int start, int key), update, cursor_stays_inside)
{
    static const char *const keys[] = {"Up",   "Down", "j",   "k",   "g",    "G",
                                       "PgUp", "PgDn", "C-u", "C-d", "Home", "End"};
    struct bench b = with_jobs();

    for (int i = 0; i < start; i++) {
        bench_key(&b, "j");
    }
    for (int i = 0; i < 7; i++) {
        bench_key(&b, keys[key]);
        cr_assert_lt(b.m->jobs->list.rows.at, store_rows(b.m->desk.store));
        cr_assert_null(bench_broken(b.m));
    }
    bench_free(&b);
}

Test(update, cursor_stays_on_its_job_while_rows_move)
{
    struct bench b = with_jobs();

    bench_key(&b, "j");
    cr_expect_str_eq(cursor(&b), "job_d");
    bench_jobs(&b, TASK_GET_JOBS,
               (struct job_spec[]){
                   {.id = "job_x", .created_s = 90},
                   {.id = "job_y", .created_s = 91}
    },
               2);
    cr_expect_str_eq(cursor(&b), "job_d");
    cr_expect_eq(b.m->jobs->list.rows.at, 3);
    bench_key(&b, "A");
    cr_expect_str_eq(cursor(&b), "job_d", "a new order moves the row, not the job");
    bench_key(&b, "F");
    bench_key(&b, "I");
    size_t row = b.m->jobs->list.rows.at;
    bench_jobs(&b, TASK_GET_JOBS,
               (struct job_spec[]){
                   {.id = "job_z", .created_s = 99}
    },
               1);
    cr_expect_eq(b.m->jobs->list.rows.at, row, "after F the cursor stays on its row");
    EXPECT_WHOLE(&b);
    bench_free(&b);
}

Test(update, cursor_keeps_its_screen_line_in_a_scrolled_list)
{
    struct bench b = bench_new();
    struct job_spec many[60];
    char ids[60][16];

    for (int i = 0; i < 60; i++) {
        snprintf(ids[i], sizeof ids[i], "job%02d", i);
        many[i] = (struct job_spec){.id = ids[i], .created_s = i};
    }
    bench_jobs(&b, TASK_LOAD, many, 60);
    for (int i = 0; i < 40; i++) {
        bench_key(&b, "j");
    }
    size_t line = b.m->jobs->list.rows.at - b.m->jobs->list.rows.top;
    cr_expect_gt(b.m->jobs->list.rows.top, 0);
    bench_jobs(&b, TASK_GET_JOBS,
               (struct job_spec[]){
                   {.id = "new", .created_s = 99}
    },
               1);
    cr_expect_eq(b.m->jobs->list.rows.at - b.m->jobs->list.rows.top, line);
    bench_free(&b);
}

/* Presses a key until the window of the list moves; returns how many rows it moved. */
static size_t rows_moved(struct bench *b, const char *key)
{
    const struct rows *r = &b->m->jobs->list.rows;
    size_t top = r->top;

    for (int i = 0; i < 60 && r->top == top; i++) {
        bench_key(b, key);
        cr_assert(r->at >= r->top && r->at < r->top + r->page, "the cursor left the window");
    }
    return r->top > top ? r->top - top : top - r->top;
}

Test(update, beside_the_detail_the_window_moves_a_third_of_a_page)
{
    struct bench b = bench_new();
    struct job_spec many[200] = {{0}};
    char ids[200][16];

    for (int i = 0; i < 200; i++) {
        (void)snprintf(ids[i], sizeof ids[i], "job_%03d", i);
        many[i] = (struct job_spec){.id = ids[i], .created_s = -i};
    }
    bench_jobs(&b, TASK_LOAD, many, 200);
    cr_expect_eq(rows_moved(&b, "j"), 1, "the terminal moves whole rows");
    bench_resize(&b, 40, 120);
    size_t third = 1 + b.m->jobs->list.rows.page / 3;
    bench_key(&b, "g");
    cr_expect_eq(rows_moved(&b, "j"), third);
    cr_expect_eq(rows_moved(&b, "j"), third);
    cr_expect_eq(rows_moved(&b, "k"), third);
    bench_key(&b, "g");
    size_t page = b.m->jobs->list.rows.page;
    bench_key(&b, "PgDn");
    bench_key(&b, "PgDn");
    cr_expect_eq(b.m->jobs->list.rows.top, 2 * (page - 1),
                 "a page down keeps one row of the page before");
    cr_expect_eq(b.m->jobs->list.rows.at, 2 * (page - 1));
    bench_key(&b, "G");
    cr_expect_eq(b.m->jobs->list.rows.top, 200 - page);
    bench_free(&b);
}

/* Texts page as lists do: help, logs, details. */
Test(update, a_page_of_a_text_keeps_one_line)
{
    struct bench b = with_jobs();

    bench_key(&b, "?");
    const struct textview *v = &b.m->desk.window.text;
    cr_assert_gt(textview_len(v), 3 * (size_t)v->rows);
    uint64_t from = v->top;
    bench_key(&b, "PgDn");
    cr_expect_eq(v->top, from + (uint64_t)v->rows - 1);
    bench_key(&b, "C-f");
    bench_key(&b, "PgUp");
    cr_expect_eq(v->top, from + (uint64_t)v->rows - 1);
    bench_free(&b);
}

Test(update, cursor_goes_to_a_neighbour_when_its_job_leaves)
{
    struct bench b = with_jobs();
    struct msg *m = reply(MSG_GONE, TASK_GET_JOBS, 0);

    bench_key(&b, "j");
    m->u.gone.ids = xcalloc(1, sizeof(char *));
    m->u.gone.ids[0] = xstrdup("job_d");
    m->u.gone.len = 1;
    bench_msg(&b, m);
    cr_expect_str_eq(cursor(&b), "job_c");
    EXPECT_WHOLE(&b);
    bench_free(&b);
}

Test(update, filter_applies_as_it_is_typed_and_escape_takes_it_back)
{
    struct bench b = with_jobs();

    bench_key(&b, "/");
    cr_expect(line_is_of(&b.m->desk.line, &b.m->jobs->list.filter));
    bench_type(&b, "user:bob");
    cr_expect_eq(store_rows(b.m->desk.store), 2);
    bench_key(&b, "Esc");
    cr_expect_not(desk_covered(&b.m->desk));
    cr_expect_eq(store_rows(b.m->desk.store), 5);
    bench_key(&b, "/");
    bench_type(&b, "status:failed");
    bench_key(&b, "Enter");
    cr_expect_eq(store_rows(b.m->desk.store), 1);
    cr_expect_str_eq(cursor(&b), "job_d");
    cr_expect_not_null(bench_effect(&b, EFF_PREFS), "it is kept for the next start");
    bench_key(&b, "Esc");
    cr_expect_eq(store_rows(b.m->desk.store), 5, "Esc in the list shows all again");
    EXPECT_WHOLE(&b);
    bench_free(&b);
}

Test(update, tab_completes_the_fields_of_a_filter)
{
    struct bench b = with_jobs();

    bench_key(&b, "/");
    bench_type(&b, "!rea");
    bench_key(&b, "Tab");
    cr_expect_str_eq(edit_text(&b.m->jobs->list.filter), "!reason:");
    bench_type(&b, "memory is:fai");
    bench_key(&b, "Tab");
    cr_expect_str_eq(edit_text(&b.m->jobs->list.filter), "!reason:memory is:failed");
    cr_expect_eq(store_rows(b.m->desk.store), 1, "what was completed applies at once");
    bench_key(&b, "Left");
    bench_key(&b, "Tab");
    cr_expect_str_eq(edit_text(&b.m->jobs->list.filter), "!reason:memory is:failed");
    bench_key(&b, "Esc");
    bench_type(&b, ":filter tox");
    bench_key(&b, "Tab");
    cr_expect_str_eq(edit_text(&b.m->desk.palette.edit), "filter tox", "nothing begins so");
    bench_key(&b, "Backspace");
    bench_key(&b, "Tab");
    cr_expect_str_eq(edit_text(&b.m->desk.palette.edit), "filter took>");
    EXPECT_WHOLE(&b);
    bench_free(&b);
}

Test(update, bad_filter_says_why_and_keeps_the_last_good_one)
{
    struct bench b = with_jobs();

    bench_key(&b, "/");
    bench_type(&b, "user:bob");
    bench_type(&b, " /[/");
    cr_expect_neq(b.m->jobs->list.filter_err.code, E_OK);
    cr_expect_eq(store_rows(b.m->desk.store), 2);
    bench_key(&b, "Enter");
    cr_expect(line_is_of(&b.m->desk.line, &b.m->jobs->list.filter), "still to be corrected");
    bench_free(&b);
}

Test(update, marks_and_ranges_are_by_job)
{
    struct bench b = with_jobs();

    bench_key(&b, "Space");
    cr_expect_eq(store_marked(b.m->desk.store), 1);
    cr_expect_str_eq(cursor(&b), "job_d", "the cursor moves on");
    bench_key(&b, "v");
    bench_key(&b, "j");
    bench_key(&b, "j");
    bench_key(&b, "v");
    cr_expect_eq(store_marked(b.m->desk.store), 4);
    bench_key(&b, "I");
    cr_expect(store_find(b.m->desk.store, "job_e")->flags & ENTRY_MARKED);
    cr_expect_not(store_find(b.m->desk.store, "job_a")->flags & ENTRY_MARKED);
    bench_key(&b, "U");
    cr_expect_eq(store_marked(b.m->desk.store), 0);
    bench_key(&b, "*");
    cr_expect_eq(store_marked(b.m->desk.store), 5);
    bench_free(&b);
}

Test(update, z_shows_what_fails_and_menu_chooses_states)
{
    struct bench b = with_jobs();

    bench_key(&b, "z");
    cr_expect_eq(store_rows(b.m->desk.store), 1);
    bench_key(&b, "z");
    cr_expect_eq(store_rows(b.m->desk.store), 5);
    bench_key(&b, "s");
    cr_expect(b.m->desk.menu.open);
    bench_key(&b, "o");
    cr_expect_eq(store_rows(b.m->desk.store), 2);
    cr_expect_not(desk_covered(&b.m->desk));
    bench_key(&b, "Esc");
    cr_expect_eq(store_rows(b.m->desk.store), 5);
    EXPECT_WHOLE(&b);
    bench_free(&b);
}

Test(update, columns_are_chosen_moved_and_kept)
{
    struct bench b = with_jobs();

    bench_key(&b, "C");
    bench_key(&b, "J"); /* status one down */
    bench_key(&b, "G");
    bench_key(&b, "Space"); /* the last hidden one on */
    bench_key(&b, "Esc");
    cr_expect_eq(b.m->jobs->list.columns.ids[0], COL_NAME);
    cr_expect_eq(b.m->jobs->list.columns.ids[1], COL_STATUS);
    cr_expect(column_set_has(&b.m->jobs->list.columns, COL_ID));
    struct effect *f = bench_effect(&b, EFF_PREFS);
    cr_assert_not_null(f);
    struct bench next = bench_new();
    model_load_prefs(next.m, f->text, strlen(f->text));
    cr_expect_eq(
        memcmp(&next.m->jobs->list.columns, &b.m->jobs->list.columns, sizeof(struct column_set)),
        0);
    model_load_prefs(next.m, "{\"columns\":7,\"sort\":[", 21);
    model_load_prefs(next.m, "{\"columns\":\"nope\",\"logStamps\":99}", 33);
    EXPECT_WHOLE(&next);
    bench_free(&next);
    bench_free(&b);
}

Test(update, poll_that_changes_nothing_draws_nothing)
{
    struct bench b = with_jobs();

    answer_error(&b, TASK_LOAD, E_OK);
    effects_clear(&b.fx);
    bench_jobs(&b, TASK_GET_JOBS, five, 5);
    cr_expect_not(b.fx.draw);
    bench_jobs(&b, TASK_GET_JOBS,
               (struct job_spec[]){
                   {.id = "job_b", .status = "QUEUED", .created_s = 20, .updated_s = 60}
    },
               1);
    cr_expect(b.fx.draw);
    bench_free(&b);
}

/* ---- the connection ---- */

Test(update, failure_keeps_the_jobs_greys_them_and_ends_by_itself)
{
    struct bench b = with_jobs();
    struct message told;

    cr_expect_eq(b.m->desk.link.state, LINK_LIVE);
    answer_error(&b, TASK_GET_JOBS, E_NET);
    cr_expect_eq(b.m->desk.link.state, LINK_FAILING);
    cr_expect_eq(store_rows(b.m->desk.store), 5);
    cr_expect(jobs_stale(b.m->jobs));
    model_message(b.m, &told);
    cr_expect_not_null(strstr(told.text, "it went wrong"), "%s", told.text);
    cr_expect_eq(strncmp(told.text + told.remedy, err_hint(&b.m->desk.link.err),
                         strlen(err_hint(&b.m->desk.link.err))),
                 0, "with its remedy: %s", told.text);
    bench_tick(&b, 5000);
    bench_jobs(&b, TASK_GET_JOBS, five, 1);
    cr_expect_eq(b.m->desk.link.state, LINK_LIVE);
    cr_expect_not(jobs_stale(b.m->jobs));
    bench_free(&b);
}

Test(update, refused_credentials_are_not_called_missing)
{
    struct bench b = with_jobs();
    char text[100];
    enum style st;

    answer_error(&b, TASK_QUERY_STATUS, E_CREDS);
    cr_expect_str_eq(model_health(b.m, text, sizeof text, &st), "no credentials");
    (void)strcpy(b.m->desk.link.err.aws_code, "UnrecognizedClientException");
    cr_expect_str_eq(model_health(b.m, text, sizeof text, &st), "credentials refused");
    bench_free(&b);
}

Test(update, expired_credentials_are_told_apart)
{
    struct bench b = with_jobs();
    char text[100];
    enum style st;

    answer_error(&b, TASK_QUERY_STATUS, E_EXPIRED);
    cr_expect_eq(b.m->desk.link.state, LINK_EXPIRED);
    cr_expect_str_eq(model_health(b.m, text, sizeof text, &st), "credentials expired");
    bench_free(&b);
}

Test(update, batch_failing_alone_does_not_grey_the_list)
{
    struct bench b = with_jobs();
    char text[400];
    enum style st;

    answer_error(&b, TASK_LIST_BATCH, E_DENIED);
    cr_expect_eq(b.m->desk.link.state, LINK_LIVE);
    (void)model_health(b.m, text, sizeof text, &st);
    cr_expect_eq(st, ST_WARN);
    cr_expect_eq(b.m->desk.errors_len, 1);
    bench_free(&b);
}

Test(update, batch_is_not_blamed_for_a_link_that_is_back)
{
    struct bench b = with_jobs();
    char text[100];
    enum style st;

    answer_error(&b, TASK_DESCRIBE_BATCH, E_NET);
    answer_error(&b, TASK_GET_JOBS, E_NET);
    bench_tick(&b, 3000);
    bench_jobs(&b, TASK_GET_JOBS, five, 5);
    cr_expect_str_eq(model_health(b.m, text, sizeof text, &st), "connected", "Batch is not blamed");
    bench_free(&b);
}

/* Answers the schedule's questions of a kind. */
static void answer_kind(struct bench *b, enum task_kind kind, struct msg *m)
{
    struct task *t = bench_task(b, kind);

    cr_assert_not_null(t, "not asked");
    m->request = t->request;
    bench_msg(b, m);
}

static struct msg *table(const char *id, const char *stream_arn)
{
    struct msg *m = reply(MSG_TABLE_INFO, TASK_TABLE_INFO, 0);

    m->u.table = xcalloc(1, sizeof *m->u.table);
    snprintf(m->u.table->name, sizeof m->u.table->name, "jobs");
    snprintf(m->u.table->status, sizeof m->u.table->status, "ACTIVE");
    snprintf(m->u.table->id, sizeof m->u.table->id, "%s", id);
    snprintf(m->u.table->stream_arn, sizeof m->u.table->stream_arn, "%s", stream_arn);
    return m;
}

static struct msg *stream_page(void)
{
    struct msg *m = reply(MSG_STREAM, TASK_STREAM, 0);

    m->u.stream.cursor = stream_cursor_new();
    m->u.stream.cursor->shards = xcalloc(1, sizeof(struct stream_shard));
    m->u.stream.cursor->len = 1;
    return m;
}

Test(update, the_stream_of_a_deleted_table_is_no_word_of_it)
{
    struct bench b = bench_new();

    answer_kind(&b, TASK_TABLE_INFO, table("t-1", "arn:s"));
    bench_tick(&b, 10);
    answer_kind(&b, TASK_STREAM, stream_page());
    bench_tick(&b, 10);
    answer_kind(&b, TASK_LOAD, reply(MSG_DONE, TASK_LOAD, 0));
    cr_expect_eq(b.m->desk.link.state, LINK_LIVE);
    answer_error(&b, TASK_TABLE_INFO, E_NOT_FOUND);
    cr_expect_eq(b.m->desk.link.state, LINK_FAILING);
    bench_tick(&b, 5000);
    answer_kind(&b, TASK_STREAM, stream_page());
    cr_expect_eq(b.m->desk.link.state, LINK_FAILING);
    bench_tick(&b, 30000);
    answer_kind(&b, TASK_TABLE_INFO, table("t-1", "arn:s"));
    cr_expect_eq(b.m->desk.link.state, LINK_LIVE);
    bench_free(&b);
}

Test(update, live_is_said_only_while_the_stream_tells_each_change)
{
    struct bench b = bench_new();
    char text[100];
    enum style st;

    answer_kind(&b, TASK_TABLE_INFO, table("t-1", "arn:s"));
    bench_tick(&b, 10);
    answer_kind(&b, TASK_STREAM, stream_page());
    cr_expect_str_eq(model_health(b.m, text, sizeof text, &st), "connected", "not loaded yet");
    bench_tick(&b, 10);
    answer_kind(&b, TASK_LOAD, reply(MSG_DONE, TASK_LOAD, 0));
    cr_expect_str_eq(model_health(b.m, text, sizeof text, &st), "live");
    bench_key(&b, "Z");
    cr_expect_str_eq(model_health(b.m, text, sizeof text, &st), "connected", "paused");
    bench_key(&b, "Z");
    cr_expect_str_eq(model_health(b.m, text, sizeof text, &st), "live");
    bench_tick(&b, 60000);
    cr_expect_str_neq(model_health(b.m, text, sizeof text, &st), "live", "not heard of for long");
    cr_expect_not_null(strstr(model_age(b.m, text, sizeof text), "1m ago"), "%s", text);
    bench_free(&b);
}

Test(update, polling_says_how_old_the_rest_may_be)
{
    struct bench b = bench_new();
    char text[100];
    enum style st;

    answer_kind(&b, TASK_TABLE_INFO, table("t-1", ""));
    bench_tick(&b, 10);
    bench_jobs(&b, TASK_LOAD, five, 5);
    answer_kind(&b, TASK_LOAD, reply(MSG_DONE, TASK_LOAD, 0));
    cr_expect_str_eq(model_health(b.m, text, sizeof text, &st), "polling");
    cr_expect_str_eq(model_age(b.m, text, sizeof text), "updated now");
    for (int i = 0; i < 10; i++) { /* the sweep fails, the rows shown are read */
        effects_clear(&b.fx);
        bench_tick(&b, 30000);
        struct task *t = bench_task(&b, TASK_SWEEP), *shown = bench_task(&b, TASK_GET_JOBS);
        if (t != NULL) {
            struct msg *m = reply(MSG_DONE, TASK_SWEEP, t->request);
            m->err.code = E_THROTTLED;
            bench_msg(&b, m);
        }
        if (shown != NULL) {
            bench_msg(&b, reply(MSG_DONE, TASK_GET_JOBS, shown->request));
        }
    }
    cr_expect_not_null(strstr(model_age(b.m, text, sizeof text), "all rows read 5m ago"), "%s",
                       text);
    bench_free(&b);
}

Test(update, a_table_made_anew_starts_the_list_anew_at_once)
{
    struct bench b = bench_new();

    answer_kind(&b, TASK_TABLE_INFO, table("t-1", ""));
    bench_tick(&b, 10);
    struct msg *m = reply(MSG_JOBS, TASK_LOAD, bench_task(&b, TASK_LOAD)->request);
    m->u.jobs.items = xcalloc(1, sizeof(struct job *));
    m->u.jobs.items[0] = fixture_job(&five[0]);
    m->u.jobs.len = 1;
    bench_msg(&b, m);
    answer_kind(&b, TASK_LOAD, reply(MSG_DONE, TASK_LOAD, 0));
    cr_expect_eq(store_len(b.m->desk.store), 1);
    bench_tick(&b, 15000);
    struct task *sweep = bench_task(&b, TASK_SWEEP);
    cr_assert_not_null(sweep);
    uint32_t old = sweep->request;
    bench_tick(&b, 30000);
    answer_kind(&b, TASK_TABLE_INFO, table("t-2", ""));
    cr_expect_eq(store_len(b.m->desk.store), 0, "the old table's jobs are not there");
    cr_expect(b.m->desk.loading.active);
    m = reply(MSG_JOBS, TASK_SWEEP, old);
    m->u.jobs.items = xcalloc(1, sizeof(struct job *));
    m->u.jobs.items[0] = fixture_job(&five[0]);
    m->u.jobs.len = 1;
    bench_msg(&b, m);
    cr_expect_eq(store_len(b.m->desk.store), 0, "a late answer of the old table");
    cr_expect_eq(bench_tasks(&b, TASK_LOAD), 2, "the new table is read");
    bench_free(&b);
}

Test(update, refresh_asks_for_the_rows_on_the_screen_by_id)
{
    struct bench b = with_jobs();

    answer_kind(&b, TASK_TABLE_INFO, table("t-1", "arn:s"));
    bench_tick(&b, 10);
    answer_kind(&b, TASK_STREAM, stream_page());
    bench_tick(&b, 10);
    bench_jobs(&b, TASK_LOAD, five, 5);
    answer_kind(&b, TASK_LOAD, reply(MSG_DONE, TASK_LOAD, 0));
    effects_clear(&b.fx);
    bench_key(&b, "r");
    bench_tick(&b, 10);
    struct task *t = bench_task(&b, TASK_GET_JOBS);
    cr_assert_not_null(t, "also where the stream tells");
    cr_expect_eq(task_as(t, ids).len, 5);
    bench_free(&b);
}

Test(update, same_error_again_counts_up_and_the_list_is_bounded)
{
    struct bench b = with_jobs();

    for (int i = 0; i < 10; i++) {
        answer_error(&b, TASK_GET_JOBS, E_NET);
    }
    cr_expect_eq(b.m->desk.errors_len, 1);
    cr_expect_eq(b.m->desk.errors[0].times, 10);
    for (int i = 0; i < 500; i++) {
        struct msg *m = reply(MSG_DONE, TASK_GET_JOBS, SCHEDULE_REQUEST);
        err_set(&m->err, E_NET, "error %d", i);
        bench_msg(&b, m);
    }
    cr_expect_eq(b.m->desk.errors_len, ERRORS_MAX);
    cr_expect_str_eq(b.m->desk.errors[0].err.msg, "error 499");
    bench_key(&b, "!");
    cr_expect(b.m->desk.window.open);
    cr_expect_eq(b.m->desk.errors_unseen, 0);
    cr_expect_gt(textview_len(&b.m->desk.window.text), 200);
    bench_key(&b, "!");
    cr_expect_not(desk_covered(&b.m->desk));
    bench_free(&b);
}

Test(update, jobs_of_the_snapshot_are_stale_until_the_table_answered)
{
    struct bench b = bench_new();
    struct job *kept[] = {fixture_job(&five[0]), fixture_job(&five[1])};

    model_add_snapshot(b.m, kept, 2, T0 - 60000);
    cr_expect_eq(store_rows(b.m->desk.store), 2);
    cr_expect_eq(jobs_row_overlay(b.m->jobs, store_row(b.m->desk.store, 1), 1), OVER_STALE);
    bench_jobs(&b, TASK_LOAD, five, 2);
    cr_expect_eq(jobs_row_overlay(b.m->jobs, store_row(b.m->desk.store, 1), 1), OVER_NONE);
    EXPECT_WHOLE(&b);
    bench_free(&b);
}

/* ---- detail ---- */

static void answer_detail(struct bench *b, const struct job_spec *spec, uint32_t request)
{
    struct msg *m = reply(MSG_DETAIL, TASK_DETAIL, request);

    m->job_id = xstrdup(spec->id);
    m->u.detail = xcalloc(1, sizeof *m->u.detail);
    m->u.detail->item = fixture_item(spec);
    m->u.detail->job = job_from_item(m->u.detail->item);
    m->u.detail->batch_asked = true;
    job_state_merge(m->u.detail->job, NULL, true, b->now_ms, &state_rules_default,
                    &m->u.detail->state);
    bench_msg(b, m);
}

static bool view_has(const struct textview *v, const char *text)
{
    for (uint64_t i = 0; i < v->len; i++) {
        if (strstr(textview_line(v, v->dropped + i)->text, text) != NULL) {
            return true;
        }
    }
    return false;
}

Test(update, enter_opens_the_job_and_asks_for_it)
{
    struct bench b = with_jobs();

    bench_key(&b, "Enter");
    cr_expect_eq(b.m->desk.where.focus, PANE_DETAIL);
    struct task *t = bench_task(&b, TASK_DETAIL);
    cr_assert_not_null(t);
    cr_expect_str_eq(t->job_id, "job_e");
    cr_expect(view_has(detail_view_const(&b.m->jobs->detail), "Echo"),
              "what the list knows shows at once");
    answer_detail(&b, &five[0], t->request);
    cr_expect_not_null(b.m->jobs->detail.data);
    bench_key(&b, "y");
    cr_expect(view_has(detail_view_const(&b.m->jobs->detail), "\"jobId\""));
    bench_key(&b, "q");
    cr_expect_eq(b.m->desk.where.focus, PANE_LIST);
    bench_free(&b);
}

Test(update, late_reply_for_another_job_is_dropped)
{
    struct bench b = with_jobs();

    bench_key(&b, "Enter");
    bench_key(&b, "q");
    bench_key(&b, "j");
    bench_key(&b, "Enter");
    cr_expect_str_eq(b.m->jobs->detail.job_id, "job_d");
    answer_detail(&b, &five[0], SCHEDULE_REQUEST);
    cr_expect_null(b.m->jobs->detail.data);
    EXPECT_WHOLE(&b);
    bench_free(&b);
}

Test(update, wide_screen_shows_the_cursors_job_but_asks_only_when_it_rests)
{
    struct bench b = with_jobs();

    bench_resize(&b, 40, 160);
    size_t before = bench_tasks(&b, TASK_DETAIL);
    for (int i = 0; i < 4; i++) {
        bench_key(&b, "j");
        cr_expect_str_eq(b.m->jobs->detail.job_id, cursor(&b));
        cr_expect_gt(textview_len(detail_view_const(&b.m->jobs->detail)), 0);
    }
    cr_expect_eq(bench_tasks(&b, TASK_DETAIL), before);
    bench_tick(&b, 300);
    cr_expect_eq(bench_tasks(&b, TASK_DETAIL), before + 1);
    cr_expect_str_eq(bench_task(&b, TASK_DETAIL)->job_id, "job_a");
    bench_free(&b);
}

static void answer_log(struct bench *b, uint32_t request, int from, int to, int attempts)
{
    struct msg *m = reply(MSG_LOG, TASK_LOG, request);

    m->job_id = xstrdup(b->m->jobs->detail.job_id);
    m->u.log.cursor = xcalloc(1, sizeof *m->u.log.cursor);
    m->u.log.cursor->attempts = attempts;
    m->u.log.page.len = (size_t)(to - from + 1);
    m->u.log.page.items = xcalloc(m->u.log.page.len, sizeof *m->u.log.page.items);
    for (int i = from; i <= to; i++) {
        m->u.log.page.items[i - from].at_ms = T0 + i;
        m->u.log.page.items[i - from].text = xasprintf("line %d \033[31mred", i);
    }
    bench_msg(b, m);
}

Test(update, log_follows_until_scrolled_and_counts_what_is_new)
{
    struct bench b = with_jobs();

    bench_key(&b, "l");
    cr_expect_eq(b.m->jobs->detail.tab, TAB_LOG);
    struct task *t = bench_task(&b, TASK_LOG);
    cr_assert_not_null(t);
    answer_log(&b, t->request, 1, 100, 1);
    struct textview *v = &b.m->jobs->detail.log.text;
    cr_expect_eq(textview_len(v), 100);
    cr_expect_str_eq(textview_line(v, 0)->text, "line 1 red");
    cr_expect(v->follow);
    bench_key(&b, "k");
    cr_expect_not(v->follow);
    answer_log(&b, bench_task(&b, TASK_LOG)->request, 101, 112, 1);
    cr_expect_eq(v->unseen, 12, "%d of %d", (int)v->unseen, (int)textview_len(v));
    bench_key(&b, "F");
    cr_expect(v->follow);
    cr_expect_eq(v->unseen, 0);
    bench_free(&b);
}

Test(update, that_a_log_is_complete_shows_at_once)
{
    struct bench b = with_jobs();

    bench_key(&b, "l");
    answer_log(&b, bench_task(&b, TASK_LOG)->request, 1, 3, 1);
    struct msg *m = reply(MSG_LOG, TASK_LOG, bench_task(&b, TASK_LOG)->request);
    m->job_id = xstrdup(b.m->jobs->detail.job_id);
    m->u.log.cursor = xcalloc(1, sizeof *m->u.log.cursor);
    m->u.log.cursor->final = true;
    m->u.log.page.at_end = true;
    b.fx.draw = false;
    bench_msg(&b, m);
    cr_expect(b.m->jobs->detail.log.ended);
    cr_expect(b.fx.draw, "the title says so");
    bench_free(&b);
}

Test(update, a_detail_that_does_not_show_is_neither_read_nor_made)
{
    struct bench b = with_jobs();

    bench_key(&b, "l");
    cr_expect(b.m->jobs->detail.shown);
    cr_expect(b.m->jobs->detail.log_follows);
    bench_key(&b, ":");
    bench_type(&b, "events");
    bench_key(&b, "Enter");
    cr_assert_eq(b.m->desk.where.view, VIEW_EVENTS);
    cr_expect_not(b.m->jobs->detail.shown);
    cr_expect_not(b.m->jobs->detail.log_follows);
    bench_jobs(&b, TASK_LOAD,
               (struct job_spec[]){
                   {.id = "job_new", .status = "FAILED"}
    },
               1);
    cr_expect(b.m->jobs->detail.stale, "it is made again when it shows");
    bench_key(&b, "-");
    cr_expect(b.m->jobs->detail.shown);
    cr_expect(b.m->jobs->detail.log_follows);
    cr_expect_not(b.m->jobs->detail.stale);
    bench_free(&b);
}

Test(update, late_lines_of_another_attempt_or_job_are_dropped)
{
    struct bench b = with_jobs();

    bench_key(&b, "l");
    uint32_t request = bench_task(&b, TASK_LOG)->request;
    answer_log(&b, request, 1, 5, 3);
    bench_key(&b, "[");
    cr_expect_eq(b.m->jobs->detail.log.attempt, 2);
    cr_expect_eq(textview_len(&b.m->jobs->detail.log.text), 0);
    answer_log(&b, request, 6, 9, 3);
    cr_expect_eq(textview_len(&b.m->jobs->detail.log.text), 0);
    struct task *t = bench_task(&b, TASK_LOG);
    cr_expect_neq(t->request, request);
    cr_expect_eq(task_as(t, log)->attempt, 2);
    bench_key(&b, "q");
    answer_log(&b, t->request, 1, 3, 3);
    cr_expect_eq(textview_len(&b.m->jobs->detail.log.text), 0, "the log is not read any more");
    bench_free(&b);
}

Test(update, search_in_a_text_highlights_and_n_goes_on)
{
    struct bench b = with_jobs();

    bench_key(&b, "l");
    answer_log(&b, bench_task(&b, TASK_LOG)->request, 1, 100, 1);
    bench_key(&b, "/");
    cr_expect(line_is_of(&b.m->desk.line, &b.m->desk.search.edit));
    bench_type(&b, "line 5");
    cr_expect_eq(b.m->jobs->detail.log.text.match_count, 11);
    bench_key(&b, "Enter");
    bench_key(&b, "n");
    cr_expect(b.m->jobs->detail.log.text.matched);
    bench_key(&b, "&");
    bench_key(&b, "Enter");
    cr_expect_eq(textview_len(&b.m->jobs->detail.log.text), 11);
    bench_key(&b, "Esc");
    cr_expect_eq(textview_len(&b.m->jobs->detail.log.text), 100);
    bench_free(&b);
}

/* ---- the deploy form ---- */

static void fill_form(struct bench *b)
{
    bench_key(b, "n");
    bench_type(b, "user123");
    bench_key(b, "Tab");
    bench_type(b, "prod456");
}

Test(update, form_checks_as_it_is_typed_and_previews_the_event)
{
    struct bench b = with_jobs();

    bench_key(&b, "n");
    cr_expect_eq(b.m->desk.where.focus, PANE_FORM);
    cr_expect_not(b.m->jobs->form.valid);
    bench_key(&b, "F5");
    cr_expect_null(bench_task(&b, TASK_DEPLOY), "nothing is sent");
    cr_expect_eq(b.m->desk.note_kind, NOTE_BAD);
    bench_type(&b, "no good/id");
    cr_expect_str_neq(b.m->jobs->form.fields[0].err, "");
    bench_key(&b, "C-u");
    bench_type(&b, "user123");
    cr_expect_str_eq(b.m->jobs->form.fields[0].err, "");
    bench_key(&b, "Tab");
    bench_type(&b, "qrp");
    cr_expect(b.m->jobs->form.valid);
    cr_expect_not(desk_covered(&b.m->desk), "letters are typed, not looked up");
    cr_expect(view_has(&b.m->jobs->form.preview, "\"user123\""));
    cr_expect(view_has(&b.m->jobs->form.preview, "mvp-development"));
    bench_free(&b);
}

Test(update, secret_is_masked_in_the_preview)
{
    struct bench b = with_jobs();

    fill_form(&b);
    while (!b.m->jobs->form.fields[b.m->jobs->form.focus].def->secret) {
        bench_key(&b, "Tab");
    }
    bench_type(&b, "postgresql://me:hunter2@host/db");
    cr_expect(b.m->jobs->form.valid);
    cr_expect(view_has(&b.m->jobs->form.preview, "founderdashDbUrl"));
    cr_expect_not(view_has(&b.m->jobs->form.preview, "hunter2"));
    bench_free(&b);
}

static void answer_deploy(struct bench *b, enum err_code code, bool kept)
{
    struct task *t = bench_task(b, TASK_DEPLOY);
    struct msg *m = msg_new(MSG_DEPLOYED, t);

    if (code != E_OK) {
        err_set(&m->err, code, "events.PutEvents: no");
    }
    m->u.deployed.kept = kept;
    snprintf(m->u.deployed.job_id, sizeof m->u.deployed.job_id, "%s", task_as(t, deploy)->job_id);
    snprintf(m->u.deployed.event_id, sizeof m->u.deployed.event_id, "event-1");
    bench_msg(b, m);
}

Test(update, send_shows_the_job_at_once_says_where_it_went_and_opens_it)
{
    struct bench b = with_jobs();

    fill_form(&b);
    bench_key(&b, "C-g");
    struct task *t = bench_task(&b, TASK_DEPLOY);
    cr_assert_not_null(t);
    cr_expect(job_id_valid(task_as(t, deploy)->job_id));
    cr_expect_str_eq(task_as(t, deploy)->user_id, "user123");
    const struct entry *e = store_find(b.m->desk.store, task_as(t, deploy)->job_id);
    cr_assert_not_null(e);
    cr_expect(e->flags & ENTRY_SENT);
    bench_key(&b, "F5");
    cr_expect_eq(bench_tasks(&b, TASK_DEPLOY), 1, "never twice");
    char *id = xstrdup(task_as(t, deploy)->job_id);
    answer_deploy(&b, E_OK, false);
    cr_expect_eq(b.m->desk.where.focus, PANE_DETAIL);
    cr_expect_str_eq(b.m->jobs->detail.job_id, id);
    cr_expect_str_eq(cursor(&b), id);
    cr_expect_not_null(strstr(b.m->desk.note, "mvp-development"), "%s", b.m->desk.note);
    cr_expect_not_null(strstr(b.m->desk.note, "event-1"));
    cr_expect_not(b.m->jobs->form.changed);
    EXPECT_WHOLE(&b);
    free(id);
    bench_free(&b);
}

Test(update, refused_send_keeps_what_was_typed)
{
    struct bench b = with_jobs();

    fill_form(&b);
    bench_key(&b, "F5");
    answer_deploy(&b, E_DENIED, false);
    cr_expect_eq(b.m->desk.where.focus, PANE_FORM);
    cr_expect_str_eq(edit_text(&b.m->jobs->form.fields[0].edit), "user123");
    cr_expect_eq(b.m->jobs->form.send_err.code, E_DENIED);
    cr_expect_eq(store_len(b.m->desk.store), 5, "the job that is none is gone again");
    bench_type(&b, "x");
    cr_expect_eq(b.m->jobs->form.send_err.code, E_OK, "typing goes on");
    bench_free(&b);
}

Test(update, send_kept_in_the_outbox_is_not_offered_for_sending_again)
{
    struct bench b = with_jobs();

    fill_form(&b);
    bench_key(&b, "F5");
    answer_deploy(&b, E_NET, true);
    cr_expect_eq(store_len(b.m->desk.store), 6);
    cr_expect_not(b.m->jobs->form.changed);
    cr_expect_str_eq(edit_text(&b.m->jobs->form.fields[0].edit), "");
    cr_expect_eq(b.m->desk.errors_len, 1);
    bench_free(&b);
}

static void paste_into(struct bench *b, const char *text)
{
    struct app_event ev = {.kind = EV_PASTE};

    ev.u.paste.text = text;
    ev.u.paste.len = strlen(text);
    bench_event(b, &ev);
}

/* In the list, while a deploy is being sent from the form. */
static struct bench sending_behind(void)
{
    struct bench b = with_jobs();

    fill_form(&b);
    bench_key(&b, "F5");
    bench_key(&b, "Esc");
    cr_assert_eq(b.m->desk.where.focus, PANE_LIST);
    return b;
}

Test(update, no_form_opens_while_one_is_being_sent)
{
    static const char *const keys[] = {"n", "a"}; /* a new deploy; the job's once more */

    for (size_t i = 0; i < 2; i++) {
        struct bench b = sending_behind();
        bench_key(&b, keys[i]);
        cr_expect_eq(b.m->desk.where.focus, PANE_LIST, "%s", keys[i]);
        cr_expect_not_null(strstr(b.m->desk.note, "is being sent"), "%s: %s", keys[i],
                           b.m->desk.note);
        cr_expect_eq(bench_tasks(&b, TASK_DETAIL), 0, "%s: no record is read for it", keys[i]);
        answer_deploy(&b, E_OK, false);
        cr_expect_eq(b.m->desk.where.focus, PANE_LIST, "nobody is taken anywhere");
        bench_key(&b, "n");
        cr_expect_eq(b.m->desk.where.focus, PANE_FORM, "now it opens");
        bench_type(&b, "ann");
        cr_expect_str_eq(edit_text(&b.m->jobs->form.fields[0].edit), "ann", "and takes all of it");
        bench_free(&b);
    }
}

Test(update, what_is_typed_into_a_form_on_its_way_is_refused_aloud)
{
    struct bench b = with_jobs();

    fill_form(&b);
    bench_key(&b, "F5");
    char *before = xstrdup(edit_text(&b.m->jobs->form.fields[b.m->jobs->form.focus].edit));
    for (int i = 0; i < 2; i++) {
        b.m->desk.note[0] = '\0';
        if (i == 0) {
            bench_type(&b, "n");
        } else {
            paste_into(&b, "more");
        }
        cr_expect_not_null(strstr(b.m->desk.note, "is not part of it"), "%d: %s", i,
                           b.m->desk.note);
        cr_expect_str_eq(edit_text(&b.m->jobs->form.fields[b.m->jobs->form.focus].edit), before);
    }
    cr_expect_eq(bench_tasks(&b, TASK_DEPLOY), 1);
    answer_deploy(&b, E_DENIED, false);
    bench_type(&b, "x");
    cr_expect_str_neq(edit_text(&b.m->jobs->form.fields[b.m->jobs->form.focus].edit), before,
                      "after the refusal it takes text again");
    free(before);
    bench_free(&b);
}

Test(update, a_record_that_comes_late_does_not_take_the_keys_from_another_view)
{
    struct bench b = with_jobs();

    bench_key(&b, "a");
    struct task *t = bench_task(&b, TASK_DETAIL);
    cr_assert_not_null(t);
    bench_key(&b, "/");
    cr_assert(desk_covered(&b.m->desk));
    answer_detail(&b, &five[0], t->request);
    cr_expect_neq(b.m->desk.where.focus, PANE_FORM);
    cr_expect(desk_covered(&b.m->desk), "the filter is still typed");
    bench_free(&b);
}

static void answer_outbox(struct bench *b, const char *alarm, bool broken)
{
    const struct task t = {.kind = TASK_OUTBOX};
    struct msg *m = msg_new(MSG_OUTBOX, &t);

    m->u.outbox.broken = broken;
    (void)snprintf(m->u.outbox.alarm, sizeof m->u.outbox.alarm, "%s", alarm);
    bench_msg(b, m);
}

Test(update, a_deploy_out_of_service_stays_on_the_status_line_until_it_is_dealt_with)
{
    struct bench b = with_jobs();
    struct message told;

    b.m->desk.loading.active = false;
    for (int i = 0; i < 3; i++) {
        answer_outbox(&b, "1 deploy is out of service", true);
        model_message(b.m, &told);
        cr_expect_str_eq(told.text, "1 deploy is out of service");
        cr_expect_eq(told.style, ST_BAD);
    }
    cr_expect_eq(b.m->desk.errors_len, 1, "said once among the errors");
    answer_outbox(&b, "2 deploys are not touched", false);
    model_message(b.m, &told);
    cr_expect_str_eq(told.text, "2 deploys are not touched");
    cr_expect_eq(told.style, ST_WARN);
    cr_expect_eq(b.m->desk.errors_len, 2);
    answer_outbox(&b, "", false);
    model_message(b.m, &told);
    cr_expect_str_neq(told.text, "2 deploys are not touched");
    bench_free(&b);
}

Test(update, leaving_a_changed_form_asks)
{
    struct bench b = with_jobs();

    bench_key(&b, "n");
    bench_key(&b, "Esc");
    cr_expect_eq(b.m->desk.where.focus, PANE_LIST, "an empty one is just left");
    fill_form(&b);
    bench_key(&b, "Esc");
    cr_expect(bench_asks(&b, "Discard the form?"));
    bench_key(&b, "Enter");
    cr_expect_eq(b.m->desk.where.focus, PANE_FORM, "Enter stays");
    cr_expect_str_eq(edit_text(&b.m->jobs->form.fields[0].edit), "user123");
    bench_key(&b, "Esc");
    bench_key(&b, "y");
    cr_expect_eq(b.m->desk.where.focus, PANE_LIST);
    cr_expect_str_eq(edit_text(&b.m->jobs->form.fields[0].edit), "");
    EXPECT_WHOLE(&b);
    bench_free(&b);
}

Test(update, rule_check_speaks_only_of_the_event_it_was_asked_of)
{
    struct bench b = with_jobs();

    fill_form(&b);
    bench_key(&b, "C-t");
    struct task *t = bench_task(&b, TASK_RULE_CHECK);
    cr_assert_not_null(t);
    struct msg *m = msg_new(MSG_RULE_CHECK, t);
    m->u.rule.matches = true;
    bench_msg(&b, m);
    cr_expect_eq(b.m->jobs->form.check, CHECK_MATCHES);
    bench_type(&b, "7");
    cr_expect_eq(b.m->jobs->form.check, CHECK_NONE);
    bench_key(&b, "C-t");
    m = msg_new(MSG_RULE_CHECK, bench_task(&b, TASK_RULE_CHECK));
    bench_type(&b, "8");
    bench_msg(&b, m);
    cr_expect_eq(b.m->jobs->form.check, CHECK_NONE, "a late answer");
    bench_free(&b);
}

Test(update, again_fills_the_form_from_the_record)
{
    struct bench b = with_jobs();

    bench_key(&b, "a");
    struct task *t = bench_task(&b, TASK_DETAIL);
    cr_assert_not_null(t);
    cr_expect_lt(t->request, SCHEDULE_REQUEST);
    answer_detail(&b, &five[0], t->request);
    cr_expect_eq(b.m->desk.where.focus, PANE_FORM);
    cr_expect_str_eq(edit_text(&b.m->jobs->form.fields[0].edit), "ann");
    cr_assert_not_null(b.m->jobs->form.retry_of);
    cr_expect_str_eq(b.m->jobs->form.retry_of, "job_e");
    bench_free(&b);
}

Test(update, paste_goes_into_the_field_and_is_never_a_command)
{
    struct bench b = with_jobs();
    struct app_event ev = {.kind = EV_PASTE};

    ev.u.paste.text = "xq\ny";
    ev.u.paste.len = 4;
    bench_event(&b, &ev);
    cr_expect_not(desk_covered(&b.m->desk), "in the list it does nothing");
    cr_expect_str_eq(cursor(&b), "job_e");
    bench_key(&b, "n");
    bench_event(&b, &ev);
    cr_expect_str_eq(edit_text(&b.m->jobs->form.fields[0].edit), "xq y");
    bench_free(&b);
}

/* "Müller" from a terminal of Latin-1 would silently become "Mller". */
Test(update, what_a_paste_lost_is_told)
{
    struct bench b = with_jobs();

    bench_key(&b, "n");
    paste_into(&b, "M\xc3\xbcller");
    cr_expect_null(strstr(b.m->desk.note, "left out"));
    paste_into(&b, " M\xfcller caf\xe9");
    cr_expect_str_eq(edit_text(&b.m->jobs->form.fields[0].edit), "M\xc3\xbcller Mller caf");
    cr_expect_not_null(strstr(b.m->desk.note, "2 characters of the paste were left out"), "%s",
                       b.m->desk.note);
    bench_key(&b, "Tab");
    bench_free(&b);
}

/* ---- questions ---- */

Test(update, cancel_asks_and_enter_alone_does_nothing)
{
    struct bench b = with_jobs();

    bench_key(&b, "x");
    cr_expect(bench_asks(&b, "Cancel "));
    cr_expect_not(b.m->desk.dialog.yes_focus);
    cr_expect_str_eq(b.m->desk.dialog.jobs[0].id, "job_e");
    cr_expect_str_eq(b.m->desk.dialog.jobs[0].name, "Echo");
    bench_key(&b, "Enter");
    cr_expect_not(desk_covered(&b.m->desk));
    cr_expect_null(bench_task(&b, TASK_CANCEL));
    bench_key(&b, "F9");
    bench_key(&b, "Right");
    bench_key(&b, "Enter");
    cr_assert_not_null(bench_task(&b, TASK_CANCEL));
    cr_expect_str_eq(bench_task(&b, TASK_CANCEL)->job_id, "job_e");
    bench_free(&b);
}

TheoryDataPoints(update, no_other_key_than_yes_acts) = {
    DataPoints(int, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
};

Theory((int key), update, no_other_key_than_yes_acts)
{
    static const char *const keys[] = {"x",   "n",     "Esc", "q", "Space",
                                       "C-c", "Enter", "F9",  "T", "F5"};
    struct bench b = with_jobs();

    bench_key(&b, "x");
    bench_key(&b, keys[key]);
    cr_assert_null(bench_task(&b, TASK_CANCEL));
    cr_assert_null(bench_broken(b.m));
    bench_free(&b);
}

static void answer_cancel(struct bench *b, const struct task *t, enum err_code code,
                          enum cancel_outcome outcome)
{
    struct msg *m = msg_new(MSG_CANCELLED, t);

    if (code != E_OK) {
        err_set(&m->err, code, "the job is COMPLETED");
    }
    m->u.cancelled.outcome = outcome;
    snprintf(m->u.cancelled.batch_job_id, sizeof m->u.cancelled.batch_job_id, "b-1");
    bench_msg(b, m);
}

static void burst_key(struct bench *b, const char *key)
{
    struct app_event ev = {.kind = EV_KEY, .burst = true};

    snprintf(ev.u.key, sizeof ev.u.key, "%s", key);
    bench_event(b, &ev);
}

/* "fix my yard" pasted into the list on a terminal that does not mark what is pasted. */
Test(update, keys_that_come_together_say_yes_to_nothing)
{
    static const char *const said[][2] = {
        {"y",     NULL   },
        {"Left",  "Enter"},
        {"Right", "Enter"}
    };

    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        struct bench b = with_jobs();
        burst_key(&b, "x");
        cr_expect(bench_asks(&b, "Cancel "));
        burst_key(&b, said[i][0]);
        if (said[i][1] != NULL) {
            burst_key(&b, said[i][1]);
        }
        cr_expect(bench_asks(&b, "Cancel "), "it is still asked");
        cr_expect_null(bench_task(&b, TASK_CANCEL));
        cr_expect_not_null(strstr(b.m->desk.note, "press it again"), "%s", b.m->desk.note);
        bench_key(&b, said[i][1] != NULL ? "Enter" : "y");
        cr_expect_not_null(bench_task(&b, TASK_CANCEL));
        bench_free(&b);
    }
    struct bench b = with_jobs();
    burst_key(&b, "x");
    burst_key(&b, "n");
    cr_expect_not(b.m->desk.dialog.open, "no is no, however it comes");
    bench_free(&b);
}

/* {"q": 1} pasted into the list would leave the rest of it to the shell. */
Test(update, a_key_amid_others_gives_the_terminal_to_nobody)
{
    static const char *const keys[] = {"q", "C-c", "F10", "C-z"};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct bench b = with_jobs();
        struct app_event ev = {.kind = EV_KEY, .burst = true, .amid = true};
        snprintf(ev.u.key, sizeof ev.u.key, "%s", keys[i]);
        bench_event(&b, &ev);
        cr_expect_not(b.m->quitting, "%s", keys[i]);
        cr_expect_null(bench_effect(&b, i == 3 ? EFF_SUSPEND : EFF_QUIT), "%s", keys[i]);
        cr_expect_not_null(strstr(b.m->desk.note, "press it again"), "%s: %s", keys[i],
                           b.m->desk.note);
        ev.amid = false; /* the last one of a few: ":q Enter" typed over a slow link */
        bench_event(&b, &ev);
        cr_expect_not_null(bench_effect(&b, i == 3 ? EFF_SUSPEND : EFF_QUIT), "%s", keys[i]);
        bench_free(&b);
    }
}

Test(update, cancel_is_watched_until_batch_has_ended_the_job)
{
    struct bench b = with_jobs();

    bench_key(&b, "x");
    bench_key(&b, "y");
    cr_expect(store_find(b.m->desk.store, "job_e")->flags & ENTRY_ACTING);
    answer_cancel(&b, bench_task(&b, TASK_CANCEL), E_OK, CANCEL_STOPPING);
    cr_expect_not(store_find(b.m->desk.store, "job_e")->flags & ENTRY_ACTING);
    struct task *wait = bench_task(&b, TASK_CANCEL_WAIT);
    cr_assert_not_null(wait);
    cr_expect_str_eq(task_as(wait, batch_id), "b-1");
    cr_expect_str_eq(wait->job_id, "job_e");
    struct msg *m = msg_new(MSG_CANCEL_ENDED, wait);
    m->u.cancel_ended.succeeded = true;
    bench_msg(&b, m);
    cr_expect_eq(b.m->desk.note_kind, NOTE_WARN);
    cr_expect_not_null(strstr(b.m->desk.note, "ended it as SUCCEEDED"), "%s", b.m->desk.note);
    EXPECT_WHOLE(&b);
    bench_free(&b);
}

Test(update, bulk_cancel_leaves_out_what_is_over_and_tells_each_result)
{
    struct bench b = with_jobs();

    bench_key(&b, "*");
    bench_key(&b, "x");
    cr_expect_eq(b.m->desk.dialog.jobs_len, 5);
    cr_expect_eq(b.m->desk.dialog.count, 2, "three are final");
    bench_key(&b, "y");
    cr_expect_eq(bench_tasks(&b, TASK_CANCEL), 2);
    const struct task *first = NULL, *second = bench_task(&b, TASK_CANCEL);
    for (size_t i = 0; i < b.fx.len; i++) {
        if (b.fx.items[i].kind == EFF_SUBMIT && b.fx.items[i].task->kind == TASK_CANCEL &&
            first == NULL) {
            first = b.fx.items[i].task;
        }
    }
    answer_cancel(&b, first, E_OK, CANCEL_DONE);
    answer_cancel(&b, second, E_CONFLICT, CANCEL_DONE);
    cr_expect(b.m->desk.dialog.over);
    cr_expect_eq(b.m->desk.dialog.done, 1);
    cr_expect_eq(b.m->desk.dialog.failed, 1);
    cr_expect_eq(store_marked(b.m->desk.store), 4, "what was done is no longer marked");
    bench_key(&b, "x");
    cr_expect_not(desk_covered(&b.m->desk), "any key closes");
    EXPECT_WHOLE(&b);
    bench_free(&b);
}

Test(update, many_jobs_need_their_number_typed)
{
    struct bench b = bench_new();
    struct job_spec many[8];
    char ids[8][16];

    for (int i = 0; i < 8; i++) {
        snprintf(ids[i], sizeof ids[i], "job%d", i);
        many[i] = (struct job_spec){.id = ids[i], .status = "IN_PROGRESS", .created_s = i};
    }
    bench_jobs(&b, TASK_LOAD, many, 8);
    bench_key(&b, "*");
    bench_key(&b, "x");
    cr_expect(b.m->desk.dialog.need_count);
    bench_key(&b, "y");
    cr_expect_null(bench_task(&b, TASK_CANCEL));
    bench_type(&b, "7");
    bench_key(&b, "y");
    cr_expect_null(bench_task(&b, TASK_CANCEL));
    bench_key(&b, "Backspace");
    bench_type(&b, "8");
    bench_key(&b, "y");
    cr_expect_eq(bench_tasks(&b, TASK_CANCEL), 8);
    bench_free(&b);
}

Test(update, final_job_is_refused_with_words)
{
    struct bench b = with_jobs();

    bench_key(&b, "j");
    bench_key(&b, "x");
    cr_expect_not(desk_covered(&b.m->desk));
    cr_expect_not_null(strstr(b.m->desk.note, "job_d"), "%s", b.m->desk.note);
    cr_expect_not_null(strstr(b.m->desk.note, "has already ended"));
    bench_free(&b);
}

Test(update, retry_sends_again_and_names_the_new_job)
{
    struct bench b = with_jobs();

    bench_key(&b, "j");
    bench_key(&b, "T");
    cr_expect(bench_asks(&b, "Retry "));
    bench_key(&b, "y");
    struct task *t = bench_task(&b, TASK_RETRY);
    cr_assert_not_null(t);
    struct msg *m = msg_new(MSG_DEPLOYED, t);
    snprintf(m->u.deployed.job_id, sizeof m->u.deployed.job_id, "job_new");
    bench_msg(&b, m);
    cr_expect_not_null(strstr(b.m->desk.note, "job_new"), "%s", b.m->desk.note);
    bench_free(&b);
}

/* A container made its record: nobody's, of no product. The form asks for both. */
Test(update, retry_of_a_record_without_a_user_opens_the_form)
{
    static const struct job_spec nobody = {.id = "job_z", .status = "FAILED", .created_s = 99};
    struct bench b = with_jobs();

    bench_jobs(&b, TASK_LOAD, &nobody, 1);
    bench_key(&b, "g");
    bench_key(&b, "T");
    cr_expect_not(bench_asks(&b, "Retry "));
    struct task *t = bench_task(&b, TASK_DETAIL);
    cr_assert_not_null(t);
    cr_assert_str_eq(t->job_id, "job_z");
    answer_detail(&b, &nobody, t->request);
    cr_expect_eq(b.m->desk.where.focus, PANE_FORM);
    cr_expect_str_eq(b.m->jobs->form.fields[b.m->jobs->form.focus].def->name, "userId");
    cr_expect_not_null(strstr(b.m->desk.note, "has no userId"), "%s", b.m->desk.note);
    cr_expect_str_eq(b.m->jobs->form.retry_of, "job_z");
    bench_free(&b);
}

/* Among other jobs this job is left out, and the note says why. */
Test(update, retry_of_many_leaves_out_records_without_a_user)
{
    static const struct job_spec nobody = {.id = "job_z", .status = "FAILED", .created_s = 99};
    struct bench b = with_jobs();

    bench_jobs(&b, TASK_LOAD, &nobody, 1);
    bench_key(&b, "g");
    bench_key(&b, "Space");
    bench_key(&b, "g");
    bench_key(&b, "j");
    bench_key(&b, "j");
    bench_key(&b, "Space");
    bench_key(&b, "T");
    cr_expect(bench_asks(&b, "Retry "));
    cr_expect_eq(b.m->desk.dialog.count, 1);
    cr_assert_eq(b.m->desk.dialog.jobs_len, 2);
    cr_expect_not_null(strstr(b.m->desk.dialog.jobs[0].text, "lacks a userId"), "%s",
                       b.m->desk.dialog.jobs[0].text);
    bench_free(&b);
}

Test(update, read_only_refuses_every_change_with_words)
{
    struct model_options o = {.read_only = true};
    struct bench b = bench_new_with(&o);
    static const char *const keys[] = {"x", "F9", "T", "n", "a"};

    bench_jobs(&b, TASK_LOAD, five, 5);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        bench_key(&b, keys[i]);
        cr_expect_not(desk_covered(&b.m->desk), "%s", keys[i]);
        cr_expect_eq(b.m->desk.where.focus, PANE_LIST, "%s", keys[i]);
        cr_expect_not_null(strstr(b.m->desk.note, "--read-only"), "%s: %s", keys[i],
                           b.m->desk.note);
    }
    bench_type(&b, ":rw");
    bench_key(&b, "Enter");
    cr_expect(b.m->desk.read_only, "cannot be lifted");
    cr_expect_not(desk_covered(&b.m->desk));
    for (int i = 0; i < 4; i++) {
        bench_key(&b, "Tab");
        cr_expect_neq(b.m->desk.where.focus, PANE_FORM);
    }
    bench_free(&b);
}

Test(update, ro_and_rw_switch_at_run_time_and_rw_asks)
{
    struct bench b = with_jobs();

    bench_type(&b, ":ro");
    bench_key(&b, "Enter");
    cr_expect(b.m->desk.read_only);
    bench_type(&b, ":rw");
    bench_key(&b, "Enter");
    cr_expect(bench_asks(&b, "Allow changes?"));
    bench_key(&b, "y");
    cr_expect_not(b.m->desk.read_only);
    bench_free(&b);
}

/* ---- leaving ---- */

Test(update, a_kept_list_is_not_kept_again_as_if_it_were_new)
{
    struct bench b = bench_new();
    struct job *kept[] = {fixture_job(&(struct job_spec){.id = "job_old", .status = "PENDING"})};

    model_add_snapshot(b.m, kept, 1, T0 - 3 * 24 * 3600 * 1000);
    bench_key(&b, "q");
    cr_expect_not_null(bench_effect(&b, EFF_QUIT));
    cr_expect_null(bench_effect(&b, EFF_SNAPSHOT), "nothing was read since");
    bench_free(&b);
}

Test(update, quit_keeps_what_was_set_and_shown)
{
    struct bench b = with_jobs();

    bench_key(&b, "q");
    cr_expect_not_null(bench_effect(&b, EFF_QUIT));
    cr_expect_not_null(bench_effect(&b, EFF_PREFS));
    cr_expect_not_null(bench_effect(&b, EFF_SNAPSHOT));
    size_t len = 0;
    const struct job **jobs = model_snapshot_jobs(b.m, 3, &len);
    cr_expect_eq(len, 3);
    cr_expect_str_eq(jobs[0]->id, "job_e");
    free(jobs);
    bench_free(&b);
}

Test(update, quit_asks_while_an_action_is_under_way)
{
    struct bench b = with_jobs();

    bench_key(&b, "x");
    bench_key(&b, "y");
    bench_key(&b, "Esc"); /* the dialog closes, the cancellation goes on */
    bench_key(&b, "C-c");
    cr_expect_null(bench_effect(&b, EFF_QUIT));
    cr_expect(bench_asks(&b, "Quit?"));
    bench_key(&b, "n");
    cr_expect_null(bench_effect(&b, EFF_QUIT));
    bench_key(&b, "F10");
    bench_key(&b, "y");
    cr_expect_not_null(bench_effect(&b, EFF_QUIT));
    bench_free(&b);
}

Test(update, signal_quits_without_asking)
{
    struct bench b = with_jobs();
    struct app_event ev = {.kind = EV_QUIT};

    bench_key(&b, "x");
    bench_key(&b, "y");
    bench_event(&b, &ev);
    cr_expect_not_null(bench_effect(&b, EFF_QUIT));
    bench_free(&b);
}

Test(update, pane_without_a_job_has_nothing_to_save_or_copy)
{
    struct bench b = bench_new();
    static const char *const keys[] = {"C-s", "c", "|", "x", "a", "T", "Y", "o"};

    bench_key(&b, "Tab");
    cr_expect_eq(b.m->desk.where.focus, PANE_DETAIL);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        bench_key(&b, keys[i]);
        EXPECT_WHOLE(&b);
    }
    cr_expect_null(bench_effect(&b, EFF_SAVE));
    cr_expect_null(bench_effect(&b, EFF_COPY));
    bench_free(&b);
}

Test(update, deploy_that_waits_in_the_outbox_can_be_cancelled)
{
    struct bench b = with_jobs();

    fill_form(&b);
    bench_key(&b, "F5");
    char *id = xstrdup(task_as(bench_task(&b, TASK_DEPLOY), deploy)->job_id);
    answer_deploy(&b, E_NET, true);
    bench_key(&b, "x");
    cr_expect_eq(b.m->desk.dialog.count, 1);
    cr_expect_str_eq(b.m->desk.dialog.jobs[0].id, id);
    bench_key(&b, "y");
    answer_cancel(&b, bench_task(&b, TASK_CANCEL), E_OK, CANCEL_DONE);
    cr_expect_null(store_find(b.m->desk.store, id), "it never was in the table");
    EXPECT_WHOLE(&b);
    free(id);
    bench_free(&b);
}

Test(update, cursor_waits_at_the_top_for_the_first_load_unless_it_was_moved)
{
    struct bench b = bench_new();

    bench_jobs(&b, TASK_LOAD, &five[3], 2);
    bench_jobs(&b, TASK_LOAD, five, 3);
    cr_expect_str_eq(cursor(&b), "job_e");
    bench_key(&b, "j");
    bench_jobs(&b, TASK_LOAD,
               (struct job_spec[]){
                   {.id = "job_x", .created_s = 90}
    },
               1);
    cr_expect_str_eq(cursor(&b), "job_d");
    bench_free(&b);
}

/* ---- windows and sizes ---- */

Test(update, help_is_of_the_screen_it_was_asked_on)
{
    struct bench b = with_jobs();

    bench_key(&b, "?");
    cr_expect(b.m->desk.window.open);
    cr_expect(view_has(&b.m->desk.window.text, "Job list"));
    bench_key(&b, "?");
    cr_expect_not(desk_covered(&b.m->desk));
    bench_key(&b, "n");
    bench_key(&b, "F1");
    cr_expect(view_has(&b.m->desk.window.text, "Deploy form"));
    bench_key(&b, "Esc");
    cr_expect_not(desk_covered(&b.m->desk));
    cr_expect_eq(b.m->desk.where.focus, PANE_FORM);
    bench_free(&b);
}

Test(update, command_line_runs_what_it_completes)
{
    struct bench b = with_jobs();

    bench_type(&b, ":sort na");
    bench_key(&b, "C-w");
    bench_type(&b, "name");
    bench_key(&b, "Enter");
    cr_expect_eq(store_sort(b.m->desk.store).column, COL_NAME);
    cr_expect_str_eq(store_row(b.m->desk.store, 0)->job->id, "job_a");
    bench_type(&b, ":filter user:bob");
    bench_key(&b, "Enter");
    cr_expect_eq(store_rows(b.m->desk.store), 2);
    bench_type(&b, ":job job_c");
    bench_key(&b, "Enter");
    cr_expect_str_eq(b.m->jobs->detail.job_id, "job_c");
    bench_type(&b, ":nonsense");
    bench_key(&b, "Enter");
    cr_expect_eq(b.m->desk.note_kind, NOTE_BAD);
    EXPECT_WHOLE(&b);
    bench_free(&b);
}

Test(update, too_small_a_screen_takes_no_key_but_ways_out)
{
    struct bench b = with_jobs();

    bench_resize(&b, 5, 30);
    cr_expect(b.m->desk.layout.too_small);
    bench_key(&b, "x");
    bench_key(&b, "y");
    cr_expect_null(bench_task(&b, TASK_CANCEL));
    cr_expect_not(desk_covered(&b.m->desk));
    bench_key(&b, "C-c");
    cr_expect_not_null(bench_effect(&b, EFF_QUIT));
    bench_free(&b);
}

Test(update, refresh_asks_again_and_pause_stops_asking)
{
    struct bench b = with_jobs();

    bench_key(&b, "Z");
    cr_expect(b.m->desk.paused);
    size_t before = b.fx.len;
    for (int i = 0; i < 30; i++) {
        bench_tick(&b, 1000);
    }
    size_t asked = 0;
    for (size_t i = before; i < b.fx.len; i++) {
        asked += b.fx.items[i].kind == EFF_SUBMIT;
    }
    cr_expect_eq(asked, 0);
    bench_key(&b, "Z");
    cr_expect_not(b.m->desk.paused);
    bench_free(&b);
}

Test(update, wait_is_never_long_and_never_negative)
{
    struct bench b = with_jobs();

    for (int i = 0; i < 50; i++) {
        int wait = model_wait_ms(b.m, b.mono_ms);
        cr_expect(wait >= 0 && wait <= 5000, "%d", wait);
        bench_tick(&b, wait + 1);
    }
    bench_free(&b);
}

Test(update, hints_of_the_footer_are_keys_that_work)
{
    struct bench b = with_jobs();
    struct hint hints[64];
    size_t n = model_hints(b.m, hints, 64);

    cr_expect_gt(n, 5);
    for (size_t i = 0; i < n; i++) {
        cr_expect_neq(keymap_find(b.m->desk.keys, SCOPE_LIST, hints[i].key), ACT_NONE);
    }
    bench_free(&b);
}

Test(update, a_filter_of_times_is_looked_at_again_as_time_goes_by)
{
    static const struct job_spec one[] = {
        {.id = "job_quiet", .status = "COMPLETED", .created_s = -30, .updated_s = -30}
    };
    struct bench b = bench_new();

    bench_jobs(&b, TASK_LOAD, one, 1);
    bench_key(&b, "/");
    bench_type(&b, "updated>2m");
    bench_key(&b, "Enter");
    cr_assert_eq(store_rows(b.m->desk.store), 0, "it was updated half a minute ago");
    for (int i = 0; i < 4; i++) {
        bench_tick(&b, 60000);
    }
    cr_expect_eq(store_rows(b.m->desk.store), 1, "by now it was not for four minutes");
    bench_free(&b);
}

Test(update, hostile_record_reaches_no_text_uncleaned)
{
    struct bench b = bench_new();
    const struct job_spec hostile = {
        .id = "job\033[2J", .name = "\033]0;pwn\a\u202e", .created_s = 1};

    bench_resize(&b, 40, 160);
    bench_jobs(&b, TASK_LOAD, &hostile, 1);
    answer_detail(&b, &hostile, SCHEDULE_REQUEST);
    bench_key(&b, "Enter");
    for (int t = 0; t < TAB_COUNT; t++) {
        const struct textview *v = detail_view_const(&b.m->jobs->detail);
        for (uint64_t i = 0; i < v->len; i++) {
            cr_expect_null(strpbrk(textview_line(v, i)->text, "\033\a"));
        }
        bench_key(&b, ">");
    }
    bench_key(&b, "x");
    cr_expect_null(strpbrk(b.m->desk.note, "\033\a"));
    cr_expect_null(
        b.m->desk.dialog.jobs == NULL ? NULL : strpbrk(b.m->desk.dialog.jobs[0].name, "\033\a"));
    bench_free(&b);
}
