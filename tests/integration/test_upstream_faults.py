"""An upstream that fails on a real socket: the client is told, the end has a name, nothing is left."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import struct
from collections.abc import Callable

import pytest

from clearway.http import ClientLimits
from clearway.testing import Wire, WireResponse
from tests.integration.real_gateway import Play, RealGateway, real_gateway, upstream

PROTOCOL = "upstream_protocol_error"
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
TWO_LENGTHS = CHUNKED.replace(b"chunked", b"chunked\r\ncontent-length: 5")
SWITCH = b"HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n"
GET = b"GET /x HTTP/1.1\r\nhost: a\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"
LIMITS = ClientLimits(connect_s=0.3, first_byte_s=0.2, idle_read_s=0.2)

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter


def answers(raw: bytes, end: Callable[[Writer], None] = lambda _: None) -> Play:
    """Answer each request with `raw`, then do `end`."""

    async def play(reader: Reader, writer: Writer) -> None:
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(raw)
            await writer.drain()
            end(writer)

    return play


def close(writer: Writer) -> None:
    writer.close()


def reset(writer: Writer) -> None:
    """Close so that the kernel sends RST."""
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


async def ask(gateway: RealGateway, raw: bytes = GET) -> WireResponse:
    async with Wire.to(gateway.address) as wire:
        await wire.send(raw)
        return await wire.response()


def assert_logged(caplog: pytest.LogCaptureFixture, gateway: RealGateway, outcome: str) -> None:
    """The log has one line of the failure, which names the request and its outcome."""
    request_id = gateway.sent[-1][0].request_id
    lines = [record.getMessage() for record in caplog.records if record.name == "clearway.http"]
    assert [line for line in lines if f"request_id={request_id}" in line and f"outcome={outcome}" in line]


FAULTS = [
    # what, what the upstream does, status, outcome
    ("never answers", answers(b""), 504, "upstream_timeout"),
    ("begins a head and stops", answers(b"HTTP/1.1 200 OK\r\nx: y"), 504, "upstream_timeout"),
    ("closes early", answers(b"", close), 502, "upstream_closed"),
    ("resets", answers(b"", reset), 502, "upstream_closed"),
    ("closes within the head", answers(b"HTTP/1.1 200 OK\r\n", close), 502, "upstream_closed"),
    ("sends garbage", answers(b"\x16\x03\x01\x02\x00\x01"), 502, PROTOCOL),
    ("sends conflicting lengths", answers(OK.replace(b": 5", b": 5\r\ncontent-length: 6")), 502, PROTOCOL),
    (
        "sends a length and chunks",
        answers(TWO_LENGTHS),
        502,
        PROTOCOL,
    ),
    (
        "switches protocols",
        answers(SWITCH),
        502,
        PROTOCOL,
    ),
    ("sends a head without end", answers(b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 20_000), 502, PROTOCOL),
]


@pytest.mark.slow
@pytest.mark.parametrize(("what", "play", "status", "outcome"), FAULTS, ids=[what for what, *_ in FAULTS])
async def test_an_upstream_that_fails_before_its_answer_is_told_to_the_client(
    what: str, play: Play, status: int, outcome: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with upstream(play) as port, real_gateway(port, client_limits=LIMITS) as gateway:
        response = await ask(gateway)

        problem = json.loads(response.text)
        assert (response.status, problem["status"]) == (status, status)
        assert await gateway.outcomes() == [outcome]
        assert problem["request_id"] == response.headers.get("x-request-id") == gateway.sent[0][0].request_id
        assert_logged(caplog, gateway, outcome)


async def test_an_upstream_that_refuses_is_502(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with socket.socket() as taken:  # bound and not listening: nobody else gets the port
        taken.bind(("127.0.0.1", 0))
        async with real_gateway(taken.getsockname()[1]) as gateway:
            response = await ask(gateway)

            assert response.status == 502
            assert await gateway.outcomes() == ["upstream_connect_failed"]
            assert_logged(caplog, gateway, "upstream_connect_failed")


@pytest.mark.slow
async def test_an_upstream_that_never_accepts_is_504() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        filling = [socket.socket() for _ in range(3)]
        for each in filling:
            each.setblocking(False)
            each.connect_ex(("127.0.0.1", port))
        async with real_gateway(port, client_limits=LIMITS) as gateway:
            assert (await ask(gateway)).status == 504
            assert await gateway.outcomes() == ["upstream_timeout"]
            for each in filling:
                each.close()


BREAKS = [
    ("closes within its body", answers(OK[:-2], close), "upstream_closed", b"hel"),
    ("resets within its body", answers(OK[:-2], reset), "upstream_closed", None),
    ("stops within its body", answers(OK[:-2]), "upstream_timeout", b"hel"),
    ("closes within its chunks", answers(CHUNKED + b"3\r\nhel\r\n", close), "upstream_closed", b"hel"),
    ("sends a broken chunk", answers(CHUNKED + b"3\r\nhel\r\nzz\r\n"), PROTOCOL, b"hel"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("what", "play", "outcome", "body"), BREAKS, ids=[what for what, *_ in BREAKS])
async def test_a_client_sees_that_an_answer_broke_off(
    what: str, play: Play, outcome: str, body: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with upstream(play) as port, real_gateway(port, client_limits=LIMITS) as gateway:
        response = await ask(gateway)

        assert (response.status, response.is_whole) == (200, False)
        assert body is None or response.body == body
        assert await gateway.outcomes() == [outcome]
        assert_logged(caplog, gateway, outcome)


async def test_a_client_of_http_1_0_sees_that_an_answer_broke_off() -> None:
    """For it the end of the connection is the end of the body, unless that end is a reset."""
    body = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n"
    whole, broken = answers(body + b"0\r\n\r\n"), answers(body, close)
    for play, ends_well in ((whole, True), (broken, False)):
        async with upstream(play) as port, real_gateway(port) as gateway, Wire.to(gateway.address) as wire:
            await wire.send(b"GET / HTTP/1.0\r\n\r\n")
            if ends_well:
                assert (await wire.reader.read()).endswith(b"\r\n\r\nhel")
            else:
                with pytest.raises(ConnectionResetError):
                    await wire.reader.read()


async def test_an_upstream_that_answers_twice_is_not_asked_again_on_that_connection() -> None:
    connections = 0

    async def play(reader: Reader, writer: Writer) -> None:
        nonlocal connections
        connections += 1
        mine = b"%05d" % connections
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(OK.replace(b"hello", mine) * 2)

    async with upstream(play) as port, real_gateway(port) as gateway, Wire.to(gateway.address) as wire:
        for number in range(1, 20):
            await wire.send(GET)
            assert (await wire.response()).body == b"%05d" % number


async def test_a_dead_pooled_connection_is_tried_again_once_for_get_and_never_for_post() -> None:
    """The upstream drops every connection at its second request."""
    asked: list[bytes] = []

    async def play(reader: Reader, writer: Writer) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK)
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        reset(writer)

    async with upstream(play) as port, real_gateway(port) as gateway, Wire.to(gateway.address) as wire:
        statuses = []
        for raw in (GET, GET, GET.replace(b"GET", b"POST"), GET):
            await wire.send(raw)
            statuses.append((await wire.response()).status)

        assert statuses == [200, 200, 502, 200]
        assert await gateway.outcomes(4) == ["complete", "complete", "upstream_closed", "complete"]
        assert [raw.split()[0] for raw in asked] == [b"GET", b"POST"]
