/* Records in every shape of SPEC 1.2. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/strbuf.h"
#include "core/text.h"
#include "jobs_help.h"
#include "tests/bench/items.h"

/* One field of the decoded job as text. */
static void field(const struct job *j, const char *name, char *out, size_t size)
{
    static const struct {
        const char *name;
        enum job_text_id id;
    } texts[] = {
        {"user",     JOB_USER_ID      },
        {"product",  JOB_PRODUCT_ID   },
        {"name",     JOB_BUSINESS_NAME},
        {"email",    JOB_EMAIL        },
        {"priority", JOB_PRIORITY     },
        {"word",     JOB_STATUS_TEXT  },
        {"reason",   JOB_STATUS_REASON},
        {"step",     JOB_STEP         },
        {"batch",    JOB_BATCH_ID     },
        {"retry",    JOB_RETRY_OF     },
    };
    static const char *const urls[] = {"repo", "staging", "prod"};
    static const struct {
        const char *name;
        enum job_time_id id;
    } times[] = {
        {"created",   JOB_CREATED  },
        {"updated",   JOB_UPDATED  },
        {"started",   JOB_STARTED  },
        {"completed", JOB_ENDED    },
        {"estimated", JOB_ESTIMATED},
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (strcmp(name, texts[i].name) == 0) {
            const char *s = job_text(j, texts[i].id);
            (void)snprintf(out, size, "%s", s == NULL ? "-" : s);
            return;
        }
    }
    for (unsigned i = 0; i < JOB_URLS; i++) {
        if (strcmp(name, urls[i]) == 0) {
            char room[JOB_ROOM];
            const char *s = job_url(j, (enum job_url_id)i, room);
            (void)snprintf(out, size, "%s", s == NULL ? "-" : s);
            return;
        }
    }
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        if (strcmp(name, times[i].name) == 0) {
            int64_t ms = job_ms(j, times[i].id);
            char iso[TIME_ISO_SIZE];
            (void)snprintf(out, size, "%s", ms == TIME_NONE ? "-" : time_iso(ms, iso));
            return;
        }
    }
    if (strcmp(name, "status") == 0) {
        static const char *const odd[] = {"none", "other"};
        (void)snprintf(out, size, "%s",
                       j->status <= JOB_OTHER_STATUS ? odd[j->status]
                                                     : job_status_word((enum job_status)j->status));
    } else if (strcmp(name, "progress") == 0) {
        (void)snprintf(out, size, "%d", j->progress);
    } else if (strcmp(name, "duration") == 0) {
        (void)snprintf(out, size, "%d", (int)j->estimated_duration_s);
    } else if (strcmp(name, "features") == 0) {
        out[0] = '\0';
        for (size_t i = 0; i < j->features_len; i++) {
            size_t n = strlen(out);
            (void)snprintf(out + n, size - n, "%s%s", i == 0 ? "" : "|",
                           job_feature(j, i, (char[JOB_ROOM]){0}));
        }
    } else if (strcmp(name, "errors") == 0) {
        out[0] = '\0';
        for (size_t i = 0; i < j->errors_len; i++) {
            size_t n = strlen(out);
            char iso[TIME_ISO_SIZE];
            (void)snprintf(out + n, size - n, "%s%s/%s/%s", i == 0 ? "" : "|",
                           time_iso(job_errors(j)[i].at_ms, iso), job_errors(j)[i].message,
                           help_or(job_errors(j)[i].step));
        }
    } else {
        cr_assert_fail("no field %s", name);
    }
}

