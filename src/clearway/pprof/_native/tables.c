/* The readers take the lock with all signals blocked: a handler on the same thread may want it too. They copy
 * under the lock and make Python objects outside of it, because Python's allocator may want it as well. */
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
} reader;

static void enter(cw_tables *tables, sigset_t *before)
{
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, before);
    cw_lock__take(&tables->lock);
}

static void leave(cw_tables *tables, const sigset_t *before)
{
    cw_lock__release(&tables->lock);
    pthread_sigmask(SIG_SETMASK, before, NULL);
}

static PyObject *unknown(const char *what)
{
    PyErr_Format(PyExc_KeyError, "no such %s", what);
    return NULL;
}

static PyObject *reader_stack(reader *self, PyObject *number)
{
    unsigned long id = PyLong_AsUnsignedLong(number);
    if (id == (unsigned long)-1 && PyErr_Occurred())
        return NULL;
    uint32_t copy[CW_DEPTH];
    sigset_t before;
    enter(self->tables, &before);
    cw_stacks *stacks = &self->tables->stacks;
    const cw_stack *stack = (const cw_stack *)stacks->stacks.base + id;
    bool known = id < stacks->stacks.used / sizeof *stack;
    uint32_t depth = known ? stack->depth : 0;
    if (known)
        memcpy(copy, (const uint32_t *)stacks->locations.base + stack->at, depth * sizeof(uint32_t));
    leave(self->tables, &before);
    if (!known)
        return unknown("stack");
    PyObject *locations = PyTuple_New(depth);
    for (uint32_t at = 0; locations && at < depth; at++) {
        PyObject *location = PyLong_FromUnsignedLong(copy[at]);
        if (location == NULL)
            Py_CLEAR(locations);
        else
            PyTuple_SET_ITEM(locations, at, location);
    }
    return locations;
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
    enter(self->tables, &before);
    cw_symbols *symbols = &self->tables->symbols;
    bool known = id < symbols->locations.used / sizeof location;
    if (known) {
        location = ((const cw_location *)symbols->locations.base)[id];
        function = ((const cw_function *)symbols->functions.base)[location.function];
        const char *text = symbols->text.base + function.text;
        memcpy(name, text, function.name_size);
        memcpy(file, text + function.name_size + 1, function.file_size);
    }
    leave(self->tables, &before);
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

static PyObject *reader_labels(reader *self, PyObject *number)
{
    unsigned long id = PyLong_AsUnsignedLong(number);
    if (id == (unsigned long)-1 && PyErr_Occurred())
        return NULL;
    sigset_t before;
    enter(self->tables, &before);
    cw_label_sets *sets = &self->tables->labels;
    const cw_label_set *set = (const cw_label_set *)sets->sets.base + id;
    bool known = id < sets->sets.used / sizeof *set;
    uint32_t size = known ? set->size : 0;
    char *copy = malloc(size + 1);
    if (copy && known)
        memcpy(copy, sets->text.base + set->at, size);
    leave(self->tables, &before);
    PyObject *list = NULL;
    if (copy == NULL)
        PyErr_NoMemory();
    else
        list = known ? texts(copy, copy + size) : unknown("set of labels");
    free(copy);
    return list;
}

static PyObject *reader_statistics(reader *self, PyObject *Py_UNUSED(ignored))
{
    sigset_t before;
    enter(self->tables, &before);
    const cw_tables tables = {.symbols = {.functions = self->tables->symbols.functions,
                                          .locations = self->tables->symbols.locations,
                                          .text = self->tables->symbols.text},
                              .stacks = self->tables->stacks,
                              .labels = self->tables->labels};
    leave(self->tables, &before);
    size_t bytes = tables.symbols.text.room + tables.symbols.functions.room + tables.symbols.locations.room +
                   tables.stacks.locations.room + tables.stacks.stacks.room + tables.labels.text.room;
    return Py_BuildValue("{s:n,s:n,s:n,s:n,s:n,s:K}", "functions",
                         (Py_ssize_t)(tables.symbols.functions.used / sizeof(cw_function)), "locations",
                         (Py_ssize_t)(tables.symbols.locations.used / sizeof(cw_location)), "stacks",
                         (Py_ssize_t)(tables.stacks.stacks.used / sizeof(cw_stack)), "label_sets",
                         (Py_ssize_t)(tables.labels.sets.used / sizeof(cw_label_set)), "bytes", (Py_ssize_t)bytes,
                         "labels_overflowed", (unsigned long long)tables.labels.overflowed);
}

static PyMethodDef reader_methods[] = {
    {"stack", (PyCFunction)reader_stack, METH_O, "Return the numbers of a stack's locations, leaf first."},
    {"location", (PyCFunction)reader_location, METH_O, "Return function, file, line and the function's first line."},
    {"labels", (PyCFunction)reader_labels, METH_O, "Return keys and values in turn."},
    {"statistics", (PyCFunction)reader_statistics, METH_NOARGS, "Return what the tables hold."},
    {NULL},
};

PyTypeObject cw_tables_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "clearway.pprof._sampler.Tables",
    .tp_doc = "What samples refer to by number.",
    .tp_basicsize = sizeof(reader),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_methods = reader_methods,
};

PyObject *cw_tables__reader(cw_tables *tables)
{
    reader *made = PyObject_New(reader, &cw_tables_type);
    if (made != NULL)
        made->tables = tables;
    return (PyObject *)made;
}
