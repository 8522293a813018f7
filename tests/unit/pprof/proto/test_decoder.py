"""What others write is read too, and what is no profile is refused with the reason."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from contextlib import suppress

import pytest

from clearway.pprof import Frame, Label, Profile, ProfileFormatError, Sample, ValueType
from clearway.pprof.proto import decode, encode
from clearway.pprof.proto.wire import block, number, varint
from tests.profiles.examples import HEAP

PLAIN = gzip.decompress(encode(HEAP))
STRINGS = ["", "samples", "count", "inner", "a.go", "outer", "/bin/app", "key", "text"]
SAMPLES = block(1, number(1, 1) + number(2, 2))
TABLE = b"".join(block(6, text.encode()) for text in STRINGS)


def read(*parts: bytes) -> Profile:
    return decode(SAMPLES + TABLE + b"".join(parts))


def test_gzip_may_be_missing_or_come_in_several_parts() -> None:
    assert decode(PLAIN) == HEAP
    assert decode(gzip.compress(PLAIN[:100]) + gzip.compress(PLAIN[100:])) == HEAP


def test_an_inlined_function_is_a_frame_of_its_own() -> None:
    functions = [
        block(5, number(1, each) + number(2, name) + number(4, 4)) for each, name in ((1, 3), (2, 5))
    ]
    lines = block(4, number(1, 1) + number(2, 7)) + block(4, number(1, 2) + number(2, 9))
    found = read(
        *functions, block(4, number(1, 1) + lines), block(2, block(1, varint(1)) + block(2, varint(5)))
    )

    assert found.samples == (Sample((Frame("inner", "a.go", 7), Frame("outer", "a.go", 9)), (5,)),)


def test_a_place_without_a_name_is_named_by_its_address() -> None:
    mapping = block(3, number(1, 1) + number(5, 6))
    place = block(4, number(1, 1) + number(2, 1) + number(3, 0xFFFF_FFFF_8000_0000))
    found = read(mapping, place, block(2, number(1, 1) + number(2, 5)))

    assert found.samples[0].stack == (Frame("0xffffffff80000000", "/bin/app", 0),)


@pytest.mark.parametrize(
    "repeated", [block, lambda field, content: b"".join(number(field, n) for n in content)]
)
def test_numbers_may_be_packed_or_not(repeated: Callable[[int, bytes], bytes]) -> None:
    places = [block(4, number(1, each) + number(3, each)) for each in (1, 2)]
    comments = repeated(13, bytes([7, 8]))
    found = read(*places, block(2, repeated(1, bytes([2, 1])) + repeated(2, bytes([9]))), comments)

    assert found.samples == (Sample((Frame("0x2", "", 0), Frame("0x1", "", 0)), (9,)),)
    assert found.comments == ("key", "text")


def test_a_label_is_text_where_it_has_one() -> None:
    text, size = number(1, 7) + number(2, 8) + number(3, 5), number(1, 7) + number(3, -5) + number(4, 2)
    found = read(block(2, block(1, b"") + number(2, 1) + block(3, text) + block(3, size)))

    assert found.samples[0].labels == (Label("key", "text"), Label("key", -5, "count"))


def test_fields_that_nobody_knows_are_read_over() -> None:
    fixed = bytes([100 << 3 & 0x7F | 1 | 0x80, 100 >> 4]) + bytes(8)

    assert read(block(15, b"x"), number(7, 1), fixed).sample_types == (ValueType("samples", "count"),)


LONG = b"\x08" + b"\xff" * 11


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "not a profile: it is empty"),
        (b"<!doctype html>", "not a profile: byte 0 begins a field of no known kind"),
        (gzip.compress(b"{}"), "not a profile: byte 0 begins a field of no known kind"),
        (LONG, "not a profile: a number is too long"),
        (TABLE, "not a profile: it has no sample types"),
        (SAMPLES, "not a profile: it has no sample types"),
        (SAMPLES + TABLE[2:], "not a profile: its table of texts does not begin with an empty one"),
        (SAMPLES + TABLE + number(14, (1 << 64) - 1), "not a profile: its parts do not fit together"),
        (PLAIN[:-1], "the profile is cut short"),
        (PLAIN + b"\x08", "the profile is cut short"),
        (encode(HEAP)[:-9], "the profile is cut short"),
        (
            SAMPLES + TABLE + block(2, number(1, 1) + number(2, 1)),
            "not a profile: its parts do not fit together",
        ),
        (SAMPLES + TABLE + number(2, 1), "not a profile: its parts do not fit together"),
        (block(1, number(1, 99)) + TABLE, "not a profile: its parts do not fit together"),
        (
            SAMPLES + TABLE + block(2, number(2, 1) + number(2, 2)),
            "not a profile: a sample has 2 values for 1 sample types",
        ),
    ],
)
def test_what_is_no_profile_is_refused_with_the_reason(data: bytes, text: str) -> None:
    with pytest.raises(ProfileFormatError) as caught:
        decode(data)

    assert str(caught.value) == text


# A whole profile, message by message: the field of each, and what it holds.
WHOLE = {
    "ValueType": (1, [number(1, 1), number(2, 2)]),
    "Sample": (2, [block(1, bytes([1])), block(2, bytes([1])), block(3, number(1, 7) + number(2, 8))]),
    "Mapping": (3, [number(1, 1), number(5, 6)]),
    "Location": (4, [number(1, 1), number(2, 1), block(4, number(1, 1) + number(2, 7))]),
    "Function": (5, [number(1, 1), number(2, 3), number(4, 4), number(5, 1)]),
}
FIELDS = [(name, place) for name, (_, parts) in WHOLE.items() for place in range(len(parts))]


def whole(name: str = "", place: int = 0, instead: bytes = b"") -> bytes:
    """Return the profile, with something else in one place."""
    made = []
    for each, (field, parts) in WHOLE.items():
        content = [instead if (each, at) == (name, place) else part for at, part in enumerate(parts)]
        made.append(block(field, b"".join(content)))
    return b"".join(made) + TABLE


def test_the_whole_profile_is_one() -> None:
    assert len(decode(whole()).samples[0].stack) == 1


@pytest.mark.parametrize(("name", "place"), FIELDS)
def test_a_field_of_the_wrong_kind_is_read_over_or_refused(name: str, place: int) -> None:
    field = WHOLE[name][1][place][0] >> 3

    for instead in (number(field, 99), block(field, b"\x63"), block(field, b"abc"), b""):
        with suppress(ProfileFormatError):
            decode(whole(name, place, instead))


@pytest.mark.parametrize("field", range(1, 16))
def test_a_number_in_the_place_of_a_message_is_read_over_or_refused(field: int) -> None:
    for instead in (number(field, 99), block(field, b"\xff"), block(field, b"")):
        with suppress(ProfileFormatError):
            decode(instead + whole())
        with suppress(ProfileFormatError):
            decode(whole() + instead)


def test_a_broken_gzip_says_where_it_broke() -> None:
    with pytest.raises(ProfileFormatError, match=r"not a profile: its gzip is broken \(.*\)"):
        decode(b"\x1f\x8b\x08" + b"nonsense")


def test_a_file_that_unpacks_to_more_than_it_may_is_refused() -> None:
    with pytest.raises(ProfileFormatError, match="the profile has more than 1,000 bytes"):
        decode(gzip.compress(bytes(2_000)), most_bytes=1_000)
