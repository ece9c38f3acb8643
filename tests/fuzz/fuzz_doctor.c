/* The doctor's rules with any documents: each gives a finding that is whole. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "aws/iam.h"
#include "core/alloc.h"
#include "core/json.h"
#include "jobs/doctor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every rule of the doctor on any document: all of them come from outside. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct doctor_names n = {"us-east-1", "1", "t", "b",  "r", "q",
                                          "d",         "l", "g", "so", "dt"};
    cJSON *v = json_parse((const char *)data, size, "fuzz", NULL);
    static const struct doctor_metrics_context x = {.sent_lately = true};
    struct finding f = {0};
    struct doctor_image image;
    char principal[64];
    const char *why = NULL;

    if (v == NULL) {
        return 0;
    }
    char *text = xstrndup((const char *)data, size);
    doctor_table(v, &n, &f);
    doctor_records(v, &n, &f);
    doctor_bus(v, &n, &f);
    doctor_rule(v, &n, &f);
    doctor_targets(v, &n, &f);
    doctor_target_safety(v, &n, &f);
    doctor_dlq(v, "dlq", &n, &f);
    doctor_dlq_policy(v, "url", "arn:aws:events:r:1:rule/b/r", &f);
    doctor_dlq_depth(v, "dlq", &f);
    doctor_queue(v, &n, &f);
    doctor_environments(v, &n, &f);
    doctor_definition("d:1", v, v, v, &n, &f);
    doctor_head(&(struct doctor_waiting){.job = v, .environments = v, .running = v}, &n, &f);
    doctor_log(v, v, &n, &f);
    doctor_fit(v, v, &n, &f);
    doctor_execution_role(v, &f);
    doctor_metrics(v, &x, &n, &f);
    doctor_trust(text, "role", "arn:aws:events:r:1:rule/b/r", &f);
    (void)doctor_may(v, "a:B", "*", &why);
    (void)doctor_image_parse(text, &image);
    (void)doctor_principal(text, principal, sizeof principal);
    free(iam_decode(text));
    finding_clear(&f);
    free(text);
    cJSON_Delete(v);
    return 0;
}
