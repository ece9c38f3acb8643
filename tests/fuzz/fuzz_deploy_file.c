/* Any bytes as a file of deploys: what is accepted is whole, what is not is told with its line. */
#include <stdint.h>
#include <stdlib.h>

#include "jobs/deploy_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct deploy_file f;
    struct err e = {0};
    size_t line = 0;

    enum err_code rc = deploy_file_read((const char *)data, size, &f, &e);
    if ((rc == E_OK) != (f.errors_len == 0 && f.len > 0) || f.errors_len > DEPLOY_FILE_ERRORS_MAX) {
        abort();
    }
    for (size_t i = 0; i < f.len; i++) {
        if (deploy_request_check(&f.requests[i], NULL, NULL) != E_OK || f.lines[i] <= line) {
            abort();
        }
        line = f.lines[i];
    }
    for (size_t i = 0; i < f.errors_len; i++) {
        if (f.errors[i].line == 0 || f.errors[i].err.msg[0] == '\0') {
            abort();
        }
    }
    deploy_file_clear(&f);
    return 0;
}
