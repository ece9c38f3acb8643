/* app_script.h - bytes as a script of events for the dashboard: for random and fuzz tests. */
#ifndef TESTS_APP_SCRIPT_H
#define TESTS_APP_SCRIPT_H

#include "app_fixture.h"

struct script {
    const uint8_t *at, *end;
    struct bench b;
};

static inline uint8_t script_byte(struct script *s)
{
    return s->at < s->end ? *s->at++ : 0;
}

static inline void script_key(struct script *s)
{
    static const char *const keys[] = {
        "j",   "k",   "g", "G",   "Enter", "Esc",   "q",   "Tab",    "S-Tab", "Space",
        "v",   "*",   "U", "/",   ":",     "?",     "!",   "i",      "n",     "a",
        "x",   "T",   "y", "n",   "Left",  "Right", "Up",  "Down",   "PgUp",  "PgDn",
        "z",   "s",   "C", "J",   "K",     "<",     ">",   "I",      "N",     "A",
        "S",   "D",   "f", "F",   "c",     "Y",     "o",   "l",      "L",     "p",
        "t",   "w",   "&", "C-t", "[",     "]",     "0",   "1",      "2",     "6",
        "m",   "C-s", "|", "C-e", "C-w",   "F5",    "C-g", "C-n",    "C-p",   "Backspace",
        "C-u", "Z",   "r", "-",   "d",     "e",     "u",   "\u00e9", "C-l",   "F1",
        "3",   "4",   "5", "b",   "W",     "C-o",   "F9",  "7",      "H",     "E",
        "X",   "y"};

    bench_key(&s->b, keys[script_byte(s) % (sizeof keys / sizeof *keys)]);
}

static inline void script_jobs(struct script *s)
{
    static const char *const words[] = {"PENDING", "QUEUED",    "IN_PROGRESS", "COMPLETED",
                                        "FAILED",  "CANCELLED", "odd\033[2J"};
    static const char *const names[] = {NULL, "Alpha", "Be\u0301ta \u4e2d\u6587", "\033]0;x\a"};
    static const enum task_kind kinds[] = {TASK_LOAD, TASK_GET_JOBS, TASK_QUERY_STATUS};
    size_t n = script_byte(s) % 20;
    struct job_spec specs[20];
    char ids[20][16];

    for (size_t i = 0; i < n; i++) {
        uint8_t a = script_byte(s), b = script_byte(s);
        snprintf(ids[i], sizeof ids[i], "job%02d", a % 40);
        specs[i] = (struct job_spec){.id = ids[i],
                                     .status = words[b % 7],
                                     .name = names[b / 7 % 4],
                                     .user = b % 2 ? "ann" : "bob",
                                     .progress = b % 101,
                                     .created_s = a % 40,
                                     .updated_s = b};
    }
    bench_jobs(&s->b, kinds[script_byte(s) % 3], specs, n);
}

static inline void script_dlq(struct msg *m, uint8_t how)
{
    size_t n = how % 12;

    m->u.dlq = xcalloc(1, sizeof *m->u.dlq);
    m->u.dlq->list.items = xcalloc(n + 1, sizeof *m->u.dlq->list.items);
    for (size_t i = 0; i < n; i++) {
        char *text = xasprintf("{\"MessageId\":\"m%zu\",\"Body\":\"{\\\"source\\\":\\\"s\\\","
                               "\\\"detail-type\\\":\\\"t\\\",\\\"detail\\\":{\\\"x\\\":%d}}%s\","
                               "\"MessageAttributes\":{\"RULE_ARN\":{\"StringValue\":\"arn:aws:"
                               "events:us-east-1:1:rule/b/r\"},\"ERROR_CODE\":{\"StringValue\":"
                               "\"C%zu\"}}}",
                               i + how % 3, how, i % 5 == 4 ? "broken" : "", i % 3);
        cJSON *doc = json_parse(text, strlen(text), "script", NULL);
        dlq_message_read(&m->u.dlq->list.items[m->u.dlq->list.len++], doc);
        cJSON_Delete(doc);
        free(text);
    }
}

