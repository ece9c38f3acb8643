/* `mvpdash send`: one deploy. */
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "jobs/deploy.h"
#include "ops/job_ops.h"
#include "src/cli/alert.h"
#include "src/cli/commands.h"
#include "src/cli/wait.h"

enum { OPTIONS_MAX = 32 };

static const struct cli_option own_options[] = {
    CLI_FLAG("wait", "follow the job to its end; exit 1 when it does not complete"),
    CLI_ALERT,
    {.name = "database-url", .value = "URL", .help = "", .secret = true, .hidden = true},
};

static const struct cli_option *send_options(void)
{
    /* One option for each field of the deploy table; the list is made once, on the main thread. */
    static struct cli_option list[OPTIONS_MAX];
    size_t n = 0;

    if (list[0].name != NULL) {
        return list;
    }
    for (size_t i = 0; i < deploy_fields_len && n < OPTIONS_MAX - 4; i++) {
        const struct deploy_field *f = &deploy_fields[i];
        if (f->flag != NULL) {
            list[n++] = (struct cli_option){
                .name = f->flag,
                .value = f->choices != NULL ? f->choices : "TEXT",
                .help = f->help,
                .required = f->required,
                .secret = f->secret,
            };
        }
    }
    list[n++] = own_options[0];
    list[n++] = own_options[1];
    list[n] = own_options[2];
    return list;
}

/* Turns "userId is missing" into "--user-id is missing". */
static enum err_code name_flag(const struct deploy_field *f, struct err *e)
{
    size_t n = f == NULL ? 0 : strlen(f->name);

    if (n == 0 || f->flag == NULL || strncmp(e->msg, f->name, n) != 0) {
        return e->code;
    }
    const struct err was = *e;
    return err_set(e, was.code, "--%s%s", f->flag, was.msg + n);
}

static enum err_code fill(struct cli *c, struct deploy_request *r, struct err *e)
{
    const char *missing = NULL;

    if (args_has(&c->args, "database-url")) {
        (void)err_set(e, E_USAGE,
                      "--database-url: a command line is visible to everybody on this "
                      "machine, so the URL is not taken from it");
        return err_hint_set(e, "set FOUNDERDASH_DATABASE_URL, or put it in the env file");
    }
    for (size_t i = 0; i < deploy_fields_len; i++) {
        const struct deploy_field *f = &deploy_fields[i];
        const char *text = f->flag == NULL ? NULL : args_get(&c->args, f->flag);
        if (text == NULL) {
            continue;
        }
        if (deploy_request_set(r, f->name, text, e) != E_OK) {
            return name_flag(f, e);
        }
    }
    if (deploy_request_check(r, &missing, e) != E_OK) {
        return name_flag(missing == NULL ? NULL : deploy_field_find(missing), e);
    }
    return E_OK;
}

static void print_result(struct cli *c, const struct deploy_result *r, const char *status)
{
    if (c->json) {
        cJSON *doc = json_new_object();
        json_set_str(doc, "jobId", r->job_id);
        json_set_str(doc, "eventId", r->event_id[0] == '\0' ? NULL : r->event_id);
        json_set_str(doc, "status", status);
        cli_json(c, doc);
        return;
    }
    (void)fputs("job    ", c->out);
    cli_print(c, r->job_id);
    (void)fputs("\nevent  ", c->out);
    cli_print(c, r->event_id[0] == '\0' ? "-" : r->event_id);
    (void)fputs("\nstatus ", c->out);
    cli_print(c, status);
    (void)fputc('\n', c->out);
}

struct follow {
    struct cli *c;
    struct alert_seen seen;
};

static bool on_change(void *arg, const struct job_detail *d)
{
    struct follow *f = arg;

    bool more = wait_show_progress(f->c, d);
    if (job_status_final((enum job_status)d->state.status)) {
        cli_progress_end(f->c);
    }
    cli_alert(f->c, &f->seen, d);
    return more;
}

static enum err_code follow(struct cli *c, const struct deploy_result *r, struct err *e)
{
    struct job_detail *d = NULL;
    struct follow f = {
        .c = c, .seen = {.known = true, .status = JOB_PENDING}
    };
    enum err_code rc = wait_job(c, r->job_id, on_change, &f, &d, e);

    cli_progress_end(c);
    if (d != NULL) {
        print_result(c, r, job_state_word(d->job, &d->state));
        rc = rc == E_OK ? wait_verdict(d, e) : rc;
    } else {
        print_result(c, r, "PENDING");
    }
    job_detail_free(d);
    return rc;
}

static enum err_code run_send(struct cli *c, struct err *e)
{
    struct deploy_request r;
    struct deploy_result result = {0};

    deploy_request_init(&r);
    enum err_code rc = args_has(&c->args, "alert") && !args_has(&c->args, "wait")
                           ? err_set(e, E_USAGE, "send: --alert needs --wait")
                           : fill(c, &r, e);
    if (rc == E_OK && cli_ops(c, e) == NULL) {
        rc = e->code;
    }
    if (rc == E_OK) {
        cli_resume_outbox(c);
        rc = ops_deploy(c->ops, &r, &result, e);
    }
    if (rc == E_OK && args_has(&c->args, "wait")) {
        rc = follow(c, &result, e);
    } else if (rc == E_OK) {
        print_result(c, &result, job_status_word(JOB_PENDING));
    }
    deploy_request_clear(&r);
    return rc;
}

const struct cli_command cmd_send = {
    .name = "send",
    .args = "",
    .summary = "Send one deploy",
    .about =
        "The request is kept in an outbox until the event bus has it: after a crash or a lost\n"
        "link the next mvpdash continues with the same job id. A wrong value is refused before\n"
        "anything is written. The database URL comes from FOUNDERDASH_DATABASE_URL or the env\n"
        "file. With --json: {\"jobId\",\"eventId\",\"status\"}.",
    .example = "mvpdash send --user-id user123 --product-id prod456 --business-name \"My Startup\" "
               "--wait",
    .make_options = send_options,
    .max_args = 0,
    .flags = CLI_WRITES,
    .run = run_send,
};
