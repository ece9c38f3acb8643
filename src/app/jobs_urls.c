/* The addresses of a job: what it made, and its pages in the AWS console; opening and copying
 * them. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/secret.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "core/url.h"
#include "jobs_priv.h"

/* Is the account's own console the place to look? */
static bool has_console(const struct jobs *j)
{
    return settings_get(j->desk->settings, SET_ENDPOINT_URL) == NULL;
}

/* The address without secrets and without what a terminal would obey. Owned. */
static char *told(const char *url)
{
    char *masked = secret_masked(url);
    char *clean = text_cleaned(masked, TEXT_ONE_LINE);

    free(masked);
    return clean;
}

static char *batch_page(const struct jobs *j, const struct entry *e)
{
    const char *id = e->batch != NULL ? e->batch->id : job_text(e->job, JOB_BATCH_ID);
    const char *region = settings_get(j->desk->settings, SET_REGION);

    if (id == NULL || !has_console(j)) {
        return NULL;
    }
    char *clean = text_cleaned(id, TEXT_ONE_LINE);
    char *url = xasprintf("https://%s.console.aws.amazon.com/batch/home?region=%s#jobs/detail/%s",
                          region, region, clean);
    free(clean);
    return url;
}

/* In the fragment of the log's page the names are percent-encoded twice, with '$' for '%'. */
static void add_fragment(struct strbuf *b, const char *name)
{
    for (const unsigned char *p = (const unsigned char *)name; *p != '\0'; p++) {
        bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
                     (*p >= '0' && *p <= '9') || strchr("-_.", *p) != NULL;
        if (plain) {
            strbuf_addc(b, (char)*p);
        } else {
            strbuf_addf(b, "$25%02X", *p);
        }
    }
}

static char *log_page(const struct jobs *j, const struct entry *e)
{
    const char *stream = e->batch == NULL ? NULL : e->batch->log_stream;
    const char *region = settings_get(j->desk->settings, SET_REGION);
    struct strbuf b = STRBUF_INIT;

    if (stream == NULL || !has_console(j)) {
        return NULL;
    }
    strbuf_addf(&b,
                "https://%s.console.aws.amazon.com/cloudwatch/home?region=%s"
                "#logsV2:log-groups/log-group/",
                region, region);
    add_fragment(&b, e->batch->log_group != NULL
                         ? e->batch->log_group
                         : settings_get(j->desk->settings, SET_BATCH_LOG_GROUP));
    strbuf_adds(&b, "/log-events/");
    add_fragment(&b, stream);
    return strbuf_take(&b);
}

size_t jobs_urls(const struct jobs *j, struct jobs_url out[JOBS_URLS_MAX])
{
    static const struct {
        const char *what;
        char key;
        enum jobs_url_kind kind;
        enum job_url_id id;
    } made[] = {
        {"Production", 'p', URL_MADE, JOB_URL_PRODUCTION},
        {"Staging",    's', URL_MADE, JOB_URL_STAGING   },
        {"Repository", 'e', URL_MADE, JOB_URL_REPOSITORY},
    };
    const struct entry *e =
        jobs_subject(j) == NULL ? NULL : store_find(j->desk->store, jobs_subject(j));
    char room[JOB_ROOM];
    size_t n = 0;

    if (e == NULL) {
        return 0;
    }
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        const char *url = job_url(e->job, made[i].id, room);
        if (url != NULL) {
            char *shown = told(url);
            /* an address that holds a secret is given to nobody */
            bool opens = url_openable(url) && strcmp(shown, url) == 0;
            out[n++] = (struct jobs_url){made[i].what, made[i].key, made[i].kind, shown, opens};
        }
    }
    char *pages[] = {batch_page(j, e), log_page(j, e)};
    static const struct jobs_url page[] = {
        {"Job in the AWS console", 'u', URL_CONSOLE, NULL, true},
        {"Log in the AWS console", 'l', URL_LOG,     NULL, true},
    };
    for (size_t i = 0; i < 2; i++) {
        if (pages[i] != NULL) {
            out[n] = page[i];
            out[n++].url = pages[i];
        }
    }
    return n;
}

void jobs_urls_free(struct jobs_url *urls, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        free(urls[i].url);
    }
}

void jobs_copy_console(struct jobs *j, struct effects *out)
{
    struct jobs_url urls[JOBS_URLS_MAX];
    size_t n = jobs_urls(j, urls);
    bool copied = false;

    for (size_t i = 0; i < n; i++) {
        if (urls[i].kind == URL_CONSOLE) {
            effects_copy(out, urls[i].what, xstrdup(urls[i].url));
            copied = true;
        }
    }
    if (!copied) {
        desk_note(j->desk, NOTE_WARN,
                  "No console page: the job has no Batch job yet, or the endpoint is not AWS.");
    }
    jobs_urls_free(urls, n);
}

void jobs_open_url(struct jobs *j, struct effects *out)
{
    struct jobs_url urls[JOBS_URLS_MAX];
    size_t n = jobs_urls(j, urls);
    const struct jobs_url *best = NULL;

    if (jobs_subject(j) == NULL) {
        desk_note(j->desk, NOTE_INFO, "No job is selected.");
        return;
    }
    for (size_t i = 0; i < n; i++) { /* the first that can be opened, else the first */
        if (urls[i].kind == URL_MADE && (best == NULL || (urls[i].opens && !best->opens))) {
            best = &urls[i];
        }
    }
    if (best == NULL) {
        desk_note(j->desk, NOTE_INFO,
                  "The job has no address yet: it has no repository, staging or production URL.");
    } else {
        char *what = xasprintf("%s address", best->what);
        effects_copy(out, what, xstrdup(best->url));
        free(what);
        if (best->opens) { /* the same for a browser, which says what it copies without one */
            out->items[out->len - 1].kind = EFF_OPEN;
        }
    }
    jobs_urls_free(urls, n);
}
