/* state_table.h - the DynamoDB table in which replicas of `mvpdash serve` keep what they share.
 *
 * An item has the keys pk and sk, and ends by itself at expiresAt (the table's TTL) where it has
 * one. pk says of what kind it is; TABLE and BUS are those of the jobs:
 *   outbox#TABLE#BUS#SHARD  sk: the job id; a request that is on its way (ops/outbox.h)
 *   key#HASH                sk: -;          what became of an Idempotency-Key (ops/state_keys.h)
 *   strays#TABLE            sk: -, or USER TIME JOB; jobs that the user index lacks (ops/strays.h)
 *
 * An item that somebody works on has a lease: `leaseOwner`, a uuid that each work makes anew, and
 * `leaseUntil`, the time by the clock of whoever wrote it. Others leave the item alone until then.
 * A lease lasts as long as the work's deadline and STATE_LEASE_SPARE_MS more, so that clocks may
 * differ by as much; the scan's lasts a minute and is renewed. If they differ by more, two replicas
 * may work on one item: every write is conditional on the owner, so that one of them gets no
 * further, and an event that was sent twice starts no second job (the container's claim). Any
 * thread. */
#ifndef OPS_STATE_TABLE_H
#define OPS_STATE_TABLE_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "ops/ops.h"

enum { STATE_LEASE_SPARE_MS = 20000 };

/* From now on what `o` keeps for others is in the state table of its settings. Before its first
 * call. */
void state_table_use(struct ops *o);
/* How long the lease of a work lasts that begins now, within the thread's deadline. */
int64_t state_lease_ms(void);
/* Does a lease that ends at `until_ms` (0: none) stand at `now_ms`? One that ends later than any
 * lease may was written by a clock that is wrong, or by nobody: it does not hold its item up for
 * ever. */
bool state_lease_stands(int64_t until_ms, int64_t now_ms);
/* Asks whether the state table is there and can be used. E_NOT_FOUND, E_SERVICE, E_CONFIG (it has
 * other keys), ... */
MUST_CHECK enum err_code state_table_check(const struct ops *o, struct err *e);
/* Has a table, as DescribeTable tells of it, the keys of the state table? */
bool state_table_keys(const cJSON *table);
#endif
