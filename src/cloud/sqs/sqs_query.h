/* sqs_query.h - SQS's query protocol (form in, XML out), which AWS CLIs before 2.13 speak: Debian
 * 12's does. The operations themselves know only the JSON documents of AWS-WIRE 2.6.
 *
 * Pure; any thread. Facts: the SQS API reference, version 2012-11-05 (lists are flattened:
 * "AttributeName.1", "Attribute.1.Name"). */
#ifndef CLOUD_SQS_SQS_QUERY_H
#define CLOUD_SQS_SQS_QUERY_H

#include "src/cloud/store/service.h"

extern const struct cloud_query cloud_sqs_query;
#endif
