/* Reading how far silent jobs are from their logs. */
#include "ops/log_stage.h"

#include <stdlib.h>
#include <string.h>

#include "aws/logs.h"
#include "core/alloc.h"
#include "core/json.h"
#include "parallel.h"

enum { LINES = 200, PAGES = 3, SILENT_S = 180 };

static void take_page(struct log_stage *s, const cJSON *events)
{
    const cJSON *v;

    cJSON_ArrayForEach(v, events)
    {
        const char *text = json_str_or(v, "message", "");
        log_stage_line(s, json_int(v, "timestamp", TIME_NONE), text, strlen(text));
    }
}

enum err_code ops_log_stage(const struct ops *o, const char *group, const char *stream,
                            struct log_stage *out, struct err *e)
{
    struct logs_page p = {0};
    char *token = NULL;
    enum err_code rc = E_OK;
    bool ended = false;

    log_stage_init(out);
    for (int i = 0; i < PAGES && rc == E_OK && !ended && out->stage[0] == '\0'; i++) {
        struct logs_get g = {.group = group == NULL || group[0] == '\0' ? o->log_group : group,
                             .stream = stream,
                             .token = token,
                             .start_time = TIME_NONE,
                             .end_time = TIME_NONE,
                             .limit = LINES};
        rc = logs_get_events(o->aws, &g, &p, e);
        if (rc == E_OK) {
            take_page(out, p.events);
            ended = p.at_end;
            free(token);
            token = p.backward;
            p.backward = NULL; /* moved */
        }
        logs_page_clear(&p);
    }
    free(token);
    if (rc == E_NOT_FOUND) {
        rc = E_OK; /* a log stream appears with its first line */
    }
    out->read = rc == E_OK;
    out->read_ms = clock_wall_ms(o->clock);
    return rc;
}

static int silent_s(const struct ops *o)
{
    return settings_int(o->settings, SET_RECORD_SILENT_S, SILENT_S);
}

enum err_code ops_detail_log(const struct ops *o, struct job_detail *d, struct err *e)
{
    int64_t now = clock_wall_ms(o->clock);
    struct state_rules rules = ops_state_rules(o->settings);
    struct log_stage read;

    if (!log_stage_wanted(d->job, d->batch, &d->state, now, silent_s(o))) {
        return E_OK;
    }
    int64_t begun = ops_begin(o);
    enum err_code rc = ops_log_stage(o, d->batch->log_group, d->batch->log_stream, &read, e);
    ops_end(begun);
    if (rc == E_OK) {
        d->log = read;
    }
    log_stage_settle(d->job, d->batch, &d->log, now, &rules, &d->state);
    return rc;
}

struct reading {
    const struct ops *o;
    struct list_row *rows[LOG_STAGE_JOBS];
    struct err err[LOG_STAGE_JOBS];
    size_t len;
};

static void read_row(void *arg, size_t i)
{
    struct reading *r = arg;
    struct list_row *row = r->rows[i];
    struct log_stage *s = xcalloc(1, sizeof *s);

    if (ops_log_stage(r->o, row->batch->log_group, row->batch->log_stream, s, &r->err[i]) == E_OK) {
        row->log = s;
    } else {
        free(s);
    }
}

enum err_code ops_list_logs(const struct ops *o, struct list_result *l, struct err *e)
{
    struct reading r = {.o = o};
    int64_t now = clock_wall_ms(o->clock);
    struct state_rules rules = ops_state_rules(o->settings);
    int silent = silent_s(o);
    enum err_code rc = E_OK;

    for (size_t i = 0; i < l->len && r.len < LOG_STAGE_JOBS; i++) {
        struct list_row *row = &l->rows[i];
        if (log_stage_wanted(row->job, row->batch, &row->state, now, silent)) {
            r.rows[r.len++] = row;
        }
    }
    if (r.len == 0) {
        return E_OK;
    }
    int64_t begun = ops_begin(o);
    ops_parallel(r.len, read_row, &r);
    ops_end(begun);
    for (size_t i = 0; i < r.len; i++) {
        struct list_row *row = r.rows[i];
        log_stage_settle(row->job, row->batch, row->log, now, &rules, &row->state);
        if (row->log == NULL && rc == E_OK) {
            rc = r.err[i].code;
            if (e != NULL) {
                *e = r.err[i];
            }
        }
    }
    return rc;
}
