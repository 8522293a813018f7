"""A profile for people, in the shapes of Go's `debug=1` and `debug=2`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from clearway.pprof.arithmetic import by_stack
from clearway.pprof.profile import Frame, Label, Profile, Sample, ValueType
from clearway.pprof.totals import shown_first

__all__ = ["render"]

_HEAP = ("inuse_objects", "inuse_space", "alloc_objects", "alloc_space")
_GROUPED = 1
_NS_IN_S = 1e9


def render(profile: Profile, debug: int) -> str:
    """Return `profile` as text: grouped by stack and text labels with 1, every sample in full with more.

        >>> print(render(heap, debug=1))
        heap profile: 3: 2560 [10: 524288] @ space/524288
        <BLANKLINE>
        1: 2048 [3: 4096] @
        # labels: {"tenant": "acme"}
        #	Orders.load	/srv/shop/orders.py:41
        #	main	/srv/shop/app.py:12

    Stacks are leaf first and the largest one comes first. No tool parses this: tools read profile.proto.
    """
    kind = shown_first(profile)
    if debug <= _GROUPED:
        profile = by_stack(profile, keep=lambda label: isinstance(label.value, str))
    ordered = sorted(profile.samples, key=lambda sample: -abs(sample.values[kind]))
    return "\n".join([*_head(profile), *_body(profile, ordered, debug), ""])


def _head(profile: Profile) -> Iterator[str]:
    sums = [sum(column) for column in zip(*(each.values for each in profile.samples), strict=True)]
    sums = sums or [0] * len(profile.sample_types)
    name = "heap profile" if _is_heap(profile.sample_types) else "profile"
    period = f" @ {profile.period_type.type}/{profile.period}" if profile.period else ""
    yield f"{name}: {_counts(profile.sample_types, sums)}{period}"
    if profile.duration_ns:
        yield f"# duration: {profile.duration_ns / _NS_IN_S:g} s"
    yield from (f"# {line}" for comment in profile.comments for line in comment.splitlines())


def _body(profile: Profile, samples: Iterable[Sample], debug: int) -> Iterator[str]:
    frames = _lines if debug <= _GROUPED else _traceback
    for sample in samples:
        yield ""
        yield f"{_counts(profile.sample_types, sample.values)} @"
        if sample.labels:
            yield f"# labels: {json.dumps(dict(map(_pair, sample.labels)), ensure_ascii=False)}"
        yield from frames(sample.stack)


def _is_heap(kinds: tuple[ValueType, ...]) -> bool:
    return sorted(kind.type for kind in kinds) == sorted(_HEAP)


def _counts(kinds: tuple[ValueType, ...], values: Iterable[int]) -> str:
    """Return Go's `objects: bytes [objects: bytes]` for a heap, for others each value with its name."""
    if _is_heap(kinds):
        named = {kind.type: value for kind, value in zip(kinds, values, strict=True)}
        live_objects, live_bytes, all_objects, all_bytes = (named[name] for name in _HEAP)
        return f"{live_objects}: {live_bytes} [{all_objects}: {all_bytes}]"
    return ", ".join(
        f"{kind.type} {value}" + (f" {kind.unit}" if kind.unit not in ("", "count") else "")
        for kind, value in zip(kinds, values, strict=True)
    )


def _pair(label: Label) -> tuple[str, str | int]:
    return label.key, f"{label.value} {label.unit}" if label.unit else label.value


def _lines(stack: tuple[Frame, ...]) -> Iterator[str]:
    return (f"#\t{frame.function}\t{frame.filename}:{frame.line}" for frame in stack)


def _traceback(stack: tuple[Frame, ...]) -> Iterator[str]:
    for frame in stack:
        yield frame.function
        yield f"\t{frame.filename}:{frame.line}"
