/* The merge of record and Batch: a table of cases, then the sentences. */
#include <stdio.h>
#include <stdlib.h>

#include "jobs/state.h"
#include "jobs_help.h"

#define T0 INT64_C(1755685800000) /* 2025-08-20T10:30:00Z */
#define AT0 "'createdAt':{'S':'2025-08-20T10:30:00Z'},'updatedAt':{'S':'2025-08-20T10:30:00Z'}"
#define REC(status) AT0 ",'status':{'S':'" status "'}"
#define RECB(status) REC(status) ",'batchJobId':{'S':'b'}"
#define BATCH(status) "{'jobId':'b','createdAt':1755685801000,'status':'" status "'"
#define BRIEF "'startedAt':1755685810000,'stoppedAt':1755685812000"
#define REFUSED BRIEF ",'container':{'exitCode':75}}"
#define RAN "'startedAt':1755685810000,'stoppedAt':1755685900000"

enum { NOT_ASKED = 0, ASKED = 1 };

static const struct merge_row {
    const char *name;
    const char *record;
    const char *batch; /* NULL: none */
    int asked;
    int now_s; /* after T0 */
    const char *status;
    bool drift;
    enum job_stuck stuck;
    const char *says; /* part of the reason, "" for none at all */
} rows[] = {
  /* the record alone */
    {"pending, young",                       REC("PENDING"),                                                 NULL,                                                   NOT_ASKED, 30,     "PENDING",     false, STUCK_NO,       ""                                },
    {"pending, Batch asked, young",          REC("PENDING"),                                                 NULL,                                                   ASKED,     59,     "PENDING",     false, STUCK_NO,
     ""                                                                                                                                                                                                                                                         },
    {"pending, nobody picked it up",         REC("PENDING"),                                                 NULL,                                                   ASKED,     61,     "PENDING",     false,
     STUCK_NOT_PICKED_UP,                                                                                                                                                                                                     "matched no rule"                 },
    {"pending, Batch not asked: benefit",    REC("PENDING"),                                                 NULL,                                                   NOT_ASKED, 600,    "PENDING",     false,
     STUCK_NO,                                                                                                                                                                                                                ""                                },
    {"pending, not asked, far too long",     REC("PENDING"),                                                 NULL,                                                   NOT_ASKED, 700,    "PENDING",     false,
     STUCK_NO,                                                                                                                                                                                                                "is not known"                    },
    {"queued by its writer, Batch knows no", REC("QUEUED"),                                                  NULL,                                                   ASKED,     90,     "QUEUED",      false,
     STUCK_NOT_PICKED_UP,                                                                                                                                                                                                     "no Batch job"                    },
    {"in progress",                          REC("IN_PROGRESS"),                                             NULL,                                                   NOT_ASKED, 60,     "IN_PROGRESS", false, STUCK_NO,       ""                                },
    {"in progress, silent",                  REC("IN_PROGRESS"),                                             NULL,                                                   NOT_ASKED, 1900,   "IN_PROGRESS", false,
     STUCK_NO_PROGRESS,                                                                                                                                                                                                       "no progress"                     },
    {"in progress, a long job may be",       REC("IN_PROGRESS") ",'estimatedDuration':{'N':'28800'}",
     NULL,                                                                                                                                                           NOT_ASKED, 1900,   "IN_PROGRESS", false, STUCK_NO,       ""                                },
    {"lower case",                           REC("in_progress"),                                             NULL,                                                   NOT_ASKED, 60,     "IN_PROGRESS", false, STUCK_NO,       ""                                },
    {"completed",                            REC("COMPLETED"),                                               NULL,                                                   NOT_ASKED, 99999,  "COMPLETED",   false, STUCK_NO,       ""                                },
    {"failed tells its last error",          REC("FAILED") ",'lastError':{'S':'npm ERR!'}",                  NULL,                                                   NOT_ASKED,
     9,                                                                                                                                                                                 "FAILED",      false, STUCK_NO,       "npm ERR!"                        },
    {"failed tells its reason first",
     REC("FAILED") ",'lastError':{'S':'x'},'statusReason':{'S':'refused'}",                                  NULL,                                                   NOT_ASKED, 9,
     "FAILED",                                                                                                                                                                                         false, STUCK_NO,       "refused"                         },
    {"no status at all",                     AT0,                                                            NULL,                                                   ASKED,     9999,   "",            false, STUCK_NO,       ""                                },
    {"another program's word",               REC("REVIEW"),                                                  NULL,                                                   ASKED,     9999,   "REVIEW",      false, STUCK_NO,       ""                                },
    {"no times: nothing is stuck",           "'status':{'S':'PENDING'}",                                     NULL,                                                   ASKED,     99999,  "PENDING",     false,
     STUCK_NO,                                                                                                                                                                                                                ""                                },
 /* Batch forgot it */
    {"completed, gone from Batch",           RECB("COMPLETED"),                                              NULL,                                                   ASKED,     999999, "COMPLETED",   false,
     STUCK_NO,                                                                                                                                                                                                                "gone from Batch"                 },
    {"in progress, just gone",               RECB("IN_PROGRESS"),                                            NULL,                                                   ASKED,     60,     "IN_PROGRESS", false, STUCK_NO,
     "gone from Batch"                                                                                                                                                                                                                                          },
    {"in progress, gone for long",           RECB("IN_PROGRESS"),                                            NULL,                                                   ASKED,     9999,   "IN_PROGRESS", true,
     STUCK_NO_PROGRESS,                                                                                                                                                                                                       "gone from Batch"                 },
    {"named, but Batch was not asked",       RECB("PENDING"),                                                NULL,                                                   NOT_ASKED, 9999,   "PENDING",     false,
     STUCK_NO,                                                                                                                                                                                                                ""                                },
 /* on its way */
    {"pending, submitted",                   REC("PENDING"),                                                 BATCH("SUBMITTED") "}",                                 ASKED,     5,      "QUEUED",      false,
     STUCK_NO,                                                                                                                                                                                                                ""                                },
    {"pending, runnable",                    REC("PENDING"),                                                 BATCH("RUNNABLE") "}",                                  ASKED,     100,    "QUEUED",      false,
     STUCK_NO,                                                                                                                                                                                                                ""                                },
    {"pending, runnable for long",           REC("PENDING"),                                                 BATCH("RUNNABLE") "}",                                  ASKED,     700,    "QUEUED",
     false,                                                                                                                                                                                                   STUCK_RUNNABLE, "gives no reason"                 },
    {"misconfigured: at once",               REC("QUEUED"),
     BATCH("RUNNABLE") ",'statusReason':'MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - x'}",                                                                           ASKED,     5,
     "QUEUED",                                                                                                                                                                                         false, STUCK_RUNNABLE, "no allowed instance"             },
    {"no capacity: told, stuck later",       REC("QUEUED"),
     BATCH("RUNNABLE") ",'statusReason':'CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY'}",                                                                                 ASKED,     5,
     "QUEUED",                                                                                                                                                                                         false, STUCK_NO,       "no instance"                     },
    {"pending, starting",                    REC("PENDING"),                                                 BATCH("STARTING") "}",                                  ASKED,     9999,   "QUEUED",      false,
     STUCK_NO,                                                                                                                                                                                                                ""                                },
    {"pending, running: not told yet",       REC("PENDING"),
     BATCH("RUNNING") ",'startedAt':1755685810000}",                                                                                                                 ASKED,     60,     "IN_PROGRESS", false, STUCK_NO,
     "has not reported"                                                                                                                                                                                                                                         },
    {"pending, running for long: drift",     REC("PENDING"),
     BATCH("RUNNING") ",'startedAt':1755685810000}",                                                                                                                 ASKED,     400,    "IN_PROGRESS", true,  STUCK_NO,
     "has not reported"                                                                                                                                                                                                                                         },
    {"in progress, running",                 REC("IN_PROGRESS"),                                             BATCH("RUNNING") ",'startedAt':1755685810000}",
     ASKED,                                                                                                                                                                     400,    "IN_PROGRESS", false, STUCK_NO,       ""                                },
    {"in progress, second attempt waits",    REC("IN_PROGRESS"),
     BATCH("RUNNABLE") ",'attempts':[{'stoppedAt':1755685850000,'container':{'exitCode':1}}]}",
     ASKED,                                                                                                                                                                     300,    "QUEUED",      false, STUCK_NO,       "attempt 1 ended with exit code 1"},
    {"in progress, yet never started",       REC("IN_PROGRESS"),                                             BATCH("RUNNABLE") "}",                                  ASKED,     300,
     "QUEUED",                                                                                                                                                                                         true,  STUCK_NO,       ""                                },
    {"unknown word, running",                REC("REVIEW"),                                                  BATCH("RUNNING") ",'startedAt':1755685810000}",         ASKED,
     400,                                                                                                                                                                               "REVIEW",      false, STUCK_NO,       ""                                },
    {"no status, running",                   AT0,                                                            BATCH("RUNNING") ",'startedAt':1755685810000}",         ASKED,     20,
     "IN_PROGRESS",                                                                                                                                                                                    false, STUCK_NO,       "has not reported"                },
 /* Batch ended it */
    {"the example of the contract",          REC("IN_PROGRESS"),
     BATCH("FAILED") "," RAN
                     ",'container':{'exitCode':137,'reason':'OutOfMemoryError: Container killed'}}",                                                                 ASKED,     101,    "FAILED",      true,  STUCK_NO,       "out of memory (exit code 137)"   },
    {"pending, failed to start",             REC("PENDING"),
     BATCH("FAILED") ",'statusReason':'CannotPullContainerError: no such image'}",                                                                                   ASKED,     101,
     "FAILED",                                                                                                                                                                                         true,  STUCK_NO,       "could not be pulled"             },
    {"unknown word, failed",                 REC("REVIEW"),                                                  BATCH("FAILED") "," RAN ",'container':{'exitCode':3}}",
     ASKED,                                                                                                                                                                     101,    "FAILED",      true,  STUCK_NO,       "exit code 3"                     },
    {"ended well just now",                  REC("IN_PROGRESS"),                                             BATCH("SUCCEEDED") "," RAN "}",                         ASKED,     150,
     "IN_PROGRESS",                                                                                                                                                                                    false, STUCK_NO,       "has just ended"                  },
    {"ended well, silent",                   REC("IN_PROGRESS"),                                             BATCH("SUCCEEDED") "," RAN "}",                         ASKED,     300,
     "COMPLETED",                                                                                                                                                                                      true,  STUCK_NO,       "without reporting"               },
    {"ended well before it was recorded",    REC("PENDING"),                                                 BATCH("SUCCEEDED") "," RAN "}",                         ASKED,
     300,                                                                                                                                                                               "COMPLETED",   true,  STUCK_NO,       "without reporting"               },
    {"terminated in the console",            REC("IN_PROGRESS"),
     BATCH("FAILED") "," RAN ",'isTerminated':true,'statusReason':'by bob'}",                                                                                        ASKED,     101,
     "CANCELLED",                                                                                                                                                                                      true,  STUCK_NO,       "by bob"                          },
    {"cancelled in the console",             REC("PENDING"),
     BATCH("FAILED") ",'isCancelled':true,'statusReason':'by bob'}",                                                                                                 ASKED,     101,    "CANCELLED",   true,
     STUCK_NO,                                                                                                                                                                                                                "cancelled before it started"     },
 /* the record is final */
    {"both completed",                       REC("COMPLETED"),                                               BATCH("SUCCEEDED") "," RAN "}",                         ASKED,     101,    "COMPLETED",
     false,                                                                                                                                                                                                   STUCK_NO,       ""                                },
    {"both failed",                          REC("FAILED") ",'lastError':{'S':'tests red'}",
     BATCH("FAILED") "," RAN ",'container':{'exitCode':1}}",                                                                                                         ASKED,     101,    "FAILED",      false, STUCK_NO,
     "tests red; the program"                                                                                                                                                                                                                                   },
    {"completed, cleaning up",               REC("COMPLETED") ",'completedAt':{'S':'2025-08-20T10:31:00Z'}",
     BATCH("RUNNING") ",'startedAt':1755685810000}",                                                                                                                 ASKED,     100,    "COMPLETED",   false, STUCK_NO,       ""                                },
    {"completed, still running",             REC("COMPLETED") ",'completedAt':{'S':'2025-08-20T10:31:00Z'}",
     BATCH("RUNNING") ",'startedAt':1755685810000}",                                                                                                                 ASKED,     999,    "COMPLETED",   true,  STUCK_NO,
     "Batch still has it RUNNING"                                                                                                                                                                                                                               },
    {"failed, still running",                REC("FAILED"),                                                  BATCH("RUNNING") ",'startedAt':1755685810000}",         ASKED,
     999,                                                                                                                                                                               "FAILED",      true,  STUCK_NO,       "Batch still has it RUNNING"      },
    {"completed, Batch failed",              REC("COMPLETED"),
     BATCH("FAILED") "," RAN ",'container':{'exitCode':2}}",                                                                                                         ASKED,     101,    "COMPLETED",   true,
     STUCK_NO,                                                                                                                                                                                                                "Batch says FAILED"               },
    {"failed, Batch succeeded",              REC("FAILED") ",'lastError':{'S':'tests red'}",
     BATCH("SUCCEEDED") "," RAN "}",                                                                                                                                 ASKED,     101,    "FAILED",      true,  STUCK_NO,       "exited 0"                        },
 /* cancelled */
    {"cancelled, nothing to end",            REC("CANCELLED") ",'statusReason':{'S':'by ann'}",              NULL,                                                   ASKED,
     10,                                                                                                                                                                                "CANCELLED",   false, STUCK_NO,       "by ann"                          },
    {"cancelled, waiting",                   REC("CANCELLED"),                                               BATCH("RUNNABLE") "}",                                  ASKED,     10,     "STOPPING",    false,
     STUCK_NO,                                                                                                                                                                                                                "not ended it yet"                },
    {"cancelled, starting",                  REC("CANCELLED"),                                               BATCH("STARTING") "}",                                  ASKED,     10,     "STOPPING",    false,
     STUCK_NO,                                                                                                                                                                                                                "not ended it yet"                },
    {"cancelled, running",                   REC("CANCELLED"),                                               BATCH("RUNNING") ",'startedAt':1755685810000}",         ASKED,
     30,                                                                                                                                                                                "STOPPING",    false, STUCK_NO,       "not ended it yet"                },
    {"cancelled, will not stop",             REC("CANCELLED"),                                               BATCH("RUNNING") ",'startedAt':1755685810000}",
     ASKED,                                                                                                                                                                     130,    "STOPPING",    false, STUCK_STOPPING, "not ended it yet"                },
    {"cancelled, ended",                     REC("CANCELLED") ",'statusReason':{'S':'by ann'}",
     BATCH("FAILED") "," RAN ",'isTerminated':true,'statusReason':'by ann'}",                                                                                        ASKED,     130,
     "CANCELLED",                                                                                                                                                                                      false, STUCK_NO,       "terminated. Batch says: by ann"  },
    {"cancelled, gone from Batch",           RECB("CANCELLED"),                                              NULL,                                                   ASKED,     99999,  "CANCELLED",   false,
     STUCK_NO,                                                                                                                                                                                                                "gone from Batch"                 },
 /* Batch says a word that we do not know */
    {"a new state of Batch",                 RECB("IN_PROGRESS"),                                            BATCH("HIBERNATING") "}",                               ASKED,     60,
     "IN_PROGRESS",                                                                                                                                                                                    false, STUCK_NO,       ""                                },
};

