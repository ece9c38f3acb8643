/* items.h - the records of a table that is like a real one: what `make bench` and the tests that
 * count bytes measure with. */
#ifndef BENCH_ITEMS_H
#define BENCH_ITEMS_H

#include <stddef.h>

/* The time in the newest records; the others lie up to half a year before it. */
#define ITEMS_NOW_MS INT64_C(1764500000000)

/* The n-th record as DynamoDB's JSON, owned; always the same for the same n. 1.5 KB in the mean, in
 * the shape that mvpdash and its container leave. Names are of several alphabets, many of them with
 * wide characters. Of ten jobs three are not final (n % 10 is 0, 3 or 6), one failed (5) and one
 * was cancelled (9). */
char *items_record(size_t n);
#endif
