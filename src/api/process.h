/* process.h - private to api: what the process uses, as Prometheus's standard metrics name it. Any
 * thread. */
#ifndef API_PROCESS_H
#define API_PROCESS_H

/* Each member is negative when it is not known. */
struct process_now {
    double cpu_s; /* with the system's time */
    double resident_bytes;
    double virtual_bytes;
    double open_fds;
    double max_fds; /* INFINITY: no limit */
};

void process_look(struct process_now *out);
/* When the process started, in seconds of the wall clock: from how long ago the kernel says it was,
 * or else now. The kernel is asked once, because the wall clock may be set meanwhile. */
double process_started_s(void);
#endif
