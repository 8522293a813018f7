#include "labels.h"

#include <stddef.h>
#include <string.h>
#include <structmember.h>

#include "internal/pycore_context.h"
#include "internal/pycore_hamt.h"

/* The type */

static PyObject *pairs_of(PyObject *given)
{
    PyObject *pairs = PySequence_Tuple(given);
    if (pairs == NULL)
        return NULL;
    for (Py_ssize_t at = 0; at < PyTuple_GET_SIZE(pairs); at++) {
        PyObject *pair = PyTuple_GET_ITEM(pairs, at);
        if (!PyTuple_CheckExact(pair) || PyTuple_GET_SIZE(pair) != 2 ||
            !PyUnicode_CheckExact(PyTuple_GET_ITEM(pair, 0)) || !PyUnicode_CheckExact(PyTuple_GET_ITEM(pair, 1))) {
            PyErr_SetString(PyExc_TypeError, "labels are pairs of str and str");
            Py_DECREF(pairs);
            return NULL;
        }
    }
    return pairs;
}

/* Append one text and a zero; a zero inside it ends it. Return the size, or -1 with an exception. */
static Py_ssize_t append(PyObject *text, char *into)
{
    Py_ssize_t size;
    const char *utf8 = PyUnicode_AsUTF8AndSize(text, &size);
    if (utf8 == NULL)
        return -1;
    size = (Py_ssize_t)strnlen(utf8, (size_t)size);
    if (into)
        memcpy(into, utf8, (size_t)size);
    return size + 1;
}

static Py_ssize_t write_text(PyObject *pairs, char *into)
{
    Py_ssize_t total = 0;
    for (Py_ssize_t at = 0; at < 2 * PyTuple_GET_SIZE(pairs); at++) {
        PyObject *text = PyTuple_GET_ITEM(PyTuple_GET_ITEM(pairs, at / 2), at % 2);
        Py_ssize_t size = append(text, into ? into + total : NULL);
        if (size < 0)
            return -1;
        total += size;
    }
    return total;
}

static PyObject *labels_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *given;
    if (kwargs && PyDict_GET_SIZE(kwargs)) {
        PyErr_SetString(PyExc_TypeError, "Labels takes no keywords");
        return NULL;
    }
    if (!PyArg_ParseTuple(args, "O:Labels", &given))
        return NULL;
    PyObject *pairs = pairs_of(given);
    if (pairs == NULL)
        return NULL;
    Py_ssize_t size = write_text(pairs, NULL);
    cw_labels *self = size < 0 ? NULL : (cw_labels *)type->tp_alloc(type, size);
    if (self == NULL) {
        Py_DECREF(pairs);
        return NULL;
    }
    write_text(pairs, self->text);
    self->pairs = pairs;
    self->size = (uint32_t)size;
    self->hash = cw_hash(CW_HASH, self->text, self->size);
    return (PyObject *)self;
}

static void labels_dealloc(cw_labels *self)
{
    Py_XDECREF(self->pairs);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

static PyObject *labels_repr(cw_labels *self)
{
    return PyUnicode_FromFormat("Labels(%R)", self->pairs);
}

static PyMemberDef labels_members[] = {
    {"pairs", T_OBJECT_EX, offsetof(cw_labels, pairs), READONLY, "The pairs of key and value, sorted by key."},
    {NULL},
};

PyTypeObject cw_labels_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "clearway.pprof._sampler.Labels",
    .tp_doc = "An immutable set of labels: `Labels(pairs)`.",
    .tp_basicsize = sizeof(cw_labels),
    .tp_itemsize = 1,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = labels_new,
    .tp_dealloc = (destructor)labels_dealloc,
    .tp_repr = (reprfunc)labels_repr,
    .tp_members = labels_members,
};

/* The current ones */

static PyContextVar *variable;

PyObject *cw_labels__variable(void)
{
    if (variable == NULL) {
        PyObject *none = PyObject_CallFunction((PyObject *)&cw_labels_type, "(())");
        variable = none ? (PyContextVar *)PyContextVar_New("clearway.labels", none) : NULL;
        Py_XDECREF(none);
    }
    return Py_XNewRef((PyObject *)variable);
}

PyObject *cw_labels__current(void)
{
    PyObject *found = NULL;
    return PyContextVar_Get((PyObject *)variable, NULL, &found) < 0 ? NULL : found;
}

bool cw_labels__set(PyObject *labels)
{
    if (!Py_IS_TYPE(labels, &cw_labels_type)) {
        PyErr_Format(PyExc_TypeError, "Labels are set, not %.100s; with_labels() makes them", Py_TYPE(labels)->tp_name);
        return false;
    }
    PyObject *token = PyContextVar_Set((PyObject *)variable, labels);
    Py_XDECREF(token);
    return token != NULL;
}

