/* What is worth telling about a watched job, as a sentence, as JSON and as variables of a hook. */
#include "jobs/alert.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "jobs/job_json.h"

const char *alert_word(enum alert_kind k)
{
    static const char *const words[ALERT_KINDS] = {
        [ALERT_NONE] = "",       [ALERT_FINISHED] = "finished", [ALERT_CANCELLED] = "cancelled",
        [ALERT_STUCK] = "stuck", [ALERT_FAILED] = "failed",
    };

    return k < ALERT_KINDS ? words[k] : "";
}

enum alert_kind alert_step(struct alert_seen *seen, const struct job_state *now)
{
    struct alert_seen was = *seen;
    unsigned stuck = now->stuck == STUCK_NO ? 0U : 1U << now->stuck;

    seen->known = true;
    seen->status = now->status;
    seen->stuck_told = (uint8_t)(was.stuck_told | stuck);
    if (!was.known) {
        return ALERT_NONE;
    }
    if (now->status != was.status && job_status_final((enum job_status)now->status)) {
        return now->status == JOB_COMPLETED   ? ALERT_FINISHED
               : now->status == JOB_CANCELLED ? ALERT_CANCELLED
                                              : ALERT_FAILED;
    }
    return (was.stuck_told & stuck) != stuck ? ALERT_STUCK : ALERT_NONE;
}

const char *alert_line(enum alert_kind k, const struct job *j, const struct batch_job *b,
                       const struct job_state *s, char out[ALERT_LINE_SIZE])
{
    struct strbuf raw = STRBUF_INIT;
    char why[STATE_REASON_SIZE];
    bool named =
        job_text(j, JOB_BUSINESS_NAME) != NULL && job_text(j, JOB_BUSINESS_NAME)[0] != '\0';

    strbuf_addf(&raw, "%.60s ", named ? job_text(j, JOB_BUSINESS_NAME) : j->id);
    if (k == ALERT_STUCK) {
        strbuf_addf(&raw, "is stuck (%s)", job_stuck_word(s->stuck));
    } else {
        strbuf_adds(&raw, job_state_word(j, s));
    }
    if (k != ALERT_FINISHED && job_state_reason(j, b, s, why, sizeof why)[0] != '\0') {
        strbuf_addf(&raw, ": %.120s", why);
    }
    if (named) {
        strbuf_addf(&raw, " (%.40s)", j->id);
    }
    char *clean = text_cleaned(strbuf_str(&raw), TEXT_ONE_LINE);
    size_t n = strlen(clean);
    n = n < ALERT_LINE_SIZE ? n : ALERT_LINE_SIZE - 1;
    while (n > 0 && ((unsigned char)clean[n] & 0xc0) == 0x80) {
        n--;
    }
    memcpy(out, clean, n);
    out[n] = '\0';
    free(clean);
    strbuf_clear(&raw);
    return out;
}

cJSON *alert_json(enum alert_kind k, const struct job *j, const struct batch_job *b,
                  const struct job_state *s, const char *context)
{
    cJSON *doc = job_json(j, b, s, NULL, context); /* told when it ends, or is stuck */

    json_set_str(doc, "alert", alert_word(k));
    return doc;
}

static char *fact(const char *name, const char *value)
{
    enum { VALUE_MAX = 2000 };
    struct strbuf clean = STRBUF_INIT;

    if (value != NULL) {
        text_clean(&clean, value, strnlen(value, VALUE_MAX), TEXT_ONE_LINE);
    }
    char *both = xasprintf("MVPDASH_%s=%s", name, strbuf_str(&clean));
    strbuf_clear(&clean);
    return both;
}

char **alert_facts(enum alert_kind k, const struct job *j, const struct batch_job *b,
                   const struct job_state *s, const char *context, size_t *len)
{
    char why[STATE_REASON_SIZE];
    char line[ALERT_LINE_SIZE];
    char code[16] = "";
    char room[JOB_URLS][JOB_ROOM];

    (void)job_state_reason(j, b, s, why, sizeof why);
    if (s->exit_code != EXIT_CODE_NONE) {
        (void)snprintf(code, sizeof code, "%d", s->exit_code);
    }
    const char *said = alert_line(k, j, b, s, line), *state = job_state_word(j, s);
    const char *step = job_text(j, JOB_STEP), *name = job_text(j, JOB_BUSINESS_NAME);
    const char *user = job_text(j, JOB_USER_ID), *product = job_text(j, JOB_PRODUCT_ID);
    const char *url[JOB_URLS];
    for (unsigned i = 0; i < JOB_URLS; i++) {
        url[i] = job_url(j, (enum job_url_id)i, room[i]);
    }
    const struct {
        const char *name, *value;
    } facts[] = {
        {"ALERT",          alert_word(k)           },
        {"MESSAGE",        said                    },
        {"JOB_ID",         j->id                   },
        {"CONTEXT",        context                 },
        {"STATUS",         state                   },
        {"REASON",         why                     },
        {"STUCK",          job_stuck_word(s->stuck)},
        {"EXIT_CODE",      code                    },
        {"STEP",           step                    },
        {"BUSINESS_NAME",  name                    },
        {"USER_ID",        user                    },
        {"PRODUCT_ID",     product                 },
        {"URL_PRODUCTION", url[JOB_URL_PRODUCTION] },
        {"URL_STAGING",    url[JOB_URL_STAGING]    },
        {"URL_REPOSITORY", url[JOB_URL_REPOSITORY] },
    };
    char **out = xcalloc(sizeof facts / sizeof *facts, sizeof *out);

    *len = sizeof facts / sizeof *facts;
    for (size_t i = 0; i < *len; i++) {
        out[i] = fact(facts[i].name, facts[i].value);
    }
    return out;
}
