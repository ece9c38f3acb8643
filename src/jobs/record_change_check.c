/* record_change_check.c - whether a report is valid, and why the table refused one. */
#include <string.h>

#include "core/text.h"
#include "deploy_rules.h"
#include "jobs/job.h"
#include "jobs/record_change.h"

enum {
    STEP_MAX = 100,
    ERROR_MAX = 4096,
    REASON_MAX = 1024,
    BATCH_ID_MAX = 128,
    URLS_MAX = 8,
    TOKEN_MAX = 200
};

static enum err_code check_status(const char *word, struct err *e)
{
    static const char choices[] = "PENDING|QUEUED|IN_PROGRESS|COMPLETED|FAILED|CANCELLED";
    return word == NULL ? E_OK : rule_choice("status", choices, word, NULL, e);
}

static enum err_code check_url(const char *kind, const char *url, struct err *e)
{
    static const char *const schemes[] = {"https://", "http://", "file://", "ssh://", "git://"};
    size_t len = url == NULL ? 0 : strnlen(url, RULE_URL_MAX + 1);

    if (kind == NULL || (strcmp(kind, "repository") != 0 && strcmp(kind, "codeRepository") != 0 &&
                         strcmp(kind, "staging") != 0 && strcmp(kind, "production") != 0)) {
        return err_set(e, E_INVALID,
                       "url: %s is not a kind of URL: give repository, staging or production",
                       rule_shown(kind == NULL ? "" : kind).text);
    }
    if (len > RULE_URL_MAX) {
        return err_set(e, E_INVALID, "url: %s is longer than %d bytes", kind, RULE_URL_MAX);
    }
    bool known = false;
    for (size_t i = 0; url != NULL && i < sizeof schemes / sizeof *schemes; i++) {
        size_t n = strlen(schemes[i]);
        known = known || (strncmp(url, schemes[i], n) == 0 && url[n] != '\0');
    }
    for (size_t i = 0; i < len; i++) {
        known = known && (unsigned char)url[i] > ' ' && (unsigned char)url[i] != 0x7f;
    }
    if (!known) {
        return err_set(e, E_INVALID,
                       "url: %s is not a URL for %s: give one that begins with https://, http:// "
                       "or file://",
                       rule_shown(url == NULL ? "" : url).text, kind);
    }
    return rule_text("url", url, 1, RULE_URL_MAX, e);
}

/* "codeRepository" is another word for "repository". */
static bool same_kind(const char *a, const char *b)
{
    const char *x = strcmp(a, "codeRepository") == 0 ? "repository" : a;
    const char *y = strcmp(b, "codeRepository") == 0 ? "repository" : b;
    return strcmp(x, y) == 0;
}

static enum err_code check_urls(const struct record_change *u, struct err *e)
{
    if (u->urls_len < 0 || u->urls_len > URLS_MAX) {
        return err_set(e, E_INVALID, "url is given %d times: give each kind once", u->urls_len);
    }
    for (int i = 0; i < u->urls_len; i++) {
        enum err_code rc = check_url(u->url_kind[i], u->url[i], e);
        if (rc != E_OK) {
            return rc;
        }
        for (int k = 0; k < i; k++) {
            if (same_kind(u->url_kind[i], u->url_kind[k])) {
                return err_set(e, E_INVALID, "url: %s is given twice: give each kind once",
                               u->url_kind[i]);
            }
        }
    }
    return E_OK;
}

/* Errors and reasons are texts that programs print: any UTF-8 text, with line ends and tabs. The
 * program makes them safe where it shows them. */
static enum err_code check_message(const char *field, const char *s, size_t most, struct err *e)
{
    size_t len = s == NULL ? 1 : strlen(s);

    if (s == NULL) {
        return E_OK;
    }
    if (len == 0 || len > most) {
        return err_set(e, E_INVALID, "%s has %zu bytes: give 1 to %zu", field, len, most);
    }
    return text_utf8_valid(s, len)
               ? E_OK
               : err_set(e, E_INVALID, "%s is not UTF-8 text: give UTF-8", field);
}

