/* queue_memory.h - private to ops: what the last look at the queue told (ops/queue_look.h). */
#ifndef OPS_QUEUE_MEMORY_H
#define OPS_QUEUE_MEMORY_H

struct queue_memory;
struct queue_memory *queue_memory_new(void);
void queue_memory_free(struct queue_memory *m); /* NULL allowed */
#endif