/* Containers that did not run the job: an older one ends with 0, which Batch calls SUCCEEDED; one
 * of now with 75. */
static const struct merge_row claims[] = {
    {"cancelled, ended well after minutes",           REC("CANCELLED") ",'statusReason':{'S':'by ann'}",
     BATCH("SUCCEEDED") "," RAN "}",                                                                                                                                        ASKED, 130,  "CANCELLED",   true,  STUCK_NO,
     "by ann; cancelled too late"                                                                                                                                                                                                                                              },
    {"cancelled, ended well after its steps",         REC("CANCELLED") ",'currentStep':{'S':'BUILDING'}",
     BATCH("SUCCEEDED") "," BRIEF "}",                                                                                                                                      ASKED, 130,  "CANCELLED",   true,  STUCK_NO,            "ran to its end"                           },
    {"cancelled, ended well after progress",          REC("CANCELLED") ",'progress':{'N':'40'}",
     BATCH("SUCCEEDED") "," BRIEF "}",                                                                                                                                      ASKED, 130,  "CANCELLED",   true,  STUCK_NO,            "ran to its end"                           },
    {"cancelled before pickup, an older container",
     REC("CANCELLED") ",'statusReason':{'S':'by ann'}",                                                                    BATCH("SUCCEEDED") "," BRIEF "}",                ASKED,
     130,                                                                                                                                                                                "CANCELLED",   false, STUCK_NO,            "by ann; Batch says SUCCEEDED, but nothing"},
    {"... whose record began",                        REC("CANCELLED") ",'currentStep':{'S':'INIT'},'progress':{'N':'0'}",
     BATCH("SUCCEEDED") "," BRIEF "}",                                                                                                                                      ASKED, 130,  "CANCELLED",   false, STUCK_NO,            "nothing shows"                            },
    {"... of which Batch tells no times",             REC("CANCELLED"),                                                    BATCH("SUCCEEDED") "}",                          ASKED, 130,
     "CANCELLED",                                                                                                                                                                                       false, STUCK_NO,            "nothing shows"                            },
    {"cancelled just after it had ended",
     "'createdAt':{'S':'2025-08-20T10:30:00Z'},'updatedAt':{'S':'2025-08-20T10:30:13Z'},'status':{'"
     "S':'CANCELLED'}",                                                                                                    BATCH("SUCCEEDED") "," BRIEF "}",                ASKED, 130,  "CANCELLED",   true,  STUCK_NO,            "too late"                                 },
    {"stopping by its record, ended well",            REC("STOPPING"),                                                     BATCH("SUCCEEDED") "," RAN "}",                  ASKED,
     300,                                                                                                                                                                                "CANCELLED",   true,  STUCK_NO,            "too late"                                 },
 /* a claim was refused: the record stands */
    {"refused: cancelled",                            REC("CANCELLED") ",'statusReason':{'S':'by ann'}",
     BATCH("FAILED") "," REFUSED,                                                                                                                                           ASKED, 130,  "CANCELLED",   false, STUCK_NO,
     "by ann; a container was refused its claim"                                                                                                                                                                                                                               },
    {"refused: cancelled while it waited",            RECB("CANCELLED"),                                                   BATCH("FAILED") "," REFUSED,                     ASKED,
     130,                                                                                                                                                                                "CANCELLED",   false, STUCK_NO,            "exit code 75"                             },
    {"refused: completed",                            REC("COMPLETED"),                                                    BATCH("FAILED") "," REFUSED,                     ASKED, 9999, "COMPLETED",
     false,                                                                                                                                                                                                    STUCK_NO,            "refused its claim"                        },
    {"refused: completed by the attempt before",      RECB("COMPLETED"),                                                   BATCH("FAILED") "," REFUSED,
     ASKED,                                                                                                                                                                        9999, "COMPLETED",   false, STUCK_NO,            "refused its claim"                        },
    {"refused: failed before",                        RECB("FAILED") ",'lastError':{'S':'tests red'}",
     BATCH("FAILED") "," REFUSED,                                                                                                                                           ASKED, 130,  "FAILED",      false, STUCK_NO,            "tests red; a container"                   },
    {"refused: in another letter case",               "'status':{'S':'cancelled'}",                                        BATCH("FAILED") "," REFUSED,
     ASKED,                                                                                                                                                                        130,  "CANCELLED",   false, STUCK_NO,            "refused"                                  },
    {"refused: another container works",              REC("IN_PROGRESS") ",'batchJobId':{'S':'a'}",
     BATCH("FAILED") "," REFUSED,                                                                                                                                           ASKED, 130,  "IN_PROGRESS", false, STUCK_NO,            "a has the job"                            },
    {"refused: another one waits",                    REC("QUEUED") ",'batchJobId':{'S':'a'}",
     BATCH("FAILED") "," REFUSED,                                                                                                                                           ASKED, 9999, "QUEUED",      false, STUCK_NO,            "a has the job"                            },
    {"refused: a container run by hand works",        REC("IN_PROGRESS"),                                                  BATCH("FAILED") "," REFUSED,
     ASKED,                                                                                                                                                                        130,  "IN_PROGRESS", false, STUCK_NO,            "refused"                                  },
    {"refused: pending again, young",                 REC("PENDING"),                                                      BATCH("FAILED") "," REFUSED,                     ASKED, 70,
     "PENDING",                                                                                                                                                                                         false, STUCK_NO,            "no other one has the job"                 },
    {"refused: pending again, and nobody came",       REC("PENDING"),                                                      BATCH("FAILED") "," REFUSED,                     ASKED,
     200,                                                                                                                                                                                "PENDING",     false, STUCK_NOT_PICKED_UP, "no other one has the job"                 },
    {"refused: no status at all",                     AT0,                                                                 BATCH("FAILED") "," REFUSED,                     ASKED, 200,  "",            false, STUCK_NO,
     "refused"                                                                                                                                                                                                                                                                 },
    {"75 of a job that was its own",                  RECB("IN_PROGRESS"),                                                 BATCH("FAILED") "," REFUSED,                     ASKED, 130,
     "FAILED",                                                                                                                                                                                          true,  STUCK_NO,            "although it had claimed the job"          },
    {"75, but somebody ended it",                     REC("PENDING"),                                                      BATCH("FAILED") ",'isTerminated':true," REFUSED,
     ASKED,                                                                                                                                                                        130,  "CANCELLED",   true,  STUCK_NO,            "terminated"                               },
    {"75 of an attempt that is tried again",          RECB("IN_PROGRESS"),
     BATCH("RUNNABLE") ",'attempts':[{'stoppedAt':1755685850000,'container':{'exitCode':75}}]}",
     ASKED,                                                                                                                                                                        130,  "QUEUED",      false, STUCK_NO,            "exit code 75"                             },
    {"completed, and Batch failed with another code", RECB("COMPLETED"),
     BATCH("FAILED") "," RAN ",'container':{'exitCode':76}}",                                                                                                               ASKED, 9999, "COMPLETED",   true,
     STUCK_NO,                                                                                                                                                                                                                      "Batch says FAILED"                        },
};

