"""The server's side of WebSockets, over the protocol library websockets."""

from clearway.http.websocket.handshake import accept_websocket
from clearway.http.websocket.limits import WebSocketLimits
from clearway.http.websocket.socket import Receiver, WebSocket

__all__ = ["Receiver", "WebSocket", "WebSocketLimits", "accept_websocket"]
