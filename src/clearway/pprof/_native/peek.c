#define _GNU_SOURCE
#include "peek.h"

#include <sys/uio.h>
#include <unistd.h>

static pid_t self;

bool cw_peek__begin(void)
{
    static const int there = 1;
    int copy;
    self = getpid();
    return cw_peek(&copy, &there, sizeof copy);
}

bool cw_peek(void *into, const void *from, size_t size)
{
    struct iovec ours = {into, size}, theirs = {(void *)from, size};
    return process_vm_readv(self, &ours, 1, &theirs, 1, 0) == (ssize_t)size;
}
