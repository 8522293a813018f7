"""A value that arrives later, without a task."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, Generic, TypeVar

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
    """

    __slots__ = ("_callback", "_error", "_on_cancel", "_value", "done")

    def __init__(self, on_cancel: Callable[[], None] | None = None) -> None:
        self.done = False
        self._value: T | None = None
        self._error: BaseException | None = None
        self._callback: Callback[T] | None = None
        self._on_cancel = on_cancel

    def resolve(self, value: T) -> None:
        """Deliver `value`; ignored once the outcome is known."""
        self._settle(value, None)

    def reject(self, error: BaseException) -> None:
        """Deliver a failure; ignored once the outcome is known."""
        self._settle(None, error)

    def _settle(self, value: T | None, error: BaseException | None) -> None:
        if self.done:
            return
        self.done = True
        self._value, self._error, self._on_cancel = value, error, None
        callback, self._callback = self._callback, None
        if callback is not None:
            callback(value, error)

    def then(self, callback: Callback[T]) -> None:
        """Call `callback(value, error)` when the outcome is known, or at once if it is."""
        if self.done:
            callback(self._value, self._error)
        elif self._callback is not None:
            raise RuntimeError("a Deferred has one consumer")
        else:
            self._callback = callback

    def map(self, fn: Callable[[T], U]) -> Deferred[U]:
        """Return a Deferred of `fn(value)`; cancelling it cancels this one."""
        mapped: Deferred[U] = Deferred(on_cancel=self.cancel)

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
        """Say that nobody waits any more: the callback is dropped and the producer told, once."""
        on_cancel, self._on_cancel, self._callback = self._on_cancel, None, None
        self.done = True
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
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value]  # done without an error means that it is set

    def __repr__(self) -> str:
        return f"<Deferred {'done' if self.done else 'pending'}>"