static void check_row(const struct merge_row *r)
{
    struct job *j = help_job(r->record);
    struct batch_job *b = r->batch == NULL ? NULL : help_batch(r->batch);
    struct job_state s;
    char reason[STATE_REASON_SIZE];

    job_state_merge(j, b, r->asked != 0, T0 + (int64_t)r->now_s * 1000, NULL, &s);
    (void)job_state_reason(j, b, &s, reason, sizeof reason);
    cr_expect_str_eq(job_state_word(j, &s), r->status, "%s: %s", r->name, job_state_word(j, &s));
    cr_expect_eq(s.drift, r->drift, "%s: drift %d", r->name, s.drift);
    cr_expect_eq(s.stuck, r->stuck, "%s: stuck %d", r->name, s.stuck);
    cr_expect(*r->says == '\0' ? *reason == '\0' : strstr(reason, r->says) != NULL, "%s: \"%s\"",
              r->name, reason);
    cr_expect_eq(s.gone_from_batch, r->asked && b == NULL && job_text(j, JOB_BATCH_ID) != NULL,
                 "%s", r->name);
    job_free(j);
    batch_job_free(b);
}

Test(state, every_case_of_the_merge)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check_row(&rows[i]);
    }
}

Test(state, a_job_that_never_ran_is_what_its_record_says)
{
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) {
        check_row(&claims[i]);
    }
}