/* Some children, and the parent of an array that grows and shrinks. */
static inline void script_children(struct msg *m, const struct task *t, uint8_t how)
{
    static const char *const words[] = {"SUBMITTED", "RUNNABLE", "RUNNING", "SUCCEEDED", "odd"};
    const char *array = task_as(t, children).batch_id;
    struct msg_batch *x = &msg_as(m, children);
    size_t n = how % 9;

    x->items = xcalloc(n + 1, sizeof *x->items);
    for (size_t i = 0; i < n; i++) {
        int index = (int)(i * how) % 40;
        char *text =
            i == 0 ? xasprintf("{\"jobId\":\"%s\",\"arrayProperties\":{\"size\":%d}}",
                               array == NULL ? "b-1" : array, how % 30)
                   : xasprintf("{\"jobId\":\"%s:%d\",\"status\":\"%s\",\"statusReason\":"
                               "\"r\\u001b[2J\",\"arrayProperties\":{\"index\":%d}}",
                               array == NULL ? "b-1" : array, index, words[(how + i) % 5], index);
        cJSON *doc = json_parse(text, strlen(text), "script", NULL);
        x->items[x->len++] = batch_job_from_json(doc);
        cJSON_Delete(doc);
        free(text);
    }
}

/* Answers the newest open task of a kind, well or not; nothing when there is none. */
static inline void script_answer(struct script *s)
{
    static const struct {
        enum task_kind task;
        enum msg_kind msg;
    } kinds[] = {
        {TASK_DEPLOY,      MSG_DEPLOYED    },
        {TASK_CANCEL,      MSG_CANCELLED   },
        {TASK_CANCEL_WAIT, MSG_CANCEL_ENDED},
        {TASK_RETRY,       MSG_DEPLOYED    },
        {TASK_RULE_CHECK,  MSG_RULE_CHECK  },
        {TASK_LOG,         MSG_LOG         },
        {TASK_RULE_LOG,    MSG_RULE_LOG    },
        {TASK_FILES,       MSG_FILES       },
        {TASK_BULK_READ,   MSG_BULK_READ   },
        {TASK_BULK,        MSG_BULK_LINES  },
        {TASK_BULK,        MSG_BULK_END    },
        {TASK_HOOK,        MSG_HOOK        },
        {TASK_PROGRAM,     MSG_PROGRAM     },
        {TASK_DLQ_LOOK,    MSG_DLQ         },
        {TASK_DLQ_SEND,    MSG_DLQ_RESULT  },
        {TASK_DLQ_DELETE,  MSG_DLQ_RESULT  },
        {TASK_DLQ_SEND,    MSG_DONE        },
        {TASK_DLQ_DELETE,  MSG_DONE        },
        {TASK_DETAIL,      MSG_DETAIL      },
        {TASK_LOAD,        MSG_DONE        },
        {TASK_LIST_BATCH,  MSG_DONE        },
        {TASK_GET_JOBS,    MSG_GONE        },
        {TASK_DOCTOR,      MSG_DOCTOR      },
        {TASK_DOCTOR,      MSG_DONE        },
        {TASK_E2E,         MSG_E2E         },
        {TASK_E2E,         MSG_E2E_END     },
        {TASK_CHILDREN,    MSG_CHILDREN    },
        {TASK_CHILDREN,    MSG_DONE        },
        {TASK_BUS,         MSG_BUS         },
        {TASK_QUEUE,       MSG_QUEUE       },
        {TASK_GREP,        MSG_GREP        },
        {TASK_GREP,        MSG_GREP_END    },
    };
    uint8_t what = script_byte(s), how = script_byte(s);
    size_t k = what % (sizeof kinds / sizeof *kinds);
    struct task *t = bench_task(&s->b, kinds[k].task);

    if (t == NULL) {
        return;
    }
    struct msg *m = msg_new(kinds[k].msg, t);
    if (m->kind == MSG_DLQ_RESULT) {
        const struct task_ids *ids = &task_as(t, dlq).ids;
        m->u.dlq_result.id = xstrdup(ids->len > 0 ? ids->items[how % ids->len] : "none");
    }
    if (how % 4 == 0) {
        err_set(&m->err, how % 8 == 0 ? E_NET : E_EXPIRED, "no luck");
    } else if (m->kind == MSG_CANCELLED) {
        m->u.cancelled.outcome = how % 2 ? CANCEL_STOPPING : CANCEL_DONE;
    } else if (m->kind == MSG_DEPLOYED) {
        snprintf(m->u.deployed.job_id, sizeof m->u.deployed.job_id, "job%02d", how % 50);
    } else if (m->kind == MSG_CHILDREN) {
        script_children(m, t, how);
    } else if (m->kind == MSG_GREP) {
        m->u.grep.len = how % 5;
        m->u.grep.items = xcalloc(5, sizeof *m->u.grep.items);
        for (size_t i = 0; i < m->u.grep.len; i++) {
            m->u.grep.items[i] =
                (struct grep_hit){.at_ms = T0 + how,
                                  .text = xasprintf("x %d\033[2J\nx%c", how, what),
                                  .job_id = how % 3 == 0 ? NULL : xasprintf("job%02d", how % 40),
                                  .child = how % 7 == 0 ? how : -1,
                                  .attempt = how % 3};
        }
    } else if (m->kind == MSG_GREP_END) {
        m->u.grep_end.end = (enum log_search_end)(how % (LOG_SEARCH_LEFT + 1));
        m->u.grep_end.unknown = how % 3;
    } else if (m->kind == MSG_LOG) {
        m->u.log.cursor = xcalloc(1, sizeof *m->u.log.cursor);
        m->u.log.cursor->attempts = how % 4;
        m->u.log.page.len = how % 8;
        m->u.log.page.items = xcalloc(8, sizeof *m->u.log.page.items);
        for (size_t i = 0; i < m->u.log.page.len; i++) {
            m->u.log.page.items[i].text = xasprintf("line %d\n\033[31mx\t%c", how, what);
        }
    } else if (m->kind == MSG_DLQ) {
        script_dlq(m, how);
    } else if (m->kind == MSG_RULE_LOG) {
        m->u.rule_log.cursor = rule_log_cursor_copy(task_as(t, rule_log));
        m->u.rule_log.page.len = how % 8;
        m->u.rule_log.page.items = xcalloc(8, sizeof *m->u.rule_log.page.items);
        for (size_t i = 0; i < m->u.rule_log.page.len; i++) {
            m->u.rule_log.page.items[i].text = xasprintf("{\"jobId\":\"job%02d\"}\a", how % 40);
        }
    } else if (m->kind == MSG_DOCTOR) {
        m->u.doctor.check = how % 50;
        m->u.doctor.ended = what % 3 != 0;
        m->u.doctor.found.state = (enum doctor_state)(how % (DOCTOR_SKIP + 1));
        m->u.doctor.found.text = xasprintf("found %d\033[2J", how);
    } else if (m->kind == MSG_E2E) {
        m->u.e2e.step = how % 8;
        m->u.e2e.ended = what % 3 != 0;
        m->u.e2e.ms = how - 1;
        m->u.e2e.found.text = xasprintf("step %d\033[2J", how);
    } else if (m->kind == MSG_DETAIL) {
        struct job_spec spec = {.id = t->job_id, .status = "FAILED", .name = "D"};
        m->u.detail = xcalloc(1, sizeof *m->u.detail);
        m->u.detail->item = fixture_item(&spec);
        m->u.detail->job = job_from_item(m->u.detail->item);
        job_state_merge(m->u.detail->job, NULL, how % 2, s->b.now_ms, &state_rules_default,
                        &m->u.detail->state);
    } else if (m->kind == MSG_FILES) {
        m->u.files.len = how % 3;
        m->u.files.paths = xcalloc(3, sizeof(char *));
        for (size_t i = 0; i < m->u.files.len; i++) {
            m->u.files.paths[i] = xasprintf("a%c\033%zu%s", what, i, i == 1 ? "/" : "");
        }
    } else if (m->kind == MSG_BULK_READ) {
        struct bulk_input *in = xcalloc(1, sizeof *in);
        in->text = xasprintf("userId,productId\nu,%s\nv,p\n%s", how % 3 == 0 ? "" : "p",
                             how % 5 == 0 ? "x\n" : "");
        in->len = strlen(in->text);
        (void)!deploy_file_read(in->text, in->len, &in->file, &m->err);
        m->u.bulk_read.input = in;
        m->u.bulk_read.past.begun = how % 2;
        m->u.bulk_read.past.sent = how % 3;
    } else if (m->kind == MSG_BULK_LINES) {
        m->u.bulk_lines.len = how % 4;
        m->u.bulk_lines.items = xcalloc(4, sizeof *m->u.bulk_lines.items);
        for (size_t i = 0; i < m->u.bulk_lines.len; i++) {
            struct bulk_report *x = &m->u.bulk_lines.items[i];
            x->index = (size_t)(what + i) % 4;
            snprintf(x->job_id, sizeof x->job_id, "job%02d", how % 40);
            x->line.end = (enum bulk_end)((how + i) % 4);
        }
    } else if (m->kind == MSG_BULK_END) {
        m->u.bulk_end.sent = how % 3;
    } else if (m->kind == MSG_GONE) {
        m->u.gone.ids = xcalloc(2, sizeof(char *));
        m->u.gone.len = 2;
        m->u.gone.ids[0] = xasprintf("job%02d", how % 40);
        m->u.gone.ids[1] = xasprintf("job%02d", what % 40);
    }
    bench_msg(&s->b, m);
}

