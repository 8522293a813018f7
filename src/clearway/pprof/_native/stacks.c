#include "stacks.h"

#include <string.h>

#define STACK_LIMIT ((size_t)256 << 20)

typedef struct {
    const uint32_t *locations;
    uint32_t depth;
} content;

static bool same_stack(const void *owner, uint32_t id, const void *key)
{
    const cw_stacks *stacks = owner;
    const content *wanted = key;
    const cw_stack *have = (const cw_stack *)stacks->stacks.base + id;
    const uint32_t *locations = (const uint32_t *)stacks->locations.base + have->at;
    return have->depth == wanted->depth && memcmp(locations, wanted->locations, have->depth * sizeof(uint32_t)) == 0;
}

uint32_t cw_stacks__id(cw_stacks *stacks, const uint32_t *locations, uint32_t depth)
{
    content wanted = {locations, depth};
    uint32_t hash = cw_hash(CW_HASH, locations, depth * sizeof(uint32_t));
    uint32_t id = cw_index__find(&stacks->by_content, hash, same_stack, stacks, &wanted);
    if (id != CW_NONE)
        return id;
    size_t locations_used = stacks->locations.used, stacks_used = stacks->stacks.used;
    uint32_t *kept = cw_arena__take(&stacks->locations, depth * sizeof(uint32_t), STACK_LIMIT);
    cw_stack *stack = cw_arena__take(&stacks->stacks, sizeof *stack, STACK_LIMIT);
    if (kept != NULL && stack != NULL) {
        memcpy(kept, locations, depth * sizeof(uint32_t));
        *stack = (cw_stack){(uint32_t)(locations_used / sizeof(uint32_t)), depth};
        id = (uint32_t)(stacks_used / sizeof *stack);
        if (cw_index__add(&stacks->by_content, hash, id))
            return id;
    }
    stacks->locations.used = locations_used;
    stacks->stacks.used = stacks_used;
    return CW_NONE;
}

void cw_stacks__clear(cw_stacks *stacks)
{
    cw_arena__clear(&stacks->locations);
    cw_arena__clear(&stacks->stacks);
    cw_index__clear(&stacks->by_content);
}
