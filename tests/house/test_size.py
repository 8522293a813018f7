"""One idea, one file; a function fits a screen. The aim is 150 and 10 lines; these are the ends."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.house.source import parse, python_files, short

LONGEST_FILE = 400
LONGEST_FUNCTION = 60

FILES = python_files("src", "tests", "benchmarks", "examples")


@pytest.mark.parametrize("path", FILES, ids=short)
def test_a_file_holds_one_idea(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", FILES, ids=short)
def test_a_function_fits_a_screen(path: Path) -> None:
    functions = [
        node for node in ast.walk(parse(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    long = {node.name: lines for node in functions if (lines := lines_of(node)) > LONGEST_FUNCTION}

    assert long == {}


def lines_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1
