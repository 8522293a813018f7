/* Paths that have one spelling: nothing in them is escaped, and nothing could be read in two ways. */
#include "values.h"

#include <stdbool.h>

/* Printable ASCII but for the space, "#", "%" and the backslash. */
static bool
is_plain(Py_UCS1 character)
{
    return character > ' ' && character < 0x7f && character != '#' && character != '%' && character != '\\';
}

/* The number of segments of a plain path, the empty ones left out; -1 if the path is not plain. */
static Py_ssize_t
count_segments(const Py_UCS1 *path, Py_ssize_t size)
{
    Py_ssize_t segments = 0;
    if (size == 0 || path[0] != '/') {
        return -1;
    }
    for (Py_ssize_t i = 0; i < size; i++) {
        bool begins = path[i] != '/' && path[i - 1] == '/'; /* the first character is a slash */
        if (!is_plain(path[i]) || (begins && path[i] == '.')) {
            return -1;
        }
        segments += begins;
    }
    return segments;
}

const char cw_split_plain_doc[] = PyDoc_STR("split_plain(path, /)\n--\n\n"
                                            "Return the segments of a path that is plain, and None of any other.");

PyObject *
cw_split_plain(PyObject *Py_UNUSED(module), PyObject *text)
{
    if (!PyUnicode_Check(text)) {
        PyErr_Format(PyExc_TypeError, "a path is text, not %R", text);
        return NULL;
    }
    Py_ssize_t size = PyUnicode_GET_LENGTH(text);
    const Py_UCS1 *path = PyUnicode_IS_ASCII(text) ? PyUnicode_1BYTE_DATA(text) : NULL;
    Py_ssize_t segments = path == NULL ? -1 : count_segments(path, size);
    if (segments < 0) {
        Py_RETURN_NONE;
    }
    PyObject *made = PyTuple_New(segments);
    for (Py_ssize_t at = 0, i = 0; made != NULL && at < segments; at++) {
        while (path[i] == '/') {
            i++;
        }
        Py_ssize_t begin = i;
        while (i < size && path[i] != '/') {
            i++;
        }
        PyObject *segment = PyUnicode_FromStringAndSize((const char *)path + begin, i - begin);
        if (segment == NULL) {
            Py_CLEAR(made);
        } else {
            PyTuple_SET_ITEM(made, at, segment);
        }
    }
    return made;
}
