"""Mutations of byte strings, and ways to cut them in pieces: pure, given a source of chance."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

__all__ = ["cut", "mutate"]

LONGEST = 40_000


def mutate(chance: Random, corpus: Sequence[bytes], tokens: Sequence[bytes]) -> bytes:
    """Return a member of `corpus` after none to six mutations."""
    data = bytearray(chance.choice(corpus))
    for _ in range(min(chance.randrange(7), chance.randrange(7))):
        chance.choice(_MUTATIONS)(chance, data, corpus, tokens)
    return bytes(data[:LONGEST])


def cut(chance: Random, data: bytes) -> list[bytes]:
    """Return `data` whole, byte by byte, or in pieces of any size."""
    kind = chance.randrange(4)
    if kind < 2 or len(data) < 2:
        return [data]
    if kind == 2 and len(data) < 2000:
        return [data[at : at + 1] for at in range(len(data))]
    cuts = sorted({chance.randrange(1, len(data)) for _ in range(chance.randrange(1, 8))})
    return [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]


def _flip(chance: Random, data: bytearray, _corpus: Sequence[bytes], _tokens: Sequence[bytes]) -> None:
    if data:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _replace(chance: Random, data: bytearray, _corpus: Sequence[bytes], _tokens: Sequence[bytes]) -> None:
    if data:
        data[chance.randrange(len(data))] = chance.randrange(256)


def _insert(chance: Random, data: bytearray, _corpus: Sequence[bytes], tokens: Sequence[bytes]) -> None:
    at = chance.randrange(len(data) + 1)
    data[at:at] = chance.choice(tokens)


def _insert_at_line(
    chance: Random, data: bytearray, _corpus: Sequence[bytes], tokens: Sequence[bytes]
) -> None:
    starts = [0, *[at + 2 for at in range(len(data) - 1) if data[at : at + 2] == b"\r\n"]]
    at = chance.choice(starts[:60])
    data[at:at] = chance.choice(tokens)


def _overwrite(chance: Random, data: bytearray, _corpus: Sequence[bytes], tokens: Sequence[bytes]) -> None:
    token = chance.choice(tokens)
    at = chance.randrange(len(data) + 1)
    data[at : at + len(token)] = token


def _delete(chance: Random, data: bytearray, _corpus: Sequence[bytes], _tokens: Sequence[bytes]) -> None:
    at = chance.randrange(len(data) + 1)
    del data[at : at + chance.choice([1, 1, 2, 4, 20])]


def _double(chance: Random, data: bytearray, _corpus: Sequence[bytes], _tokens: Sequence[bytes]) -> None:
    start = chance.randrange(len(data) + 1)
    piece = data[start : start + chance.randrange(1, 60)]
    data[start:start] = piece * chance.choice([1, 1, 1, 2, 30])


def _splice(chance: Random, data: bytearray, corpus: Sequence[bytes], _tokens: Sequence[bytes]) -> None:
    other = chance.choice(corpus)
    data[chance.randrange(len(data) + 1) :] = other[chance.randrange(len(other)) :]


def _append(chance: Random, data: bytearray, corpus: Sequence[bytes], _tokens: Sequence[bytes]) -> None:
    data += chance.choice(corpus)


def _truncate(chance: Random, data: bytearray, _corpus: Sequence[bytes], _tokens: Sequence[bytes]) -> None:
    del data[chance.randrange(len(data) + 1) :]


_MUTATIONS = [_flip, _replace, _overwrite, _delete, _double, _splice, _append, _truncate]
_MUTATIONS += [_insert, _insert_at_line] * 2  # which find most
