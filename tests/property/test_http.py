# The invariant: a stream of requests means the same however it is cut, and what is forwarded is read by h11,
# which shares no code with us, as what was sent.
"""Valid requests, cut anywhere, reach an upstream as what they were."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.fuzzing.compare import NOT_PASSED_ON
from clearway.plug import Conn
from tests.wire.answers import read_answers
from tests.wire.gateway import Gateway
from tests.wire.memory import MemoryLoop, settle
from tests.wire.origins import StrictOrigin

tokens = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_.", min_size=1, max_size=12).map(str.encode)
values = st.binary(max_size=20).map(lambda raw: bytes(b for b in raw if b >= 32 and b != 127).strip())
targets = st.text(
    "abc/.~%2F0?&=+;:@!$'()*,-_", max_size=30
).map(lambda text: "/" + text)  # fmt: skip
spaces = st.sampled_from([b"", b" ", b"  ", b"\t"])
KNOWN = NOT_PASSED_ON | {b"forwarded", b"trailer"}


@dataclass(frozen=True)
class Sent:
    """A request as it is sent, and what it means."""

    raw: bytes
    method: str
    target: str
    headers: list[tuple[bytes, bytes]]
    body: bytes
    trailers: list[tuple[bytes, bytes]]


def is_free(name: bytes) -> bool:
    """Tell whether a field of this name is passed on unchanged, in the head and behind the body."""
    return name not in KNOWN and not name.startswith((b"x-forwarded", b"if-"))


fields = st.lists(st.tuples(tokens.filter(is_free), values), max_size=5)


@st.composite
def requests(draw: st.DrawFn) -> Sent:
    method = draw(st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "QUERY", "PROPFIND"]))
    target, headers = draw(targets), draw(fields)
    pieces = draw(st.lists(st.binary(min_size=1, max_size=40), max_size=4))
    lines = [b"%b:%b%b%b\r\n" % (name.upper(), draw(spaces), value, draw(spaces)) for name, value in headers]
    head = f"{method} {target} HTTP/1.1\r\nHost: a\r\n".encode() + b"".join(lines)
    trailers: list[tuple[bytes, bytes]] = []
    if draw(st.booleans()):
        trailers = [pair for pair in draw(fields) if pair[0] not in _NEVER_TRAILERS]
        extension = draw(st.sampled_from([b"", b";a", b';a="b"']))
        chunks = [b"%X%b\r\n%b\r\n" % (len(piece), extension, piece) for piece in pieces]
        end = b"0\r\n" + b"".join([b"%b: %b\r\n" % pair for pair in trailers]) + b"\r\n"
        raw = head + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(chunks) + end
    else:
        body = b"".join(pieces)
        raw = head + (b"Content-Length: %d\r\n" % len(body) if body else b"") + b"\r\n" + body
    return Sent(raw, method, target, headers, b"".join(pieces), trailers)


_NEVER_TRAILERS = (b"authorization", b"cookie", b"range", b"host")


async def pass_through(pieces: list[bytes], count: int) -> tuple[StrictOrigin, bytes]:
    """Send `pieces` through a gateway, and return the upstream and what the client got."""
    origin = StrictOrigin()
    gateway = await Gateway(origin=origin).open()
    client = gateway.connect()
    for piece in pieces:
        client.send(piece)
        await settle(2)
    await settle(count * 10)
    await gateway.close()
    return origin, bytes(client.received)


def run(scenario):  # type: ignore[no-untyped-def]
    with asyncio.Runner(loop_factory=MemoryLoop) as runner:
        return runner.run(scenario)


def cut(raw: bytes, places: list[int]) -> list[bytes]:
    ends = sorted({place % (len(raw) + 1) for place in places} | {len(raw)})
    return [raw[start:end] for start, end in zip([0, *ends], ends, strict=False) if end > start]


def forwarded(target: str) -> str:
    """An empty query is no query to a Conn, so its question mark is not sent on; every other byte is."""
    path, _, query = target.partition("?")
    return f"{path}?{query}" if query else path


@given(sent=st.lists(requests(), min_size=1, max_size=3), places=st.lists(st.integers(0, 10_000), max_size=8))
def test_requests_arrive_as_they_were_sent_however_they_are_cut(sent: list[Sent], places: list[int]) -> None:
    origin, received = run(pass_through(cut(b"".join(each.raw for each in sent), places), len(sent)))

    assert origin.refused == []
    got = [(asked.method, asked.target, asked.body, asked.complete, asked.trailers) for asked in origin.asked]
    meant = [(each.method, forwarded(each.target), each.body, True, each.trailers) for each in sent]
    assert got == meant
    for asked, each in zip(origin.asked, sent, strict=True):
        assert [pair for pair in asked.headers if is_free(pair[0])] == each.headers
    assert [answer.status for answer in read_answers(received, closed=False)] == [200] * len(sent)


@given(sent=st.lists(requests(), min_size=1, max_size=3), places=st.lists(st.integers(0, 10_000), max_size=8))
def test_a_plug_sees_the_same_however_requests_are_cut(sent: list[Sent], places: list[int]) -> None:
    raw = b"".join(each.raw for each in sent)

    whole, pieces = run(seen_by_a_plug([raw])), run(seen_by_a_plug(cut(raw, places)))

    assert whole == pieces
    assert len(whole) == len(sent)


async def seen_by_a_plug(pieces: list[bytes]) -> list[tuple[object, ...]]:
    seen: list[tuple[object, ...]] = []

    async def look(conn: Conn) -> Conn:
        body = await conn.fetch_body()
        seen.append((conn.method, conn.path, conn.query_string, conn.headers.raw, body, conn.body.trailers))
        return conn.send_resp(200)

    gateway = await Gateway(look).open()
    client = gateway.connect()
    for piece in pieces:
        client.send(piece)
        await settle(2)
    await settle(40)
    await gateway.close()
    return seen
