/* stress_follow.c - what the dashboard shows equals the table, in each way to follow it.
 *
 *   stress_follow [CHANGES [SEED [stream|index|plain]]]
 *
 * Several writers change random records of a table of the local cloud (create, update, replace,
 * delete) with times as real tables hold them: right, equal, late, ahead, in other zones, without
 * zone or fraction, nested, absent. The dashboard's own model follows, with its schedule and pool.
 * At the end every record shown must be the table's, the deleted ones gone; then some more are
 * deleted, and the table is deleted and made anew. The exit status is the verdict. */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "aws/dynamodb.h"
#include "core/alloc.h"
#include "core/json.h"
#include "core/map.h"
#include "core/path.h"
#include "src/app/model_priv.h"
#include "src/cloud/start.h"
#include "work/pool.h"

enum { WRITERS = 4, WAIT_MS = 90000, MINUTE_MS = 60000, ROWS = 40, COLS = 160 };

enum shape { STREAM, INDEX, PLAIN, SHAPES };
static const char *const shape_names[] = {"stream", "index", "plain"};

struct world {
    struct ops *o;
    struct msgq *q;
    struct pool *pool;
    struct model *m;
    enum shape shape;
    int ids; /* of records */
    const char *scenario;
};

static void fail(const struct world *w, const char *what, const struct err *e)
{
    (void)fprintf(stderr, "stress_follow: %s, %s: %s%s%s\n", w == NULL ? "" : shape_names[w->shape],
                  w == NULL || w->scenario == NULL ? "start" : w->scenario, what,
                  e == NULL ? "" : ": ", e == NULL ? "" : e->msg);
    exit(1);
}

static uint32_t next(uint32_t *r)
{
    *r ^= *r << 13;
    *r ^= *r >> 17;
    *r ^= *r << 5;
    return *r;
}

/* ---- the table ---- */

static void call(const struct world *w, enum aws_op_id op, const char *quoted)
{
    struct err e = {0};
    char *text = xstrdup(quoted);

    for (char *p = text; *p != '\0'; p++) {
        *p = *p == '\'' ? '"' : *p;
    }
    cJSON *in = json_parse(text, strlen(text), "request", &e);
    if (in == NULL || aws_call(w->o->aws, op, in, NULL, &e) != E_OK) {
        fail(w, text, &e);
    }
    cJSON_Delete(in);
    free(text);
}

static void make_table(const struct world *w)
{
    char *text = xasprintf(
        "{'TableName':'%s','BillingMode':'PAY_PER_REQUEST','KeySchema':[{'AttributeName':'jobId',"
        "'KeyType':'HASH'}],'AttributeDefinitions':[{'AttributeName':'jobId','AttributeType':'S'}"
        "%s]%s%s}",
        w->o->table,
        w->shape == PLAIN ? ""
                          : ",{'AttributeName':'status','AttributeType':'S'},{'AttributeName':"
                            "'updatedAt','AttributeType':'S'}",
        w->shape == PLAIN
            ? ""
            : ",'GlobalSecondaryIndexes':[{'IndexName':'status-updatedAt-index','KeySchema':[{"
              "'AttributeName':'status','KeyType':'HASH'},{'AttributeName':'updatedAt','KeyType':"
              "'RANGE'}],'Projection':{'ProjectionType':'ALL'}}]",
        w->shape == STREAM ? ",'StreamSpecification':{'StreamEnabled':true,'StreamViewType':"
                             "'NEW_AND_OLD_IMAGES'}"
                           : "");

    call(w, AWS_OP_DDB_CREATE_TABLE, text);
    free(text);
}

static void delete_table(const struct world *w)
{
    char *text = xasprintf("{'TableName':'%s'}", w->o->table);

    call(w, AWS_OP_DDB_DELETE_TABLE, text);
    free(text);
}

/* ---- writers ---- */

