/* Messages on the wire: what httptools' callbacks gather of them, and how header lines are written. */
#ifndef CW_MESSAGES_H
#define CW_MESSAGES_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>
#include <structmember.h>

typedef struct {
    PyObject_HEAD
    PyObject *fields;     /* list of pairs of name and value: what is not framing */
    PyObject *hosts;      /* list of the values of Host; NULL while there are none */
    PyObject *framing;    /* dict from name to value; NULL while there is nothing in it */
    Py_ssize_t lines;     /* header lines gathered, each one counted */
} cw_gatherer;

#define FASTCALL(function) (PyCFunction)(void (*)(void))function, METH_FASTCALL

extern PyType_Spec cw_gatherer_spec, cw_request_gatherer_spec, cw_response_gatherer_spec;

PyObject *cw_gatherer__on_header(PyObject *self, PyObject *const *args, Py_ssize_t nargs);
int cw_gatherer_traverse(PyObject *self, visitproc visit, void *arg);
int cw_gatherer_clear(PyObject *self);
PyObject *cw_gatherer_headers(cw_gatherer *self);
void cw_gatherer_drop(cw_gatherer *self);
int cw_gatherer_prepare(PyObject *module);
int cw_request_prepare(void);
int cw_plain_request_prepare(PyObject *module);
int cw_response_prepare(void);
int cw_plain_response_prepare(PyObject *module);

extern const char cw_write_lines_doc[];
PyObject *cw_write_lines(PyObject *module, PyObject *const *args, Py_ssize_t nargs);

#endif
