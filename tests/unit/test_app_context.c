/* Other contexts in the dashboard: choosing one, going there, and what goes along. */
#include <criterion/criterion.h>
#include <unistd.h>

#include "app_fixture.h"
#include "core/path.h"

static const char ini[] = "[context blue]\naccount = 111122223333\nregion = eu-central-1\n"
                          "colour = blue\n"
                          "[context green]\naccount = 444455556666\ntable = green-jobs\n"
                          "colour = green\nread_only = yes\n"
                          "[context greenhouse]\n"
                          "[context spoiled]\ntabel = x\n";

/* The settings of the configuration above with this context in force; NULL: with none. */
static struct settings *settings_of(const char *text, const char *context)
{
    char path[] = "/tmp/mvpdash-context.XXXXXX";
    const struct setting_flag flag = {SET_CONTEXT, context};
    struct err e = {0};
    int fd = mkstemp(path);

    cr_assert_geq(fd, 0);
    cr_assert(path_write_all(fd, text, strlen(text)));
    close(fd);
    settings_free(fixture_settings()); /* sets what tests need in the environment */
    unsetenv("MVPDASH_CONTEXT");
    struct settings *s = settings_load(
        &(struct settings_sources){
            .flags = &flag, .flags_len = context == NULL ? 0 : 1, .config_ini = path},
        &e);
    unlink(path);
    cr_assert_not_null(s, "%s", e.msg);
    return s;
}

static const struct job_spec jobs[] = {
    {.id = "job_a", .status = "IN_PROGRESS", .name = "Ann", .user = "ann", .created_s = -40},
    {.id = "job_b", .status = "FAILED",      .name = "Bob", .user = "bob", .created_s = -50},
};

static struct bench bench_in(const char *context)
{
    struct bench b = bench_new_with(&(struct model_options){.settings = settings_of(ini, context)});

    bench_jobs(&b, TASK_LOAD, jobs, 2);
    return b;
}

static void command(struct bench *b, const char *line)
{
    bench_type(b, line);
    bench_key(b, "Enter");
}

static void expect_goes(struct bench *b, const char *to)
{
    const struct effect *f = bench_effect(b, EFF_CONTEXT);

    cr_assert_not_null(f);
    cr_expect_str_eq(f->text == NULL ? "none" : f->text, to);
}

Test(app_context, the_menu_tells_what_differs_and_what_is_wrong)
{
    struct bench b = bench_in("green");
    const struct menu *menu = &b.m->desk.menu;

    command(&b, ":ctx");
    cr_assert(menu->open);
    cr_assert_eq(menu->rows.len, 6);
    cr_expect_str_eq(menu->items[0].text, "blue");
    cr_expect_str_eq(menu->items[0].more, "111122223333, eu-central-1");
    cr_expect_eq(menu->items[0].style, ST_CONTEXT_BLUE);
    cr_expect_str_eq(menu->items[1].more, "444455556666, green-jobs, read_only = yes");
    cr_expect(menu->items[1].on && !menu->items[0].on);
    cr_expect_eq(menu->rows.at, 1, "the cursor begins on the one in force");
    cr_expect_str_eq(menu->items[2].more, "");
    cr_expect(menu->items[3].off &&
              strstr(menu->items[3].more, ":12: there is no setting \"tabel\"") != NULL);
    cr_expect_str_eq(menu->items[4].text, "(all)");
    cr_expect_str_eq(menu->items[5].text, "(no context)");
    bench_key(&b, "j");
    bench_key(&b, "j");
    bench_key(&b, "Enter");
    cr_expect(menu->open, "a spoiled one cannot be chosen");
    cr_expect_not_null(strstr(b.m->desk.note, "did you mean \"table\""), "%s", b.m->desk.note);
    cr_expect_null(bench_effect(&b, EFF_CONTEXT));
    bench_key(&b, "g");
    bench_key(&b, "Enter");
    cr_expect_not(menu->open);
    expect_goes(&b, "blue");
    bench_free(&b);
}

Test(app_context, a_switch_keeps_view_and_list_first)
{
    struct bench b = bench_in(NULL);
    size_t at = 0;

    command(&b, ":ctx blue");
    expect_goes(&b, "blue");
    while (b.fx.items[at].kind != EFF_CONTEXT) {
        at++;
    }
    cr_assert_geq(at, 2);
    cr_expect_eq(b.fx.items[at - 2].kind, EFF_PREFS);
    cr_expect_eq(b.fx.items[at - 1].kind, EFF_SNAPSHOT);
    cr_expect_not(bench_asks(&b, ""), "nothing is under way");
    bench_free(&b);
}