/* Every combination of record and Batch job gives some state, and a reason that ends with a NUL. */
Test(state, every_pair_of_words_gives_a_state)
{
    static const char *const batch[] = {"SUBMITTED", "PENDING",   "RUNNABLE", "STARTING",
                                        "RUNNING",   "SUCCEEDED", "FAILED",   "NEW"};

    for (int st = 0; st < JOB_STATUS_COUNT; st++) {
        for (size_t i = 0; i <= sizeof batch / sizeof *batch; i++) {
            char *record =
                xasprintf("'status':{'S':'%s'}",
                          st == JOB_OTHER_STATUS ? "ODD" : job_status_word((enum job_status)st));
            char *text = xasprintf("{'jobId':'b','status':'%s'}", i < 8 ? batch[i] : "");
            struct job *j = help_job(record);
            struct batch_job *b = i == 8 ? NULL : help_batch(text);
            struct job_state s;
            char reason[STATE_REASON_SIZE];
            job_state_merge(j, b, true, T0, NULL, &s);
            cr_expect_lt(s.status, JOB_STATUS_COUNT);
            cr_expect_lt(strlen(job_state_reason(j, b, &s, reason, sizeof reason)), sizeof reason);
            if (s.status == JOB_STOPPING && i < 8) {
                cr_expect(st == JOB_CANCELLED || st == JOB_STOPPING);
            }
            job_free(j);
            batch_job_free(b);
            free(record);
            free(text);
        }
    }
}

