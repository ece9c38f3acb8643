/* The schedule: what following is expected to cost, before AWS has counted it. */
#include "schedule_priv.h"

/* DynamoDB counts half a unit for 4 KB of a read that may be behind, and one for 4 KB of one that
 * may not; a record has 1.5 KB or so. */
#define UNITS_SCANNED (0.5 * 1.5 / 4)
#define UNITS_BY_ID 1.0
#define UNITS_QUERY 0.5

static double turns(const struct schedule *s, enum lane_id id, int64_t now)
{
    int64_t ms = schedule_interval(s, id, now) * s->slow;

    return s->lanes[id].due == NEVER || ms <= 0 ? 0 : 60.0 * (double)MINUTE / (double)ms;
}

static double at_once(size_t ids)
{
    return (double)(ids < IDS_MAX ? ids : IDS_MAX);
}

struct schedule_cost schedule_cost(const struct schedule *s, int64_t now)
{
    static const char *const ways[] = {
        [MODE_UNKNOWN] = "",
        [MODE_STREAM] = "its stream",
        [MODE_INDEX] = "its index by status",
        [MODE_PLAIN] = "reads by id and a slow scan",
    };
    double part = s->sweep_parts == 0 ? 0 : (double)s->count / s->sweep_parts;

    return (struct schedule_cost){
        .way = ways[s->mode],
        .read_units = turns(s, LANE_SWEEP, now) * part * UNITS_SCANNED +
                      turns(s, LANE_SHOWN, now) * at_once(s->shown_len) * UNITS_BY_ID +
                      turns(s, LANE_ACTIVE, now) * at_once(s->active_len) * UNITS_BY_ID +
                      turns(s, LANE_DETAIL, now) * UNITS_BY_ID +
                      turns(s, LANE_STATUS, now) * (double)STATUS_WORDS * UNITS_QUERY +
                      turns(s, LANE_WIDE, now) * (2.0 * (double)STATUS_WORDS * UNITS_QUERY +
                                                  (double)s->wide_count * UNITS_SCANNED),
        .stream_reads = turns(s, LANE_STREAM, now),
    };
}