/* A time as one of the programs would have written it; "" for none. */
static void time_text(uint32_t *r, char *buf, size_t size)
{
    static const int64_t off[] = {0, 0, 0, 0, -3600000, -4 * 86400000LL, 7200000, -90000};
    char iso[TIME_ISO_SIZE];
    int form = (int)(next(r) % 14);
    int64_t ms = clock_wall_ms(NULL) + off[next(r) % (sizeof off / sizeof *off)];
    int64_t zone = form == 4 ? -8 * 3600000LL : form == 5 ? 19800000LL : 0;

    (void)time_iso(form == 0 ? 1755000000000 : ms + zone, iso);
    switch (form) {
    case 1: /* whole seconds */
        (void)snprintf(buf, size, "%.19sZ", iso);
        break;
    case 2: /* no zone, whole seconds */
        (void)snprintf(buf, size, "%.19s", iso);
        break;
    case 3: /* no zone, microseconds, as Python does */
        (void)snprintf(buf, size, "%.23s000", iso);
        break;
    case 4:
        (void)snprintf(buf, size, "%.19s-08:00", iso);
        break;
    case 5:
        (void)snprintf(buf, size, "%.23s+0530", iso);
        break;
    case 6:
        (void)snprintf(buf, size, "%.10s %.8s", iso, iso + 11);
        break;
    case 7:
        (void)snprintf(buf, size, "%.10st%.8sz", iso, iso + 11);
        break;
    case 8:
        (void)snprintf(buf, size, "%.10s", iso);
        break;
    case 9:
        buf[0] = '\0';
        break;
    default:
        (void)snprintf(buf, size, "%s", iso);
        break;
    }
}

static void set(cJSON *item, const char *name, const char *text)
{
    json_set(item, name, attr_new_str(text));
}

static cJSON *random_item(const char *id, uint32_t *r)
{
    static const char *const words[] = {"PENDING",   "QUEUED",      "IN_PROGRESS",
                                        "COMPLETED", "FAILED",      "CANCELLED",
                                        "completed", "In_Progress", "ON_HOLIDAY"};
    cJSON *item = json_new_object();
    char at[64], step[32];

    set(item, "jobId", id);
    set(item, "userId", "u");
    set(item, "status", words[next(r) % (sizeof words / sizeof *words)]);
    (void)snprintf(step, sizeof step, "S%08x", next(r)); /* each write can be told apart */
    set(item, "currentStep", step);
    time_text(r, at, sizeof at);
    if (at[0] == '\0') {
        return item; /* no time at all */
    }
    if (next(r) % 8 == 0) { /* the nested form: in no index */
        cJSON *times = json_new_object(), *map = json_new_object();
        set(times, "createdAt", at);
        json_set(map, "M", times);
        json_set(item, "timestamps", map);
    } else {
        set(item, "updatedAt", at);
    }
    return item;
}

struct writer {
    const struct world *w;
    int changes;
    uint32_t random;
    atomic_int *running;
};

static void *write_changes(void *arg)
{
    struct writer *x = arg;
    struct err e = {0};

    for (int i = 0; i < x->changes; i++) {
        char id[32];
        (void)snprintf(id, sizeof id, "job_%05u", next(&x->random) % (unsigned)x->w->ids);
        enum err_code rc;
        if (next(&x->random) % 6 == 0) {
            rc = ddb_delete_item(x->w->o->aws, x->w->o->table, "jobId", id, &e);
        } else {
            cJSON *item = random_item(id, &x->random);
            rc = ddb_put_item(x->w->o->aws, x->w->o->table, item, NULL, &e);
            cJSON_Delete(item);
        }
        if (rc != E_OK) {
            fail(x->w, "a write", &e);
        }
    }
    atomic_fetch_sub(x->running, 1);
    return NULL;
}

/* ---- the dashboard ---- */

static void update(struct world *w, struct app_event *ev)
{
    struct effects fx = {0};

    ev->now_ms = clock_wall_ms(NULL);
    ev->mono_ms = clock_mono_ms(NULL);
    (void)app_update(w->m, ev, &fx);
    for (size_t i = 0; i < fx.len; i++) {
        if (fx.items[i].kind == EFF_SUBMIT) {
            pool_submit(w->pool, fx.items[i].task);
            fx.items[i].task = NULL;
        }
    }
    effects_clear(&fx);
}

/* One turn of the loop. */
static void turn(struct world *w)
{
    struct pollfd fd = {.fd = msgq_fd(w->q), .events = POLLIN};
    int wait = model_wait_ms(w->m, clock_mono_ms(NULL));

    (void)poll(&fd, 1, wait > 50 ? 50 : wait);
    for (struct msg *m = msgq_drain(w->q); m != NULL;) {
        struct msg *after = m->next;
        struct app_event ev = {.kind = EV_MSG};
        ev.u.msg = m;
        update(w, &ev);
        msg_free(m);
        m = after;
    }
    update(w, &(struct app_event){.kind = EV_TICK});
}

