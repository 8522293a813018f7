"""Beside gevent, which replaces threads, locks and sockets: the server stays outside of its loop."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from clearway.pprof.proto import decode
from tests.integration.pprof.client import ask, connect, request, until
from tests.integration.pprof.processes import CLEARWAY, ran, running, script

pytestmark = pytest.mark.slow

WSGI = """
import time

def app(environ, start_response):
    end = time.monotonic() + 3 * (environ["PATH_INFO"] == "/busy")
    while time.monotonic() < end:
        pass
    start_response("200 OK", [("content-length", "5")])
    return [b"hello"]
"""


def test_a_gevent_worker_answers_while_its_loop_is_blocked(tmp_path: Path) -> None:
    script(tmp_path, WSGI)
    folder, service = tmp_path / "p", f"unix:{tmp_path}/app.sock"
    server = ("gunicorn", "app:app", "-k", "gevent", "--workers", "1", "--bind", service)

    with running(
        *CLEARWAY, "exec", "--pprof", f"unix:{folder}/", "--", sys.executable, "-m", *server, cwd=tmp_path
    ) as process:
        until(lambda: (tmp_path / "app.sock").exists() and len([*folder.iterdir()]) == 2, "a worker")
        worker = next(f"unix:{path}" for path in folder.iterdir() if path.stem != str(process.pid))
        assert ask(service, "/", connection="close").body == b"hello"
        ask_and_leave(service)

        profile = decode(ask(worker, "/debug/pprof/profile?seconds=0.5").body)
        again = [ask(worker, "/debug/pprof/tasks?debug=1").status for _ in range(20)]

    assert any(frame.function == "app" for sample in profile.samples for frame in sample.stack)
    assert again == [200] * 20


def ask_and_leave(service: str) -> None:
    client = connect(service)
    client.sendall(request("/busy", host="localhost"))
    client.close()


def test_a_program_may_start_the_server_after_gevent_came(tmp_path: Path) -> None:
    done = ran(sys.executable, script(tmp_path, f"""
from gevent import monkey
monkey.patch_all()
import os, subprocess, sys, time
from clearway import pprof
server = pprof.start("unix:{tmp_path}/p.sock")
box = pprof.blackbox("{tmp_path}/box", "50GiB", ring_s=0.01)
client = '''
from clearway.pprof.fetch import fetch
print(len(fetch("unix:{tmp_path}/p.sock:/debug/pprof/heap?seconds=0.1")) > 0)
'''
process = subprocess.Popen([sys.executable, "-c", client], stdout=-1, text=True)
end = time.monotonic() + 20
while process.poll() is None and time.monotonic() < end:
    sum(range(10_000))                              # the loop of gevent has no turn
print(process.stdout.read(), box.statistics().ring > 1, len(list(os.scandir(box.folder))) > 1)
"""))  # fmt: skip

    assert (done.stdout.split(), done.stderr) == (["True", "True", "True"], "")
