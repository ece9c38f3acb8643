/* missing_record.h - a deploy event that came without a record (sent with another tool) gets one,
 * so that it shows up as a job like any other. The record of a deploy by mvpdash is there before
 * the event and stays as it is. */
#ifndef CLOUD_EVENTS_MISSING_RECORD_H
#define CLOUD_EVENTS_MISSING_RECORD_H

#include <cjson/cJSON.h>

#include "src/cloud/store/service.h"

#define MISSING_RECORD_TARGET "mvp-development-recorder"

/* Applies one event, under the cloud's lock. Every event with a job id gets its record, whatever
 * else its detail has; the log says what could not be read. An event without a job id is passed
 * over and logged: E_OK. E_SERVICE when the table refuses, E_TIMEOUT when another try may work. */
MUST_CHECK enum err_code cloud_events_missing_record(struct cloud *cloud, const cJSON *event,
                                                     struct err *e);
#endif
