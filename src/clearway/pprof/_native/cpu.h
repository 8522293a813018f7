/* Sampling threads: where their CPU time goes, and where their wall time goes.
 *
 * Theory of operation
 * -------------------
 * A thread is sampled by a signal that it receives itself. In the handler it stands still, so its own frames,
 * context and names can be read without the GIL and without counting references, and it is sampled whether
 * or not it ever gives the GIL up. Nobody else's frames are read.
 *
 * CPU: each thread has a timer of its own on its CPU clock (timer_create, SIGEV_THREAD_ID), as in Go since 1.18.
 * A sample is worth the CPU time that the thread used since its last one, read from its CPU clock.
 *
 * Wall: a watcher thread wakes at the same rate. A thread that used CPU since the last look gets a signal. One
 * that used none has not moved: its last stack is worth the time that passed, and its sleep is not disturbed.
 *
 * Tasks: a sample of the main thread inside of a coroutine waits in `pending`, and the watcher asks Python (by
 * Py_AddPendingCall, which a handler may not call) to say, between two of that thread's bytecodes, which tasks
 * await the running one. Their lines are put behind the task's own, and then the sample is counted.
 *
 * All threads block SIGPROF while they hold the lock outside of the handler, and call nothing that may wait for
 * another lock, malloc among it: its holder may be waiting for ours, in the handler.
 */
#ifndef CW_CPU_H
#define CW_CPU_H

#include "tables.h"

typedef struct {
    uint32_t stack;
    uint32_t labels;
    uint64_t thread; /* as the kernel numbers it */
    uint64_t count;
    uint64_t ns;
} cw_time_bucket;

enum { CW_CPU, CW_WALL, CW_CLOCKS };

extern cw_tables cw_cpu_tables;

/* Begin to record one of the clocks and return the recording's number; 0 and an exception if it cannot be.
 * With the GIL. */
uint32_t cw_cpu__start(int clock, uint32_t hz);

/* What was recorded. */
typedef struct {
    cw_arena buckets;   /* of cw_time_bucket; for the caller to clear */
    uint64_t lost;      /* samples that there was no room for */
    uint32_t unwatched; /* threads that could not be sampled, at the worst moment */
} cw_recorded;

/* End this recording; nothing if it has ended, or belongs to the parent of a forked child. With the GIL. */
cw_recorded cw_cpu__stop(int clock, uint32_t recording);

/* Return the number of the recording that runs, or 0. */
uint32_t cw_cpu__recording(int clock);

/* Call `resolver` to say who awaits the running task: it returns None, or (id of the task's coroutine,
 * [(code, byte offset), ...]) with the lines of those who await it, leaf first. */
void cw_cpu__resolve_with(PyObject *resolver);

void cw_cpu__before_fork(void);
void cw_cpu__after_fork(bool in_child);

#endif
