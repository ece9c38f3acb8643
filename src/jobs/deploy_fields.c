/* deploy_fields.c - the table of the fields of a deploy, and what all of them have in common. */
#include <limits.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/secret.h"
#include "core/strbuf.h"
#include "core/suggest.h"
#include "core/text.h"
#include "deploy_type.h"
#include "jobs/age.h"

const char deploy_example[] = "{\"userId\":\"u\",\"productId\":\"p\"}";

#define AT(member) offsetof(struct deploy_request, member)
#define TOP DEPLOY_TOP
#define META DEPLOY_METADATA
#define AN_ID "1 to 128 letters, digits and . _ - : @ | + ="
#define AN_ADDRESS "an address like user@example.com"
#define KEPT_SECRET "Kept secret: never shown, never logged."

/* One row for each field, in the order of the form; the fields that only programs give are the
 * last. Below each row stands what few fields have. The order on the wire is another one and may
 * not change: digests of requests (Idempotency-Key) are made from it. */
/* clang-format off */
const struct deploy_field deploy_fields[] = {
    /* name               label                 flag                  place wire type            where it lies             least most    what is accepted */
    {"userId",            "User id",            "user-id",            TOP,  2, &field_id,      AT(user_id),              1,  128,     AN_ID,
     .required = true, .id = true, .record = true, .told = true, .note = AN_ID},
    {"productId",         "Product id",         "product-id",         TOP,  3, &field_id,      AT(product_id),           1,  128,     AN_ID,
     .required = true, .id = true, .record = true, .told = true, .note = AN_ID},
    {"businessName",      "Business name",      "business-name",      META, 1, &field_text,    AT(business_name),        1,  200,     "1 to 200 characters",
     .record = true, .told = true},
    {"userEmail",         "Email",              "email",              META, 4, &field_email,   AT(email),                1,  254,     AN_ADDRESS,
     .told = true, .note = AN_ADDRESS},
    {"priority",          "Priority",           "priority",           TOP,  5, &field_choice,  AT(priority),             0,  0,       "high, normal or low; normal when left out",
     .choices = "high|normal|low", .standard = "normal", .record = true, .told = true, .note = "In any letter case; normal when left out."},
    {"features",          "Features",           "features",           META, 3, &field_list,    AT(features),             0,  50,      "up to 50, separated by commas",
     .told = true},
    {"estimatedDuration", "Estimated duration", "estimated-duration", META, 2, &field_seconds, AT(estimated_duration_s), 60, 1209600, DURATION_FORMS "; 1 minute to 14 days",
     .told = true, .note = "Seconds."},
    {"founderdashDbUrl",  "Database URL",       NULL,                 TOP,  4, &field_secret,  AT(database_url),         1,  2048,    "a URL like postgresql://user:password@host:5432/name; kept secret",
     .secret = true, .note = KEPT_SECRET},
    {"metadata",          "Further metadata",   "metadata",           TOP,  7, &field_object,  AT(metadata),             0,  0,       "a JSON object like {\"key\":\"value\"}",
     .told = true},
    {"jobId",             "Job id",             "job-id",             TOP,  1, &field_job_id,  AT(job_id),               1,  128,     "1 to 128 letters, digits and . _ -; made for you when left out",
     .made = true, .id = true, .record = true, .told = true},
    {"timestamp",         NULL,                 NULL,                 TOP,  6, &field_time,    AT(timestamp_ms),         0,  0,       "ISO 8601 like 2025-08-20T10:30:00.000Z",
     .made = true},
    {"retryOf",           NULL,                 NULL,                 META, 5, &field_old_id,  AT(retry_of),             1,  2048,    "a job id",
     .told = true, .note = "The job that this one repeats."},
};
/* clang-format on */
enum { OF_PROGRAMS = 2, ROWS = sizeof deploy_fields / sizeof *deploy_fields };
const size_t deploy_fields_len = ROWS - OF_PROGRAMS;
const size_t deploy_rows_len = ROWS;

static bool same_name(const char *a, const char *b)
{
    for (;;) {
        while (*a == '-' || *a == '_') {
            a++;
        }
        while (*b == '-' || *b == '_') {
            b++;
        }
        char x = *a >= 'A' && *a <= 'Z' ? (char)(*a - 'A' + 'a') : *a;
        char y = *b >= 'A' && *b <= 'Z' ? (char)(*b - 'A' + 'a') : *b;
        if (x != y) {
            return false;
        }
        if (x == '\0') {
            return true;
        }
        a++;
        b++;
    }
}

