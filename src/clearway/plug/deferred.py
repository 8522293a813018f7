"""A value that arrives later, without a task."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from clearway.plug.errors import remember_conn

if TYPE_CHECKING:
    from clearway.plug.conn import Conn

__all__ = ["Deferred"]

T = TypeVar("T")
U = TypeVar("U")
Callback = Callable[[T | None, BaseException | None], None]


class Deferred(Generic[T]):
    """A value that a callback will deliver, for code that must not pay for a task.

    The proxy returns one: the answer comes from a socket callback, and the server writes it in that same
    callback. An `asyncio.Future` would put one turn of the event loop between the two.

        deferred = Deferred(on_cancel=connection.abort)
        deferred.then(lambda value, error: ...)   # called once, inside resolve() or reject()
        deferred.resolve(conn)

    It can also be awaited, by one coroutine.
    Not thread-safe: resolve it in the event loop's thread.

    Attributes:
        done: Whether the outcome is known, or nobody waits any more.
        conn: The newest conn of the request that waits, kept by the innermost pipeline or router. A failure
            is delivered with it, and an adapter that cancels finds the `after_send` hooks there.
    """

    # Defaults in the class and no slots: most of these are never set, and there is one Deferred per request.
    conn: Conn | None = None
    _value: T | None = None
    _error: BaseException | None = None
    _callback: Callback[T] | None = None
    _on_cancel: Callable[[], None] | None = None

    def __init__(self, on_cancel: Callable[[], None] | None = None) -> None:
        self.done = False
        if on_cancel is not None:
            self._on_cancel = on_cancel

    def resolve(self, value: T) -> None:
        """Deliver `value`; ignored once the outcome is known."""
        if self.done:
            return
        self.done = True
        self._value, self._on_cancel = value, None
        callback, self._callback = self._callback, None
        if callback is not None:
            callback(value, None)

    def reject(self, error: BaseException) -> None:
        """Deliver a failure; ignored once the outcome is known."""
        if self.done:
            return
        self.done = True
        self._error, self._on_cancel = error, None
        callback, self._callback = self._callback, None
        if callback is not None:
            self._deliver(callback)

    def _deliver(self, callback: Callback[T]) -> None:
        callback(self._value, self._failure())

    def _failure(self) -> BaseException | None:
        if self._error is not None and self.conn is not None:
            remember_conn(self._error, self.conn)
        return self._error

    def then(self, callback: Callback[T]) -> None:
        """Call `callback(value, error)` when the outcome is known, or at once if it is."""
        if self.done:
            self._deliver(callback)
        elif self._callback is not None:
            raise RuntimeError("a Deferred has one consumer")
        else:
            self._callback = callback

    def map(self, fn: Callable[[T], U]) -> Deferred[U]:
        """Return a Deferred of `fn(value)`; cancelling it cancels this one."""
        mapped: Deferred[U] = Deferred(on_cancel=self.cancel)
        mapped.conn = self.conn

        def deliver(value: T | None, error: BaseException | None) -> None:
            if error is not None:
                mapped.reject(error)
                return
            try:
                result = fn(value)  # type: ignore[arg-type]  # no error means that there is a value
            except Exception as failure:  # noqa: BLE001  # whoever waits gets it
                mapped.reject(failure)
            else:
                mapped.resolve(result)

        self.then(deliver)
        return mapped

    def cancel(self) -> None:
        """Say that nobody waits any more: the callback is dropped and the producer told, once.

        Waiting for it after that raises `asyncio.CancelledError`.
        """
        if self.done:
            return
        on_cancel, self._on_cancel, self._callback = self._on_cancel, None, None
        self.done = True
        self._error = _cancelled()
        if on_cancel is not None:
            on_cancel()

    def __await__(self) -> Generator[Any, None, T]:
        if not self.done:
            import asyncio  # here, so that `import clearway.plug` does not load the event loop

            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self.then(lambda _value, _error: None if future.done() else future.set_result(None))
            try:
                yield from future
            except BaseException:
                self.cancel()
                raise
        if (failure := self._failure()) is not None:
            raise failure
        return self._value  # type: ignore[return-value]  # done without an error means that it is set

    def __repr__(self) -> str:
        return f"<Deferred {'done' if self.done else 'pending'}>"


def _cancelled() -> BaseException:
    from asyncio import CancelledError  # here, so that `import clearway.plug` does not load the event loop

    return CancelledError()
