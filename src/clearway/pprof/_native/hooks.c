/* The hooks before Python's three allocators.
 *
 * A hook subtracts the size from its thread's countdown and jumps to the allocator that was there before it;
 * all else happens once in `period` bytes.
 *
 * Frees are not hooked in the mem and obj domains, where they are hottest: CPython built with profile-guided
 * optimisation has pymalloc's code inlined there, and a hook costs that. Instead, a small block that is sampled
 * is asked for as a large one. pymalloc hands large requests on to the raw domain, and their frees too, so
 * every sampled block comes back through the raw domain's hook, which is rarely called. It takes 513 bytes
 * instead of its own few, once in `period` bytes. Where an allocator of another kind stands below (PYTHONMALLOC,
 * a debugger), frees do not come back that way; this is tried once, and then they are hooked after all.
 *
 * PyMem_SetAllocator swaps a struct that other threads may be reading, the raw domain's without the GIL. So
 * a hook does not use its context: what it wraps stands in `wrapped`, written before any hook can run, and the
 * context is handed on as it was. Each mixture of old and new fields works.
 *
 * We never remove the hooks: somebody (tracemalloc, a debugger) may have wrapped them in turn. Others may remove
 * them: tracemalloc, when it stops, puts back what it found when it started. So it is tried whether they are
 * there, and a start puts them back. What was sampled is forgotten then, because frees went by unseen.
 */
#include "heap.h"

/* Larger requests of pymalloc go on to the raw domain (SMALL_REQUEST_THRESHOLD, Objects/obmalloc.c). */
#define SMALL 512

static PyMemAllocatorEx wrapped[CW_DOMAINS];
static bool comes_back[CW_DOMAINS]; /* a large block's free reaches the raw domain's hook, with its address */
static void *tried, *came_back;     /* while that is tried */

/* Take `size` off the way to the next point, and tell whether it was passed. Done before the allocator is
 * called, so that the usual way through a hook ends in a jump to it. */
static inline bool passes(size_t size)
{
    return __builtin_expect((cw_heap_this.due -= (int64_t)(size ? size : 1)) < 0, 0);
}

/* What to ask the allocator for. */
static inline size_t asked(int domain, size_t size, bool passed)
{
    return passed && size <= SMALL && comes_back[domain] ? SMALL + 1 : size;
}

/* Tell whether the allocator of this domain may call the raw one, whose hook must not count the bytes again. */
static inline bool nests(int domain, size_t size)
{
    return domain != CW_RAW && size > SMALL;
}

static __attribute__((noinline)) void *slow_malloc(int domain, void *context, size_t size, bool passed)
{
    int depth = cw_heap_this.depth;
    cw_heap_this.depth = depth + (domain != CW_RAW);
    void *address = wrapped[domain].malloc(context, asked(domain, size, passed));
    cw_heap_this.depth = depth;
    if (passed)
        cw_heap__passed(address, size ? size : 1, domain);
    return address;
}

static inline void *hooked_malloc(int domain, void *context, size_t size)
{
    if (domain == CW_RAW && cw_heap_this.depth)
        return wrapped[domain].malloc(context, size);
    bool passed = passes(size);
    if (passed || nests(domain, size))
        return slow_malloc(domain, context, size, passed);
    return wrapped[domain].malloc(context, size);
}

static __attribute__((noinline)) void *slow_calloc(int domain, void *context, size_t count, size_t each, bool passed)
{
    size_t size = count * each; /* where this overflows the allocator returns NULL */
    int depth = cw_heap_this.depth;
    cw_heap_this.depth = depth + (domain != CW_RAW);
    void *address = asked(domain, size, passed) == size ? wrapped[domain].calloc(context, count, each)
                                                        : wrapped[domain].calloc(context, 1, SMALL + 1);
    cw_heap_this.depth = depth;
    if (passed)
        cw_heap__passed(address, size ? size : 1, domain);
    return address;
}

static inline void *hooked_calloc(int domain, void *context, size_t count, size_t each)
{
    if (domain == CW_RAW && cw_heap_this.depth)
        return wrapped[domain].calloc(context, count, each);
    bool passed = passes(count * each);
    if (passed || nests(domain, count * each))
        return slow_calloc(domain, context, count, each, passed);
    return wrapped[domain].calloc(context, count, each);
}

