#define _GNU_SOURCE
#include "heap.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define IDLE ((int64_t)1 << 20) /* bytes of a thread between two looks at whether it should sample, and how */
#define BUCKET_LIMIT ((size_t)1 << 26)

cw_tables cw_heap_tables;
cw_live cw_heap_live;
bool cw_heap_kept_by_children;
__thread cw_heap_thread cw_heap_this;

/* Read without a lock, written under it. */
static uint64_t period;
static uint64_t seed;
static uint32_t epoch;

/* Under the lock of cw_heap_tables. */
static cw_arena buckets; /* of cw_bucket */
static cw_index by_key;
static cw_heap_statistics counted;
static uint64_t born_ns;

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Drawing points */

static uint64_t mixed(uint64_t x) /* splitmix64: Steele, Lea, Flood, 2014 */
{
    x += 0x9E3779B97F4A7C15u;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x ^ x >> 31;
}

/* Come nearer to the point by as much as one look allows, until `due` says how near it is or it is passed. */
static bool has_passed(cw_heap_thread *thread)
{
    while (thread->due < 0 && thread->ahead > 0) {
        int64_t step = thread->ahead < IDLE ? thread->ahead : IDLE;
        thread->ahead -= step;
        thread->due += step;
    }
    return thread->due < 0;
}

static void draw(cw_heap_thread *thread, uint64_t mean)
{
    thread->random = mixed(thread->random);
    double uniform = ((double)(thread->random >> 11) + 0.5) * 0x1p-53;
    thread->ahead = mean <= 1 ? 0 : (int64_t)(-log(uniform) * (double)mean); /* 1: every allocation */
    thread->due = 0;
    thread->period = mean;
    if (thread->ahead > 0) {
        thread->due = thread->ahead < IDLE ? thread->ahead : IDLE;
        thread->ahead -= thread->due;
    }
}

/* Give the thread its own random numbers in each sampling; return whether it had them already. */
static bool joined(cw_heap_thread *thread)
{
    uint32_t current = __atomic_load_n(&epoch, __ATOMIC_RELAXED);
    if (thread->epoch == current)
        return true;
    thread->epoch = current;
    thread->random = mixed(__atomic_fetch_add(&seed, 1, __ATOMIC_RELAXED));
    return false;
}

/* Buckets */

static bool same_bucket(const void *owner, uint32_t id, const void *key)
{
    const cw_bucket *have = (const cw_bucket *)((const cw_arena *)owner)->base + id;
    const cw_bucket *wanted = key;
    return have->stack == wanted->stack && have->labels == wanted->labels;
}

static uint32_t bucket_of(uint32_t stack, uint32_t labels)
{
    cw_bucket wanted = {.stack = stack, .labels = labels};
    uint32_t hash = cw_hash(CW_HASH, &wanted, 2 * sizeof(uint32_t));
    uint32_t id = cw_index__find(&by_key, hash, same_bucket, &buckets, &wanted);
    if (id != CW_NONE)
        return id;
    id = (uint32_t)(buckets.used / sizeof wanted);
    cw_bucket *bucket = cw_arena__take(&buckets, sizeof *bucket, BUCKET_LIMIT);
    if (bucket == NULL)
        return CW_NONE;
    *bucket = wanted;
    if (cw_index__add(&by_key, hash, id))
        return id;
    buckets.used = id * sizeof wanted;
    return CW_NONE;
}

static void take_back(const cw_sample *sample)
{
    if (sample->bucket >= buckets.used / sizeof(cw_bucket))
        return; /* a reset came between */
    cw_bucket *bucket = (cw_bucket *)buckets.base + sample->bucket;
    bucket->live_objects -= sample->weight;
    bucket->live_bytes -= sample->weight * (double)sample->size;
    counted.live_bytes -= sample->weight * (double)sample->size;
}

/* Return the thread whose frames may be read here, or NULL: the one that holds the GIL, if it is this one.
 * The raw domain is called without the GIL too, and by threads that Python does not know. */
static PyThreadState *attached(int domain)
{
    PyThreadState *thread = _PyThreadState_UncheckedGet();
#if PY_VERSION_HEX < 0x030C0000
    /* Before 3.12 this is the holder of the GIL, whichever thread asks. */
    if (domain == CW_RAW && thread != PyGILState_GetThisThreadState())
        return NULL;
#endif
    return thread;
}

static uint32_t current_stack(PyThreadState *thread)
{
    uint32_t locations[CW_DEPTH];
    uint32_t depth = thread ? cw_walk(&cw_heap_tables.symbols, thread, locations) : 0;
    if (depth == 0) {
        const char *name = thread ? "<no Python frame>" : "<without the GIL>";
        locations[0] = cw_symbols__named(&cw_heap_tables.symbols, name);
        depth = locations[0] != CW_NONE;
    }
    return depth ? cw_stacks__id(&cw_heap_tables.stacks, locations, depth) : CW_NONE;
}

