/* The module `clearway.http._messages`. */
#include "messages.h"

/* Add the type that `spec` describes and return it, borrowed from the module. */
static PyObject *
add_type(PyObject *module, PyType_Spec *spec, PyObject *base)
{
    PyObject *type = PyType_FromModuleAndSpec(module, spec, base);
    if (type == NULL) {
        return NULL;
    }
    int status = PyModule_AddType(module, (PyTypeObject *)type);
    Py_DECREF(type);
    return status < 0 ? NULL : type;
}

static int
exec_module(PyObject *module)
{
    if (cw_gatherer_prepare(module) < 0 || cw_request_prepare() < 0 || cw_plain_request_prepare(module) < 0
        || cw_response_prepare() < 0 || cw_plain_response_prepare(module) < 0) {
        return -1;
    }
    PyObject *base = add_type(module, &cw_gatherer_spec, NULL);
    if (base == NULL || add_type(module, &cw_request_gatherer_spec, base) == NULL
        || add_type(module, &cw_response_gatherer_spec, base) == NULL) {
        return -1;
    }
    return 0;
}

static PyMethodDef functions[] = {
    {"write_lines", FASTCALL(cw_write_lines), cw_write_lines_doc},
    {NULL},
};

static PyModuleDef_Slot module_slots[] = {{Py_mod_exec, exec_module}, {0, NULL}};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_messages",
    .m_doc = "What httptools' callbacks gather of requests and responses, and header lines as they are written.",
    .m_methods = functions,
    .m_slots = module_slots,
};

PyMODINIT_FUNC
PyInit__messages(void)
{
    return PyModuleDef_Init(&definition);
}
