/* A walk for signal handlers.
 *
 * First the chain of frames, which leads from one to the next; then all their codes at once, then what their
 * names are, at once. Room for that is static, under the lock of the tables: a signal's stack is small.
 *
 * What a signal finds in motion is the innermost frame and the link to the one below it. Frames further down
 * stand still, in a chain that came to its end, and they own their code: one that was read with care before is
 * read as it is. Without that a stack of 30 frames would cost 100 us instead of 20.
 */
#include "frames.h"
#include "peek.h"
#include "stacks.h"

#include <pthread.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#define ALL_FRAMES 4096   /* a chain that goes on longer is none */
#define IN_MOTION 2       /* innermost frames that are never trusted */
#define OWN_STACK 262144u /* bytes of the thread's stack that are taken to be there, from its root */

static struct {
    const _PyInterpreterFrame *at;
    _PyInterpreterFrame frame;
    PyCodeObject *code_at;
    PyCodeObject code;
    PyASCIIObject name, file;
    bool sure;
} found[CW_DEPTH];
static uint32_t depth;
static bool ends; /* the chain came to its end */
static struct iovec ours[CW_PEEKS], theirs[CW_PEEKS];

/* What is there for certain: the thread's stack from where it was interrupted, the stack that its frames are on. */
static void know_stacks(const PyThreadState *thread, const void *interrupted_at)
{
    cw_peek__forget();
    bool is_main = getpid() == gettid();
    uintptr_t root = is_main ? (uintptr_t)getauxval(AT_RANDOM) : (uintptr_t)pthread_self(), at = (uintptr_t)interrupted_at;
    if (at != 0 && at < root && root - at <= OWN_STACK) /* another stack, as fibers have them, is not known */
        cw_peek__know(interrupted_at, (const void *)root);
    cw_peek__know(thread, thread + 1);
    for (const _PyStackChunk *chunk = thread->datastack_chunk; chunk != NULL; chunk = chunk->previous)
        cw_peek__know(chunk, (const char *)chunk + chunk->size);
}

/* Find the innermost frame, and the one in which the evaluator was called last. All frames in between are
 * there only if a walk from the one comes by the other. */
static bool innermost(PyThreadState *thread, const _PyInterpreterFrame **frame, const _PyInterpreterFrame **below)
{
    *below = NULL;
#if PY_VERSION_HEX >= 0x030D0000
    *frame = thread->current_frame;
    return true;
#else
    _PyCFrame now, outer;
    *frame = NULL;
    if (thread->cframe == NULL)
        return true;
    if (!cw_peek(&now, thread->cframe, sizeof now))
        return false;
    *frame = now.current_frame;
    if (now.previous != NULL && cw_peek(&outer, now.previous, sizeof outer))
        *below = outer.current_frame;
    return true;
#endif
}

/* What became of a chain: it ends, by way of `below`; there are more frames than are kept; or it cannot be read. */
typedef enum { WHOLE, LONG, BROKEN } chain;

static chain follow(const _PyInterpreterFrame *at, const _PyInterpreterFrame *below)
{
    bool passed = below == NULL;
    depth = 0;
    ends = false;
    for (int more = ALL_FRAMES; at != NULL && more; more--) {
        _PyInterpreterFrame frame;
        passed = passed || at == below;
        if (!cw_peek(&frame, at, CW_FRAME_SIZE))
            return BROKEN;
        PyCodeObject *code = cw_frame_code(&frame);
        if (code != NULL && depth == CW_DEPTH) {
            ends = true;
            return LONG;
        }
        if (code != NULL) {
            found[depth].at = at;
            found[depth].frame = frame;
            found[depth++].code_at = code;
        }
        at = frame.previous;
    }
    ends = at == NULL && passed;
    return ends ? WHOLE : BROKEN;
}

static void want(size_t which, void *copy, const void *from, size_t size)
{
    ours[which] = (struct iovec){copy, size};
    theirs[which] = (struct iovec){(void *)from, size};
}

