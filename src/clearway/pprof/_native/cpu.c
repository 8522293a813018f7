#define _GNU_SOURCE
#include "threads.h"
#include "peek.h"
#include "times.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

cw_tables cw_cpu_tables;

static cw_times times[CW_CLOCKS]; /* under the lock of cw_cpu_tables, like `pending` */
static volatile uint32_t recording[CW_CLOCKS]; /* its number, 0 without; written with the lock */

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
    for (uint32_t at = 0; at < taken; at++)
        stack[task + at] = more[at];
    uint32_t rest = depth - task < room - taken ? depth - task : room - taken;
    memcpy(stack + task + taken, pending[clock].locations + task, rest * sizeof(uint32_t));
    count(clock, stack, task + taken + rest, pending[clock].labels, (uint64_t)getpid(), pending[clock].ns);
    pending[clock].waits = false;
}

/* A thread's part in a recording */

uint32_t cw_cpu__recording(int clock)
{
    return recording[clock];
}

bool cw_cpu__join(cw_thread *thread, int clock, uint64_t since)
{
    cw_lock__take(&cw_cpu_tables.lock); /* the watcher blocks all signals */
    bool joins = recording[clock] != 0 && thread->of[clock] != recording[clock];
    if (joins && clock == CW_CPU) {
        thread->cpu_ns = since ? 0 : cw_now_ns(cw_cpu_clock(thread->id));
    } else if (joins) {
        uint64_t now = cw_now_ns(CLOCK_MONOTONIC);
        thread->wall_at_ns = since ? now - (now - since) / 2 : now; /* born in between, half way on average */
        thread->wall_bucket = CW_NONE;
    }
    if (joins)
        thread->of[clock] = recording[clock];
    cw_lock__release(&cw_cpu_tables.lock);
    return joins;
}

