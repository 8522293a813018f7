"""What the app behind sends meets what the plugs put; what it receives is the conn's body."""

from __future__ import annotations

import pytest

from clearway.plug import Headers, RequestError, Stream
from clearway.plug.asgi.behind import BodyReceiver, joined
from clearway.plug.asgi.client import Client
from clearway.plug.errors import ClientClosedError
from tests.unit.plug.asgi.stage import GONE, Stage

PUT = Headers.of(
    ("x-request-id", "r1"), ("cache-control", "no-store"), ("vary", "origin"), ("set-cookie", "a=1")
)


def test_both_sides_headers_are_in_the_response() -> None:
    assert joined(PUT, [(b"X-Own", b"1")]) == PUT.add("x-own", "1")


def test_the_apps_header_stands_where_both_name_one() -> None:
    assert joined(PUT, [(b"cache-control", b"public")]).get_all("cache-control") == ["public"]


@pytest.mark.parametrize("name", ["set-cookie", "vary"])
def test_of_lists_both_sides_lines_stand(name: str) -> None:
    assert joined(PUT, [(name.encode(), b"theirs")]).get_all(name) == [PUT.get(name), "theirs"]


async def test_a_stream_is_received_piece_by_piece_and_then_its_end() -> None:
    stage = Stage()
    receive = BodyReceiver(Client(stage.receive, 0), Stream.of(b"hel", b"lo"))

    got = [await receive() for _ in range(3)]

    assert [(event["body"], event["more_body"]) for event in got] == [
        (b"hel", True),
        (b"lo", True),
        (b"", False),
    ]


async def test_after_the_end_comes_only_the_clients_leaving() -> None:
    stage = Stage()
    receive = BodyReceiver(Client(stage.receive, 0), Stream.of())
    await receive()
    stage.leave()

    assert await receive() == GONE


async def test_a_body_whose_client_left_is_a_disconnect() -> None:
    body = Stream()
    body.fail(ClientClosedError("gone"))

    assert await BodyReceiver(Client(Stage().receive, None), body)() == GONE


async def test_a_body_that_a_plug_refuses_raises_in_the_app_that_reads_it() -> None:
    body = Stream()
    body.fail(RequestError(413, "too much"))

    with pytest.raises(RequestError):
        await BodyReceiver(Client(Stage().receive, None), body)()
