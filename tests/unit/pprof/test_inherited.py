"""What the environment says about serving profiles."""

from __future__ import annotations

import pytest

from clearway.pprof import BadParameterError
from clearway.pprof.inherited import BOOTSTRAP, options, put_bootstrap


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({}, {}),
        ({"CLEARWAY_PPROF_TOKEN": "t"}, {"token": "t"}),
        ({"CLEARWAY_PPROF_USER": "ops:a:b"}, {"user": "ops", "password": "a:b"}),
        ({"CLEARWAY_PPROF_HEAP_PERIOD": "0"}, {"heap_period": 0}),
    ],
)
def test_options_are_read(environ: dict[str, str], named: dict[str, object]) -> None:
    assert options(environ) == named


@pytest.mark.parametrize(
    "environ",
    [
        {"CLEARWAY_PPROF_USER": "ops"},
        {"CLEARWAY_PPROF_USER": ":x"},
        {"CLEARWAY_PPROF_HEAP_PERIOD": "much"},
        {"CLEARWAY_PPROF_HEAP_PERIOD": "-1"},
    ],
)
def test_a_broken_option_is_told_without_its_value(environ: dict[str, str]) -> None:
    with pytest.raises(BadParameterError) as raised:
        options(environ)

    assert next(iter(environ)) in str(raised.value)
    assert not any(value in str(raised.value) for value in environ.values() if value != "ops")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", BOOTSTRAP),
        ("/a:/b", f"{BOOTSTRAP}:/a:/b"),
        (f"/a:{BOOTSTRAP}", f"{BOOTSTRAP}:/a"),
        (":", BOOTSTRAP),
    ],
)
def test_the_bootstrap_comes_first_and_once(before: str, after: str) -> None:
    environ = {"PYTHONPATH": before}

    put_bootstrap(environ)

    assert environ["PYTHONPATH"] == after
