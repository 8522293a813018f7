"""Workers that are forked from one process do not give out the same request ids."""

from __future__ import annotations

import subprocess
import sys

FORKS = """
import os
from clearway.plug.plugs import RequestId
from clearway.testing import conn

plug = RequestId()
print(plug(conn("GET", "/")).request_id, flush=True)
if os.fork() == 0:
    print(plug(conn("GET", "/")).request_id, flush=True)
    os._exit(0)
os.wait()
"""


def test_a_forked_child_begins_with_a_prefix_of_its_own() -> None:
    done = subprocess.run([sys.executable, "-c", FORKS], capture_output=True, text=True, check=True)

    ours, theirs = [line.rpartition("-")[0] for line in done.stdout.split()]
    assert ours != theirs
