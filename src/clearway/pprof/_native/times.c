#include "times.h"

#define LIMIT ((size_t)64 << 20)

static bool same_bucket(const void *owner, uint32_t id, const void *key)
{
    const cw_time_bucket *have = (const cw_time_bucket *)((const cw_times *)owner)->buckets.base + id;
    const cw_time_bucket *wanted = key;
    return have->stack == wanted->stack && have->labels == wanted->labels && have->thread == wanted->thread;
}

uint32_t cw_times__bucket(cw_times *times, uint32_t stack, uint32_t labels, uint64_t thread)
{
    if (stack == CW_NONE)
        return CW_NONE;
    cw_time_bucket wanted = {.stack = stack, .labels = labels, .thread = thread};
    uint32_t hash = cw_hash(CW_HASH, &wanted, offsetof(cw_time_bucket, count));
    uint32_t id = cw_index__find(&times->by_key, hash, same_bucket, times, &wanted);
    if (id != CW_NONE)
        return id;
    id = (uint32_t)(times->buckets.used / sizeof wanted);
    cw_time_bucket *bucket = cw_arena__take(&times->buckets, sizeof *bucket, LIMIT);
    if (bucket == NULL)
        return CW_NONE;
    *bucket = wanted;
    if (cw_index__add(&times->by_key, hash, id))
        return id;
    times->buckets.used = id * sizeof wanted;
    return CW_NONE;
}

void cw_times__add(cw_times *times, uint32_t bucket, uint64_t count, uint64_t ns)
{
    if (bucket == CW_NONE) {
        times->lost += count;
        return;
    }
    cw_time_bucket *at = (cw_time_bucket *)times->buckets.base + bucket;
    at->count += count;
    at->ns += ns;
}

void cw_times__clear(cw_times *times)
{
    cw_arena__clear(&times->buckets);
    cw_index__clear(&times->by_key);
    times->lost = 0;
}