static const struct shape_case {
    const char *attributes;
    const char *field;
    const char *want; /* "-" absent */
} shapes[] = {
  /* status: any letter case, unknown words as they stand, wrong types absent */
    {"'status':{'S':'PENDING'}",                                                                "status",    "PENDING"                               },
    {"'status':{'S':'in_progress'}",                                                            "status",    "IN_PROGRESS"                           },
    {"'status':{'S':'Completed'}",                                                              "status",    "COMPLETED"                             },
    {"'status':{'S':'canceled'}",                                                               "status",    "CANCELLED"                             },
    {"'status':{'S':'REVIEW'}",                                                                 "status",    "other"                                 },
    {"'status':{'S':'REVIEW'}",                                                                 "word",      "REVIEW"                                },
    {"'status':{'S':''}",                                                                       "status",    "none"                                  },
    {"'status':{'N':'3'}",                                                                      "status",    "none"                                  },
    {"'status':{'NULL':true}",                                                                  "status",    "none"                                  },
    {"'status':'PENDING'",                                                                      "status",    "none"                                  },
    {"'status':{'S':'PENDING','N':'1'}",                                                        "status",    "none"                                  },
    {"'status':{}",                                                                             "status",    "none"                                  },
    {"'status':{'S':5}",                                                                        "status",    "none"                                  },
    {"",                                                                                        "status",    "none"                                  },
 /* progress */
    {"'progress':{'N':'45'}",                                                                   "progress",  "45"                                    },
    {"'progress':{'S':'45'}",                                                                   "progress",  "45"                                    },
    {"'progress':{'S':' 45 % '}",                                                               "progress",  "45"                                    },
    {"'progress':{'N':'45.9'}",                                                                 "progress",  "45"                                    },
    {"'progress':{'N':'4.5E1'}",                                                                "progress",  "45"                                    },
    {"'progress':{'N':'250'}",                                                                  "progress",  "100"                                   },
    {"'progress':{'N':'-3'}",                                                                   "progress",  "-1"                                    },
    {"'progress':{'N':'1E125'}",                                                                "progress",  "100"                                   },
    {"'progress':{'S':'half'}",                                                                 "progress",  "-1"                                    },
    {"'progress':{'S':'nan'}",                                                                  "progress",  "-1"                                    },
    {"'progress':{'S':'0x20'}",                                                                 "progress",  "-1"                                    },
    {"'progress':{'S':''}",                                                                     "progress",  "-1"                                    },
    {"'progress':{'BOOL':true}",                                                                "progress",  "-1"                                    },
    {"'progress':{'L':[]}",                                                                     "progress",  "-1"                                    },
    {"'progress':{'N':'0'}",                                                                    "progress",  "0"                                     },
 /* step: currentStep; stage where that is absent */
    {"'currentStep':{'S':'BUILDING'}",                                                          "step",      "BUILDING"                              },
    {"'stage':{'S':'BUILDING'}",                                                                "step",      "BUILDING"                              },
    {"'currentStep':{'S':'QUEUED'},'stage':{'S':'DEPLOYING'}",                                  "step",      "QUEUED"                                },
    {"'currentStep':{'S':'DEPLOYING'},'stage':{'S':'INIT'}",                                    "step",      "DEPLOYING"                             },
    {"'currentStep':{'S':'QUEUED'},'stage':{'S':'Polishing'}",                                  "step",      "QUEUED"                                },
    {"'currentStep':{'S':'CREATING_REPO'},'stage':{'S':'CLEANUP'}",                             "step",      "CREATING_REPO"                         },
    {"'currentStep':{'S':'design review'},'stage':{'S':'COMPLETED'}",                           "step",      "design review"                         },
    {"'currentStep':{'S':''},'stage':{'S':'INIT'}",                                             "step",      "INIT"                                  },
    {"'currentStep':{'N':'4'},'stage':{'S':'INIT'}",                                            "step",      "INIT"                                  },
    {"'currentStep':{'S':'BUILDING'},'stage':{'S':'Polishing'}",                                "step",      "BUILDING"                              },
    {"'currentStep':{'S':'one'},'stage':{'S':'two'}",                                           "step",      "one"                                   },
    {"'currentStep':{'NULL':true},'stage':{'S':'two'}",                                         "step",      "two"                                   },
    {"'currentStep':{'S':'ai_development'}",                                                    "step",      "ai_development"                        },
 /* times: nested, flat, both, every form, and NULL */
    {"'createdAt':{'S':'2025-08-20T10:30:00.000Z'}",                                            "created",   "2025-08-20T10:30:00.000Z"              },
    {"'timestamps':{'M':{'createdAt':{'S':'2025-08-20T10:30:00'}}}",                            "created",
     "2025-08-20T10:30:00.000Z"                                                                                                                      },
    {"'createdAt':{'S':'2025-08-20T10:30:01Z'},'timestamps':{'M':{'createdAt':{'S':'2025-08-20T10:"
     "30:00Z'}}}",                                                                         "created",   "2025-08-20T10:30:01.000Z"              },
    {"'createdAt':{'S':'2025-08-20T12:30:00+02:00'}",                                           "created",   "2025-08-20T10:30:00.000Z"              },
    {"'createdAt':{'S':'2025-08-20'}",                                                          "created",   "2025-08-20T00:00:00.000Z"              },
    {"'createdAt':{'N':'1755685800'}",                                                          "created",   "2025-08-20T10:30:00.000Z"              },
    {"'createdAt':{'N':'1755685800.25'}",                                                       "created",   "2025-08-20T10:30:00.250Z"              },
    {"'createdAt':{'N':'1755685800000'}",                                                       "created",   "2025-08-20T10:30:00.000Z"              },
    {"'createdAt':{'N':'1755685800000000'}",                                                    "created",   "2025-08-20T10:30:00.000Z"              },
    {"'createdAt':{'N':'1755685800000000000'}",                                                 "created",   "2025-08-20T10:30:00.000Z"              },
    {"'createdAt':{'S':'1755685800000'}",                                                       "created",   "2025-08-20T10:30:00.000Z"              },
    {"'createdAt':{'S':'2025'}",                                                                "created",   "-"                                     },
    {"'createdAt':{'S':'yesterday'}",                                                           "created",   "-"                                     },
    {"'createdAt':{'N':'-5'}",                                                                  "created",   "-"                                     },
    {"'createdAt':{'N':'1E99'}",                                                                "created",   "-"                                     },
    {"'createdAt':{'BOOL':true}",                                                               "created",   "-"                                     },
    {"'timestamps':{'M':{'startedAt':{'NULL':true}}}",                                          "started",   "-"                                     },
    {"'startedAt':{'S':'2025-08-20T10:31:00Z'},'timestamps':{'M':{'startedAt':{'NULL':true}}}",
     "started",                                                                                              "2025-08-20T10:31:00.000Z"              },
    {"'timestamps':{'M':{'startedAt':{'S':'2025-08-20T10:32:00Z'}}},'startedAt':{'S':'2025-08-"
     "20T10:31:00Z'}",                                                                     "started",   "2025-08-20T10:32:00.000Z"              },
    {"'updatedAt':{'S':'2025-08-20T10:31:00Z'},'timestamps':{'M':{'updatedAt':{'S':'2025-08-20T10:"
     "30:00Z'}}}",                                                                         "updated",   "2025-08-20T10:31:00.000Z"              },
    {"'completedAt':{'S':'2025-08-20T10:31:00Z'}",                                              "completed", "2025-08-20T10:31:00.000Z"              },
    {"'timestamps':{'M':{'estimatedCompletion':{'S':'2025-08-20T14:30:00Z'}}}",                 "estimated",
     "2025-08-20T14:30:00.000Z"                                                                                                                      },
    {"'estimatedCompletion':{'S':'2025-08-20T14:30:00Z'}",                                      "estimated", "2025-08-20T14:30:00.000Z"              },
    {"'timestamps':{'L':[]},'createdAt':{'S':'2025-08-20'}",                                    "created",   "2025-08-20T00:00:00.000Z"              },
    {"'timestamps':{'S':'never'},'createdAt':{'S':'2025-08-20'}",                               "created",
     "2025-08-20T00:00:00.000Z"                                                                                                                      },
 /* results */
    {"'urls':{'M':{'codeRepository':{'S':'https://a/r'}}}",                                     "repo",      "https://a/r"                           },
    {"'githubRepo':{'S':'https://a/g'}",                                                        "repo",      "https://a/g"                           },
    {"'repoName':{'S':'org/startup'}",                                                          "repo",      "org/startup"                           },
    {"'repoName':{'S':'org/startup'},'githubRepo':{'S':'https://a/g'}",                         "repo",      "https://a/g"                           },
    {"'urls':{'M':{'codeRepository':{'NULL':true}}},'githubRepo':{'S':'https://a/g'}",          "repo",
     "https://a/g"                                                                                                                                   },
    {"'urls':{'M':{'staging':{'S':'https://a/s'}}},'stagingUrl':{'S':'https://old'}",           "staging",
     "https://a/s"                                                                                                                                   },
    {"'stagingUrl':{'S':'https://a/s'}",                                                        "staging",   "https://a/s"                           },
    {"'vercelUrl':{'S':'https://a/v'}",                                                         "prod",      "https://a/v"                           },
    {"'urls':{'M':{'production':{'S':'https://a/p'}}}",                                         "prod",      "https://a/p"                           },
    {"'urls':{'NULL':true},'vercelUrl':{'S':'https://a/v'}",                                    "prod",      "https://a/v"                           },
    {"'urls':{'M':[]}",                                                                         "prod",      "-"                                     },
 /* Batch job */
    {"'batchJobId':{'S':'b-1'}",                                                                "batch",     "b-1"                                   },
    {"'resources':{'M':{'batchJobId':{'S':'b-2'}}}",                                            "batch",     "b-2"                                   },
    {"'resources':{'M':{'batchJobId':{'S':''}}},'batchJobId':{'S':'b-1'}",                      "batch",     "b-1"                                   },
    {"'resources':{'M':{'batchJobId':{'S':'b-2'}}},'batchJobId':{'S':'b-1'}",                   "batch",     "b-2"                                   },
    {"'resources':{'M':{'batchJobId':{'N':'7'}}}",                                              "batch",     "-"                                     },
 /* people and words */
    {"'userId':{'S':'u'},'productId':{'S':'p'}",                                                "user",      "u"                                     },
    {"'userId':{'N':'7'}",                                                                      "user",      "-"                                     },
    {"'productId':{'S':'p'}",                                                                   "product",   "p"                                     },
    {"'metadata':{'M':{'businessName':{'S':'Caf\xc3\xa9'}}},'businessName':{'S':'Old'}",        "name",
     "Caf\xc3\xa9"                                                                                                                                   },
    {"'businessName':{'S':'Flat'}",                                                             "name",      "Flat"                                  },
    {"'metadata':{'S':'{}'},'businessName':{'S':'Flat'}",                                       "name",      "Flat"                                  },
    {"'metadata':{'M':{'userEmail':{'S':'a@b.c'}}}",                                            "email",     "a@b.c"                                 },
    {"'priority':{'S':'high'}",                                                                 "priority",  "high"                                  },
    {"'priority':{'S':'urgent'}",                                                               "priority",  "urgent"                                },
    {"'metadata':{'M':{'priority':{'S':'low'}}}",                                               "priority",  "low"                                   },
    {"'metadata':{'M':{'retryOf':{'S':'job_0_x'}}}",                                            "retry",     "job_0_x"                               },
    {"'statusReason':{'S':'why'}",                                                              "reason",    "why"                                   },
    {"'metadata':{'M':{'estimatedDuration':{'N':'14400'}}}",                                    "duration",  "14400"                                 },
    {"'estimatedDuration':{'S':'60'}",                                                          "duration",  "60"                                    },
    {"'estimatedDuration':{'N':'1E20'}",                                                        "duration",  "2147483647"                            },
 /* features */
    {"'metadata':{'M':{'features':{'L':[{'S':'auth'},{'S':'pay'}]}}}",                          "features",  "auth|pay"                              },
    {"'metadata':{'M':{'features':{'SS':['auth','pay']}}}",                                     "features",  "auth|pay"                              },
    {"'metadata':{'M':{'requestedFeatures':{'SS':['x']}}}",                                     "features",  "x"                                     },
    {"'metadata':{'M':{'features':{'L':[]},'requestedFeatures':{'L':[{'S':'x'}]}}}",            "features",
     "x"                                                                                                                                             },
    {"'metadata':{'M':{'features':{'L':[{'N':'1'},{'S':'x'},{'M':{}},5,null,{'S':''}]}}}",
     "features",                                                                                             "x"                                     },
    {"'features':{'S':'auth, pay,, '}",                                                         "features",  "auth|pay"                              },
    {"'features':{'NS':['1']}",                                                                 "features",  ""                                      },
    {"'metadata':{'M':{'features':{'M':{'a':{'S':'b'}}}}}",                                     "features",  ""                                      },
 /* errors */
    {"'errors':{'L':[{'M':{'timestamp':{'S':'2025-08-20T10:30:00Z'},'message':{'S':'boom'},'step':{"
     "'S':'BUILDING'}}}]}",                                                                "errors",    "2025-08-20T10:30:00.000Z/boom/BUILDING"},
    {"'errors':{'L':[{'S':'plain'},{'M':{}},{'N':'1'},7]}",                                     "errors",    "/plain/(null)"                         },
    {"'errors':{'S':'plain'}",                                                                  "errors",    "/plain/(null)"                         },
    {"'errors':{'SS':['one','two']}",                                                           "errors",    "/one/(null)|/two/(null)"               },
    {"'lastError':{'S':'it broke'}",                                                            "errors",    "/it broke/(null)"                      },
    {"'lastError':{'S':'{\\'timestamp\\':\\'2025-08-20T10:30:00Z\\',\\'message\\':\\'boom\\',\\'"
     "step\\':\\'INIT\\'}'}",                                                              "errors",    "2025-08-20T10:30:00.000Z/boom/INIT"    },
    {"'lastError':{'S':'{not json'}",                                                           "errors",    "/{not json/(null)"                     },
    {"'lastError':{'S':'{\\'message\\':5}'}",                                                   "errors",    "/{\"message\":5}/(null)"               },
    {"'lastError':{'M':{'message':{'S':'boom'}}}",                                              "errors",    "/boom/(null)"                          },
    {"'errors':{'L':[{'M':{'timestamp':{'S':'2025-08-20T10:30:00Z'},'message':{'S':'boom'}}}]},'"
     "lastError':{'S':'boom'}",                                                            "errors",    "2025-08-20T10:30:00.000Z/boom/(null)"  },
    {"'errors':{'L':[{'M':{'message':{'S':'first'}}}]},'lastError':{'S':'second'}",             "errors",
     "/first/(null)|/second/(null)"                                                                                                                  },
    {"'lastError':{'NULL':true}",                                                               "errors",    ""                                      },
 /* of members with the same name the first counts */
    {"'userId':{'S':'first'},'userId':{'S':'second'}",                                          "user",      "first"                                 },
};

