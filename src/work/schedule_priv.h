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
    LANE_WIDE,      /* the status index with days of overlap: times in other zones, late clocks */
    LANE_SHOWN,     /* the rows on the screen, by id */
    LANE_DOUBT,     /* what two replies tell differently, by id */
    LANE_LOG_STAGE, /* how far silent jobs are by their logs */
    LANE_SWEEP,     /* the table, a part at a time: what every other way missed */
    LANE_COUNT
};

#define NEVER INT64_MAX

struct lane {
    int64_t due; /* NEVER: not planned */
    int64_t heard;
    unsigned out; /* tasks under way */
    uint16_t round;
    int failures;
    bool forced;      /* asked for by a person: goes also while paused */
    bool again;       /* asked for while a round was under way: another one right after it */
    bool failed_part; /* of the round under way */
};

enum mode { MODE_UNKNOWN, MODE_STREAM, MODE_INDEX, MODE_PLAIN };

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)

#define LOST_MS (3 * MINUTE)
#define BOOST_MS MINUTE /* after an action things are expected to happen */
#define OVERLAP_MS (15 * SECOND)
/* Zones reach from 12 hours behind UTC to 14 ahead of it. */
#define WIDE_MS (26 * 60 * MINUTE)
#define DAY_MS (24 * 60 * MINUTE)
#define LOG_FAST (2 * SECOND)
#define LOG_SLOW (10 * SECOND)

enum {
    SEGMENTS = 4,
    SEGMENT_ITEMS = 1000, /* fewer are read in one piece */
    IDS_MAX = 300,        /* asked for at a time; the others take turns */
    PART_ITEMS = 250,     /* of a sweep: about one page */
    PARTS_MAX = 1000,
    SMALL_TABLE = 2000 /* so many records are swept within a minute where no stream tells */
};

struct schedule {
    struct lane lanes[LANE_COUNT];
    double scale; /* refresh_s / 3 */
    uint32_t random;
    enum mode mode;
    struct table_info info;
    bool stream_denied; /* the identity may not read it: the next best way then */
    int stream_lost;    /* how often it was not where DescribeTable said */
    bool status_denied;
    bool paused;
    bool loaded; /* the first load is complete */
    bool reload; /* the next load begins anew, also where one is under way */
    int segments;
    bool segment_done[SEGMENTS];
    size_t load_count; /* records of the load under way, and then of the last one */
    size_t count;
    unsigned sweep_part, sweep_parts; /* the next one; of how many */
    size_t sweep_count;               /* records of the sweep so far */
    int64_t sweep_ms;                 /* mono: when its first part was asked for */
    size_t wide_count;                /* records of the last wide round, or of the one under way */
    bool gone;        /* there is no such table; its stream may answer for a day more */
    int64_t heard_ms; /* mono: when the way to follow last answered; TIME_NONE */
    int64_t all_ms;   /* mono: all was read after this time; TIME_NONE */
    int64_t load_ms;  /* mono: when the load began */
    struct stream_cursor *stream;
    char stream_arn[sizeof((struct table_info *)NULL)->stream_arn];
    int64_t wall_ms;        /* latest reply's time: the schedule has no clock of its own */
    int64_t wall_mono_ms;   /* when that was */
    int64_t load_wall_ms;   /* when the load began */
    int64_t status_wall_ms; /* when the last whole round of queries began; TIME_NONE */
    int64_t status_sent_ms;
    int64_t listed_wall_ms; /* the same for ListJobs */
    int64_t list_sent_ms;
    bool list_whole;     /* the list under way was asked for when all records were read */
    bool listed_all;     /* one such list has come: what is in none of them is not in Batch */
    int64_t boost_until; /* mono */
    int64_t calm_at;     /* mono: when `slow` is halved */
    int slow;            /* 1-8: everything this much rarer, after throttling */
    uint64_t throttles;  /* counter of the client when last seen */
    size_t active_at, describe_at, shown_at, doubt_at; /* whose turn it is */
    size_t active_len, batch_len;                      /* of the last view */
    char *detail_id;
    bool detail_active;
    char *log_id;
    struct log_cursor *log;
    int64_t log_wait;
    struct rule_log_cursor *rule; /* NULL: not followed */
    int64_t rule_wait;
};

/* ---- schedule_ask.c ---- */

/* A task list under construction. */
struct task_list {
    struct task *head;
    struct task **tail;
};

/* +-20 %. */
int64_t schedule_jitter(struct schedule *s, int64_t ms);
/* Milliseconds between two rounds of a lane as things are, and after a failure. */
int64_t schedule_interval(const struct schedule *s, enum lane_id id, int64_t now);
int64_t schedule_back_off(const struct schedule *s, enum lane_id id, enum err_code code);
int64_t schedule_scaled(const struct schedule *s, int64_t ms);
/* Adds a lane's tasks; false when it has nothing to ask just now. */
bool schedule_ask(struct schedule *s, struct task_list *o, enum lane_id id,
                  const struct schedule_view *v, int64_t now);

/* ---- schedule.c ---- */

void lane_plan(struct lane *l, int64_t at);
void lane_plan_now(struct lane *l, int64_t now); /* or right after what is under way */
void lane_plan_off(struct lane *l);
void lane_abandon(struct lane *l); /* what is under way is no longer waited for */

#endif
