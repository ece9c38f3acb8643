/* The text of an entry of the outbox. It holds the database URL. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/secret.h"
#include "outbox_priv.h"

enum { VERSION = 2, VERSION_CARRIED = 3 };

/* The bytes that outbox_mark_sent overwrites: they have the same length for every stage, time and
 * boot. */
#define HEAD_FORMAT                                                                                \
    "{\"stage\":\"%s\",\"sentAt\":\"%013lld\",\"sentMono\":\"%015lld\",\"boot\":\"%-36.36s\""
static const char *const stage_words[] = {"kept", "sent", "dead"};

static long long positive(int64_t ms)
{
    return ms == TIME_NONE || ms < 0 ? 0 : (long long)ms;
}

void outbox_head_text(const struct outbox_entry *x, char out[OUTBOX_HEAD_SIZE])
{
    (void)snprintf(out, OUTBOX_HEAD_SIZE, HEAD_FORMAT, stage_words[x->stage], positive(x->sent_ms),
                   positive(x->sent_mono_ms), x->boot);
}

cJSON *outbox_request_json(const struct outbox_entry *x)
{
    cJSON *doc = json_new_object();

    json_set_int(doc, "v", VERSION);
    json_set_int(doc, "keptAt", x->kept_ms);
    json_set_str(doc, "requestId", x->request_id);
    json_set(doc, "detail", deploy_request_json(&x->request));
    /* an older mvpdash would send the request without what is carried */
    if (x->request.carried != NULL) {
        json_set_int(doc, "v", VERSION_CARRIED);
        json_set(doc, "carried", json_copy(x->request.carried));
    }
    if (x->request.bulk_line != NULL) {
        json_set(doc, DEPLOY_BULK_LINE, json_copy(x->request.bulk_line));
    }
    return doc;
}

enum err_code outbox_text(const struct ops *o, const struct outbox_entry *x, struct strbuf *out,
                          struct err *e)
{
    char head[OUTBOX_HEAD_SIZE];
    cJSON *rest = outbox_request_json(x);
    enum err_code rc = place_sign(o, rest, e);

    if (rc != E_OK) {
        cJSON_Delete(rest);
        return rc;
    }
    outbox_head_text(x, head);
    json_set_str(rest, "why", x->why);
    char *text = json_text(rest);
    strbuf_adds(out, head);
    strbuf_addc(out, ',');
    strbuf_adds(out, text + 1); /* the text without its opening brace */
    strbuf_addc(out, '\n');
    secret_free(text);
    cJSON_Delete(rest);
    return E_OK;
}

const char *outbox_stage_word(enum outbox_stage stage)
{
    return stage_words[stage];
}

bool outbox_stage_parse(const char *word, enum outbox_stage *stage)
{
    for (size_t i = 0; i < sizeof stage_words / sizeof *stage_words; i++) {
        if (word != NULL && strcmp(word, stage_words[i]) == 0) {
            *stage = (enum outbox_stage)i;
            return true;
        }
    }
    return false;
}

enum err_code outbox_parse(const cJSON *doc, struct outbox_entry *x, struct err *e)
{
    const char *request_id = json_str(doc, "requestId");
    const cJSON *detail = json_object(doc, "detail");
    long long sent = strtoll(json_str_or(doc, "sentAt", "0"), NULL, 10);
    int64_t version = json_int(doc, "v", 0);

    if (version < 1 || version > VERSION_CARRIED || request_id == NULL || detail == NULL ||
        !outbox_stage_parse(json_str(doc, "stage"), &x->stage)) {
        return err_set(e, E_PARSE, "%s is not an outbox entry", x->path);
    }
    x->kept_ms = json_int(doc, "keptAt", 0);
    x->sent_ms = sent > 0 ? (int64_t)sent : TIME_NONE;
    x->sent_mono_ms = (int64_t)strtoll(json_str_or(doc, "sentMono", "0"), NULL, 10);
    (void)snprintf(x->boot, sizeof x->boot, "%.36s", json_str_or(doc, "boot", ""));
    x->boot[strcspn(x->boot, " ")] = '\0';
    (void)snprintf(x->request_id, sizeof x->request_id, "%s", request_id);
    (void)snprintf(x->why, sizeof x->why, "%s", json_str_or(doc, "why", ""));
    enum err_code rc = deploy_request_from_json(&x->request, detail, e);
    if (rc == E_OK && strcmp(x->request.job_id, x->job_id) != 0) {
        rc = err_set(e, E_PARSE, "%s names job %s", x->path, x->request.job_id);
    }
    if (rc == E_OK && json_object(doc, "carried") != NULL) {
        x->request.carried = json_copy(json_object(doc, "carried"));
    }
    if (rc == E_OK && json_object(doc, DEPLOY_BULK_LINE) != NULL) {
        x->request.bulk_line = json_copy(json_object(doc, DEPLOY_BULK_LINE));
    }
    return rc == E_INVALID ? err_set(e, E_PARSE, "%s is not a valid request", x->path) : rc;
}