/* Is this 1 to `most` letters, digits and the characters - _ : # . ? */
static bool is_id(const char *s, size_t most)
{
    static const char accepted[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                   "-_:#.";
    size_t n = strlen(s);

    return n >= 1 && n <= most && strspn(s, accepted) == n;
}

static enum err_code check_batch_id(const char *s, struct err *e)
{
    if (s == NULL || is_id(s, BATCH_ID_MAX)) {
        return E_OK;
    }
    return err_set(e, E_INVALID,
                   "batchJobId: %s is not a Batch job id: give 1 to %d letters, digits and - _ : #",
                   rule_shown(s).text, BATCH_ID_MAX);
}

enum err_code record_change_check(const struct record_change *u, struct err *e)
{
    enum err_code rc = check_status(u->status, e);

    if (rc == E_OK && u->step != NULL) {
        rc = rule_text("step", u->step, 1, STEP_MAX, e);
    }
    if (rc == E_OK && (u->progress < -1 || u->progress > 100)) {
        rc = err_set(e, E_INVALID, "progress: %d is not between 0 and 100", u->progress);
    }
    if (rc == E_OK) {
        rc = check_urls(u, e);
    }
    if (rc == E_OK) {
        rc = check_message("error", u->error, ERROR_MAX, e);
    }
    if (rc == E_OK) {
        rc = check_message("reason", u->reason, REASON_MAX, e);
    }
    if (rc == E_OK) {
        rc = check_batch_id(u->batch_job_id, e);
    }
    if (rc == E_OK && u->token != NULL && !is_id(u->token, TOKEN_MAX)) {
        rc = err_set(e, E_INVALID, "token: give 1 to %d letters, digits and - _ : # .", TOKEN_MAX);
    }
    if (rc == E_OK && u->status == NULL && u->step == NULL && u->progress < 0 && u->urls_len == 0 &&
        u->error == NULL && u->reason == NULL && u->batch_job_id == NULL) {
        rc = err_set(e, E_INVALID,
                     "nothing to report: give a status, step, progress, url, error or reason");
    }
    return rc;
}

static bool says(const char *have, const char *want)
{
    return want == NULL || (have != NULL && strcmp(have, want) == 0);
}

/* Does the record say already what the report wanted of status, step and Batch job? */
static bool already(const struct record_change *u, const struct job *j)
{
    return (u->status == NULL || job_status_parse(u->status) == j->status) &&
           (u->status != NULL || (says(job_text(j, JOB_STEP), u->step) &&
                                  (u->progress < 0 || u->progress == j->progress))) &&
           says(job_text(j, JOB_BATCH_ID), u->batch_job_id);
}

static enum err_code explain(const struct record_change *u, const struct job *j, struct err *e)
{
    struct shown id = rule_shown(j->id);
    enum job_status now = (enum job_status)j->status;
    enum job_status want = job_status_parse(u->status);
    bool moves = u->status != NULL || u->step != NULL || u->progress >= 0;

    if (moves && already(u, j)) {
        return E_OK;
    }
    if (moves && job_status_final(now)) {
        return err_set(e, E_CONFLICT, "job %s has already ended (%s), which is final", id.text,
                       job_status_word(now));
    }
    if (now == JOB_IN_PROGRESS && !says(job_text(j, JOB_BATCH_ID), u->batch_job_id) &&
        job_text(j, JOB_BATCH_ID) != NULL) {
        return err_set(e, E_CONFLICT, "job %s is already IN_PROGRESS under another Batch job, %s",
                       id.text, rule_shown(job_text(j, JOB_BATCH_ID)).text);
    }
    if ((want == JOB_PENDING || want == JOB_QUEUED) && now > want && now <= JOB_IN_PROGRESS) {
        return err_set(e, E_CONFLICT, "job %s is already %s: it does not go back to %s", id.text,
                       job_status_word(now), job_status_word(want));
    }
    return err_set(e, E_CONFLICT, "another program changed job %s meanwhile: run the command again",
                   id.text);
}

enum err_code record_change_explain(const struct record_change *u, const cJSON *item, struct err *e)
{
    struct job *j = job_from_item(item);

    if (j == NULL) {
        return err_set(e, E_NOT_FOUND, "there is no such job in the table");
    }
    if (u->token != NULL && record_change_taken(item, u->token)) {
        job_free(j);
        return E_OK;
    }
    enum err_code rc = explain(u, j, e);
    job_free(j);
    return rc;
}
