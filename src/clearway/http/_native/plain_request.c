/* The plain head, which most requests have.
 *
 * It has a usual method and a path, HTTP/1.1, one Host that came before, no framing, and holds the limits. So it says
 * of itself that no body follows and that the connection stays. It becomes a Conn here. Every other head, those that are
 * refused among them, is read in Python; tests/property/test_plain_heads.py holds the two to each other.
 */
#include "request.h"

/* Made once and kept for good. */
static PyObject *plain_methods; /* dict from bytes to str */
static PyObject *known_hosts;   /* dict from the value of Host to the host in it; Python writes and bounds it */
static PyObject *changes;       /* the keywords for `_with` */
static PyObject *get_method, *get_http_version, *with;

/* What `table` has for `key`; NULL without an error if it has nothing, and with one if there is no key. */
static PyObject *
looked_up(PyObject *table, PyObject *key)
{
    return key == NULL ? NULL : Py_XNewRef(PyDict_GetItemWithError(table, key));
}

static bool
may_be_plain(cw_request *self)
{
    cw_gatherer *lines = &self->base;
    if (self->parser == NULL || self->receiver == NULL || self->blank == NULL || self->target == NULL
        || !PyBytes_CheckExact(self->target) || lines->framing != NULL || lines->hosts == NULL
        || PyList_GET_SIZE(lines->hosts) != 1 || lines->lines > self->most_lines
        || self->fed + self->read > self->most_bytes) {
        return false;
    }
    const char *target = PyBytes_AS_STRING(self->target);
    Py_ssize_t size = PyBytes_GET_SIZE(self->target);
    return size <= self->most_target_bytes && target[0] == '/' && memchr(target, '#', size) == NULL;
}

static bool
is_newest_version(PyObject *parser)
{
    PyObject *version = PyObject_CallMethodNoArgs(parser, get_http_version);
    bool newest = version != NULL && PyUnicode_CompareWithASCIIString(version, "1.1") == 0;
    Py_XDECREF(version);
    return newest;
}

static PyObject *
conn_of(cw_request *self, PyObject *method, PyObject *host)
{
    const char *target = PyBytes_AS_STRING(self->target), *end = target + PyBytes_GET_SIZE(self->target);
    const char *mark = memchr(target, '?', end - target);
    PyObject *path = PyUnicode_DecodeLatin1(target, (mark ? mark : end) - target, NULL);
    PyObject *query = mark ? PyUnicode_DecodeLatin1(mark + 1, end - mark - 1, NULL) : PyUnicode_New(0, 0);
    PyObject *headers = cw_gatherer_headers(&self->base), *conn = NULL;
    if (path != NULL && query != NULL && headers != NULL) {
        PyObject *args[] = {self->blank, method, path, query, headers, host};
        conn = PyObject_VectorcallMethod(with, args, 1, changes);
    }
    Py_XDECREF(path);
    Py_XDECREF(query);
    Py_XDECREF(headers);
    return conn;
}

/* The request as a Conn; NULL without an error if its head is not plain. */
PyObject *
cw_plain_request(cw_request *self)
{
    if (!may_be_plain(self) || !is_newest_version(self->parser)) {
        return NULL;
    }
    PyObject *spelled = PyObject_CallMethodNoArgs(self->parser, get_method), *conn = NULL;
    PyObject *method = looked_up(plain_methods, spelled);
    PyObject *host = method == NULL ? NULL : looked_up(known_hosts, PyList_GET_ITEM(self->base.hosts, 0));
    if (host != NULL) {
        conn = conn_of(self, method, host);
    }
    Py_XDECREF(spelled);
    Py_XDECREF(method);
    Py_XDECREF(host);
    return conn;
}

static PyObject *
new_plain_methods(void)
{
    static const char *const METHODS[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
    PyObject *made = PyDict_New();
    for (size_t i = 0; made != NULL && i < Py_ARRAY_LENGTH(METHODS); i++) {
        PyObject *spelled = PyBytes_FromString(METHODS[i]), *method = PyUnicode_InternFromString(METHODS[i]);
        if (spelled == NULL || method == NULL || PyDict_SetItem(made, spelled, method) < 0) {
            Py_CLEAR(made);
        }
        Py_XDECREF(spelled);
        Py_XDECREF(method);
    }
    return made;
}

static PyObject *
new_changes(void)
{
    static const char *const CHANGES[] = {"method", "path", "query_string", "headers", "host"};
    PyObject *made = PyTuple_New(Py_ARRAY_LENGTH(CHANGES));
    for (size_t i = 0; made != NULL && i < Py_ARRAY_LENGTH(CHANGES); i++) {
        PyObject *name = PyUnicode_InternFromString(CHANGES[i]); /* so that `_with` finds it by its address */
        if (name == NULL) {
            Py_CLEAR(made);
        } else {
            PyTuple_SET_ITEM(made, i, name);
        }
    }
    return made;
}

int
cw_plain_request_prepare(PyObject *module)
{
    get_method = PyUnicode_InternFromString("get_method");
    get_http_version = PyUnicode_InternFromString("get_http_version");
    with = PyUnicode_InternFromString("_with");
    changes = new_changes();
    plain_methods = new_plain_methods();
    known_hosts = PyDict_New();
    if (!get_method || !get_http_version || !with || !changes || !plain_methods || !known_hosts) {
        return -1;
    }
    return PyModule_AddObjectRef(module, "KNOWN_HOSTS", known_hosts);
}