const struct deploy_field *deploy_field_find(const char *name)
{
    for (size_t i = 0; name != NULL && i < deploy_fields_len; i++) {
        const struct deploy_field *f = &deploy_fields[i];
        if (same_name(f->name, name) || (f->flag != NULL && same_name(f->flag, name))) {
            return f;
        }
    }
    return NULL;
}

/* Copies a name without blanks and separators. */
static void put_plain(char *to, size_t size, const char *name)
{
    size_t n = 0;

    for (; *name != '\0' && n + 1 < size; name++) {
        if (strchr(" \t-_.", *name) == NULL) {
            to[n++] = *name;
        }
    }
    to[n] = '\0';
}

/* How many letters two names are apart, blanks and separators left out. */
static int apart(const char *plain, const char *name)
{
    char other[64];

    put_plain(other, sizeof other, name);
    struct suggest s = suggest_for(plain);
    suggest_offer(&s, other);
    size_t a = strlen(plain), b = strlen(other), shorter = a < b ? a : b;
    int most = shorter <= 6 ? 1 : 2; /* two of five letters make "email" of "detail" */
    return s.distance <= most ? s.distance : INT_MAX;
}

const struct deploy_field *deploy_field_near(const char *name)
{
    const struct deploy_field *best = NULL;
    int least = INT_MAX;
    char plain[64];

    put_plain(plain, sizeof plain, name);
    if (deploy_field_find(name) != NULL || plain[0] == '\0' || strlen(name) >= sizeof plain) {
        return NULL;
    }
    for (size_t i = 0; i < deploy_fields_len; i++) {
        const struct deploy_field *f = &deploy_fields[i];
        int d = apart(plain, f->name), by_flag = f->flag == NULL ? INT_MAX : apart(plain, f->flag);
        d = by_flag < d ? by_flag : d;
        if (d < least) {
            least = d;
            best = f;
        }
    }
    return best;
}

const struct deploy_field *deploy_field_named(const char *name)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (strcmp(deploy_fields[i].name, name) == 0) {
            return &deploy_fields[i];
        }
    }
    return NULL;
}

const struct deploy_field *deploy_field_on_wire(enum deploy_place place, int nth)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (deploy_fields[i].place == place && deploy_fields[i].wire == nth) {
            return &deploy_fields[i];
        }
    }
    return NULL;
}

const char *deploy_choice_at(const char *choices, size_t i, size_t *len)
{
    const char *at = choices;

    while (i > 0 && *at != '\0') {
        at += strcspn(at, "|");
        at += *at == '|';
        i--;
    }
    *len = strcspn(at, "|");
    return *at == '\0' ? NULL : at;
}

int deploy_choice_of(const struct deploy_field *f, const char *word)
{
    const char *s = word == NULL ? f->standard : word;
    const char *at;
    size_t len;

    for (size_t i = 0; s != NULL && (at = deploy_choice_at(f->choices, i, &len)) != NULL; i++) {
        if (strlen(s) == len && strncasecmp(at, s, len) == 0) {
            return (int)i;
        }
    }
    return -1;
}

/* Appends "a, b and c": the members of a deploy that a program may give, or those that it must
 * give. */
static void add_names(struct strbuf *b, bool required)
{
    const struct deploy_field *last = NULL;

    for (size_t i = 0; i <= deploy_fields_len; i++) {
        const struct deploy_field *f = i < deploy_fields_len ? &deploy_fields[i] : NULL;
        bool wanted = f != NULL && f->place == DEPLOY_TOP && !f->made && (f->required || !required);
        if (f != NULL && !wanted) {
            continue;
        }
        if (last != NULL) {
            strbuf_addf(b, "%s%s", b->len == 0 ? "" : f == NULL ? " and " : ", ", last->name);
        }
        last = f;
    }
}

char *deploy_required_names(void)
{
    struct strbuf b = STRBUF_INIT;

    add_names(&b, true);
    return strbuf_take(&b);
}

