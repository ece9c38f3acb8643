/* The sort that the tests run with, in place of the C library's. The standard promises nothing
 * about elements that compare equal: glibc leaves them in their order, musl does not. Here they
 * come out in reverse, so that a comparison which gives no total order fails a test with every C
 * library. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

typedef int (*compare_r)(const void *a, const void *b, void *arg);

/* qsort's own prototype has no argument for the comparison. */
struct plain {
    int (*compare)(const void *a, const void *b);
};

static int call_plain(const void *a, const void *b, void *arg)
{
    return ((const struct plain *)arg)->compare(a, b);
}

/* Merges; of two elements that compare equal the one from behind comes first. */
static void sort(char *all, char *room, size_t len, size_t size, compare_r compare, void *arg)
{
    size_t half = len / 2;
    size_t a = 0, b = half;

    if (len < 2) {
        return;
    }
    sort(all, room, half, size, compare, arg);
    sort(all + half * size, room, len - half, size, compare, arg);
    for (size_t n = 0; n < len; n++) {
        bool front = b == len || (a < half && compare(all + a * size, all + b * size, arg) < 0);
        memcpy(room + n * size, all + (front ? a++ : b++) * size, size);
    }
    memcpy(all, room, len * size);
}

void qsort_r(void *all, size_t len, size_t size, compare_r compare, void *arg)
{
    char *room = len < 2 ? NULL : malloc(len * size);

    if (room != NULL) {
        sort(all, room, len, size, compare, arg);
        free(room);
    } else if (len > 1) {
        abort();
    }
}

void qsort(void *all, size_t len, size_t size, int (*compare)(const void *a, const void *b))
{
    struct plain p = {compare};

    qsort_r(all, len, size, call_plain, &p);
}
