/* json_room.h - private to core: room for the nodes of an element that the parser only lends.
 *
 * Nodes lie one behind the other in blocks, and all go at once: a record of DynamoDB has a hundred
 * nodes and names, and malloc and free took a third of the time of reading it. One thread. */
#ifndef CORE_JSON_ROOM_H
#define CORE_JSON_ROOM_H

#include <stddef.h>

struct json_block;

struct json_room {
    struct json_block *blocks; /* owned, the one that has room first */
    char *at, *end;            /* the room that is left in it */
};

/* Aligned for any type, and not set to zero. */
void *json_room_take(struct json_room *r, size_t size);
/* Gives back all that was taken; keeps one block for the next element. */
void json_room_empty(struct json_room *r);
void json_room_clear(struct json_room *r);
#endif
