/* The command line: from argv to a command's exit status.
 *
 * DESIGN: cli_main finds the command in the table, parses its arguments with its option list and
 * the common one, loads the settings, and calls the row's function. A command returns an error
 * value; only this file prints errors and turns them into exit statuses, so all commands fail
 * alike. */
#include "cli/cli.h"

#include <errno.h>
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/build.h"
#include "core/clock.h"
#include "core/deadline.h"
#include "core/json.h"
#include "core/path.h"
#include "core/suggest.h"
#include "core/text.h"
#include "jobs/forecast.h"
#include "ops/job_ops.h"
#include "ops/outbox.h"
#include "src/cli/cli_priv.h"
#include "src/cli/commands.h"
#include "src/cli/context.h"
#include "src/cli/notice.h"

const struct cli_command *const cli_commands[] = {
    &cmd_dashboard, &cmd_send,  &cmd_bulk,   &cmd_list,  &cmd_status, &cmd_cancel,
    &cmd_retry,     &cmd_logs,  &cmd_jobs,   &cmd_stats, &cmd_bus,    &cmd_dlq,
    &cmd_outbox,    &cmd_event, &cmd_report, &cmd_test,  &cmd_doctor, &cmd_config,
    &cmd_iam,       &cmd_serve, &cmd_local,  &cmd_help,
};
/* The rows are pointers, and their number is meant here.
 * NOLINTNEXTLINE(bugprone-sizeof-expression) */
const size_t cli_commands_len = sizeof cli_commands / sizeof *cli_commands;

const struct cli_option cli_common[] = {
    CLI_FLAG("json", "print JSON: one document, or one a line where it streams"),
    CLI_FLAG("local", "use the embedded local cloud; start it if it is not running"),
    CLI_VALUE("context", "NAME", "use the settings of [context NAME] in config.ini"),
    CLI_VALUE("region", "REGION", "AWS region"),
    CLI_VALUE("profile", "NAME", "profile of ~/.aws"),
    CLI_VALUE("endpoint-url", "URL", "endpoint to use instead of AWS"),
    CLI_FLAG("insecure-endpoint", "allow plain http to an endpoint on another machine"),
    CLI_VALUE("env-file", "FILE", "read settings from FILE, not from ./.env.eventbridge"),
    CLI_VALUE("table", "NAME", "DynamoDB table of the jobs"),
    CLI_VALUE("bus", "NAME", "event bus"),
    CLI_VALUE("queue", "NAME", "Batch job queue"),
    CLI_VALUE("timeout", "SECONDS",
              "seconds that an operation may take, with all its requests (30)"),
    CLI_FLAG("read-only", "refuse every command that writes"),
    CLI_FLAG("debug", "log each request on stderr, as DEBUG=1 does; never secrets"),
    CLI_FLAG("version", "print the version"),
    CLI_FLAG("verbose", "with --version: when it was built, and the libraries inside"),
    CLI_FLAG("help", "explain the command"),
    CLI_END,
};

const struct cli_command *cli_command_find(const char *name)
{
    for (size_t i = 0; i < cli_commands_len; i++) {
        if (strcmp(cli_commands[i]->name, name) == 0) {
            return cli_commands[i];
        }
    }
    return NULL;
}

const struct cli_option *cli_command_options(const struct cli_command *c)
{
    static const struct cli_option none[] = {{.name = NULL}};

    if (c == NULL) {
        return none;
    }
    return c->make_options != NULL ? c->make_options() : c->options != NULL ? c->options : none;
}

struct ops *cli_ops(struct cli *c, struct err *e)
{
    if (c->ops == NULL) {
        c->ops = ops_new(c->settings, NULL, c->log, e);
        if (c->ops != NULL && (c->command->flags & CLI_OWN_VOICE) == 0) {
            notice_start(c);
        }
        if (c->ops != NULL && context_check_account(c, e) != E_OK) {
            return NULL;
        }
    }
    return c->ops;
}

