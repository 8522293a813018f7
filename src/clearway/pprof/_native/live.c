#define _GNU_SOURCE
#include "live.h"

#include <string.h>
#include <sys/mman.h>

#define FIRST_FILTER ((size_t)1 << 16) /* bytes: fits a core's second cache beside its work */
#define FIRST_SIZE ((size_t)256)

static void *map(size_t bytes)
{
    void *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return base == MAP_FAILED ? NULL : base;
}

static void count(cw_filter *filter, uintptr_t address, int change)
{
    uint8_t *counter = &filter->counters[cw_live__hash(address) & filter->mask];
    if (*counter != UINT8_MAX)
        *counter = (uint8_t)(*counter + change);
}

/* Keep the filter at eight counters a sample, so that one in eight frees at most looks further. */
static bool fit_filter(cw_live *live)
{
    size_t have = live->filter ? live->filter->mask + 1 : 0;
    if (live->filter && (live->used + 1) * 8 <= have)
        return true;
    size_t want = have ? have * 4 : FIRST_FILTER;
    cw_filter *filter = map(sizeof(cw_filter) + want);
    if (filter == NULL)
        return live->filter != NULL;
    filter->mask = want - 1;
    for (size_t at = 0; at < live->size; at++)
        if (live->samples[at].address)
            count(filter, live->samples[at].address, 1);
    __atomic_store_n(&live->filter, filter, __ATOMIC_RELEASE);
    return true;
}

static size_t home(const cw_live *live, uintptr_t address)
{
    return cw_live__hash(address) & (live->size - 1);
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
    if (!fit_filter(live) || !fit_samples(live))
        return false;
    place(live, sample);
    live->used++;
    count(live->filter, sample.address, 1);
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
    count(live->filter, (uintptr_t)address, -1);
    return true;
}

void cw_live__clear(cw_live *live)
{
    if (live->samples)
        munmap(live->samples, live->size * sizeof(cw_sample));
    live->samples = NULL;
    live->size = live->used = 0;
    if (live->filter)
        memset(live->filter->counters, 0, live->filter->mask + 1);
}
