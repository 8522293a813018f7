"""Weak RSA keys are told from good ones by their public half."""

from __future__ import annotations

from math import prod

import pytest

from clearway.plug.jose.base64url import decode
from clearway.plug.jose.weak_rsa import weakness
from tests.unit.plug.jose.keys import RSA_JWK

GOOD = int.from_bytes(decode(RSA_JWK["n"].encode()), "big")

# What the faulty generator makes, seen modulo small primes: a power of 65537.
SMALL_PRIMES = [n for n in range(3, 168) if all(n % d for d in range(2, n))]
PRIMORIAL = prod(SMALL_PRIMES)
ROCA = pow(65537, 1234, PRIMORIAL) + PRIMORIAL * (1 << (2047 - PRIMORIAL.bit_length() + 1))


def test_a_good_key_has_no_weakness() -> None:
    assert weakness(GOOD, 65537) is None
    assert weakness(GOOD, 3) is None


@pytest.mark.parametrize(
    ("modulus", "exponent", "why"),
    [
        (GOOD >> 1, 65537, "2047 bits"),
        (GOOD >> 1024, 65537, "1024 bits"),
        (0, 65537, "0 bits"),
        ((1 << 8192) + 1, 65537, "8193 bits"),
        (GOOD, 1, "exponent"),
        (GOOD, 2, "exponent"),
        (GOOD, 65536, "exponent"),
        (GOOD, (1 << 32) + 1, "exponent"),
        (ROCA, 65537, "ROCA"),
    ],
)
def test_a_weak_key_is_named_by_its_weakness(modulus: int, exponent: int, why: str) -> None:
    assert why in (weakness(modulus, exponent) or "")


def test_the_planted_key_is_long_enough_to_be_refused_for_roca_alone() -> None:
    assert 2048 <= ROCA.bit_length() <= 8192
    assert weakness(ROCA + 2 * PRIMORIAL + 2, 65537) is None
