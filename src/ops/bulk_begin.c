/* bulk_begin.c - the beginning of a run: finding out what earlier runs did, and fixing the job id
 * of every line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bulk_past.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/text.h"

static enum err_code refuse_live(const struct bulk_earlier *past, struct err *e)
{
    (void)err_set(e, E_CONFLICT, "another mvpdash is sending %zu of these lines now%s%.*s",
                  past->live, past->file[0] == '\0' ? "" : " from ", text_cut(past->file, 120),
                  past->file);
    return err_hint_set(e, "wait for its end; this one sent nothing");
}

static enum err_code refuse_second(const struct bulk *b, const struct bulk_earlier *past,
                                   struct err *e)
{
    (void)err_set(
        e, E_CONFLICT,
        "earlier runs sent %zu of the %zu deploys and began %zu more; this run sent nothing",
        past->sent, b->len, past->begun);
    return err_hint_set(e, "--resume sends the rest only, --again makes all of them new jobs");
}

static void forget(struct bulk_past *p)
{
    for (size_t i = 0; i < p->b->len; i++) {
        free(p->lines[i].job_id);
        free(p->lines[i].event_id);
        p->lines[i] = (struct past_line){0};
    }
}

/* Finds out what earlier runs did, as far as the mode wants to know it; refuses the run where it
 * must. */
static enum err_code look_at_past(const struct ops *o, const struct bulk *b, struct bulk_past *p,
                                  struct bulk_earlier *past, struct err *e)
{
    enum err_code rc = bulk_past_read(o, b, p, e);
    bool known = p->sum.sent + p->sum.begun > 0;

    *past = p->sum;
    if (rc != E_OK) {
        return rc;
    }
    if (p->sum.live > 0) {
        return refuse_live(&p->sum, e);
    }
    if (b->mode == BULK_RESUME && b->resume != NULL) {
        b->resume(b->arg);
    }
    if (b->mode == BULK_RESUME || (b->mode == BULK_FIRST && !known)) {
        rc = bulk_past_ask(o, p, b->mode == BULK_FIRST, e);
        known = p->sum.sent + p->sum.begun > 0;
        *past = p->sum;
    }
    if (rc == E_OK && b->mode == BULK_FIRST && known) {
        rc = refuse_second(b, &p->sum, e);
    }
    if (b->mode == BULK_ANEW) {
        forget(p);
    }
    return rc;
}

static void base_name(const char *path, char out[BULK_FILE_SIZE])
{
    const char *slash = path == NULL ? NULL : strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path == NULL ? "" : path;

    (void)snprintf(out, BULK_FILE_SIZE, "%s", name);
    if (!text_utf8_valid(out, strlen(out))) {
        out[0] = '\0';
    }
}

/* The attribute of a record that tells which line of which file made it. */
static cJSON *line_mark(const struct journal_head *h, const char *run, bool again,
                        const struct journal_line *l)
{
    cJSON *doc = json_new_object();

    json_set_str(doc, "token", l->token);
    json_set_str(doc, "run", run);
    json_set_str(doc, "file", h->file);
    json_set_int(doc, "line", (int64_t)l->line);
    json_set_bool(doc, "again", again);
    return doc;
}

static bool all_sent(const struct bulk_past *p)
{
    for (size_t i = 0; i < p->b->len; i++) {
        if (p->lines[i].event_id == NULL) {
            return false;
        }
    }
    return true;
}

/* Fixes the job id of every line, first on disk and then in the requests. */
static enum err_code fix_ids(const struct ops *o, const struct bulk *b, struct bulk_past *p,
                             struct journal *j, struct err *e)
{
    struct journal_head h = {
        .at_ms = clock_wall_ms(o->clock), .again = b->mode == BULK_ANEW, .lines = b->len};
    struct journal_line *lines = xcalloc(b->len + 1, sizeof *lines);

    base_name(b->file, h.file);
    for (size_t i = 0; i < b->len; i++) {
        struct past_line *past = &p->lines[i];
        struct deploy_request draft;
        deploy_request_init(&draft);
        memcpy(draft.job_id, b->requests[i].job_id, sizeof draft.job_id);
        deploy_request_seal(&draft, h.at_ms);
        if (past->job_id != NULL) {
            (void)snprintf(draft.job_id, sizeof draft.job_id, "%s", past->job_id);
        }
        memcpy(b->requests[i].job_id, draft.job_id, sizeof draft.job_id);
        lines[i] = (struct journal_line){.token = p->tokens[i],
                                         .job_id = b->requests[i].job_id,
                                         .request_id = past->job_id == NULL ? NULL : past->run,
                                         .event_id = past->event_id,
                                         .line = b->lines == NULL ? i + 1 : b->lines[i]};
        deploy_request_clear(&draft);
    }
    enum err_code rc = all_sent(p) ? E_OK : journal_make(o, &h, lines, j, e);
    for (size_t i = 0; rc == E_OK && i < b->len; i++) {
        struct deploy_request *x = &b->requests[i];
        const char *run = lines[i].request_id == NULL ? h.run : lines[i].request_id;
        (void)snprintf(x->request_id, sizeof x->request_id, "%s", run);
        cJSON_Delete(x->bulk_line);
        bool again = lines[i].request_id == NULL ? h.again : p->lines[i].again;
        x->bulk_line = line_mark(&h, run, again, &lines[i]);
    }
    free(lines);
    return rc;
}

enum err_code bulk_begin(const struct ops *o, const struct bulk *b, struct bulk_past *p,
                         struct journal *j, struct bulk_earlier *past, struct err *e)
{
    int lock = -1;
    enum err_code rc = journal_lock(o, &lock, e);

    *p = (struct bulk_past){0};
    *j = (struct journal)JOURNAL_INIT;
    if (rc == E_OK) {
        rc = look_at_past(o, b, p, past, e);
    }
    if (rc == E_OK) {
        rc = fix_ids(o, b, p, j, e);
    }
    if (rc == E_OK) {
        for (size_t i = 0; p->asked && i < p->damaged_len; i++) {
            journal_set_aside(p->damaged[i]);
        }
        journal_tidy(o, clock_wall_ms(o->clock));
    }
    journal_unlock(lock);
    return rc;
}

enum err_code ops_bulk_look(const struct ops *o, const struct bulk *b, struct bulk_earlier *past,
                            struct err *e)
{
    struct bulk_past p;
    enum err_code rc = bulk_past_read(o, b, &p, e);

    if (rc == E_OK) {
        rc = bulk_past_ask(o, &p, p.sum.sent + p.sum.begun == 0, e);
    }
    *past = p.sum;
    bulk_past_clear(&p);
    return rc;
}
