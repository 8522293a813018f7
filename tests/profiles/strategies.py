"""Profiles of every kind, for properties."""

from __future__ import annotations

from hypothesis import strategies as st

from clearway.pprof import Frame, Label, Profile, Sample, ValueType

__all__ = ["SAMPLE_TYPES", "profiles", "samples"]

SAMPLE_TYPES = (ValueType("inuse_objects", "count"), ValueType("inuse_space", "bytes"))

INT64 = st.integers(-(1 << 63), (1 << 63) - 1)
texts = st.text(max_size=6)
# Few distinct names, so that stacks meet: what is interned, added up or taken off must show.
names = st.sampled_from(["main", "Orders.load", "<module>", "größe", ""])
frames = st.builds(
    Frame,
    function=names,
    filename=st.sampled_from(["/srv/app.py", "app.py", ""]),
    line=st.integers(0, 300),
    start_line=st.sampled_from([0, 1, 200]),
)
labels = st.one_of(
    st.builds(Label, key=texts, value=texts, unit=st.just("")),
    st.builds(Label, key=texts, value=INT64, unit=st.sampled_from(["", "bytes"])),
)


def samples(kinds: int, values: st.SearchStrategy[int] = INT64) -> st.SearchStrategy[Sample]:
    """Return a strategy of samples with `kinds` values."""
    return st.builds(
        Sample,
        stack=st.lists(frames, max_size=4).map(tuple),
        values=st.tuples(*[values] * kinds),
        labels=st.lists(labels, max_size=2).map(tuple),
    )


def profiles(
    sample_types: tuple[ValueType, ...] = SAMPLE_TYPES, values: st.SearchStrategy[int] = INT64
) -> st.SearchStrategy[Profile]:
    """Return a strategy of profiles that count `sample_types`."""
    return st.builds(
        Profile,
        sample_types=st.just(sample_types),
        samples=st.lists(samples(len(sample_types), values), max_size=6).map(tuple),
        period_type=st.sampled_from([ValueType("space", "bytes"), ValueType("", "")]),
        period=st.integers(0, 1 << 40),
        time_ns=st.integers(0, (1 << 63) - 1),
        duration_ns=st.integers(0, 1 << 40),
        default_sample_type=st.sampled_from(["inuse_space", ""]),
        comments=st.lists(texts, max_size=2).map(tuple),
    )
