/* From an instruction to its line. */
#ifndef CW_LINES_H
#define CW_LINES_H

#include <stdbool.h>

#include "python.h"

/* Return the line that the code executes at the byte `offset`, or its first line if that byte has none.
 *
 * Reads the table of locations that the compiler wrote (Objects/locations.md in CPython's sources), which is
 * the same from 3.11 on. PyCode_Addr2Line would do, but for the `wary`: it trusts its pointers. */
int cw_line_at(const PyCodeObject *code, int offset, bool wary);

#endif
