"""An address that cannot be listened on is one error with a hint, and exit code 1."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

OTHERS = "choose another address: `listen` in the configuration, or --listen"
HINT = f"stop the program that listens there, or {OTHERS}"
CONFIG = '[[routes]]\npath = "/"\nrespond = {}\n'


def run(*args: str) -> tuple[int, str, str]:
    command = [sys.executable, "-m", "clearway", "run", *args]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(CONFIG)
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        error = f"error: cannot listen on {address}: address already in use"

        for args in ([str(tmp_path / "a.toml")], []):
            assert run(*args, "--listen", address) == (1, "", f"{error}\n\nhint: {HINT}\n")


@pytest.mark.parametrize("address", ["192.0.2.1:8080", "no-such-host.invalid:8080"])
def test_an_address_that_is_not_ours_is_named(tmp_path: Path, address: str) -> None:
    (tmp_path / "a.toml").write_text(f'listen = "{address}"\n{CONFIG}')

    code, out, err = run(str(tmp_path / "a.toml"))
    assert (code, out) == (1, "")
    assert err.startswith(f"error: cannot listen on {address}: ")
    assert "Traceback" not in err
