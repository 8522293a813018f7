"""The suite of adapters finds what is wrong with an adapter: each defect here has to fail its check."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

import pytest

from clearway.plug import Conn, Pipeline, Plug
from clearway.plug.asgi import App, Event, Receive, Scope, Send, asgi_app
from clearway.testing import Serve, adapter_checks, check_adapter
from tests.integration.asgi_server import under_uvicorn

pytestmark = pytest.mark.slow

Defect = Callable[[Plug], App]


def decoded_path(plug: Plug) -> App:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await asgi_app(plug)({**scope, "raw_path": None}, receive, send)

    return app


def one_line_per_header(plug: Plug) -> App:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async def tell(event: Event) -> None:
            if "headers" in event:
                event = {**event, "headers": list(dict(event["headers"]).items())}
            await send(event)

        await asgi_app(plug)(scope, receive, tell)

    return app


def reads_ahead(plug: Plug) -> App:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        events = [await receive()]
        while events[-1].get("more_body"):
            events.append(await receive())

        async def replay() -> Event:
            return events.pop(0) if events else await receive()

        await asgi_app(plug)(scope, replay, send)

    return app


def ends_at_an_empty_piece(plug: Plug) -> App:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        is_over = False

        async def tell(event: Event) -> None:
            nonlocal is_over
            if is_over:
                return
            if event.get("body") == b"" and scope.get("type") == "http":
                is_over, event = True, {**event, "more_body": False}
            await send(event)

        await asgi_app(plug)(scope, receive, tell)

    return app


def around(wrap: Callable[[Plug], Callable[[Conn], Conn | Awaitable[Conn]]]) -> Defect:
    return lambda plug: asgi_app(wrap(plug))


def tells_errors(plug: Plug) -> Callable[[Conn], Conn | Awaitable[Conn]]:
    async def outspoken(conn: Conn) -> Conn:
        try:
            result = plug(conn)
            return result if isinstance(result, Conn) else await result
        except Exception as error:  # noqa: BLE001
            return conn.send_resp(500, str(error))

    return outspoken


def forgets_hooks_of_after(plug: Plug) -> Callable[[Conn], Conn | Awaitable[Conn]]:
    async def forgetful(conn: Conn) -> Conn:
        result = plug(conn)
        done = result if isinstance(result, Conn) else await result
        return conn.send_resp(done.status or 200, done.resp_body)

    return forgetful


def goes_on_after_a_halt(plug: Plug) -> Callable[[Conn], Conn | Awaitable[Conn]]:
    def tireless(conn: Conn) -> Conn:
        for each in plug.plugs if isinstance(plug, Pipeline) else (plug,):
            result = each(conn)
            assert isinstance(result, Conn)
            conn = result
        return conn

    return tireless


def answers_for_the_silent(plug: Plug) -> Callable[[Conn], Conn | Awaitable[Conn]]:
    async def polite(conn: Conn) -> Conn:
        result = plug(conn)
        done = result if isinstance(result, Conn) else await result
        return done if done.status else done.send_resp(200)

    return polite


@pytest.mark.parametrize(
    ("defect", "check"),
    [
        (decoded_path, "shows_the_request_line_as_it_was_sent"),
        (one_line_per_header, "keeps_repeated_headers_on_lines_of_their_own"),
        (reads_ahead, "holds_back_a_client_for_a_slow_plug"),
        (ends_at_an_empty_piece, "does_not_end_a_body_at_an_empty_piece"),
        (around(tells_errors), "answers_500_to_an_error_and_tells_nothing_of_it"),
        (around(forgets_hooks_of_after), "tells_the_end_once"),
        (around(goes_on_after_a_halt), "sends_what_a_halted_conn_holds"),
        (around(answers_for_the_silent), "answers_500_when_no_plug_answered"),
    ],
    ids=lambda value: value if isinstance(value, str) else "defect",
)
async def test_a_defect_is_found_by_its_check(defect: Defect, check: str) -> None:
    def serve(plug: Plug) -> AbstractAsyncContextManager[str]:
        return under_uvicorn(defect(plug))

    with pytest.raises((AssertionError, TimeoutError)) as raised:
        await check_adapter(serve, only=check, timeout_s=1.5)

    assert check.replace("_", " ") in raised.value.__notes__[0]


def test_every_check_says_what_an_adapter_does() -> None:
    names = adapter_checks()

    assert len(names) == len(set(names)) > 40


async def test_the_whole_suite_is_one_call() -> None:
    served: list[Plug] = []

    def serve(plug: Plug) -> AbstractAsyncContextManager[str]:
        served.append(plug)
        raise LookupError("enough")

    suite: Serve = serve
    with pytest.raises(LookupError):
        await check_adapter(suite)
    assert len(served) == 1
