/* ecr.h - the typed call for container images. It blocks; any thread.
 *
 * Facts: service model ecr-2015-09-21 (awsJson1.1, host api.ecr.R, signed as ecr). */
#ifndef AWS_ECR_H
#define AWS_ECR_H

#include <cjson/cJSON.h>

#include "aws/client.h"
#include "core/err.h"

/* Describes one image by its tag, or by its digest when that is not NULL. `*image` is an owned
 * object: imageDigest, imagePushedAt (seconds), imageSizeInBytes, imageTags. E_NOT_FOUND when the
 * repository or the image does not exist (e->aws_code tells which), E_DENIED. */
struct ecr_image {
    const char *registry; /* the account's id */
    const char *repository;
    const char *tag;    /* used when there is no digest */
    const char *digest; /* "sha256:..." or NULL */
};
MUST_CHECK enum err_code ecr_describe_image(struct aws_client *c, const struct ecr_image *i,
                                            cJSON **image, struct err *e);
#endif
