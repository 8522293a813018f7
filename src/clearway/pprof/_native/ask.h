/* Asking the main thread to run something between two of its bytecodes. */
#ifndef CW_ASK_H
#define CW_ASK_H

#include <stdbool.h>

#include "python.h"

/* Have the main thread call `function(NULL)` soon, with the GIL; false if too many wait already.
 * Needs neither the GIL nor a thread state; not for signal handlers. */
bool cw_ask(int (*function)(void *));

#endif
