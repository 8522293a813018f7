# A profile as bytes of profile.proto.
#
# Theory of operation
# -------------------
# As in Go, the encoder is written by hand, and a function or a location goes out right behind the sample that
# named it first. So what is written grows evenly with the work done, and the encoder can give way to other
# threads after every so many bytes.
#
# A stack becomes bytes without a line of Python per frame: `_Locations` is a dictionary from a frame to the
# varint of its location's id, and makes what it does not have yet.

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator

from clearway.pprof.profile import Coded, Frame, Label, Profile, Sample, ValueType
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
from clearway.pprof.proto.wire import Varints, block, number

__all__ = ["encode"]

# Bytes between two calls of `give_way`: 0.7 ms of work in the median (`python -m benchmarks.pprof_encode`).
_STEP_BYTES = 8_192
_CODED_STEP_BYTES = 32_768  # as much work: a stack of 30 frames is one call there
# Bytes that are packed at once. zlib lets the GIL go for each piece, and beside a busy service it takes as
# long to get it back as it does after `give_way`.
_PACK_BYTES = 1 << 18
_LEVEL = 1  # of compression, the fastest, as Go has it
_GZIP = (
    31  # zlib's word for a full window and a gzip header; it has no time, so equal profiles are equal bytes
)

# Without a mapping that claims to have all names, `go tool pprof` looks for a binary to ask.
_MAPPING = block(
    ProfileField.MAPPING,
    number(MappingField.ID, 1)
    + number(MappingField.HAS_FUNCTIONS, 1)
    + number(MappingField.HAS_FILENAMES, 1)
    + number(MappingField.HAS_LINE_NUMBERS, 1),
)


def _stay() -> None:
    """Give way to nobody."""


def encode(profile: Profile, give_way: Callable[[], object] = _stay) -> bytes:
    """Return `profile` as gzip'd profile.proto.

        data = encode(profile)
        assert decode(data) == profile

    Equal profiles give equal bytes.

    Options:
        give_way: Called after each millisecond of work or so; one that sleeps lets other threads run.

    Raises `ValueError` where a number does not fit into 64 bits or a sample has not one for each type.
    """
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    packed, waiting, size, worked = [], [], 0, 0
    step = _CODED_STEP_BYTES if isinstance(profile.samples, Coded) else _STEP_BYTES
    for message in _messages(profile):
        waiting.append(message)
        size += len(message)
        worked += len(message)
        if size >= _PACK_BYTES:
            packed.append(packer.compress(b"".join(waiting)))
            waiting, size = [], 0
        if worked >= step:
            worked = 0
            give_way()
    packed.append(packer.compress(b"".join(waiting)))
    packed.append(packer.flush())
    return b"".join(packed)


def _messages(profile: Profile) -> Iterator[bytes]:
    strings = _Strings()
    yield from _head(profile, strings)
    yield _MAPPING
    yield from _samples(profile, strings)
    yield from (block(ProfileField.STRING_TABLE, _utf8(text)) for text in strings.texts)


def _head(profile: Profile, strings: _Strings) -> Iterator[bytes]:
    for each in profile.sample_types:
        yield block(ProfileField.SAMPLE_TYPE, _value_type(each, strings))
    if any(profile.period_type):
        yield block(ProfileField.PERIOD_TYPE, _value_type(profile.period_type, strings))
    yield number(ProfileField.TIME_NANOS, profile.time_ns)
    yield number(ProfileField.DURATION_NANOS, profile.duration_ns)
    yield number(ProfileField.PERIOD, profile.period)
    for comment in profile.comments:
        yield number(ProfileField.COMMENT, strings[comment])
    if profile.default_sample_type:
        yield number(ProfileField.DEFAULT_SAMPLE_TYPE, strings[profile.default_sample_type])


