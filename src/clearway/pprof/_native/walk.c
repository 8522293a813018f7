#include "frames.h"
#include "stacks.h"

static _PyInterpreterFrame *innermost(PyThreadState *thread)
{
#if PY_VERSION_HEX >= 0x030D0000
    return thread->current_frame;
#else
    return thread->cframe ? thread->cframe->current_frame : NULL;
#endif
}

uint32_t cw_walk(cw_symbols *symbols, PyThreadState *thread, uint32_t into[CW_DEPTH])
{
    uint32_t depth = 0;
    for (_PyInterpreterFrame *frame = innermost(thread); frame != NULL; frame = frame->previous) {
        PyCodeObject *code = cw_frame_code(frame);
        if (code == NULL || !PyCode_Check(code))
            continue;
        if (depth == CW_DEPTH) {
            into[CW_DEPTH - 1] = cw_symbols__named(symbols, CW_TRUNCATED);
            break;
        }
        uint32_t location = cw_symbols__location(symbols, code, cw_frame_offset(frame, code));
        if (location != CW_NONE)
            into[depth++] = location;
    }
    return depth && into[depth - 1] == CW_NONE ? depth - 1 : depth;
}
