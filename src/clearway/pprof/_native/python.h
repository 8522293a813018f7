/* CPython, with its internal frames and contexts. Every other file sees Python through this one. */
#ifndef CW_PYTHON_H
#define CW_PYTHON_H

#define PY_SSIZE_T_CLEAN
#ifndef Py_BUILD_CORE
#define Py_BUILD_CORE 1 /* the layout of frames and contexts is internal */
#endif
#include <Python.h>

#ifdef Py_GIL_DISABLED
#error "Clearway's sampler reads frames under the GIL; a free-threaded Python has none"
#endif
#if PY_VERSION_HEX < 0x030B0000
#error "Clearway needs CPython 3.11 or newer"
#endif

#endif
