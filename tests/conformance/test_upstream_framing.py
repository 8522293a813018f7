"""What a client gets for what an upstream sends: RFC 9112 section 6.3, whole and byte by byte."""

from __future__ import annotations

import json

import pytest

from clearway.http import ClientLimits, ServerLimits
from tests.conformance.upstream_answers import BROKEN, CHUNKED, GOOD, TRUNCATED
from tests.wire.answers import Answer, read_answers
from tests.wire.gateway import REQUEST_ID, TICK_S, Gateway
from tests.wire.memory import FarEnd, Origin, settle
from tests.wire.origins import ScriptedOrigin, then_eof, then_reset

pieces = pytest.mark.parametrize("piece", [0, 1], ids=["whole", "byte by byte"])
GET = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"
HEAD = b"HEAD / HTTP/1.1\r\nhost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\nhi"
NEXT = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nnext"
LIMITS = ClientLimits(connect_s=3, first_byte_s=10, idle_read_s=5)


def answers_of(client: FarEnd, *methods: str) -> list[Answer]:
    return read_answers(client.received, *methods, closed=client.is_closed)


async def ask_twice(origin: Origin, first: bytes = GET) -> tuple[Gateway, FarEnd]:
    """Ask `first` and then GET on one connection of a client."""
    gateway = await Gateway(origin=origin, client_limits=LIMITS).open()
    client = await gateway.ask(first)
    if not client.is_closed:
        client.send(GET)
        await settle()
    return gateway, client


def assert_problem(answer: Answer, status: int) -> None:
    assert (answer.status, answer.complete) == (status, True)
    assert answer.header("content-type") == "application/problem+json"
    told = json.loads(answer.body)
    assert (told["status"], told["request_id"]) == (status, REQUEST_ID)


@pieces
@pytest.mark.parametrize(("what", "raw"), BROKEN, ids=[what for what, _ in BROKEN])
async def test_a_broken_answer_is_502(what: str, raw: bytes, piece: int) -> None:
    if piece and len(raw) > 10_000:
        piece = 1000
    origin = ScriptedOrigin(raw, NEXT, piece=piece)

    gateway, client = await ask_twice(origin)

    broken, after = answers_of(client)
    assert_problem(broken, 502)
    assert after.body == b"next"
    assert gateway.outcomes == ["upstream_protocol_error", "complete"]
    assert origin.connections[0].is_closed
    assert len(origin.connections) == 2


@pieces
@pytest.mark.parametrize(("what", "raw", "body", "outcome"), TRUNCATED, ids=[what for what, *_ in TRUNCATED])
@pytest.mark.parametrize("end", [then_eof, then_reset])
async def test_an_answer_that_breaks_off_is_seen_to(what, raw, body, outcome, end, piece) -> None:  # type: ignore[no-untyped-def]
    def play(far_end: FarEnd) -> None:
        far_end.send(raw, piece)
        end(b"")(far_end)

    gateway, client = await ask_twice(ScriptedOrigin(play))

    (answer,) = answers_of(client)
    assert (answer.status, answer.complete) == (200, False)
    assert answer.body == body
    assert client.is_closed
    assert gateway.outcomes == [outcome]
    assert gateway.sent[0][1].bytes_sent == len(body)


@pieces
@pytest.mark.parametrize(("what", "raw", "status", "body", "reused"), GOOD, ids=[what for what, *_ in GOOD])
async def test_a_good_answer_is_passed_on(
    what: str, raw: bytes, status: int, body: bytes, reused: bool, piece: int
) -> None:
    origin = ScriptedOrigin(raw, NEXT, piece=piece)

    gateway, client = await ask_twice(origin)

    answer, after = answers_of(client)
    assert (answer.status, answer.body, answer.complete) == (status, body, True)
    assert after.body == b"next"
    assert gateway.outcomes == ["complete", "complete"]
    assert len(origin.connections) == (1 if reused else 2)
    assert origin.connections[0].is_closed is not reused


