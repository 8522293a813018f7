/* The immutable values that plugs hand on to each other. */
#ifndef CW_VALUES_H
#define CW_VALUES_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>

/* Each returns a new type, or NULL with an error set. */
PyObject *cw_fields_type(PyObject *module);
PyObject *cw_lines_type(PyObject *module);

extern const char cw_split_plain_doc[];
PyObject *cw_split_plain(PyObject *module, PyObject *text);

#endif
