/* sqs_query.h - SQS's query protocol (form in, XML out), which AWS CLIs before 2.13 speak: Debian
 * 12's does. The operations themselves know only the JSON documents of AWS-WIRE 2.6.
 *
 * Pure; any thread. Facts: the SQS API reference, version 2012-11-05 (lists are flattened:
 * "AttributeName.1", "Attribute.1.Name"). */
#ifndef LOCAL_SQS_QUERY_H
#define LOCAL_SQS_QUERY_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "core/strbuf.h"

#define SQS_QUERY_VERSION "2012-11-05"
#define SQS_QUERY_SPACE "http://queue.amazonaws.com/doc/2012-11-05/"

/* The JSON document that a form (an object of strings) stands for; owned. */
cJSON *sqs_query_document(const cJSON *form);
/* Appends the inside of the operation's result element for its JSON reply. */
void sqs_query_result(struct strbuf *out, const cJSON *reply);

/* Appends text with what XML cannot hold as it is replaced. */
void xml_add_text(struct strbuf *out, const char *s);
#endif
