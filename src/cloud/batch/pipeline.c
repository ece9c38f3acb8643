/* Writing the starter pipeline, which the program carries, into a folder. */
#include "pipeline.h"

#include <stdlib.h>

#include "core/path.h"

struct pipeline_file {
    const char *name; /* "stages/10-INIT" */
    unsigned mode;
    const unsigned char *bytes;
    size_t len;
};

#include "build/gen/pipeline_files.inc"

enum err_code cloud_batch_pipeline_write(const char *dir, struct err *e)
{
    char *stages = path_join(dir, "stages");
    /* stages that an older program wrote must not run */
    enum err_code rc = path_remove_tree(stages, e);

    if (rc == E_OK) {
        rc = path_mkdirs(stages, 0700, e);
    }
    for (size_t i = 0; rc == E_OK && i < sizeof pipeline_files / sizeof *pipeline_files; i++) {
        const struct pipeline_file *f = &pipeline_files[i];
        char *path = path_join(dir, f->name);
        rc = path_write_atomic(path, f->bytes, f->len, f->mode, e);
        free(path);
    }
    free(stages);
    return rc;
}
