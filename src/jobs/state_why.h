/* state_why.h - which sentence explains a merged state: private to src/jobs. */
#ifndef JOBS_STATE_WHY_H
#define JOBS_STATE_WHY_H

enum why {
    WHY_RECORD,   /* the record's own reason or last error */
    WHY_BATCH,    /* job_why */
    WHY_REPORT,   /* Batch runs it, the container has not reported */
    WHY_SILENT,   /* it ended well without telling the record */
    WHY_TOO_LATE, /* cancelled, but it ended well first */
    WHY_STOP,     /* cancelled, Batch has not ended it yet */
    WHY_LIVES,    /* the record is final, Batch still has it */
    WHY_UNDONE,   /* the record says COMPLETED, Batch FAILED */
    WHY_HANDLED,  /* the record says FAILED, Batch SUCCEEDED */
    WHY_ENDED_BY, /* somebody ended it in Batch */
    WHY_GONE,     /* Batch no longer knows it */
    WHY_LOST,     /* nobody picked it up */
    WHY_STALE     /* no progress */
};
#endif
