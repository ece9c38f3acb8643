/* state_why.h - which sentence explains a merged state: private to src/jobs. */
#ifndef JOBS_STATE_WHY_H
#define JOBS_STATE_WHY_H

enum why {
    WHY_RECORD,    /* the record's own reason or last error */
    WHY_BATCH,     /* job_why */
    WHY_REPORT,    /* Batch runs it, the container has not reported */
    WHY_SILENT,    /* it ended well without telling the record */
    WHY_TOO_LATE,  /* cancelled, but its container ran to its end */
    WHY_NEVER_RAN, /* cancelled, and Batch's SUCCEEDED is that of a container that did nothing */
    WHY_REFUSED,   /* its container was refused its claim: the record stands */
    WHY_STOP,      /* cancelled, Batch has not ended it yet */
    WHY_LIVES,     /* the record is final, Batch still has it */
    WHY_UNDONE,    /* the record says COMPLETED, Batch FAILED */
    WHY_HANDLED,   /* the record says FAILED, Batch SUCCEEDED */
    WHY_ENDED_BY,  /* somebody ended it in Batch */
    WHY_GONE,      /* Batch no longer knows it */
    WHY_LOST,      /* nobody picked it up */
    WHY_UNASKED,   /* it waits for long, and Batch could not be asked */
    WHY_STALE,     /* no progress */
    WHY_NO_RECORD, /* Batch alone tells of it */
    WHY_LOG        /* the record is silent, the log goes on */
};
#endif