char *deploy_not_a_field(void)
{
    struct strbuf names = STRBUF_INIT;

    add_names(&names, false);
    char *text = xasprintf("is not a field of a deploy: give %s, and put other keys into metadata",
                           strbuf_str(&names));
    strbuf_clear(&names);
    return text;
}

enum err_code deploy_request_set(struct deploy_request *r, const char *field, const char *text,
                                 struct err *e)
{
    const struct deploy_field *f = deploy_field_find(field);
    struct strbuf names = STRBUF_INIT;

    if (f != NULL) {
        /* Blanks around a value come from pasting and are never meant. */
        const char *s = text == NULL ? "" : text;
        size_t n = text_trim(&s, strlen(s));
        char *trimmed = xstrndup(s, n);
        enum err_code rc = f->type->set(f, r, trimmed, e);
        secret_free(trimmed);
        return rc;
    }
    for (size_t i = 0; i < deploy_fields_len; i++) {
        strbuf_addf(&names, "%s%s", i == 0 ? "" : ", ", deploy_fields[i].name);
    }
    enum err_code rc = err_set(e, E_INVALID, "%s is not a field: give one of %s",
                               rule_shown(field == NULL ? "" : field).text, strbuf_str(&names));
    strbuf_clear(&names);
    return rc;
}

static void show(const struct deploy_request *r, const struct deploy_field *f, struct strbuf *out)
{
    f->type->show(field_in(f, r), out);
}

char *deploy_request_get(const struct deploy_request *r, const char *field)
{
    const struct deploy_field *f = deploy_field_find(field);
    struct strbuf b = STRBUF_INIT;

    if (f != NULL) {
        show(r, f, &b);
    }
    return strbuf_take(&b);
}

cJSON *deploy_field_json(const struct deploy_field *f, const struct deploy_request *r, bool mask)
{
    const void *at = field_in(f, r);
    bool other = f->standard != NULL && !f->type->given(at);

    return other ? json_new_str(f->standard) : f->type->json(at, mask);
}

enum err_code deploy_check_given(const struct deploy_request *r, const struct deploy_field *f,
                                 struct err *e)
{
    struct strbuf shown = STRBUF_INIT;

    if (f->required) {
        show(r, f, &shown);
    }
    bool missing = f->required && shown.len == 0;
    strbuf_wipe(&shown);
    return missing ? err_set(e, E_INVALID, "%s is missing: give %s", f->name, f->help) : E_OK;
}

static enum err_code check_field(const struct deploy_request *r, const struct deploy_field *f,
                                 struct err *e)
{
    enum err_code rc = deploy_check_given(r, f, e);

    return rc == E_OK && f->type->given(field_in(f, r)) ? f->type->check(f, field_in(f, r), e) : rc;
}

static enum err_code too_large(const struct deploy_request *r, size_t bytes, struct err *e)
{
    size_t largest = 0;
    const char *name = deploy_carry_largest(r, &largest);

    if (name == NULL) {
        return err_set(e, E_INVALID,
                       "metadata makes the event %zu bytes long: at most %d are allowed", bytes,
                       RULE_DETAIL_MAX - RULE_ENTRY_OVERHEAD);
    }
    return err_set(e, E_INVALID,
                   "metadata: with the attributes of the record, of which %s has %zu bytes, the "
                   "event has %zu: EventBridge takes at most %d",
                   rule_shown(name).text, largest, bytes, RULE_DETAIL_MAX - RULE_ENTRY_OVERHEAD);
}

enum err_code deploy_request_check(const struct deploy_request *r, const char **field,
                                   struct err *e)
{
    for (size_t i = 0; i < deploy_fields_len; i++) {
        enum err_code rc = check_field(r, &deploy_fields[i], e);
        if (rc != E_OK) {
            if (field != NULL) {
                *field = deploy_fields[i].name;
            }
            return rc;
        }
    }
    cJSON *detail = deploy_detail_json(r, false);
    char *text = json_text(detail);
    size_t bytes = strlen(text);
    secret_free(text);
    cJSON_Delete(detail);
    if (bytes > RULE_DETAIL_MAX - RULE_ENTRY_OVERHEAD) {
        if (field != NULL) {
            *field = "metadata";
        }
        return too_large(r, bytes, e);
    }
    return E_OK;
}
