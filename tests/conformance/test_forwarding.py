"""What an upstream gets for what a client sends: RFC 9110 section 7.6, read by h11."""

from __future__ import annotations

import pytest

from clearway.http import ClientLimits, ServerLimits
from clearway.plug import Conn, Stream
from tests.conformance.accepted_requests import ACCEPTED, Seen
from tests.wire.answers import read_answers
from tests.wire.gateway import Gateway
from tests.wire.memory import FarEnd, settle
from tests.wire.origins import Asked, ScriptedOrigin, StrictOrigin

pieces = pytest.mark.parametrize("piece", [0, 1], ids=["whole", "byte by byte"])
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
CHUNKED = b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n"


async def forward(*lines: bytes, piece: int = 0, **options) -> Asked:  # type: ignore[no-untyped-def]
    """Send one request of `lines` through the gateway, and return what the upstream read."""
    origin = StrictOrigin()
    gateway = await Gateway(origin=origin, **options).open()
    await gateway.ask(b"\r\n".join([*lines, b"", b""]), piece=piece)
    (asked,) = origin.asked
    return asked


def body_of(asked: Asked) -> tuple[bytes, bool]:
    return asked.body, asked.complete


@pieces
@pytest.mark.parametrize(("what", "raw", "seen", "stays_open"), ACCEPTED, ids=[what for what, *_ in ACCEPTED])
async def test_a_request_is_forwarded_as_it_was_meant(
    what: str, raw: bytes, seen: list[Seen], stays_open: bool, piece: int
) -> None:
    origin = StrictOrigin()
    gateway = await Gateway(origin=origin).open()

    client = await gateway.ask(raw, piece=piece)
    await settle(len(seen) * 10)

    assert origin.refused == []
    assert [(asked.method, asked.target, asked.body) for asked in origin.asked] == seen
    assert all(asked.complete for asked in origin.asked)
    assert len(read_answers(client.received, closed=client.is_closed)) == len(seen)


@pytest.mark.parametrize(
    "field",
    [
        b"connection: keep-alive",
        b"keep-alive: timeout=5",
        b"proxy-connection: keep-alive",
        b"upgrade: h2c",
        b"proxy-authorization: Basic eDp5",
        b"expect: 100-continue",
        b"te: gzip",
    ],
)
async def test_what_is_for_one_connection_is_not_forwarded(field: bytes) -> None:
    asked = await forward(b"GET / HTTP/1.1", b"host: a", field)

    assert asked.header(field.partition(b":")[0].decode()) is None


@pytest.mark.parametrize(
    "lines",
    [
        [b"connection: x-a, x-b"],
        [b"connection: x-a", b"connection: x-b"],
        [b"connection: X-A ,\tX-B,,"],
        [b"connection: close, x-a,x-b"],
    ],
)
async def test_what_connection_names_is_not_forwarded(lines: list[bytes]) -> None:
    asked = await forward(b"GET / HTTP/1.1", b"host: a", *lines, b"x-a: 1", b"x-b: 2", b"x-b: 3", b"x-c: 4")

    assert [asked.header(name) for name in ("x-a", "x-b", "x-c")] == [None, None, "4"]


async def test_a_client_cannot_take_framing_or_host_away() -> None:
    asked = await forward(
        b"POST / HTTP/1.1", b"host: a", b"connection: host, content-length", b"content-length: 0"
    )

    assert (asked.header("host"), asked.header("content-length")) == ("a", "0")


async def test_a_client_cannot_take_away_what_a_plug_adds() -> None:
    asked = await forward(
        b"GET / HTTP/1.1",
        b"host: a",
        b"connection: x-user",
        before=(lambda conn: conn.put_req_header("x-user", "ann"),),
    )

    assert asked.header("x-user") == "ann"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("transfer-encoding", "chunked"),
        ("transfer-encoding", "gzip"),
        ("content-length", "7"),
        ("connection", "keep-alive"),
        ("upgrade", "h2c"),
        ("expect", "100-continue"),
        ("keep-alive", "1"),
    ],
)
@pytest.mark.parametrize("length", [b"content-length: 0", b"transfer-encoding: chunked"])
async def test_a_plug_cannot_break_the_framing(name: str, value: str, length: bytes) -> None:
    asked = await forward(
        b"POST / HTTP/1.1",
        b"host: a",
        length,
        *([b"", b"0"] if b"chunked" in length else []),
        before=(lambda conn: conn.put_req_header(name, value),),
    )

    assert body_of(asked) == (b"", True)
    kept = [asked.header(name) for name in ("connection", "upgrade", "expect", "keep-alive")]
    assert kept == [None] * 4


async def test_te_trailers_is_forwarded_as_connection_says() -> None:
    asked = await forward(b"GET / HTTP/1.1", b"host: a", b"connection: te", b"te: gzip, trailers")

    assert (asked.header("te"), asked.header("connection")) == ("trailers", "te")


