#include "ask.h"

#include "internal/pycore_interp.h"

bool cw_ask(int (*function)(void *))
{
    if (Py_AddPendingCall(function, NULL) < 0)
        return false;
#if PY_VERSION_HEX < 0x030D0000
    /* Before 3.13 a call that another thread adds is not seen until something else breaks the main thread's
     * evaluation, such as a request for the GIL: whether to break is worked out for the thread that asks
     * (COMPUTE_EVAL_BREAKER, Python/ceval_gil.h). The main thread works it out anew once it has broken. */
    _Py_atomic_store_relaxed(&PyInterpreterState_Main()->ceval.eval_breaker, 1);
#endif
    return true;
}
