"""What may stand behind a body: RFC 9110 section 6.5.1."""

from __future__ import annotations

import pytest

from clearway.http.head import FRAMING
from clearway.http.trailers import safe_trailers

MORE = b"authorization cookie set-cookie host content-type if-match x-forwarded-for via".split()


@pytest.mark.parametrize("name", [*sorted(FRAMING), *MORE])
def test_what_frames_routes_authenticates_or_conditions_is_dropped(name: bytes) -> None:
    assert safe_trailers([(b"x-sum", b"1"), (name, b"2")]) == ((b"x-sum", b"1"),)


def test_others_are_kept_in_order_and_repeated() -> None:
    fields = [(b"x", b"1"), (b"server-timing", b"a"), (b"x", b"2")]

    assert safe_trailers(fields) == tuple(fields)