/* The nodes of the tree, which CPython declares in hamt.c (3.7 to 3.14). */
typedef struct {
    PyObject_VAR_HEAD
    uint32_t bitmap;
    PyObject *slots[1]; /* key and value in turn; a NULL key has a node for value */
} bitmap_node;

typedef struct {
    PyObject_HEAD
    PyHamtNode *nodes[32];
    Py_ssize_t count;
} array_node;

typedef struct {
    PyObject_VAR_HEAD
    int32_t hash;
    PyObject *slots[1]; /* key and value in turn */
} collision_node;

static inline int32_t tree_hash(Py_hash_t hash)
{
    int32_t folded = (int32_t)((uint64_t)hash & 0xffffffffu) ^ (int32_t)((uint64_t)hash >> 32);
    return folded == -1 ? -2 : folded;
}

/* Names of the node types are hamt_bitmap_node, hamt_array_node and hamt_collision_node. */
static inline char kind_of(PyHamtNode *node)
{
    return Py_TYPE(node)->tp_name[5];
}

/* Two variables of one hash. */
static PyObject *collided(PyHamtNode *node, PyObject *key)
{
    collision_node *both = (collision_node *)node;
    for (Py_ssize_t at = 0; kind_of(node) == 'c' && at < Py_SIZE(both); at += 2)
        if (both->slots[at] == key)
            return both->slots[at + 1];
    return NULL;
}

static PyObject *find(PyHamtNode *node, PyObject *key, uint32_t hash)
{
    for (int shift = 0; node != NULL && shift < 35; shift += 5) {
        uint32_t part = hash >> shift & 31;
        if (kind_of(node) == 'a') {
            node = ((array_node *)node)->nodes[part];
        } else if (kind_of(node) == 'b') {
            bitmap_node *branch = (bitmap_node *)node;
            uint32_t bit = (uint32_t)1 << part;
            if (!(branch->bitmap & bit))
                return NULL;
            int at = 2 * __builtin_popcount(branch->bitmap & (bit - 1));
            if (branch->slots[at] != NULL)
                return branch->slots[at] == key ? branch->slots[at + 1] : NULL;
            node = (PyHamtNode *)branch->slots[at + 1];
        } else {
            return collided(node, key);
        }
    }
    return node != NULL ? collided(node, key) : NULL; /* all 32 bits of the hash are used up */
}

cw_labels *cw_labels__of(PyThreadState *thread)
{
    PyContext *context = (PyContext *)thread->context;
    if (variable == NULL || context == NULL || context->ctx_vars == NULL)
        return NULL;
    PyHamtNode *root = context->ctx_vars->h_root;
    PyObject *found = find(root, (PyObject *)variable, (uint32_t)tree_hash(variable->var_hash));
    return found != NULL && Py_IS_TYPE(found, &cw_labels_type) ? (cw_labels *)found : NULL;
}

/* Sets */

static bool same_set(const void *owner, uint32_t id, const void *key)
{
    const cw_label_sets *sets = owner;
    const cw_labels *wanted = key;
    const cw_label_set *have = (const cw_label_set *)sets->sets.base + id;
    return have->size == wanted->size && memcmp(sets->text.base + have->at, wanted->text, wanted->size) == 0;
}

uint32_t cw_label_sets__id(cw_label_sets *sets, const cw_labels *labels)
{
    if (labels == NULL || labels->size == 0)
        return CW_NONE;
    uint32_t id = cw_index__find(&sets->by_text, labels->hash, same_set, sets, labels);
    if (id != CW_NONE)
        return id;
    size_t text_used = sets->text.used, sets_used = sets->sets.used;
    char *text = cw_arena__take(&sets->text, labels->size, (size_t)64 << 20);
    cw_label_set *set = text ? cw_arena__take(&sets->sets, sizeof *set, CW_LABEL_SETS * sizeof *set) : NULL;
    if (set != NULL) {
        memcpy(text, labels->text, labels->size);
        *set = (cw_label_set){(uint32_t)text_used, labels->size};
        id = (uint32_t)(sets_used / sizeof *set);
        if (cw_index__add(&sets->by_text, labels->hash, id))
            return id;
    }
    sets->text.used = text_used;
    sets->sets.used = sets_used;
    sets->overflowed++;
    return CW_NONE;
}

void cw_label_sets__clear(cw_label_sets *sets)
{
    cw_arena__clear(&sets->text);
    cw_arena__clear(&sets->sets);
    cw_index__clear(&sets->by_text);
    sets->overflowed = 0;
}
