/* The fields of a Conn, and how it is copied.
 *
 * Every verb of Conn returns a copy in which a field or two differ. In Python the copy is 25 loads and 25 stores;
 * here it is a loop over pointers.
 *
 * Invariant: a field that is set never changes. Members are read-only, and `_with` writes only into an object that
 * nobody else has seen. A field may hold anything, the exchange that holds the conn too: hence traverse and clear.
 */
#include "values.h"

#define EACH_FIELD(X)                                                                                        \
    X(adapter) X(after_send) X(assigns) X(before_send) X(body) X(halted) X(headers) X(host) X(http_version)  \
    X(method) X(params) X(path) X(peer) X(principal) X(private) X(query_string) X(request_id) X(resp_body)   \
    X(resp_headers) X(route) X(scheme) X(script_name) X(started) X(state) X(status)

#define NUMBER_OF(name) FIELD_##name,
enum { EACH_FIELD(NUMBER_OF) FIELDS };

typedef struct {
    PyObject_HEAD
    PyObject *field[FIELDS];
} cw_fields;

static PyObject *names[FIELDS];  /* interned, so that a keyword is found by its address; kept for good */

static Py_ssize_t
number_of(PyObject *name)
{
    for (Py_ssize_t i = 0; i < FIELDS; i++) {
        if (names[i] == name) {
            return i;
        }
    }
    for (Py_ssize_t i = 0; i < FIELDS; i++) {
        if (PyUnicode_Compare(names[i], name) == 0) {
            return i;
        }
    }
    PyErr_Format(PyExc_TypeError, "a Conn has no field %R", name);
    return -1;
}

PyDoc_STRVAR(with_doc, "_with($self, /, **changes)\n--\n\nReturn a copy with other values in the fields named.");

static PyObject *
cw_fields__with(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *keywords)
{
    if (nargs != 0) {
        PyErr_SetString(PyExc_TypeError, "_with takes keywords alone");
        return NULL;
    }
    cw_fields *copy = (cw_fields *)Py_TYPE(self)->tp_alloc(Py_TYPE(self), 0);
    if (copy == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < FIELDS; i++) {
        copy->field[i] = Py_XNewRef(((cw_fields *)self)->field[i]);
    }
    Py_ssize_t changes = keywords == NULL ? 0 : PyTuple_GET_SIZE(keywords);
    for (Py_ssize_t k = 0; k < changes; k++) {
        Py_ssize_t i = number_of(PyTuple_GET_ITEM(keywords, k));
        if (i < 0) {
            Py_DECREF(copy);
            return NULL;
        }
        Py_XSETREF(copy->field[i], Py_NewRef(args[k]));
    }
    return (PyObject *)copy;
}

static int
cw_fields_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    for (Py_ssize_t i = 0; i < FIELDS; i++) {
        Py_VISIT(((cw_fields *)self)->field[i]);
    }
    return 0;
}

static int
cw_fields_clear(PyObject *self)
{
    for (Py_ssize_t i = 0; i < FIELDS; i++) {
        Py_CLEAR(((cw_fields *)self)->field[i]);
    }
    return 0;
}

static void
cw_fields_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    cw_fields_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

#define MEMBER(name) {#name, T_OBJECT_EX, offsetof(cw_fields, field[FIELD_##name]), READONLY, NULL},
static PyMemberDef members[] = {EACH_FIELD(MEMBER) {NULL}};

static PyMethodDef methods[] = {
    {"_with", (PyCFunction)(void (*)(void))cw_fields__with, METH_FASTCALL | METH_KEYWORDS, with_doc},
    {NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "The fields of a Conn."},
    {Py_tp_traverse, cw_fields_traverse},
    {Py_tp_clear, cw_fields_clear},
    {Py_tp_dealloc, cw_fields_dealloc},
    {Py_tp_members, members},
    {Py_tp_methods, methods},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "clearway.plug._values.Fields",
    .basicsize = sizeof(cw_fields),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = slots,
};

PyObject *
cw_fields_type(PyObject *module)
{
#define INTERN(name) ((names[FIELD_##name] = PyUnicode_InternFromString(#name)) == NULL) ||
    if (EACH_FIELD(INTERN) 0) {
        return NULL;
    }
    return PyType_FromModuleAndSpec(module, &spec, NULL);
}
