/* job_code.h - short forms of the texts of a job that only its detail shows: private to src/jobs.
 *
 * Parts that such texts share ("https://", ".vercel.app", the usual features) become one byte, a
 * control character; a control character in the text itself is kept behind an escape. Every text
 * comes back as it was. */
#ifndef JOBS_JOB_CODE_H
#define JOBS_JOB_CODE_H

#include <stddef.h>

/* The bytes that the short form of the first `len` bytes of `s` takes, with its NUL: at most
 * 2 * len + 1. */
size_t job_code_size(const char *s, size_t len);
/* Writes the short form at *at and moves *at past its NUL. */
void job_code_put(char **at, const char *s, size_t len);
/* The text of a short form; NULL for NULL. `room` has to hold the longest text that was put. */
const char *job_code_text(const char *code, char *room, size_t size);
#endif
