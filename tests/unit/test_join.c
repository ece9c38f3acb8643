/* Two records that are one job, and a job that has none: tables of cases. */
#include <stdio.h>
#include <stdlib.h>

#include "jobs/join.h"
#include "jobs/state.h"
#include "jobs_help.h"

#define ID "9a0c1b5e-77aa-4e1f-8c0d-1234567890ab"
#define T0 INT64_C(1755685800000) /* 2025-08-20T10:30:00Z */

/* The container's record, under its Batch job's id. */
static struct job *container(const char *attributes)
{
    char *s = xasprintf("{'jobId':{'S':'" ID "'}%s%s}", *attributes == '\0' ? "" : ",", attributes);
    cJSON *item = help_json(s);
    struct job *j = job_from_item(item);

    cJSON_Delete(item);
    free(s);
    return j;
}

static const struct state_case {
    const char *own, *container, *want;
} states[] = {
    {"PENDING",     "IN_PROGRESS", "IN_PROGRESS"},
    {"PENDING",     "COMPLETED",   "COMPLETED"  },
    {"QUEUED",      "FAILED",      "FAILED"     },
    {"IN_PROGRESS", "COMPLETED",   "COMPLETED"  },
    {"IN_PROGRESS", "FAILED",      "FAILED"     },
    {"in_progress", "completed",   "COMPLETED"  },
    {"IN_PROGRESS", "QUEUED",      "IN_PROGRESS"},
    {"QUEUED",      "PENDING",     "QUEUED"     },
    {"IN_PROGRESS", "CANCELLED",   "CANCELLED"  },
    {"CANCELLED",   "IN_PROGRESS", "CANCELLED"  },
    {"CANCELLED",   "COMPLETED",   "CANCELLED"  },
    {"CANCELLED",   "FAILED",      "CANCELLED"  },
    {"FAILED",      "IN_PROGRESS", "FAILED"     },
    {"COMPLETED",   "IN_PROGRESS", "COMPLETED"  },
    {"COMPLETED",   "FAILED",      "FAILED"     },
    {"FAILED",      "COMPLETED",   "COMPLETED"  },
    {"",            "IN_PROGRESS", "IN_PROGRESS"},
    {"PENDING",     "",            ""           },
    {"IN_PROGRESS", "",            "IN_PROGRESS"},
    {"REVIEW",      "IN_PROGRESS", "IN_PROGRESS"},
    {"REVIEW",      "PENDING",     "REVIEW"     },
};

static char *status_attr(const char *word)
{
    return *word == '\0' ? xstrdup("'x':{'S':'y'}") : xasprintf("'status':{'S':'%s'}", word);
}

Test(join, of_two_states_the_one_that_knows_more_stands)
{
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        const struct state_case *c = &states[i];
        char *a = status_attr(c->own), *b = status_attr(c->container);
        struct job *own = help_job(a), *cont = container(b);
        struct job *j = job_join(own->id, own, cont);
        struct job_state s;
        job_state_merge(j, NULL, false, T0, NULL, &s);
        const char *got = job_text(j, JOB_STATUS_TEXT) == NULL ? "" : job_state_word(j, &s);
        if (c->want[0] != '\0' || strcmp(c->own, "PENDING") != 0) {
            cr_expect_str_eq(got, c->want, "%s + %s: %s", c->own, c->container, got);
        } else {
            /* Its container has written something, but no status: that says nothing new. */
            cr_expect(j->status == JOB_PENDING, "%s + nothing: %s", c->own, got);
        }
        job_free(j);
        job_free(own);
        job_free(cont);
        free(a);
        free(b);
    }
}

