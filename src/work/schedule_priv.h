/* schedule_priv.h - the schedule's insides, shared by schedule.c (what is due), schedule_ask.c
 * (what each lane asks and how often) and schedule_saw.c (what replies do). */
#ifndef WORK_SCHEDULE_PRIV_H
#define WORK_SCHEDULE_PRIV_H

#include "work/schedule.h"

enum lane_id {
    LANE_INFO,
    LANE_IDENTITY,
    LANE_OUTBOX,
    LANE_STREAM,
    LANE_LOAD,
    LANE_STATUS,
    LANE_ACTIVE,
    LANE_LIST_BATCH,
    LANE_DESCRIBE,
    LANE_DETAIL,
    LANE_LOG,
    LANE_RULE_LOG,
    /* the status index with days of overlap: finds times in other zones, and late clocks */
    LANE_WIDE,
    LANE_SHOWN,     /* the rows on the screen, by id */
    LANE_DOUBT,     /* the jobs of which two replies tell different things, by id */
    LANE_LOG_STAGE, /* how far silent jobs are, by their logs */
    LANE_DLQ,       /* how many messages the dead letter queue holds */
    LANE_SWEEP,     /* the table, a part at a time: finds what every other way missed */
    LANE_COUNT
};

#define NEVER INT64_MAX

struct lane {
    int64_t due; /* NEVER: the lane is not planned */
    int64_t heard;
    unsigned out; /* the tasks under way */
    uint16_t round;
    int failures;
    /* a person asked for it: the lane goes on also while the schedule is paused */
    bool forced;
    bool again;       /* a person asked for it while a round was under way: another round follows */
    bool failed_part; /* a part of the round under way has failed */
};

enum mode { MODE_UNKNOWN, MODE_STREAM, MODE_INDEX, MODE_PLAIN };

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)

#define LOST_MS (3 * MINUTE)
#define BOOST_MS MINUTE /* for this long after an action, changes are expected */
#define OVERLAP_MS (15 * SECOND)
/* Zones reach from 12 hours behind UTC to 14 ahead of it. */
#define WIDE_MS (26 * 60 * MINUTE)
#define DAY_MS (24 * 60 * MINUTE)
#define LOG_FAST (2 * SECOND)
#define LOG_SLOW (10 * SECOND)

enum {
    SEGMENTS = 4,
    SEGMENT_ITEMS = 1000, /* with fewer items the table is read in one piece */
    IDS_MAX = 300,        /* ids that are asked for at a time; the others take turns */
    PART_ITEMS = 250,     /* items of one part of a sweep: about one page */
    PARTS_MAX = 1000,
    STATUS_WORDS = 6, /* the index by status is asked for each of them */
    /* a table of at most so many records is swept within a minute when no stream tells of
     * changes */
    SMALL_TABLE = 2000
};

struct schedule {
    struct lane lanes[LANE_COUNT];
    double scale; /* refresh_s / 3 */
    uint32_t random;
    enum mode mode;
    struct table_info info;
    bool stream_denied; /* the identity may not read the stream: the next best way is taken */
    int stream_lost;    /* how often the stream was not where DescribeTable said */
    bool status_denied;
    bool paused;
    bool loaded; /* the first load is complete */
    bool reload; /* the next load begins anew, also when one is under way */
    int segments;
    bool segment_done[SEGMENTS];
    size_t load_count; /* records of the load under way, and afterwards of the last one */
    size_t count;
    unsigned sweep_part, sweep_parts; /* the next part, and the number of parts */
    size_t sweep_count;               /* records of the sweep so far */
    int64_t sweep_ms;                 /* mono: when its first part was asked for */
    size_t wide_count;                /* records of the last wide round, or of the one under way */
    bool gone;        /* there is no such table; its stream may answer for a day more */
    int64_t heard_ms; /* mono: when the way to follow the table last answered; TIME_NONE */
    int64_t all_ms;   /* mono: everything was read after this time; TIME_NONE */
    int64_t load_ms;  /* mono: when the load began */
    struct stream_cursor *stream;
    char stream_arn[sizeof((struct table_info *)NULL)->stream_arn];
    int64_t wall_ms;        /* the time of the latest reply: the schedule has no clock of its own */
    int64_t wall_mono_ms;   /* mono: when that reply came */
    int64_t load_wall_ms;   /* wall: when the load began */
    int64_t status_wall_ms; /* wall: when the last complete round of queries began; TIME_NONE */
    int64_t status_sent_ms;
    int64_t listed_wall_ms; /* the same for ListJobs */
    int64_t list_sent_ms;
    bool list_whole;     /* the list under way was asked for after all records were read */
    bool listed_all;     /* such a list has come: a job that is in no list is not in Batch */
    int64_t boost_until; /* mono: changes are expected until then */
    int64_t calm_at;     /* mono: when `slow` is halved */
    int slow;            /* 1-8: after throttling, every question is this many times rarer */
    uint64_t throttles;  /* the client's counter of throttles when it was last seen */
    size_t active_at, describe_at, shown_at, doubt_at;  /* whose turn it is in each list of ids */
    size_t lively, lively_alone, active_len, shown_len; /* as in the last view */
    char *detail_id;
    bool detail_active;
    char *log_id;
    struct log_cursor *log;
    int64_t log_wait;
    struct rule_log_cursor *rule; /* NULL: not followed */
    int64_t rule_wait;
};

/* ---- schedule_ask.c ---- */

/* A list of tasks that is being made. */
struct task_list {
    struct task *head;
    struct task **tail;
};

/* Adds up to 20 % in either direction. */
int64_t schedule_jitter(struct schedule *s, int64_t ms);
/* The milliseconds between two rounds of a lane as things are now, and after a failure. */
int64_t schedule_interval(const struct schedule *s, enum lane_id id, int64_t now);
int64_t schedule_back_off(const struct schedule *s, enum lane_id id, enum err_code code);
int64_t schedule_scaled(const struct schedule *s, int64_t ms);
/* Adds a lane's tasks; false when the lane has nothing to ask now. */
bool schedule_ask(struct schedule *s, struct task_list *o, enum lane_id id,
                  const struct schedule_view *v, int64_t now);

/* ---- schedule.c ---- */

void lane_plan(struct lane *l, int64_t at);
void lane_plan_now(struct lane *l, int64_t now); /* due now, or right after the round under way */
void lane_plan_off(struct lane *l);
void lane_abandon(struct lane *l); /* the round under way is no longer waited for */

#endif
