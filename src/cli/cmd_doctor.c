/* `mvpdash doctor`: the checks, and the test job of --e2e. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "jobs/deploy.h"
#include "ops/doctor.h"
#include "ops/e2e.h"
#include "src/cli/cli_priv.h"
#include "src/cli/commands.h"
#include "src/cli/doctor_show.h"

enum { TIMEOUT_LEAST_S = 10, TIMEOUT_MOST_S = 3600 };

static const struct cli_option options[] = {
    CLI_VALUE("job", "JOB_ID",
              "find out why this job did not start: run the checks along its event's way"),
    CLI_VALUE("only", "ID[,ID...]", "run these checks and those they need"),
    CLI_FLAG("e2e", "also send one test job and follow it to its end; it writes"),
    CLI_END,
};

struct seen {
    struct cli *c;
    cJSON *list;      /* with --json: the checks */
    cJSON *steps;     /* with --json and --e2e: the steps of the test job */
    char waiting[64]; /* what the test job was waiting for when it was last seen */
    char *job;        /* owned: what was found of the job that --job names; NULL */
};

static void on_check(void *arg, const struct doctor_check *k, const struct finding *f)
{
    struct seen *s = arg;

    if (k->of_job && s->job == NULL) {
        s->job = xstrdup(f->text);
    }
    if (s->list == NULL) {
        doctor_show(s->c, k->id, k->title, f, -1, k->limit);
    } else {
        json_push(s->list, doctor_check_json(k->id, k->title, f));
    }
}

/* What the test job failed at, as the check to deal with first; borrowed. */
static struct doctor_first test_first(const struct e2e_result *t)
{
    struct doctor_first first = {
        .id = t->headline_id, .state = DOCTOR_FAIL, .text = t->headline, .fix = t->fix};

    for (size_t i = 0; i < e2e_steps_len; i++) {
        if (first.id != NULL && strcmp(e2e_steps[i].id, first.id) == 0) {
            first.title = e2e_steps[i].title;
        }
    }
    return first;
}

/* `t` is NULL without --e2e. */
static void print_json(struct seen *s, const struct doctor_report *r, const struct e2e_result *t)
{
    cJSON *doc = doctor_report_json(r, s->list);

    if (t != NULL) {
        json_set_bool(doc, "ok", json_bool(doc, "ok", false) && t->ok);
        if (r->headline == NULL) {
            json_set(doc, "headline", doctor_headline_json(t->headline_id, t->headline, t->fix));
        }
        if (t->headline != NULL) { /* what the test job met is worse than a warning */
            const struct doctor_first first = test_first(t);
            json_set(doc, "first", doctor_first_json(&first));
        }
        cJSON *job = json_new_object();
        json_set_bool(job, "ok", t->ok);
        json_set_str(job, "jobId", t->job_id[0] == '\0' ? NULL : t->job_id);
        json_set_bool(job, "cancelled", t->cancelled);
        json_set(job, "steps", s->steps);
        json_set(doc, "e2e", job);
    }
    cli_json(s->c, doc);
}

static void print_counts(struct cli *c, const struct doctor_report *r)
{
    (void)fprintf(c->out, "\n%d passed, %d warned, %d failed, %d unknown, %d skipped\n",
                  r->count[DOCTOR_PASS], r->count[DOCTOR_WARN], r->count[DOCTOR_FAIL],
                  r->count[DOCTOR_UNKNOWN], r->count[DOCTOR_SKIP]);
    (void)cli_flush(c);
}

/* What was found of the job that --job names, when nothing on its way failed. */
static void print_job(const struct seen *s, const struct doctor_report *r)
{
    bool first = r->first.id != NULL;

    (void)fprintf(s->c->out, "%s on its way fails now. This job: ",
                  first ? "No check" : "Nothing to do: no check");
    cli_print(s->c, s->job);
    (void)fputc('\n', s->c->out);
}

/* Ends with what to do first; `t` is NULL without --e2e. */
static void print_first(const struct seen *s, const struct doctor_report *r,
                        const struct e2e_result *t)
{
    struct cli *c = s->c;
    const struct doctor_first *first = &r->first;
    bool of_job = s->job != NULL && r->headline == NULL &&
                  !(first->id != NULL && strcmp(first->text, s->job) == 0);

    if (of_job) {
        print_job(s, r);
    }
    if (t != NULL && t->headline != NULL) {
        doctor_show_first(c, doctor_first_lead(DOCTOR_FAIL), t->headline_id, t->headline, t->fix);
    } else if (first->id != NULL) {
        doctor_show_first(c, doctor_first_lead(first->state), first->id, first->text, first->fix);
    } else if (!of_job) {
        (void)fprintf(c->out, "%s%s\n", doctor_nothing_to_do,
                      t != NULL ? ""
                                : " Only a test job proves that a job starts: "
                                  "`mvpdash doctor --e2e` sends one.");
    }
    (void)cli_flush(c);
}

/* ---- the test job ---- */