Test(job, every_shape_of_a_record_is_read)
{
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        char got[512];
        struct job *j = help_job(shapes[i].attributes);

        field(j, shapes[i].field, got, sizeof got);
        cr_expect_str_eq(got, shapes[i].want, "%s: %s is %s, not %s", shapes[i].attributes,
                         shapes[i].field, got, shapes[i].want);
        cr_expect_str_eq(j->id, "job_1_abc");
        job_free(j);
    }
}

Test(job, without_a_usable_id_there_is_no_job)
{
    static const char *const items[] = {
        "{}",   "{'jobId':{'S':''}}", "{'jobId':{'N':'1'}}", "[]", "'text'",
        "null", "{'jobId':'x'}",      "{'id':{'S':'x'}}"};

    for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
        cJSON *v = help_json(items[i]);
        cr_expect_null(job_from_item(v), "%s", items[i]);
        cJSON_Delete(v);
    }
    cr_expect_null(job_from_item(NULL));
    job_free(NULL);
}

Test(job, status_words_know_what_is_final)
{
    cr_expect_eq(job_status_parse(NULL), JOB_NO_STATUS);
    cr_expect_eq(job_status_parse(""), JOB_NO_STATUS);
    cr_expect_eq(job_status_parse("ready"), JOB_OTHER_STATUS);
    for (int i = JOB_PENDING; i < JOB_STATUS_COUNT; i++) {
        cr_expect_eq((int)job_status_parse(job_status_word((enum job_status)i)), i);
        cr_expect_eq(job_status_final((enum job_status)i), i >= JOB_COMPLETED);
    }
    cr_expect_str_eq(job_status_word((enum job_status)99), "");
    cr_expect_not(job_status_final((enum job_status) - 1));
}

