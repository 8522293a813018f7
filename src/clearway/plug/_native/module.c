/* The module `clearway.plug._values`. */
#include "values.h"

static int
add_type(PyObject *module, PyObject *type)
{
    int status = type == NULL ? -1 : PyModule_AddType(module, (PyTypeObject *)type);
    Py_XDECREF(type);
    return status;
}

static int
exec_module(PyObject *module)
{
    return add_type(module, cw_fields_type(module)) < 0 || add_type(module, cw_lines_type(module)) < 0 ? -1 : 0;
}

static PyMethodDef functions[] = {
    {"split_plain", cw_split_plain, METH_O, cw_split_plain_doc},
    {NULL},
};

static PyModuleDef_Slot slots[] = {{Py_mod_exec, exec_module}, {0, NULL}};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_values",
    .m_doc = "The fields of a Conn, header lines and paths: what every plug reads and every verb copies.",
    .m_methods = functions,
    .m_slots = slots,
};

PyMODINIT_FUNC
PyInit__values(void)
{
    return PyModuleDef_Init(&definition);
}