Test(app_context, a_switch_asks_while_an_action_is_under_way)
{
    struct bench b = bench_in("blue");

    bench_key(&b, "x");
    bench_key(&b, "y");
    cr_assert_not_null(bench_task(&b, TASK_CANCEL));
    bench_key(&b, "Esc"); /* the dialog closes, the cancellation goes on */
    command(&b, ":ctx green");
    cr_expect_null(bench_effect(&b, EFF_CONTEXT));
    cr_assert(bench_asks(&b, "Switch to green?"));
    cr_expect_not_null(strstr(b.m->desk.dialog.text, "1 action is still under way"));
    bench_key(&b, "n");
    cr_expect_null(bench_effect(&b, EFF_CONTEXT));
    command(&b, ":ctx green");
    bench_key(&b, "y");
    expect_goes(&b, "green");
    bench_free(&b);
}

Test(app_context, a_switch_asks_while_the_form_holds_a_deploy)
{
    struct bench b = bench_in("blue");

    bench_key(&b, "n");
    bench_type(&b, "ann");
    where_focus(&b.m->desk.where, PANE_LIST); /* as a click on the list does */
    command(&b, ":ctx greenhouse");
    cr_expect_null(bench_effect(&b, EFF_CONTEXT));
    cr_assert(bench_asks(&b, "Switch to greenhouse?"));
    cr_expect_not_null(strstr(b.m->desk.dialog.text, "was not sent"));
    bench_free(&b);
}

Test(app_context, blanks_around_its_name_do_not_count)
{
    struct bench b = bench_in("blue");

    command(&b, ":ctx  greenhouse  ");
    const struct effect *go = bench_effect(&b, EFF_CONTEXT);
    cr_assert_not_null(go);
    cr_expect_str_eq(go->text, "greenhouse");
    bench_free(&b);
}

Test(app_context, a_filter_from_elsewhere_does_not_hide_why_nothing_was_read)
{
    struct bench b = bench_new_with(&(struct model_options){.settings = settings_of(ini, "blue")});
    const struct task t = {.kind = TASK_LOAD};
    char text[400];

    command(&b, ":filter env:green");
    for (int i = 0; i < 3; i++) { /* the link is failing then */
        struct msg *failed = msg_new(MSG_DONE, &t);
        (void)err_set(&failed->err, E_NET, "cannot reach it");
        bench_msg(&b, failed);
    }
    cr_expect_not_null(strstr(jobs_banner(b.m->jobs, text, sizeof text), "cannot reach it"), "%s",
                       text);
    bench_free(&b);
}

Test(app_context, the_one_in_force_and_the_one_before)
{
    struct bench b = bench_in("blue");

    command(&b, ":ctx blue");
    cr_expect_null(bench_effect(&b, EFF_CONTEXT));
    cr_expect_not_null(strstr(b.m->desk.note, "This is already context blue"));
    command(&b, ":ctx -");
    cr_expect_null(bench_effect(&b, EFF_CONTEXT));
    cr_expect_not_null(strstr(b.m->desk.note, "no previous context"));

    struct bench next = bench_in("green");
    model_take_view(next.m, b.m);
    model_came_from(next.m, "blue", true);
    bench_free(&b);
    command(&next, ":ctx -");
    expect_goes(&next, "blue");

    struct bench plain = bench_in(NULL), back = bench_in("green");
    model_take_view(back.m, plain.m);
    model_came_from(back.m, NULL, true);
    bench_free(&plain);
    command(&back, ":ctx -");
    expect_goes(&back, "none");
    bench_free(&back);
    bench_free(&next);
}

Test(app_context, only_the_view_goes_along)
{
    struct bench b = bench_in("blue");

    command(&b, ":sort name");
    command(&b, ":columns name,status");
    command(&b, ":filter user:ann");
    bench_key(&b, "C-e");
    bench_key(&b, "Space");
    bench_key(&b, "Enter");
    bench_key(&b, "W");
    bench_key(&b, "x");
    cr_assert(bench_asks(&b, "Cancel 1 job"));
    cr_assert_eq(store_marked(b.m->desk.store), 1);

    struct bench next = bench_in("green");
    model_take_view(next.m, b.m);
    model_came_from(next.m, "blue", true);
    bench_free(&b);
    bench_resize(&next, 24, 80);
    cr_expect_eq(store_sort(next.m->desk.store).column, COL_NAME);
    cr_expect_eq(next.m->jobs->list.columns.len, 2);
    cr_expect_str_eq(next.m->jobs->list.filter_applied, "user:ann");
    cr_expect_eq(store_rows(next.m->desk.store), 1);
    cr_expect_not(next.m->header);
    cr_expect_eq(store_marked(next.m->desk.store), 0);
    cr_expect_not(next.m->desk.dialog.open);
    cr_expect_null(next.m->jobs->detail.job_id);
    char *watched = model_watched(next.m);
    cr_expect_null(strstr(watched, "job_a"), "%s", watched);
    free(watched);
    cr_expect(next.m->desk.read_only, "what green says holds");
    bench_key(&next, ":");
    bench_key(&next, "Up");
    cr_expect_str_eq(edit_text(&next.m->desk.palette.edit), "filter user:ann");
    cr_expect_null(bench_broken(next.m), "%s", bench_broken(next.m));
    bench_free(&next);
}