/* Every pointer of a job stays inside its one block, or is a word of the program itself. */
static bool inside(const struct job *j, const char *s)
{
    const char *from = (const char *)j;
    return s == NULL || (s > from && s + strlen(s) < from + j->bytes);
}

static void check_block(const struct job *j)
{
    cr_expect(inside(j, j->id));
    cr_expect(inside(j, job_text(j, JOB_USER_ID)));
    cr_expect(inside(j, job_text(j, JOB_BUSINESS_NAME)));
    cr_expect(inside(j, job_text(j, JOB_RETRY_OF)));
    for (size_t i = 0; i < j->errors_len; i++) {
        cr_expect(inside(j, job_errors(j)[i].message));
        cr_expect(inside(j, job_errors(j)[i].step));
    }
}

Test(job, a_job_is_one_block_that_outlives_its_record)
{
    struct job *j = help_job("'userId':{'S':'user'},'businessName':{'S':'Name'},"
                             "'features':{'L':[{'S':'a'},{'S':'b'}]},"
                             "'errors':{'L':[{'M':{'message':{'S':'m'},'step':{'S':'s'}}}]},"
                             "'lastError':{'S':'{\\'message\\':\\'parsed\\'}'}");

    check_block(j);
    cr_expect_str_eq(job_feature(j, 1, (char[JOB_ROOM]){0}), "b");
    cr_expect_str_eq(job_errors(j)[1].message, "parsed");
    cr_expect_lt(j->bytes, 512);
    job_free(j);
}

Test(job, words_that_all_records_share_take_no_room)
{
    struct job *a = help_job("'status':{'S':'IN_PROGRESS'},'currentStep':{'S':'AI_DEVELOPMENT'},"
                             "'priority':{'S':'normal'}");
    struct job *b = help_job("");

    cr_expect_eq(a->bytes, b->bytes);
    cr_expect_str_eq(job_text(a, JOB_STATUS_TEXT), "IN_PROGRESS");
    cr_expect_str_eq(job_text(a, JOB_STEP), "AI_DEVELOPMENT");
    cr_expect_str_eq(job_text(a, JOB_PRIORITY), "normal");
    job_free(a);
    job_free(b);
}

Test(job, a_full_item_of_400_kilobytes_stays_small)
{
    struct strbuf b = STRBUF_INIT;
    struct strbuf big = STRBUF_INIT;

    for (int i = 0; i < 50000; i++) {
        strbuf_adds(&big, "\xc3\xa9"); /* 100 KB of two-byte characters */
    }
    strbuf_addf(&b, "'businessName':{'S':'x%s'},'lastError':{'S':'%s'},'errors':{'L':[",
                strbuf_str(&big), strbuf_str(&big));
    for (int i = 0; i < 5000; i++) {
        strbuf_addf(&b, "%s{'M':{'message':{'S':'error %d'}}}", i == 0 ? "" : ",", i);
    }
    strbuf_adds(&b, "]},'features':{'SS':[");
    for (int i = 0; i < 5000; i++) {
        strbuf_addf(&b, "%s'f%d'", i == 0 ? "" : ",", i);
    }
    strbuf_adds(&b, "]}");
    struct job *j = help_job(strbuf_str(&b));
    check_block(j);
    cr_expect_lt(j->bytes, 16 * 1024);
    cr_expect_eq(j->errors_len, 32);
    cr_expect_str_eq(job_errors(j)[30].message, "error 4999", "the last ones are kept");
    cr_expect_eq(j->features_len, 100);
    cr_expect_str_eq(job_feature(j, 0, (char[JOB_ROOM]){0}), "f0");
    cr_expect(
        text_utf8_valid(job_text(j, JOB_BUSINESS_NAME), strlen(job_text(j, JOB_BUSINESS_NAME))),
        "cut inside a character");
    cr_expect_not_null(strstr(job_text(j, JOB_BUSINESS_NAME), "\xe2\x80\xa6"), "a cut is marked");
    cr_expect(text_utf8_valid(job_errors(j)[31].message, strlen(job_errors(j)[31].message)));
    job_free(j);
    strbuf_clear(&b);
    strbuf_clear(&big);
}

