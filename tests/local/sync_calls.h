/* sync_calls.h - the syncs and writes that the program asks the system for, counted, held up or
 * made to fail. The functions stand in for those of the C library in the whole test program. */
#ifndef TESTS_SYNC_CALLS_H
#define TESTS_SYNC_CALLS_H

#include <stdatomic.h>
#include <stdbool.h>

struct sync_calls {
    atomic_int syncs;     /* fsync and fdatasync, of files and folders */
    atomic_bool skip;     /* the disk is not really asked: for tests that sync very often */
    atomic_int fail_log;  /* that many of the next syncs of a sync log fail with EIO */
    atomic_bool log_full; /* what is written into a sync log fails with ENOSPC */
    /* called before each sync of a sync log, NULL: nothing */
    void (*_Atomic before)(void);
    void (*_Atomic before_any)(void); /* the same before every sync */
};
extern struct sync_calls sync_calls;
#endif