static bool takes_part(const cw_thread *thread, int clock)
{
    return recording[clock] != 0 && thread->of[clock] == recording[clock];
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

static void wait_for_awaiters(int clock, const uint32_t *locations, uint32_t depth, cw_task_end end, uint32_t labels, uint64_t ns)
{
    settle(clock, NULL, 0); /* the last one: nobody could say in time */
    pending[clock].waits = true;
    pending[clock].end = end;
    pending[clock].depth = depth;
    pending[clock].labels = labels;
    pending[clock].ns = ns;
    memcpy(pending[clock].locations, locations, depth * sizeof(uint32_t));
    cw_watcher__wake();
}

/* With the lock. Return the bucket, CW_NONE if it is not known yet. */
static uint32_t sample_here(cw_thread *thread, int clock, PyThreadState *python, const void *stack, uint64_t ns)
{
    uint32_t locations[CW_DEPTH];
    cw_task_end end = {NULL, 0};
    uint32_t depth = python ? cw_walk_warily(&cw_cpu_tables.symbols, python, stack, locations, &end) : 0;
    uint32_t labels = python ? cw_label_sets__id(&cw_cpu_tables.labels, cw_labels__of(python)) : CW_NONE;
    if (depth == 0) {
        locations[0] = cw_symbols__named(&cw_cpu_tables.symbols, "<no Python frame>");
        depth = locations[0] != CW_NONE;
    }
    if (end.coroutine == NULL || resolver == NULL || thread->id != getpid())
        return count(clock, locations, depth, labels, (uint64_t)thread->id, ns);
    wait_for_awaiters(clock, locations, depth, end, labels, ns);
    return CW_NONE;
}

static void sample(cw_thread *thread, int clock, const void *stack)
{
    PyThreadState *python = PyGILState_GetThisThreadState();
    cw_lock__take(&cw_cpu_tables.lock);
    if (takes_part(thread, clock)) {
        uint64_t ns = spent(thread, clock);
        bool counts = clock == CW_CPU || python != NULL;
        uint32_t bucket = counts ? sample_here(thread, clock, python, stack, ns) : CW_UNCOUNTED;
        if (clock == CW_WALL) {
            thread->wall_bucket = bucket;
            thread->settled = false;
            thread->wall_cpu_ns = cw_now_ns(CLOCK_THREAD_CPUTIME_ID);
        }
    }
    cw_lock__release(&cw_cpu_tables.lock);
}

/* Return where the stack was when the signal came; the handler may have another one (SA_ONSTACK). */
static const void *stack_pointer(const ucontext_t *context)
{
#if defined(__x86_64__)
    return (const void *)context->uc_mcontext.gregs[REG_RSP];
#elif defined(__aarch64__)
    return (const void *)context->uc_mcontext.sp;
#else
    return NULL;
#endif
}

static void on_signal(int number, siginfo_t *info, void *context)
{
    int saved = errno;
    int clock = info->si_code == SI_TIMER ? CW_CPU : CW_WALL;
    bool is_ours = info->si_code == SI_TIMER || (info->si_code == SI_QUEUE && info->si_pid == getpid());
    if (is_ours && recording[clock] && cw_watcher__knows(info->si_value.sival_ptr)) {
        cw_thread *thread = info->si_value.sival_ptr;
        if (thread->id == (pid_t)syscall(SYS_gettid))
            sample(thread, clock, stack_pointer(context));
    }
    errno = saved;
}

/* Wall time of a thread that sleeps where it was */

void cw_cpu__credit(cw_thread *thread, uint64_t now_ns)
{
    cw_lock__take(&cw_cpu_tables.lock); /* the watcher blocks all signals */
    uint64_t ns = now_ns > thread->wall_at_ns ? now_ns - thread->wall_at_ns : 0;
    if (takes_part(thread, CW_WALL) && thread->wall_bucket != CW_UNCOUNTED)
        cw_times__add(&times[CW_WALL], thread->wall_bucket, 1, ns);
    thread->wall_at_ns = now_ns;
    cw_lock__release(&cw_cpu_tables.lock);
}

/* Who awaits the running task */

typedef struct {
    const void *coroutine;
    uint32_t length;
    PyObject *lines; /* keeps the codes alive */
    struct {
        PyCodeObject *code;
        int offset;
    } at[CW_DEPTH];
} said;

/* Take the resolver's answer apart, outside of the lock: this may allocate and raise. */
static bool parse(PyObject *answer, said *into)
{
    PyObject *coroutine;
    if (!PyArg_ParseTuple(answer, "OO!", &coroutine, &PyList_Type, &into->lines))
        return false;
    into->coroutine = PyLong_AsVoidPtr(coroutine);
    for (Py_ssize_t at = 0; at < PyList_GET_SIZE(into->lines) && into->length < CW_DEPTH; at++) {
        PyObject *code;
        int offset;
        if (!PyArg_ParseTuple(PyList_GET_ITEM(into->lines, at), "O!i", &PyCode_Type, &code, &offset))
            return false;
        into->at[into->length].code = (PyCodeObject *)code;
        into->at[into->length++].offset = offset;
    }
    return !PyErr_Occurred();
}

static void settle_all(const said *said)
{
    uint32_t more[CW_DEPTH], length = 0;
    sigset_t before = enter();
    for (uint32_t at = 0; at < said->length; at++) {
        PyCodeObject *code = said->at[at].code;
        uint32_t location = cw_symbols__location(&cw_cpu_tables.symbols, code, said->at[at].offset);
        if (location != CW_NONE)
            more[length++] = location;
    }
    for (int clock = 0; clock < CW_CLOCKS; clock++) {
        bool same = said->coroutine != NULL && pending[clock].end.coroutine == said->coroutine;
        settle(clock, more, same ? length : 0);
    }
    leave(before);
}

int cw_cpu__resolve(void *unused)
{
    said heard = {.coroutine = NULL};
    PyObject *asked = Py_XNewRef(resolver);
    PyObject *answer = asked ? PyObject_CallNoArgs(asked) : NULL;
    bool good = asked == NULL || answer == Py_None || (answer != NULL && parse(answer, &heard));
    if (!good)
        heard = (said){.coroutine = NULL};
    settle_all(&heard);
    /* A profile is no place to raise in the middle of somebody's work. But a signal's handler may have run in
     * there, and what that raises (KeyboardInterrupt) is the program's: let it through. */
    if (PyErr_Occurred() && PyErr_ExceptionMatches(PyExc_Exception))
        PyErr_WriteUnraisable(asked);
    Py_XDECREF(answer);
    Py_XDECREF(asked);
    return PyErr_Occurred() ? -1 : 0;
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

uint32_t cw_cpu__start(int clock, uint32_t hz)
{
    static uint32_t recordings;
    if (!cw_peek__begin() || !take_signal()) {
        PyErr_SetFromErrno(PyExc_OSError);
        return 0;
    }
    uint32_t mine = ++recordings ? recordings : ++recordings;
    sigset_t before = enter();
    cw_times__clear(&times[clock]);
    pending[clock].waits = false;
    recording[clock] = mine;
    leave(before);
    bool started;
    Py_BEGIN_ALLOW_THREADS
    started = cw_watcher__start(clock, hz);
    Py_END_ALLOW_THREADS
    if (!started) {
        PyErr_SetFromErrno(PyExc_OSError);
        cw_recorded nothing = cw_cpu__stop(clock, mine);
        cw_arena__clear(&nothing.buckets);
        return 0;
    }
    return mine;
}

cw_recorded cw_cpu__stop(int clock, uint32_t number)
{
    if (number == 0 || recording[clock] != number)
        return (cw_recorded){0};
    sigset_t before = enter();
    settle(clock, NULL, 0);
    recording[clock] = 0;
    cw_recorded found = {times[clock].buckets, times[clock].lost, cw_watcher__unwatched()};
    times[clock].buckets = (cw_arena){0};
    cw_times__clear(&times[clock]);
    leave(before);
    Py_BEGIN_ALLOW_THREADS
    cw_watcher__stop();
    Py_END_ALLOW_THREADS
    return found;
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
