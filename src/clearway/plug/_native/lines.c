/* Header lines: an immutable, ordered multimap of bytes to bytes.
 *
 * A message has a dozen lines, so a look-up walks over them: that is cheaper than making an index of them first.
 *
 * Invariant: `raw` is a tuple of pairs of bytes, of exactly these types, checked when it comes in. So everything
 * here may read it without looking again, and no reference cycle can go through it: the type needs no collector.
 */
#include "values.h"

#include <stdbool.h>

typedef struct {
    PyObject_HEAD
    PyObject *raw;
} cw_lines;

static inline PyObject *
raw_of(PyObject *self)
{
    return ((cw_lines *)self)->raw;
}

static inline PyObject *
name_at(PyObject *raw, Py_ssize_t i)
{
    return PyTuple_GET_ITEM(PyTuple_GET_ITEM(raw, i), 0);
}

static inline bool
same(PyObject *a, PyObject *b)
{
    return a == b || (PyBytes_GET_SIZE(a) == PyBytes_GET_SIZE(b)
                      && memcmp(PyBytes_AS_STRING(a), PyBytes_AS_STRING(b), PyBytes_GET_SIZE(a)) == 0);
}

/* The place of the first line called `name` at or after `from`, or -1. */
static Py_ssize_t
find(PyObject *raw, PyObject *name, Py_ssize_t from)
{
    for (Py_ssize_t i = from; i < PyTuple_GET_SIZE(raw); i++) {
        if (same(name_at(raw, i), name)) {
            return i;
        }
    }
    return -1;
}

static bool
is_pair(PyObject *line)
{
    return PyTuple_CheckExact(line) && PyTuple_GET_SIZE(line) == 2
           && PyBytes_CheckExact(PyTuple_GET_ITEM(line, 0)) && PyBytes_CheckExact(PyTuple_GET_ITEM(line, 1));
}

static bool
check_name(PyObject *name)
{
    if (PyBytes_CheckExact(name)) {
        return true;
    }
    PyErr_Format(PyExc_TypeError, "a header's name is bytes here, not %R", name);
    return false;
}

/* Lines like `self` over `raw`, whose reference is taken, also on failure; `raw` may be NULL with an error set. */
static PyObject *
like(PyTypeObject *type, PyObject *raw)
{
    if (raw == NULL) {
        return NULL;
    }
    PyObject *made = type->tp_alloc(type, 0);
    if (made == NULL) {
        Py_DECREF(raw);
        return NULL;
    }
    ((cw_lines *)made)->raw = raw;
    return made;
}

static PyObject *
cw_lines_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    PyObject *raw = NULL;
    if (keywords != NULL && PyDict_GET_SIZE(keywords) != 0) {
        PyErr_SetString(PyExc_TypeError, "header lines take no keywords");
        return NULL;
    }
    if (!PyArg_UnpackTuple(args, "Lines", 0, 1, &raw)) {
        return NULL;
    }
    if (raw == NULL) {
        return like(type, PyTuple_New(0));
    }
    bool fits = PyTuple_CheckExact(raw);
    for (Py_ssize_t i = 0; fits && i < PyTuple_GET_SIZE(raw); i++) {
        fits = is_pair(PyTuple_GET_ITEM(raw, i));
    }
    if (!fits) {
        PyErr_Format(PyExc_TypeError, "header lines are a tuple of pairs of bytes, not %R", raw);
        return NULL;
    }
    return like(type, Py_NewRef(raw));
}

static void
cw_lines_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    Py_XDECREF(raw_of(self));
    type->tp_free(self);
    Py_DECREF(type);
}

PyDoc_STRVAR(get_raw_doc, "get_raw($self, name, /)\n--\n\n"
                          "Return the first value of the lower-case `name` as bytes, or None.");

static PyObject *
cw_lines__get_raw(PyObject *self, PyObject *name)
{
    if (!check_name(name)) {
        return NULL;
    }
    Py_ssize_t i = find(raw_of(self), name, 0);
    return Py_NewRef(i < 0 ? Py_None : PyTuple_GET_ITEM(PyTuple_GET_ITEM(raw_of(self), i), 1));
}

PyDoc_STRVAR(is_repeated_doc, "is_repeated($self, name, /)\n--\n\n"
                              "Tell whether the lower-case `name` stands on more than one line.");

static PyObject *
cw_lines__is_repeated(PyObject *self, PyObject *name)
{
    if (!check_name(name)) {
        return NULL;
    }
    Py_ssize_t i = find(raw_of(self), name, 0);
    return PyBool_FromLong(i >= 0 && find(raw_of(self), name, i + 1) >= 0);
}

PyDoc_STRVAR(put_raw_doc, "put_raw($self, name, value, /)\n--\n\n"
                          "Like `put`, for a lower-case name and a value that were checked before.");

