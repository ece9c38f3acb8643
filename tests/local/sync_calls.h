/* sync_calls.h - the syncs and writes that the program asks the system for, counted, held up or
 * made to fail. The functions stand in for those of the C library in the whole test program. */
#ifndef TESTS_SYNC_CALLS_H
#define TESTS_SYNC_CALLS_H

#include <stdatomic.h>
#include <stdbool.h>

struct sync_calls {
    /* fsync, fdatasync and syncfs of what lies in a state folder; a local cloud in the same process
     * has files of its own elsewhere */
    atomic_int syncs;
    atomic_bool skip;        /* the disk is not really asked: for tests that sync very often */
    atomic_int fail_log;     /* that many of the next syncs of a sync log fail with EIO */
    atomic_bool fail_outbox; /* each sync of the outbox and of what is in it fails with ENOSPC */
    atomic_bool fail_keys;   /* the sync of all files of Idempotency-Keys fails with EIO */
    atomic_bool log_full;    /* what is written into a sync log fails with ENOSPC */
    /* Called before each sync of what has this in its path; NULL: nothing. */
    void (*_Atomic before)(void);
    const char *_Atomic before_what;
};
extern struct sync_calls sync_calls;
#endif
