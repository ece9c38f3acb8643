/* pipeline.h - the starter pipeline of infra/container/, carried in the program. */
#ifndef LOCAL_PIPELINE_H
#define LOCAL_PIPELINE_H

#include "core/err.h"

/* Writes entry point and stages to `dir` (0700), replacing what is there, so that a newer program
 * brings its newer pipeline. A running job keeps the open files it has. E_IO. */
MUST_CHECK enum err_code pipeline_write(const char *dir, struct err *e);
#endif
