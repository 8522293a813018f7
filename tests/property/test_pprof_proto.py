"""Invariant: a profile comes back from profile.proto as it was; broken bytes are refused with one error."""

from __future__ import annotations

import gzip
from contextlib import suppress

from hypothesis import example, given
from hypothesis import strategies as st

from clearway.pprof import Profile, ProfileFormatError
from clearway.pprof.proto import decode, encode
from tests.profiles.examples import HEAP
from tests.profiles.strategies import profiles

PLAIN = gzip.decompress(encode(HEAP))


@given(profiles())
def test_what_was_encoded_is_decoded(profile: Profile) -> None:
    assert decode(encode(profile)) == profile


@given(profiles())
def test_equal_profiles_are_equal_bytes(profile: Profile) -> None:
    assert encode(profile) == encode(decode(encode(profile)))


@given(st.integers(0, len(PLAIN) - 1), st.binary(max_size=3))
@example(0, b"")
def test_a_broken_profile_is_decoded_or_refused(place: int, instead: bytes) -> None:
    broken = PLAIN[:place] + instead + PLAIN[place + 1 :]

    for data in (broken, gzip.compress(broken)):
        with suppress(ProfileFormatError):
            decode(data)


@given(st.binary(max_size=40))
def test_any_bytes_are_decoded_or_refused(data: bytes) -> None:
    for each in (data, b"\x1f\x8b\x08" + data):
        with suppress(ProfileFormatError):
            decode(each)
