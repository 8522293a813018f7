/* The callbacks for a response: its head, the pieces of its body, and how far it is.
 *
 * `_read_head`, in Python, sees to heads that are not plain.
 */
#include "response.h"

enum { CHUNK_LINES = 20 }; /* a chunk's own lines have up to 20 bytes */

/* The name of what is called in Python; made once and kept for good. */
static PyObject *read_head;

PyDoc_STRVAR(on_headers_complete_doc, "on_headers_complete($self, /)\n--\n\nRead the head (for httptools).");

static PyObject *
cw_response__on_headers_complete(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    cw_response *self = (cw_response *)op;
    if (self->whole) {
        Py_RETURN_NONE;
    }
    PyObject *head = cw_plain_response_head(self);
    if (head == NULL) {
        return PyErr_Occurred() ? NULL : PyObject_CallMethodNoArgs(op, read_head);
    }
    cw_gatherer_drop(&self->base);
    Py_XSETREF(self->head, head);
    Py_RETURN_NONE;
}

PyDoc_STRVAR(on_header_doc, "on_header($self, name, value, /)\n--\n\nKeep a header line (for httptools).");

static PyObject *
cw_response__on_header(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    if (((cw_response *)op)->complete) {
        Py_RETURN_NONE; /* it is of an answer that nobody asked for */
    }
    return cw_gatherer__on_header(op, args, nargs);
}

PyDoc_STRVAR(on_message_begin_doc, "on_message_begin($self, /)\n--\n\nNote what nobody asked for (for httptools).");

static PyObject *
cw_response__on_message_begin(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    cw_response *self = (cw_response *)op;
    self->whole |= self->complete;
    Py_RETURN_NONE;
}

PyDoc_STRVAR(on_body_doc, "on_body($self, piece, /)\n--\n\nKeep a piece of the body (for httptools).");

static PyObject *
cw_response__on_body(PyObject *op, PyObject *piece)
{
    cw_response *self = (cw_response *)op;
    if (!PyBytes_CheckExact(piece)) {
        PyErr_SetString(PyExc_TypeError, "a piece of a body is bytes");
        return NULL;
    }
    if (self->complete) {
        self->whole = 1;
        Py_RETURN_NONE;
    }
    if (self->pieces == NULL && (self->pieces = PyList_New(0)) == NULL) {
        return NULL;
    }
    if (PyList_Append(self->pieces, piece) < 0) {
        return NULL;
    }
    self->overhead -= (1 + CHUNK_LINES) * PyBytes_GET_SIZE(piece);
    Py_RETURN_NONE;
}

PyDoc_STRVAR(on_message_complete_doc,
             "on_message_complete($self, /)\n--\n\nNote the end of the final response (for httptools).");

static PyObject *
cw_response__on_message_complete(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    cw_response *self = (cw_response *)op;
    if (self->head != NULL && self->head != Py_None) {
        self->complete = 1;
    }
    Py_RETURN_NONE;
}

PyDoc_STRVAR(received_doc, "_received($self, size, /)\n--\n\n"
                           "Note that `size` bytes came, of which it is to be seen what is body.");

static PyObject *
cw_response__received(PyObject *op, PyObject *size)
{
    cw_response *self = (cw_response *)op;
    Py_ssize_t came = PyLong_AsSsize_t(size);
    if (came == -1 && PyErr_Occurred()) {
        return NULL;
    }
    self->seen = 1;
    self->overhead += came;
    Py_RETURN_NONE;
}

PyDoc_STRVAR(take_whole_doc, "_take_whole($self, /)\n--\n\n"
                             "Return the body of a response that is complete and has no trailers; None of any other.");

static PyObject *
cw_response__take_whole(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    cw_response *self = (cw_response *)op;
    if (!self->complete || self->base.lines != 0) {
        Py_RETURN_NONE;
    }
    PyObject *pieces = self->pieces, *body;
    self->pieces = NULL;
    if (pieces != NULL && PyList_GET_SIZE(pieces) == 1) {
        body = Py_NewRef(PyList_GET_ITEM(pieces, 0));
    } else {
        body = PyBytes_FromStringAndSize(NULL, 0);
        for (Py_ssize_t i = 0; pieces != NULL && body != NULL && i < PyList_GET_SIZE(pieces); i++) {
            PyBytes_Concat(&body, PyList_GET_ITEM(pieces, i));
        }
    }
    Py_XDECREF(pieces);
    return body;
}

