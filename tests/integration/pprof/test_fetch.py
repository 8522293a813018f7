"""Profiles are fetched from a server, over TCP and over a socket's file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from clearway.pprof import BadParameterError, ProfileInUseError, UnavailableError
from clearway.pprof.fetch import fetch
from clearway.pprof.web import Credentials, Guard
from clearway.pprof.web.listening import bind, parse_place
from clearway.pprof.web.server import PprofServer
from tests.unit.pprof.web.collectors import Beans, pages_of

HEAP = "/debug/pprof/heap"


@pytest.fixture(params=["127.0.0.1:0", "unix:{folder}/"])
def base(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    place = parse_place(request.param.format(folder=tmp_path))
    cpu = Beans("profile", seconds=30.0)
    cpu.broken = ProfileInUseError("somebody records it", hint="wait")
    with PprofServer(bind(place), pages_of(Beans(), cpu), Guard()) as server:
        yield f"{server.address}:" if place.path else f"http://{server.address}"


def test_a_profile_is_fetched(base: str) -> None:
    assert fetch(f"{base}{HEAP}") == b"3 beans in proto"


def test_a_refusal_is_the_error_that_it_is(base: str) -> None:
    with pytest.raises(ProfileInUseError, match="answered 409: somebody records it") as raised:
        fetch(f"{base}/debug/pprof/profile?seconds=1")
    assert raised.value.hint == "wait"

    with pytest.raises(BadParameterError, match="answered 404: Unknown profile"):
        fetch(f"{base}/debug/pprof/nothing")


def test_credentials_go_along() -> None:
    guard = Guard(Credentials(user="ops", password="let me in", token="t0ken"))
    with PprofServer(bind(parse_place("127.0.0.1:0")), pages_of(Beans()), guard) as server:
        assert fetch(f"http://ops:let%20me%20in@{server.address}{HEAP}")
        assert fetch(f"http://{server.address}{HEAP}", token="t0ken")
        with pytest.raises(UnavailableError, match="answered 401"):
            fetch(f"http://{server.address}{HEAP}")


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/", "unix:/nowhere.sock"])
def test_nobody_there_is_told(address: str) -> None:
    with pytest.raises(UnavailableError, match="cannot fetch"):
        fetch(address)
