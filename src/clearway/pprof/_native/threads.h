/* The process's threads while they are sampled, their timers, and the watcher that looks after both. */
#ifndef CW_THREADS_H
#define CW_THREADS_H

#include "ask.h"
#include "cpu.h"

#include <sys/types.h>
#include <time.h>

#define CW_THREADS 8192 /* further threads are counted as unwatched */

typedef struct {
    pid_t id; /* 0: a free place */
    bool has_timer;
    timer_t timer;
    uint32_t of[CW_CLOCKS]; /* the recordings that the rest belongs to; by it an old signal is known */
    uint64_t cpu_ns;        /* on its CPU clock, at its last CPU sample */
    uint64_t wall_at_ns;
    uint64_t wall_cpu_ns; /* on its CPU clock, at its last wall sample */
    uint32_t wall_bucket; /* of that sample, or CW_NONE: it must be sampled again */
    bool settled;         /* wall_cpu_ns was read while the thread slept after that sample */
    uint32_t round;       /* in which it was last seen */
} cw_thread;

#define CW_UNCOUNTED (CW_NONE - 1) /* a wall_bucket: Python does not know the thread, so its time is nobody's */

uint64_t cw_now_ns(clockid_t clock);

/* The CPU clock of any thread of ours. */
clockid_t cw_cpu_clock(pid_t id);

/* Start the watcher, or have it look at once for a clock that begins; false with errno if it cannot be. Returns
 * when all threads are watched. Without the GIL. */
bool cw_watcher__start(int clock, uint32_t hz);

/* End the watcher and every timer, unless a clock is recording. Without the GIL: the watcher may be asking Python
 * for something. */
void cw_watcher__stop(void);

/* Wake the watcher, from a handler: a sample waits for the tasks that await it. */
void cw_watcher__wake(void);

/* A forked child has no watcher and no timers. */
void cw_watcher__forget(void);

/* Tell whether this is a thread's place, and not a number that somebody else's timer sends with our signal. */
bool cw_watcher__knows(const void *place);

/* Threads that could not be watched: more than CW_THREADS, or more timers than the kernel gives. */
uint32_t cw_watcher__unwatched(void);

/* For the watcher, from cpu.c. */
uint32_t cw_cpu__recording(int clock);
void cw_cpu__credit(cw_thread *thread, uint64_t now_ns); /* wall time of a thread that did not move */
int cw_cpu__resolve(void *unused);                        /* between bytecodes, with the GIL */

/* Let the thread take part in the recording; true if it did not yet. `since` is when it was not there for sure, or 0
 * for a thread that was there before the recording. */
bool cw_cpu__join(cw_thread *thread, int clock, uint64_t since);

#endif
