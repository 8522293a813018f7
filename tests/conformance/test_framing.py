"""What the server takes and what it refuses: RFC 9112, whole and byte by byte, with the same result."""

from __future__ import annotations

import json

import pytest

from clearway.plug import Conn
from tests.conformance.accepted_requests import ACCEPTED, Seen
from tests.conformance.refused_chunks import REFUSED_CHUNKS
from tests.conformance.refused_requests import CHUNKED, REFUSED
from tests.wire.answers import read_answers
from tests.wire.gateway import Gateway
from tests.wire.memory import FarEnd, settle

pieces = pytest.mark.parametrize("piece", [0, 1], ids=["whole", "byte by byte"])
NEXT = b"GET /next HTTP/1.1\r\nhost: a\r\n\r\n"


class Recorder:
    """A plug that reads the body, keeps what it saw, and answers 200."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.conns: list[Conn] = []

    async def __call__(self, conn: Conn) -> Conn:
        body = await conn.fetch_body()
        target = conn.path + (f"?{conn.query_string}" if conn.query_string else "")
        self.seen.append((conn.method, target, body))
        self.conns.append(conn)
        return conn.send_resp(200, b"ok")


def assert_refused(client: FarEnd, status: int) -> None:
    """The one answer is a problem with `status`, and the connection does not go on."""
    (answer,) = read_answers(client.received)
    assert (answer.status, answer.complete) == (status, True)
    assert json.loads(answer.body)["status"] == status
    assert answer.header("connection") == "close"
    assert client.is_closed


@pieces
@pytest.mark.parametrize(("what", "raw", "status"), REFUSED, ids=[what for what, *_ in REFUSED])
async def test_a_request_is_refused(what: str, raw: bytes, status: int, piece: int) -> None:
    recorder = Recorder()
    gateway = await Gateway(recorder).open()

    client = await gateway.ask(raw + NEXT, piece=piece)

    assert_refused(client, status)
    assert recorder.seen == []


@pieces
@pytest.mark.parametrize(("what", "body"), REFUSED_CHUNKS, ids=[what for what, _ in REFUSED_CHUNKS])
async def test_a_chunked_body_is_refused(what: str, body: bytes, piece: int) -> None:
    recorder = Recorder()
    gateway = await Gateway(recorder).open()

    client = await gateway.ask(CHUNKED + body + NEXT, piece=piece)

    assert_refused(client, 400)
    assert recorder.seen == []
    assert gateway.outcomes == ["bad_request"]


@pieces
@pytest.mark.parametrize(("what", "raw", "seen", "stays_open"), ACCEPTED, ids=[what for what, *_ in ACCEPTED])
async def test_a_request_is_accepted(
    what: str, raw: bytes, seen: list[Seen], stays_open: bool, piece: int
) -> None:
    recorder = Recorder()
    gateway = await Gateway(recorder).open()

    client = await gateway.ask(raw, piece=piece)
    await settle(len(seen) * 10)

    answers = read_answers(client.received, closed=not stays_open)
    assert recorder.seen == seen
    assert [answer.status for answer in answers] == [200] * len(seen)
    assert client.is_closed is not stays_open
    assert (answers[-1].header("connection") == "close") is not stays_open


@pieces
@pytest.mark.parametrize(("what", "raw", "status"), REFUSED[::6], ids=[what for what, *_ in REFUSED[::6]])
async def test_a_refusal_waits_for_the_answers_before_it(
    what: str, raw: bytes, status: int, piece: int
) -> None:
    recorder = Recorder()
    gateway = await Gateway(recorder).open()

    client = await gateway.ask(NEXT * 2 + raw, piece=piece)

    answers = read_answers(client.received)
    assert [answer.status for answer in answers] == [200, 200, status]
    assert len(recorder.seen) == 2
    assert client.is_closed


async def test_the_host_of_an_absolute_target_replaces_host() -> None:
    recorder = Recorder()
    gateway = await Gateway(recorder).open()

    await gateway.ask(b"GET http://b:81/ HTTP/1.1\r\nhost: a\r\n\r\n")

    (conn,) = recorder.conns
    assert (conn.host, conn.headers.get_all("host")) == ("b", ["b:81"])