/* ---- the verdict ---- */

static bool same(const struct job *a, const struct job *b)
{
    bool step = job_text(a, JOB_STEP) == NULL || job_text(b, JOB_STEP) == NULL
                    ? job_text(a, JOB_STEP) == job_text(b, JOB_STEP)
                    : strcmp(job_text(a, JOB_STEP), job_text(b, JOB_STEP)) == 0;

    return step && job_ms(a, JOB_UPDATED) == job_ms(b, JOB_UPDATED) &&
           job_ms(a, JOB_CREATED) == job_ms(b, JOB_CREATED) &&
           strcmp(job_text(a, JOB_STATUS_TEXT), job_text(b, JOB_STATUS_TEXT)) == 0;
}

/* How many records are shown otherwise than they are, not shown, or shown and gone. `tell` prints
 * them. */
static size_t wrong(struct world *w, bool tell)
{
    cJSON *start = NULL;
    size_t bad = 0, n = 0;
    struct err e = {0};

    do {
        struct ddb_page p = {0};
        struct ddb_read r = {.table = w->o->table, .consistent = true, .start = start};
        const cJSON *item;
        if (ddb_scan(w->o->aws, &r, &p, &e) != E_OK) {
            fail(w, "the scan at the end", &e);
        }
        cJSON_ArrayForEach(item, p.items)
        {
            struct job *j = job_from_item(item);
            const struct entry *x = store_find(w->m->desk.store, j->id);
            bool ok = x != NULL && same(x->job, j);
            bad += !ok;
            n += x != NULL;
            if (!ok && tell) {
                char *text = json_text(item);
                (void)fprintf(stderr, "  %s shown as %s %s, is %s\n", j->id,
                              x == NULL ? "nothing" : job_text(x->job, JOB_STATUS_TEXT),
                              x == NULL || job_text(x->job, JOB_STEP) == NULL
                                  ? ""
                                  : job_text(x->job, JOB_STEP),
                              text);
                free(text);
            }
            job_free(j);
        }
        cJSON_Delete(start);
        start = p.last_key;
        p.last_key = NULL; /* moved */
        ddb_page_clear(&p);
    } while (start != NULL);
    return bad + store_len(w->m->desk.store) - n;
}

/* Plays on until what is shown equals the table. */
static void settle(struct world *w, int64_t within_ms)
{
    int64_t begin = clock_mono_ms(NULL), look = begin;

    for (;;) {
        turn(w);
        int64_t now = clock_mono_ms(NULL);
        if (now < look) {
            continue;
        }
        if (wrong(w, false) == 0) {
            (void)printf("stress_follow: %s, %s: %zu records shown as they are after %.1f s\n",
                         shape_names[w->shape], w->scenario, store_len(w->m->desk.store),
                         (double)(now - begin) / 1000);
            (void)fflush(stdout);
            return;
        }
        if (now - begin > within_ms) {
            (void)fprintf(stderr, "%zu of %zu are wrong:\n", wrong(w, true),
                          store_len(w->m->desk.store));
            fail(w, "what is shown is not what is in the table", NULL);
        }
        look = now + 300;
    }
}

static void write_all(struct world *w, int changes, uint32_t seed)
{
    struct writer writers[WRITERS];
    pthread_t threads[WRITERS];
    atomic_int running = WRITERS;

    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){.w = w,
                                     .changes = changes / WRITERS,
                                     .random = seed * 7919u + (unsigned)i * 104729u + 1,
                                     .running = &running};
        if (pthread_create(&threads[i], NULL, write_changes, &writers[i]) != 0) {
            fail(w, "a thread", NULL);
        }
    }
    while (atomic_load(&running) > 0) {
        turn(w);
    }
    for (int i = 0; i < WRITERS; i++) {
        (void)pthread_join(threads[i], NULL);
    }
}

/* Some of all records that are there, by nobody's index or stream but the table's own. */
static void delete_some(struct world *w)
{
    size_t n = store_len(w->m->desk.store);
    char **ids = xcalloc(n + 1, sizeof *ids);

    for (size_t i = 0; i < n; i++) {
        ids[i] = xstrdup(store_any(w->m->desk.store, i)->job->id);
    }
    for (size_t i = 0; i < n; i++) {
        if (i % 5 == 0 && ddb_delete_item(w->o->aws, w->o->table, "jobId", ids[i], NULL) != E_OK) {
            fail(w, "a delete", NULL);
        }
        free(ids[i]);
    }
    free(ids);
}

