/* Heap sampling: which allocations to look at, and what they add up to.
 *
 * Theory of operation
 * -------------------
 * Go's algorithm. Along the bytes that a thread allocates lie points at random, on average one every `period`
 * bytes (a Poisson process); an allocation that covers one is sampled. An allocation of s bytes is sampled
 * with probability 1 - exp(-s / period), so each sample stands for 1 / (1 - exp(-s / period)) of its kind.
 * That weight is taken when the sample is, with the period of that moment, because the period may change
 * while the program runs.
 *
 * A sample belongs to a bucket: one stack under one set of labels. A bucket knows what was ever allocated and
 * what is alive; `cw_live` knows which bucket to take a freed block from.
 */
#ifndef CW_HEAP_H
#define CW_HEAP_H

#include "live.h"
#include "tables.h"

typedef struct {
    uint32_t stack;
    uint32_t labels; /* CW_NONE without */
    double alloc_objects;
    double alloc_bytes;
    double live_objects;
    double live_bytes;
} cw_bucket;

enum { CW_RAW, CW_MEM, CW_OBJ, CW_DOMAINS };

typedef struct {
    uint64_t period; /* 0: not sampling */
    uint64_t samples;
    uint64_t lost_samples; /* there was no memory of our own for them */
    double lost_bytes;
    uint64_t live_samples;
    double live_bytes; /* estimated */
    uint64_t buckets;
    uint64_t memory; /* bytes of ours, the tables of symbols left out */
} cw_heap_statistics;

extern cw_tables cw_heap_tables;

/* Per thread. `due` counts down to the next point; the hooks subtract from it and nothing else. */
typedef struct {
    int64_t due;
    uint64_t random;
    int64_t ahead;   /* of the way to the point: it lies so much behind `due` */
    uint64_t period; /* with which the point was drawn */
    uint32_t epoch;  /* of the sampling that `random` belongs to */
    int depth;       /* inside an allocator that calls another one: those bytes are counted already */
} cw_heap_thread;

extern __thread cw_heap_thread cw_heap_this;
extern cw_live cw_heap_live;

void cw_heap__start(uint64_t period, uint64_t seed);
void cw_heap__stop(void);

/* Look at an allocation whose bytes passed a point, NULL if it failed. Inside the allocator: nothing here may allocate through
 * Python, raise, or take a lock that is held while Python's allocator runs. */
void cw_heap__passed(void *address, size_t size, int domain);

/* Take a block out before the allocator may give its address away; tell whether it was sampled. */
bool cw_heap__forget(void *address, cw_sample *sample);

/* Put a block back that a failed realloc left alone. */
void cw_heap__remember(cw_sample sample);

/* Count a sample that `forget` took out as freed. */
void cw_heap__freed(const cw_sample *sample);

cw_heap_statistics cw_heap__statistics(void);

/* Return copies, for the caller to `free`, and how many; NULL without memory. */
cw_bucket *cw_heap__buckets(size_t *count);
cw_sample *cw_heap__samples(size_t *count);

/* Hold the sampler still across a fork, and begin anew in the child unless its samples are to be kept. */
void cw_heap__before_fork(void);
void cw_heap__after_fork(bool in_child);
extern bool cw_heap_kept_by_children;

/* Forget what was sampled: frees may have gone by unseen. */
void cw_heap__begin_anew(void);

/* Put the hooks before Python's allocators, where they are not there; and tell whether they are (hooks.c). */
void cw_hooks__install(void);
bool cw_hooks__are_in_place(void);

#endif
