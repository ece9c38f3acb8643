/* seed.h - what a new store holds. */
#ifndef CLOUD_SEED_H
#define CLOUD_SEED_H

#include "core/err.h"

struct cloud;

/* Gives a new store the system of SPEC 8, through cloud_dispatch: once in the store's life, and all
 * of it or nothing. Call it after all services have started, under the lock. */
MUST_CHECK enum err_code cloud_seed(struct cloud *cloud, struct err *e);
#endif
