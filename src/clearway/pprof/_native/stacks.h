/* Stacks, by number: each distinct one is kept once. */
#ifndef CW_STACKS_H
#define CW_STACKS_H

#include "symbols.h"

#define CW_DEPTH 128 /* frames kept of a stack, the leaf's end; Go keeps as many */

typedef struct {
    uint32_t at; /* of its first location, the leaf */
    uint32_t depth;
} cw_stack;

typedef struct {
    cw_arena locations; /* of uint32_t */
    cw_arena stacks;    /* of cw_stack */
    cw_index by_content;
} cw_stacks;

/* Return the number of a stack, leaf first, or CW_NONE if there is no room for a new one. */
uint32_t cw_stacks__id(cw_stacks *stacks, const uint32_t *locations, uint32_t depth);

void cw_stacks__clear(cw_stacks *stacks);

/* Where a stack leaves the running task: the outermost coroutine, and how many frames there are up to it. */
typedef struct {
    const void *coroutine; /* an address to compare, NULL outside of any */
    uint32_t frames;
} cw_task_end;

/* Write the locations of the frames of `thread` into `into`, leaf first, and return how many.
 *
 * Runs on the thread that owns the frames, in the allocator: that thread stands still between two steps of its
 * own, so its frames are whole, and nothing here allocates, raises or counts a reference. A stack deeper than
 * CW_DEPTH keeps its leaf's end and ends in a frame that says so. */
uint32_t cw_walk(cw_symbols *symbols, PyThreadState *thread, uint32_t into[CW_DEPTH]);

/* The same in a signal handler, which may have come in the middle of a step: every pointer is tried before it is
 * followed. What cannot be read is a frame that says so. Writes where the task ends, too. `interrupted_at` is the
 * thread's stack pointer, or NULL where it is not known. Under the lock of the one table that it is used with. */
uint32_t cw_walk_warily(cw_symbols *symbols, PyThreadState *thread, const void *interrupted_at,
                        uint32_t into[CW_DEPTH], cw_task_end *end);

#define CW_TRUNCATED "<truncated stack>"

#endif
