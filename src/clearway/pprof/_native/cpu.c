#define _GNU_SOURCE
#include "threads.h"
#include "times.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

cw_tables cw_cpu_tables;

static cw_times times[CW_CLOCKS]; /* under the lock of cw_cpu_tables, like `pending` */
static volatile int recording[CW_CLOCKS];

/* A sample of the main thread that waits to hear who awaits its task. */
static struct {
    bool waits;
    cw_task_end end;
    uint32_t depth;
    uint32_t labels;
    uint64_t ns;
    uint32_t locations[CW_DEPTH];
} pending[CW_CLOCKS];
static PyObject *resolver;

/* Blocking the signal around the lock */

static sigset_t enter(void)
{
    sigset_t profiling, before;
    sigemptyset(&profiling);
    sigaddset(&profiling, SIGPROF);
    pthread_sigmask(SIG_BLOCK, &profiling, &before);
    cw_lock__take(&cw_cpu_tables.lock);
    return before;
}

static void leave(sigset_t before)
{
    cw_lock__release(&cw_cpu_tables.lock);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* Counting; with the lock */

static uint32_t count(int clock, const uint32_t *locations, uint32_t depth, uint32_t labels, uint64_t thread, uint64_t ns)
{
    uint32_t stack = cw_stacks__id(&cw_cpu_tables.stacks, locations, depth);
    uint32_t bucket = cw_times__bucket(&times[clock], stack, labels, thread);
    cw_times__add(&times[clock], bucket, 1, ns);
    return bucket;
}

/* Count the waiting sample, with `more` lines of those who await its task put behind the task's own. */
static void settle(int clock, const uint32_t *more, uint32_t length)
{
    if (!pending[clock].waits)
        return;
    uint32_t stack[CW_DEPTH], task = pending[clock].end.frames, depth = pending[clock].depth;
    memcpy(stack, pending[clock].locations, task * sizeof(uint32_t));
    uint32_t room = CW_DEPTH - task, taken = length < room ? length : room;
    memcpy(stack + task, more, taken * sizeof(uint32_t));
    uint32_t rest = depth - task < room - taken ? depth - task : room - taken;
    memcpy(stack + task + taken, pending[clock].locations + task, rest * sizeof(uint32_t));
    count(clock, stack, task + taken + rest, pending[clock].labels, (uint64_t)getpid(), pending[clock].ns);
    pending[clock].waits = false;
}

/* The handler */

static uint64_t spent(cw_thread *thread, int clock)
{
    uint64_t *last = clock == CW_CPU ? &thread->cpu_ns : &thread->wall_at_ns;
    uint64_t now = cw_now_ns(clock == CW_CPU ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC);
    uint64_t ns = now > *last ? now - *last : 0;
    *last = now;
    return ns;
}

static void sample(cw_thread *thread, int clock)
{
    uint32_t locations[CW_DEPTH];
    cw_task_end end = {NULL, 0};
    uint64_t ns = spent(thread, clock);
    PyThreadState *python = PyGILState_GetThisThreadState();
    cw_lock__take(&cw_cpu_tables.lock);
    uint32_t depth = python ? cw_walk(&cw_cpu_tables.symbols, python, locations, &end) : 0;
    uint32_t labels = python ? cw_label_sets__id(&cw_cpu_tables.labels, cw_labels__of(python)) : CW_NONE;
    uint32_t bucket = CW_NONE;
    if (depth == 0) {
        locations[0] = cw_symbols__named(&cw_cpu_tables.symbols, "<no Python frame>");
        depth = locations[0] != CW_NONE;
    }
    if (end.coroutine != NULL && resolver != NULL && thread->id == getpid()) {
        settle(clock, NULL, 0); /* the last one: nobody could say in time */
        pending[clock].waits = true;
        pending[clock].end = end;
        pending[clock].depth = depth;
        pending[clock].labels = labels;
        pending[clock].ns = ns;
        memcpy(pending[clock].locations, locations, depth * sizeof(uint32_t));
        cw_watcher__wake();
    } else if (clock == CW_CPU || python != NULL) {
        bucket = count(clock, locations, depth, labels, (uint64_t)thread->id, ns);
    }
    cw_lock__release(&cw_cpu_tables.lock);
    if (clock == CW_WALL) {
        thread->settled = false;
        thread->wall_cpu_ns = cw_now_ns(CLOCK_THREAD_CPUTIME_ID);
        __atomic_store_n(&thread->wall_bucket, bucket, __ATOMIC_RELEASE);
    }
}

static void on_signal(int number, siginfo_t *info, void *unused)
{
    int saved = errno;
    int clock = info->si_code == SI_TIMER ? CW_CPU : CW_WALL;
    cw_thread *thread = info->si_value.sival_ptr;
    bool is_ours = info->si_code == SI_TIMER || (info->si_code == SI_QUEUE && info->si_pid == getpid());
    if (is_ours && recording[clock] && thread != NULL && thread->id == (pid_t)syscall(SYS_gettid))
        sample(thread, clock);
    errno = saved;
}

/* Wall time of a thread that sleeps where it was */

void cw_cpu__credit(cw_thread *thread, uint64_t now_ns)
{
    cw_lock__take(&cw_cpu_tables.lock); /* the watcher blocks all signals */
    uint64_t ns = now_ns > thread->wall_at_ns ? now_ns - thread->wall_at_ns : 0;
    if (recording[CW_WALL])
        cw_times__add(&times[CW_WALL], thread->wall_bucket, 1, ns);
    thread->wall_at_ns = now_ns;
    cw_lock__release(&cw_cpu_tables.lock);
}

/* Who awaits the running task */

static uint32_t locate(PyObject *lines, uint32_t into[CW_DEPTH])
{
    uint32_t length = 0;
    for (Py_ssize_t at = 0; PyList_Check(lines) && at < PyList_GET_SIZE(lines) && length < CW_DEPTH; at++) {
        PyObject *code;
        int offset;
        if (!PyArg_ParseTuple(PyList_GET_ITEM(lines, at), "O!i", &PyCode_Type, &code, &offset))
            break;
        uint32_t location = cw_symbols__location(&cw_cpu_tables.symbols, (PyCodeObject *)code, offset);
        if (location != CW_NONE)
            into[length++] = location;
    }
    return length;
}

int cw_cpu__resolve(void *unused)
{
    PyObject *asked = Py_XNewRef(resolver);
    PyObject *said = asked ? PyObject_CallNoArgs(asked) : NULL;
    PyObject *lines = NULL, *coroutine = NULL;
    if (said != NULL && said != Py_None)
        PyArg_ParseTuple(said, "OO", &coroutine, &lines);
    void *address = coroutine ? PyLong_AsVoidPtr(coroutine) : NULL;
    sigset_t before = enter();
    uint32_t more[CW_DEPTH], length = address ? locate(lines, more) : 0;
    for (int clock = 0; clock < CW_CLOCKS; clock++) {
        bool same = address != NULL && pending[clock].end.coroutine == address;
        settle(clock, more, same ? length : 0);
    }
    leave(before);
    PyErr_Clear(); /* a profile is no place to raise in the middle of somebody's work */
    Py_XDECREF(said);
    Py_XDECREF(asked);
    return 0;
}

void cw_cpu__resolve_with(PyObject *callable)
{
    Py_XSETREF(resolver, Py_XNewRef(callable));
}

/* Starting and stopping */

static bool take_signal(void)
{
    struct sigaction now, ours = {.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK};
    ours.sa_sigaction = on_signal;
    sigfillset(&ours.sa_mask); /* no other handler may see us with the lock */
    if (sigaction(SIGPROF, NULL, &now) < 0)
        return false;
    if (now.sa_handler != SIG_DFL && now.sa_handler != SIG_IGN && now.sa_sigaction != on_signal) {
        errno = EBUSY;
        return false;
    }
    /* It stays for good: a signal may still be on its way when the timers are gone, and the default is to die. */
    return sigaction(SIGPROF, &ours, NULL) == 0;
}

bool cw_cpu__is_recording(int clock)
{
    return recording[clock];
}

bool cw_cpu__start(int clock, uint32_t hz)
{
    if (!take_signal()) {
        PyErr_SetFromErrno(PyExc_OSError);
        return false;
    }
    sigset_t before = enter();
    cw_times__clear(&times[clock]);
    pending[clock].waits = false;
    recording[clock] = 1;
    leave(before);
    bool started;
    Py_BEGIN_ALLOW_THREADS
    started = cw_watcher__start(hz);
    Py_END_ALLOW_THREADS
    if (!started) {
        recording[clock] = 0;
        PyErr_SetFromErrno(PyExc_OSError);
    }
    return started;
}

cw_time_bucket *cw_cpu__stop(int clock, size_t *count, uint64_t *lost)
{
    recording[clock] = 0;
    if (!recording[CW_CPU] && !recording[CW_WALL]) {
        Py_BEGIN_ALLOW_THREADS
        cw_watcher__stop();
        Py_END_ALLOW_THREADS
    }
    sigset_t before = enter();
    settle(clock, NULL, 0);
    size_t size = times[clock].buckets.used;
    cw_time_bucket *copy = malloc(size + 1);
    if (copy && size)
        memcpy(copy, times[clock].buckets.base, size);
    *count = size / sizeof *copy;
    *lost = times[clock].lost;
    cw_times__clear(&times[clock]);
    leave(before);
    return copy;
}

/* Forking */

static sigset_t before_fork;

void cw_cpu__before_fork(void)
{
    before_fork = enter();
}

void cw_cpu__after_fork(bool in_child)
{
    if (in_child) {
        for (int clock = 0; clock < CW_CLOCKS; clock++) {
            recording[clock] = 0;
            pending[clock].waits = false;
            cw_times__clear(&times[clock]);
        }
        cw_watcher__forget();
        cw_tables__reset(&cw_cpu_tables);
        pthread_sigmask(SIG_SETMASK, &before_fork, NULL);
    } else {
        leave(before_fork);
    }
}