/* A block that is given another size counts as freed and allocated anew, at the place that asked last.
 * In the raw domain below another one (`depth`) it is the upper one that counts; the old block, which may have
 * been sampled, is seen here all the same. */
static void *hooked_realloc(int domain, void *context, void *old, size_t size)
{
    cw_sample sample;
    int depth = cw_heap_this.depth;
    bool passed = depth == 0 && passes(size);
    bool held = old != NULL && cw_live__may_hold(&cw_heap_live, old) && cw_heap__forget(old, &sample);
    cw_heap_this.depth = depth + (domain != CW_RAW);
    void *address = wrapped[domain].realloc(context, old, asked(domain, size, passed));
    cw_heap_this.depth = depth;
    if (held && address == NULL)
        cw_heap__remember(sample);
    else if (held)
        cw_heap__freed(&sample);
    if (passed)
        cw_heap__passed(address, size ? size : 1, domain);
    return address;
}

static __attribute__((noinline)) void slow_free(int domain, void *context, void *address)
{
    cw_sample sample;
    if (cw_heap__forget(address, &sample))
        cw_heap__freed(&sample);
    wrapped[domain].free(context, address);
}

static inline void hooked_free(int domain, void *context, void *address)
{
    if (__builtin_expect(domain == CW_RAW && tried != NULL && address == tried, 0))
        came_back = address;
    if (__builtin_expect(cw_live__may_hold(&cw_heap_live, address), 0))
        slow_free(domain, context, address);
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

/* Free a large block and see whether the raw domain's hook hears of it. */
static bool try_free(int domain)
{
    came_back = NULL;
    tried = wrapped[domain].malloc(wrapped[domain].ctx, SMALL + 1);
    void *address = tried;
    wrapped[domain].free(wrapped[domain].ctx, tried);
    tried = NULL;
    return address != NULL && came_back == address;
}

static const PyMemAllocatorDomain domains[CW_DOMAINS] = {PYMEM_DOMAIN_RAW, PYMEM_DOMAIN_MEM, PYMEM_DOMAIN_OBJ};

/* Ask the domain for a block and see whether it is counted. */
static bool is_in_place(int domain)
{
    PyMemAllocatorEx now;
    PyMem_GetAllocator(domains[domain], &now);
    int64_t due = cw_heap_this.due;
    cw_heap_this.due = INT64_MAX;
    void *address = now.malloc(now.ctx, 1);
    bool counted = cw_heap_this.due != INT64_MAX;
    cw_heap_this.due = due;
    now.free(now.ctx, address);
    return counted || address == NULL;
}

bool cw_hooks__are_in_place(void)
{
    for (int domain = 0; domain < CW_DOMAINS; domain++)
        if (!is_in_place(domain))
            return false;
    return true;
}

static void install(int domain)
{
    static const PyMemAllocatorEx hooks[CW_DOMAINS] = {
        {NULL, raw_malloc, raw_calloc, raw_realloc, raw_free},
        {NULL, mem_malloc, mem_calloc, mem_realloc, mem_free},
        {NULL, obj_malloc, obj_calloc, obj_realloc, obj_free},
    };
    PyMem_GetAllocator(domains[domain], &wrapped[domain]);
    PyMemAllocatorEx hook = hooks[domain];
    hook.ctx = wrapped[domain].ctx;
    comes_back[domain] = domain != CW_RAW && try_free(domain); /* the raw hooks, the first, are in place */
    if (comes_back[domain])
        hook.free = wrapped[domain].free;
    PyMem_SetAllocator(domains[domain], &hook);
}

void cw_hooks__install(void)
{
    if (!cw_live__begin(&cw_heap_live))
        return; /* without memory for a filter there is no sampling */
    if (cw_hooks__are_in_place())
        return;
    cw_heap__begin_anew();
    for (int domain = 0; domain < CW_DOMAINS; domain++)
        if (!is_in_place(domain))
            install(domain);
}