PyDoc_STRVAR(forget_doc, "_forget($self, /)\n--\n\nBe ready for the next response.");

static PyObject *
cw_response__forget(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    cw_response *self = (cw_response *)op;
    cw_gatherer_drop(&self->base);
    Py_CLEAR(self->head);
    Py_CLEAR(self->pieces);
    self->overhead = self->interim = 0;
    self->seen = self->complete = self->whole = 0;
    Py_RETURN_NONE;
}

PyDoc_STRVAR(take_pieces_doc, "_take_pieces($self, /)\n--\n\nReturn the pieces of the body that came.");

static PyObject *
cw_response__take_pieces(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    cw_response *self = (cw_response *)op;
    PyObject *pieces = self->pieces;
    self->pieces = NULL;
    return pieces != NULL ? pieces : PyList_New(0);
}

static int
cw_response_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((cw_response *)self)->parser);
    Py_VISIT(((cw_response *)self)->head);
    Py_VISIT(((cw_response *)self)->pieces);
    return cw_gatherer_traverse(self, visit, arg);
}

static int
cw_response_clear(PyObject *self)
{
    Py_CLEAR(((cw_response *)self)->parser);
    Py_CLEAR(((cw_response *)self)->head);
    Py_CLEAR(((cw_response *)self)->pieces);
    return cw_gatherer_clear(self);
}

static void
cw_response_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    cw_response_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMemberDef members[] = {
    {"_parser", T_OBJECT_EX, offsetof(cw_response, parser), 0, "The parser that calls back."},
    {"_most_bytes", T_PYSSIZET, offsetof(cw_response, most_bytes), 0, "The limit of a head."},
    {"_most_lines", T_PYSSIZET, offsetof(cw_response, most_lines), 0, "The limit of its lines."},
    {"_expects_body", T_BOOL, offsetof(cw_response, expects_body), 0, "The request was not HEAD."},
    {"_head", T_OBJECT, offsetof(cw_response, head), 0, "The final response's head, or None."},
    {"_overhead", T_PYSSIZET, offsetof(cw_response, overhead), 0, "Bytes that were not the body."},
    {"_interim", T_PYSSIZET, offsetof(cw_response, interim), 0, "Bytes of interim responses."},
    {"_seen", T_BOOL, offsetof(cw_response, seen), 0, "A byte of the response came."},
    {"_complete", T_BOOL, offsetof(cw_response, complete), 0, "The response is complete."},
    {"_whole", T_BOOL, offsetof(cw_response, whole), 0, "More than one response came."},
    {NULL},
};

static PyMethodDef methods[] = {
    {"on_header", FASTCALL(cw_response__on_header), on_header_doc},
    {"on_headers_complete", cw_response__on_headers_complete, METH_NOARGS, on_headers_complete_doc},
    {"on_message_begin", cw_response__on_message_begin, METH_NOARGS, on_message_begin_doc},
    {"on_body", cw_response__on_body, METH_O, on_body_doc},
    {"on_message_complete", cw_response__on_message_complete, METH_NOARGS, on_message_complete_doc},
    {"_received", cw_response__received, METH_O, received_doc},
    {"_take_whole", cw_response__take_whole, METH_NOARGS, take_whole_doc},
    {"_forget", cw_response__forget, METH_NOARGS, forget_doc},
    {"_take_pieces", cw_response__take_pieces, METH_NOARGS, take_pieces_doc},
    {NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "Gathers responses."},
    {Py_tp_traverse, cw_response_traverse},
    {Py_tp_clear, cw_response_clear},
    {Py_tp_dealloc, cw_response_dealloc},
    {Py_tp_members, members},
    {Py_tp_methods, methods},
    {0, NULL},
};

PyType_Spec cw_response_gatherer_spec = {
    .name = "clearway.http._messages.ResponseGatherer",
    .basicsize = sizeof(cw_response),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = slots,
};

int
cw_response_prepare(void)
{
    read_head = PyUnicode_InternFromString("_read_head");
    return read_head != NULL ? 0 : -1;
}
