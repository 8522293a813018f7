#include "symbols.h"

#include "lines.h"
#include "peek.h"

#include <string.h>

#define TEXT_LIMIT ((size_t)64 << 20)
#define NAME_LIMIT 480 /* bytes; a longer name is cut */

typedef struct {
    char name[NAME_LIMIT];
    char file[NAME_LIMIT];
    uint32_t name_size;
    uint32_t file_size;
    int32_t first_line;
} naming;

cw_text cw_text__of(const PyASCIIObject *head, const void *at)
{
    if (!Py_IS_TYPE((PyObject *)head, &PyUnicode_Type) || !head->state.compact)
        return (cw_text){.hash = -1}; /* a subclass of str may stand here; none of CPython's own does */
    size_t header = head->state.ascii ? sizeof(PyASCIIObject) : sizeof(PyCompactUnicodeObject);
    return (cw_text){(const char *)at + header, head->state.kind, head->state.ascii, head->length, head->hash};
}

static uint32_t put(Py_UCS4 c, char *into)
{
    if (c >= 0xD800 && c < 0xE000)
        c = '?'; /* UTF-8 has no surrogates */
    if (c < 0x80) {
        into[0] = (char)c;
        return 1;
    }
    int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    into[0] = (char)((0xF00 >> more & 0xFF) | c >> 6 * more);
    for (int at = 1; at <= more; at++)
        into[at] = (char)(0x80 | (c >> 6 * (more - at) & 0x3F));
    return (uint32_t)more + 1;
}

/* Copy a str as UTF-8, without calling anything that could allocate or raise. */
static uint32_t read_text(const cw_text *from, char into[NAME_LIMIT], bool wary)
{
    char copy[NAME_LIMIT];
    if (from->length <= 0)
        return 0;
    Py_ssize_t most = NAME_LIMIT / from->kind, length = from->length < most ? from->length : most;
    const void *data = cw_look(wary, from->data, (size_t)(length * from->kind), copy);
    if (data == NULL)
        return 0;
    if (from->ascii) {
        memcpy(into, data, (size_t)length);
        return (uint32_t)length;
    }
    uint32_t size = 0;
    for (Py_ssize_t at = 0; at < length && size + 4 <= NAME_LIMIT; at++)
        size += put(PyUnicode_READ(from->kind, data, at), into + size);
    return size;
}

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
    size_t text_used = symbols->text.used, functions_used = symbols->functions.used;
    char *text = cw_arena__take(&symbols->text, size, TEXT_LIMIT);
    cw_function *function = cw_arena__take(&symbols->functions, sizeof *function, TEXT_LIMIT);
    if (text != NULL && function != NULL) {
        memcpy(text, wanted->name, wanted->name_size);
        memcpy(text + wanted->name_size + 1, wanted->file, wanted->file_size);
        *function = (cw_function){(uint32_t)text_used, wanted->name_size, wanted->file_size, wanted->first_line};
        id = (uint32_t)(functions_used / sizeof *function);
        if (cw_index__add(&symbols->by_function, hash, id))
            return id;
    }
    symbols->text.used = text_used;
    symbols->functions.used = functions_used;
    return CW_NONE;
}

static size_t hint_of(const void *code)
{
    return (uintptr_t)code >> 5 & (CW_HINTS - 1);
}

bool cw_symbols__knows(const cw_symbols *symbols, const void *code)
{
    return code != NULL && symbols->code_hints[hint_of(code)].code == code;
}

static uint32_t function_of(cw_symbols *symbols, const void *at, const PyCodeObject *code, const cw_text *name,
                            const cw_text *file, bool wary)
{
    size_t hint = hint_of(at);
    bool hinted = symbols->code_hints[hint].code == at && symbols->code_hints[hint].name_hash == name->hash &&
                  symbols->code_hints[hint].file_hash == file->hash;
    uint32_t id = symbols->code_hints[hint].function;
    if (hinted && name->hash != -1 && file->hash != -1 &&
        ((const cw_function *)symbols->functions.base)[id].first_line == code->co_firstlineno)
        return id;
    naming wanted;
    wanted.first_line = code->co_firstlineno;
    wanted.name_size = read_text(name, wanted.name, wary);
    wanted.file_size = read_text(file, wanted.file, wary);
    if (hinted && same_function(symbols, id, &wanted))
        return id;
    id = function_named(symbols, &wanted);
    if (id != CW_NONE) {
        symbols->code_hints[hint].code = at;
        symbols->code_hints[hint].name_hash = name->hash;
        symbols->code_hints[hint].file_hash = file->hash;
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
    if (cw_index__add(&symbols->by_location, hash, id))
        return id;
    symbols->locations.used -= sizeof *location;
    return CW_NONE;
}

uint32_t cw_symbols__copied(cw_symbols *symbols, const void *at, const PyCodeObject *code, const cw_text *name,
                            const cw_text *file, int offset, bool wary)
{
    uint32_t function = function_of(symbols, at, code, name, file, wary);
    if (function == CW_NONE)
        return CW_NONE;
    size_t hint = (function * 31 + (uint32_t)offset) & (CW_HINTS - 1);
    if (symbols->line_hints[hint].location && symbols->line_hints[hint].code == at &&
        symbols->line_hints[hint].function == function && symbols->line_hints[hint].offset == offset)
        return symbols->line_hints[hint].location - 1;
    uint32_t location = location_at(symbols, (cw_location){function, cw_line_at(code, offset, wary)});
    if (location != CW_NONE) {
        symbols->line_hints[hint].code = at;
        symbols->line_hints[hint].function = function;
        symbols->line_hints[hint].offset = offset;
        symbols->line_hints[hint].location = location + 1;
    }
    return location;
}

uint32_t cw_symbols__location(cw_symbols *symbols, const PyCodeObject *code, int offset)
{
    cw_text name = cw_text__of((PyASCIIObject *)code->co_qualname, code->co_qualname);
    cw_text file = cw_text__of((PyASCIIObject *)code->co_filename, code->co_filename);
    return cw_symbols__copied(symbols, code, code, &name, &file, offset, false);
}

uint32_t cw_symbols__named(cw_symbols *symbols, const char *name)
{
    naming wanted;
    wanted.name_size = (uint32_t)strlen(name);
    wanted.file_size = 0;
    wanted.first_line = 0;
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
