"""Our profiles, read by Google's protobuf package: number by number the same."""

from __future__ import annotations

import gzip
from typing import Any

from hypothesis import given

from clearway.pprof import Frame, Label, Profile, Sample, ValueType
from clearway.pprof.proto import decode, encode
from tests.profiles.examples import HEAP
from tests.profiles.protobuf import PROFILE, parse
from tests.profiles.strategies import profiles


def as_value(message: Any) -> Profile:
    """Return the profile that a message of the protobuf package says."""
    text = list(message.string_table)
    functions = {each.id: each for each in message.function}
    frames = {}
    for each in message.location:
        (line,) = each.line
        function = functions[line.function_id]
        name, filename = text[function.name], text[function.filename]
        frames[each.id] = Frame(name, filename, line.line, function.start_line)

    def kind(each: Any) -> ValueType:
        return ValueType(text[each.type], text[each.unit])

    def label(each: Any) -> Label:
        if each.str:
            return Label(text[each.key], text[each.str])
        return Label(text[each.key], each.num, text[each.num_unit])

    return Profile(
        sample_types=tuple(map(kind, message.sample_type)),
        samples=tuple(
            Sample(
                tuple(frames[each] for each in sample.location_id),
                tuple(sample.value),
                tuple(map(label, sample.label)),
            )
            for sample in message.sample
        ),
        period_type=kind(message.period_type),
        period=message.period,
        time_ns=message.time_nanos,
        duration_ns=message.duration_nanos,
        default_sample_type=text[message.default_sample_type],
        comments=tuple(text[each] for each in message.comment),
    )


@given(profiles())
def test_another_decoder_finds_every_number(profile: Profile) -> None:
    assert as_value(parse(gzip.decompress(encode(profile)))) == profile


@given(profiles())
def test_what_another_encoder_writes_is_read(profile: Profile) -> None:
    message = parse(gzip.decompress(encode(profile)))

    assert decode(message.SerializeToString()) == profile


@given(profiles())
def test_the_tables_have_no_entry_twice(profile: Profile) -> None:
    message = parse(gzip.decompress(encode(profile)))
    texts = [each for each in message.string_table if each]

    assert message.string_table[0] == ""
    assert len(set(texts)) == len(texts)
    for table in (message.location, message.function):
        assert [each.id for each in table] == list(range(1, len(table) + 1))
        assert len({each.SerializeToString() for each in table}) == len(table)


def test_no_field_is_unknown_to_the_other_decoder() -> None:
    data = gzip.decompress(encode(HEAP))
    known = PROFILE.FromString(data)
    size = known.ByteSize()
    known.DiscardUnknownFields()

    assert known.ByteSize() == size


def test_the_mapping_says_that_names_are_known() -> None:
    (mapping,) = parse(gzip.decompress(encode(HEAP))).mapping

    assert mapping.has_functions
    assert mapping.has_filenames
    assert mapping.has_line_numbers