@pieces
@pytest.mark.parametrize("end", [then_eof, then_reset])
async def test_only_a_close_ends_a_body_without_length(end, piece: int) -> None:  # type: ignore[no-untyped-def]
    def play(far_end: FarEnd) -> None:
        far_end.send(b"HTTP/1.1 200 OK\r\n\r\nhello", piece)
        end(b"")(far_end)

    gateway, client = await ask_twice(ScriptedOrigin(play, then_eof(NEXT)))

    answers = answers_of(client)
    assert (answers[0].body, answers[0].complete) == (b"hello", end is then_eof)
    assert gateway.outcomes[0] == ("complete" if end is then_eof else "upstream_closed")


@pieces
@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: y\r\n\r\n",
    ],
)
async def test_the_answer_to_head_has_no_body_whatever_it_says(raw: bytes, piece: int) -> None:
    origin = ScriptedOrigin(raw, NEXT, piece=piece)

    _, client = await ask_twice(origin, HEAD)

    head, after = answers_of(client, "HEAD", "GET")
    assert (head.status, head.body, after.body) == (200, b"", b"next")
    assert head.header("content-length") == ("5" if b"5" in raw else None)
    assert len(origin.connections) == 1


@pieces
async def test_a_body_behind_the_answer_to_head_is_nobody_elses_answer(piece: int) -> None:
    origin = ScriptedOrigin(NEXT.replace(b"next", b"HTTP"), NEXT, piece=piece)

    _, client = await ask_twice(origin, HEAD)

    head, after = answers_of(client, "HEAD", "GET")
    assert (head.status, head.body, after.body) == (200, b"", b"next")
    assert len(origin.connections) == 2


async def test_a_connection_whose_last_client_was_slow_is_used_again() -> None:
    """The answer ends in the read that makes its client too slow, so the connection is paused as it ends."""
    body = b"x" * 90_000
    origin = ScriptedOrigin(b"HTTP/1.1 200 OK\r\ncontent-length: 90000\r\n\r\n", NEXT)
    gateway = await Gateway(origin=origin, limits=ServerLimits(unsent_bytes=1000)).open()
    slow = gateway.connect()
    slow.room = 1000
    slow.send(GET)
    await settle()
    origin.last.send(body)
    await settle()
    slow.take()
    await settle()

    client = await gateway.ask(GET)

    assert answers_of(slow)[0].body == body
    assert answers_of(client)[0].body == b"next"
    assert len(origin.connections) == 1


async def test_bytes_that_nobody_asked_for_close_an_idle_connection() -> None:
    origin = ScriptedOrigin(NEXT, NEXT)
    _, client = await ask_twice(origin)
    origin.last.send(NEXT.replace(b"next", b"evil"))
    await settle()
    assert origin.last.is_closed

    origin.scripts.append(NEXT)
    client.send(GET)
    await settle()

    assert [answer.body for answer in answers_of(client)] == [b"next"] * 3


