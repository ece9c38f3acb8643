/* power_loss.h - a machine that stops: what a file system may have of a file that was not synced,
 * and a log of syncs as the next boot finds it. */
#ifndef TESTS_POWER_LOSS_H
#define TESTS_POWER_LOSS_H

#include <sys/types.h>

/* What is on the disk of the log's last record, when nobody waited for it. */
enum tail { TAIL_WHOLE, TAIL_TORN, TAIL_GONE };

off_t size_of(const char *path); /* -1: there is none */
/* Cuts the log at its end and gives it another boot's name. */
void change_boot(const char *path, enum tail tail);
#endif
