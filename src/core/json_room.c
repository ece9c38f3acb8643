/* Room for nodes that all go at once. */
#include "json_room.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/alloc.h"

enum { BLOCK = 16 * 1024, ALIGN = alignof(max_align_t) };

struct json_block {
    struct json_block *next;
    size_t size;
    alignas(max_align_t) char data[];
};

static void *take_block(struct json_room *r, size_t size)
{
    size_t room = size > BLOCK ? size : BLOCK;
    struct json_block *b = xmalloc(sizeof *b + room);

    b->size = room;
    b->next = r->blocks;
    r->blocks = b;
    r->at = b->data + size;
    r->end = b->data + room;
    return b->data;
}

void *json_room_take(struct json_room *r, size_t size)
{
    void *p = r->at;

    if (size > SIZE_MAX / 2) {
        return xmalloc(size); /* ends the program, as alloc.h says */
    }
    size = (size + ALIGN - 1) / ALIGN * ALIGN;
    if ((size_t)(r->end - r->at) < size) {
        return take_block(r, size);
    }
    r->at += size;
    return p;
}

static void free_blocks(struct json_block *b)
{
    while (b != NULL) {
        struct json_block *next = b->next;
        free(b);
        b = next;
    }
}

void json_room_empty(struct json_room *r)
{
    struct json_block *b = r->blocks;

    if (b == NULL) {
        return;
    }
    if (b->size > BLOCK) { /* one huge element needs no room for ever */
        json_room_clear(r);
        return;
    }
    free_blocks(b->next);
    b->next = NULL;
    r->at = b->data;
    r->end = b->data + b->size;
}

void json_room_clear(struct json_room *r)
{
    free_blocks(r->blocks);
    *r = (struct json_room){0};
}
