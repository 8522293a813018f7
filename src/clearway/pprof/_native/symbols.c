#include "symbols.h"

#include <string.h>

#define TEXT_LIMIT ((size_t)64 << 20)
#define NAME_LIMIT 480 /* bytes; a longer name is cut */

/* Copy a str as UTF-8, without calling anything that could allocate or raise. */
static uint32_t utf8(PyObject *text, char *into, uint32_t room)
{
    if (text == NULL || !PyUnicode_Check(text))
        return 0;
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    if (PyUnicode_IS_ASCII(text)) {
        uint32_t size = length < (Py_ssize_t)room ? (uint32_t)length : room;
        memcpy(into, data, size);
        return size;
    }
    uint32_t size = 0;
    for (Py_ssize_t at = 0; at < length && size + 4 <= room; at++) {
        Py_UCS4 c = PyUnicode_READ(kind, data, at);
        if (c >= 0xD800 && c < 0xE000)
            c = '?'; /* UTF-8 has no surrogates */
        if (c < 0x80) {
            into[size++] = (char)c;
        } else if (c < 0x800) {
            into[size++] = (char)(0xC0 | c >> 6);
            into[size++] = (char)(0x80 | (c & 0x3F));
        } else if (c < 0x10000) {
            into[size++] = (char)(0xE0 | c >> 12);
            into[size++] = (char)(0x80 | (c >> 6 & 0x3F));
            into[size++] = (char)(0x80 | (c & 0x3F));
        } else {
            into[size++] = (char)(0xF0 | c >> 18);
            into[size++] = (char)(0x80 | (c >> 12 & 0x3F));
            into[size++] = (char)(0x80 | (c >> 6 & 0x3F));
            into[size++] = (char)(0x80 | (c & 0x3F));
        }
    }
    return size;
}

typedef struct {
    char name[NAME_LIMIT];
    char file[NAME_LIMIT];
    uint32_t name_size;
    uint32_t file_size;
    int32_t first_line;
} naming;

static bool same_function(const void *owner, uint32_t id, const void *key)
{
    const cw_symbols *symbols = owner;
    const naming *wanted = key;
    const cw_function *have = (const cw_function *)symbols->functions.base + id;
    const char *text = symbols->text.base + have->text;
    return have->first_line == wanted->first_line && have->name_size == wanted->name_size &&
           have->file_size == wanted->file_size && memcmp(text, wanted->name, have->name_size) == 0 &&
           memcmp(text + have->name_size + 1, wanted->file, have->file_size) == 0;
}

static uint32_t function_named(cw_symbols *symbols, const naming *wanted)
{
    uint32_t hash = cw_hash(CW_HASH, wanted->name, wanted->name_size);
    hash = cw_hash(hash, wanted->file, wanted->file_size);
    hash = cw_hash(hash, &wanted->first_line, sizeof wanted->first_line);
    uint32_t id = cw_index__find(&symbols->by_function, hash, same_function, symbols, wanted);
    if (id != CW_NONE)
        return id;
    uint32_t size = wanted->name_size + wanted->file_size + 2;
    uint32_t at = (uint32_t)symbols->text.used;
    char *text = cw_arena__take(&symbols->text, size, TEXT_LIMIT);
    cw_function *function = cw_arena__take(&symbols->functions, sizeof *function, TEXT_LIMIT);
    if (text == NULL || function == NULL)
        return CW_NONE;
    memcpy(text, wanted->name, wanted->name_size);
    memcpy(text + wanted->name_size + 1, wanted->file, wanted->file_size);
    *function = (cw_function){at, wanted->name_size, wanted->file_size, wanted->first_line};
    id = (uint32_t)(symbols->functions.used / sizeof *function) - 1;
    return cw_index__add(&symbols->by_function, hash, id) ? id : CW_NONE;
}

static uint32_t function_of(cw_symbols *symbols, PyCodeObject *code)
{
    naming wanted;
    wanted.name_size = utf8(code->co_qualname, wanted.name, NAME_LIMIT);
    wanted.file_size = utf8(code->co_filename, wanted.file, NAME_LIMIT);
    wanted.first_line = code->co_firstlineno;
    size_t hint = (uintptr_t)code >> 5 & (CW_HINTS - 1);
    uint32_t id = symbols->code_hints[hint].function;
    if (symbols->code_hints[hint].code == code && same_function(symbols, id, &wanted))
        return id;
    id = function_named(symbols, &wanted);
    if (id != CW_NONE) {
        symbols->code_hints[hint].code = code;
        symbols->code_hints[hint].function = id;
    }
    return id;
}

static bool same_location(const void *owner, uint32_t id, const void *key)
{
    const cw_location *have = (const cw_location *)((const cw_symbols *)owner)->locations.base + id;
    const cw_location *wanted = key;
    return have->function == wanted->function && have->line == wanted->line;
}

static uint32_t location_at(cw_symbols *symbols, cw_location wanted)
{
    uint32_t hash = cw_hash(CW_HASH, &wanted, sizeof wanted);
    uint32_t id = cw_index__find(&symbols->by_location, hash, same_location, symbols, &wanted);
    if (id != CW_NONE)
        return id;
    cw_location *location = cw_arena__take(&symbols->locations, sizeof *location, TEXT_LIMIT);
    if (location == NULL)
        return CW_NONE;
    *location = wanted;
    id = (uint32_t)(symbols->locations.used / sizeof *location) - 1;
    return cw_index__add(&symbols->by_location, hash, id) ? id : CW_NONE;
}

uint32_t cw_symbols__location(cw_symbols *symbols, PyCodeObject *code, int offset)
{
    uint32_t function = function_of(symbols, code);
    if (function == CW_NONE)
        return CW_NONE;
    size_t hint = (function * 31 + (uint32_t)offset) & (CW_HINTS - 1);
    if (symbols->line_hints[hint].location && symbols->line_hints[hint].function == function &&
        symbols->line_hints[hint].offset == offset)
        return symbols->line_hints[hint].location - 1;
    int line = offset < 0 ? code->co_firstlineno : PyCode_Addr2Line(code, offset);
    uint32_t location = location_at(symbols, (cw_location){function, line < 0 ? code->co_firstlineno : line});
    if (location != CW_NONE) {
        symbols->line_hints[hint].function = function;
        symbols->line_hints[hint].offset = offset;
        symbols->line_hints[hint].location = location + 1;
    }
    return location;
}

uint32_t cw_symbols__named(cw_symbols *symbols, const char *name)
{
    naming wanted = {.name_size = (uint32_t)strlen(name)};
    memcpy(wanted.name, name, wanted.name_size);
    uint32_t function = function_named(symbols, &wanted);
    return function == CW_NONE ? CW_NONE : location_at(symbols, (cw_location){function, 0});
}

void cw_symbols__clear(cw_symbols *symbols)
{
    cw_arena__clear(&symbols->text);
    cw_arena__clear(&symbols->functions);
    cw_arena__clear(&symbols->locations);
    cw_index__clear(&symbols->by_function);
    cw_index__clear(&symbols->by_location);
    memset(symbols->code_hints, 0, sizeof symbols->code_hints);
    memset(symbols->line_hints, 0, sizeof symbols->line_hints);
}
