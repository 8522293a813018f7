/* Header lines as they are written on the wire. */
#include "messages.h"

/* A line as it came from `Headers`, which holds nothing but pairs of bytes; anybody else's is looked at. */
static bool
is_line(PyObject *line)
{
    return PyTuple_CheckExact(line) && PyTuple_GET_SIZE(line) == 2
           && PyBytes_CheckExact(PyTuple_GET_ITEM(line, 0)) && PyBytes_CheckExact(PyTuple_GET_ITEM(line, 1));
}

/* The bytes that all lines of `raw` take; -1 with an error if one is no line. */
static Py_ssize_t
size_of(PyObject *raw)
{
    Py_ssize_t size = 0;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(raw); i++) {
        PyObject *line = PyTuple_GET_ITEM(raw, i);
        if (!is_line(line)) {
            PyErr_Format(PyExc_TypeError, "a header line is two bytes, not %R", line);
            return -1;
        }
        size += PyBytes_GET_SIZE(PyTuple_GET_ITEM(line, 0)) + PyBytes_GET_SIZE(PyTuple_GET_ITEM(line, 1)) + 4;
    }
    return size;
}

static char *
write_bytes(char *at, const char *text, Py_ssize_t size)
{
    memcpy(at, text, size);
    return at + size;
}

static char *
write_line(char *at, PyObject *line)
{
    PyObject *name = PyTuple_GET_ITEM(line, 0), *value = PyTuple_GET_ITEM(line, 1);
    at = write_bytes(at, PyBytes_AS_STRING(name), PyBytes_GET_SIZE(name));
    at = write_bytes(at, ": ", 2);
    at = write_bytes(at, PyBytes_AS_STRING(value), PyBytes_GET_SIZE(value));
    return write_bytes(at, "\r\n", 2);
}

/* Write the lines of `raw` at `at`, but append those whose name is in `apart` to the list `left`; NULL on an error. */
static char *
write_all(char *at, PyObject *raw, PyObject *apart, PyObject *left)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(raw); i++) {
        PyObject *line = PyTuple_GET_ITEM(raw, i);
        int is_apart = PySet_Contains(apart, PyTuple_GET_ITEM(line, 0));
        if (is_apart < 0 || (is_apart && PyList_Append(left, line) < 0)) {
            return NULL;
        }
        at = is_apart ? at : write_line(at, line);
    }
    return at;
}

const char cw_write_lines_doc[] = PyDoc_STR("write_lines(raw, apart, /)\n--\n\n"
                              "Return the lines of `raw` as bytes on the wire, and a list of those whose name is in "
                              "`apart`, which are not written.");

PyObject *
cw_write_lines(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (nargs != 2 || !PyTuple_CheckExact(args[0]) || !PyAnySet_Check(args[1])) {
        PyErr_SetString(PyExc_TypeError, "write_lines takes a tuple of lines and a set of names");
        return NULL;
    }
    Py_ssize_t size = size_of(args[0]);
    PyObject *left = size < 0 ? NULL : PyList_New(0);
    PyObject *written = left == NULL ? NULL : PyBytes_FromStringAndSize(NULL, size);
    if (written == NULL) {
        Py_XDECREF(left);
        return NULL;
    }
    char *end = write_all(PyBytes_AS_STRING(written), args[0], args[1], left);
    if (end == NULL) {
        Py_DECREF(written);
        Py_DECREF(left);
        return NULL;
    }
    if (end - PyBytes_AS_STRING(written) < size) {
        _PyBytes_Resize(&written, end - PyBytes_AS_STRING(written)); /* leaves NULL when it fails */
    }
    return Py_BuildValue("NN", written, left); /* "N" takes the references, and NULL means failure */
}
