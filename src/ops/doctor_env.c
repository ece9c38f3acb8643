/* The doctor's checks A and B: the configuration, the way to AWS, and who we are there. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/build.h"
#include "core/json.h"
#include "doctor_priv.h"

enum { SOON_MS = 15 * 60 * 1000 };

static void check_mode(const char *path, struct finding *f)
{
    struct stat st;

    if (path != NULL && stat(path, &st) == 0 && (st.st_mode & (S_IWGRP | S_IWOTH)) != 0 &&
        finding_add(f, DOCTOR_WARN, "%s may be written by others", path)) {
        finding_fix(f, "`chmod go-w %-s`", path);
    }
}

void check_config(struct doctor *d, struct finding *f)
{
    const struct settings *s = d->o.settings;
    const char *config = settings_config_file(s);
    const char *env = settings_env_file(s);

    bool unsafe = settings_unsafe(s) != NULL; /* then a warning says that nothing is written */
    enum doctor_state state = unsafe ? DOCTOR_FAIL : DOCTOR_WARN;

    for (size_t i = 0; i < settings_warnings_len(s); i++) {
        if (finding_add(f, state, "%s", settings_warning(s, i)) && i == 0) {
            finding_fix(f, "correct it; `mvpdash config` shows what is in force");
        }
    }
    if (unsafe && f->text == NULL) { /* it was told of when the program started */
        (void)finding_add(f, DOCTOR_FAIL, "%s; nothing is written until this is right",
                          settings_unsafe(s));
        finding_fix(f, "correct the line; `mvpdash config` shows what is in force");
    }
    f->go_on = unsafe;
    for (size_t i = 0; aws_client_note(d->o.aws, i) != NULL; i++) {
        if (finding_add(f, DOCTOR_WARN, "%s", aws_client_note(d->o.aws, i)) && i == 0) {
            finding_fix(f, "correct the line; `aws configure list` shows what the AWS CLI reads");
        }
    }
    check_mode(config, f);
    check_mode(env, f);
    doctor_build(build_time_ms(), clock_wall_ms(d->o.clock), f);
    if (config == NULL && env == NULL) {
        (void)finding_add(f, DOCTOR_PASS, "flags, environment and defaults");
    } else {
        (void)finding_add(f, DOCTOR_PASS, "%s%s%s", config == NULL ? "" : config,
                          config != NULL && env != NULL ? ", " : "", env == NULL ? "" : env);
    }
}

void check_terminal(struct doctor *d, struct finding *f)
{
    doctor_terminal(d->opt.terminal, f);
}

static void reach(struct doctor *d, enum aws_service_id s, struct finding *f)
{
    struct err e = {0};
    const char *url = aws_client_endpoint(d->o.aws, s);
    const struct aws_service *service = aws_service_get(s);

    if (aws_client_probe(d->o.aws, s, &d->skew_ms[s], &e) == E_OK) {
        (void)finding_add(f, DOCTOR_PASS, "%s", url);
        return;
    }
    (void)finding_add(f, DOCTOR_FAIL, "%s", e.msg);
    if (e.code == E_CONFIG || strstr(e.msg, "the proxy ") != NULL) {
        finding_fix(f, "%s", err_hint(&e));
    } else if (aws_client_endpoint_from(d->o.aws, s) != NULL) {
        finding_fix(f,
                    "is it running? Try `curl -sS %-s`; the address comes from AWS_ENDPOINT_URL, "
                    "config.ini, the profile or --endpoint-url",
                    url);
    } else if (strstr(e.msg, "TLS") != NULL) {
        finding_fix(
            f, "`curl -v %-s`; behind an inspecting proxy: export AWS_CA_BUNDLE=/path/ca.pem", url);
    } else {
        finding_fix(
            f,
            "`curl -v %-s`; from a private subnet it takes NAT or the endpoint com.amazonaws.%s.%s",
            url, d->names.region, service->host_prefix);
    }
}

void check_reach_sts(struct doctor *d, struct finding *f)
{
    reach(d, AWS_STS, f);
}

void check_reach_dynamodb(struct doctor *d, struct finding *f)
{
    reach(d, AWS_DYNAMODB, f);
}

void check_reach_events(struct doctor *d, struct finding *f)
{
    reach(d, AWS_EVENTS, f);
}

void check_reach_batch(struct doctor *d, struct finding *f)
{
    reach(d, AWS_BATCH, f);
}

void check_reach_logs(struct doctor *d, struct finding *f)
{
    reach(d, AWS_LOGS, f);
}

void check_reach_sqs(struct doctor *d, struct finding *f)
{
    reach(d, AWS_SQS, f);
}

