/* The table of all services of the local cloud: the one place that names every service. */
#include "services.h"

#include <stddef.h>

#include "src/cloud/batch/batch.h"
#include "src/cloud/dynamodb/ddb.h"
#include "src/cloud/events/events.h"
#include "src/cloud/logs/logs.h"
#include "src/cloud/sqs/sqs.h"
#include "src/cloud/sts/sts.h"

const struct cloud_service *const cloud_all_services[] = {
    &ddb_service,          &ddb_streams_service, &cloud_logs_service, &cloud_sqs_service,
    &cloud_events_service, &cloud_batch_service, &cloud_sts_service,  NULL,
};
