"""A client that fails on a real socket: its request is given up, the end has a name, nothing is left."""

from __future__ import annotations

import asyncio
import logging
import socket
import struct

import pytest

from clearway.http import ServerLimits
from clearway.testing import Wire
from tests.integration.real_gateway import RealGateway, real_gateway, upstream

GET = b"GET /x HTTP/1.1\r\nhost: a\r\n\r\n"
POST = b"POST /x HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n"
LIMITS = ServerLimits(header_read_s=0.2, body_read_s=0.2, send_s=0.3, linger_s=0.1, half_close_s=0.2)

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter


class Hanging:
    """An upstream that reads and never answers, and sees that it is left."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.left = asyncio.Event()

    async def __call__(self, reader: Reader, writer: Writer) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.asked.set()
        try:
            while await reader.read(65536):
                pass
        except ConnectionError:
            pass
        self.left.set()


async def endless(reader: Reader, writer: Writer) -> None:
    """An upstream whose answer has no end."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b"x" * 65536)
        await writer.drain()


def reset(wire: Wire) -> None:
    linger = struct.pack("ii", 1, 0)
    wire.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    wire.abort()


def assert_given_up(gateway: RealGateway, caplog: pytest.LogCaptureFixture) -> None:
    ((conn, sent),) = gateway.sent
    assert sent.outcome == "client_closed"
    lines = [record.getMessage() for record in caplog.records]
    assert [line for line in lines if f"request_id={conn.request_id}" in line and "client_closed" in line]


@pytest.mark.slow
async def test_a_slow_head_is_408() -> None:
    async with real_gateway(9, limits=LIMITS) as gateway, Wire.to(gateway.address) as wire:
        await wire.send(GET[:-2])
        response = await wire.response()

        assert response.status == 408
        assert await wire.is_closed()
        assert gateway.sent == []


@pytest.mark.slow
async def test_a_slow_body_is_408_and_the_upstream_is_left(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    hanging = Hanging()
    async with upstream(hanging) as port, real_gateway(port, limits=LIMITS) as gateway:
        async with Wire.to(gateway.address) as wire:
            await wire.send(POST + b"hel")
            response = await wire.response()

            assert response.status == 408
            assert await gateway.outcomes() == ["client_timeout"]
            await hanging.left.wait()
            assert await wire.is_closed()
        assert "outcome=client_timeout" in caplog.text


@pytest.mark.parametrize("how", ["closes", "resets"])
async def test_a_client_that_goes_while_it_waits(how: str, caplog: pytest.LogCaptureFixture) -> None:
    """Closing the whole socket looks like closing the sending side: the time for an answer ends it."""
    caplog.set_level(logging.INFO)
    hanging = Hanging()
    async with upstream(hanging) as port, real_gateway(port, limits=LIMITS) as gateway:
        async with Wire.to(gateway.address) as wire:
            await wire.send(GET)
            await hanging.asked.wait()
            if how == "resets":
                reset(wire)
        await hanging.left.wait()
        await gateway.outcomes()

        assert_given_up(gateway, caplog)
        assert gateway.sent[0][1].bytes_sent == 0


@pytest.mark.parametrize("how", ["closes", "resets"])
async def test_a_client_that_goes_within_its_body(how: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    hanging = Hanging()
    async with upstream(hanging) as port, real_gateway(port) as gateway:
        async with Wire.to(gateway.address) as wire:
            await wire.send(POST + b"hel")
            await hanging.asked.wait()
            if how == "resets":
                reset(wire)
        await hanging.left.wait()
        await gateway.outcomes()

        assert_given_up(gateway, caplog)


async def test_a_client_that_goes_within_a_download(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with upstream(endless) as port, real_gateway(port) as gateway:
        async with Wire.to(gateway.address) as wire:
            await wire.send(GET)
            await wire.reader.readexactly(500_000)
        await gateway.outcomes()

        assert_given_up(gateway, caplog)
        assert gateway.sent[0][1].bytes_sent >= 400_000


@pytest.mark.slow
async def test_a_client_that_never_reads_is_cut_off(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with upstream(endless) as port, real_gateway(port, limits=LIMITS) as gateway:
        with socket.create_connection(("127.0.0.1", gateway.port)) as client:
            client.sendall(GET)
            await gateway.outcomes()

            assert_given_up(gateway, caplog)
            assert gateway.server.statistics().open == 0


async def test_a_client_that_goes_before_it_asked_is_nothing_to_tell() -> None:
    async with real_gateway(9) as gateway:
        for raw in (b"", GET[:10]):
            async with Wire.to(gateway.address) as wire:
                await wire.send(raw)

        assert gateway.sent == []


async def test_an_answer_reaches_a_client_that_is_still_sending() -> None:
    """The request is refused at its head; a reset by the kernel would destroy that answer on its way."""
    async with real_gateway(9, plug=lambda conn: conn.send_resp(413, b"no")) as gateway:
        for _ in range(20):
            async with Wire.to(gateway.address) as wire:
                wire.writer.write(POST.replace(b": 10", b": 10000000") + b"x" * 3_000_000)
                response = await wire.response()

                assert (response.status, response.body) == (413, b"no")
