#include "objects.h"

#include <stdbool.h>

typedef struct {
    PyTypeObject *type;
    PyObject *list; /* NULL once there was no memory for it */
} search;

static int visit(PyObject *object, void *arg)
{
    search *found = arg;
    if (!PyType_IsSubtype(Py_TYPE(object), found->type))
        return 1;
    if (PyList_Append(found->list, object) == 0)
        return 1;
    Py_CLEAR(found->list);
    return 0;
}

#if PY_VERSION_HEX >= 0x030E0000

static void visit_all(search *found)
{
    PyUnstable_GC_VisitObjects(visit, found);
}

#else

#include "internal/pycore_gc.h"
#include "internal/pycore_interp.h"

static bool visit_list(PyGC_Head *head, search *found)
{
    for (PyGC_Head *at = _PyGCHead_NEXT(head); at != head; at = _PyGCHead_NEXT(at)) {
        if (!visit((PyObject *)(at + 1), found))
            return false;
    }
    return true;
}

/* 3.11 has no function for it, and that of 3.12 and 3.13 leaves out what gc.freeze() put aside.
 * The collector does not run meanwhile: nothing here makes an object. */
static void visit_all(search *found)
{
    struct _gc_runtime_state *state = &PyInterpreterState_Get()->gc;
    bool goes_on = visit_list(&state->permanent_generation.head, found);
    for (int each = 0; goes_on && each < NUM_GENERATIONS; each++)
        goes_on = visit_list(&state->generations[each].head, found);
}

#endif

PyObject *cw_objects__of(PyTypeObject *type)
{
    search found = {.type = type, .list = PyList_New(0)};
    if (found.list)
        visit_all(&found);
    return found.list;
}