Test(state, times_are_merged_from_both)
{
    struct job *j = help_job(REC("FAILED"));
    struct batch_job *b = help_batch(BATCH("FAILED") "," RAN "}");
    struct job_state s;

    job_state_merge(j, b, true, T0, NULL, &s);
    cr_expect_eq(s.started_ms, INT64_C(1755685810000), "Batch's start, the record has none");
    cr_expect_eq(s.ended_ms, INT64_C(1755685900000));
    job_state_merge(j, NULL, true, T0, NULL, &s);
    cr_expect_eq(s.started_ms, TIME_NONE);
    cr_expect_eq(s.ended_ms, T0, "the last update stands in for the end");
    cr_expect_eq(s.exit_code, EXIT_CODE_NONE);
    job_free(j);
    j = help_job(REC("COMPLETED") ",'startedAt':{'S':'2025-08-20T10:31:00Z'},"
                                  "'completedAt':{'S':'2025-08-20T10:32:00Z'}");
    job_state_merge(j, b, true, T0, NULL, &s);
    cr_expect_eq(s.started_ms, T0 + 60000);
    cr_expect_eq(s.ended_ms, T0 + 120000, "the container's own word");
    job_free(j);
    batch_job_free(b);
}

/* "pending, runnable for long", of a queue that runs others. */
Test(state, a_job_that_waits_while_others_run_is_not_stuck)
{
    struct state_rules busy = state_rules_default;
    struct job *j = help_job(REC("PENDING"));
    struct batch_job *b = help_batch(BATCH("RUNNABLE") "}");
    struct batch_job *odd = help_batch(
        BATCH("RUNNABLE") ",'statusReason':'MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT'}");
    struct job_state s;
    char reason[STATE_REASON_SIZE];

    busy.queue_runs = true;
    job_state_merge(j, b, true, T0 + 9999 * INT64_C(1000), &busy, &s);
    cr_expect_eq(s.stuck, STUCK_NO);
    cr_expect(s.turn);
    cr_expect_str_eq(job_state_reason(j, b, &s, reason, sizeof reason),
                     "waiting in Batch for its turn: the queue runs other jobs");
    job_state_merge(j, b, true, T0 + 100 * INT64_C(1000), &busy, &s);
    cr_expect_not(s.turn, "no word of it as long as nobody wonders");
    job_state_merge(j, b, true, T0 + 9999 * INT64_C(1000), NULL, &s);
    cr_expect_eq(s.stuck, STUCK_RUNNABLE, "nothing runs");
    cr_expect_not(s.turn);
    cr_expect_not_null(strstr(job_state_reason(j, b, &s, reason, sizeof reason), "runs no job"));
    job_state_merge(j, odd, true, T0 + 5000, &busy, &s);
    cr_expect_eq(s.stuck, STUCK_RUNNABLE, "waiting does not help it");
    batch_job_free(odd);
    batch_job_free(b);
    job_free(j);
}

