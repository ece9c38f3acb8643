/* What became of the job that did not start: every case of the doctor's K1. */
#include <stdlib.h>

#include "jobs/doctor.h"
#include "jobs_help.h"

#define T0 INT64_C(1755685800000) /* 2025-08-20T10:30:00Z */
#define REC(status) "'createdAt':{'S':'2025-08-20T10:30:00Z'},'status':{'S':'" status "'}"
#define BATCH(status) "{'jobId':'b','createdAt':1755685801000,'status':'" status "'"

static const struct job_case {
    const char *name, *record, *batch, *batch_fault;
    bool unsent;
    enum doctor_letter letter;
    const char *fault;
    int age_s;
    enum doctor_state state;
    bool lost;
    const char *text, *fix; /* parts; fix NULL: none */
} cases[] = {
    {"young",                             REC("PENDING"),                                    NULL,                                           NULL,            false, LETTER_NONE,    NULL, 59,   DOCTOR_PASS,    false,
     "59s after it was made",                                                                                                                                                                                                                                       NULL                                                                     },
    {"young, its writer's clock ahead",   REC("PENDING"),                                    NULL,                                           NULL,            false, LETTER_NONE,    NULL, -20,
     DOCTOR_PASS,                                                                                                                                                                                                false, "<1s after it was made",                    NULL                                                                     },
    {"lost",                              REC("PENDING"),                                    NULL,                                           NULL,            false, LETTER_NONE,    NULL, 61,   DOCTOR_FAIL,    true,
     "its event is lost",                                                                                                                                                                                                                                           "no check on its way fails now; retry the job: `mvpdash retry job_1_abc`"},
    {"lost, and its way is still closed", REC("PENDING"),                                    NULL,                                           NULL,            false, LETTER_NONE,    "D3", 61,
     DOCTOR_FAIL,                                                                                                                                                                                                true,  "its event is lost",                        "mend D3 first"                                                          },
    {"queued by its writer and lost",     REC("QUEUED"),                                     NULL,                                           NULL,            false, LETTER_NONE,    NULL, 3600,
     DOCTOR_FAIL,                                                                                                                                                                                                true,  "its event is lost",                        "retry"                                                                  },
    {"no times",                          "'status':{'S':'PENDING'}",                        NULL,                                           NULL,            false, LETTER_NONE,    NULL, 61,
     DOCTOR_UNKNOWN,                                                                                                                                                                                             false, "does not show how long",                   "doctor --job"                                                           },
    {"a dead letter",                     REC("PENDING"),                                    NULL,                                           NULL,            false, LETTER_FOUND,   NULL, 30,   DOCTOR_FAIL,    false,
     "its event is a dead letter",                                                                                                                                                                                                                                  "see E4"                                                                 },
    {"dead letters cannot be read",       REC("PENDING"),                                    NULL,                                           NULL,            false, LETTER_UNKNOWN, NULL, 61,
     DOCTOR_UNKNOWN,                                                                                                                                                                                             false, "is not known",                             "mvpdash dlq"                                                            },
    {"in the outbox",                     REC("PENDING"),                                    NULL,                                           NULL,            true,  LETTER_NONE,    "D1", 999,  DOCTOR_WARN,    false,
     "waits in the outbox",                                                                                                                                                                                                                                         "see D1"                                                                 },
    {"Batch cannot be asked",             REC("PENDING"),                                    NULL,                                           "access denied", false, LETTER_NONE,    NULL, 999,
     DOCTOR_UNKNOWN,                                                                                                                                                                                             false, "access denied",                            "check it later"                                                         },
    {"waits for its turn",                REC("PENDING"),                                    BATCH("RUNNABLE") "}",                          NULL,            false, LETTER_NONE,    NULL,
     99,                                                                                                                                                                                         DOCTOR_PASS,    false, "Batch job b is RUNNABLE",                  NULL                                                                     },
    {"waits in vain",                     REC("PENDING"),                                    BATCH("RUNNABLE") "}",                          NULL,            false, LETTER_NONE,    NULL, 9999,
     DOCTOR_WARN,                                                                                                                                                                                                false, "Batch job b is RUNNABLE",                  "see F2, F4 and F6"                                                      },
    {"runs",                              REC("IN_PROGRESS"),                                BATCH("RUNNING") "}",                           NULL,            false, LETTER_NONE,    NULL, 99,
     DOCTOR_PASS,                                                                                                                                                                                                false, "Batch job b is RUNNING",                   NULL                                                                     },
    {"runs by hand",                      REC("IN_PROGRESS"),                                NULL,                                           NULL,            false, LETTER_NONE,    NULL, 99,   DOCTOR_PASS,
     false,                                                                                                                                                                                                             "it is IN_PROGRESS",                        NULL                                                                     },
    {"taken, and Batch does not answer",  REC("QUEUED") ",'batchJobId':{'S':'b'}",           NULL,                                           "no answer",
     false,                                                                                                                                                          LETTER_NONE,    NULL, 99,   DOCTOR_PASS,    false, "its event arrived",                        NULL                                                                     },
    {"its only container was refused",    REC("PENDING"),
     BATCH("FAILED") ",'stoppedAt':1755685802000,'container':{'exitCode':75}}",                                                              NULL,            false,
     LETTER_NONE,                                                                                                                                                                    NULL, 99,   DOCTOR_FAIL,    true,  "its event is lost",                        "retry"                                                                  },
    {"over",                              REC("CANCELLED") ",'statusReason':{'S':'by ann'}", NULL,                                           NULL,            false, LETTER_NONE,
     "D3",                                                                                                                                                                                 999,  DOCTOR_PASS,    false, "it has ended: CANCELLED: by ann",          NULL                                                                     },
    {"cancelled, Batch not asked",        REC("CANCELLED"),                                  NULL,                                           "no answer",     false, LETTER_NONE,    NULL,
     99,                                                                                                                                                                                         DOCTOR_UNKNOWN, false, "still runs is not known: no answer",       "mvpdash cancel"                                                         },
    {"over, Batch not asked",             REC("COMPLETED"),                                  NULL,                                           "no answer",     false, LETTER_NONE,    NULL, 99,
     DOCTOR_PASS,                                                                                                                                                                                                false, "it has ended: COMPLETED",                  NULL                                                                     },
    {"over in Batch",                     REC("PENDING"),                                    BATCH("FAILED") ",'container':{'exitCode':3}}", NULL,            false,
     LETTER_NONE,                                                                                                                                                                    NULL, 999,  DOCTOR_PASS,    false, "it has ended: FAILED: the program failed", NULL                                                                     },
};

