/* state_why.h - which sentence explains a merged state: private to src/jobs. */
#ifndef JOBS_STATE_WHY_H
#define JOBS_STATE_WHY_H

enum why {
    WHY_RECORD,   /* the record's own reason or last error */
    WHY_BATCH,    /* Batch's reason (job_why) */
    WHY_REPORT,   /* Batch runs the job, its container has not reported */
    WHY_SILENT,   /* the container ended well without telling the record */
    WHY_TOO_LATE, /* the job was cancelled, but its container ran to its end */
    /* the job was cancelled, and Batch's SUCCEEDED is that of a container that did nothing */
    WHY_NEVER_RAN,
    WHY_REFUSED,   /* the container was refused its claim: the record's state counts */
    WHY_STOP,      /* the job was cancelled, and Batch has not ended it yet */
    WHY_LIVES,     /* the record is final, and Batch still has the job */
    WHY_UNDONE,    /* the record says COMPLETED, Batch FAILED */
    WHY_HANDLED,   /* the record says FAILED, Batch SUCCEEDED */
    WHY_ENDED_BY,  /* somebody ended the job in Batch */
    WHY_GONE,      /* Batch no longer knows the job */
    WHY_LOST,      /* nobody picked the job up */
    WHY_UNASKED,   /* the job waits for long, and Batch could not be asked */
    WHY_STALE,     /* the job makes no progress */
    WHY_NO_RECORD, /* only Batch tells of the job */
    WHY_LOG        /* the record is silent, and the log goes on */
};
#endif