async def test_unknown_fields_are_forwarded_in_order_and_repeated() -> None:
    asked = await forward(b"GET / HTTP/1.1", b"host: a", b"x: 1", b"Y: 2", b"x: 3", b"authorization: Basic x")

    kept = [(name, value) for name, value in asked.headers if name in (b"x", b"y", b"authorization")]
    assert kept == [(b"x", b"1"), (b"y", b"2"), (b"x", b"3"), (b"authorization", b"Basic x")]


@pytest.mark.parametrize("version", [b"1.1", b"1.0"])
async def test_via_names_each_gateway_on_the_way(version: bytes) -> None:
    asked = await forward(b"GET / HTTP/" + version, b"host: a", b"via: 1.0 fred", b"via: 1.1 jane")

    received = (asked.header("via") or "").split(", ")
    assert received[:2] == ["1.0 fred", "1.1 jane"]
    assert received[2].startswith(version.decode() + " clearway")
    assert len(received) == 3


async def test_a_request_that_comes_back_is_not_forwarded_again() -> None:
    origin = StrictOrigin()
    gateway = await Gateway(origin=origin).open()
    await gateway.ask(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
    via = (origin.asked[0].header("via") or "").encode()

    client = await gateway.ask(b"GET / HTTP/1.1\r\nhost: a\r\nvia: 1.1 x\r\nvia: " + via + b"\r\n\r\n")

    assert read_answers(client.received, closed=False)[0].status == 508
    assert len(origin.asked) == 1


@pytest.mark.parametrize("method", [b"OPTIONS", b"TRACE"])
async def test_max_forwards_counts_down_to_us(method: bytes) -> None:
    asked = await forward(method + b" / HTTP/1.1", b"host: a", b"max-forwards: 2")
    assert asked.header("max-forwards") == "1"

    origin = StrictOrigin()
    gateway = await Gateway(origin=origin).open()
    await gateway.ask(method + b" / HTTP/1.1\r\nhost: a\r\nmax-forwards: 0\r\n\r\n")
    assert origin.asked == []


@pytest.mark.parametrize("value", [b"-1", b"+1", b"1.0", b"x", b"\xb3", b"9" * 30])
async def test_max_forwards_that_is_no_number_is_left_alone(value: bytes) -> None:
    asked = await forward(b"TRACE / HTTP/1.1", b"host: a", b"max-forwards: " + value)

    assert asked.header("max-forwards") == value.decode("latin-1")


@pytest.mark.parametrize(
    "target",
    [b"/a%2Fb%2e", b"//a//", b"/a/../b/./c", b"/?a=%00&&b", b"/a;b=c", b"/|{}^`<>\"'", b"/?a?b"],
)
async def test_the_target_is_forwarded_as_it_came(target: bytes) -> None:
    assert (await forward(b"GET " + target + b" HTTP/1.1", b"host: a")).target == target.decode()


async def test_forwarding_fields_tell_who_asked() -> None:
    asked = await forward(b"GET / HTTP/1.1", b"host: a:81")

    told = [asked.header(f"x-forwarded-{name}") for name in ("for", "proto", "host")]
    assert told == ["192.0.2.7", "http", "a:81"]


# Bodies


@pieces
async def test_trailers_are_forwarded_without_what_frames_routes_or_authenticates(piece: int) -> None:
    asked = await forward(
        CHUNKED + b"\r\n5\r\nhello\r\n0",
        b"x-sum: 1\r\nhost: b\r\nauthorization: x\r\ncookie: x\r\nx-forwarded-for: x\r\nforwarded: x\r\n"
        b"connection: x\r\nvia: x\r\nexpect: x\r\nte: x\r\nmax-forwards: 1\r\nx-more: 2",
        piece=piece,
    )

    assert body_of(asked) == (b"hello", True)
    assert asked.trailers == [(b"x-sum", b"1"), (b"x-more", b"2")]


async def test_a_body_that_a_plug_replaces_may_have_empty_pieces() -> None:
    def replace(conn: Conn) -> Conn:
        stream = Stream()
        for piece in (b"", b"hel", b"", b"lo"):
            stream.feed(piece)
        stream.end()
        return conn.put_body(stream)

    asked = await forward(b"POST / HTTP/1.1", b"host: a", b"content-length: 0", before=(replace,))

    assert body_of(asked) == (b"hello", True)


@pytest.mark.parametrize("fed", [b"hel", b"hello, world"])
async def test_a_body_of_another_length_than_it_says_is_not_forwarded(fed: bytes) -> None:
    def replace(conn: Conn) -> Conn:
        stream = Stream(length=5)
        stream.feed(fed)
        stream.end()
        return conn.put_body(stream)

    origin = StrictOrigin()
    gateway = await Gateway(origin=origin, before=(replace,)).open()

    client = await gateway.ask(b"POST / HTTP/1.1\r\nhost: a\r\n\r\n")

    assert read_answers(client.received, closed=client.is_closed)[0].status == 500
    assert all(not asked.complete for asked in origin.asked)
    assert origin.connections[0].is_closed


async def test_an_upload_may_take_longer_than_the_first_byte_of_its_answer() -> None:
    origin = StrictOrigin()
    gateway = await Gateway(
        origin=origin, limits=ServerLimits(body_read_s=50), client_limits=ClientLimits(first_byte_s=10)
    ).open()
    client = await gateway.ask(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\n")

    for byte in b"hello":
        await gateway.pass_time(9)
        client.send(bytes([byte]))
    await settle()

    assert gateway.outcomes == ["complete"]
    assert body_of(origin.asked[0]) == (b"hello", True)


async def test_an_upstream_that_takes_no_more_of_an_upload_is_504() -> None:
    def stuck(end: FarEnd) -> None:
        end.room = 100

    gateway = await Gateway(
        origin=stuck, client_limits=ClientLimits(idle_read_s=10, unsent_bytes=1000)
    ).open()
    client = await gateway.ask(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9000\r\n\r\n" + b"x" * 5000)

    await gateway.pass_time(11)

    assert read_answers(client.received, closed=client.is_closed)[0].status == 504
    assert gateway.outcomes == ["upstream_timeout"]


async def test_an_answer_before_the_end_of_the_upload_is_passed_on() -> None:
    origin = ScriptedOrigin(OK.replace(b"200 OK", b"413 No"))
    gateway = await Gateway(origin=origin).open()
    client = await gateway.ask(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nhel")

    (answer,) = read_answers(client.received)
    assert (answer.status, answer.header("connection")) == (413, "close")
    assert gateway.outcomes == ["complete"]
    assert origin.last.is_closed


# Retries: RFC 9110 section 9.2.2


async def ask_on_dead_connection(raw: bytes, *scripts) -> tuple[Gateway, ScriptedOrigin, FarEnd]:  # type: ignore[no-untyped-def]
    """Use a connection once; the upstream drops it when it reads the next request, `raw`."""
    origin = ScriptedOrigin(OK, lambda end: end.vanish(), *scripts)
    gateway = await Gateway(origin=origin, client_limits=ClientLimits(first_byte_s=10)).open()
    client = await gateway.ask(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
    client.send(raw)
    await settle()
    return gateway, origin, client


@pytest.mark.parametrize("method", [b"GET", b"HEAD", b"OPTIONS", b"TRACE", b"PUT", b"DELETE"])
async def test_an_idempotent_request_is_sent_again_on_a_dead_connection(method: bytes) -> None:
    gateway, origin, _ = await ask_on_dead_connection(method + b" / HTTP/1.1\r\nhost: a\r\n\r\n", OK)

    assert gateway.outcomes == ["complete", "complete"]
    assert (origin.requests, len(origin.connections)) == (3, 2)


@pytest.mark.parametrize("method", [b"POST", b"PATCH"])
async def test_a_request_that_is_not_idempotent_is_never_sent_again(method: bytes) -> None:
    gateway, origin, client = await ask_on_dead_connection(method + b" / HTTP/1.1\r\nhost: a\r\n\r\n", OK)

    assert gateway.outcomes == ["complete", "upstream_closed"]
    assert (origin.requests, len(origin.connections)) == (2, 1)
    assert read_answers(client.received, closed=False)[1].status == 502


async def test_a_request_is_sent_again_once() -> None:
    raw = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"
    gateway, origin, _ = await ask_on_dead_connection(raw, lambda end: end.vanish(), OK)

    assert gateway.outcomes == ["complete", "upstream_closed"]
    assert origin.requests == 3


async def test_a_request_with_a_body_is_not_sent_again() -> None:
    raw = b"PUT / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\nhi"
    gateway, origin, _ = await ask_on_dead_connection(raw, OK)

    assert gateway.outcomes == ["complete", "upstream_closed"]
    assert origin.requests == 2


async def test_a_request_is_not_sent_again_once_its_answer_began() -> None:
    def begin(end: FarEnd) -> None:
        end.send(b"HTTP/1.1 2")
        end.vanish()

    origin = ScriptedOrigin(OK, begin, OK)
    gateway = await Gateway(origin=origin).open()
    await gateway.ask(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n" * 2)

    assert gateway.outcomes == ["complete", "upstream_closed"]


async def test_a_request_that_took_too_long_is_not_sent_again() -> None:
    origin = ScriptedOrigin(OK, b"", OK)
    gateway = await Gateway(origin=origin, client_limits=ClientLimits(first_byte_s=10)).open()
    await gateway.ask(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n" * 2)

    await gateway.pass_time(11)

    assert gateway.outcomes == ["complete", "upstream_timeout"]
    assert origin.requests == 2


async def test_a_request_is_not_sent_again_on_a_fresh_connection() -> None:
    origin = ScriptedOrigin(lambda end: end.vanish(), OK)
    gateway = await Gateway(origin=origin).open()
    await gateway.ask(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")

    assert gateway.outcomes == ["upstream_closed"]
