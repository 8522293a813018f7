"""What no plug sees is counted and logged all the same."""

from __future__ import annotations

import logging

import pytest

from clearway.http import ServerLimits
from clearway.plug import Conn
from tests.wire.gateway import Gateway


def answer(conn: Conn) -> Conn:
    return conn.send_resp(200)


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"NONSENSE\r\n\r\n", 501),
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nhost: a\r\n\r\n", 414),
        (b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 11\r\n\r\n", 413),
    ],
)
async def test_a_refused_request_is_counted_and_logged(
    raw: bytes, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "clearway.http")
    gateway = await Gateway(answer, limits=ServerLimits(body_bytes=10)).open()

    await gateway.ask(raw)

    assert gateway.sent == []
    assert gateway.server.statistics().refused_requests == 1
    assert f"request refused: status={status} peer=" in caplog.text


async def test_a_served_request_is_not_counted_as_refused() -> None:
    gateway = await Gateway(answer).open()

    await gateway.ask(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")

    assert gateway.server.statistics().refused_requests == 0
