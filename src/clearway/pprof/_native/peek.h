/* Reading memory of this process that may not be there.
 *
 * A signal may come between any two stores of the interpreter. CPython 3.11 and 3.12 publish a `_PyCFrame` before
 * they write its current frame; 3.11 gives a frame's memory back before it takes the frame off; greenlet exchanges
 * pieces of the C stack. What a handler finds there may be an old pointer, or no pointer at all.
 *
 * The kernel copies what is there and says so where nothing is (process_vm_readv). That costs 0.3 us, and 4 us
 * in some sandboxes, so memory that is known to be there is read as it is, and much is asked for at once. */
#ifndef CW_PEEK_H
#define CW_PEEK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

/* See whether the kernel lets this process read itself; false with errno if it does not. Before any cw_peek,
 * and once more in the child of a fork. */
bool cw_peek__begin(void);

/* For signal handlers, under one lock: memory that is there as long as the handler runs. */
void cw_peek__know(const void *from, const void *to);
void cw_peek__forget(void);

/* Copy `size` bytes from where there may be none; false if so. Under that lock. */
bool cw_peek(void *into, const void *from, size_t size);

/* The same for many pieces, at most CW_PEEKS. A piece that is not there leaves its `ours` as it was, or in part. */
#define CW_PEEKS 256
void cw_peek__many(struct iovec *ours, struct iovec *theirs, size_t count);

/* Return memory to be read: where it is, or for the `wary` a copy in `copy`; NULL if it is not there. */
static inline __attribute__((always_inline)) const void *cw_look(bool wary, const void *at, size_t size, void *copy)
{
    if (!wary)
        return at;
    return cw_peek(copy, at, size) ? copy : NULL;
}

#endif
