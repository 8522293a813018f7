/* Functions and lines, by number.
 *
 * A sample must outlive the code that it saw: code objects are freed, and their addresses used again. Neither
 * a signal handler nor the allocator can hold references to them, so names are copied, once per function,
 * and the address of a code object is only a hint that is checked against its names.
 */
#ifndef CW_SYMBOLS_H
#define CW_SYMBOLS_H

#include "memory.h"
#include "python.h"

typedef struct {
    uint32_t text; /* where `name`, 0, `file`, 0 stand in the text */
    uint32_t name_size;
    uint32_t file_size;
    int32_t first_line;
} cw_function;

typedef struct {
    uint32_t function;
    int32_t line;
} cw_location;

#define CW_HINTS 2048

typedef struct {
    cw_arena text;
    cw_arena functions; /* of cw_function */
    cw_arena locations; /* of cw_location */
    cw_index by_function;
    cw_index by_location;
    struct {
        const void *code;
        Py_hash_t name_hash; /* of the str; -1 if it has none, and the text is compared */
        Py_hash_t file_hash;
        uint32_t function;
    } code_hints[CW_HINTS];
    struct {
        const void *code; /* functions of one name may differ in their lines */
        uint32_t function;
        int32_t offset;
        uint32_t location; /* plus one */
    } line_hints[CW_HINTS];
} cw_symbols;

/* Return the number of the line that the code object at `at` executes at the byte `offset`, or CW_NONE without
 * memory. `code` is the object, or for the `wary` a copy of its fixed part; what it refers to is read warily too.
 * Touches no reference count: for the owner of the frame, with or without the GIL. */
uint32_t cw_symbols__location(cw_symbols *symbols, const void *at, const PyCodeObject *code, int offset, bool wary);

/* Return the number of a line that stands for what has none, such as "<lost samples>". */
uint32_t cw_symbols__named(cw_symbols *symbols, const char *name);

void cw_symbols__clear(cw_symbols *symbols);

#endif