Test(job, hostile_text_is_kept_as_it_is)
{
    struct job *j = help_job("'businessName':{'S':'\\u001b]0;x\\u0007\\u202e\\u0000tail'}");

    /* The JSON layer cuts at NUL; the rest is for text_clean where it is shown. */
    cr_expect_eq(strncmp(job_text(j, JOB_BUSINESS_NAME), "\x1b]0;x\x07\xe2\x80\xae", 9), 0);
    job_free(j);
}

/* --- random records --- */

static uint32_t seed;

static uint32_t next(uint32_t below)
{
    seed = seed * 1664525U + 1013904223U;
    return (seed >> 8) % below;
}

static void random_value(struct strbuf *b, int depth)
{
    static const char *const plain[] = {
        "{\"S\":\"x\"}",
        "{\"S\":\"\"}",
        "{\"N\":\"12\"}",
        "{\"N\":12}",
        "{\"NULL\":true}",
        "{\"BOOL\":false}",
        "{\"B\":\"AA==\"}",
        "{\"SS\":[\"a\"]}",
        "{\"SS\":[1,null]}",
        "{}",
        "[]",
        "7",
        "null",
        "\"S\"",
        "{\"S\":\"2025-08-20T10:30:00Z\"}",
        "{\"S\":\"COMPLETED\"}",
        "{\"M\":[]}",
        "{\"L\":{}}",
        "{\"M\":null}",
        "{\"S\":\"1\",\"N\":\"1\"}",
        "{\"Q\":\"x\"}",
        "{\"\":\"x\"}",
        "{\"S\":\"{\\\"message\\\":\\\"m\\\"}\"}",
        "{\"N\":\"-1e400\"}",
    };
    static const char *const keys[] = {"createdAt",  "startedAt",    "codeRepository",    "staging",
                                       "batchJobId", "businessName", "features",          "message",
                                       "timestamp",  "retryOf",      "estimatedDuration", "zzz"};
    uint32_t kind = depth > 4 ? 2 : next(4);

    if (kind < 2) {
        strbuf_adds(b, kind == 0 ? "{\"M\":{" : "{\"L\":[");
        for (uint32_t i = 0, n = next(5); i < n; i++) {
            strbuf_adds(b, i == 0 ? "" : ",");
            if (kind == 0) {
                strbuf_addf(b, "\"%s\":", keys[next(sizeof keys / sizeof *keys)]);
            }
            random_value(b, depth + 1);
        }
        strbuf_adds(b, kind == 0 ? "}}" : "]}");
    } else {
        strbuf_adds(b, plain[next(sizeof plain / sizeof *plain)]);
    }
}

Test(job, random_records_never_break)
{
    static const char *const names[] = {
        "userId",      "status",    "progress",     "currentStep", "stage",     "timestamps",
        "urls",        "resources", "metadata",     "errors",      "lastError", "features",
        "githubRepo",  "createdAt", "batchJobId",   "priority",    "repoName",  "history",
        "completedAt", "retryOf",   "statusReason", "vercelUrl",   "unknown",   ""};

    for (seed = 1; seed < 40000000U; seed += 9973) {
        struct strbuf b = STRBUF_INIT;
        uint32_t start = seed;
        strbuf_adds(&b, "{\"jobId\":{\"S\":\"j\"}");
        for (uint32_t i = 0, n = next(20); i < n; i++) {
            strbuf_addf(&b, ",\"%s\":", names[next(sizeof names / sizeof *names)]);
            random_value(&b, 0);
        }
        strbuf_adds(&b, "}");
        cJSON *item = json_parse(b.data, b.len, "random", NULL);
        cr_assert_not_null(item, "%s", b.data);
        struct job *j = job_from_item(item);
        cJSON_Delete(item);
        cr_assert_not_null(j);
        check_block(j);
        cr_assert(j->progress >= -1 && j->progress <= 100);
        cr_assert(j->status < JOB_STATUS_COUNT);
        job_free(j);
        strbuf_clear(&b);
        seed = start;
    }
}

/* --- projection --- */

Test(job, the_projection_asks_for_what_is_read_and_names_each_once)
{
    static const char *const read[] = {"#jobId",
                                       "#status",
                                       "#errors",
                                       "#timestamps",
                                       "#metadata.#features",
                                       "#urls.#production",
                                       "#resources.#batchJobId",
                                       "#lastError",
                                       "#updatedAt"};
    const char *p = job_projection();
    cJSON *names = job_projection_names();
    const cJSON *n;

    for (size_t i = 0; i < sizeof read / sizeof *read; i++) {
        cr_expect_not_null(strstr(p, read[i]), "%s", read[i]);
    }
    cJSON_ArrayForEach(n, names)
    {
        cr_expect_not_null(strstr(p, n->string), "%s is defined but not used", n->string);
        cr_expect_str_eq(n->string + 1, n->valuestring);
    }
    for (const char *at = strchr(p, '#'); at != NULL; at = strchr(at + 1, '#')) {
        char key[64];
        (void)snprintf(key, sizeof key, "%.*s", (int)strcspn(at, ",."), at);
        cr_expect_not_null(json_get(names, key), "%s is used but not defined", key);
    }
    cr_expect_lt(strlen(p), 4096, "DynamoDB's limit for an expression");
    cJSON_Delete(names);
}