def _samples(profile: Profile, strings: _Strings) -> Iterator[bytes]:
    varints, labels = Varints(), _Labels(strings)
    locations = _Locations(strings, varints)
    kinds = len(profile.sample_types)
    id_tag, value_tag = (block(field, b"")[:1] for field in (SampleField.LOCATION_ID, SampleField.VALUE))
    tag = block(ProfileField.SAMPLE, b"")[:1]
    for ids, values, labelled in _coded(profile.samples, locations.__getitem__):
        if len(values) != kinds:
            raise ValueError(f"a sample has {len(values)} values for {kinds} sample types")
        counts = b"".join(map(varints.__getitem__, values))
        content = b"".join(
            (id_tag, varints[len(ids)], ids, value_tag, varints[len(counts)], counts, labels[labelled])
        )
        yield tag + varints[len(content)] + content
        if locations.fresh:
            yield from locations.fresh
            locations.fresh = []


def _coded(
    samples: Iterable[Sample], code: Callable[[Frame], bytes]
) -> Iterable[tuple[bytes, tuple[int, ...], tuple[Label, ...]]]:
    if isinstance(samples, Coded):
        return samples.coded(code)
    return ((b"".join(map(code, stack)), values, labels) for stack, values, labels in samples)


def _value_type(kind: ValueType, strings: _Strings) -> bytes:
    return number(ValueTypeField.TYPE, strings[kind.type]) + number(ValueTypeField.UNIT, strings[kind.unit])


def _utf8(text: str) -> bytes:
    # The name of a file may be no UTF-8; what Python makes of it shows as \udc80 here.
    return text.encode("utf-8", "backslashreplace")


class _Strings(dict[str, int]):
    """The place of each text in the string table, which has the empty one first."""

    def __init__(self) -> None:
        super().__init__({"": 0})
        self.texts = [""]
        self._empty_label = 0

    def __missing__(self, text: str) -> int:
        place = self[text] = len(self.texts)
        self.texts.append(text)
        return place

    def label(self, text: str) -> int:
        """Return the place of a label's text.

        An empty one has a place of its own: 0 would say that there is none.
        """
        if text:
            return self[text]
        if not self._empty_label:
            self._empty_label = len(self.texts)
            self.texts.append("")
        return self._empty_label


class _Labels(dict[tuple[Label, ...], bytes]):
    """The fields of a sample for each set of labels."""

    def __init__(self, strings: _Strings) -> None:
        super().__init__()
        self._strings = strings

    def __missing__(self, labels: tuple[Label, ...]) -> bytes:
        made = self[labels] = b"".join(block(SampleField.LABEL, self._label(each)) for each in labels)
        return made

    def _label(self, label: Label) -> bytes:
        strings, key = self._strings, number(LabelField.KEY, self._strings[label.key])
        if isinstance(label.value, str):
            return key + number(LabelField.STR, strings.label(label.value))
        made = key + number(LabelField.NUM, label.value)
        return made + number(LabelField.NUM_UNIT, strings[label.unit]) if label.unit else made


class _Locations(dict[Frame, bytes]):
    """The varint of each frame's location id. `fresh` holds messages that nobody wrote yet."""

    def __init__(self, strings: _Strings, varints: Varints) -> None:
        super().__init__()
        self.fresh: list[bytes] = []
        self._functions: dict[tuple[str, str, int], bytes] = {}
        self._strings = strings
        self._varints = varints

    def __missing__(self, frame: Frame) -> bytes:
        name, filename, line, start_line = frame
        found = self._functions.get((name, filename, start_line))
        function = found or self._function(name, filename, start_line)
        made = self[frame] = self._varints[len(self) + 1]
        where = block(LocationField.LINE, function + number(LineField.LINE, line))
        place = number(LocationField.ID, len(self)) + number(LocationField.MAPPING_ID, 1) + where
        self.fresh.append(block(ProfileField.LOCATION, place))
        return made

    def _function(self, name: str, filename: str, start_line: int) -> bytes:
        # No system name: where it equals the name, `go tool pprof` takes <module> for C++ and cuts it short.
        functions, strings = self._functions, self._strings
        place = len(functions) + 1
        made = functions[name, filename, start_line] = number(LineField.FUNCTION_ID, place)
        content = (
            number(FunctionField.ID, place)
            + number(FunctionField.NAME, strings[name])
            + number(FunctionField.FILENAME, strings[filename])
            + number(FunctionField.START_LINE, start_line)
        )
        self.fresh.append(block(ProfileField.FUNCTION, content))
        return made
