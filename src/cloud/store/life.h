/* life.h - how a cloud is made, started and ended. Only the top (start.c) uses it: a service sees
 * service.h. */
#ifndef CLOUD_STORE_LIFE_H
#define CLOUD_STORE_LIFE_H

#include "core/err.h"
#include "options.h"
#include "service.h"
#include "store.h"

/* Opens the data folder. `o->services` must not be NULL. NULL with `e`: E_CONFIG, E_CONFLICT,
 * E_IO. */
struct cloud *cloud_new(const struct cloud_options *o, struct err *e);
void cloud_free(struct cloud *cloud); /* after cloud_services_stop */

struct cloud_store *cloud_store(struct cloud *cloud); /* borrowed */
/* Where the top keeps what stands in front of the services; NULL at first. */
void **cloud_front(struct cloud *cloud);
/* Sets what cloud_endpoint returns from now on; call it before the services start. */
void cloud_listens_at(struct cloud *cloud, const char *url);

/* Starts the services in order, up to the first one that fails, whose name then is in `e`. Under
 * the lock. */
MUST_CHECK enum err_code cloud_services_start(struct cloud *cloud, struct err *e);
/* Refuses calls from now on, wakes those that wait, and stops in reverse order the services that
 * were started. The lock must not be held. */
void cloud_services_stop(struct cloud *cloud);
#endif
