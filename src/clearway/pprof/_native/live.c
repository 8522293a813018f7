#define _GNU_SOURCE
#include "live.h"

#include <string.h>
#include <sys/mman.h>

#define FIRST_BITS ((uint32_t)1 << 15) /* 4 KiB, an eighth of a first cache */
#define BITS_PER_SAMPLE 32             /* so that one free in 32 at most looks further */
#define FIRST_SIZE ((size_t)256)

static void *map(size_t bytes)
{
    void *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return base == MAP_FAILED ? NULL : base;
}

static void share(cw_filter *filter, uintptr_t address, int change)
{
    uint64_t bit = cw_live__hash(address) >> filter->shift;
    uint8_t *sharing = &filter->sharing[bit];
    if (*sharing == UINT8_MAX)
        return;
    *sharing = (uint8_t)(*sharing + change);
    uint64_t mask = (uint64_t)1 << (bit % 64), word = filter->bits[bit / 64];
    __atomic_store_n(&filter->bits[bit / 64], *sharing ? word | mask : word & ~mask, __ATOMIC_RELEASE);
}

static cw_filter *filter_of(uint32_t size)
{
    size_t bits = sizeof(cw_filter) + size / 8;
    cw_filter *filter = map(bits + size);
    if (filter == NULL)
        return NULL;
    filter->size = size;
    filter->shift = (uint32_t)__builtin_clz(size) + 33; /* 64 - log2(size) */
    filter->sharing = (uint8_t *)filter + bits;
    return filter;
}

bool cw_live__begin(cw_live *live)
{
    if (live->filter == NULL)
        live->filter = filter_of(FIRST_BITS);
    return live->filter != NULL;
}

static void fit_filter(cw_live *live)
{
    if ((live->used + 1) * BITS_PER_SAMPLE <= live->filter->size || live->filter->size >= (uint32_t)1 << 30)
        return;
    cw_filter *filter = filter_of(live->filter->size * 4);
    if (filter == NULL)
        return; /* the old one answers too often that it may hold a block, and stays right */
    for (size_t at = 0; at < live->size; at++)
        if (live->samples[at].address)
            share(filter, live->samples[at].address, 1);
    __atomic_store_n(&live->filter, filter, __ATOMIC_RELEASE);
}

size_t cw_live__memory(const cw_live *live)
{
    return live->size * sizeof(cw_sample) + (live->filter ? live->filter->size / 8 * 9 : 0);
}

static size_t home(const cw_live *live, uintptr_t address)
{
    return cw_live__hash(address) >> 20 & (live->size - 1);
}

static void place(cw_live *live, cw_sample sample)
{
    size_t at = home(live, sample.address);
    while (live->samples[at].address)
        at = (at + 1) & (live->size - 1);
    live->samples[at] = sample;
}

static bool fit_samples(cw_live *live)
{
    if ((live->used + 1) * 2 <= live->size)
        return true;
    cw_live wider = {.size = live->size ? live->size * 2 : FIRST_SIZE};
    wider.samples = map(wider.size * sizeof(cw_sample));
    if (wider.samples == NULL)
        return false;
    for (size_t at = 0; at < live->size; at++)
        if (live->samples[at].address)
            place(&wider, live->samples[at]);
    if (live->samples)
        munmap(live->samples, live->size * sizeof(cw_sample));
    live->samples = wider.samples;
    live->size = wider.size;
    return true;
}

bool cw_live__add(cw_live *live, cw_sample sample)
{
    if (!fit_samples(live))
        return false;
    fit_filter(live);
    place(live, sample);
    live->used++;
    share(live->filter, sample.address, 1);
    return true;
}

/* Fill the hole at `hole` with what belongs before it, so that no search stops too early. */
static void close_hole(cw_live *live, size_t hole)
{
    size_t mask = live->size - 1;
    for (size_t at = (hole + 1) & mask; live->samples[at].address; at = (at + 1) & mask) {
        size_t wanted = home(live, live->samples[at].address);
        if (((at - wanted) & mask) >= ((at - hole) & mask)) {
            live->samples[hole] = live->samples[at];
            hole = at;
        }
    }
    live->samples[hole].address = 0;
}

bool cw_live__remove(cw_live *live, const void *address, cw_sample *removed)
{
    if (live->size == 0)
        return false;
    size_t at = home(live, (uintptr_t)address);
    while (live->samples[at].address != (uintptr_t)address) {
        if (live->samples[at].address == 0)
            return false;
        at = (at + 1) & (live->size - 1);
    }
    *removed = live->samples[at];
    close_hole(live, at);
    live->used--;
    share(live->filter, (uintptr_t)address, -1);
    return true;
}

void cw_live__clear(cw_live *live)
{
    if (live->samples)
        munmap(live->samples, live->size * sizeof(cw_sample));
    live->samples = NULL;
    live->size = live->used = 0;
    if (live->filter)
        memset(live->filter->bits, 0, live->filter->size / 8 * 9);
}
