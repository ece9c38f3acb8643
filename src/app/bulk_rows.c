/* The lines of a file of deploys as rows of a list. */
#include <stdlib.h>
#include <string.h>

#include "bulk.h"
#include "core/alloc.h"
#include "core/faults.h"
#include "core/strbuf.h"
#include "core/text.h"

static void free_row(struct bulk_row *r)
{
    free(r->user);
    free(r->product);
    free(r->name);
    free(r->job_id);
    free(r->note);
}

static void drop_input(struct bulk_view *v)
{
    if (v->input != NULL) {
        bulk_input_clear(v->input);
        free(v->input);
        v->input = NULL;
    }
}

static void drop_rows(struct bulk_view *v)
{
    for (size_t i = 0; i < v->len; i++) {
        free_row(&v->rows[i]);
    }
    free(v->rows);
    free(v->shown);
    v->rows = NULL;
    v->shown = NULL;
    v->len = v->cap = v->list.len = v->list.at = v->list.top = 0;
}

void bulk_init(struct bulk_view *v)
{
    memset(v, 0, sizeof *v);
    v->list.page = 1;
}

void bulk_done(struct bulk_view *v)
{
    drop_input(v);
    drop_rows(v);
    for (size_t i = 0; i < v->files_len; i++) {
        free(v->files[i]);
    }
    free(v->files);
    free(v->name);
    edit_done(&v->path);
    memset(v, 0, sizeof *v);
}

static struct bulk_row *add_row(struct bulk_view *v, size_t line)
{
    v->rows = xgrow(v->rows, v->len, &v->cap, sizeof *v->rows);
    v->rows[v->len] = (struct bulk_row){.line = line, .added = v->len};
    return &v->rows[v->len++];
}

static char *clean(const char *text)
{
    return text == NULL ? NULL : text_cleaned(text, TEXT_ONE_LINE);
}

static void add_request(struct bulk_view *v, const struct deploy_request *r, size_t line)
{
    struct bulk_row *row = add_row(v, line);

    row->user = clean(r->user_id);
    row->product = clean(r->product_id);
    row->name = clean(r->business_name);
    row->job_id = r->job_id[0] == '\0' ? NULL : xstrdup(r->job_id);
    row->mark = LINE_VALID;
}

static void add_mistake(struct bulk_view *v, const struct deploy_file_error *x)
{
    struct bulk_row *row = add_row(v, x->line);
    bool named = x->field[0] == '\0' || strncmp(x->err.msg, x->field, strlen(x->field)) == 0;

    char *note = xasprintf("%s%s%s", named ? "" : x->field, named ? "" : fault_joint(x->err.msg),
                           x->err.msg);
    row->note = clean(note);
    row->mark = LINE_WRONG;
    free(note);
}

static int by_line(const void *a, const void *b)
{
    const struct bulk_row *x = a, *y = b;

    if (x->line != y->line) {
        return x->line < y->line ? -1 : 1;
    }
    if (x->mark != y->mark) {
        return x->mark == LINE_WRONG ? -1 : 1;
    }
    return x->added < y->added ? -1 : x->added > y->added;
}

void bulk_take_input(struct bulk_view *v, struct bulk_input *in, bool good)
{
    const struct deploy_file *f = &in->file;

    drop_input(v);
    drop_rows(v);
    for (size_t i = 0; i < f->len; i++) {
        add_request(v, &f->requests[i], f->lines[i]);
    }
    for (size_t i = 0; i < f->errors_len; i++) {
        add_mistake(v, &f->errors[i]);
    }
    if (f->errors_len > 0) {
        qsort(v->rows, v->len, sizeof *v->rows, by_line);
    }
    v->wrong = f->errors_len;
    v->more_wrong = f->more_errors;
    v->ended = v->failed = 0;
    v->totals = (struct bulk_totals){0};
    v->only_trouble = false;
    v->stage = good ? BULK_READY : f->errors_len > 0 ? BULK_WRONG : BULK_IDLE;
    if (good) {
        v->input = in;
    } else {
        bulk_input_clear(in);
        free(in);
    }
    bulk_sift(v);
    while (!good && v->list.at + 1 < v->list.len && /* people look for the first mistake */
           v->rows[v->shown[v->list.at]].mark != LINE_WRONG) {
        v->list.at++;
    }
}

