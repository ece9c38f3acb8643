/* The typed call of ECR. */
#include "aws/ecr.h"

#include "core/json.h"
#include "doc.h"

enum err_code ecr_describe_image(struct aws_client *c, const struct ecr_image *i, cJSON **image,
                                 struct err *e)
{
    cJSON *in = json_new_object();
    cJSON *ids = json_new_array();
    cJSON *id = json_new_object();
    cJSON *reply = NULL;

    doc_opt_str(in, "registryId", i->registry);
    json_set_str(in, "repositoryName", i->repository);
    if (i->digest != NULL) {
        json_set_str(id, "imageDigest", i->digest);
    } else {
        json_set_str(id, "imageTag", i->tag);
    }
    json_push(ids, id);
    json_set(in, "imageIds", ids);
    enum err_code rc = doc_call(c, AWS_OP_ECR_DESCRIBE_IMAGES, in, &reply, e);
    cJSON *list = rc == E_OK ? doc_take_array(reply, "imageDetails") : NULL;
    *image = rc == E_OK ? cJSON_DetachItemFromArray(list, 0) : NULL;
    cJSON_Delete(list);
    cJSON_Delete(reply);
    if (rc == E_OK && *image == NULL) {
        return err_set(e, E_NOT_FOUND, "ECR has no such image in %s", i->repository);
    }
    return rc;
}
