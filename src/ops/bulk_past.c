/* What earlier runs did with the lines of a file of deploys.
 *
 * DESIGN: a line is identified by its token, so that neither the bytes of the file nor any one
 * journal matters. Three places know tokens: the journals (complete, as far as they are there and
 * not damaged), the outbox, and the records, which are asked for by the users that the lines name.
 * The outbox and the records alone are enough: when the journal of a run is lost, each of its lines
 * is in one of these two, or was never begun. The outbox is read first, because an entry leaves it
 * only after its record was written. */
#include "bulk_past.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/path.h"
#include "core/secret.h"
#include "core/text.h"
#include "jobs/job.h"
#include "ops/outbox.h"

/* SAMPLE: for how many users of the file a run is looked for that is not known here: the first
 * users, with which a run begins, and others from all over the file. */
enum { SAMPLE = 64, ENTRY_MAX = 4 << 20 };

static void take(struct past_line *l, const struct journal_line *from, bool again, int64_t at_ms)
{
    free(l->job_id);
    free(l->event_id);
    *l = (struct past_line){.job_id = xstrdup(from->job_id),
                            .event_id = xstrdup(from->event_id),
                            .again = again,
                            .at_ms = at_ms};
    (void)snprintf(l->run, sizeof l->run, "%s", from->request_id);
}

static void on_line(void *arg, const struct journal_head *h, const struct journal_line *from,
                    bool live)
{
    struct bulk_past *p = arg;
    struct past_line *l = map_find(p->by_token, from->token);

    if (l == NULL) {
        return;
    }
    p->sum.live += live && !l->live;
    if (h->at_ms >= p->sum.at_ms || live) {
        p->sum.at_ms = h->at_ms;
        (void)snprintf(p->sum.file, sizeof p->sum.file, "%s", h->file);
    }
    if (l->job_id == NULL || h->at_ms >= l->at_ms) {
        bool was_live = l->live;
        take(l, from, h->again, h->at_ms);
        l->live = was_live;
    }
    l->live = l->live || live;
}

static void on_damaged(void *arg, const char *path)
{
    struct bulk_past *p = arg;

    p->damaged = xgrow(p->damaged, p->damaged_len, &p->damaged_cap, sizeof *p->damaged);
    p->damaged[p->damaged_len++] = xstrdup(path);
}

/* ---- the outbox ---- */

static void take_entry(struct bulk_past *p, const char *job_id, const cJSON *doc)
{
    const cJSON *about = json_object(doc, DEPLOY_BULK_LINE);
    const char *token = json_str(about, "token");
    struct past_line *l = token == NULL ? NULL : map_find(p->by_token, token);
    int64_t at_ms = json_int(doc, "keptAt", 0);

    if (l != NULL && (l->job_id == NULL || (at_ms > l->at_ms && strcmp(l->job_id, job_id) != 0))) {
        const struct journal_line from = {
            .token = token, .job_id = job_id, .request_id = json_str_or(doc, "requestId", "")};
        take(l, &from, json_bool(about, "again", false), at_ms);
    }
}

static void read_outbox(const struct ops *o, struct bulk_past *p)
{
    char **ids = NULL;
    size_t n = outbox_list(o, &ids);

    for (size_t i = 0; i < n; i++) {
        char *path = xasprintf("%s/outbox/%s.json", o->state_dir, ids[i]);
        char *text = NULL;
        size_t len = 0;
        if (path_read_own(path, ENTRY_MAX, &text, &len, NULL) == E_OK) {
            cJSON *doc = json_parse(text, len, path, NULL);
            take_entry(p, ids[i], doc);
            cJSON_Delete(doc);
            secret_free_bytes(text, len);
        }
        free(path);
    }
    outbox_list_free(ids, n);
}

