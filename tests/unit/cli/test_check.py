"""`clearway check` says OK and what a configuration means, or every mistake with exit code 2."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from tests.unit.cli.shell import Done, shell

FINE = """\
listen = ["127.0.0.1:8080", "[::1]:8080"]
plugs = ["request_id", "login"]
admin = {}

[upstreams.orders]
targets = ["127.0.0.1:9001", "127.0.0.1:9002"]
[upstreams.users]
targets = ["127.0.0.1:9003"]

[[groups.login]]
use = "bearer"
jwks_url = "https://id.example/jwks"
[[groups.login]]
use = "require_auth"

[[routes]]
path = "/orders/*rest"
methods = ["GET", "POST"]
plugs = [{ use = "rate_limit", rate = "10/s" }]
upstream = "orders"

[[routes]]
path = "/users"
host = "*.example.org"
upstream = "users"

[[routes]]
path = "/old/:id"
redirect = { to = "/orders/{id}" }

[[routes]]
path = "/health"
respond = { body = "ok" }
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "gateway.toml"
    path.write_text(FINE)
    return path


def test_what_a_configuration_means_is_printed(config: Path) -> None:
    summary = """\

        listen     127.0.0.1:8080, [::1]:8080
        admin      127.0.0.1:8081
        plugs      request_id, login
        upstreams  orders: 127.0.0.1:9001, 127.0.0.1:9002
                   users: 127.0.0.1:9003

        GET,POST  /orders/*rest        -> orders            rate_limit
        *         *.example.org/users  -> users
        *         /old/:id             -> 308 /orders/{id}
        *         /health              -> 200
        """

    assert shell("check", str(config)) == Done(0, f"{config}: OK\n{dedent(summary)}", "")


def test_a_warning_does_not_spoil_the_summary(config: Path) -> None:
    config.write_text(FINE + '[upstreams.more]\ntargets = ["a:1"]\n')

    done = shell("check", str(config))
    assert (done.code, done.err) == (0, "warning: upstreams.more (line 34): is named by no route\n")


def test_every_mistake_is_printed(config: Path) -> None:
    config.write_text('listen = "here"\nroutes = [{ path = "/", upstream = "a" }]')

    assert shell("check", str(config)) == Done(
        2,
        "",
        f"error: {config} has 2 mistakes\n\n"
        '  listen (line 1): "here" must be HOST:PORT, as in "127.0.0.1:8080" or "[::1]:8080"\n'
        "  routes[0].upstream (line 2): no upstream is called 'a'; there are none\n",
    )


def test_a_file_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    path = tmp_path / "none.toml"

    assert shell("check", str(path)) == Done(
        2, "", f"error: {path} cannot be read: No such file or directory\n"
    )


def test_run_refuses_what_check_refuses(config: Path) -> None:
    config.write_text("listen = 5")

    assert shell("run", str(config)) == shell("check", str(config))
