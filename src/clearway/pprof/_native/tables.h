/* What samples refer to by number, behind one lock; and its Python face. */
#ifndef CW_TABLES_H
#define CW_TABLES_H

#include "labels.h"
#include "stacks.h"

typedef struct {
    cw_lock lock;
    cw_symbols symbols;
    cw_stacks stacks;
    cw_label_sets labels;
} cw_tables;

/* Forget everything. The lock is free afterwards: for a forked child, whose other threads are gone. */
void cw_tables__reset(cw_tables *tables);

extern PyTypeObject cw_tables_type;

/* Return a new Python object that reads `tables`, which must live as long as the process; or NULL. */
PyObject *cw_tables__reader(cw_tables *tables);

#endif
