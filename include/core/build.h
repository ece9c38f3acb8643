/* build.h - when and how this program was built. Any thread. */
#ifndef CORE_BUILD_H
#define CORE_BUILD_H

#include <stdbool.h>
#include <stdint.h>

/* When, in milliseconds since 1970: of the last commit, so that the same sources give the same
 * program. 0 where the build did not say. */
int64_t build_time_ms(void);
/* "x86_64-linux-musl, static": machine and C library; constant. */
const char *build_target(void);
/* Is this the program of `make dist`, with all libraries inside? */
bool build_is_static(void);
#endif
