"""Bytes of profile.proto as a profile: ours, Go's and everybody else's."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

from clearway.pprof.errors import ProfileFormatError
from clearway.pprof.profile import Frame, Label, Profile, Sample, ValueType
from clearway.pprof.proto.fields import (
    FunctionField,
    LabelField,
    LineField,
    LocationField,
    MappingField,
    ProfileField,
    SampleField,
    ValueTypeField,
)
from clearway.pprof.proto.wire import fields, numbers, signed

__all__ = ["decode"]

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP = 31  # zlib's word for a gzip header and a full window
_64_BITS = (1 << 64) - 1
_MOST_BYTES = 1 << 30  # a profile of a million stacks unpacks to about 125 MB


def decode(data: bytes, *, most_bytes: int = _MOST_BYTES) -> Profile:
    """Return the profile that `data` holds, gzip'd or plain; raise `ProfileFormatError` if it holds none.

        profile = decode(Path("heap.pb.gz").read_bytes())

    A function that was inlined becomes a frame of its own.
    A place without a name becomes a frame named by its address, in the file of its mapping.

    Options:
        most_bytes: What a gzip'd one may unpack to; more is refused.

    Mappings, build ids, columns and the patterns of frames to drop or keep are read over.
    """
    try:
        return _Message(_unpacked(data, most_bytes)).profile()
    except (
        AttributeError,
        IndexError,
        KeyError,
        TypeError,
    ) as error:  # a number for a message, a dangling id
        raise ProfileFormatError("not a profile: its parts do not fit together") from error


def _unpacked(data: bytes, most_bytes: int) -> bytes:
    if not data:
        raise ProfileFormatError("not a profile: it is empty")
    if not data.startswith(_GZIP_MAGIC):
        return data
    unpacker, parts, size = zlib.decompressobj(_GZIP), [], 0
    try:
        while data:  # a gzip file may hold several members, one after another
            parts.append(unpacker.decompress(data, most_bytes - size + 1))
            size += len(parts[-1])
            if size > most_bytes:
                raise ProfileFormatError(f"the profile has more than {most_bytes:,} bytes")
            if not unpacker.eof:
                raise ProfileFormatError("the profile is cut short")
            data, unpacker = unpacker.unused_data, zlib.decompressobj(_GZIP)
    except zlib.error as error:
        raise ProfileFormatError(f"not a profile: its gzip is broken ({error})") from error
    return b"".join(parts)


def _collected(data: bytes) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for field, content in fields(data):
        found[field].append(content)
    return found


class _Message:
    """The fields of a profile, with what its ids and indexes stand for."""

    def __init__(self, data: bytes) -> None:
        self._fields = _collected(data)
        if not self._fields[ProfileField.SAMPLE_TYPE] or not self._fields[ProfileField.STRING_TABLE]:
            raise ProfileFormatError("not a profile: it has no sample types")
        self._strings = [
            text.decode("utf-8", "backslashreplace") for text in self._fields[ProfileField.STRING_TABLE]
        ]
        if self._strings[0]:
            raise ProfileFormatError("not a profile: its table of texts does not begin with an empty one")
        self._functions = dict(map(self._function, self._fields[ProfileField.FUNCTION]))
        self._mappings = dict(map(self._mapping, self._fields[ProfileField.MAPPING]))
        self._frames = dict(map(self._location, self._fields[ProfileField.LOCATION]))

    def profile(self) -> Profile:
        """Return it as a value."""
        found = self._fields
        periods = found[ProfileField.PERIOD_TYPE]
        return Profile(
            sample_types=tuple(map(self._value_type, found[ProfileField.SAMPLE_TYPE])),
            samples=tuple(self._samples()),
            period_type=self._value_type(periods[-1]) if periods else ValueType("", ""),
            period=_last(found[ProfileField.PERIOD]),
            time_ns=_last(found[ProfileField.TIME_NANOS]),
            duration_ns=_last(found[ProfileField.DURATION_NANOS]),
            default_sample_type=self._strings[_index(found[ProfileField.DEFAULT_SAMPLE_TYPE])],
            comments=tuple(
                self._strings[place] for content in found[ProfileField.COMMENT] for place in numbers(content)
            ),
        )

    def _samples(self) -> Iterator[Sample]:
        kinds = len(self._fields[ProfileField.SAMPLE_TYPE])
        frames, labels = self._frames.__getitem__, _Memo(self._label)
        for each in self._fields[ProfileField.SAMPLE]:
            ids: list[int] = []
            values: list[int] = []
            labelled = []
            content: Any
            for field, content in fields(each):
                if field == SampleField.LOCATION_ID:
                    ids += numbers(content)
                elif field == SampleField.VALUE:
                    values += map(signed, numbers(content))
                elif field == SampleField.LABEL:
                    labelled.append(labels[content])
            if len(values) != kinds:
                raise ProfileFormatError(
                    f"not a profile: a sample has {len(values)} values for {kinds} sample types"
                )
            yield Sample(tuple(chain.from_iterable(map(frames, ids))), tuple(values), tuple(labelled))

    def _value_type(self, data: bytes) -> ValueType:
        found = dict(fields(data))
        return ValueType(self._text(found, ValueTypeField.TYPE), self._text(found, ValueTypeField.UNIT))

    def _label(self, data: bytes) -> Label:
        found: dict[int, Any] = dict(fields(data))
        key = self._text(found, LabelField.KEY)
        if found.get(LabelField.STR):
            return Label(key, self._text(found, LabelField.STR))
        return Label(key, signed(found.get(LabelField.NUM, 0)), self._text(found, LabelField.NUM_UNIT))

    def _mapping(self, data: bytes) -> tuple[int, str]:
        found: dict[int, Any] = dict(fields(data))
        return found[MappingField.ID], self._text(found, MappingField.FILENAME)

    def _function(self, data: bytes) -> tuple[int, tuple[str, str, int]]:
        found: dict[int, Any] = dict(fields(data))
        name = self._text(found, FunctionField.NAME) or self._text(found, FunctionField.SYSTEM_NAME)
        filename = self._text(found, FunctionField.FILENAME)
        return found[FunctionField.ID], (name, filename, signed(found.get(FunctionField.START_LINE, 0)))

    def _location(self, data: bytes) -> tuple[int, tuple[Frame, ...]]:
        found = _collected(data)
        frames = tuple(map(self._frame, found[LocationField.LINE]))
        if not frames:
            address, mapping = _last(found[LocationField.ADDRESS]), _last(found[LocationField.MAPPING_ID])
            frames = (Frame(f"{address & _64_BITS:#x}", self._mappings[mapping] if mapping else "", 0),)
        return found[LocationField.ID][-1], frames

    def _frame(self, data: bytes) -> Frame:
        found: dict[int, Any] = dict(fields(data))
        name, filename, start_line = self._functions[found[LineField.FUNCTION_ID]]
        return Frame(name, filename, signed(found.get(LineField.LINE, 0)), start_line)

    def _text(self, found: dict[int, Any], field: int) -> str:
        text: str = self._strings[found.get(field, 0)]
        return text


class _Memo(dict[bytes, Label]):
    """What was made of each piece of bytes: samples repeat their labels."""

    def __init__(self, make: Callable[[bytes], Label]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, data: bytes) -> Label:
        made = self[data] = self._make(data)
        return made


def _index(found: list[Any]) -> int:
    return found[-1] if found else 0  # unsigned: Python takes a negative one from the end


def _last(found: list[Any]) -> int:
    return signed(found[-1]) if found else 0