#define ARRAY(status, size, counts)                                                                \
    BATCH(status) ",'arrayProperties':{'size':" size ",'statusSummary':{" counts "}}"

/* Batch calls the parent PENDING until the last child ended. */
static const struct {
    const char *record, *batch, *status;
    enum job_stuck stuck;
    const char *says, *never;
} arrays[] = {
    {REC("PENDING"),     ARRAY("PENDING",   "50", "'RUNNING':40,'FAILED':5,'RUNNABLE':5") "}",
     "IN_PROGRESS",                                                                                                                                     STUCK_NO,       "array job of 50: 40 running, 5 failed, 5 waiting",
     "waiting in Batch"                                                                                                                                                                                                                       },
    {REC("IN_PROGRESS"),
     ARRAY("PENDING",                       "7",
     "'RUNNING':2,'SUCCEEDED':5") ",'statusReason':"
                                        "'CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY'}",                                                    "IN_PROGRESS", STUCK_NO,       "array job of 7: 2 running, 5 succeeded",           "capacity"        },
    {REC("QUEUED"),      ARRAY("PENDING",   "3",  "'STARTING':1,'SUBMITTED':1,'PENDING':1") "}",                                         "QUEUED",
     STUCK_NO,                                                                                                                                                          "array job of 3: 1 starting, 2 waiting",            "waiting in Batch"},
    {REC("QUEUED"),      ARRAY("PENDING",   "9",  "'RUNNABLE':6,'SUCCEEDED':3") "}",                                                     "QUEUED",      STUCK_NO,
     "array job of 9: 3 succeeded, 6 waiting",                                                                                                                                                                              "runs no job"     },
    {REC("QUEUED"),
     ARRAY("PENDING",                       "4",  "'RUNNABLE':4") ",'statusReason':"
                                           "'CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY'}", "QUEUED",      STUCK_RUNNABLE, "array job of 4: 4 waiting; waiting in Batch: ",    "running"         },
    {REC("IN_PROGRESS"),
     ARRAY("FAILED",                        "10", "'SUCCEEDED':8,'FAILED':2") ",'statusReason':"
                                                       "'Array Child Job failed'}",     "FAILED",      STUCK_NO,
     "array job of 10: 2 failed, 8 succeeded. Batch says: Array Child Job failed",                                                                                                                                          "its log"         },
    {REC("PENDING"),     ARRAY("SUBMITTED", "2",  "") "}",                                                                               "QUEUED",      STUCK_RUNNABLE,
     "array job of 2: Batch does not show",                                                                                                                                                                                 "running"         },
};

