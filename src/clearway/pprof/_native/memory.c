#define _GNU_SOURCE
#include "memory.h"

#include <sched.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE ((size_t)4096)

static void *map(size_t bytes)
{
    void *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return base == MAP_FAILED ? NULL : base;
}

static bool grow(cw_arena *arena, size_t need)
{
    size_t room = arena->room ? arena->room * 2 : PAGE;
    while (room < need)
        room *= 2;
    void *base = arena->base ? mremap(arena->base, arena->room, room, MREMAP_MAYMOVE) : map(room);
    if (base == NULL || base == MAP_FAILED)
        return false;
    arena->base = base;
    arena->room = room;
    return true;
}

void *cw_arena__take(cw_arena *arena, size_t bytes, size_t limit)
{
    size_t need = arena->used + bytes;
    if (need > limit || (need > arena->room && !grow(arena, need)))
        return NULL;
    void *taken = arena->base + arena->used;
    arena->used = need;
    return taken;
}

void cw_arena__clear(cw_arena *arena)
{
    if (arena->base)
        munmap(arena->base, arena->room);
    *arena = (cw_arena){0};
}

uint32_t cw_index__find(const cw_index *index, uint32_t hash, cw_same same, const void *owner, const void *key)
{
    if (index->size == 0)
        return CW_NONE;
    uint32_t mask = index->size - 1;
    for (uint32_t at = hash & mask; index->slots[at]; at = (at + 1) & mask) {
        uint64_t slot = index->slots[at];
        uint32_t id = (uint32_t)slot - 1;
        if ((uint32_t)(slot >> 32) == hash && same(owner, id, key))
            return id;
    }
    return CW_NONE;
}

static void place(uint64_t *slots, uint32_t mask, uint64_t slot)
{
    uint32_t at = (uint32_t)(slot >> 32) & mask;
    while (slots[at])
        at = (at + 1) & mask;
    slots[at] = slot;
}

static bool widen(cw_index *index)
{
    uint32_t size = index->size ? index->size * 2 : (uint32_t)(PAGE / sizeof(uint64_t));
    uint64_t *slots = map(size * sizeof(uint64_t));
    if (slots == NULL)
        return false;
    for (uint32_t at = 0; at < index->size; at++)
        if (index->slots[at])
            place(slots, size - 1, index->slots[at]);
    if (index->slots)
        munmap(index->slots, index->size * sizeof(uint64_t));
    index->slots = slots;
    index->size = size;
    return true;
}

bool cw_index__add(cw_index *index, uint32_t hash, uint32_t id)
{
    if (index->used * 2 >= index->size && !widen(index))
        return false;
    place(index->slots, index->size - 1, (uint64_t)hash << 32 | (id + 1));
    index->used++;
    return true;
}

void cw_index__clear(cw_index *index)
{
    if (index->slots)
        munmap(index->slots, index->size * sizeof(uint64_t));
    *index = (cw_index){0};
}

uint32_t cw_hash(uint32_t hash, const void *data, size_t size)
{
    const unsigned char *bytes = data;
    for (size_t at = 0; at < size; at++)
        hash = (hash ^ bytes[at]) * 16777619u;
    return hash;
}

void cw_lock__take(cw_lock *lock)
{
    while (__atomic_exchange_n(&lock->taken, 1, __ATOMIC_ACQUIRE))
        sched_yield();
}

void cw_lock__release(cw_lock *lock)
{
    __atomic_store_n(&lock->taken, 0, __ATOMIC_RELEASE);
}