/* Copy the codes; false if one of them is none. */
static bool read_codes(const cw_symbols *symbols)
{
    size_t wanted = 0;
    for (uint32_t at = 0; at < depth; at++) {
        found[at].sure = ends && at >= IN_MOTION && cw_symbols__knows(symbols, found[at].code_at);
        if (found[at].sure)
            memcpy(&found[at].code, found[at].code_at, CW_CODE_SIZE);
        else
            want(wanted++, &found[at].code, found[at].code_at, CW_CODE_SIZE);
        Py_SET_TYPE((PyObject *)&found[at].code, found[at].sure ? Py_TYPE((PyObject *)found[at].code_at) : NULL);
    }
    cw_peek__many(ours, theirs, wanted);
    for (uint32_t at = 0; at < depth; at++) {
        if (!Py_IS_TYPE((PyObject *)&found[at].code, &PyCode_Type)) {
            depth = at;
            return false;
        }
    }
    return true;
}

/* Copy the heads of the names. One that is not there is left without a type, and so without a text. */
static void read_names(void)
{
    size_t wanted = 0;
    for (uint32_t at = 0; at < depth; at++) {
        const PyCodeObject *code = &found[at].code;
        if (found[at].sure) {
            found[at].name = *(const PyASCIIObject *)code->co_qualname;
            found[at].file = *(const PyASCIIObject *)code->co_filename;
            continue;
        }
        Py_SET_TYPE((PyObject *)&found[at].name, NULL);
        Py_SET_TYPE((PyObject *)&found[at].file, NULL);
        want(wanted++, &found[at].name, code->co_qualname, sizeof found[at].name);
        want(wanted++, &found[at].file, code->co_filename, sizeof found[at].file);
    }
    cw_peek__many(ours, theirs, wanted);
}

static uint32_t locate(cw_symbols *symbols, uint32_t into[CW_DEPTH], cw_task_end *end)
{
    uint32_t length = 0;
    *end = (cw_task_end){NULL, 0};
    for (uint32_t at = 0; at < depth; at++) {
        const PyCodeObject *code = &found[at].code;
        cw_text name = cw_text__of(&found[at].name, code->co_qualname), file = cw_text__of(&found[at].file, code->co_filename);
        int offset = cw_frame_offset(&found[at].frame, found[at].code_at);
        uint32_t location = cw_symbols__copied(symbols, found[at].code_at, code, &name, &file, offset, !found[at].sure);
        if (location != CW_NONE)
            into[length++] = location;
        const void *coroutine = cw_frame_coroutine(found[at].at, &found[at].frame, code);
        if (coroutine != NULL)
            *end = (cw_task_end){coroutine, length};
    }
    return length;
}

uint32_t cw_walk_warily(cw_symbols *symbols, PyThreadState *thread, const void *interrupted_at, uint32_t into[CW_DEPTH], cw_task_end *end)
{
    const _PyInterpreterFrame *frame, *below;
    know_stacks(thread, interrupted_at);
    chain chain = innermost(thread, &frame, &below) ? follow(frame, below) : BROKEN;
    bool good = chain != BROKEN && read_codes(symbols);
    if (!good && below != NULL) { /* the evaluator was just being entered or left: take the frames around it */
        chain = follow(below, NULL);
        good = chain != BROKEN && read_codes(symbols);
    } else if (!good && chain == BROKEN) {
        read_codes(symbols);
    }
    read_names();
    uint32_t length = locate(symbols, into, end);
    const char *rest = !good ? "<unreadable frames>" : chain == LONG ? CW_TRUNCATED : NULL;
    uint32_t more = rest ? cw_symbols__named(symbols, rest) : CW_NONE;
    if (more != CW_NONE)
        into[length < CW_DEPTH ? length++ : CW_DEPTH - 1] = more;
    return length;
}
