"""Golden files: the bytes that we write, and profiles that Go's runtime wrote."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
from functools import partial
from pathlib import Path

import pytest

from clearway.pprof.proto import decode, encode
from clearway.pprof.totals import shown_first, totals
from tests.golden import Golden
from tests.profiles.examples import HEAP
from tests.profiles.gopprof import BYTES, NANOSECONDS, go_pprof, rows

LEAK = "leak.go"
KINDS = {"heap": BYTES, "cpu": NANOSECONDS}
every_kind = pytest.mark.parametrize("kind", KINDS)


def run_leak(kind: str, path: Path) -> None:
    """Let Go's runtime write a profile."""
    env = {**os.environ, "GO111MODULE": "off", "GOFLAGS": "-trimpath"}
    subprocess.run(["go", "run", LEAK, kind, str(path)], cwd=path.parent, env=env, check=True)


def go_top(profile: Path, kind: str, path: Path) -> None:
    """Write what `go tool pprof -top` says of a profile."""
    path.write_text(go_pprof("-top", *KINDS[kind], str(profile)))


def go_profile(golden: Golden, kind: str) -> Path:
    return golden.path(f"go-runtime.{kind}.pb.gz", partial(run_leak, kind))


def test_our_bytes_are_as_they_were(golden: Golden) -> None:
    plain = gzip.decompress(encode(HEAP))
    path = golden.path("clearway.heap.pb", lambda path: path.write_bytes(plain))

    assert path.read_bytes() == plain
    assert decode(path.read_bytes()) == HEAP


@every_kind
def test_a_profile_of_go_has_the_numbers_that_go_shows(golden: Golden, kind: str) -> None:
    profile_path = go_profile(golden, kind)
    report = golden.path(f"go-tool-pprof.top.{kind}.txt", partial(go_top, profile_path, kind)).read_text()
    profile = decode(profile_path.read_bytes())
    ours = totals(profile, shown_first(profile))

    shown = {(re.sub(r" \(.*inline\)$", "", row.name), row.flat, row.cum) for row in rows(report)}
    assert shown == {(each.function.name, each.flat, each.cum) for each in ours if each.cum}


def test_a_function_that_go_inlined_has_a_frame_of_its_own(golden: Golden) -> None:
    profile = decode(go_profile(golden, "heap").read_bytes())
    stacks = [[frame.function for frame in sample.stack] for sample in profile.samples]

    assert ["main.keep", "main.large", "main.main", "runtime.main"] in stacks


def test_a_profile_of_go_keeps_its_meaning_when_we_write_it(golden: Golden) -> None:
    profile = decode(go_profile(golden, "cpu").read_bytes())

    assert decode(encode(profile)) == profile
    assert [kind.type for kind in profile.sample_types] == ["samples", "cpu"]
    assert profile.period == 10_000_000
