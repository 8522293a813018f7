"""The commands that the guide shows do what it says, word for word but for ports and folders."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.house.source import ROOT
from tests.integration.pprof.processes import environment

pytestmark = pytest.mark.slow

GUIDE = ROOT / "docs" / "guides" / "profiling.md"
CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PYTHON = re.compile(r"^```python\n(from .*?)^```$", re.DOTALL | re.MULTILINE)

# What a command has to print: a pattern of the command, and one of what it prints.
SAYS = {
    r"^clearway pprof top .*heap\?gc=1": r"\n +\d+(\.\d+)?MB .* load .*leaking_service\.py",
    r"^clearway pprof peek": r"answer .*leaking_service\.py",
    r"^clearway pprof diff": r"\n +[34]\d(\.\d+)?MB .* load ",
    r"^clearway pprof top --seconds 1 ": r"Type: inuse_space",
    r"tasks\?debug=1": r"\ntasks 4001 @[^@]*tell_when_shipped",
    r"^clearway pprof top .*profile\?seconds=2": r"report\.<locals>\.<genexpr>",
    r"unix:\$socket": r"(?s)Type: .*Type: .*Type: ",
    r"^go tool": r"\n +[3-9]\d\.\d+MB .* load",
}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def commands(folder: Path) -> list[str]:
    """Return the guide's commands in their order, with ports and folders that are free."""
    lines = [line for block in CONSOLE.findall(GUIDE.read_text()) for line in block.splitlines()]
    assert all(line.startswith("$ ") for line in lines)
    profiles = free_port()
    replaced = {
        "clearway exec -- ": "clearway exec --pprof 127.0.0.1:6060 -- ",
        "127.0.0.1:6060": f"127.0.0.1:{profiles}",
        "8000": str(free_port()),
        "8001": str(free_port()),
        "/tmp/pprof/": f"{folder}/pprof/",
        "before.pb.gz": f"{folder}/before.pb.gz",
        "cpu.html": f"{folder}/cpu.html",
        "--seconds 10": "--seconds 1",
    }
    text = "\n".join(line.removeprefix("$ ") for line in lines)
    for old, new in replaced.items():
        text = text.replace(old, new)
    return [line for line in text.splitlines() if shutil.which("go") or not line.startswith("go ")]


def test_the_commands_of_the_guide_do_what_it_says(tmp_path: Path) -> None:
    lines = commands(tmp_path)
    program = "\n".join(["set -e", *(f"echo '###'\n{line}" for line in lines)])
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    with (tmp_path / "printed").open("w") as printed:
        shell = subprocess.Popen(
            ["bash", "-c", program], cwd=ROOT, env=environment(PATH=path, PPROF_TMPDIR=str(tmp_path)),
            stdout=printed, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            code = shell.wait(150)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(shell.pid, signal.SIGKILL)
    text = (tmp_path / "printed").read_text()

    assert code == 0, text
    for line, said in zip(lines, text.split("###\n")[1:], strict=True):
        for part, pattern in SAYS.items():
            assert not re.search(part, line) or re.search(pattern, said), f"{line}\n{said}"
    assert "<html" in (tmp_path / "cpu.html").read_text()
    assert all(any(re.search(part, line) for line in lines) for part in SAYS if "go" not in part)


@pytest.mark.parametrize("snippet", PYTHON.findall(GUIDE.read_text()))
def test_the_snippets_of_the_guide_are_true(
    snippet: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    exec(compile(snippet.replace("6060", str(free_port())), "profiling.md", "exec"), {})
