"""The gateway serves its own profiles: on the admin listener, and from a thread of their own."""

from __future__ import annotations

import re
from pathlib import Path

from clearway.pprof.proto import decode
from tests.integration.pprof.client import ask
from tests.integration.pprof.processes import CLEARWAY, running

CONFIG = """
listen = "127.0.0.1:0"
[admin]
listen = "127.0.0.1:0"
[[routes]]
path = "/"
respond = { body = "hello" }
[log]
format = "text"
"""


def test_the_gateway_serves_its_own_profiles_in_two_ways(tmp_path: Path) -> None:
    (tmp_path / "gateway.toml").write_text(CONFIG)
    command = (*CLEARWAY, "run", str(tmp_path / "gateway.toml"), "--pprof", "127.0.0.1:0")

    with running(*command) as process:
        assert process.stderr is not None
        said = ""
        while "admin pages on" not in said:
            said += process.stderr.readline()
        addresses = [
            re.findall(rf"{word} on http://(127\.0\.0\.1:\d+)", said)[0]
            for word in ("profiles", "admin pages")
        ]

        for address in addresses:
            heap = ask(address, "/debug/pprof/heap", connection="close")
            assert heap.status == 200
            assert decode(heap.body).default_sample_type == "inuse_space"
            cpu = ask(address, "/debug/pprof/profile?seconds=0.1", connection="close")
            assert decode(cpu.body).duration_ns >= 100_000_000
            assert b"clearway pprof top" in ask(address, "/debug/pprof/", connection="close").body
        assert ask(addresses[1], "/debug/pprof/heap", host="evil.example", connection="close").status == 403
