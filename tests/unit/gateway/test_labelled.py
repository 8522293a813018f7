"""A request's labels say which route, method, principal and upstream it is about."""

from __future__ import annotations

from contextvars import Context

from clearway.gateway import parse_gateway
from clearway.gateway.labelled import Labelled
from clearway.plug import Conn, Principal
from clearway.pprof import current_labels
from clearway.testing import conn


def after(plug: Labelled, given: Conn) -> dict[str, str]:
    context = Context()
    assert context.run(plug, given) is given
    return dict(context.run(current_labels).pairs)


def test_what_is_known_becomes_a_label() -> None:
    given = conn("POST", "/orders/7").put_route("/orders/:id", {}).put_principal(Principal("acme", "bearer"))

    assert after(Labelled("orders"), given) == {
        "method": "POST",
        "principal": "acme",
        "route": "/orders/:id",
        "upstream": "orders",
    }


def test_what_is_not_known_is_no_label() -> None:
    assert after(Labelled(), conn("GET", "/orders/7")) == {"method": "GET"}


def test_a_request_does_not_keep_the_labels_of_the_one_before() -> None:
    plug, context = Labelled(), Context()

    context.run(plug, conn("GET", "/").put_principal(Principal("acme", "bearer")))
    context.run(plug, conn("GET", "/"))

    assert dict(context.run(current_labels).pairs) == {"method": "GET"}


def test_one_set_of_labels_serves_many_requests() -> None:
    plug, context = Labelled(), Context()

    context.run(plug, conn("GET", "/a"))
    first = context.run(current_labels)
    context.run(plug, conn("GET", "/b"))

    assert context.run(current_labels) is first


def test_many_principals_do_not_pile_up() -> None:
    plug, context = Labelled(), Context()

    for number in range(10_000):
        context.run(plug, conn("GET", "/").put_principal(Principal(f"tenant-{number}", "bearer")))

    assert len(plug._made) <= 4096
    assert dict(context.run(current_labels).pairs)["principal"] == "tenant-9999"


def test_a_name_that_is_no_unicode_is_a_label_all_the_same() -> None:
    given = conn("GET", "/").put_principal(Principal("a\ud800b", "bearer"))

    assert after(Labelled(), given)["principal"] == "a?b"


def test_a_gateway_labels_before_the_route_is_known_and_when_it_is() -> None:
    gateway = parse_gateway('[[routes]]\npath = "/health"\nrespond = { body = "ok" }')
    context = Context()

    context.run(gateway.pipeline, conn("GET", "/health"))
    assert dict(context.run(current_labels).pairs) == {"method": "GET", "route": "/health"}

    answer = context.run(gateway.pipeline, conn("PUT", "/elsewhere"))
    assert isinstance(answer, Conn)
    assert dict(context.run(current_labels).pairs) == {"method": "PUT"}
