#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "ops/doctor.h"
#include "src/cli/cli_priv.h"
#include "src/cli/commands.h"

struct seen {
    struct cli *c;
    cJSON *list; /* with --json */
    bool color;
};

/* The word says it all; the colour only helps the eye. */
static const char *color_of(enum doctor_state s)
{
    static const char *const colors[] = {[DOCTOR_PASS] = "\033[32m",
                                         [DOCTOR_WARN] = "\033[33m",
                                         [DOCTOR_FAIL] = "\033[1;31m",
                                         [DOCTOR_UNKNOWN] = "\033[36m",
                                         [DOCTOR_SKIP] = "\033[2m"};

    return colors[s];
}

static void print_line(struct seen *s, const struct doctor_check *k, const struct finding *f)
{
    struct cli *c = s->c;

    (void)fprintf(c->out, "%s%-7s%s %-11s %s", s->color ? color_of(f->state) : "",
                  doctor_state_word(f->state), s->color ? "\033[0m" : "", k->id, k->title);
    if (f->text != NULL) {
        (void)fputs(": ", c->out);
        cli_print(c, f->text);
    }
    if (f->fix != NULL) {
        (void)fputs(c->utf8 ? "\n        \xe2\x86\x92 " : "\n        -> ", c->out);
        cli_print(c, f->fix);
    }
    (void)fputc('\n', c->out);
    (void)cli_flush(c);
}

static void on_check(void *arg, const struct doctor_check *k, const struct finding *f)
{
    struct seen *s = arg;

    if (s->list == NULL) {
        print_line(s, k, f);
        return;
    }
    cJSON *doc = json_new_object();
    json_set_str(doc, "id", k->id);
    json_set_str(doc, "title", k->title);
    json_set_str(doc, "state", doctor_state_word(f->state));
    json_set_str(doc, "detail", f->text);
    json_set_str(doc, "remedy", f->fix);
    json_push(s->list, doc);
}

static void print_json(struct seen *s, const struct doctor_report *r)
{
    cJSON *doc = json_new_object();
    cJSON *head = r->headline == NULL ? NULL : json_new_object();

    json_set_bool(doc, "ok", r->count[DOCTOR_FAIL] == 0 && r->count[DOCTOR_UNKNOWN] == 0);
    if (head != NULL) {
        json_set_str(head, "id", r->headline_id);
        json_set_str(head, "detail", r->headline);
        json_set_str(head, "remedy", r->fix);
    }
    json_set(doc, "headline", head);
    json_set(doc, "checks", s->list);
    cli_json(s->c, doc);
}

static void print_end(struct seen *s, const struct doctor_report *r)
{
    struct cli *c = s->c;

    (void)fprintf(c->out, "\n%d passed, %d warned, %d failed, %d unknown, %d skipped\n",
                  r->count[DOCTOR_PASS], r->count[DOCTOR_WARN], r->count[DOCTOR_FAIL],
                  r->count[DOCTOR_UNKNOWN], r->count[DOCTOR_SKIP]);
    if (r->headline != NULL) {
        (void)fprintf(c->out, "First: %s: ", r->headline_id);
        cli_print(c, r->headline);
        (void)fputs(c->utf8 ? "\n  \xe2\x86\x92 " : "\n  -> ", c->out);
        cli_print(c, r->fix);
        (void)fputc('\n', c->out);
    }
}

static bool wants_color(const struct cli *c)
{
    const char *no = getenv("NO_COLOR");
    const char *term = getenv("TERM");

    return c->out_tty && (no == NULL || no[0] == '\0') && term != NULL &&
           strcmp(term, "dumb") != 0 && strncmp(term, "vt1", 3) != 0;
}

static enum err_code run_doctor(struct cli *c, struct err *e)
{
    struct doctor_report r;

    if (cli_ops(c, e) == NULL) {
        return e->code;
    }
    struct seen s = {c, c->json ? json_new_array() : NULL, wants_color(c)};
    struct doctor_terminal terminal = {.there = false};
    if (c->hooks->terminal != NULL) {
        c->hooks->terminal(&terminal);
    }
    const struct doctor_options options = {.terminal = &terminal};
    enum err_code rc = ops_doctor(c->ops, &options, on_check, &s, &r, e);
    if (rc != E_OK) {
        cJSON_Delete(s.list);
        return rc;
    }
    if (c->json) {
        print_json(&s, &r);
    } else {
        print_end(&s, &r);
    }
    c->status = r.count[DOCTOR_FAIL] > 0 ? 1 : r.count[DOCTOR_UNKNOWN] > 0 ? 2 : 0;
    doctor_report_clear(&r);
    return E_OK;
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
        "(could not look: it names the permission that is needed) or SKIP (because another\n"
        "failed), and all but PASS end with the remedy. The first FAIL is said again at the end.\n"
        "\n"
        "Exit status: 0 all passed or only warned; 1 something failed; 2 nothing failed, but\n"
        "something could not be told.\n"
        "\n"
        "With --json one document: {\"ok\",\"headline\":{\"id\",\"detail\",\"remedy\"}|null,\n"
        "\"checks\":[{\"id\",\"title\",\"state\",\"detail\",\"remedy\"}]}.",
    .example = "mvpdash doctor",
    .max_args = 0,
    .run = run_doctor,
};
