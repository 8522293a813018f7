"""Protobuf on the wire, as far as profile.proto needs it: varints, and bytes with their length."""

from __future__ import annotations

from collections.abc import Iterator

from clearway.pprof.errors import ProfileFormatError

__all__ = ["Varints", "block", "fields", "number", "numbers", "signed", "varint"]

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_FIXED_SIZE = {_FIXED64: 8, _FIXED32: 4}
_LONGEST_VARINT = 10  # bytes of 7 bits that a 64-bit number takes
_64_BITS = (1 << 64) - 1
_ONE_BYTE = [bytes((value,)) for value in range(0x80)]
_CUT_SHORT = "the profile is cut short"


def varint(value: int) -> bytes:
    """Return `value` in bytes of seven bits, the lowest first.

    Raises `ValueError` if 64 bits do not hold it.
    """
    if 0 <= value < 0x80:
        return _ONE_BYTE[value]
    if not -(1 << 63) <= value <= _64_BITS:
        raise ValueError(f"{value} does not fit into 64 bits")
    value &= _64_BITS
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    made.append(value)
    return bytes(made)


class Varints(dict[int, bytes]):
    """The varint of each number that was asked for: a profile says the same ones over and over."""

    def __missing__(self, value: int) -> bytes:
        made = self[value] = varint(value)
        return made


def number(field: int, value: int) -> bytes:
    """Return a field that holds a number."""
    return _ONE_BYTE[field << 3 | _VARINT] + varint(value)


def block(field: int, content: bytes) -> bytes:
    """Return a field that holds bytes: a string, a message, or numbers in a row."""
    return _ONE_BYTE[field << 3 | _BYTES] + varint(len(content)) + content


def fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield number and content of each field of a message; raise `ProfileFormatError` where it is broken."""
    at, end = 0, len(data)
    while at < end:
        tag, at = _read(data, at)
        field, kind = tag >> 3, tag & 7
        if kind == _VARINT:
            value, at = _read(data, at)
            yield field, value
            continue
        if kind == _BYTES:
            size, at = _read(data, at)
        elif kind in _FIXED_SIZE:
            size = _FIXED_SIZE[kind]
        else:
            raise ProfileFormatError(f"not a profile: byte {at - 1} begins a field of no known kind")
        if size > end - at:
            raise ProfileFormatError(_CUT_SHORT)
        yield field, data[at : at + size]
        at += size


def numbers(content: int | bytes) -> list[int]:
    """Return the numbers of a repeated field's content, which is one of them, or bytes that hold a row."""
    if isinstance(content, int):
        return [content]
    found, at, end = [], 0, len(content)
    while at < end:
        value = content[at]
        if value < 0x80:
            at += 1
        else:
            value, at = _read(content, at)
        found.append(value)
    return found


def signed(value: int) -> int:
    """Return a number of an int64 field, which comes as its two's complement."""
    return value - (1 << 64) if value >> 63 else value


def _read(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place, byte in enumerate(data[at : at + _LONGEST_VARINT]):
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return value & _64_BITS, at + place + 1
    raise ProfileFormatError(
        _CUT_SHORT if len(data) - at < _LONGEST_VARINT else "not a profile: a number is too long"
    )
