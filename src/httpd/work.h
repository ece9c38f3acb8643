/* work.h - private to httpd: running a complete request by its owner, until there is a reply. The
 * loop's thread, unless a comment says otherwise. */
#ifndef HTTPD_WORK_H
#define HTTPD_WORK_H

struct conn;
struct httpd;
struct job;

void httpd_work_begin(struct conn *c); /* called when the whole request is there */
/* Calls the owner. On the thread that has the job. */
void httpd_work_run(struct httpd *h, struct job *j);
/* called when `run` has returned: the reply goes out, or waits */
void httpd_work_settle(struct conn *c);
void httpd_work_again(struct conn *c); /* asks the owner of a CONN_AGAIN now */
#endif
