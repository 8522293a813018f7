"""Which RSA keys are too weak to trust."""

from __future__ import annotations

from functools import cache

__all__ = ["MAX_RSA_BITS", "MIN_RSA_BITS", "weakness"]

MIN_RSA_BITS = 2048
"""RFC 7518 sections 3.3 and 3.5."""

MAX_RSA_BITS = 8192
"""Verification runs on the event loop, and its time grows with the square of this."""

MAX_EXPONENT_BITS = 32
"""Verification takes time in proportion to this; 65537 has 17 bits."""

# The primes up to 167 of which 65537 does not generate every residue. A modulus of the faulty generator is a
# power of 65537 modulo each of them; of 2^27.8 honest moduli, one is. Source: Nemec and others, "The Return
# of Coppersmith's Attack" (CVE-2017-15361), on fingerprinting.
_TELLING_PRIMES = (11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157)


def weakness(modulus: int, exponent: int) -> str | None:
    """Return why an RSA public key must not be trusted, or None.

        weakness(3 * 5, 65537)      # "the modulus has 4 bits, fewer than 2048"

    Looks at size, at the exponent and for the fingerprint of ROCA keys, which can be factored.
    It does not look for shared primes or primes that are close together.
    """
    bits = modulus.bit_length()
    if bits < MIN_RSA_BITS:
        return f"the modulus has {bits} bits, fewer than {MIN_RSA_BITS}"
    if bits > MAX_RSA_BITS:
        return f"the modulus has {bits} bits, more than {MAX_RSA_BITS}"
    if exponent < 3 or exponent % 2 == 0 or exponent.bit_length() > MAX_EXPONENT_BITS:
        return "the public exponent is not an odd number between 3 and 2^32"
    if all(modulus % prime in _powers_of_65537(prime) for prime in _TELLING_PRIMES):
        return "the key has the ROCA fingerprint (CVE-2017-15361): it can be factored"
    return None


@cache
def _powers_of_65537(prime: int) -> frozenset[int]:
    powers, power = set(), 1
    while power not in powers:
        powers.add(power)
        power = power * 65537 % prime
    return frozenset(powers)
