/* The terms of the filter as the documentation tells them. */
#include "jobs/filter.h"

const struct filter_term filter_terms[] = {
    {{"startup", "\"my startup\"", "mst"},
     "a word, words with a blank, or the first letters of words: in the name, user, product, step "
     "and state; a word in the job id, too"                                                                                   },
    {{"status:failed,cancelled", "status:running", "stuck"},
     "the state, also by the words of the header; a comma stands for \"or\", here and in the terms "
     "below"                                                                                                                  },
    {{"user:ann", "product:shop", "business:corner", "email:ann@"},
     "who asked for the job, for what, and its business name"                                                                 },
    {{"step:building", "priority:high", "feature:auth"},            "the step, the priority, a feature"                       },
    {{"id:job_17", "batch:fe5a", "error:timeout"},                  "the job id, the Batch job's id, the error"               },
    {{"reason:outofmemory", "reason:\"exit 1\""},
     "failed jobs by their exit code and cause, without ids, numbers and times: what the column "
     "Reason, `reason` in JSON and `mvpdash stats` say"                                                                       },
    {{"exit:137", "exit:1,2", "exit>=128"},                         "the exit code of the container"                          },
    {{"took>10m", "duration<1h"},                                   "how long the job ran (90s, 10m, 2h, 1d)"                 },
    {{"age<1h", "updated>=2d"},
     "the time since the job was requested, and since its record changed"                                                     },
    {{"progress<50"},                                               "how far the job is, in percent"                          },
    {{"env:prod"},                                                  "the context, where the list shows several"               },
    {{"is:stuck", "is:failed", "is:active", "is:final"},            "stuck; failed; not ended; ended"                         },
    {{"is:slow", "is:over"},
     "in its step for longer than usual; running for longer than estimated"                                                   },
    {{"retry-of:job_17", "name:corner"},                            "retries of this job; the business name"                  },
    {{"is:retry", "is:gone", "is:drift"},
     "a retry; forgotten by Batch; record and Batch say different things"                                                     },
    {{"is:norecord", "is:two"},                                     "a Batch job that no record names; a job with two records"},
    {{"/time.?out/"},                                               "a regular expression (POSIX extended)"                   },
    {{"!is:stuck"},                                                 "what the term does not find"                             },
};
const size_t filter_terms_len = sizeof filter_terms / sizeof *filter_terms;
