"""What a mistake is answered with: one line, and a hint where there is one."""

from __future__ import annotations

from pathlib import Path

import pytest

from clearway.pprof import Profile, Sample, ValueType
from clearway.pprof.proto import encode
from tests.unit.cli.shell import shell

CPU = Profile((ValueType("cpu", "nanoseconds"),), (Sample((), (1,)),), ValueType("cpu", "nanoseconds"), 1, 0)


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (
            ["top", "HEAP", "--sample-index", "inuse"],
            "error: the profile has no numbers called 'inuse'\n\nhint: one of inuse_objects, inuse_space\n",
        ),
        (["top", "HEAP", "--focus", "["], "error: --focus: '[' is not a regular expression: unterminated"),
        (["peek", "HEAP", "["], "error: FUNCTION: '[' is not a regular expression: unterminated"),
        (["top", "HEAP", "--tag", "acme"], "error: invalid value for '--tag': 'acme' is not KEY=VALUE\n"),
        (["top", "HEAP", "--header", "x"], "error: invalid value for '--header': 'x' is not NAME:VALUE\n"),
        (["top", "HEAP", "--seconds", "5"], "error: --seconds needs a URL: a file was recorded long ago\n"),
        (["diff", "HEAP", "HEAP", "--seconds", "5"], "error: --seconds needs a URL: a file was"),
        (
            ["top", "HEAP", "-n", "0"],
            "error: invalid value for '-n' / '--count': 0 is not in the range x>=1\n",
        ),
        (["top"], "error: missing argument 'SOURCE'\n\nhint: see `clearway pprof top --help`\n"),
        (["tap"], "error: no such command 'tap'"),
    ],
)
def test_a_mistake_on_the_command_line(heap_file: str, args: list[str], text: str) -> None:
    done = shell("pprof", *[heap_file if each == "HEAP" else each for each in args])

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(text)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    done = shell("pprof", "top", str(tmp_path / "no"))

    assert done == (1, "", f"error: {tmp_path / 'no'} cannot be read: No such file or directory\n")


def test_a_file_that_is_no_profile(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("<!doctype html>")
    done = shell("pprof", "top", str(path))

    assert done == (1, "", f"error: {path}: not a profile: byte 0 begins a field of no known kind\n")


def test_a_function_that_is_not_there(heap_file: str) -> None:
    done = shell("pprof", "peek", heap_file, "nobody")

    text = "error: no function of the profile matches 'nobody'\n\nhint: `clearway pprof top` lists them\n"
    assert done == (1, "", text)


def test_profiles_of_different_things(heap_file: str, tmp_path: Path) -> None:
    (tmp_path / "cpu").write_bytes(encode(CPU))
    done = shell("pprof", "diff", heap_file, str(tmp_path / "cpu"))

    assert (done.code, done.out) == (1, "")
    assert done.err == "error: the profiles count different things: cpu and inuse_objects, inuse_space\n"


def test_a_place_that_cannot_be_written(heap_file: str, tmp_path: Path) -> None:
    done = shell("pprof", "flame", heap_file, "-o", str(tmp_path / "no" / "x.html"))

    text = f"error: {tmp_path / 'no' / 'x.html'} cannot be written: No such file or directory\n"
    assert done == (1, "", text)


def test_a_stack_of_nothing_is_shown_as_such(tmp_path: Path) -> None:
    (tmp_path / "cpu").write_bytes(encode(CPU))

    assert "       1ns   (no stack)\n" in shell("pprof", "traces", str(tmp_path / "cpu")).out
    assert shell("pprof", "top", str(tmp_path / "cpu")).code == 0
