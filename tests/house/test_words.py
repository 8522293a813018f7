"""Words that the house does without, each for a reason that its test's name gives."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.source import ROOT, imports, parse, python_files, short

SOURCES = python_files("src")
TESTS = python_files("tests")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

VAGUE_CLASS = re.compile(r"^_?Base[A-Z]|Base$|Manager|Helper|Util")
VAGUE_FILE = re.compile(r"^(utils?|helpers?|common|misc|base)\.py$")
LATER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
PATRONIZING = re.compile(r"\b(simply|easily|obviously|of course)\b", re.IGNORECASE)

EXITS = {"exit", "quit", "sys.exit", "os._exit", "SystemExit"}
# A forked copy of the process, made to answer one question, has no other end.
ENDS_A_COPY = {"src/clearway/pprof/forked.py": {"os._exit"}}

CLOCKS = {
    *(f"time.{name}" for name in ("time", "monotonic", "perf_counter", "process_time", "thread_time")),
    *(f"time.{name}_ns" for name in ("time", "monotonic", "perf_counter", "process_time", "thread_time")),
    *("time.clock_gettime", "time.clock_gettime_ns", "time.sleep"),
    *("datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today"),
}
# These format the time that they are given, and read a clock when they are given fewer arguments than this.
READS_WITHOUT_ARGUMENT = {
    "time.gmtime": 1,
    "time.localtime": 1,
    "time.ctime": 1,
    "time.asctime": 1,
    "time.strftime": 2,
    "email.utils.formatdate": 1,
    "email.utils.localtime": 1,
}


def origins(tree: ast.Module) -> dict[str, str]:
    """Return what imported names stand for: `from time import time as now` gives `{"now": "time.time"}`."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.asname: alias.name for alias in node.names if alias.asname}
        elif isinstance(node, ast.ImportFrom):
            found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return found


def dotted(node: ast.AST, known: dict[str, str]) -> str:
    """Return the full dotted name that `node` stands for, or an empty string."""
    match node:
        case ast.Name(id=name):
            return known.get(name, name)
        case ast.Attribute(value=value, attr=attr):
            return f"{dotted(value, known)}.{attr}"
    return ""


def clock_readings(tree: ast.Module) -> Iterator[str]:
    known = origins(tree)
    yield from (name for name in known.values() if name in CLOCKS)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (name := dotted(node, known)) in CLOCKS:
            yield name
        if isinstance(node, ast.Call):
            name = dotted(node.func, known)
            if len(node.args) < READS_WITHOUT_ARGUMENT.get(name, 0):
                yield name


def calls(tree: ast.Module) -> Iterator[str]:
    known = origins(tree)
    yield from (dotted(node.func, known) for node in ast.walk(tree) if isinstance(node, ast.Call))


@pytest.mark.parametrize("path", [*SOURCES, *TESTS], ids=short)
def test_fakes_are_used_and_not_mocks(path: Path) -> None:
    assert not [each.line for each in imports(path) if each.target.startswith("unittest.mock")]


@pytest.mark.parametrize("path", SOURCES, ids=short)
def test_a_class_is_named_by_its_role(path: Path) -> None:
    names = [node.name for node in ast.walk(parse(path)) if isinstance(node, ast.ClassDef)]

    assert not [name for name in names if VAGUE_CLASS.search(name)]
    assert not VAGUE_FILE.match(path.name)


@pytest.mark.parametrize("path", SOURCES, ids=short)
def test_nothing_is_left_for_later(path: Path) -> None:
    lines = path.read_text().splitlines()

    assert not [f"{number}: {line}" for number, line in enumerate(lines, 1) if LATER.search(line)]


@pytest.mark.parametrize("path", [path for path in SOURCES if "cli" not in path.parts], ids=short)
def test_only_cli_prints_or_exits(path: Path) -> None:
    forbidden = EXITS - ENDS_A_COPY.get(short(path), set()) | {"print", "pprint.pprint"}
    assert not [name for name in calls(parse(path)) if name in forbidden]


@pytest.mark.parametrize("path", [path for path in SOURCES if path.name != "clock.py"], ids=short)
def test_only_clock_reads_time(path: Path) -> None:
    assert not list(clock_readings(parse(path))), "take a clock as an argument"


@pytest.mark.parametrize("path", [path for path in TESTS if "unit" in path.parts], ids=short)
def test_a_unit_test_does_not_sleep(path: Path) -> None:
    known = origins(parse(path))
    waits = [
        ast.unparse(node)
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Call) and dotted(node.func, known) in ("time.sleep", "asyncio.sleep")
    ]

    assert set(waits) <= {"asyncio.sleep(0)"}


@pytest.mark.parametrize("path", PAGES, ids=short)
def test_a_page_does_not_patronize(path: Path) -> None:
    assert not PATRONIZING.findall(path.read_text())


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("import time\ntime.time()", {"time.time"}),
        ("import time as t\nf(clock=t.monotonic)", {"time.monotonic"}),
        ("from time import monotonic_ns as now", {"time.monotonic_ns"}),
        ("import datetime\ndatetime.datetime.now(datetime.UTC)", {"datetime.datetime.now"}),
        ("from datetime import datetime\ndatetime.now()", {"datetime.datetime.now"}),
        ("import time\ntime.gmtime()", {"time.gmtime"}),
        ("import time\ntime.gmtime(0)", set()),
        ("import email.utils\nemail.utils.formatdate(usegmt=True)", {"email.utils.formatdate"}),
        ("from clearway.clock import monotonic\nmonotonic()", set()),
    ],
)
def test_every_way_to_read_a_clock_is_seen(text: str, reads: set[str]) -> None:
    assert set(clock_readings(ast.parse(text))) == reads
