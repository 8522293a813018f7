# A set of keys, frozen.
#
# Rule 1: a set is never changed. Rotation makes a new one with a higher `generation`, so whoever remembers
#         what a set has verified compares one integer.
# Rule 2: a kid finds at most one key. Sets that would break this are refused whole, not repaired.
"""A frozen set of keys, and its JSON form (RFC 7517 section 5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from clearway.plug.jose.errors import InvalidKeyError
from clearway.plug.jose.jwk import parse_jwk
from clearway.plug.jose.key import Key
from clearway.plug.jose.strict_json import loads_object

__all__ = ["MAX_KEYS", "KeySet", "parse_key_set"]

MAX_KEYS = 100
"""Keys in one JSON document: a rotation needs two per algorithm."""


class KeySet:
    """A frozen set of keys.

        keys = KeySet([parse_pem(pem, kid="2026-01")])
        keys.candidates("2026-01", "RS256")       # (<the key>,)

    Raises `InvalidKeyError` if two keys share a kid, or if secrets and public keys are mixed: one leaks
    when the set is published, and the other is an invitation to confuse them.

    Options:
        generation: A number that its source raises whenever the keys change.
        skipped: Why some keys of the document were left out, one line each.
    """

    __slots__ = ("_by_alg", "_by_kid", "_unnamed", "generation", "keys", "skipped")

    def __init__(self, keys: Iterable[Key], *, generation: int = 1, skipped: Iterable[str] = ()) -> None:
        self.keys = tuple(keys)
        self.generation = generation
        self.skipped = tuple(skipped)
        self._by_kid = {key.kid: key for key in self.keys if key.kid is not None}
        self._unnamed: dict[str, tuple[Key, ...]] = _group(key for key in self.keys if key.kid is None)
        self._by_alg: dict[str, tuple[Key, ...]] = _group(self.keys)
        _refuse_repeats(key.kid for key in self.keys)
        if len({key.is_secret() for key in self.keys}) > 1:
            raise InvalidKeyError("the set mixes shared secrets with public keys")

    def knows(self, kid: str) -> bool:
        """Tell whether a key of that name is in the set."""
        return kid in self._by_kid

    def candidates(self, kid: str | None, alg: str) -> tuple[Key, ...]:
        """Return the keys that may have signed a token with this header.

        A kid that the set knows means that key or none; an unknown one, the keys that have no kid.
        Without a kid, every key that is bound to `alg`.
        """
        if kid is None:
            return self._by_alg.get(alg, ())
        key = self._by_kid.get(kid)
        if key is None:
            return self._unnamed.get(alg, ())
        return (key,) if alg in key.verifiers else ()

    def __len__(self) -> int:
        return len(self.keys)

    def __repr__(self) -> str:
        names = ", ".join("-" if key.kid is None else key.kid for key in self.keys)
        return f"<KeySet {self.generation}: {len(self.keys)} keys ({names}), {len(self.skipped)} skipped>"


def _refuse_repeats(kids: Iterable[object]) -> None:
    named = [kid for kid in kids if isinstance(kid, str)]
    if len(set(named)) != len(named):
        raise InvalidKeyError("two keys of the set have the same kid")


def _group(keys: Iterable[Key]) -> dict[str, tuple[Key, ...]]:
    groups: dict[str, tuple[Key, ...]] = {}
    for key in keys:
        for alg in key.algorithms:
            groups[alg] = (*groups.get(alg, ()), key)
    return groups


def parse_key_set(
    document: bytes,
    *,
    remote: bool = False,
    algorithms: Iterable[str] | None = None,
    generation: int = 1,
) -> KeySet:
    """Return the keys of a JWK Set, or of a single JWK; raise `InvalidKeyError` if none is usable.

        parse_key_set(Path("jwks.json").read_bytes()).skipped     # ("key 2 (kid 'enc'): ...",)

    A key that is not for us (another type, `"use": "enc"`, too weak) is skipped, as RFC 7517 section 5 asks,
    and `KeySet.skipped` says why.
    Private halves are dropped: the set only verifies.

    Options:
        remote: The document was published: shared secrets and private keys in it make it worthless.
        algorithms: An allow-list for every key; None means what each key's type and `alg` allow.
        generation: Of the new set.
    """
    allowed = None if algorithms is None else tuple(algorithms)
    members = _members(document)
    _refuse_repeats(jwk.get("kid") for jwk in members)  # of skipped keys too: who knows which one was meant
    keys: list[Key] = []
    skipped: list[str] = []
    for number, jwk in enumerate(members, 1):
        if remote and ("d" in jwk or "k" in jwk or jwk.get("kty") == "oct"):
            raise InvalidKeyError("the published key set contains a private key or a shared secret")
        try:
            keys.append(parse_jwk(jwk, algorithms=allowed).verify_only())
        except InvalidKeyError as error:
            skipped.append(f"key {number} (kid {str(jwk.get('kid'))[:64]!r}): {error}")
    if not keys:
        raise InvalidKeyError("the key set holds no usable key" + "".join(f"; {why}" for why in skipped[:3]))
    return KeySet(keys, generation=generation, skipped=skipped)


def _members(document: bytes) -> list[Mapping[str, Any]]:
    try:
        content = loads_object(document)
    except ValueError as error:
        raise InvalidKeyError(f"the key set is refused: {error}") from None
    members = content.get("keys", [content] if "kty" in content else None)
    if not isinstance(members, list) or not all(isinstance(member, dict) for member in members):
        raise InvalidKeyError("the key set has no list of objects named 'keys'")
    if len(members) > MAX_KEYS:
        raise InvalidKeyError(f"the key set holds more than {MAX_KEYS} keys")
    return members
