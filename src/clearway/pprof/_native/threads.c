#define _GNU_SOURCE
#include "threads.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid /* glibc before 2.35 has no name for it */
#endif

#define SCAN_EVERY 5 /* ticks between two looks for new threads */

static cw_thread threads[CW_THREADS];
static size_t high; /* places in use lie below */
static uint32_t scan_round;
uint64_t cw_unwatched;

static pthread_t watcher;
static bool running;
static int wakeups = -1; /* an eventfd */
static uint32_t rate_hz;
static volatile int quit, rescan, asked;
static sem_t scanned;

/* The CPU clock of any thread of ours, as the kernel makes it (include/linux/posix-timers.h). */
static clockid_t cpu_clock_of(pid_t id)
{
    return (clockid_t)((~(unsigned int)id << 3) | 6);
}

uint64_t cw_now_ns(clockid_t clock)
{
    struct timespec now;
    if (clock_gettime(clock, &now) < 0)
        return 0;
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Timers */

static void arm(cw_thread *thread)
{
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGPROF};
    event.sigev_value.sival_ptr = thread;
    event.sigev_notify_thread_id = thread->id;
    if (timer_create(cpu_clock_of(thread->id), &event, &thread->timer) < 0)
        return;
    long every = 1000000000L / (long)rate_hz;
    /* A first wait of its own for each thread, so that they do not all tick with the same work. */
    long first = 1 + every * (long)((unsigned)thread->id * 2654435761u >> 16 & 0xffff) / 0xffff;
    struct itimerspec when = {{every / 1000000000L, every % 1000000000L}, {first / 1000000000L, first % 1000000000L}};
    thread->has_timer = timer_settime(thread->timer, 0, &when, NULL) == 0;
    if (!thread->has_timer)
        timer_delete(thread->timer);
}

static void disarm(cw_thread *thread)
{
    if (thread->has_timer)
        timer_delete(thread->timer);
    thread->has_timer = false;
}

/* Finding threads */

static cw_thread *place_of(pid_t id)
{
    cw_thread *free_place = NULL;
    for (size_t at = 0; at < high; at++) {
        if (threads[at].id == id)
            return &threads[at];
        if (threads[at].id == 0 && free_place == NULL)
            free_place = &threads[at];
    }
    if (free_place == NULL && high < CW_THREADS)
        free_place = &threads[high++];
    return free_place;
}

static void watch(pid_t id, bool was_there)
{
    cw_thread *thread = place_of(id);
    if (thread == NULL) {
        cw_unwatched++;
        return;
    }
    if (thread->id != id) {
        uint64_t now = cw_now_ns(CLOCK_MONOTONIC), cpu = was_there ? cw_now_ns(cpu_clock_of(id)) : 0;
        *thread = (cw_thread){.id = id, .cpu_ns = cpu, .wall_at_ns = now, .wall_bucket = CW_NONE};
    }
    thread->round = scan_round;
    if (cw_cpu__is_recording(CW_CPU) != thread->has_timer) {
        if (thread->has_timer) {
            disarm(thread);
        } else {
            thread->cpu_ns = was_there ? cw_now_ns(cpu_clock_of(id)) : thread->cpu_ns;
            arm(thread);
        }
    }
}

/* Look at all threads; one that was there before the recording began starts with what its clock says. */
static void scan(bool was_there)
{
    DIR *directory = opendir("/proc/self/task");
    if (directory == NULL)
        return;
    pid_t self = (pid_t)syscall(SYS_gettid);
    scan_round++;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        pid_t id = (pid_t)atol(entry->d_name);
        if (id > 0 && id != self)
            watch(id, was_there);
    }
    closedir(directory);
    for (size_t at = 0; at < high; at++) {
        if (threads[at].id && threads[at].round != scan_round) {
            disarm(&threads[at]);
            threads[at].id = 0;
        }
    }
}

/* Ticking */

