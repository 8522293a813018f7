"""A profile as the tree that its stacks make, in few numbers: what the page draws."""

from __future__ import annotations

from typing import Any

from clearway.pprof.profile import Label, Profile
from clearway.pprof.totals import shown_first

__all__ = ["tree"]

_ROOT = 0


class _Places(dict[Any, int]):
    """The place of each thing in a list of distinct ones."""

    def __missing__(self, thing: Any) -> int:
        place = self[thing] = len(self)
        return place


def tree(profile: Profile) -> dict[str, Any]:
    """Return a profile as JSON may hold it.

    Node 0 is the root; `nodes` has two numbers for each other one: its parent, which comes before it, and its
    frame. `samples` has the node of the leaf, the places of the labels, and the values.
    """
    functions, frames, labels, nodes = _Places(), _Places(), _Places(), _Places()
    samples = []
    for stack, values, labelled in profile.samples:
        node = _ROOT
        for frame in reversed(stack):
            function = functions[frame.function, frame.filename]
            node = nodes[node, frames[function, frame.line]] + 1
        samples.append([node, [labels[_text(each)] for each in labelled], list(values)])
    return {
        "types": [list(each) for each in profile.sample_types],
        "first": shown_first(profile),
        "comments": list(profile.comments),
        "time_ms": profile.time_ns // 1_000_000,
        "duration_ns": profile.duration_ns,
        "functions": list(functions),
        "frames": list(frames),
        "labels": list(labels),
        "nodes": [number for node in nodes for number in node],
        "samples": samples,
    }


def _text(label: Label) -> tuple[str, str]:
    return label.key, f"{label.value} {label.unit}".rstrip() if label.unit else str(label.value)
