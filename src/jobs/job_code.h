/* job_code.h - short forms of the texts of a job that only its detail shows: private to src/jobs.
 *
 * Parts that such texts share ("https://", ".vercel.app", the usual features) become one byte, a
 * control character, and so does the name of the job's repository in its other addresses; a control
 * character in the text itself is kept behind an escape. Every text comes back as it was. */
#ifndef JOBS_JOB_CODE_H
#define JOBS_JOB_CODE_H

#include <stddef.h>

/* The name at the end of an address, "shop" of "https://github.com/me/shop.git"; "" when there is
 * none, or one so short or long that it is not worth a byte. */
enum { JOB_CODE_NAME = 128 };
void job_code_name(const char *address, size_t len, char name[JOB_CODE_NAME]);

/* `name` is that of the job's repository; "": none. A text is read with the name with which it was
 * put.
 *
 * The bytes that the short form of the first `len` bytes of `s` takes, with its NUL: at most
 * 2 * len + 1. */
size_t job_code_size(const char *s, size_t len, const char *name);
/* Writes the short form at *at and moves *at past its NUL. */
void job_code_put(char **at, const char *s, size_t len, const char *name);
/* The text of a short form; NULL for NULL. `room` has to hold the longest text that was put. */
const char *job_code_text(const char *code, const char *name, char *room, size_t size);
#endif
