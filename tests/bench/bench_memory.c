/* Where the bytes of the dashboard's jobs are (SPEC 10). Prints; fails on nothing.
 *
 * usage: bench_memory [JOBS] */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "items.h"
#include "src/app/store_priv.h"

enum { PAGE = 700 /* about the records of a megabyte */ };

/* What the jobs' blocks hold, in bytes. */
struct parts {
    size_t head, ids, texts, short_forms, errors, allocator;
};

static double mib(size_t bytes)
{
    return (double)bytes / 1048576;
}

static size_t resident(void)
{
    unsigned long pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");

    if (f == NULL || fscanf(f, "%*u %lu", &pages) != 1) {
        pages = 0;
    }
    if (f != NULL) {
        (void)fclose(f);
    }
    return pages * 4096;
}

static void add_parts(struct job *j, struct parts *p)
{
    const struct job_error *errors = job_errors(j);
    const char *at = (const char *)j, *end = at + j->bytes;
    size_t texts = 0, wrong = j->errors_len * sizeof *errors, id = strlen(j->id) + 1;

    for (unsigned i = 0; i < JOB_TEXTS; i++) {
        const char *s = job_text(j, (enum job_text_id)i);
        texts += s > at && s < end ? strlen(s) + 1 : 0; /* words lie in the program */
    }
    for (size_t i = 0; i < j->errors_len; i++) {
        wrong += strlen(errors[i].message) + 1;
        wrong += errors[i].step == NULL ? 0 : strlen(errors[i].step) + 1;
    }
    p->head += offsetof(struct job, id);
    p->ids += id;
    p->texts += texts;
    p->errors += wrong;
    p->short_forms += (size_t)j->bytes - offsetof(struct job, id) - id - texts - wrong;
    p->allocator += malloc_usable_size(j) + sizeof(size_t) - (size_t)j->bytes;
}

static void load(struct store *s, size_t jobs)
{
    struct job *page[PAGE];
    size_t len = 0;

    for (size_t i = 0; i < jobs; i++) {
        char *text = items_record(i);
        cJSON *item = cJSON_Parse(text);
        page[len++] = job_from_item(item);
        cJSON_Delete(item);
        free(text);
        if (len == PAGE || i + 1 == jobs) {
            (void)store_put_jobs(s, page, len, 1000, false, ITEMS_NOW_MS);
            len = 0;
        }
    }
}

int main(int argc, char **argv)
{
    size_t jobs = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000, before = resident();
    struct store *s = store_new(NULL);
    struct parts p = {0};

    load(s, jobs);
    for (size_t i = 0; i < s->len; i++) {
        add_parts(s->entries[i].job, &p);
    }
    double n = (double)jobs;
    (void)printf("memory of %zu jobs:\n", jobs);
    (void)printf(
        "  jobs                   %8.1f MiB: a job has %.0f bytes of struct, %.0f of id, %.0f "
        "of texts, %.0f of addresses and features in short forms, %.0f of errors, %.0f of "
        "malloc's\n",
        mib(s->job_bytes + p.allocator), (double)p.head / n, (double)p.ids / n, (double)p.texts / n,
        (double)p.short_forms / n, (double)p.errors / n, (double)p.allocator / n);
    (void)printf("  entries                %8.1f MiB: %zu bytes each, of it the merged state %zu\n",
                 mib(s->len * sizeof *s->entries), sizeof *s->entries, sizeof(struct job_state));
    (void)printf("  sorted list            %8.1f MiB: %zu bytes a job\n",
                 mib(s->all.len * sizeof *s->all.items), sizeof *s->all.items);
    (void)printf("  indexes                %8.1f MiB: by id and by Batch id, %zu and %zu slots\n",
                 mib((s->by_id.cap + s->by_batch.cap) * sizeof *s->by_id.slots), s->by_id.cap,
                 s->by_batch.cap);
    (void)printf("  jobs that are not over %8.1f MiB: when each is asked for, %zu bytes for %zu\n",
                 mib(s->active.len * (sizeof *s->asks + sizeof *s->active.items)),
                 sizeof *s->asks + sizeof *s->active.items, s->active.len);
    (void)printf("  resident               %8.1f MiB more than before\n", mib(resident() - before));
    store_free(s);
    return 0;
}
