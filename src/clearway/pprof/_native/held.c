#include "held.h"

static int append(PyObject *list, PyObject *object)
{
    return object ? PyList_Append(list, object) : 0;
}

/* What the thread's values of threading.local hang on. */
static PyObject *locals_of(PyThreadState *thread)
{
#if PY_VERSION_HEX >= 0x030D0000
    return thread->threading_local_sentinel;
#else
    (void)thread; /* they are in its dictionary */
    return NULL;
#endif
}

/* Thread states come without the GIL, but are linked in when they are whole, and leave with it held. */
PyObject *cw_held__by_threads(void)
{
    PyObject *list = PyList_New(0);
    PyThreadState *each = PyInterpreterState_ThreadHead(PyInterpreterState_Get());
    for (; list && each; each = PyThreadState_Next(each)) {
        if (append(list, each->dict) < 0 || append(list, each->context) < 0 || append(list, locals_of(each)) < 0)
            Py_CLEAR(list);
    }
    return list;
}
