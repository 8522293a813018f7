# One gateway between a client and an upstream that send anything.
#
# Theory of operation
# -------------------
# The gateway under test is the real one, on the tests' network without sockets. A trial sends one input, lets
# everything come to rest, lets time pass until every limit is reached, and then looks: at the log, at what is
# still open, and at the bytes that came out on the other side, which h11 reads.
"""One gateway between a client and an upstream that send anything."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import Counter
from collections.abc import Sequence

from benchmarks.fuzzing.compare import BrokenError, hold_same, hold_trailers
from benchmarks.fuzzing.readings import Reading, read_requests, read_responses
from clearway.http import ClientLimits, ServerLimits
from clearway.plug import Conn, Stream
from clearway.plug.pipeline import Result
from tests.wire.gateway import Gateway
from tests.wire.memory import FarEnd, settle

__all__ = ["ASKED", "ENDS", "ROOMS", "Trial"]

_HOUR = 3600.0
_PATIENCE = 500  # more limits than the longest row of requests can reach one after the other
_LIMITS = ServerLimits(body_bytes=20_000, unsent_bytes=200)
_CLIENT_LIMITS = ClientLimits(unsent_bytes=200)
_ASKED = b"GET /asked HTTP/1.1\r\nhost: a\r\n\r\n"
_POSTED = b"POST /asked HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n"
# What the upstream answers: a request, and what the client sends of it after that.
ASKED = [(_ASKED, b""), (_ASKED, b""), (_ASKED.replace(b"GET", b"HEAD"), b""), (_POSTED, b"0\r\n\r\n")]
# How much somebody takes before all was sent, and how its sender ends.
ROOMS = (None, None, 0, 150)
ENDS = ("stays", "stays", "shuts", "shuts", "vanishes")
_AGAIN = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nagain"
# What llhttp takes and h11 does not, and what is not passed on: any bytes for a reason, empty lines before a
# status line, and the framing of what has no body, interim responses among it.
_HARMLESS = ("illegal status line", "no response line received")
_BEFORE = re.compile(
    rb"\A[\r\n]*(?:HTTP/1\.[01] 1[0-9]{2}[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n[\r\n]*)*", re.DOTALL
)
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_GUESSES = ("GET", "HEAD")
_OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


class Trial(logging.Handler):
    """Tries inputs on one gateway.

    Attributes:
        counts: How inputs ended, by word.
        mode: What stands before the proxy: nothing, a plug that waits, or one that gathers the body.
        room: Bytes that a client, and the upstream of `try_request`, take before all was sent; None for all.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.counts: Counter[str] = Counter()
        self.logged: list[str] = []
        self.mode = 0
        self.room: int | None = None
        self._upstream_room: int | None = None
        self._upstream_ends: list[FarEnd] = []
        self._answers: list[list[bytes]] = []
        self._gateway: Gateway

    async def open(self) -> Trial:
        """Open the gateway in the running loop, which must be a `MemoryLoop`."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: self.logged.append(str(context)))
        logging.getLogger("clearway").addHandler(self)
        self._gateway = await Gateway(
            origin=self._accept, limits=_LIMITS, client_limits=_CLIENT_LIMITS, before=(self._stand_before,)
        ).open()
        return self

    def close(self) -> None:
        """Stop watching the log."""
        logging.getLogger("clearway").removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep what was logged as an error."""
        self.logged.append(record.getMessage())

    def _stand_before(self, conn: Conn) -> Result:
        return conn if self.mode == 0 else _wait(conn) if self.mode == 1 else _gather(conn)

    def _accept(self, end: FarEnd) -> None:
        self._upstream_ends.append(end)
        end.room = self._upstream_room
        seen = 0

        def answer(end: FarEnd) -> None:
            nonlocal seen
            asked, _ = read_requests(bytes(end.received))
            for each in asked[seen:]:
                if each.complete or self._answers:  # which are not kept for the end of a request
                    seen += 1
                    pieces = (
                        self._answers.pop(0)
                        if self._answers
                        else [_OK[: -2 if each.start[0] == "HEAD" else None]]
                    )
                    for piece in pieces:
                        end.send(piece)

        end.on_data = answer

    async def try_request(self, pieces: Sequence[bytes], end: str = "stays") -> None:
        """Send `pieces` as a client, which then stays, shuts its sending side or vanishes."""
        self._answers = []
        self._upstream_room = self.room
        client = await self._send(pieces, end)
        await self._take(client)
        await self.rest()
        self._hold_forwarded(b"".join(pieces))
        received = bytes(client.received)
        if end == "shuts":  # perhaps within a body that it was told to send
            received = received.removesuffix(_CONTINUE)
        if end != "vanishes":
            self._hold_readable(received, b"".join(pieces))

    async def try_response(
        self, pieces: Sequence[bytes], end: str, asked: tuple[bytes, bytes] = ASKED[0]
    ) -> None:
        """Send `pieces` as the upstream's answer to the first part of `asked`, and a good one to the next.

        After its answer the upstream stays, shuts its sending side or vanishes, and the client sends the
        second part of `asked`.
        """
        first, rest = asked
        self._answers = [list(pieces), [_AGAIN]]
        client = await self._send([first])
        if self._upstream_ends:
            _end(self._upstream_ends[0], end)
            await settle()
        if not client.is_closed:
            client.send(rest + _ASKED.replace(b"asked", b"again"))
            await settle()
        await self._take(client)
        await self.rest()
        self._hold_answers(client, b"".join(pieces), first.split()[0].decode(), end == "shuts")

    async def _send(self, pieces: Sequence[bytes], end: str = "stays") -> FarEnd:
        self.logged.clear()
        self._gateway.sent.clear()
        self._upstream_ends.clear()
        client = self._gateway.connect()
        client.room = self.room
        for index, piece in enumerate(pieces):
            client.send(piece)
            if index % 16 == 0:
                await settle(2)
        await settle()
        _end(client, end)
        await settle()
        return client

    async def _take(self, client: FarEnd) -> None:
        """Let everybody read what waits for them."""
        self._upstream_room = None
        if self.room is not None:
            for end in (client, *self._upstream_ends):
                end.take()
            await settle()

    async def rest(self) -> None:
        """Let every limit be reached; nothing may be left."""
        gateway = self._gateway
        for _ in range(_PATIENCE):
            if not len(gateway.deadlines):
                break
            gateway.time += _HOUR
            gateway.deadlines.sweep(gateway.time)
            await settle(8)  # enough for the next request of a row to be sent and answered
        if self.logged:
            raise BrokenError(f"an error was logged: {self.logged[0]}")
        if len(gateway.deadlines) or gateway.server.statistics().open:
            raise BrokenError(
                f"something is left: {gateway.server!r} {gateway.upstream!r} {gateway.deadlines!r}"
            )

    def _hold_forwarded(self, sent: bytes) -> None:
        """What was forwarded is strict HTTP, and is what h11 reads in what was sent."""
        meant, error = read_requests(sent)
        if _is_long_zero(sent, error):
            return
        got = []
        for end in self._upstream_ends:
            requests, wrong = read_requests(bytes(end.received))
            if wrong:
                raise BrokenError(f"h11 refuses what was forwarded: {wrong}: {bytes(end.received)!r}")
            got += requests
        self.counts["forwarded"] += len(got)
        for index, request in enumerate(got):
            if index >= len(meant):
                raise BrokenError(f"h11 refuses what was forwarded ({error}): {request}")
            hold_same(meant[index], request)

    def _hold_readable(self, received: bytes, sent: bytes) -> None:
        """The client can read its answers, whether a refused request was HEAD to us or not."""
        methods = [each.start[0] for each in read_requests(sent)[0]]
        guesses = [
            [*methods[:count], *[rest] * 10] for count in range(len(methods), -1, -1) for rest in _GUESSES
        ]
        for guess in guesses:
            answers, error = read_responses(received, guess, closed=True)
            if not error:
                self.counts.update(map(_word, answers))
                return
        raise BrokenError(f"the client cannot read its answers: {received!r}")

    def _hold_answers(self, client: FarEnd, sent: bytes, method: str, eof: bool) -> None:
        answers, error = read_responses(bytes(client.received), [method, "GET"], closed=True)
        if (
            error
            and "without sending complete message body" not in error
            and "incomplete chunked" not in error
        ):
            raise BrokenError(f"the client cannot read its answers: {error}: {bytes(client.received)!r}")
        self.counts.update(map(_word, answers))
        if not answers:
            raise BrokenError("the client got no answer")
        first = answers[0]
        if len(answers) > 1 and answers[1].body != b"again":
            raise BrokenError(f"the second request got somebody else's answer: {answers[1]}")
        if first.complete and first.start[0] not in ("502", "504"):
            meant, error = read_responses(_BEFORE.sub(b"", sent), [method], closed=eof, drop_codings=True)
            if error.startswith(_HARMLESS) or _is_long_zero(sent, error):
                return
            if method == "HEAD" or first.start[0] in ("204", "304"):
                return
            if not meant or not meant[0].complete:
                raise BrokenError(f"h11 refuses what was passed on ({error}): {first}")
            if (meant[0].start, meant[0].body) != (first.start, first.body):
                raise BrokenError(f"passed on as {first}, meant as {meant[0]}")
            hold_trailers(meant[0], first)


def _is_long_zero(sent: bytes, error: str) -> bool:
    """Tell whether h11 refuses a chunk size of more than 20 digits; llhttp takes any number of zeros."""
    return b"0" * 15 in sent and error.startswith("illegal chunk header")


def _end(far_end: FarEnd, how: str) -> None:
    if how == "shuts":
        far_end.on_data = None  # it can answer no more
        far_end.send_eof()
    elif how == "vanishes":
        far_end.vanish()


async def _wait(conn: Conn) -> Conn:
    await settle(1)
    return conn


async def _gather(conn: Conn) -> Conn:
    return conn.put_body(Stream.of(await conn.fetch_body()))


def _word(answer: Reading) -> str:
    return f"{answer.start[0][0]}xx" + ("" if answer.complete else " broken off")
