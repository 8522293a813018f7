/* Labels: who and what a thread works for, and sets of them by number. */
#ifndef CW_LABELS_H
#define CW_LABELS_H

#include "memory.h"
#include "python.h"

/* An immutable set of labels as Python sees it, with its text ready to be copied by a sample. */
typedef struct {
    PyObject_VAR_HEAD
    PyObject *pairs; /* a tuple of (key, value), sorted by key */
    uint32_t hash;
    uint32_t size;
    char text[1]; /* key, 0, value, 0, ... in UTF-8 */
} cw_labels;

extern PyTypeObject cw_labels_type;

/* Make the context variable that holds a thread's labels; return a new reference to it, or NULL. */
PyObject *cw_labels__variable(void);

/* What the context at hand holds, as a new reference; and putting something else there. For Python. */
PyObject *cw_labels__current(void);
bool cw_labels__set(PyObject *labels);

/* Return the labels that `thread` works under, borrowed, or NULL.
 *
 * Reads the context's tree itself: PyContextVar_Get counts references and writes a cache, which neither the
 * allocator nor a signal handler may. For the thread at hand only: its context stands still meanwhile. */
cw_labels *cw_labels__of(PyThreadState *thread);

/* Sets of labels that samples have seen. Two Labels of one text are one set. */
typedef struct {
    cw_arena text;
    cw_arena sets; /* of cw_label_set */
    cw_index by_text;
    uint64_t overflowed; /* samples that came when the sets were full */
} cw_label_sets;

typedef struct {
    uint32_t at;
    uint32_t size;
} cw_label_set;

/* Return the number of the set; CW_NONE for no labels, and for a new one when there are CW_LABEL_SETS. */
#define CW_LABEL_SETS 65536
uint32_t cw_label_sets__id(cw_label_sets *sets, const cw_labels *labels);

void cw_label_sets__clear(cw_label_sets *sets);

#endif
