/* The Python face of the sampler. */
#include "cpu.h"
#include "heap.h"
#include "held.h"
#include "objects.h"

#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>

/* Set when the interpreter is about to be torn down. */
static bool closed;

static bool refuse_when_closed(void)
{
    if (closed)
        PyErr_SetString(PyExc_RuntimeError, "the interpreter is shutting down");
    return closed;
}

static PyObject *heap_start(PyObject *Py_UNUSED(module), PyObject *args)
{
    unsigned long long mean, seed;
    if (!PyArg_ParseTuple(args, "KK:heap_start", &mean, &seed))
        return NULL;
    if (mean == 0 || mean > (unsigned long long)1 << 40) {
        PyErr_SetString(PyExc_ValueError, "a sampling period is 1 byte to 1 TiB");
        return NULL;
    }
    if (refuse_when_closed())
        return NULL;
    cw_hooks__install();
    cw_heap__start(mean, seed);
    Py_RETURN_NONE;
}

static PyObject *heap_stop(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(args))
{
    cw_heap__stop();
    Py_RETURN_NONE;
}

static PyObject *heap_statistics(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(args))
{
    cw_heap_statistics now = cw_heap__statistics();
    return Py_BuildValue("{s:i,s:K,s:K,s:K,s:d,s:K,s:d,s:K,s:K}", "in_place", (int)cw_hooks__are_in_place(),
                         "period", (unsigned long long)now.period, "samples",
                         (unsigned long long)now.samples, "lost_samples", (unsigned long long)now.lost_samples,
                         "lost_bytes", now.lost_bytes, "live_samples", (unsigned long long)now.live_samples, "live_bytes",
                         now.live_bytes, "buckets", (unsigned long long)now.buckets, "memory", (unsigned long long)now.memory);
}

/* Hand a copy over as bytes, for `struct` to read, and free it. */
static PyObject *as_bytes(void *copy, size_t size)
{
    PyObject *bytes = copy ? PyBytes_FromStringAndSize(copy, (Py_ssize_t)size) : PyErr_NoMemory();
    free(copy);
    return bytes;
}

static PyObject *heap_buckets(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(args))
{
    size_t count;
    cw_bucket *copy;
    Py_BEGIN_ALLOW_THREADS
    copy = cw_heap__buckets(&count);
    Py_END_ALLOW_THREADS
    return as_bytes(copy, count * sizeof(cw_bucket));
}

static PyObject *heap_samples(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(args))
{
    size_t count;
    cw_sample *copy = cw_heap__samples(&count);
    return as_bytes(copy, count * sizeof(cw_sample));
}

static PyObject *heap_keep_in_children(PyObject *Py_UNUSED(module), PyObject *keep)
{
    int truth = PyObject_IsTrue(keep);
    if (truth < 0)
        return NULL;
    cw_heap_kept_by_children = truth;
    Py_RETURN_NONE;
}

static PyObject *clock_start(PyObject *Py_UNUSED(module), PyObject *args)
{
    int clock, hz;
    if (!PyArg_ParseTuple(args, "ii:clock_start", &clock, &hz))
        return NULL;
    if (clock < 0 || clock >= CW_CLOCKS || hz < 1 || hz > 1000) {
        PyErr_SetString(PyExc_ValueError, "a clock is CPU or WALL, and samples 1 to 1,000 times a second");
        return NULL;
    }
    if (cw_cpu__recording(clock)) {
        PyErr_SetString(PyExc_BlockingIOError, "this clock is recording already");
        return NULL;
    }
    if (refuse_when_closed())
        return NULL;
    uint32_t recording = cw_cpu__start(clock, (uint32_t)hz);
    return recording ? PyLong_FromUnsignedLong(recording) : NULL;
}

static PyObject *clock_stop(PyObject *Py_UNUSED(module), PyObject *args)
{
    int clock;
    unsigned int recording;
    if (!PyArg_ParseTuple(args, "iI:clock_stop", &clock, &recording))
        return NULL;
    if (clock < 0 || clock >= CW_CLOCKS)
        return PyErr_Format(PyExc_ValueError, "no such clock");
    cw_recorded found = cw_cpu__stop(clock, recording);
    PyObject *bytes = PyBytes_FromStringAndSize(found.buckets.base, (Py_ssize_t)found.buckets.used);
    cw_arena__clear(&found.buckets);
    return bytes ? Py_BuildValue("(NKI)", bytes, (unsigned long long)found.lost, found.unwatched) : NULL;
}

static PyObject *clock_recording(PyObject *Py_UNUSED(module), PyObject *number)
{
    long clock = PyLong_AsLong(number);
    if (clock < 0 || clock >= CW_CLOCKS)
        return PyErr_Occurred() ? NULL : PyErr_Format(PyExc_ValueError, "no such clock");
    return PyLong_FromUnsignedLong(cw_cpu__recording((int)clock));
}

static PyObject *resolve_awaiters_with(PyObject *Py_UNUSED(module), PyObject *callable)
{
    cw_cpu__resolve_with(callable == Py_None ? NULL : callable);
    Py_RETURN_NONE;
}

static PyObject *held_by_threads(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(args))
{
    return cw_held__by_threads();
}

static PyObject *objects_of(PyObject *Py_UNUSED(module), PyObject *type)
{
    if (!PyType_Check(type)) {
        PyErr_Format(PyExc_TypeError, "objects are of a type, not of %R", type);
        return NULL;
    }
    return cw_objects__of((PyTypeObject *)type);
}

