/* Where CPython keeps a thread's frames, version by version. */
#ifndef CW_FRAMES_H
#define CW_FRAMES_H

#include "python.h"

#include <stddef.h>

#include "internal/pycore_code.h"
#include "internal/pycore_frame.h"

#if PY_VERSION_HEX >= 0x030E0000
#include "internal/pycore_interpframe.h"
#endif

#define CW_FRAME_SIZE offsetof(_PyInterpreterFrame, localsplus) /* of what we read: all but the values */
#define CW_CODE_SIZE offsetof(PyCodeObject, co_code_adaptive)   /* and all but the instructions */

/* Return where the code of a frame is; NULL for the shims that stand for a C call of the evaluator. */
static inline PyCodeObject *cw_frame_code(const _PyInterpreterFrame *frame)
{
#if PY_VERSION_HEX >= 0x030E0000
    if (frame->owner >= FRAME_OWNED_BY_INTERPRETER)
        return NULL;
#elif PY_VERSION_HEX >= 0x030C0000
    if (frame->owner == FRAME_OWNED_BY_CSTACK)
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

/* Return the byte that a frame executes of the code at `code`; negative before its first instruction. */
static inline int cw_frame_offset(const _PyInterpreterFrame *frame, const PyCodeObject *code)
{
#if PY_VERSION_HEX >= 0x030D0000
    const char *instruction = (const char *)frame->instr_ptr;
#else
    const char *instruction = (const char *)frame->prev_instr;
#endif
    return (int)((uintptr_t)instruction - (uintptr_t)code - CW_CODE_SIZE);
}

/* Return the coroutine whose frame it is, to be compared and not to be read; NULL for others. */
static inline const void *cw_frame_coroutine(const _PyInterpreterFrame *at, const _PyInterpreterFrame *frame, const PyCodeObject *code)
{
    if (frame->owner != FRAME_OWNED_BY_GENERATOR || !(code->co_flags & CO_COROUTINE))
        return NULL;
    return (const char *)at - offsetof(PyGenObject, gi_iframe);
}

#endif
