/* Reading memory of this process that may not be there.
 *
 * A signal may come between any two stores of the interpreter. CPython 3.11 and 3.12 publish a `_PyCFrame` before
 * they write its current frame; 3.11 gives a frame's memory back before it takes the frame off; greenlet exchanges
 * pieces of the C stack. What a handler finds there may be an old pointer, or no pointer at all. */
#ifndef CW_PEEK_H
#define CW_PEEK_H

#include <stdbool.h>
#include <stddef.h>

/* See whether the kernel lets this process read itself; false with errno if it does not. Before any cw_peek,
 * and once more in the child of a fork. */
bool cw_peek__begin(void);

/* Copy `size` bytes from where there may be none; false if so. For signal handlers. */
bool cw_peek(void *into, const void *from, size_t size);

/* Return memory to be read: where it is, or for the `wary` a copy in `copy`; NULL if it is not there. */
static inline __attribute__((always_inline)) const void *cw_look(bool wary, const void *at, size_t size, void *copy)
{
    if (!wary)
        return at;
    return cw_peek(copy, at, size) ? copy : NULL;
}

#endif
