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

/* A counter per hash of an address. A block whose counter is 0 was never sampled, which is all that nearly
 * every `free` needs to know, and it reads it without a lock. A counter that is full stays full. */
typedef struct {
    size_t mask;
    uint8_t counters[];
} cw_filter;

typedef struct {
    cw_sample *samples; /* open addressing, linear */
    size_t size;        /* a power of two, or 0 */
    size_t used;
    cw_filter *filter;
} cw_live;

static inline size_t cw_live__hash(uintptr_t address)
{
    return (size_t)(((uint64_t)address >> 4) * 0x9E3779B97F4A7C15u >> 20);
}

/* Tell whether the block may have been sampled. No lock: a block is added before its owner knows its address
 * and removed before the allocator can give the address to somebody else. A filter that was replaced is
 * never freed, so an old pointer to it stays good. */
static inline bool cw_live__may_hold(const cw_live *live, const void *address)
{
    const cw_filter *filter = __atomic_load_n(&live->filter, __ATOMIC_ACQUIRE);
    return filter != NULL && filter->counters[cw_live__hash((uintptr_t)address) & filter->mask] != 0;
}

/* The rest needs the lock of whoever owns the table. */
bool cw_live__add(cw_live *live, cw_sample sample);
bool cw_live__remove(cw_live *live, const void *address, cw_sample *removed);
void cw_live__clear(cw_live *live);

#endif
