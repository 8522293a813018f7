"""An app's start-up and shut-down, as each mode has them."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from clearway.gateway.hosting import AppStartError
from clearway.gateway.hosting.lifespan import Lifespan


class Living:
    """An app with a lifespan: it says the given words, one after each event."""

    def __init__(self, *said: Any) -> None:
        self.said = said
        self.heard: list[str] = []
        self.scope: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope = scope
        for each in self.said:
            self.heard.append((await receive())["type"])
            if isinstance(each, Exception):
                raise each
            scope["state"]["db"] = "open"
            await send(each)


def said(word: str, message: str = "") -> dict[str, str]:
    return {"type": f"lifespan.{word}", "message": message}


COMPLETE = said("startup.complete")
DOWN = said("shutdown.complete")


@pytest.mark.parametrize("mode", ["auto", "on"])
async def test_an_app_starts_leaves_a_state_and_stops(mode: Any) -> None:
    app, lifespan = Living(COMPLETE, DOWN), Lifespan(mode)

    state = await lifespan.start(app)
    assert (app.heard, state) == (["lifespan.startup"], {"db": "open"})
    assert {**app.scope, "state": None} == {
        "type": "lifespan",
        "asgi": {"version": "3.0", "spec_version": "2.0"},
        "state": None,
    }

    await lifespan.stop()
    assert app.heard == ["lifespan.startup", "lifespan.shutdown"]


async def test_off_tells_the_app_nothing() -> None:
    app, lifespan = Living(COMPLETE), Lifespan("off")

    assert await lifespan.start(app) == {}
    await lifespan.stop()

    assert app.heard == []


async def test_an_app_without_a_lifespan_is_served_all_the_same() -> None:
    async def app(scope, receive, send):  # type: ignore[no-untyped-def]
        assert scope["type"] == "http"

    lifespan = Lifespan("auto")

    assert await lifespan.start(app) == {}
    await lifespan.stop()


async def test_but_not_when_it_has_to_have_one() -> None:
    async def app(scope, receive, send):  # type: ignore[no-untyped-def]
        raise LookupError("no database")

    with pytest.raises(AppStartError, match="LookupError: no database"):
        await Lifespan("on").start(app)


@pytest.mark.parametrize("mode", ["auto", "on"])
async def test_a_start_that_failed_says_what_the_app_says(mode: Any) -> None:
    with pytest.raises(AppStartError, match="no database"):
        await Lifespan(mode).start(Living(said("startup.failed", "no database")))


@pytest.mark.parametrize("mode", ["auto", "on"])
async def test_an_error_after_the_app_said_that_it_failed_changes_nothing(mode: Any) -> None:
    async def app(scope, receive, send):  # type: ignore[no-untyped-def]
        await receive()
        await send(said("startup.failed", "no database"))
        raise LookupError

    with pytest.raises(AppStartError, match="no database"):
        await Lifespan(mode).start(app)


@pytest.mark.parametrize("last", [said("shutdown.failed", "still busy"), LookupError("still busy")])
async def test_a_failed_shut_down_is_logged(last: Any, caplog: pytest.LogCaptureFixture) -> None:
    lifespan = Lifespan("on")
    await lifespan.start(Living(COMPLETE, last))

    await lifespan.stop()

    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert "still busy" in caplog.text


async def test_an_app_that_returns_at_once_is_not_asked_to_stop() -> None:
    lifespan = Lifespan("auto")
    await lifespan.start(Living(COMPLETE))

    await lifespan.stop()

    assert repr(lifespan) == "<Lifespan auto: off>"


async def test_a_word_that_does_not_fit_is_an_error_in_the_app() -> None:
    with pytest.raises(AppStartError, match=r"lifespan.startup.complete or .failed belongs"):
        await Lifespan("on").start(Living(DOWN))
