"""The start-up and shut-down of an app, as ASGI's lifespan protocol has them."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Literal

from clearway.gateway.hosting.errors import AppError, AppStartError
from clearway.plug.asgi import App, Event, Scope

__all__ = ["Lifespan", "LifespanMode"]

LifespanMode = Literal["auto", "on", "off"]
log = logging.getLogger("clearway.gateway")

_COMPLETE, _FAILED = "complete", "failed"


class Lifespan:
    """Tell one app that the server starts, and that it stops.

    Options:
        mode: "on", "off", or "auto": an app that raises before it has said anything has no lifespan.
    """

    def __init__(self, mode: LifespanMode = "auto") -> None:
        self.mode = mode
        self._task: asyncio.Task[None] | None = None
        self._phase = ""
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._said: asyncio.Future[tuple[str, str]] | None = None

    async def start(self, app: App) -> dict[str, Any]:
        """Run the start-up and return the state that it left; raise `AppStartError` if it fails."""
        state: dict[str, Any] = {}
        if self.mode == "off":
            return state
        scope: Scope = {
            "type": "lifespan",
            "asgi": {"version": "3.0", "spec_version": "2.0"},
            "state": state,
        }
        self._task = asyncio.get_running_loop().create_task(self._run(app, scope), name="lifespan")
        verdict, message = await self._ask("startup")
        if verdict == _COMPLETE:
            return state
        await self._end()
        if verdict == _FAILED:
            raise AppStartError(message or "the app says that its start-up failed", hint=_SEE_LOG)
        return state

    async def stop(self) -> None:
        """Run the shut-down; a failure is logged."""
        if self._task is None:
            return
        if not self._task.done():
            verdict, message = await self._ask("shutdown")
            if verdict == _FAILED:
                log.error("the app's shut-down failed: %s", message or "it does not say why")
        await self._end()

    async def _ask(self, phase: str) -> tuple[str, str]:
        self._phase, self._said = phase, asyncio.get_running_loop().create_future()
        self._events.put_nowait({"type": f"lifespan.{phase}"})
        return await self._said

    async def _end(self) -> None:
        """Let the app's coroutine end: it has said its last word."""
        task, self._task = self._task, None
        if task is not None and not task.done():
            await asyncio.wait([task], timeout=_UNWIND_S)
            task.cancel()

    async def _run(self, app: App, scope: Scope) -> None:
        try:
            await app(scope, self._events.get, self._send)
        except Exception as error:
            if self._is_told():
                if not isinstance(error, AppError):
                    log.debug("the app's lifespan ended with an error", exc_info=error)
            elif self._phase == "shutdown":
                log.exception("the app's shut-down failed")
                self._tell("gone")
            elif self.mode == "auto":
                log.info("the app has no lifespan: it said %s", _in_short(error))
                self._tell("none")
            else:
                log.exception("the app's start-up failed")
                self._tell(_FAILED, f"the app's start-up failed: {_in_short(error)}")
        finally:
            if not self._is_told():  # it returned, without a word
                self._tell("none" if self.mode == "auto" or self._phase == "shutdown" else _FAILED)

    async def _send(self, event: Event) -> None:
        kind = event["type"]
        prefix = f"lifespan.{self._phase}."
        if not kind.startswith(prefix) or kind[len(prefix) :] not in (_COMPLETE, _FAILED) or self._is_told():
            raise AppError(f"the app sent {kind!r} where lifespan.{self._phase}.complete or .failed belongs")
        self._tell(kind[len(prefix) :], str(event.get("message", "")))

    def _is_told(self) -> bool:
        return self._said is None or self._said.done()

    def _tell(self, verdict: str, message: str = "") -> None:
        if self._said is not None and not self._said.done():
            self._said.set_result((verdict, message))

    def __repr__(self) -> str:
        return f"<Lifespan {self.mode}: {'on' if self._task is not None else 'off'}>"


_UNWIND_S = 1.0
_SEE_LOG = "what the app logged before may say more"


def _in_short(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
