"""Conformance tests run on a network without sockets."""

from __future__ import annotations

import pytest

from tests.wire.memory import MemoryLoop


@pytest.fixture(autouse=True)
def loop_factory() -> type[MemoryLoop]:
    """The loop of the async tests here."""
    return MemoryLoop