/* A record cut down to the projection reads as the whole one: no attribute is forgotten. */
static cJSON *project(const cJSON *item)
{
    cJSON *out = json_new_object();
    char *p = xstrdup(job_projection());
    char *save = NULL;

    for (char *path = strtok_r(p, ",", &save); path != NULL; path = strtok_r(NULL, ",", &save)) {
        char *dot = strstr(path, ".#");
        if (dot == NULL) {
            const cJSON *v = json_get(item, path + 1);
            if (v != NULL) {
                json_set(out, path + 1, json_copy(v));
            }
            continue;
        }
        *dot = '\0';
        const cJSON *inner = json_get(json_get(json_get(item, path + 1), "M"), dot + 2);
        if (inner != NULL) {
            if (json_get(out, path + 1) == NULL) {
                cJSON *m = json_new_object();
                json_set(m, "M", json_new_object());
                json_set(out, path + 1, m);
            }
            cJSON *m = cJSON_GetObjectItemCaseSensitive(
                cJSON_GetObjectItemCaseSensitive(out, path + 1), "M");
            json_set(m, dot + 2, json_copy(inner));
        }
    }
    free(p);
    return out;
}

Test(job, a_projected_record_reads_like_the_whole_one)
{
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        char *s = xasprintf("{'jobId':{'S':'j'}%s%s}", *shapes[i].attributes == '\0' ? "" : ",",
                            shapes[i].attributes);
        cJSON *whole = help_json(s);
        cJSON *cut = project(whole);
        struct job *j = job_from_item(cut);
        char got[512];

        field(j, shapes[i].field, got, sizeof got);
        cr_expect_str_eq(got, shapes[i].want, "%s", shapes[i].attributes);
        job_free(j);
        cJSON_Delete(cut);
        cJSON_Delete(whole);
        free(s);
    }
}

