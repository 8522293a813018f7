/* Where CPython keeps a thread's frames, version by version. */
#include "stacks.h"

#include "peek.h"

#include <stddef.h>

#include "internal/pycore_code.h"
#include "internal/pycore_frame.h"

#if PY_VERSION_HEX >= 0x030E0000
#include "internal/pycore_interpframe.h"
#endif

#define ALL_FRAMES 4096 /* a chain that goes on longer without a frame of Python is none */

/* Copies of a frame and of its code, for the wary. */
typedef struct {
    _PyInterpreterFrame frame;
    PyCodeObject code;
} copies;

#define FRAME_SIZE offsetof(_PyInterpreterFrame, localsplus) /* what is read of each: all but the values */
#define CODE_SIZE offsetof(PyCodeObject, co_code_adaptive)   /* and the instructions */

/* Find the innermost frame, and the one in which the evaluator was called last. All frames in between are
 * there only if a walk from the one comes by the other. */
static inline bool innermost(bool wary, PyThreadState *thread, _PyInterpreterFrame **frame, _PyInterpreterFrame **below)
{
#if PY_VERSION_HEX >= 0x030D0000
    *frame = thread->current_frame;
#else
    _PyCFrame copy, outer;
    const _PyCFrame *now = thread->cframe ? cw_look(wary, thread->cframe, sizeof copy, &copy) : NULL;
    if (now == NULL)
        return thread->cframe == NULL;
    *frame = now->current_frame;
    if (wary && now->previous != NULL && cw_peek(&outer, now->previous, sizeof outer))
        *below = outer.current_frame;
#endif
    return true;
}

/* Return where the code of a frame is; NULL for the shims that stand for a C call of the evaluator. */
static inline PyCodeObject *code_of(const _PyInterpreterFrame *frame)
{
#if PY_VERSION_HEX >= 0x030C0000
    if (frame->owner >= FRAME_OWNED_BY_CSTACK - (PY_VERSION_HEX >= 0x030E0000))
        return NULL;
#endif
#if PY_VERSION_HEX >= 0x030E0000
    return PyStackRef_IsNull(frame->f_executable) ? NULL : (PyCodeObject *)PyStackRef_AsPyObjectBorrow(frame->f_executable);
#elif PY_VERSION_HEX >= 0x030D0000
    return (PyCodeObject *)frame->f_executable;
#else
    return frame->f_code;
#endif
}

/* Return the byte that a frame executes; negative before its first instruction. */
static inline int offset_of(const _PyInterpreterFrame *frame, const PyCodeObject *at)
{
#if PY_VERSION_HEX >= 0x030D0000
    const char *instruction = (const char *)frame->instr_ptr;
#else
    const char *instruction = (const char *)frame->prev_instr;
#endif
    return (int)((uintptr_t)instruction - (uintptr_t)at - CODE_SIZE);
}

/* One frame's way into the stack; false if it is no frame. */
static inline __attribute__((always_inline)) bool take(
    bool wary, cw_symbols *symbols, _PyInterpreterFrame *at, const _PyInterpreterFrame *frame, PyCodeObject *room,
    uint32_t into[CW_DEPTH], uint32_t *depth, cw_task_end *end)
{
    PyCodeObject *code_at = code_of(frame);
    if (code_at == NULL)
        return true;
    const PyCodeObject *code = cw_look(wary, code_at, CODE_SIZE, room);
    if (code == NULL)
        return false;
    if (!Py_IS_TYPE((PyObject *)code, &PyCode_Type))
        return !wary; /* other things that are executed are no Python */
    uint32_t location = cw_symbols__location(symbols, code_at, code, offset_of(frame, code_at), wary);
    if (location != CW_NONE)
        into[(*depth)++] = location;
    if (end != NULL && frame->owner == FRAME_OWNED_BY_GENERATOR && code->co_flags & CO_COROUTINE)
        *end = (cw_task_end){(char *)at - offsetof(PyGenObject, gi_iframe), *depth};
    return true;
}

typedef struct {
    uint32_t depth;
    bool whole; /* it came to the end, by way of `below` */
} walked;

static inline __attribute__((always_inline)) walked walk(
    bool wary, cw_symbols *symbols, _PyInterpreterFrame *at, const _PyInterpreterFrame *below,
    uint32_t into[CW_DEPTH], cw_task_end *end)
{
    copies room;
    uint32_t depth = 0;
    bool passed = below == NULL;
    for (int more = ALL_FRAMES; at != NULL; more--) {
        passed = passed || at == below;
        const _PyInterpreterFrame *frame = cw_look(wary, at, FRAME_SIZE, &room.frame);
        if (frame == NULL || more == 0)
            return (walked){depth, false};
        if (depth == CW_DEPTH && code_of(frame) != NULL) {
            uint32_t cut = cw_symbols__named(symbols, "<truncated stack>");
            into[CW_DEPTH - 1] = cut != CW_NONE ? cut : into[CW_DEPTH - 1];
            return (walked){depth, true};
        }
        if (!take(wary, symbols, at, frame, &room.code, into, &depth, end))
            return (walked){depth, false};
        at = frame->previous;
    }
    return (walked){depth, passed};
}

uint32_t cw_walk(cw_symbols *symbols, PyThreadState *thread, uint32_t into[CW_DEPTH])
{
    _PyInterpreterFrame *frame = NULL, *below = NULL;
    return innermost(false, thread, &frame, &below) ? walk(false, symbols, frame, below, into, NULL).depth : 0;
}

uint32_t cw_walk_warily(cw_symbols *symbols, PyThreadState *thread, uint32_t into[CW_DEPTH], cw_task_end *end)
{
    _PyInterpreterFrame *frame = NULL, *below = NULL;
    walked found = {0, false};
    if (innermost(true, thread, &frame, &below))
        found = walk(true, symbols, frame, below, into, end);
    if (!found.whole && below != NULL) {
        *end = (cw_task_end){NULL, 0}; /* the evaluator was just being entered: take the frames around it */
        found = walk(true, symbols, below, NULL, into, end);
    }
    if (found.whole)
        return found.depth;
    uint32_t rest = cw_symbols__named(symbols, "<unreadable frames>");
    if (rest != CW_NONE)
        into[found.depth < CW_DEPTH ? found.depth++ : CW_DEPTH - 1] = rest;
    return found.depth;
}
