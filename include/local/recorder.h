/* recorder.h - a deploy event that came without a record (sent with another tool) gets one, so that
 * it shows up as a job like any other. The record of a deploy by mvpdash is there before the event
 * and stays as it is. */
#ifndef LOCAL_RECORDER_H
#define LOCAL_RECORDER_H

#include <cjson/cJSON.h>

#include "local/svc.h"

#define RECORDER_NAME "mvp-development-recorder"

/* Under the cloud's lock. An event whose detail is no deploy request is passed over: E_OK.
 * E_SERVICE when the table refuses, E_TIMEOUT when another try may work. */
MUST_CHECK enum err_code recorder_apply(struct local *l, const cJSON *event, struct err *e);
#endif
