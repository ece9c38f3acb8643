/* services.h - the table of all services of the local cloud. */
#ifndef CLOUD_SERVICES_H
#define CLOUD_SERVICES_H

#include "src/cloud/store/service.h"

/* The services in the order in which they start, with a NULL at the end. */
extern const struct cloud_service *const cloud_all_services[];
#endif
