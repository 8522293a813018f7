"""What the encoder writes, and when it gives way."""

from __future__ import annotations

import gzip
from dataclasses import replace

import pytest

from clearway.pprof import Frame, Label, Sample
from clearway.pprof.proto import decode, encode
from tests.profiles.examples import HEAP, LOAD, MAIN, heap


def test_the_file_is_gzip_without_a_time() -> None:
    data = encode(HEAP)

    assert data[:8] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00"


def test_a_name_is_written_once() -> None:
    plain = gzip.decompress(encode(HEAP))

    assert plain.count(b"Orders.load") == 1
    assert plain.count(b"/srv/shop/orders.py") == 1


def test_frames_that_are_equal_share_a_location() -> None:
    twice = heap(Sample((LOAD, MAIN), (1, 1)), Sample((Frame(*LOAD), Frame(*MAIN)), (1, 1)))
    once = heap(Sample((LOAD, MAIN), (1, 1)), Sample((LOAD, MAIN), (1, 1)))

    assert encode(twice) == encode(once)


def test_an_empty_text_is_no_number() -> None:
    sample = Sample((MAIN,), (1, 1), (Label("tenant", ""), Label("size", 0), Label("size", 0, "bytes")))

    assert decode(encode(heap(sample))).samples == (sample,)


def test_a_name_that_is_no_utf8_shows_its_bytes() -> None:
    odd = heap(Sample((Frame("f", "/tmp/\udc80.py", 1),), (1, 1)))

    assert decode(encode(odd)).samples[0].stack[0].filename == "/tmp/\\udc80.py"


def test_a_long_profile_gives_way_often_and_a_short_one_never() -> None:
    frames = [Frame(f"function_{number}", "app.py", number) for number in range(2_000)]
    long = heap(*(Sample(tuple(frames[at : at + 30]), (1, at)) for at in range(1_970)))
    calls: list[None] = []

    encode(HEAP, give_way=lambda: calls.append(None))
    assert calls == []
    given_way = encode(long, give_way=lambda: calls.append(None))
    assert len(calls) > 10
    assert given_way == encode(long)


@pytest.mark.parametrize("value", [1 << 64, -(1 << 63) - 1])
def test_a_number_of_more_than_64_bits_is_refused(value: int) -> None:
    with pytest.raises(ValueError, match=f"{value} does not fit into 64 bits"):
        encode(heap(Sample((MAIN,), (1, value))))


def test_a_sample_with_a_value_too_few_is_refused() -> None:
    with pytest.raises(ValueError, match="a sample has 1 values for 2 sample types"):
        encode(replace(HEAP, samples=(Sample((MAIN,), (1,)),)))
