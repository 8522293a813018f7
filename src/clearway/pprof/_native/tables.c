/* The readers take the lock with all signals blocked: a handler on the same thread may want it too. They copy
 * under the lock and make Python objects outside of it, because Python's allocator may want it as well; so may
 * a handler that interrupted malloc, so malloc is not called under it either.
 *
 * A copy belongs to its reader alone and never changes, so it is read without the lock. */
#include "tables.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

void cw_tables__reset(cw_tables *tables)
{
    cw_symbols__clear(&tables->symbols);
    cw_stacks__clear(&tables->stacks);
    cw_label_sets__clear(&tables->labels);
    tables->lock.taken = 0;
}

typedef struct {
    PyObject_HEAD
    cw_tables *tables;
    bool is_copy;
} reader;

static void enter(const reader *self, sigset_t *before)
{
    if (self->is_copy)
        return;
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, before);
    cw_lock__take(&self->tables->lock);
}

static void leave(const reader *self, const sigset_t *before)
{
    if (self->is_copy)
        return;
    cw_lock__release(&self->tables->lock);
    pthread_sigmask(SIG_SETMASK, before, NULL);
}

static PyObject *unknown(const char *what)
{
    PyErr_Format(PyExc_KeyError, "no such %s", what);
    return NULL;
}

/* Copy a stack's locations and return how many there are, or -1 with an exception. */
static int stack_of(reader *self, PyObject *number, uint32_t copy[CW_DEPTH])
{
    unsigned long id = PyLong_AsUnsignedLong(number);
    if (id == (unsigned long)-1 && PyErr_Occurred())
        return -1;
    sigset_t before;
    enter(self, &before);
    cw_stacks *stacks = &self->tables->stacks;
    bool known = id < stacks->stacks.used / sizeof(cw_stack);
    cw_stack stack = {0, 0};
    if (known) {
        stack = ((const cw_stack *)stacks->stacks.base)[id];
        memcpy(copy, (const uint32_t *)stacks->locations.base + stack.at, stack.depth * sizeof(uint32_t));
    }
    leave(self, &before);
    if (!known)
        unknown("stack");
    return known ? (int)stack.depth : -1;
}

static PyObject *reader_stack(reader *self, PyObject *number)
{
    uint32_t copy[CW_DEPTH];
    int depth = stack_of(self, number, copy);
    PyObject *locations = depth < 0 ? NULL : PyTuple_New(depth);
    for (int at = 0; locations && at < depth; at++) {
        PyObject *location = PyLong_FromUnsignedLong(copy[at]);
        if (location == NULL)
            Py_CLEAR(locations);
        else
            PyTuple_SET_ITEM(locations, at, location);
    }
    return locations;
}

/* Return what stands at a stack's locations in a list of bytes, joined; None if something there is no bytes. */
static PyObject *reader_joined(reader *self, PyObject *args)
{
    PyObject *number, *parts;
    if (!PyArg_ParseTuple(args, "OO!:joined", &number, &PyList_Type, &parts))
        return NULL;
    uint32_t copy[CW_DEPTH];
    int depth = stack_of(self, number, copy);
    if (depth < 0)
        return NULL;
    Py_ssize_t size = 0;
    for (int at = 0; at < depth; at++) {
        if (copy[at] >= (size_t)PyList_GET_SIZE(parts) || !PyBytes_CheckExact(PyList_GET_ITEM(parts, copy[at])))
            Py_RETURN_NONE;
        size += PyBytes_GET_SIZE(PyList_GET_ITEM(parts, copy[at]));
    }
    PyObject *joined = PyBytes_FromStringAndSize(NULL, size);
    char *into = joined ? PyBytes_AS_STRING(joined) : NULL;
    for (int at = 0; joined && at < depth; at++) {
        PyObject *part = PyList_GET_ITEM(parts, copy[at]);
        memcpy(into, PyBytes_AS_STRING(part), (size_t)PyBytes_GET_SIZE(part));
        into += PyBytes_GET_SIZE(part);
    }
    return joined;
}

static PyObject *reader_location(reader *self, PyObject *number)
{
    unsigned long id = PyLong_AsUnsignedLong(number);
    if (id == (unsigned long)-1 && PyErr_Occurred())
        return NULL;
    char name[512], file[512];
    cw_location location = {0, 0};
    cw_function function = {0, 0, 0, 0};
    sigset_t before;
    enter(self, &before);
    cw_symbols *symbols = &self->tables->symbols;
    bool known = id < symbols->locations.used / sizeof location;
    if (known) {
        location = ((const cw_location *)symbols->locations.base)[id];
        function = ((const cw_function *)symbols->functions.base)[location.function];
        const char *text = symbols->text.base + function.text;
        memcpy(name, text, function.name_size);
        memcpy(file, text + function.name_size + 1, function.file_size);
    }
    leave(self, &before);
    if (!known)
        return unknown("location");
    return Py_BuildValue("(NNii)", PyUnicode_DecodeUTF8(name, function.name_size, "replace"),
                         PyUnicode_DecodeUTF8(file, function.file_size, "replace"), location.line,
                         function.first_line);
}

static PyObject *texts(const char *at, const char *end)
{
    PyObject *list = PyList_New(0);
    for (; list && at < end; at += strlen(at) + 1) {
        PyObject *text = PyUnicode_DecodeUTF8(at, (Py_ssize_t)strlen(at), "replace");
        if (text == NULL || PyList_Append(list, text) < 0)
            Py_CLEAR(list);
        Py_XDECREF(text);
    }
    return list;
}

/* Copy a set's text if there is room for it, and return how much it takes; -1 if there is no such set. A set
 * never changes. */
