"""Headers are edited on the way there and on the way back, and identity cannot be smuggled in."""

from __future__ import annotations

import pytest

from clearway.plug import Conn, PlugOptionError, Principal
from clearway.plug.plugs import EditHeaders
from clearway.testing import conn

ACME = Principal("acme", scheme="bearer", claims={"sub": "acme", "tenant": "t-1"})


def answered(plug: EditHeaders, request: Conn, *headers: tuple[str, str]) -> Conn:
    done = plug(request)
    for name, value in headers:
        done = done.add_resp_header(name, value)
    return done.send_resp(200)


def test_set_gives_a_request_header_one_value() -> None:
    request = conn("GET", "/", headers=[("x-a", "1"), ("x-a", "2"), ("x-b", "3")])
    done = EditHeaders(set_request={"X-A": "new", "x-c": "more"})(request)

    assert [each for each in done.headers.items() if each[0] != "host"] == [
        ("x-b", "3"),
        ("x-a", "new"),
        ("x-c", "more"),
    ]


def test_claims_reach_the_upstream() -> None:
    plug = EditHeaders(set_request={"x-user": "{principal}", "x-tenant": "{claims.tenant}"})
    done = plug(conn("GET", "/", headers={"x-user": "root"}).put_principal(ACME))

    assert done.headers.get_all("x-user") == ["acme"]
    assert done.headers.get_all("x-tenant") == ["t-1"]


@pytest.mark.parametrize(
    "principal",
    [None, Principal("bob", scheme="basic"), Principal("eve", scheme="bearer", claims={"tenant": "a\nb"})],
)
def test_a_client_cannot_smuggle_a_claim_that_it_does_not_have(principal: Principal | None) -> None:
    plug = EditHeaders(set_request={"x-tenant": "{claims.tenant}"})
    lying = conn("GET", "/", headers=[("x-tenant", "t-1"), ("X-Tenant", "t-2")]).put_principal(principal)

    assert "x-tenant" not in plug(lying).headers


def test_add_leaves_the_lines_that_are_there() -> None:
    plug = EditHeaders(add_request={"via": "1.1 {host}"})

    assert plug(conn("GET", "/", headers={"via": "1.0 a"})).headers.get_all("via") == [
        "1.0 a",
        "1.1 example.org",
    ]


def test_remove_takes_every_line() -> None:
    plug = EditHeaders(remove_request=["authorization", "x-a"])
    done = plug(conn("GET", "/", headers=[("x-a", "1"), ("x-a", "2"), ("Authorization", "secret")]))

    assert [name for name, _ in done.headers.items()] == ["host"]


def test_the_response_is_edited_when_it_is_sent() -> None:
    plug = EditHeaders(
        set_response={"x-served-for": "{principal}", "cache-control": "no-store"},
        add_response={"set-cookie": "a=1"},
        remove_response=["server"],
    )
    upstream = [("server", "old"), ("cache-control", "public"), ("set-cookie", "b=2")]
    done = answered(plug, conn("GET", "/").put_principal(ACME), *upstream)

    assert "server" not in done.resp_headers
    assert done.resp_headers.get_all("cache-control") == ["no-store"]
    assert done.resp_headers.get_all("set-cookie") == ["b=2", "a=1"]
    assert done.resp_headers.get("x-served-for") == "acme"


def test_a_value_that_is_missing_removes_the_response_header_too() -> None:
    done = answered(EditHeaders(set_response={"x-route": "{route}"}), conn("GET", "/"), ("x-route", "/old"))

    assert "x-route" not in done.resp_headers


def test_a_request_edit_registers_nothing_for_the_response() -> None:
    assert EditHeaders(set_request={"a": "b"})(conn("GET", "/")).before_send == ()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "nothing"),
        ({"set_request": {"content-length": "1"}}, "frames the message"),
        ({"remove_response": ["Transfer-Encoding"]}, "frames the message"),
        ({"add_request": {"connection": "x-user"}}, "frames the message"),
        ({"set_request": {"no name": "x"}}, "no header name"),
        ({"set_request": {"x": "{nobody}"}}, "no field"),
        ({"set_request": {"x": "a\r\nb"}}, "control character"),
        ({"set_request": {"x": 1}}, "map texts to texts"),
        ({"set_request": ["x"]}, "table of texts"),
        ({"remove_request": "authorization"}, "list of texts"),
        ({"set_request": {"X": "1"}, "remove_request": ["x"]}, "both set and removed"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, object], says: str) -> None:
    with pytest.raises(PlugOptionError, match=says):
        EditHeaders(**options)  # type: ignore[arg-type]
