/* job_words.c - the words that nearly every record has, the steps among them. */
#include "job_words.h"

#include <string.h>

#include "jobs/job.h"

enum { STEP_FIRST = 1, STEP_LAST = 11 /* the places of the steps */ };

const char *const job_words[JOB_WORDS] = {
    NULL,
    /* the steps in the order of a job's life */
    "QUEUED",
    "INIT",
    "FETCHING_DATA",
    "CREATING_REPO",
    "CLAUDE_INSTALL",
    "AI_DEVELOPMENT",
    "BUILDING",
    "DEPLOYING",
    "CONFIGURING_DOMAINS",
    "CLEANUP",
    "COMPLETED",
    /* priorities and statuses */
    "high",
    "normal",
    "low",
    "PENDING",
    "IN_PROGRESS",
    "FAILED",
    "CANCELLED",
};

int job_step_rank(const char *step)
{
    for (int i = STEP_FIRST; step != NULL && i <= STEP_LAST; i++) {
        if (strcmp(step, job_words[i]) == 0) {
            return i - STEP_FIRST;
        }
    }
    return -1;
}

uint8_t job_word_of(const char *s)
{
    for (unsigned i = 1; i < JOB_WORDS; i++) {
        if (s[0] == job_words[i][0] && strcmp(s, job_words[i]) == 0) {
            return (uint8_t)i;
        }
    }
    return 0;
}
