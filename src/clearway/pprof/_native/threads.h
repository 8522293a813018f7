/* The process's threads while they are sampled, their timers, and the watcher that looks after both. */
#ifndef CW_THREADS_H
#define CW_THREADS_H

#include "ask.h"
#include "cpu.h"

#include <sys/types.h>
#include <time.h>

#define CW_THREADS 4096 /* further threads are counted as unwatched */

typedef struct {
    pid_t id; /* 0: a free place */
    bool has_timer;
    timer_t timer;
    uint64_t cpu_ns; /* on its CPU clock, at its last CPU sample */
    uint64_t wall_at_ns;
    uint64_t wall_cpu_ns; /* on its CPU clock, at its last wall sample */
    uint32_t wall_bucket; /* of that sample, or CW_NONE: it must be sampled again */
    bool settled;         /* wall_cpu_ns was read while the thread slept after that sample */
    uint32_t round;       /* in which it was last seen */
} cw_thread;

uint64_t cw_now_ns(clockid_t clock);

/* Start the watcher, or have it look at once; false if it cannot be. Returns when all threads are watched. */
bool cw_watcher__start(uint32_t hz);

/* End the watcher and every timer. Without the GIL: the watcher may be asking Python for something. */
void cw_watcher__stop(void);

/* Wake the watcher, from a handler: a sample waits for the tasks that await it. */
void cw_watcher__wake(void);

/* A forked child has no watcher and no timers. */
void cw_watcher__forget(void);

extern uint64_t cw_unwatched;

/* For the watcher, from cpu.c. */
bool cw_cpu__is_recording(int clock);
void cw_cpu__credit(cw_thread *thread, uint64_t now_ns); /* wall time of a thread that did not move */
int cw_cpu__resolve(void *unused);                        /* between bytecodes, with the GIL */

#endif
