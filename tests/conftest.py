"""Settings of the whole suite."""

from __future__ import annotations

import os
import shutil

import pytest
from hypothesis import settings

# A busy machine is not a slow function: speed is measured in benchmarks/, never by a property.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

# Debian keeps servers where the PATH of an ordinary user does not look.
PROGRAMS = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test marked `peers("nginx")` where that program is absent."""
    for marker in item.iter_markers("peers"):
        missing = [program for program in marker.args if shutil.which(program, path=PROGRAMS) is None]
        if missing:
            pytest.skip(f"{', '.join(missing)} not installed; see `make peers`")