void cli_resume_outbox(struct cli *c)
{
    struct outbox_alarm alarm;
    struct err e = {0};
    int resumed = 0;
    int left = 0;

    /* looking into the outbox may have to ask whose account this is */
    int64_t begun = ops_begin(c->ops);
    outbox_look(c->ops, &alarm);
    if (alarm.text[0] != '\0') {
        cli_warn(c, "%s", alarm.text);
    }
    if (ops_outbox_len(c->ops) == 0) {
        ops_end(begun);
        return;
    }
    enum err_code rc = ops_outbox_resume(c->ops, &resumed, &left, &e);
    /* A service that did not answer in all that time gets no second time from the command itself:
     * what the command sends goes into the outbox at once. */
    if (rc != E_TIMEOUT || resumed > 0 || deadline_left_ms(1) > 0) {
        ops_end(begun);
    }
    if (resumed > 0) {
        cli_note(c, "mvpdash: sent %d deploy%s kept from an earlier run", resumed,
                 resumed == 1 ? "" : "s");
    }
    if (rc != E_OK && rc != E_CONFLICT) {
        cli_note(c, "mvpdash: warning: %d deploy%s of an earlier run %s still in the outbox: %s",
                 left, left == 1 ? "" : "s", left == 1 ? "is" : "are", e.msg);
    }
}

/* ---- finding the command ---- */

static enum err_code unknown_command(const char *name, struct err *e)
{
    struct suggest near = suggest_for(name);

    for (size_t i = 0; i < cli_commands_len; i++) {
        suggest_offer(&near, cli_commands[i]->name[0] == '\0' ? NULL : cli_commands[i]->name);
    }
    enum err_code rc =
        suggest_best(&near) != NULL
            ? err_set(e, E_USAGE, "unknown command \"%.*s\"; did you mean \"%s\"?",
                      text_cut(name, 60), name, suggest_best(&near))
            : err_set(e, E_USAGE, "unknown command \"%.*s\"", text_cut(name, 60), name);
    (void)err_hint_set(e, "`mvpdash help` lists the commands");
    return rc;
}

/* The index of the old test tool's --action in argv; 0: this is not the old form. */
static int old_form_at(int argc, char **argv)
{
    if (argc < 2 || argv[1][0] != '-') {
        return 0;
    }
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--action") == 0 || strncmp(argv[i], "--action=", 9) == 0) {
            return i;
        }
    }
    return 0;
}

static bool names_user(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--user-id") == 0 || strncmp(argv[i], "--user-id=", 10) == 0) {
            return true;
        }
    }
    return false;
}

/* Turns `--action send --user-id U ...` into `send --user-id U ...`: takes --action and its value
 * out. */
static enum err_code old_form(struct cli *c, int at, int *argc, char **argv, struct err *e)
{
    char *equals = strchr(argv[at], '=');
    int used = equals != NULL ? 1 : 2;
    const char *name = equals != NULL ? equals + 1 : at + 1 < *argc ? argv[at + 1] : "";

    bool batch = strcmp(name, "batch") == 0;
    if (!batch && strcmp(name, "send") != 0 && strcmp(name, "test") != 0) {
        return err_set(e, E_USAGE,
                       "--action \"%.*s\" is not accepted; expected send, batch or test",
                       text_cut(name, 40), name);
    }
    /* A batch that is described by options instead of a file is one deploy. */
    bool send = strcmp(name, "send") == 0 || (batch && names_user(*argc, argv));
    c->command = send ? &cmd_send : batch ? &cmd_bulk : &cmd_test;
    c->old_form = true;
    for (int i = at; i + used <= *argc; i++) {
        argv[i] = argv[i + used]; /* the NULL at the end is moved too */
    }
    *argc -= used;
    return E_OK;
}

/* Fills c->command and takes its name out of argv. */
static enum err_code find_command(struct cli *c, int *argc, char **argv, struct err *e)
{
    int at = old_form_at(*argc, argv);

