/* The kept history of completed jobs: the place as a text that ends with a NUL, then the bytes of
 * jobs/forecast.h. */
#include "ops/history.h"

#include <stdlib.h>
#include <string.h>

#include "core/path.h"
#include "ops/place.h"

enum { PLACE_MAX = 16 * 1024 };

/* Adds the file's jobs when it is this place's. */
static void read_into(const char *path, const char *place, struct forecast *f)
{
    char *bytes = NULL;
    size_t len = 0;
    size_t head = strlen(place) + 1;

    if (path_read_own(path, (size_t)FORECAST_BYTES + PLACE_MAX, &bytes, &len, NULL) == E_OK &&
        len > head && memcmp(bytes, place, head) == 0) {
        (void)forecast_from(f, bytes + head, len - head);
    }
    free(bytes);
}

void history_load(const struct ops *o, struct forecast *f)
{
    char *place = NULL;

    if (place_text(o, PLACE_HERE, &place, NULL) == E_OK) {
        char *path = place_path(o, "history", place, "jobs");
        read_into(path, place, f);
        free(path);
    }
    free(place);
    forecast_settle(f);
}

enum err_code history_keep(const struct ops *o, const struct forecast *f, struct err *e)
{
    char *place = NULL;

    if (o->state != NULL) { /* nothing is written to the disk then */
        return E_OK;
    }
    enum err_code rc = place_text(o, PLACE_HERE, &place, e);
    if (rc != E_OK) {
        (void)err_wrap(e, "the history of job times is not kept");
        return rc;
    }
    char *dir = path_join(o->state_dir, "history");
    char *path = place_path(o, "history", place, "jobs");
    struct forecast *all = forecast_new();
    struct strbuf b = STRBUF_INIT;

    read_into(path, place, all);
    if (forecast_merge(all, f) > 0) {
        strbuf_add(&b, place, strlen(place) + 1);
        forecast_bytes(all, &b);
        rc = path_mkdirs(dir, 0700, e);
        rc = rc == E_OK ? path_write_atomic(path, b.data, b.len, 0600, e) : rc;
    }
    strbuf_clear(&b);
    forecast_free(all);
    free(path);
    free(dir);
    free(place);
    return rc;
}

void history_learned(const struct ops *o, struct forecast *f)
{
    struct err e = {0};

    if (forecast_stale(f) && history_keep(o, f, &e) != E_OK) {
        log_line(o->log, LOG_LVL_DEBUG, "%s", e.msg);
    }
    history_load(o, f);
}
