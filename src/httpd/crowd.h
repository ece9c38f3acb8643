/* crowd.h - private to httpd: how many connections there are, of which clients, and which of them
 * goes first when there is no room. The loop's thread. */
#ifndef HTTPD_CROWD_H
#define HTTPD_CROWD_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

struct conn;
struct httpd;

enum { LOOK_MS = 25 }; /* between two looks for room, while there is none */

bool httpd_crowd_admit(struct httpd *h, struct conn *like); /* false: it is to be closed at once */
bool httpd_crowd_room(struct httpd *h);                     /* for one more */
void httpd_crowd_thin(struct httpd *h); /* closes idle ones, down to the limit */
bool httpd_crowd_drop_one(struct httpd *h, const struct in6_addr *address, int64_t fresh_ms);
#endif
