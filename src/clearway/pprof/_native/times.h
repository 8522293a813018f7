/* What samples of time add up to: one bucket for each stack, set of labels and thread. */
#ifndef CW_TIMES_H
#define CW_TIMES_H

#include "cpu.h"

typedef struct {
    cw_arena buckets; /* of cw_time_bucket */
    cw_index by_key;
    uint64_t lost; /* samples that there was no room for */
} cw_times;

/* Return the number of the bucket, or CW_NONE. */
uint32_t cw_times__bucket(cw_times *times, uint32_t stack, uint32_t labels, uint64_t thread);

/* Add to a bucket; CW_NONE is a lost sample. */
void cw_times__add(cw_times *times, uint32_t bucket, uint64_t count, uint64_t ns);

void cw_times__clear(cw_times *times);

#endif