Test(doctor_job, every_case_has_its_diagnosis)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct job_case *k = &cases[i];
        struct job *j = help_job(k->record);
        struct batch_job *b = k->batch == NULL ? NULL : help_batch(k->batch);
        struct job_state s;
        struct finding f = {0};
        int64_t now = T0 + k->age_s * INT64_C(1000);

        job_state_merge(j, b, k->batch_fault == NULL, now, NULL, &s);
        doctor_job(&(struct doctor_job){.job = j,
                                        .batch = b,
                                        .state = &s,
                                        .batch_fault = k->batch_fault,
                                        .unsent = k->unsent,
                                        .letter = k->letter,
                                        .fault = k->fault,
                                        .now_ms = now,
                                        .not_picked_up_s = 60},
                   &f);
        cr_expect_eq(f.state, k->state, "%s: %s: %s", k->name, doctor_state_word(f.state), f.text);
        cr_expect_eq(f.lost, k->lost, "%s", k->name);
        cr_expect_not_null(strstr(f.text, k->text), "%s: %s", k->name, f.text);
        cr_expect(k->fix == NULL ? f.fix == NULL : f.fix != NULL && strstr(f.fix, k->fix) != NULL,
                  "%s: %s", k->name, help_or(f.fix));
        finding_clear(&f);
        batch_job_free(b);
        job_free(j);
    }
}
