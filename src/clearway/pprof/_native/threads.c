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

#define SCAN_EVERY_NS 50000000u /* between two looks for new threads */
#define SLOTS (2 * CW_THREADS)

static cw_thread threads[CW_THREADS];
static size_t high; /* places in use lie below */
static uint16_t slots[SLOTS]; /* from a thread's number to its place plus one; made anew by each scan */
static uint32_t scan_round;
static uint32_t unwatched;

/* Who starts or ends the watcher. Never waited for with the GIL: the watcher may want that first. */
static pthread_mutex_t control = PTHREAD_MUTEX_INITIALIZER;
static pthread_t watcher;
static bool running;
static int wakeups = -1; /* an eventfd */
/* Never 0: the watcher may tick for a clock whose recording has begun a moment before its rate is set. */
static uint32_t rates_hz[CW_CLOCKS] = {100, 100};
static volatile int quit, rescan, asked;
static sem_t scanned;

/* As the kernel makes it (include/linux/posix-timers.h). */
clockid_t cw_cpu_clock(pid_t id)
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
    if (timer_create(cw_cpu_clock(thread->id), &event, &thread->timer) < 0)
        return;
    long every = 1000000000L / (long)rates_hz[CW_CPU];
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

static uint32_t slot_of(pid_t id)
{
    uint32_t slot = (uint32_t)id * 2654435761u % SLOTS;
    while (slots[slot] && threads[slots[slot] - 1].id != id)
        slot = (slot + 1) % SLOTS;
    return slot;
}

static void index_places(void)
{
    memset(slots, 0, sizeof slots);
    for (size_t at = 0; at < high; at++)
        if (threads[at].id)
            slots[slot_of(threads[at].id)] = (uint16_t)(at + 1);
}

/* Return the place of a thread, a free one if it has none, or NULL. Free ones below `*free_from` are taken. */
static cw_thread *place_of(pid_t id, size_t *free_from)
{
    uint32_t slot = slot_of(id);
    if (slots[slot])
        return &threads[slots[slot] - 1];
    while (*free_from < high && threads[*free_from].id)
        (*free_from)++;
    if (*free_from == CW_THREADS)
        return NULL;
    cw_thread *thread = &threads[(*free_from)++];
    high = *free_from > high ? *free_from : high;
    *thread = (cw_thread){.id = id};
    slots[slot] = (uint16_t)(thread - threads + 1);
    return thread;
}

static bool watch(cw_thread *thread, uint64_t since)
{
    thread->round = scan_round;
    bool times_anew = cw_cpu__join(thread, CW_CPU, since), timed = cw_cpu__recording(CW_CPU) != 0;
    cw_cpu__join(thread, CW_WALL, since);
    if (thread->has_timer && (times_anew || !timed))
        disarm(thread);
    if (timed && !thread->has_timer)
        arm(thread);
    return thread->has_timer == timed;
}

static void drop_ended(void)
{
    for (size_t at = 0; at < high; at++) {
        if (threads[at].id && threads[at].round != scan_round) {
            disarm(&threads[at]);
            threads[at].id = 0;
        }
    }
}

/* Look at all threads; those that are new came between the last time and this one, or with a recording, before. */
static void scan(bool begins)
{
    static uint64_t last;
    uint64_t since = begins ? 0 : last;
    last = cw_now_ns(CLOCK_MONOTONIC);
    DIR *directory = opendir("/proc/self/task");
    if (directory == NULL)
        return;
    pid_t self = (pid_t)syscall(SYS_gettid);
    size_t free_from = 0;
    uint32_t missed = 0;
    scan_round++;
    index_places();
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        pid_t id = (pid_t)atol(entry->d_name);
        if (id <= 0 || id == self)
            continue;
        cw_thread *thread = place_of(id, &free_from);
        if (thread == NULL || !watch(thread, since))
            missed++;
    }
    closedir(directory);
    drop_ended();
    if (missed > unwatched)
        unwatched = missed;
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
    uint64_t cpu = cw_now_ns(cw_cpu_clock(thread->id));
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

/* Tell whether `due` has come, and if so set the next one. A machine that slept makes up for nothing. */
static bool has_come(uint64_t *due, uint64_t every)
{
    uint64_t now = cw_now_ns(CLOCK_MONOTONIC);
    if (now < *due)
        return false;
    *due = now - *due < every ? *due + every : now + every;
    return true;
}

static void *watch_threads(void *unused)
{
    uint64_t next_tick = 0, next_scan = cw_now_ns(CLOCK_MONOTONIC) + SCAN_EVERY_NS;
    while (!quit) {
        if (__atomic_exchange_n(&rescan, 0, __ATOMIC_ACQ_REL)) {
            scan(true);
            sem_post(&scanned);
        }
        bool ticks = cw_cpu__recording(CW_WALL) != 0;
        wait_until(ticks && next_tick < next_scan ? next_tick : next_scan);
        if (__atomic_exchange_n(&asked, 0, __ATOMIC_ACQ_REL) && !cw_ask(cw_cpu__resolve))
            asked = 1; /* the queue is full: once more at the next tick */
        if (has_come(&next_scan, SCAN_EVERY_NS))
            scan(false);
        if (ticks && has_come(&next_tick, 1000000000u / rates_hz[CW_WALL]))
            tick();
    }
    for (size_t at = 0; at < high; at++)
        disarm(&threads[at]);
    return unused;
}

static bool run_watcher(void)
{
    sigset_t all, before;
    if (wakeups < 0 && (wakeups = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) < 0)
        return false;
    sem_init(&scanned, 0, 0);
    memset(threads, 0, sizeof threads[0] * high);
    high = 0;
    unwatched = 0;
    quit = asked = 0;
    sigfillset(&all); /* the watcher takes no signal of the program's */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    errno = pthread_create(&watcher, NULL, watch_threads, NULL);
    running = errno == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return running;
}

bool cw_watcher__start(int clock, uint32_t hz)
{
    pthread_mutex_lock(&control);
    rates_hz[clock] = hz;
    bool started = running || run_watcher();
    if (started) {
        rescan = 1;
        cw_watcher__wake();
        while (sem_wait(&scanned) < 0 && errno == EINTR)
            ;
    }
    pthread_mutex_unlock(&control);
    return started;
}

void cw_watcher__stop(void)
{
    pthread_mutex_lock(&control);
    if (running && !cw_cpu__recording(CW_CPU) && !cw_cpu__recording(CW_WALL)) {
        quit = 1;
        cw_watcher__wake();
        pthread_join(watcher, NULL);
        running = false;
    }
    pthread_mutex_unlock(&control);
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
    control = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER; /* another thread may have had it */
    running = false;
    high = 0;
    if (wakeups >= 0)
        close(wakeups);
    wakeups = -1;
}

bool cw_watcher__knows(const void *place)
{
    uintptr_t from = (uintptr_t)place - (uintptr_t)threads; /* wraps for what lies before */
    return from < sizeof threads && from % sizeof threads[0] == 0;
}

uint32_t cw_watcher__unwatched(void)
{
    return unwatched;
}
