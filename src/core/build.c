/* The Makefile gives MVPDASH_BUILT to this file alone: a commit compiles no other one again. */
#include "core/build.h"

#include <stdlib.h> /* __GLIBC__ */

#ifndef MVPDASH_BUILT
#define MVPDASH_BUILT 0
#endif

#if defined(__x86_64__)
#define MACHINE "x86_64"
#elif defined(__aarch64__)
#define MACHINE "aarch64"
#else
#define MACHINE "other"
#endif

int64_t build_time_ms(void)
{
    return INT64_C(1000) * MVPDASH_BUILT;
}

#ifdef __GLIBC__
#define TARGET MACHINE "-linux-gnu"
enum { STATIC = false };
#else
#define TARGET MACHINE "-linux-musl, static"
enum { STATIC = true };
#endif

const char *build_target(void)
{
    return TARGET;
}

bool build_is_static(void)
{
    return STATIC;
}
