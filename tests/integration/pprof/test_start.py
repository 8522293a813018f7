"""`pprof.start()` in programs of their own: at the end, in children, beside what is taken."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.integration.pprof.processes import FORKING, ran, script

BEANS = """
import os, sys, threading, time
sys.path.insert(0, {root!r})
from clearway import pprof
from tests.unit.pprof.web.collectors import Beans
from tests.integration.pprof.client import ask, connect, request, until

spilling = Beans("spilling", seconds=30.0)
pprof.register(spilling)
SPILLING = "/debug/pprof/spilling"
"""
ROOT = str(Path(__file__).parents[3])


def program(folder: Path, text: str) -> str:
    return script(folder, BEANS.format(root=ROOT) + text)


def test_a_program_serves_what_it_registered(tmp_path: Path) -> None:
    done = ran(sys.executable, program(tmp_path, """
with pprof.start("127.0.0.1:0", heap_period=0) as server:
    print(ask(server.address, f"{SPILLING}?seconds=0.01&debug=1").body)
    print(server.statistics().answered >= 0, server)
"""))  # fmt: skip

    assert done.stderr == ""
    assert done.stdout.splitlines()[0] == "b'0 beans at 1\\n'"


def test_a_forked_child_starts_clean(tmp_path: Path) -> None:
    done = ran(*FORKING, program(tmp_path, """
server = pprof.start("127.0.0.1:0", heap_period=0)
waiting = connect(server.address)
waiting.sendall(request(SPILLING, host="localhost"))
until(lambda: spilling.begun == 1)
before = set(os.listdir("/proc/self/fd"))
if (pid := os.fork()) == 0:
    print("sockets in the child:", sum("socket" in os.readlink(f"/proc/self/fd/{fd}") for fd in before
          if os.path.exists(f"/proc/self/fd/{fd}")), flush=True)
    print("threads in the child:", len(os.listdir("/proc/self/task")), flush=True)
    again = pprof.start("127.0.0.1:0", heap_period=0)
    print("the child serves anew:", ask(again.address, "/debug/pprof/symbol").status, flush=True)
    os._exit(0)
os.waitpid(pid, 0)
print("the parent still serves:", ask(server.address, "/debug/pprof/symbol").status)
print("and records:", spilling.cancelled == 0)
"""))  # fmt: skip

    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "sockets in the child: 1",  # the client's own
        "threads in the child: 1",
        "the child serves anew: 200",
        "the parent still serves: 200",
        "and records: True",
    ]


def test_a_program_that_ends_while_it_records_ends_well(tmp_path: Path) -> None:
    done = ran(sys.executable, "-X", "dev", program(tmp_path, f"""
server = pprof.start("unix:{tmp_path}/", heap_period=0)
def client():
    client.got = ask(server.address, SPILLING)
threading.Thread(target=client, daemon=True).start()
until(lambda: spilling.begun == 1)
import atexit
atexit.register(lambda: print(os.listdir({str(tmp_path)!r})))
"""))  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
    assert ".sock" in done.stdout


def test_other_machines_get_nothing_without_credentials(tmp_path: Path) -> None:
    done = ran(sys.executable, program(tmp_path, """
try:
    pprof.start("0.0.0.0:0")
except pprof.ListenError as error:
    print(error)
with pprof.start("0.0.0.0:0", user="ops", password="let me in", heap_period=0) as server:
    print(ask("127.0.0.1:" + server.address.rpartition(":")[2], SPILLING).status)
"""))  # fmt: skip

    assert done.stdout.splitlines() == [
        "other machines can reach 0.0.0.0, and profiles need credentials there",
        "401",
    ]
