#define _GNU_SOURCE
#include "peek.h"

#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define REGIONS 8
#define HOLES 8 /* after so many pieces that are not there, the rest is not asked for */

static pid_t self;
static struct {
    uintptr_t from, to;
} known[REGIONS];
static int regions;

bool cw_peek__begin(void)
{
    static const int there = 1;
    int copy;
    struct iovec ours = {&copy, sizeof copy}, theirs = {(void *)&there, sizeof there};
    self = getpid();
    return process_vm_readv(self, &ours, 1, &theirs, 1, 0) == (ssize_t)sizeof copy;
}

void cw_peek__forget(void)
{
    regions = 0;
}

void cw_peek__know(const void *from, const void *to)
{
    if (regions == REGIONS || from >= to)
        return;
    known[regions].from = (uintptr_t)from;
    known[regions++].to = (uintptr_t)to;
}

bool cw_peek(void *into, const void *from, size_t size)
{
    uintptr_t at = (uintptr_t)from;
    for (int region = 0; region < regions; region++) {
        if (at >= known[region].from && at < known[region].to && size <= known[region].to - at) {
            memcpy(into, from, size);
            return true;
        }
    }
    struct iovec ours = {into, size}, theirs = {(void *)from, size};
    return process_vm_readv(self, &ours, 1, &theirs, 1, 0) == (ssize_t)size;
}

void cw_peek__many(struct iovec *ours, struct iovec *theirs, size_t count)
{
    size_t done = 0;
    for (int holes = 0; done < count && holes < HOLES; holes++) {
        ssize_t copied = process_vm_readv(self, ours + done, count - done, theirs + done, count - done, 0);
        while (done < count && copied >= (ssize_t)theirs[done].iov_len)
            copied -= (ssize_t)theirs[done++].iov_len;
        done++; /* a hole */
    }
}
