/* What is kept of the jobs' screen for the next run: columns, order, filter, and which jobs are
 * watched. */
#include <stdlib.h>

#include "core/json.h"
#include "jobs_priv.h"

char *jobs_prefs(const struct jobs *j)
{
    cJSON *p = json_new_object();
    char *columns = column_set_text(&j->list.columns);
    struct sort_order sort = store_sort(j->desk->store);

    json_set_str(p, "columns", columns);
    json_set_str(p, "sort", job_columns[sort.column].name);
    json_set_bool(p, "descending", sort.descending);
    json_set_bool(p, "failingFirst", sort.failing_first);
    json_set_str(p, "filter", j->list.filter_applied);
    cJSON *filters = json_new_array();
    for (size_t i = 0; i < j->list.filters.len; i++) {
        json_push_str(filters, j->list.filters.lines[i]);
    }
    json_set(p, "filters", filters);
    json_set_bool(p, "stick", j->list.stick);
    json_set_bool(p, "logWrap", j->detail.log.text.wrap);
    json_set_int(p, "logStamps", j->detail.log.stamps);
    char *text = json_text(p);
    free(columns);
    cJSON_Delete(p);
    return text;
}

void jobs_save_prefs(struct jobs *j, struct effects *out)
{
    effects_add(out, EFF_PREFS)->text = jobs_prefs(j);
}

void jobs_sent(struct jobs *j, const char *job_id, struct effects *out)
{
    if (settings_bool(j->desk->settings, SET_ALERT_WATCH_SENT) &&
        store_watch(j->desk->store, job_id, true)) {
        jobs_save_prefs(j, out);
    }
}
