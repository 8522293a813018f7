"""What a client sees of a response."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

from clearway.plug.conn import Conn, RespBody
from clearway.plug.headers import Headers
from clearway.plug.pipeline import Plug
from clearway.plug.stream import Stream
from clearway.testing.adapter.parts import GET, Check, Serve, answer_of, connected, same

__all__ = ["CHECKS"]

HEAD = GET.replace(b"GET", b"HEAD")


async def sends_status_headers_and_bytes(serve: Serve) -> None:
    """With the length of the bytes."""

    def greet(conn: Conn) -> Conn:
        return conn.put_resp_header("x-greeting", "hello").send_resp(418, b"short", "text/x-stout")

    answer = await answer_of(serve, greet)

    same((answer.status, answer.body), (418, b"short"), "status and body")
    same(answer.headers.get_all("content-length"), ["5"], "content-length")
    same(answer.headers.get("x-greeting"), "hello", "header")
    same(answer.headers.get("content-type"), "text/x-stout", "content-type")


async def keeps_repeated_headers_on_lines_of_their_own(serve: Serve) -> None:
    """Two cookies are two lines."""

    def bake(conn: Conn) -> Conn:
        return conn.add_resp_header("set-cookie", "a=1").add_resp_header("set-cookie", "b=2").send_resp(200)

    same((await answer_of(serve, bake)).headers.get_all("set-cookie"), ["a=1", "b=2"], "cookies")


async def sends_no_body_to_head(serve: Serve) -> None:
    """With the headers of the GET, and the next answer where the body would be."""
    async with connected(serve, lambda conn: conn.send_resp(200, b"hello")) as wire:
        await wire.send(HEAD)
        answer = await wire.response("HEAD")
        same((answer.status, answer.headers.get("content-length")), (200, "5"), "head")
        await wire.send(GET)
        same((await wire.response()).body, b"hello", "body of the GET behind")


async def sends_no_body_with_204_and_304(serve: Serve) -> None:
    """And no content-length with 204 (RFC 9110 section 8.6)."""
    async with connected(serve, lambda conn: conn.send_resp(int(conn.path[1:]), b"")) as wire:
        for status in (204, 304):
            await wire.send(GET.replace(b" / ", b" /%d " % status))
            answer = await wire.response()
            same((answer.status, answer.headers.get("transfer-encoding")), (status, None), "head")
            if status == 204:
                same(answer.headers.get("content-length"), None, "content-length of 204")


def streaming(body: RespBody) -> Plug:
    """Return a plug that answers with `body`."""
    return lambda conn: conn.send_resp(200, body)


async def iterated(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    """Yield `pieces`."""
    for piece in pieces:
        yield piece


async def streams_a_body_of_known_length(serve: Serve) -> None:
    """With its length, and not chunked."""
    answer = await answer_of(serve, streaming(Stream.of(b"hel", b"lo")))

    same((answer.body, answer.is_whole), (b"hello", True), "body")
    same(answer.headers.get("content-length"), "5", "content-length")


async def streams_a_body_of_unknown_length(serve: Serve) -> None:
    """Whole, and so that the client sees that it is."""
    body = Stream()
    for piece in (b"hel", b"lo"):
        body.feed(piece)
    body.end()

    answer = await answer_of(serve, streaming(body))

    same((answer.body, answer.is_whole), (b"hello", True), "body")


async def streams_an_async_iterable(serve: Serve) -> None:
    """As a generator function gives."""
    answer = await answer_of(serve, streaming(iterated([b"hel", b"lo"])))

    same((answer.body, answer.is_whole), (b"hello", True), "body")


async def does_not_end_a_body_at_an_empty_piece(serve: Serve) -> None:
    """In the chunked coding an empty chunk is the end; an empty piece is not."""
    pieces = [b"", b"hel", b"", b"lo", b""]
    fed = Stream()
    for piece in pieces:
        fed.feed(piece)
    fed.end()
    for body in (iterated(pieces), fed):
        answer = await answer_of(serve, streaming(body))
        same((answer.body, answer.is_whole), (b"hello", True), "body")


async def streams_nothing_to_head(serve: Serve) -> None:
    """Whoever produces the body is told that nobody wants it."""
    told: list[str] = []
    body = Stream(Tap(told))

    answer = await answer_of(serve, streaming(body), HEAD)

    same((answer.status, answer.body, told), (200, b"", ["cancel"]), "answer, and what the source heard")


class Tap:
    """A source that keeps what it hears."""

    def __init__(self, told: list[str]) -> None:
        self._told = told

    def pause(self) -> None:
        """Do nothing."""

    def resume(self) -> None:
        """Do nothing."""

    def cancel(self) -> None:
        """Remember it."""
        self._told.append("cancel")


async def answers_after_an_interim_response(serve: Serve) -> None:
    """An adapter may drop the interim response, and nothing else."""

    def hint(conn: Conn) -> Conn:
        return conn.inform(103, Headers.of(("link", "</a.css>; rel=preload"))).send_resp(200, "final")

    answer = await answer_of(serve, hint)

    same((answer.status, answer.text), (200, "final"), "final answer")
    same(answer.informed in ((), (103,)), True, "interim answers")


CHECKS: tuple[Check, ...] = (
    sends_status_headers_and_bytes,
    keeps_repeated_headers_on_lines_of_their_own,
    sends_no_body_to_head,
    sends_no_body_with_204_and_304,
    streams_a_body_of_known_length,
    streams_a_body_of_unknown_length,
    streams_an_async_iterable,
    does_not_end_a_body_at_an_empty_piece,
    streams_nothing_to_head,
    answers_after_an_interim_response,
)
