"""From instructions to lines: our reading of CPython's tables is CPython's own, for all the code at hand."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from types import CodeType

import pytest

import clearway.pprof

NATIVE = Path(clearway.pprof.__file__).parent / "_native"
MODULES = ("argparse", "ast", "asyncio.base_events", "dataclasses", "decimal", "tarfile", "typing", "uuid")

# Lines that go back and forth, far and near, and instructions that have none.
ODD = [
    "x = [\n\n\n1,\n2,\n\n3]\n",
    "def f(a,\n" + "\n" * 70_000 + "  b):\n return (a\n+\nb)\n",
    "try:\n pass\nfinally:\n for i in (1,\n2): print(i)\n",
    "async def f():\n async with a as b:\n  async for c in d:\n   yield c\n",
    "class A:\n def f(self): return super().f()\n x: int = 1\n",
    "def f():\n" + "".join(f" x{n} = {n} if y else [z for z in ({n},\n 3)]\n" for n in range(500)),
]


@pytest.fixture(scope="module")
def native(tmp_path_factory: pytest.TempPathFactory) -> ctypes.PyDLL:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("there is no C compiler")
    library = tmp_path_factory.mktemp("native") / "lines.so"
    sources = [str(NATIVE / name) for name in ("lines.c", "peek.c")]
    include = f"-I{sysconfig.get_path('include')}"
    subprocess.run(
        [compiler, "-std=gnu11", "-O1", "-shared", "-fPIC", include, *sources, "-o", library], check=True
    )
    found = ctypes.PyDLL(str(library))
    found.cw_line_at.argtypes = (ctypes.py_object, ctypes.c_int, ctypes.c_bool)
    found.cw_peek__begin.restype = ctypes.c_bool
    return found


def codes_in(code: CodeType) -> Iterator[CodeType]:
    yield code
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from codes_in(each)


def of_module(name: str) -> CodeType:
    source = Path(sysconfig.get_path("stdlib"), *name.split(".")).with_suffix(".py").read_bytes()
    return compile(source, name, "exec")


@pytest.mark.slow
@pytest.mark.parametrize("wary", [False, True], ids=["surely", "warily"])
def test_every_instruction_has_the_line_that_python_says(native: ctypes.PyDLL, wary: bool) -> None:
    assert native.cw_peek__begin()
    whole = [*map(of_module, MODULES), *(compile(text, "odd", "exec") for text in ODD)]

    for code in (each for one in whole for each in codes_in(one)):
        for start, _, line in code.co_lines():
            expected = code.co_firstlineno if line is None else line
            assert native.cw_line_at(code, start, wary) == expected, (code, start)


def test_what_is_no_instruction_has_the_first_line(native: ctypes.PyDLL) -> None:
    code = of_module("ast")

    assert native.cw_line_at(code, -2, False) == code.co_firstlineno
    assert native.cw_line_at(code, 1 << 30, False) == code.co_firstlineno


def test_memory_that_is_not_there_is_told(native: ctypes.PyDLL) -> None:
    assert native.cw_peek__begin()
    native.cw_peek.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
    native.cw_peek.restype = ctypes.c_bool
    there, copy = ctypes.create_string_buffer(b"there"), ctypes.create_string_buffer(8)

    assert native.cw_peek(copy, ctypes.addressof(there), 5)
    assert copy.value == b"there"
    for nowhere in (0, 8, 0xDEAD_BEEF_0000, 2**64 - 8):
        assert not native.cw_peek(copy, nowhere, 8)
