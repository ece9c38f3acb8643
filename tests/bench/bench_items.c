/* Prints the records of the bench's table, one a line, for programs that are not in C.
 *
 * usage: bench_items FROM COUNT */
#include <stdio.h>
#include <stdlib.h>

#include "items.h"

int main(int argc, char **argv)
{
    if (argc != 3) {
        (void)fprintf(stderr, "usage: bench_items FROM COUNT\n");
        return 2;
    }
    size_t from = strtoul(argv[1], NULL, 10), count = strtoul(argv[2], NULL, 10);
    for (size_t n = from; n < from + count; n++) {
        char *record = items_record(n);
        (void)puts(record);
        free(record);
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