void check_clock(struct doctor *d, struct finding *f)
{
    static const struct {
        const char *id;
        enum aws_service_id service;
    } probes[] = {
        {"A3.sts",      AWS_STS     },
        {"A3.dynamodb", AWS_DYNAMODB},
        {"A3.events",   AWS_EVENTS  },
        {"A3.batch",    AWS_BATCH   },
        {"A3.logs",     AWS_LOGS    },
        {"A3.sqs",      AWS_SQS     },
    };

    for (size_t i = 0; i < sizeof probes / sizeof *probes; i++) {
        if (doctor_usable(d, probes[i].id) && d->skew_ms[probes[i].service] != TIME_NONE) {
            doctor_clock(d->skew_ms[probes[i].service], f);
            return;
        }
    }
    (void)finding_add(f, DOCTOR_UNKNOWN, "no service sent its time");
    finding_fix(f, "`timedatectl status`");
}

void check_credentials(struct doctor *d, struct finding *f)
{
    char source[96] = "";
    int64_t expires = TIME_NONE;
    struct err e = {0};
    char at[TIME_ISO_SIZE];
    enum err_code rc = aws_client_identity(d->o.aws, source, &expires, &e);

    if (rc != E_OK) {
        (void)finding_add(f, DOCTOR_FAIL, "%s", e.msg);
        finding_fix(f, "%s", err_hint(&e));
        return;
    }
    if (expires != TIME_NONE && expires - clock_wall_ms(d->o.clock) < SOON_MS &&
        finding_add(f, DOCTOR_WARN, "those of %s expire at %s", source, time_iso(expires, at))) {
        finding_fix(f, "renew them: `aws sso login`, or new keys");
    }
    (void)finding_add(f, DOCTOR_PASS, "from %s%s%s", source, expires == TIME_NONE ? "" : ", until ",
                      expires == TIME_NONE ? "" : time_iso(expires, at));
}

void check_identity(struct doctor *d, struct finding *f)
{
    struct err e = {0};
    enum err_code rc = sts_get_caller_identity(d->o.aws, &d->identity, &e);

    if (rc == E_OK) {
        d->names.account = d->identity.account;
        (void)finding_add(f, DOCTOR_PASS, "%s", d->identity.arn);
    } else if (err_means(rc, ERR_PASSES) || rc == E_CANCELLED) {
        f->go_on = true; /* STS cannot be asked; the others may answer */
        (void)finding_add(f, DOCTOR_UNKNOWN, "%s", e.msg);
        finding_fix(f, "see A3.sts");
    } else {
        (void)finding_add(f, DOCTOR_FAIL, "%s", e.msg);
        finding_fix(f, "%s", err_hint(&e));
    }
}

/* Are the credentials of the account that the context names? */
static void check_account(const struct doctor *d, struct finding *f)
{
    const char *wanted = settings_get(d->o.settings, SET_ACCOUNT);
    const char *context = settings_context(d->o.settings);
    const char *from = settings_origin_text(d->o.settings, SET_ACCOUNT);

    if (wanted == NULL || strcmp(wanted, d->identity.account) == 0) {
        return;
    }
    if (d->identity.account[0] == '\0') {
        if (finding_add(f, DOCTOR_UNKNOWN,
                        "context %s is of account %s, but the account of the credentials is not "
                        "known: nothing is written",
                        context, wanted)) {
            finding_fix(f, "see B2");
        }
    } else if (finding_add(f, DOCTOR_FAIL,
                           "context %s is of account %s, but the credentials are of account %s: "
                           "nothing is written",
                           context, wanted, d->identity.account)) {
        finding_fix(f,
                    "choose a profile of account %s, or correct the account in %s; `mvpdash "
                    "config` shows where each value comes from",
                    wanted, from);
    }
}

void check_place(struct doctor *d, struct finding *f)
{
    const struct doctor_names *n = &d->names;

    check_account(d, f);

    if (doctor_missing(d, "C1") && doctor_missing(d, "D1") && doctor_missing(d, "F1") &&
        finding_add(f, DOCTOR_FAIL,
                    "neither table %s nor bus %s nor queue %s exists in region %s of account %s: "
                    "the wrong region or account",
                    n->table, n->bus, n->queue, n->region, n->account)) {
        finding_fix(f,
                    "mvpdash doctor --region REGION, or --profile NAME (the region in force: %s)",
                    settings_origin_text(d->o.settings, SET_REGION));
    }
    doctor_place("table", n->table, n, f);
    doctor_place("bus", n->bus, n, f);
    doctor_place("queue", n->queue, n, f);
    doctor_place("job definition", n->definition, n, f);
    doctor_place("dead letter queue", n->dlq, n, f);
    if (doctor_usable(d, "C1")) {
        doctor_place("table", json_str(d->table, "TableArn"), n, f);
    }
    (void)finding_add(f, DOCTOR_PASS, "%s, account %s", n->region,
                      n->account[0] == '\0' ? "unknown" : n->account);
}