void bulk_take_line(struct bulk_view *v, const char *job_id, size_t index,
                    const struct bulk_line *line)
{
    static const uint8_t marks[] = {[BULK_SENT] = LINE_SENT,
                                    [BULK_KEPT] = LINE_KEPT,
                                    [BULK_FAILED] = LINE_FAILED,
                                    [BULK_UNKNOWN] = LINE_UNKNOWN,
                                    [BULK_NOT_TRIED] = LINE_NOT_SENT};
    if (index >= v->len) {
        return;
    }
    struct bulk_row *row = &v->rows[index];
    free(row->job_id);
    free(row->note);
    row->job_id = xstrdup(job_id);
    row->note = clean(line->end == BULK_SENT ? line->event_id : line->err.msg);
    row->mark = marks[line->end];
    row->earlier = line->earlier;
}

static bool in_trouble(const struct bulk_row *r)
{
    return r->mark == LINE_WRONG || r->mark == LINE_FAILED || r->mark == LINE_KEPT ||
           r->mark == LINE_UNKNOWN || r->mark == LINE_NOT_SENT;
}

void bulk_sift(struct bulk_view *v)
{
    size_t at = v->list.at < v->list.len ? v->shown[v->list.at] : 0;

    free(v->shown);
    v->shown = xcalloc(v->len + 1, sizeof *v->shown);
    v->list.len = 0;
    v->list.at = 0;
    for (size_t i = 0; i < v->len; i++) {
        if (!v->only_trouble || in_trouble(&v->rows[i])) {
            v->list.at = i <= at ? v->list.len : v->list.at; /* the cursor stays on its row */
            v->shown[v->list.len++] = i;
        }
    }
}

bool bulk_earlier(const struct bulk_view *v)
{
    return v->past.sent + v->past.begun > 0;
}

size_t bulk_to_send(const struct bulk_view *v)
{
    return v->anew ? v->len : v->len - v->past.sent;
}

size_t bulk_not_sent(const struct bulk_totals *t)
{
    return t->failed + t->kept + t->unknown + t->not_tried;
}

const struct bulk_row *bulk_current(const struct bulk_view *v)
{
    return v->list.at < v->list.len ? &v->rows[v->shown[v->list.at]] : NULL;
}

/* clang-format off */
static const struct {
    const char *word;
    enum style style;
} looks[LINE_MARKS] = {
    [LINE_VALID]    = {"valid",    ST_DIM},
    [LINE_WRONG]    = {"WRONG",    ST_BAD},
    [LINE_WAITING]  = {"waiting",  ST_PENDING},
    [LINE_SENT]     = {"sent",     ST_COMPLETED},
    [LINE_KEPT]     = {"kept",     ST_WARN},
    [LINE_FAILED]   = {"FAILED",   ST_FAILED},
    [LINE_UNKNOWN]  = {"unknown",  ST_WARN},
    [LINE_NOT_SENT] = {"not sent", ST_WARN},
};
/* clang-format on */

const char *bulk_mark_word(uint8_t mark)
{
    return mark < LINE_MARKS ? looks[mark].word : "";
}

enum style bulk_mark_style(uint8_t mark)
{
    return looks[mark < LINE_MARKS ? mark : LINE_VALID].style;
}

static void add_cell(struct strbuf *b, const char *text)
{
    strbuf_addc(b, '\t');
    strbuf_adds(b, text == NULL ? "" : text);
}

char *bulk_text(const struct bulk_view *v)
{
    struct strbuf b = STRBUF_INIT;

    strbuf_adds(&b, "line\tstate\tjobId\tuserId\tproductId\tbusinessName\tevent or reason\n");
    for (size_t i = 0; i < v->len; i++) {
        const struct bulk_row *r = &v->rows[i];
        strbuf_addf(&b, "%zu\t%s", r->line, bulk_mark_word(r->mark));
        add_cell(&b, r->job_id);
        add_cell(&b, r->user);
        add_cell(&b, r->product);
        add_cell(&b, r->name);
        add_cell(&b, r->note);
        strbuf_addc(&b, '\n');
    }
    return strbuf_take(&b);
}