    if (at > 0) {
        return old_form(c, at, argc, argv, e);
    }
    at = args_find_command(*argc, argv, cli_common, cli_command_options(&cmd_dashboard));
    if (at >= *argc) {
        c->command = &cmd_dashboard;
        return E_OK;
    }
    const struct cli_command *found = argv[at][0] == '\0' ? NULL : cli_command_find(argv[at]);
    if (found == NULL) {
        return unknown_command(argv[at], e);
    }
    c->command = found;
    for (int i = at; i < *argc; i++) {
        argv[i] = argv[i + 1];
    }
    (*argc)--;
    return E_OK;
}

static enum err_code parse(struct cli *c, int argc, char **argv, struct err *e)
{
    /* The old tool's test took (and ignored) the options of its send. */
    bool lenient = c->old_form && c->command == &cmd_test;
    const struct cli_option *own = cli_command_options(lenient ? &cmd_send : c->command);
    enum err_code rc = args_parse(argc - 1, argv + 1, own, cli_common, &c->args, e);
    const char *name = c->command->name;

    if (rc == E_OK && args_has(&c->args, "help")) {
        return E_OK;
    }
    /* The old tool's batch took no file: it sent five samples. */
    bool samples = c->old_form && c->command == &cmd_bulk;
    if (rc == E_OK && !samples && c->args.words_len < (size_t)c->command->min_args) {
        rc = err_set(e, E_USAGE, "%s: %s is missing", name, c->command->args);
    } else if (rc == E_OK && c->command->max_args >= 0 &&
               c->args.words_len > (size_t)c->command->max_args) {
        rc = err_set(e, E_USAGE, "%s%sunexpected argument \"%.*s\"", name,
                     name[0] == '\0' ? "" : ": ", text_cut(c->args.words[c->command->max_args], 60),
                     c->args.words[c->command->max_args]);
    }
    if (rc != E_OK) {
        (void)err_hint_set(e, "see `mvpdash %s%s--help`", name, name[0] == '\0' ? "" : " ");
    }
    return rc;
}

/* Hides secrets in argv, which ps and /proc show. */
static void hide_secrets(struct cli *c)
{
    for (size_t i = 0; i < c->args.len; i++) {
        struct cli_value *v = &c->args.values[i];
        if (v->option->secret && v->raw != NULL) {
            memset(v->raw, '*', strlen(v->raw));
        }
    }
}

/* ---- the settings of this run ---- */

static enum err_code load_settings(struct cli *c, struct err *e)
{
    struct setting_flag flags[SET_COUNT];
    struct settings_sources src = {.flags = flags,
                                   .env_file = args_get(&c->args, "env-file"),
                                   .local_cloud = c->local || c->command == &cmd_local,
                                   .explain = c->command == &cmd_config || c->command == &cmd_help,
                                   .any_context =
                                       c->command == &cmd_help || args_has(&c->args, "contexts"),
                                   .no_context = context_all(c)};

    for (int i = 0; i < SET_COUNT; i++) {
        const char *name = setting_rows[i].flag;
        bool place = i == SET_CONTEXT || strcmp(setting_rows[i].section, "ui") != 0;
        if (place && c->local && !args_has(&c->args, "local")) {
            continue; /* they name a place of AWS, and the dashboard went on to the local cloud */
        }
        if (name != NULL && args_has(&c->args, name)) {
            const char *value = args_get(&c->args, name);
            flags[src.flags_len++] =
                (struct setting_flag){setting_rows[i].id, value == NULL ? "yes" : value};
        }
    }
    c->settings = settings_load(&src, e);
    if (c->settings == NULL) {
        return e->code;
    }
    if (c->hooks->warn != NULL) {
        c->hooks->warn(c->hooks->arg, c->settings);
    }
    context_tell_warnings(c, c->settings);
    return E_OK;
}