Test(state, the_parent_of_an_array_says_how_its_children_stand)
{
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        struct job *j = help_job(arrays[i].record);
        struct batch_job *b = help_batch(arrays[i].batch);
        struct job_state s;
        char reason[STATE_REASON_SIZE];

        job_state_merge(j, b, true, T0 + 9999 * INT64_C(1000), NULL, &s);
        (void)job_state_reason(j, b, &s, reason, sizeof reason);
        cr_expect_str_eq(job_state_word(j, &s), arrays[i].status, "%zu: %s", i,
                         job_state_word(j, &s));
        cr_expect(s.stuck == arrays[i].stuck || s.status == JOB_IN_PROGRESS, "%zu: stuck %d", i,
                  s.stuck);
        cr_expect_not_null(strstr(reason, arrays[i].says), "%zu: %s", i, reason);
        cr_expect_null(strstr(reason, arrays[i].never), "%zu: %s", i, reason);
        job_free(j);
        batch_job_free(b);
    }
}

Test(state, a_child_of_an_array_is_a_job_of_its_own)
{
    struct batch_job *b = help_batch(BATCH("RUNNING") ",'arrayProperties':{'index':3,'size':9}}");
    char children[160];

    cr_expect_eq(b->array.index, 3);
    cr_expect_eq(batch_job_stands(b), BATCH_RUNNING);
    job_children(b, children, sizeof children);
    cr_expect_str_eq(children, "");
    batch_job_free(b);
}

Test(state, a_refused_claim_is_neither_start_nor_end)
{
    struct job *j = help_job(REC("CANCELLED"));
    struct batch_job *b = help_batch(BATCH("FAILED") "," REFUSED);
    struct job_state s;

    job_state_merge(j, b, true, T0, NULL, &s);
    cr_expect_eq(s.started_ms, TIME_NONE);
    cr_expect_eq(s.ended_ms, T0, "the cancel");
    cr_expect_eq(s.exit_code, EXIT_CODE_REFUSED, "as Batch has it");
    batch_job_free(b);
    job_free(j);
}

Test(state, rules_set_the_patience)
{
    struct state_rules impatient = {
        .not_picked_up_s = 1, .runnable_s = 1, .no_progress_s = 1, .stopping_s = 1, .drift_s = 1};
    struct job *j = help_job(REC("IN_PROGRESS"));
    struct job_state s;

    job_state_merge(j, NULL, true, T0 + 2000, &impatient, &s);
    cr_expect_eq(s.stuck, STUCK_NO_PROGRESS);
    job_state_merge(j, NULL, true, T0 - 999999, &impatient, &s);
    cr_expect_eq(s.stuck, STUCK_NO, "a clock that is behind finds nothing stuck");
    job_free(j);
}

