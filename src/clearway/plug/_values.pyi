from collections.abc import Mapping, Set
from typing import Any, Self

from clearway.plug.fields import Adapter, AfterSend, BeforeSend, RespBody, State
from clearway.plug.headers import Headers
from clearway.plug.principal import Principal
from clearway.plug.stream import Stream

class Fields:
    """The fields of a Conn, which can be read and not assigned."""

    @property
    def adapter(self) -> Adapter: ...
    @property
    def after_send(self) -> tuple[AfterSend, ...]: ...
    @property
    def assigns(self) -> Mapping[str, Any]: ...
    @property
    def before_send(self) -> tuple[BeforeSend, ...]: ...
    @property
    def body(self) -> Stream: ...
    @property
    def halted(self) -> bool: ...
    @property
    def headers(self) -> Headers: ...
    @property
    def host(self) -> str: ...
    @property
    def http_version(self) -> str: ...
    @property
    def method(self) -> str: ...
    @property
    def params(self) -> Mapping[str, str]: ...
    @property
    def path(self) -> str: ...
    @property
    def peer(self) -> tuple[str, int] | None: ...
    @property
    def principal(self) -> Principal | None: ...
    @property
    def private(self) -> Mapping[str, Any]: ...
    @property
    def query_string(self) -> str: ...
    @property
    def request_id(self) -> str | None: ...
    @property
    def resp_body(self) -> RespBody: ...
    @property
    def resp_headers(self) -> Headers: ...
    @property
    def route(self) -> str | None: ...
    @property
    def scheme(self) -> str: ...
    @property
    def script_name(self) -> tuple[str, ...]: ...
    @property
    def started(self) -> float: ...
    @property
    def state(self) -> State: ...
    @property
    def status(self) -> int | None: ...
    def _with(
        self,
        *,
        adapter: Adapter = ...,
        after_send: tuple[AfterSend, ...] = ...,
        assigns: Mapping[str, Any] = ...,
        before_send: tuple[BeforeSend, ...] = ...,
        body: Stream = ...,
        halted: bool = ...,
        headers: Headers = ...,
        host: str = ...,
        http_version: str = ...,
        method: str = ...,
        params: Mapping[str, str] = ...,
        path: str = ...,
        peer: tuple[str, int] | None = ...,
        principal: Principal | None = ...,
        private: Mapping[str, Any] = ...,
        query_string: str = ...,
        request_id: str | None = ...,
        resp_body: RespBody = ...,
        resp_headers: Headers = ...,
        route: str | None = ...,
        scheme: str = ...,
        script_name: tuple[str, ...] = ...,
        started: float = ...,
        state: State = ...,
        status: int | None = ...,
    ) -> Self:
        """Return a copy with other values in the fields named."""

class Lines:
    """Header lines: an immutable, ordered multimap of bytes to bytes."""

    def __new__(cls, raw: tuple[tuple[bytes, bytes], ...] = (), /) -> Self: ...
    @property
    def raw(self) -> tuple[tuple[bytes, bytes], ...]:
        """The lines, as pairs of name and value."""

    def get_raw(self, name: bytes, /) -> bytes | None:
        """Return the first value of the lower-case `name` as bytes, or None."""

    def is_repeated(self, name: bytes, /) -> bool:
        """Tell whether the lower-case `name` stands on more than one line."""

    def put_raw(self, name: bytes, value: bytes, /) -> Self:
        """Like `put`, for a lower-case name and a value that were checked before."""

    def joined(self, other: Self, together: Set[bytes], /) -> Self:
        """Return these lines and then those of `other`, which replace lines of the same name.

        Lines of the names in `together` stay beside each other.
        """

def split_plain(path: str, /) -> tuple[str, ...] | None:
    """Return the segments of a path that is plain, and None of any other."""
