/* cloud.h - a local cloud of our own for the end-to-end tests: `PROGRAM local` on any port, its
 * data and all of its users' files in a temporary folder. */
#ifndef TESTS_E2E_CLOUD_H
#define TESTS_E2E_CLOUD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct cloud {
    char dir[64]; /* temporary folder; "" when it could not be made */
    pid_t pid;
    int out;       /* what the server prints */
    char *env[32]; /* owned, NULL-terminated: where the cloud is, and the XDG folders */
    size_t env_len;
};

/* Starts it and reads the environment that it prints. False with a line on stderr. */
bool cloud_start(struct cloud *c, const char *program, int deadline_ms);
void cloud_stop(struct cloud *c); /* ends the server, removes the folder */
/* Ends the server, as if the network were pulled; cloud_again starts a server at the same
 * address. */
void cloud_away(struct cloud *c);
bool cloud_again(struct cloud *c, const char *program, int deadline_ms);
/* Adds "NAME=value" for the programs that use the cloud. */
void cloud_env(struct cloud *c, const char *pair);
#endif