static void add_up(struct bulk_past *p)
{
    p->sum.sent = p->sum.begun = 0;
    for (size_t i = 0; i < p->b->len; i++) {
        const struct past_line *l = &p->lines[i];
        p->sum.sent += l->event_id != NULL || l->moved_on;
        p->sum.begun += l->job_id != NULL && l->event_id == NULL && !l->moved_on;
    }
    p->sum.damaged = p->damaged_len;
}

enum err_code bulk_past_read(const struct ops *o, const struct bulk *b, struct bulk_past *p,
                             struct err *e)
{
    const struct journal_visitor v = {.line = on_line, .damaged = on_damaged, .arg = p};

    *p = (struct bulk_past){.b = b, .sum.at_ms = TIME_NONE};
    p->tokens = xcalloc(b->len + 1, sizeof *p->tokens);
    p->lines = xcalloc(b->len + 1, sizeof *p->lines);
    p->by_token = map_new();
    deploy_tokens(b->requests, b->len, p->tokens);
    for (size_t i = 0; i < b->len; i++) {
        (void)map_put(p->by_token, p->tokens[i], &p->lines[i]);
    }
    enum err_code rc = journal_visit(o, &v, e);
    if (rc == E_OK) {
        read_outbox(o, p);
    }
    add_up(p);
    return rc;
}

void bulk_past_clear(struct bulk_past *p)
{
    for (size_t i = 0; p->lines != NULL && i < p->b->len; i++) {
        free(p->lines[i].job_id);
        free(p->lines[i].event_id);
    }
    for (size_t i = 0; i < p->damaged_len; i++) {
        free(p->damaged[i]);
    }
    free(p->damaged);
    free(p->lines);
    free(p->tokens);
    map_free(p->by_token, NULL);
    *p = (struct bulk_past){0};
}

/* ---- the records ---- */

/* Did the job get further than its record? A job that failed or was cancelled may not have. */
static bool went_on(uint8_t s)
{
    return s != JOB_PENDING && s != JOB_FAILED && s != JOB_CANCELLED;
}

static void on_record(void *arg, const cJSON *item)
{
    struct bulk_past *p = arg;
    const char *job_id = attr_str(item, "jobId");
    cJSON *about = attr_to_plain(json_get(item, DEPLOY_BULK_LINE));
    const char *token = json_str(about, "token");
    const char *run = json_str(about, "run");
    struct past_line *l = token == NULL ? NULL : map_find(p->by_token, token);
    struct job *j = l == NULL || job_id == NULL || run == NULL ? NULL : job_from_item(item);

    if (j != NULL && job_id_valid(job_id)) {
        bool same = l->job_id != NULL && strcmp(l->job_id, job_id) == 0;
        if (!same && (l->job_id == NULL || job_ms(j, JOB_CREATED) >= l->at_ms)) {
            const struct journal_line from = {.token = token, .job_id = job_id, .request_id = run};
            take(l, &from, json_bool(about, "again", false), job_ms(j, JOB_CREATED));
            l->recorded = same = true;
        }
        l->moved_on = same ? went_on(j->status) : l->moved_on;
        if (p->sum.file[0] == '\0' || job_ms(j, JOB_CREATED) > p->sum.at_ms) {
            p->sum.at_ms = job_ms(j, JOB_CREATED);
            (void)snprintf(p->sum.file, sizeof p->sum.file, "%s", json_str_or(about, "file", ""));
        }
    }
    job_free(j);
    cJSON_Delete(about);
}

/* Picks the users whose records are asked for, each once; borrowed from the requests. */
static size_t pick_users(const struct bulk_past *p, const char **users)
{
    struct map *seen = map_new();
    size_t n = 0;

    for (size_t i = 0; i < p->b->len; i++) {
        const char *user = p->b->requests[i].user_id;
        bool wanted = p->lines[i].job_id == NULL || p->damaged_len > 0;
        if (wanted && user != NULL && map_put(seen, user, seen) == NULL) {
            users[n++] = user;
        }
    }
    map_free(seen, NULL);
    return n;
}

/* Keeps the first half of the sample from the start of the list, and takes the second half from all
 * over the rest. */
