"""conn() makes what a server would make, without one."""

from __future__ import annotations

import asyncio

import pytest

from clearway.plug import Stream
from clearway.plug.stream import EMPTY
from clearway.testing import body_of, conn


def test_a_target_is_a_path_and_a_query() -> None:
    made = conn("GET", "/a%20b?x=1?2")

    assert (made.method, made.path, made.query_string) == ("GET", "/a%20b", "x=1?2")


def test_the_host_is_a_header_too() -> None:
    made = conn("GET", "/", host="shop.test")

    assert (made.host, made.headers.get("host")) == ("shop.test", "shop.test")


@pytest.mark.parametrize("headers", [{"x-a": "1"}, [("X-A", "1")]])
def test_headers_are_a_mapping_or_pairs(headers: dict[str, str]) -> None:
    assert conn("GET", "/", headers=headers).headers.get("x-a") == "1"


def test_pairs_may_repeat_a_name() -> None:
    made = conn("GET", "/", headers=[("x-a", "1"), ("x-a", "2")])

    assert made.headers.get_all("x-a") == ["1", "2"]


@pytest.mark.parametrize(("body", "length"), [(b"hello", 5), ([b"hel", b"lo"], 5), (b"", 0), ([], 0)])
def test_a_body_is_bytes_or_pieces(body: bytes | list[bytes], length: int) -> None:
    made = conn("POST", "/", body=body)

    assert made.body.length == length
    assert asyncio.run(made.fetch_body()) == (b"hello" if length else b"")
    assert (made.body is EMPTY) == (not length)


def test_what_a_server_knows_of_the_client_can_be_said() -> None:
    made = conn("GET", "/", peer=None, scheme="https")

    assert (made.peer, made.scheme) == (None, "https")


def test_the_body_of_an_answer_is_its_bytes() -> None:
    assert body_of(conn("GET", "/").send_resp(200, "hi")) == b"hi"


def test_a_streamed_answer_has_no_bytes_to_look_at() -> None:
    with pytest.raises(TypeError, match="streamed"):
        body_of(conn("GET", "/").send_resp(200, Stream()))
