/* log_stage.h - how far a job is by its log, when its record is silent.
 *
 * Some containers stop writing their record half-way and tell the rest only in JSON log lines with
 * a member `stage`. Pure; any thread. Plain values, which may be copied. */
#ifndef JOBS_LOG_STAGE_H
#define JOBS_LOG_STAGE_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jobs/state.h"
#include "jobs/timeline.h"

enum { LOG_STAGE_SIZE = 64, LOG_STAGE_SAID = 160 };

struct log_stage {
    bool read;        /* the newest lines were read; false: nothing is known of the log */
    int64_t read_ms;  /* when reading was tried, by the wall clock: the reader sets it */
    int64_t heard_ms; /* the time of the newest line; TIME_NONE: there is no line */
    int64_t at_ms;    /* the time of the newest line that names a stage; TIME_NONE: none does */
    int64_t since_ms; /* the time of the first line read that names this stage */
    /* the stage as the line has it: clean it before a screen; "": none */
    char stage[LOG_STAGE_SIZE];
    char said[LOG_STAGE_SAID]; /* what that line says besides the stage, secrets masked; "" */
};
void log_stage_init(struct log_stage *s);

/* Takes one line; the lines may come in any order. The stage is a text `stage` in a JSON object,
 * which may stand after other words, or inside an object or a JSON text under message, msg, log,
 * data and similar names. Names of environments ("production", "dev") are no stage, and plain lines
 * only tell that the log goes on. */
void log_stage_line(struct log_stage *s, int64_t at_ms, const char *text, size_t len);

/* Is the log worth reading? It is when the job runs, Batch names its log stream, and the record was
 * not updated for `silent_s` seconds (0: never). `b` may be NULL. */
bool log_stage_wanted(const struct job *j, const struct batch_job *b, const struct job_state *s,
                      int64_t now_ms, int silent_s);
/* The stage, when it is later news than the record's step and differs from it; NULL: the record's
 * step counts. `l` may be NULL. Borrowed. */
const char *log_stage_shown(const struct job *j, const struct job_state *s,
                            const struct log_stage *l);
/* Settles the state of a job whose log goes on while its record is silent: such a job is not
 * stuck. */
void log_stage_settle(const struct job *j, const struct batch_job *b, const struct log_stage *l,
                      int64_t now_ms, const struct state_rules *rules, struct job_state *s);
/* {"step","at","message","heardAt"}, owned; step is null when the record's step counts. NULL when
 * nothing was read. `l` may be NULL. */
cJSON *log_stage_json(const struct job *j, const struct job_state *s, const struct log_stage *l);
/* Adds the stage to the timeline, with the source "log"; adds nothing when no stage is shown. */
void log_stage_timeline(const struct job *j, const struct job_state *s, const struct log_stage *l,
                        struct timeline *t);
#endif
