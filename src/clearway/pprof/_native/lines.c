#include "lines.h"

#include "peek.h"

#include <stddef.h>

#include "internal/pycore_code.h"

/* The table, a piece at a time. */
typedef struct {
    const char *at; /* of its first byte */
    Py_ssize_t size;
    bool wary;
    Py_ssize_t from; /* the piece in `piece` */
    Py_ssize_t held;
    const unsigned char *bytes;
    unsigned char piece[256];
} table;

/* Return a byte of the table; -1 behind its end. */
static int byte(table *table, Py_ssize_t index)
{
    if (index >= table->size)
        return -1;
    if (index < table->from || index >= table->from + table->held) {
        Py_ssize_t left = table->size - index;
        table->from = index;
        table->held = table->wary && left > (Py_ssize_t)sizeof table->piece ? (Py_ssize_t)sizeof table->piece : left;
        table->bytes = cw_look(table->wary, table->at + index, (size_t)table->held, table->piece);
        if (table->bytes == NULL)
            table->size = table->held = 0;
        if (table->held == 0)
            return -1;
    }
    return table->bytes[index - table->from];
}

/* Six bits a byte, the lowest first; the lowest bit of all is the sign. */
static int signed_number(table *table, Py_ssize_t index)
{
    unsigned int number = 0, shift = 0;
    int read;
    do {
        read = byte(table, index++);
        if (read < 0)
            return 0;
        number |= (unsigned int)(read & 63) << shift;
        shift += 6;
    } while (read & 64 && shift < 32);
    return number & 1 ? -(int)(number >> 1) : (int)(number >> 1);
}

enum { ONE_LINE = 10, NO_COLUMNS = 13, LONG = 14, NO_LOCATION = 15 };

static int lines_on(table *table, int kind, Py_ssize_t index)
{
    if (kind >= ONE_LINE && kind < NO_COLUMNS)
        return kind - ONE_LINE;
    return kind == NO_COLUMNS || kind == LONG ? signed_number(table, index + 1) : 0;
}

static bool open_table(table *table, PyObject *bytes)
{
    PyBytesObject copy;
    const PyBytesObject *found = cw_look(table->wary, bytes, offsetof(PyBytesObject, ob_sval), &copy);
    if (found == NULL || !Py_IS_TYPE((PyObject *)found, &PyBytes_Type))
        return false;
    table->at = ((PyBytesObject *)bytes)->ob_sval;
    table->size = Py_SIZE((PyObject *)found);
    return true;
}

int cw_line_at(const PyCodeObject *code, int offset, bool wary)
{
    table table = {.wary = wary};
    if (offset < 0 || !open_table(&table, code->co_linetable))
        return code->co_firstlineno;
    int line = code->co_firstlineno, at = 0, head;
    for (Py_ssize_t index = 0; (head = byte(&table, index)) >= 0;) {
        int kind = head >> 3 & 15;
        line += lines_on(&table, kind, index);
        at += ((head & 7) + 1) * (int)sizeof(_Py_CODEUNIT);
        if (offset < at)
            return kind == NO_LOCATION ? code->co_firstlineno : line;
        do
            index++;
        while ((head = byte(&table, index)) >= 0 && !(head & 128)); /* the first byte of an entry has bit 7 */
    }
    return code->co_firstlineno;
}
