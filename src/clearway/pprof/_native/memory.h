/* Memory of the sampler's own, straight from the kernel.
 *
 * The sampler runs inside Python's allocator and inside signal handlers, so it can use neither Python's
 * memory nor malloc: malloc's lock may be held by the very code that a signal interrupted. mmap has no lock
 * of ours, and pages that are not touched cost nothing.
 */
#ifndef CW_MEMORY_H
#define CW_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CW_NONE UINT32_MAX

/* A block that grows at its end. It may move when it grows: keep offsets, not pointers. */
typedef struct {
    char *base;
    size_t used;
    size_t room;
} cw_arena;

/* Return `bytes` more at the end of the arena, or NULL if there is no memory or `limit` is passed. */
void *cw_arena__take(cw_arena *arena, size_t bytes, size_t limit);

/* Give everything back. */
void cw_arena__clear(cw_arena *arena);

/* From a 32-bit hash to ids, by open addressing; what an id stands for is its owner's.
 * A slot holds the hash in its upper half and the id plus one in its lower half; 0 is empty. */
typedef struct {
    uint64_t *slots;
    uint32_t size; /* a power of two, or 0 */
    uint32_t used;
} cw_index;

typedef bool (*cw_same)(const void *owner, uint32_t id, const void *key);

/* Return the id under `hash` that is the `same` as `key`, or CW_NONE. */
uint32_t cw_index__find(const cw_index *index, uint32_t hash, cw_same same, const void *owner, const void *key);

/* Add an id; false if there is no memory. */
bool cw_index__add(cw_index *index, uint32_t hash, uint32_t id);

void cw_index__clear(cw_index *index);

/* FNV-1a, going on from `hash`; begin with CW_HASH. */
#define CW_HASH 2166136261u
uint32_t cw_hash(uint32_t hash, const void *data, size_t size);

/* A lock that is held for microseconds. A signal handler may take it if no thread holds it while that
 * signal can reach it. */
typedef struct {
    volatile int taken;
} cw_lock;

void cw_lock__take(cw_lock *lock);
void cw_lock__release(cw_lock *lock);

#endif
