"""What happened, on one page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from clearway.pprof.black_box.gauge import Reading, mib
from clearway.pprof.profile import Profile, Sample

__all__ = ["summary"]

LINES = 25


def summary(
    head: str, reading: Reading, heap: Profile | None, tasks: Profile | None, failed: list[str]
) -> str:
    """Return the page: where memory stood, who holds it, what waits, and what could not be told."""
    lines = [
        head,
        f"RSS {mib(reading.rss)}, {reading.share:.1%} of {reading.limit}",
        *(heap.comments if heap is not None else ()),
        *(f"not written: {each}" for each in failed),
    ]
    if heap is not None:
        lines += ["", "Held, by where it was allocated (sampled):", *_top(heap, "inuse_space", mib)]
    if tasks is not None:
        lines += ["", "Tasks, threads and greenlets, by where they are:", *_top(tasks, None, str)]
    return "\n".join([*lines, ""])


def _top(profile: Profile, kind: str | None, shown: Callable[[int], str]) -> Iterator[str]:
    place = 0 if kind is None else profile.index(kind)
    sums: Counter[str] = Counter()
    for sample in profile.samples:
        sums[_line(sample)] += sample.values[place]
    total = sum(sums.values())
    yield f"{shown(total):>14}  in all"
    for line, value in sums.most_common(LINES):
        if value * 1000 >= total:
            yield f"{shown(value):>14}  {line}"


def _line(sample: Sample) -> str:
    """Return where a sample is: its innermost frames, and its labels."""
    frames = " < ".join(f"{each.function} {each.filename}:{each.line}" for each in sample.stack[:3])
    labels = " ".join(f"{each.key}={each.value}" for each in sample.labels)
    return f"{frames}  [{labels}]" if labels else frames