static size_t thin_out(const char **users, size_t n)
{
    const size_t half = SAMPLE / 2;

    if (n <= SAMPLE) {
        return n;
    }
    for (size_t i = 0; i < half; i++) {
        users[half + i] = users[half + (n - half - 1) * i / (half - 1)];
    }
    return SAMPLE;
}

/* Refuses the run when an earlier run with --again left only records: they do not tell which
 * further lines that run was to send again. */
static enum err_code check_again(const struct bulk_past *p, struct err *e)
{
    const struct past_line *last = NULL;
    size_t unclear = 0;
    size_t first = 0;

    for (size_t i = 0; i < p->b->len; i++) {
        const struct past_line *l = &p->lines[i];
        if (l->recorded && l->again && (last == NULL || l->at_ms > last->at_ms)) {
            last = l;
        }
    }
    for (size_t i = 0; last != NULL && i < p->b->len; i++) {
        const struct past_line *l = &p->lines[i];
        if (l->job_id != NULL && strcmp(l->run, last->run) != 0 && l->at_ms < last->at_ms) {
            first = unclear == 0 ? i : first;
            unclear++;
        }
    }
    if (unclear == 0) {
        return E_OK;
    }
    (void)err_set(e, E_CONFLICT,
                  "a run with --again was broken off and its journal is gone: whether it should "
                  "send %zu of the lines once more (the deploy of %.*s is the first of them) is "
                  "not known, so nothing was sent",
                  unclear, text_cut(p->b->requests[first].user_id, 60),
                  p->b->requests[first].user_id);
    return err_hint_set(e,
                        "put the lines to send in a file of their own, and send it with --again");
}

/* Did a run just write records, which the index may not have yet? Then the index is asked once
 * more. */
static bool just_now(const struct ops *o, const struct bulk_past *p)
{
    enum { YOUNG_MS = 5000 };
    int64_t now_ms = clock_wall_ms(o->clock);
    bool young = false;

    for (size_t i = 0; i < p->b->len; i++) {
        const struct past_line *l = &p->lines[i];
        young = young || (l->recorded && l->at_ms > now_ms - YOUNG_MS);
    }
    return young;
}

enum err_code bulk_past_ask(const struct ops *o, struct bulk_past *p, bool sample, struct err *e)
{
    enum { LAG_MS = 1000 };
    const char **users = xcalloc(p->b->len + 1, sizeof *users);
    struct err why = {0};
    size_t all = pick_users(p, users);
    bool sign = !sample || p->damaged_len > 0;
    size_t n = sign ? all : thin_out(users, all);
    size_t known = p->sum.sent + p->sum.begun;
    enum err_code rc = all == 0 ? E_OK : bulk_records(o, users, n, on_record, p, &why);

    add_up(p);
    sign = sign || p->sum.sent + p->sum.begun > known;
    if (rc == E_OK && sign && all > 0 && (n < all || just_now(o, p))) {
        if (n == all) {
            (void)ops_sleep(o, LAG_MS);
        }
        all = pick_users(p, users);
        rc = all == 0 ? E_OK : bulk_records(o, users, all, on_record, p, &why);
        add_up(p);
    }
    free(users);
    p->asked = rc == E_OK;
    if (rc != E_OK) {
        const struct err cause = why;
        p->sum.unasked = why;
        (void)err_set(
            e, rc, "what earlier runs did with these lines is not known, so nothing was sent: %.*s",
            text_cut(cause.msg, 200), cause.msg);
        if (rc == E_TIMEOUT && !sign) {
            return err_hint_set(e, "%s", "run the same command again when the service answers");
        }
        return err_hint_set(e, "%s",
                            p->damaged_len > 0
                                ? "a journal of an earlier run is damaged, so the records must be "
                                  "asked; --again sends all lines as new jobs without asking"
                                : "no journal names these lines, so the records must be asked; "
                                  "--again sends all lines as new jobs without asking");
    }
    return check_again(p, e);
}