static void on_step(void *arg, const struct e2e_step *k, const struct finding *f, int64_t ms)
{
    struct seen *s = arg;

    cli_progress_end(s->c);
    if (s->steps == NULL) {
        doctor_show(s->c, k->id, k->title, f, ms, NULL);
        return;
    }
    cJSON *doc = doctor_check_json(k->id, k->title, f);
    if (ms >= 0) {
        json_set_int(doc, "ms", ms);
    } else {
        json_set(doc, "ms", NULL);
    }
    json_push(s->steps, doc);
}

/* Shows what the test job waits for: on a terminal in one line that counts, elsewhere in a line for
 * each change. */
static bool on_wait(void *arg, const struct e2e_step *k, const char *what, int64_t ms)
{
    struct seen *s = arg;
    char now[64];

    (void)snprintf(now, sizeof now, "%s %s", k->id, what);
    if (s->c->err_tty || strcmp(now, s->waiting) != 0) {
        cli_progress(s->c, "%s %s: %s, %lld s", k->id, k->title, what, (long long)(ms / 1000));
    }
    (void)snprintf(s->waiting, sizeof s->waiting, "%s", now);
    return !cli_interrupted();
}

/* Skips the test job's steps: a system that fails a check would only swallow the job. */
static void skip_steps(struct seen *s, const char *id)
{
    for (size_t i = 0; i < e2e_steps_len; i++) {
        struct finding f = {0};
        (void)finding_add(&f, DOCTOR_SKIP, "nothing was sent, because %s failed", id);
        finding_fix(&f, "see %s", id);
        on_step(s, &e2e_steps[i], &f, -1);
        finding_clear(&f);
    }
}

static enum err_code test_job(struct seen *s, const struct doctor_options *checks,
                              const struct doctor_report *r, struct e2e_result *t, struct err *e)
{
    struct cli *c = s->c;
    const char *text = args_get(&c->args, "timeout");
    int64_t timeout_s = 0;

    *t = (struct e2e_result){0};
    if (text != NULL &&
        cli_number("--timeout", text, TIMEOUT_LEAST_S, TIMEOUT_MOST_S, &timeout_s, e) != E_OK) {
        return e->code;
    }
    if (r->headline != NULL) {
        skip_steps(s, r->headline_id);
        return E_OK;
    }
    const struct e2e_options o = {
        .total_s = (int)timeout_s, .told = on_step, .waiting = on_wait, .arg = s, .doctor = checks};
    cli_catch_interrupt(true);
    enum err_code rc = ops_e2e(c->ops, &o, t, e);
    cli_catch_interrupt(false);
    cli_progress_end(c);
    return rc;
}

static void print_test_end(const struct cli *c, const struct e2e_result *t)
{
    if (t->ok) {
        (void)fprintf(c->out, "\nThe test job %s ran from its event to its end.\n", t->job_id);
    } else if (t->headline != NULL) {
        (void)fprintf(c->out, "\nThe test job %s did not end well%s.\n", t->job_id,
                      t->cancelled ? " and was cancelled" : "");
    }
}

/* Runs the test job after the checks, when it was asked for, and says what all of it comes to. */
static enum err_code conclude(struct seen *s, const struct doctor_options *checks,
                              const struct doctor_report *r, struct err *e)
{
    struct cli *c = s->c;
    bool e2e = args_has(&c->args, "e2e");
    struct e2e_result t = {0};
    enum err_code rc = E_OK;

    if (!c->json) {
        print_counts(c, r);
    }
    if (e2e) {
        rc = test_job(s, checks, r, &t, e);
    }
    if (rc == E_OK && c->json) {
        print_json(s, r, e2e ? &t : NULL);
        s->list = s->steps = NULL; /* both are printed and freed by then */
    } else if (rc == E_OK) {
        print_test_end(c, &t);
        print_first(s, r, e2e ? &t : NULL);
    }
    c->status = r->count[DOCTOR_FAIL] > 0 || (e2e && !t.ok) ? 1
                : r->count[DOCTOR_UNKNOWN] > 0              ? 2
                                                            : 0;
    if (rc == E_CANCELLED) {
        cli_show_error(c, e);
        c->status = 128 + SIGINT;
        rc = E_OK;
    }
    e2e_result_clear(&t);
    return rc;
}

/* Chooses the checks: those of `--only` with blanks for commas (owned), those on the way of
 * `--job`, or all. */
static enum err_code choose(struct cli *c, struct doctor_options *opt, char **only, struct err *e)
{
    const char *ids = args_get(&c->args, "only");
    bool in[DOCTOR_CHECKS_MAX];

