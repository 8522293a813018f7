"""Parts of a profile: by what its stacks pass through, and by its labels."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from clearway.pprof.errors import BadParameterError
from clearway.pprof.profile import Frame, Profile, Sample

__all__ = ["focused", "labelled", "matcher"]


def focused(profile: Profile, pattern: str) -> Profile:
    """Return the samples whose stack has a frame that `pattern` is found in: in its function or its file.

    Raises `BadParameterError` where it is no regular expression.
    """
    matches = matcher(pattern)
    return _kept(profile, lambda sample: any(map(matches, sample.stack)))


def labelled(profile: Profile, wanted: Iterable[tuple[str, str]]) -> Profile:
    """Return the samples with these labels, given as key and value.

    Of two values for one key a sample needs either; of two keys it needs both.
    """
    values: dict[str, set[str]] = {}
    for key, value in wanted:
        values.setdefault(key, set()).add(value)

    def fits(sample: Sample) -> bool:
        return all(
            any(each.key == key and str(each.value) in accepted for each in sample.labels)
            for key, accepted in values.items()
        )

    return _kept(profile, fits)


def matcher(pattern: str) -> Callable[[Frame], bool]:
    """Return a function that tells whether `pattern` is found in a frame's function or file."""
    try:
        search = re.compile(pattern).search
    except re.error as error:
        raise BadParameterError(f"{pattern!r} is not a regular expression: {error}") from error
    known: dict[tuple[str, str], bool] = {}

    def matches(frame: Frame) -> bool:
        name = (frame.function, frame.filename)
        found = known.get(name)
        if found is None:
            found = known[name] = any(map(search, name))
        return found

    return matches


def _kept(profile: Profile, fits: Callable[[Sample], bool]) -> Profile:
    return replace(profile, samples=tuple(filter(fits, profile.samples)))
