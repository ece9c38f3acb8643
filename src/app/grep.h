/* grep.h - the screen of a search in the logs of many jobs: the lines come as they are found. UI
 * thread only. */
#ifndef APP_GREP_H
#define APP_GREP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "desk.h"
#include "rows.h"

/* In which logs it is searched. */
enum grep_in { GREP_ALL, GREP_LIST, GREP_MARKED };

struct grep_view {
    char *typed;    /* owned: PATTERN as it was typed; NULL: nothing was searched yet */
    bool is_filter; /* it is a filter pattern of CloudWatch Logs */
    int64_t since_ms;
    size_t limit;
    int64_t max_ms;
    enum grep_in in;
    size_t jobs; /* how many were asked for; GREP_ALL: 0 */
    /* owned array of owned strings: their ids */
    char **ids;

    uint32_t request; /* the search under way; 0: none */
    bool stopping;    /* it was asked to end */
    bool ended;       /* `result` is of the last search */
    struct log_search_state state;
    struct log_search_result result;
    struct err err;        /* why it ended early */
    struct grep_hit *hits; /* owned, in the order in which they came */
    size_t len, cap;
    struct rows rows;
};

/* Where the hits and what is said of the search go. */
struct grep_rooms {
    struct rect hits, foot;
};
struct grep_rooms grep_rooms(struct rect all);

/* `:grep [--since 24h] [--limit N] [--max-time 5m] [--filter] PATTERN`, as `mvpdash logs --grep`:
 * in the logs of the marked jobs, else of those that the filter shows, else in all. False: a note
 * says what is wrong, and the last search stays. */
bool grep_ask(struct grep_view *v, struct desk *desk, const char *argument, struct effects *out);

/* What is said of the search: how far it is, how it ended, what it did not look at. Clean. Owned.
 */
char *grep_says(const struct grep_view *v, const struct desk *desk);
#endif
