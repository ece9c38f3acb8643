/* job_words.h - the words that nearly every record has: they take no room in a job. */
#ifndef JOBS_JOB_WORDS_H
#define JOBS_JOB_WORDS_H

#include <stdint.h>

enum { JOB_WORDS = 19 };
extern const char *const job_words[JOB_WORDS]; /* the first one is NULL */

/* The place of a word in the table; 0: it is not there. */
uint8_t job_word_of(const char *s);
#endif
