"""Where profiles may be served."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from clearway.pprof import ListenError
from clearway.pprof.web.listening import Place, bind, is_loopback, parse_place


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("127.0.0.1:6060", Place("127.0.0.1", 6060, 6060)),
        ("localhost:0", Place("localhost", 0, 0)),
        ("[::1]:6060", Place("::1", 6060, 6060)),
        ("127.0.0.1:6060-6069", Place("127.0.0.1", 6060, 6069)),
        ("unix:/run/p.sock", Place(path="/run/p.sock")),
        ("unix:/nowhere/pprof/", Place(path="/nowhere/pprof/")),
        ("unix:/proc", Place(path="/proc/")),
    ],
)
def test_a_place_is_read(text: str, place: Place) -> None:
    assert parse_place(text) == place


@pytest.mark.parametrize("text", ["127.0.0.1:6060", "[::1]:0", "a.b:1-9", "unix:/run/p.sock", "unix:/x/"])
def test_a_place_is_written_as_it_is_read(text: str) -> None:
    assert parse_place(text).text == text


@pytest.mark.parametrize(
    "text",
    ["", "6060", ":6060", "127.0.0.1", "127.0.0.1:70000", "127.0.0.1:9-1", "unix:p", "http://a:1", "a:b"],
)
def test_what_is_no_place_is_told(text: str) -> None:
    with pytest.raises(ListenError) as raised:
        parse_place(text)

    assert raised.value.hint


@pytest.mark.parametrize(
    ("text", "last"),
    [("127.0.0.1:6060", 6159), ("127.0.0.1:0", 0), ("127.0.0.1:1-3", 3), ("127.0.0.1:65500", 65535)],
)
def test_the_next_ports_are_those_behind_a_single_one(text: str, last: int) -> None:
    assert parse_place(text).or_next(99).high == last


@pytest.mark.parametrize(
    ("address", "is_local"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("0.0.0.0", False), ("::", False),
     ("10.0.0.1", False), ("1270.0.0.1", False), ("::ffff:10.0.0.1", False)],
)  # fmt: skip
def test_loopback_is_known(address: str, is_local: bool) -> None:
    assert is_loopback(address) == is_local


@pytest.mark.parametrize("address", ["0.0.0.0:0", "[::]:0"])
def test_other_machines_reach_nothing_without_credentials(address: str) -> None:
    with pytest.raises(ListenError, match="other machines can reach"):
        bind(parse_place(address))


def test_credentials_open_every_address() -> None:
    bound = bind(parse_place("0.0.0.0:0"), is_guarded=True)
    bound.listener.close()

    assert bound.url == f"http://{bound.address}/debug/pprof/"


def test_a_port_that_is_taken_is_told_and_a_range_goes_on() -> None:
    first = bind(parse_place("127.0.0.1:0"))
    port = first.listener.getsockname()[1]

    with pytest.raises(ListenError, match="address already in use") as raised:
        bind(parse_place(f"127.0.0.1:{port}"))
    second = bind(parse_place(f"127.0.0.1:{port}").or_next(20))

    assert "range" in raised.value.hint
    assert second.listener.getsockname()[1] > port
    first.listener.close()
    second.listener.close()


def test_a_socket_is_its_owners_alone(tmp_path: Path) -> None:
    bound = bind(parse_place(f"unix:{tmp_path}/p.sock"))
    bound.listener.close()

    assert os.stat(tmp_path / "p.sock").st_mode & 0o777 == 0o600
    assert bound.address == f"unix:{tmp_path}/p.sock"


def test_a_folder_holds_a_socket_for_each_process_and_loses_those_of_the_dead(tmp_path: Path) -> None:
    dead = bind(parse_place(f"unix:{tmp_path}/"), pid=7)
    dead.listener.close()
    (tmp_path / "8.sock").write_text("no socket at all")
    living = bind(parse_place(f"unix:{tmp_path}/"), pid=9)

    last = bind(parse_place(f"unix:{tmp_path}/"), pid=10)

    assert sorted(os.listdir(tmp_path)) == ["10.sock", "8.sock", "9.sock"]
    living.listener.close()
    last.listener.close()


def test_a_folder_is_made_for_its_owner(tmp_path: Path) -> None:
    bound = bind(parse_place(f"unix:{tmp_path}/pprof/"))
    bound.listener.close()

    assert os.stat(tmp_path / "pprof").st_mode & 0o777 == 0o700


def test_a_socket_that_somebody_listens_on_is_not_taken(tmp_path: Path) -> None:
    place = parse_place(f"unix:{tmp_path}/p.sock")
    first = bind(place)

    with pytest.raises(ListenError, match="address already in use"):
        bind(place)

    with socket.socket(socket.AF_UNIX) as client:
        client.connect(first.path)
    first.listener.close()


def test_a_file_that_is_no_socket_stays(tmp_path: Path) -> None:
    (tmp_path / "p.sock").write_text("mine")

    with pytest.raises(ListenError):
        bind(parse_place(f"unix:{tmp_path}/p.sock"))

    assert (tmp_path / "p.sock").read_text() == "mine"


def test_a_path_that_is_too_long_is_told(tmp_path: Path) -> None:
    with pytest.raises(ListenError, match="too long"):
        bind(parse_place(f"unix:{tmp_path}/{'x' * 120}"))
