/* rounds.h - private to api: requests that ask the same thing at the same time share one look at
 * AWS.
 *
 * A round is one look. Whoever asks while a look is under way joins the round after it, so that
 * nobody gets an answer that is older than the question. Any thread. */
#ifndef API_ROUNDS_H
#define API_ROUNDS_H

#include <stdbool.h>
#include <stddef.h>

struct rounds; /* opaque: src/api/rounds.c */
struct round;  /* likewise */

/* `patience_ms`: how long a round that has not begun waits for the looks that are under way;
 * `joined_ms`: how long those who joined a round wait for its answer. */
struct rounds *rounds_new(int patience_ms, int joined_ms);
void rounds_free(struct rounds *r); /* no round may be under way; NULL allowed */

/* Waits for the answer of a round about `key` that begins after this call, at most until the
 * deadline of the thread. An owned copy of that answer; NULL: there is none, and the caller looks
 * itself. Then
 * `*mine` is the caller's own round, which rounds_end must end; or NULL when a round that the
 * caller had joined brought nothing that others may have, or brought it too late. */
char *rounds_ask(struct rounds *r, const char *key, struct round **mine);
/* Ends the caller's round (NULL allowed). Everybody who joined it gets a copy of `answer`; NULL:
 * they look themselves. */
void rounds_end(struct rounds *r, struct round *mine, const char *answer);
/* How many threads wait for rounds at this moment. */
size_t rounds_waiting(struct rounds *r);
#endif
