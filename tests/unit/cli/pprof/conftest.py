"""Profiles in files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from clearway.pprof.proto import encode
from tests.profiles.examples import HEAP


@pytest.fixture
def heap_file(tmp_path: Path) -> str:
    """A heap profile."""
    path = tmp_path / "heap.pb.gz"
    path.write_bytes(encode(HEAP))
    return str(path)


@pytest.fixture
def half_file(tmp_path: Path) -> str:
    """The first two samples of it."""
    path = tmp_path / "half.pb.gz"
    path.write_bytes(encode(replace(HEAP, samples=HEAP.samples[:2], duration_ns=1_500_000_000)))
    return str(path)
