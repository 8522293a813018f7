/* Where CPython keeps a thread's frames, version by version. */
#include "stacks.h"

#include "internal/pycore_code.h"
#include "internal/pycore_frame.h"

#if PY_VERSION_HEX >= 0x030E0000
#include "internal/pycore_interpframe.h"
#endif

static inline _PyInterpreterFrame *innermost(PyThreadState *thread)
{
#if PY_VERSION_HEX >= 0x030D0000
    return thread->current_frame;
#else
    return thread->cframe ? thread->cframe->current_frame : NULL;
#endif
}

/* Return the code of a frame; NULL for the shims that stand for a C call of the evaluator. */
static inline PyCodeObject *code_of(_PyInterpreterFrame *frame)
{
#if PY_VERSION_HEX >= 0x030E0000
    PyObject *code = PyStackRef_IsNull(frame->f_executable) ? NULL : PyStackRef_AsPyObjectBorrow(frame->f_executable);
#elif PY_VERSION_HEX >= 0x030D0000
    PyObject *code = frame->f_executable;
#else
    PyObject *code = (PyObject *)frame->f_code;
#endif
#if PY_VERSION_HEX >= 0x030C0000
    if (frame->owner >= FRAME_OWNED_BY_CSTACK - (PY_VERSION_HEX >= 0x030E0000))
        return NULL;
#endif
    return code != NULL && PyCode_Check(code) ? (PyCodeObject *)code : NULL;
}

/* Return the byte that a frame executes; negative before its first instruction. */
static inline int offset_of(_PyInterpreterFrame *frame, PyCodeObject *code)
{
#if PY_VERSION_HEX >= 0x030D0000
    _Py_CODEUNIT *at = frame->instr_ptr;
#else
    _Py_CODEUNIT *at = frame->prev_instr;
#endif
    return (int)(at - _PyCode_CODE(code)) * (int)sizeof(_Py_CODEUNIT);
}

uint32_t cw_walk(cw_symbols *symbols, PyThreadState *thread, uint32_t into[CW_DEPTH], cw_task_end *end)
{
    uint32_t depth = 0;
    for (_PyInterpreterFrame *frame = innermost(thread); frame != NULL; frame = frame->previous) {
        PyCodeObject *code = code_of(frame);
        if (code == NULL)
            continue;
        if (depth == CW_DEPTH) {
            uint32_t more = cw_symbols__named(symbols, "<truncated stack>");
            into[CW_DEPTH - 1] = more != CW_NONE ? more : into[CW_DEPTH - 1];
            break;
        }
        uint32_t location = cw_symbols__location(symbols, code, offset_of(frame, code));
        if (location != CW_NONE)
            into[depth++] = location;
        if (end != NULL && frame->owner == FRAME_OWNED_BY_GENERATOR && code->co_flags & CO_COROUTINE)
            *end = (cw_task_end){_PyFrame_GetGenerator(frame), depth};
    }
    return depth;
}
