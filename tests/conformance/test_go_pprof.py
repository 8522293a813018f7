"""The real `go tool pprof` on our profiles: its numbers are ours."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from pathlib import Path

import pytest

from clearway.pprof import Frame, Label, Profile, Sample
from clearway.pprof.arithmetic import difference, merged
from clearway.pprof.filters import focused, labelled
from clearway.pprof.proto import decode
from clearway.pprof.totals import Total, calls, totals
from tests.profiles.examples import HEAP, heap
from tests.profiles.gopprof import BYTES, Row, go_pprof, rows, traces, written

pytestmark = pytest.mark.peers("go")

SPACE = HEAP.index("inuse_space")


def random_heap(seed: int) -> Profile:
    """Return a profile with recursion, repeated stacks and labels of every kind."""
    chance = random.Random(seed)
    frames = [Frame(f"f{n % 12}", f"/srv/m{n % 12}.py", 10 + n, 10) for n in range(40)]
    return heap(
        *(
            Sample(
                tuple(chance.choices(frames, k=chance.randint(1, 8))),
                (chance.randint(1, 9), chance.randint(1, 5_000_000)),
                chance.choice(
                    [(), (Label("tenant", "acme"),), (Label("tenant", "globex"), Label("n", 7, "x"))]
                ),
            )
            for _ in range(60)
        )
    )


PROFILES = [
    pytest.param(HEAP, id="example"),
    *(pytest.param(random_heap(seed), id=str(seed)) for seed in range(3)),
]
every_profile = pytest.mark.parametrize("profile", PROFILES)


def as_rows(found: list[Total]) -> list[Row]:
    return sorted(Row(each.function.name, each.flat, each.cum) for each in found)


@every_profile
@pytest.mark.parametrize("sample_type", ["inuse_space", "inuse_objects"])
def test_top(tmp_path: Path, profile: Profile, sample_type: str) -> None:
    report = go_pprof("-top", *BYTES, f"-sample_index={sample_type}", written(tmp_path, "heap", profile))

    assert sorted(rows(report)) == as_rows(totals(profile, profile.index(sample_type)))


def test_the_default_sample_type_the_time_and_the_comments_are_shown(tmp_path: Path) -> None:
    report = go_pprof("-top", written(tmp_path, "heap", HEAP))

    assert "Type: inuse_space\n" in report
    assert "Nov 14, 2023" in report
    assert go_pprof("-comments", written(tmp_path, "heap", HEAP)) == "3 samples were lost\n"


PYTHON_NAMES = [
    "<module>",
    "<lost samples>",
    "<lambda>",
    "main.<locals>.<lambda>",
    "Stack[int].push",
    "operator<",
    "a::b<c>(d)",
    "größe",
    "_ZN3foo3barEv",
]


def test_names_are_left_as_python_has_them(tmp_path: Path) -> None:
    profile = heap(*(Sample((Frame(name, "a.py", 1, 1),), (1, 10)) for name in PYTHON_NAMES))
    report = go_pprof("-top", *BYTES, written(tmp_path, "heap", profile))

    assert sorted(row.name for row in rows(report)) == sorted(PYTHON_NAMES)


@every_profile
def test_focus(tmp_path: Path, profile: Profile) -> None:
    report = go_pprof("-top", *BYTES, "-focus=parse|f3$", written(tmp_path, "heap", profile))

    assert sorted(rows(report)) == as_rows(totals(focused(profile, "parse|f3$"), SPACE))


@every_profile
def test_tagfocus(tmp_path: Path, profile: Profile) -> None:
    report = go_pprof("-top", *BYTES, "-tagfocus=tenant=acme", written(tmp_path, "heap", profile))

    assert sorted(rows(report)) == as_rows(totals(labelled(profile, [("tenant", "acme")]), SPACE))


@every_profile
@pytest.mark.parametrize("flag", ["-base", "-diff_base"])
def test_a_difference(tmp_path: Path, profile: Profile, flag: str) -> None:
    before = random_heap(9)
    base, after = written(tmp_path, "before", before), written(tmp_path, "after", profile)
    expected = totals(difference(profile, before), SPACE)
    report = go_pprof("-top", *BYTES, f"{flag}={base}", after)

    assert sorted(rows(report)) == as_rows([each for each in expected if each.flat or each.cum])


@every_profile
def test_a_difference_of_ours_is_read_with_its_signs(tmp_path: Path, profile: Profile) -> None:
    change = difference(profile, random_heap(9))
    report = go_pprof("-top", *BYTES, written(tmp_path, "change", change))

    assert sorted(rows(report)) == as_rows([each for each in totals(change, SPACE) if each.flat or each.cum])


@every_profile
def test_traces(tmp_path: Path, profile: Profile) -> None:
    report = go_pprof("-traces", *BYTES, written(tmp_path, "heap", profile))
    expected = [
        (sample.values[SPACE], [frame.function for frame in sample.stack])
        for sample in merged([profile]).samples
    ]

    assert sorted(traces(report)) == sorted(expected)


@every_profile
def test_peek(tmp_path: Path, profile: Profile) -> None:
    report = go_pprof("-peek=load|f3$", *BYTES, written(tmp_path, "heap", profile))
    chosen = [each.function for each in totals(profile, SPACE) if re.search("load|f3$", each.function.name)]
    found = [
        (kind, int(value.rstrip("B")), name)
        for value, kind, name in re.findall(r"^ +(-?\d+B?) +\S+% \| ( ?) *(\S+)$", report, re.MULTILINE)
    ]
    expected = [
        (" ", value, function.name)
        for each in calls(profile, SPACE, chosen)
        for function, value in each.callers + each.callees
    ]

    assert sorted(found) == sorted(expected)


def test_list_shows_the_numbers_beside_the_lines(tmp_path: Path) -> None:
    source = tmp_path / "orders.py"
    source.write_text("".join(f"line {number}\n" for number in range(1, 100)))
    where = Frame("load", str(source), 41, 38)
    profile = heap(Sample((where,), (1, 2_048)), Sample((HEAP.samples[0].stack[0], where), (1, 1_024)))
    report = go_pprof("-list=load", "-unit=B", written(tmp_path, "heap", profile))

    assert re.search(r"^ +2048B +3072B +41:line 41$", report, re.MULTILINE)


@every_profile
def test_raw_has_every_sample(tmp_path: Path, profile: Profile) -> None:
    report = go_pprof("-raw", written(tmp_path, "heap", profile))
    values = re.findall(r"^ +(\d+) +(\d+): [\d ]+$", report, re.MULTILINE)

    assert sorted((int(one), int(other)) for one, other in values) == sorted(
        sample.values for sample in merged([profile]).samples
    )
    assert f"Period: {profile.period}" in report


@every_profile
def test_what_go_writes_again_says_the_same(tmp_path: Path, profile: Profile) -> None:
    out = tmp_path / "again.pb.gz"
    go_pprof("-proto", f"-output={out}", written(tmp_path, "heap", profile))
    again = decode(out.read_bytes())

    def said(each: Profile) -> list[Sample]:
        plain = (sample._replace(labels=tuple(sorted(sample.labels))) for sample in merged([each]).samples)
        return sorted(plain, key=repr)

    assert said(again) == said(profile)
    assert replace(again, samples=()) == replace(profile, samples=())
