/* The collector's objects of one type.
 *
 * gc.get_objects() will not do in a program that runs: its list refers to every object for a while, and a tuple
 * that another thread is making must have one reference when it is resized (SystemError in PySequence_Tuple).
 */
#ifndef CW_OBJECTS_H
#define CW_OBJECTS_H

#include "python.h"

/* Return a list of the objects whose type is `type` or below it. With the GIL; calls no Python. */
PyObject *cw_objects__of(PyTypeObject *type);

#endif
