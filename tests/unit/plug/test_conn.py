"""A Conn never changes; a verb returns a new one, and the response is decided once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from clearway.plug import (
    AlreadySentError,
    Conn,
    Headers,
    InvalidHeaderError,
    PlugContractError,
    Principal,
    RequestError,
    Sent,
    State,
    Stream,
)
from clearway.plug.conn import without_response
from clearway.testing import body_of, conn

REQUEST = conn("GET", "/orders/7?a=1&a=2&b=", headers={"accept": "text/html"}).put_resp_header(
    "server", "old"
)
ACME = Principal("acme", scheme="bearer")
Verb = Callable[[Conn], Conn]

REQUEST_VERBS: dict[str, tuple[Verb, Callable[[Conn], object], object]] = {
    "put_req_header": (lambda c: c.put_req_header("accept", "*/*"), lambda c: c.headers.get("accept"), "*/*"),
    "delete_req_header": (lambda c: c.delete_req_header("accept"), lambda c: "accept" in c.headers, False),
    "put_headers": (lambda c: c.put_headers(Headers()), lambda c: len(c.headers), 0),
    "put_target": (
        lambda c: c.put_target("/x", "y=1"),
        lambda c: (c.path, c.query_string, c.path_info),
        ("/x", "y=1", ("x",)),
    ),
    "put_peer": (
        lambda c: c.put_peer(("10.0.0.1", 9), "https", "shop.test"),
        lambda c: (c.peer, c.scheme, c.host),
        (("10.0.0.1", 9), "https", "shop.test"),
    ),
    "put_body": (lambda c: c.put_body(Stream.of(b"ab")), lambda c: c.body.length, 2),
    "assign": (lambda c: c.assign("user", 7), lambda c: dict(c.assigns), {"user": 7}),
    "put_private": (lambda c: c.put_private("lib", 7), lambda c: dict(c.private), {"lib": 7}),
    "put_principal": (lambda c: c.put_principal(ACME), lambda c: c.principal, ACME),
    "put_request_id": (lambda c: c.put_request_id("r1"), lambda c: c.request_id, "r1"),
    "put_route": (
        lambda c: c.put_route("/orders/:id", {"id": "7"}),
        lambda c: (c.route, c.params, c.script_name),
        ("/orders/:id", {"id": "7"}, ()),
    ),
    "put_script_name": (lambda c: c.put_script_name(("orders",)), lambda c: c.path_info, ("7",)),
    "halt": (Conn.halt, lambda c: c.halted, True),
    "register_after_send": (
        lambda c: c.register_after_send(lambda _conn, _sent: None),
        lambda c: len(c.after_send),
        1,
    ),
}

RESPONSE_VERBS: dict[str, tuple[Verb, Callable[[Conn], object], object]] = {
    "put_status": (lambda c: c.put_status(202), lambda c: c.status, 202),
    "put_resp_headers": (
        lambda c: c.put_resp_headers(Headers.of(("a", "1"))),
        lambda c: c.resp_headers,
        Headers.of(("a", "1")),
    ),
    "put_resp_header": (
        lambda c: c.put_resp_header("A", "1").put_resp_header("a", "2"),
        lambda c: c.resp_headers.get_all("a"),
        ["2"],
    ),
    "add_resp_header": (
        lambda c: c.add_resp_header("a", "1").add_resp_header("a", "2"),
        lambda c: c.resp_headers.get_all("a"),
        ["1", "2"],
    ),
    "update_resp_header, absent": (
        lambda c: c.update_resp_header("vary", "origin", lambda old: f"{old}, origin"),
        lambda c: c.resp_headers.get("vary"),
        "origin",
    ),
    "update_resp_header, present": (
        lambda c: c.put_resp_header("vary", "accept").update_resp_header(
            "vary", "origin", lambda old: f"{old}, origin"
        ),
        lambda c: c.resp_headers.get("vary"),
        "accept, origin",
    ),
    "delete_resp_header": (
        lambda c: c.delete_resp_header("server"),
        lambda c: c.resp_headers.get("server"),
        None,
    ),
    "put_request_id with headers": (
        lambda c: c.put_request_id("r1", Headers.of(("x-id", "r1")), Headers.of(("x-id", "r1"))),
        lambda c: (c.headers.get("x-id"), c.resp_headers.get("x-id")),
        ("r1", "r1"),
    ),
    "register_before_send": (lambda c: c.register_before_send(lambda c: c), lambda c: len(c.before_send), 1),
    "send_resp": (lambda c: c.send_resp(204), lambda c: (c.status, c.state), (204, State.SENT)),
}


@pytest.mark.parametrize("name", [*REQUEST_VERBS, *RESPONSE_VERBS])
def test_a_verb_returns_a_changed_conn_and_leaves_the_old_one(name: str) -> None:
    verb, look, want = {**REQUEST_VERBS, **RESPONSE_VERBS}[name]
    before = look(REQUEST)

    after = verb(REQUEST)

    assert look(after) == want
    assert look(REQUEST) == before != want
    assert type(after) is Conn


@pytest.mark.parametrize("name", RESPONSE_VERBS)
def test_a_sent_response_does_not_change(name: str) -> None:
    with pytest.raises(AlreadySentError, match="status 200"):
        RESPONSE_VERBS[name][0](REQUEST.send_resp(200))


@pytest.mark.parametrize("name", REQUEST_VERBS)
def test_what_is_not_the_response_may_still_be_told_after_it_was_sent(name: str) -> None:
    verb, look, want = REQUEST_VERBS[name]

    assert look(verb(REQUEST.send_resp(200))) == want


def test_a_conn_refuses_assignment_and_deletion() -> None:
    with pytest.raises(AttributeError, match="use a verb"):
        REQUEST.status = 200
    with pytest.raises(AttributeError, match="does not change"):
        del REQUEST.status
    with pytest.raises(AttributeError):
        REQUEST.anything = 1  # type: ignore[attr-defined]


def test_assigns_and_private_cannot_be_changed_in_place() -> None:
    with pytest.raises(TypeError):
        REQUEST.assigns["a"] = 1  # type: ignore[index]
    with pytest.raises(TypeError):
        REQUEST.private["a"] = 1  # type: ignore[index]


# The request


def test_query_params_keep_every_value_and_blank_ones() -> None:
    assert REQUEST.query_params == {"a": ["1", "2"], "b": [""]}


def test_a_path_that_could_be_read_in_two_ways_is_found_when_its_segments_are_asked_for() -> None:
    with pytest.raises(RequestError):
        _ = conn("GET", "/a/%2e%2e").path_info


@pytest.mark.parametrize(
    "path", ["", "a", "/a b", "/a\r\nx: y", "/a\0", "/ä", "/€", "/a?b", "/a#b", "*a", "http://a/"]
)
def test_a_path_that_would_split_the_request_line_is_refused(path: str) -> None:
    with pytest.raises(PlugContractError, match="a request target cannot be"):
        conn("GET", "/").put_target(path, "")


@pytest.mark.parametrize("query", ["a b", "a\r\n", "a#b", "ä", "\x7f"])
def test_a_query_that_would_split_the_request_line_is_refused(query: str) -> None:
    with pytest.raises(PlugContractError, match="a request target cannot be"):
        conn("GET", "/").put_target("/", query)


def test_a_target_may_be_all_that_a_client_may_send() -> None:
    changed = conn("GET", "/").put_target("/a%20b;c=d/|{}^`<>\"'@:!$&()+,.-_~", "a=b?c[]=/%00")

    assert changed.path.startswith("/a%20b")
    assert conn("OPTIONS", "/").put_target("*", "").path == "*"


def test_the_body_is_fetched_whole_up_to_a_limit() -> None:
    async def scene() -> None:
        assert await conn("POST", "/", body=[b"ab", b"cd"]).fetch_body(4) == b"abcd"
        with pytest.raises(RequestError) as raised:
            await conn("POST", "/", body=[b"ab", b"cd"]).fetch_body(3)
        assert raised.value.status == 413

    asyncio.run(scene())


# The response


@pytest.mark.parametrize("status", [0, 99, 100, 101, 199, 1000, -200])
def test_a_status_that_is_not_final_is_refused(status: int) -> None:
    for verb in (REQUEST.put_status, REQUEST.send_resp):
        with pytest.raises(ValueError, match="final status"):
            verb(status)


@pytest.mark.parametrize(
    ("sent", "content_type", "body"),
    [
        (REQUEST.send_resp(200), None, b""),
        (REQUEST.send_resp(200, b"raw"), None, b"raw"),
        (REQUEST.send_resp(200, b"{}", "application/json"), "application/json", b"{}"),
        (REQUEST.send_resp(200, "é"), "text/plain; charset=utf-8", "é".encode()),
        (REQUEST.send_resp(200, "<p>", "text/html"), "text/html", b"<p>"),
        (REQUEST.put_resp_header("content-type", "text/html").send_resp(200, "<p>"), "text/html", b"<p>"),
        (REQUEST.put_resp_header("content-type", "a/b").send_resp(200, "x", "c/d"), "c/d", b"x"),
        (REQUEST.send_json(200, {"é": [1, None]}), "application/json", '{"é":[1,null]}'.encode()),
    ],
)
def test_send_sets_body_and_content_type(sent: Conn, content_type: str | None, body: bytes) -> None:
    assert sent.resp_headers.get("content-type") == content_type
    assert body_of(sent) == body


async def pieces() -> AsyncIterator[bytes]:
    yield b"a"


@pytest.mark.parametrize("body", [Stream.of(b"a"), pieces()])
def test_a_body_may_be_a_stream_or_async_iterable(body: Stream | AsyncIterator[bytes]) -> None:
    assert REQUEST.send_resp(200, body).resp_body is body


@pytest.mark.parametrize("body", [None, {"a": 1}, [b"a"], bytearray(b"a"), 7])
def test_what_no_adapter_could_send_is_refused_where_it_is_sent(body: object) -> None:
    with pytest.raises(PlugContractError, match=f"not {type(body).__name__}"):
        REQUEST.send_resp(200, body)  # type: ignore[arg-type]


def test_a_number_that_json_cannot_carry_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        REQUEST.send_json(200, float("nan"))


@pytest.mark.parametrize("verb", [REQUEST.put_resp_header, REQUEST.add_resp_header, REQUEST.put_req_header])
def test_a_value_that_would_split_the_message_is_refused(verb: Callable[[str, str], Conn]) -> None:
    with pytest.raises(InvalidHeaderError):
        verb("location", "/\r\nset-cookie: a=1")


def test_a_content_type_that_would_split_the_message_is_refused() -> None:
    with pytest.raises(InvalidHeaderError):
        REQUEST.send_resp(200, b"", "text/html\r\nx: y")


def test_halting_sends_nothing_and_sending_does_not_halt() -> None:
    assert REQUEST.halt().state is State.UNSET
    assert not REQUEST.send_resp(200).halted


# before_send


def noting(word: str) -> Verb:
    return lambda c: c.update_resp_header("x-ran", word, lambda old: f"{old} {word}")


def test_hooks_run_last_registered_first_and_see_the_decision() -> None:
    seen: list[tuple[State, int | None]] = []

    def look(c: Conn) -> Conn:
        seen.append((c.state, c.status))
        return c.put_status(203)

    sent = (
        REQUEST.register_before_send(noting("first"))
        .register_before_send(noting("second"))
        .register_before_send(look)
        .send_resp(401, "no")
    )

    assert sent.resp_headers.get("x-ran") == "second first"
    assert seen == [(State.SET, 401)]
    assert (sent.status, sent.state, body_of(sent)) == (203, State.SENT, b"no")


@pytest.mark.parametrize(
    ("hook", "why"),
    [
        (lambda c: c.send_resp(500), "hook sent a response"),
        (lambda c: c.register_before_send(noting("late")), "would never run"),
        (lambda c: None, "must return the conn"),
        (lambda c: REQUEST, "must return the conn"),
    ],
    ids=["sends", "registers", "returns nothing", "returns another conn"],
)
def test_a_hook_that_breaks_the_contract_is_told_so(hook: Verb, why: str) -> None:
    with pytest.raises(PlugContractError, match=why):
        REQUEST.register_before_send(hook).send_resp(200)


# Interim responses, and what an adapter needs


class Herald:
    """An adapter that keeps the interim responses."""

    def __init__(self) -> None:
        self.informed: list[tuple[int, Headers]] = []

    def inform(self, status: int, headers: Headers) -> None:
        self.informed.append((status, headers))


def test_an_interim_response_goes_to_the_adapter_at_once() -> None:
    herald = Herald()
    early = conn("GET", "/", adapter=herald)

    assert early.inform(103, Headers.of(("link", "</a.css>"))) is early
    assert herald.informed == [(103, Headers.of(("link", "</a.css>")))]
    assert REQUEST.inform(103) is REQUEST


@pytest.mark.parametrize("status", [99, 101, 200])
def test_only_interim_statuses_are_interim(status: int) -> None:
    with pytest.raises(ValueError, match="interim"):
        REQUEST.inform(status)


def test_without_response_keeps_the_request_and_who_waits_for_its_end() -> None:
    def after(_conn: Conn, _sent: Sent) -> None: ...

    sent = (
        REQUEST.put_principal(ACME)
        .put_request_id("r1", resp_headers=Headers.of(("x-id", "r1")))
        .register_after_send(after)
        .register_before_send(noting("once"))
        .send_resp(200, b"decided")
        .halt()
    )

    fresh = without_response(sent)

    assert (fresh.state, fresh.status, fresh.halted, fresh.before_send) == (State.UNSET, None, False, ())
    assert (body_of(fresh), len(fresh.resp_headers)) == (b"", 0)
    assert (fresh.principal, fresh.request_id, fresh.after_send) == (ACME, "r1", (after,))


def test_a_repr_tells_how_far_it_is() -> None:
    assert repr(REQUEST) == "<Conn GET /orders/7 -> unset>"
    assert repr(REQUEST.send_resp(401).halt()) == "<Conn GET /orders/7 -> 401 halted>"
