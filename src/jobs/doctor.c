/* What the doctor's rules share: findings, remedies, names in ARNs, and the check of the clock. */
#include "jobs/doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/strbuf.h"

enum {
    TEXT_MAX = 2000,
    FIX_MAX = 4000,
    CLOCK_WARN_MS = 60 * 1000,
    CLOCK_FAIL_MS = 300 * 1000 /* SigV4 refuses a request whose time differs by more than this */
};
static const int64_t YEAR_MS = INT64_C(365) * 24 * 3600 * 1000;

const char *doctor_state_word(enum doctor_state s)
{
    static const char *const words[] = {"PASS", "WARN", "FAIL", "UNKNOWN", "SKIP"};

    return words[s];
}

void finding_clear(struct finding *f)
{
    free(f->text);
    free(f->fix);
    *f = (struct finding){0};
}

const enum doctor_state doctor_worst_first[DOCTOR_STATES] = {
    DOCTOR_FAIL, DOCTOR_WARN, DOCTOR_UNKNOWN, DOCTOR_SKIP, DOCTOR_PASS};

const char *doctor_first_lead(enum doctor_state worst)
{
    return worst == DOCTOR_FAIL   ? "First: "
           : worst == DOCTOR_WARN ? "Nothing failed. First: "
                                  : "Nothing failed, but not everything could be told. First: ";
}

const char doctor_nothing_to_do[] = "Nothing to do: no check is FAIL, WARN or UNKNOWN.";

/* How much a state weighs against another state of the same check. */
static int weight(enum doctor_state s)
{
    int behind = DOCTOR_STATES; /* counts the state itself and the states that are better */

    for (size_t i = 0; doctor_worst_first[i] != s; i++) {
        behind--;
    }
    return behind;
}

bool doctor_worse(enum doctor_state a, enum doctor_state b)
{
    return weight(a) > weight(b);
}

/* `old` and `more` as one text; takes `old`, borrows `more`. */
static char *joined(char *old, const char *more, size_t max)
{
    char *text = old == NULL ? xasprintf("%.*s", (int)max, more)
                             : xasprintf("%.*s; %.*s", (int)max, old, (int)max, more);

    free(old);
    return text;
}

bool finding_add(struct finding *f, enum doctor_state state, const char *fmt, ...)
{
    char text[TEXT_MAX];
    va_list ap;

    if (f->text != NULL && weight(state) < weight(f->state)) {
        return false;
    }
    if (weight(state) > weight(f->state)) {
        free(f->text);
        free(f->fix);
        f->text = NULL;
        f->fix = NULL;
    }
    f->state = state;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    f->text = joined(f->text, text, TEXT_MAX);
    return true;
}

static void add_quoted(struct strbuf *b, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_./:@=+,-";

    if (word != NULL && word[0] != '\0' && word[strspn(word, plain)] == '\0') {
        strbuf_adds(b, word);
        return;
    }
    strbuf_addc(b, '\'');
    for (const char *p = word == NULL ? "" : word; *p != '\0'; p++) {
        if (*p == '\'') {
            strbuf_adds(b, "'\\''");
        } else {
            strbuf_addc(b, *p);
        }
    }
    strbuf_addc(b, '\'');
}

void finding_fix(struct finding *f, const char *fmt, ...)
{
    struct strbuf b = STRBUF_INIT;
    va_list ap;

    va_start(ap, fmt);
    for (const char *p = fmt; *p != '\0'; p++) {
        if (strncmp(p, "%-s", 3) == 0) {
            add_quoted(&b, va_arg(ap, const char *));
            p += 2;
        } else if (strncmp(p, "%s", 2) == 0) {
            strbuf_adds(&b, va_arg(ap, const char *));
            p++;
        } else {
            strbuf_addc(&b, *p);
            p += strncmp(p, "%%", 2) == 0 ? 1 : 0;
        }
    }
    va_end(ap);
    f->fix = joined(f->fix, strbuf_str(&b), FIX_MAX);
    strbuf_clear(&b);
}

/* ---- ARNs ---- */

const char *doctor_arn_part(const char *arn, int part, char *out, size_t size)
{
    out[0] = '\0';
    if (arn == NULL || strncmp(arn, "arn:", 4) != 0) {
        return out;
    }
    for (; part > 0 && *arn != '\0'; arn++) {
        part -= *arn == ':';
    }
    (void)snprintf(out, size, "%.*s", (int)strcspn(arn, ":"), arn);
    return out;
}

const char *doctor_arn_name(const char *arn)
{
    int colons = 0;

    if (arn == NULL || strncmp(arn, "arn:", 4) != 0) {
        return arn == NULL ? "" : arn;
    }
    for (; *arn != '\0' && colons < 5; arn++) {
        colons += *arn == ':';
    }
    const char *slash = strrchr(arn, '/');
    return slash == NULL ? arn : slash + 1;
}

void doctor_place(const char *what, const char *arn, const struct doctor_names *n,
                  struct finding *f)
{
    char region[64];
    char account[32];

    (void)doctor_arn_part(arn, 3, region, sizeof region);
    (void)doctor_arn_part(arn, 4, account, sizeof account);
    if (region[0] != '\0' && strcmp(region, n->region) != 0) {
        if (finding_add(f, DOCTOR_FAIL, "the %s %s is in region %s, but your region is %s", what,
                        arn, region, n->region)) {
            finding_fix(f, "`mvpdash doctor --region %-s`", region);
        }
    } else if (account[0] != '\0' && n->account[0] != '\0' && strcmp(account, n->account) != 0) {
        if (finding_add(f, DOCTOR_FAIL,
                        "the %s %s is in account %s, but your credentials are of account %s", what,
                        arn, account, n->account)) {
            finding_fix(f, "choose the profile of account %s: mvpdash doctor --profile NAME",
                        account);
        }
    }
}

void doctor_build(int64_t built_ms, int64_t now_ms, struct finding *f)
{
    char at[TIME_ISO_SIZE];

    if (built_ms > 0 && now_ms - built_ms > YEAR_MS &&
        finding_add(f, DOCTOR_WARN,
                    "this mvpdash was built on %.10s: the libraries inside are over "
                    "a year old",
                    time_iso(built_ms, at))) {
        finding_fix(f, "install a newer one; `mvpdash --version --verbose` names its libraries");
    }
}

void doctor_clock(int64_t skew_ms, struct finding *f)
{
    int64_t off = skew_ms < 0 ? -skew_ms : skew_ms;
    enum doctor_state state = off > CLOCK_FAIL_MS   ? DOCTOR_FAIL
                              : off > CLOCK_WARN_MS ? DOCTOR_WARN
                                                    : DOCTOR_PASS;

    if (state == DOCTOR_PASS) {
        (void)finding_add(f, state, "within %lld s of AWS's", (long long)((off + 999) / 1000));
    } else if (finding_add(f, state, "this machine's clock is %lld s %s%s", (long long)(off / 1000),
                           skew_ms > 0 ? "slow" : "fast",
                           state == DOCTOR_FAIL ? ": AWS refuses signatures over 5 minutes off"
                                                : "")) {
        finding_fix(f, "`sudo chronyc makestep`, or `sudo timedatectl set-ntp true`");
    }
}