enum err_code cli_begin_anew(struct cli *c, bool local, struct err *e)
{
    enum err_code rc = E_OK;

    ops_free(c->ops);
    c->ops = NULL;
    settings_free(c->settings);
    c->settings = NULL;
    if (local) {
        c->local = true;
        cli_note(c, "mvpdash: starting the local cloud...");
        rc = c->hooks->attach(c->hooks->arg, c->local_dir, e);
    }
    return rc == E_OK ? load_settings(c, e) : rc;
}

enum err_code cli_may_write(struct cli *c, const char *what, struct err *e)
{
    if (!settings_bool(c->settings, SET_READ_ONLY)) {
        cli_guard_out(c);
        c->writes = true;
        return E_OK;
    }
    (void)err_set(e, E_USAGE, "`%s` writes, and read-only is on (%s)", what,
                  settings_origin_text(c->settings, SET_READ_ONLY));
    return err_hint_set(e, "leave --read-only out, or turn it off where it is set");
}

static bool debug_wanted(void)
{
    const char *v = getenv("DEBUG");

    return v != NULL && (strcmp(v, "1") == 0 || strcasecmp(v, "true") == 0);
}

/* Opens the log. Commands log to stderr and only when asked; the dashboard owns the screen and logs
 * to a file. When no file can be written (a full disk, a folder without permission) the dashboard
 * shows the jobs all the same. */
static enum err_code open_log(struct cli *c, struct err *e)
{
    enum log_level level = c->debug ? LOG_LVL_DEBUG : LOG_LVL_INFO;

    if (c->command != &cmd_dashboard) {
        c->log = c->debug ? log_new(NULL, level, e) : NULL;
        return c->debug && c->log == NULL ? e->code : E_OK;
    }
    char *dir = path_state_dir();
    char *file = path_join(dir, "mvpdash.log");
    if (path_mkdirs(dir, 0700, e) == E_OK) {
        c->log = log_new(file, level, e);
    }
    if (c->log == NULL) {
        cli_note(c, "mvpdash: warning: no log is kept: %s", e->msg);
        *e = (struct err){0};
    }
    free(file);
    free(dir);
    return E_OK;
}

static enum err_code run(struct cli *c, struct err *e)
{
    enum err_code rc = E_OK;

    c->local = args_has(&c->args, "local");
    if (c->local && args_has(&c->args, "context")) {
        return err_set(e, E_USAGE, "--local and --context: the embedded cloud has no contexts");
    }
    if (context_all(c) && context_check_all(c, e) != E_OK) {
        return e->code;
    }
    if (c->local) {
        rc = c->hooks->attach(c->hooks->arg, c->local_dir, e);
    }
    if (rc == E_OK) {
        rc = load_settings(c, e);
    }
    if (rc == E_OK && (c->command->flags & CLI_WRITES) != 0) {
        rc = cli_may_write(c, c->command->name, e);
    }
    if (rc == E_OK) {
        rc = open_log(c, e);
    }
    return rc == E_OK ? c->command->run(c, e) : rc;
}

/* With --verbose: what this one file is made of, so that an advisory on a library can be answered.
 */
static void say_version(struct cli *c)
{
    const struct cli_hooks *h = c->hooks;
    bool verbose = args_has(&c->args, "verbose");
    char *libraries = verbose && h->libraries != NULL ? h->libraries(h->arg) : NULL;
    int64_t built = build_time_ms();
    char at[TIME_ISO_SIZE] = "";

    if (built > 0) {
        (void)time_iso(built, at);
    }
    if (c->json) {
        cJSON *doc = json_new_object();
        json_set_str(doc, "version", MVPDASH_VERSION);
        if (verbose) {
            json_set_str(doc, "target", build_target());
            json_set_str(doc, "built", at);
            json_set_str(doc, "libraries", libraries);
        }
        cli_json(c, doc);
    } else {
        (void)fputs("mvpdash " MVPDASH_VERSION "\n", c->out);
        if (verbose) {
            (void)fprintf(c->out, "%s\nbuilt %s\n%s", build_target(), at[0] == '\0' ? "?" : at,
                          libraries == NULL ? "" : libraries);
        }
    }
    free(libraries);
}

