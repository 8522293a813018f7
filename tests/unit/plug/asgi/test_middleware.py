"""The door: what goes to the app behind, and what is answered without one."""

from __future__ import annotations

import pytest

from clearway.plug import Pipeline
from clearway.plug.asgi import AsgiMiddleware, Receive, Scope, Send, asgi_app
from tests.unit.plug.asgi.stage import Stage

LIFE = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]


async def lively(scope: Scope, receive: Receive, send: Send) -> None:
    for _ in LIFE:
        await send({"type": f"{(await receive())['type']}.complete", "by": "app"})


async def test_lifespan_events_go_to_the_app_behind() -> None:
    stage = await Stage(LIFE).play(AsgiMiddleware(lively, Pipeline()), {"type": "lifespan"})

    assert [(event["type"], event["by"]) for event in stage.told] == [
        ("lifespan.startup.complete", "app"),
        ("lifespan.shutdown.complete", "app"),
    ]


async def test_without_an_app_behind_the_lifespan_is_confirmed() -> None:
    stage = await Stage(LIFE).play(asgi_app(Pipeline()), {"type": "lifespan"})

    assert [event["type"] for event in stage.told] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]


async def test_a_scope_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="telepathy"):
        await Stage().play(asgi_app(Pipeline()), {"type": "telepathy"})


def test_a_repr_shows_what_stands_where() -> None:
    assert repr(asgi_app(Pipeline())) == "AsgiMiddleware(None, Pipeline())"