static const struct why_case {
    const char *batch;
    const char *meaning; /* part of the sentence */
    const char *next;    /* part of the advice */
} whys[] = {
    {"{'jobId':'b','status':'FAILED','container':{'exitCode':1}}",
     "reported a failure (exit code 1)",                                                                                         "log"            },
    {"{'jobId':'b','status':'FAILED','container':{'exitCode':2}}",                              "exit code 2",                   "arguments"      },
    {"{'jobId':'b','status':'FAILED','container':{'exitCode':124}}",                            "time limit inside the job",
     "log"                                                                                                                                        },
    {"{'jobId':'b','status':'FAILED','statusReason':'Capacity is unavailable at this time. Please "
     "try again later'}",                                                                  "no capacity for it",            "retry later"    },
    {"{'jobId':'b','status':'FAILED','statusReason':'Timeout waiting for network interface "
     "provisioning to complete.'}",                                                        "network interface",             "free addresses" },
    {"{'jobId':'b','status':'FAILED','container':{'exitCode':125}}",                            "container service",             "retry"          },
    {"{'jobId':'b','status':'FAILED','container':{'exitCode':126}}",                            "could not be executed",
     "architecture"                                                                                                                               },
    {"{'jobId':'b','status':'FAILED','container':{'exitCode':127}}",                            "not found",                     "command"        },
    {"{'jobId':'b','status':'FAILED','container':{'exitCode':137}}",                            "SIGKILL",                       "more memory"    },
    {"{'jobId':'b','status':'FAILED','container':{'exitCode':139}}",                            "SIGSEGV",                       "log"            },
    {"{'jobId':'b','status':'FAILED','container':{'exitCode':143}}",                            "SIGTERM",                       "who stopped it" },
    {"{'jobId':'b','status':'FAILED','container':{'exitCode':150}}",                            "signal 22",                     "log"            },
    {"{'jobId':'b','status':'FAILED','container':{'exitCode':3}}",
     "the program failed (exit code 3)",                                                                                         "log"            },
    {"{'jobId':'b','status':'FAILED','container':{'exitCode':137,'reason':'OutOfMemoryError: "
     "Container killed due to memory usage'}}",                                            "out of memory (exit code 137)", "more memory"    },
    {"{'jobId':'b','status':'FAILED','statusReason':'CannotPullContainerError: pull image manifest "
     "has been retried 5 time(s)'}",                                                       "could not be pulled",           "execution role" },
    {"{'jobId':'b','status':'FAILED','statusReason':'Host EC2 (instance i-0abc) terminated.'}",
     "host was taken away",                                                                                                      "retry"          },
    {"{'jobId':'b','status':'FAILED','statusReason':'Your Spot Task was interrupted.'}",
     "spot capacity",                                                                                                            "on-demand"      },
    {"{'jobId':'b','status':'FAILED','statusReason':'Job attempt duration exceeded timeout'}",
     "longer than its timeout",                                                                                                  "raise"          },
    {"{'jobId':'b','status':'FAILED','statusReason':'Dependent Job failed'}",                   "depends on",
     "first"                                                                                                                                      },
    {"{'jobId':'b','status':'FAILED','statusReason':'ResourceInitializationError: unable to pull "
     "secrets'}",                                                                          "prepared",                      "Secrets Manager"},
    {"{'jobId':'b','status':'FAILED','statusReason':'something new'}",                          "something new",                 ""               },
    {"{'jobId':'b','status':'FAILED'}",                                                         "no reason",                     ""               },
    {"{'jobId':'b','status':'FAILED','isTerminated':true,'statusReason':'mvpdash ann@host: "
     "enough'}",                                                                           "terminated",                    "ann@host"       },
    {"{'jobId':'b','status':'RUNNABLE','statusReason':'CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - "
     "x'}",                                                                                "no instance",                   "allow more"     },
    {"{'jobId':'b','status':'RUNNABLE','statusReason':'MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_"
     "RESOURCE - x'}",                                                                     "maximum size",                  "maxvCpus"       },
    {"{'jobId':'b','status':'RUNNABLE','statusReason':'MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - "
     "x'}",                                                                                "large enough",                  "lower its vCPU" },
    {"{'jobId':'b','status':'RUNNABLE','statusReason':'MISCONFIGURATION:EC2_INSTANCE_CONFIGURATION_"
     "UNSUPPORTED - x'}",                                                                  "not supported",                 "launch template"},
    {"{'jobId':'b','status':'RUNNABLE','statusReason':'MISCONFIGURATION:SERVICE_ROLE_PERMISSIONS - "
     "x'}",                                                                                "service role",                  "attach"         },
    {"{'jobId':'b','status':'RUNNABLE','statusReason':'ACTION_REQUIRED - x'}",                  "an action from you",
     "console"                                                                                                                                    },
    {"{'jobId':'b','status':'RUNNABLE','statusReason':'UNDETERMINED - x'}",                     "does not know",
     "instance role"                                                                                                                              },
    {"{'jobId':'b','status':'RUNNABLE','statusReason':'new words'}",                            "new words",                     "waiting"        },
};

Test(state, batch_reasons_are_told_in_plain_words_with_the_next_step)
{
    for (size_t i = 0; i < sizeof whys / sizeof *whys; i++) {
        struct batch_job *b = help_batch(whys[i].batch);
        char why[STATE_REASON_SIZE];
        job_why(b, why, sizeof why);
        cr_expect_not_null(strstr(why, whys[i].meaning), "%s: %s", whys[i].batch, why);
        cr_expect_not_null(strstr(why, whys[i].next), "%s: %s", whys[i].batch, why);
        batch_job_free(b);
    }
}

Test(state, batch_s_own_words_stay_readable)
{
    struct batch_job *b = help_batch(whys[13].batch);
    char why[STATE_REASON_SIZE];

    job_why(b, why, sizeof why);
    cr_expect_not_null(strstr(why, "Batch says: OutOfMemoryError: Container killed"), "%s", why);
    batch_job_free(b);
    b = help_batch("{'jobId':'b','status':'RUNNING','statusReason':'x'}");
    job_why(b, why, sizeof why);
    cr_expect_str_eq(why, "", "a job that runs needs no reason");
    batch_job_free(b);
    job_why(NULL, why, sizeof why);
    cr_expect_str_eq(why, "");
}

Test(state, a_reason_is_cut_at_a_character)
{
    struct batch_job *b = help_batch("{'jobId':'b','status':'FAILED','statusReason':'"
                                     "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac'}");
    for (size_t size = 1; size < 32; size++) {
        char why[32];
        job_why(b, why, size);
        cr_expect_lt(strlen(why), size);
        cr_expect(strlen(why) == 0 || (why[strlen(why) - 1] & 0x80) == 0 ||
                      strlen(strrchr(why, '\xe2')) == 3,
                  "%zu", size);
    }
    batch_job_free(b);
}

Test(state, a_job_state_is_small)
{
    cr_expect_leq(sizeof(struct job_state), 32, "100,000 of them are kept");
}