static PyObject *malloc_statistics(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(args))
{
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
    struct mallinfo2 now;
    Py_BEGIN_ALLOW_THREADS
    now = mallinfo2();
    Py_END_ALLOW_THREADS
    return Py_BuildValue("{s:n,s:n}", "in_use", (Py_ssize_t)(now.uordblks + now.hblkhd), "free", (Py_ssize_t)now.fordblks);
#else
    return PyDict_New();
#endif
}

static PyObject *current_labels(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(args))
{
    return cw_labels__current();
}

static PyObject *set_labels(PyObject *Py_UNUSED(module), PyObject *labels)
{
    if (!cw_labels__set(labels))
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *close_for_good(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(args))
{
    closed = true;
    cw_heap__stop();
    for (int clock = 0; clock < CW_CLOCKS; clock++) {
        cw_recorded found = cw_cpu__stop(clock, cw_cpu__recording(clock));
        cw_arena__clear(&found.buckets);
    }
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"close", close_for_good, METH_NOARGS, "End all sampling, for good: the interpreter is about to be torn down."},
    {"current_labels", current_labels, METH_NOARGS,
     "Return the labels at hand; `.pairs` is a tuple of key and value, sorted by key."},
    {"set_labels", set_labels, METH_O, "Label what the current context does from here on, until others are set."},
    {"heap_start", heap_start, METH_VARARGS, "Sample the heap with this mean period and seed."},
    {"heap_stop", heap_stop, METH_NOARGS, "Take no further samples; frees of old ones are still seen."},
    {"heap_statistics", heap_statistics, METH_NOARGS, "Return the sampler's counters."},
    {"heap_buckets", heap_buckets, METH_NOARGS, "Return every bucket: struct format =IIdddd."},
    {"heap_samples", heap_samples, METH_NOARGS, "Return every live sample: struct format =QQdIIII."},
    {"heap_keep_in_children", heap_keep_in_children, METH_O, "Whether a forked child keeps the samples."},
    {"clock_start", clock_start, METH_VARARGS,
     "Record CPU or WALL at so many samples a second; return the recording's number."},
    {"clock_stop", clock_stop, METH_VARARGS,
     "End a recording; return buckets (struct format =IIQQQ), how many samples were lost, and how many threads"
     " could not be watched. Nothing where this recording does not run."},
    {"clock_recording", clock_recording, METH_O, "Return the number of the recording that runs, or 0."},
    {"resolve_awaiters_with", resolve_awaiters_with, METH_O,
     "Call this between bytecodes to say who awaits the running task: None, or the id of the task's coroutine and"
     " a list of (code, byte offset), leaf first."},
    {"held_by_threads", held_by_threads, METH_NOARGS, "Return what keeps every thread's locals, and its context."},
    {"objects_of", objects_of, METH_O, "Return the collector's objects of this type, and refer to no other."},
    {"malloc_statistics", malloc_statistics, METH_NOARGS, "Return glibc's bytes in use and free, or nothing."},
    {NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "clearway.pprof._sampler", .m_doc = "The sampler, in C.", .m_size = -1, .m_methods = methods,
};

static void before_fork(void)
{
    cw_heap__before_fork();
    cw_cpu__before_fork();
}

static void after_fork(bool in_child)
{
    cw_cpu__after_fork(in_child);
    cw_heap__after_fork(in_child);
}

static void in_parent(void) { after_fork(false); }
static void in_child(void) { after_fork(true); }

static int add(PyObject *module, const char *name, PyObject *value)
{
    int done = value ? PyModule_AddObjectRef(module, name, value) : -1;
    Py_XDECREF(value);
    return done;
}

/* What the interpreter tears down is nobody's leak. What is registered first is called last. */
static int close_at_exit(PyObject *module)
{
    PyObject *close = PyObject_GetAttrString(module, "close"), *atexit = PyImport_ImportModule("atexit");
    PyObject *done = close && atexit ? PyObject_CallMethod(atexit, "register", "O", close) : NULL;
    Py_XDECREF(close);
    Py_XDECREF(atexit);
    Py_XDECREF(done);
    return done ? 0 : -1;
}

static void watch_forks(void)
{
    static bool watched;
    if (!watched)
        pthread_atfork(before_fork, in_parent, in_child);
    watched = true;
}

PyMODINIT_FUNC PyInit__sampler(void)
{
    if (PyInterpreterState_Get() != PyInterpreterState_Main()) {
        PyErr_SetString(PyExc_ImportError, "Clearway's sampler runs in the main interpreter alone");
        return NULL;
    }
    if (PyType_Ready(&cw_labels_type) < 0 || PyType_Ready(&cw_tables_type) < 0)
        return NULL;
    PyObject *module = PyModule_Create(&definition);
    if (module == NULL)
        return NULL;
    if (add(module, "Labels", Py_NewRef(&cw_labels_type)) < 0 ||
        add(module, "Tables", Py_NewRef(&cw_tables_type)) < 0 || add(module, "CURRENT", cw_labels__variable()) < 0 ||
        add(module, "heap_tables", cw_tables__reader(&cw_heap_tables)) < 0 ||
        add(module, "cpu_tables", cw_tables__reader(&cw_cpu_tables)) < 0 ||
        PyModule_AddIntConstant(module, "CPU", CW_CPU) < 0 || PyModule_AddIntConstant(module, "WALL", CW_WALL) < 0 || close_at_exit(module) < 0) {
        Py_DECREF(module);
        return NULL;
    }
    watch_forks();
    return module;
}