/* As containers of the origin and of others wrote them. */
Test(job, results_and_times_are_read_in_every_shape)
{
#define REPO(members) "'resources':{'M':{'githubRepo':{'M':{" members "}}}}"
#define VERCEL(value) "'resources':{'M':{'vercel':" value "}}"
    static const char *const rows[][3] = {
        {REPO("'name':{'S':'o/n'},'url':{'S':'https://a/m'}"),                  "repo",    "https://a/m"             },
        {REPO("'name':{'S':'o/n'},'branch':{'S':'main'}"),                      "repo",    "o/n"                     },
        {REPO("'url':{'N':'5'}"),                                               "repo",    "-"                       },
        {REPO("'url':{'S':'https://x:p4ss@git/r'}"),                            "repo",    "https://x:****@git/r"    },
        {REPO("'url':{'S':'https://a/m'}") ",'repoName':{'S':'n'}",             "repo",    "https://a/m"             },
        {REPO("'name':{'S':'m'}") ",'repoName':{'S':'n'}",                      "repo",    "n"                       },
        {REPO("'url':{'S':'https://a/m'}") ",'githubRepo':{'S':'https://a/f'}", "repo",
         "https://a/f"                                                                                               },
        {"'resources':{'M':{'githubRepo':{'S':'https://a/t'}}}",                "repo",    "https://a/t"             },
        {"'githubRepo':{'M':{'url':{'S':'https://a/f'}}}",                      "repo",    "https://a/f"             },
        {VERCEL("{'M':{'url':{'S':'n.vercel.app'},'projectId':{'S':'p'}}}"),    "prod",
         "n.vercel.app"                                                                                              },
        {VERCEL("{'S':'https://n.vercel.app'}"),                                "prod",    "https://n.vercel.app"    },
        {VERCEL("{'M':{'url':{'S':'n'}}}") ",'vercelUrl':{'S':'https://a/v'}",  "prod",
         "https://a/v"                                                                                               },
        {VERCEL("{'L':[]}"),                                                    "prod",    "-"                       },
        {"'createdAt':{'S':'20260301T061502.5+0100'}",                          "created", "2026-03-01T05:15:02.500Z"},
        {"'createdAt':{'S':'20260301'}",                                        "created", "2026-03-01T00:00:00.000Z"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct job *j = help_job(rows[i][0]);
        char got[200];
        field(j, rows[i][1], got, sizeof got);
        cr_expect_str_eq(got, rows[i][2], "%s: %s", rows[i][0], got);
        job_free(j);
    }
#undef REPO
#undef VERCEL
}

/* ---- short forms ---- */

Test(job, addresses_and_features_come_back_as_they_were)
{
    static const char *const texts[] = {
        "https://github.com/founders/startup-1",
        "https://a-staging.vercel.app",
        "https://a-staging.vercel.ap",
        "https://https://.vercel.app.vercel.app/",
        "http",
        "-",
        "auth",
        "authauth",
        "\x01\x1d\x1e\x1f",
        "\x1f",
        "\xff\xfe\x1f.com",
        "d\xc3\xa4sh\xe6\xa0\xaa",
        "no part of a table",
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *features[] = {texts[i], "x", texts[i]};
        struct job *j = job_make(&(struct job_values){
            .id = "j", .url = {texts[i], NULL, texts[i]},
                 .features = features, .features_len = 3
        });
        char room[JOB_ROOM];
        cr_expect_str_eq(job_url(j, JOB_URL_REPOSITORY, room), texts[i]);
        cr_expect_null(job_url(j, JOB_URL_STAGING, room));
        cr_expect_str_eq(job_url(j, JOB_URL_PRODUCTION, room), texts[i]);
        cr_expect_str_eq(job_feature(j, 0, room), texts[i]);
        cr_expect_str_eq(job_feature(j, 1, room), "x");
        cr_expect_str_eq(job_feature(j, 2, room), texts[i]);
        struct job *copy = job_copy(j);
        cr_expect(job_same(j, copy));
        cr_expect_str_eq(job_feature(copy, 2, room), texts[i]);
        job_free(copy);
        job_free(j);
    }
}

Test(job, of_too_many_errors_the_last_ones_stay)
{
    struct job_error errors[JOB_ERRORS_MAX + 8];
    char texts[JOB_ERRORS_MAX + 8][8];

    for (size_t i = 0; i < JOB_ERRORS_MAX + 8; i++) {
        (void)snprintf(texts[i], sizeof texts[i], "e%zu", i);
        errors[i] = (struct job_error){.at_ms = TIME_NONE, .message = texts[i]};
    }
    struct job *j = job_make(
        &(struct job_values){.id = "j", .errors = errors, .errors_len = JOB_ERRORS_MAX + 8});
    cr_assert_eq(j->errors_len, JOB_ERRORS_MAX);
    cr_expect_str_eq(job_errors(j)[0].message, "e8");
    cr_expect_str_eq(job_errors(j)[JOB_ERRORS_MAX - 1].message, "e39");
    job_free(j);
}

/* The dashboard compares a record that was read again with a copy, or with one of a snapshot. */
Test(job, a_job_with_hidden_secrets_and_its_copy_tell_the_same)
{
    cJSON *item =
        help_json("{'jobId':{'S':'j'},'statusReason':{'S':'postgres://u:a-long-password@h/d'},"
                  "'errors':{'L':[{'M':{'message':{'S':'no postgres://u:another-one@h/d'}}}]}}");
    struct job *j = job_from_item(item);
    struct job *copy = job_copy(j);

    cr_expect_null(strstr(job_text(j, JOB_STATUS_REASON), "password"));
    cr_expect_null(strstr(job_errors(j)[0].message, "another"));
    cr_expect_str_eq(job_text(copy, JOB_STATUS_REASON), job_text(j, JOB_STATUS_REASON));
    cr_expect_str_eq(job_errors(copy)[0].message, job_errors(j)[0].message);
    cr_expect(job_same(j, copy));
    job_free(copy);
    job_free(j);
    cJSON_Delete(item);
}

Test(job, what_every_address_begins_and_ends_with_takes_one_byte)
{
    struct job *j = job_make(&(struct job_values){.id = "j"});
    struct job *with = job_make(&(struct job_values){
        .id = "j", .url = {"https://github.com/a", "https://a-staging.vercel.app"}
    });

    cr_expect_leq(with->bytes, j->bytes + 7);
    job_free(j);
    job_free(with);
}

Test(job, the_longest_texts_fit_where_each_byte_takes_two)
{
    static char text[5001];
    const char *features[JOB_FEATURES_MAX];
    struct job_values v = {.id = "j", .features = features, .features_len = JOB_FEATURES_MAX};
    char room[JOB_ROOM];

    memset(text, 1, sizeof text - 1);
    for (size_t i = 0; i < JOB_FEATURES_MAX; i++) {
        features[i] = text;
    }
    for (size_t i = 0; i < JOB_TEXTS; i++) {
        v.text[i] = text;
    }
    for (size_t i = 0; i < JOB_URLS; i++) {
        v.url[i] = text;
    }
    struct job *j = job_make(&v);
    for (unsigned i = 0; i < JOB_TEXTS; i++) {
        cr_expect_eq(strlen(job_text(j, (enum job_text_id)i)), 2048 + 3);
    }
    for (unsigned i = 0; i < JOB_URLS; i++) {
        cr_expect_eq(strlen(job_url(j, (enum job_url_id)i, room)), 2048 + 3);
    }
    cr_expect_eq(strlen(job_feature(j, JOB_FEATURES_MAX - 1, room)), 2048 + 3);
    job_free(j);
}

/* ---- times ---- */

Test(job, times_are_exact_however_far_apart_they_are)
{
    static const int64_t cases[][JOB_TIMES] = {
        {1700000000123, 1700000000124,             1699999999999,             1702147483770, TIME_NONE    },
        {1700000000000, 1700000000000 + INT32_MAX, 1700000000000 - INT32_MAX, TIME_NONE,     0            },
        {1700000000000, 1700000000000 + INT32_MIN, TIME_NONE,                 TIME_NONE,     TIME_NONE    },
        {TIME_NONE,     1700000000000,             TIME_NONE,                 5,             TIME_NONE    },
        {TIME_NONE,     TIME_NONE,                 TIME_NONE,                 TIME_NONE,     TIME_NONE    },
        {0,             INT64_MAX,                 -5,                        INT64_MIN + 1, 7            },
        {INT64_MAX,     INT64_MIN + 1,             INT64_MAX,                 0,             INT64_MAX - 1},
    };
    static const struct job_error errors[] = {
        {9,         "boom",  NULL      },
        {TIME_NONE, "again", "BUILDING"}
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct job_values v = {.id = "job", .errors = errors, .errors_len = (uint16_t)(i % 3)};
        memcpy(v.ms, cases[i], sizeof v.ms);
        struct job *j = job_make(&v);
        for (unsigned t = 0; t < JOB_TIMES; t++) {
            cr_expect_eq(job_ms(j, (enum job_time_id)t), cases[i][t], "case %zu time %u", i, t);
        }
        for (size_t k = 0; k < j->errors_len; k++) {
            cr_expect_eq(job_errors(j)[k].at_ms, errors[k].at_ms);
            cr_expect_str_eq(job_errors(j)[k].message, errors[k].message);
        }
        v.ms[JOB_UPDATED] = 3;
        struct job *other = job_make(&v);
        cr_expect_not(job_same(j, other));
        cr_expect(job_same(j, j));
        job_free(other);
        job_free(j);
    }
}

/* ---- memory ---- */

/* 100,000 of them are in the dashboard's memory: what is added to each job counts. */
Test(job, a_job_of_the_bench_takes_a_quarter_of_a_kilobyte)
{
    enum { N = 1000 };
    size_t bytes = 0;

    for (size_t i = 0; i < N; i++) {
        char *text = items_record(i);
        cJSON *item = cJSON_Parse(text);
        struct job *j = job_from_item(item);
        cr_assert_not_null(j);
        bytes += (size_t)j->bytes;
        job_free(j);
        cJSON_Delete(item);
        free(text);
    }
    cr_expect_leq(bytes / N, 250);
}

/* ---- when the steps began ---- */

Test(job, step_times_come_by_time_in_any_form)
{
    struct job *j = help_job(
        "'stepTimes':{'M':{'BUILDING':{'S':'2025-08-20T10:30:00Z'},'INIT':{'N':'1755685000'},"
        "'MY_STEP':{'S':'2025-08-20T10:30:00.000Z'},'NEVER':{'NULL':true},'TEXT':{'S':'soon'},"
        "'':{'S':'2025-08-20T10:30:00Z'},'LIST':{'L':[]}}}");
    static const char *const want[] = {"INIT", "MY_STEP", "BUILDING"};

    cr_assert_not_null(job_steps(j));
    for (size_t i = 0; i < 3; i++) {
        cr_expect_str_eq(help_or(job_steps(j)[i].step), want[i]);
    }
    cr_expect_eq(job_steps(j)[0].at_ms, INT64_C(1755685000000));
    cr_expect_eq(job_steps(j)[2].at_ms, INT64_C(1755685800000));
    cr_expect_null(job_steps(j)[3].step, "times that cannot be read are not there");
    struct job *copy = job_copy(j);
    cr_expect(job_same(j, copy));
    job_free(j);
    for (size_t i = 0; i < 3; i++) {
        cr_expect_str_eq(help_or(job_steps(copy)[i].step), want[i]);
    }
    job_free(copy);
    static const char *const none[] = {"", "'stepTimes':{'M':{}}", "'stepTimes':{'S':'INIT'}",
                                       "'stepTimes':{'M':{'INIT':7}}"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        j = help_job(none[i]);
        cr_expect_null(job_steps(j), "%s", none[i]);
        job_free(j);
    }
}

Test(job, steps_lie_beside_errors_and_far_times)
{
    static const struct job_error errors[] = {
        {9, "boom", "MY_STEP"}
    };
    static const struct job_step steps[] = {
        {"INIT",    5        },
        {"MY_STEP", 6        },
        {NULL,      TIME_NONE}
    };
    const char *features[] = {"auth"};
    char room[JOB_ROOM];

    for (unsigned i = 0; i < 8; i++) {
        struct job_values v = {.id = "j",
                               .text[JOB_PART_OF] = "whole",
                               .features = features,
                               .features_len = 1,
                               .steps = steps};
        v.ms[JOB_ENDED] = (i & 1) != 0 ? INT64_MAX : 0;
        v.errors = (i & 2) != 0 ? errors : NULL;
        v.errors_len = (i & 2) != 0;
        struct job *j = job_make(&v);
        const struct job_step *at = job_steps(j);
        cr_assert_not_null(at);
        cr_expect_str_eq(at[0].step, "INIT");
        cr_expect_str_eq(at[1].step, "MY_STEP");
        cr_expect_eq(at[1].at_ms, 6);
        cr_expect_null(at[2].step);
        cr_expect_str_eq(help_or(job_text(j, JOB_PART_OF)), "whole");
        cr_expect_str_eq(help_or(job_feature(j, 0, room)), "auth");
        cr_expect(v.errors_len == 0 || strcmp(job_errors(j)[0].step, "MY_STEP") == 0);
        struct job_step late[] = {steps[0], steps[1], steps[2]};
        late[(i & 4) != 0].at_ms++;
        v.steps = late;
        struct job *other = job_make(&v);
        cr_expect(job_same(j, j));
        cr_expect_not(job_same(j, other));
        v.steps = NULL;
        struct job *none = job_make(&v);
        cr_expect_null(job_steps(none));
        cr_expect_not(job_same(j, none));
        struct job *less = job_without_steps(job_copy(j));
        cr_expect_null(job_steps(less));
        cr_expect(job_same(less, none));
        cr_expect_eq(job_ms(less, JOB_ENDED), v.ms[JOB_ENDED]);
        cr_expect_str_eq(help_or(job_text(less, JOB_PART_OF)), "whole");
        cr_expect_str_eq(help_or(job_feature(less, 0, room)), "auth");
        cr_expect(v.errors_len == 0 || strcmp(job_errors(less)[0].message, "boom") == 0);
        cr_expect(v.errors_len == 0 || strcmp(job_errors(less)[0].step, "MY_STEP") == 0);
        less = job_without_steps(less);
        cr_expect(job_same(less, none), "there are none to take");
        job_free(less);
        job_free(none);
        job_free(other);
        job_free(j);
    }
}

/* A report stops at 100 times of steps: a map of so many may lack some, and then the step before
 * those that are missing would seem to last until the end. */
Test(job, step_times_that_may_lack_some_are_not_known)
{
    static const int counts[] = {41, 99, 100, 101, 500};

    for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
        struct strbuf b = STRBUF_INIT;
        strbuf_adds(&b, "'stepTimes':{'M':{");
        for (int i = 0; i < counts[k]; i++) {
            strbuf_addf(&b, "%s'S%d':{'N':'%d'}", i == 0 ? "" : ",", i, 1755685000 - i);
        }
        strbuf_adds(&b, "}}");
        struct job *j = help_job(strbuf_str(&b));
        struct job *copy = job_copy(j);
        const struct job_step *at = job_steps(copy);
        int n = 0;
        for (; at != NULL && at[n].step != NULL; n++) {
            cr_expect(n == 0 || at[n].at_ms > at[n - 1].at_ms);
        }
        cr_expect_eq(n, counts[k] < 100 ? counts[k] : 0, "%d of %d", n, counts[k]);
        job_free(copy);
        job_free(j);
        strbuf_clear(&b);
    }
}

Test(job, the_projection_asks_for_the_times_of_the_steps_too)
{
    const char *p = job_projection();
    cJSON *names = job_projection_names();
    cJSON *fewer = job_projection_whole_names(names);
    const cJSON *n;

    cr_expect_not_null(strstr(p, ",#stepTimes"));
    cr_expect_str_eq(help_or(json_str(names, "#stepTimes")), "stepTimes");
    const char *whole = job_projection_whole(p);
    cr_assert_not_null(whole);
    cr_expect_null(strchr(whole, '.'), "no paths");
    cJSON_ArrayForEach(n, fewer)
    {
        cr_expect_not_null(strstr(whole, n->string), "%s is defined but not used", n->string);
    }
    cr_expect_not_null(json_get(fewer, "#stepTimes"));
    cr_expect_null(job_projection_whole(whole), "there is nothing further to fall back on");
    cJSON_Delete(fewer);
    cJSON_Delete(names);
}
