"""A WebSocket client on the network without sockets."""

from __future__ import annotations

import asyncio
from typing import Any

from websockets.client import ClientProtocol
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import State
from websockets.uri import parse_uri

from tests.conformance.asgi.hosted import Hosted
from tests.wire.memory import FarEnd, settle

__all__ = ["CLOSE", "CONNECT", "HANDSHAKE", "Client", "Room", "connect", "gone", "received", "text"]


HANDSHAKE = (
    b"GET / HTTP/1.1\r\nhost: a\r\nupgrade: WebSocket\r\nconnection: keep-alive, Upgrade\r\n"
    b"sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n"
)

CONNECT = {"type": "websocket.connect"}
CLOSE = {"type": "websocket.close"}


def text(message: str) -> Any:
    return {"type": "websocket.send", "text": message}


def received(**message: Any) -> Any:
    return {"type": "websocket.receive", **message}


def gone(code: int, reason: str = "") -> Any:
    return {"type": "websocket.disconnect", "code": code, "reason": reason}


class Client:
    """One client.

    Attributes:
        response: The answer to the handshake.
        frames: What came since, control frames too.
    """

    def __init__(self, far_end: FarEnd, wire: ClientProtocol) -> None:
        self.far_end, self.wire = far_end, wire
        self.response: Response | None = None
        self.frames: list[Frame] = []
        self._seen = 0

    async def turn(self, turns: int = 12) -> None:
        """Send what is to be sent, and take what has come."""
        loop = asyncio.get_running_loop()
        for data in self.wire.data_to_send():
            if data:
                loop.call_soon(self.far_end.send, data)
        await settle(turns)
        came = bytes(self.far_end.received[self._seen :])
        self._seen += len(came)
        if came:
            self.wire.receive_data(came)
        for event in self.wire.events_received():
            if isinstance(event, Response):
                self.response = event
            else:
                assert isinstance(event, Frame)
                self.frames.append(event)

    async def send(self, message: str | bytes, *, fin: bool = True) -> None:
        if isinstance(message, str):
            self.wire.send_text(message.encode(), fin)
        else:
            self.wire.send_binary(message, fin)
        await self.turn()

    async def send_raw(self, data: bytes) -> None:
        asyncio.get_running_loop().call_soon(self.far_end.send, data)
        await self.turn()

    async def close(self, code: int = 1000, reason: str = "") -> None:
        self.wire.send_close(code, reason)
        await self.turn()

    @property
    def messages(self) -> list[str | bytes]:
        """The whole messages that came."""
        found: list[str | bytes] = []
        for frame in self.frames:
            if frame.opcode is Opcode.TEXT:
                found.append(bytes(frame.data).decode())
            elif frame.opcode is Opcode.BINARY:
                found.append(bytes(frame.data))
        return found

    @property
    def is_open(self) -> bool:
        return self.wire.state is State.OPEN

    @property
    def close_code(self) -> int | None:
        return self.wire.close_rcvd.code if self.wire.close_rcvd is not None else None


async def connect(
    gateway: Hosted,
    path: str = "/",
    *,
    deflate: bool = False,
    subprotocols: Any = None,
    behind: bytes = b"",
    **headers: str,
) -> Client:
    """Connect, and ask to switch; `behind` is sent with the request."""
    extensions = [ClientPerMessageDeflateFactory()] if deflate else None
    wire = ClientProtocol(
        parse_uri(f"ws://shop.test{path}"), extensions=extensions, subprotocols=subprotocols
    )
    request = wire.connect()
    for name, value in headers.items():
        request.headers[name] = value
    wire.send_request(request)
    client = Client(gateway.connect(), wire)
    if behind:
        data = b"".join(wire.data_to_send()) + behind
        asyncio.get_running_loop().call_soon(client.far_end.send, data)
    await client.turn()
    return client


class Room:
    """An app that accepts, keeps what it hears, and says what `answers` has for it.

    Attributes:
        heard: Its events.
        scope: The last scope.
        errors: What its `send` raised.
    """

    def __init__(self, *said: Any, accept: Any = None, echo: bool = False) -> None:
        self.said, self.echo = said, echo
        self.accept = {"type": "websocket.accept"} if accept is None else accept
        self.heard: list[Any] = []
        self.scope: Any = None
        self.errors: list[BaseException] = []
        self.may_hear = asyncio.Event()
        self.may_hear.set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope = scope
        self.heard.append(await receive())
        try:
            await send(self.accept)
            for each in self.said:
                await send(each)
            while self.heard[-1]["type"] != "websocket.disconnect":
                await self.may_hear.wait()
                event = await receive()
                self.heard.append(event)
                if self.echo and event["type"] == "websocket.receive":
                    await send({**event, "type": "websocket.send"})
        except Exception as error:
            self.errors.append(error)
            raise
