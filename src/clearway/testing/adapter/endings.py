"""What `after_send` hooks are told of responses that went well."""

from __future__ import annotations

from collections.abc import AsyncIterator

from clearway.plug.conn import Conn, Sent
from clearway.plug.pipeline import Pipeline
from clearway.testing.adapter.parts import GET, Check, Endings, Serve, answer_of, ok, same
from clearway.testing.wire import exchange

__all__ = ["CHECKS"]


async def tells_the_end_once(serve: Serve) -> None:
    """With the bytes of the body, the duration, and the conn that was sent."""
    endings = Endings()

    await answer_of(serve, Pipeline(endings, lambda conn: conn.send_resp(201, b"hello")))

    conn, sent = await endings.one()
    same((conn.status, sent.bytes_sent, sent.outcome), (201, 5, "complete"), "end")
    same(0 <= sent.duration_s < 60, True, "duration is a while")


async def tells_the_end_of_a_streamed_body(serve: Serve) -> None:
    """With all its bytes, chunk sizes not counted."""
    endings = Endings()

    async def pieces() -> AsyncIterator[bytes]:
        yield b"hel"
        yield b"lo"

    await answer_of(serve, Pipeline(endings, lambda conn: conn.send_resp(200, pieces())))

    same((await endings.one())[1][::2], (5, "complete"), "bytes and outcome")


async def counts_no_bytes_for_head(serve: Serve) -> None:
    """Nothing of the body was handed over."""
    endings = Endings()

    await answer_of(serve, Pipeline(endings, ok), GET.replace(b"GET", b"HEAD"))

    same((await endings.one())[1][::2], (0, "complete"), "bytes and outcome")


async def goes_on_after_a_hook_that_fails(serve: Serve) -> None:
    """The other hooks are told, and the next request is answered."""
    endings = Endings()

    def broken(conn: Conn, sent: Sent) -> None:
        raise LookupError("the hook's own fault")

    app = Pipeline(endings, lambda conn: conn.register_after_send(broken), ok)
    async with serve(app) as address:
        same((await exchange(address, GET)).status, 200, "first answer")
        await endings.one()
        same((await exchange(address, GET)).status, 200, "second answer")


CHECKS: tuple[Check, ...] = (
    tells_the_end_once,
    tells_the_end_of_a_streamed_body,
    counts_no_bytes_for_head,
    goes_on_after_a_hook_that_fails,
)
