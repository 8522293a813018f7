"""`app = "module:attr"` in a configuration: routes, plugs before it, its labels, its life."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clearway.cli.check import summary
from clearway.gateway import Gateway, parse_gateway
from clearway.gateway.hosting import AppImportError, AsgiApp
from clearway.plug import Conn
from clearway.plug.jose import parse_secret, sign
from clearway.testing import body_of, conn

SECRET = "a-secret-of-more-than-thirty-two-bytes"
CONFIG = """
[[groups.login]]
use = "bearer"
secret_env = "JWT_SECRET"
[[groups.login]]
use = "require_auth"

[[routes]]
path = "/health"
app = "hosted_shop:app"

[[routes]]
path = "/shop/*rest"
plugs = ["login"]
strip_prefix = true
app = "hosted_shop:app"
"""
APP = """
import json
from clearway.pprof import current_labels

started = []

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            started.append((await receive())["type"])
            await send({"type": started[-1] + ".complete"})
    value = {
        "path": scope["path"], "root_path": scope["root_path"], "started": started,
        "principal": scope["clearway"].principal and scope["clearway"].principal.name,
        "labels": dict(current_labels().pairs),
    }
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps(value).encode()})
"""


@pytest.fixture
def built(tmp_path: Path) -> Iterator[Gateway]:
    (tmp_path / "hosted_shop.py").write_text(APP)
    path = list(sys.path)
    yield parse_gateway(CONFIG, folder=tmp_path, environ={"JWT_SECRET": SECRET})
    sys.path[:] = path
    sys.modules.pop("hosted_shop", None)


async def answer(built: Gateway, target: str, **more: Any) -> Any:
    result = built.pipeline(conn("GET", target, **more))
    done = result if isinstance(result, Conn) else await result
    return json.loads(body_of(done)) if done.status == 200 else done.status


async def test_plugs_come_first_and_the_app_learns_who_asks(built: Gateway) -> None:
    await built.start()
    token = sign({"sub": "ada", "exp": 1 << 33}, parse_secret(SECRET.encode()))

    assert await answer(built, "/shop/cart") == 401
    seen = await answer(built, "/shop/cart", headers={"authorization": f"Bearer {token}"})

    assert (seen["path"], seen["root_path"], seen["principal"]) == ("/shop/cart", "/shop", "ada")
    assert seen["labels"] == {
        "app": "hosted_shop:app",
        "method": "GET",
        "principal": "ada",
        "route": "/shop/*rest",
    }
    await built.stop()


async def test_routes_that_name_one_app_share_its_life(built: Gateway) -> None:
    await built.start()

    seen = await answer(built, "/health")
    assert (seen["started"], seen["root_path"]) == (["lifespan.startup"], "")

    await built.stop()
    assert sys.modules["hosted_shop"].started == ["lifespan.startup", "lifespan.shutdown"]


def test_an_app_is_imported_when_it_runs_and_not_when_it_is_checked(built: Gateway) -> None:
    assert "hosted_shop" not in sys.modules
    assert any("-> hosted_shop:app" in line for line in summary(built.config))


async def test_a_gateway_whose_app_is_not_there_does_not_start() -> None:
    built = parse_gateway('[[routes]]\npath = "/"\napp = "hosted_nowhere:app"')

    with pytest.raises(AppImportError, match="hosted_nowhere"):
        await built.start()


async def test_what_runs_in_place_of_an_app_is_chosen_by_wrap() -> None:
    wrapped: list[Any] = []

    async def app(scope, receive, send):  # type: ignore[no-untyped-def]
        await send({"type": "http.response.start", "status": 204})
        await send({"type": "http.response.body"})

    def wrap(coroutine: Any) -> Any:
        wrapped.append(coroutine)
        return coroutine

    done = await AsgiApp(app, wrap=wrap)(conn("GET", "/"))

    assert (done.status, len(wrapped)) == (204, 1)


async def test_stopping_waits_for_what_an_app_still_does_and_cuts_the_rest() -> None:
    ended: list[str] = []

    async def app(scope, receive, send):  # type: ignore[no-untyped-def]
        await send({"type": "http.response.start", "status": 204})
        await send({"type": "http.response.body"})
        try:
            await (asyncio.sleep(0) if scope["path"] == "/short" else asyncio.Event().wait())
            ended.append("by itself")
        except asyncio.CancelledError:
            ended.append("cut")
            raise

    hosted = AsgiApp(app, lifespan="off")
    for path in ("/short", "/long"):
        await hosted(conn("GET", path))

    assert await hosted.stop(drain_s=0.01) == 1
    assert ended == ["by itself", "cut"]
