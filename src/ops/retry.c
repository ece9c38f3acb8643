#include "ops/job_ops.h"

enum err_code ops_retry(const struct ops *o, const char *job_id, struct deploy_result *out,
                        struct err *e)
{
    struct job_detail *d = NULL;
    struct deploy_request r;

    deploy_request_init(&r);
    enum err_code rc = ops_job_get(o, job_id, true, &d, e);
    if (rc == E_OK) {
        deploy_request_from_job(&r, d->item);
        rc = ops_deploy(o, &r, out, e);
        if (rc == E_INVALID) {
            (void)err_wrap(e, "the record of %s cannot be deployed again", job_id);
        }
    }
    deploy_request_clear(&r);
    job_detail_free(d);
    return rc;
}
