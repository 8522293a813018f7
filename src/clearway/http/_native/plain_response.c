/* The plain head of a response, which most have.
 *
 * It is a final one in HTTP/1.1 to a request that was not HEAD, its body has a length or is chunked, and its connection
 * stays. Every other head, those that are refused among them, is read in Python; tests/property/test_plain_heads.py
 * holds the two to each other.
 */
#include "response.h"

static PyStructSequence_Field head_fields[] = {
    {"status", NULL},
    {"headers", "The end-to-end fields; Content-Length only where it describes a body that is not sent."},
    {"length", "Bytes of the body; None if they are not known beforehand."},
    {"until_close", "Only the end of the connection ends the body."},
    {"keep_alive", "The connection can take another request."},
    {NULL},
};
static PyStructSequence_Desc head_description = {
    "clearway.http._messages.ResponseHead", "A response head.", head_fields, 5};

/* Made once and kept for good. */
static PyTypeObject *head_type;
static PyObject *content_length, *transfer_encoding, *connection;
static PyObject *get_status_code, *get_http_version;

static bool
says(PyObject *value, const char *word)
{
    return PyOS_stricmp(PyBytes_AS_STRING(value), word) == 0 && PyBytes_GET_SIZE(value) == (Py_ssize_t)strlen(word);
}

/* The length of the body that `framing` announces, None if it is chunked; NULL without an error if neither is plain. */
static PyObject *
plain_length(PyObject *framing)
{
    PyObject *digits = PyDict_GetItemWithError(framing, content_length);
    PyObject *coding = PyDict_GetItemWithError(framing, transfer_encoding);
    PyObject *options = PyDict_GetItemWithError(framing, connection);
    if ((digits == NULL) == (coding == NULL) || PyDict_GET_SIZE(framing) != 1 + (options != NULL)
        || (options != NULL && !says(options, "keep-alive"))) {
        return NULL;
    }
    if (digits != NULL) {
        return PyLong_FromString(PyBytes_AS_STRING(digits), NULL, 10); /* llhttp has seen to it that they are digits */
    }
    return says(coding, "chunked") ? Py_NewRef(Py_None) : NULL;
}

static PyObject *
plain_status(cw_response *self)
{
    PyObject *version = PyObject_CallMethodNoArgs(self->parser, get_http_version);
    bool newest = version != NULL && PyUnicode_CompareWithASCIIString(version, "1.1") == 0;
    Py_XDECREF(version);
    PyObject *status = newest ? PyObject_CallMethodNoArgs(self->parser, get_status_code) : NULL;
    long number = status == NULL ? 0 : PyLong_AsLong(status);
    if (number < 200 || number > 599 || number == 204 || number == 304) {
        Py_CLEAR(status);
    }
    return status;
}

/* The head as a ResponseHead; NULL without an error if it is not plain. */
PyObject *
cw_plain_response_head(cw_response *self)
{
    if (!self->expects_body || self->base.framing == NULL || self->parser == NULL
        || self->base.lines > self->most_lines || self->overhead > self->most_bytes) {
        return NULL;
    }
    PyObject *length = plain_length(self->base.framing);
    PyObject *status = length == NULL ? NULL : plain_status(self);
    PyObject *headers = status == NULL ? NULL : cw_gatherer_headers(&self->base);
    PyObject *head = headers == NULL ? NULL : PyStructSequence_New(head_type);
    if (head == NULL) {
        Py_XDECREF(length);
        Py_XDECREF(status);
        Py_XDECREF(headers);
        return NULL;
    }
    PyStructSequence_SetItem(head, 0, status);
    PyStructSequence_SetItem(head, 1, headers);
    PyStructSequence_SetItem(head, 2, length);
    PyStructSequence_SetItem(head, 3, Py_NewRef(Py_False));
    PyStructSequence_SetItem(head, 4, Py_NewRef(Py_True));
    return head;
}

int
cw_plain_response_prepare(PyObject *module)
{
    head_type = PyStructSequence_NewType(&head_description);
    content_length = PyBytes_FromString("content-length");
    transfer_encoding = PyBytes_FromString("transfer-encoding");
    connection = PyBytes_FromString("connection");
    get_status_code = PyUnicode_InternFromString("get_status_code");
    get_http_version = PyUnicode_InternFromString("get_http_version");
    if (!head_type || !content_length || !transfer_encoding || !connection || !get_status_code || !get_http_version) {
        return -1;
    }
    return PyModule_AddObjectRef(module, "ResponseHead", (PyObject *)head_type);
}
