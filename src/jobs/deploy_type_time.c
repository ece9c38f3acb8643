/* deploy_type_time.c - the types of fields whose value is a duration or a point in time. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "core/clock.h"
#include "core/json.h"
#include "deploy_type.h"
#include "jobs/age.h"

/* ---- a duration ---- */

static void seconds_clear(void *at)
{
    *(int64_t *)at = -1;
}

static void number_copy(void *to, const void *from)
{
    *(int64_t *)to = *(const int64_t *)from;
}

static bool seconds_given(const void *at)
{
    return *(const int64_t *)at != -1;
}

/* Writes a limit in the largest unit in which it is a whole number: "14 days". */
static void put_span(char *buf, size_t size, int64_t seconds)
{
    static const struct {
        int64_t seconds;
        const char *name;
    } units[] = {
        {24 * 3600, "day"   },
        {3600,      "hour"  },
        {60,        "minute"},
        {1,         "second"},
    };
    size_t i = 0;

    while (seconds % units[i].seconds != 0) {
        i++;
    }
    int64_t n = seconds / units[i].seconds;
    (void)snprintf(buf, size, "%" PRId64 " %s%s", n, units[i].name, n == 1 ? "" : "s");
}

static enum err_code check_seconds(const struct deploy_field *f, int64_t seconds, struct err *e)
{
    char least[40];
    char most[40];

    if (seconds >= f->least && seconds <= f->most) {
        return E_OK;
    }
    put_span(least, sizeof least, f->least);
    put_span(most, sizeof most, f->most);
    return err_set(e, E_INVALID,
                   "%s: %" PRId64 " seconds is not between %" PRId64 " and %" PRId64 " (%s and %s)",
                   f->name, seconds, f->least, f->most, least, most);
}

static enum err_code seconds_check(const struct deploy_field *f, const void *at, struct err *e)
{
    return check_seconds(f, *(const int64_t *)at, e);
}

static enum err_code seconds_set(const struct deploy_field *f, struct deploy_request *r,
                                 const char *s, struct err *e)
{
    int64_t seconds = -1;

    if (*s != '\0' && !duration_read(s, &seconds)) {
        return err_set(e, E_INVALID, "%s: %s is not a duration: give one " DURATION_FORMS, f->name,
                       rule_shown(s).text);
    }
    enum err_code rc = *s == '\0' ? E_OK : check_seconds(f, seconds, e);
    if (rc == E_OK) {
        *(int64_t *)field_at(f, r) = seconds;
    }
    return rc;
}

static void seconds_show(const void *at, struct strbuf *out)
{
    if (seconds_given(at)) {
        strbuf_addf(out, "%" PRId64, *(const int64_t *)at);
    }
}

static enum err_code seconds_take(const struct deploy_field *f, struct deploy_request *r,
                                  const cJSON *v, struct err *e)
{
    if (!cJSON_IsNumber(v)) {
        return rule_wrong_type(v, "a number of seconds", e);
    }
    /* Out of the range of int64_t it is out of ours, too. */
    int64_t seconds = fabs(v->valuedouble) < 1e15 ? (int64_t)v->valuedouble : INT64_MAX;
    if (floor(v->valuedouble) != v->valuedouble) {
        return err_set(e, E_INVALID, "%s is not a whole number of seconds", v->string);
    }
    enum err_code rc = check_seconds(f, seconds, e);
    if (rc == E_OK) {
        *(int64_t *)field_at(f, r) = seconds;
    }
    return rc;
}

static cJSON *seconds_json(const void *at, bool mask)
{
    (void)mask;
    return seconds_given(at) ? json_new_int(*(const int64_t *)at) : NULL;
}

const struct field_type field_seconds = {
    .clear = seconds_clear,
    .copy = number_copy,
    .given = seconds_given,
    .check = seconds_check,
    .set = seconds_set,
    .show = seconds_show,
    .take = seconds_take,
    .json = seconds_json,
    .schema = schema_seconds,
};

/* ---- a point in time, which only programs give ---- */

static void time_clear(void *at)
{
    *(int64_t *)at = TIME_NONE;
}

static bool time_given(const void *at)
{
    return *(const int64_t *)at != TIME_NONE;
}

static enum err_code time_take(const struct deploy_field *f, struct deploy_request *r,
                               const cJSON *v, struct err *e)
{
    int64_t ms;

    if (!cJSON_IsString(v) || !time_parse_iso(v->valuestring, &ms)) {
        return err_set(e, E_INVALID, "%s is not a time: give %s", f->name, f->help);
    }
    *(int64_t *)field_at(f, r) = ms;
    return E_OK;
}

/* The time is there in any case, because sealing makes it. */
static cJSON *time_json(const void *at, bool mask)
{
    char iso[TIME_ISO_SIZE];

    (void)mask;
    return json_new_str(time_iso(*(const int64_t *)at, iso));
}

const struct field_type field_time = {
    .clear = time_clear,
    .copy = number_copy,
    .given = time_given,
    .take = time_take,
    .json = time_json,
};