static void follow(struct ops *o, const struct settings *settings, enum shape shape, int changes,
                   uint32_t seed)
{
    struct world w = {.o = o, .shape = shape, .ids = changes / 15 + 20};
    struct app_event size = {.kind = EV_RESIZE};
    uint32_t r = seed + 1;

    w.ids = w.ids > 1500 ? 1500 : w.ids;
    make_table(&w);
    w.q = msgq_new(64, NULL);
    w.pool = pool_new(o, w.q, 4, NULL);
    w.m = model_new(&(struct model_options){.settings = settings,
                                            .seed = seed,
                                            .now_ms = clock_wall_ms(NULL),
                                            .mono_ms = clock_mono_ms(NULL)});
    size.u.resize.rows = ROWS;
    size.u.resize.cols = COLS;
    update(&w, &size);
    w.scenario = "changes";
    write_all(&w, changes, seed);
    settle(&w, WAIT_MS);
    w.scenario = "deletes";
    delete_some(&w);
    settle(&w, MINUTE_MS);
    w.scenario = "table made anew";
    delete_table(&w);
    make_table(&w);
    for (int i = 0; i < 10; i++) { /* some under the ids of old ones */
        char id[32];
        (void)snprintf(id, sizeof id, "job_%05d", i * 3);
        cJSON *item = random_item(id, &r);
        if (ddb_put_item(o->aws, o->table, item, NULL, NULL) != E_OK) {
            fail(&w, "a write", NULL);
        }
        cJSON_Delete(item);
    }
    settle(&w, MINUTE_MS);
    pool_free(w.pool);
    msgq_free(w.q);
    model_free(w.m);
    delete_table(&w);
}

static void take_env(char *text)
{
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        char *name = strncmp(line, "export ", 7) == 0 ? line + 7 : line;
        char *value = strchr(name, '=');
        if (value != NULL) {
            *value++ = '\0';
            (void)setenv(name, value, 1);
        }
    }
}

int main(int argc, char **argv)
{
    char dir[] = "/tmp/mvpdash-follow-XXXXXX";
    int changes = argc > 1 ? atoi(argv[1]) : 600;
    uint32_t seed = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 1;
    struct err e = {0};

    (void)signal(SIGPIPE, SIG_IGN);
    if (mkdtemp(dir) == NULL) {
        return 1;
    }
    (void)setenv("XDG_STATE_HOME", dir, 1);
    (void)setenv("XDG_CONFIG_HOME", dir, 1);
    (void)setenv("HOME", dir, 1);
    char *data = path_join(dir, "cloud");
    struct cloud *l = cloud_start(&(struct cloud_options){.data_dir = data,
                                                          .program = "/bin/true",
                                                          .pipeline = "/bin/true",
                                                          .max_running_jobs = 1},
                                  &e);
    if (l == NULL) {
        fail(NULL, "the local cloud", &e);
    }
    char *env = cloud_env_text(l);
    take_env(env);
    char *folder = path_join(dir, "mvpdash");
    char *config = path_join(folder, "config.ini");
    static const char fast[] = "[ui]\nrefresh = 1\n"; /* the short form spends its time waiting */
    if (changes <= 1000 && (path_mkdirs(folder, 0700, &e) != E_OK ||
                            path_write_atomic(config, fast, strlen(fast), 0600, &e) != E_OK)) {
        fail(NULL, "config.ini", &e);
    }
    struct settings *settings = settings_load(&(struct settings_sources){.local_cloud = true}, &e);
    struct ops *o = settings == NULL ? NULL : ops_new(settings, NULL, NULL, &e);
    if (o == NULL) {
        fail(NULL, "ops", &e);
    }
    for (int shape = 0; shape < SHAPES; shape++) {
        if (argc <= 3 || strcmp(argv[3], shape_names[shape]) == 0) {
            follow(o, settings, (enum shape)shape, changes, seed);
        }
    }
    ops_free(o);
    settings_free(settings);
    cloud_stop(l);
    (void)!path_remove_tree(dir, NULL);
    free(env);
    free(data);
    free(folder);
    free(config);
    return puts("stress_follow: ok") < 0;
}
