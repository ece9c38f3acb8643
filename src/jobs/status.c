/* status.c - the words of a job's status. */
#include <stddef.h>
#include <strings.h>

#include "jobs/job.h"

static const struct {
    const char *word;
    const char *people;
    bool final;
} rows[JOB_STATUS_COUNT] = {
#define JOB_STATUS_ROW(id, word, people, final) {word, people, final},
    JOB_STATUS_MAP(JOB_STATUS_ROW)
#undef JOB_STATUS_ROW
};

enum job_status job_status_parse(const char *word)
{
    if (word == NULL || *word == '\0') {
        return JOB_NO_STATUS;
    }
    for (int i = JOB_PENDING; i < JOB_STATUS_COUNT; i++) {
        /* The case of a letter is bit 5; most words differ in their first letter. */
        if (((word[0] ^ rows[i].word[0]) & ~0x20) == 0 && strcasecmp(word, rows[i].word) == 0) {
            return (enum job_status)i;
        }
    }
    /* This is another spelling of the same word; no other synonym is guessed. */
    return strcasecmp(word, "CANCELED") == 0 ? JOB_CANCELLED : JOB_OTHER_STATUS;
}

const char *job_status_word(enum job_status s)
{
    return (unsigned)s < JOB_STATUS_COUNT ? rows[s].word : "";
}

const char *job_status_people(enum job_status s)
{
    return (unsigned)s < JOB_STATUS_COUNT ? rows[s].people : "";
}

enum job_status job_status_meant(const char *word)
{
    enum job_status s = job_status_parse(word);

    for (int i = JOB_PENDING; s == JOB_OTHER_STATUS && i < JOB_STATUS_COUNT; i++) {
        if (strcasecmp(word, rows[i].people) == 0) {
            return (enum job_status)i;
        }
    }
    return s;
}

bool job_status_final(enum job_status s)
{
    return (unsigned)s < JOB_STATUS_COUNT && rows[s].final;
}
