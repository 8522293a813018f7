"""The router takes the first route that fits, in the order written."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest

from clearway.plug import (
    Conn,
    Deferred,
    Plug,
    PlugOptionError,
    RequestError,
    Route,
    Router,
    forward,
    get,
    post,
    route,
)
from clearway.plug.errors import conn_at_failure
from clearway.testing import body_of, conn


def answer(text: str) -> Plug:
    return lambda conn: conn.send_resp(200, text).halt()


def passes(conn: Conn) -> Conn:
    return conn


def now(result: Conn | Awaitable[Conn]) -> Conn:
    assert isinstance(result, Conn)
    return result


def said_by(router: Router, method: str, target: str, **more: object) -> str:
    done = now(router(conn(method, target, **more)))  # type: ignore[arg-type]
    return body_of(done).decode() if done.status == 200 else str(done.status)


SHOP = Router(
    get("/", answer("home")),
    get("/orders/new", answer("form")),
    get("/orders/:id", answer("order")),
    post("/orders/:id", answer("update")),
    route(["PUT", "patch"], "/orders/:id", answer("change")),
    get("/files/:name.json", answer("json")),
    get("/files/:name", answer("file")),
    get("/static/*path", answer("static")),
    get("/orders/:id", answer("never reached")),
    route("*", "/any", answer("any")),
    get("/host", answer("api host"), host="API.example.org"),
    get("/host", answer("sub host"), host="*.example.org"),
    get("/host", answer("other host")),
    route("GET", "/version", answer("two"), headers={"X-Version": "2"}),
    route("GET", "/version", answer("none"), headers={"x-version": None}),
)


@pytest.mark.parametrize(
    ("method", "target", "want"),
    [
        ("GET", "/", "home"),
        ("GET", "/?page=2", "home"),
        ("HEAD", "/", "home"),
        ("GET", "/orders/new", "form"),
        ("GET", "/orders/7", "order"),
        ("GET", "//orders//7/", "order"),
        ("GET", "/%6Frders/n%65w", "form"),
        ("POST", "/orders/7", "update"),
        ("PUT", "/orders/7", "change"),
        ("PATCH", "/orders/7", "change"),
        ("POST", "/orders/new", "update"),
        ("GET", "/files/a.json", "json"),
        ("GET", "/files/a.xml", "file"),
        ("GET", "/static", "static"),
        ("GET", "/static/a/b.css", "static"),
        ("BREW", "/any", "any"),
        ("GET", "/orders", "404"),
        ("GET", "/orders/7/lines", "404"),
        ("GET", "/nothing", "404"),
        ("GET", "/Orders/7", "404"),
        ("DELETE", "/orders/7", "405"),
        ("POST", "/", "405"),
    ],
)
def test_the_first_route_that_fits_answers(method: str, target: str, want: str) -> None:
    assert said_by(SHOP, method, target) == want


@pytest.mark.parametrize(
    ("host", "want"),
    [
        ("api.example.org", "api host"),
        ("api.EXAMPLE.org", "api host"),
        ("api.example.org.", "api host"),
        ("shop.example.org", "sub host"),
        ("a.b.example.org", "sub host"),
        ("example.org", "other host"),
        (".example.org", "other host"),
        ("badexample.org", "other host"),
        ("", "other host"),
    ],
)
def test_a_route_may_ask_for_a_host(host: str, want: str) -> None:
    assert said_by(SHOP, "GET", "/host", host=host) == want


@pytest.mark.parametrize(("version", "want"), [("2", "two"), ("1", "404"), (None, "none")])
def test_a_route_may_ask_for_a_header_or_its_absence(version: str | None, want: str) -> None:
    headers = {} if version is None else {"x-version": version}

    assert said_by(SHOP, "GET", "/version", headers=headers) == want


# Answers of the router itself


def test_a_method_that_does_not_fit_is_told_which_ones_do() -> None:
    refused = now(SHOP(conn("DELETE", "/orders/7")))

    assert refused.status == 405
    assert refused.resp_headers.get("allow") == "GET, HEAD, PATCH, POST, PUT"
    assert refused.halted


def test_no_route_is_a_problem_and_halts() -> None:
    missing = now(SHOP(conn("GET", "/nothing")))

    assert missing.status == json.loads(body_of(missing))["status"] == 404
    assert missing.halted
    assert missing.route is None


def test_otherwise_takes_what_no_route_fits() -> None:
    router = Router(get("/a", answer("a")), otherwise=passes)

    assert now(router(conn("GET", "/b"))).halted is False


def test_a_path_that_could_be_read_in_two_ways_reaches_no_route() -> None:
    with pytest.raises(RequestError):
        Router(get("/*all", answer("all")))(conn("GET", "/a/%2e%2e/admin"))


# What a route tells


def look(seen: list[Conn]) -> Plug:
    def plug(conn: Conn) -> Conn:
        seen.append(conn)
        return conn

    return plug


def test_params_and_template_are_on_the_conn() -> None:
    seen: list[Conn] = []
    Router(get("/orders/:id/*rest", look(seen)))(conn("GET", "/orders/7/a/b"))

    assert seen[0].params == {"id": "7", "rest": "a/b"}
    assert seen[0].route == "/orders/:id/*rest"


def test_a_name_replaces_the_template() -> None:
    seen: list[Conn] = []
    Router(get("/orders/:id", look(seen), name="order"))(conn("GET", "/orders/7"))

    assert seen[0].route == "order"


def test_a_route_may_have_several_plugs_and_the_first_to_halt_is_the_last() -> None:
    router = Router(get("/x", lambda c: c.send_resp(401).halt(), answer("secret")))

    assert said_by(router, "GET", "/x") == "401"


def test_an_error_below_a_route_leaves_with_the_route_on_its_conn() -> None:
    def fails(conn: Conn) -> Conn:
        raise RequestError(400, "odd")

    with pytest.raises(RequestError) as raised:
        Router(get("/orders/:id", fails))(conn("GET", "/orders/7"))

    newest = conn_at_failure(raised.value, conn("GET", "/"))
    assert (newest.route, newest.params) == ("/orders/:id", {"id": "7"})


# forward


def below(seen: list[Conn]) -> Router:
    return Router(get("/", look(seen)), get("/users/:user", look(seen)), otherwise=look(seen))


@pytest.mark.parametrize(
    ("path", "script_name", "path_info", "label", "params"),
    [
        ("/t/acme", ("t", "acme"), (), "/t/:tenant/", {"tenant": "acme"}),
        ("/t/acme/", ("t", "acme"), (), "/t/:tenant/", {"tenant": "acme"}),
        (
            "/t/acme/users/7",
            ("t", "acme"),
            ("users", "7"),
            "/t/:tenant/users/:user",
            {"tenant": "acme", "user": "7"},
        ),
        ("/t/acme/other", ("t", "acme"), ("other",), "/t/:tenant", {"tenant": "acme"}),
    ],
)
def test_forward_shortens_the_path_and_lengthens_the_script_name(
    path: str,
    script_name: tuple[str, ...],
    path_info: tuple[str, ...],
    label: str,
    params: dict[str, str],
) -> None:
    seen: list[Conn] = []

    done = now(Router(forward("/t/:tenant", below(seen)))(conn("GET", path)))

    inner = seen[0]
    assert (inner.script_name, inner.path_info, inner.route) == (script_name, path_info, label)
    assert (inner.params, inner.path) == (params, path)
    assert (done.script_name, done.path_info) == ((), tuple(path.strip("/").split("/")))


def test_forwards_nest() -> None:
    seen: list[Conn] = []
    outer = Router(forward("/a", Router(forward("/b", Router(get("/:c", look(seen)))))))

    done = now(outer(conn("GET", "/a/b/c")))

    assert seen[0].script_name == ("a", "b")
    assert seen[0].route == "/a/b/:c"
    assert done.script_name == ()


def test_a_forward_of_everything_takes_everything() -> None:
    seen: list[Conn] = []
    Router(forward("/", look(seen)))(conn("DELETE", "/a/b"))

    assert (seen[0].path_info, seen[0].script_name, seen[0].route) == (("a", "b"), (), "/")


def test_a_name_given_below_a_forward_stands_alone() -> None:
    seen: list[Conn] = []
    Router(forward("/a", Router(get("/b", look(seen), name="b"))))(conn("GET", "/a/b"))

    assert seen[0].route == "b"


@pytest.mark.parametrize("way", ["coroutine", "deferred"])
def test_the_script_name_is_restored_for_those_who_had_to_wait(way: str) -> None:
    async def later(conn: Conn) -> Conn:
        return conn

    def deferred(conn: Conn) -> Deferred[Conn]:
        promise: Deferred[Conn] = Deferred()
        promise.resolve(conn)
        return promise

    router = Router(forward("/a", later if way == "coroutine" else deferred))

    async def scene() -> Conn:
        result = router(conn("GET", "/a/b"))
        assert not isinstance(result, Conn)
        return await result

    assert asyncio.run(scene()).path_info == ("a", "b")


# Written wrongly


@pytest.mark.parametrize(
    ("write", "why"),
    [
        (lambda: get("/x"), "nothing to call"),
        (lambda: get("x", passes), "begin with '/'"),
        (lambda: route([], "/x", passes), "fits no method"),
        (lambda: route("GET, POST", "/x", passes), "not a method"),
        (lambda: route("", "/x", passes), "not a method"),
        (lambda: forward("/x/*rest", passes), "without a glob"),
        (lambda: get("/x", "text"), "not a plug"),  # type: ignore[arg-type]
    ],
)
def test_a_route_that_cannot_work_is_refused_when_it_is_written(write: Callable[[], Route], why: str) -> None:
    with pytest.raises(PlugOptionError, match=why):
        write()


def test_a_repr_counts() -> None:
    assert repr(SHOP) == "<Router 15 routes>"