static PyObject *
cw_lines__put_raw(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (nargs != 2) {
        PyErr_Format(PyExc_TypeError, "put_raw takes a name and a value, not %zd arguments", nargs);
        return NULL;
    }
    PyObject *line = PyTuple_Pack(2, args[0], args[1]);
    if (line == NULL || !is_pair(line)) {
        if (line != NULL) {
            PyErr_Format(PyExc_TypeError, "a header line is two bytes, not %R", line);
        }
        Py_XDECREF(line);
        return NULL;
    }
    PyObject *raw = raw_of(self);
    Py_ssize_t size = PyTuple_GET_SIZE(raw), place = find(raw, args[0], 0), dropped = 0;
    for (Py_ssize_t i = place; i >= 0; i = find(raw, args[0], i + 1)) {
        dropped++;
    }
    PyObject *made = PyTuple_New(size - dropped + 1);
    if (made == NULL) {
        Py_DECREF(line);
        return NULL;
    }
    Py_ssize_t at = 0;
    for (Py_ssize_t i = 0; i < size; i++) {
        if (i == place) {
            PyTuple_SET_ITEM(made, at++, Py_NewRef(line));
        } else if (dropped < 2 || !same(name_at(raw, i), args[0])) {
            PyTuple_SET_ITEM(made, at++, Py_NewRef(PyTuple_GET_ITEM(raw, i)));
        }
    }
    if (place < 0) {
        PyTuple_SET_ITEM(made, at, Py_NewRef(line));
    }
    Py_DECREF(line);
    return like(Py_TYPE(self), made);
}

/* Whether the line `i` of `theirs` gives way to a line of the same name in `ours`; -1 on an error. */
static int
gives_way(PyObject *theirs, Py_ssize_t i, PyObject *ours, PyObject *together)
{
    PyObject *name = name_at(theirs, i);
    if (find(ours, name, 0) < 0) {
        return 0;
    }
    int stays = PySet_Contains(together, name);
    return stays < 0 ? -1 : !stays;
}

PyDoc_STRVAR(joined_doc, "joined($self, other, together, /)\n--\n\n"
                         "Return these lines and then those of `other`, which replace lines of the same name; "
                         "lines of the names in `together` stay beside each other.");

static PyObject *
cw_lines__joined(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (nargs != 2 || !Py_IS_TYPE(args[0], Py_TYPE(self)) || !PyAnySet_Check(args[1])) {
        PyErr_SetString(PyExc_TypeError, "joined takes header lines and a set of names");
        return NULL;
    }
    PyObject *theirs = raw_of(self), *ours = raw_of(args[0]);
    Py_ssize_t at = 0, more = PyTuple_GET_SIZE(ours);
    if (more == 0) {
        return Py_NewRef(self);
    }
    PyObject *made = PyTuple_New(PyTuple_GET_SIZE(theirs) + more);
    if (made == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(theirs); i++) {
        int left_out = gives_way(theirs, i, ours, args[1]);
        if (left_out < 0) {
            Py_DECREF(made);
            return NULL;
        }
        if (!left_out) {
            PyTuple_SET_ITEM(made, at++, Py_NewRef(PyTuple_GET_ITEM(theirs, i)));
        }
    }
    for (Py_ssize_t i = 0; i < more; i++) {
        PyTuple_SET_ITEM(made, at++, Py_NewRef(PyTuple_GET_ITEM(ours, i)));
    }
    if (at < PyTuple_GET_SIZE(made) && _PyTuple_Resize(&made, at) < 0) {
        return NULL;
    }
    return like(Py_TYPE(self), made);
}

#define FASTCALL(function) (PyCFunction)(void (*)(void))function, METH_FASTCALL

static PyMemberDef members[] = {
    {"raw", T_OBJECT_EX, offsetof(cw_lines, raw), READONLY, "The lines, as pairs of name and value."},
    {NULL},
};

static PyMethodDef methods[] = {
    {"get_raw", cw_lines__get_raw, METH_O, get_raw_doc},
    {"is_repeated", cw_lines__is_repeated, METH_O, is_repeated_doc},
    {"put_raw", FASTCALL(cw_lines__put_raw), put_raw_doc},
    {"joined", FASTCALL(cw_lines__joined), joined_doc},
    {NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "Header lines: an immutable, ordered multimap of bytes to bytes."},
    {Py_tp_new, cw_lines_new},
    {Py_tp_dealloc, cw_lines_dealloc},
    {Py_tp_members, members},
    {Py_tp_methods, methods},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "clearway.plug._values.Lines",
    .basicsize = sizeof(cw_lines),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = slots,
};

PyObject *
cw_lines_type(PyObject *module)
{
    return PyType_FromModuleAndSpec(module, &spec, NULL);
}