@pieces
async def test_interim_answers_are_passed_on_without_what_is_for_one_hop(piece: int) -> None:
    interim = (
        b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\nconnection: x-hop\r\nx-hop: 1\r\nkeep-alive: 1\r\n"
        b"content-length: 7\r\n\r\nHTTP/1.1 102 Processing\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    origin = ScriptedOrigin(interim + NEXT, NEXT, piece=piece)

    _, client = await ask_twice(origin)

    answer, after = answers_of(client)
    assert answer.informed == [(103, [(b"link", b"</a>")]), (102, [])]
    assert (answer.body, after.body) == (b"next", b"next")


@pieces
async def test_trailers_are_passed_on_without_what_frames_routes_or_authenticates(piece: int) -> None:
    trailers = (
        b"x-sum: 1\r\nserver-timing: a\r\nset-cookie: a=b\r\nhost: b\r\nauthorization: x\r\nconnection: x\r\n"
    )
    raw = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n" + trailers + b"\r\n"

    _, client = await ask_twice(ScriptedOrigin(raw, NEXT, piece=piece))

    answer, after = answers_of(client)
    assert answer.trailers == [(b"x-sum", b"1"), (b"server-timing", b"a")]
    assert (answer.body, after.body) == (b"hello", b"next")


@pieces
@pytest.mark.parametrize(
    ("raw", "trailers"),
    [
        (CHUNKED + b"0\r\nx-sum: 1\r\n\r\n", [(b"x-sum", b"1")]),
        (CHUNKED + b"0\r\n\r\n", []),
        (NEXT, []),
        (b"HTTP/1.1 204 No Content\r\n\r\n", []),
    ],
    ids=["trailers", "chunks", "a length", "no body"],
)
async def test_fields_of_an_answer_nobody_asked_for_are_no_trailers(
    raw: bytes, trailers: list[tuple[bytes, bytes]], piece: int
) -> None:
    second = b"HTTP/1.1 200 OK\r\nx-secret: 2\r\ncontent-length: 0\r\n\r\n"

    gateway, client = await ask_twice(ScriptedOrigin(raw + second, NEXT, piece=piece))

    first, after = answers_of(client)
    assert (first.complete, first.trailers) == (True, trailers)
    assert b"x-secret" not in client.received
    assert after.body == b"next"
    assert gateway.outcomes == ["complete", "complete"]


@pytest.mark.parametrize(
    ("begin", "more"),
    [
        (b"0\r\n", b"x: y\r\n"),
        (b"0\r\nx: ", b"y"),
        (b"5;a=", b"b"),
        (b"", b"0000"),
    ],
)
async def test_an_upstream_that_frames_without_end_is_cut_off(begin: bytes, more: bytes) -> None:
    origin = ScriptedOrigin(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + begin)
    gateway = await Gateway(origin=origin, client_limits=ClientLimits(head_bytes=2000)).open()
    client = await gateway.ask(GET)

    for _ in range(100):
        origin.last.send(more * 100)
        await settle(2)

    assert origin.last.is_closed
    assert gateway.outcomes == ["upstream_protocol_error"]
    assert [answer.complete for answer in answers_of(client)] == [False]


# Who never says anything


@pytest.mark.parametrize("end", [then_eof, then_reset])
@pytest.mark.parametrize(
    "raw", [b"", b"HTTP/1.1 2", b"HTTP/1.1 200 OK\r\nx: y\r\n", b"HTTP/1.1 100 C\r\n\r\n"]
)
async def test_an_upstream_that_closes_before_its_answer_is_502(raw: bytes, end) -> None:  # type: ignore[no-untyped-def]
    gateway, client = await ask_twice(ScriptedOrigin(end(raw), NEXT))

    failed, after = answers_of(client)
    assert_problem(failed, 502)
    assert after.body == b"next"
    assert gateway.outcomes == ["upstream_closed", "complete"]


async def test_an_upstream_that_refuses_is_502() -> None:
    gateway = await Gateway().open()

    client = await gateway.ask(GET)

    assert_problem(answers_of(client)[0], 502)
    assert gateway.outcomes == ["upstream_connect_failed"]


@pytest.mark.parametrize("raw", [b"", b"HTTP/1.1 200 OK\r\nx: y\r\n", b"HTTP/1.1 100 C\r\n\r\n"])
async def test_an_upstream_that_never_answers_is_504(raw: bytes) -> None:
    origin = ScriptedOrigin(raw)
    gateway = await Gateway(origin=origin, client_limits=LIMITS).open()
    client = await gateway.ask(GET)

    await gateway.pass_time(10 - 2 * TICK_S)
    assert answers_of(client) == []
    await gateway.pass_time(4 * TICK_S)

    assert_problem(answers_of(client)[0], 504)
    assert gateway.outcomes == ["upstream_timeout"]
    assert origin.last.is_closed
    assert not client.is_closed


async def test_an_upstream_that_stops_within_its_body_breaks_the_answer_off() -> None:
    gateway = await Gateway(
        origin=ScriptedOrigin(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello"), client_limits=LIMITS
    ).open()
    client = await gateway.ask(GET)

    await gateway.pass_time(5 + 2 * TICK_S)

    (answer,) = answers_of(client)
    assert (answer.body, answer.complete) == (b"hello", False)
    assert gateway.outcomes == ["upstream_timeout"]
    assert client.is_closed


async def test_a_total_time_holds_for_an_upstream_that_drips() -> None:
    origin = ScriptedOrigin(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n")
    gateway = await Gateway(origin=origin, client_limits=ClientLimits(idle_read_s=5, total_s=20)).open()
    client = await gateway.ask(GET)

    for _ in range(8):
        await gateway.pass_time(3)
        origin.last.send(b"x")

    assert gateway.outcomes == ["upstream_timeout"]
    assert client.is_closed