Test(join, who_wanted_what_is_the_own_records_and_the_work_the_containers)
{
    struct job *own = help_job(
        "'userId':{'S':'ann'},'productId':{'S':'p'},'createdAt':{'S':'2025-08-20T10:30:00Z'},"
        "'updatedAt':{'S':'2025-08-20T10:30:00Z'},'status':{'S':'PENDING'},'progress':{'N':'0'},"
        "'metadata':{'M':{'businessName':{'S':'Bakery'},'features':{'SS':['shop']}}},"
        "'stage':{'S':'AI_DEVELOPMENT'}");
    struct job *cont = container(
        "'status':{'S':'IN_PROGRESS'},'progress':{'N':'40'},'currentStep':{'S':'CREATING_REPO'},"
        "'updatedAt':{'S':'2025-08-20T10:41:00Z'},'startedAt':{'S':'2025-08-20T10:33:00Z'},"
        "'githubRepo':{'S':'https://example.com/r'},"
        "'lastError':{'S':'npm WARN'},'userId':{'S':'nobody'}");
    struct job *j = job_join(own->id, own, cont);

    cr_expect_str_eq(j->id, "job_1_abc");
    cr_expect_str_eq(job_text(j, JOB_USER_ID), "ann");
    cr_expect_str_eq(job_text(j, JOB_BUSINESS_NAME), "Bakery");
    cr_expect_eq(j->features_len, 1);
    cr_expect_str_eq(job_text(j, JOB_STEP), "CREATING_REPO");
    cr_expect_eq(j->progress, 40);
    cr_expect_str_eq(job_url(j, JOB_URL_REPOSITORY, (char[JOB_ROOM]){0}), "https://example.com/r");
    cr_expect_eq(j->errors_len, 1);
    cr_expect_eq(job_ms(j, JOB_CREATED), T0);
    cr_expect_eq(job_ms(j, JOB_UPDATED), T0 + 11 * 60000);
    cr_expect_eq(job_ms(j, JOB_STARTED), T0 + 3 * 60000);
    cr_expect_str_eq(job_text(j, JOB_BATCH_ID), ID, "its key is its Batch job");
    cr_expect_eq(j->mark, JOB_TWO_RECORDS);
    job_free(j);

    j = job_join("order-7", NULL, cont);
    cr_expect_str_eq(j->id, "order-7");
    cr_expect_str_eq(job_text(j, JOB_USER_ID), "nobody");
    cr_expect_eq(job_ms(j, JOB_CREATED), TIME_NONE);
    cr_expect_eq(j->progress, 40);
    cr_expect_eq(j->mark, JOB_OTHER_KEY);
    job_free(j);
    job_free(own);
    job_free(cont);
}

static void errors_of(char *out, size_t size, int from, int n)
{
    size_t at = (size_t)snprintf(out, size, "'errors':{'L':[");

    for (int i = 0; i < n; i++) {
        at += (size_t)snprintf(out + at, size - at,
                               "%s{'M':{'message':{'S':'e%d'},'timestamp':{'S':"
                               "'2025-08-20T10:%02d:00Z'}}}",
                               i == 0 ? "" : ",", from + i, from + i);
    }
    (void)snprintf(out + at, size - at, "]}");
}

Test(join, errors_of_both_are_told_once_and_of_too_many_the_last)
{
    char a[8192], b[8192];

    errors_of(a, sizeof a, 0, 30);
    errors_of(b, sizeof b, 28, 20); /* two of them stand in both */
    struct job *own = help_job(a), *cont = container(b);
    struct job *j = job_join(own->id, own, cont);
    cr_expect_eq(j->errors_len, 32);
    cr_expect_str_eq(job_errors(j)[31].message, "e47");
    cr_expect_str_eq(job_errors(j)[0].message, "e16");
    job_free(j);
    job_free(own);
    job_free(cont);
}

static const struct key_case {
    const char *id;
    const char *key; /* "": none */
} keys[] = {
    {ID,                                     ID                                    },
    {"9A0C1B5E-77AA-4E1F-8C0D-1234567890AB", "9A0C1B5E-77AA-4E1F-8C0D-1234567890AB"},
    {ID ":0",                                ID                                    },
    {ID ":9999",                             ID                                    },
    {ID ":",                                 ""                                    },
    {ID ":x",                                ""                                    },
    {ID "0",                                 ""                                    },
    {"9a0c1b5e-77aa-4e1f-8c0d-1234567890a",  ""                                    },
    {"9a0c1b5e77aa4e1f8c0d1234567890ab",     ""                                    },
    {"job_1755685800000_abc123def",          ""                                    },
    {"",                                     ""                                    },
};

Test(join, a_batch_id_is_told_by_its_form)
{
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        char key[BATCH_ID_SIZE];
        cr_expect_eq(job_batch_key(keys[i].id, key), keys[i].key[0] != '\0', "%s", keys[i].id);
        cr_expect_str_eq(key, keys[i].key, "%s", keys[i].id);
    }
}

static const struct owner_case {
    const char *name, *record, *batch, *want; /* NULL: it stands for itself */
} owners[] = {
    {"by parameter",          ID,      "{'jobId':'" ID "','parameters':{'JOB_ID':'order-7'}}",         "order-7"},
    {"by environment",        ID,
     "{'jobId':'" ID "','container':{'environment':[{'name':'JOB_ID','value':'order-8'}]}}",
     "order-8"                                                                                                  },
    {"the environment first", ID,
     "{'jobId':'" ID "','parameters':{'JOB_ID':'a'},"
     "'container':{'environment':[{'name':'JOB_ID','value':'b'}]}}",                                   "b"      },
    {"by its name's end",     ID,      "{'jobId':'" ID "','jobName':'x-job_1755685800000_abc123def'}",
     "job_1755685800000_abc123def"                                                                              },
    {"a child's record",      ID ":3", "{'jobId':'" ID "','parameters':{'JOB_ID':'order-7'}}",
     "order-7"                                                                                                  },
    {"names itself",          ID,      "{'jobId':'" ID "','parameters':{'JOB_ID':'" ID "'}}",          NULL     },
    {"names none",            ID,      "{'jobId':'" ID "','jobName':'nightly'}",                       NULL     },
    {"another Batch job",     ID,      "{'jobId':'b-2','parameters':{'JOB_ID':'order-7'}}",            NULL     },
};

