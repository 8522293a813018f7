"""What a plug sees of a request."""

from __future__ import annotations

from clearway.plug.conn import Conn
from clearway.testing.adapter.parts import GET, Check, Serve, answer_of, connected, ok, post, same

__all__ = ["CHECKS"]


async def shows_the_request_line_as_it_was_sent(serve: Serve) -> None:
    """Method, raw path, query, host in lower case and without port, version, scheme and peer."""
    seen: list[Conn] = []

    def look(conn: Conn) -> Conn:
        seen.append(conn)
        return ok(conn)

    await answer_of(serve, look, b"PUT /a%20b//%63;v=1?x=%31&y HTTP/1.1\r\nHost: Example.ORG:8080\r\n\r\n")

    conn = seen[0]
    same(conn.method, "PUT", "method")
    same(conn.path, "/a%20b//%63;v=1", "path")
    same(conn.query_string, "x=%31&y", "query string")
    same((conn.scheme, conn.host, conn.http_version), ("http", "example.org", "1.1"), "scheme, host, version")
    same(conn.peer is not None and conn.peer[0], "127.0.0.1", "peer")
    same((conn.script_name, dict(conn.params), conn.status), ((), {}, None), "what plugs fill")


async def shows_headers_in_order_and_in_lower_case(serve: Serve) -> None:
    """Repeated lines stay lines; values keep every byte."""
    seen: list[Conn] = []

    def look(conn: Conn) -> Conn:
        seen.append(conn)
        return ok(conn)

    await answer_of(serve, look, b"GET / HTTP/1.1\r\nHost: a\r\nX-B: 1\r\nX-A: caf\xe9\r\nx-b:  2 \r\n\r\n")

    lines = [pair for pair in seen[0].headers.items() if pair[0].startswith("x-")]
    same(lines, [("x-b", "1"), ("x-a", "caf\xe9"), ("x-b", "2")], "header lines")


async def gives_a_request_without_a_body_an_empty_one(serve: Serve) -> None:
    """Its length is known without reading."""

    async def measure(conn: Conn) -> Conn:
        return conn.send_resp(200, f"{conn.body.length} {await conn.fetch_body()!r}")

    same((await answer_of(serve, measure)).text, "0 b''", "length and body")


async def echo(conn: Conn) -> Conn:
    """Answer with the body."""
    return conn.send_resp(200, await conn.fetch_body(100))


async def gives_a_body_with_a_length(serve: Serve) -> None:
    """The length is known before the body is read."""
    lengths: list[int | None] = []

    async def measured_echo(conn: Conn) -> Conn:
        lengths.append(conn.body.length)
        return await echo(conn)

    same((await answer_of(serve, measured_echo, post(b"hello"))).body, b"hello", "body")
    same(lengths, [5], "length")


async def gives_a_chunked_body_without_its_chunks(serve: Serve) -> None:
    """The pieces need not be the chunks; joined they are the body."""
    request = (
        b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
        b"3\r\nhel\r\n2;ext=1\r\nlo\r\n0\r\n\r\n"
    )

    same((await answer_of(serve, echo, request)).body, b"hello", "body")


async def refuses_a_body_beyond_the_limit_of_its_reader(serve: Serve) -> None:
    """`fetch_body` raises 413, and the answer is a problem."""
    answer = await answer_of(serve, echo, post(b"x" * 101))

    same((answer.status, answer.headers.get("content-type")), (413, "application/problem+json"), "answer")


async def keeps_an_unread_body_apart_from_the_next_request(serve: Serve) -> None:
    """After an answer that did not read the body, the next request is answered or the connection closed."""
    async with connected(serve, lambda conn: conn.send_resp(200, conn.method)) as wire:
        await wire.send(post(b"GET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n"))
        same((await wire.response()).text, "POST", "first answer")
        try:
            await wire.send(b"DELETE / HTTP/1.1\r\nhost: a\r\n\r\n")
            same((await wire.response()).text, "DELETE", "second answer")
        except (ConnectionError, EOFError):
            pass  # closed, which is as good


async def answers_several_requests_on_one_connection(serve: Serve) -> None:
    """One after the other, and with several on their way."""
    async with connected(serve, lambda conn: conn.send_resp(200, conn.path)) as wire:
        await wire.send(GET)
        same((await wire.response()).text, "/", "answer")
        await wire.send(GET.replace(b" / ", b" /2 ") + GET.replace(b" / ", b" /3 "))
        same([(await wire.response()).text, (await wire.response()).text], ["/2", "/3"], "pipelined answers")


async def invites_a_body_when_it_is_read(serve: Serve) -> None:
    """A client that waits for 100 Continue gets it once a plug reads."""
    async with connected(serve, echo) as wire:
        head, _, body = post(b"hello").partition(b"\r\n\r\n")
        await wire.send(head + b"\r\nexpect: 100-continue\r\n\r\n")
        same(await wire.reader.readuntil(b"\r\n\r\n"), b"HTTP/1.1 100 Continue\r\n\r\n", "interim response")
        await wire.send(body)
        same((await wire.response()).body, b"hello", "body")


async def does_not_invite_a_body_that_nobody_reads(serve: Serve) -> None:
    """A client that waits for 100 Continue gets the final answer instead."""
    head = post(b"hello").partition(b"\r\n\r\n")[0]
    answer = await answer_of(serve, ok, head + b"\r\nexpect: 100-continue\r\n\r\n")

    same((answer.status, answer.informed), (200, ()), "answer")


CHECKS: tuple[Check, ...] = (
    shows_the_request_line_as_it_was_sent,
    shows_headers_in_order_and_in_lower_case,
    gives_a_request_without_a_body_an_empty_one,
    gives_a_body_with_a_length,
    gives_a_chunked_body_without_its_chunks,
    refuses_a_body_beyond_the_limit_of_its_reader,
    keeps_an_unread_body_apart_from_the_next_request,
    answers_several_requests_on_one_connection,
    invites_a_body_when_it_is_read,
    does_not_invite_a_body_that_nobody_reads,
)
