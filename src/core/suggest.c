/* The known name that is nearest to a mistyped one ("did you mean"). */
#include "core/suggest.h"

#include <ctype.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

enum { LONGEST = 48 };

static bool same_letter(char a, char b)
{
    char x = a == '-' ? '_' : (char)tolower((unsigned char)a);
    char y = b == '-' ? '_' : (char)tolower((unsigned char)b);

    return x == y;
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* The Damerau-Levenshtein distance (swapped neighbours count once), without regard to case or to
 * '-' and '_'. */
static int distance(const char *a, const char *b)
{
    size_t n = strlen(a);
    size_t m = strlen(b);
    int row[3][LONGEST + 1];

    if (n > LONGEST || m > LONGEST) {
        return INT_MAX;
    }
    for (size_t j = 0; j <= m; j++) {
        row[0][j] = (int)j;
    }
    for (size_t i = 1; i <= n; i++) {
        int *now = row[i % 3];
        const int *prev = row[(i + 2) % 3];
        const int *prev2 = row[(i + 1) % 3];
        now[0] = (int)i;
        for (size_t j = 1; j <= m; j++) {
            int cost = same_letter(a[i - 1], b[j - 1]) ? 0 : 1;
            now[j] = least(prev[j - 1] + cost, least(prev[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) &&
                same_letter(a[i - 2], b[j - 1])) {
                now[j] = least(now[j], prev2[j - 2] + 1);
            }
        }
    }
    return row[n % 3][m];
}

struct suggest suggest_for(const char *word)
{
    return (struct suggest){.word = word, .distance = INT_MAX};
}

void suggest_offer(struct suggest *s, const char *candidate)
{
    if (candidate == NULL) {
        return;
    }
    int d = distance(s->word, candidate);
    if (d < s->distance) {
        s->distance = d;
        s->best = candidate;
    }
}

const char *suggest_best(const struct suggest *s)
{
    size_t len = strlen(s->word);
    int limit = len <= 3 ? 1 : len <= 7 ? 2 : 3;

    return s->best != NULL && s->distance <= limit ? s->best : NULL;
}