static Py_ssize_t copy_labels(reader *self, unsigned long id, char *into, uint32_t room)
{
    sigset_t before;
    Py_ssize_t size = -1;
    enter(self, &before);
    const cw_label_sets *sets = &self->tables->labels;
    if (id < sets->sets.used / sizeof(cw_label_set)) {
        cw_label_set set = ((const cw_label_set *)sets->sets.base)[id];
        size = set.size;
        if (set.size <= room)
            memcpy(into, sets->text.base + set.at, set.size);
    }
    leave(self, &before);
    return size;
}

static PyObject *reader_labels(reader *self, PyObject *number)
{
    unsigned long id = PyLong_AsUnsignedLong(number);
    if (id == (unsigned long)-1 && PyErr_Occurred())
        return NULL;
    Py_ssize_t size = copy_labels(self, id, NULL, 0);
    if (size < 0)
        return unknown("set of labels");
    char *copy = malloc((size_t)size + 1);
    if (copy == NULL)
        return PyErr_NoMemory();
    PyObject *list = copy_labels(self, id, copy, (uint32_t)size) == size ? texts(copy, copy + size) : PyList_New(0);
    free(copy);
    return list;
}

static bool copied(cw_arena *into, const cw_arena *from)
{
    if (from->used == 0)
        return true;
    void *taken = cw_arena__take(into, from->used, SIZE_MAX);
    if (taken != NULL)
        memcpy(taken, from->base, from->used);
    return taken != NULL;
}

static bool copied_all(cw_tables *into, const cw_tables *from)
{
    return copied(&into->symbols.text, &from->symbols.text) &&
           copied(&into->symbols.functions, &from->symbols.functions) &&
           copied(&into->symbols.locations, &from->symbols.locations) &&
           copied(&into->stacks.locations, &from->stacks.locations) &&
           copied(&into->stacks.stacks, &from->stacks.stacks) && copied(&into->labels.text, &from->labels.text) &&
           copied(&into->labels.sets, &from->labels.sets);
}

static PyObject *reader_copy(reader *self, PyObject *Py_UNUSED(ignored))
{
    reader *copy = (reader *)cw_tables__reader(NULL);
    cw_tables *tables = copy ? calloc(1, sizeof *tables) : NULL;
    if (tables == NULL) {
        Py_XDECREF(copy);
        return PyErr_NoMemory();
    }
    copy->tables = tables;
    copy->is_copy = true;
    bool whole;
    sigset_t before;
    Py_BEGIN_ALLOW_THREADS /* megabytes, where there are many stacks */
    enter(self, &before);
    whole = copied_all(tables, self->tables);
    leave(self, &before);
    Py_END_ALLOW_THREADS
    if (whole)
        return (PyObject *)copy;
    Py_DECREF(copy);
    return PyErr_NoMemory();
}

static void reader_dealloc(reader *self)
{
    if (self->is_copy) {
        cw_tables__reset(self->tables);
        free(self->tables);
    }
    Py_TYPE(self)->tp_free((PyObject *)self);
}

static PyObject *reader_statistics(reader *self, PyObject *Py_UNUSED(ignored))
{
    sigset_t before;
    enter(self, &before);
    const cw_symbols *symbols = &self->tables->symbols;
    const cw_stacks *stacks = &self->tables->stacks;
    const cw_label_sets *labels = &self->tables->labels;
    size_t bytes = sizeof *self->tables + symbols->text.room + symbols->functions.room + symbols->locations.room +
                   stacks->locations.room + stacks->stacks.room + labels->text.room + labels->sets.room;
    size_t slots = (size_t)symbols->by_function.size + symbols->by_location.size + stacks->by_content.size +
                   labels->by_text.size;
    size_t functions = symbols->functions.used / sizeof(cw_function);
    size_t locations = symbols->locations.used / sizeof(cw_location);
    size_t kept = stacks->stacks.used / sizeof(cw_stack);
    size_t sets = labels->sets.used / sizeof(cw_label_set);
    uint64_t overflowed = labels->overflowed;
    leave(self, &before);
    return Py_BuildValue("{s:n,s:n,s:n,s:n,s:n,s:K}", "functions", (Py_ssize_t)functions, "locations",
                         (Py_ssize_t)locations, "stacks", (Py_ssize_t)kept, "label_sets", (Py_ssize_t)sets, "bytes",
                         (Py_ssize_t)(bytes + slots * sizeof(uint64_t)), "labels_overflowed",
                         (unsigned long long)overflowed);
}

static PyMethodDef reader_methods[] = {
    {"stack", (PyCFunction)reader_stack, METH_O, "Return the numbers of a stack's locations, leaf first."},
    {"joined", (PyCFunction)reader_joined, METH_VARARGS,
     "Join the bytes that stand in a list at the numbers of a stack's locations; None if one is missing."},
    {"location", (PyCFunction)reader_location, METH_O, "Return function, file, line and the function's first line."},
    {"labels", (PyCFunction)reader_labels, METH_O, "Return keys and values in turn."},
    {"copy", (PyCFunction)reader_copy, METH_NOARGS, "Return tables of this moment, which no longer change."},
    {"statistics", (PyCFunction)reader_statistics, METH_NOARGS, "Return what the tables hold."},
    {NULL},
};

PyTypeObject cw_tables_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "clearway.pprof._sampler.Tables",
    .tp_doc = "What samples refer to by number.",
    .tp_basicsize = sizeof(reader),
    .tp_dealloc = (destructor)reader_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_methods = reader_methods,
};

PyObject *cw_tables__reader(cw_tables *tables)
{
    reader *made = PyObject_New(reader, &cw_tables_type);
    if (made != NULL) {
        made->tables = tables;
        made->is_copy = false;
    }
    return (PyObject *)made;
}
