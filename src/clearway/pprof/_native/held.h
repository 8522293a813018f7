/* What threads hold that no frame and no other object shows. */
#ifndef CW_HELD_H
#define CW_HELD_H

#include "python.h"

/* Return a list of what keeps every thread's locals (threading.local) and its context. With the GIL. */
PyObject *cw_held__by_threads(void);

#endif
