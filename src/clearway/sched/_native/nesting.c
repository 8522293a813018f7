/* How a frame was entered: from Python's evaluator, or from C.
 *
 * A frame object does not tell. Since 3.11 a call from Python to Python stays inside one run of the evaluator;
 * a frame that C calls begins a new one, which is marked: by a flag of the frame in 3.11, by a frame of the
 * C stack's below it from 3.12 on.
 */
#define PY_SSIZE_T_CLEAN
#ifndef Py_BUILD_CORE
#define Py_BUILD_CORE 1 /* the layout of frames is internal */
#endif
#include <Python.h>

#include "internal/pycore_frame.h"

/* With the GIL, for a frame that runs or waits in this thread. */
static PyObject *entered_from_c(PyObject *Py_UNUSED(module), PyObject *object)
{
    if (!PyFrame_Check(object))
        return PyErr_Format(PyExc_TypeError, "a frame is wanted, not %.100s", Py_TYPE(object)->tp_name);
    const _PyInterpreterFrame *frame = ((PyFrameObject *)object)->f_frame;
#if PY_VERSION_HEX >= 0x030E0000
    bool entered = frame->previous == NULL || frame->previous->owner >= FRAME_OWNED_BY_INTERPRETER;
#elif PY_VERSION_HEX >= 0x030C0000
    bool entered = frame->previous == NULL || frame->previous->owner == FRAME_OWNED_BY_CSTACK;
#else
    bool entered = frame->is_entry;
#endif
    return PyBool_FromLong(entered);
}

static PyMethodDef methods[] = {
    {"entered_from_c", entered_from_c, METH_O, "Tell whether C code called this frame's function, not Python."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "clearway.sched._nesting", "How a frame was entered.", -1, methods, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__nesting(void)
{
    return PyModule_Create(&definition);
}
