/* bus_check.h - private to ops: is there a bus to send to? */
#ifndef OPS_BUS_CHECK_H
#define OPS_BUS_CHECK_H

#include "ops/ops.h"

/* Checks that the bus exists. PutEvents to a bus that does not exist answers success, and the event
 * is lost, so this is asked before anything is recorded or sent. E_NOT_FOUND, with what to do, only
 * when the service says that there is no such bus. E_OK also when the service cannot be asked: the
 * sending itself will tell the reason. What ops_may_write refuses is refused here, before anything
 * is kept. */
MUST_CHECK enum err_code bus_check(const struct ops *o, struct err *e);

/* Sets the advice for E_NOT_FOUND of o->bus. */
enum err_code bus_hint(const struct ops *o, struct err *e);
#endif
