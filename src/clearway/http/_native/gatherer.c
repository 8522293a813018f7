/* Header lines as they come: names in lower case, values without the space behind them, framing kept apart.
 *
 * httptools calls `on_header` for every line of every message. What it gathers is taken with `_take`.
 * Nothing is checked here: what a head may hold is decided in Python, once it is complete.
 */
#include "messages.h"

/* What a connection says about itself, for one hop only (RFC 9110 section 7.6.1), and Expect, which is answered
 * here. These are kept apart from the fields that go on, so that no later pass looks for them. */
static const char *const FRAMING[] = {
    "connection",          "content-length",   "expect", "keep-alive",        "proxy-authenticate",
    "proxy-authorization", "proxy-connection", "te",     "transfer-encoding", "upgrade",
};
static PyObject *framing_names; /* the same as a frozenset */

/* Names that came before, by how they were written: a name is put into lower case, and hashed, the first time only.
 * Peers choose names, so there is a bound, and a full table is emptied. */
static PyObject *known_names;
static PyObject *host_name;
static PyObject *headers_type; /* clearway.plug.headers.Headers */
enum { NAMES_KNOWN = 512, LONGEST_KNOWN = 64 };

static PyObject *
new_framing_names(void)
{
    PyObject *names = PyFrozenSet_New(NULL);
    for (size_t i = 0; names != NULL && i < Py_ARRAY_LENGTH(FRAMING); i++) {
        PyObject *name = PyBytes_FromString(FRAMING[i]);
        if (name == NULL || PySet_Add(names, name) < 0) {
            Py_CLEAR(names);
        }
        Py_XDECREF(name);
    }
    return names;
}

int
cw_gatherer_prepare(PyObject *module)
{
    PyObject *headers = PyImport_ImportModule("clearway.plug.headers");
    if (headers == NULL) {
        return -1;
    }
    headers_type = PyObject_GetAttrString(headers, "Headers");
    Py_DECREF(headers);
    known_names = PyDict_New();
    host_name = PyBytes_FromString("host");
    framing_names = new_framing_names();
    if (!headers_type || !known_names || !host_name || !framing_names
        || PyDict_SetItem(known_names, host_name, host_name) < 0) {
        return -1;
    }
    return PyModule_AddObjectRef(module, "FRAMING", framing_names);
}

static PyObject *
lowered(PyObject *name)
{
    Py_ssize_t size = PyBytes_GET_SIZE(name);
    PyObject *made = PyBytes_FromStringAndSize(NULL, size);
    if (made != NULL) {
        for (Py_ssize_t i = 0; i < size; i++) {
            PyBytes_AS_STRING(made)[i] = (char)Py_TOLOWER(PyBytes_AS_STRING(name)[i]);
        }
    }
    return made;
}

/* The one object that stands for `name` in lower case, or a new one. */
static PyObject *
known(PyObject *name)
{
    PyObject *found = PyDict_GetItemWithError(known_names, name);
    if (found != NULL || PyErr_Occurred()) {
        return Py_XNewRef(found);
    }
    PyObject *made = lowered(name);
    if (made == NULL || PyBytes_GET_SIZE(made) > LONGEST_KNOWN) {
        return made;
    }
    if (PyDict_GET_SIZE(known_names) >= NAMES_KNOWN) {
        PyDict_Clear(known_names);
        if (PyDict_SetItem(known_names, host_name, host_name) < 0) {
            Py_DECREF(made);
            return NULL;
        }
    }
    /* The spelling in lower case stands for all the others. */
    PyObject *same = PyDict_SetDefault(known_names, made, made);
    if (same == NULL || PyDict_SetItem(known_names, name, same) < 0) {
        Py_DECREF(made);
        return NULL;
    }
    Py_INCREF(same);
    Py_DECREF(made);
    return same;
}

static PyObject *
stripped(PyObject *value)
{
    const char *text = PyBytes_AS_STRING(value);
    Py_ssize_t size = PyBytes_GET_SIZE(value);
    while (size > 0 && Py_ISSPACE(text[size - 1])) {
        size--;
    }
    return size == PyBytes_GET_SIZE(value) ? Py_NewRef(value) : PyBytes_FromStringAndSize(text, size);
}

/* Lines of one name are one list (RFC 9110 section 5.3). */
static int
note_framing(cw_gatherer *self, PyObject *name, PyObject *value)
{
    if (self->framing == NULL && (self->framing = PyDict_New()) == NULL) {
        return -1;
    }
    PyObject *before = PyDict_GetItemWithError(self->framing, name);
    if (before == NULL) {
        return PyErr_Occurred() ? -1 : PyDict_SetItem(self->framing, name, value);
    }
    PyObject *joined = Py_NewRef(before);
    PyBytes_ConcatAndDel(&joined, PyBytes_FromString(", "));
    PyBytes_Concat(&joined, value); /* which leaves NULL as it is */
    int status = joined == NULL ? -1 : PyDict_SetItem(self->framing, name, joined);
    Py_XDECREF(joined);
    return status;
}