static inline void script_batch(struct script *s)
{
    static const char *const words[] = {"SUBMITTED", "RUNNABLE", "RUNNING", "SUCCEEDED", "FAILED"};
    struct task t = {.kind = TASK_LIST_BATCH};
    struct msg *m = msg_new(MSG_BATCH_JOBS, &t);
    uint8_t a = script_byte(s), b = script_byte(s);
    cJSON *d = json_new_object();
    char id[24], name[40];

    snprintf(id, sizeof id, "b-%d", a % 30);
    snprintf(name, sizeof name, "mvp-job%02d", b % 40);
    json_set_str(d, "jobId", id);
    json_set_str(d, "jobName", name);
    json_set_str(d, "status", words[(a + b) % 5]);
    if (a % 3 == 0) {
        cJSON *array = json_new_object();
        json_set_int(array, "size", b % 50);
        json_set(d, "arrayProperties", array);
    }
    m->u.batch.items = xcalloc(1, sizeof *m->u.batch.items);
    m->u.batch.items[0] = batch_job_from_json(d);
    m->u.batch.len = 1;
    cJSON_Delete(d);
    bench_msg(&s->b, m);
}

static inline void script_resize(struct script *s)
{
    uint8_t rows = script_byte(s), cols = script_byte(s);

    bench_resize(&s->b, rows % 80, cols);
}

