/* suggest.h - "did you mean": the known name nearest to a mistyped one.
 *
 * Offer every candidate, then ask. Pure; any thread. */
#ifndef CORE_SUGGEST_H
#define CORE_SUGGEST_H

struct suggest {
    const char *word; /* borrowed: what the person typed */
    const char *best; /* borrowed from the candidates */
    int distance;
};

struct suggest suggest_for(const char *word);
void suggest_offer(struct suggest *s, const char *candidate); /* NULL is ignored */
/* The nearest candidate, or NULL when none is near enough to be what the person meant. */
const char *suggest_best(const struct suggest *s);
#endif