static int
append_to(PyObject **list, PyObject *item)
{
    if (*list == NULL && (*list = PyList_New(0)) == NULL) {
        return -1;
    }
    return PyList_Append(*list, item);
}

static int
gather(cw_gatherer *self, PyObject *name, PyObject *value)
{
    int is_framing = PySet_Contains(framing_names, name);
    if (is_framing != 0) {
        return is_framing < 0 ? -1 : note_framing(self, name, value);
    }
    if (name == host_name && append_to(&self->hosts, value) < 0) {
        return -1;
    }
    PyObject *line = PyTuple_Pack(2, name, value);
    int status = line == NULL ? -1 : append_to(&self->fields, line);
    Py_XDECREF(line);
    return status;
}

PyDoc_STRVAR(on_header_doc, "on_header($self, name, value, /)\n--\n\nKeep a header line (for httptools).");

PyObject *
cw_gatherer__on_header(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (nargs != 2 || !PyBytes_CheckExact(args[0]) || !PyBytes_CheckExact(args[1])) {
        PyErr_SetString(PyExc_TypeError, "a header line is two bytes");
        return NULL;
    }
    PyObject *name = known(args[0]);
    PyObject *value = name == NULL ? NULL : stripped(args[1]);
    int status = value == NULL ? -1 : gather((cw_gatherer *)self, name, value);
    Py_XDECREF(name);
    Py_XDECREF(value);
    if (status < 0) {
        return NULL;
    }
    ((cw_gatherer *)self)->lines++;
    Py_RETURN_NONE;
}

/* What was gathered but the framing, as `Headers`; nothing is dropped. */
PyObject *
cw_gatherer_headers(cw_gatherer *self)
{
    PyObject *raw = self->fields == NULL ? PyTuple_New(0) : PyList_AsTuple(self->fields);
    PyObject *headers = raw == NULL ? NULL : PyObject_CallOneArg(headers_type, raw);
    Py_XDECREF(raw);
    return headers;
}

static PyObject *
new_list(void)
{
    return PyList_New(0);
}

/* What `slot` holds, whose reference passes on, or something new and empty. */
static PyObject *
taken(PyObject **slot, PyObject *(*make)(void))
{
    PyObject *held = *slot;
    *slot = NULL;
    return held != NULL ? held : make();
}

PyDoc_STRVAR(take_doc, "_take($self, /)\n--\n\n"
                       "Return fields, hosts, framing and the number of lines, and begin anew.");

static PyObject *
cw_gatherer__take(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    cw_gatherer *self = (cw_gatherer *)op;
    Py_ssize_t lines = self->lines;
    self->lines = 0;
    PyObject *fields = taken(&self->fields, new_list), *hosts = taken(&self->hosts, new_list);
    PyObject *framing = taken(&self->framing, PyDict_New);
    return Py_BuildValue("NNNn", fields, hosts, framing, lines); /* "N" takes the references, NULL means failure */
}

int
cw_gatherer_traverse(PyObject *op, visitproc visit, void *arg)
{
    cw_gatherer *self = (cw_gatherer *)op;
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(self->fields);
    Py_VISIT(self->hosts);
    Py_VISIT(self->framing);
    return 0;
}

/* Forget what was gathered, and begin anew. */
void
cw_gatherer_drop(cw_gatherer *self)
{
    Py_CLEAR(self->fields);
    Py_CLEAR(self->hosts);
    Py_CLEAR(self->framing);
    self->lines = 0;
}

int
cw_gatherer_clear(PyObject *self)
{
    cw_gatherer_drop((cw_gatherer *)self);
    return 0;
}

static void
cw_gatherer_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    cw_gatherer_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMemberDef members[] = {
    {"_lines", T_PYSSIZET, offsetof(cw_gatherer, lines), READONLY, "Header lines gathered since the last _take."},
    {NULL},
};

static PyMethodDef methods[] = {
    {"on_header", FASTCALL(cw_gatherer__on_header), on_header_doc},
    {"_take", cw_gatherer__take, METH_NOARGS, take_doc},
    {NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "Gathers the header lines that httptools finds."},
    {Py_tp_traverse, cw_gatherer_traverse},
    {Py_tp_clear, cw_gatherer_clear},
    {Py_tp_dealloc, cw_gatherer_dealloc},
    {Py_tp_members, members},
    {Py_tp_methods, methods},
    {0, NULL},
};

PyType_Spec cw_gatherer_spec = {
    .name = "clearway.http._messages.Gatherer",
    .basicsize = sizeof(cw_gatherer),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = slots,
};