    opt->job_id = args_get(&c->args, "job");
    if (args_has(&c->args, "e2e") && (ids != NULL || opt->job_id != NULL)) {
        return err_set(e, E_USAGE, "--e2e needs all checks: give it without --job and --only");
    }
    if (opt->job_id != NULL && !job_id_valid(opt->job_id)) {
        return err_set(e, E_USAGE, "--job: not a job id");
    }
    *only = ids == NULL           ? xstrdup(opt->job_id != NULL ? doctor_way : NULL)
            : opt->job_id == NULL ? xstrdup(ids)
                                  /* the job itself is asked about after these checks */
                                  : xasprintf("%s K1", ids);
    for (char *p = *only; p != NULL && *p != '\0'; p++) {
        *p = *p == ',' ? ' ' : *p;
    }
    opt->only = *only;
    if (doctor_choose(opt->only, in, e) != E_OK) {
        return err_hint_set(e, "the ids are in the second column of `mvpdash doctor`");
    }
    return E_OK;
}

static enum err_code run_checks(struct cli *c, const struct doctor_options *opt, struct err *e)
{
    struct doctor_report r;
    bool e2e = args_has(&c->args, "e2e");
    struct seen s = {.c = c,
                     .list = c->json ? json_new_array() : NULL,
                     .steps = c->json && e2e ? json_new_array() : NULL};
    enum err_code rc = ops_doctor(c->ops, opt, on_check, &s, &r, e);

    if (rc == E_OK) {
        rc = conclude(&s, opt, &r, e);
        doctor_report_clear(&r);
    }
    cJSON_Delete(s.list);
    cJSON_Delete(s.steps);
    free(s.job);
    return rc;
}

static enum err_code run_doctor(struct cli *c, struct err *e)
{
    struct doctor_terminal terminal = {.there = false};
    struct doctor_options opt = {.terminal = &terminal};
    char *only = NULL;
    bool e2e = args_has(&c->args, "e2e");

    if (e2e && cli_may_write(c, "doctor --e2e", e) != E_OK) {
        return e->code;
    }
    enum err_code rc = choose(c, &opt, &only, e);
    if (rc == E_OK && cli_ops(c, e) == NULL) {
        rc = e->code;
    }
    if (rc == E_OK && opt.job_id != NULL) {
        rc = ops_doctor_job(c->ops, opt.job_id, e);
    }
    if (rc == E_OK) {
        if (c->hooks->terminal != NULL) {
            c->hooks->terminal(&terminal);
        }
        rc = run_checks(c, &opt, e);
    }
    free(only);
    return rc;
}

const struct cli_command cmd_doctor = {
    .name = "doctor",
    .args = "",
    .summary = "Find out why a job does not start, and what to do",
    .about =
        "From the configuration over credentials, table, bus, rule, target, dead letter queue, "
        "job\n"
        "queue and definition to the log, in that order; what does not depend on each other runs\n"
        "at once. 5 s a check, 30 s in all. It only reads. Each line is PASS, WARN, FAIL, UNKNOWN\n"
        "(could not look: it names the permission that is needed) or SKIP (another failed, or\n"
        "there is nothing to look at), and all but PASS end with the remedy; what stands behind a\n"
        "$ is a command that runs as it is. A PASS that could be taken for more says how far it "
        "goes.\n"
        "The last line is what to do first: the first FAIL, else the first WARN, else the first\n"
        "UNKNOWN, with its remedy; else that there is nothing to do.\n"
        "\n"
        "--job JOB_ID checks what lies on the way of that job's event (bus, rule, pattern, "
        "target,\n"
        "role, dead letters, queue, definition, records), the pattern with its own event, and\n"
        "looks for the event in the outbox and among the dead letters. K1 then tells what became "
        "of\n"
        "the job: over, taken by a Batch job, early, or lost, which `mvpdash retry` mends. A job "
        "that\n"
        "does not exist is exit status 3.\n"
        "\n"
        "--e2e WRITES: when no check failed it sends one test job (user mvpdash-doctor,\n"
        "metadata.canary true) through the real pipeline and follows it: record and event, Batch\n"
        "job, container started, container reports, log, ended well, each with how long it took.\n"
        "The job may take --timeout seconds (900) and costs what one short run costs. When it "
        "does\n"
        "not go on, the step is named with its cause, and the job is cancelled. Refused when\n"
        "read-only is on. After Ctrl-C the job goes on; what to do then is said.\n"
        "\n"
        "Exit status: 0 all passed or only warned; 1 something failed; 2 nothing failed, but\n"
        "something could not be told; 3 no such job (--job); 130 the test job was left by Ctrl-C.\n"
        "\n"
        "With --json one document: {\"ok\",\"headline\":{\"id\",\"detail\",\"remedy\"}|null,\n"
        "\"first\":{what to do first, as a check}|null,\n"
        "\"checks\":[{\"id\",\"title\",\"state\",\"detail\",\"remedy\",\"commands\":[]}]}, and "
        "with --e2e\n"
        "\"e2e\":{\"ok\",\"jobId\",\"cancelled\",\"steps\":[{...,\"ms\"}]}.",
    .example = "mvpdash doctor\nmvpdash doctor --e2e",
    .options = options,
    .max_args = 0,
    .flags = CLI_OWN_VOICE,
    .run = run_doctor,
};
