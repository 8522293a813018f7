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

/* Return the number of the line that `code` executes at the byte `offset`, or CW_NONE without memory.
 * Reads `code` without touching a reference count: for the owner of the frame, with or without the GIL. */
uint32_t cw_symbols__location(cw_symbols *symbols, const PyCodeObject *code, int offset);

/* A str that is yet to be read. */
typedef struct {
    const char *data;
    int kind;
    bool ascii;
    Py_ssize_t length;
    Py_hash_t hash; /* -1 if nobody asked for it yet */
} cw_text;

/* Return the text of the str at `at`, of whose head `head` may be a copy. */
cw_text cw_text__of(const PyASCIIObject *head, const void *at);

/* The same as `location` for a copy of the code at `at`; what it refers to is read warily (peek.h), or not. */
uint32_t cw_symbols__copied(cw_symbols *symbols, const void *at, const PyCodeObject *copy, const cw_text *name,
                            const cw_text *file, int offset, bool wary);

/* Tell whether this code was seen before, and not since forgotten. */
bool cw_symbols__knows(const cw_symbols *symbols, const void *code);

/* Return the number of a line that stands for what has none, such as "<lost samples>". */
uint32_t cw_symbols__named(cw_symbols *symbols, const char *name);

void cw_symbols__clear(cw_symbols *symbols);

#endif
