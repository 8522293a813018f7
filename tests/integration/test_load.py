"""Many requests at once, before a real nginx: not one fails."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import PROGRAMS
from tests.integration.nginx import nginx
from tests.integration.program import program
from tests.integration.test_nginx import CONFIG

pytestmark = [pytest.mark.slow, pytest.mark.peers("nginx", "wrk")]

SCRIPTS = {
    "GET": "",
    "a file": 'wrk.path = "/file"',
    "chunks": 'wrk.path = "/chunked/file"',
    "POST": 'wrk.method = "POST"; wrk.body = string.rep("x", 10000)',
    "close": 'wrk.headers["connection"] = "close"',
    "pipelined": "local one = nil; init = function() one = string.rep(wrk.format(), 16) end; "
    "request = function() return one end",
}


@pytest.mark.parametrize("kind", SCRIPTS)
def test_not_one_request_of_a_load_fails(tmp_path: Path, kind: str) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "file").write_bytes(b"x" * 300_000)
    (tmp_path / "load.lua").write_text(SCRIPTS[kind])
    with nginx(tmp_path) as port:
        (tmp_path / "gateway.toml").write_text(CONFIG.format(port=port))
        with program(tmp_path / "gateway.toml") as running:
            said = load(running.address, tmp_path / "load.lua")

    assert "Socket errors" not in said, said
    assert "Non-2xx" not in said, said
    assert int(re.search(r"(\d+) requests in", said)[1]) > 100, said  # type: ignore[index]


def load(address: str, script: Path) -> str:
    """Ask for a second on 32 connections, and return what wrk says."""
    command = [
        "wrk",
        "-t1",
        "-c32",
        "-d1s",
        "--timeout",
        "10s",
        "-s",
        str(script),
        f"http://{address}/hello",
    ]
    return subprocess.run(command, env={"PATH": PROGRAMS}, capture_output=True, text=True, check=True).stdout
