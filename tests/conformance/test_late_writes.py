"""What is written goes out at the end of the turn; still in order, whole, and to whom it is for."""

from __future__ import annotations

from clearway.plug import Conn, Stream
from tests.wire.answers import read_answers
from tests.wire.gateway import Gateway
from tests.wire.memory import FarEnd, settle
from tests.wire.origins import StrictOrigin

GET = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"
LARGE = b"x" * 100_000


def hello(conn: Conn) -> Conn:
    return conn.send_resp(200, b"hello")


def by_path(conn: Conn) -> Conn:
    bodies = {"/large": LARGE, "/stream": Stream.of(b"streamed"), "/none": b""}
    return conn.send_resp(200, bodies.get(conn.path, conn.path.encode()))


def bodies(client: FarEnd) -> list[bytes]:
    return [answer.body for answer in read_answers(client.received, closed=client.is_closed)]


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nhost: a\r\n\r\n".encode()


async def test_an_answer_waits_for_the_end_of_the_turn_and_not_longer() -> None:
    gateway = await Gateway(hello).open()
    client = gateway.connect()

    client.send(GET)
    assert client.received == b""
    await settle(1)

    assert bodies(client) == [b"hello"]


async def test_a_large_answer_is_not_kept() -> None:
    gateway = await Gateway(by_path).open()
    client = gateway.connect()

    client.send(get("/large"))

    assert len(client.received) > len(LARGE)


async def test_answers_stay_in_order_whatever_their_kind() -> None:
    gateway = await Gateway(by_path).open()
    client = gateway.connect()

    for path in ("/1", "/large", "/2", "/stream", "/3", "/4", "/none", "/5"):
        client.send(get(path))
    client.send(get("/6") + get("/7"))
    await settle()

    expected = [b"/1", LARGE, b"/2", b"streamed", b"/3", b"/4", b"", b"/5", b"/6", b"/7"]
    assert bodies(client) == expected


async def test_a_client_that_asks_and_shuts_in_one_turn_gets_its_answer() -> None:
    gateway = await Gateway(hello).open()
    client = gateway.connect()

    client.send(GET)
    client.send_eof()
    await settle()

    assert bodies(client) == [b"hello"]
    assert client.is_closed


async def test_what_is_refused_comes_behind_the_answer_before_it() -> None:
    gateway = await Gateway(hello).open()
    client = gateway.connect()

    client.send(GET)
    client.send(b"GET nonsense HTTP/1.1\r\n\r\n")
    await settle()

    answers = read_answers(client.received, closed=client.is_closed)
    assert [answer.status for answer in answers] == [200, 400]


async def test_a_client_that_vanishes_in_the_turn_of_its_answer_harms_nobody() -> None:
    gateway = await Gateway(hello).open()
    first, second = gateway.connect(), gateway.connect()

    first.send(GET)
    second.send(GET)
    first.vanish()
    await settle()

    assert bodies(second) == [b"hello"]
    assert gateway.server.statistics().open == 1


async def test_stopping_sends_what_is_kept() -> None:
    gateway = await Gateway(hello).open()
    client = gateway.connect()

    client.send(GET)
    cut = await gateway.server.close(drain_s=1)

    assert (cut, bodies(client)) == (0, [b"hello"])


async def test_an_answer_that_comes_before_the_request_was_sent_is_nobodys() -> None:
    origin = StrictOrigin()
    gateway = await Gateway(origin=origin).open()
    await gateway.ask(GET)
    client = gateway.connect()

    client.send(GET)
    origin.connections[0].send(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwrong")
    await settle()

    assert origin.connections[0].was_aborted
    assert len(origin.connections) == 2  # the request was sent again, on a new one
    (answer,) = read_answers(client.received, closed=client.is_closed)
    assert answer.status == 200
    assert answer.body != b"wrong"