Test(join, a_record_belongs_to_the_job_that_its_batch_job_names)
{
    for (size_t i = 0; i < sizeof owners / sizeof *owners; i++) {
        struct batch_job *b = help_batch(owners[i].batch);
        const char *got = job_owner(owners[i].record, b);
        cr_expect_str_eq(help_or(got), help_or(owners[i].want), "%s", owners[i].name);
        batch_job_free(b);
    }
    cr_expect_null(job_owner(ID, NULL));
}

#define MADE "'createdAt':1755685801000"
static const struct alone_case {
    const char *name, *batch, *status;
    enum job_stuck stuck;
    int now_s;
    const char *says;
} alone[] = {
    {"waits",            MADE ",'status':'RUNNABLE'",                                    "QUEUED",      STUCK_NO,       5,      "no record"          },
    {"waits too long",   MADE ",'status':'RUNNABLE'",                                    "QUEUED",      STUCK_RUNNABLE, 9999,   "runs no job"        },
    {"runs, unreported", MADE ",'status':'RUNNING','startedAt':1755685802000",           "IN_PROGRESS",
     STUCK_NO,                                                                                                          999999, "only Batch knows"   },
    {"has just ended",   MADE ",'status':'SUCCEEDED','stoppedAt':1755685803000",         "COMPLETED",
     STUCK_NO,                                                                                                          4,      "no record"          },
    {"failed",           MADE ",'status':'FAILED','container':{'exitCode':137}",         "FAILED",      STUCK_NO,       9,
     "137"                                                                                                                                           },
    {"exit code 75",     MADE ",'status':'FAILED','container':{'exitCode':75}",          "FAILED",      STUCK_NO,       9,
     "75"                                                                                                                                            },
    {"was ended",
     MADE ",'status':'FAILED','isTerminated':true,'statusReason':'mvpdash a@b: enough'",
     "CANCELLED",                                                                                       STUCK_NO,       9,      "mvpdash a@b: enough"},
    {"is being ended",   MADE ",'status':'RUNNING','isTerminated':true",                 "STOPPING",    STUCK_NO,       9999,
     "no record"                                                                                                                                     },
};

Test(join, a_job_without_a_record_is_what_batch_says)
{
    for (size_t i = 0; i < sizeof alone / sizeof *alone; i++) {
        const struct alone_case *c = &alone[i];
        char why[STATE_REASON_SIZE];
        char *text = xasprintf("{'jobId':'" ID "','jobName':'n',%s}", c->batch);
        struct batch_job *b = help_batch(text);
        struct job *j = job_of_batch(b);
        struct job_state s;
        job_state_merge(j, b, true, T0 + c->now_s * INT64_C(1000), NULL, &s);
        cr_expect_str_eq(job_state_word(j, &s), c->status, "%s: %s", c->name,
                         job_state_word(j, &s));
        cr_expect_eq(s.stuck, c->stuck, "%s: %s", c->name, job_stuck_word((enum job_stuck)s.stuck));
        cr_expect_not(s.drift, "%s", c->name);
        (void)job_state_reason(j, b, &s, why, sizeof why);
        cr_expect_not_null(strstr(why, c->says), "%s: %s", c->name, why);
        cr_expect_not_null(strstr(why, "no record"), "%s: %s", c->name, why);
        job_free(j);
        batch_job_free(b);
        free(text);
    }
}

Test(join, a_job_without_a_record_has_the_name_and_user_that_batch_was_given)
{
    struct batch_job *b =
        help_batch("{'jobId':'" ID "','createdAt':1755685801000,"
                   "'parameters':{'JOB_ID':'order-7','USER_ID':'ann'},"
                   "'container':{'environment':[{'name':'PRODUCT_ID','value':'p'}]}}");
    struct job *j = job_of_batch(b);

    cr_expect_str_eq(j->id, "order-7");
    cr_expect_str_eq(job_text(j, JOB_USER_ID), "ann");
    cr_expect_str_eq(job_text(j, JOB_PRODUCT_ID), "p");
    cr_expect_str_eq(job_text(j, JOB_BATCH_ID), ID);
    cr_expect_eq(job_ms(j, JOB_CREATED), T0 + 1000);
    cr_expect_eq(j->mark, JOB_NO_RECORD);
    job_free(j);
    batch_job_free(b);
    b = help_batch("{'jobId':'" ID "','jobName':'nightly'}");
    j = job_of_batch(b);
    cr_expect_str_eq(j->id, ID);
    cr_expect_null(job_text(j, JOB_USER_ID));
    job_free(j);
    batch_job_free(b);
}
