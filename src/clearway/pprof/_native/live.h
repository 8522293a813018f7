/* Live samples by address: the blocks that were sampled and not yet freed. */
#ifndef CW_LIVE_H
#define CW_LIVE_H

#include "memory.h"

typedef struct {
    uintptr_t address; /* 0 is an empty place */
    uint64_t size;
    double weight;     /* how many allocations of its size it stands for */
    uint32_t bucket;
    uint32_t born_ms;  /* since sampling began */
    uint32_t domain;
} cw_sample;

/* One bit per hash of an address. A block whose bit is 0 was never sampled, which is all that nearly every
 * `free` needs to know, and it reads it without a lock. Bits and not counters, so that the whole filter stays
 * in a core's first cache beside the program's own data; how many blocks share a bit is counted elsewhere. */
typedef struct {
    uint32_t shift; /* of a hash, to the number of a bit */
    uint32_t size;  /* bits, a power of two */
    uint8_t *sharing; /* blocks for each bit, by the lock's holder alone; one that is full stays full */
    uint64_t bits[];
} cw_filter;

typedef struct {
    cw_sample *samples; /* open addressing, linear */
    size_t size;        /* a power of two, or 0 */
    size_t used;
    cw_filter *filter;
} cw_live;

/* Fibonacci hashing: the upper bits are the good ones. */
static inline uint64_t cw_live__hash(uintptr_t address)
{
    return (uint64_t)address * 0x9E3779B97F4A7C15u;
}

/* Tell whether the block may have been sampled. No lock: a block is added before its owner knows its address
 * and removed before the allocator can give the address to somebody else. A filter that was replaced is
 * never freed, so an old pointer to it stays good. There must be a filter: see cw_live__begin. */
static inline bool cw_live__may_hold(const cw_live *live, const void *address)
{
    const cw_filter *filter = __atomic_load_n(&live->filter, __ATOMIC_ACQUIRE);
    uint64_t bit = cw_live__hash((uintptr_t)address) >> filter->shift;
    return filter->bits[bit / 64] >> (bit % 64) & 1;
}

/* Make the first filter; false without memory. Once, before any hook can run. */
bool cw_live__begin(cw_live *live);

/* Bytes that the table takes. */
size_t cw_live__memory(const cw_live *live);

/* The rest needs the lock of whoever owns the table. */
bool cw_live__add(cw_live *live, cw_sample sample);
bool cw_live__remove(cw_live *live, const void *address, cw_sample *removed);
void cw_live__clear(cw_live *live);

#endif
