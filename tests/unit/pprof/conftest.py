"""Each test begins without labels: other tests call a gateway's pipeline in this context, which sets some."""

from __future__ import annotations

import pytest

from clearway.pprof import Labels, set_labels


@pytest.fixture(autouse=True)
def no_labels() -> None:
    set_labels(Labels(()))