static inline void script_step(struct script *s)
{
    uint8_t what = script_byte(s);

    if (what < 170) {
        script_key(s);
    } else if (what < 185) {
        script_jobs(s);
    } else if (what < 215) {
        script_answer(s);
    } else if (what < 225) {
        script_batch(s);
    } else if (what < 235) {
        bench_tick(&s->b, 100 * script_byte(s));
    } else if (what < 240) {
        script_resize(s);
    } else if (what < 246) {
        struct app_event ev = {.kind = EV_PASTE};
        ev.u.paste.text = (const char *)s->at;
        ev.u.paste.len = s->end - s->at < 9 ? (size_t)(s->end - s->at) : 9;
        bench_event(&s->b, &ev);
    } else if (what >= 254) {
        bench_type(&s->b, ":grep x");
        bench_key(&s->b, "Enter");
    } else {
        struct app_event ev = {.kind = EV_MOUSE};
        ev.u.mouse.row = script_byte(s) % 60;
        ev.u.mouse.col = script_byte(s);
        ev.u.mouse.button = (enum mouse_button)(what % 4);
        bench_event(&s->b, &ev);
    }
}

/* NULL when the model was whole after each event; else what was broken. */
static inline const char *script_run(const uint8_t *data, size_t size)
{
    struct script s = {.at = data, .end = data + size, .b = bench_new()};
    const char *broken = NULL;

    while (s.at < s.end && broken == NULL) {
        script_step(&s);
        broken = bench_broken(s.b.m);
        if (s.b.m->quitting) { /* a new start, on what the last one kept */
            bench_free(&s.b);
            s.b = bench_new();
        }
        if (s.b.fx.len > 200) {
            effects_clear(&s.b.fx);
        }
    }
    bench_free(&s.b);
    return broken;
}
#endif