static enum err_code start(struct cli *c, int argc, char **argv, struct err *e)
{
    enum err_code rc = find_command(c, &argc, argv, e);

    if (rc == E_OK) {
        rc = parse(c, argc, argv, e);
        hide_secrets(c);
    }
    if (rc != E_OK) {
        return rc;
    }
    if (args_has(&c->args, "version")) {
        say_version(c);
        return E_OK;
    }
    if (args_has(&c->args, "help")) {
        if (c->command == &cmd_dashboard) {
            cli_help_all(c);
        } else {
            cli_help_command(c, c->command);
        }
        return E_OK;
    }
    return run(c, e);
}

static int terminal_columns(void)
{
    const char *given = getenv("COLUMNS");
    struct winsize ws;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_col > 0) {
        return ws.ws_col;
    }
    long n = given == NULL ? 0 : strtol(given, NULL, 10);
    return n > 0 && n < 10000 ? (int)n : 80;
}

static void init(struct cli *c, int argc, char **argv, const struct cli_hooks *hooks)
{
    char *state = path_state_dir();

    *c = (struct cli){.command = &cmd_dashboard, .hooks = hooks, .out = stdout, .err = stderr};
    c->local_dir = path_join(state, "local");
    free(state);
    c->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    c->out_tty = isatty(STDOUT_FILENO) == 1;
    c->err_tty = isatty(STDERR_FILENO) == 1;
    c->columns = c->out_tty ? terminal_columns() : 0;
    c->debug = debug_wanted();
    /* --json is looked for before parsing, so that wrong usage is reported as JSON too. */
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        c->json = c->json || strcmp(argv[i], "--json") == 0;
        c->debug = c->debug || strcmp(argv[i], "--debug") == 0;
    }
}

static void say_stdout(struct cli *c, int error, const char *hint)
{
    struct err e = {0};

    (void)err_set(&e, E_IO, "cannot write to stdout: %s",
                  error == EBADF ? "it is closed" : strerror(error));
    (void)err_hint_set(&e, "check where stdout goes, or let it go to the terminal");
    if (hint != NULL) {
        (void)err_hint_set(&e, "%s", hint);
    }
    cli_show_error(c, &e);
}

/* Ends the output. A reader that went away (head, less) is no failure of ours; a full disk is
 * one. */
static enum err_code end_output(struct cli *c, enum err_code rc)
{
    bool guarded = c->guard != NULL;
    bool lost = false;
    int error = cli_guard_end(c, &lost);

    if (!guarded && (fflush(c->out) != 0 || ferror(c->out))) {
        error = errno;
    }
    if (error == 0 || (error == EPIPE && !lost) || rc != E_OK) {
        return rc;
    }
    say_stdout(c, error,
               !guarded ? NULL
               : lost   ? "the command took effect all the same: check before you run it again"
                        : "the command took effect, as shown above: do not run it again");
    return E_IO;
}

int cli_main(int argc, char **argv, const struct cli_hooks *hooks)
{
    struct cli c;
    struct err e = {0};

    init(&c, argc, argv, hooks);
    enum err_code rc = start(&c, argc, argv, &e);
    notice_end(&c);
    cli_progress_end(&c);
    if (rc != E_OK && !c.told) {
        e.code = rc;
        (void)fflush(c.out);
        cli_show_error(&c, &e);
    }
    rc = end_output(&c, rc);
    forecast_free(c.history);
    ops_free(c.ops);
    contexts_close(&c.all);
    settings_free(c.settings);
    log_free(c.log);
    args_clear(&c.args);
    free(c.local_dir);
    return rc == E_OK ? c.status : err_exit_status(rc);
}
