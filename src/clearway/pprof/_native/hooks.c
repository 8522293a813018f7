/* The hooks before Python's three allocators.
 *
 * A hook calls the allocator that was there before it and subtracts the size from its thread's countdown; all
 * else happens once in `period` bytes, or when a block is freed that may have been sampled.
 *
 * PyMem_SetAllocator swaps a struct that other threads may be reading, the raw domain's without the GIL. So
 * a hook does not use its context: what it wraps stands in `wrapped`, written before any hook can run, and the
 * context is handed on as it was. Each mixture of old and new fields works.
 *
 * The hooks are never removed. Somebody (tracemalloc, a debugger) may have wrapped them in turn.
 */
#include "heap.h"

static PyMemAllocatorEx wrapped[CW_DOMAINS];

/* Larger requests of pymalloc go on to the raw domain (SMALL_REQUEST_THRESHOLD, Objects/obmalloc.c). */
#define NESTS(domain, size) ((domain) == CW_RAW || (size) > 512)

static inline void allocated(void *address, size_t size, int domain)
{
    if (__builtin_expect((cw_heap_this.due -= (int64_t)size) < 0, 0))
        cw_heap__passed(address, size, domain);
}

static inline void *hooked_malloc(int domain, void *context, size_t size)
{
    void *address;
    if (!NESTS(domain, size)) {
        address = wrapped[domain].malloc(context, size);
    } else if (cw_heap_this.depth) {
        return wrapped[domain].malloc(context, size);
    } else {
        cw_heap_this.depth = 1;
        address = wrapped[domain].malloc(context, size);
        cw_heap_this.depth = 0;
    }
    allocated(address, size ? size : 1, domain);
    return address;
}

static inline void *hooked_calloc(int domain, void *context, size_t count, size_t each)
{
    size_t size = count * each; /* an overflow fails in the allocator, and NULL is not recorded */
    void *address;
    if (!NESTS(domain, size)) {
        address = wrapped[domain].calloc(context, count, each);
    } else if (cw_heap_this.depth) {
        return wrapped[domain].calloc(context, count, each);
    } else {
        cw_heap_this.depth = 1;
        address = wrapped[domain].calloc(context, count, each);
        cw_heap_this.depth = 0;
    }
    if (address != NULL)
        allocated(address, size ? size : 1, domain);
    return address;
}

static void *sampled_realloc(int domain, void *context, void *old, size_t size)
{
    cw_sample sample;
    bool held = cw_live__may_hold(&cw_heap_live, old) && cw_heap__forget(old, &sample);
    cw_heap_this.depth = 1;
    void *address = wrapped[domain].realloc(context, old, size);
    cw_heap_this.depth = 0;
    if (address == NULL) {
        if (held)
            cw_heap__remember(sample);
        return NULL;
    }
    if (held)
        cw_heap__freed(&sample);
    allocated(address, size ? size : 1, domain);
    return address;
}

static inline void *hooked_realloc(int domain, void *context, void *old, size_t size)
{
    if (cw_heap_this.depth)
        return wrapped[domain].realloc(context, old, size);
    if (old == NULL)
        return hooked_malloc(domain, context, size);
    return sampled_realloc(domain, context, old, size);
}

static void forget_and_free(int domain, void *context, void *address)
{
    cw_sample sample;
    if (cw_heap__forget(address, &sample))
        cw_heap__freed(&sample);
    wrapped[domain].free(context, address);
}

static inline void hooked_free(int domain, void *context, void *address)
{
    if (__builtin_expect(cw_live__may_hold(&cw_heap_live, address), 0))
        forget_and_free(domain, context, address);
    else
        wrapped[domain].free(context, address);
}

#define HOOKS(name, domain)                                                                                   \
    static void *name##_malloc(void *context, size_t size) { return hooked_malloc(domain, context, size); }    \
    static void *name##_calloc(void *context, size_t count, size_t each)                                       \
    {                                                                                                          \
        return hooked_calloc(domain, context, count, each);                                                    \
    }                                                                                                          \
    static void *name##_realloc(void *context, void *old, size_t size)                                         \
    {                                                                                                          \
        return hooked_realloc(domain, context, old, size);                                                     \
    }                                                                                                          \
    static void name##_free(void *context, void *address) { hooked_free(domain, context, address); }

HOOKS(raw, CW_RAW)
HOOKS(mem, CW_MEM)
HOOKS(obj, CW_OBJ)

void cw_hooks__install(void)
{
    static const PyMemAllocatorDomain domains[CW_DOMAINS] = {PYMEM_DOMAIN_RAW, PYMEM_DOMAIN_MEM, PYMEM_DOMAIN_OBJ};
    static bool installed;
    if (installed)
        return;
    installed = true;
    PyMemAllocatorEx hooks[CW_DOMAINS] = {
        {NULL, raw_malloc, raw_calloc, raw_realloc, raw_free},
        {NULL, mem_malloc, mem_calloc, mem_realloc, mem_free},
        {NULL, obj_malloc, obj_calloc, obj_realloc, obj_free},
    };
    for (int domain = 0; domain < CW_DOMAINS; domain++)
        PyMem_GetAllocator(domains[domain], &wrapped[domain]);
    for (int domain = 0; domain < CW_DOMAINS; domain++) {
        hooks[domain].ctx = wrapped[domain].ctx;
        PyMem_SetAllocator(domains[domain], &hooks[domain]);
    }
}
