/* pipeline.h - the starter pipeline of infra/container/, carried in the program. */
#ifndef CLOUD_BATCH_PIPELINE_H
#define CLOUD_BATCH_PIPELINE_H

#include "core/err.h"

/* Writes entry point and stages into `dir` (0700), in the place of what is there, so that a newer
 * program brings its newer pipeline. A running job keeps the files that it has open. E_IO. */
MUST_CHECK enum err_code cloud_batch_pipeline_write(const char *dir, struct err *e);
#endif