static void signal_thread(cw_thread *thread)
{
    siginfo_t info;
    memset(&info, 0, sizeof info);
    info.si_signo = SIGPROF;
    info.si_code = SI_QUEUE;
    info.si_pid = getpid();
    info.si_uid = getuid();
    info.si_value.sival_ptr = thread;
    syscall(SYS_rt_tgsigqueueinfo, getpid(), thread->id, SIGPROF, &info);
}

static void look_at(cw_thread *thread, uint64_t now)
{
    uint64_t cpu = cw_now_ns(cpu_clock_of(thread->id));
    if (__atomic_load_n(&thread->wall_bucket, __ATOMIC_ACQUIRE) == CW_NONE) {
        signal_thread(thread);
    } else if (thread->settled ? cpu == thread->wall_cpu_ns : cpu - thread->wall_cpu_ns < 50000) {
        /* Right after a sample the clock still moves, while the handler returns and the thread falls asleep. */
        thread->settled = true;
        thread->wall_cpu_ns = cpu;
        cw_cpu__credit(thread, now);
    } else {
        signal_thread(thread);
    }
}

static void tick(void)
{
    if (!cw_cpu__is_recording(CW_WALL))
        return;
    uint64_t now = cw_now_ns(CLOCK_MONOTONIC);
    for (size_t at = 0; at < high; at++)
        if (threads[at].id)
            look_at(&threads[at], now);
}

static void wait_until(uint64_t due)
{
    uint64_t now = cw_now_ns(CLOCK_MONOTONIC), left = due > now ? due - now : 0;
    struct pollfd wake = {.fd = wakeups, .events = POLLIN};
    struct timespec wait = {(time_t)(left / 1000000000u), (long)(left % 1000000000u)};
    if (ppoll(&wake, 1, &wait, NULL) > 0) {
        uint64_t drained;
        if (read(wakeups, &drained, sizeof drained) < 0)
            return;
    }
}

static void *watch_threads(void *unused)
{
    uint64_t every = 1000000000u / rate_hz, due = cw_now_ns(CLOCK_MONOTONIC) + every;
    for (uint32_t ticks = 0; !quit;) {
        if (__atomic_exchange_n(&rescan, 0, __ATOMIC_ACQ_REL)) {
            scan(true);
            sem_post(&scanned);
        }
        wait_until(due);
        if (__atomic_exchange_n(&asked, 0, __ATOMIC_ACQ_REL) && !cw_ask(cw_cpu__resolve))
            asked = 1; /* the queue is full: once more at the next tick */
        if (cw_now_ns(CLOCK_MONOTONIC) < due)
            continue;
        due += every;
        if (++ticks % SCAN_EVERY == 0)
            scan(false);
        tick();
    }
    for (size_t at = 0; at < high; at++)
        disarm(&threads[at]);
    return unused;
}

bool cw_watcher__start(uint32_t hz)
{
    if (!running) {
        sigset_t all, before;
        if (wakeups < 0 && (wakeups = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) < 0)
            return false;
        sem_init(&scanned, 0, 0);
        memset(threads, 0, sizeof threads[0] * high);
        high = 0;
        quit = asked = 0;
        rate_hz = hz;
        sigfillset(&all); /* the watcher takes no signal of the program's */
        pthread_sigmask(SIG_SETMASK, &all, &before);
        running = pthread_create(&watcher, NULL, watch_threads, NULL) == 0;
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        if (!running)
            return false;
    }
    rescan = 1;
    cw_watcher__wake();
    while (sem_wait(&scanned) < 0 && errno == EINTR)
        ;
    return true;
}

void cw_watcher__stop(void)
{
    if (!running)
        return;
    quit = 1;
    cw_watcher__wake();
    pthread_join(watcher, NULL);
    running = false;
}

void cw_watcher__wake(void)
{
    uint64_t one = 1;
    __atomic_store_n(&asked, 1, __ATOMIC_RELEASE);
    if (write(wakeups, &one, sizeof one) < 0)
        return; /* it is full, and so the watcher is awake */
}

void cw_watcher__forget(void)
{
    running = false;
    high = 0;
    if (wakeups >= 0)
        close(wakeups);
    wakeups = -1;
}
