/* work.h - private to httpd: a complete request with its owner, until there is a reply. The loop's
 * thread, unless a comment says otherwise. */
#ifndef HTTPD_WORK_H
#define HTTPD_WORK_H

struct conn;
struct httpd;
struct job;

void httpd_work_begin(struct conn *c); /* all of the request is there */
/* Calls the owner. On the thread that has the job. */
void httpd_work_run(struct httpd *h, struct job *j);
void httpd_work_settle(struct conn *c); /* `run` has returned: the reply goes out, or waits */
void httpd_work_again(struct conn *c);  /* of a CONN_AGAIN: the owner is asked now */
#endif