static bool record(void *address, size_t size, int domain, double weight)
{
    PyThreadState *thread = attached(domain);
    uint32_t stack = current_stack(thread);
    uint32_t labels = thread ? cw_label_sets__id(&cw_heap_tables.labels, cw_labels__of(thread)) : CW_NONE;
    uint32_t id = stack == CW_NONE ? CW_NONE : bucket_of(stack, labels);
    cw_sample sample = {(uintptr_t)address, size, weight, id, (uint32_t)((now_ns() - born_ns) / 1000000u), (uint32_t)domain};
    cw_sample stale;
    if (cw_live__remove(&cw_heap_live, address, &stale))
        take_back(&stale); /* its free went by unseen: our hooks were off for a while */
    if (id == CW_NONE || !cw_live__add(&cw_heap_live, sample))
        return false;
    cw_bucket *bucket = (cw_bucket *)buckets.base + id;
    bucket->alloc_objects += weight;
    bucket->alloc_bytes += weight * (double)size;
    bucket->live_objects += weight;
    bucket->live_bytes += weight * (double)size;
    counted.live_bytes += weight * (double)size;
    return true;
}

void cw_heap__passed(void *address, size_t size, int domain)
{
    cw_heap_thread *thread = &cw_heap_this;
    uint64_t mean = __atomic_load_n(&period, __ATOMIC_RELAXED);
    if (mean == 0) {
        thread->due = IDLE;
        thread->ahead = 0;
        return;
    }
    if (!joined(thread)) {
        draw(thread, mean);
        thread->due -= (int64_t)size;
    }
    if (mean > 1 && !has_passed(thread))
        return;
    double share = thread->period <= 1 ? 1.0 : -expm1(-(double)size / (double)thread->period);
    draw(thread, mean);
    if (address == NULL)
        return; /* it failed */
    cw_lock__take(&cw_heap_tables.lock);
    if (period != 0) {
        counted.samples++;
        if (!record(address, size, domain, 1.0 / share)) {
            counted.lost_samples++;
            counted.lost_bytes += (double)size / share;
        }
    }
    cw_lock__release(&cw_heap_tables.lock);
}

bool cw_heap__forget(void *address, cw_sample *sample)
{
    cw_lock__take(&cw_heap_tables.lock);
    bool held = cw_live__remove(&cw_heap_live, address, sample);
    cw_lock__release(&cw_heap_tables.lock);
    return held;
}

void cw_heap__remember(cw_sample sample)
{
    cw_lock__take(&cw_heap_tables.lock);
    cw_live__add(&cw_heap_live, sample);
    cw_lock__release(&cw_heap_tables.lock);
}

void cw_heap__freed(const cw_sample *sample)
{
    cw_lock__take(&cw_heap_tables.lock);
    take_back(sample);
    cw_lock__release(&cw_heap_tables.lock);
}

/* Starting and stopping */

static void reset(void)
{
    cw_live__clear(&cw_heap_live);
    cw_arena__clear(&buckets);
    cw_index__clear(&by_key);
    counted = (cw_heap_statistics){0};
    born_ns = now_ns();
}

void cw_heap__begin_anew(void)
{
    cw_lock__take(&cw_heap_tables.lock);
    reset();
    cw_lock__release(&cw_heap_tables.lock);
}

void cw_heap__start(uint64_t mean, uint64_t first)
{
    cw_lock__take(&cw_heap_tables.lock);
    if (born_ns == 0)
        born_ns = now_ns();
    seed = first;
    epoch++;
    __atomic_store_n(&period, mean, __ATOMIC_RELAXED);
    cw_lock__release(&cw_heap_tables.lock);
    cw_heap_this.due = 0; /* the caller's thread begins at once, others within IDLE bytes */
}

void cw_heap__stop(void)
{
    __atomic_store_n(&period, 0, __ATOMIC_RELAXED);
}

/* Reading */

cw_heap_statistics cw_heap__statistics(void)
{
    cw_lock__take(&cw_heap_tables.lock);
    cw_heap_statistics copy = counted;
    copy.period = period;
    copy.live_samples = cw_heap_live.used;
    copy.buckets = buckets.used / sizeof(cw_bucket);
    copy.memory = cw_live__memory(&cw_heap_live) + buckets.room + by_key.size * sizeof(uint64_t);
    cw_lock__release(&cw_heap_tables.lock);
    return copy;
}

cw_bucket *cw_heap__buckets(size_t *count)
{
    cw_lock__take(&cw_heap_tables.lock);
    cw_bucket *copy = malloc(buckets.used + 1);
    *count = buckets.used / sizeof(cw_bucket);
    if (copy && buckets.used)
        memcpy(copy, buckets.base, buckets.used);
    cw_lock__release(&cw_heap_tables.lock);
    return copy;
}

cw_sample *cw_heap__samples(size_t *count)
{
    cw_lock__take(&cw_heap_tables.lock);
    cw_sample *copy = malloc(cw_heap_live.used * sizeof(cw_sample) + 1);
    *count = 0;
    for (size_t at = 0; copy && at < cw_heap_live.size; at++)
        if (cw_heap_live.samples[at].address)
            copy[(*count)++] = cw_heap_live.samples[at];
    cw_lock__release(&cw_heap_tables.lock);
    return copy;
}

/* Forking: the lock is ours when the child is born, so nobody is inside the tables. */

void cw_heap__before_fork(void)
{
    cw_lock__take(&cw_heap_tables.lock);
}

void cw_heap__after_fork(bool in_child)
{
    if (in_child && !cw_heap_kept_by_children) {
        reset();
        cw_tables__reset(&cw_heap_tables);
        epoch++; /* threads of the child draw numbers of their own */
        seed ^= now_ns();
    }
    cw_lock__release(&cw_heap_tables.lock);
}
