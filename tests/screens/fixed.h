/* fixed.h - the time that the pictures are taken at. */
#ifndef TESTS_SCREENS_FIXED_H
#define TESTS_SCREENS_FIXED_H

#include <stdint.h>

/* The jobs are so made that up to half a minute more is not seen. */
#define FIXED_NOW_S INT64_C(1773757920) /* Tuesday, 2026-03-17 14:32:00 UTC */
#define FIXED_NOW_MS (FIXED_NOW_S * 1000)
#endif
