/* The callbacks for a request: its target, its head and its end.
 *
 * A plain head goes to the receiver from here; `_read_head` and `_end_message`, in Python, see to all others.
 */
#include "request.h"

/* Names of what is called in Python; made once and kept for good. */
static PyObject *read_head, *end_message, *request_began, *zero;

PyDoc_STRVAR(on_url_doc, "on_url($self, piece, /)\n--\n\nKeep a piece of the target (for httptools).");

static PyObject *
cw_request__on_url(PyObject *op, PyObject *piece)
{
    cw_request *self = (cw_request *)op;
    if (!PyBytes_CheckExact(piece)) {
        PyErr_SetString(PyExc_TypeError, "a target is bytes");
        return NULL;
    }
    if (self->in_head && self->target != NULL && PyBytes_CheckExact(self->target)) {
        PyBytes_Concat(&self->target, piece); /* leaves NULL when it fails */
        if (self->target == NULL) {
            return NULL;
        }
    } else {
        self->began |= !self->in_head;
        self->in_head = 1;
        Py_XSETREF(self->target, Py_NewRef(piece));
    }
    Py_RETURN_NONE;
}

PyDoc_STRVAR(on_headers_complete_doc, "on_headers_complete($self, /)\n--\n\nRead the head (for httptools).");

static PyObject *
cw_request__on_headers_complete(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    cw_request *self = (cw_request *)op;
    if (self->muted) {
        Py_RETURN_NONE;
    }
    PyObject *conn = cw_plain_request(self);
    self->plain = conn != NULL;
    if (conn == NULL) {
        return PyErr_Occurred() ? NULL : PyObject_CallMethodNoArgs(op, read_head);
    }
    cw_gatherer_drop(&self->base);
    self->fed = self->in_head = 0;
    self->in_body = 1;
    PyObject *args[] = {self->receiver, conn, zero, Py_True, Py_False};
    PyObject *result = PyObject_VectorcallMethod(request_began, args, 5, NULL);
    Py_DECREF(conn);
    return result;
}

PyDoc_STRVAR(on_message_complete_doc, "on_message_complete($self, /)\n--\n\nEnd the request (for httptools).");

static PyObject *
cw_request__on_message_complete(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    cw_request *self = (cw_request *)op;
    if (!self->plain) {
        return PyObject_CallMethodNoArgs(op, end_message);
    }
    self->in_body = 0;
    self->ended = 1;
    Py_RETURN_NONE;
}

PyDoc_STRVAR(begin_read_doc, "_begin_read($self, size, /)\n--\n\nNote that `size` bytes are read next.");

static PyObject *
cw_request__begin_read(PyObject *op, PyObject *size)
{
    cw_request *self = (cw_request *)op;
    self->read = PyLong_AsSsize_t(size);
    self->began = self->ended = 0;
    if (self->read == -1 && PyErr_Occurred()) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static int
cw_request_traverse(PyObject *op, visitproc visit, void *arg)
{
    cw_request *self = (cw_request *)op;
    Py_VISIT(self->parser);
    Py_VISIT(self->receiver);
    Py_VISIT(self->blank);
    Py_VISIT(self->target);
    return cw_gatherer_traverse(op, visit, arg);
}

static int
cw_request_clear(PyObject *op)
{
    cw_request *self = (cw_request *)op;
    Py_CLEAR(self->parser);
    Py_CLEAR(self->receiver);
    Py_CLEAR(self->blank);
    Py_CLEAR(self->target);
    return cw_gatherer_clear(op);
}

static void
cw_request_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    cw_request_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

#define FIELD(name, type) {"_" #name, type, offsetof(cw_request, name), 0, NULL}
static PyMemberDef members[] = {
    FIELD(parser, T_OBJECT_EX),
    FIELD(receiver, T_OBJECT_EX),
    FIELD(blank, T_OBJECT_EX),
    FIELD(target, T_OBJECT),
    FIELD(most_bytes, T_PYSSIZET),
    FIELD(most_target_bytes, T_PYSSIZET),
    FIELD(most_lines, T_PYSSIZET),
    FIELD(fed, T_PYSSIZET),
    FIELD(read, T_PYSSIZET),
    FIELD(began, T_BOOL),
    FIELD(ended, T_BOOL),
    FIELD(muted, T_BOOL),
    {"in_head", T_BOOL, offsetof(cw_request, in_head), 0, NULL},
    {"in_body", T_BOOL, offsetof(cw_request, in_body), 0, NULL},
    {NULL},
};

static PyMethodDef methods[] = {
    {"_begin_read", cw_request__begin_read, METH_O, begin_read_doc},
    {"on_url", cw_request__on_url, METH_O, on_url_doc},
    {"on_headers_complete", cw_request__on_headers_complete, METH_NOARGS, on_headers_complete_doc},
    {"on_message_complete", cw_request__on_message_complete, METH_NOARGS, on_message_complete_doc},
    {NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "Gathers requests, and reads plain heads."},
    {Py_tp_traverse, cw_request_traverse},
    {Py_tp_clear, cw_request_clear},
    {Py_tp_dealloc, cw_request_dealloc},
    {Py_tp_members, members},
    {Py_tp_methods, methods},
    {0, NULL},
};

PyType_Spec cw_request_gatherer_spec = {
    .name = "clearway.http._messages.RequestGatherer",
    .basicsize = sizeof(cw_request),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = slots,
};

int
cw_request_prepare(void)
{
    read_head = PyUnicode_InternFromString("_read_head");
    end_message = PyUnicode_InternFromString("_end_message");
    request_began = PyUnicode_InternFromString("request_began");
    zero = PyLong_FromLong(0);
    return read_head && end_message && request_began && zero ? 0 : -1;
}
