"""Verified tokens are remembered by digest, until their deadline, within bounds."""

from __future__ import annotations

from clearway.plug.plugs.parts.verified_tokens import KEY_BYTES, VerifiedTokens
from clearway.plug.principal import Principal

ACME = Principal("acme", "bearer")


def tokens(capacity: int = 100) -> VerifiedTokens:
    return VerifiedTokens(capacity, key=bytes(KEY_BYTES))


def test_a_token_is_remembered_until_its_deadline() -> None:
    remembered = tokens()
    remembered.put(b"Bearer a", 10.0, ACME)

    assert remembered.get(b"Bearer a", 9.999) is ACME
    assert remembered.get(b"Bearer a", 10.0) is None
    assert remembered.get(b"Bearer b", 0.0) is None


def test_the_table_has_a_bound() -> None:
    remembered = tokens(100)
    for number in range(10_000):
        remembered.put(b"Bearer %d" % number, 10.0, ACME)

    assert 50 <= len(remembered) <= 100


def test_a_token_in_use_survives_a_crowd() -> None:
    remembered = tokens(100)
    remembered.put(b"Bearer a", 10.0, ACME)
    for number in range(10_000):
        remembered.put(b"Bearer %d" % number, 10.0, ACME)
        assert remembered.get(b"Bearer a", 0.0) is ACME


def test_a_reset_forgets_all() -> None:
    remembered = tokens()
    remembered.put(b"Bearer a", 10.0, ACME)
    remembered.reset(3)

    assert remembered.get(b"Bearer a", 0.0) is None
    assert repr(remembered) == "<VerifiedTokens of generation 3: 0 of 100>"


def test_a_table_of_size_zero_remembers_nothing() -> None:
    remembered = tokens(0)
    remembered.put(b"Bearer a", 10.0, ACME)

    assert remembered.get(b"Bearer a", 0.0) is None
    assert len(remembered) == 0


def test_no_token_is_kept() -> None:
    remembered = tokens()
    remembered.put(b"Bearer hunter2", 10.0, ACME)

    assert b"hunter2" not in b"".join(remembered._recent._young)


def test_digests_depend_on_the_key() -> None:
    one, other = tokens(), VerifiedTokens(100, key=b"\1" * KEY_BYTES)
    one.put(b"Bearer a", 10.0, ACME)
    other.put(b"Bearer a", 10.0, ACME)

    assert one._recent._young.keys().isdisjoint(other._recent._young.keys())