Test(app_context, a_switch_that_fails_says_why_and_all_goes_on)
{
    struct bench b = bench_in("blue");
    struct app_event ev = {.kind = EV_CONTEXT};

    command(&b, ":ctx nowhere");
    expect_goes(&b, "nowhere"); /* the loop knows whether it exists */
    effects_clear(&b.fx);
    (void)err_set(&ev.u.context, E_INVALID, "there is no context \"nowhere\"");
    (void)err_hint_set(&ev.u.context, "these exist: blue, green");
    bench_event(&b, &ev);
    cr_expect_eq(b.m->desk.note_kind, NOTE_BAD);
    cr_expect_not_null(
        strstr(b.m->desk.note, "Still in context blue: there is no context \"nowhere\": these"),
        "%s", b.m->desk.note);
    cr_expect_str_eq(b.m->desk.errors[0].what, "Context");
    cr_expect_eq(store_len(b.m->desk.store), 2);
    bench_key(&b, "x");
    cr_expect(bench_asks(&b, "Cancel 1 job"));
    bench_free(&b);
}

Test(app_context, a_reply_about_an_action_of_another_model_is_dropped)
{
    struct bench b = bench_in("blue");

    bench_key(&b, "x");
    bench_key(&b, "y");
    struct msg *m = msg_new(MSG_CANCELLED, bench_task(&b, TASK_CANCEL));
    bench_free(&b);
    struct bench next = bench_in("greenhouse");
    next.m->desk.note[0] = '\0'; /* the spoiled context of the file is noted at the start */
    bench_msg(&next, m);
    cr_expect_str_eq(next.m->desk.note, "");
    cr_expect_eq(store_find(next.m->desk.store, "job_a")->flags & ENTRY_ACTING, 0);
    bench_free(&next);
}

Test(app_context, names_are_completed)
{
    struct bench b = bench_in("blue");
    const struct palette *p = &b.m->desk.palette;

    bench_type(&b, ":ctx ");
    cr_expect_eq(p->len, 5, "and all of them");
    cr_expect_not_null(strstr(p->rows[3].help, "did you mean"));
    bench_type(&b, "g");
    cr_expect_eq(p->len, 2);
    bench_key(&b, "Tab");
    cr_expect_str_eq(edit_text(&p->edit), "ctx green");
    bench_key(&b, "Down");
    bench_key(&b, "Enter");
    expect_goes(&b, "greenhouse");
    bench_free(&b);
}

Test(app_context, the_local_cloud_has_none)
{
    char path[] = "/tmp/mvpdash-context.XXXXXX";
    struct err e = {0};
    int fd = mkstemp(path);

    cr_assert(fd >= 0 && path_write_all(fd, ini, sizeof ini - 1));
    close(fd);
    settings_free(fixture_settings());
    struct settings *s =
        settings_load(&(struct settings_sources){.config_ini = path, .local_cloud = true}, &e);
    unlink(path);
    cr_assert_not_null(s, "%s", e.msg);
    cr_expect_null(settings_with_context(s, "blue", &e));
    cr_expect_eq(e.code, E_INVALID);
    struct bench b = bench_new_with(&(struct model_options){.settings = s});
    command(&b, ":ctx");
    cr_expect_not(b.m->desk.menu.open);
    cr_expect_not_null(strstr(b.m->desk.note, "--local"));
    bench_free(&b);
}

Test(app_context, without_contexts_it_says_how_to_make_one)
{
    struct bench b = bench_new();

    command(&b, ":ctx");
    cr_expect_not(b.m->desk.menu.open);
    cr_expect_not_null(strstr(b.m->desk.note, "[context NAME]"));
    bench_free(&b);
}
